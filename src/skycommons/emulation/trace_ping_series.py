"""Series of round trips as columns of text, in two forms.

Rules: with a heading, CSV: ``time_ns`` (UTC, when the packet was sent) or ``sent_s``, and ``rtt_s`` or ``rtt_ms``, empty
where nothing came back; other columns are passed over. Without, three columns between blanks or tabs as published data sets have
them: seconds since 1970 at which the answer came, a running number, and the round trip in ms. There a round trip of -1 is
a lost packet, which was given up `TIMEOUT_S` after it was sent, so that its row stands that much later than it.
"""

import csv
import math
import re
from typing import Final

import numpy as np

from skycommons.base.errors import InputError
from skycommons.emulation.trace import MOST_ROWS
from skycommons.emulation.trace_rtt import RttSeries, rtt_series
from skycommons.emulation.trace_text import Faults, float_of, numbered_lines, refusal, seconds_ns

TIMEOUT_S: Final = 5.0
"""After which the published series gave a packet up; in the shared series the rows of lost packets stand 4.9 s late."""
_LOST_MS: Final = -1.0
_WHOLE: Final = re.compile(r"-?\d{1,19}", re.ASCII)
LOOKS_LIKE_COLUMNS: Final = re.compile(rb"\d+(?:\.\d+)?\s+\d+(?:\.0*)?\s+-?\d+(?:\.\d+)?\s*", re.ASCII)
_TIMES: Final = ("time_ns", "sent_s")
_RTTS: Final = ("rtt_s", "rtt_ms")


def has_heading(line: str) -> bool:
    r"""Whether a line is the heading of a series as CSV.

    >>> has_heading("time_ns,rtt_s"), has_heading("1694478364.17\t1\t97.4")
    (True, False)
    """
    names = [name.strip() for name in line.split(",")]
    return any(name in names for name in _TIMES) and any(name in names for name in _RTTS)


def parse_ping_series(text: str, source: str) -> RttSeries:
    """The packets in three columns without a heading.

    Raises:
        FormatError: With all faults of the lines.
    """
    faults = Faults(source)
    sent_ns: list[int] = []
    rtts_s: list[float] = []
    for number, line in numbered_lines(text):
        cells = line.split()
        came_ns = seconds_ns(cells[0]) if len(cells) == 3 else None
        rtt_ms = float_of(cells[2]) if len(cells) == 3 else math.nan
        if came_ns is None or not (rtt_ms >= 0.0 or rtt_ms == _LOST_MS) or math.isinf(rtt_ms):
            faults.line(number, f"{line.strip()[:60]!r} should be: seconds, number, round trip in ms or -1")
            continue
        is_lost = rtt_ms == _LOST_MS
        sent_ns.append(came_ns - round(TIMEOUT_S * 1e9 if is_lost else rtt_ms * 1e6))
        rtts_s.append(math.nan if is_lost else rtt_ms / 1e3)
        _check_count(sent_ns, source)
    return _series(sent_ns, rtts_s, source=source, faults=faults)


def parse_rtt_csv(text: str, source: str) -> RttSeries:
    """The packets of a CSV with a heading; other columns are passed over.

    Raises:
        FormatError: With all faults of the lines.
    """
    faults = Faults(source)
    lines = ((number, line) for number, line in numbered_lines(text) if line.strip() and not line.startswith("#"))
    first, heading = next(lines, (1, ""))
    names = [name.strip() for name in heading.split(",")]
    if not has_heading(heading):
        faults.line(first, f"the heading needs {' or '.join(_TIMES)}, and {' or '.join(_RTTS)}")
        faults.check()
    time_name = next(name for name in _TIMES if name in names)
    rtt_name = next(name for name in _RTTS if name in names)
    sent_ns: list[int] = []
    rtts_s: list[float] = []
    for number, line in lines:
        cells = next(csv.reader([line]), [])
        if len(cells) != len(names):
            faults.line(number, f"has {len(cells)} cells where the heading has {len(names)}")
            continue
        when, took = cells[names.index(time_name)].strip(), cells[names.index(rtt_name)].strip()
        sent = (int(when) if _WHOLE.fullmatch(when) else None) if time_name == "time_ns" else seconds_ns(when)
        if sent is None or not -(2**62) < sent < 2**62:
            faults.line(number, f"{time_name}: {when[:40]!r} should be an instant")
        rtt_s = float_of(took) / (1.0 if rtt_name == "rtt_s" else 1e3)
        if took not in {"", "nan", "NaN"} and not 0.0 <= rtt_s < math.inf:
            faults.line(number, f"{rtt_name}: {took[:40]!r} should be 0 or more, or nothing")
        sent_ns.append(sent or 0)
        rtts_s.append(rtt_s)
        _check_count(sent_ns, source)
    return _series(sent_ns, rtts_s, source=source, faults=faults)


def _check_count(sent_ns: list[int], source: str) -> None:
    if len(sent_ns) > MOST_ROWS:
        raise refusal(source, f"tells of more than {MOST_ROWS:,} packets; cut it into parts")


def _series(sent_ns: list[int], rtts_s: list[float], *, source: str, faults: Faults) -> RttSeries:
    """What was read, if nothing is wrong with it."""
    faults.check()
    if not sent_ns:
        raise refusal(source, "holds no packet")
    try:
        return rtt_series(
            np.array(sent_ns, dtype=np.int64), np.array(rtts_s, dtype=np.float64), is_dated=True, source=source
        )
    except InputError as error:
        raise refusal(source, str(error)) from None
