"""``skycommons verify``: check what a log promised, offline, trusting nobody but one's own policy."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

from cyclopts import App, Parameter

from skycommons.cli.console import FOR_PEOPLE, Output
from skycommons.cli.verify_bundle import bundle

if TYPE_CHECKING:
    from skycommons.governance.proofs import ProofReport
    from skycommons.governance.witness_policy import WitnessPolicy

verify_app: Final = App(name="verify", help="Check a log of decisions, or one proof, offline.")
verify_app.default(bundle)

_LAST_TIME_S: Final = 253_402_300_799  # the end of the year 9999, as far as dates are written


@verify_app.command
def proof(
    file: Annotated[Path, Parameter(help="The proof: NAME.tlog-proof.")],
    /,
    *,
    policy: Annotated[
        Path, Parameter(help="Whom you trust: logs, witnesses and how many of them: a tlog-policy or a trust file.")
    ],
    entry: Annotated[Path | None, Parameter(help="The entry itself, byte for byte as it was logged.")] = None,
    output: Output = FOR_PEOPLE,
) -> int:
    """Check that an entry stands in a log that enough witnesses saw, and say in sentences what holds.

    Without --entry only the checkpoint is checked. The exit code is 0 if all that was checked holds, 5 if anything is
    refused, and 2 if a file is not in its form.
    """
    from skycommons.base.errors import Fault, FormatError, TrustError
    from skycommons.cli.documents import read_witness_policy
    from skycommons.governance import proofs, tiles, witness_policy
    from skycommons.governance.merkle import leaf_hash

    trusted = read_witness_policy(_read(policy, witness_policy.MAX_BYTES), str(policy))
    found = proofs.parse_proof(_read(file, proofs.MAX_BYTES), source=str(file))
    data = None if entry is None else _read(entry, tiles.MAX_ENTRY_BYTES)
    if data is not None and len(data) > tiles.MAX_ENTRY_BYTES:
        raise FormatError(str(entry), [Fault("size", f"an entry of a log has at most {tiles.MAX_ENTRY_BYTES:,} bytes")])
    report = proofs.proof_result(found, trusted, leaf=None if data is None else leaf_hash(data))
    for sentence in _sentences(report, trusted, entry, len(data or b"")):
        output.line(sentence)
    for refusal in report.refusals:
        output.line(f"REFUSED: {refusal}")
    if report:
        output.line("verified" if entry else "the checkpoint is verified; no entry was")
    output.result(_payload(report, file, policy, entry))
    return 0 if report else TrustError.exit_code


def _sentences(report: "ProofReport", policy: "WitnessPolicy", entry: Path | None, size: int) -> list[str]:
    """What the proof shows, one sentence a line."""
    from skycommons.governance.lines import base64_of, printable
    from skycommons.governance.witness_policy import NO_QUORUM

    head = report.checkpoint
    said = [
        f"The checkpoint is of the log {printable(head.origin)} with {head.size:,} entries and the root {base64_of(head.root)}."
    ]
    said += [f"The log signed it with the key {_key_text(log.name, log.key_id)}." for log in report.logs]
    said += [f"The witness {printable(name)} cosigned it{_when(time_s)}." for name, time_s in report.witnesses]
    if report.unknown:
        said.append(
            f"Passed over, because the policy does not name their keys: {', '.join(map(printable, report.unknown))}."
        )
    if report.quorum.quorum == NO_QUORUM:
        said.append("The policy asks for no witness: the log may have shown others something else.")
    elif report.quorum:
        count = f"{len(report.quorum.cosigned)} of {len(policy.witnesses)} witnesses"
        said.append(f"That is enough for the quorum {printable(report.quorum.quorum)}: {count} cosigned.")
    if entry is None:
        said.append(f"Which entry has the number {report.index:,} was not checked; give it by --entry.")
    elif report.inclusion:
        said.append(f"{entry}, {size:,} bytes, is the log's entry number {report.index:,}, counted from 0.")
    return said


def _payload(report: "ProofReport", file: Path, policy: Path, entry: Path | None) -> dict[str, object]:
    """The report as JSON says it."""
    from skycommons.governance.lines import base64_of, printable

    head = report.checkpoint
    return {
        "proof": str(file),
        "policy": str(policy),
        "entry": None if entry is None else str(entry),
        "verified": bool(report),
        "entry_verified": None if report.inclusion is None else bool(report) and bool(report.inclusion),
        "origin": printable(head.origin),
        "size": head.size,
        "root": base64_of(head.root),
        "index": report.index,
        "log_keys": [_key_text(log.name, log.key_id) for log in report.logs],
        "witnesses": [{"name": printable(name), "time_s": time_s} for name, time_s in report.witnesses],
        "quorum": {"name": printable(report.quorum.quorum), "met": bool(report.quorum)},
        "unknown": [printable(name) for name in report.unknown],
        "refusals": [{"code": type(refusal).__name__, "message": str(refusal)} for refusal in report.refusals],
    }


def _key_text(name: str, key_id: bytes) -> str:
    """A key as people compare it."""
    from skycommons.governance.lines import printable

    return f"{printable(name)}+{key_id.hex()}"


def _when(time_s: int | None) -> str:
    """A time of a witness, if it named one."""
    if time_s is None:
        return " without saying when"
    if time_s > _LAST_TIME_S:
        return f" at second {time_s} after 1970"
    return f" at {datetime.fromtimestamp(time_s, tz=UTC):%Y-%m-%dT%H:%M:%SZ}"


def _read(path: Path, most_bytes: int) -> bytes:
    """A file, or as much of it as shows that it is too long."""
    from skycommons.base.errors import Fault, FormatError

    try:
        with path.open("rb") as file:
            return file.read(most_bytes + 1)
    except OSError as error:
        raise FormatError(str(path), [Fault("file", f"cannot be read: {error.strerror or error}")]) from error
