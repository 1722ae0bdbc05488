"""How well a live run kept to its plan: on time, and with nothing lost that the plan did not lose.

Rules: a run is sound if 99 % of its packets were delivered within 2 ms of their time, planning was never late, the machine itself
lost less than one packet in ten thousand, and what carried them had no fault. A run that is not says so, and why.
"""

import math
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from skycommons.base.arrays import Ints
from skycommons.base.constants import NS_PER_S
from skycommons.emulation.line_backend import COUNTED, LineCounters
from skycommons.emulation.player import PaceReport

MOST_LATE_S: Final = 2.0**21 / NS_PER_S  # 2 ms, where a bin ends
MOST_LOST_SHARE: Final = 1e-4


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LiveReport:
    """What became of a run.

    Attributes:
        counters: What became of the packets.
        pace: How well planning kept pace.
        terminals: ``U`` names.
        lateness_s: Quantiles of how long deliveries were behind their time: 0.5, 0.99 and the most; upper edges of bins that double.
        excess_s: What the machine itself takes of a packet's time one way, as measured before the begin and taken off every delay.
        notes: Why the run is not sound; empty if it is.
    """

    counters: LineCounters
    pace: PaceReport
    terminals: tuple[str, ...]
    lateness_s: tuple[float, float, float]
    excess_s: float
    notes: tuple[str, ...]

    @property
    def is_sound(self) -> bool:
        """Whether what was measured may be taken for the network's."""
        return not self.notes

    def rows(self) -> list[dict[str, object]]:
        """A table, one row a line."""
        found: list[dict[str, object]] = []
        for line in range(2 * len(self.terminals)):
            row: dict[str, object] = {"terminal": self.terminals[line // 2], "direction": "down" if line % 2 else "up"}
            row |= {name: int(getattr(self.counters, name)[line]) for name in COUNTED}
            found.append(row)
        return found

    def to_json_dict(self) -> dict[str, Any]:
        """Everything, as plain JSON values."""
        late = self.pace
        return {
            "lines": self.rows(),
            "lateness_ms": dict(
                zip(("p50", "p99", "most"), (_known(1e3 * value) for value in self.lateness_s), strict=True)
            ),
            "taken_off_ms": 1e3 * self.excess_s,
            "planning": {
                "slots": late.planned,
                "late": late.late,
                "least_lead_s": _known(late.least_lead_s),
                "behind_s": late.behind_s,
            },
            "is_sound": self.is_sound,
            "notes": list(self.notes),
        }


def report_of(
    counters: LineCounters,
    pace: PaceReport,
    terminals: tuple[str, ...],
    *,
    speed: float,
    excess_s: float = 0.0,
    faults: tuple[str, ...] = (),
) -> LiveReport:
    """Judge a run.

    Args:
        counters: What became of the packets.
        pace: How well planning kept pace.
        terminals: ``U`` names.
        speed: Of emulated time.
        excess_s: Taken off every delay.
        faults: Of what carried the packets.
    """
    lateness_s = tuple(lateness_quantile_s(counters.lateness, share) for share in (0.5, 0.99, 1.0))
    notes = list(faults)
    if lateness_s[1] > MOST_LATE_S:
        notes.append(
            f"the machine was busy: one packet in a hundred came {0.5e3 * lateness_s[1]:.1f} ms or more behind its time"
        )
    if pace.late or pace.behind_s > 0.0:
        notes.append(
            f"planning fell behind: {pace.late} of {pace.planned} slots were told late, {pace.behind_s:.1f} s in all; "
            f"take fewer sites, a simpler scenario or a lower --speed than {speed:g}"
        )
    sent, lost = int(counters.sent_packets.sum()), int(counters.host_packets.sum())
    if lost > MOST_LOST_SHARE * max(sent, 1):
        notes.append(f"the machine itself lost {lost:,} of {sent:,} packets; that was not the network")
    return LiveReport(
        counters=counters,
        pace=pace,
        terminals=terminals,
        excess_s=excess_s,
        lateness_s=(lateness_s[0], lateness_s[1], lateness_s[2]),
        notes=tuple(notes),
    )


def lateness_quantile_s(lateness: Ints, share: float) -> float:
    """Upper edge of the bin in which a quantile lies; NaN if nothing was delivered.

    >>> lateness_quantile_s(np.array([0, 0, 3, 1]), 0.5)
    8e-09
    """
    total = int(lateness.sum())
    if not total:
        return float("nan")
    row = int(np.searchsorted(np.cumsum(lateness), share * total))
    return float(2.0 ** (row + 1)) / NS_PER_S


def _known(value: float) -> float | None:
    """A number as JSON knows it; nothing for none."""
    return value if math.isfinite(value) else None
