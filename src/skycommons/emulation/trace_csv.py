"""Traces as CSV: the native format, which loses nothing.

::

    # skycommons trace 1
    # begin: 2026-01-01T00:00:12Z
    # length_s: 30
    # source: scenarios/tiny.toml, zurich
    at_s,up_delay_s,up_rate_bps,up_loss,up_state,down_delay_s,down_rate_bps,down_loss,down_state,satellite,gateway,pop,is_handover
    0,0.0113,20000000.0,0.003,up,0.0113,180000000.0,0.0001,up,s53-p04-11,zurich-gw,frankfurt,0
    15,0.0131,20000000.0,0.003,up,0.0131,170000000.0,0.0001,up,s53-p05-02,zurich-gw,frankfurt,1

Rules: comments stand before the heading alone. Instants are exact to the nanosecond, numbers are written with all the digits
that they have. By hand it may be shorter: ``at_s`` and one more column are enough, in any order, without comments; what is
not there has its default (no delay, rate ``inf``, no loss, ``up``), and a missing length makes the last row as long as
the one before.
"""

import csv
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from skycommons.base.arrays import Ints
from skycommons.base.clock import format_time, parse_time
from skycommons.base.constants import NS_PER_S
from skycommons.base.errors import InputError
from skycommons.emulation.line_rows import LineState
from skycommons.emulation.trace import LONGEST_DELAY_S, MOST_ROWS, Trace, TraceContext, TraceSide, handovers
from skycommons.emulation.trace_text import Faults, float_of, numbered_lines, refusal, seconds_ns, seconds_text

VERSION_LINE: Final = "# skycommons trace 1"
_ANY_VERSION: Final = "# skycommons trace "
_AT: Final = "at_s"
_SIDES: Final = ("up", "down")
_STATES: Final = {state.name.lower(): state for state in LineState}
_NAMES: Final = ("satellite", "gateway", "pop")
_HANDOVER: Final = "is_handover"
_FLAGS: Final = {"0": False, "1": True}
_MOST: Final = {"delay_s": LONGEST_DELAY_S, "rate_bps": math.inf, "loss": 1.0}
SIDE_HEADINGS: Final = tuple(f"{side}_{name}" for side in _SIDES for name in (*_MOST, "state"))
CONTEXT_HEADINGS: Final = (*_NAMES, _HANDOVER)
_KNOWN: Final = (_AT, *SIDE_HEADINGS, *CONTEXT_HEADINGS)
_ASSUMED_NS: Final = NS_PER_S  # a single row whose end nobody says


def csv_lines(trace: Trace) -> Iterator[str]:
    """A trace as lines of its native format, each with its end."""
    yield f"{VERSION_LINE}\n"
    yield f"# begin: {'unknown' if trace.begin_ns is None else format_time(trace.begin_ns)}\n"
    yield f"# length_s: {seconds_text(trace.length_ns)}\n"
    yield f"# source: {trace.source}\n"
    for note in trace.notes:
        yield f"# note: {note}\n"
    context = trace.context
    yield ",".join((_AT, *SIDE_HEADINGS, *(CONTEXT_HEADINGS if context else ()))) + "\n"
    words = [state.name.lower() for state in sorted(LineState)]
    columns: list[Sequence[str]] = [[seconds_text(at_ns) for at_ns in trace.at_ns.tolist()]]
    for side in (trace.up, trace.down):
        columns += [[repr(value) for value in getattr(side, name).tolist()] for name in _MOST]
        columns.append([words[state] for state in side.state.tolist()])
    if context is not None:
        columns += [[_quoted(name) for name in getattr(context, names)] for names in _NAMES]
        columns.append([str(int(flag)) for flag in context.is_handover.tolist()])
    for cells in zip(*columns, strict=True):
        yield ",".join(cells) + "\n"


def parse_csv(text: str, source: str) -> Trace:
    """The trace that a text in the native format holds.

    Raises:
        FormatError: With all its faults.
    """
    faults = Faults(source)
    head = _Head()
    body: list[tuple[int, str]] = []
    for number, line in numbered_lines(text):
        if line.startswith("#") and not body:
            head.read(number, line, faults)
        elif line.strip():
            body.append((number, line))
            if len(body) > MOST_ROWS + 1:
                raise refusal(source, f"has more than {MOST_ROWS:,} rows; cut it into parts")
    faults.check()
    if not body:
        raise refusal(source, "has no heading and no rows")
    columns = _columns(*body[0], faults)
    faults.check()
    table = _Table.of_columns(columns)
    for number, cells in _rows(body[1:], faults):
        table.read(number, cells, faults)
    if len(body) == 1:
        faults.line(body[0][0], "is a heading without any row below it")
    faults.check()
    return _trace(table, head, source=source, faults=faults)


@dataclass(slots=True, kw_only=True)
class _Head:
    """What the comments say."""

    begin_ns: int | None = None
    length_ns: int | None = None
    source: str = ""
    notes: list[str] = field(default_factory=list)

    def read(self, number: int, line: str, faults: Faults) -> None:
        """One comment; those that say nothing to us are passed over."""
        if line.startswith(_ANY_VERSION):
            if line.strip() != VERSION_LINE:
                faults.line(number, f"is of another version: {line[2:60]!r}; this program reads version 1")
            return
        name, _, value = line.removeprefix("#").partition(":")
        value = value.strip()
        if not value.isprintable():
            faults.line(number, "holds control characters")
        elif name.strip() == "begin" and value != "unknown":
            try:
                self.begin_ns = parse_time(value)
            except InputError as error:
                faults.line(number, f"begin: {error}")
        elif name.strip() == "length_s":
            self.length_ns = seconds_ns(value)
            if self.length_ns is None:
                faults.line(number, f"length_s: {value!r} should be seconds, with at most nine decimals")
        elif name.strip() == "source":
            self.source = value
        elif name.strip() == "note":
            self.notes.append(value)


def _columns(number: int, line: str, faults: Faults) -> list[str]:
    """The headings, all known and each once."""
    columns = [name.strip() for name in line.split(",")]
    for name in columns:
        if name not in _KNOWN:
            faults.line(number, f"there is no column {name!r}; known ones are {', '.join(_KNOWN)}")
        elif columns.count(name) > 1:
            faults.line(number, f"column {name} stands there more than once")
    if _AT not in columns or len(columns) < 2:
        faults.line(number, f"the heading needs {_AT} and at least one more column")
    return columns


def _rows(body: list[tuple[int, str]], faults: Faults) -> Iterator[tuple[int, list[str]]]:
    """Cells of each line."""
    for number, line in body:
        try:
            yield number, next(csv.reader([line], strict=True))
        except csv.Error:
            faults.line(number, "has an open quotation mark, or letters after a closed one")


@dataclass(slots=True, kw_only=True)
class _Table:
    """Columns as they are read."""

    headings: list[str]
    at_ns: list[int]
    numbers: dict[str, list[float]]
    states: dict[str, list[int]]
    names: dict[str, list[str]]
    flags: list[bool]

    @staticmethod
    def of_columns(headings: list[str]) -> "_Table":
        return _Table(
            headings=headings,
            at_ns=[],
            numbers={name: [] for name in SIDE_HEADINGS if not name.endswith("_state")},
            states={name: [] for name in SIDE_HEADINGS if name.endswith("_state")},
            names={name: [] for name in _NAMES},
            flags=[],
        )

    def read(self, number: int, cells: list[str], faults: Faults) -> None:
        """One row."""
        if len(cells) != len(self.headings):
            faults.line(number, f"has {len(cells)} cells where the heading has {len(self.headings)}")
            return
        for name, cell in zip(self.headings, cells, strict=True):
            if name == _AT:
                self._at(number, cell, faults)
            elif name in self.numbers:
                self._number(number, name, float_of(cell), cell=cell, faults=faults)
            elif name in self.states:
                state = _STATES.get(cell.strip())
                if state is None:
                    faults.line(number, f"{name}: {cell!r} should be {', '.join(_STATES)}")
                self.states[name].append(state or LineState.UP)
            elif name == _HANDOVER:
                if cell.strip() not in _FLAGS:
                    faults.line(number, f"{name}: {cell!r} should be 0 or 1")
                self.flags.append(_FLAGS.get(cell.strip(), False))
            else:
                if not cell.isprintable():
                    faults.line(number, f"{name}: {cell!r} holds control characters")
                self.names[name].append(cell)

    def _at(self, number: int, cell: str, faults: Faults) -> None:
        at_ns = seconds_ns(cell)
        if at_ns is None:
            faults.line(number, f"{_AT}: {cell!r} should be seconds since the begin, with at most nine decimals")
        elif not self.at_ns and at_ns != 0:
            faults.line(number, f"{_AT}: the first row should be at 0")
        elif self.at_ns and at_ns <= self.at_ns[-1]:
            faults.line(number, f"{_AT}: {cell} should be after the row before")
        if at_ns is not None:
            self.at_ns.append(at_ns)

    def _number(self, number: int, name: str, value: float, *, cell: str, faults: Faults) -> None:
        most = _MOST[name.split("_", 1)[1]]
        if not 0.0 <= value <= most:
            words = "0 or more, or inf" if math.isinf(most) else f"between 0 and {most:g}"
            faults.line(number, f"{name}: {cell!r} should be {words}")
        self.numbers[name].append(value)


def _trace(table: _Table, head: _Head, *, source: str, faults: Faults) -> Trace:
    """The value that the columns make."""
    at_ns = np.array(table.at_ns, dtype=np.int64)
    notes = list(head.notes)
    length_ns = head.length_ns
    if length_ns is None:
        length_ns = assumed_length_ns(at_ns)
        notes.append("the length is assumed: the file does not say when its last row ends")
    if length_ns <= at_ns[-1]:
        faults.at("length_s", f"{seconds_text(length_ns)} should be after the last row")
    faults.check()
    rows = len(at_ns)
    sides = {}
    for side in _SIDES:
        numbers = {name: table.numbers[f"{side}_{name}"] for name in _MOST}
        states = table.states[f"{side}_state"]
        sides[side] = TraceSide.filled(
            rows,
            **{name: np.array(values, dtype=np.float64) for name, values in numbers.items() if values},
            state=np.array(states, dtype=np.uint8) if states else LineState.UP,
        )
    return Trace(
        begin_ns=head.begin_ns,
        at_ns=at_ns,
        length_ns=length_ns,
        up=sides["up"],
        down=sides["down"],
        context=_context(table, rows),
        source=head.source or source,
        notes=tuple(notes),
    )


def _context(table: _Table, rows: int) -> TraceContext | None:
    """Names and handovers, if there is a column of either."""
    if not any(name in table.headings for name in CONTEXT_HEADINGS):
        return None
    names = {name: tuple(table.names[name]) or ("",) * rows for name in _NAMES}
    flags = np.array(table.flags, dtype=np.bool_) if table.flags else handovers(names["satellite"])
    return TraceContext(**names, is_handover=flags)


def assumed_length_ns(at_ns: Ints) -> int:
    """When a trace ends that does not say so: its last row is as long as the one before, a single one lasts a second."""
    return int(at_ns[-1]) + (int(at_ns[-1] - at_ns[-2]) if len(at_ns) > 1 else _ASSUMED_NS)


def _quoted(name: str) -> str:
    """A name as a cell."""
    return '"' + name.replace('"', '""') + '"' if {",", '"'} & set(name) or name != name.strip() else name
