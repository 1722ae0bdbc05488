"""Our routes beside those of an independent simulator, satgenpy, under that simulator's own rules.

Its rules differ from ours on purpose, and only here: sidereal time without UT1 corrections, ground stations on the WGS 72
ellipsoid (their Cartesian coordinates are taken from its file), and a ground link exists up to a fixed length, whatever
the elevation. Satellites fly its element sets by our SGP4, lasers are its list of pairs, and the shortest path is ours.
"""

import csv
import gzip
import json
import re
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from skycommons.base.arrays import Floats, Ints
from skycommons.base.clock import parse_time
from skycommons.base.constants import LIGHT_SPEED_M_S, NS_PER_S
from skycommons.base.errors import CatalogueError, Fault, GroundError, InputError
from skycommons.model.catalogues import parse_catalogue
from skycommons.orbit.elements import Elements
from skycommons.orbit.ephemeris import propagate
from skycommons.orbit.time import SiderealOnly
from skycommons.plan.graph_kernel import build_graph, grow_trees
from skycommons.plan.lasers_kernel import reachable

AGREEMENT_MS = 1e-3  # one microsecond


@dataclass(frozen=True, slots=True, kw_only=True)
class ConstellationResult:
    """How one constellation's rows compare.

    Attributes:
        name: Its name in the folder.
        rows: Rows compared.
        rows_within_1us: Rows whose round-trip times differ by at most a microsecond.
        max_difference_ms: The largest difference; infinite where only one of the two finds a path.
        differing: The other rows, with both times and how near a ground link of theirs is to the range limit.
    """

    name: str
    rows: int
    rows_within_1us: int
    max_difference_ms: float
    differing: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """One row of the simulator's table."""

    time_s: float
    source: int
    target: int
    reachable: bool
    rtt_ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """One constellation as the simulator ran it."""

    name: str
    elements: Elements
    epoch_ns: int
    pairs: Ints
    ground_m: Floats
    max_ground_link_m: float
    max_laser_m: float
    rows: tuple[_Row, ...]


def validate_satgenpy(folder: Path) -> list[ConstellationResult]:
    """Compare every ``NAME_pairs_rtt.csv`` of a folder, with its parameters, element sets and laser pairs.

    Raises:
        InputError: The folder or one of its files is missing or unreadable.
    """
    tables = sorted(folder.glob("*_pairs_rtt.csv"))
    if not tables:
        raise InputError(f"{folder}: no NAME_pairs_rtt.csv here; --dir names a folder of the simulator's results")
    try:
        return [_compare(_read_case(folder, table)) for table in tables]
    except InputError:
        raise
    except (OSError, EOFError, zlib.error, LookupError, TypeError, ValueError) as error:
        raise GroundError(
            str(folder), [Fault("files", f"cannot be read as the simulator's results ({error})")]
        ) from error


def _read_case(folder: Path, table: Path) -> _Case:
    """Everything that belongs to one table."""
    name = table.name.removesuffix("_pairs_rtt.csv")
    parameters = json.loads((folder / "params.json").read_text("utf-8"))["constellations"][name]
    elements = _read_elements(folder / f"{name}_tles.txt")
    lines = _plain(folder / f"{name}_isls.txt").decode("ascii").splitlines()
    pairs = np.array([[int(word) for word in line.split()] for line in lines], dtype=np.int64).reshape(-1, 2)
    epoch = re.match(r"\S+ \S+", parameters["epoch"])
    case = _Case(
        name=name,
        elements=elements,
        epoch_ns=parse_time(epoch.group() if epoch else parameters["epoch"]),
        pairs=pairs,
        ground_m=_ground_positions(min(folder.glob("ground_stations*.csv"), default=folder / "ground_stations.csv")),
        max_ground_link_m=float(parameters["max_gsl_length_m"]),
        max_laser_m=float(parameters["max_isl_length_m"]),
        rows=tuple(_read_rows(table)),
    )
    stations = np.array([(row.source, row.target) for row in case.rows], dtype=np.int64)
    for what, numbers, count in (("laser", pairs, len(elements)), ("row", stations, len(case.ground_m))):
        if numbers.size and not 0 <= numbers.min() <= numbers.max() < count:
            raise ValueError(f"a {what} of {name} names number {numbers.max()} of {count}")
    return case


def _plain(path: Path) -> bytes:
    """Content of a file that may be there as it is, or gzipped as ``NAME.gz``."""
    if path.exists():
        return path.read_bytes()
    return gzip.decompress(path.with_name(f"{path.name}.gz").read_bytes())


def _read_elements(path: Path) -> Elements:
    """Element sets behind the line that says how many planes and slots there are; not one may be lost."""
    head, _, body = _plain(path).partition(b"\n")
    planes, slots = (int(word) for word in head.split())
    catalogue = parse_catalogue(body, path.name)
    if catalogue.faults:
        raise CatalogueError(path.name, catalogue.faults)
    if len(catalogue.elements) != planes * slots:
        raise ValueError(f"{path.name} holds {len(catalogue.elements)} satellites, not {planes} times {slots}")
    return catalogue.elements


def _ground_positions(path: Path) -> Floats:
    """Cartesian positions of the ground stations, by their number."""
    with path.open(encoding="utf-8", newline="") as stream:
        return np.array([[float(row[f"ecef_{axis}_m"]) for axis in "xyz"] for row in csv.DictReader(stream)])


def _read_rows(path: Path) -> Iterable[_Row]:
    """Rows of the simulator's table."""
    with path.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            yield _Row(
                time_s=float(row["t_s"]),
                source=int(row["src_gid"]),
                target=int(row["dst_gid"]),
                reachable=row["reachable"] == "1",
                rtt_ms=float(row["rtt_ms"]) if row["reachable"] == "1" else np.inf,
            )


def _compare(case: _Case) -> ConstellationResult:
    """Round-trip times of every row, ours and theirs."""
    differing: list[dict[str, Any]] = []
    largest_ms = 0.0
    for time_s in sorted({row.time_s for row in case.rows}):
        rows = [row for row in case.rows if row.time_s == time_s]
        position_m = _positions(case, time_s)
        ours_ms = _round_trips_ms(case, position_m, rows)
        for row, ours in zip(rows, ours_ms, strict=True):
            difference = abs(ours - row.rtt_ms) if np.isfinite(ours) or row.reachable else 0.0
            largest_ms = max(largest_ms, difference)
            if difference > AGREEMENT_MS:
                differing.append(_described(case, position_m, row, ours))
    return ConstellationResult(
        name=case.name,
        rows=len(case.rows),
        rows_within_1us=len(case.rows) - len(differing),
        max_difference_ms=largest_ms,
        differing=tuple(differing),
    )


def _positions(case: _Case, time_s: float) -> Floats:
    """Where the satellites are, in the simulator's Earth-fixed frame."""
    instant = np.array([case.epoch_ns + round(time_s * NS_PER_S)], dtype=np.int64)
    return np.asarray(propagate(case.elements, instant, orientation=SiderealOnly()).position_itrf_m[0])


def _round_trips_ms(case: _Case, position_m: Floats, rows: list[_Row]) -> Floats:
    """Our round-trip time of every row at one instant; infinite without a path."""
    satellites = len(position_m)
    pairs = case.pairs.astype(np.int32)
    range_m, up = reachable(pairs, position_m, np.ones(satellites, dtype=np.bool_), case.max_laser_m, -np.inf)
    neighbour, length = build_graph(satellites, pairs, range_m, up)
    targets = sorted({row.target for row in rows})
    cost = np.stack([_ground_links_m(case, position_m, target) for target in targets])
    grow_trees(neighbour, length, cost, np.full(cost.shape, -1, dtype=np.int32))
    best_m = [np.min(_ground_links_m(case, position_m, row.source) + cost[targets.index(row.target)]) for row in rows]
    return np.array(best_m) * 2e3 / LIGHT_SPEED_M_S


def _ground_links_m(case: _Case, position_m: Floats, station: int) -> Floats:
    """Distance from a ground station to every satellite within the range limit; infinite beyond."""
    distance = np.linalg.norm(position_m - case.ground_m[station], axis=1)
    return np.where(distance <= case.max_ground_link_m, distance, np.inf)


def _described(case: _Case, position_m: Floats, row: _Row, ours_ms: float) -> dict[str, Any]:
    """A differing row, with the distance of its nearest ground link from the range limit."""
    ends = np.stack([case.ground_m[row.source], case.ground_m[row.target]])
    distance = np.linalg.norm(position_m[None] - ends[:, None], axis=2)
    return {
        "t_s": row.time_s,
        "src_gid": row.source,
        "dst_gid": row.target,
        "rtt_ms": float(ours_ms),
        "their_rtt_ms": row.rtt_ms,
        "difference_ms": abs(float(ours_ms) - row.rtt_ms),
        "range_limit_margin_m": float(np.min(np.abs(distance - case.max_ground_link_m))),
    }
