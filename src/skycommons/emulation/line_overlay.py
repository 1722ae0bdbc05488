"""What cuts a line besides its plan, laid over its rows, and rows on the machine's clock.

Rules: a span cuts from its begin until just before its end; outside of spans rows stay as they are. Rows of slots follow each
other without a gap, so that a line does in every instant what the last row says that has begun. Where two instants are one on the
machine's clock, the later row holds.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from skycommons.base.arrays import Bools, Ints
from skycommons.emulation.line_model import FOREVER_NS, DarkSpan
from skycommons.emulation.line_rows import COLUMNS, LineRow, LineRows, LineState, TimedRows
from skycommons.emulation.pace import Pace
from skycommons.emulation.packed_rows import PackedRows

_CUT: Final = LineState.DROP


def cut(rows: TimedRows, spans: Sequence[DarkSpan]) -> TimedRows:
    """The rows of one line with spans in which it loses everything.

    Args:
        rows: Instants rising; one at least.
        spans: In any order; they may overlap.
    """
    if not spans:
        return rows
    begins_ns = [time_ns for time_ns, _ in rows]
    edges = {edge for span in spans for edge in (span.begin_ns, span.end_ns) if begins_ns[0] < edge < FOREVER_NS}
    found: TimedRows = []
    for time_ns in sorted({*begins_ns, *edges}):
        since_ns, row = rows[bisect_right(begins_ns, time_ns) - 1]
        here = row if since_ns == time_ns else _since(row, time_ns - since_ns)
        is_cut = any(span.begin_ns <= time_ns < span.end_ns for span in spans)
        found.append((time_ns, replace(here, state=_CUT) if is_cut else here))
    return found


def slots_on_clock(slots: Sequence[PackedRows], pace: Pace, *, dark: Sequence[DarkSpan] = ()) -> LineRows:
    """Rows of slots that follow each other as the wire wants them.

    Args:
        slots: In the order of time; one at least.
        pace: From emulated time to the machine's clock.
        dark: What cuts lines besides.
    """
    lines = len(slots[0])
    tables = [slot.columns for slot in slots]
    line = np.concatenate([np.repeat(np.arange(lines), np.diff(table.first)) for table in tables])
    touched = sorted({2 * span.terminal + side for span in dark for side in (0, 1)})
    if touched:
        anew = LineRows.of_lines([_cut_over(slots, row, dark) for row in touched])
        kept = ~np.isin(line, touched)
        line = np.concatenate([line[kept], np.repeat(touched, np.diff(anew.first))])
    else:
        anew, kept = None, np.ones(len(line), dtype=np.bool_)
    order = np.argsort(line, kind="stable")
    columns = {}
    for name in COLUMNS:
        column = np.concatenate([getattr(table, name) for table in tables])[kept]
        columns[name] = (column if anew is None else np.concatenate([column, getattr(anew, name)]))[order]
    return _on_clock(LineRows(first=_firsts(np.bincount(line, minlength=lines)), **columns), pace)


def _cut_over(slots: Sequence[PackedRows], line: int, dark: Sequence[DarkSpan]) -> TimedRows:
    """Rows of one line over some slots, with what cuts it."""
    return cut([row for slot in slots for row in slot[line]], [span for span in dark if span.terminal == line // 2])


def _on_clock(rows: LineRows, pace: Pace) -> LineRows:
    """The same rows on the machine's clock; of those that fall on one instant the last."""
    mono_ns = pace.monos_of(rows.mono_ns)
    line = np.repeat(np.arange(len(rows)), np.diff(rows.first))
    is_last: Bools = np.ones(len(line), dtype=np.bool_)
    is_last[:-1] = (line[1:] != line[:-1]) | (mono_ns[1:] != mono_ns[:-1])
    columns = {name: getattr(rows, name)[is_last] for name in COLUMNS}
    columns |= {"mono_ns": mono_ns[is_last], "delay_slope": columns["delay_slope"] * pace.speed}
    return LineRows(first=_firsts(np.bincount(line[is_last], minlength=len(rows))), **columns)


def _firsts(counts: Ints) -> Ints:
    """Where the rows of each line begin, and where the last one's end."""
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)


def _since(row: LineRow, since_ns: int) -> LineRow:
    """A row, told so long after its begin."""
    return replace(row, delay_ns=max(row.delay_ns + row.delay_slope * since_ns, 0.0))
