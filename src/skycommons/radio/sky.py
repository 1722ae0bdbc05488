"""Tables of the sky: what the atmosphere takes from paths of many sites, by elevation, ready for millions of links.

The chain of P.618 is evaluated at some dozens of elevations of each site, exactly; a link between them is interpolated.
Elevations are so spaced that rain, which bends sharply near the zenith and breaks at 25° and 5°, is followed closely.
Everything that the weather does not change is computed once.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from skycommons.base.arrays import Bools, Floats, Floats32, Ints, check_shape
from skycommons.radio.atmosphere import cross_polar_discrimination_db
from skycommons.radio.climate import EXCEEDANCES, Climate
from skycommons.radio.cloud import cloud_loss_db
from skycommons.radio.gas import Air, gas_loss_db
from skycommons.radio.rain import RainPath, rain_height_m, rain_power_law, rare_rain_loss_db
from skycommons.radio.recommendations import P618_DEPOLARISATION
from skycommons.radio.scintillation import Aperture, scintillation_deviation_db
from skycommons.radio.sky_kernel import (
    COLUMNS,
    DAMPING,
    DEVIATION,
    GROUND,
    HIGH_END,
    HIGH_NODES,
    LOG_RARE,
    LOW_NODES,
    LOW_START,
    MIDDLE_NODES,
    MIDDLE_START,
    SINE,
    SLANT,
    STEEP,
    VERTICAL,
    WHOLE,
    XPD,
    fill_sky,
    place_at,
)
from skycommons.radio.slant_paths import CIRCULAR_TILT_RAD

LOWEST_RAD: Final = float(np.radians(0.5))  # below this elevation no loss is given
_ZENITH_RAD = np.pi / 2.0
_EDGE_25_RAD, _EDGE_5_RAD = float(np.radians(25.0)), float(np.radians(5.0))
_BELOW_EDGE_RAD = 1e-9  # where rain breaks, the lower side has a node of its own
_EFFECTIVE_RADIUS_KM = 8_500.0  # P.618-14 §2.2.1.1


@dataclass(frozen=True, slots=True, kw_only=True)
class PathLosses:
    """What the sky does to ``L`` links; NaN where a site's table does not reach.

    Attributes:
        total_db: All parts together.
        fade_db: Gas, cloud and rain above the gas of a clear sky: what warms an antenna.
        cross_polar_db: Discrimination through rain and ice; infinite without rain.
    """

    total_db: Floats
    fade_db: Floats
    cross_polar_db: Floats


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SkyGrid:
    """Elevations at which the losses of ``G`` sites are kept, ``N`` in all.

    Attributes:
        first: ``(G+1,)`` the nodes of site ``g`` are ``first[g]:first[g+1]``; a site that sees nothing has none.
        site: ``(N,)``.
        elevation_rad: ``(N,)`` falling within a site.
        scales: ``(G, 2)`` nodes per unit of the fourth root of the cotangent, from 25° to 5° and below; NaN without.
    """

    first: Ints
    site: Ints
    elevation_rad: Floats
    scales: Floats

    @staticmethod
    def down_to(min_elevation_rad: Floats) -> "SkyGrid":
        """Nodes from the zenith to at least each site's minimum elevation; NaN is a site that sees nothing.

        Args:
            min_elevation_rad: ``(G,)``; `LOWEST_RAD` where it is lower.
        """
        least = np.maximum(min_elevation_rad, LOWEST_RAD)
        middle, low = least < _EDGE_25_RAD, least < _EDGE_5_RAD
        counts = np.where(np.isnan(least), 0, HIGH_NODES + MIDDLE_NODES * middle + LOW_NODES * low)
        first = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        site = np.repeat(np.arange(len(least)), counts)
        ends = np.stack([np.where(low, _EDGE_5_RAD, least), least], axis=1)
        starts, spans = np.array([MIDDLE_START, LOW_START]), np.array([MIDDLE_NODES, LOW_NODES]) - 1
        width = np.tan(ends) ** -0.25 - starts
        scales = np.where(np.stack([middle, low], axis=1), spans / np.maximum(width, 1e-9), np.nan)
        place = np.arange(len(site)) - first[site]
        elevation = _node_elevations(place, scales[site], ends[site])
        return SkyGrid(first=first, site=site, elevation_rad=elevation, scales=scales)

    def __len__(self) -> int:
        return len(self.first) - 1


def _node_elevations(place: Ints, scales: Floats, ends: Floats) -> Floats:
    """Elevation of the nodes by their place in their site's row, with the edges hit exactly."""
    middle, low = place - HIGH_NODES, place - HIGH_NODES - MIDDLE_NODES
    cotangent = np.where(
        middle < 0,
        (place * (HIGH_END / (HIGH_NODES - 1))) ** 2,
        np.where(low < 0, MIDDLE_START + middle / scales[:, 0], LOW_START + low / scales[:, 1]) ** 4,
    )
    elevation = np.arctan2(1.0, cotangent)
    edges = (
        (place == HIGH_NODES - 1, _EDGE_25_RAD),
        (middle == 0, _EDGE_25_RAD - _BELOW_EDGE_RAD),
        (middle == MIDDLE_NODES - 1, ends[:, 0]),
        (low == 0, _EDGE_5_RAD - _BELOW_EDGE_RAD),
        (low == LOW_NODES - 1, ends[:, 1]),
    )
    return np.select([at for at, _ in edges], [edge for _, edge in edges], elevation)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SkyTable:
    """Everything of the sky at ``G`` sites and one carrier frequency that the weather does not change.

    Attributes:
        grid: The elevations.
        frequency_hz: Of the carrier.
        nodes: ``(N, COLUMNS)`` as `sky_kernel` reads them.
        gas_db: ``(G, 4)`` towards the zenith, with vapour evenly spaced from that of a median day to that of 5 % of the year.
        slow: ``(G, E, 2)`` vapour on this way, 0 to 1, and cloud towards the zenith in dB, at the shares `EXCEEDANCES`.
        constants: Of the rain's power law and of depolarisation, as `sky_kernel` reads them.
    """

    grid: SkyGrid
    frequency_hz: float
    nodes: Floats
    gas_db: Floats
    slow: Floats
    constants: Floats

    @staticmethod
    def prepare(climate: Climate, *, frequency_hz: float, aperture: Aperture, min_elevation_rad: Floats) -> "SkyTable":
        """Prepare the sky of all sites of a climate.

        Args:
            climate: Of ``G`` sites.
            frequency_hz: 1 to 90 GHz.
            aperture: Antennas of the sites, ``(G,)``.
            min_elevation_rad: ``(G,)``; NaN for a site that sees nothing.
        Raises:
            ShapeError: An array is not ``(G,)``.
        Source: ITU-R P.618-14, P.676-13 annex 2 and P.840-9, circular polarisation.
        """
        check_shape("min_elevation_rad", min_elevation_rad, (len(climate),))
        grid = SkyGrid.down_to(min_elevation_rad)
        law = rain_power_law(np.asarray(frequency_hz), np.asarray(_ZENITH_RAD), np.asarray(CIRCULAR_TILT_RAD))
        base_db, slope = _depolarisation(frequency_hz, grid.elevation_rad)
        nodes = np.empty((len(grid.site), COLUMNS))
        nodes[:, SINE] = np.sin(grid.elevation_rad)
        nodes[:, XPD] = base_db
        nodes[:, DEVIATION] = scintillation_deviation_db(
            np.asarray(frequency_hz),
            grid.elevation_rad,
            wet_refractivity=climate.wet_refractivity[grid.site],
            aperture=Aperture(
                diameter_m=np.broadcast_to(aperture.diameter_m, (len(climate),))[grid.site],
                efficiency=np.broadcast_to(aperture.efficiency, (len(climate),))[grid.site],
            ),
        )
        _put_rain(nodes, climate, grid, frequency_hz)
        return SkyTable(
            grid=grid,
            frequency_hz=frequency_hz,
            nodes=nodes,
            gas_db=_zenith_gas_db(climate, frequency_hz),
            slow=_slow(climate, frequency_hz),
            constants=np.array([float(law.k), float(law.alpha), frequency_hz / 1e9, slope]),
        )

    def __len__(self) -> int:
        return len(self.grid)

    def clear(self) -> "Sky":
        """A clear sky everywhere: gas of a median day, no cloud, no rain, no scintillation."""
        nothing = np.full(len(self), np.nan)
        return self.at(nothing, nothing)

    def at(self, exceedance: Floats, rain_rate_mm_h: Floats, *, out: Floats | Floats32 | None = None) -> "Sky":
        """The sky of an instant.

        Args:
            exceedance: ``(G,)`` share of the year; held to 1e-5 to 1; NaN is a clear sky.
            rain_rate_mm_h: ``(G,)`` measured or forecast; NaN where the exceedance counts. Where it rains, gas and cloud
                are those of 5 % of the year, else those of 50 %; nothing is said of scintillation then.
            out: ``(N, 3)`` room for the values, in either precision.
        Raises:
            ShapeError: An array is not ``(G,)``.
        Accuracy: at the nodes 1e-9 of the chain in NumPy, 1e-8 where rain is measured and 1e-5 between 5 % and 50 %;
            between them 0.02 dB or 0.5 %, for 99.9 % of paths 0.3 %; discrimination 0.3 dB (tests/radio/test_sky.py).
        """
        check_shape("exceedance", exceedance, (len(self),))
        check_shape("rain_rate_mm_h", rain_rate_mm_h, (len(self),))
        values = np.empty((len(self.nodes), 3)) if out is None else out
        fill_sky(
            self.grid.first,
            self.nodes,
            self.gas_db,
            self.slow,
            np.log(np.array(EXCEEDANCES)),
            self.constants,
            np.asarray(exceedance, dtype=np.float64),
            np.asarray(rain_rate_mm_h, dtype=np.float64),
            values,
        )
        return Sky(grid=self.grid, values=values)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sky:
    """The sky of one instant at one carrier frequency.

    Attributes:
        grid: The elevations.
        values: ``(N, 3)`` total loss and fade in dB, both times the sine of the elevation, and the share of power that
            is depolarised.
    """

    grid: SkyGrid
    values: Floats | Floats32

    @property
    def total_db(self) -> Floats:
        """``(N,)`` total loss at the nodes."""
        return np.asarray(self.values[:, 0] / np.sin(self.grid.elevation_rad))

    @property
    def fade_db(self) -> Floats:
        """``(N,)`` absorption at the nodes above the gas of a clear sky."""
        return np.asarray(self.values[:, 1] / np.sin(self.grid.elevation_rad))

    @property
    def cross_polar_db(self) -> Floats:
        """``(N,)`` cross-polar discrimination at the nodes; infinite without rain."""
        return _ratio_db(np.asarray(self.values[:, 2], dtype=np.float64))

    def losses(self, site: Ints, sine_elevation: Floats) -> PathLosses:
        """Losses of links, interpolated.

        Args:
            site: ``(L,)`` rows.
            sine_elevation: ``(L,)``.
        """
        places = [
            place_at(float(sine), middle, low)
            for sine, (middle, low) in zip(sine_elevation, self.grid.scales[site], strict=True)
        ]
        node = np.array([place for place, _ in places], dtype=np.int64)
        part = np.array([rest for _, rest in places])[:, np.newaxis]
        known: Bools = (node >= 0) & (self.grid.first[site + 1] > self.grid.first[site])
        row = np.where(known, self.grid.first[site] + node, 0)
        if not len(self.values):
            mixed = np.full((len(row), 3), np.nan)
        else:
            mixed = self.values[row] + part * (
                self.values[np.minimum(row + 1, len(self.values) - 1)] - self.values[row]
            )
        mixed = np.where(known[:, np.newaxis], mixed, np.nan)
        return PathLosses(
            total_db=mixed[:, 0] / sine_elevation,
            fade_db=mixed[:, 1] / sine_elevation,
            cross_polar_db=_ratio_db(mixed[:, 2]),
        )


def _ratio_db(depolarised: Floats) -> Floats:
    """Discrimination from the share of power that is depolarised."""
    with np.errstate(divide="ignore"):
        return np.asarray(0.0 - 10.0 * np.log10(depolarised))


def _zenith_gas_db(climate: Climate, frequency_hz: float) -> Floats:
    """``(G, 4)`` gas towards the zenith at four densities of vapour; on other paths it is 1 / sin of it."""
    damp, dry = climate.vapour_kg_m3[:, :1], climate.vapour_kg_m3[:, -1:]
    air = Air(
        pressure_pa=climate.pressure_pa[:, np.newaxis],
        temperature_k=climate.temperature_k[:, np.newaxis],
        vapour_kg_m3=dry + (damp - dry) * np.arange(4) / 3.0,
    )
    return gas_loss_db(np.asarray(frequency_hz), np.asarray(_ZENITH_RAD), air).total_db


def _slow(climate: Climate, frequency_hz: float) -> Floats:
    """``(G, E, 2)`` what changes with the seasons: vapour between its ends, and cloud towards the zenith."""
    damp, dry = climate.vapour_kg_m3[:, :1], climate.vapour_kg_m3[:, -1:]
    part = (climate.vapour_kg_m3 - dry) / np.where(damp == dry, 1.0, damp - dry)
    cloud_db = cloud_loss_db(np.asarray(frequency_hz), np.asarray(_ZENITH_RAD), climate.liquid_kg_m2)
    return np.stack([part, cloud_db], axis=2)


def _depolarisation(frequency_hz: float, elevation_rad: Floats) -> tuple[Floats, float]:
    """Discrimination at 1 dB of rain before ice and canting, ``(N,)``, and its slope per decade; NaN outside the method."""

    def at(elevation: Floats, rain_db: float) -> Floats:
        xpd_db = cross_polar_discrimination_db(
            np.asarray(frequency_hz),
            elevation,
            tilt_rad=np.asarray(CIRCULAR_TILT_RAD),
            rain_db=np.asarray(rain_db),
            exceedance=np.asarray(0.01),
        )
        return np.asarray(xpd_db / 0.85)  # at 1 % of the year ice takes 15 %, and nothing is canted

    held = np.asarray(P618_DEPOLARISATION.highest_rad)
    return at(np.minimum(elevation_rad, held), 1.0), float(at(held, 1.0) - at(held, 10.0))


def _put_rain(nodes: Floats, climate: Climate, grid: SkyGrid, frequency_hz: float) -> None:
    """Rain's columns: the loss of 0.01 % of the year, and the path's lengths for a measured rate. P.618-14 §2.2.1.1."""
    site, elevation = grid.site, grid.elevation_rad
    latitude, height_m = climate.latitude_rad[site], climate.height_m[site]
    top_m = rain_height_m(climate.freezing_height_m)[site]
    path = RainPath(  # a whole climate for each node would be as large as the nodes
        frequency_hz=np.asarray(frequency_hz),
        elevation_rad=elevation,
        tilt_rad=np.asarray(CIRCULAR_TILT_RAD),
        latitude_rad=latitude,
        height_m=height_m,
        rain_height_m=top_m,
        rate_mm_h=climate.rain_rate_mm_h[site],
    )
    with np.errstate(divide="ignore"):
        nodes[:, LOG_RARE] = np.log(rare_rain_loss_db(path))
    sine, cosine = np.sin(elevation), np.cos(elevation)
    rising = np.maximum((top_m - height_m) / 1e3, 0.0)
    inward = np.maximum(36.0 - np.abs(np.degrees(latitude)), 0.0)
    steep = 0.005 * inward + np.where(elevation < _EDGE_25_RAD, 1.8 - 4.25 * sine, 0.0)
    nodes[:, STEEP] = np.where(inward > 0.0, steep * sine, 0.0)
    bent = np.sqrt(sine**2 + 2.0 * rising / _EFFECTIVE_RADIUS_KM) + sine
    nodes[:, WHOLE] = rising / sine
    nodes[:, SLANT] = np.where(elevation >= _EDGE_5_RAD, rising / sine, 2.0 * rising / bent)
    nodes[:, GROUND] = nodes[:, SLANT] * cosine
    nodes[:, DAMPING] = 0.38 * (1.0 - np.exp(-2.0 * nodes[:, GROUND]))
    nodes[:, VERTICAL] = 31.0 * (1.0 - np.exp(-np.degrees(elevation) / (1.0 + inward))) / (frequency_hz / 1e9) ** 2
