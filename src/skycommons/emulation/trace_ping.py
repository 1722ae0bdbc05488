"""What ``ping`` prints, as a series of round trips.

Rules: with ``-D`` each answer tells when it came, and its packet was sent one round trip before; without, packets are taken to be
sent evenly, at the interval that the summary tells, or each second. A number that is missing is a lost packet, as is one that
``-O`` names. Numbers wrap at 65,536 and are counted on. A second answer to a packet does not count. The last line of a ping that
was killed may be cut.
"""

import re
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from skycommons.base.arrays import Floats, Ints
from skycommons.base.constants import NS_PER_S
from skycommons.emulation.trace import MOST_ROWS
from skycommons.emulation.trace_rtt import RttSeries, rtt_series
from skycommons.emulation.trace_text import Faults, numbered_lines, refusal, seconds_ns

_STAMP: Final = r"(?:\[(?P<stamp>\d{1,10}(?:\.\d{1,9})?)\] )?"
_ANSWER: Final = re.compile(
    _STAMP + r"\d+ bytes from .*?seq=(?P<number>\d{1,9})\b.*? time[=<](?P<rtt_ms>\d+(?:\.\d+)?) ?ms.*", re.ASCII
)
_LOST: Final = re.compile(
    _STAMP + r"(?:no answer yet for icmp_seq=|Request timeout for icmp_seq |From .*?icmp_seq=)(?P<number>\d{1,9})\b.*",
    re.ASCII,
)
_SUMMARY: Final = re.compile(r"(?P<sent>\d{1,9}) packets transmitted, .*?(?:, time (?P<time_ms>\d{1,12})ms)?")
_PASSED_OVER: Final = re.compile(
    r"(?:PING |--- |rtt |round-trip |pipe \d|ping: |\^C|[Ww]arning: |WARNING: |\[[\d.]+\] From ).*|.*, ipg/ewma .*|"
)
_WRAP: Final = 65_536
_OVERTAKEN: Final = 1_000  # packets, by which an answer may come late
LOOKS_LIKE_PING: Final = re.compile(rb"^PING |bytes from .*seq=\d+ ", re.MULTILINE)


def parse_ping(text: str, source: str) -> RttSeries:
    """The packets that the text tells of.

    Raises:
        FormatError: With all lines that ping does not print, or if there is no answer at all.
    """
    faults = Faults(source)
    found = _Found()
    cut = 0 if text.endswith("\n") else text.count("\n") + 1
    for number, line in numbered_lines(text):
        if not found.read(line.strip()) and number != cut:
            faults.line(number, f"{line.strip()[:60]!r} is nothing that ping prints")
        if found.numbers and found.highest - found.numbers[0] > MOST_ROWS:
            raise refusal(source, f"tells of more than {MOST_ROWS:,} packets; cut it into parts")
    faults.check()
    if not found.numbers:
        raise refusal(source, "holds no answer to a ping")
    return found.series(source)


@dataclass(slots=True, kw_only=True)
class _Found:
    """What the lines told so far."""

    numbers: list[int] = field(default_factory=list)
    rtts_s: list[float] = field(default_factory=list)
    stamps_ns: list[int] = field(default_factory=list)
    last: int = 1
    highest: int = 0
    sent: int = 0
    time_ms: int = 0

    def read(self, line: str) -> bool:
        """Whether the line is one of ping's."""
        if found := _ANSWER.fullmatch(line):
            number = self._counted(int(found["number"]))
            if "DUP!" not in line:
                self.numbers.append(number)
                self.rtts_s.append(float(found["rtt_ms"]) / 1e3)
                self.stamps_ns.append(-1 if found["stamp"] is None else seconds_ns(found["stamp"]) or 0)
        elif found := _LOST.fullmatch(line):
            self._counted(int(found["number"]))
        elif found := _SUMMARY.fullmatch(line):
            self.sent, self.time_ms = int(found["sent"]), int(found["time_ms"] or 0)
        elif not _PASSED_OVER.fullmatch(line):
            return False
        return True

    def _counted(self, number: int) -> int:
        """The number without its wraps: a little before the last one, or anywhere after it."""
        if number < _WRAP:
            number = self.last + (number - self.last + _OVERTAKEN) % _WRAP - _OVERTAKEN
        self.last = number
        self.highest = max(self.highest, number)
        return number

    def series(self, source: str) -> RttSeries:
        """All packets from the first to the last that was sent."""
        numbers, first_rows = np.unique(np.array(self.numbers, dtype=np.int64), return_index=True)
        first = min(int(numbers[0]), 1)
        last = max(self.highest, min(first + self.sent - 1, first + MOST_ROWS))
        rtt_s = np.full(last - first + 1, np.nan)
        rtt_s[numbers - first] = np.array(self.rtts_s)[first_rows]
        stamps_ns = np.array(self.stamps_ns, dtype=np.int64)[first_rows]
        if (stamps_ns >= 0).all():
            sent_ns = _between(stamps_ns, rtt_s[numbers - first], numbers - first, len(rtt_s))
            return rtt_series(sent_ns, rtt_s, is_dated=True, source=source)
        told = self.time_ms > 0 and self.sent > 1
        interval_ns = round(self.time_ms * 1e6 / (self.sent - 1)) if told else NS_PER_S
        note = f"when packets were sent is not told: one is assumed every {interval_ns / 1e9:g} s"
        sent_ns = np.arange(len(rtt_s), dtype=np.int64) * interval_ns
        return rtt_series(sent_ns, rtt_s, is_dated=False, source=source, notes=(note,))


def _between(stamps_ns: Ints, rtt_s: Floats, places: Ints, count: int) -> Ints:
    """``(N,)`` when each packet was sent: of answered ones it is known, the others lie evenly between."""
    sent_ns = stamps_ns - np.rint(rtt_s * 1e9).astype(np.int64)
    sent_ns = np.maximum.accumulate(sent_ns)  # clocks may be set back
    begin_ns = int(sent_ns[0])
    span = int(places[-1] - places[0])
    interval_ns = (int(sent_ns[-1]) - begin_ns) / span if span else float(NS_PER_S)
    every = np.arange(count)
    filled = np.interp(every, places, (sent_ns - begin_ns).astype(np.float64))
    filled += interval_ns * (np.minimum(every - places[0], 0) + np.maximum(every - places[-1], 0))
    return np.asarray(begin_ns + np.rint(filled).astype(np.int64))
