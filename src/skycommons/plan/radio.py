"""Which rate a link has, with the equipment at its ends and the weather above its site.

Rules: what does not change from step to step is prepared once; a step costs a table of the sky for every site and one
compiled pass over its links. A rate is that of a link with a beam to itself. Heights of sites above the ellipsoid are taken
for heights above the sea, up to 100 m wrong. Satellites' arrays face the Earth's centre.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from skycommons.base.arrays import Bools, Floats, Floats32, Ints, Ints32, check_shape
from skycommons.model.scenario import Scenario
from skycommons.plan.radio_kernel import DOWN_BPS, DOWN_CN, FADE, LOSS, OUTPUTS, RATES, SCAN, UP_BPS, UP_CN, rate_links
from skycommons.plan.radio_legs import Laws, Legs, SkyNeed, laws_of, legs_of
from skycommons.plan.visibility import Horizon, View
from skycommons.plan.weather import WeatherModel, WeatherState, weather_of
from skycommons.radio.climate import Climate, climate_at
from skycommons.radio.recommendations import (
    P618_DEPOLARISATION,
    P618_RAIN,
    P618_SCINTILLATION,
    P618_TOTAL,
    RECOMMENDATIONS,
    outside_frequency,
)
from skycommons.radio.scintillation import Aperture
from skycommons.radio.sky import SkyGrid, SkyTable


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Skies:
    """What the atmosphere takes at one instant, at all sites and carriers of a `Radio`.

    Attributes:
        weather: It is that of this weather.
        values: ``(nodes, 3)`` as `Sky` holds them, carrier by carrier; single precision keeps 1e-4 dB and halves memory.
    """

    weather: WeatherState
    values: Floats32


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LinkRates:
    """Rates of ``L`` links and what explains them; 0 and NaN for links that cannot be.

    Attributes:
        down_bps, up_bps: ``(L,)`` from the satellite and to it, all bands and carriers of the link together.
        down_cn_db, up_cn_db: ``(L,)`` carrier over noise and interference, of a gateway in its first band.
        loss_db: ``(L,)`` what the atmosphere takes from this downlink.
        fade_db: ``(L,)`` gas, cloud and rain in it above the gas of a clear sky.
        scan_loss_db: ``(L,)`` what both arrays lose in it by steering; a satellite that turns its power up to its flux
            density on the ground makes up for its own part.
    """

    down_bps: Floats
    up_bps: Floats
    down_cn_db: Floats
    up_cn_db: Floats
    loss_db: Floats
    fade_db: Floats
    scan_loss_db: Floats

    def __len__(self) -> int:
        return len(self.down_bps)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Radio:
    """A scenario prepared for rates.

    Attributes:
        horizon: All sites.
        climate: Of all sites.
        weather: What the sky does.
        payload: ``(S,)`` rows of the satellites' payloads.
        legs: What the equipment can do.
        laws: From carrier over noise to bits.
        tables: The sky of each carrier, at the sites that `legs` names.
        sky_first: ``(K, G)`` first node of a site in a sky, -1 for none.
        scales: ``(G, 2)`` of the tables' elevations.
        notes: What a reader of results must know: weather, assumptions, extrapolations in force.
    """

    horizon: Horizon
    climate: Climate
    weather: WeatherModel
    payload: Ints
    legs: Legs
    laws: Laws
    tables: tuple[SkyTable, ...]
    sky_first: Ints
    scales: Floats
    notes: tuple[str, ...]

    @staticmethod
    def of(scenario: Scenario) -> "Radio":
        """Prepare a scenario.

        Raises:
            PhysicsError: A carrier that no method for the atmosphere reaches.
            PlanError: The weather is not that of the scenario's sites and span.
        """
        world, rules = scenario.world, scenario.radio
        sites = world.sites
        payload = world.equipment.payload_rows(world.satellites.generations)
        climate = climate_at(sites.latitude_rad, sites.longitude_rad, sites.height_m)
        weather = weather_of(rules.weather, sites, start_ns=scenario.start_ns, seed=scenario.seed)
        legs = legs_of(world.equipment, rules, sites, payload)
        tables = tuple(_sky_table(climate, need, sites.min_elevation_rad) for need in legs.needs)
        return Radio(
            horizon=Horizon.of(sites),
            climate=climate,
            weather=weather,
            payload=payload,
            legs=legs,
            laws=laws_of(rules),
            tables=tables,
            sky_first=_sky_first(legs.needs, tables, len(sites)),
            scales=SkyGrid.down_to(sites.min_elevation_rad).scales,
            notes=_notes(legs, weather, sites.min_elevation_rad),
        )

    @property
    def versions(self) -> Mapping[str, str]:
        """Subject to recommendation and version, to be stamped into results."""
        return RECOMMENDATIONS

    def skies(self, time_ns: int) -> Skies:
        """What the atmosphere takes at an instant, UTC unix ns."""
        return self.skies_of(self.weather.at(time_ns))

    def clear_skies(self) -> Skies:
        """What the atmosphere takes under a clear sky everywhere."""
        return self.skies_of(WeatherState.of_exceedance(np.full(len(self.climate), np.nan)))

    def skies_of(self, weather: WeatherState) -> Skies:
        """What the atmosphere takes in a weather.

        Raises:
            ShapeError: The weather is not that of all sites.
        """
        check_shape("exceedance", weather.exceedance, (len(self.climate),))
        values = np.empty((sum(len(table.nodes) for table in self.tables), 3), dtype=np.float32)
        begin = 0
        for need, table in zip(self.legs.needs, self.tables, strict=True):
            room = values[begin : begin + len(table.nodes)]
            table.at(weather.exceedance[need.rows], weather.rain_rate_mm_h[need.rows], out=room)
            begin += len(room)
        return Skies(weather=weather, values=values)

    def links(self, skies: Skies, site: Ints, sat: Ints | Ints32, position_itrf_m: Floats) -> LinkRates:
        """Rates of links, whether or not the geostationary arc forbids them.

        Args:
            skies: Of the instant.
            site, sat: ``(L,)`` rows.
            position_itrf_m: ``(S, 3)`` of the instant.
        Raises:
            ShapeError: The links or positions do not fit together.
        Accuracy: 0.02 dB of the budgets, line by line (tests/plan/test_radio.py).
        """
        columns = self._columns(skies, site, sat, position_itrf_m=position_itrf_m, outputs=OUTPUTS)
        return LinkRates(
            down_bps=columns[DOWN_BPS],
            up_bps=columns[UP_BPS],
            down_cn_db=columns[DOWN_CN],
            up_cn_db=columns[UP_CN],
            loss_db=columns[LOSS],
            fade_db=columns[FADE],
            scan_loss_db=columns[SCAN],
        )

    def rates_bps(self, skies: Skies, site: Ints, sat: Ints | Ints32, position_itrf_m: Floats) -> tuple[Floats, Floats]:
        """Rates of links from the satellite and to it, ``(L,)`` each, as `links` has them, without what explains them."""
        columns = self._columns(skies, site, sat, position_itrf_m=position_itrf_m, outputs=RATES)
        return columns[DOWN_BPS], columns[UP_BPS]

    def _columns(
        self, skies: Skies, site: Ints, sat: Ints | Ints32, *, position_itrf_m: Floats, outputs: int
    ) -> Floats:
        """Columns of `radio_kernel` for these links."""
        check_shape("sat", sat, (len(site),))
        check_shape("position_itrf_m", position_itrf_m, (len(self.payload), 3))
        return rate_links(
            np.asarray(site, dtype=np.int64),
            np.asarray(sat, dtype=np.int64),
            position_itrf_m,
            self.horizon.position_itrf_m,
            self.horizon.up_itrf,
            self.horizon.boresight_itrf,
            self.horizon.cosine_field_of_view,
            self.scales,
            self.legs.site_class,
            self.payload,
            self.legs.span,
            self.legs.columns,
            self.legs.marks,
            self.sky_first,
            skies.values,
            self.laws.columns,
            self.laws.starts,
            self.laws.scales,
            outputs,
        )

    def closing(self, view: View, skies: Skies, position_itrf_m: Floats) -> View:
        """The view without links that carry nothing in one direction or the other; their order stays.

        Args:
            view: What all sites see.
            skies: Of the instant.
            position_itrf_m: ``(S, 3)``.
        """
        site = np.repeat(np.arange(len(view.start) - 1), view.counts())
        down_bps, up_bps = self.rates_bps(skies, site, view.sat, position_itrf_m)
        closes: Bools = (down_bps > 0.0) & (up_bps > 0.0)
        before = np.concatenate([[0], np.cumsum(closes)]).astype(np.int64)
        return replace(
            view,
            start=before[view.start],
            sat=view.sat[closes],
            range_m=view.range_m[closes],
            sine_elevation=view.sine_elevation[closes],
        )


def _sky_table(climate: Climate, need: SkyNeed, min_elevation_rad: Floats) -> SkyTable:
    """The sky that some sites need."""
    return SkyTable.prepare(
        climate.take(need.rows),
        frequency_hz=need.frequency_hz,
        aperture=Aperture(diameter_m=need.aperture_m),
        min_elevation_rad=min_elevation_rad[need.rows],
    )


def _sky_first(needs: tuple[SkyNeed, ...], tables: tuple[SkyTable, ...], sites: int) -> Ints:
    """``(K, G)`` first node of each site in the skies laid end to end, -1 for none."""
    first = np.full((len(needs), sites), -1, dtype=np.int64)
    begin = 0
    for row, (need, table) in enumerate(zip(needs, tables, strict=True)):
        has_nodes = np.diff(table.grid.first) > 0
        first[row, need.rows] = np.where(has_nodes, begin + table.grid.first[:-1], -1)
        begin += len(table.nodes)
    return first


def _notes(legs: Legs, weather: WeatherModel, min_elevation_rad: Floats) -> tuple[str, ...]:
    """What a reader of the results must know."""
    hertz = np.unique([need.frequency_hz for need in legs.needs])
    rain, flicker = (hertz[outside_frequency(method, hertz)] for method in (P618_RAIN, P618_SCINTILLATION))
    turned = hertz[outside_frequency(P618_DEPOLARISATION, hertz)]
    notes = [
        f"{weather.words[:1].upper()}{weather.words[1:]}.",
        "Climate is that of the height above the ellipsoid, taken for the height above the sea.",
        "A feeder link is disturbed by noise alone: neither its other polarisation nor other gateways are counted.",
    ]
    if len(rain):
        notes.append(f"Extrapolated: rain at {_ghz(rain)}; {P618_RAIN.name} is stated for up to 55 GHz.")
    if len(turned):
        notes.append(f"Left out: depolarisation at {_ghz(turned)}; {P618_DEPOLARISATION.name} knows 6 to 55 GHz.")
    if len(flicker):
        notes.append(
            f"Extrapolated: scintillation at {_ghz(flicker)}; {P618_SCINTILLATION.name} is stated for 4 to 20 GHz, "
            "and what it gives at 20 GHz is taken above."
        )
    if np.any(min_elevation_rad < P618_TOTAL.lowest_rad):
        notes.append("Extrapolated: losses below 5° of elevation, where gas, cloud and scintillation are not stated.")
    return tuple(notes)


def _ghz(hertz: Floats) -> str:
    """Frequencies in words."""
    return ", ".join(f"{value / 1e9:g}" for value in hertz) + " GHz"
