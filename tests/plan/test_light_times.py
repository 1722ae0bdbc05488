"""Light times of places over all satellites that may serve them."""

from dataclasses import replace

import numpy as np
import pytest

from skycommons.base.errors import InputError
from skycommons.plan.choice import OBSERVED_WEIGHTS
from skycommons.plan.light_times import light_times
from skycommons.plan.routes import route
from tests.support.tiny_world import DENSE, tiny_scenario

EVEN = replace(OBSERVED_WEIGHTS, cosecant_nats=0.0, poleward_nats=0.0, v2_mini_nats=0.0, low_nats=0.0)


def test_odds_sum_to_one_in_each_step_with_service() -> None:
    """And no light time is shorter than that of the best satellite."""
    scenario = tiny_scenario(constellation=DENSE)
    ephemeris = scenario.propagate(scenario.times())
    light = light_times(scenario, ephemeris)
    best_s = route(scenario, ephemeris).delay_s
    np.testing.assert_allclose(light.weight.sum(axis=0), np.isfinite(best_s).sum(axis=0))
    assert np.nanmin(light.light_s, axis=0) == pytest.approx(np.nanmin(best_s, axis=0))
    np.testing.assert_array_equal(light.weight > 0.0, np.isfinite(light.light_s))


def test_high_satellites_are_likelier_than_by_chance() -> None:
    """So the mean way to the satellite is shorter than under even odds; parts do not exceed the whole."""
    scenario = tiny_scenario(constellation=DENSE)
    ephemeris = scenario.propagate(scenario.times())
    drawn, even = light_times(scenario, ephemeris), light_times(scenario, ephemeris, weights=EVEN)
    assert drawn.mean_of(drawn.user_s)[0] < even.mean_of(even.user_s)[0]
    whole = drawn.light_s[drawn.weight > 0.0]
    assert (whole >= (drawn.user_s + drawn.fibre_s)[drawn.weight > 0.0]).all()
    assert np.isfinite(drawn.mean_of(drawn.laser_hops)).all()


def test_a_place_without_service_has_no_light_times() -> None:
    """Weight 0, NaN as mean."""
    far = '[[terminals]]\nname = "zurich"\nlatitude_deg = 47.37\nlongitude_deg = 8.54\nmin_elevation_deg = 89.9'
    scenario = tiny_scenario(terminals=far)
    light = light_times(scenario, scenario.propagate(scenario.times()))
    assert not light.weight[:, 0].any()
    assert np.isnan(light.mean_of(light.light_s)[0])


def test_a_way_to_a_terminal_or_without_gateways_has_no_fibre() -> None:
    """The target hears the satellite itself."""
    scenario = tiny_scenario(
        constellation=DENSE,
        gateways="",
        pops="",
        terminals='[[terminals]]\nname = "zurich"\nlatitude_deg = 47.37\nlongitude_deg = 8.54\n'
        '[[terminals]]\nname = "oslo"\nlatitude_deg = 59.9\nlongitude_deg = 10.7',
        pairs='[[pairs]]\nfrom = "zurich"\nto = "oslo"',
    )
    light = light_times(scenario, scenario.propagate(scenario.times()))
    pair = light.weight[:, 2] > 0.0
    assert pair.any()
    assert not light.fibre_s[pair, 2].any()


def test_flows_are_joined_by_their_shares() -> None:
    """The mean of a group is the weighted mean of its flows."""
    scenario = tiny_scenario(constellation=DENSE)
    light = light_times(scenario, scenario.propagate(scenario.times()))
    one = light.joined([np.array([0, 1]), np.array([1])], np.array([0.25, 0.75]))
    means = light.mean_of(light.light_s)
    assert one.mean_of(one.light_s)[0] == pytest.approx(0.25 * means[0] + 0.75 * means[1])
    assert one.mean_of(one.light_s)[1] == pytest.approx(means[1])


def test_an_ephemeris_without_steps_is_refused() -> None:
    """There is nothing to look at."""
    scenario = tiny_scenario()
    with pytest.raises(InputError, match="no steps"):
        light_times(scenario, scenario.propagate(scenario.times()[:0]))
