"""Messages that were signed elsewhere: by OpenSSH, its agent, or a token that never lets its key out.

* The message is all that is signed: the payload with its type before it. So the entry can be read from it.
* What was written is what is read: the signature is checked against the file, byte for byte, before the entry is made.
"""

import re
from dataclasses import replace
from pathlib import Path
from typing import Final

from skycommons.governance.canonical import MAX_BYTES as MAX_PAYLOAD_BYTES
from skycommons.governance.canonical import Json, parse_canonical
from skycommons.governance.entries import Entry, Kind
from skycommons.governance.fields import Fields, read_object
from skycommons.governance.lines import malformed
from skycommons.governance.member_keys import ssh_signature
from skycommons.governance.sshsig import namespace_of, parse_sshsig_text, verify_sshsig
from skycommons.store.durable_files import read_file

MAX_BYTES: Final = MAX_PAYLOAD_BYTES + 1_000
MAX_SIGNATURE_BYTES: Final = 10_000

_MESSAGE: Final = re.compile(
    rb"DSSEv1 \d{1,3} application/vnd\.skycommons\.[a-z-]+\.v1\+json \d{1,6} (\{.*\})", re.DOTALL
)


def read_signed(message: Path, signature: Path) -> Entry:
    """The entry that a message and its signature make.

    Args:
        message: File of the message.
        signature: File that ``ssh-keygen -Y sign`` made of it.

    Raises:
        FormatError: One of them is missing or not in its form.
        SignatureError: The signature is not of this message, or for something else.
    """
    data = _read(message, MAX_BYTES)
    entry = parse_message(data, source=str(message))
    try:
        text = _read(signature, MAX_SIGNATURE_BYTES).decode("ascii")
    except UnicodeDecodeError:
        raise malformed(str(signature), "text", "is no signature of ssh-keygen") from None
    signed = parse_sshsig_text(text)
    verify_sshsig(signed, data, namespace_of(entry.origin))
    return replace(entry, signature=ssh_signature(signed))


def parse_message(data: bytes, *, source: str = "message") -> Entry:
    """The entry that a message is of, without a signature.

    Raises:
        FormatError: It is not exactly the message of an entry.
    """
    found = _MESSAGE.fullmatch(data)
    if found is None:
        raise malformed(source, "text", "is no message that --to-sign wrote")
    entry = read_object(parse_canonical(found[1], source=source), source, _read_unsigned)
    if entry.message != data:
        raise malformed(source, "text", "is not the message of what stands in it")
    return entry


def _read_unsigned(fields: Fields) -> Entry:
    """The fields of an entry without a signature."""
    fields.constant("v", 1)
    body: dict[str, Json] = dict(fields.raw("body"))
    return Entry(
        kind=fields.word("kind", Kind), origin=fields.text("origin", least=1, most=255), by=fields.id("by"), body=body
    )


def _read(path: Path, most_bytes: int) -> bytes:
    """The bytes of a file."""
    data = read_file(path, most_bytes=most_bytes)
    if data is None:
        raise malformed(str(path), "file", "is missing")
    return data
