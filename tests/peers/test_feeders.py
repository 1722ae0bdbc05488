"""Feeders of a real constellation over real gateways, beside SciPy."""

from pathlib import Path

import numpy as np

from skycommons.model.scenario import parse
from skycommons.plan.backhaul import BackhaulPlanner
from skycommons.plan.feeders import feeders_of
from skycommons.plan.visibility import view
from tests.support.matchings import most_fed

SCENARIO = """
name = "real"
[time]
start = 2026-05-21T00:00:00Z
duration_s = 60
[[constellation]]
catalogue = "catalogues/starlink_2026-05-21.tle"
max_age_days = 14
[gateways]
file = "ground/gateways_2026-03.csv"
[pops]
file = "ground/pops_2026-04.csv"
[[terminals]]
name = "zurich"
latitude_deg = 47.37
longitude_deg = 8.54
"""


def test_real_gateways_feed_as_many_satellites_as_they_can(shared_data: Path) -> None:
    """Also slot after slot, when antennas stay with their satellites."""
    scenario = parse(SCENARIO, folder=shared_data)
    planner = BackhaulPlanner.of(scenario)
    ephemeris = scenario.propagate(scenario.times())
    satellites = ephemeris.position_itrf_m.shape[1]
    kept = np.full(satellites, -1, dtype=np.int32)
    for step in range(len(ephemeris)):
        seen = view(planner.horizon, ephemeris.position_itrf_m[step], ephemeris.valid[step])
        feeders = feeders_of(seen, planner.antennas, kept)
        assert feeders.count() == most_fed(seen, planner.antennas, satellites=satellites) > 1_000
        stayed = (feeders.gateway_row == kept)[kept >= 0]
        assert step == 0 or stayed.mean() > 0.8
        kept = feeders.gateway_row
