"""What ``irtt client -o FILE`` writes, as a series of round trips.

Rules: a packet was sent when the client's wall clock says; the server's own time is not in the round trip. irtt tells whether a lost
packet was lost on the way up or down if the server counts what it received, as it does unless told otherwise.
The one-way delays it tells depend on two clocks and are not used.

Source:
    irtt's JSON, format 1: README of the program, section "Format".
"""

import json
import math
from typing import Any, Final

import numpy as np

from skycommons.base.errors import InputError
from skycommons.emulation.trace import MOST_ROWS
from skycommons.emulation.trace_rtt import Fate, RttSeries, rtt_series
from skycommons.emulation.trace_text import Faults, refusal

_FATES: Final = {
    "false": Fate.ANSWERED,
    "true": Fate.LOST,
    "true_up": Fate.LOST_UP,
    "true_down": Fate.LOST_DOWN,
}


def parse_irtt(text: str, source: str) -> RttSeries:
    """The packets of an irtt run.

    Raises:
        FormatError: With all its faults.
    """
    try:
        document = json.loads(text)
    except ValueError as error:
        raise refusal(source, f"is no JSON: {error}") from None
    except RecursionError:
        raise refusal(source, "is no irtt file: its JSON is nested too deeply") from None
    trips = document.get("round_trips") if isinstance(document, dict) else None
    if not isinstance(trips, list) or not trips:
        raise refusal(source, "is no irtt file: it has no round_trips")
    if len(trips) > MOST_ROWS:
        raise refusal(source, f"tells of more than {MOST_ROWS:,} packets; cut it into parts")
    faults = Faults(source)
    sent_ns, rtts_s, fates, dated = [], [], [], True
    for place, trip in enumerate(trips):
        clocks = _inside(trip, "timestamps", "client", "send")
        wall_ns, mono_ns = _whole(_inside(clocks, "wall")), _whole(_inside(clocks, "monotonic"))
        fate = _FATES.get(str(_inside(trip, "lost")))
        rtt_ns = _whole(_inside(trip, "delay", "rtt"))
        if wall_ns is None and mono_ns is None:
            faults.at(f"round_trips.{place}.timestamps.client.send", "should have wall or monotonic, in ns")
        if fate is None:
            faults.at(f"round_trips.{place}.lost", f"should be one of {', '.join(_FATES)}")
        elif fate is Fate.ANSWERED and (rtt_ns is None or rtt_ns < 0):
            faults.at(f"round_trips.{place}.delay.rtt", "should be the round trip in ns")
        dated &= wall_ns is not None
        sent_ns.append((wall_ns, mono_ns))
        fates.append(Fate.LOST if fate is None else fate)
        rtts_s.append((rtt_ns or 0) / 1e9 if fate is Fate.ANSWERED else math.nan)
    faults.check()
    times_ns = [wall_ns if dated else mono_ns for wall_ns, mono_ns in sent_ns]
    if None in times_ns:
        raise refusal(source, "mixes packets with a wall clock and packets without one")
    try:
        return rtt_series(
            np.array(times_ns, dtype=np.int64),
            np.array(rtts_s, dtype=np.float64),
            is_dated=dated,
            source=source,
            fate=np.array(fates, dtype=np.uint8),
        )
    except InputError as error:
        raise refusal(source, str(error)) from None


def _inside(value: Any, *names: str) -> Any:  # noqa: ANN401 - JSON of somebody else's program
    """What stands at a place in nested objects; nothing if there is no such place."""
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _whole(value: object) -> int | None:
    """A whole number of ns that a 64-bit clock can show."""
    return value if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**62 else None
