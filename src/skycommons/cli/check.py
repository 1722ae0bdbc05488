"""``skycommons check``: all faults of a scenario at once."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from skycommons.cli.console import FOR_PEOPLE, Output


def check(scenario: Annotated[Path, Parameter(help="Scenario file.")], /, *, output: Output = FOR_PEOPLE) -> int:
    """Check a scenario and list all its faults.

    The exit code is 0 for a sound scenario and 2 for one with faults.
    """
    from skycommons.base.errors import ScenarioError
    from skycommons.model.scenario import load

    try:
        found = load(scenario)
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
    output.table(f"{scenario}: no faults", list(counts), [list(counts.values())])
    for note in found.notes:
        output.note(f"note: {note}")
    output.result({"scenario": str(scenario), "sound": True, "faults": [], **counts, "notes": found.notes})
    return 0
