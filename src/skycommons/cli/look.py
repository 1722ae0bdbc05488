"""``skycommons look``: what a dish sees."""

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from skycommons.cli.console import FOR_PEOPLE, Output

if TYPE_CHECKING:
    from skycommons.model.scenario import Scenario
    from skycommons.plan.visibility import Links


def look(
    scenario: Annotated[Path, Parameter(help="Scenario file.")],
    /,
    *,
    site: Annotated[str, Parameter(name="--from", help="Name of a terminal or gateway.")],
    at: Annotated[
        str, Parameter(help="Instant: 2026-05-21T12:00:00Z, or a UTC time of the scenario's first day: 12:00.")
    ],
    limit: Annotated[int, Parameter(help="Show at most this many; 0 shows all.")] = 20,
    output: Output = FOR_PEOPLE,
) -> None:
    """List the satellites that a site sees at an instant, the highest first.

    Satellites that are too close to the geostationary arc for this site are listed and marked.
    """
    import numpy as np

    from skycommons.base.clock import format_time
    from skycommons.base.errors import InputError
    from skycommons.model.scenario import load
    from skycommons.model.world import SiteKind
    from skycommons.plan.visibility import find_links

    if limit < 0:
        raise InputError(f"--limit: {limit} should be 0 or more")
    found = load(scenario)
    row = found.site(site)
    if found.world.sites.kind[row] == SiteKind.POP:
        raise InputError(f"{site!r} is a PoP and sees no satellites; name a terminal or a gateway")
    time_ns = instant(at, found.start_ns)
    ephemeris = found.propagate(np.array([time_ns], dtype=np.int64))
    links = find_links(found.world.sites, ephemeris, site_rows=np.array([row], dtype=np.int64))
    order = np.argsort(-links.elevation_rad, kind="stable")
    usable = int(np.count_nonzero(links.usable))
    shown = order[:limit] if limit else order
    rows = [_row(found, links, int(link)) for link in shown]
    title = f"{site} at {format_time(time_ns)}: {len(links):,} satellites in view, {usable:,} usable"
    output.table(
        title,
        ["satellite", "shell", "elevation °", "azimuth °", "range km", "from GSO arc °", "usable"],
        [_cells(row) for row in rows],
    )
    if len(shown) < len(order):
        output.note(f"{len(order) - len(shown):,} more; --limit 0 shows all")
    output.result(
        {"site": site, "time": format_time(time_ns), "in_view": len(links), "usable": usable, "satellites": rows}
    )


InstantOrStart = Annotated[
    str | None,
    Parameter(help="Instant: 2026-05-21T12:00:00Z, or a UTC time of the first day: 12:00; else the scenario's start."),
]


def instant_or_start(text: str | None, start_ns: int) -> int:
    """UTC unix ns of what ``--at`` says, or a span's start where it says nothing.

    Raises:
        InputError: The text is no time.
    """
    return start_ns if text is None else instant(text, start_ns)


def instant(text: str, start_ns: int) -> int:
    """UTC unix ns of a time, or of a time of day on the day on which a span starts.

    Raises:
        InputError: The text is neither, or not of our time.
    >>> instant("00:01", 86_400 * 10**9) // 10**9
    86460
    """
    from skycommons.base.clock import format_time, parse_time
    from skycommons.base.errors import InputError
    from skycommons.model.documents_base import EARLIEST, LATEST, is_known_time

    is_time_of_day = ":" in text and "-" not in text and "T" not in text
    try:
        time_ns = parse_time(f"{format_time(start_ns)[:10]}T{text}" if is_time_of_day else text)
    except InputError:
        raise InputError(f"--at: {text!r} is not a time such as 2026-05-21T12:00:00Z or 12:00") from None
    if not is_known_time(time_ns):
        raise InputError(f"--at: {text!r} should lie between {EARLIEST} and {LATEST}")
    return time_ns


def _row(scenario: "Scenario", links: "Links", link: int) -> dict[str, object]:
    """One satellite in view, in degrees and km."""
    satellites = scenario.world.satellites
    satellite = int(links.sat[link])
    shell = int(satellites.shell[satellite])
    return {
        "satellite": satellites.ids[satellite],
        "shell": satellites.shell_names[shell] if shell >= 0 else "",
        "elevation_deg": math.degrees(links.elevation_rad[link]),
        "azimuth_deg": math.degrees(links.azimuth_rad[link]),
        "slant_range_km": float(links.slant_range_m[link]) / 1e3,
        "gso_separation_deg": math.degrees(links.gso_separation_rad[link]),
        "usable": bool(links.usable[link]),
    }


def _cells(row: dict[str, object]) -> list[object]:
    """The same for people: one decimal, and a word that says why a satellite may not be used."""
    words = {True: "yes", False: "no: near the GSO arc"}
    return [
        words[value] if isinstance(value, bool) else f"{value:.1f}" if isinstance(value, float) else value
        for value in row.values()
    ]
