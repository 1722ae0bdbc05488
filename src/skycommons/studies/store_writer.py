"""Writing the result store ``results/NAME.zarr`` as a stream.

Rules: what grows with time is written chunk by chunk and never held whole; the store appears under its name only when
it is complete, so a reader sees the results of the last run that ended or none.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
import zarr
from numpy.typing import NDArray

from skycommons.studies.files import replacing_folder

TIME_ATTRIBUTES = {"units": "nanoseconds since 1970-01-01", "calendar": "proleptic_gregorian"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """One variable that is written piece by piece.

    Attributes:
        dims: Names of its dimensions; the first is the one along which it grows.
        shape: Length of each, in full.
        dtype: Type of its values.
        attributes: What a reader should know of it.
        chunks: Length of a chunk along each dimension; whole but for the first unless given.
    """

    dims: tuple[str, ...]
    shape: tuple[int, ...]
    dtype: str
    attributes: Mapping[str, Any]
    chunks: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreWriter:
    """An unfinished store.

    Attributes:
        folder: Where it grows.
        group: The Zarr group in it.
    """

    folder: Path
    group: zarr.Group

    def write(self, first_step: int, columns: Mapping[str, NDArray[Any]]) -> None:
        """Write a run of steps of the growing variables."""
        for name, values in columns.items():
            array = self.group[name]
            if isinstance(array, zarr.Array):  # it always is; a group's members have one type for arrays and groups
                array[first_step : first_step + len(values)] = values

    def add(self, dataset: xr.Dataset) -> None:
        """Write whole variables that do not grow with time."""
        dataset.to_zarr(self.folder, mode="a", zarr_format=3, consolidated=False)


@contextmanager
def writing_store(
    path: Path, *, time_ns: NDArray[np.int64], chunk: int, streams: Mapping[str, Stream]
) -> Iterator[StoreWriter]:
    """A store that takes its name when the block ends well, and leaves nothing behind when it does not.

    Args:
        path: The folder ``NAME.zarr``; an older one is replaced.
        time_ns: ``(T,)`` all steps.
        chunk: Steps per chunk; write whole chunks.
        streams: The growing variables.
    Raises:
        HostError: The folder cannot be made or written.
    """
    with replacing_folder(path) as folder:
        group = zarr.open_group(folder, mode="w", zarr_format=3)
        for name, stream in {"time": _time_stream(time_ns), **streams}.items():
            group.create_array(
                name,
                shape=stream.shape,
                chunks=stream.chunks or (min(chunk, stream.shape[0]), *(max(length, 1) for length in stream.shape[1:])),
                dtype=stream.dtype,
                dimension_names=stream.dims,
                attributes=dict(stream.attributes),
            )
        writer = StoreWriter(folder=folder, group=group)
        writer.write(0, {"time": time_ns})
        yield writer


def _time_stream(time_ns: NDArray[np.int64]) -> Stream:
    """The time coordinate, in the convention that xarray decodes."""
    return Stream(dims=("time",), shape=(len(time_ns),), dtype="int64", attributes=TIME_ATTRIBUTES)
