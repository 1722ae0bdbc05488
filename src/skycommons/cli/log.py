"""``skycommons log``: look at the folder of a log, prove an entry, and find everything that is wrong there."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

from cyclopts import App, Parameter

from skycommons.cli.console import FOR_PEOPLE, Output

if TYPE_CHECKING:
    from skycommons.store.fsck import Audience, LogReport
    from skycommons.store.log_reader import LogReader
    from skycommons.store.tile_files import TileFiles

log_app: Final = App(name="log", help="Look at a log, prove its entries, check its folder, and hand it out.")
log_app.command(
    "skycommons.cli.log_bundle:bundle", name="bundle", help="Write everything that a verifier needs into one file."
)

_LAST: Final = 20
_HASH_DIGITS: Final = 16

Folder = Annotated[Path, Parameter(help="The log's public folder, or that of the service around it.")]


@log_app.command
def show(
    folder: Folder,
    /,
    *,
    first: Annotated[int | None, Parameter(help="Number of the first entry, counted from 0.")] = None,
    count: Annotated[int, Parameter(help="How many entries; without --first the last ones.")] = _LAST,
    output: Output = FOR_PEOPLE,
) -> int:
    """Show the checkpoint of a log and some of its entries. Nothing is verified.

    With --json entries come whole.
    """
    from skycommons.base.errors import InputError
    from skycommons.governance.lines import base64_of, printable

    log = _open(folder)
    if count < 0 or (first is not None and not 0 <= first <= log.head.size):
        raise InputError(f"--first must be 0 to {log.head.size:,}, the size of this log, and --count not below 0")
    begin = max(0, log.head.size - count) if first is None else first
    rows = [
        _row(index, entry) for index, entry in enumerate(log.entries(begin, min(begin + count, log.head.size)), begin)
    ]
    signed = [printable(one.name) for one in log.note.signatures]
    output.line(f"origin     {printable(log.head.origin)}")
    output.line(f"size       {log.head.size:,}")
    output.line(f"root       {base64_of(log.head.root)}")
    output.line(f"signed by  {', '.join(dict.fromkeys(signed)) or 'nobody'}")
    if rows:
        columns = ("entry", "kind", "by", "bytes", "leaf hash")
        cells = [
            (row["index"], row["kind"], row["by"], row["bytes"], str(row["leaf_hash"])[:_HASH_DIGITS]) for row in rows
        ]
        output.table("", columns, cells)
    output.result(
        {
            "origin": printable(log.head.origin),
            "size": log.head.size,
            "root": base64_of(log.head.root),
            "signatures": signed,
            "entries": rows,
        }
    )
    return 0


@log_app.command
def prove(
    folder: Folder,
    index: Annotated[int, Parameter(help="Number of the entry, counted from 0.")],
    /,
    *,
    out: Annotated[Path, Parameter(name=("--out", "-o"), help="File for the proof: NAME.tlog-proof.")],
    entry: Annotated[Path | None, Parameter(help="File for the entry itself, byte for byte.")] = None,
    output: Output = FOR_PEOPLE,
) -> int:
    """Write the proof that an entry stands in a log, with the checkpoint as it is now.

    `skycommons verify proof` checks it on any machine.
    """
    from skycommons.studies.files import replacing_bytes

    log = _open(folder)
    proof = log.proof(index)
    data = log.entry(index)
    with replacing_bytes(out) as stream:
        stream.write(proof.encode())
    if entry is not None:
        with replacing_bytes(entry) as stream:
            stream.write(data)
    output.line(f"entry {index:,} of {log.head.size:,}: {len(proof.hashes)} hashes in {out}")
    output.result(
        {
            "proof": str(out),
            "entry": None if entry is None else str(entry),
            "index": index,
            "size": log.head.size,
            "hashes": len(proof.hashes),
        }
    )
    return 0


@log_app.command
def fsck(
    folder: Folder,
    /,
    *,
    policy: Annotated[
        Path | None,
        Parameter(help="Whom you trust: logs, witnesses and how many of them: a tlog-policy or a trust file."),
    ] = None,
    max_age: Annotated[
        int | None, Parameter(help="Seconds since a quorum of witnesses saw the checkpoint, at the most.")
    ] = None,
    others: Annotated[
        bool, Parameter(negative="", help="Pass over signatures of keys that the policy does not name.")
    ] = False,
    output: Output = FOR_PEOPLE,
) -> int:
    """Build a log again from its entries and tell everything that is wrong in its folder.

    Without --policy signatures are not checked. The exit code is 0 if nothing is wrong and 5 if anything is.
    """
    from skycommons.base.errors import TrustError
    from skycommons.store.fsck import check_log

    report = check_log(_files(folder), audience=_audience(policy, max_age, is_open=others))
    for finding in report.findings:
        output.line(f"WRONG: {finding}")
    for sentence in _sentences(report):
        output.line(sentence)
    output.result(
        {
            "folder": str(folder),
            "sound": bool(report),
            "size": None if report.head is None else report.head.size,
            "entries": report.entries,
            "files": report.files,
            "blobs_without_entry": list(report.orphans),
            "signatures_checked": report.is_judged,
            "witnessed_ago_s": report.age_s,
            "findings": [{"place": one.place, "message": one.message} for one in report.findings],
        }
    )
    return 0 if report else TrustError.exit_code


def _files(folder: Path) -> "TileFiles":
    """The public folder that is meant."""
    from skycommons.store.tile_files import CHECKPOINT, TileFiles

    inner = folder / "log"
    is_inside = not (folder / CHECKPOINT).exists() and (inner / CHECKPOINT).exists()
    return TileFiles(inner if is_inside else folder)


def _open(folder: Path) -> "LogReader":
    """The log that is meant."""
    from skycommons.store.log_reader import LogReader

    return LogReader.open(_files(folder))


def _row(index: int, entry: bytes) -> dict[str, object]:
    """One entry, as far as it can be read."""
    from skycommons.base.errors import FormatError
    from skycommons.governance.canonical import Json, parse_canonical
    from skycommons.governance.lines import base64_of, printable
    from skycommons.governance.merkle import leaf_hash

    try:
        value: Json | None = parse_canonical(entry)
    except FormatError:
        value = None
    fields = value if isinstance(value, dict) else {}
    row: dict[str, object] = {
        "index": index,
        "kind": printable(str(fields.get("kind", "?"))),
        "by": printable(str(fields.get("by", ""))),
        "bytes": len(entry),
        "leaf_hash": leaf_hash(entry).hex(),
    }
    return row | ({"base64": base64_of(entry)} if value is None else {"entry": value})


def _audience(policy: Path | None, max_age_s: int | None, *, is_open: bool) -> "Audience | None":
    """By whose lights signatures are judged."""
    import time

    from skycommons.base.errors import InputError
    from skycommons.cli.documents import read_witness_policy
    from skycommons.cli.reading import read_bytes
    from skycommons.governance.witness_policy import MAX_BYTES
    from skycommons.store.fsck import Audience

    if policy is None:
        if max_age_s is not None or is_open:
            raise InputError("--max-age and --others say how signatures are judged; name a policy by --policy")
        return None
    trusted = read_witness_policy(read_bytes(policy, most_bytes=MAX_BYTES), str(policy))
    return Audience(policy=trusted, now_s=int(time.time()), max_age_s=max_age_s, is_open=is_open)


def _sentences(report: "LogReport") -> list[str]:
    """What was looked at."""
    size = "" if report.head is None else f" of {report.head.size:,}"
    said = [f"{report.entries:,}{size} entries and {report.files:,} files were read."]
    if report.orphans:
        said.append(f"{len(report.orphans):,} blobs are named by no entry, which is no fault.")
    if not report.is_judged:
        said.append("Signatures were not checked; name whom you trust by --policy.")
    elif report.age_s is not None:
        said.append(f"A quorum of witnesses saw the checkpoint {report.age_s:,} s ago.")
    said.append("nothing is wrong" if report else f"{len(report.findings):,} findings")
    return said
