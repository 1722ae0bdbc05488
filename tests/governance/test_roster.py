"""The roster: who has a seat, and whose key is whose."""

import json
from dataclasses import replace

import pytest

from skycommons.base.errors import FormatError
from skycommons.governance.canonical import Json
from skycommons.governance.lines import base64_of
from skycommons.governance.roster import Organisation, Roster, parse_roster
from tests.support.documents import FILE_KEY, ROSTER, changed

DOCUMENT: dict[str, Json] = ROSTER.to_json()
SMALL_ORDER = base64_of(b"\x01" + bytes(31))


def test_a_roster_is_read_as_it_was_written() -> None:
    """By object and by text; its hash is that of the text."""
    assert Roster.from_json(DOCUMENT) == ROSTER
    assert parse_roster(ROSTER.encode()) == ROSTER
    assert json.loads(ROSTER.encode()) == DOCUMENT
    assert len(ROSTER.sha256) == 64
    assert replace(ROSTER, epoch=2).sha256 != ROSTER.sha256


def test_seats_are_found_by_their_names() -> None:
    """And only by these."""
    found = ROSTER.member("seat-legal-1")
    assert found is not None
    assert found.organisation == "chamber"
    assert ROSTER.member("seat-legal-2") is None


def test_affiliates_are_one_hand() -> None:
    """In both directions and through others, also others without a seat."""
    roster = replace(
        ROSTER,
        organisations=(
            Organisation(id="a", affiliates=("holding",)),
            Organisation(id="b", affiliates=("holding", "c")),
            Organisation(id="c"),
            Organisation(id="d"),
        ),
    )
    for one in ("a", "b", "c", "holding"):
        assert roster.affiliates(one) == {"a", "b", "c", "holding"}
    assert roster.affiliates("d") == {"d"}
    assert roster.affiliates("stranger") == {"stranger"}


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("v", 2, "v: must be 1, is 2"),
        ("epoch", 0, "epoch: must be 1 to"),
        ("members", [], "members: must have 1 to 1,000 items"),
        ("organisations", [], "organisations: must have 1 to 1,000 items"),
        ("members.0.id", "Ana", "members.0.id: must be an id"),
        ("members.1.id", "seat-ops-1", "members.1.id: stands in members.0.id already; members are all different"),
        ("organisations.1.id", "operator", "organisations.1.id: stands in organisations.0.id already"),
        ("members.0.organisation", "nobody", "nobody does not stand in the list of organisations"),
        ("members.0.roles", [], "members.0.roles: must have 1"),
        ("members.0.roles", ["legal", "legal"], "holds legal twice"),
        ("members.0.roles", ["king"], "must be operations or legal"),
        ("members.0.keys", [], "members.0.keys: must have 1 to 10 items"),
        ("members.0.keys.0.kind", "rsa", "must be ed25519 or ssh-ed25519"),
        ("members.0.keys.0.key", "AAAA", "must be 32 bytes in base64"),
        ("members.0.keys.0.key", SMALL_ORDER, "members.0.keys.0.key: is a point of small order"),
        ("members.1.keys.0.key", FILE_KEY.public.key, "members.1.keys.0.key: stands in members.0.keys.0.key already"),
        ("members.0.name", "A Person", "members.0.name: is not known here"),
        ("organisations.0.affiliates", ["A"], "organisations.0.affiliates.0: must be an id"),
    ],
)
def test_a_roster_with_a_fault_is_refused(path: str, value: Json, words: str) -> None:
    """One key under two seats, whatever its kind, among them."""
    with pytest.raises(FormatError, match=words):
        Roster.from_json(changed(DOCUMENT, path, value))


def test_a_key_without_base64_has_no_bytes() -> None:
    """It was never read."""
    assert replace(FILE_KEY.public, key="?").public_key == b""
    assert len(FILE_KEY.public.public_key) == 32
