"""``skycommons budget``: every line of the link budgets between a site and a satellite."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Final

from cyclopts import Parameter

from skycommons.cli.console import FOR_PEOPLE, Output
from skycommons.cli.exceedance import percentage
from skycommons.cli.look import InstantOrStart, instant_or_start

if TYPE_CHECKING:
    from skycommons.base.arrays import Floats
    from skycommons.model.equipment import Payload
    from skycommons.model.rules import BudgetWeather
    from skycommons.model.scenario import Scenario
    from skycommons.plan.link_budget import LinkStatement, SiteBudget
    from skycommons.plan.sight import Sight
    from skycommons.radio.budget import BudgetLine, BudgetPart

# Unit of SI: factor, what people read, and how many digits.
_UNITS: Final = MappingProxyType(
    {
        "rad": (180.0 / math.pi, "°", ".1f"),
        "m": (1.0, "m", ".0f"),
        "Hz": (1e-6, "MHz", ".1f"),
        "bit/s": (1e-6, "Mbit/s", ",.1f"),
        "1": (100.0, "%", "g"),
        "K": (1.0, "K", ".1f"),
        "mm/h": (1.0, "mm/h", ".1f"),
        "bit": (1.0, "bit", ".3f"),
    }
)


def budget(
    scenario: Annotated[Path, Parameter(help="Scenario file.")],
    /,
    *,
    site: Annotated[str, Parameter(help="Name of a terminal or gateway.")],
    at: InstantOrStart = None,
    rain: Annotated[
        str | None,
        Parameter(
            help="Weather: a share of the year that has worse, such as 0.1%, or clear; without it clear sky and 0.1%."
        ),
    ] = None,
    satellite: Annotated[
        str | None, Parameter(help="Name of a satellite in view; without it the highest that the site may use.")
    ] = None,
    elevation_deg: Annotated[
        float | None,
        Parameter(
            help="A satellite that stands at this elevation, at the fleet's usual altitude, in place of a real one."
        ),
    ] = None,
    out: Annotated[Path | None, Parameter(help="Folder for rate against elevation: PNG, SVG, CSV and JSON.")] = None,
    output: Output = FOR_PEOPLE,
) -> None:
    """Print the link budgets of a site line by line: value, unit, source, and which figures are assumed.

    A terminal has a service downlink and uplink, a gateway its feeder links. Every printed term with a sign adds up to C/N.
    """
    from skycommons.model.scenario import load
    from skycommons.plan.link_budget import site_budget

    weathers = weathers_of(rain)
    found = load(scenario)
    row = found.site(site)
    _check_site(found, row)
    time_ns = instant_or_start(at, found.start_ns)
    target = _target(found, row, time_ns=time_ns, satellite=satellite, elevation_deg=elevation_deg)
    budgets = [
        site_budget(found.world, found.radio, site=row, payload=target.payload, found=target.sight, weather=weather)
        for weather in weathers
    ]
    files = {} if out is None else _drawn(found, row, target.payload, out)
    _show(budgets, f"{site} and {target.words}", output)
    for what, path in files.items():
        output.line(f"{what:<5} {path}")
    for note in found.notes:
        output.note(f"note: {note}")
    output.result(_json(budgets, target, site=site, time_ns=time_ns) | {"files": files, "notes": found.notes})


def weathers_of(rain: str | None) -> "tuple[BudgetWeather, ...]":
    """The weathers that ``--rain`` asks for; clear sky and 0.1 % of the year where nothing is asked.

    Raises:
        InputError: The text is no share of the year with a percent sign.
    """
    from skycommons.base.errors import InputError
    from skycommons.model.rules import ClearSky, FixedExceedance
    from skycommons.radio.slant_paths import RAREST_EXCEEDANCE

    if rain is None:
        return ClearSky(), FixedExceedance(exceedance=1e-3)
    if rain.strip().lower() == "clear":
        return (ClearSky(),)
    share = percentage(rain)
    if share is None:
        raise InputError(
            f"--rain: {rain!r} is not a share of the year; write it with a percent sign, such as 0.1%, or write clear"
        )
    if not RAREST_EXCEEDANCE * (1.0 - 1e-9) <= share <= 1.0:
        raise InputError(f"--rain: {rain} lies outside {100.0 * RAREST_EXCEEDANCE:g} % to 100 % of the year")
    return (FixedExceedance(exceedance=share),)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Target:
    """The satellite at the other end."""

    words: str
    name: str | None
    payload: "Payload"
    sight: "Sight"


def _check_site(scenario: "Scenario", row: int) -> None:
    """Raise for a site without radio."""
    from skycommons.base.errors import InputError
    from skycommons.model.world import SiteKind

    if scenario.world.sites.kind[row] == SiteKind.POP:
        name = scenario.world.sites.ids[row]
        raise InputError(f"{name!r} is a PoP and has no radio; name a terminal or a gateway")


def _target(
    scenario: "Scenario", row: int, *, time_ns: int, satellite: str | None, elevation_deg: float | None
) -> _Target:
    """The satellite that was asked for: by name, by elevation, or the highest usable one.

    Raises:
        InputError: Both a name and an elevation, an unknown name, or a satellite that is not in view.
        PhysicsError: An elevation that is not in the sky.
        PlanError: No satellite may be used.
    """
    from skycommons.base.errors import InputError
    from skycommons.plan.sight import standing_sight
    from skycommons.plan.usual import usual_satellite

    if elevation_deg is None:
        return _flying(scenario, row, time_ns=time_ns, satellite=satellite)
    if satellite is not None:
        raise InputError("--satellite and --elevation-deg name two satellites; give one of them")
    usual = usual_satellite(scenario.world)
    elevation_rad = math.radians(elevation_deg)
    found = standing_sight(scenario.world.sites, row, elevation_rad=elevation_rad, altitude_m=usual.altitude_m)
    words = f"a satellite ({usual.payload.name}) at {elevation_deg:g}° and {usual.altitude_m / 1e3:,.0f} km"
    return _Target(words=words, name=None, payload=usual.payload, sight=found)


def _flying(scenario: "Scenario", row: int, *, time_ns: int, satellite: str | None) -> _Target:
    """A real satellite at an instant."""
    import numpy as np

    from skycommons.base.clock import format_time
    from skycommons.base.errors import PlanError
    from skycommons.plan.sight import sight
    from skycommons.plan.visibility import find_links

    world = scenario.world
    ephemeris = scenario.propagate(np.array([time_ns], dtype=np.int64))
    if satellite is None:
        links = find_links(world.sites, ephemeris, site_rows=np.array([row], dtype=np.int64))
        usable = np.flatnonzero(links.usable)
        ranked = links.sat[usable[np.argsort(-links.elevation_rad[usable], kind="stable")]].tolist()
    else:
        ranked = [_named(scenario, row, satellite, ephemeris.position_itrf_m[0])]
    for number in ranked:
        found = sight(world.sites, row, ephemeris.position_itrf_m[0, number])
        if found.in_field or satellite is not None:
            payload = world.equipment.payload_of(world.satellites.generations[number])
            name = world.satellites.ids[number]
            words = f"{name} ({payload.name}) at {format_time(time_ns)}"
            return _Target(words=words, name=name, payload=payload, sight=found)
    raise PlanError(
        f"no satellite that {world.sites.ids[row]!r} may use is in view at {format_time(time_ns)}; --elevation-deg computes "
        "one that stands anywhere"
    )


def _named(scenario: "Scenario", row: int, satellite: str, position_itrf_m: "Floats") -> int:
    """Row of a satellite that is in view.

    Raises:
        InputError: There is none of this name, or it is not in view.
    """
    from skycommons.base.errors import InputError
    from skycommons.plan.sight import sight

    sites = scenario.world.sites
    number = scenario.world.satellites.row(satellite)
    elevation_deg = math.degrees(sight(sites, row, position_itrf_m[number]).elevation_rad)
    lowest_deg = math.degrees(sites.min_elevation_rad[row])
    if math.isnan(elevation_deg):
        raise InputError(f"--satellite: {satellite} has no position at this instant; its elements do not reach it")
    if elevation_deg < lowest_deg:
        raise InputError(
            f"--satellite: {satellite} is not in view of {sites.ids[row]!r}: its elevation is {elevation_deg:.1f}°, the lowest "
            f"usable one {lowest_deg:g}°"
        )
    return number


def _drawn(scenario: "Scenario", row: int, payload: "Payload", folder: Path) -> dict[str, Path]:
    """Rate against elevation, written."""
    from skycommons.plan.rate_curves import USUAL_WEATHERS, rate_curves
    from skycommons.plan.usual import usual_satellite
    from skycommons.studies.figures_radio import write_rates

    curves = rate_curves(
        scenario.world,
        scenario.radio,
        site=row,
        payload=payload,
        altitude_m=usual_satellite(scenario.world).altitude_m,
        weathers=USUAL_WEATHERS,
    )
    return write_rates(curves, scenario.world.sites.ids[row], folder)


def _show(budgets: "Sequence[SiteBudget]", title: str, output: Output) -> None:
    """One table for the place and where the satellite stands, and one for each link."""
    from skycommons.plan.air_path import weather_words

    columns = [weather_words(budget.weather) for budget in budgets]
    _show_parts(title, [(budget.place, budget.geometry) for budget in budgets], columns, output)
    for links in zip(*(budget.links for budget in budgets), strict=True):
        output.line("")
        _show_parts(links[0].title, [link.parts for link in links], columns, output)


def _show_parts(title: str, sides: "Sequence[tuple[BudgetPart, ...]]", columns: list[str], output: Output) -> None:
    """The same parts in one or two weathers side by side."""
    rows: list[list[str]] = []
    for parts in zip(*sides, strict=True):
        rows.append(["", parts[0].title, *("" for _ in parts), "", ""])
        together = zip(*(part.lines for part in parts), strict=True)
        rows += [_row(parts[0].sign(lines[0]), lines) for lines in together]
    for place in range(2, 2 + len(columns)):
        width = max(len(row[place]) for row in rows)
        for row in rows:
            row[place] = row[place].rjust(width)
    output.table(title, ["", "", *columns, "unit", "source"], rows)


def _row(sign: str, lines: "tuple[BudgetLine, ...]") -> list[str]:
    """One line in all weathers: sign, name, values, unit, source."""
    from skycommons.radio.budget import source_text

    shown = [_shown(line) for line in lines]
    unit = next((unit for _, unit in shown if unit), "")
    sources = dict.fromkeys(source_text(line) for line in lines)
    said = [text for text in sources if not any(text != other and other.startswith(text) for other in sources)]
    return [sign, f"  {lines[0].name}", *(text for text, _ in shown), unit, " | ".join(said)]


def _shown(line: "BudgetLine") -> tuple[str, str]:
    """A value as people read it, and its unit."""
    from skycommons.radio.budget import BudgetTerm

    if isinstance(line, BudgetTerm):
        return f"{line.value_db:.2f}", line.unit
    amount, unit = line.amount, line.unit
    scale, name, form = _UNITS.get(unit, (1.0, unit, ".2f"))
    if unit == "m" and abs(amount) >= 1e4:
        scale, name, form = 1e-3, "km", ".1f"
    elif unit == "Hz" and abs(amount) >= 1e9:
        scale, name, form = 1e-9, "GHz", ".3f"
    if line.words:
        return line.words, name if math.isfinite(amount) else ""
    return (f"{scale * amount:{form}}" if math.isfinite(amount) else "–"), name


def _json(budgets: "Sequence[SiteBudget]", target: _Target, *, site: str, time_ns: int) -> dict[str, object]:
    """Everything in SI units, and by which recommendations."""
    from skycommons.base.clock import format_time
    from skycommons.plan.air_path import weather_words
    from skycommons.radio.recommendations import RECOMMENDATIONS

    return {
        "site": site,
        "time": format_time(time_ns),
        "satellite": target.name,
        "generation": target.payload.name,
        "sight": target.sight,
        "weathers": [
            {
                "weather": weather_words(budget.weather),
                "exceedance": getattr(budget.weather, "exceedance", None),
                "site": _json_lines((budget.place, budget.geometry)),
                "links": [_json_link(link) for link in budget.links],
            }
            for budget in budgets
        ],
        "recommendations": RECOMMENDATIONS,
    }


def _json_link(link: "LinkStatement") -> dict[str, object]:
    return {
        "link": link.kind.value,
        "band": link.band.value if link.band else None,
        "frequency_hz": link.carrier.frequency_hz,
        "thermal_cn_db": link.budget.thermal_cn_db,
        "cn_db": link.budget.cn_db,
        "rate_bps": link.rate_bps,
        "lines": _json_lines(link.parts),
    }


def _json_lines(parts: "tuple[BudgetPart, ...]") -> list[dict[str, object]]:
    """One object a line."""
    from skycommons.radio.budget import BudgetTerm

    return [
        {
            "part": part.title,
            "name": line.name,
            "sign": part.sign(line),
            "value": line.value_db if isinstance(line, BudgetTerm) else line.amount,
            "words": None if isinstance(line, BudgetTerm) else line.words or None,
            "unit": line.unit,
            "source": line.source,
            "assumed": line.assumed,
            "note": line.note,
        }
        for part in parts
        for line in part.lines
    ]
