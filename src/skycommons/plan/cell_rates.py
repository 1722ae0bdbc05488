"""Rates of cells: weather and equipment by zone instead of by cell.

Rules: cells share the weather and the climate of their zone, an H3 cell of a coarser resolution, judged at its centre and at
the height of the terrain there. A rate is that of the equipment's first terminal with a beam to itself, towards a satellite at
the usual altitude of its payload, due east of the terminal: the pole's side of a tilted face gets a little more, the other
less. Rates are kept at some sines of elevation and straight between; below the lowest at which both ways close there is none.
"""

from dataclasses import dataclass, replace

import numpy as np

from skycommons.base.arrays import Bools, Floats, Ints, check_shape, freeze
from skycommons.base.constants import EARTH_MEAN_RADIUS_M, WGS72_MU_M3_S2
from skycommons.model.rules import ClearSky, FixedExceedance, MeasuredRain, Showers, SimulatedWeather
from skycommons.model.scenario import Scenario
from skycommons.model.world import SiteKind, Sites, World
from skycommons.model.zones import ZONE_RESOLUTION, zones_of
from skycommons.orbit.frames import up_axis
from skycommons.plan.radio import Radio, Skies
from skycommons.plan.showers import showers_over
from skycommons.plan.weather import SteadyWeather, WeatherModel, WeatherState, weather_of
from skycommons.radio.climate import terrain_height_m

NODES = 12  # sines of elevation
NEAR_RAIN_M = 100e3  # a measured site tells nothing of zones farther away; rain is alike to 0.4 over 100 km
_LOWEST_SINE, _HIGHEST_SINE = 0.01, 0.99  # between which the lowest node lies
_BLOCK = 1024  # zones compared with all sites at once
_HALVINGS = 10  # of the interval in which a link begins to close: a thousandth of 3° to 8°


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CellRatesNow:
    """Rates at one instant, of ``Z`` zones, ``PL`` payloads and ``E`` elevations.

    Attributes:
        zone: ``(C,)`` row of each cell's zone.
        sine: ``(E,)`` sines of elevation, evenly spaced from the lowest usable to 1.
        down_bps, up_bps: ``(Z, PL, E)`` of one beam; 0 for payloads that do not fly.
        least_sine: ``(Z, PL)`` lowest sine of elevation from which links close both ways; infinite if never.
    """

    zone: Ints
    sine: Floats
    down_bps: Floats
    up_bps: Floats
    least_sine: Floats

    def __post_init__(self) -> None:
        check_shape("down_bps", self.down_bps, (*self.least_sine.shape, len(self.sine)))
        check_shape("up_bps", self.up_bps, self.down_bps.shape)
        freeze(self.zone, self.sine, self.down_bps, self.up_bps, self.least_sine)

    def links(self, cell: Ints, payload: Ints, sine_elevation: Floats) -> tuple[Floats, Floats]:
        """Rates of links with a beam to themselves, down and up.

        Args:
            cell, payload: ``(L,)`` rows.
            sine_elevation: ``(L,)``; NaN for no link.
        Returns:
            ``(L,)`` each, 0 where the link does not close.
        Accuracy: 2 % of `Radio` at the zone's centre and the nodes; between them the ladder's steps are smoothed
            (docs/concepts/options.md says by how much).
        """
        zone, last = self.zone[cell], len(self.sine) - 1
        closes: Bools = sine_elevation >= self.least_sine[zone, payload]
        place = (np.where(closes, sine_elevation, 1.0) - self.sine[0]) / (1.0 - self.sine[0]) * last
        node = np.clip(place.astype(np.int64), 0, last - 1)
        part = np.clip(place - node, 0.0, 1.0)
        down_bps, up_bps = (
            np.where(
                closes,
                (1.0 - part) * table[zone, payload, node] + part * table[zone, payload, node + 1],
                0.0,
            )
            for table in (self.down_bps, self.up_bps)
        )
        return down_bps, up_bps


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CellRates:
    """A scenario's cells prepared for rates at any instant.

    Attributes:
        zone: ``(C,)`` row of each cell's zone.
        longitude_rad: ``(Z,)`` of the zones' centres.
        radio: Of one terminal at each.
        payloads: How many payloads the equipment has, ``PL``.
        flying: ``(F,)`` rows of those that fly.
        radius_m: ``(F,)`` from the Earth's centre to the satellites that carry them, the median.
        sine: ``(E,)``.
        steady: The rates of a weather that does not change.
    """

    zone: Ints
    longitude_rad: Floats
    radio: Radio
    payloads: int
    flying: Ints
    radius_m: Floats
    sine: Floats
    steady: CellRatesNow | None = None

    @staticmethod
    def of(
        scenario: Scenario,
        latitude_rad: Floats,
        longitude_rad: Floats,
        *,
        zone_resolution: int = ZONE_RESOLUTION,
        nodes: int = NODES,
    ) -> "CellRates":
        """Prepare the zones of some cells.

        Args:
            scenario: Equipment, satellites, radio rules and weather.
            latitude_rad, longitude_rad: ``(C,)`` centres of the cells.
            zone_resolution: Of H3, at most 5.
            nodes: Elevations at which rates are kept, at least 2.
        Raises:
            PhysicsError: A carrier that no method for the atmosphere reaches.
            PlanError: The weather is not that of the scenario's sites and span.
        """
        zone, north, east = zones_of(latitude_rad, longitude_rad, zone_resolution)
        world = scenario.world
        lowest = np.sin(world.equipment.terminals[0].min_elevation_rad)
        sine = np.linspace(np.clip(lowest, _LOWEST_SINE, _HIGHEST_SINE), 1.0, nodes)
        sites = _terminals(world, north, east, least_rad=float(np.arcsin(sine[0])))
        radio = _radio(scenario, sites)
        flying = np.unique(radio.payload)
        rates = CellRates(
            zone=zone,
            longitude_rad=east,
            radio=radio,
            payloads=len(world.equipment.payloads),
            flying=flying,
            radius_m=_radii_m(world, radio.payload, flying),
            sine=sine,
        )
        return replace(rates, steady=rates.at(scenario.start_ns)) if isinstance(radio.weather, SteadyWeather) else rates

    @property
    def words(self) -> str:
        """The weather, as a sentence of a report without its full stop."""
        return self.radio.weather.words

    def at(self, time_ns: int) -> CellRatesNow:
        """Rates in the weather of an instant, UTC unix ns."""
        if self.steady is not None:
            return self.steady
        skies = self.radio.skies(time_ns)
        zones, kinds, nodes = len(self.longitude_rad), len(self.flying), len(self.sine)
        shape = (zones, kinds, nodes)
        site, kind, node = (index.ravel() for index in np.indices(shape))
        down, up = self._rates_bps(skies, site, kind, sine=self.sine[node])
        down_bps, up_bps = np.zeros((2, zones, self.payloads, nodes))
        down_bps[:, self.flying], up_bps[:, self.flying] = down.reshape(shape), up.reshape(shape)
        least_sine = np.full((zones, self.payloads), np.inf)
        least_sine[:, self.flying] = self._least_sine(skies, (down > 0.0).reshape(shape) & (up > 0.0).reshape(shape))
        return CellRatesNow(zone=self.zone, sine=self.sine, down_bps=down_bps, up_bps=up_bps, least_sine=least_sine)

    def _least_sine(self, skies: Skies, closes: Bools) -> Floats:
        """``(Z, F)`` from where every higher node closes, halved down between it and the node below."""
        run = np.cumprod(closes[:, :, ::-1], axis=2).sum(axis=2)  # nodes that close, counted from the zenith
        first = len(self.sine) - run
        least = np.where(run > 0, self.sine[np.minimum(first, len(self.sine) - 1)], np.inf)
        least[first == 0] = 0.0
        site, kind = np.nonzero((run > 0) & (first > 0))
        high = least[site, kind]
        low = self.sine[first[site, kind] - 1]
        for _ in range(_HALVINGS if len(site) else 0):
            middle = 0.5 * (low + high)
            down, up = self._rates_bps(skies, site, kind, sine=middle)
            works: Bools = (down > 0.0) & (up > 0.0)
            low, high = np.where(works, low, middle), np.where(works, middle, high)
        least[site, kind] = high
        return least

    def _rates_bps(self, skies: Skies, site: Ints, kind: Ints, *, sine: Floats) -> tuple[Floats, Floats]:
        """Rates of zones to satellites that stand for a payload at some elevation."""
        radio = replace(self.radio, payload=self.flying[kind])
        place_m = self._positions_m(site, kind, sine)
        return radio.rates_bps(skies, site, np.arange(len(site)), place_m)

    def _positions_m(self, site: Ints, kind: Ints, sine: Floats) -> Floats:
        """``(L, 3)`` satellites due east of zones, at their payload's altitude."""
        here_m, up = self.radio.horizon.position_itrf_m[site], self.radio.horizon.up_itrf[site]
        east = np.stack([-np.sin(self.longitude_rad), np.cos(self.longitude_rad), np.zeros(len(self.longitude_rad))])
        flat = np.sqrt(1.0 - np.minimum(sine, 1.0) ** 2)
        towards = flat[:, np.newaxis] * east.T[site] + sine[:, np.newaxis] * up
        along = np.einsum("ij,ij->i", here_m, towards)
        inside = along**2 - np.einsum("ij,ij->i", here_m, here_m) + self.radius_m[kind] ** 2
        return np.asarray(here_m + (np.sqrt(inside) - along)[:, np.newaxis] * towards)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NearestWeather:
    """Weather that is known at some sites, taken for the places near them; clear sky elsewhere.

    Attributes:
        known: At the sites.
        site: ``(Z,)`` site that each place takes its weather from; -1 for none.
        words: As `WeatherModel`.
    """

    known: WeatherModel
    site: Ints
    words: str

    def at(self, time_ns: int) -> WeatherState:
        """The weather at an instant, UTC unix ns."""
        state = self.known.at(time_ns)
        columns = (state.exceedance, state.rain_rate_mm_h)
        exceedance, rain = (np.append(column, np.nan)[self.site] for column in columns)
        return WeatherState(exceedance=exceedance, rain_rate_mm_h=rain)


def _terminals(world: World, latitude_rad: Floats, longitude_rad: Floats, *, least_rad: float) -> Sites:
    """A terminal of the first type at each zone's centre, which points anywhere: cells test their own field of view."""
    zones = len(latitude_rad)
    return Sites(
        ids=tuple(f"zone-{row}" for row in range(zones)),
        kind=np.full(zones, int(SiteKind.TERMINAL)),
        latitude_rad=latitude_rad,
        longitude_rad=longitude_rad,
        height_m=terrain_height_m(latitude_rad, longitude_rad),
        min_elevation_rad=np.full(zones, least_rad),
        gso_exclusion_rad=np.zeros(zones),
        home_pop=np.full(zones, -1),
        equipment=np.zeros(zones, dtype=np.int64),
        tilt_rad=np.full(zones, world.equipment.terminals[0].tilt_rad),
        field_of_view_rad=np.full(zones, 2.0 * np.pi),
        antennas=np.full(zones, -1),
    )


def _radio(scenario: Scenario, zones: Sites) -> Radio:
    """Of the zones: a rule of weather that holds anywhere as it is, else what is known near them."""
    if isinstance(scenario.radio.weather, Showers):
        under = _radio(scenario.replace(radio=replace(scenario.radio, weather=scenario.radio.weather.base)), zones)
        return replace(under, weather=showers_over(under.weather, scenario.radio.weather.showers, zones))
    inner = scenario.replace(world=replace(scenario.world, sites=zones), pairs=())
    if isinstance(scenario.radio.weather, ClearSky | FixedExceedance | SimulatedWeather):
        return Radio.of(inner)
    dry = Radio.of(inner.replace(radio=replace(scenario.radio, weather=ClearSky())))
    return replace(dry, weather=_nearest_weather(scenario, zones), notes=dry.notes[1:])  # the first is of the weather


def _nearest_weather(scenario: Scenario, zones: Sites) -> NearestWeather:
    """What is known at the scenario's sites, for the zones near them."""
    rule, sites = scenario.radio.weather, scenario.world.sites
    known = weather_of(rule, sites, start_ns=scenario.start_ns, seed=scenario.seed)
    has_data: Bools = np.ones(len(sites), dtype=np.bool_)
    if isinstance(rule, MeasuredRain):
        has_data = np.logical_not(np.isnan(rule.table.rate_mm_h).all(axis=0), out=has_data)
    site = _nearest(zones, sites, np.flatnonzero(has_data))
    dry = int(np.count_nonzero(site < 0))
    reach = f"cells take that of the nearest site within {NEAR_RAIN_M / 1e3:.0f} km"
    words = f"{known.words}; {reach}, and {dry:,} of {len(zones):,} zones of cells, which have none, a clear sky"
    return NearestWeather(known=known, site=site, words=words)


def _nearest(zones: Sites, sites: Sites, rows: Ints) -> Ints:
    """``(Z,)`` the nearest of these rows to each zone, -1 where none is near."""
    found = np.full(len(zones), -1, dtype=np.int64)
    if not len(rows):
        return found
    places = up_axis(sites.latitude_rad[rows], sites.longitude_rad[rows])
    least = np.cos(NEAR_RAIN_M / EARTH_MEAN_RADIUS_M)
    for first in range(0, len(zones), _BLOCK):
        block = slice(first, first + _BLOCK)
        cosine = up_axis(zones.latitude_rad[block], zones.longitude_rad[block]) @ places.T
        best = np.argmax(cosine, axis=1)
        found[block] = np.where(cosine[np.arange(len(best)), best] >= least, rows[best], -1)
    return found


def _radii_m(world: World, payload: Ints, flying: Ints) -> Floats:
    """Median semi-major axis of the satellites of each payload."""
    axis_m = np.cbrt(WGS72_MU_M3_S2 / world.satellites.elements.mean_motion_rad_s**2)
    return np.array([np.median(axis_m[payload == row]) for row in flying])
