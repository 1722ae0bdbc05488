"""Rules about satellites, beams and gateways: geometry, capacity, and the way to the Internet.

Rules: geometry is that of the slot's begin. Only satellites that are there are looked at; that they are is a rule of its own.
"""

from typing import Final

import numpy as np

from skycommons.base.arrays import Floats, Ints
from skycommons.model.world import SiteKind
from skycommons.plan.check_facts import Facts
from skycommons.plan.check_findings import ANGLE_SLACK_RAD, Findings, Groups, Rule, over
from skycommons.plan.check_sky import Grounds, arc_separation_rad, connected, elevation_rad, steering_rad


def _satellite_there(facts: Facts) -> Findings:
    rows = np.flatnonzero(facts.is_served & ~facts.exists(facts.satellite))
    fed = np.flatnonzero(~facts.exists(facts.fed))

    def say(number: int) -> tuple[str, str]:
        if number < len(rows):
            word = facts.satellite_word(int(facts.satellite[rows[number]]))
            return facts.cell_word(int(rows[number])), f"is served by {word}, which has no position"
        return facts.satellite_word(int(facts.fed[fed[number - len(rows)]])), "is fed, but has no position"

    return Findings(count=len(rows) + len(fed), say=say)


def _minimum_elevation(facts: Facts) -> Findings:
    links, ground = _user_links(facts)
    angle = elevation_rad(ground, facts.position_itrf_m[links[:, 1]])
    low = np.flatnonzero(angle < ground.min_elevation_rad - ANGLE_SLACK_RAD)
    return _about_links(
        facts, links, low, ("stands at an elevation of", angle, "the lowest allowed is", ground.min_elevation_rad)
    )


def _field_of_view(facts: Facts) -> Findings:
    links, ground = _user_links(facts)
    angle, most = steering_rad(ground, facts.position_itrf_m[links[:, 1]]), 0.5 * ground.field_of_view_rad
    wide = np.flatnonzero(angle > most + ANGLE_SLACK_RAD)
    return _about_links(facts, links, wide, ("stands off the face's normal by", angle, "the most allowed is", most))


def _gso_exclusion(facts: Facts) -> Findings:
    links, ground = _user_links(facts)
    angle = _separation_where_ruled(ground, facts.position_itrf_m[links[:, 1]])
    near = np.flatnonzero(angle < ground.gso_exclusion_rad - ANGLE_SLACK_RAD)
    least = ground.gso_exclusion_rad
    return _about_links(
        facts, links, near, ("stands off the geostationary arc by", angle, "the least allowed is", least)
    )


def _user_links(facts: Facts) -> tuple[Ints, Grounds]:
    """``(L, 2)`` row of cell and satellite, each pair once, and the cells as places."""
    rows = facts.flying
    links = Groups.of(facts.cell[rows], facts.satellite[rows]).key
    return links, facts.premises.grounds.take(links[:, 0])


def _about_links(facts: Facts, links: Ints, rows: Ints, words: tuple[str, Floats, str, Floats]) -> Findings:
    """Links that break a rule on an angle: what it is, and what it may be."""
    what, angle_rad, limit, limit_rad = words

    def say(row: int) -> tuple[str, str]:
        cell, satellite = f"cell {facts.premises.cells[links[row, 0]]:x}", facts.satellite_word(int(links[row, 1]))
        angle, most = np.degrees(angle_rad[row]), np.degrees(limit_rad[row])
        return cell, f"{satellite} {what} {angle:.3f}°; {limit} {most:.3f}°"

    return Findings.at(rows, say)


def _separation_where_ruled(ground: Grounds, position_m: Floats) -> Floats:
    """``(N,)`` separation from the arc; π where no rule asks for one."""
    angle = np.full(len(position_m), np.pi)
    ruled = np.flatnonzero(ground.gso_exclusion_rad > 0.0)
    angle[ruled] = arc_separation_rad(ground.take(ruled), position_m[ruled])
    return angle


def _beams_per_satellite(facts: Facts) -> Findings:
    rows = facts.flying
    beams = facts.premises.of_payload("beams_down").astype(np.int64)[facts.satellite[rows]]
    is_none = (facts.beam[rows] < 0) | (facts.beam[rows] >= beams)

    def say(place: int) -> tuple[str, str]:
        row = int(rows[place])
        has = f"it has 0 to {beams[place] - 1}"
        return facts.satellite_word(int(facts.satellite[row])), (
            f"serves {facts.cell_word(row)} by beam {facts.beam[row]}; {has}"
        )

    return Findings.at(np.flatnonzero(is_none), say)


def _cells_per_beam(facts: Facts) -> Findings:
    beams, _ = _beams(facts)
    counts, most = beams.counts(), facts.premises.service.schedule.cells_per_beam

    def say(group: int) -> tuple[str, str]:
        return _beam_word(facts, beams, group), f"visits {counts[group]} cells in turn; the most is {most}"

    return Findings.at(np.flatnonzero(counts > most), say)


def _beam_once_per_cell(facts: Facts) -> Findings:
    rows = facts.flying
    visits = Groups.of(facts.satellite[rows], facts.beam[rows], facts.cell[rows])
    counts = visits.counts()

    def say(group: int) -> tuple[str, str]:
        cell = facts.premises.cells[visits.key[group, 2]]
        return _beam_word(facts, visits, group), f"serves {counts[group]} channels of cell {cell:x}"

    return Findings.at(np.flatnonzero(counts > 1), say)


def _beam_time(facts: Facts) -> Findings:
    beams, rows = _beams(facts)
    share = facts.share[rows]
    total = beams.sums(share)
    has_negative = beams.sums((~(share >= 0.0)).astype(np.float64)) > 0.0

    def say(group: int) -> tuple[str, str]:
        return _beam_word(facts, beams, group), f"shares out {total[group]:.4f} of its time" + (
            ", one share of which is negative" if has_negative[group] else ""
        )

    return Findings.at(np.union1d(np.flatnonzero(has_negative), over(total, np.ones(len(total)))), say)


def _beams(facts: Facts) -> tuple[Groups, Ints]:
    """The beams in use, by satellite and number, and the rows that they serve."""
    rows = facts.flying
    return Groups.of(facts.satellite[rows], facts.beam[rows]), rows


def _beam_word(facts: Facts, groups: Groups, group: int) -> str:
    return f"{facts.satellite_word(int(groups.key[group, 0]))} beam {groups.key[group, 1]}"


def _channels_per_cell(facts: Facts) -> Findings:
    rows = facts.flying
    cells = Groups.of(facts.cell[rows])
    counts, most = cells.counts(), np.zeros(len(cells.key))
    np.maximum.at(most, cells.member, facts.premises.of_payload("carriers_per_cell")[facts.satellite[rows]])

    def say(group: int) -> tuple[str, str]:
        cell = facts.premises.cells[cells.key[group, 0]]
        return f"cell {cell:x}", f"is lit by {counts[group]} channels; the most at a time is {most[group]:g}"

    return Findings.at(np.flatnonzero(counts > most), say)


def _satellite_rate(facts: Facts) -> Findings:
    rows = facts.flying
    used = Groups.of(facts.satellite[rows])
    sums = {"down": used.sums(facts.down_bps[rows]), "up": used.sums(facts.up_bps[rows])}
    limit = {way: facts.premises.of_payload(f"{way}_limit_bps")[used.key[:, 0]] for way in sums}
    broken = np.union1d(over(sums["down"], limit["down"]), over(sums["up"], limit["up"]))

    def say(group: int) -> tuple[str, str]:
        gives = " and ".join(
            f"{sums[way][group] / 1e9:.6g} of {limit[way][group] / 1e9:.6g} Gbit/s {way}" for way in sums
        )
        return facts.satellite_word(int(used.key[group, 0])), f"carries {gives}"

    return Findings.at(broken, say)


def _beam_rate(facts: Facts) -> Findings:
    rows = facts.flying
    payloads = facts.premises.scenario.world.equipment.payloads
    of_beam = np.array([one.beam_limit_bps * one.down.carriers for one in payloads])[facts.premises.payload]
    most_bps = facts.share[rows] * of_beam[facts.satellite[rows]]

    def say(place: int) -> tuple[str, str]:
        row = int(rows[place])
        return facts.cell_word(row), (
            f"is given {facts.down_bps[row] / 1e6:.6g} Mbit/s down by {facts.share[row]:.4f} of a beam; "
            f"the most is {most_bps[place] / 1e6:.6g}"
        )

    return Findings.at(over(facts.down_bps[rows], most_bps), say)


def _gateway_antennas(facts: Facts) -> Findings:
    sites = facts.premises.scenario.world.sites
    feeds = facts.usable_feeds
    follows, fed = Groups.of(facts.gateway[feeds]), Groups.of(facts.fed)
    gateway = follows.key[:, 0]
    antennas = facts.premises.scenario.world.antennas(gateway)
    is_gateway = sites.kind[gateway] == SiteKind.GATEWAY
    counts, twice = follows.counts(), np.flatnonzero(fed.counts() > 1)
    busy = np.flatnonzero(counts > np.where(is_gateway, antennas, 0))

    def say(number: int) -> tuple[str, str]:
        if number >= len(busy):
            word = facts.satellite_word(int(fed.key[twice[number - len(busy)], 0]))
            return word, "is fed by more than one antenna"
        group = int(busy[number])
        site = facts.site_word(int(gateway[group]))
        if not is_gateway[group]:
            return f"site {site}", "follows satellites, but is no gateway"
        return f"gateway {site}", f"follows {counts[group]} satellites with {antennas[group]} antennas"

    return Findings(count=len(busy) + len(twice), say=say)


def _feeder_in_view(facts: Facts) -> Findings:
    feeds = facts.usable_feeds
    feeds = feeds[facts.premises.scenario.world.sites.kind[facts.gateway[feeds]] == SiteKind.GATEWAY]
    ground = facts.premises.sites.take(facts.gateway[feeds])
    position_m = facts.position_itrf_m[facts.fed[feeds]]
    height, steering = elevation_rad(ground, position_m), steering_rad(ground, position_m)
    separation = _separation_where_ruled(ground, position_m)
    is_low = height < ground.min_elevation_rad - ANGLE_SLACK_RAD
    is_wide = steering > 0.5 * ground.field_of_view_rad + ANGLE_SLACK_RAD
    is_near = separation < ground.gso_exclusion_rad - ANGLE_SLACK_RAD

    def say(place: int) -> tuple[str, str]:
        angles = " and ".join(
            f"{np.degrees(angle[place]):.3f}° {words}"
            for is_broken, angle, words in (
                (is_low, height, "above the horizon"),
                (is_wide, steering, "off the face's normal"),
                (is_near, separation, "off the geostationary arc"),
            )
            if is_broken[place]
        )
        satellite = facts.satellite_word(int(facts.fed[feeds[place]]))
        return f"gateway {facts.site_word(int(facts.gateway[feeds[place]]))}", f"follows {satellite}, {angles}"

    return Findings.at(np.flatnonzero(is_low | is_wide | is_near), say)


def _way_to_pop(facts: Facts) -> Findings:
    rows = facts.flying
    count, sites = len(facts.valid), facts.premises.scenario.world.sites
    is_fed = np.zeros(count, dtype=np.bool_)
    is_fed[facts.fed[facts.exists(facts.fed)]] = True
    label = connected(facts.premises.laser_pairs(facts.position_itrf_m, facts.valid), count)
    here, there = facts.satellite[rows], facts.egress[rows]
    lands = facts.exists(there)
    safe = np.where(lands, there, 0)
    comes_down = lands & is_fed[safe]
    connects = label[here] == label[safe]
    pop = facts.pop[rows]
    is_pop = (pop >= 0) & (pop < len(sites))
    is_pop &= sites.kind[np.where(is_pop, pop, 0)] == SiteKind.POP
    if not len(sites.rows(SiteKind.POP)):
        is_pop |= pop < 0  # where there are no PoPs, any gateway is the end

    def say(place: int) -> tuple[str, str]:
        subject = facts.cell_word(int(rows[place]))
        if not is_pop[place]:
            return subject, f"is to reach {facts.site_word(int(pop[place]))}, which is no PoP"
        egress = facts.satellite_word(int(there[place]))
        if not comes_down[place]:
            return subject, f"comes down at {egress}, which no gateway follows"
        return subject, f"has no lasers in reach from {facts.satellite_word(int(here[place]))} to {egress}"

    return Findings.at(np.flatnonzero(~(is_pop & comes_down & connects)), say)


SKY_RULES: Final = (
    Rule(name="satellite-there", meaning="Satellites that serve or are fed have a position.", find=_satellite_there),
    Rule(
        name="minimum-elevation",
        meaning="A cell's satellite stands above the lowest elevation of its terminals.",
        find=_minimum_elevation,
    ),
    Rule(name="field-of-view", meaning="Terminals can steer as far as their satellite.", find=_field_of_view),
    Rule(name="gso-exclusion", meaning="Satellites near the geostationary arc are not used.", find=_gso_exclusion),
    Rule(name="beams-per-satellite", meaning="Beams are those that the satellite has.", find=_beams_per_satellite),
    Rule(name="cells-per-beam", meaning="No beam visits more cells than it may.", find=_cells_per_beam),
    Rule(
        name="beam-once-per-cell",
        meaning="The channels of one cell come from different beams.",
        find=_beam_once_per_cell,
    ),
    Rule(name="beam-time", meaning="A beam's time is shared out once.", find=_beam_time),
    Rule(
        name="channels-per-cell",
        meaning="No cell is lit by more channels at a time than payloads put on one.",
        find=_channels_per_cell,
    ),
    Rule(name="beam-rate", meaning="No row is given more than its share of a beam carries.", find=_beam_rate),
    Rule(name="satellite-rate", meaning="No satellite carries more than its limit.", find=_satellite_rate),
    Rule(
        name="gateway-antennas",
        meaning="Each antenna of a gateway follows one satellite, and each satellite is followed by one.",
        find=_gateway_antennas,
    ),
    Rule(name="feeder-in-view", meaning="Gateways see the satellites that they feed.", find=_feeder_in_view),
    Rule(
        name="way-to-pop",
        meaning="Traffic comes down at a fed satellite that lasers reach, and belongs to a PoP.",
        find=_way_to_pop,
    ),
)
