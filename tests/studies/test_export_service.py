"""Service as CSV and GeoJSON."""

import csv
import json
from pathlib import Path

import pytest
import xarray as xr

from skycommons.studies.export_service import write_service
from tests.support.service import CLOSED, with_service


@pytest.fixture(scope="module")
def dataset() -> xr.Dataset:
    """Twelve cells and five terminals."""
    return with_service()


def rows(path: Path) -> list[dict[str, str]]:
    """A table read back."""
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_cells_have_a_row_each(dataset: xr.Dataset, tmp_path: Path) -> None:
    """In canonical order, with share, rates and main reason."""
    found = rows(write_service(dataset, tmp_path)["cells"])
    assert [row["cell"] for row in found] == sorted(row["cell"] for row in found)
    assert len(found) == 12
    assert {row["main_reason"] for row in found[:CLOSED]} == {"its territory is not active"}
    assert {row["state"] for row in found[:CLOSED]} == {"inactive"}
    assert {row["served_share"] for row in found[:CLOSED]} == {"0.0"}
    assert [row["main_reason"] for row in found[CLOSED + 2 :]] == [""] * 6
    assert found[-1]["asked_down_mbps"] == "2000.0"


def test_reasons_and_handovers_are_told(dataset: xr.Dataset, tmp_path: Path) -> None:
    """Stretches of a terminal follow each other without a gap."""
    paths = write_service(dataset, tmp_path)
    reasons = rows(paths["reasons"])
    assert [row["reason"] for row in reasons] == ["served", "territory_inactive", "no_beam", "no_satellite"]
    assert reasons[0]["share_of_unserved"] == ""
    nairobi = [row for row in rows(paths["stretches"]) if row["terminal"] == "nairobi"]
    assert [row["end"] for row in nairobi[:-1]] == [row["begin"] for row in nairobi[1:]]
    assert sum(int(row["slots"]) for row in nairobi) == 20
    (dark,) = [row for row in nairobi if not row["satellite"]]
    assert (dark["slots"], dark["why"]) == ("3", "no link closes in the rain")


def test_cells_are_polygons(dataset: xr.Dataset, tmp_path: Path) -> None:
    """With the columns of the table as properties."""
    found = json.loads(write_service(dataset, tmp_path)["cells-geojson"].read_text())
    assert len(found["features"]) == 12
    first = found["features"][0]
    assert first["geometry"]["type"] == "Polygon"
    assert first["properties"]["main_reason"] == "its territory is not active"
    assert "one H3 cell of resolution 5" in found["description"]


def test_very_many_cells_are_written_in_groups(dataset: xr.Dataset, tmp_path: Path) -> None:
    """And the file says so; sums are kept."""
    found = json.loads(write_service(dataset, tmp_path, most_outlines=11)["cells-geojson"].read_text())
    assert "More than" not in found["description"]
    assert "There are more than 11 cells" in found["description"]
    features = [feature["properties"] for feature in found["features"]]
    assert sum(one["cells"] for one in features) == 12
    assert sum(one["asked_down_mbps"] for one in features) == pytest.approx(24_000.0)
    assert {one["main_reason"] for one in features} >= {"its territory is not active", ""}


def test_a_cell_on_the_antimeridian_is_cut(dataset: xr.Dataset, tmp_path: Path) -> None:
    """Into two parts, as GeoJSON asks."""
    import numpy as np

    from skycommons.model.cells import cells_of

    cells = dataset["cell_id"].values.copy()
    cells[-1] = cells_of(np.array([0.1]), np.array([np.pi]))[0]
    on_it = dataset.assign(cell_id=("cell", cells))
    found = json.loads(write_service(on_it, tmp_path)["cells-geojson"].read_text())
    assert found["features"][-1]["geometry"]["type"] == "MultiPolygon"


def test_one_slot_has_no_length(dataset: xr.Dataset, tmp_path: Path) -> None:
    """Its stretches begin and end at once."""
    paths = write_service(dataset.isel(slot=[0]), tmp_path)
    assert all(row["begin"] == row["end"] for row in rows(paths["stretches"]))
    assert rows(paths["handovers"]) == []


def test_handovers_outages_and_addresses_have_tables_by_name(dataset: xr.Dataset, tmp_path: Path) -> None:
    """What a terminal changes from and to, when it was dark and why, and under which address it was reached."""
    paths = write_service(dataset, tmp_path)
    nairobi = [row for row in rows(paths["handovers"]) if row["terminal"] == "nairobi"]
    assert {row["kind"] for row in nairobi} == {"satellite", "beam", "gateway", "PoP"}
    (gateway,) = [row for row in nairobi if row["kind"] == "gateway"]
    assert (gateway["from"], gateway["to"]) == ("gateway-main", "gateway-rift")
    assert {row["from"] for row in nairobi if row["kind"] == "beam"} <= {str(beam) for beam in range(10)}
    dark = [row for row in rows(paths["outages"]) if row["terminal"] == "nairobi"]
    assert [(row["duration_s"], row["reason"]) for row in dark] == [("45", "no link closes in the rain")]
    assert dark[0]["end"] > dark[0]["begin"]
    addresses = rows(paths["addresses"])
    mine = [row for row in addresses if row["terminal"] == "nairobi"]
    assert [row["pop"] for row in mine] == ["frankfurt-pop", "nairobi-pop", "frankfurt-pop"]
    assert mine[0]["ipv4"] == "100.64.0.3"
    assert mine[0]["ipv6_prefix"] == "3fff:0:0:100::/56"
    assert mine[0]["reverse_name"] == "customer.frankfurt.pop.skycommons.example"
    assert mine[1]["since"] > mine[0]["since"]
    assert addresses[-1]["terminal"] == "lerwick"
    assert set(addresses[-1].values()) == {"lerwick", ""}


@pytest.mark.parametrize("most_outlines", [11, 12])
def test_changes_of_cells_that_were_not_measured_are_empty(
    dataset: xr.Dataset, tmp_path: Path, most_outlines: int
) -> None:
    """Not zero: no slot was the next one of another."""
    unknown = dataset.assign(cell_held=("cell", [0] * 12))
    paths = write_service(unknown, tmp_path, most_outlines=most_outlines)
    assert {row["handovers"] for row in rows(paths["cells"])} == {""}
    features = json.loads(paths["cells-geojson"].read_text())["features"]
    assert {feature["properties"]["handovers"] for feature in features} == {None}
