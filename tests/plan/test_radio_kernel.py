"""The compiled rates: bits of a law, and links of every branch."""

from dataclasses import replace

import numpy as np
import pytest

from skycommons.model.equipment_data import standard_equipment
from skycommons.model.rules import ClearSky, FixedExceedance, RadioRules
from skycommons.model.world import SiteKind
from skycommons.plan import radio_kernel as kernel
from skycommons.plan.radio import Radio
from skycommons.plan.radio_legs import FEEDER, SERVICE, laws_of
from skycommons.radio.modcod import AdaptationMargin, Shannon, ladder
from tests.support.networks import above, scenario_of, site_table, some_satellites

pytestmark = pytest.mark.kernel


def test_bits_are_those_of_the_ladder_and_of_the_law() -> None:
    """At every threshold, just below it, between, below all and above all, and for no signal."""
    steps, bound, margin = ladder("dvb-s2x"), Shannon(), AdaptationMargin(fixed_db=1.0)
    laws = laws_of(RadioRules(service_law=steps, feeder_law=bound, margin=margin))
    at = steps.threshold_db + 1.0
    signals = np.concatenate([at, at - 1e-9, at + 1e-3, [-60.0, -29.5, 80.0, np.nan]])

    def bits(law: int) -> list[float]:
        return [
            kernel.bits_per_symbol(laws.columns, laws.starts, laws.scales, law, float(signal)) for signal in signals
        ]

    np.testing.assert_array_equal(bits(SERVICE), steps.efficiency(signals, margin))
    np.testing.assert_allclose(bits(FEEDER), bound.efficiency(signals, margin), atol=1e-3)


def test_a_rung_is_found_from_the_wrong_side_of_its_cell_too() -> None:
    """An index of cells may start a rung too high after rounding."""
    laws = laws_of(RadioRules())
    high = np.full_like(laws.starts, 20)
    steps = ladder("dvb-s2x")
    signal = float(steps.threshold_db[3]) + 1.01
    found = kernel.bits_per_symbol(laws.columns, high, laws.scales, SERVICE, signal)
    assert found == steps.spectral_efficiency[3]


def test_links_of_every_kind() -> None:
    """A terminal, a gateway, a PoP, a low satellite under the flux limit, one out of the field, one behind the face."""
    places = [
        ("terminal", SiteKind.TERMINAL, 50.0, 0.0),
        ("gateway", SiteKind.GATEWAY, 50.0, 1.0),
        ("pop", SiteKind.POP, 50.0, 2.0),
        ("leaning", SiteKind.TERMINAL, 50.0, 0.0),
    ]
    sites = replace(
        site_table(places, min_elevation_deg=8.0),
        tilt_rad=np.radians([0.0, 0.0, 0.0, 90.0]),
        field_of_view_rad=np.radians([360.0, 360.0, 360.0, 60.0]),
    )
    rules = RadioRules(weather=FixedExceedance(exceedance=0.1), full_pfd=True)
    radio = Radio.of(scenario_of(sites, some_satellites(6), radio=rules))
    overhead, low = above(50.0, 0.0), above(50.0, 18.0)
    position = np.array([overhead, overhead, overhead, low, above(52.0, 0.0), above(45.0, 0.0)])
    site = np.array([0, 1, 2, 0, 3, 3])
    found = radio.links(radio.skies(0), site, np.arange(6), position)
    assert (found.down_bps > 0.0).tolist() == [True, True, False, True, False, False]
    assert found.down_bps[1] > 10 * found.down_bps[0] > 10 * found.up_bps[0]
    assert found.down_cn_db[3] < found.down_cn_db[0]
    assert found.scan_loss_db[1] == 0.0
    assert np.isnan(found.down_cn_db).tolist() == [False, False, True, False, False, True]


def test_a_site_of_another_world_has_no_sky() -> None:
    """A terminal without nodes, because its least elevation is none."""
    sites = replace(site_table([("blind", SiteKind.TERMINAL, 50.0, 0.0)]), min_elevation_rad=np.array([np.nan]))
    radio = Radio.of(scenario_of(sites, some_satellites(1), radio=RadioRules(weather=ClearSky())))
    found = radio.links(radio.skies(0), np.array([0]), np.array([0]), above(50.0, 0.0)[None])
    assert found.down_bps.tolist() == [0.0]
    assert np.isnan(found.loss_db[0])


def test_bands_of_a_gateway_add_up_and_its_first_one_is_told() -> None:
    """With what explains them and without."""
    equipment = standard_equipment()
    sites = replace(site_table([("gateway", SiteKind.GATEWAY, 50.0, 1.0)]), equipment=np.array([0]))
    here = (np.array([0]), np.array([0]), above(50.0, 1.0)[None])
    rates = []
    for row in (0, len(equipment.gateways) - 1):
        radio = Radio.of(scenario_of(replace(sites, equipment=np.array([row])), some_satellites(1)))
        skies = radio.clear_skies()
        found = radio.links(skies, *here)
        assert radio.rates_bps(skies, *here)[0].tolist() == found.down_bps.tolist()
        assert found.loss_db[0] < 0.3
        rates.append(found.down_bps[0])
    assert rates[1] > 2.0 * rates[0]
