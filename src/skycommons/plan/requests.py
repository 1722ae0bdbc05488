"""What is to be served in a slot: requests, each one channel of one cell.

Rules: a request is served by one beam of one satellite or not at all, and says why not. Requests are planned once, on the
busiest demand of the span, so that a request keeps its row and what served it before can be asked.

* The service map is asked first; what it forbids makes no request. Nor does a cell in which every account is barred. Where
  it serves protected users alone, what others ask for does not count, and a cell without them is suspended.
* A map that changes within the span takes requests away and gives them back: their rows and channels are those of the most
  permissive moment, and at each moment those ask that the map allows.
* A cell's class is the best that anybody in it gets: what is asked for in a better rank is counted in that of the class.
  Protected users keep their rank wherever service is active.
* A cell makes as many requests as carry its busiest demand if each shares a beam evenly with full company: demand over
  ``beam_bps / cells_per_beam``, at least one, as many at most as one cell may have carriers. The downlink decides.
* Each request has a channel (`skycommons.plan.channels`); a cell that gets none makes no request.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from types import MappingProxyType
from typing import Final

import numpy as np

from skycommons.base.arrays import Bools, Bytes, Floats, Ints, check_shape, freeze
from skycommons.model.service_map import CellState, ServiceMap
from skycommons.model.service_rules import RANKS, DemandTable, ScheduleRules
from skycommons.plan.channels import plan_channels

PROTECTED: Final = 0


class Unserved(IntEnum):
    """Why a cell, request or terminal is not served; the first that applies, from the bottom of the sky to the top."""

    SERVED = 0
    NO_SATELLITE = 1
    GSO_EXCLUSION = 2
    RAIN = 3
    NO_FEEDER = 4
    NO_BEAM = 5
    NO_CHANNEL = 6
    TERRITORY_INACTIVE = 7
    SUSPENDED = 8
    UNLICENSED = 9
    ACCOUNT = 10


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Requests:
    """``Q`` requests of ``C`` cells; those of cell *c* are the rows ``first[c]`` to ``first[c + 1]``.

    Attributes:
        first: ``(C + 1,)``.
        channel: ``(Q,)`` which of the channels each uses.
        rank: ``(Q,)`` 0 protected, 1 priority, 2 standard, 3 background: of the best that anybody in the cell has.
        blocked: ``(C,)`` `Unserved` of cells that make no request, whatever flies; `SERVED` for those that do.
        asks: ``(Q,)`` false for requests of an open cell that protected users alone do not need.
    """

    first: Ints
    channel: Bytes
    rank: Bytes
    blocked: Bytes
    asks: Bools

    def __post_init__(self) -> None:
        check_shape("channel", self.channel, (int(self.first[-1]),))
        check_shape("rank", self.rank, (len(self.channel),))
        check_shape("asks", self.asks, (len(self.channel),))
        check_shape("blocked", self.blocked, (len(self.first) - 1,))
        freeze(self.first, self.channel, self.rank, self.blocked, self.asks)

    def __len__(self) -> int:
        return len(self.channel)

    @property
    def cell(self) -> Ints:
        """``(Q,)`` row of the cell of each request."""
        return np.repeat(np.arange(len(self.first) - 1), np.diff(self.first))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CellPlaces:
    """Where the ``C`` cells are and to which PoP they belong.

    Attributes:
        latitude_rad, longitude_rad: ``(C,)`` of their centres.
        pop: ``(C,)`` row in `Backhaul.pops`; -1 for the nearest by delay, where there are no PoPs.
    """

    latitude_rad: Floats
    longitude_rad: Floats
    pop: Ints

    def __post_init__(self) -> None:
        for name in self.__slots__:
            check_shape(name, getattr(self, name), (len(self.pop),))
            freeze(getattr(self, name))

    def __len__(self) -> int:
        return len(self.pop)


_BLOCKED_BY: Final = MappingProxyType(
    {
        CellState.ACTIVE: Unserved.SERVED,
        CellState.INACTIVE: Unserved.TERRITORY_INACTIVE,
        CellState.SUSPENDED: Unserved.SUSPENDED,
        CellState.UNLICENSED: Unserved.UNLICENSED,
        CellState.PROTECTED_ONLY: Unserved.SERVED,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Granted:
    """What a service map grants ``C`` cells at a moment.

    Attributes:
        demand: What counts of their demand, in the ranks that the map grants.
        asked_bps: ``(C,)`` down in the busiest hour, of all that count.
        blocked: ``(C,)`` `Unserved` of cells that may not ask; `SERVED` for those that may.
        is_partial: ``(C,)`` whether protected users alone are served.
    """

    demand: DemandTable
    asked_bps: Floats
    blocked: Bytes
    is_partial: Bools

    @staticmethod
    def by(demand: DemandTable, service_map: ServiceMap) -> "Granted":
        """What a map grants of a demand."""
        is_partial = service_map.states_of(demand.cells) == CellState.PROTECTED_ONLY
        return Granted(
            demand=ranked(demand, service_map),
            asked_bps=np.where(is_partial, demand.down_bps[:, PROTECTED], demand.down_bps.sum(axis=1)),
            blocked=gate(demand, service_map),
            is_partial=is_partial,
        )


def plan_requests(
    moments: Sequence[Granted],
    rules: ScheduleRules,
    *,
    share: Floats,
    beam_bps: float,
    carriers_per_cell: int = 8,
) -> tuple[Requests, ...]:
    """Who asks for which channels over a span, moment by moment.

    Args:
        moments: What is granted from one change of the map to the next, of the same cells; one at least.
        rules: Channels, their separation, and how many requests share a beam.
        share: ``(C,)`` of its busiest hour's demand that each cell reaches within the span.
        beam_bps: What one beam carries.
        carriers_per_cell: Most requests of one cell.
    Returns:
        The requests of each moment, which have their rows and channels in common.
    """
    each_bps = max(beam_bps / rules.cells_per_beam, 1.0)
    is_open = [one.blocked == Unserved.SERVED for one in moments]
    asked_bps = [np.where(may, one.asked_bps * share, 0.0) for may, one in zip(is_open, moments, strict=True)]
    wanted = [np.clip(np.ceil(asked / each_bps), 1, carriers_per_cell).astype(np.int64) for asked in asked_bps]
    ranks = [best_rank(one.demand) for one in moments]
    last = np.uint8(RANKS - 1)
    channels = plan_channels(
        moments[0].demand.cells,
        np.max([np.where(may, many, 0) for may, many in zip(is_open, wanted, strict=True)], axis=0),
        rank=np.min([np.where(may, rank, last) for may, rank in zip(is_open, ranks, strict=True)], axis=0),
        demand_bps=np.max(asked_bps, axis=0),
        channels=rules.channels,
        separation_rings=rules.separation_rings,
    )
    is_given = channels >= 0
    count = np.count_nonzero(is_given, axis=1)
    first, channel = np.concatenate([[0], np.cumsum(count)]), channels[is_given].astype(np.uint8)
    number = np.arange(len(channel)) - np.repeat(first[:-1], count)
    return tuple(
        Requests(
            first=first.copy(),
            channel=channel.copy(),
            rank=np.repeat(rank, count),
            blocked=np.where(may & (count == 0), np.uint8(Unserved.NO_CHANNEL), one.blocked),
            asks=number < np.repeat(np.where(one.is_partial, many, rules.channels), count),
        )
        for one, may, many, rank in zip(moments, is_open, wanted, ranks, strict=True)
    )


def gate(demand: DemandTable, service_map: ServiceMap) -> Bytes:
    """``(C,)`` `Unserved`: why a cell may not ask, whatever flies; `SERVED` for those that may."""
    of_state = np.array([_BLOCKED_BY[state] for state in CellState], dtype=np.uint8)
    state = service_map.states_of(demand.cells)
    blocked = np.where((of_state[state] == Unserved.SERVED) & demand.is_barred, Unserved.ACCOUNT, of_state[state])
    has_protected = (demand.down_bps[:, PROTECTED] > 0.0) | (demand.up_bps[:, PROTECTED] > 0.0)
    is_bare = (state == CellState.PROTECTED_ONLY) & ~has_protected & (blocked == Unserved.SERVED)
    return np.where(is_bare, Unserved.SUSPENDED, blocked).astype(np.uint8)


def ranked(demand: DemandTable, service_map: ServiceMap) -> DemandTable:
    """The same demand as far as the service map serves it, in the ranks that it grants.

    Better ranks than that of the cell's class count as that; where protected users alone are served, others count nothing.
    """
    best = 1 + service_map.classes_of(demand.cells).astype(np.int64)
    is_partial = service_map.states_of(demand.cells) == CellState.PROTECTED_ONLY
    if (best == 1).all() and not is_partial.any():
        return demand

    def under(asked_bps: Floats) -> Floats:
        granted_bps = asked_bps.copy()
        cells = np.arange(len(best))
        for rank in range(PROTECTED + 1, RANKS):
            moved_bps = np.where(rank < best, asked_bps[:, rank], 0.0)
            granted_bps[:, rank] -= moved_bps
            granted_bps[cells, best] += moved_bps
        granted_bps[is_partial, PROTECTED + 1 :] = 0.0
        return granted_bps

    return replace(demand, down_bps=under(demand.down_bps), up_bps=under(demand.up_bps))


def best_rank(demand: DemandTable) -> Bytes:
    """``(C,)`` the best rank in which anybody in the cell asks for anything; the last where nobody does."""
    asks = (demand.down_bps > 0.0) | (demand.up_bps > 0.0)
    return np.where(asks.any(axis=1), asks.argmax(axis=1), RANKS - 1).astype(np.uint8)


def cell_reasons(requests: Requests, reason: Bytes) -> Bytes:
    """``(C,)`` why no request of a cell is served: the reason of its first; `SERVED` if any is."""
    asks = np.flatnonzero(np.diff(requests.first) > 0)
    found = requests.blocked.copy()
    if len(asks):
        starts = requests.first[asks]
        best = np.minimum.reduceat(reason, starts)
        found[asks] = np.where(best == Unserved.SERVED, best, reason[starts])
    return found
