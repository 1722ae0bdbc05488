"""Text with signatures under it.

* The text ends at the last empty line; under it stands one line a signature: ``— name base64``.
* Signatures of keys that are not known are passed over: anybody may add his. A signature that claims to be of a known key and is
  wrong makes the whole note worthless.
* Every line of a known key is checked, also a second one of the same key.
* The text says nothing until `open_note` gave it back.

Source: C2SP signed-note v1.0.0.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from skycommons.base.errors import InputError, SignatureError
from skycommons.governance.lines import base64_of, bytes_of, malformed, printable, read_text
from skycommons.governance.note_keys import KEY_ID_BYTES, Verifier, check_name

MAX_SIGNATURES: Final = 100
MAX_BYTES: Final = 1_000_000

_DASH: Final = "\u2014 "


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteSignature:
    """One signature under a note.

    Attributes:
        name: Name of the key that is said to have signed.
        key_id: Its id, four bytes.
        signature: The rest; what it means depends on the kind of the key.
    """

    name: str
    key_id: bytes
    signature: bytes

    def __post_init__(self) -> None:
        check_name(self.name)
        if len(self.key_id) != KEY_ID_BYTES or not self.signature:
            raise malformed("signature", self.name, f"must be {KEY_ID_BYTES} bytes of key id and at least one more")

    @property
    def line(self) -> str:
        """The signature as it stands under a note, newline included."""
        return f"{_DASH}{self.name} {base64_of(self.key_id + self.signature)}\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A text and what stands under it. Nothing of it has been checked.

    Attributes:
        text: The text, final newline included.
        signatures: At least one.
    """

    text: str
    signatures: tuple[NoteSignature, ...]

    def __post_init__(self) -> None:
        if not self.text.endswith("\n"):
            raise malformed("note", "text", "must end with a newline")
        if not 1 <= len(self.signatures) <= MAX_SIGNATURES:
            raise malformed("note", "signatures", f"must be 1 to {MAX_SIGNATURES}, are {len(self.signatures)}")
        try:
            data = self.encode()
        except UnicodeEncodeError as error:
            raise malformed("note", "text", "is not Unicode") from error
        read_text(data, source="note", most_bytes=MAX_BYTES)

    def encode(self) -> bytes:
        """The note as bytes."""
        return f"{self.text}\n{''.join(signature.line for signature in self.signatures)}".encode()

    def with_signatures(self, *signatures: NoteSignature) -> "Note":
        """The note with more signatures under it, those that it has already left out."""
        more = dict.fromkeys(signature for signature in signatures if signature not in self.signatures)
        return Note(text=self.text, signatures=(*self.signatures, *more))


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """A signature that was checked and is right.

    Attributes:
        verifier: Whose it is.
        time_s: When it says that it was made; ``None`` if it does not say.
    """

    verifier: Verifier
    time_s: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteResult:
    """What the signatures under a note are worth; true if at least one is right and none is wrong.

    Attributes:
        text: The text. Trust it only if the result is true.
        verified: Signatures of known keys that are right.
        wrong: Signatures of known keys that are wrong.
        unknown: Signatures of other keys.
    """

    text: str
    verified: tuple[Signed, ...]
    wrong: tuple[NoteSignature, ...]
    unknown: tuple[NoteSignature, ...]

    def __bool__(self) -> bool:
        return bool(self.verified) and not self.wrong


def parse_note(data: bytes, *, source: str = "note") -> Note:
    """A note from its bytes.

    Args:
        data: The whole note.
        source: What is read, for the error.

    Raises:
        FormatError: The bytes are no note.
    """
    whole = read_text(data, source=source, most_bytes=MAX_BYTES)
    text, separator, block = whole.rpartition("\n\n")
    if not separator or not block.endswith("\n"):
        raise malformed(
            source, "text", "must be followed by an empty line and lines of signatures, each with its newline"
        )
    first = text.count("\n") + 3
    return Note(text=text + "\n", signatures=parse_signatures(block, source=source, first_line=first))


def parse_signatures(block: str, *, source: str = "signatures", first_line: int = 1) -> tuple[NoteSignature, ...]:
    """Lines of signatures, each with its newline.

    Args:
        block: The lines.
        source: What is read, for the error.
        first_line: Number of the first of them, counted from 1.

    Raises:
        FormatError: A line is none, the last has no newline, or there are too many.
    """
    lines = block.split("\n")
    if lines.pop() or not 1 <= len(lines) <= MAX_SIGNATURES:
        raise malformed(source, "signatures", f"must be 1 to {MAX_SIGNATURES} lines, each with its newline")
    found = []
    for number, line in enumerate(lines, first_line):
        name, space, encoded = line.removeprefix(_DASH).partition(" ")
        data = bytes_of(encoded)
        if not line.startswith(_DASH) or not space or data is None or len(data) <= KEY_ID_BYTES:
            raise malformed(source, f"line {number}", "must be a signature: — name base64")
        found.append(NoteSignature(name=name, key_id=data[:KEY_ID_BYTES], signature=data[KEY_ID_BYTES:]))
    return tuple(found)


def note_result(note: Note, verifiers: Sequence[Verifier]) -> NoteResult:
    """What the signatures under a note are worth to somebody who knows these keys.

    Raises:
        InputError: Two different keys have one name and one id.
    """
    known: dict[tuple[str, bytes], Verifier] = {}
    for verifier in verifiers:
        if known.setdefault((verifier.name, verifier.key_id), verifier) != verifier:
            raise InputError(f"two keys are called {verifier.name} and have the id {verifier.key_id.hex()}")
    verified, wrong, unknown = [], [], []
    for signature in note.signatures:
        key = known.get((signature.name, signature.key_id))
        if key is None:
            unknown.append(signature)
        elif key.is_valid(note.text, signature.signature):
            verified.append(Signed(verifier=key, time_s=key.time_s(signature.signature)))
        else:
            wrong.append(signature)
    return NoteResult(text=note.text, verified=tuple(verified), wrong=tuple(wrong), unknown=tuple(unknown))


def open_note(note: Note, verifiers: Sequence[Verifier]) -> NoteResult:
    """`note_result`, or an error.

    Raises:
        SignatureError: A known key's signature is wrong, or no known key signed.
        InputError: Two different keys have one name and one id.
    """
    result = note_result(note, verifiers)
    if result.wrong:
        raise SignatureError(f"the signature of {printable(result.wrong[0].name)} is wrong")
    if not result.verified:
        names = ", ".join(printable(signature.name) for signature in result.unknown)
        raise SignatureError(f"no key that is trusted signed; signatures: {names}")
    return result
