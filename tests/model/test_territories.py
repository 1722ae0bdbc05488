"""Territories: what they are made of, their canonical form, their algebra, and what a scenario says of them."""

from hashlib import sha256
from pathlib import Path

import h3
import numpy as np
import pytest

from skycommons.base.errors import InputError, ScenarioError
from skycommons.model.borders import WORLDVIEW
from skycommons.model.cells import areas_m2, canonical, cell_texts, cells_in, cells_of
from skycommons.model.regions import Region
from skycommons.model.scenario import Scenario
from skycommons.model.territories import OWN_WORLDVIEW, Extent, Territory, TerritorySpec, territory_of
from tests.support.tiny_world import tiny_scenario

BERN = (46.95, 7.45)
VIENNA = (48.21, 16.37)


def square(south: float, west: float, width: float = 2.0) -> Region:
    """A square of so many degrees."""
    north, east = south + width, west + width
    return Region.of("square", np.array([south, south, north, north]), np.array([west, east, east, west]))


def named(name: str, *regions: Region) -> Territory:
    """A territory of areas."""
    return territory_of(TerritorySpec(name=name, plus=Extent(regions=regions)))


def scenario_with(keys: str, folder: Path = Path()) -> Scenario:
    """A scenario with one territory called x."""
    return tiny_scenario(folder=folder, territories=f"[[territories]]\nname = 'x'\n{keys}")


def faults_of(folder: Path, keys: str) -> dict[str, str]:
    """Place and message of every fault of such a scenario."""
    with pytest.raises(ScenarioError) as caught:
        scenario_with(keys, folder)
    return {fault.place: fault.message for fault in caught.value.faults}


def test_a_territory_of_countries_has_their_cells() -> None:
    """Together, without a cell twice, and with the view of its borders."""
    both = scenario_with("countries = ['CH', 'AT', 'CH']").territory("x")
    cells = cells_of(np.radians([BERN[0], VIENNA[0], 40.0]), np.radians([BERN[1], VIENNA[1], 0.0]))
    assert both.has(cells).tolist() == [True, True, False]
    assert both.worldview == WORLDVIEW
    one = scenario_with("countries = ['CH']").territory("x")
    assert len(one) < len(both)
    assert np.isin(one.cells, both.cells).all()


def test_the_hash_is_that_of_sorted_lines() -> None:
    """What any other program makes of the same list."""
    territory = named("a", square(46.0, 7.0))
    lines = sorted(h3.int_to_str(int(cell)) for cell in territory.cells)
    assert territory.canonical_bytes == ("\n".join(lines) + "\n").encode()
    assert territory.sha256 == sha256(territory.canonical_bytes).hexdigest()


def test_order_and_labels_do_not_change_the_hash() -> None:
    """Cells alone count: for the hash and for equality."""
    cells = named("a", square(46.0, 7.0)).cells
    one = Territory(name="one", cells=cells)
    other = Territory(name="other", worldview="another", cells=np.concatenate([cells[::-1], cells[:2]]))
    assert one.sha256 == other.sha256
    assert one == other
    assert {one, other} == {one}
    less = Territory(name="one", cells=cells[1:])
    assert less != one
    assert less.sha256 != one.sha256
    assert one != "one"


def test_territories_add_and_subtract() -> None:
    """As sets; what was done stands in the sources."""
    west, east = named("west", square(46.0, 7.0)), named("east", square(46.0, 8.0))
    both = west | east
    assert both == named("both", square(46.0, 7.0), square(46.0, 8.0))
    assert len(both) == len(west) + len(east) - len(west & east)
    assert both - east == west - east
    assert len((west - east) & east) == 0
    assert (west - east).sources[-1] == "without east"
    assert (west | Territory(name="z", worldview="z", cells=west.cells)).worldview == f"{OWN_WORLDVIEW}; z"


def test_what_is_taken_away_wins() -> None:
    """Areas and cells, whatever they were added by."""
    inner = cells_in(square(46.5, 7.5, 0.5))
    cut = TerritorySpec(
        name="cut",
        plus=Extent(regions=(square(46.0, 7.0),), cells=inner, sources=("a",)),
        minus=Extent(regions=(square(47.0, 7.0),), cells=inner, sources=("b",)),
    )
    left = territory_of(cut)
    whole = named("whole", square(46.0, 7.0))
    assert left == (whole - named("north", square(47.0, 7.0))) - Territory(name="inner", cells=inner)
    assert left.sources == ("a", "without b")
    places = np.radians([[46.2, 46.7, 47.5], [7.2, 7.7, 7.5]])
    assert cut.contains(*places).tolist() == [True, False, False]


def test_a_territory_without_a_cell_is_refused() -> None:
    """It says why."""
    tiny = Extent(regions=(square(46.0, 7.0, 1e-4),))
    with pytest.raises(InputError, match="holds no cell's centre"):
        territory_of(TerritorySpec(name="tiny", plus=tiny))
    area = Extent(regions=(square(46.0, 7.0),))
    with pytest.raises(InputError, match="all its cells are taken away"):
        territory_of(TerritorySpec(name="none", plus=area, minus=area))


def test_a_territory_as_json() -> None:
    """Labels, number, area in m², hash and cells."""
    territory = named("a", square(46.0, 7.0))
    told = territory.to_json_dict()
    assert told["cells"] == cell_texts(territory.cells)
    assert told["count"] == len(territory)
    assert told["area_m2"] == areas_m2(territory.cells).sum()
    assert told["resolution"] == 5
    assert repr(territory) == f"<Territory 'a': {len(territory)} cells, sha256 {territory.sha256[:12]}>"


def test_a_scenario_takes_all_that_a_territory_names(tmp_path: Path) -> None:
    """Countries, a polygon and a file of cells together, less the same."""
    cells = cells_in(square(0.0, 0.0))
    (tmp_path / "more.txt").write_text("\n".join(cell_texts(cells)))
    (tmp_path / "less.txt").write_text(cell_texts(cells)[0])
    keys = (
        "countries = ['CH']\npolygon_deg = [[10, 10], [10, 12], [12, 12], [12, 10]]\ncells_file = 'more.txt'\n"
        "minus = { countries = ['LI'], cells_file = 'less.txt' }"
    )
    made = scenario_with(keys, tmp_path).territory("x")
    swiss = scenario_with("countries = ['CH']").territory("x")
    assert len(made) == len(swiss) + len(cells) - 1 + len(cells_in(square(10.0, 10.0)))
    assert len(made.sources) == 5


def test_a_worldview_can_be_named() -> None:
    """In place of the packaged one, whose label stands wherever its borders are used and no other is given."""
    square_keys = "polygon_deg = [[46, 7], [46, 9], [48, 9], [48, 7]]\n"
    assert scenario_with(square_keys).territory("x").worldview == OWN_WORLDVIEW
    assert scenario_with(square_keys + "minus = { countries = ['CH'] }").territory("x").worldview == WORLDVIEW
    assert scenario_with("countries = ['CH']\nworldview = 'ours'").territory("x").worldview == "ours"


def test_exclusions_go_by_countries_and_cells(tmp_path: Path) -> None:
    """A territory without an exclusion changes none, and a cell that is taken away has that of elsewhere."""
    zurich = cells_of(np.radians([47.37]), np.radians([8.54]))
    (tmp_path / "zurich.txt").write_text(cell_texts(zurich)[0])

    def exclusion_deg(keys: str) -> float:
        return round(float(np.degrees(scenario_with(keys, tmp_path).world.sites.gso_exclusion_rad[0])), 6)

    usual = exclusion_deg("countries = ['CH']")
    assert exclusion_deg("countries = ['CH']\ngso_exclusion_deg = 33") == 33.0
    assert exclusion_deg("cells_file = 'zurich.txt'\ngso_exclusion_deg = 33") == 33.0
    cut = "countries = ['CH']\nminus = { cells_file = 'zurich.txt' }\ngso_exclusion_deg = 33"
    assert exclusion_deg(cut) == usual != 33.0


@pytest.mark.parametrize(
    ("keys", "place", "message"),
    [
        ("countries = []", "territories.0", "names no area; add one of countries, file, polygon_deg, cells_file"),
        ("countries = ['CH', 'UK']", "territories.0.countries.1", "did you mean GB"),
        ("countries = 'CH'", "territories.0.countries", "should be a list"),
        ("countries = ['CH']\nminus = {}", "territories.0.minus", "names no area"),
        ("countries = ['CH']\nminus = { countries = ['AA'] }", "territories.0.minus.countries.0", "no country 'AA'"),
        ("cells_file = 'none.txt'", "territories.0.cells_file", "none.txt"),
        ("cuntries = ['CH']", "territories.0.cuntries", "did you mean countries"),
    ],
)
def test_faults_of_territories_say_where(keys: str, place: str, message: str, tmp_path: Path) -> None:
    """And what to write."""
    assert message in faults_of(tmp_path, keys)[place]


def test_an_unknown_territory_says_which_there_are() -> None:
    """The nearest, all of them, or how to add one."""
    found = tiny_scenario(territories="[[territories]]\nname = 'Alps'\ncountries = ['CH']")
    with pytest.raises(InputError, match="did you mean Alps"):
        found.territory("Alp")
    with pytest.raises(InputError, match="there are Alps"):
        found.territory("sea")
    with pytest.raises(InputError, match="add \\[\\[territories\\]\\]"):
        tiny_scenario().territory("Alps")


def test_no_cells_have_the_hash_of_nothing() -> None:
    """The empty set is a value like any other."""
    assert Territory(name="none", cells=canonical([])).sha256 == sha256(b"").hexdigest()
