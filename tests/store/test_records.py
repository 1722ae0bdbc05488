"""What the database keeps, as values."""

import pytest

from skycommons.base.errors import FormatError
from skycommons.governance.canonical import Json, canonical_bytes
from skycommons.governance.merkle import leaf_hash
from skycommons.store.records import NewEntry, canonical_text
from tests.support.folds import entry


def test_an_entry_is_named_by_what_it_says() -> None:
    """Kind, digest and leaf follow from the bytes."""
    found = NewEntry.of(entry(1))
    assert (found.kind, found.leaf) == ("snapshot", leaf_hash(entry(1)).hex())
    assert len(found.digest) == 64
    assert NewEntry.of(entry(2)).digest != found.digest


def test_another_signature_does_not_make_another_entry() -> None:
    """Its leaf is another one, its name is not."""
    said: dict[str, Json] = {"body": {}, "by": "seat-ops-1", "kind": "vote", "origin": "log.example/x", "v": 1}
    key = "A" * 43 + "="
    signed = [
        NewEntry.of(canonical_bytes({**said, "signature": {"key": key, "kind": "ed25519", "value": value}}))
        for value in ("AAAA", "BBBB")
    ]
    assert signed[0].digest == signed[1].digest
    assert signed[0].leaf != signed[1].leaf


@pytest.mark.parametrize("data", [b"", b"{}", b'{"kind":"vote"}', b'{ "a":1}', b"\xff", b'["kind"]'])
def test_what_is_no_entry_is_refused(data: bytes) -> None:
    """Before anything is written."""
    with pytest.raises(FormatError):
        NewEntry.of(data)


def test_a_value_has_one_text() -> None:
    """It may be longer than an entry."""
    assert canonical_text({"b": 1, "a": ["é"]}) == '{"a":["é"],"b":1}'
    assert len(canonical_text("x" * 70_000)) == 70_002
