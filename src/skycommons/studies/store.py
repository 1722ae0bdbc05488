"""Reading the result store ``results/NAME.zarr``.

Rules: a store is checked whole before anybody draws from it, and every fault is listed at once. What is read stays on
disk until it is used, so that opening a long run costs no memory. Meanings of the codes in a store stand here only.
"""

from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Any, Final

import numpy as np
import xarray as xr

from skycommons.base.arrays import Ints
from skycommons.base.errors import DocumentError, Fault
from skycommons.studies.service_store import SERVICE_SCHEMA, has_service


class FlowKind(IntEnum):
    """Between what a flow runs."""

    TERMINAL_TO_POP = 0
    PAIR = 1

    @property
    def phrase(self) -> str:
        """The kind in words.

        >>> FlowKind.PAIR.phrase
        'pair of sites'
        """
        return ("terminal to PoP", "pair of sites")[self]


REASONS: Final = (
    "reachable",
    "no satellite in view",
    "no gateway in reach",
    "no path over lasers",
    "no satellite in view of the destination",
    "no link closes in this weather",
    "the plan does not serve it",
)

LIMITS: Final = (
    "no path",
    "the link of its own dish",
    "the link at the other end",
    "a laser",
    "the satellite's limit",
    "what its cell is given",
)


class ResultsError(DocumentError):
    """A folder is not a result store, or one that is incomplete."""


@dataclass(frozen=True, slots=True)
class _Column:
    """One variable that a store must hold: its dimensions and the NumPy kinds that its values may have."""

    dims: tuple[str, ...]
    kinds: str


_TEXTS: Final = "UOT"
_FLOATS: Final = "f"
_WHOLE: Final = "iu"
_FLAGS: Final = "biu"
_SCHEMA: Final[tuple[tuple[str, _Column], ...]] = (
    ("time", _Column(("time",), "M")),
    ("flow", _Column(("flow",), _TEXTS)),
    ("site", _Column(("site",), _TEXTS)),
    ("satellite", _Column(("satellite",), _TEXTS)),
    ("sample_time", _Column(("sample",), "M")),
    ("latitude", _Column(("latitude",), _FLOATS + _WHOLE)),
    ("elevation_bin", _Column(("elevation_bin",), _FLOATS + _WHOLE)),
    ("rtt_s", _Column(("time", "flow"), _FLOATS)),
    ("laser_hops", _Column(("time", "flow"), _WHOLE)),
    ("reason", _Column(("time", "flow"), _WHOLE)),
    ("entry_satellite", _Column(("time", "flow"), _WHOLE)),
    ("exit_gateway", _Column(("time", "flow"), _WHOLE)),
    ("entry_elevation_rad", _Column(("time", "flow"), _FLOATS)),
    ("path_changed", _Column(("time", "flow"), _FLAGS)),
    ("rate_down_bps", _Column(("time", "flow"), _FLOATS)),
    ("rate_up_bps", _Column(("time", "flow"), _FLOATS)),
    ("clear_rate_down_bps", _Column(("time", "flow"), _FLOATS)),
    ("clear_rate_up_bps", _Column(("time", "flow"), _FLOATS)),
    ("rate_limit", _Column(("time", "flow"), _WHOLE)),
    ("down_cn_db", _Column(("time", "flow"), _FLOATS)),
    ("fade_db", _Column(("time", "flow"), _FLOATS)),
    ("flow_source", _Column(("flow",), _WHOLE)),
    ("flow_target", _Column(("flow",), _WHOLE)),
    ("flow_kind", _Column(("flow",), _WHOLE)),
    ("site_kind", _Column(("site",), _WHOLE)),
    ("site_latitude_rad", _Column(("site",), _FLOATS)),
    ("site_longitude_rad", _Column(("site",), _FLOATS)),
    ("site_height_m", _Column(("site",), _FLOATS)),
    ("visible_satellites", _Column(("time", "site"), _WHOLE)),
    ("tracked_flow", _Column(("tracked",), _WHOLE)),
    ("path_satellite", _Column(("time", "tracked", "place"), _WHOLE)),
    ("coverage_visible", _Column(("latitude",), _FLOATS)),
    ("coverage_served", _Column(("latitude",), _FLOATS)),
    ("elevation_candidates", _Column(("elevation_bin",), _FLOATS + _WHOLE)),
    ("elevation_served", _Column(("elevation_bin",), _FLOATS + _WHOLE)),
    ("satellite_shell", _Column(("satellite",), _WHOLE)),
    ("sample_position_itrf_m", _Column(("sample", "satellite", "axis"), _FLOATS)),
)
_ATTRIBUTES: Final = (
    "scenario",
    "title",
    "skycommons_version",
    "start",
    "step_s",
    "duration_s",
    "created_by",
    "model_notes",
    "recommendations",
    "weather",
    "slowest",
)


def open_results(path: Path) -> xr.Dataset:
    """The results of a run, checked; arrays are read from disk when they are used.

    Args:
        path: A folder ``NAME.zarr`` that ``skycommons run`` wrote.
    Raises:
        ResultsError: There is no such store, or it lacks something; all faults at once.
    """
    if not path.exists():
        raise ResultsError(str(path), [Fault("path", "there is no such folder; `skycommons run` writes one")])
    try:
        dataset = xr.open_dataset(path, engine="zarr", chunks=None, consolidated=False)
    except (OSError, ValueError, KeyError, TypeError) as error:
        reason = str(error).partition("\n")[0]
        fault = Fault("path", f"this is not a Zarr store that xarray can read ({reason})")
        raise ResultsError(str(path), [fault]) from error
    try:
        check_results(dataset, str(path))
    except ResultsError:
        dataset.close()
        raise
    return dataset


def check_results(dataset: xr.Dataset, source: str = "results") -> None:
    """Raise unless a Dataset has every variable and attribute of a result store.

    Raises:
        ResultsError: Something lacks or has another shape or type; all faults at once.
    """
    if not any(name in dataset.variables for name, _ in _SCHEMA):
        raise ResultsError(source, [Fault("variables", "none of a run's variables is there: this is something else")])
    faults = [fault for name, column in _SCHEMA for fault in _column_faults(dataset, name, column)]
    attributes: tuple[str, ...] = _ATTRIBUTES
    if has_service(dataset):
        faults += [
            fault
            for name, dims, kinds in SERVICE_SCHEMA
            for fault in _column_faults(dataset, name, _Column(dims, kinds))
        ]
        attributes += ("service",)
    faults += [Fault(f"attrs.{name}", "this attribute is missing") for name in attributes if name not in dataset.attrs]
    empty = [name for name in ("time", "site") if dataset.sizes.get(name) == 0]
    faults += [Fault(name, "this dimension is empty, so there is nothing to show") for name in empty]
    if faults:
        raise ResultsError(source, faults)


def _column_faults(dataset: xr.Dataset, name: str, column: _Column) -> list[Fault]:
    """What is wrong with one variable."""
    if name not in dataset.variables:
        return [Fault(name, "this variable is missing")]
    variable = dataset.variables[name]
    faults = []
    if variable.dims != column.dims:
        has = tuple(str(dim) for dim in variable.dims)
        faults.append(Fault(name, f"expected dimensions {column.dims}, found {has}"))
    if variable.dtype.kind not in column.kinds:
        faults.append(Fault(name, f"values of type {variable.dtype} are not what this variable holds"))
    return faults


def time_ns(values: xr.DataArray) -> Ints:
    """UTC unix nanoseconds of a time coordinate."""
    nanoseconds: Ints = values.values.astype("datetime64[ns]").astype(np.int64)
    return nanoseconds


def names(dataset: xr.Dataset, coordinate: str) -> tuple[str, ...]:
    """The labels of a coordinate as plain strings."""
    return tuple(str(label) for label in dataset[coordinate].values)


def shell_names(dataset: xr.Dataset) -> tuple[str, ...]:
    """The names of the shells, one for every number that occurs in ``satellite_shell``."""
    given: Any = dataset["satellite_shell"].attrs.get("shell_names", [])
    known = [given] if isinstance(given, str) else [str(name) for name in given]
    shells = dataset["satellite_shell"].values
    count = int(shells.max()) + 1 if shells.size else 0
    return tuple(known[:count]) + tuple(f"shell {number}" for number in range(len(known), count))
