"""Sections for the scheduler become its rules; what is wrong with them is named, all at once."""

from pathlib import Path

import numpy as np
import pytest

from skycommons.base.errors import ScenarioError
from skycommons.model.cells import cell_texts, cells_of
from skycommons.model.documents_service import BUSY_HOUR_SHAPE
from skycommons.model.scenario import parse
from skycommons.model.service_map import CellState, ServiceClass
from skycommons.model.service_rules import (
    AssignmentRule,
    AuctionAssignment,
    ExactAssignment,
    GreedyAssignment,
    HighestAssignment,
    ObservedAssignment,
    ServiceRules,
)
from skycommons.model.territories import territory_of
from tests.support.tiny_world import STRICT, tiny_scenario, tiny_text

ZURICH, GENEVA = cells_of(np.radians([47.37, 46.2]), np.radians([8.54, 6.14]))
ALPS = '[[territories]]\nname = "CH"\ncountries = ["CH"]\n{}\n[[territories]]\nname = "Austria"\ncountries = ["AT"]\n{}'


def rules_of(folder: Path = Path(), **parts: str) -> ServiceRules:
    """The scheduler's rules of the tiny world with other parts."""
    found = tiny_scenario(folder=folder, **parts).service
    assert found is not None
    return found


def faults_of(folder: Path = Path(), **parts: str) -> dict[str, str]:
    """Faults of the tiny world with other parts, by place."""
    with pytest.raises(ScenarioError) as caught:
        parse(tiny_text(**parts), folder=folder)
    return {fault.place: fault.message for fault in caught.value.faults}


def test_without_a_section_there_is_no_scheduler() -> None:
    """Flows choose for themselves."""
    assert tiny_scenario().service is None
    assert tiny_scenario(territories=ALPS.format("gso_exclusion_deg = 20", "")).service is None


@pytest.mark.parametrize("section", ["[schedule]", "[service]", "[demand]", ALPS.format('service = "active"', "")])
def test_terminals_ask_where_there_is_a_scheduler(section: str) -> None:
    """In their cells, for a subscriber's rates."""
    rules = rules_of(section=section)
    assert rules.demand.cells.tolist() == [ZURICH]
    assert rules.demand.down_bps.tolist() == [[0.0, 0.0, 3e6, 0.0]]
    assert rules.demand.up_bps.sum() == pytest.approx(0.3e6)
    assert rules.busy_hour_shape == BUSY_HOUR_SHAPE
    assert rules.others is not None
    assert len(rules.others) == 0


def test_what_is_known_of_a_terminal() -> None:
    """Protected users come before all classes; files and grids are usual."""
    one = '[[terminals]]\nname = "{}"\nlatitude_deg = 47.37\nlongitude_deg = 8.54\n'
    terminals = (
        one.format("zurich")
        + "protected = true\n"
        + one.format("second")
        + 'service_class = "background"\naccount = "barred"\ndown_mbps = 50\nup_mbps = 0\n'
        + "[terminal_grid]\ncount = 2\n"
    )
    accounts = rules_of(terminals=terminals, schedule="[schedule]").accounts
    assert accounts.rank.tolist() == [0, 3, 2, 2]
    assert accounts.is_barred.tolist() == [False, True, False, False]
    assert accounts.down_bps.tolist() == [3e6, 50e6, 3e6, 3e6]
    assert accounts.up_bps.tolist() == pytest.approx([0.3e6, 0.0, 0.3e6, 0.3e6])


def test_people_of_a_file(tmp_path: Path) -> None:
    """A cell with too few expected subscribers counts as none."""
    zurich, geneva = cell_texts(np.array([ZURICH, GENEVA]))
    (tmp_path / "people.csv").write_text(f"cell,people\n{zurich},400000\n{geneva},900\n")
    demand = (
        '[demand]\npeople_file = "people.csv"\nsubscribers_per_1000_people = 1\ndown_mbps_per_subscriber = 2\n'
        'service_class = "background"\n'
    )
    rules = rules_of(tmp_path, demand=demand)
    assert rules.demand.cells.tolist() == [ZURICH]
    assert rules.demand.people.tolist() == [400_000.0]
    assert rules.demand.subscribers.tolist() == [401.0]
    assert rules.demand.down_bps.tolist() == [[0.0, 0.0, 2e6, 800e6]]
    assert rules.demand.sources == ("people.csv", "terminals")
    all_of_them = rules_of(tmp_path, demand=demand + "min_subscribers = 0")
    assert all_of_them.demand.subscribers.sum() == pytest.approx(401.9)


def test_given_demand_counts_only_in_the_territories_that_are_named(tmp_path: Path) -> None:
    """Terminals ask wherever they are."""
    vienna = cells_of(np.radians([48.2]), np.radians([16.37]))
    texts = cell_texts(np.array([GENEVA, *vienna]))
    (tmp_path / "given.csv").write_text(
        "cell,subscribers,down_mbps,up_mbps\n" + "".join(f"{text},10,100,20\n" for text in texts)
    )
    demand = '[demand]\ncells_file = "given.csv"\nterritories = ["Austria"]'
    rules = rules_of(tmp_path, demand=demand, territories=ALPS.format("", ""))
    assert set(rules.demand.cells.tolist()) == {int(ZURICH), int(vienna[0])}
    assert rules.demand.subscribers.sum() == 11.0
    everywhere = rules_of(tmp_path, demand='[demand]\ncells_file = "given.csv"')
    assert everywhere.demand.down_bps.sum() == pytest.approx(203e6)


def test_the_world_asks() -> None:
    """Ten million subscribers, and a note that they are synthetic."""
    scenario = tiny_scenario(demand="[demand]\npopulation = true")
    rules = scenario.service
    assert rules is not None
    assert rules.demand.subscribers.sum() == pytest.approx(10.13e6, rel=0.01)
    assert len(rules.demand) == pytest.approx(363_500, rel=0.02)
    assert any("synthetic" in note for note in scenario.notes)
    assert rules.demand.sources == ("synthetic population of the package", "terminals")


def test_territories_say_where_service_is_allowed() -> None:
    """For exactly their cells; the last one counts."""
    scenario = tiny_scenario(
        service='[service]\ndefault = "unlicensed"\ndefault_class = "standard"',
        territories=ALPS.format('service = "active"', 'service = "suspended"\nservice_class = "background"')
        + '\n[[territories]]\nname = "both"\ncountries = ["CH", "AT"]\nservice_class = "priority"',
    )
    rules = scenario.service
    assert rules is not None
    found = rules.service_map
    swiss, austrian = scenario.territory("CH").cells, scenario.territory("Austria").cells
    assert set(found.states_of(swiss).tolist()) == {CellState.ACTIVE}
    assert set(found.states_of(austrian).tolist()) == {CellState.SUSPENDED}
    assert set(found.classes_of(austrian).tolist()) == {ServiceClass.PRIORITY}
    assert len(found) == len(swiss) + len(austrian)
    assert found.default_state is CellState.UNLICENSED
    assert found.default_class is ServiceClass.STANDARD


def test_a_map_from_a_file_with_territories_on_top(tmp_path: Path) -> None:
    """The section's default counts over the file's."""
    zurich, geneva = cell_texts(np.array([ZURICH, GENEVA]))
    (tmp_path / "map.json").write_text(
        '{"version": 7, "default_state": "suspended", "default_class": "background", '
        f'"groups": [{{"state": "inactive", "cells": ["{zurich}", "{geneva}"]}}]}}'
    )
    (tmp_path / "cells.txt").write_text(geneva)
    over = '[[territories]]\nname = "Geneva"\ncells_file = "cells.txt"\nservice = "active"'
    service = '[service]\nmap_file = "map.json"\ndefault = "active"'
    found = rules_of(tmp_path, service=service, territories=over).service_map
    assert found.version == 7
    assert found.states_of(np.array([ZURICH, GENEVA])).tolist() == [CellState.INACTIVE, CellState.ACTIVE]
    assert found.default_state is CellState.ACTIVE
    assert found.default_class is ServiceClass.BACKGROUND


@pytest.mark.parametrize(
    ("words", "policy"),
    [
        ("", ObservedAssignment()),
        ('policy = "highest-elevation"', HighestAssignment()),
        ('policy = "greedy"', GreedyAssignment()),
        ('policy = "auction"\ngap_nats = 0.2', AuctionAssignment(gap_nats=0.2)),
        ('policy = "exact"', ExactAssignment()),
    ],
)
def test_policies_are_objects(words: str, policy: AssignmentRule) -> None:
    """Told apart by their type."""
    assert rules_of(schedule=f"[schedule]\n{words}").schedule.policy == policy


def test_the_schedule_as_it_is_written() -> None:
    """Every key."""
    schedule = rules_of(
        schedule="[schedule]\ncells_per_beam = 4\nchannels = 3\nseparation_rings = 2\ncandidates = 9\nslot_s = 30\n"
        "slot_phase_s = 0"
    ).schedule
    assert (schedule.cells_per_beam, schedule.channels, schedule.separation_rings) == (4, 3, 2)
    assert (schedule.candidates, schedule.slot_s, schedule.slot_phase_s) == (9, 30.0, 0.0)


def test_pops_by_country() -> None:
    """By the names that the PoPs have, or the cities that these begin with."""
    pops = '[pops]\nsite = [{ name = "frankfurt-pop", latitude_deg = 50.1, longitude_deg = 8.7 }]\n{}'
    countries = '[pops.countries]\nYE = "Frankfurt"\nCH = "nearest"'
    rules = rules_of(pops=pops.replace("{}", countries), schedule="[schedule]", pairs="")
    assert rules.pop_of_country == (("CH", "nearest"), ("YE", "frankfurt-pop"))


def test_all_faults_come_at_once(tmp_path: Path) -> None:
    """Of all sections, each with its mend."""
    (tmp_path / "people.csv").write_text("cell,people\nBerne,1\n")
    (tmp_path / "map.json").write_text('{"version": "new"}')
    (tmp_path / "given.csv").write_text("cell\n")
    faults = faults_of(
        tmp_path,
        demand='[demand]\npopulation = true\npeople_file = "people.csv"\ncells_file = "given.csv"\n'
        'territories = ["Astria", "Mars"]',
        service='[service]\nmap_file = "map.json"',
        schedule="[schedule]\ngap_nats = 0.1",
        territories=ALPS.format("", "")
        + '\n[[territories]]\nname = "dot"\npolygon_deg = [[47.0, 8.0], [47.0, 8.001], [47.001, 8.0]]\n'
        'service = "inactive"',
        pops='[[pops.site]]\nname = "frankfurt"\nlatitude_deg = 50.11\nlongitude_deg = 8.68\n'
        '[pops.countries]\nCH = "frankfort"\nUK = "frankfurt"\nDE = "Mars"',
    )
    assert set(faults) == {
        *("demand.people_file", "demand.cells_file", "demand.territories.0", "demand.territories.1"),
        *("service.map_file", "schedule.gap_nats", "territories.2"),
        *("pops.countries.CH", "pops.countries.UK", "pops.countries.DE"),
    }
    assert faults["demand.territories.0"].endswith("did you mean Austria?")
    assert faults["pops.countries.CH"].endswith("did you mean frankfurt?")
    assert faults["pops.countries.UK"].endswith("did you mean GB?")
    assert "no cell" in faults["territories.2"]
    assert "map.json: version" in faults["service.map_file"]


@pytest.mark.parametrize(
    ("section", "place", "message"),
    [
        ('[service]\ndefault = "dark"', "service.default", "should be one of active, inactive, suspended, unlicensed"),
        ("[demand]\nbusy_hour_shape = [1.0]", "demand.busy_hour_shape", "at least 24 items"),
        (f"[demand]\nbusy_hour_shape = {[0.5] * 24}", "demand.busy_hour_shape", "the largest of them 1"),
        ('[schedule]\npolicy = "best"', "schedule.policy", "highest-elevation"),
        ("[schedule]\nslots = 3", "schedule.slots", "unknown key"),
        ('[schedule]\npolicy = "auction"\ngap_nats = 1e-4', "schedule.gap_nats", "0.001"),
    ],
)
def test_sections_with_faults(section: str, place: str, message: str) -> None:
    """Each word and number has its range."""
    assert message in faults_of(section=section)[place]


def test_faults_of_its_files_are_named_whatever_else_is_wrong(tmp_path: Path) -> None:
    """Ground that cannot be read hides none of them."""
    faults = faults_of(
        tmp_path,
        pops='[pops]\nfile = "absent.csv"',
        pairs="",
        demand='[demand]\npeople_file = "absent.csv"',
        service='[service]\nmap_file = "absent.json"',
    )
    assert set(faults) == {"pops.file", "demand.people_file", "service.map_file"}


def test_a_day_of_ones_own() -> None:
    """In place of the assumed one."""
    shape = (*[0.5] * 12, *[1.0] * 12)
    assert rules_of(demand=f"[demand]\nbusy_hour_shape = {list(shape)}").busy_hour_shape == shape


def test_nobody_asks() -> None:
    """A schedule for nobody is a mistake; a map alone is not."""
    assert "nobody" in faults_of(terminals="", pairs="", schedule="[schedule]")["schedule"]
    assert "nobody" in faults_of(terminals="", pairs="", demand="[demand]")["demand"]
    assert len(rules_of(terminals="", pairs="", service="[service]").demand) == 0


@pytest.mark.parametrize(
    ("demand", "mend"),
    [
        ("[demand]", "add terminals"),
        ('[demand]\npeople_file = "few.csv"', "enough people; raise subscribers_per_1000_people"),
        ('[demand]\npeople_file = "few.csv"\nterritories = ["CH"]', "its territories hold no cell"),
    ],
)
def test_where_nobody_asks_the_mend_fits(tmp_path: Path, demand: str, mend: str) -> None:
    """It depends on who could ask."""
    (tmp_path / "few.csv").write_text("latitude_deg,longitude_deg,people\n47.0,8.0,10\n", encoding="utf-8")
    faults = faults_of(tmp_path, terminals="", pairs="", demand=demand, territories=ALPS.format("", ""))
    assert mend in faults["demand"]


def test_a_fault_is_not_followed_by_what_follows_from_it() -> None:
    """A file that is not there, and a country that does not exist."""
    faults = faults_of(
        terminals="",
        pairs="",
        demand='[demand]\ncells_file = "lost.csv"',
        territories='[[territories]]\nname = "Q"\ncountries = ["QQ"]\nservice = "inactive"',
    )
    assert sorted(faults) == ["demand.cells_file", "territories.0.countries.0"]


def test_what_only_the_scheduler_reads_is_noted() -> None:
    """Where there is none."""
    terminals = '[[terminals]]\nname = "zurich"\nlatitude_deg = 47.37\nlongitude_deg = 8.54\nprotected = true'
    pops = (
        '[[pops.site]]\nname = "frankfurt"\nlatitude_deg = 50.11\nlongitude_deg = 8.68\n'
        '[pops.countries]\nCH = "frankfurt"'
    )
    notes = tiny_scenario(terminals=terminals, pops=pops).notes
    assert "[pops.countries], protected of terminals: only the scheduler reads them; add [schedule]" in notes


def test_limits_of_single_terminals_are_noted_as_unheard() -> None:
    """A cell has one judgement, by the first type of terminal."""
    note = (
        "min_elevation_deg of terminals, gso_exclusion_deg of terminals: the scheduler judges a cell by the first type"
    )
    assert any(one.startswith(note) for one in tiny_scenario(terminals=STRICT, schedule="[schedule]").notes)
    assert not any(one.startswith("min_elevation_deg") for one in tiny_scenario(terminals=STRICT).notes)


def test_cells_of_a_territory_are_those_of_its_list() -> None:
    """The map's cells are what `skycommons territory` would list."""
    scenario = tiny_scenario(territories=ALPS.format('service = "inactive"', ""))
    assert scenario.service is not None
    assert np.array_equal(scenario.service.service_map.cells, territory_of(scenario.territories[0]).cells)
