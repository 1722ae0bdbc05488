"""``skycommons check``: all faults of a scenario at once, or all rules that a plan of it breaks."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from skycommons.cli.console import FOR_PEOPLE, Output
from skycommons.cli.service_map import (
    MapFile,
    TrustFile,
    obeyed,
    reconciled,
    reconciliation_json,
    show_reconciliation,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from skycommons.model.scenario import Scenario
    from skycommons.plan.check import StepVerdict, Violation
    from skycommons.plan.plan_table import PlanTable
    from skycommons.studies.enforcement import Enforced
    from skycommons.studies.reconcile import Reconciliation


def check(
    scenario: Annotated[Path, Parameter(help="Scenario file.")],
    /,
    *,
    plan: Annotated[
        Path | None,
        Parameter(help="A plan of it: NAME.zarr of a run, a folder with plan.csv and feeders.csv, or plan.csv itself."),
    ] = None,
    out: Annotated[
        Path | None, Parameter(help="Folder for the plan as plan.csv and feeders.csv, to be read and edited.")
    ] = None,
    service_map: MapFile = None,
    trust: TrustFile = None,
    output: Output = FOR_PEOPLE,
) -> int:
    """Check a scenario and list all its faults, or check a plan of it against the rules of service.

    With a verified service map, a plan is judged by that map, and service is reconciled with what was decided. The exit code is 0
    for a sound scenario, 2 for one with faults, 4 for a plan that breaks a rule or raises an alarm, and 5 for a map that is refused.
    """
    from skycommons.base.errors import InputError, ScenarioError

    try:
        found = _loaded(scenario)
    except ScenarioError as error:
        if not output.json:
            raise
        output.result({"scenario": error.source, "sound": False, "faults": error.faults})
        return error.exit_code
    found, enforced = obeyed(found, service_map=service_map, trust=trust, is_audit=True, output=output)
    if plan is None:
        if out is not None:
            raise InputError("--out writes a plan; name one by --plan")
        return _check_scenario(scenario, found, output)
    return _check_plan(found, plan, out=out, enforced=enforced, output=output)


def _check_scenario(path: Path, found: "Scenario", output: Output) -> int:
    """Say that a scenario is sound."""
    sites, satellites = found.world.sites, found.world.satellites
    counts = {
        "satellites": len(satellites),
        "shells": len(satellites.shell_names),
        "sites": len(sites),
        "pairs": len(found.pairs),
        "steps": len(found.times()),
    }
    if found.service is not None:
        demand = found.service.demand
        counts["cells"] = len(demand)
        counts["subscribers"] = round(float(demand.subscribers.sum()))
        counts["service_map_version"] = found.service.service_map.version
    output.table(f"{path}: no faults", list(counts), [list(counts.values())])
    for note in found.notes:
        output.note(f"note: {note}")
    output.result({"scenario": str(path), "sound": True, "faults": [], **counts, "notes": found.notes})
    return 0


def _check_plan(
    scenario: "Scenario", path: Path, *, out: Path | None, enforced: "Enforced | None", output: Output
) -> int:
    """Ask all rules in every slot of a plan."""
    from skycommons.base.errors import PlanError
    from skycommons.plan.check import MOST_NAMED, RULES, check_steps

    slots, parts = _plan_at(path, scenario)
    if out is not None:
        from skycommons.studies.plan_file import write_plan

        for file in write_plan(parts(), scenario.world, out):
            output.note(f"wrote {file}")
    verdicts: list[StepVerdict] = []
    with output.progress("checking", total=slots) as advance:
        for verdict in check_steps(scenario, parts()):
            verdicts.append(verdict)
            advance(1)
    counts = [sum(verdict.counts[number] for verdict in verdicts) for number in range(len(RULES))]
    is_sound = not any(counts)
    words = "keeps all rules" if is_sound else f"breaks {sum(count > 0 for count in counts)} of {len(RULES)} rules"
    output.table(
        f"{path}: {slots:,} slots: {words}",
        ["rule", "broken", "what it says"],
        [[rule.name, count, rule.meaning] for rule, count in zip(RULES, counts, strict=True)],
    )
    violations = [violation for verdict in verdicts for violation in verdict.violations]
    if not is_sound:
        output.table(
            f"\nThe first {MOST_NAMED} of each rule",
            ["rule", "slot", "time", "about", "what is wrong"],
            [list(_entry(one).values()) for rule in RULES for one in _first(violations, rule.name, MOST_NAMED)],
        )
    rules = [
        {"name": rule.name, "meaning": rule.meaning, "broken": count} for rule, count in zip(RULES, counts, strict=True)
    ]
    agreed = None if enforced is None else _agreed(path, enforced)
    answer: dict[str, object] = {"plan": str(path), "sound": is_sound, "slots": slots}
    if enforced is not None:
        answer["enforced"] = enforced.to_json_dict()
    if agreed is not None:
        show_reconciliation(agreed, output)
        answer["reconciliation"] = reconciliation_json(agreed)
    output.result({**answer, "violations": [_entry(one) for one in violations], "rules": rules})
    return 0 if is_sound and (agreed is None or agreed) else PlanError.exit_code


def _agreed(path: Path, enforced: "Enforced") -> "Reconciliation | None":
    """Service of a store beside the verified map; None of tables, which do not say how long their slots are."""
    from skycommons.studies.plan_file import PLAN
    from skycommons.studies.store import open_results

    if not path.is_dir() or (path / PLAN).exists():
        return None
    with open_results(path) as dataset:
        return reconciled(dataset, enforced)


def _plan_at(path: Path, scenario: "Scenario") -> "tuple[int, Callable[[], Iterable[PlanTable]]]":
    """How many slots a plan has, and what reads it, a part at a time."""
    from skycommons.studies.plan_file import PLAN, read_plan

    if path.is_dir() and not (path / PLAN).exists() and any(path.glob("zarr.json")):
        from skycommons.studies.plan_store import StoredPlan

        stored = StoredPlan.open(path, scenario.world)
        return len(stored), stored.parts
    table = read_plan(path, scenario.world)
    return len(table), lambda: (table,)


def _first(violations: "list[Violation]", rule: str, most: int) -> "list[Violation]":
    """The first violations of a rule."""
    return [violation for violation in violations if violation.rule == rule][:most]


def _entry(violation: "Violation") -> dict[str, object]:
    """A violation as JSON says it."""
    from skycommons.base.clock import format_time

    return {
        "rule": violation.rule,
        "step": violation.step,
        "time": format_time(violation.time_ns),
        "subject": violation.subject,
        "detail": violation.detail,
    }


def _loaded(path: Path) -> "Scenario":
    """The scenario, if a run could start with it."""
    from skycommons.base.errors import Fault, ScenarioError
    from skycommons.model.scenario import load
    from skycommons.plan.weather import start_fault

    found = load(path)
    late = start_fault(found.radio.weather, found.start_ns)
    if late:
        raise ScenarioError(str(path), [Fault("weather.file", late)])
    return found
