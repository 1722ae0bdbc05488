"""What the compiled rates read of the equipment."""

from dataclasses import replace

import numpy as np
import pytest

from skycommons.base.errors import PhysicsError
from skycommons.model.equipment_data import standard_equipment
from skycommons.model.rules import RadioRules
from skycommons.model.world import SiteKind
from skycommons.plan.radio_kernel import IS_DOWN, LAW, LIMIT, SKY, SYMBOLS
from skycommons.plan.radio_legs import FEEDER, SERVICE, laws_of, legs_of
from skycommons.radio.modcod import Shannon, ladder
from tests.support.networks import site_table

SITES = site_table(
    [("t", SiteKind.TERMINAL, 50.0, 0.0), ("g", SiteKind.GATEWAY, 50.0, 1.0), ("p", SiteKind.POP, 50.0, 2.0)]
)
EQUIPMENT = standard_equipment()
STANDARD = EQUIPMENT.payload_rows(("",))


def test_a_terminal_has_two_legs_and_a_gateway_two_in_each_shared_band() -> None:
    """The first gateway type knows one band, the last one more; their sites alone need these skies."""
    legs = legs_of(EQUIPMENT, RadioRules(), SITES, STANDARD)
    gateways = len(EQUIPMENT.terminals)
    assert legs.site_class.tolist() == [0, gateways, -1]
    spans = legs.span[:, STANDARD[0]]
    assert (spans[0, 1] - spans[0, 0], spans[gateways, 1] - spans[gateways, 0]) == (2, 2)
    assert legs.marks[spans[0, 0] : spans[0, 1], IS_DOWN].tolist() == [1, 0]
    assert legs.marks[:, LAW].tolist() == [SERVICE, SERVICE, FEEDER, FEEDER]
    rows = [legs.needs[row].rows.tolist() for row in legs.marks[:, SKY]]
    assert rows == [[0], [0], [1], [1]]
    twice = replace(SITES, equipment=np.array([0, len(EQUIPMENT.gateways) - 1, -1]))
    more = legs_of(EQUIPMENT, RadioRules(), twice, STANDARD)
    last = more.span[-1, STANDARD[0]]
    assert last[1] - last[0] == 4


def test_payloads_that_share_a_carrier_share_its_sky() -> None:
    """Two generations of Ku satellites need two skies, not four."""
    generations = EQUIPMENT.payload_rows(("v1.5", "v2-mini", "v2-mini"))
    legs = legs_of(EQUIPMENT, RadioRules(), SITES, generations)
    terminal_skies = [need for need in legs.needs if need.rows.tolist() == [0]]
    assert len(terminal_skies) == 2
    assert len(legs.columns) > 4


def test_limits_and_duty_cycle_are_in_the_legs() -> None:
    """The beam's and the satellite's, and the share of time of a terminal."""
    payload, terminal = EQUIPMENT.payloads[STANDARD[0]], EQUIPMENT.terminals[0]
    down, up = legs_of(EQUIPMENT, RadioRules(), SITES, STANDARD).columns[:2]
    assert down[LIMIT] == min(payload.beam_limit_bps * payload.down.carriers, payload.down_limit_bps)
    assert up[LIMIT] == payload.up_limit_bps
    assert up[SYMBOLS] == pytest.approx(payload.up.symbol_rate_hz * terminal.duty_cycle)


def test_a_carrier_beyond_the_methods_is_refused() -> None:
    """Also a gateway's."""
    gateway = EQUIPMENT.gateways[0]
    far = replace(gateway.feeders[0], up=replace(gateway.feeders[0].up, frequency_hz=0.9e9))
    wrong = replace(EQUIPMENT, gateways=(replace(gateway, feeders=(far,)),))
    with pytest.raises(PhysicsError, match=r"gateway 'standard': a carrier of 0\.9 GHz"):
        legs_of(wrong, RadioRules(), SITES, STANDARD)


def test_a_ladder_keeps_its_rungs_and_another_law_is_sampled() -> None:
    """Nothing is reached behind the last."""
    steps = ladder("nr-1")
    laws = laws_of(RadioRules(service_law=steps, feeder_law=Shannon()))
    rungs = len(steps.threshold_db)
    np.testing.assert_array_equal(laws.columns[SERVICE, :rungs, 0], steps.threshold_db)
    np.testing.assert_array_equal(laws.columns[SERVICE, :rungs, 1], steps.spectral_efficiency)
    assert np.all(np.isinf(laws.columns[SERVICE, rungs:, 0]))
    assert np.isinf(laws.columns[FEEDER, -1, 0])
    assert np.all(np.diff(laws.columns[FEEDER, :-1, 0]) > 0.0)
