"""A scenario is a value in SI units: what the file says, in tables."""

from math import radians
from pathlib import Path

import numpy as np
import pytest

import skycommons
from skycommons.base.clock import format_time, parse_time
from skycommons.base.errors import InputError, ScenarioError
from skycommons.model.rules import (
    BentPipeMode,
    Grid,
    HighestElevation,
    LaserMode,
    LowestDelay,
    Motif,
    Nearest,
    NoLasers,
    Pairs,
)
from skycommons.model.scenario import load
from skycommons.model.world import SiteKind
from skycommons.orbit.walker import altitude_for_mean_motion
from tests.support.tiny_world import tiny_scenario

KILOMETRE_M = 1e3


def test_the_tables_hold_what_the_file_says_in_si_units() -> None:
    """Degrees, kilometres and names become radians, metres and rows."""
    scenario = tiny_scenario()
    satellites, sites = scenario.world.satellites, scenario.world.sites
    assert satellites.ids[:2] == ("s53-p00-00", "s53-p00-01")
    assert satellites.ids[-1] == "s53-p02-03"
    assert satellites.plane.tolist() == [0] * 4 + [1] * 4 + [2] * 4
    assert satellites.shell_names == ("s53",)
    np.testing.assert_allclose(satellites.elements.inclination_rad, radians(53))
    assert sites.ids == ("zurich", "basel", "frankfurt")
    assert sites.kind.tolist() == [SiteKind.TERMINAL, SiteKind.GATEWAY, SiteKind.POP]
    np.testing.assert_allclose(sites.latitude_rad, np.radians([47.37, 47.56, 50.11]))
    np.testing.assert_allclose(sites.min_elevation_rad, np.radians([25, 25, np.nan]))
    assert sites.home_pop.tolist() == [-1, -1, -1]
    assert scenario.pairs == ((0, 2),)
    assert format_time(scenario.start_ns) == "2026-01-01T00:00:00Z"
    assert scenario.lasers.topology == Grid()
    assert scenario.lasers.max_range_m == 5_400e3
    assert scenario.routing.mode == LaserMode()
    assert scenario.routing.attachment == LowestDelay()


def test_times_run_from_the_start_with_the_step_and_can_be_asked_for_otherwise() -> None:
    """The end is not included."""
    scenario = tiny_scenario()
    assert len(scenario.times()) == 4
    assert len(scenario.times(hours=1)) == 240
    assert len(scenario.times(hours=1.6, every_s=15)) == 384
    assert scenario.times()[1] - scenario.start_ns == 15_000_000_000
    with pytest.raises(InputError, match="duration_s"):
        scenario.times(hours=0)


def test_a_shell_may_be_given_by_its_mean_motion_or_its_altitude() -> None:
    """One follows from the other."""
    mean_motion = "[[constellation]]\nname = 'm'\nmean_motion_rev_day = {}\nplanes = 1\nsatellites_per_plane = 1\ninclination_deg = 53"
    by_motion = tiny_scenario(constellation=mean_motion.format(15.19)).world.satellites.elements
    assert by_motion.mean_motion_rad_s[0] * 86_400 / (2 * np.pi) == pytest.approx(15.19, rel=1e-9)
    by_altitude = tiny_scenario().world.satellites.elements
    altitude_m = altitude_for_mean_motion(float(by_altitude.mean_motion_rad_s[0]), radians(53))
    assert altitude_m == pytest.approx(1200 * KILOMETRE_M, abs=1e-3)


@pytest.mark.parametrize(
    ("keys", "spread_deg"),
    [("", 360), ("pattern = 'delta'", 360), ("pattern = 'star'", 180), ("raan_spread_deg = 90", 90)],
)
def test_planes_spread_over_the_pattern_or_the_given_angle(keys: str, spread_deg: float) -> None:
    """Delta is what nothing said means."""
    shell = f"[[constellation]]\nname = 'w'\naltitude_km = 600\nplanes = 4\nsatellites_per_plane = 1\ninclination_deg = 80\n{keys}"
    raan_rad = tiny_scenario(constellation=shell).world.satellites.elements.raan_rad
    assert np.degrees(raan_rad[1] - raan_rad[0]) == pytest.approx(spread_deg / 4)


def test_a_preset_can_be_filtered_by_name_shell_and_generation() -> None:
    """Only what is kept flies, and only its shells are named."""
    everything = tiny_scenario(constellation="[[constellation]]\npreset = 'starlink-2026'").world.satellites
    generation = min(set(everything.generations) - {""})
    kept = tiny_scenario(
        constellation=f"[[constellation]]\npreset = 'starlink-2026'\ngenerations = ['{generation}']"
    ).world.satellites
    assert 0 < len(kept) < len(everything)
    assert set(kept.generations) == {generation}
    one_shell = tiny_scenario(
        constellation=f"[[constellation]]\npreset = 'starlink-2026'\nshells = ['{everything.shell_names[1]}']"
    ).world.satellites
    assert one_shell.shell_names == (everything.shell_names[1],)
    assert set(one_shell.shell.tolist()) == {0}
    named = tiny_scenario(
        constellation=f"[[constellation]]\npreset = 'starlink-2026'\nnames = '{everything.ids[0]}'"
    ).world.satellites
    assert named.ids == everything.ids[:1]


def test_filters_that_leave_nothing_are_a_fault_that_offers_what_there_is() -> None:
    """The shells and the generations stand in the message."""
    with pytest.raises(ScenarioError, match="no satellite fits the filter; there are the shells 33-590"):
        tiny_scenario(constellation="[[constellation]]\npreset = 'kuiper'\nnames = 'nobody'")


def test_several_constellations_add_up() -> None:
    """Shell rows run on through all of them."""
    shell = "[[constellation]]\nname = '{}'\naltitude_km = 600\nplanes = 2\nsatellites_per_plane = 2\ninclination_deg = 80\n"
    satellites = tiny_scenario(constellation=shell.format("a") + shell.format("b")).world.satellites
    assert satellites.shell_names == ("a", "b")
    assert satellites.shell.tolist() == [0] * 4 + [1] * 4


def test_terminal_types_and_single_values_set_the_limits() -> None:
    """The terminal's own value goes before its type's, and a redefined standard holds for all."""
    scenario = tiny_scenario(
        types="[terminal_types.standard]\nmin_elevation_deg = 30\n[terminal_types.ship]\ngso_exclusion_deg = 12",
        terminals=(
            "[[terminals]]\nname = 'zurich'\nlatitude_deg = 1\nlongitude_deg = 1\n"
            "[[terminals]]\nname = 'boat'\ntype = 'ship'\nlatitude_deg = 2\nlongitude_deg = 2\nmin_elevation_deg = 40\n"
            "[[terminals]]\nname = 'ferry'\ntype = 'ship'\nlatitude_deg = 2\nlongitude_deg = 3\ngso_exclusion_deg = 0\n"
        ),
    )
    sites = scenario.world.sites
    np.testing.assert_allclose(sites.min_elevation_rad[:3], np.radians([30, 40, 25]))
    np.testing.assert_allclose(sites.gso_exclusion_rad[:3], np.radians([0, 12, 0]))


def test_a_gateway_may_have_limits_of_its_own() -> None:
    """Otherwise those of the section hold."""
    scenario = tiny_scenario(
        gateways=(
            "[gateways]\nmin_elevation_deg = 10\ngso_exclusion_deg = 3\n"
            "[[gateways.site]]\nname = 'a'\nlatitude_deg = 1\nlongitude_deg = 1\n"
            "[[gateways.site]]\nname = 'b'\nlatitude_deg = 1\nlongitude_deg = 2\nmin_elevation_deg = 5\n"
            "gso_exclusion_deg = 0"
        )
    )
    rows = scenario.world.sites.rows(SiteKind.GATEWAY)
    np.testing.assert_allclose(np.degrees(scenario.world.sites.min_elevation_rad[rows]), [10, 5])
    np.testing.assert_allclose(np.degrees(scenario.world.sites.gso_exclusion_rad[rows]), [3, 0])


def test_a_terminal_belongs_to_the_pop_that_it_names() -> None:
    """Its row stands in the table."""
    sites = tiny_scenario(
        terminals="[[terminals]]\nname = 'zurich'\nlatitude_deg = 1\nlongitude_deg = 1\npop = 'frankfurt'",
        pairs="",
    ).world.sites
    assert sites.home_pop.tolist() == [2, -1, -1]


def test_a_flow_may_start_or_end_at_any_site() -> None:
    """Only not at two PoPs."""
    pairs = "[[pairs]]\nfrom = 'basel'\nto = 'zurich'\n[[pairs]]\nfrom = 'frankfurt'\nto = 'zurich'"
    assert tiny_scenario(pairs=pairs).pairs == ((1, 0), (2, 0))


def test_a_pop_that_is_not_there_is_a_fault() -> None:
    """Without a near match, the message says what else to do."""
    with pytest.raises(ScenarioError, match="there is no PoP 'xyz'; name one of the PoPs, or leave pop out"):
        tiny_scenario(terminals="[[terminals]]\nname = 'zurich'\nlatitude_deg = 1\nlongitude_deg = 1\npop = 'xyz'")


def test_a_grid_of_terminals_shares_the_area_evenly() -> None:
    """Half of the points of a symmetric band lie south, and a sixth-height band holds its share of area."""
    sites = tiny_scenario(
        grid="[terminal_grid]\ncount = 1000\nmin_latitude_deg = -90\nmax_latitude_deg = 90"
    ).world.sites
    latitude_rad = sites.latitude_rad[1:1001]
    assert sites.ids[1] == "grid-0001"
    assert np.count_nonzero(latitude_rad < 0) == 500
    assert np.count_nonzero(np.abs(latitude_rad) < radians(30)) == pytest.approx(500, abs=1)
    assert np.abs(sites.longitude_rad).max() <= np.pi


def test_sites_of_a_file_give_way_to_names_in_the_scenario(tmp_path: Path) -> None:
    """They get their kind, and then a number, behind their name; PoPs still answer to the old one."""
    (tmp_path / "gateways.csv").write_text("name,lat,lon\nzurich,1,1\nfrankfurt,2,2\nzurich (gateway),3,3\n")
    (tmp_path / "pops.csv").write_text("name,lat,lon\nzurich,4,4\nlagos,5,5\n")
    (tmp_path / "terminals.csv").write_text("name,lat,lon\nlagos,6,6\n")
    scenario = tiny_scenario(
        folder=tmp_path,
        terminals="[[terminals]]\nname = 'zurich'\nlatitude_deg = 1\nlongitude_deg = 1\npop = 'zurich'",
        gateways="[gateways]\nfile = 'gateways.csv'",
        pops="[pops]\nfile = 'pops.csv'\n[[pops.site]]\nname = 'frankfurt'\nlatitude_deg = 1\nlongitude_deg = 1",
        file="[terminals_file]\nfile = 'terminals.csv'",
        pairs="[[pairs]]\nfrom = 'zurich'\nto = 'lagos'",
    )
    assert scenario.world.sites.ids == (
        "zurich",
        "lagos",
        "zurich (gateway)",
        "frankfurt (gateway)",
        "zurich (gateway) (gateway)",
        "zurich (PoP)",
        "lagos (PoP)",
        "frankfurt",
    )
    assert scenario.world.sites.home_pop[0] == 5
    assert scenario.pairs == ((0, 1),)


def test_two_files_with_one_name_get_numbers(tmp_path: Path) -> None:
    """A name is never used twice."""
    (tmp_path / "a.csv").write_text("name,lat,lon\nx,1,1\n")
    scenario = tiny_scenario(
        folder=tmp_path,
        terminals="[[terminals]]\nname = 'x'\nlatitude_deg = 1\nlongitude_deg = 1\n"
        "[[terminals]]\nname = 'x (gateway)'\nlatitude_deg = 1\nlongitude_deg = 1",
        gateways="[gateways]\nfile = 'a.csv'",
        pairs="",
    )
    assert scenario.world.sites.ids[2] == "x (gateway 2)"


def test_sites_out_of_operation_are_left_out_unless_asked_for(tmp_path: Path) -> None:
    """The filter names states; the notes say how many were left out."""
    (tmp_path / "g.csv").write_text("name,lat,lon,status,min_elevation_deg\na,1,1,operational,5\nb,2,2,planned,\n")
    usual = tiny_scenario(folder=tmp_path, gateways="[gateways]\nfile = 'g.csv'")
    assert [usual.world.sites.ids[row] for row in usual.world.sites.rows(SiteKind.GATEWAY)] == ["a"]
    assert usual.notes == ("g.csv: 1 site(s) not in operation left out",)
    assert np.degrees(usual.world.sites.min_elevation_rad[1]) == pytest.approx(5)
    planned = tiny_scenario(folder=tmp_path, gateways="[gateways]\nfile = 'g.csv'\nstatus = ['planned']")
    assert [planned.world.sites.ids[row] for row in planned.world.sites.rows(SiteKind.GATEWAY)] == ["b"]
    with pytest.raises(ScenarioError, match=r"leaves no site of g\.csv; its states are operational, planned"):
        tiny_scenario(folder=tmp_path, gateways="[gateways]\nfile = 'g.csv'\nstatus = ['closed']")


def test_rows_of_a_file_that_cannot_be_used_are_noted(tmp_path: Path) -> None:
    """The rest goes on; the first few are named."""
    rows = "".join(f"bad{number},999,1\n" for number in range(5))
    (tmp_path / "g.csv").write_text(f"name,lat,lon\na,1,1\n{rows}")
    (note,) = tiny_scenario(folder=tmp_path, gateways="[gateways]\nfile = 'g.csv'").notes
    assert note.startswith("g.csv: 5 row(s) left out: ")
    assert note.endswith("; ...")


def test_built_in_ground_can_be_taken() -> None:
    """Gateways and PoPs separately."""
    scenario = tiny_scenario(gateways="[gateways]\nbuiltin = true", pops="[pops]\nbuiltin = true", pairs="")
    assert len(scenario.world.sites.rows(SiteKind.GATEWAY)) > 100
    assert len(scenario.world.sites.rows(SiteKind.POP)) > 20


@pytest.mark.parametrize(
    ("section", "topology"),
    [
        ("", Grid()),
        ("topology = 'grid'", Grid()),
        ("topology = 'nearest'\nper_satellite = 3", Nearest(per_satellite=3)),
        ("topology = 'motif'\nmotif = [[0, 1], [1, -1]]", Motif(offsets=((0, 1), (1, -1)))),
        ("topology = 'none'", NoLasers()),
    ],
)
def test_a_topology_becomes_its_strategy_object(section: str, topology: object) -> None:
    """No string is left to compare."""
    assert tiny_scenario(lasers=f"[lasers]\n{section}").lasers.topology == topology


def test_pairs_of_satellites_become_rows() -> None:
    """Unknown satellites and links to oneself are faults."""
    head = "[lasers]\ntopology = 'pairs'\nacquisition_s = 0\nmax_range_km = 100\nmin_grazing_height_km = 50\n"
    rules = tiny_scenario(lasers=f"{head}pairs = [['s53-p00-00', 's53-p01-02']]").lasers
    assert isinstance(rules.topology, Pairs)
    assert rules.topology.rows.tolist() == [[0, 6]]
    assert (rules.max_range_m, rules.min_grazing_height_m, rules.acquisition_s) == (1e5, 5e4, 0)
    with pytest.raises(ScenarioError) as caught:
        tiny_scenario(lasers=f"{head}pairs = [['s53-p00-00', 's53-p00-00'], ['zzz', 's53-p00-00']]")
    assert [fault.place for fault in caught.value.faults] == ["lasers.pairs.0", "lasers.pairs.1"]


def test_routing_words_become_strategy_objects() -> None:
    """Mode and attachment."""
    routing = tiny_scenario(
        routing="[routing]\nmode = 'bent-pipe'\nattachment = 'highest-elevation'\nfibre_detour = 2\nalternatives = 3"
    ).routing
    assert routing.mode == BentPipeMode()
    assert routing.attachment == HighestElevation()
    assert (routing.fibre_detour, routing.alternatives) == (2, 3)


def test_a_scenario_is_a_value_that_is_copied_with_changes() -> None:
    """The first stays as it was."""
    scenario = tiny_scenario()
    longer = scenario.replace(duration_s=120.0)
    assert (len(scenario.times()), len(longer.times())) == (4, 8)
    with pytest.raises(InputError, match="a scenario has no 'durations'; did you mean duration_s"):
        scenario.replace(durations=1)


def test_sites_can_be_taken_out() -> None:
    """Flows from or to them go with them, and a terminal whose PoP is gone turns to the nearest."""
    scenario = tiny_scenario(
        terminals="[[terminals]]\nname = 'zurich'\nlatitude_deg = 1\nlongitude_deg = 1\n"
        "[[terminals]]\nname = 'bern'\nlatitude_deg = 1\nlongitude_deg = 1\npop = 'frankfurt'",
        pairs="[[pairs]]\nfrom = 'zurich'\nto = 'frankfurt'\n[[pairs]]\nfrom = 'bern'\nto = 'zurich'",
    )
    dark = scenario.without("basel")
    assert dark.world.sites.ids == ("zurich", "bern", "frankfurt")
    assert dark.pairs == ((0, 2), (1, 0))
    assert dark.world.sites.home_pop.tolist() == [-1, 2, -1]
    darker = scenario.without("frankfurt")
    assert darker.pairs == ((1, 0),)
    assert darker.world.sites.home_pop.tolist() == [-1, -1, -1]
    with pytest.raises(InputError, match="did you mean basel"):
        scenario.without("basle")


def test_it_shows_itself_in_one_line_and_in_a_notebook() -> None:
    """Counts with thousands separators; words are escaped."""
    scenario = tiny_scenario(head="name = 'tiny'\ntitle = 'A < B'")
    assert repr(scenario) == "<Scenario 'tiny': 12 satellites, 1 gateways, 1 terminals>"
    page = scenario._repr_html_()
    assert "A &lt; B" in page
    assert "<td>2026-01-01T00:00:00Z</td>" in page


def test_it_flies() -> None:
    """Positions of every satellite at every step."""
    scenario = tiny_scenario()
    ephemeris = scenario.propagate(scenario.times())
    assert ephemeris.position_itrf_m.shape == (4, 12, 3)
    radius_m = np.linalg.norm(ephemeris.position_itrf_m, axis=2)
    np.testing.assert_allclose(radius_m, 6_378_137 + 1_200e3, atol=15 * KILOMETRE_M)


@pytest.mark.parametrize("name", ["default", "tiny", "walker"])
def test_the_scenarios_of_the_repository_are_sound(repository: Path, name: str) -> None:
    """Each is called like its file."""
    scenario = skycommons.load(repository / "scenarios" / f"{name}.toml")
    assert scenario.name == name
    assert scenario.pairs


def test_the_default_scenario_spans_the_continents(repository: Path) -> None:
    """About 10,000 satellites, a dozen terminals, hundreds of gateways."""
    scenario = load(repository / "scenarios" / "default.toml")
    assert len(scenario.world.satellites) == pytest.approx(10_000, rel=0.1)
    assert len(scenario.world.sites.rows(SiteKind.TERMINAL)) == 12
    assert len(scenario.times()) == 240


def test_a_real_catalogue_flies_beside_a_shell(shared_data: Path, tmp_path: Path) -> None:
    """Filters by name and age; notes say what was left out."""
    source = shared_data / "catalogues" / "starlink_2026-05-21.tle"
    lines = source.read_text().splitlines()[:300]
    (tmp_path / "few.tle").write_text("\n".join([*lines, "1 broken", "2 broken"]))
    scenario = tiny_scenario(
        folder=tmp_path,
        time="[time]\nstart = 2026-05-21\nhours = 1",
        constellation="[[constellation]]\ncatalogue = 'few.tle'\nmax_age_days = 100",
    )
    assert 90 <= len(scenario.world.satellites) <= 100
    old = tiny_scenario(folder=tmp_path, constellation="[[constellation]]\ncatalogue = 'few.tle'")
    assert any("epochs lie" in note for note in old.notes)
    assert parse_time("2026-01-01") == old.start_ns
    with pytest.raises(ScenarioError, match="no satellite fits the filter"):
        tiny_scenario(folder=tmp_path, constellation="[[constellation]]\ncatalogue = 'few.tle'\nnames = 'nobody'")
    with pytest.raises(ScenarioError, match="the youngest epoch lies 1"):
        tiny_scenario(folder=tmp_path, constellation="[[constellation]]\ncatalogue = 'few.tle'\nmax_age_days = 1")


LOW_AND_HIGH = (
    "LOW\n"
    "1 44714U 19074B   26140.68420351  .00010339  00000+0  21079-3 0  9990\n"
    "2 44714  53.1522 200.0563 0002533  31.1948 328.9209 16.2000000035990\n"
    "HIGH\n"
    "1 44715U 19074C   26140.68420351  .00010339  00000+0  21079-3 0  9992\n"
    "2 44715  53.1522 200.0563 0002533  31.1948 328.9209 15.0600000035990\n"
)


def with_checksums(text: str) -> str:
    """The same element sets with the right last digits."""
    lines = []
    for line in text.splitlines():
        body = line[:68]
        last = str(sum(int(c) if c.isdigit() else c == "-" for c in body) % 10)
        lines.append(body + last if line[:2] in ("1 ", "2 ") else line)
    return "\n".join(lines)


def test_satellites_that_sink_are_left_out_of_a_catalogue(tmp_path: Path) -> None:
    """Below 300 km unless the scenario says otherwise; a note says how many."""
    (tmp_path / "two.tle").write_text(with_checksums(LOW_AND_HIGH))
    wanted = "[[constellation]]\ncatalogue = 'two.tle'\n"
    scenario = tiny_scenario(folder=tmp_path, constellation=wanted)
    assert scenario.world.satellites.ids == ("HIGH",)
    assert any("1 satellite(s) below 300 km left out" in note for note in scenario.notes)
    everything = tiny_scenario(folder=tmp_path, constellation=wanted + "min_altitude_km = 0")
    assert everything.world.satellites.ids == ("LOW", "HIGH")
    with pytest.raises(ScenarioError, match="no satellite flies above 2000 km; lower it"):
        tiny_scenario(folder=tmp_path, constellation=wanted + "min_altitude_km = 2000")
