"""What the commands of the service share: opening it, signing, times, and what is said of the outcome.

Rules: nothing is signed silently: what will be signed is printed first, with the digits that approvers compare. A passphrase comes from
the terminal or from ``SKYCOMMONS_PASSPHRASE``, and is never printed.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

from cyclopts import Parameter

from skycommons.cli.console import Output

if TYPE_CHECKING:
    from skycommons.governance.ledger_state import LedgerState
    from skycommons.governance.member_keys import SecretKey
    from skycommons.governance.policy import Policy
    from skycommons.governance.roster import Roster
    from skycommons.store.group_commit import Receipt
    from skycommons.store.service import Draft, Service

SERVICE_VARIABLE: Final = "SKYCOMMONS_SERVICE"
PASSPHRASE_VARIABLE: Final = "SKYCOMMONS_PASSPHRASE"  # noqa: S105 - the name of a variable, not a secret
DEFAULT_SERVICE: Final = Path("service")

ServiceDir = Annotated[Path, Parameter(name="--service", env_var=SERVICE_VARIABLE, help="Folder of the service.")]

_MOST_DIGITS: Final = 9
_UNITS_S: Final = (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1))


@Parameter(name="*")
@dataclass(frozen=True, slots=True, kw_only=True)
class Signing:
    """Who signs, and how.

    Attributes:
        seat: The seat.
        key: Its key file.
        to_sign: Where to write the message instead of signing it.
    """

    seat: Annotated[str, Parameter(name="--as", help="Your seat.")]
    key: Annotated[
        Path | None, Parameter(help="Your key: a file of `skycommons roster keygen`, or a private key of OpenSSH.")
    ] = None
    to_sign: Annotated[
        Path | None,
        Parameter(help="Write the message here to sign it elsewhere; `skycommons decide submit` takes the signature."),
    ] = None


def now_s() -> int:
    """Now, by the clock of this machine."""
    import time

    return int(time.time())


@contextmanager
def opened(folder: Path, *, is_witnessed: bool = False) -> "Iterator[Service]":
    """A service that is open while the block runs.

    Args:
        folder: Its folder.
        is_witnessed: Whether witnesses are asked. They are not for what only reads.
    """
    from skycommons.serve.witness_client import HttpWitnesses
    from skycommons.store.service import Service
    from skycommons.store.service_folder import ServiceFolder

    witnesses = HttpWitnesses(ServiceFolder.open(folder).read_trust().policy) if is_witnessed else None
    with Service.open(folder, clock=now_s, witnesses=witnesses) as service:
        yield service


def when(time_s: int) -> str:
    """A time as people write it."""
    from datetime import UTC, datetime

    return f"{datetime.fromtimestamp(time_s, tz=UTC):%Y-%m-%d %H:%M:%S} UTC" if time_s else "no time"


def instant_s(text: str) -> int:
    """Seconds since 1970 of a time as people write it.

    Raises:
        InputError: It is none.
    """
    from datetime import UTC, datetime

    from skycommons.base.errors import InputError

    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise InputError(f"{text!r} is not an ISO 8601 time such as 2026-05-21T12:00:00Z") from None
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())


def span_s(text: str) -> int:
    """Seconds of a length of time: ``30d``, ``72h``, ``45min`` or ``90s``.

    Raises:
        InputError: It is none.

    >>> span_s("72h")
    259200
    """
    from skycommons.base.errors import InputError

    for unit, seconds in _UNITS_S:
        number = text.removesuffix(unit)
        if number != text and number.isascii() and number.isdigit() and len(number) <= _MOST_DIGITS:
            return int(number) * seconds
    raise InputError(f"{text!r} is no length of time; write 30d, 72h, 45min or 90s")


def read_key(path: Path) -> "SecretKey":
    """A member's key; a passphrase is asked for if it is locked."""
    from skycommons.store.key_files import read_member_key

    return read_member_key(path, ask=asker(f"Passphrase of {path}: "))


def asker(prompt: str) -> Callable[[], str] | None:
    """Where a passphrase comes from; ``None`` if nobody can be asked."""
    import sys
    from getpass import getpass

    given = os.environ.get(PASSPHRASE_VARIABLE)
    if given is not None:
        return lambda: given
    return (lambda: getpass(prompt)) if sys.stdin.isatty() else None


def sign_and_say(
    service: "Service", draft: "Draft", signing: Signing, output: Output, *, said: Sequence[str] = ()
) -> int:
    """Print what is to be signed, sign it and say it; or write the message for somebody else to sign.

    Args:
        service: The service, open.
        draft: What is to be signed.
        signing: Who signs, and how.
        output: Where to answer.
        said: What it means, in sentences.

    Raises:
        InputError: It is not said how to sign.
        RulingError: The rules make it void; it was not written.
    """
    from skycommons.governance.member_keys import sign_entry
    from skycommons.store.compose import code_words

    check_way(signing)
    for sentence in said:
        output.line(sentence)
    entry = draft.entry
    output.line(f"To be signed by {entry.by}: the {entry.kind} {code_words(entry.digest)}")
    if signing.to_sign is not None:
        return _to_sign(service, draft, signing.to_sign, output)
    key = read_key(signing.key or Path())
    receipt = service.say(sign_entry(entry, key), blobs=draft.blobs)
    tell_receipt(service, entry.kind, receipt, output)
    return 0


def ask_for_change(
    change: "Policy | Roster",
    said: str,
    *,
    title: str,
    basis: str,
    ref: str,
    signing: Signing,
    folder: Path,
    output: Output,
) -> int:
    """Ask for another policy or roster.

    Args:
        change: What would be in force.
        said: What it is, in one sentence.
        title: For people.
        basis, ref: On what ground.
        signing: Who asks.
        folder: The service's.
        output: Where to answer.

    Raises:
        InputError: It is not said how to sign.
        RulingError: The rules make it void; it was not written.
    """
    from skycommons.governance.decisions import LegalBasis
    from skycommons.governance.words import Basis

    with opened(folder) as door:
        ground = LegalBasis(type=Basis(basis), ref=ref)
        draft = door.draft_change(change, by=signing.seat, title=title, basis=ground)
        return sign_and_say(door, draft, signing, output, said=[said])


def check_way(signing: Signing) -> None:
    """Refuse to begin what could not be signed.

    Raises:
        InputError: It is not said how to sign, or said twice.
    """
    from skycommons.base.errors import InputError

    if (signing.key is None) == (signing.to_sign is None):
        raise InputError("give your key by --key, or a file by --to-sign to sign it elsewhere")


def tell_receipt(service: "Service", kind: str, receipt: "Receipt", output: Output) -> None:
    """Say where an entry stands, and what became of what it is about."""
    index, digest = receipt.index, receipt.digest
    output.line(f"Entry {index} of {service.origin}: {kind} {digest}")
    payload: dict[str, object] = {"index": index, "kind": kind, "digest": digest, "origin": service.origin}
    standing = _standing(service.state, digest, index)
    if standing:
        output.line(standing[1])
        payload |= {"decision": standing[0], "state": standing[2]}
    output.result(payload)


def _to_sign(service: "Service", draft: "Draft", path: Path, output: Output) -> int:
    """Write the message that somebody else signs."""
    from skycommons.governance.sshsig import namespace_of
    from skycommons.studies.files import replacing_bytes

    for blob in draft.blobs:
        service.layout.files.write_blob(blob)
    with replacing_bytes(path) as stream:
        stream.write(draft.entry.message)
    namespace = namespace_of(service.origin)
    output.line(f"Written to {path}. Sign it, and hand it in:")
    output.line(f"  ssh-keygen -Y sign -f KEY -n {namespace} {path}")
    output.line(f"  skycommons decide submit {path} --signature {path}.sig")
    output.result({"to_sign": str(path), "namespace": namespace, "digest": draft.entry.digest})
    return 0


def _standing(state: "LedgerState", digest: str, index: int) -> tuple[str, str, str] | None:
    """The decision that an entry is, or that it moved, and where it stands now."""
    touched = [record for record in state.decisions.values() if digest == record.digest]
    touched += [record for record in state.decisions.values() if any(vote.index == index for vote in record.votes)]
    if not touched:
        return None
    record = touched[0]
    return record.digest, f"Decision {record.digest[:12]} is {record.state.value}.", record.state.value
