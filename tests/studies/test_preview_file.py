"""Tests of previews as files."""

import json
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from skycommons.base.errors import FormatError
from skycommons.model.cells import canonical, cells_of
from skycommons.studies.preview import preview_bytes
from skycommons.studies.preview_file import preview_csv, preview_geojson, read_preview, write_cells, write_preview
from tests.support.plans import with_service
from tests.support.previews import AREA, BINDING, decision_world, suspended
from tests.support.service_world import demand


def test_the_file_is_what_is_signed(tmp_path: Path) -> None:
    """Byte for byte, with the hash that a decision names."""
    figures = suspended(decision_world())
    path = tmp_path / "deep" / "preview.json"
    digest = write_preview(path, figures, BINDING)
    assert path.read_bytes() == preview_bytes(figures, BINDING)
    assert digest == sha256(path.read_bytes()).hexdigest() == read_preview(path).sha256


def test_a_file_that_is_no_preview_is_refused(tmp_path: Path) -> None:
    """One that is not there, one that is large, one with another space."""
    path = tmp_path / "preview.json"
    with pytest.raises(FormatError, match="cannot be read"):
        read_preview(path)
    path.write_bytes(b"{ }")
    with pytest.raises(FormatError, match="is not canonical"):
        read_preview(path)
    path.write_bytes(b" " * 70_000)
    with pytest.raises(FormatError, match="is it a preview"):
        read_preview(path)


def test_the_table_has_a_line_for_every_cell_that_was_planned(tmp_path: Path) -> None:
    """With its place, and what becomes of it."""
    figures = suspended(decision_world())
    head, *lines = preview_csv(figures).splitlines()
    assert head == "cell,latitude_deg,longitude_deg,place,change"
    assert len(lines) == len(figures.planned)
    assert sum(line.endswith("inside,loses") for line in lines) == int((figures.change[figures.is_inside] < 0).sum())
    table, shapes = write_cells(tmp_path / "effect", figures)
    assert (table.name, shapes.name) == ("effect.csv", "effect.geojson")
    assert table.read_text(encoding="utf-8") == preview_csv(figures)
    assert json.loads(shapes.read_text(encoding="utf-8")) == json.loads(json.dumps(preview_geojson(figures)))


def test_shapes_are_those_of_the_area_and_of_what_changes() -> None:
    """Cells around it that stay as they are are left out; rings are closed."""
    figures = suspended(decision_world())
    features = preview_geojson(figures)["features"]
    words = [feature["properties"] for feature in features]
    assert sum(word["place"] == "inside" for word in words) == len(AREA)
    assert not any(word == {"place": "around", "change": "stays"} for word in words)
    assert all(ring[0] == ring[-1] for feature in features for ring in feature["geometry"]["coordinates"])


def test_cells_on_the_antimeridian_are_cut() -> None:
    """As RFC 7946 asks."""
    cells = canonical(cells_of(np.radians([-17.0] * 40), np.radians(np.linspace(179.6, 180.4, 40))))
    figures = suspended(with_service(decision_world(), demand=demand(cells)), cells=cells)
    kinds = {feature["geometry"]["type"] for feature in preview_geojson(figures)["features"]}
    assert kinds == {"Polygon", "MultiPolygon"}
