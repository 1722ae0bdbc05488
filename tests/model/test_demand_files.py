"""Tables of people and of demand: rows add up by cell, and all faults of a table come at once."""

from pathlib import Path

import numpy as np
import pytest

from skycommons.base.errors import GroundError
from skycommons.model.cells import cell_texts, cells_of
from skycommons.model.demand_files import by_cell, read_demand, read_people

ZURICH, GENEVA = cell_texts(cells_of(np.radians([47.37, 46.2]), np.radians([8.54, 6.14])))


def written(folder: Path, text: str, name: str = "people.csv") -> Path:
    """A file with this text."""
    path = folder / name
    path.write_text(text)
    return path


def test_people_by_cell_add_up(tmp_path: Path) -> None:
    """In canonical order, whatever the file's; blank lines do not count."""
    cells, people = read_people(written(tmp_path, f"Cell,People\n{ZURICH},1.5\n\n{GENEVA},2\n{ZURICH},3\n"))
    assert dict(zip(cell_texts(cells), people.tolist(), strict=True)) == {ZURICH: 4.5, GENEVA: 2.0}
    assert np.all(np.diff(cells.astype(np.int64)) > 0)


def test_people_by_point_fall_into_cells(tmp_path: Path) -> None:
    """Other columns are not looked at."""
    text = "name,latitude_deg,longitude_deg,people\nZurich,47.37,8.54,400000\nnear,47.371,8.541,1\n"
    cells, people = read_people(written(tmp_path, text))
    assert cell_texts(cells) == [ZURICH]
    assert people.tolist() == [400_001.0]


def test_people_on_a_raster(tmp_path: Path) -> None:
    """By the ending of the file's name."""
    text = "ncols 2\nnrows 1\nxllcorner 8.5\nyllcorner 47.35\ncellsize 0.05\n3 4\n"
    cells, people = read_people(written(tmp_path, text, "people.ASC"))
    assert people.sum() == 7.0
    assert ZURICH in cell_texts(cells)


def test_demand_by_cell_in_classes(tmp_path: Path) -> None:
    """SI inside; an empty class is the standard one."""
    text = (
        "cell,subscribers,down_mbps,up_mbps,class\n"
        f"{ZURICH},10,30,3,\n{ZURICH},1,100,50,Protected\n{GENEVA},2,0,0,background\n"
    )
    given = read_demand(written(tmp_path, text))
    assert cell_texts(given.cells) == [ZURICH, ZURICH, GENEVA]
    assert given.subscribers.tolist() == [10.0, 1.0, 2.0]
    assert given.down_bps.tolist() == [30e6, 100e6, 0.0]
    assert given.up_bps.tolist() == [3e6, 50e6, 0.0]
    assert given.rank.tolist() == [2, 0, 3]


def test_demand_without_a_class_is_standard(tmp_path: Path) -> None:
    """The column may be absent."""
    given = read_demand(written(tmp_path, f"cell,subscribers,down_mbps,up_mbps\n{ZURICH},1,3,1\n"))
    assert given.rank.tolist() == [2]


def test_all_faults_of_a_table_come_at_once(tmp_path: Path) -> None:
    """With their lines."""
    text = (
        "cell,subscribers,down_mbps,up_mbps,class\n"
        f"Berne,10,30,3,\n{ZURICH},-1,nan,many,gold\n{ZURICH},1,1\n831f8dfffffffff,1,1,1,priority\n"
    )
    with pytest.raises(GroundError) as caught:
        read_demand(written(tmp_path, text))
    faults = [str(fault) for fault in caught.value.faults]
    assert [fault.partition(":")[0] for fault in faults] == ["line 4", "line 2", "line 5", *["line 3"] * 4]
    assert "15 hexadecimal digits" in faults[1]
    assert "resolution 3" in faults[2]
    assert "class should be one of protected, priority, standard, background, not 'gold'" in faults[-1]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "holds no row"),
        ("cell,people\n", "holds no row"),
        (f"cell,inhabitants\n{ZURICH},3\n", "has no column 'people'; there is cell, inhabitants"),
        ("latitude_deg,longitude_deg,people\n91,0,1\n", "latitude_deg should be a number from -90 to 90"),
        ('cell,people\n"' + "x" * 200_000 + '",1\n', "cannot be read as CSV"),
    ],
    ids=["empty", "heading", "column", "pole", "csv"],
)
def test_tables_that_cannot_be_used(tmp_path: Path, text: str, message: str) -> None:
    """With what is wrong."""
    with pytest.raises(GroundError, match=message):
        read_people(written(tmp_path, text))


def test_many_faults_are_counted(tmp_path: Path) -> None:
    """Forty are shown."""
    with pytest.raises(GroundError, match="has 10 more faults"):
        read_people(written(tmp_path, "cell,people\n" + "x,1\n" * 50))


def test_noise_is_refused(tmp_path: Path) -> None:
    """Bytes that are no text."""
    (tmp_path / "people.csv").write_bytes(b"cell,people\n\xff\xff,1\n")
    with pytest.raises(GroundError, match="UTF-8"):
        read_people(tmp_path / "people.csv")


def test_sums_by_cell() -> None:
    """Each cell once, sorted."""
    cells, total = by_cell(np.array([9, 3, 9], dtype=np.uint64), np.array([1.0, 5.0, 2.0]))
    assert cells.tolist() == [3, 9]
    assert total.tolist() == [5.0, 3.0]
