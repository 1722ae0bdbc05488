"""The parts that every link budget is made of: the place and its weather, the way, the receiver, the rate.

Rules: NumPy functions of `radio` alone, one link at a time, so that this is the readable twin of the planner's compiled
tables and is held against them by a test. Where a method is used outside its stated range the line says "extrapolated".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite, nan, pi
from typing import Final

import numpy as np

from skycommons.base.arrays import Floats
from skycommons.model.equipment import Origin
from skycommons.model.rules import BudgetWeather, ClearSky, RadioRules
from skycommons.plan.air_path import AirPath
from skycommons.plan.sight import Sight
from skycommons.radio.atmosphere import slow_exceedance
from skycommons.radio.budget import BudgetFact, BudgetLine, BudgetPart, BudgetTerm
from skycommons.radio.climate import Climate
from skycommons.radio.combining import combine_db
from skycommons.radio.decibels import to_db
from skycommons.radio.free_space import free_space_loss_db
from skycommons.radio.modcod import Ladder, RateLaw, Shannon
from skycommons.radio.noise import antenna_temperature_in_rain_k
from skycommons.radio.rain import rain_height_m
from skycommons.radio.recommendations import (
    ARC_ANGLE,
    P525,
    P618_DEPOLARISATION,
    P618_NOISE,
    P618_RAIN,
    P618_SCINTILLATION,
    P618_TOTAL,
    P676_SLANT,
    P839,
    P840,
    Recommendation,
    outside_elevation,
    outside_exceedance,
    outside_frequency,
)
from skycommons.radio.slant_paths import MEDIAN_EXCEEDANCE

_UNKNOWN: Final = Origin(source="no source given", assumed=True)


def place_part(climate: Climate, weather: BudgetWeather) -> BudgetPart:
    """The site, its climate, and how often the weather is worse."""
    map_note = "at sea: map of the sea used" if bool(climate.at_sea[0]) else ""
    share = nan if isinstance(weather, ClearSky) else weather.exceedance
    rare_note = "gas and cloud of half of the year" if share > MEDIAN_EXCEEDANCE else ""
    return BudgetPart(
        title="place and weather",
        lines=(
            BudgetFact(name="height above the sea", amount=float(climate.height_m[0]), unit="m", note=map_note),
            BudgetFact(
                name="rain rate exceeded 0.01 % of the year",
                amount=float(climate.rain_rate_mm_h[0]),
                unit="mm/h",
                source="ITU-R P.837-7",
                note=map_note,
            ),
            BudgetFact(
                name="rain height above the sea",
                amount=float(rain_height_m(climate.freezing_height_m)[0]),
                unit="m",
                source=P839.name,
            ),
            BudgetFact(
                name="share of the year with worse weather",
                amount=share,
                unit="1",
                note=rare_note,
                words="" if isfinite(share) else "clear sky",
            ),
        ),
    )


def geometry_part(found: Sight, *, allowed_gso_rad: float, min_elevation_rad: float) -> BudgetPart:
    """Where the satellite stands, and whether the site may use it there."""
    arc_in_sky = found.gso_separation_rad < pi
    low = found.elevation_rad < min_elevation_rad
    near = found.gso_separation_rad < allowed_gso_rad
    return BudgetPart(
        title="geometry",
        lines=(
            BudgetFact(
                name="elevation",
                amount=found.elevation_rad,
                unit="rad",
                note=f"below the {np.degrees(min_elevation_rad):g}° of this site: not used" if low else "",
            ),
            BudgetFact(name="azimuth", amount=found.azimuth_rad, unit="rad"),
            BudgetFact(name="range", amount=found.range_m, unit="m"),
            BudgetFact(name="angle from straight down, at the satellite", amount=found.nadir_rad, unit="rad"),
            BudgetFact(
                name="angle from the normal of the site's face",
                amount=found.face_rad,
                unit="rad",
                note="" if found.in_field else "outside the field of view: not used",
            ),
            BudgetFact(
                name="angle to the geostationary arc",
                amount=found.gso_separation_rad if arc_in_sky else nan,
                unit="rad",
                source=ARC_ANGLE,
                note=f"inside the {np.degrees(allowed_gso_rad):g}° kept free: not used" if near else "",
                words="" if arc_in_sky else "no arc in the sky",
            ),
        ),
    )


def way_part(path: AirPath, range_m: float, *, antenna_losses: tuple[BudgetTerm, ...]) -> BudgetPart:
    """From antenna to antenna: free space, the air, and how its parts meet; then what the antennas lose on each other.

    The four parts of the air are not all at their worst at once. The line below them gives back what their plain sum
    counts too much, so that the printed terms add up.
    """
    parts = path.loss
    plain = float((parts.gas_db + parts.cloud_db + parts.rain_db + parts.scintillation_db)[0])
    space_db = float(free_space_loss_db(np.array(range_m), np.array(path.frequency_hz)))
    lines = (
        _loss_term("free space", space_db, P525.name),
        _loss_term("gas", float(parts.gas_db[0]), P676_SLANT.name, note=_label(P676_SLANT, path)),
        _loss_term("cloud", float(parts.cloud_db[0]), P840.name, note=_label(P840, path, on=parts.cloud_db)),
        _loss_term("rain", float(parts.rain_db[0]), P618_RAIN.name, note=_label(P618_RAIN, path, on=parts.rain_db)),
        _loss_term(
            "scintillation",
            float(parts.scintillation_db[0]),
            P618_SCINTILLATION.name,
            note=_label(P618_SCINTILLATION, path, on=parts.scintillation_db),
        ),
        BudgetTerm(
            name="not all at once",
            value_db=plain - float(parts.total_db[0]),
            unit="dB",
            source=P618_TOTAL.name,
            note=_label(P618_TOTAL, path, on=parts.scintillation_db),
        ),
        *antenna_losses,
    )
    return BudgetPart(title="way", lines=lines)


def ground_receiver_part(
    path: AirPath, *, gain: BudgetTerm, scan: tuple[BudgetTerm, ...], noise: tuple[BudgetFact, BudgetFact]
) -> BudgetPart:
    """A receiver on the ground: its gain, its noise under a clear sky, and the noise that the weather adds.

    Args:
        path: The air that it looks through.
        gain: Straight ahead.
        scan: Losses by steering; none for a dish.
        noise: Of the receiver and of the antenna under a clear sky, K.
    """
    receiver, antenna = noise
    warm_k = float(antenna_temperature_in_rain_k(antenna.amount, path.fade_db))
    clear_db, now_db = (float(to_db(receiver.amount + sky_k)) for sky_k in (antenna.amount, warm_k))
    hears_db = gain.value_db - sum(term.value_db for term in scan) - now_db
    lines: tuple[BudgetLine, ...] = (
        gain,
        *scan,
        receiver,
        antenna,
        BudgetTerm(
            name="system noise, clear sky",
            value_db=clear_db,
            unit="dBK",
            source="receiver and antenna",
            assumed=receiver.assumed or antenna.assumed,
            loss=True,
        ),
        BudgetFact(name="antenna noise in this weather", amount=warm_k, unit="K", source=P618_NOISE.name),
        _loss_term("noise added by the weather", now_db - clear_db, P618_NOISE.name),
        BudgetFact(name="G/T towards the satellite", amount=hears_db, unit="dB/K", total=True),
    )
    return BudgetPart(title="receiver", lines=lines)


def cross_polar_lines(path: AirPath, antenna: BudgetFact) -> tuple[BudgetLine, ...]:
    """The other polarisation: what the antennas let through and what rain turns into it.

    Source: ITU-R P.618-14 §4.1, circular; elevation and share of the year held to its range.
    """
    method = P618_DEPOLARISATION
    rain_db, note = path.rain_cross_polar_db, ""
    if isfinite(path.exceedance) and float(path.loss.rain_db[0]) > 0.0:
        holds = [
            "held at 60°" if path.elevation_rad > method.highest_rad else "",
            "held at 1 % of the year" if path.exceedance > method.highest_exceedance else "",
        ]
        unknown = bool(outside_frequency(method, np.array(path.frequency_hz)))
        note = "not stated for this frequency: left out" if unknown else ", ".join(text for text in holds if text)
    together_db = float(combine_db(antenna.amount, rain_db))
    rain = BudgetFact(
        name="other polarisation, by rain",
        amount=rain_db,
        unit="dB",
        source=method.name,
        note=note,
        words="" if isfinite(rain_db) else "none",
    )
    total = BudgetTerm(
        name="carrier over the other polarisation",
        value_db=together_db,
        unit="dB",
        source="both together",
        assumed=antenna.assumed,
    )
    return antenna, rain, total


@dataclass(frozen=True, slots=True, kw_only=True)
class Caps:
    """What limits a rate besides the signal; every figure with its line.

    Attributes:
        symbol_rate: Symbols with data per second.
        duty_cycle: Share of time in which the sender may send; None sends always.
        limits: In bit/s; the smallest counts.
        note: On the rate's line.
    """

    symbol_rate: BudgetFact
    duty_cycle: BudgetFact | None = None
    limits: tuple[BudgetFact, ...] = ()
    note: str = ""


def rate_part(cn_db: float, law: RateLaw, rules: RadioRules, caps: Caps) -> tuple[BudgetPart, float]:
    """From carrier over noise to bits per second: the lines, and the rate."""
    margin_db = rules.margin.total_db
    efficiency = float(law.efficiency(np.array(cn_db), rules.margin))
    share = caps.duty_cycle.amount if caps.duty_cycle else 1.0
    raw_bps = efficiency * caps.symbol_rate.amount * share
    smallest = min(caps.limits, key=lambda limit: limit.amount, default=None)
    capped = smallest is not None and smallest.amount < raw_bps
    rate_bps = smallest.amount if smallest is not None and capped else raw_bps
    notes = [f"held by the {smallest.name}" if smallest is not None and capped else "", caps.note]
    lines = (
        BudgetFact(name="margin", amount=margin_db, unit="dB", source="the scenario's margin"),
        *_law_lines(law, cn_db - margin_db, rules),
        BudgetFact(name="bits per symbol", amount=efficiency, unit="bit"),
        caps.symbol_rate,
        *((caps.duty_cycle,) if caps.duty_cycle else ()),
        *caps.limits,
        BudgetFact(
            name="rate", amount=rate_bps, unit="bit/s", total=True, note="; ".join(note for note in notes if note)
        ),
    )
    return BudgetPart(title="rate", lines=lines), rate_bps


def _law_lines(law: RateLaw, usable_db: float, rules: RadioRules) -> tuple[BudgetFact, ...]:
    """Which modulation and code carry the link, and how far the next one is."""
    if not isinstance(law, Ladder):
        words = f"Shannon less {law.gap_db:g} dB" if isinstance(law, Shannon) else type(law).__name__
        return (BudgetFact(name="modulation and code", amount=nan, unit="", words=words),)
    row = int(law.rung(usable_db + rules.margin.total_db, rules.margin))
    closes, top = row >= 0, row == len(law.rungs) - 1
    return (
        BudgetFact(
            name="modulation and code",
            amount=nan,
            unit="",
            source=law.source,
            words=law.rungs[row].name if closes else "none: the link does not close",
        ),
        BudgetFact(
            name="its threshold",
            amount=float(law.threshold_db[row]) if closes else nan,
            unit="dB",
            words="" if closes else "none",
        ),
        BudgetFact(
            name="still to the next one",
            amount=nan if top else float(law.threshold_db[row + 1]) - usable_db,
            unit="dB",
            words="this is the best" if top else "",
        ),
    )


def origin_of(origins: Mapping[str, Origin], *names: str) -> Origin:
    """Where a figure is from, by the first of its names that is known; one that nobody explains counts as assumed."""
    return next((origins[name] for name in names if name in origins), _UNKNOWN)


def _loss_term(name: str, value_db: float, source: str, *, note: str = "") -> BudgetTerm:
    return BudgetTerm(name=name, value_db=value_db, unit="dB", source=source, loss=True, note=note)


def _label(method: Recommendation, path: AirPath, *, on: Floats | None = None) -> str:
    """What makes a line an extrapolation; nothing where the line holds nothing."""
    if on is not None and not float(on[0]) > 0.0:
        return ""
    beyond = []
    if outside_frequency(method, np.array(path.frequency_hz)):
        low = path.frequency_hz < method.lowest_hz
        beyond.append(f"below {method.lowest_hz / 1e9:g} GHz" if low else f"above {method.highest_hz / 1e9:g} GHz")
    if outside_elevation(method, np.array(path.elevation_rad)):
        beyond.append(f"below {np.degrees(method.lowest_rad):g}°")
    if isfinite(path.exceedance) and outside_exceedance(method, np.array(_share_of(method, path))):
        beyond.append(f"rarer than {100.0 * method.lowest_exceedance:g} % of the year")
    return f"extrapolated: {', '.join(beyond)}" if beyond else ""


def _share_of(method: Recommendation, path: AirPath) -> float:
    """Share of the year at which a method was asked: clouds are not taken rarer than 5 %, nor commoner than 50 %."""
    if method is P840:
        return min(float(slow_exceedance(np.array(path.exceedance))), MEDIAN_EXCEEDANCE)
    return path.exceedance
