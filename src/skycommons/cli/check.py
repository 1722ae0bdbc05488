"""``skycommons check``: all faults of a scenario at once."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from skycommons.cli.console import FOR_PEOPLE, Output

if TYPE_CHECKING:
    from skycommons.model.scenario import Scenario


def check(scenario: Annotated[Path, Parameter(help="Scenario file.")], /, *, output: Output = FOR_PEOPLE) -> int:
    """Check a scenario and list all its faults.

    The exit code is 0 for a sound scenario and 2 for one with faults.
    """
    from skycommons.base.errors import ScenarioError

    try:
        found = _loaded(scenario)
    except ScenarioError as error:
        if not output.json:
            raise
        output.result({"scenario": error.source, "sound": False, "faults": error.faults})
        return error.exit_code
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
    output.table(f"{scenario}: no faults", list(counts), [list(counts.values())])
    for note in found.notes:
        output.note(f"note: {note}")
    output.result({"scenario": str(scenario), "sound": True, "faults": [], **counts, "notes": found.notes})
    return 0


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
