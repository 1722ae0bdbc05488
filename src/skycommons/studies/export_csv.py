"""Results as CSV, for spreadsheets and for programs without Zarr.

``flows.csv`` has one row a flow with its summary; ``rtt.csv``, ``rate_down.csv``, ``rate_up.csv`` and
``clear_rate_down.csv`` have one row a step and one column a flow; ``paths.csv`` has one row a step and tracked flow, with
the satellites of the path. An empty cell means that there is no
value. Times are UTC. Long runs are read and written in blocks of time.
"""

import csv
from pathlib import Path
from typing import Final

import numpy as np
import xarray as xr

from skycommons.base.clock import format_time
from skycommons.studies.files import replacing
from skycommons.studies.store import FlowKind, names, time_ns
from skycommons.studies.summary import RATES, Summary, limit_phrase, reason_phrase, summarise

_VALUES_AT_ONCE: Final = 2_000_000
_FLOW_COLUMNS: Final = (
    "flow",
    "source",
    "target",
    "kind",
    "rtt_median_ms",
    "rtt_p5_ms",
    "rtt_p95_ms",
    "latency_median_ms",
    "latency_p95_ms",
    "laser_hops_median",
    "path_changes_per_hour",
    "availability",
    *(f"{name.removesuffix('_bps')}_mbps" for name in RATES),
    "limited_by",
    "unreachable_because",
)
_OVER_TIME: Final = (
    ("rtt.csv", "rtt_s", "ms", 1e3),
    ("rate_down.csv", "rate_down_bps", "Mbit/s", 1e-6),
    ("rate_up.csv", "rate_up_bps", "Mbit/s", 1e-6),
    ("clear_rate_down.csv", "clear_rate_down_bps", "Mbit/s", 1e-6),
)
_PATH_COLUMNS: Final = (
    "time",
    "flow",
    "rtt_ms",
    "laser_hops",
    "reason",
    "exit_gateway",
    "entry_elevation_deg",
    "satellites",
)


def write_csv(dataset: xr.Dataset, folder: Path, *, summary: Summary | None = None) -> tuple[Path, ...]:
    """Write the tables, each whole or not at all.

    Args:
        folder: Made if it is not there.
        summary: Of this Dataset, if it is at hand already.
    Returns:
        The paths of the files.
    Raises:
        HostError: A file cannot be written.
    """
    flows, paths = folder / "flows.csv", folder / "paths.csv"
    _write_flows(summary or summarise(dataset), flows)
    for name, variable, unit, factor in _OVER_TIME:
        _write_over_time(dataset, folder / name, variable=variable, unit=unit, factor=factor)
    _write_paths(dataset, paths)
    return flows, *(folder / name for name, *_ in _OVER_TIME), paths


def _write_flows(summary: Summary, path: Path) -> None:
    """One row a flow."""
    with replacing(path) as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(_FLOW_COLUMNS)
        for flow in range(len(summary)):
            writer.writerow(
                [
                    summary.flows[flow],
                    summary.sources[flow],
                    summary.targets[flow],
                    FlowKind(int(summary.kind[flow])).phrase,
                    *(_cell(1000.0 * value, ".3f") for value in (summary.rtt_median_s[flow], summary.rtt_p5_s[flow])),
                    _cell(1000.0 * summary.rtt_p95_s[flow], ".3f"),
                    _cell(1000.0 * summary.latency_median_s[flow], ".3f"),
                    _cell(1000.0 * summary.latency_p95_s[flow], ".3f"),
                    _cell(summary.laser_hops_median[flow], "g"),
                    _cell(summary.changes_per_hour[flow], ".2f"),
                    _cell(summary.availability[flow], ".6f"),
                    *(_cell(getattr(summary, name)[flow] / 1e6, ".3f") for name in RATES),
                    limit_phrase(int(summary.rate_limit[flow])) if summary.rate_limit[flow] else "",
                    reason_phrase(int(summary.reason[flow])) if summary.reason[flow] else "",
                ]
            )


def _write_over_time(dataset: xr.Dataset, path: Path, *, variable: str, unit: str, factor: float) -> None:
    """One row a step, one column a flow, in the unit that this factor makes."""
    flows, steps = dataset.sizes["flow"], dataset.sizes["time"]
    block = max(_VALUES_AT_ONCE // max(flows, 1), 1)
    form = ",".join(["%.3f"] * flows)
    with replacing(path) as stream:
        csv.writer(stream, lineterminator="\n").writerow(
            ["time", *(f"{name} ({unit})" for name in names(dataset, "flow"))]
        )
        for begin in range(0, steps, block):
            part = dataset[[variable]].isel(time=slice(begin, begin + block))
            instants = time_ns(part["time"])
            for instant_ns, row in zip(instants, factor * part[variable].values, strict=True):
                values = form % tuple(row.tolist())
                stream.write(f"{format_time(int(instant_ns))},{values.replace('nan', '')}\n")


def _write_paths(dataset: xr.Dataset, path: Path) -> None:
    """One row a step and tracked flow."""
    tracked = dataset["tracked_flow"].values
    flows, sites, satellites = (names(dataset, name) for name in ("flow", "site", "satellite"))
    block = max(_VALUES_AT_ONCE // (max(len(tracked), 1) * max(dataset.sizes["place"], 1)), 1)
    columns = ["rtt_s", "laser_hops", "reason", "exit_gateway", "entry_elevation_rad"]
    with replacing(path) as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(_PATH_COLUMNS)
        for begin in range(0, dataset.sizes["time"], block):
            span = slice(begin, begin + block)
            part = dataset[columns].isel(time=span, flow=tracked)
            rtt_s, hops, reason, gateway, elevation_rad = (part[name].values for name in columns)
            places = dataset["path_satellite"].isel(time=span).values
            for step, instant_ns in enumerate(time_ns(part["time"])):
                instant = format_time(int(instant_ns))
                for column, flow in enumerate(tracked):
                    at = (step, column)
                    writer.writerow(
                        [
                            instant,
                            flows[flow],
                            _cell(1000.0 * rtt_s[at], ".3f"),
                            hops[at] if hops[at] >= 0 else "",
                            reason_phrase(int(reason[at])),
                            sites[gateway[at]] if gateway[at] >= 0 else "",
                            _cell(np.degrees(elevation_rad[at]), ".2f"),
                            " > ".join(satellites[row] for row in places[at] if row >= 0),
                        ]
                    )


def _cell(value: float, form: str) -> str:
    """A number, or nothing."""
    return format(value, form) if np.isfinite(value) else ""
