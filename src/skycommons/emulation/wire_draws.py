"""What chance adds to packets' ways and which packets it loses: what the wire draws, for those who predict it.

Rules: a draw hangs on the seed, the line and either the stretch of time or the packet's running number, and on nothing else; so
who knows when a packet departed knows what was added to its way.
"""

import numpy as np

from skycommons.base.arrays import Bools, Floats, Ints
from skycommons.base.rng import States, states_of, uniform_of
from skycommons.emulation.line_rows import LineSettings
from skycommons.emulation.wire_columns import DRAW_EXTRA, DRAW_LOSS, DRAW_WAIT, DRAWS

_LEAST_UNIFORM = 2.0**-54


def luck_of(settings: LineSettings, lines: int) -> States:
    """``(lines, 3)`` what each line draws losses, waits and extras from."""
    return states_of(
        settings.seed, np.arange(lines, dtype=np.int64)[:, None], np.arange(DRAWS, dtype=np.int64)[None, :]
    )


def added_ns(
    settings: LineSettings,
    line: Ints | int,
    departure_mono_ns: Ints,
    *,
    wait_ns: Floats | float,
    extra_ns: Floats | float,
) -> Floats:
    """What is added to the delay of packets: their wait for the radio's schedule and the extra near slot boundaries.

    Args:
        settings: Of the run.
        line: ``(N,)`` or one for all.
        departure_mono_ns: ``(N,)`` when each packet departs: when the queue and its own bytes let it.
        wait_ns, extra_ns: ``(N,)`` or one for all, means of the row that holds at the departure.
    Returns:
        ``(N,)`` ns.
    """
    instant = np.asarray(departure_mono_ns, dtype=np.int64)
    keys = np.asarray(line, dtype=np.int64), instant // settings.wait_hold_ns
    wait, extra = (
        uniform_of(settings.seed, keys[0], np.full_like(instant, part), keys[1]) for part in (DRAW_WAIT, DRAW_EXTRA)
    )
    shares = np.linspace(0.0, 1.0, len(settings.wait_quantiles))
    waits = wait_ns * np.interp(wait, shares, settings.wait_quantiles)
    return np.asarray(waits - extra_ns * np.log(np.maximum(extra, _LEAST_UNIFORM)))


def is_lost(settings: LineSettings, line: int, number: Ints, *, loss: float) -> Bools:
    """Whether packets of these running numbers are lost where a share of them is; a GSO packet counts once a segment."""
    keys = np.full_like(number, line), np.full_like(number, DRAW_LOSS), number
    return np.asarray(uniform_of(settings.seed, *keys) < loss)
