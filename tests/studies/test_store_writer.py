"""A store grows piece by piece and takes its name at the end."""

import stat
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from skycommons.base.errors import HostError
from skycommons.studies.store_writer import Stream, writing_store

TIME_NS = np.array([0, 1_500_000_000, 3_000_000_000], dtype=np.int64)
STREAMS = {
    "height_m": Stream(dims=("time", "thing"), shape=(3, 2), dtype="float64", attributes={"units": "m"}),
    "nothing": Stream(dims=("time", "absent"), shape=(3, 0), dtype="int16", attributes={}),
}


def write(path: Path, *, offset: float = 0.0) -> None:
    """A complete store."""
    with writing_store(path, time_ns=TIME_NS, chunk=2, streams=STREAMS) as writer:
        writer.write(0, {"height_m": offset + np.array([[1.0, 2.0], [3.0, 4.0]])})
        writer.write(2, {"height_m": offset + np.array([[5.0, 6.0]]), "nothing": np.zeros((1, 0))})
        writer.add(xr.Dataset({"weight": ("thing", [7.0, 8.0])}, attrs={"title": "things"}))


def test_pieces_become_one_dataset(tmp_path: Path) -> None:
    """With time as a coordinate, units and attributes; the folder is open to readers."""
    path = tmp_path / "new" / "things.zarr"
    write(path)
    with xr.open_dataset(path, engine="zarr", chunks=None, consolidated=False) as found:
        assert found["height_m"].values.tolist() == [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]
        assert found["height_m"].attrs["units"] == "m"
        assert found["nothing"].shape == (3, 0)
        np.testing.assert_array_equal(found["time"].values.astype("datetime64[ns]").astype(np.int64), TIME_NS)
        assert found["weight"].values.tolist() == [7.0, 8.0]
        assert found.attrs["title"] == "things"
    assert stat.S_IMODE(path.stat().st_mode) == 0o755
    assert [child.name for child in path.parent.iterdir()] == ["things.zarr"]


def test_an_older_store_makes_room_for_the_new_one(tmp_path: Path) -> None:
    """Also if it holds other files."""
    path = tmp_path / "things.zarr"
    write(path)
    (path / "left-over").write_text("old")
    write(path, offset=10.0)
    assert not (path / "left-over").exists()
    with xr.open_dataset(path, engine="zarr", chunks=None, consolidated=False) as found:
        assert found["height_m"].values[0].tolist() == [11.0, 12.0]
    assert [child.name for child in tmp_path.iterdir()] == ["things.zarr"]


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
def test_a_failure_leaves_nothing_behind(tmp_path: Path, error: type[BaseException]) -> None:
    """The error goes on."""
    with (
        pytest.raises(error),
        writing_store(tmp_path / "things.zarr", time_ns=TIME_NS, chunk=2, streams=STREAMS),
    ):
        raise error
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_said_with_the_path(tmp_path: Path) -> None:
    """As an error of the machine, with its own words."""
    with (
        pytest.raises(HostError, match=r"cannot write .*things\.zarr: No space left"),
        writing_store(tmp_path / "things.zarr", time_ns=TIME_NS, chunk=2, streams=STREAMS),
    ):
        raise OSError(28, "No space left on device")
    assert list(tmp_path.iterdir()) == []


def test_an_error_without_a_number_is_said_too(tmp_path: Path) -> None:
    """Libraries raise such ones."""
    with (
        pytest.raises(HostError, match=r"things\.zarr: torn cable"),
        writing_store(tmp_path / "things.zarr", time_ns=TIME_NS, chunk=2, streams=STREAMS),
    ):
        raise OSError("torn cable")


def test_a_file_of_that_name_is_not_removed(tmp_path: Path) -> None:
    """It is not ours."""
    path = tmp_path / "things.zarr"
    path.write_text("a letter")
    with pytest.raises(HostError, match="there is a file of that name"):
        write(path)
    assert path.read_text() == "a letter"
    assert [child.name for child in tmp_path.iterdir()] == ["things.zarr"]


def test_a_place_that_cannot_hold_a_folder_is_said(tmp_path: Path) -> None:
    """Before anything is computed."""
    (tmp_path / "file").write_text("")
    with pytest.raises(HostError, match=r"cannot write .*things\.zarr"):
        write(tmp_path / "file" / "things.zarr")
