"""The world in one number: for each place of a grid, the share of an average year in which a terminal gets a rate.

One terminal, one satellite of the fleet's usual kind, one elevation. Not the network: a place without gateways, or one
whose cells are full, looks as good here as any other.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from skycommons.base.arrays import Bools, Floats
from skycommons.base.errors import InputError
from skycommons.model.equipment import TerminalType
from skycommons.model.land import land_rings
from skycommons.model.scenario import Scenario
from skycommons.plan.availability import COMMONEST, RAREST, Downlink, find_availability
from skycommons.plan.usual import usual_elevations_rad, usual_satellite
from skycommons.radio.climate import climate_at
from skycommons.radio.recommendations import RECOMMENDATIONS

LEVELS: Final = (0.99, 0.999, 0.9999)  # availabilities of which the share of land is told
MINUTES_PER_YEAR: Final = 525_960.0  # of 365.25 days
# Shares of the year that a class of the map loses at most; what loses more is the last class.
LOST_EDGES: Final = (RAREST, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 5e-2, COMMONEST)
_ROUNDING: Final = 1e-9
_PLACES_AT_ONCE: Final = 8_192
_FINEST_DEG, _COARSEST_DEG = 0.25, 30.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Atlas:
    """Availability of a rate over the world, ``R`` parallels by ``C`` meridians.

    Attributes:
        name: Of the scenario.
        link: Satellite and terminal.
        satellites: How many of the fleet carry this payload.
        rate_bps: Wanted.
        spacing_deg: Width and height of a cell.
        by_latitude: Whether the elevation is the usual one of each parallel; else it is the same everywhere.
        latitude_deg, longitude_deg: ``(R,)`` and ``(C,)``, middles of the cells.
        elevation_deg: ``(R,)``; NaN where no satellite is seen.
        share: ``(R, C)`` of an average year, NaN where no satellite is seen.
        clear_margin_db: ``(R, C)`` of the signal under a clear sky over what the rate needs.
        land: ``(R, C)`` whether the middle of a cell is on land.
    """

    name: str
    link: Downlink
    satellites: int
    rate_bps: float
    spacing_deg: float
    by_latitude: bool
    latitude_deg: Floats
    longitude_deg: Floats
    elevation_deg: Floats
    share: Floats
    clear_margin_db: Floats
    land: Bools

    def lost_class(self) -> Floats:
        """``(R, C)`` place of each cell among `LOST_EDGES`; NaN where no satellite is seen."""
        place = np.searchsorted(np.array(LOST_EDGES) * (1.0 + _ROUNDING), 1.0 - self.share - _ROUNDING * RAREST)
        return np.where(np.isnan(self.share), np.nan, place)

    def land_at_least(self, availability: float) -> float:
        """Share of the land's area with at least this availability."""
        area = np.where(self.land, np.cos(np.radians(self.latitude_deg))[:, None], 0.0)
        return float((area * (self.share >= availability - _ROUNDING * RAREST)).sum() / area.sum())

    def assumptions(self) -> tuple[str, ...]:
        """What a reader must know, as sentences."""
        elevation = (
            "At each latitude the satellite stands at the elevation that half of the usable satellites exceed."
            if self.by_latitude
            else f"The satellite stands at an elevation of {self.elevation_deg[0]:g}° everywhere."
        )
        satellite = (
            f"The satellite carries payload {self.link.payload.name}, as {self.satellites:,} of the fleet do, at "
            f"{self.link.altitude_m / 1e3:.0f} km; the terminal's face leans towards it."
        )
        weather = (
            "Rain, cloud, gas and scintillation are those of an average year by ITU-R P.618-14; its rarest weather is "
            "0.001 % of the year, so that 99.999 % means at least that, and 50 % means at most that."
        )
        alone = "One terminal has the whole beam. Gateways, traffic and obstacles are not in it."
        return elevation, satellite, weather, alone

    def to_json_dict(self) -> dict[str, object]:
        """The summary: what was asked, and how much of the land has it."""
        one = np.unique(self.elevation_deg[np.isfinite(self.elevation_deg)])
        return {
            "scenario": self.name,
            "rate_mbps": self.rate_bps / 1e6,
            "most_mbps": self.link.most_bps / 1e6,
            "terminal": self.link.terminal.name,
            "payload": self.link.payload.name,
            "altitude_km": self.link.altitude_m / 1e3,
            "frequency_ghz": self.link.payload.down.frequency_hz / 1e9,
            "elevation_deg": {"lowest": float(one.min()), "highest": float(one.max())} if len(one) else None,
            "spacing_deg": self.spacing_deg,
            "land_share": {f"{100 * level:g} %": self.land_at_least(level) for level in LEVELS},
            "recommendations": dict(RECOMMENDATIONS),
            "assumptions": self.assumptions(),
        }


def make_atlas(
    scenario: Scenario,
    *,
    rate_bps: float,
    terminal: TerminalType,
    elevation_rad: float | None = None,
    spacing_deg: float = 1.0,
    progress: Callable[[int], None] | None = None,
) -> Atlas:
    """Compute the world for one rate.

    Args:
        scenario: Its fleet and its rules.
        rate_bps: Wanted at least.
        terminal: Its type.
        elevation_rad: Of the satellite everywhere; None takes the usual one of each parallel.
        spacing_deg: Of the grid; 180 is a multiple of it.
        progress: Told how many parallels are done.
    Raises:
        InputError: The spacing does not divide the world, the rate cannot be had, or there are no satellites.
        PhysicsError: The elevation is not in the sky.
    """
    latitude_deg, longitude_deg = grid_deg(spacing_deg)
    usual = usual_satellite(scenario.world)
    link = Downlink(payload=usual.payload, terminal=terminal, rules=scenario.radio, altitude_m=usual.altitude_m)
    link.needed_cn_db(rate_bps)
    elevation = np.full(len(latitude_deg), np.nan if elevation_rad is None else elevation_rad)
    if elevation_rad is None:
        elevation = usual_elevations_rad(
            scenario,
            np.radians(latitude_deg),
            min_elevation_rad=terminal.min_elevation_rad,
            gso_exclusion_rad=terminal.gso_exclusion_rad,
        )
    shares, margins = [], []
    rows = max(_PLACES_AT_ONCE // len(longitude_deg), 1)
    for begin in range(0, len(latitude_deg), rows):
        part = slice(begin, begin + rows)
        latitude, longitude = np.meshgrid(np.radians(latitude_deg[part]), np.radians(longitude_deg), indexing="ij")
        above = np.repeat(elevation[part], len(longitude_deg))
        found = find_availability(link, climate_at(latitude.ravel(), longitude.ravel()), above, rate_bps=rate_bps)
        shares.append(found.share.reshape(latitude.shape))
        margins.append(found.clear_margin_db.reshape(latitude.shape))
        if progress:
            progress(len(latitude))
    return Atlas(
        name=scenario.name,
        link=link,
        satellites=usual.satellites,
        rate_bps=rate_bps,
        spacing_deg=spacing_deg,
        by_latitude=elevation_rad is None,
        latitude_deg=latitude_deg,
        longitude_deg=longitude_deg,
        elevation_deg=np.degrees(elevation),
        share=np.concatenate(shares),
        clear_margin_db=np.concatenate(margins),
        land=land_cells(latitude_deg, longitude_deg),
    )


def grid_deg(spacing_deg: float) -> tuple[Floats, Floats]:
    """Middles of the cells: latitudes from south to north, longitudes from west to east.

    Raises:
        InputError: The spacing is out of range, or 180 is no multiple of it.
    >>> [len(axis) for axis in grid_deg(1.0)]
    [180, 360]
    """
    if not _FINEST_DEG <= spacing_deg <= _COARSEST_DEG:
        raise InputError(f"a grid has cells of {_FINEST_DEG:g} to {_COARSEST_DEG:g} degrees, not {spacing_deg:g}")
    count = round(180.0 / spacing_deg)
    if abs(count * spacing_deg - 180.0) > 1e-6:
        raise InputError(f"cells of {spacing_deg:g} degrees do not fill 180 degrees; take {180.0 / count:g}")
    step = 180.0 / count
    latitude_deg: Floats = -90.0 + step * (np.arange(count, dtype=np.float64) + 0.5)
    longitude_deg: Floats = -180.0 + step * (np.arange(2 * count, dtype=np.float64) + 0.5)
    return latitude_deg, longitude_deg


def land_cells(latitude_deg: Floats, longitude_deg: Floats) -> Bools:
    """``(R, C)`` whether places of a grid are on land: `is_land`, one parallel at a time."""
    starts = np.concatenate([ring[:-1] for ring in land_rings()])
    ends = np.concatenate([ring[1:] for ring in land_rings()])
    inside = np.zeros((len(latitude_deg), len(longitude_deg)), dtype=np.bool_)
    for row, latitude in enumerate(latitude_deg):
        crosses = (starts[:, 1] > latitude) != (ends[:, 1] > latitude)
        (x0, y0), (x1, y1) = starts[crosses].T, ends[crosses].T
        crossing = np.sort(x0 + (latitude - y0) * ((x1 - x0) / (y1 - y0)))
        east = len(crossing) - np.searchsorted(crossing, longitude_deg, side="right")
        inside[row] = east % 2 == 1
    return inside
