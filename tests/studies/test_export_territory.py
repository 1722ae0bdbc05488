"""Territories as files: every format holds the same cells, and the hash can be had without us."""

import json
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from skycommons.base.errors import HostError
from skycommons.model.cells import cell_texts, cells_in, read_cells
from skycommons.model.regions import Region, read_regions
from skycommons.model.territories import Territory
from skycommons.studies.export_territory import file_stem, territory_geojson, write_territory


def box(south: float, west: float, *, name: str = "Box, a") -> Territory:
    """The cells of two degrees by two."""
    corners = np.array([south, south, south + 2.0, south + 2.0]), np.array([west, west + 2.0, west + 2.0, west])
    return Territory(name=name, worldview="own", cells=cells_in(Region.of(name, *corners)))


def test_all_files_hold_the_same_cells(tmp_path: Path) -> None:
    """JSON, CSV and GeoJSON; the CSV can be read again as a territory, its first column gives the hash."""
    territory = box(46.0, 7.0)
    paths = write_territory(territory, tmp_path / "new")
    assert {path.name for path in paths.values()} == {"box-a.json", "box-a.csv", "box-a.geojson", "box-a.png"}
    assert np.array_equal(read_cells(paths["csv"]), territory.cells)
    column = "".join(f"{line.split(',')[0]}\n" for line in paths["csv"].read_text().splitlines()[1:])
    assert sha256(column.encode()).hexdigest() == territory.sha256
    told = json.loads(paths["json"].read_text())
    assert (told["cells"], told["sha256"]) == (cell_texts(territory.cells), territory.sha256)
    features = json.loads(paths["geojson"].read_text())
    assert [feature["id"] for feature in features["features"]] == told["cells"]
    assert (features["worldview"], features["sha256"]) == ("own", territory.sha256)
    assert paths["png"].read_bytes().startswith(b"\x89PNG")


def test_outlines_give_the_cells_again(tmp_path: Path) -> None:
    """The GeoJSON as an area has the same cells, across the antimeridian too."""
    for territory in (box(-18.0, 179.0), box(46.0, 7.0)):
        (region,) = read_regions(write_territory(territory, tmp_path)["geojson"])
        assert np.array_equal(cells_in(region), territory.cells)


def test_geojson_never_crosses_the_antimeridian() -> None:
    """Cells on it are two polygons."""
    features = territory_geojson(box(-18.0, 179.0))["features"]
    kinds = [feature["geometry"]["type"] for feature in features]
    assert set(kinds) == {"Polygon", "MultiPolygon"}
    for feature in features:
        listed = feature["geometry"]["coordinates"]
        for rings in listed if feature["geometry"]["type"] == "MultiPolygon" else [listed]:
            longitude = [east for east, _ in rings[0]]
            assert max(longitude) - min(longitude) < 1.0


@pytest.mark.parametrize(
    ("name", "stem"), [("Åland / North", "åland-north"), ("..", "territory"), ("a" * 99, "a" * 80)]
)
def test_names_become_names_of_files(name: str, stem: str) -> None:
    """Without a path in them."""
    assert file_stem(name) == stem


def test_a_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    """As everywhere."""
    (tmp_path / "taken").write_text("")
    with pytest.raises(HostError, match="cannot write"):
        write_territory(box(46.0, 7.0), tmp_path / "taken")
