r"""Everything that a verifier needs, in one file: the log, its newest checkpoint, the service map, and the blobs.

::

    skycommons-bundle/v1\n
    checkpoint <length>\n<bytes>      the signed head of the log, with cosignatures
    map <length>\n<bytes>             the service map that is to be obeyed
    entry <length>\n<bytes>           every entry, from the first on, so that no veto can be left out
    blob <length>\n<bytes>            what entries name by hash, in the order of the hashes
    sha256 <hex of everything above>\n

* Lengths are decimal, and the bytes follow as they are. Sections stand in this order and nothing else stands in the file; each blob stands
  there once.
* The last line finds every accident. It proves nothing: who signed what is for `verify` to judge.
* What is read would be written again byte for byte.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from types import MappingProxyType
from typing import Final

from skycommons.governance.canonical import MAX_BYTES as MAX_ENTRY_BYTES
from skycommons.governance.lines import malformed
from skycommons.governance.notes import MAX_BYTES as MAX_NOTE_BYTES

HEADER: Final = b"skycommons-bundle/v1\n"
MAX_BYTES: Final = 2_000_000_000
MAX_MAP_BYTES: Final = 16_000_000
MAX_BLOB_BYTES: Final = 64_000_000

_SOURCE: Final = "bundle"
_SECTION: Final = re.compile(rb"(checkpoint|map|entry|blob) (0|[1-9][0-9]{0,9})\n")
_TRAILER_BYTES: Final = len(b"sha256 \n") + 64
_LIMITS: Final[Mapping[bytes, int]] = MappingProxyType(
    {b"checkpoint": MAX_NOTE_BYTES, b"map": MAX_MAP_BYTES, b"entry": MAX_ENTRY_BYTES, b"blob": MAX_BLOB_BYTES}
)
_ORDER: Final = (b"checkpoint", b"map", b"entry", b"blob")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """The evidence for a service map. Nothing of it has been checked.

    Attributes:
        checkpoint: The signed head of the log.
        manifest: The service map.
        entries: Every entry of the log, from the first on.
        blobs: What they name, by hash in hex.
    """

    checkpoint: bytes
    manifest: bytes
    entries: tuple[bytes, ...]
    blobs: Mapping[str, bytes]

    def encode(self) -> bytes:
        """The file.

        Raises:
            FormatError: A part is too long, or a blob does not have its hash.
        """
        sections = [(b"checkpoint", self.checkpoint), (b"map", self.manifest)]
        sections += [(b"entry", entry) for entry in self.entries]
        for name, blob in sorted(self.blobs.items()):
            if sha256(blob).hexdigest() != name:
                raise malformed(_SOURCE, f"blob {name[:64]}", "does not have this hash")
            sections.append((b"blob", blob))
        parts = [HEADER]
        for word, data in sections:
            if fault := _length_fault(word, len(data)):
                raise malformed(_SOURCE, word.decode(), fault)
            parts += [b"%b %d\n" % (word, len(data)), data]
        body = b"".join(parts)
        return body + _trailer(body)


def bundle_of(*, checkpoint: bytes, manifest: bytes, entries: Iterable[bytes], blobs: Iterable[bytes]) -> Bundle:
    """A bundle of its parts; blobs are named by their hashes."""
    named = {sha256(blob).hexdigest(): blob for blob in blobs}
    return Bundle(checkpoint=checkpoint, manifest=manifest, entries=tuple(entries), blobs=MappingProxyType(named))


def parse_bundle(data: bytes, *, source: str = _SOURCE) -> Bundle:
    """A bundle from its file.

    Raises:
        FormatError: It is not in its form, cut off, or damaged.
    """
    if len(data) > MAX_BYTES:
        raise malformed(source, "size", f"has {len(data):,} bytes; at most {MAX_BYTES:,} are read")
    if not data.startswith(HEADER):
        raise malformed(source, "line 1", f"must be {HEADER.decode().strip()}")
    end = max(len(data) - _TRAILER_BYTES, 0)
    if data[end:] != _trailer(memoryview(data)[:end]):
        raise malformed(source, "last line", "must be the hash of everything above it; the file is cut off or damaged")
    found: dict[bytes, list[bytes]] = {word: [] for word in _ORDER}
    last = 0
    for word, part in _sections(data, end, source):
        if _ORDER.index(word) < last:
            raise malformed(source, word.decode(), "stands in the wrong place: checkpoint, map, entries, blobs")
        last = _ORDER.index(word)
        found[word].append(part)
    for word in (b"checkpoint", b"map"):
        if len(found[word]) != 1:
            raise malformed(source, word.decode(), f"must stand there once, stands there {len(found[word])} times")
    names = [sha256(blob).hexdigest() for blob in found[b"blob"]]
    if names != sorted(set(names)):
        raise malformed(source, "blob", "must stand in the order of the hashes, each once")
    return Bundle(
        checkpoint=found[b"checkpoint"][0],
        manifest=found[b"map"][0],
        entries=tuple(found[b"entry"]),
        blobs=MappingProxyType(dict(zip(names, found[b"blob"], strict=True))),
    )


def _sections(data: bytes, end: int, source: str) -> Iterator[tuple[bytes, bytes]]:
    """Word and bytes of each section before the last line."""
    start = len(HEADER)
    while start < end:
        head = _SECTION.match(data, start, end)
        if head is None:
            raise malformed(source, f"byte {start}", "must begin checkpoint, map, entry or blob, and a length")
        length = int(head[2])
        fault = _length_fault(head[1], length)
        if fault or head.end() + length > end:
            raise malformed(source, f"byte {start}", fault or f"is longer than the file: {length:,} bytes")
        start = head.end() + length
        yield head[1], data[head.end() : start]


def _length_fault(word: bytes, length: int) -> str:
    """Why a part cannot be so long; empty if it can."""
    return f"has {length:,} bytes; at most {_LIMITS[word]:,} can stand there" if length > _LIMITS[word] else ""


def _trailer(body: bytes | memoryview) -> bytes:
    """The last line."""
    return b"sha256 %b\n" % sha256(body).hexdigest().encode()
