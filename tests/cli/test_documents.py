"""Rosters and policies as people write them."""

import json
from pathlib import Path

import pytest

from skycommons.base.errors import FormatError, InputError
from skycommons.cli.documents import pretty, read_policy, read_roster, read_witness_policy
from skycommons.governance.policy import default_policy
from tests.support.commons import Commons, roster_of


def test_what_is_spread_over_lines_is_read(tmp_path: Path) -> None:
    """In any order of keys, with any spacing."""
    path = tmp_path / "document.json"
    path.write_text(pretty(default_policy().to_json()), encoding="utf-8")
    assert read_policy(path) == default_policy()
    path.write_text(json.dumps(roster_of().to_json(), indent=7), encoding="utf-8")
    assert read_roster(path) == roster_of()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "is no JSON"),
        ('{"v": 1, "v": 2}', "stands twice"),
        ('{"v": 1.5}', "roster|document"),
        ("[]", "object"),
        ('{"v": 1, "epoch": "x"}', "epoch"),
    ],
)
def test_what_is_wrong_is_told_by_its_place(tmp_path: Path, text: str, told: str) -> None:
    """Never as a traceback."""
    path = tmp_path / "document.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(FormatError, match=told):
        read_roster(path)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    """By its path."""
    with pytest.raises(InputError, match="cannot be read"):
        read_policy(tmp_path / "none.json")


def test_what_is_no_document_is_told_in_words(tmp_path: Path) -> None:
    """Parts too deep in each other, and half signs that no text has."""
    for text, why in (("[" * 100_000, "too deep"), ('{"v": "\\ud800"}', "is no JSON"), ("{", "is no JSON")):
        (tmp_path / "roster.json").write_text(text, encoding="utf-8")
        with pytest.raises(FormatError, match=why):
            read_roster(tmp_path / "roster.json")


def test_a_trust_file_is_a_policy_too() -> None:
    """Of the log and witnesses that it names; the faults of either are told by their lines."""
    trust = Commons().trust
    assert read_witness_policy(trust.encode(), "trust.policy") == trust.policy
    lines = trust.encode().split(b"\n", 3)[3]
    assert read_witness_policy(lines, "witnesses").logs == trust.policy.logs
    for data in (b"genesis\n", trust.encode().replace(b"genesis ", b"genesis x")):
        with pytest.raises(FormatError, match=r"line|genesis"):
            read_witness_policy(data, "trust.policy")
