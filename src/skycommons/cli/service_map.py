"""``--service-map`` and ``--trust``: what a command obeys, verified, and what it obeyed last."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

from cyclopts import Parameter

from skycommons.cli.console import Output
from skycommons.cli.reading import read_bytes
from skycommons.cli.service_door import now_s

if TYPE_CHECKING:
    import xarray as xr

    from skycommons.model.scenario import Scenario
    from skycommons.studies.enforcement import Enforced
    from skycommons.studies.reconcile import Reconciliation

MapFile = Annotated[
    Path | None, Parameter(help="A service map with its evidence, to be verified and obeyed: a bundle. Needs --trust.")
]
TrustFile = Annotated[
    Path | None, Parameter(help="Whom you trust: the log, its witnesses and how many of them. Needs --service-map.")
]
_MOST_ALARMS: Final = 20


def obeyed(
    scenario: "Scenario",
    *,
    service_map: Path | None,
    trust: Path | None,
    last_good: Path | None = None,
    is_audit: bool = False,
    output: Output,
) -> "tuple[Scenario, Enforced | None]":
    """The scenario under the map that is to be obeyed, and what that is; as it is where none was named.

    Args:
        scenario: What is to be run or checked.
        service_map, trust: As the user named them.
        last_good: Where the last good map lies; by default in the user's folder of states, one for each log.
        is_audit: Whether somebody judges a plan by this very map: no other stands in for it, none is kept, and it has to
            be as fresh as it had to be when the plan's span began.
        output: Where to say what is obeyed, and what was refused.
    Raises:
        InputError: One was named without the other, or a file cannot be read.
        FormatError: The trust file is not in its form.
        ProofError: The map does not verify, and there is no last good one that does.
    """
    from dataclasses import replace

    from skycommons.base.constants import NS_PER_S
    from skycommons.base.errors import InputError
    from skycommons.governance.trust import parse_trust
    from skycommons.studies.enforcement import enforce, obeying
    from skycommons.studies.files import replacing_bytes

    if service_map is None and trust is None:
        if last_good is not None:
            raise InputError("--last-good: is of use only beside --service-map and --trust")
        return scenario, None
    if service_map is None or trust is None:
        lacks, has = ("--trust", "--service-map") if trust is None else ("--service-map", "--trust")
        raise InputError(f"{has}: a service map is obeyed only if it verifies; give {lacks} too")
    policy = read_bytes(trust)
    kept = last_good or default_last_good(parse_trust(policy, source=str(trust)).genesis)
    begins_s = scenario.start_ns // NS_PER_S if is_audit else None
    before = read_bytes(kept) if kept.exists() and not is_audit else None
    found = enforce(read_bytes(service_map), policy, now_s=now_s(), last_good=before, begins_s=begins_s)
    told, notes = obeying(scenario, found)
    found = replace(found, warnings=(*found.warnings, *notes))
    for sentence in found.sentences():
        output.line(sentence)
    if not is_audit and not found.is_last_good and found.bundle != before:
        with replacing_bytes(kept) as stream:
            stream.write(found.bundle)
    return told, found


def default_last_good(genesis: str) -> Path:
    """Where the last good map of a log lies unless the user says otherwise.

    Args:
        genesis: Hash of the log's first entry: what makes it this log.
    """
    from platformdirs import user_state_path

    return user_state_path("skycommons") / "service-maps" / f"{genesis[:32]}.bundle"


def reconciled(dataset: "xr.Dataset", enforced: "Enforced") -> "Reconciliation":
    """Measured service of a store beside the map that was verified."""
    from skycommons.studies.enforcement import causes_of
    from skycommons.studies.reconcile import measured, reconcile

    return reconcile(measured(dataset), enforced.timeline, causes=causes_of(enforced))


def show_reconciliation(found: "Reconciliation", output: Output) -> None:
    """Whether service is what was decided, and the first alarms."""
    counts = found.counts()
    output.line(
        f"Reconciled with the service map: {counts['by_decision']:,} outages by decision, {counts['faults']:,} faults, "
        f"{len(found.alarms):,} alarms"
    )
    if found.alarms:
        rows = [list(alarm.to_json_dict().values()) for alarm in found.alarms[:_MOST_ALARMS]]
        output.table("ALARMS: service is not what was decided", ["what", "cell", "begin", "end", "detail"], rows)


def reconciliation_json(found: "Reconciliation") -> dict[str, object]:
    """Counts and alarms as plain JSON values."""
    return {"counts": found.counts(), "alarms": [alarm.to_json_dict() for alarm in found.alarms]}
