"""The form of a preview."""

import pytest

from skycommons.base.errors import FormatError
from skycommons.governance.canonical import Json, canonical_bytes
from skycommons.governance.previews import Preview, parse_preview
from tests.support.documents import PREVIEW, changed


def test_a_preview_is_read_as_it_was_written() -> None:
    """By object and by text; its hash is that of the text."""
    preview = parse_preview(canonical_bytes(PREVIEW))
    assert preview.to_json() == PREVIEW
    assert preview.encode() == canonical_bytes(PREVIEW)
    assert (preview.protected[0].site_class, preview.protected[0].loses) == ("hospital", True)
    assert len(preview.sha256) == 64


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("v", 2, "v: must be 1"),
        ("origin", "", "origin: must have 1"),
        ("effect", "none", "effect: must be reduce"),
        ("scenario_sha256", "", "scenario_sha256: must be"),
        ("slots", [2, 1], "slots: must be in order"),
        ("terminals.lose", -1, "terminals.lose: must be 0"),
        ("people.lose", "many", "people.lose: must be a whole number"),
        ("protected.0.class", "", "protected.0.class: must be an id"),
        ("protected.0.cell", "here", "protected.0.cell: must be a cell"),
        ("protected.0.loses", 1, "protected.0.loses: must be true or false"),
        ("capacity.inside_before_kbps", None, "capacity.inside_before_kbps: is missing"),
        ("cells.more", 1, "cells.more: is not known here"),
    ],
)
def test_a_preview_with_a_fault_is_refused(path: str, value: Json, words: str) -> None:
    """With its place."""
    with pytest.raises(FormatError, match=words):
        Preview.from_json(changed(PREVIEW, path, value))


def test_a_protected_user_stands_there_once() -> None:
    """Who loses service and who does not cannot be the same."""
    site: dict[str, Json] = {"id": "clinic-1", "class": "hospital", "cell": "851f8377fffffff", "loses": True}
    with pytest.raises(FormatError, match="protected: names one of them twice"):
        Preview.from_json(changed(PREVIEW, "protected", [site, {**site, "loses": False}]))
