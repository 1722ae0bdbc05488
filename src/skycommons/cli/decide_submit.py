"""``skycommons decide submit|effective|settle``: what was signed elsewhere, what is enforced, and what time it is."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from skycommons.cli.console import FOR_PEOPLE, Output
from skycommons.cli.decide_votes import Subject
from skycommons.cli.service_door import DEFAULT_SERVICE, ServiceDir, opened, tell_receipt, when

if TYPE_CHECKING:
    from skycommons.store.settling import Settled


def submit(
    message: Annotated[Path, Parameter(help="The message that --to-sign wrote.")],
    /,
    *,
    signature: Annotated[Path, Parameter(help="What `ssh-keygen -Y sign` made of it.")],
    service: ServiceDir = DEFAULT_SERVICE,
    output: Output = FOR_PEOPLE,
) -> int:
    """Hand in a message that was signed elsewhere, by a key of OpenSSH, its agent or a token."""
    from skycommons.store.signed_messages import read_signed

    entry = read_signed(message, signature)
    with opened(service) as door:
        receipt = door.say(entry)
        tell_receipt(door, entry.kind, receipt, output)
    return 0


def effective(digest: Subject, /, *, service: ServiceDir = DEFAULT_SERVICE, output: Output = FOR_PEOPLE) -> int:
    """Report that a decision is enforced. The operator of the network says so; it changes no right."""
    from skycommons.store.compose import find_digest

    with opened(service) as door:
        found = find_digest(door.state.decisions, digest, what="decision")
        receipt = door.acknowledge(found)
        output.line(f"Entry {receipt.index}: decision {found[:12]} is {door.record(found).state.value}.")
        output.result({"index": receipt.index, "decision": found, "state": door.record(found).state.value})
    return 0


def settle(*, service: ServiceDir = DEFAULT_SERVICE, output: Output = FOR_PEOPLE) -> int:
    """Ask the witnesses for the time, and publish: what is due takes effect, ends or lapses by the rules.

    Run it every minute. The exit code is 5 if too few witnesses answer: then nothing new is believed,
    and what is published grows too old in time.
    """
    from skycommons.base.errors import TrustError

    with opened(service, is_witnessed=True) as door:
        found = door.settle()
    _tell(found, output)
    return 0 if found and found.is_answered else TrustError.exit_code


def _tell(found: "Settled", output: Output) -> None:
    """What came of it."""
    for name, why in found.silent:
        output.line(f"The witness {name} is silent: {why}.")
    for move in found.moves:
        output.line(f"Decision {move.digest[:12]} went from {move.before.value} to {move.after.value}.")
    if found.head is not None:
        names = ", ".join(name for name, _ in found.head.witnesses)
        output.line(f"{found.head.head.size:,} entries, seen by {names}, at {when(found.head.earliest_s)}.")
        if not found.is_answered:
            output.line("Too few witnesses answered now; what they saw before is believed until it is too old.")
    else:
        output.line("Too few witnesses saw the newest head; nobody has to believe it yet.")
    time = (
        f"The log's own clock stands at {when(found.now_s)}" if found.now_s else "No witness told the log the time yet"
    )
    output.line(f"{time}; the service map has version {found.map_version}.")
    output.result(
        {
            "is_witnessed": bool(found),
            "is_answered": found.is_answered,
            "size": None if found.head is None else found.head.head.size,
            "now": found.now_s,
            "map_version": found.map_version,
            "moves": [
                {"decision": move.digest, "before": move.before.value, "after": move.after.value}
                for move in found.moves
            ],
            "silent": [{"witness": name, "why": why} for name, why in found.silent],
        }
    )
