"""The head of a log's tree as text: origin, size, root.

* Three lines, then *extension lines* if a log needs any. Ours needs none: witnesses do not vouch for them, and signatures by
  ML-DSA-44 do not cover them. Nothing here reads them.
* The origin is the identity of the log. It is compared as it is and never looked up.

Source: C2SP tlog-checkpoint v1.0.0.
"""

from dataclasses import dataclass
from typing import Final

from skycommons.governance.lines import HASH_BYTES, MAX_NUMBER, base64_of, decimal_of, hash_of, malformed, read_text

MAX_BYTES: Final = 65_535

_SOURCE: Final = "checkpoint"


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """The head of a log at one size.

    Attributes:
        origin: Identity of the log.
        size: Number of entries.
        root: Root of the tree over them.
        extensions: Further lines, opaque.
    """

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not 0 <= self.size <= MAX_NUMBER:
            raise malformed(_SOURCE, "line 2", "must be the number of entries in decimal")
        if len(self.root) != HASH_BYTES:
            raise malformed(_SOURCE, "line 3", "must be the root hash in base64")
        for line in (self.origin, *self.extensions):
            if not line or "\n" in line:
                raise malformed(_SOURCE, "lines", "origin and extensions must be one line each, and not empty")
        try:
            data = self.text.encode("utf-8")
        except UnicodeEncodeError as error:
            raise malformed(_SOURCE, "lines", "hold a string that is not Unicode") from error
        read_text(data, source=_SOURCE, most_bytes=MAX_BYTES)

    @property
    def text(self) -> str:
        """What is signed, final newline included."""
        return "".join(f"{line}\n" for line in (self.origin, self.size, base64_of(self.root), *self.extensions))


def parse_checkpoint(text: str) -> Checkpoint:
    """The head that a text tells.

    Raises:
        FormatError: The text is no checkpoint.
    """
    lines = text.split("\n")
    if len(lines) < 4 or lines.pop():
        raise malformed(_SOURCE, "lines", "must be origin, size and root, each line with its newline")
    size, root = decimal_of(lines[1]), hash_of(lines[2])
    if size is None:
        raise malformed(_SOURCE, "line 2", "must be the number of entries in decimal")
    if root is None:
        raise malformed(_SOURCE, "line 3", "must be the root hash in base64")
    return Checkpoint(origin=lines[0], size=size, root=root, extensions=tuple(lines[3:]))
