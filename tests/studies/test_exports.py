"""CSV, CZML and GeoJSON hold what the results hold."""

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from czml3 import Document

from skycommons.base.errors import HostError, InputError
from skycommons.studies import export_csv
from skycommons.studies.export_csv import write_csv
from skycommons.studies.export_czml import write_czml
from skycommons.studies.export_geojson import write_geojson
from skycommons.studies.summary import summarise
from tests.support.results import small_results


@pytest.fixture(scope="module")
def results() -> xr.Dataset:
    """The small results."""
    return small_results()


def table(path: Path) -> list[dict[str, str]]:
    """A CSV file as rows."""
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_flows_csv_has_the_summary(results: xr.Dataset, tmp_path: Path) -> None:
    """One row a flow."""
    files = write_csv(results, tmp_path / "csv")
    names = ["flows.csv", "rtt.csv", "rate_down.csv", "rate_up.csv", "clear_rate_down.csv", "paths.csv"]
    assert [path.name for path in files] == names
    rows, found = table(files[0]), summarise(results)
    assert [row["flow"] for row in rows] == list(found.flows)
    np.testing.assert_allclose([float(row["rtt_median_ms"]) for row in rows], 1e3 * found.rtt_median_s, atol=6e-4)
    np.testing.assert_allclose(
        [float(row["rate_down_median_mbps"]) for row in rows], 1e-6 * found.rate_down_median_bps, atol=6e-4
    )
    assert rows[0]["limited_by"] == "the link of its own dish"
    assert rows[3]["unreachable_because"] == "no gateway in reach"
    assert rows[0]["unreachable_because"] == ""


def test_rtt_csv_has_every_round_trip(results: xr.Dataset, tmp_path: Path) -> None:
    """To the microsecond; empty where unreachable."""
    rows = table(write_csv(results, tmp_path, summary=summarise(results))[1])
    assert [row.pop("time") for row in rows][:2] == ["2026-05-21T00:00:00Z", "2026-05-21T00:01:00Z"]
    values = np.array([[float(cell or "nan") for cell in row.values()] for row in rows])
    np.testing.assert_allclose(values, 1e3 * results["rtt_s"].values, atol=6e-4)


def test_rates_csv_has_every_rate(results: xr.Dataset, tmp_path: Path) -> None:
    """In megabits per second; a step without a path has none."""
    for place, name in ((2, "rate_down_bps"), (3, "rate_up_bps"), (4, "clear_rate_down_bps")):
        rows = table(write_csv(results, tmp_path)[place])
        values = np.array([[float(row[key]) for key in row if key != "time"] for row in rows])
        assert all(key == "time" or key.endswith("(Mbit/s)") for key in rows[0])
        np.testing.assert_allclose(values, 1e-6 * results[name].values, atol=6e-4)
        assert (values[np.isnan(results["rtt_s"].values)] == 0.0).all()


def test_blocks_of_time_change_nothing(results: xr.Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Written three steps at a time or at once, the files are the same."""
    whole = [path.read_bytes() for path in write_csv(results, tmp_path / "whole")]
    monkeypatch.setattr(export_csv, "_VALUES_AT_ONCE", 3 * 7)
    assert [path.read_bytes() for path in write_csv(results, tmp_path / "parts")] == whole


def test_paths_csv_names_satellites_and_reasons(results: xr.Dataset, tmp_path: Path) -> None:
    """One row a step and tracked flow."""
    tracked = results.assign(tracked_flow=("tracked", np.array([5, 3], np.int32)))
    path = tracked["path_satellite"].copy()
    path[:, 1] = -1
    rows = table(write_csv(tracked.assign(path_satellite=path), tmp_path)[-1])
    assert len(rows) == 48
    assert len(rows[0]["satellites"].split(" > ")) == int(rows[0]["laser_hops"]) + 1
    cut_off = next(row for row in rows if row["reason"] == "no gateway in reach")
    assert (cut_off["rtt_ms"], cut_off["laser_hops"], cut_off["satellites"]) == ("", "", "")
    assert {row["exit_gateway"] for row in rows} == {"", "gateway-andes"}


def test_no_tracked_flow_gives_a_heading_alone(results: xr.Dataset, tmp_path: Path) -> None:
    """The file is there, for programs that expect it."""
    assert table(write_csv(results.isel(tracked=slice(0, 0)), tmp_path)[-1]) == []


def test_no_flow_at_all_gives_tables_without_values(results: xr.Dataset, tmp_path: Path) -> None:
    """Headings and times."""
    files = write_csv(results.isel(flow=slice(0, 0), tracked=slice(0, 0)), tmp_path)
    assert [len(table(path)) for path in files] == [0, 24, 24, 24, 24, 0]


def czml(path: Path) -> dict[str, dict[str, Any]]:
    """Packets of a CZML file by id, after czml3 has read the document and found it valid."""
    text = path.read_text(encoding="utf-8")
    Document.model_validate_json(text)
    packets = json.loads(text)
    assert packets[0]["id"] == "document"
    by_id = {packet["id"]: packet for packet in packets}
    assert len(by_id) == len(packets)
    return by_id


def test_czml_is_valid_and_holds_sites_satellites_and_paths(results: xr.Dataset, tmp_path: Path) -> None:
    """With a clock over the run."""
    write_czml(results, tmp_path / "tiny.czml")
    packets = czml(tmp_path / "tiny.czml")
    assert packets["document"]["clock"]["interval"] == "2026-05-21T00:00:00Z/2026-05-21T00:24:00Z"
    kinds = [name.partition("-")[0] for name in packets]
    assert kinds.count("site") == 13
    assert kinds.count("satellite") == 576
    assert kinds.count("path") > 10
    assert np.linalg.norm(packets["site-0"]["position"]["cartesian"]) == pytest.approx(6.37e6, rel=2e-3)


def test_czml_positions_interpolate_to_the_samples(results: xr.Dataset, tmp_path: Path) -> None:
    """Samples four minutes apart and a curve of fifth degree give all others within 100 m."""
    write_czml(results, tmp_path / "tiny.czml")
    position = czml(tmp_path / "tiny.czml")["satellite-100"]["position"]
    track = np.array(position["cartesian"]).reshape(-1, 4)
    assert np.diff(track[:, 0]).max() == 240.0
    assert position["interpolationAlgorithm"] == "LAGRANGE"
    degree = position["interpolationDegree"]
    want_m = results["sample_position_itrf_m"].values[:, 100]
    for minute in range(len(want_m)):
        near = np.sort(np.argsort(np.abs(track[:, 0] - 60.0 * minute), kind="stable")[: degree + 1])
        curve = [np.polyfit(track[near, 0] / 600.0, track[near, axis], degree) for axis in (1, 2, 3)]
        got_m = [np.polyval(one, minute / 10.0) for one in curve]
        assert np.linalg.norm(got_m - want_m[minute]) < 100.0


def test_czml_paths_hold_on_to_what_is_written_and_cover_the_run(results: xr.Dataset, tmp_path: Path) -> None:
    """Each names packets that exist; each flow has exactly one path at every instant at which it is reachable."""
    write_czml(results, tmp_path / "tiny.czml")
    packets = czml(tmp_path / "tiny.czml")
    used: dict[str, int] = {}
    for packet in packets.values():
        if not packet["id"].startswith("path-"):
            continue
        references = packet["polyline"]["positions"]["references"]
        assert {name.removesuffix("#position") for name in references} <= set(packets)
        for interval in packet["availability"]:
            begin, end = (np.datetime64(text.rstrip("Z")) for text in interval.split("/"))
            used[packet["name"]] = used.get(packet["name"], 0) + int((end - begin) / np.timedelta64(60, "s"))
    assert used == {"zurich -> wellington": 24, "wellington -> quito": 24}


def test_czml_keeps_to_the_number_of_satellites(results: xr.Dataset, tmp_path: Path) -> None:
    """Paths come first, others fill up evenly; a path that does not fit is left out; none at all is possible."""
    for most in (0, 40, 200):
        write_czml(results, tmp_path / "few.czml", max_satellites=most)
        packets = czml(tmp_path / "few.czml")
        assert sum(name.startswith("satellite-") for name in packets) == most
        assert any(name.startswith("path-") for name in packets) == (most > 0)
    with pytest.raises(InputError, match="max_satellites: -1"):
        write_czml(results, tmp_path / "few.czml", max_satellites=-1)


def test_czml_leaves_out_what_has_no_position(results: xr.Dataset, tmp_path: Path) -> None:
    """A satellite that decayed, and the paths that would hold on to it; other gaps are bridged."""
    position_m = results["sample_position_itrf_m"].copy()
    first = int(results["path_satellite"].values[0, 0, 0])
    position_m[1:, first] = np.nan
    position_m[3, 570] = np.nan
    broken = results.assign(sample_position_itrf_m=position_m)
    write_czml(broken, tmp_path / "broken.czml")
    text = (tmp_path / "broken.czml").read_text(encoding="utf-8")
    assert f'"satellite-{first}"' not in text
    assert f"satellite-{first}#position" not in text
    assert '"satellite-570"' in text


def test_czml_of_a_path_to_a_pop_passes_the_gateway(results: xr.Dataset, tmp_path: Path) -> None:
    """And two samples are enough."""
    path = results["path_satellite"].copy()
    path[:, 0] = -1
    path[:, 0, 0] = results["entry_satellite"].values[:, 0]
    local = results.assign(path_satellite=path, tracked_flow=("tracked", np.array([0, 6], np.int32)))
    write_czml(local.isel(sample=[0, 1]), tmp_path / "local.czml")
    packets = czml(tmp_path / "local.czml")
    references = packets["path-0"]["polyline"]["positions"]["references"]
    assert references[-2:] == ["site-5#position", "site-9#position"]
    assert packets["satellite-0"]["position"]["interpolationDegree"] == 1
    write_czml(local.isel(sample=[0]), tmp_path / "still.czml")
    assert not any(name.startswith(("satellite", "path")) for name in czml(tmp_path / "still.czml"))


def test_geojson_has_sites_and_paths(results: xr.Dataset, tmp_path: Path) -> None:
    """Points with properties; lines cut at the antimeridian."""
    write_geojson(results, tmp_path / "tiny.geojson")
    document = json.loads((tmp_path / "tiny.geojson").read_text(encoding="utf-8"))
    assert document["type"] == "FeatureCollection"
    points = [one for one in document["features"] if one["geometry"]["type"] == "Point"]
    assert len(points) == 13
    assert points[0]["geometry"]["coordinates"] == [8.5, 47.4, 0.0]
    assert points[0]["properties"]["mean_visible_satellites"] > 0
    assert "mean_visible_satellites" not in points[-1]["properties"]
    lines = [one for one in document["features"] if one["properties"]["kind"] == "path"]
    assert [one["geometry"]["type"] for one in lines] == ["MultiLineString", "MultiLineString"]
    for line in lines:
        pieces = [np.array(piece) for piece in line["geometry"]["coordinates"]]
        assert all(np.abs(np.diff(piece[:, 0])).max() < 180.0 for piece in pieces)
        assert len(line["properties"]["satellites"]) == line["properties"]["laser_hops"] + 1


def test_geojson_of_a_short_path_is_one_line_and_of_none_is_none(results: xr.Dataset, tmp_path: Path) -> None:
    """Unreachable flows are left out, in CZML too."""
    path = results["path_satellite"].copy()
    path[:, 0] = -1
    path[:, 0, 0] = results["entry_satellite"].values[:, 0]
    path[:, 1] = -1
    local = results.assign(path_satellite=path, tracked_flow=("tracked", np.array([0, 6], np.int32)))
    write_czml(local, tmp_path / "local.czml")
    assert {one["name"] for one in czml(tmp_path / "local.czml").values() if "polyline" in one} == {
        "zurich -> frankfurt-pop"
    }
    write_geojson(local, tmp_path / "local.geojson")
    document = json.loads((tmp_path / "local.geojson").read_text(encoding="utf-8"))
    (line,) = [one for one in document["features"] if one["properties"]["kind"] == "path"]
    assert line["geometry"]["type"] == "LineString"
    assert line["geometry"]["coordinates"][0] == [8.5, 47.4]


def test_a_place_that_cannot_be_written_leaves_nothing(results: xr.Dataset, tmp_path: Path) -> None:
    """One clear error from each writer."""
    (tmp_path / "file").write_text("")
    for write in (write_czml, write_geojson):
        with pytest.raises(HostError, match="cannot write"):
            write(results, tmp_path / "file" / "x")
    with pytest.raises(HostError, match="cannot write"):
        write_csv(results, tmp_path / "file")
    assert [entry.name for entry in tmp_path.iterdir()] == ["file"]
