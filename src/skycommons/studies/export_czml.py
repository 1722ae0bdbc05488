"""Results as CZML, the format of CesiumJS: sites, moving satellites, and the paths of the tracked flows.

Satellites are sampled Earth-fixed positions that the viewer interpolates; a path is a line that holds on to its
satellites and exists only while it is in use. CZML viewers become slow beyond some thousand satellites, so the number
is limited: satellites of the paths come first, then an even selection of the others.
"""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import numpy as np
import xarray as xr
from czml3 import CZML_VERSION, Packet
from czml3.enums import ArcTypes, ClockRanges, ExtrapolationTypes, InterpolationAlgorithms
from czml3.properties import (
    ArcType,
    Clock,
    Color,
    Label,
    Point,
    Polyline,
    PolylineMaterial,
    Position,
    PositionList,
    SolidColorMaterial,
)
from czml3.types import Cartesian2Value, IntervalValue, TimeInterval, TimeIntervalCollection

from skycommons.base.arrays import Floats, Ints
from skycommons.base.clock import format_time
from skycommons.base.constants import NS_PER_S
from skycommons.base.errors import InputError
from skycommons.model.world import SiteKind
from skycommons.orbit.frames import geodetic_to_itrf
from skycommons.studies.drawing import DARK
from skycommons.studies.figures_map import shell_colour, shells_to_draw
from skycommons.studies.files import replacing
from skycommons.studies.store import names, time_ns

_SPACING_S: Final = 240.0  # samples need not lie closer: a fifth-degree curve through them is within 100 m
_SPEED: Final = 60.0  # the viewer's clock against real time
_DEGREE: Final = 5


def write_czml(dataset: xr.Dataset, path: Path, *, max_satellites: int = 800) -> None:
    """Write a CZML document, whole or not at all.

    Args:
        max_satellites: How many satellites to write at most. A path that needs more is left out.
    Raises:
        InputError: ``max_satellites`` is negative.
        HostError: The file cannot be written.
    Accuracy: interpolated positions within 100 m of the run's own (tests/studies/test_exports.py).
    """
    if max_satellites < 0:
        raise InputError(f"max_satellites: {max_satellites} must not be negative")
    paths = _paths(dataset)
    tracks = _tracks(dataset, _choose(dataset, paths, max_satellites))
    with replacing(path) as stream:
        stream.write("[\n" + _preamble(dataset).dumps())
        for packets in (_sites(dataset), _satellites(dataset, tracks), _lines(dataset, paths, set(tracks))):
            for packet in packets:
                stream.write(",\n" + packet.dumps())
        stream.write("\n]\n")


def _preamble(dataset: xr.Dataset) -> Packet:
    """The document packet with the clock."""
    start, end = _span(dataset)
    clock = Clock(currentTime=start, multiplier=_SPEED, range=ClockRanges.LOOP_STOP)
    interval = IntervalValue(start=start, end=end, value=clock)
    return Packet(id="document", name=str(dataset.attrs["title"]), version=CZML_VERSION, clock=interval)


def _span(dataset: xr.Dataset) -> tuple[str, str]:
    """First and last instant; the last step counts as long as any other."""
    instants = time_ns(dataset["time"])
    return format_time(int(instants[0])), format_time(int(instants[-1]) + _step_ns(dataset))


def _step_ns(dataset: xr.Dataset) -> int:
    """How long a step lasts."""
    return round(float(dataset.attrs["step_s"]) * NS_PER_S)


def _sites(dataset: xr.Dataset) -> Iterator[Packet]:
    """A point with its name for every site."""
    columns = ("site_latitude_rad", "site_longitude_rad", "site_height_m", "site_kind")
    latitude_rad, longitude_rad, height_m, kind = (dataset[name].values for name in columns)
    position_m = geodetic_to_itrf(latitude_rad, longitude_rad, height_m)
    colours = {SiteKind.TERMINAL: DARK.ink, SiteKind.GATEWAY: DARK.series[4], SiteKind.POP: DARK.series[3]}
    for row, name in enumerate(names(dataset, "site")):
        one = SiteKind(int(kind[row]))
        yield Packet(
            id=f"site-{row}",
            name=name,
            description=f"{one.name.lower()} {name}",
            position=Position(cartesian=[round(float(value), 1) for value in position_m[row]], referenceFrame="FIXED"),
            point=Point(color=_colour(colours[one]), pixelSize=7.0 if one == SiteKind.TERMINAL else 5.0),
            label=Label(
                text=name,
                font="12px sans-serif",
                fillColor=_colour(DARK.ink),
                pixelOffset=Cartesian2Value(values=[0.0, -14.0]),
                show=one != SiteKind.GATEWAY,
            ),
        )


def _tracks(dataset: xr.Dataset, chosen: Ints) -> dict[int, Floats]:
    """Seconds since the first sample and position ``(K, 4)`` of each satellite that has two known positions or more."""
    sample_ns = time_ns(dataset["sample_time"])
    spacing_s = float(np.median(np.diff(sample_ns))) / NS_PER_S if len(sample_ns) > 1 else _SPACING_S
    stride = max(int(_SPACING_S // spacing_s), 1)
    used = np.unique(np.append(np.arange(0, len(sample_ns), stride), len(sample_ns) - 1))
    position_m = dataset["sample_position_itrf_m"].isel(sample=used, satellite=chosen).values.astype(np.float64)
    elapsed_s = (sample_ns[used] - sample_ns[0]) / NS_PER_S
    tracks = {}
    for column, row in enumerate(chosen):
        known = np.isfinite(position_m[:, column]).all(axis=1)
        if known.sum() >= 2:
            tracks[int(row)] = np.column_stack([elapsed_s[known], np.round(position_m[known, column])])
    return tracks


def _satellites(dataset: xr.Dataset, tracks: dict[int, Floats]) -> Iterator[Packet]:
    """A moving point for every satellite."""
    epoch = format_time(int(time_ns(dataset["sample_time"])[0]))
    colours = _satellite_colours(dataset)
    labels = names(dataset, "satellite")
    for row, track in tracks.items():
        motion: dict[str, Any] = {
            "epoch": epoch,
            "cartesian": track.ravel().tolist(),
            "referenceFrame": "FIXED",
            "interpolationAlgorithm": InterpolationAlgorithms.LAGRANGE,
            "interpolationDegree": min(_DEGREE, len(track) - 1),
            "forwardExtrapolationType": ExtrapolationTypes.EXTRAPOLATE,
            "forwardExtrapolationDuration": 2.0 * _SPACING_S,
        }
        point = Point(color=_colour(colours[row]), pixelSize=3.0)
        yield Packet(id=f"satellite-{row}", name=labels[row], position=Position(**motion), point=point)


def _satellite_colours(dataset: xr.Dataset) -> list[str]:
    """A colour for every satellite, by its shell."""
    colours = [DARK.muted] * dataset.sizes["satellite"]
    for _, rows, place in shells_to_draw(dataset):
        for row in rows:
            colours[row] = shell_colour(DARK, place)
    return colours


_Path = tuple[int, int, tuple[int, ...]]  # flow, exit gateway or -1, satellites


def _paths(dataset: xr.Dataset) -> dict[_Path, list[tuple[int, int]]]:
    """Every path of the tracked flows, in the order of first use, with the steps from and until which it holds."""
    spans: dict[_Path, list[tuple[int, int]]] = {}
    for tracked, flow in enumerate(dataset["tracked_flow"].values.tolist()):
        places = dataset["path_satellite"].isel(tracked=tracked).values
        gateway = dataset["exit_gateway"].isel(flow=flow).values
        table = np.column_stack([gateway, places])
        edges = np.flatnonzero((table[1:] != table[:-1]).any(axis=1)) + 1
        bounds = [0, *edges.tolist(), len(table)]
        for begin, end in pairwise(bounds):
            satellites = tuple(int(row) for row in places[begin] if row >= 0)
            if satellites:
                spans.setdefault((flow, int(gateway[begin]), satellites), []).append((begin, end))
    return dict(sorted(spans.items(), key=lambda item: item[1][0]))


def _choose(dataset: xr.Dataset, paths: dict[_Path, list[tuple[int, int]]], most: int) -> Ints:
    """Rows of the satellites to write: those of the earliest paths, then an even selection of the rest."""
    chosen: set[int] = set()
    for _, _, satellites in paths:
        if len(chosen.union(satellites)) <= most:
            chosen.update(satellites)
    rest = np.setdiff1d(np.arange(dataset.sizes["satellite"]), np.array(sorted(chosen), dtype=np.int64))
    free = min(most - len(chosen), len(rest))
    picked = rest[np.linspace(0, len(rest) - 1, free).round().astype(np.int64)] if free else rest[:0]
    return np.unique(np.concatenate([np.array(sorted(chosen), dtype=np.int64), picked]))


def _lines(dataset: xr.Dataset, paths: dict[_Path, list[tuple[int, int]]], written: set[int]) -> Iterator[Packet]:
    """A line for every path whose satellites are there, with the intervals in which it is in use."""
    source, target = (dataset[name].values for name in ("flow_source", "flow_target"))
    instants, step_ns = time_ns(dataset["time"]), _step_ns(dataset)
    labels = names(dataset, "flow")
    for number, ((flow, gateway, satellites), spans) in enumerate(paths.items()):
        if not written.issuperset(satellites):
            continue
        tail = [gateway, int(target[flow])] if gateway >= 0 else [int(target[flow])]
        places = [f"site-{int(source[flow])}", *(f"satellite-{row}" for row in satellites)]
        places += [f"site-{row}" for row in tail]
        intervals = [
            TimeInterval(start=format_time(int(instants[begin])), end=format_time(int(instants[end - 1]) + step_ns))
            for begin, end in spans
        ]
        yield Packet(
            id=f"path-{number}",
            name=labels[flow],
            availability=TimeIntervalCollection(values=intervals),
            polyline=Polyline(
                positions=PositionList(references=[f"{place}#position" for place in places]),
                arcType=ArcType(arcType=ArcTypes.NONE),
                width=2.5,
                material=PolylineMaterial(solidColor=SolidColorMaterial(color=_colour(DARK.series[1]))),
            ),
        )


def _colour(text: str) -> Color:
    """A colour such as ``#4ba6e8`` in CZML's form."""
    return Color(rgba=[*bytes.fromhex(text.removeprefix("#")), 255])
