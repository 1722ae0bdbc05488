"""Plans as two tables that people can read and edit by hand: who is served, and which gateway feeds which satellite.

Rules: ``plan.csv`` has a row for each request of each slot, and one for each cell that makes none; ``feeders.csv`` a row for
each fed satellite of each slot. Satellites, gateways and PoPs stand by their ids, cells as H3 writes them, rates in Mbit/s
with six digits; an empty field means none. Rows may stand in any order. Both files are written together or not at all. When
reading, all faults are told at once, each with its line.
"""

import csv
import math
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Final, TextIO

import numpy as np

from skycommons.base.arrays import Ints
from skycommons.base.clock import format_time, parse_time
from skycommons.base.errors import DocumentError, Fault, InputError
from skycommons.model.cells import RESOLUTION, cell_texts
from skycommons.model.documents_read import did_you_mean
from skycommons.model.service_rules import RANKS
from skycommons.model.world import World
from skycommons.plan.check_rules import reason_word
from skycommons.plan.plan_table import NO_RANK, ROW_COLUMNS, PlanTable
from skycommons.plan.requests import Unserved
from skycommons.studies.files import replacing_folder

PLAN, FEEDERS = "plan.csv", "feeders.csv"
PLAN_COLUMNS: Final = (
    *("step", "time", "cell", "channel", "rank", "satellite", "beam", "share", "down_mbps", "up_mbps"),
    *("pop", "egress", "reason"),
)
FEEDER_COLUMNS: Final = ("step", "time", "satellite", "gateway")
RANK_WORDS: Final = ("protected", "priority", "standard", "background")
_RANK_OF: Final = MappingProxyType({word: rank for rank, word in enumerate(RANK_WORDS)} | {"": NO_RANK})
_REASON_OF: Final = MappingProxyType({reason_word(reason): int(reason) for reason in Unserved})
_CELL: Final = re.compile(r"[0-9a-fA-F]{15}")
_SHOWN_FAULTS: Final = 50
_LARGEST_NUMBER: Final = 2**15 - 1  # of a channel or beam


def write_plan(plan: PlanTable | Iterable[PlanTable], world: World, folder: Path) -> tuple[Path, Path]:
    """Write both tables.

    Args:
        plan: What was decided, or parts of a long plan one after the other.
        world: Whose satellites and sites the rows name.
        folder: An older one there is replaced.
    Returns:
        The two files.
    Raises:
        HostError: The folder cannot be written.
    """
    with replacing_folder(folder) as made, _text(made / PLAN) as plan_text, _text(made / FEEDERS) as feeders_text:
        rows, feeds = csv.writer(plan_text, lineterminator="\n"), csv.writer(feeders_text, lineterminator="\n")
        rows.writerow(PLAN_COLUMNS)
        feeds.writerow(FEEDER_COLUMNS)
        begin = 0
        for part in (plan,) if isinstance(plan, PlanTable) else plan:
            rows.writerows(_plan_rows(part, world, begin))
            feeds.writerows(_feeder_rows(part, world, begin))
            begin += len(part)
    return folder / PLAN, folder / FEEDERS


def _text(path: Path) -> TextIO:
    """A new text file."""
    return path.open("w", encoding="utf-8", newline="")


def _plan_rows(plan: PlanTable, world: World, begin: int) -> Iterator[tuple[object, ...]]:
    """Rows of ``plan.csv``, the first of slot ``begin``."""
    satellite_ids, site_ids = (*world.satellites.ids, ""), (*world.sites.ids, "")
    words = tuple(reason_word(reason) for reason in range(256))
    for step in range(len(plan)):
        rows, time = plan.rows(step), format_time(int(plan.time_ns[step]))
        columns = (getattr(plan, name)[rows].tolist() for name in ROW_COLUMNS[1:])
        for cell, channel, rank, satellite, beam, share, down, up, pop, egress, reason in zip(
            cell_texts(plan.cell[rows]), *columns, strict=True
        ):
            rates = (f"{share:.6g}", f"{down / 1e6:.6g}", f"{up / 1e6:.6g}") if satellite >= 0 else ("", "", "")
            yield (
                *(begin + step, time, cell, _or_empty(channel), RANK_WORDS[rank] if rank < RANKS else ""),
                *(satellite_ids[satellite], _or_empty(beam), *rates, site_ids[pop], satellite_ids[egress]),
                words[reason],
            )


def _feeder_rows(plan: PlanTable, world: World, begin: int) -> Iterator[tuple[object, ...]]:
    """Rows of ``feeders.csv``, the first of slot ``begin``."""
    for step in range(len(plan)):
        fed, time = plan.fed_rows(step), format_time(int(plan.time_ns[step]))
        for satellite, gateway in zip(plan.fed[fed].tolist(), plan.gateway[fed].tolist(), strict=True):
            yield begin + step, time, world.satellites.ids[satellite], world.sites.ids[gateway]


def _or_empty(number: int) -> int | str:
    """A number, or nothing for -1."""
    return number if number >= 0 else ""


def read_plan(path: Path, world: World) -> PlanTable:
    """The plan of two tables.

    Args:
        path: The folder, or ``plan.csv`` with ``feeders.csv`` beside it.
        world: Whose satellites and sites the rows name.
    Raises:
        DocumentError: A file cannot be read, or rows have faults; all of them are listed.
    """
    plan_file = path / PLAN if path.is_dir() else path
    if not plan_file.exists() and not plan_file.with_name(FEEDERS).exists():
        raise DocumentError(str(path), [_nothing_there(path)])
    faults, words = _Faults(), _Words.of(world)
    plan = _read(plan_file, PLAN_COLUMNS, words.plan_row, faults)
    feeders = _read(plan_file.with_name(FEEDERS), FEEDER_COLUMNS, words.feeder_row, faults)
    time_of = _times([*plan[:2], *feeders[:2]], faults) if not faults.count else {}
    if not faults.count and not time_of:
        faults.add(plan_file.name, "holds no slot")
    if faults.count:
        raise DocumentError(str(path), faults.listed())
    return _table(plan, feeders, time_of)


def _nothing_there(path: Path) -> Fault:
    """Why there is no plan to read."""
    what = f"holds neither the store of a run nor {PLAN}" if path.is_dir() else "there is no such file or folder"
    return Fault("path", f"{what}; give NAME.zarr of a run, a folder with {PLAN} and {FEEDERS}, or {PLAN} itself")


def _table(plan: list[list[float]], feeders: list[list[float]], time_of: dict[int, int]) -> PlanTable:
    """The rows in the order of slots."""
    numbers = sorted(time_of)
    order, first = _by_slot(plan[0], numbers)
    fed_order, first_fed = _by_slot(feeders[0], numbers)
    column = dict(zip(PLAN_COLUMNS, plan, strict=True))

    def whole(name: str, kind: type[np.generic]) -> np.ndarray:
        return np.array(column[name], dtype=kind)[order]

    return PlanTable(
        time_ns=np.array([time_of[number] for number in numbers], dtype=np.int64),
        first=first,
        cell=whole("cell", np.uint64),
        channel=whole("channel", np.int16),
        rank=whole("rank", np.uint8),
        satellite=whole("satellite", np.int32),
        beam=whole("beam", np.int16),
        share=whole("share", np.float64),
        down_bps=1e6 * whole("down_mbps", np.float64),
        up_bps=1e6 * whole("up_mbps", np.float64),
        pop=whole("pop", np.int32),
        egress=whole("egress", np.int32),
        reason=whole("reason", np.uint8),
        first_fed=first_fed,
        fed=np.array(feeders[2], dtype=np.int32)[fed_order],
        gateway=np.array(feeders[3], dtype=np.int32)[fed_order],
    )


def _by_slot(number: list[float], numbers: list[int]) -> tuple[Ints, Ints]:
    """The order that puts rows into slots, and where each slot begins."""
    slot = np.searchsorted(numbers, np.array(number, dtype=np.int64))
    return np.argsort(slot, kind="stable"), np.searchsorted(np.sort(slot), np.arange(len(numbers) + 1))


@dataclass(frozen=True, slots=True)
class _Faults:
    """Faults as they are found: the first ones in words, all of them counted."""

    found: list[Fault] = field(default_factory=list)
    beyond: list[int] = field(default_factory=lambda: [0])

    @property
    def count(self) -> int:
        return len(self.found) + self.beyond[0]

    @property
    def is_full(self) -> bool:
        return len(self.found) >= _SHOWN_FAULTS

    def add(self, place: str, message: str) -> None:
        if self.is_full:
            self.beyond[0] += 1
        else:
            self.found.append(Fault(place, message))

    def listed(self) -> list[Fault]:
        more = [Fault("and", f"{self.beyond[0]:,} more faults")] if self.beyond[0] else []
        return [*self.found, *more]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Words:
    """What the words of a row mean.

    Attributes:
        satellites, sites: Rows by id; the empty word is -1.
    """

    satellites: dict[str, int]
    sites: dict[str, int]

    @staticmethod
    def of(world: World) -> "_Words":
        return _Words(
            satellites={name: row for row, name in enumerate(world.satellites.ids)} | {"": -1},
            sites={name: row for row, name in enumerate(world.sites.ids)} | {"": -1},
        )

    @property
    def plan_row(self) -> tuple[Callable[[str], int | float], ...]:
        """Readers of the fields of ``plan.csv``."""
        return (
            *(_count, _instant, _cell, _number, lambda word: _known(word, _RANK_OF, "rank")),
            *(lambda word: _known(word, self.satellites, "satellite"), _number, _amount, _amount, _amount),
            lambda word: _known(word, self.sites, "site"),
            lambda word: _known(word, self.satellites, "satellite"),
            lambda word: _known(word, _REASON_OF, "reason"),
        )

    @property
    def feeder_row(self) -> tuple[Callable[[str], int | float], ...]:
        """Readers of the fields of ``feeders.csv``."""
        return (
            *(_count, _instant),
            lambda word: _given(word, self.satellites, "satellite"),
            lambda word: _given(word, self.sites, "gateway"),
        )


def _read(
    path: Path, columns: tuple[str, ...], readers: tuple[Callable[[str], int | float], ...], faults: _Faults
) -> list[list[float]]:
    """Columns of a table; faults are added."""
    values: list[list[float]] = [[] for _ in columns]
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            rows = csv.reader(stream, strict=True)
            heading = [word.strip() for word in next(rows, [])]
            if heading != list(columns):
                faults.add(f"{path.name} line 1", f"must be the heading {','.join(columns)}")
                return values
            for row in rows:
                if row:
                    _take_row(row, values, readers, place=(f"{path.name} line {rows.line_num}", columns), faults=faults)
    except OSError as error:
        faults.add(path.name, f"cannot be read: {(error.strerror or str(error)).lower()}")
    except UnicodeDecodeError as error:
        faults.add(path.name, f"byte {error.start} is not UTF-8")
    except csv.Error as error:
        faults.add(path.name, f"is no CSV: {error}")
    return values


def _take_row(
    row: list[str],
    values: list[list[float]],
    readers: tuple[Callable[[str], int | float], ...],
    *,
    place: tuple[str, tuple[str, ...]],
    faults: _Faults,
) -> None:
    """Add one row to the columns, or its faults."""
    line, columns = place
    if len(row) != len(columns):
        faults.add(line, f"has {len(row)} fields; there are {len(columns)} columns")
        return
    for name, word, reader, column in zip(columns, row, readers, values, strict=True):
        try:
            column.append(reader(word.strip()))
        except InputError as error:
            faults.add(line, f"{name} {error}")


def _times(columns: list[list[float]], faults: _Faults) -> dict[int, int]:
    """Instant of each slot by its number."""
    time_of: dict[int, int] = {}
    for numbers, instants in (columns[:2], columns[2:]):
        for number, instant in dict.fromkeys(zip(numbers, instants, strict=True)):
            if time_of.setdefault(int(number), int(instant)) != int(instant):
                both = f"{format_time(time_of[int(number)])} and {format_time(int(instant))}"
                faults.add(f"step {number}", f"has two times, {both}; give each slot a number of its own")
    return time_of


def _known(word: str, rows: "dict[str, int] | MappingProxyType[str, int]", what: str) -> int:
    """The row that a word stands for."""
    if word not in rows:
        raise InputError(f"{word!r} is no {what}{did_you_mean(word, [name for name in rows if name])}")
    return rows[word]


def _given(word: str, rows: dict[str, int], what: str) -> int:
    """The row that a word stands for, which must be there."""
    if not word:
        raise InputError(f"is empty; name a {what} or remove the line")
    return _known(word, rows, what)


def _instant(word: str) -> int:
    return parse_time(word)


def _count(word: str) -> int:
    if not (word.isascii() and word.isdigit() and len(word) < 10):
        raise InputError(f"{word!r} is no number of a slot, such as 0")
    return int(word)


def _cell(word: str) -> int:
    import h3.api.basic_int as h3

    cell = int(word, 16) if _CELL.fullmatch(word) else 0
    if not (h3.is_valid_cell(cell) and h3.get_resolution(cell) == RESOLUTION):
        raise InputError(f"{word!r} is no cell of resolution {RESOLUTION}; write its 15 hexadecimal digits")
    return cell


def _number(word: str) -> int:
    if not word:
        return -1
    if not (word.isascii() and word.isdigit() and int(word) <= _LARGEST_NUMBER):
        raise InputError(f"{word!r} is no whole number from 0 to {_LARGEST_NUMBER}")
    return int(word)


def _amount(word: str) -> float:
    try:
        amount = float(word or 0.0)
    except ValueError:
        raise InputError(f"{word!r} is no number") from None
    if not (math.isfinite(amount) and amount >= 0.0):
        raise InputError(f"{word!r} is not 0 or more")
    return amount
