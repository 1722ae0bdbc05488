"""The published-figures downlink in Ku band: carrier over noise and rate of one 240 MHz carrier by elevation.

The table is a budget of free space and noise alone: satellite at 550 km, pfd in 4 kHz, 0.48 m and 33.5 dBi, 200 K, scan loss
cos^1.3, DVB-S2X with 1 dB of margin. Ours has gas, interference and its own frame besides, so these are switched off as far
as the equipment lets us; what remains is stated as the tolerance.
"""

from dataclasses import replace

import numpy as np
import pytest

from skycommons.base.arrays import Floats
from skycommons.model.equipment import Equipment
from skycommons.model.equipment_data import standard_equipment
from skycommons.model.rules import ClearSky, RadioRules
from skycommons.model.world import SiteKind, World
from skycommons.orbit.frames import enu_axes, geodetic_to_itrf
from skycommons.plan.radio import Radio
from tests.support.networks import scenario_of, site_table, some_satellites

DECIBEL, SHARE = 0.4, 0.07  # gas, and the rung that stands next to the table's
ELEVATIONS_DEG = (25.0, 40.0, 60.0, 90.0)
OWN_LEVEL = ((9.1, 544e6), (11.5, 681e6), (13.1, 806e6), (14.0, 850e6))
LEGAL_LIMIT = ((15.1, 965e6), (17.5, 1087e6), (19.1, 1243e6), (20.0, 1324e6))


def undisturbed() -> Equipment:
    """The standard payload without interference and with an amplifier and a beam that never limit."""
    equipment = standard_equipment()
    payload = replace(
        equipment.payloads[int(equipment.payload_rows(("",))[0])],
        transmit_eirp_dbw=60.0,
        co_channel_db=np.inf,
        cross_polar_db=np.inf,
        intermodulation_db=np.inf,
        beam_limit_bps=np.inf,
    )
    return replace(equipment, payloads=(payload,))


def satellites_at(elevations_deg: tuple[float, ...]) -> Floats:
    """North of the site, 550 km above a sphere through it."""
    place = geodetic_to_itrf(np.array(0.0), np.array(0.0), np.array(0.0))
    _, north, up = enu_axes(np.array(0.0), np.array(0.0))
    radius_m, altitude_m = float(np.linalg.norm(place)), 550e3
    found = []
    for sine in np.sin(np.radians(elevations_deg)):
        range_m = np.sqrt((radius_m * sine) ** 2 + altitude_m * (altitude_m + 2 * radius_m)) - radius_m * sine
        found.append(place + range_m * (sine * up + np.sqrt(max(1.0 - sine**2, 0.0)) * north))
    return np.array(found)


@pytest.mark.parametrize(("full_pfd", "table"), [(False, OWN_LEVEL), (True, LEGAL_LIMIT)])
def test_the_ku_downlink_is_that_of_the_table(full_pfd: bool, table: tuple[tuple[float, float], ...]) -> None:
    """Within 0.4 dB and 7 %, at the operating level and at the legal limit."""
    sites = replace(site_table([("equator", SiteKind.TERMINAL, 0.0, 0.0)]), min_elevation_rad=np.radians([20.0]))
    satellites = some_satellites(len(ELEVATIONS_DEG))
    scenario = scenario_of(sites, satellites, radio=RadioRules(weather=ClearSky(), full_pfd=full_pfd))
    scenario = replace(scenario, world=World(satellites=satellites, sites=sites, equipment=undisturbed()))
    radio = Radio.of(scenario)
    rows = np.arange(len(ELEVATIONS_DEG))
    found = radio.links(radio.clear_skies(), np.zeros_like(rows), rows, satellites_at(ELEVATIONS_DEG))
    np.testing.assert_allclose(found.down_cn_db, [cn for cn, _ in table], atol=DECIBEL)
    np.testing.assert_allclose(found.down_bps, [rate for _, rate in table], rtol=SHARE)
