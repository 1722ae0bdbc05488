"""``skycommons diversity``: which gateway helps another one out of the rain."""

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from skycommons.cli.console import FOR_PEOPLE, Output
from skycommons.cli.exceedance import percentage

if TYPE_CHECKING:
    from skycommons.model.scenario import Scenario
    from skycommons.plan.diversity import BandDiversity, SiteDiversity


def diversity(
    scenario: Annotated[Path, Parameter(help="Scenario file.")],
    /,
    *,
    site: Annotated[str, Parameter(help="Name of a gateway.")],
    rain: Annotated[str, Parameter(help="Share of the year, as 0.1%: 0.001% to 5%.")] = "0.1%",
    elevation_deg: Annotated[float, Parameter(help="Elevation of the satellites, the same at all sites.")] = 40.0,
    partners: Annotated[int, Parameter(help="Show at most this many of the nearest gateways.")] = 8,
    output: Output = FOR_PEOPLE,
) -> None:
    """List the nearest gateways of a gateway and what each buys when it rains: joint outage and diversity gain."""
    from skycommons.base.errors import InputError
    from skycommons.model.scenario import load
    from skycommons.plan.diversity import RAIN_SHARE, find_diversity

    if not 0.0 < elevation_deg <= 90.0:
        raise InputError(f"--elevation-deg: {elevation_deg:g} should be above 0 and at most 90")
    share = _share(rain)
    if partners < 1:
        raise InputError(f"--partners: {partners} should be 1 or more")
    found = load(scenario)
    table = find_diversity(
        found.world, found.site(site), exceedance=share, elevation_rad=math.radians(elevation_deg), partners=partners
    )
    for band in table.bands:
        _show(found, table, band, output)
    output.note(
        f"both exceed: rain takes more than {site}'s own loss from both sites. Assumed: it rains for {100 * RAIN_SHARE:g} % "
        "of the year at every site; other losses are left out."
    )
    output.result(_answer(found, table))


def _share(text: str) -> float:
    """A share of the year from a percentage."""
    from skycommons.base.errors import InputError
    from skycommons.radio.recommendations import P618_JOINT_RAIN

    share = percentage(text)
    if share is None:
        raise InputError(f"--rain: {text!r} is no share of the year; write it as 0.1%")
    if not P618_JOINT_RAIN.lowest_exceedance * (1.0 - 1e-9) <= share <= P618_JOINT_RAIN.highest_exceedance:
        raise InputError(f"--rain: {text.strip()} is outside what is known of rain; write 0.001% to 5%")
    return max(share, P618_JOINT_RAIN.lowest_exceedance)


def _show(scenario: "Scenario", table: "SiteDiversity", band: "BandDiversity", output: Output) -> None:
    """The table of one band."""
    ids = scenario.world.sites.ids
    mark = "; extrapolated, P.618 is stated up to 55 GHz" if band.extrapolated else ""
    output.table(
        f"{ids[table.site]}, {band.band.value} band up {band.frequency_hz / 1e9:g} GHz at "
        f"{math.degrees(table.elevation_rad):g}°: rain takes {band.site_db:.1f} dB for {100 * table.exceedance:g} % of the "
        f"year{mark}",
        [
            *("partner", "km", "alone dB", "both exceed %", "min/year"),
            *("gain 0.1 % dB", "gain 0.01 % dB"),
        ],
        [
            [
                *(ids[int(row)], f"{table.distance_m[place] / 1e3:.0f}", f"{band.partner_db[place]:.1f}"),
                *(f"{100 * band.joint[place]:.2g}", f"{525_960 * band.joint[place]:.2g}"),
                *(f"{gain:.1f}" for gain in band.gain_db[place]),
            ]
            for place, row in enumerate(table.partner)
        ],
    )


def _answer(scenario: "Scenario", table: "SiteDiversity") -> dict[str, object]:
    """Everything, for programs."""
    from skycommons.plan.diversity import GAIN_EXCEEDANCES, RAIN_SHARE
    from skycommons.radio.recommendations import RECOMMENDATIONS

    ids = scenario.world.sites.ids
    return {
        "site": ids[table.site],
        "exceedance": table.exceedance,
        "elevation_deg": math.degrees(table.elevation_rad),
        "assumed_rain_share": RAIN_SHARE,
        "gain_exceedances": GAIN_EXCEEDANCES,
        "bands": [
            {
                "band": band.band.value,
                "frequency_ghz": band.frequency_hz / 1e9,
                "extrapolated": band.extrapolated,
                "site_db": band.site_db,
                "partners": [
                    {
                        "site": ids[int(row)],
                        "distance_km": float(table.distance_m[place]) / 1e3,
                        "loss_db": float(band.partner_db[place]),
                        "joint_exceedance": float(band.joint[place]),
                        "gain_db": band.gain_db[place],
                        "near_gain_db": band.near_gain_db[place],
                    }
                    for place, row in enumerate(table.partner)
                ],
            }
            for band in table.bands
        ],
        "recommendations": RECOMMENDATIONS,
    }
