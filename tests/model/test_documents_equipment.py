"""Types of equipment in a scenario: what they start from, what they change, and what is wrong with them."""

from pathlib import Path

import numpy as np
import pytest

from skycommons.base.errors import ScenarioError
from skycommons.model.equipment import Band, Processing, TerminalType
from skycommons.model.equipment_data import standard_equipment
from skycommons.model.scenario import Scenario
from skycommons.model.world import SiteKind
from tests.support.tiny_world import tiny_scenario

SITE = "latitude_deg = 1\nlongitude_deg = 1\n"


def faults_of(**parts: str) -> dict[str, str]:
    """Place and message of every fault."""
    with pytest.raises(ScenarioError) as caught:
        tiny_scenario(folder=Path(), **parts)
    return {fault.place: fault.message for fault in caught.value.faults}


def terminal(scenario: Scenario, name: str) -> TerminalType:
    """A type of terminals by its name."""
    return next(each for each in scenario.world.equipment.terminals if each.name == name)


def test_a_scenario_that_says_nothing_has_the_built_in_types() -> None:
    """And its sites the first of them."""
    world = tiny_scenario().world
    assert world.equipment == standard_equipment()
    assert world.sites.equipment.tolist() == [0, 0, -1]
    assert world.sites.tilt_rad.tolist() == [0.0, 0.0, 0.0]
    np.testing.assert_allclose(world.sites.field_of_view_rad, 2 * np.pi)
    assert world.equipment.payload_rows(world.satellites.generations).tolist() == [0] * 12


def test_a_terminal_may_be_of_a_built_in_type() -> None:
    """Its tilt and its cone become the site's."""
    scenario = tiny_scenario(terminals=f"[[terminals]]\nname = 'zurich'\ntype = 'ut-1'\n{SITE}")
    sites = scenario.world.sites
    assert scenario.world.equipment.terminals[sites.equipment[0]].name == "ut-1"
    np.testing.assert_allclose(np.degrees(sites.tilt_rad[0]), 27.0)
    np.testing.assert_allclose(np.degrees(sites.field_of_view_rad[0]), 100.0)


def test_a_type_changes_only_what_it_says() -> None:
    """In SI units, with its origin; the rest is the base's."""
    scenario = tiny_scenario(
        types=(
            "[terminal_types.ship]\nbase = 'mini'\ntilt_deg = 90\nreceiver_noise_k = 100\nmin_elevation_deg = 30\n"
            "[terminal_types.ferry]\nbase = 'ship'\nduty_cycle = 0.5"
        )
    )
    ferry, mini = terminal(scenario, "ferry"), terminal(scenario, "mini")
    assert (ferry.duty_cycle, ferry.receiver_k, ferry.antenna_k) == (0.5, 100.0, mini.antenna_k)
    assert ferry.receive_gain_dbi == mini.receive_gain_dbi
    np.testing.assert_allclose([ferry.tilt_rad, ferry.min_elevation_rad], np.radians([90.0, 30.0]))
    assert ferry.origins["tilt_rad"].source == "the scenario, [terminal_types.ship]"
    assert ferry.origins["aperture_m"] == mini.origins["aperture_m"]


def test_a_built_in_type_that_a_scenario_redefines_starts_from_itself_and_keeps_its_row() -> None:
    """With or without saying so; other types start from the new one only where they name it."""
    scenario = tiny_scenario(
        types=(
            "[terminal_types.standard]\nbase = 'standard'\nduty_cycle = 0.5\n"
            "[terminal_types.mini]\nduty_cycle = 0.4\n"
            "[terminal_types.a]\n[terminal_types.b]\nbase = 'standard'"
        )
    )
    assert scenario.world.equipment.terminals[0].name == "standard"
    assert [terminal(scenario, name).duty_cycle for name in ("standard", "mini", "a", "b")] == [0.5, 0.4, 0.14, 0.5]
    assert terminal(scenario, "mini").transmit_eirp_dbw == 39.2


def test_gateways_have_a_type_by_section_or_by_site() -> None:
    """Overrides reach into a band."""
    scenario = tiny_scenario(
        gateways=(
            "[gateway_types.small]\nantennas = 2\n[gateway_types.small.ka]\ndish_m = 1\nup_carriers = 1\n"
            "[gateways]\ntype = 'small'\n"
            f"[[gateways.site]]\nname = 'a'\n{SITE}[[gateways.site]]\nname = 'b'\ntype = 'mega'\n{SITE}"
        )
    )
    world = scenario.world
    types = [world.equipment.gateways[row] for row in world.sites.equipment[world.sites.rows(SiteKind.GATEWAY)]]
    assert [each.name for each in types] == ["small", "mega"]
    (ka,) = types[0].feeders
    assert (types[0].antennas, ka.dish_m, ka.up.carriers, ka.down.carriers) == (2, 1.0, 1, 5)
    assert [feeder.band for feeder in types[1].feeders] == [Band.KA, Band.E]


def test_a_payload_goes_with_its_generation() -> None:
    """Built-in ones may be changed, new ones added."""
    scenario = tiny_scenario(
        payloads=(
            "[payloads.v2-mini]\nprocessing = 'bent-pipe'\nbeam_limit_mbps = 500\n"
            "[payloads.mine]\nbase = 'v3'\ndown_pfd_dbw_m2_4khz = -150\nup_frequency_ghz = 13\n"
            "[payloads.mine.e]\ng_over_t_db_k = 20\n"
        )
    )
    first, mine = scenario.world.equipment.payloads[0], scenario.world.equipment.payloads[-1]
    assert (first.name, first.processing, first.beam_limit_bps) == ("v2-mini", Processing.BENT_PIPE, 500e6)
    assert (mine.name, mine.down_pfd_dbw_m2_4khz, mine.up.frequency_hz, mine.down_limit_bps) == (
        "mine",
        -150.0,
        13e9,
        1e12,
    )
    assert [(feeder.band, feeder.g_over_t_db_k) for feeder in mine.feeders] == [(Band.KA, 11.0), (Band.E, 20.0)]
    assert mine.processing is Processing.REGENERATIVE


def test_generations_without_a_payload_are_noted() -> None:
    """Because they carry another one's."""
    shell = "[[constellation]]\nname = '{}'\naltitude_km = 600\nplanes = 1\nsatellites_per_plane = 2\ninclination_deg = 80\n"
    scenario = tiny_scenario(constellation=shell.format("a") + shell.format("b") + "generation = 'v2mini'\n")
    assert scenario.notes == (
        "2 satellites without a generation carry the payload 'v2-mini'",
        "2 satellites of the generation 'v2mini' carry the payload 'v2-mini'",
    )


@pytest.mark.parametrize(
    ("types", "place", "message"),
    [
        ("[terminal_types.a]\ntilt_deg = 91", "terminal_types.a.tilt_deg", "less than or equal to 90, not 91"),
        ("[terminal_types.a]\nduty_cycle = 0", "terminal_types.a.duty_cycle", "greater than 0"),
        (
            "[terminal_types.a]\nrecieve_gain_dbi = 3",
            "terminal_types.a.recieve_gain_dbi",
            "unknown key; did you mean receive_gain_dbi?",
        ),
        ("[terminal_types.a]\ndish_m = 3", "terminal_types.a.dish_m", "does not belong here"),
        ("[terminal_types.a]\nbase = 'minni'", "terminal_types.a.base", "no terminal type 'minni'; did you mean mini?"),
        ("[terminal_types.a]\nbase = 'xyz'", "terminal_types.a.base", "add [terminal_types.xyz]"),
        ("[terminal_types.a]\nbase = 'a'", "terminal_types.a.base", "leads back to 'a'; name another terminal type"),
        ("[gateway_types.a]\nbase = 'megaa'", "gateway_types.a.base", "no gateway type 'megaa'; did you mean mega?"),
        ("[gateway_types.a]\nantennas = 1.5", "gateway_types.a.antennas", "valid integer"),
        (
            "[gateway_types.a.ka]\nup_bandwidth_mhz = -1",
            "gateway_types.a.ka.up_bandwidth_mhz",
            "greater than 0, not -1",
        ),
        (
            "[gateway_types.a.e]\ndish_m = 1",
            "gateway_types.a.e",
            "the base has no such band; also give up_frequency_ghz,",
        ),
        ("[payloads.a]\nbase = 'v2-mimi'", "payloads.a.base", "there is no payload 'v2-mimi'; did you mean v2-mini?"),
        ("[payloads.a]\nprocessing = 'magic'", "payloads.a.processing", "should be one of regenerative, bent-pipe"),
        ("[payloads.a]\ndown_bandwidth_mhz = -240", "payloads.a.down_bandwidth_mhz", "greater than 0, not -240"),
        ("[payloads.a]\nbase = 'v1'\n[payloads.a.e]\ng_over_t_db_k = 1", "payloads.a.e", "also give transmit_eirp_dbw"),
        ("[payloads]\na = 3", "payloads.a", "should be a table, not 3"),
    ],
)
def test_each_fault_has_its_place_and_its_mend(types: str, place: str, message: str) -> None:
    """As everywhere in a scenario."""
    assert message in faults_of(types=types)[place]


def test_types_that_lead_in_a_circle_are_faults_of_both() -> None:
    """A type that leads into the circle is none of it."""
    faults = faults_of(
        types=(
            "[terminal_types.standard]\nbase = 'b'\n[terminal_types.b]\nbase = 'standard'\n"
            "[terminal_types.c]\nbase = 'b'"
        )
    )
    assert list(faults) == ["terminal_types.standard.base", "terminal_types.b.base"]


def test_a_faulty_type_is_no_second_fault_where_it_is_used() -> None:
    """And hides no other fault."""
    faults = faults_of(
        types="[terminal_types.a]\ntilt_deg = 91\n[terminal_types.b]\nbase = 'a'",
        terminals=f"[[terminals]]\nname = 'zurich'\ntype = 'a'\n{SITE}",
        gateways=f"[gateways]\ntype = 'big'\n[[gateways.site]]\nname = 'g'\ntype = 'huge'\n{SITE}",
    )
    assert set(faults) == {"terminal_types.a.tilt_deg", "gateways.type", "gateways.site.0.type"}
    assert (
        faults["gateways.type"]
        == "there is no gateway type 'big'; add [gateway_types.big], or name one of standard, mega"
    )


def test_a_gateway_has_antennas_of_its_own_or_those_of_its_type() -> None:
    """What a scenario says of one site goes before what its type has."""
    sites = (
        "[gateways]\ntype = 'few'\n[[gateways.site]]\nname = 'own'\nlatitude_deg = 1\nlongitude_deg = 1\nantennas = 3\n"
        "[[gateways.site]]\nname = 'typed'\nlatitude_deg = 2\nlongitude_deg = 2\n"
    )
    world = tiny_scenario(gateways=f"[gateway_types.few]\nantennas = 2\n{sites}", pairs="").world
    assert world.antennas(np.array([world.sites.row("own"), world.sites.row("typed")])).tolist() == [3, 2]


def test_a_list_says_how_many_antennas_its_gateways_have(tmp_path: Path) -> None:
    """And the type where it does not."""
    (tmp_path / "mine.csv").write_text("name,lat,lon,antennas\nbig,1,1,40\nusual,2,2,\n", encoding="utf-8")
    world = tiny_scenario(folder=tmp_path, gateways='[gateways]\nfile = "mine.csv"', pairs="").world
    usual = world.equipment.gateways[0].antennas
    assert world.antennas(np.array([world.sites.row("big"), world.sites.row("usual")])).tolist() == [40, usual]
