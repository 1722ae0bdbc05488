"""What cuts a line besides its plan, laid over its rows, and rows on the machine's clock.

Rules: a span cuts from its begin until just before its end; outside of spans rows stay as they are. Rows of slots follow each
other without a gap, so that a line does in every instant what the last row says that has begun.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from skycommons.emulation.line_model import DarkSpan, TimedRows
from skycommons.emulation.line_rows import LineRow, LineRows, LineState
from skycommons.emulation.pace import Pace

_CUT: Final = LineState.DROP


def cut(rows: TimedRows, spans: Sequence[DarkSpan]) -> TimedRows:
    """The rows of one line with spans in which it loses everything.

    Args:
        rows: Instants rising; one at least.
        spans: In any order; they may overlap.
    """
    if not spans:
        return rows
    edges = {edge for span in spans for edge in (span.begin_ns, span.end_ns) if rows[0][0] < edge}
    found: TimedRows = []
    for time_ns in sorted({time_ns for time_ns, _ in rows} | edges):
        row = _row_at(rows, time_ns)
        is_cut = any(span.begin_ns <= time_ns < span.end_ns for span in spans)
        found.append((time_ns, replace(row, state=_CUT) if is_cut else row))
    return found


def rows_on_clock(lines: Iterable[TimedRows], pace: Pace) -> LineRows:
    """Rows in emulated time as the wire wants them.

    Args:
        lines: One list a line.
        pace: From emulated time to the machine's clock.
    """
    return LineRows.of_lines(
        [
            [(pace.mono_of(time_ns), replace(row, delay_slope=row.delay_slope * pace.speed)) for time_ns, row in rows]
            for rows in lines
        ]
    )


def _row_at(rows: TimedRows, time_ns: int) -> LineRow:
    """What holds at an instant, told from that instant on."""
    since_ns, row = next((one for one in reversed(rows) if one[0] <= time_ns), rows[0])
    return replace(row, delay_ns=max(row.delay_ns + row.delay_slope * (time_ns - since_ns), 0.0))
