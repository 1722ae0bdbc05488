"""Beams against the limit, and what a dish of the geostationary service hears, in cases that fit in the head."""

from dataclasses import replace

import numpy as np
import pytest

from skycommons.base.arrays import Floats
from skycommons.base.errors import InputError
from skycommons.model.equipment import Payload
from skycommons.model.equipment_data import standard_equipment
from skycommons.orbit.ephemeris import Ephemeris
from skycommons.orbit.frames import up_axis
from skycommons.plan.epfd import (
    NEIGHBOUR_RINGS_M,
    NEIGHBOURS_ON_RING,
    EpfdCase,
    GsoStation,
    PfdAudit,
    Transmitters,
    join_audits,
    level_not_exceeded,
)
from skycommons.plan.visibility import find_links, view
from skycommons.radio.epfd import ASSUMED_BEAM, ReferenceDish
from tests.support.tiny_world import tiny_scenario

DISH = ReferenceDish(diameter_m=1.2, frequency_hz=11.7e9)
HEIGHT_M = 550e3
NEARLY_OVERHEAD = (
    '[[terminals]]\nname = "nairobi"\nlatitude_deg = 0\nlongitude_deg = 30\nmin_elevation_deg = {}\n'
    "gso_exclusion_deg = 18"
)


def payload(name: str = "loud", *, level_dbw: float = -146.0, power_dbw: float = 60.0) -> Payload:
    """A strong one."""
    return replace(
        standard_equipment().payloads[0],
        name=name,
        down_pfd_dbw_m2_4khz=level_dbw,
        transmit_eirp_dbw=power_dbw,
        scan_exponent=1.3,
    )


def transmitters(*payloads: Payload, row: tuple[int, ...] = (0,), full_pfd: bool = False) -> Transmitters:
    """Satellites with these payloads."""
    return Transmitters(payloads=payloads or (payload(),), row=np.array(row), full_pfd=full_pfd)


def station(latitude_deg: float = 0.0, longitude_deg: float = 30.0, gso_deg: float = 30.0) -> GsoStation:
    """On the equator, looking straight up, unless told otherwise."""
    return GsoStation(
        latitude_rad=np.radians(latitude_deg),
        longitude_rad=np.radians(longitude_deg),
        gso_longitude_rad=np.radians(gso_deg),
        dish=DISH,
    )


def case(min_elevation_deg: float, *, exclusion_deg: float = 0.0, seed: int = 1, satellites: int = 1) -> EpfdCase:
    """The station's neighbours, served from this elevation on."""
    sites = tiny_scenario(terminals=NEARLY_OVERHEAD.format(min_elevation_deg), pairs="").world.sites
    return EpfdCase(
        station=station(),
        places=station().neighbours(sites, sites.row("nairobi"), gso_exclusion_rad=np.radians(exclusion_deg)),
        transmitters=transmitters(row=(0,) * satellites),
        seed=seed,
    )


def above(latitude_deg: float, longitude_deg: float) -> Floats:
    """A satellite over a place, near the equator."""
    up = up_axis(np.asarray(np.radians(latitude_deg)), np.asarray(np.radians(longitude_deg)))
    return (6_378_137.0 + HEIGHT_M) * up


def heard(which: EpfdCase, *satellites: Floats) -> float:
    """What its dish hears."""
    return which.epfd_dbw_m2_40khz(np.array(satellites), np.ones(len(satellites), dtype=np.bool_), 10**18)


# Beams against the limit


def test_a_beam_lays_down_the_least_of_level_limit_and_power() -> None:
    """Level where the limit allows, limit near the horizon, and less where power or steering ends."""
    geometry = {
        "elevation_rad": np.radians([60.0, 5.0, 60.0, 60.0]),
        "range_m": np.full(4, 1_000e3),
        "nadir_rad": np.radians([30.0, 30.0, 30.0, 60.0]),
    }
    weak = payload("weak", power_dbw=30.0)
    sat = np.array([0, 0, 1, 1])
    laid = transmitters(payload(), weak, row=(0, 1)).laid_dbw_m2_4khz(sat, **geometry)
    np.testing.assert_allclose(laid[:2], [-146.0, -150.0], atol=1e-9)
    assert laid[3] < laid[2] < -146.0
    assert laid[2] - laid[3] == pytest.approx(13.0 * np.log10(np.cos(np.radians(30.0)) / np.cos(np.radians(60.0))))
    full = transmitters(payload(), weak, row=(0, 1), full_pfd=True).laid_dbw_m2_4khz(sat, **geometry)
    np.testing.assert_allclose(full[:2], [-140.0, -150.0], atol=1e-9)


def test_links_are_audited_by_payload_and_band() -> None:
    """Every usable link once; low ones are held back to the limit, and no margin is negative."""
    scenario = tiny_scenario(
        terminals='[[terminals]]\nname = "zurich"\nlatitude_deg = 47.37\nlongitude_deg = 8.54\nmin_elevation_deg = 2',
        constellation='[[constellation]]\nname = "s53"\naltitude_km = 1200\nplanes = 20\nsatellites_per_plane = 20\n'
        "inclination_deg = 53\nphasing = 1",
    )
    ephemeris = scenario.propagate(scenario.times())
    links = find_links(scenario.world.sites, ephemeris, site_rows=np.array([scenario.site("zurich")]))
    sends = transmitters(payload("even"), payload("odd", level_dbw=-160.0), row=(0, 1) * 200)
    audits = sends.audit(scenario.world.sites, ephemeris, links)
    assert {audit.payload for audit in audits} == {"even", "odd"}
    assert sum(audit.links for audit in audits) == np.count_nonzero(links.usable)
    for audit in audits:
        assert audit.worst_margin_db > -1e-9
        assert audit.low_rad <= audit.worst_elevation_rad <= audit.high_rad
    low_even = next(audit for audit in audits if audit.payload == "even" and audit.low_rad == 0.0)
    assert low_even.held_back == low_even.links
    assert low_even.worst_margin_db == pytest.approx(0.0, abs=1e-9)
    assert all(audit.held_back == 0 for audit in audits if audit.payload == "odd")


def test_audits_of_parts_join() -> None:
    """Links add up, the loudest and the worst win."""
    first = PfdAudit(
        payload="a",
        low_rad=0.0,
        high_rad=1.0,
        links=3,
        held_back=1,
        loudest_dbw_m2_4khz=-146.0,
        worst_margin_db=1.0,
        worst_elevation_rad=0.3,
    )
    second = replace(first, links=4, loudest_dbw_m2_4khz=-147.0, worst_margin_db=0.5, worst_elevation_rad=0.2)
    other = replace(first, payload="b")
    higher = replace(first, low_rad=0.5)
    joined = join_audits([higher, other, first, second])
    assert [(audit.payload, audit.low_rad, audit.links) for audit in joined] == [
        ("a", 0.0, 7),
        ("a", 0.5, 3),
        ("b", 0.0, 3),
    ]
    assert (joined[0].held_back, joined[0].loudest_dbw_m2_4khz) == (2, -146.0)
    assert (joined[0].worst_margin_db, joined[0].worst_elevation_rad) == (0.5, 0.2)
    assert join_audits([]) == ()


# The dish


def test_a_dish_looks_at_its_satellite() -> None:
    """Straight up below it, lower elsewhere; one below the horizon is refused."""
    assert np.degrees(station().elevation_rad) == pytest.approx(90.0)
    assert np.degrees(station(latitude_deg=47.37).elevation_rad) == pytest.approx(35.6, abs=0.1)
    with pytest.raises(InputError, match="at 150° of longitude is below the horizon at latitude 0°, longitude 30°"):
        station(gso_deg=150.0)


def test_places_stand_around_the_dish() -> None:
    """Its own first, then ring after ring, with the site's rules and the exclusion that is asked for."""
    places = case(25.0, exclusion_deg=7.0).places
    assert len(places) == 1 + len(NEIGHBOUR_RINGS_M) * NEIGHBOURS_ON_RING
    away_m = np.linalg.norm(places.position_itrf_m - station().position_itrf_m, axis=1)
    np.testing.assert_allclose(away_m[0], 0.0, atol=1e-6)
    np.testing.assert_allclose(away_m[1:], np.repeat(NEIGHBOUR_RINGS_M, NEIGHBOURS_ON_RING), rtol=0.01)
    np.testing.assert_allclose(np.degrees(places.min_elevation_rad), 25.0)
    np.testing.assert_allclose(np.degrees(places.gso_exclusion_rad), 7.0)


def test_a_satellite_between_the_dish_and_its_own_counts_in_full() -> None:
    """-146 in 4 kHz is -136 in 40; an exclusion of 18 degrees silences it."""
    overhead = above(0.0, 30.0)
    assert heard(case(89.0), overhead) == pytest.approx(-136.0, abs=1e-3)
    assert heard(case(89.0, exclusion_deg=18.0), overhead) == -np.inf


def test_a_beam_for_a_place_far_away_is_heard_by_its_side_lobes() -> None:
    """Level there, nearer or farther, both patterns: as computed by hand."""
    east_rad = 800e3 / 6_371e3
    there = above(0.0, 30.0 + np.degrees(east_rad))
    here = station().position_itrf_m
    distance_m = np.linalg.norm(there - here)
    aside_rad = np.arccos((there - here) @ there / distance_m / np.linalg.norm(there))
    expected = (
        -136.0
        + 20.0 * np.log10(HEIGHT_M / distance_m)
        + float(ASSUMED_BEAM.relative_gain_db(aside_rad))
        + float(DISH.relative_gain_db(np.arccos((there - here) @ here / distance_m / np.linalg.norm(here))))
    )
    assert heard(case(89.0), there) == pytest.approx(expected, abs=1e-3)


def test_a_satellite_below_the_dishs_horizon_is_not_heard() -> None:
    """Though it serves a place that sees it."""
    beyond = above(0.0, 30.0 + 25.0)
    served = case(0.0).serving(view(case(0.0).places, beyond[None], np.array([True])), 10**18)
    assert np.any(served == 0)
    assert heard(case(0.0), beyond) == -np.inf


def test_satellites_are_drawn_evenly_among_those_allowed() -> None:
    """Every place by one that it sees; over many instants each about as often; the same seed draws the same."""
    overhead = np.array([above(0.0, 30.0), above(2.0, 30.0), above(-60.0, 30.0)])
    some = case(25.0, satellites=3)
    seen = view(some.places, overhead, np.ones(3, dtype=np.bool_))
    draws = np.array([some.serving(seen, instant) for instant in range(2_000)])
    assert set(draws[:, 0].tolist()) == {0, 1}
    assert np.mean(draws[:, 0] == 0) == pytest.approx(0.5, abs=0.04)
    np.testing.assert_array_equal(some.serving(seen, 5), some.serving(seen, 5))
    none = view(some.places, overhead, np.zeros(3, dtype=np.bool_))
    assert set(some.serving(none, 5).tolist()) == {-1}


# Numbers


def test_a_level_that_is_not_exceeded_in_a_share_of_the_time() -> None:
    """The largest for all of it, the smallest for none; silence counts."""
    values = np.array([-np.inf, -150.0, -170.0, -160.0])
    assert [level_not_exceeded(values, share) for share in (0.0, 0.25, 0.5, 0.75, 0.76, 1.0)] == [
        *(-np.inf, -np.inf, -170.0, -160.0, -150.0, -150.0),
    ]


def test_an_audit_needs_no_links() -> None:
    """Nothing in view gives no rows."""
    scenario = tiny_scenario()
    ephemeris: Ephemeris = scenario.propagate(scenario.times())
    links = find_links(scenario.world.sites, ephemeris, site_rows=np.array([scenario.site("frankfurt")]))
    assert transmitters(row=(0,) * 12).audit(scenario.world.sites, ephemeris, links) == ()
