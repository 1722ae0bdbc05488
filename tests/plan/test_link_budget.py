"""Budgets of whole links: lines add up, weather and places differ as they must, and what cannot be is refused."""

from dataclasses import replace

import numpy as np
import pytest

from skycommons.base.errors import InputError, PhysicsError
from skycommons.model.equipment import Band, Equipment, FeederPayload, Payload, Processing
from skycommons.model.equipment_data import standard_equipment
from skycommons.model.rules import BudgetWeather, ClearSky, FixedExceedance, RadioRules
from skycommons.model.scenario import Scenario
from skycommons.plan.link_budget import LinkKind, LinkStatement, SiteBudget, site_budget
from skycommons.plan.radio import Radio
from skycommons.plan.sight import sight, standing_sight
from skycommons.plan.visibility import find_links
from skycommons.radio.budget import BudgetFact, BudgetLine, BudgetTerm
from skycommons.radio.modcod import ladder
from skycommons.radio.noise import g_over_t_db_k, thermal_cn_db
from tests.support.tiny_world import PARTS, tiny_scenario

RAIN = FixedExceedance(exceedance=1e-3)
ADDS_UP_DB = 1e-9
PLANNER_DB = 0.05
SITES = (
    '[[terminals]]\nname = "singapore"\nlatitude_deg = 1.35\nlongitude_deg = 103.82\n'
    '[[terminals]]\nname = "tromso"\nlatitude_deg = 69.65\nlongitude_deg = 18.96'
)
GATEWAY, POP = 2, 3


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    """A rainy and a dry terminal, a gateway and a PoP."""
    return tiny_scenario(terminals=SITES, pairs="")


def budget_of(
    scenario: Scenario,
    site: int = 0,
    *,
    weather: BudgetWeather = RAIN,
    elevation_deg: float = 40.0,
    payload: Payload | None = None,
    equipment: Equipment | None = None,
    rules: RadioRules | None = None,
) -> SiteBudget:
    """Budgets of one site to a satellite that stands at 550 km."""
    world = scenario.world if equipment is None else replace(scenario.world, equipment=equipment)
    found = standing_sight(world.sites, site, elevation_rad=np.radians(elevation_deg), altitude_m=550e3)
    return site_budget(
        world,
        rules or RadioRules(),
        site=site,
        payload=payload or world.equipment.payloads[0],
        found=found,
        weather=weather,
    )


def lines_of(link: LinkStatement) -> dict[str, BudgetLine]:
    """Lines by their names."""
    return {line.name: line for part in link.parts for line in part.lines}


def amount(link: LinkStatement, name: str) -> float:
    """The number on a line."""
    line = lines_of(link)[name]
    return line.value_db if isinstance(line, BudgetTerm) else line.amount


def from_an_edge_db(link: LinkStatement) -> float:
    """How far the signal is from the nearest rung of the ladder, where a trifle changes the rate."""
    thresholds_db = ladder("dvb-s2x").threshold_db + amount(link, "margin")
    return float(np.abs(thresholds_db - link.budget.cn_db).min())


def with_payload(**changes: object) -> Payload:
    """The usual payload with other figures."""
    return replace(standard_equipment().payloads[0], **changes)  # type: ignore[arg-type]  # any field of it


@pytest.mark.parametrize("site", [0, GATEWAY])
@pytest.mark.parametrize("weather", [ClearSky(), RAIN, FixedExceedance(exceedance=1e-4)])
def test_the_signed_lines_add_up_to_the_carrier_over_noise(
    scenario: Scenario, site: int, weather: BudgetWeather
) -> None:
    """Line by line as they are read, and with interference to C/(N+I)."""
    for link in budget_of(scenario, site, weather=weather).links:
        summed = sum(term.share_db for part in link.parts if not part.disturbs for term in part.terms)
        assert summed == pytest.approx(amount(link, "C/N, thermal"), abs=ADDS_UP_DB)
        assert summed == pytest.approx(link.budget.thermal_cn_db, abs=ADDS_UP_DB)
        noises = [10.0 ** (-term.value_db / 10.0) for part in link.parts if part.disturbs for term in part.terms]
        whole = -10.0 * np.log10(10.0 ** (-summed / 10.0) + sum(noises))
        assert link.budget.cn_db == pytest.approx(whole, abs=ADDS_UP_DB)


def test_a_terminal_has_two_links_and_a_gateway_two_in_each_band(scenario: Scenario) -> None:
    """Down before up; only bands that both sides have."""
    assert [link.kind for link in budget_of(scenario).links] == [LinkKind.SERVICE_DOWN, LinkKind.SERVICE_UP]
    known = standard_equipment()
    both = replace(known, gateways=tuple(gateway for gateway in known.gateways if len(gateway.feeders) == 2))
    links = budget_of(scenario, GATEWAY, equipment=both).links
    assert [(link.kind, link.band) for link in links] == [
        (kind, band) for band in (Band.KA, Band.E) for kind in (LinkKind.FEEDER_DOWN, LinkKind.FEEDER_UP)
    ]
    ka_alone = with_payload(feeders=tuple(feeder for feeder in known.payloads[0].feeders if feeder.band is Band.KA))
    assert {link.band for link in budget_of(scenario, GATEWAY, equipment=both, payload=ka_alone).links} == {Band.KA}
    assert links[2].title == "feeder downlink, E band, 73.5 GHz"


def test_an_e_band_link_says_that_its_rain_is_extrapolated(scenario: Scenario) -> None:
    """P.618's rain is stated to 55 GHz; Ka band stays within it."""
    known = standard_equipment()
    both = replace(known, gateways=tuple(gateway for gateway in known.gateways if len(gateway.feeders) == 2))
    for link in budget_of(scenario, GATEWAY, equipment=both).links:
        label = lines_of(link)["rain"].note
        assert label == ("extrapolated: above 55 GHz" if link.band is Band.E else "")


def test_a_rainy_tropical_site_is_worse_than_a_dry_northern_one(scenario: Scenario) -> None:
    """At the same elevation: alike in a clear sky, far apart in the weather of 0.1 % of the year."""
    clear, rainy = (
        [budget_of(scenario, site, weather=weather).links[0] for site in (0, 1)] for weather in (ClearSky(), RAIN)
    )
    assert clear[0].budget.cn_db == pytest.approx(clear[1].budget.cn_db, abs=0.3)
    assert rainy[0].budget.cn_db < rainy[1].budget.cn_db - 4.0
    assert rainy[0].rate_bps < 0.5 * rainy[1].rate_bps


def test_rain_costs_the_downlink_twice_and_the_uplink_once(scenario: Scenario) -> None:
    """The ground antenna hears warm rain; the satellite hears the warm Earth anyway."""
    down, up = budget_of(scenario).links
    clear_down, clear_up = budget_of(scenario, weather=ClearSky()).links
    assert amount(down, "noise added by the weather") > 1.0
    assert amount(clear_down, "noise added by the weather") == 0.0
    fall_db = clear_up.budget.thermal_cn_db - up.budget.thermal_cn_db
    air_db = [-sum(amount(link, name) for name in ("gas", "cloud", "rain", "scintillation")) for link in (up, clear_up)]
    assert fall_db == pytest.approx(air_db[1] - air_db[0] - amount(up, "not all at once"), abs=ADDS_UP_DB)


def test_a_clear_downlink_is_that_of_the_formula(scenario: Scenario) -> None:
    """TR 38.821's sum, from the printed lines by another way."""
    link = budget_of(scenario, weather=ClearSky()).links[0]
    terminal = scenario.world.equipment.terminals[0]
    hears = g_over_t_db_k(terminal.receive_gain_dbi, terminal.receiver_k + terminal.antenna_k)
    losses = ("free space", "gas", "polarisation", "pointing", "scan loss of the terminal")
    expected = thermal_cn_db(
        amount(link, "EIRP"),
        hears,
        loss_db=sum(amount(link, name) for name in losses),
        bandwidth_hz=link.carrier.bandwidth_hz,
    )
    assert link.budget.thermal_cn_db == pytest.approx(float(expected), abs=ADDS_UP_DB)
    assert amount(link, "G/T towards the satellite") == pytest.approx(
        float(hears) - amount(link, "scan loss of the terminal"), abs=ADDS_UP_DB
    )


@pytest.mark.parametrize(
    ("pfd_dbw_m2_4khz", "elevation_deg", "full_pfd", "amplifier_dbw", "used", "words"),
    [
        (-146.0, 40.0, False, 60.0, -146.0, "the satellite's own level"),
        (-130.0, 40.0, False, 60.0, -140.0, "the limit"),
        (-146.0, 40.0, True, 60.0, -140.0, "the limit"),
        (-146.0, 10.0, False, 60.0, -147.5, "the limit"),
        (-146.0, 40.0, False, 20.0, -146.0, "the satellite's own level"),
    ],
)
def test_the_rule_or_the_amplifier_sets_the_power(
    scenario: Scenario,
    pfd_dbw_m2_4khz: float,
    elevation_deg: float,
    full_pfd: bool,
    amplifier_dbw: float,
    used: float,
    words: str,
) -> None:
    """The lower of the two; never more than the legal limit on the ground."""
    payload = with_payload(down_pfd_dbw_m2_4khz=pfd_dbw_m2_4khz, transmit_eirp_dbw=amplifier_dbw)
    link = budget_of(scenario, elevation_deg=elevation_deg, payload=payload, rules=RadioRules(full_pfd=full_pfd)).links[
        0
    ]
    asked = lines_of(link)["power flux density asked for"]
    assert amount(link, asked.name) == pytest.approx(used)
    assert asked.note == words
    weak = amplifier_dbw < 30.0
    assert lines_of(link)["EIRP"].note == (
        "set by the amplifier after scanning" if weak else "set by the power flux density"
    )
    most = amplifier_dbw - amount(link, "scan loss of the satellite")
    assert amount(link, "EIRP") == pytest.approx(most if weak else amount(link, "EIRP for this density"))


def test_the_satellites_use_the_site_may_not_make_are_said(scenario: Scenario) -> None:
    """Below the lowest elevation, too near the geostationary arc, outside the field of view."""
    sites = scenario.world.sites
    strict = replace(
        scenario,
        world=replace(
            scenario.world,
            sites=replace(
                sites,
                gso_exclusion_rad=np.full(len(sites), np.pi / 2.0),
                field_of_view_rad=np.full(len(sites), np.radians(100.0)),
            ),
        ),
    )
    notes = {line.name: line.note for line in budget_of(strict, elevation_deg=20.0).geometry.lines}
    assert notes["elevation"] == "below the 25° of this site: not used"
    assert notes["angle from the normal of the site's face"] == "outside the field of view: not used"
    assert budget_of(scenario, elevation_deg=30.0).geometry.lines[0].note == ""
    near = {line.name: line.note for line in budget_of(strict, elevation_deg=89.0).geometry.lines}
    assert near["angle to the geostationary arc"] == "inside the 90° kept free: not used"


def test_a_site_that_sees_no_arc_says_so(scenario: Scenario) -> None:
    """Near the poles."""
    sites = scenario.world.sites
    polar = replace(
        scenario,
        world=replace(scenario.world, sites=replace(sites, latitude_rad=np.full(len(sites), np.radians(85.0)))),
    )
    last = budget_of(polar).geometry.lines[-1]
    assert isinstance(last, BudgetFact)
    assert last.words == "no arc in the sky"


def test_a_bent_pipe_says_what_its_half_leaves_out(scenario: Scenario) -> None:
    """The other half's noise is not in it."""
    bent = with_payload(processing=Processing.BENT_PIPE)
    for link in budget_of(scenario, payload=bent).links:
        assert "the other half" in lines_of(link)["rate"].note
    assert lines_of(budget_of(scenario).links[0])["rate"].note == ""


def test_limits_of_beam_and_satellite_hold_the_rate(scenario: Scenario) -> None:
    """Every carrier of a beam has the beam's limit."""
    beam = budget_of(scenario, payload=with_payload(beam_limit_bps=1e6)).links[0]
    assert (beam.rate_bps, lines_of(beam)["rate"].note) == (1e6, "held by the limit of the beam")
    up = budget_of(scenario, payload=with_payload(up_limit_bps=1e5)).links[1]
    assert up.rate_bps == 1e5


def test_what_has_no_budget_is_refused(scenario: Scenario) -> None:
    """A PoP, a gateway without a common band, a carrier beyond the tables, a face that looks away."""
    with pytest.raises(InputError, match="'frankfurt' is a PoP and has no radio"):
        budget_of(scenario, POP)
    e_band = with_payload(feeders=(FeederPayload(band=Band.E, g_over_t_db_k=10.0, transmit_eirp_dbw=30.0),))
    with pytest.raises(InputError, match="'standard' and satellites of generation 'v2-mini' share no feeder band"):
        budget_of(scenario, GATEWAY, payload=e_band)
    down = replace(with_payload().down, frequency_hz=120e9)
    with pytest.raises(PhysicsError, match="a carrier of 120 GHz"):
        budget_of(scenario, payload=with_payload(down=down))
    sites = scenario.world.sites
    upright = replace(scenario.world, sites=replace(sites, tilt_rad=np.full(len(sites), np.pi / 2.0)))
    behind = standing_sight(sites, 0, elevation_rad=np.radians(60.0), altitude_m=550e3)
    found = replace(behind, face_rad=np.radians(100.0))
    with pytest.raises(PhysicsError, match=r"scan loss of the terminal: 100\.0° from the normal of its face"):
        site_budget(upright, RadioRules(), site=0, payload=with_payload(), found=found, weather=ClearSky())


@pytest.mark.parametrize("weather", [ClearSky(), RAIN, FixedExceedance(exceedance=0.1)])
def test_the_planner_computes_the_same(weather: BudgetWeather) -> None:
    """Its compiled tables against these lines, for every satellite in view of a terminal and of a gateway with E band."""
    dense = (
        '[[constellation]]\nname = "s"\naltitude_km = 550\nplanes = 24\nsatellites_per_plane = 20\ninclination_deg = 53'
    )
    plain = tiny_scenario(constellation=dense, gateways=f'{PARTS["gateways"]}\ntype = "mega"')
    scenario = plain.replace(radio=replace(plain.radio, weather=weather))
    world, time_ns = scenario.world, scenario.times()[:1]
    ephemeris = scenario.propagate(time_ns)
    links = find_links(world.sites, ephemeris)
    radio = Radio.of(scenario)
    rates = radio.links(radio.skies(int(time_ns[0])), links.site, links.sat, ephemeris.position_itrf_m[0])
    assert {0, 1} <= set(links.site.tolist())
    firm = 0
    for row, (site, satellite) in enumerate(zip(links.site.tolist(), links.sat.tolist(), strict=True)):
        found = sight(world.sites, site, ephemeris.position_itrf_m[0, satellite])
        payload = world.equipment.payloads[int(radio.payload[satellite])]
        budget = site_budget(world, scenario.radio, site=site, payload=payload, found=found, weather=weather)
        down, up = ([link for link in budget.links if link.kind.is_down is way] for way in (True, False))
        assert rates.down_cn_db[row] == pytest.approx(down[0].budget.cn_db, abs=PLANNER_DB)
        assert rates.up_cn_db[row] == pytest.approx(up[0].budget.cn_db, abs=PLANNER_DB)
        if min(from_an_edge_db(link) for link in budget.links) > PLANNER_DB:
            assert rates.down_bps[row] == pytest.approx(sum(link.rate_bps for link in down), rel=1e-9)
            assert rates.up_bps[row] == pytest.approx(sum(link.rate_bps for link in up), rel=1e-9)
            firm += 1
    assert firm > len(links) / 4
