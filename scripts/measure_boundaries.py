"""Measure what happens to pings where one scheduling slot meets the next, and fit what `BoundaryEffects` holds.

::

    python scripts/measure_boundaries.py [FILE]

FILE is a text of three columns, plain or compressed with gzip: the instant at which an answer came, in seconds since 1970; the
number of the ping; the round trip in ms, -1 for one that got no answer within five seconds. The data are not part of this
repository; only numbers derived from them are.
"""

import sys
from pathlib import Path

import numpy as np

from skycommons.base.arrays import Bools, Floats, Ints
from skycommons.plan.handovers import MEASURED_BOUNDARIES, expected_loss_share

FILE = Path(__file__).resolve().parent.parent.parent / "shared/data/traces/ping_isl_2023-09-12_0.1s.txt.gz"
TIMEOUT_S = 5.0  # after which a ping counts as lost; its row stands so much later
SLOT_S, PHASE_S = 15.0, 12.0
SAME_MS = 5.0  # least round trips of two slots this near to each other are the same path
LEAST_PINGS = 10  # in a slot, to say what its least round trip is


def main(path: Path = FILE) -> int:
    """Print what was measured."""
    sent_s, rtt_ms = pings(path)
    is_lost = rtt_ms < 0.0
    near = np.abs(since_boundary_s(sent_s)) <= MEASURED_BOUNDARIES.window_s
    phases_s = np.arange(0.0, SLOT_S, 0.25)
    gathered = [gathers(sent_s[is_lost], phase_s) for phase_s in phases_s]
    print(
        f"{len(sent_s):,} pings, {is_lost.mean():.2%} lost; {gathers(sent_s[is_lost], PHASE_S):.0%} of them within ±1 s"
    )
    print(f"loss gathers most at {phases_s[int(np.argmax(gathered))]:g} s past the minute and every 15 s")
    print(f"lost near a boundary {is_lost[near].mean():.2%}, elsewhere_loss_share {is_lost[~near].mean():.3%}")
    change_ms, has_loss = boundaries(sent_s, rtt_ms)
    for name, rows in (("kept", change_ms < SAME_MS), ("changed", change_ms >= SAME_MS)):
        print(f"{name}_outage_share {has_loss[rows].mean():.3f} of {np.count_nonzero(rows)} boundaries")
    quantiles = ", ".join(f"{value:.0f}" for value in np.percentile(change_ms, [50, 95]))
    print(f"least round trip from slot to slot: median and 95 % of the change {quantiles} ms")
    modelled = expected_loss_share(
        MEASURED_BOUNDARIES,
        is_changed=change_ms >= SAME_MS,
        crosses_lasers=np.ones(len(change_ms), dtype=np.bool_),
        slot_s=SLOT_S,
    )
    print(f"modelled loss of evenly sent packets {modelled.mean():.2%}")
    for words, excess_ms in spikes(sent_s, rtt_ms).items():
        if not len(excess_ms):
            continue
        print(f"{words}: median {np.median(excess_ms):+.0f} ms, 95 % {np.percentile(excess_ms, 95):+.0f} ms")
    return 0


def pings(path: Path) -> tuple[Floats, Floats]:
    """When each ping was sent, seconds since 1970, and its round trip in ms, -1 if lost."""
    came_s, _, rtt_ms = np.loadtxt(path, unpack=True)
    return came_s - np.where(rtt_ms < 0.0, TIMEOUT_S, rtt_ms / 1e3), rtt_ms


def since_boundary_s(sent_s: Floats, phase_s: float = PHASE_S) -> Floats:
    """Time since the nearest boundary of slots, negative before it."""
    return np.asarray(np.mod(sent_s - phase_s + SLOT_S / 2.0, SLOT_S) - SLOT_S / 2.0)


def slots(sent_s: Floats) -> Ints:
    """Number of each ping's slot, from the first."""
    number = np.floor((sent_s - PHASE_S) / SLOT_S).astype(np.int64)
    return np.asarray(number - number.min())


def gathers(lost_s: Floats, phase_s: float) -> float:
    """Share of losses within a second of boundaries with this phase."""
    return float(np.mean(np.abs(since_boundary_s(lost_s, phase_s)) <= MEASURED_BOUNDARIES.window_s))


def boundaries(sent_s: Floats, rtt_ms: Floats) -> tuple[Floats, Bools]:
    """Of each boundary between two slots that are known: how much the least round trip changes, and if any ping is lost."""
    slot, since_s = slots(sent_s), since_boundary_s(sent_s)
    inner = (rtt_ms >= 0.0) & (np.abs(since_s) > MEASURED_BOUNDARIES.window_s)
    least_ms = np.full(slot.max() + 1, np.inf)
    np.minimum.at(least_ms, slot[inner], rtt_ms[inner])
    is_known = np.bincount(slot[inner], minlength=len(least_ms)) >= LEAST_PINGS
    both = np.flatnonzero(is_known[1:] & is_known[:-1])
    lost_near = (rtt_ms < 0.0) & (np.abs(since_s) <= MEASURED_BOUNDARIES.window_s)
    at = slot[lost_near] + (since_s[lost_near] < 0.0)  # the slot that begins at the boundary
    return np.abs(least_ms[both + 1] - least_ms[both]), np.isin(both + 1, at)


def spikes(sent_s: Floats, rtt_ms: Floats) -> dict[str, Floats]:
    """Round trips over the median of their slot, at the begin and at the end of slots, and between."""
    slot, into_s = slots(sent_s), np.mod(sent_s - PHASE_S, SLOT_S)
    answered = rtt_ms >= 0.0
    median_ms = np.full(slot.max() + 1, np.nan)
    for one in np.unique(slot[answered]):
        median_ms[one] = np.median(rtt_ms[answered & (slot == one)])
    excess_ms = rtt_ms - median_ms[slot]
    begin_s, end_s = MEASURED_BOUNDARIES.spike_begin_s, MEASURED_BOUNDARIES.spike_end_s
    is_begin, is_end = into_s < begin_s, into_s >= SLOT_S - end_s
    return {
        f"round trip in the first {begin_s * 1e3:.0f} ms of a slot": excess_ms[answered & is_begin],
        f"round trip in the last {end_s * 1e3:.0f} ms of a slot": excess_ms[answered & is_end],
        "round trip between": excess_ms[answered & ~is_begin & ~is_end],
    }


if __name__ == "__main__":
    sys.exit(main(*map(Path, sys.argv[1:2])))
