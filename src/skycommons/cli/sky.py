"""``skycommons sky``: the sky over a dish, and who serves it."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from skycommons.cli.console import FOR_PEOPLE, Output
from skycommons.cli.look import InstantOrStart, instant_or_start


def sky(
    scenario: Annotated[Path, Parameter(help="Scenario file.")],
    /,
    *,
    site: Annotated[str, Parameter(name="--from", help="Name of a terminal.")],
    at: InstantOrStart = None,
    minutes: Annotated[float, Parameter(help="Length of the span; 0 shows one slot.")] = 0.0,
    obstructions: Annotated[
        Path | None,
        Parameter(
            help="What is in the way: a dish's obstruction map (JSON or square image), or a CSV of azimuth, elevation."
        ),
    ] = None,
    figure: Annotated[Path | None, Parameter(help="Draw the sky into this PNG file.")] = None,
    output: Output = FOR_PEOPLE,
) -> None:
    """Show a dish's sky: satellites, what may be used of them, and which one serves in each slot.

    With [service] in the scenario, the serving satellites are those that the scheduler gives the terminal.
    """
    from skycommons.base.clock import format_time
    from skycommons.base.errors import InputError
    from skycommons.model.scenario import load
    from skycommons.studies.dish_sky import dish_sky
    from skycommons.studies.obstructions import read_obstructions

    if figure is not None and figure.suffix.lower() != ".png":
        raise InputError(f"--figure: {figure.name!r} should end in .png")
    mask = None if obstructions is None else read_obstructions(obstructions)
    found = load(scenario)
    time_ns = instant_or_start(at, found.start_ns)
    shown = dish_sky(found, site, time_ns, duration_s=60.0 * minutes, mask=mask)
    rows, slots = shown.rows(), shown.slots()
    if figure is not None:
        from skycommons.studies.figures_dish import sky_view

        sky_view(shown).save(figure)
    output.table(
        f"{site} at {format_time(time_ns)}: {len(rows):,} satellites above the horizon",
        ["satellite", "elevation °", "azimuth °", "from GSO arc °", "usable", "blocked", "serves"],
        [[f"{cell:.1f}" if isinstance(cell, float) else cell for cell in row.values()] for row in rows],
    )
    output.table(
        "Who serves",
        ["slot", "satellite", "elevation °", "azimuth °"],
        [
            [slot["begin"], slot["satellite"] or f"none: {slot['why']}", *(_angle(slot.get(key)) for key in _ANGLES)]
            for slot in slots
        ],
    )
    if figure is not None:
        output.line(f"figure   {figure}")
    output.result({"site": site, "time": format_time(time_ns), "satellites": rows, "slots": slots, "figure": figure})


_ANGLES = ("elevation_deg", "azimuth_deg")


def _angle(value: object) -> str:
    """One decimal, or a dash."""
    return f"{value:.1f}" if isinstance(value, float) else "–"
