"""What a plan's slots mean to those who are served: handovers, outages, and what is lost where one slot meets the next.

Rules: a handover is between two slots in a row in both of which somebody is served; coming from an outage is none. A change
of satellite is one handover, whatever beam follows; a change of gateway or PoP is told beside it. An outage lasts as long as no
slot serves; its reason is that of its first slot. Loss at the boundary of slots is measured, not derived from physics.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

import numpy as np

from skycommons.base.arrays import Bools, Bytes, Floats, Ints, check_shape, freeze
from skycommons.base.constants import NS_PER_S
from skycommons.model.cells import CellIds
from skycommons.plan.plan_table import PlanTable
from skycommons.plan.requests import Unserved


class HandoverKind(IntEnum):
    """What changes from one slot to the next."""

    SATELLITE = 0
    BEAM = 1
    GATEWAY = 2
    POP = 3


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ServedHistory:
    """How ``U`` cells or terminals are served over ``T`` slots.

    Attributes:
        time_ns: ``(T,)`` begin of each slot.
        slot_s: Length of a slot.
        satellite, beam: ``(T, U)``; -1 if not served.
        gateway, pop: ``(T, U)`` site rows; -1 if not served.
        reason: ``(T, U)`` `Unserved`.
    """

    time_ns: Ints
    slot_s: float
    satellite: Ints
    beam: Ints
    gateway: Ints
    pop: Ints
    reason: Bytes

    def __post_init__(self) -> None:
        check_shape("satellite", self.satellite, (len(self.time_ns), None))
        for name in ("beam", "gateway", "pop", "reason"):
            check_shape(name, getattr(self, name), self.satellite.shape)
        freeze(self.time_ns, self.satellite, self.beam, self.gateway, self.pop, self.reason)

    def __len__(self) -> int:
        return len(self.time_ns)

    @staticmethod
    def of_plan(plan: PlanTable, cells: CellIds, *, slot_s: float) -> "ServedHistory":
        """History of cells, each by the first of its requests that is served.

        Args:
            plan: ``T`` slots.
            cells: ``(U,)``; one that a slot has no row for counts as without satellite there.
            slot_s: Length of a slot.
        """
        shape = (len(plan), len(cells))
        columns = {name: np.full(shape, -1, dtype=np.int64) for name in ("satellite", "beam", "gateway", "pop")}
        reason = np.full(shape, Unserved.NO_SATELLITE, dtype=np.uint8)
        satellites = 1 + max(plan.fed.max(initial=-1), plan.egress.max(initial=-1))
        for step in range(len(plan)):
            rows = plan.rows(step)
            order = np.lexsort((np.arange(rows.stop - rows.start), plan.satellite[rows] < 0, plan.cell[rows]))
            known, first = np.unique(plan.cell[rows][order], return_index=True)
            place = np.minimum(np.searchsorted(known, cells), max(len(known) - 1, 0))
            there = np.flatnonzero(known[place] == cells) if len(known) else np.zeros(0, dtype=np.int64)
            row = rows.start + order[first[place[there]]]
            for name in ("satellite", "beam", "pop"):
                columns[name][step, there] = getattr(plan, name)[row]
            egress = plan.egress[row]
            gateway = plan.gateways_at(step, satellites)
            columns["gateway"][step, there] = np.where(egress >= 0, np.append(gateway, -1)[egress], -1)
            reason[step, there] = plan.reason[row]
        return ServedHistory(time_ns=plan.time_ns, slot_s=slot_s, reason=reason, **columns)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Handovers:
    """``N`` handovers, in the order of time, of who, and of kind.

    Attributes:
        step: ``(N,)`` first slot after it.
        who: ``(N,)`` column of the history.
        kind: ``(N,)`` `HandoverKind`.
        before, after: ``(N,)`` rows of satellites or sites, or numbers of beams.
    """

    step: Ints
    who: Ints
    kind: Bytes
    before: Ints
    after: Ints

    def __len__(self) -> int:
        return len(self.step)

    def count(self, kind: HandoverKind) -> int:
        """How many there are of a kind."""
        return int(np.count_nonzero(self.kind == kind))


def handovers(history: ServedHistory) -> Handovers:
    """All handovers of a history."""
    served = history.satellite >= 0
    stays = served[1:] & served[:-1] & _follows(history)[:, np.newaxis]
    moved = stays & (history.satellite[1:] != history.satellite[:-1])
    parts = []
    for kind, column, among in (
        (HandoverKind.SATELLITE, history.satellite, moved),
        (HandoverKind.BEAM, history.beam, stays & ~moved),
        (HandoverKind.GATEWAY, history.gateway, stays),
        (HandoverKind.POP, history.pop, stays),
    ):
        slot, who = np.nonzero(among & (column[1:] != column[:-1]))
        parts.append((slot + 1, who, np.full(len(slot), kind), column[slot, who], column[slot + 1, who]))
    step, who, kinds, before, after = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = np.lexsort((kinds, who, step))
    return Handovers(
        step=step[order],
        who=who[order],
        kind=kinds[order].astype(np.uint8),
        before=before[order],
        after=after[order],
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Outages:
    """``N`` spans without service, in the order of who and of time.

    Attributes:
        who: ``(N,)`` column of the history.
        first, end: ``(N,)`` first slot without service, and the one after the last.
        begin_ns, end_ns: ``(N,)`` UTC unix ns.
        reason: ``(N,)`` `Unserved` of the first slot.
    """

    who: Ints
    first: Ints
    end: Ints
    begin_ns: Ints
    end_ns: Ints
    reason: Bytes

    def __len__(self) -> int:
        return len(self.who)

    @property
    def duration_s(self) -> Floats:
        """``(N,)`` lengths."""
        return (self.end_ns - self.begin_ns) / NS_PER_S


def outages(history: ServedHistory) -> Outages:
    """All spans without service; slots that the history leaves out end a span."""
    idle = history.satellite.T < 0
    goes_on = idle[:, 1:] & idle[:, :-1] & _follows(history)
    edge = np.zeros((idle.shape[0], 1), dtype=np.bool_)
    who, first = np.nonzero(idle & ~np.concatenate([edge, goes_on], axis=1))
    _, last = np.nonzero(idle & ~np.concatenate([goes_on, edge], axis=1))
    return Outages(
        who=who,
        first=first,
        end=last + 1,
        begin_ns=history.time_ns[first],
        end_ns=history.time_ns[last] + _slot_ns(history),
        reason=history.reason[first, who],
    )


def _follows(history: ServedHistory) -> Bools:
    """``(T - 1,)`` whether a slot is the very next one."""
    return np.asarray(np.diff(history.time_ns) == _slot_ns(history))


def _slot_ns(history: ServedHistory) -> int:
    return round(history.slot_s * NS_PER_S)


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundaryEffects:
    """What happens where one slot meets the next.

    Two measurements of dishes on laser paths stand behind it: 36,000 pings of 2023-09-12 (MMSys'24 data set, fitted here by
    ``scripts/measure_boundaries.py``), and pings every 10 ms of 2024-08-12, over 154 s. For paths without lasers only the loss in all
    is known, 0 to 0.2 %; that it is spread in time like that of laser paths is assumed.

    Attributes:
        window_s: Loss gathers within this time on each side of a boundary.
        outage_s: Length of one outage there. Measured 2024: 0.48 to 0.51 s.
        kept_outage_share: Share of boundaries with an outage where the path stays as long as it was. Fitted 2023: least
            round trips of both slots within 5 ms.
        changed_outage_share: The same where the path changes. Fitted 2023.
        elsewhere_loss_share: Share lost away from boundaries. Fitted 2023.
        without_lasers_share: Outages of paths without lasers, as a share of those with. Assumed, so that the loss in all is in
            the middle of what was measured at seven sites in 2024.
        without_lasers_loss_share: Share lost away from boundaries on such paths. Assumed likewise.
        spike_begin_s, spike_end_s: Delay is raised so long after and before a boundary (arXiv 2601.08439, 500 Hz).
    Source: the measurements above; docs/how-to/check-a-plan.md sets them beside the model.
    """

    window_s: float = 1.0
    outage_s: float = 0.495
    kept_outage_share: float = 0.11
    changed_outage_share: float = 0.28
    elsewhere_loss_share: float = 0.001
    without_lasers_share: float = 0.12
    without_lasers_loss_share: float = 0.0002
    spike_begin_s: float = 0.140
    spike_end_s: float = 0.075


MEASURED_BOUNDARIES: Final = BoundaryEffects()

BOUNDARY_SOURCE: Final = "pings of other dishes: laser paths 2023-09-12 (MMSys'24 data set) and 2024-08-12, paths without lasers at seven sites 2024-11"
"""Where `MEASURED_BOUNDARIES` come from, in words for results."""


def outage_chance(effects: BoundaryEffects, *, is_changed: Bools, crosses_lasers: Bools) -> Floats:
    """``(...)`` chance of an outage at a boundary of slots.

    Args:
        effects: What was measured.
        is_changed: ``(...)`` whether the satellite, the gateway or the path over lasers changes there.
        crosses_lasers: ``(...)`` whether the path has lasers.
    """
    share = np.where(is_changed, effects.changed_outage_share, effects.kept_outage_share)
    return np.asarray(share * np.where(crosses_lasers, 1.0, effects.without_lasers_share))


def expected_loss_share(effects: BoundaryEffects, *, is_changed: Bools, crosses_lasers: Bools, slot_s: float) -> Floats:
    """``(...)`` share of evenly sent packets that is lost around a boundary and up to the next.

    Args:
        effects: What was measured.
        is_changed: ``(...)`` whether the satellite, the gateway or the path over lasers changes there.
        crosses_lasers: ``(...)`` whether the path has lasers.
        slot_s: Length of a slot.
    >>> lost = expected_loss_share(
    ...     MEASURED_BOUNDARIES, is_changed=np.array([False, True]), crosses_lasers=np.array(True), slot_s=15.0
    ... )
    >>> lost.round(4).tolist()
    [0.0046, 0.0102]
    """
    chance = outage_chance(effects, is_changed=is_changed, crosses_lasers=crosses_lasers)
    elsewhere = np.where(crosses_lasers, effects.elsewhere_loss_share, effects.without_lasers_loss_share)
    return np.asarray(chance * effects.outage_s / slot_s + elsewhere)


def outage_s_per_hour(effects: BoundaryEffects, history: ServedHistory, *, crosses_lasers: Bools) -> Floats:
    """``(U,)`` seconds of outage in an hour: spans without service, and outages to be expected at boundaries.

    Args:
        effects: What was measured.
        history: ``T`` slots of ``U`` cells or terminals.
        crosses_lasers: ``(T, U)`` whether the path of each slot has lasers.
    """
    at_boundaries_s = at_boundaries(effects, history, crosses_lasers=crosses_lasers).outage_s
    idle_s = history.slot_s * np.count_nonzero(history.satellite < 0, axis=0)
    hours = max(len(history), 1) * history.slot_s / 3600.0
    return np.asarray((at_boundaries_s + idle_s) / hours)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Boundaries:
    """What is to be expected where one slot meets the next, added up; parts of a long history add up too.

    Attributes:
        count: ``(U,)`` boundaries with service on both sides.
        outage_s: ``(U,)`` outage to be expected at all of them.
        lost_s: ``(U,)`` time whose evenly sent packets are lost around them and up to the next.
    """

    count: Ints
    outage_s: Floats
    lost_s: Floats

    def __post_init__(self) -> None:
        check_shape("outage_s", self.outage_s, self.count.shape)
        check_shape("lost_s", self.lost_s, self.count.shape)


def at_boundaries(effects: BoundaryEffects, history: ServedHistory, *, crosses_lasers: Bools) -> Boundaries:
    """What is to be expected at the boundaries of a history; slots that it leaves out have none.

    Args:
        effects: What was measured.
        history: ``T`` slots of ``U`` cells or terminals.
        crosses_lasers: ``(T, U)`` whether the path of each slot has lasers.
    Raises:
        ShapeError: The two do not fit each other.
    """
    check_shape("crosses_lasers", crosses_lasers, history.satellite.shape)
    served = history.satellite >= 0
    both = served[1:] & served[:-1] & _follows(history)[:, np.newaxis]
    same = (history.satellite[1:] == history.satellite[:-1]) & (history.gateway[1:] == history.gateway[:-1])
    lasers = crosses_lasers[1:] | crosses_lasers[:-1]
    chance = outage_chance(effects, is_changed=~same, crosses_lasers=lasers)
    lost = expected_loss_share(effects, is_changed=~same, crosses_lasers=lasers, slot_s=history.slot_s)
    return Boundaries(
        count=np.count_nonzero(both, axis=0),
        outage_s=effects.outage_s * np.where(both, chance, 0.0).sum(axis=0),
        lost_s=history.slot_s * np.where(both, lost, 0.0).sum(axis=0),
    )


def is_spike(effects: BoundaryEffects, since_boundary_s: Floats, *, slot_s: float) -> Bools:
    """``(...)`` whether delay is raised at instants, because a boundary of slots is near.

    Args:
        effects: What was measured.
        since_boundary_s: ``(...)`` since any boundary, before it negative.
        slot_s: Length of a slot.
    """
    into = np.mod(since_boundary_s, slot_s)
    return np.asarray((into < effects.spike_begin_s) | (into >= slot_s - effects.spike_end_s))
