"""Rules about what links carry: nothing is given that they could not carry through empty space.

Rules: bounds are those of `check_links`, which hold in every weather. Only satellites that are there are looked at.
"""

from typing import Final

import numpy as np

from skycommons.base.arrays import Floats, Ints
from skycommons.base.constants import WGS72_MU_M3_S2
from skycommons.model.world import SiteKind
from skycommons.plan.check_facts import Facts
from skycommons.plan.check_findings import Findings, Groups, Rule, over
from skycommons.plan.check_links import Looks, feeder_bound_bps, service_bound_bps
from skycommons.plan.check_sky import elevation_rad


def _link_rate(facts: Facts) -> Findings:
    rows = facts.flying
    down_bps, most_up = _service_bounds(facts, rows)
    most_down = facts.share[rows] * down_bps
    broken = np.union1d(over(facts.down_bps[rows], most_down), over(facts.up_bps[rows], most_up))

    def say(place: int) -> tuple[str, str]:
        row = int(rows[place])
        return facts.cell_word(row), (
            f"is given {facts.down_bps[row] / 1e6:.6g} Mbit/s down and {facts.up_bps[row] / 1e6:.6g} up by "
            f"{facts.satellite_word(int(facts.satellite[row]))}; without any air its link carries "
            f"{most_down[place] / 1e6:.6g} and {most_up[place] / 1e6:.6g}"
        )

    return Findings.at(broken, say)


def _service_bounds(facts: Facts, rows: Ints) -> tuple[Floats, Floats]:
    """``(N,)`` most that the links of some rows carry with a beam to themselves, down and up."""
    world, ground = facts.premises.scenario.world, facts.premises.grounds.take(facts.cell[rows])
    satellite = facts.satellite[rows]
    above_rad = elevation_rad(ground, facts.position_itrf_m[satellite])
    ground_m = np.linalg.norm(ground.position_itrf_m, axis=1)
    axis_m = np.cbrt(WGS72_MU_M3_S2 / world.satellites.elements.mean_motion_rad_s**2)
    down_bps, up_bps = np.zeros(len(rows)), np.zeros(len(rows))
    for number in np.unique(facts.premises.payload[satellite]).tolist():
        mine = np.flatnonzero(facts.premises.payload[satellite] == number)
        usual_m = np.full(len(mine), np.median(axis_m[facts.premises.payload == number]))
        looks = Looks.at(above_rad[mine], ground_m=ground_m[mine], radius_m=usual_m)
        down_bps[mine], up_bps[mine] = service_bound_bps(
            *(looks, world.equipment.payloads[number], world.equipment.terminals[0], facts.premises.scenario.radio)
        )
    return down_bps, up_bps


def _feeder_rate(facts: Facts) -> Findings:
    feeds = facts.usable_feeds
    most = np.full((2, len(facts.valid)), np.inf)  # who is not fed is asked elsewhere
    most[:, facts.fed[feeds]] = _feeder_bounds(facts, feeds)
    rows = np.flatnonzero(facts.is_served & facts.exists(facts.egress))
    landing = Groups.of(facts.egress[rows])
    satellite = landing.key[:, 0]
    sums = [landing.sums(rate_bps[rows]) for rate_bps in (facts.down_bps, facts.up_bps)]
    broken = np.union1d(over(sums[0], most[0, satellite]), over(sums[1], most[1, satellite]))

    def say(group: int) -> tuple[str, str]:
        (down, up), (most_down, most_up) = ([one[group] / 1e9 for one in both] for both in (sums, most[:, satellite]))
        words = f"is sent {down:.6g} Gbit/s by its gateway and sends {up:.6g}; without any air {most_down:.6g} and {most_up:.6g}"
        return facts.satellite_word(int(satellite[group])), words

    return Findings.at(broken, say)


def _feeder_bounds(facts: Facts, feeds: Ints) -> Floats:
    """``(2, N)`` most that the feeders of some fed satellites carry, up to them and down from them."""
    world = facts.premises.scenario.world
    site, satellite = facts.gateway[feeds], facts.fed[feeds]
    range_m = np.linalg.norm(facts.position_itrf_m[satellite] - facts.premises.sites.position_itrf_m[site], axis=1)
    kinds = Groups.of(world.sites.equipment[site], facts.premises.payload[satellite])
    most = np.full((2, len(feeds)), np.inf)  # a site that is no gateway is asked elsewhere
    is_gateway = world.sites.kind[site] == SiteKind.GATEWAY
    for number, (kind, payload) in enumerate(kinds.key.tolist()):
        mine = np.flatnonzero((kinds.member == number) & is_gateway)
        if len(mine):
            types = world.equipment.payloads[payload], world.equipment.gateways[kind]
            most[:, mine] = feeder_bound_bps(range_m[mine], *types, facts.premises.scenario.radio)
    return most


LINK_RULES: Final = (
    Rule(name="link-rate", meaning="No link is given more than it carries without any air.", find=_link_rate),
    Rule(name="feeder-rate", meaning="No feeder is asked for more than it carries without any air.", find=_feeder_rate),
)
