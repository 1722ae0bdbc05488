"""One trace from several, each of which knows a part.

Rules: the first one gives the length, the begin and the context; the others are laid over it from its begin, and begin anew where they
are shorter, as their own replayers do.
"""

from dataclasses import replace

import numpy as np

from skycommons.base.arrays import Ints
from skycommons.base.errors import InputError
from skycommons.emulation.trace import MOST_ROWS, Trace


def with_up_of(trace: Trace, other: Trace) -> Trace:
    """A trace whose way up is that of another."""
    here, there = _laid_over(trace, other)
    return _told(replace(here, up=there.up), other, "the way up")


def with_delays_of(trace: Trace, other: Trace) -> Trace:
    """A trace whose delays are those of another."""
    here, there = _laid_over(trace, other)
    up = replace(here.up, delay_s=there.up.delay_s)
    down = replace(here.down, delay_s=there.down.delay_s)
    return _told(replace(here, up=up, down=down), other, "delays")


def at_instants(trace: Trace, at_ns: Ints, length_ns: int) -> Trace:
    """A trace with a row at each of these instants, which begins anew where it ends before them.

    Args:
        trace: Any.
        at_ns: ``(N,)`` the first 0, rising.
        length_ns: Of the result.
    """
    row = np.searchsorted(trace.at_ns, at_ns % trace.length_ns, side="right") - 1
    context = None if trace.context is None else trace.context.take(row)
    return replace(
        trace, at_ns=at_ns, length_ns=length_ns, up=trace.up.take(row), down=trace.down.take(row), context=context
    )


def _laid_over(trace: Trace, other: Trace) -> tuple[Trace, Trace]:
    """Both with the same instants, those at which either changes."""
    rounds = -(-trace.length_ns // other.length_ns)
    if rounds * len(other) > MOST_ROWS:
        raise InputError(f"trace: {other.source} would be repeated {rounds:,} times, too often for {MOST_ROWS:,} rows")
    again_ns = (other.at_ns[np.newaxis] + other.length_ns * np.arange(rounds)[:, np.newaxis]).ravel()
    at_ns = np.union1d(trace.at_ns, again_ns[again_ns < trace.length_ns])
    own = at_instants(trace, at_ns, trace.length_ns)
    if own.context is not None:  # a handover is where it was, not wherever a row begins
        is_begin = np.isin(at_ns, trace.at_ns)
        own = replace(own, context=replace(own.context, is_handover=own.context.is_handover & is_begin))
    return own, at_instants(other, at_ns, trace.length_ns)


def _told(trace: Trace, other: Trace, what: str) -> Trace:
    """The trace, with a note about what it has from where."""
    repeated = ", repeated" if other.length_ns < trace.length_ns else ""
    return trace.noted(f"{what} from {other.source}{repeated}").without_repeats()
