"""The world in one number, and its files."""

import csv
import io
import json
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from matplotlib.image import imread

from skycommons.base.errors import HostError, InputError
from skycommons.model.land import is_land
from skycommons.radio.recommendations import RECOMMENDATIONS
from skycommons.studies.atlas import LOST_EDGES, Atlas, grid_deg, land_cells, make_atlas
from skycommons.studies.drawing import DARK
from skycommons.studies.export_atlas import write_atlas
from skycommons.studies.figures_atlas import atlas_map, class_words
from tests.support.tiny_world import tiny_scenario


@pytest.fixture(scope="module")
def atlas() -> Atlas:
    """Cells of ten degrees under the small shell, which leaves the poles out."""
    scenario = tiny_scenario()
    return make_atlas(scenario, rate_bps=150e6, terminal=scenario.world.equipment.terminals[0], spacing_deg=10.0)


def test_the_atlas_covers_the_world_and_leaves_out_what_sees_nothing(atlas: Atlas) -> None:
    """The poles are NaN; the tropics have the rate less often than the middle latitudes."""
    assert atlas.share.shape == (18, 36)
    assert np.isnan(atlas.share[[0, -1]]).all()
    assert np.isnan(atlas.lost_class()[0]).all()
    assert atlas.share[9].mean() < atlas.share[13].mean()
    assert 0.0 < atlas.land_at_least(0.999) <= atlas.land_at_least(0.99) < 1.0


def test_one_elevation_everywhere_and_progress() -> None:
    """The polar cells have it then, and every parallel is told."""
    scenario = tiny_scenario()
    told: list[int] = []
    world = make_atlas(
        scenario,
        rate_bps=150e6,
        terminal=scenario.world.equipment.terminals[0],
        elevation_rad=np.radians(40.0),
        spacing_deg=1.0,
        progress=told.append,
    )
    assert np.isfinite(world.share).all()
    assert sum(told) == 180
    assert "40° everywhere" in world.assumptions()[0]
    assert "elevation 40°" in atlas_map(world).figure.axes[1].get_xlabel()


def test_land_is_that_of_the_map() -> None:
    """One parallel at a time gives what point by point does."""
    latitude, longitude = grid_deg(5.0)
    places = np.meshgrid(np.radians(latitude), np.radians(longitude), indexing="ij")
    np.testing.assert_array_equal(land_cells(latitude, longitude), is_land(*places))


@pytest.mark.parametrize(("spacing_deg", "words"), [(0.1, "0.25 to 30"), (45.0, "0.25 to 30"), (7.0, "do not fill")])
def test_a_grid_fills_the_world(spacing_deg: float, words: str) -> None:
    """Cells that do not are refused."""
    with pytest.raises(InputError, match=words):
        grid_deg(spacing_deg)


def test_every_file_says_what_it_was_computed_by(atlas: Atlas, tmp_path: Path) -> None:
    """Methods and assumptions stand in each, and each can be read by its own kind of reader."""
    paths = write_atlas(atlas, tmp_path)
    paths = write_atlas(atlas, tmp_path)  # a second one replaces the first
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(path.name for path in paths.values())
    rain = RECOMMENDATIONS["rain"]
    summary = json.loads(paths["json"].read_text(encoding="utf-8"))
    assert summary["recommendations"]["rain"] == rain
    with xr.open_zarr(paths["store"], consolidated=False) as store:
        assert rain in store.attrs["recommendations"]
        np.testing.assert_allclose(store["availability"], atlas.share)
    lines = paths["csv"].read_text(encoding="utf-8").splitlines()
    assert any(line.startswith("# recommendations") and rain in line for line in lines)
    rows = list(csv.DictReader(line for line in lines if not line.startswith("#")))
    assert len(rows) == 18 * 36
    assert rows[0]["availability"] == ""
    assert 0.0 < float(rows[300]["availability"]) < 1.0


def test_rectangles_cover_what_is_known_once(atlas: Atlas, tmp_path: Path) -> None:
    """The areas of the classes add up to the cells with a value; rings run anticlockwise."""
    collection = json.loads(write_atlas(atlas, tmp_path)["geojson"].read_text(encoding="utf-8"))
    area = 0.0
    for feature in collection["features"]:
        for (ring,) in feature["geometry"]["coordinates"]:
            x, y = np.array(ring).T
            signed = 0.5 * np.sum(x[:-1] * y[1:] - x[1:] * y[:-1])
            assert signed > 0.0
            area += signed
    assert area == pytest.approx(100.0 * np.isfinite(atlas.share).sum())
    classes = [feature["properties"]["class"] for feature in collection["features"]]
    assert classes == sorted(set(classes))


def test_the_map_is_drawn_in_light_and_dark(atlas: Atlas) -> None:
    """Neither is blank; the title says what was found."""
    for drawing in (atlas_map(atlas), atlas_map(atlas, theme=DARK)):
        assert imread(io.BytesIO(drawing.png(dpi=40))).std() > 0.03
        assert "150 Mbit/s down to a standard terminal" in drawing.alt
        assert "P.618-14" in drawing.caption


def test_classes_in_words() -> None:
    """From always to hardly ever."""
    words = [class_words(place) for place in range(len(LOST_EDGES) + 1)]
    assert words[0] == "99.999 % or more"
    assert words[-1] == "less than 50 %"
    assert len(set(words)) == len(words)


def test_a_folder_that_cannot_be_written_is_one_error(atlas: Atlas, tmp_path: Path) -> None:
    """A file stands where the folder should be."""
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(HostError, match="cannot write"):
        write_atlas(atlas, blocked)
