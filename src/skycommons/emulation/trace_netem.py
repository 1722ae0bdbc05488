"""Traces as shell scripts of ``tc qdisc … netem`` lines, written and read.

Rules: a script shapes what leaves one interface, so it holds one direction. Its lines wait for instants since its start, not
for one another, so that what ``tc`` takes itself (some 100 ms a call) does not add up. Every line says delay, loss, rate and limit,
because ``tc`` keeps a rate that is not mentioned. A gap that holds packets is a delay that ends with the gap; one that drops
them is a loss of 100 %. Read are such scripts, and simple ones by hand: ``tc`` lines for one interface, with ``sleep`` between.

Source:
    The manual pages tc(8) and tc-netem(8): names of parameters, units, and what a bare number means.
"""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from skycommons.base.arrays import Bools, Bytes, Floats, Ints
from skycommons.base.clock import format_time, parse_time
from skycommons.base.constants import NS_PER_S
from skycommons.base.errors import InputError
from skycommons.emulation.line_rows import LineState
from skycommons.emulation.trace import LONGEST_DELAY_S, MOST_ROWS, Direction, Trace, TraceSide, up_and_down
from skycommons.emulation.trace_text import Faults, numbered_lines, refusal, seconds_ns, seconds_text

VERSION_LINE: Final = "# skycommons netem script 1"
QUEUE_PACKETS: Final = 1_000
"""Packets that may wait beside those on their way; netem's own default."""
LEAST_BPS: Final = 8.0
"""netem keeps whole bytes a second, and takes 0 for no limit; what is slower than one serves nothing."""
_UNLIMITED_PACKETS: Final = 100_000
_PACKET_BITS: Final = 12_000.0
_HOLD: Final = "# hold: "
_HEAD: Final = r"""#
# sh FILE INTERFACE, as root, shapes what leaves the interface; with GNU date and sleep. Its end removes what it set.
set -eu
device=${1:?name of the interface}
trap 'tc qdisc del dev "$device" root' EXIT
trap 'exit 130' INT TERM
begin_ns=$(date +%s%N)
until_ns() { left=$((begin_ns + $1 - $(date +%s%N))); [ "$left" -le 0 ] || sleep "$((left / 1000000000)).$(printf %09d $((left % 1000000000)))"; }
"""
_TC: Final = re.compile(r"(?:sudo\s+)?tc\s+qdisc\s+(add|change|replace|del|delete)\s+(.*)", re.ASCII)
_SLEEP: Final = re.compile(r"sleep\s+(\d{1,9}(?:\.\d{1,9})?)([smh]?)", re.ASCII)
_UNTIL: Final = re.compile(r"until_ns\s+(\d{1,18})", re.ASCII)
_PASSED_OVER: Final = re.compile(
    r"(?:set|trap|echo|exit|:)(?:\s[^;|&]*)?|[A-Za-z_]\w*=[^;|&]*|until_ns\(\).*", re.ASCII
)
_AMOUNT: Final = re.compile(r"(\d+(?:\.\d*)?|\.\d+)([a-zA-Z%]*)", re.ASCII)
_SLEEP_S: Final = {"": 1, "s": 1, "m": 60, "h": 3_600}
_TIME_S: Final = (
    dict.fromkeys(("s", "sec", "secs"), 1.0)
    | dict.fromkeys(("ms", "msec", "msecs"), 1e-3)
    | dict.fromkeys(("us", "usec", "usecs", ""), 1e-6)
    | dict.fromkeys(("ns", "nsec", "nsecs"), 1e-9)
)
_RATE_BPS: Final = (
    {"": 1.0}
    | {f"{prefix}bit": 1e3**power for power, prefix in enumerate(("", "k", "m", "g", "t"))}
    | {f"{prefix}bps": 8.0 * 1e3**power for power, prefix in enumerate(("", "k", "m", "g", "t"))}
    | {f"{prefix}ibit": 1024.0**power for power, prefix in enumerate(("k", "m", "g", "t"), 1)}
    | {f"{prefix}ibps": 8.0 * 1024.0**power for power, prefix in enumerate(("k", "m", "g", "t"), 1)}
)
_PERCENT: Final = {"": 0.01, "%": 0.01}


def netem_lines(trace: Trace, direction: Direction, *, queue_packets: int = QUEUE_PACKETS) -> Iterator[str]:
    """A script that gives an interface one side of a trace, and ends with it.

    Args:
        trace: Its context is left out.
        direction: Which side.
        queue_packets: Most packets that wait, beside those on their way.
    """
    side = trace.side(direction)
    yield f"#!/bin/sh\n{VERSION_LINE}\n"
    yield f"# begin: {'unknown' if trace.begin_ns is None else format_time(trace.begin_ns)}\n"
    yield f"# length_s: {seconds_text(trace.length_ns)}\n# source: {trace.source}\n# direction: {direction}\n"
    yield _HEAD
    is_held = (side.state == LineState.HOLD) | ((side.state == LineState.UP) & (side.rate_bps < LEAST_BPS))
    held_s = np.where(is_held, (_run_ends(is_held, trace) - trace.at_ns) / NS_PER_S, 0.0)
    verb = "replace"
    for row, at_ns in enumerate(trace.at_ns.tolist()):
        if row:
            yield f"until_ns {at_ns}\n"
        delay_s, rate_bps = float(side.delay_s[row]), float(side.rate_bps[row])
        loss = 1.0 if side.state[row] == LineState.DROP else float(side.loss[row])
        words = _words(delay_s + float(held_s[row]), rate_bps, loss=loss, queue_packets=queue_packets)
        kept = f"  {_HOLD}{_words(delay_s, rate_bps, loss=loss, queue_packets=queue_packets)}" if is_held[row] else ""
        yield f'tc qdisc {verb} dev "$device" root netem {words}{kept}\n'
        verb = "change"
    yield f"until_ns {trace.length_ns}\n"


def _run_ends(flags: Bools, trace: Trace) -> Ints:
    """``(N,)`` when the run of rows with the flag ends that a row is in; its own end where it has none."""
    ends_ns = np.append(trace.at_ns[1:], trace.length_ns)
    for row in range(len(flags) - 2, -1, -1):
        if flags[row] and flags[row + 1]:
            ends_ns[row] = ends_ns[row + 1]
    return ends_ns


def _words(delay_s: float, rate_bps: float, *, loss: float, queue_packets: int) -> str:
    """Parameters of one netem line."""
    is_free = np.isinf(rate_bps)
    limit = _UNLIMITED_PACKETS if is_free else queue_packets + int(np.ceil(rate_bps * delay_s / _PACKET_BITS))
    rate = 0 if is_free else round(rate_bps)  # netem's word for no limit
    percent = f"{loss * 100.0:.9f}".rstrip("0").rstrip(".")
    return f"limit {max(limit, 1)} delay {delay_s * 1e3:.6f}ms loss {percent}% rate {rate}bit"


def parse_netem(text: str, source: str, *, direction: Direction = Direction.BOTH) -> Trace:
    """The trace of a script's lines.

    Args:
        text: Of the script.
        source: Its name.
        direction: Which side it is.
    Raises:
        FormatError: With all faults of the lines.
    """
    faults = Faults(source)
    script = _Script()
    for number, line in numbered_lines(text):
        script.read(number, line.strip(), faults)
        if len(script.lines) > MOST_ROWS:
            raise refusal(source, f"has more than {MOST_ROWS:,} lines; cut it into parts")
    faults.check()
    if not script.lines:
        raise refusal(source, "holds no tc qdisc … netem line")
    first_ns = min(script.lines)
    at_ns = np.array(sorted(script.lines), dtype=np.int64) - first_ns
    length_ns = script.now_ns - first_ns
    if script.is_cleared and length_ns == at_ns[-1] and len(at_ns) > 1:
        at_ns = at_ns[:-1]  # the script ends by taking away what it set
    if length_ns <= at_ns[-1]:
        length_ns = int(at_ns[-1]) + NS_PER_S
        script.notes.append("nothing follows the script's last line, which is taken to hold for a second")
    rows = [script.lines[first_ns + at] for at in at_ns.tolist()]
    side = TraceSide(
        delay_s=_column(rows, "delay_s"),
        rate_bps=_column(rows, "rate_bps"),
        loss=_column(rows, "loss"),
        state=_states(rows),
    )
    up, down = up_and_down(side, direction)
    return Trace(
        begin_ns=script.begin_ns,
        at_ns=at_ns,
        length_ns=length_ns,
        up=up,
        down=down,
        source=script.source or source,
        notes=tuple(dict.fromkeys(script.notes)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """What an interface does from one line on."""

    delay_s: float = 0.0
    rate_bps: float = np.inf
    loss: float = 0.0
    state: LineState = LineState.UP


@dataclass(slots=True, kw_only=True)
class _Script:
    """A script as it is read: what holds from which instant on."""

    now_ns: int = 0
    rate_bps: float = np.inf
    lines: dict[int, _Line] = field(default_factory=dict)
    device: str = ""
    is_cleared: bool = False
    begin_ns: int | None = None
    source: str = ""
    notes: list[str] = field(default_factory=list)

    def read(self, number: int, line: str, faults: Faults) -> None:
        """One line, without blanks at its ends."""
        if line.startswith("#"):
            self._comment(line)
        elif found := _SLEEP.fullmatch(line.partition(" #")[0].strip()):
            self.now_ns += (seconds_ns(found[1]) or 0) * _SLEEP_S[found[2]]
        elif found := _UNTIL.fullmatch(line):
            self.now_ns = max(self.now_ns, int(found[1]))
        elif found := _TC.fullmatch(line):
            self._tc(number, found, faults)
        elif line and not _PASSED_OVER.fullmatch(line):
            faults.line(
                number, f"{line[:60]!r} is neither tc qdisc nor sleep; loops and other programs are not followed"
            )

    def _comment(self, line: str) -> None:
        name, _, value = line.removeprefix("#").partition(":")
        if not value.isprintable():
            return
        if name.strip() == "source":
            self.source = value.strip()
        elif name.strip() == "begin":
            try:
                self.begin_ns = parse_time(value)
            except InputError:  # "unknown", or a comment of somebody's own
                self.begin_ns = None

    def _tc(self, number: int, found: re.Match[str], faults: Faults) -> None:
        """A line that sets what the interface does, or ends it."""
        plain, _, hold = found[2].partition(_HOLD)
        try:
            words = shlex.split(plain, comments=True)
        except ValueError:
            faults.line(number, "has an open quotation mark")
            return
        device = words[words.index("dev") + 1] if "dev" in words[:-1] else ""
        if self.device and device != self.device:
            faults.line(number, f"is about {device!r}, other lines about {self.device!r}; keep one interface")
        self.device = device
        self.is_cleared = found[1].startswith("del")
        if self.is_cleared:
            self.rate_bps = np.inf
            if self.lines:
                self.lines[self.now_ns] = _Line()
            return
        if "netem" not in words:
            faults.line(number, "sets something else than netem")
            return
        line = self._netem(number, words[words.index("netem") + 1 :], faults)
        if hold:
            held = self._netem(number, hold.split(), faults)
            line = _Line(delay_s=held.delay_s, rate_bps=held.rate_bps, loss=held.loss, state=LineState.HOLD)
        self.lines[self.now_ns] = line

    def _netem(self, number: int, words: list[str], faults: Faults) -> _Line:
        """The parameters behind ``netem``."""
        asked = _Words(words)
        delay_s, loss, state = 0.0, 0.0, LineState.UP
        while name := asked.next_word():
            if name in {"delay", "latency"}:
                delay_s = asked.amount(_TIME_S)
                if asked.more_numbers():
                    self.notes.append("random variation of the delay is left out")
            elif name == "distribution":
                asked.next_word()
            elif name in {"loss", "drop"}:
                asked.passed("random")
                loss = asked.amount(_PERCENT)
                if asked.more_numbers():
                    self.notes.append("the correlation of losses is left out")
            elif name == "rate":
                self.rate_bps = asked.amount(_RATE_BPS) or np.inf
                if asked.more_numbers():
                    self.notes.append("the overhead of packets is left out")
            elif name == "limit":
                asked.amount({"": 1.0})
            else:
                faults.line(number, f"netem {name!r} is not read; delay, loss, rate and limit are")
                return _Line()
        if asked.wrong or delay_s > LONGEST_DELAY_S or loss > 1.0:
            faults.line(
                number, f"netem: {asked.wrong or 'a delay above an hour or a loss above 100 %'!r} makes no sense"
            )
            return _Line()
        if loss == 1.0:
            loss, state = 0.0, LineState.DROP
        return _Line(delay_s=delay_s, rate_bps=self.rate_bps, loss=loss, state=state)


class _Words:
    """Words of a line, taken one after the other."""

    def __init__(self, words: list[str]) -> None:
        self._words = words
        self._place = 0
        self.wrong = ""

    def next_word(self) -> str:
        """The next one; empty at the end."""
        self._place += 1
        return self._words[self._place - 1] if self._place <= len(self._words) else ""

    def passed(self, word: str) -> None:
        """Go over the next word if it is this one."""
        if self._words[self._place : self._place + 1] == [word]:
            self._place += 1

    def amount(self, units: dict[str, float]) -> float:
        """The next word as a number with its unit; 0, and a fault, if it is none."""
        word = self.next_word()
        found = _AMOUNT.fullmatch(word)
        if found is None or found[2].lower() not in units:
            self.wrong = self.wrong or word or "the end of the line"
            return 0.0
        return float(found[1]) * units[found[2].lower()]

    def more_numbers(self) -> bool:
        """Go over numbers that follow, and say whether one of them was not 0."""
        seen = False
        while self._place < len(self._words) and (found := _AMOUNT.fullmatch(self._words[self._place])):
            self._place += 1
            seen |= float(found[1]) != 0.0
        return seen


def _column(rows: list[_Line], name: str) -> Floats:
    return np.array([getattr(row, name) for row in rows], dtype=np.float64)


def _states(rows: list[_Line]) -> Bytes:
    return np.array([row.state for row in rows], dtype=np.uint8)
