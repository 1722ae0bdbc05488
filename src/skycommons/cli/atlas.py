"""``skycommons atlas``: where in the world a rate can be had, and for how much of the year."""

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from skycommons.cli.console import FOR_PEOPLE, Output

if TYPE_CHECKING:
    from skycommons.model.equipment import TerminalType
    from skycommons.model.scenario import Scenario


def atlas(
    scenario: Annotated[Path, Parameter(help="Scenario file.")],
    /,
    *,
    rate_mbps: Annotated[float, Parameter(help="Downlink rate that is wanted.")],
    elevation_deg: Annotated[
        float | None,
        Parameter(
            help="Elevation of the satellite; without it, the one that half of those in view at a latitude exceed."
        ),
    ] = None,
    terminal_type: Annotated[str | None, Parameter(help="Type of the terminal in place of the standard one.")] = None,
    spacing_deg: Annotated[float, Parameter(help="Width of the grid's cells.")] = 1.0,
    out: Annotated[Path, Parameter(help="Folder for the files; what an earlier atlas left there is replaced.")] = Path(
        "results"
    ),
    output: Output = FOR_PEOPLE,
) -> None:
    """Map for how much of an average year a terminal gets a rate, over the whole world."""
    from skycommons.base.errors import InputError
    from skycommons.model.scenario import load
    from skycommons.studies.atlas import LEVELS, grid_deg, make_atlas
    from skycommons.studies.export_atlas import write_atlas

    if elevation_deg is not None and not 0.0 < elevation_deg <= 90.0:
        raise InputError(f"--elevation-deg: {elevation_deg:g} should be above 0 and at most 90")
    if not (math.isfinite(rate_mbps) and rate_mbps > 0.0):
        raise InputError(f"--rate-mbps: {rate_mbps:g} should be above 0")
    parallels = len(grid_deg(spacing_deg)[0])
    found = load(scenario)
    terminal = _terminal(found, terminal_type)
    with output.progress("Computing the world", total=parallels) as advance:
        world = make_atlas(
            found,
            rate_bps=rate_mbps * 1e6,
            terminal=terminal,
            elevation_rad=None if elevation_deg is None else math.radians(elevation_deg),
            spacing_deg=spacing_deg,
            progress=advance,
        )
    written = write_atlas(world, out)
    if elevation_deg is not None and math.radians(elevation_deg) < terminal.min_elevation_rad:
        output.note(
            f"note: type {terminal.name!r} uses no satellite below {math.degrees(terminal.min_elevation_rad):g}°; this is "
            "what it would get"
        )
    output.table(
        f"{rate_mbps:g} Mbit/s down to a {terminal.name} terminal; at most {world.link.most_bps / 1e6:.0f} Mbit/s",
        ["share of the year, at least", "land with it"],
        [[f"{100.0 * level:g} %", f"{100.0 * world.land_at_least(level):.1f} %"] for level in LEVELS],
    )
    for sentence in world.assumptions():
        output.note(sentence)
    for what, path in written.items():
        output.line(f"{what:<8} {path}")
    output.result({**world.to_json_dict(), "files": written})


def _terminal(scenario: "Scenario", name: str | None) -> "TerminalType":
    """The type of this name; the first one without a name."""
    from skycommons.base.errors import InputError

    types = scenario.world.equipment.terminals
    for one in types:
        if name is None or one.name == name:
            return one
    raise InputError(f"--terminal-type: there is no {name!r}; there are {', '.join(one.name for one in types)}")
