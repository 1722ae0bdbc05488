"""The share of the year with a rate: held against the line-by-line budget, and what must hold for every place."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skycommons.base.errors import InputError, PhysicsError
from skycommons.model.equipment_data import standard_equipment
from skycommons.model.rules import ClearSky, FixedExceedance, RadioRules
from skycommons.plan.availability import (
    COMMONEST,
    RAREST,
    Availability,
    Downlink,
    clear_sky_cn_db,
    find_availability,
)
from skycommons.plan.link_budget import site_budget
from skycommons.plan.sight import standing_sight
from skycommons.radio.climate import climate_at
from skycommons.radio.modcod import Shannon
from tests.support.tiny_world import tiny_scenario

LATITUDE_RAD, LONGITUDE_RAD = np.radians([1.35, 47.37, 25.8, -23.5]), np.radians([103.8, 8.54, -80.2, -69.0])


def link(rules: RadioRules | None = None) -> Downlink:
    """The standard equipment at 550 km."""
    equipment = standard_equipment()
    payload, terminal = equipment.payloads[0], equipment.terminals[0]
    return Downlink(payload=payload, terminal=terminal, rules=rules or RadioRules(), altitude_m=550e3)


def found(rate_mbps: float, *, elevation_deg: float = 40.0, rules: RadioRules | None = None) -> Availability:
    """Singapore, Zurich, Miami and the Atacama."""
    elevation = np.full(4, np.radians(elevation_deg))
    climate = climate_at(LATITUDE_RAD, LONGITUDE_RAD)
    return find_availability(link(rules), climate, elevation, rate_bps=rate_mbps * 1e6)


def test_dry_places_have_it_more_often() -> None:
    """The desert reaches the end of the method, the tropics do not."""
    singapore, zurich, miami, desert = found(400.0).share
    assert singapore < miami < zurich < desert
    assert desert == pytest.approx(1.0 - RAREST, abs=1e-9)


@settings(max_examples=20)
@given(st.floats(1.0, 1_100.0), st.floats(0.0, 60.0))
def test_a_higher_rate_is_never_more_available(rate_mbps: float, more_mbps: float) -> None:
    """At every place, however near the two rates."""
    low, high = found(rate_mbps), found(rate_mbps + more_mbps)
    assert (high.share <= low.share).all()
    assert (high.clear_margin_db <= low.clear_margin_db).all()


@settings(max_examples=15)
@given(st.floats(10.0, 900.0))
def test_more_power_is_never_less_available(rate_mbps: float) -> None:
    """All of the legal flux density carries at least as much as the fleet's own level."""
    assert (found(rate_mbps, rules=RadioRules(full_pfd=True)).share >= found(rate_mbps).share).all()


def test_the_ends() -> None:
    """0 where a clear sky does not carry it, a half where the commonest weather does not, NaN without a satellite."""
    assert found(1_100.0).share.tolist() == [0.0] * 4
    rules = RadioRules(service_law=Shannon())
    clear_db = found(300.0, rules=rules).clear_margin_db[0] + link(rules).needed_cn_db(300e6)

    def just_below(gap_db: float) -> float:
        """Availability in Singapore of the rate that a signal so much below the clear sky's carries."""
        bits = Shannon().efficiency(clear_db - gap_db, rules.margin)
        return float(found(float(bits) * link().payload.down.symbol_rate_hz / 1e6, rules=rules).share[0])

    assert just_below(-0.01) == 0.0
    assert just_below(1e-5) == COMMONEST, "between a clear sky and the weather of half of the year"
    assert COMMONEST < just_below(0.1) < 0.95, "cloud and gas decide beyond 5 % of the year"
    nowhere = find_availability(
        link(), climate_at(LATITUDE_RAD, LONGITUDE_RAD), np.array([np.nan, 0.7, 0.7, 0.7]), rate_bps=300e6
    )
    assert np.isnan(nowhere.share).tolist() == [True, False, False, False]


@pytest.mark.parametrize("rate_mbps", [200.0, 400.0, 550.0])
@pytest.mark.parametrize("elevation_deg", [30.0, 75.0])
def test_the_budget_agrees(rate_mbps: float, elevation_deg: float) -> None:
    """At the share that is found the line-by-line budget carries the rate, and in slightly rarer weather not."""
    scenario = tiny_scenario()
    world, payload = scenario.world, link().payload
    site = world.sites.row("zurich")
    sites = world.sites
    climate = climate_at(sites.latitude_rad[[site]], sites.longitude_rad[[site]], sites.height_m[[site]])
    elevation = np.radians([elevation_deg])
    lost = 1.0 - find_availability(link(), climate, elevation, rate_bps=rate_mbps * 1e6).share[0]

    seen = standing_sight(world.sites, site, elevation_rad=float(elevation[0]), altitude_m=550e3)

    def rate_bps(exceedance: float) -> float:
        budget = site_budget(
            world,
            scenario.radio,
            site=site,
            payload=payload,
            found=seen,
            weather=FixedExceedance(exceedance=exceedance),
        )
        return budget.links[0].rate_bps

    assert rate_bps(lost * 1.1) >= rate_mbps * 1e6
    assert lost == pytest.approx(RAREST) or rate_bps(max(lost / 1.1, 1e-5)) < rate_mbps * 1e6


@pytest.mark.parametrize("elevation_deg", [25.0, 75.0])
@pytest.mark.parametrize("full_pfd", [False, True])
def test_a_clear_sky_is_that_of_the_budget(elevation_deg: float, full_pfd: bool) -> None:
    """Carrier over noise and interference of both, though the Earth is rounder here."""
    world, rules = tiny_scenario().world, RadioRules(full_pfd=full_pfd)
    sites, site = world.sites, world.sites.row("zurich")
    climate = climate_at(sites.latitude_rad[[site]], sites.longitude_rad[[site]], sites.height_m[[site]])
    seen = standing_sight(sites, site, elevation_rad=float(np.radians(elevation_deg)), altitude_m=550e3)
    budget = site_budget(world, rules, site=site, payload=link().payload, found=seen, weather=ClearSky())
    ours_db = clear_sky_cn_db(link(rules), climate, np.radians([elevation_deg]))
    assert ours_db.tolist() == pytest.approx([budget.links[0].budget.cn_db], abs=0.01)


def test_what_cannot_be_is_refused_with_the_most_that_can() -> None:
    """Rates that are no rates or too high, elevations outside the sky."""
    with pytest.raises(InputError, match="above 0 Mbit/s, not -3"):
        found(-3.0)
    with pytest.raises(InputError, match=f"its most is {link().most_bps / 1e6:g} Mbit/s"):
        found(3_000.0)
    with pytest.raises(PhysicsError, match="95°"):
        found(300.0, elevation_deg=95.0)
