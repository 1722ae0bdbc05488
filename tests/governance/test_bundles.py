"""Bundles: everything that a verifier needs, in one file."""

from hashlib import sha256

import pytest

from skycommons.base.errors import FormatError
from skycommons.governance import bundles
from skycommons.governance.bundles import Bundle, bundle_of, parse_bundle

BUNDLE = bundle_of(checkpoint=b"head\n", manifest=b"{}", entries=[b"first", b"", b"\nblob 1\n"], blobs=[b"one", b"two"])
DATA = BUNDLE.encode()
HEADER = b"skycommons-bundle/v1\n"
LOW, HIGH = sorted((b"one", b"two"), key=lambda blob: sha256(blob).hexdigest())


def sealed(body: bytes) -> bytes:
    """A file with a right last line."""
    return body + b"sha256 " + sha256(body).hexdigest().encode() + b"\n"


def test_a_bundle_is_read_as_it_was_written() -> None:
    """Sections in their order, whatever their bytes look like."""
    assert parse_bundle(DATA) == BUNDLE
    assert parse_bundle(DATA).encode() == DATA
    assert (
        sealed(
            HEADER
            + b"checkpoint 5\nhead\nmap 2\n{}entry 5\nfirstentry 0\nentry 8\n\nblob 1\n"
            + b"blob 3\n%bblob 3\n%b" % (LOW, HIGH)
        )
        == DATA
    )


def test_blobs_are_named_by_their_hashes() -> None:
    """One that is not is never written."""
    assert BUNDLE.blobs[sha256(b"one").hexdigest()] == b"one"
    false = Bundle(checkpoint=b"", manifest=b"", entries=(), blobs={"00": b"one"})
    with pytest.raises(FormatError, match="blob 00: does not have this hash"):
        false.encode()


def test_every_flipped_bit_is_found() -> None:
    """Of the whole file."""
    for bit in range(len(DATA) * 8):
        flipped = bytearray(DATA)
        flipped[bit // 8] ^= 1 << bit % 8
        with pytest.raises(FormatError):
            parse_bundle(bytes(flipped))


def test_a_bundle_that_is_cut_off_is_refused() -> None:
    """Wherever."""
    for length in range(len(DATA)):
        with pytest.raises(FormatError):
            parse_bundle(DATA[:length])


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "line 1: must be skycommons-bundle/v1"),
        (HEADER, "last line: must be the hash of everything above it"),
        (sealed(HEADER), "checkpoint: must stand there once, stands there 0 times"),
        (sealed(HEADER + b"checkpoint 0\n"), "map: must stand there once, stands there 0 times"),
        (sealed(HEADER + b"checkpoint 0\ncheckpoint 0\nmap 0\n"), "checkpoint: must stand there once, stands there 2"),
        (sealed(HEADER + b"map 0\ncheckpoint 0\n"), "checkpoint: stands in the wrong place"),
        (sealed(HEADER + b"checkpoint 0\nmap 0\nblob 0\nentry 0\n"), "entry: stands in the wrong place"),
        (sealed(HEADER + b"checkpoint 0\nmap 0\nblob 0\nblob 0\n"), "blob: must stand in the order of the hashes"),
        (sealed(HEADER + b"checkpoint 0\nmap 0\nblob 3\n%bblob 3\n%b" % (HIGH, LOW)), "blob: must stand in the order"),
        (sealed(HEADER + b"checkpoint 00\n"), "byte 21: must begin checkpoint, map, entry or blob"),
        (sealed(HEADER + b"checkpoint -1\n"), "byte 21: must begin"),
        (sealed(HEADER + b"checkpoint 1\n"), "byte 21: is longer than the file: 1 bytes"),
        (sealed(HEADER + b"checkpoint 0\nmap 0\nentry 65536\n"), "has 65,536 bytes; at most 65,535 can stand there"),
        (sealed(HEADER + b"checkpoint 1000001\n"), "at most 1,000,000 can stand there"),
        (sealed(HEADER + b"checkpoint 0\nmap 0\n\n"), "byte 40: must begin"),
    ],
)
def test_a_bundle_in_another_form_is_refused(data: bytes, words: str) -> None:
    """With the place."""
    with pytest.raises(FormatError, match=words):
        parse_bundle(data)


def test_a_part_that_is_too_long_is_not_written() -> None:
    """An entry has at most 65,535 bytes."""
    with pytest.raises(FormatError, match="entry: has 65,536 bytes"):
        bundle_of(checkpoint=b"", manifest=b"", entries=[bytes(65_536)], blobs=[]).encode()


def test_a_file_that_is_too_long_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before anything is looked at."""
    monkeypatch.setattr(bundles, "MAX_BYTES", len(DATA) - 1)
    with pytest.raises(FormatError, match="size: has"):
        parse_bundle(DATA)


def test_a_hundred_thousand_entries_come_back() -> None:
    """All of them."""
    many = bundle_of(checkpoint=b"", manifest=b"", entries=[b"%d" % n for n in range(100_000)], blobs=[])
    assert parse_bundle(many.encode()) == many
