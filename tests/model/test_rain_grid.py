"""Rain on grids, in every order that people write them, and every fault by its name."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

from skycommons.base.arrays import Floats
from skycommons.base.errors import RainError
from skycommons.model import rain_grid
from skycommons.model.rain_grid import read_grid
from skycommons.model.rain_table import RainTable

HOUR_NS = 3_600_000_000_000
NAN = float("nan")


def grid(
    longitude_deg: list[float] | Floats,
    latitude_deg: list[float] | Floats,
    *,
    hours: int = 3,
    name: str = "rain_rate",
    units: str | None = "mm h-1",
) -> xr.Dataset:
    """Rain of ``10 * hour + latitude + longitude / 100``, longitudes counted from -180: linear, so bilinear is exact."""
    longitude, latitude = np.asarray(longitude_deg, dtype=np.float64), np.asarray(latitude_deg, dtype=np.float64)
    east = (longitude + 180.0) % 360.0 - 180.0
    rates = 10.0 * np.arange(hours)[:, None, None] + latitude[:, None] + east[None, :] / 100.0
    return xr.Dataset(
        {name: (("time", "lat", "lon"), rates, {} if units is None else {"units": units})},
        coords={
            "time": np.arange(hours) * np.timedelta64(HOUR_NS, "ns") + np.datetime64(0, "ns"),
            "lat": latitude,
            "lon": longitude,
        },
    )


def read(dataset: xr.Dataset, folder: Path, places_deg: list[tuple[float, float]], **options: Any) -> RainTable:
    """Write NetCDF 4, and read it at latitudes and longitudes."""
    path = folder / "rain.nc"
    dataset.to_netcdf(path, engine="h5netcdf")
    latitude_rad, longitude_rad = np.radians(places_deg).T
    return read_grid(path, latitude_rad=latitude_rad, longitude_rad=longitude_rad, **options)


def faults(dataset: xr.Dataset, folder: Path) -> str:
    """What is wrong, as one text."""
    with pytest.raises(RainError) as caught:
        read(dataset, folder, [(45.25, 8.5)])
    return str(caught.value)


SMALL = ([8.0, 9.0, 10.0], [46.0, 45.0])


@pytest.mark.parametrize(
    ("longitude_deg", "latitude_deg"),
    [
        ([8.0, 9.0, 10.0], [45.0, 46.0]),
        ([8.0, 9.0, 10.0], [46.0, 45.0]),
        ([368.0 - 360.0, 9.0, 370.0 - 360.0], [46.0, 45.5, 45.0]),
        (np.arange(0.0, 360.0), np.arange(90.0, -91.0, -1.0)),
        (np.arange(-180.0, 180.0), np.arange(0.0, 91.0)),
        (np.arange(0.0, 361.0), np.arange(0.0, 91.0)),
    ],
)
def test_a_site_is_bilinear_between_four_points(
    tmp_path: Path, longitude_deg: list[float], latitude_deg: list[float]
) -> None:
    """Whichever way the axes run."""
    table = read(grid(longitude_deg, latitude_deg), tmp_path, [(45.25, 8.5), (46.0, 10.0)])
    assert table.source == "rain.nc"
    assert table.time_ns.tolist() == [0, HOUR_NS, 2 * HOUR_NS]
    np.testing.assert_allclose(table.rate_mm_h - 10.0 * np.arange(3)[:, None], [[45.335, 46.1]] * 3)


def test_the_date_line_is_no_edge() -> None:
    """The cell between the last longitude and the first one is a cell; a regional grid has none there."""
    around = rain_grid._along_longitude(np.arange(-180.0, 180.0, 0.5), np.array([179.875, -180.0]))
    assert around.inside.all()
    np.testing.assert_allclose(around.weight, [[0.25, 1.0], [0.75, 0.0]])
    region = rain_grid._along_longitude(np.array([350.0, 355.0, 0.0, 5.0]), np.array([-2.5, 5.0, 6.0, -10.1]))
    assert region.inside.tolist() == [True, True, False, False]
    assert region.rows[:, 0].tolist() == [1, 2]


def test_sites_off_the_grid_know_nothing(tmp_path: Path) -> None:
    """To the north, to the east, and behind the Earth."""
    table = read(grid(*SMALL), tmp_path, [(46.1, 9.0), (45.5, 10.2), (45.5, -172.0), (45.5, 9.0)])
    assert np.isnan(table.rate_mm_h).all(axis=0).tolist() == [True, True, True, False]


def test_an_unknown_point_hides_only_the_sites_that_need_it(tmp_path: Path) -> None:
    """A site on a known point does not ask its neighbours."""
    dataset = grid(*SMALL)
    dataset["rain_rate"][:, 0, 0] = NAN
    table = read(dataset, tmp_path, [(45.5, 8.5), (45.0, 8.0), (45.5, 9.5)])
    assert np.isnan(table.rate_mm_h[0]).tolist() == [True, False, False]


@pytest.mark.parametrize(
    ("units", "factor"),
    [
        ("mm/h", 1.0),
        ("kg m**-2 s**-1", 3600.0),
        ("kg m^-2 s^-1", 3600.0),
        ("m s-1", 3.6e6),
        ("mm/day", 1 / 24),
        ("MM/HR", 1.0),
    ],
)
def test_units_of_the_field_are_understood(tmp_path: Path, units: str, factor: float) -> None:
    """Rain per hour, water flux, speed."""
    dataset = grid(*SMALL, units=units, name="Precipitation")
    dataset["Precipitation"] /= factor
    table = read(dataset, tmp_path, [(45.0, 8.0)])
    np.testing.assert_allclose(table.rate_mm_h[:, 0], [45.08, 55.08, 65.08])


def test_our_own_name_needs_no_unit(tmp_path: Path) -> None:
    """It says it."""
    table = read(grid(*SMALL, name="rain_mm_h", units=None), tmp_path, [(45.0, 8.0)])
    assert table.rate_mm_h[0, 0] == pytest.approx(45.08)


def test_a_zarr_store_with_another_order_of_dimensions(tmp_path: Path) -> None:
    """And a dimension of one member."""
    path = tmp_path / "rain.zarr"
    dataset = grid(*SMALL).expand_dims("member").transpose("lon", "member", "lat", "time").rename(time="valid_time")
    dataset.to_zarr(path, consolidated=False)
    table = read_grid(path, latitude_rad=np.radians([45.25]), longitude_rad=np.radians([8.5]))
    np.testing.assert_allclose(table.rate_mm_h[:, 0], [45.335, 55.335, 65.335])


def test_only_the_span_is_read(tmp_path: Path) -> None:
    """The instants around it."""
    table = read(grid(*SMALL, hours=6), tmp_path, [(45.0, 8.0)], span_ns=(HOUR_NS + 1, 2 * HOUR_NS + 1))
    assert table.time_ns.tolist() == [HOUR_NS, 2 * HOUR_NS, 3 * HOUR_NS]
    np.testing.assert_allclose(table.rate_mm_h[:, 0], [55.08, 65.08, 75.08])


def test_a_large_grid_is_read_in_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One instant at once gives the same table."""
    whole = read(grid(*SMALL, hours=5), tmp_path, [(45.25, 8.5), (45.5, 9.5)])
    monkeypatch.setattr(rain_grid, "_AT_ONCE", 1)
    pieces = read(grid(*SMALL, hours=5), tmp_path, [(45.25, 8.5), (45.5, 9.5)])
    np.testing.assert_array_equal(whole.rate_mm_h, pieces.rate_mm_h)


def test_zeros_of_a_packed_grid_may_be_a_little_negative(tmp_path: Path) -> None:
    """They are zeros."""
    dataset = grid(*SMALL)
    dataset["rain_rate"][:] = -1e-4
    table = read(dataset, tmp_path, [(45.5, 8.5)])
    assert (table.rate_mm_h == 0.0).all()


def test_a_sum_is_no_rate(tmp_path: Path) -> None:
    """Nor is an unknown unit, or none."""
    assert "divide it by the length of the step" in faults(grid(*SMALL, units="mm"), tmp_path)
    assert "unit 'dBZ' is unknown" in faults(grid(*SMALL, units="dBZ"), tmp_path)
    assert "unit '' is unknown" in faults(grid(*SMALL, units=None), tmp_path)


def test_all_faults_of_the_head_come_at_once(tmp_path: Path) -> None:
    """Unit, times, latitudes."""
    dataset = grid([8.0, 9.0], [45.0, 46.0], units="dBZ").isel(time=[0, 2, 1])
    dataset = dataset.assign_coords(lat=[45.0, 145.0])
    text = faults(dataset, tmp_path)
    assert "3 fault(s)" in text
    assert "time 2: 1970-01-01T01:00:00Z is not after" in text
    assert "lat: is not degrees within 90" in text


@pytest.mark.parametrize(
    ("dataset", "words"),
    [
        (grid(*SMALL, name="wind"), "holds no variable of rain.*there is wind"),
        (grid(*SMALL).drop_vars("lat"), "no dimension latitude or lat with coordinates"),
        (grid(*SMALL).isel(time=0), "no dimension time or valid_time"),
        (grid(*SMALL).isel(time=[]), "time: is empty"),
        (grid(*SMALL).assign_coords(time=[1.0, 2.0, 3.0]), "is not a column of times"),
        (grid([8.0], [45.0, 46.0]), r"lon: has 1 point\(s\)"),
        (grid([8.0, 9.0, 8.0], [45.0, 46.0]), "lon: has the same point twice"),
        (xr.concat([grid(*SMALL)] * 2, dim="member"), "has 2 of member; choose one"),
        (grid([108.0, 109.0], [45.0, 46.0]), "covers none of the sites"),
        (-grid(*SMALL).map(lambda rain: rain, keep_attrs=True), "negative; name the number that stands for unknown"),
        (100.0 * grid(*SMALL), "above 3000 mm/h; look at the unit"),
    ],
)
def test_a_fault_has_its_place_and_mend(tmp_path: Path, dataset: xr.Dataset, words: str) -> None:
    """One clear sentence each."""
    for variable in dataset.data_vars.values():
        variable.attrs.setdefault("units", "mm h-1")
    with pytest.raises(RainError, match=words):
        read(dataset, tmp_path, [(45.25, 8.5)])


def test_what_is_no_grid_is_refused(tmp_path: Path) -> None:
    """A file of noise, a folder of nothing."""
    (tmp_path / "noise.nc").write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(range(256)))
    (tmp_path / "empty.zarr").mkdir()
    for name in ("noise.nc", "empty.zarr"):
        with pytest.raises(RainError, match="cannot be read as NetCDF 4 or Zarr"):
            read_grid(tmp_path / name, latitude_rad=np.zeros(1), longitude_rad=np.zeros(1))


def test_a_table_that_does_not_fit_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before it is read."""
    monkeypatch.setattr(rain_grid, "MOST_RATES", 2)
    assert "3 instants, which is too much for 1 sites" in faults(grid(*SMALL), tmp_path)
