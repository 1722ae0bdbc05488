"""Rain of stations, and which reader a file gets."""

from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from skycommons.base.errors import RainError
from skycommons.model import rain_files
from skycommons.model.rain_files import read_rain
from skycommons.model.rain_table import RainTable

HEAD = "time,latitude_deg,longitude_deg,rain_mm_h\n"
TWO = (
    HEAD + "2026-01-01T00:00Z,47.0,8.0,0\n"
    "2026-01-01T00:00Z,47.3,8.0,4\n"
    "2026-01-01T01:00Z,47.0,8.0,10\n"
    "2026-01-01T02:00Z,47.3,8.0,8\n"
)
START_NS = 1_767_225_600_000_000_000
HOUR_NS = 3_600_000_000_000


def read(
    text: str, folder: Path, places_deg: list[tuple[float, float]], *, span_ns: tuple[int, int] | None = None
) -> RainTable:
    """Write a CSV, and read it at latitudes and longitudes."""
    path = folder / "rain.csv"
    path.write_text(text, "utf-8")
    latitude_rad, longitude_rad = np.radians(places_deg).T
    return read_rain(path, latitude_rad=latitude_rad, longitude_rad=longitude_rad, span_ns=span_ns)


def faults(text: str, folder: Path) -> str:
    """What is wrong, as one text."""
    with pytest.raises(RainError) as caught:
        read(text, folder, [(47.0, 8.0)])
    return str(caught.value)


def test_a_site_takes_the_nearest_station(tmp_path: Path) -> None:
    """Within 50 km; each station is linear between its own reports, and unknown before and after them."""
    table = read(TWO, tmp_path, [(47.01, 8.0), (47.29, 8.0), (46.0, 8.0), (47.0, 8.5)])
    assert table.source == "rain.csv"
    assert table.time_ns.tolist() == [START_NS, START_NS + HOUR_NS, START_NS + 2 * HOUR_NS]
    nan = float("nan")
    np.testing.assert_allclose(table.rate_mm_h, [[0, 4, nan, 0], [10, 6, nan, 10], [nan, 8, nan, nan]])


def test_an_empty_cell_is_an_unknown_rate(tmp_path: Path) -> None:
    """Nothing is drawn through it; columns may stand in any order, beside others, and blank lines count for nothing."""
    text = (
        "station,Rain_mm_h,longitude_deg,latitude_deg,time\n"
        "a,3,8,47,2026-01-01\n\nb,,8,47,2026-01-01T01:00\na,5,8,47,2026-01-01T02:00\n"
    )
    assert read(text, tmp_path, [(47.0, 8.0)]).rate_mm_h[:, 0].tolist() == pytest.approx([3, np.nan, 5], nan_ok=True)


def test_stations_that_no_site_needs_add_no_instants(tmp_path: Path) -> None:
    """Nor do instants outside the span."""
    assert len(read(TWO, tmp_path, [(47.0, 8.0)]).time_ns) == 2
    span_ns = (START_NS + 2 * HOUR_NS, START_NS + 3 * HOUR_NS)
    assert read(TWO, tmp_path, [(47.3, 8.0)], span_ns=span_ns).rate_mm_h.tolist() == [[8.0]]


def test_stations_across_the_date_line_are_near(tmp_path: Path) -> None:
    """Longitudes may run either way."""
    text = HEAD + "2026-01-01,0,180,1\n2026-01-01,0,10,2\n"
    assert read(text, tmp_path, [(0.0, -179.9)]).rate_mm_h.tolist() == [[1.0]]


def test_all_faults_come_with_their_line(tmp_path: Path) -> None:
    """Time, places, rates, cells, order."""
    text = (
        HEAD + "yesterday,95,8,-1\n2026-01-01,47,8\n2026-01-01,47,x,wet\n"
        "2026-01-02,47,8,1\n2026-01-02,47,8,1\n2026-01-03,47,8,4000\n"
    )
    found = faults(text, tmp_path)
    assert "8 fault(s)" in found
    for words in (
        "line 2: time: 'yesterday' is not an ISO 8601 time",
        "line 2: latitude_deg: 95 is not between -90 and 90",
        "line 2: rain_mm_h: -1 is not between 0 and 3000",
        "line 3: has 3 cells where the header has 4",
        "line 4: longitude_deg: 'x' is not a number",
        "line 4: rain_mm_h: 'wet' is not a number",
        "line 6: time: 2026-01-02 is not after this station's report before",
        "line 7: rain_mm_h: 4000 is not between",
    ):
        assert words in found


def test_many_faults_are_counted(tmp_path: Path) -> None:
    """Twenty are shown."""
    found = faults(HEAD + "2026-01-01,47,8,-1\n" * 50, tmp_path)
    assert "line 21:" in found
    assert "line 22:" not in found
    assert "30 more fault(s)" in found


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "line 1: has no column time, latitude_deg, longitude_deg, rain_mm_h; its columns are none"),
        ("time,lat,lon,rain_mm_h\n", "has no column latitude_deg, longitude_deg; its columns are time, lat"),
        (HEAD, "holds no report of a station"),
        (HEAD + "2026-01-01,0,8,1\n", "has no station within 50 km of a site; the nearest is 5,226 km away"),
        (HEAD + "2026-01-01,0,8," + "1" * 200_000, "is no CSV: field larger than"),
    ],
)
def test_a_csv_without_use_is_refused(tmp_path: Path, text: str, words: str) -> None:
    """With what it lacks."""
    assert words in faults(text, tmp_path)


def test_a_csv_that_does_not_fit_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Instants times sites."""
    monkeypatch.setattr(rain_files, "MOST_RATES", 1)
    assert "2 instants, which is too much for 1 sites" in faults(TWO, tmp_path)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"CDF\x01\x00\x00", "is NetCDF 3; write it as NetCDF 4"),
        (b"\xff\xfe\x00rain", "is neither CSV in UTF-8 nor NetCDF 4 nor Zarr"),
        (None, "cannot be read: No such file"),
    ],
)
def test_other_files_are_refused(tmp_path: Path, content: bytes | None, words: str) -> None:
    """Each with the way out."""
    path = tmp_path / "rain"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(RainError, match=words):
        read_rain(path, latitude_rad=np.zeros(1), longitude_rad=np.zeros(1))


def test_a_table_that_is_called_a_grid_is_not_read_as_one(tmp_path: Path) -> None:
    """A broken download is told as what it should have been."""
    path = tmp_path / "rain.nc"
    path.write_text("<html>not found</html>")
    with pytest.raises(RainError, match=r"is called \.nc but is no NetCDF 4 file"):
        read_rain(path, latitude_rad=np.zeros(1), longitude_rad=np.zeros(1))


@pytest.mark.parametrize("zarr", [True, False])
def test_the_form_is_told_from_the_content(tmp_path: Path, zarr: bool) -> None:
    """Grids have readers of their own, whatever the file is called."""
    dataset = xr.Dataset(
        {"rain_mm_h": (("time", "latitude", "longitude"), np.full((1, 2, 2), 3.0))},
        coords={"time": [np.datetime64("2026-01-01", "ns")], "latitude": [47.0, 48.0], "longitude": [8.0, 9.0]},
    )
    path = tmp_path / "rain"
    if zarr:
        dataset.to_zarr(path, consolidated=False)
    else:
        dataset.to_netcdf(path, engine="h5netcdf")
    table = read_rain(path, latitude_rad=np.radians([47.5]), longitude_rad=np.radians([8.5]))
    assert table.rate_mm_h.tolist() == [[3.0]]
    assert table.time_ns.tolist() == [START_NS]
