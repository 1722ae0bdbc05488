"""Who asks for service, and by which rules satellites, beams and gateways are shared out: plain data.

Rules: a scenario without service rules has no scheduler; its flows choose for themselves. Rates are SI; strategies are
objects. The same words stand in `skycommons.model.documents_service`.
"""

from dataclasses import dataclass, field
from typing import Final

import numpy as np

from skycommons.base.arrays import Bools, Bytes, Floats, check_shape, freeze
from skycommons.base.errors import InputError
from skycommons.model.cells import CellIds
from skycommons.model.service_map import ServiceMap
from skycommons.model.service_timeline import ServiceLayer, ServiceTimeline

MOST_CHANNELS: Final = 255  # requests keep theirs in a byte


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservedAssignment:
    """Chance weighted by what the real scheduler is seen to prefer, within capacity."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HighestAssignment:
    """The highest satellite with a free beam, cell after cell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GreedyAssignment:
    """The best free pair first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuctionAssignment:
    """All pairs weighed against each other, to a stated gap.

    Attributes:
        gap_nats: How far from the best each request may end.
    """

    gap_nats: float = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class ExactAssignment:
    """The best assignment there is."""


AssignmentRule = ObservedAssignment | HighestAssignment | GreedyAssignment | AuctionAssignment | ExactAssignment


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleRules:
    """How satellites, beams and gateways are shared out.

    Attributes:
        policy: Who gets which satellite.
        slot_s: Length of a scheduling slot.
        slot_phase_s: Where in each minute the first slot begins.
        cells_per_beam: Most cells that one beam visits in turn. Assumed.
        channels: Channels into which the user band is cut; a beam uses one.
        separation_rings: Two cells this many steps apart, or fewer, never use one channel.
        candidates: Most satellites that a cell weighs against each other.
    Raises:
        InputError: Nothing could be shared out by these rules.
    """

    policy: AssignmentRule = field(default_factory=ObservedAssignment)
    slot_s: float = 15.0
    slot_phase_s: float = 12.0
    cells_per_beam: int = 8
    channels: int = 8
    separation_rings: int = 1
    candidates: int = 24

    def __post_init__(self) -> None:
        for name in ("cells_per_beam", "channels", "candidates"):
            if getattr(self, name) < 1:
                raise InputError(f"schedule: {name} must be 1 or more, not {getattr(self, name)}")
        if self.channels > MOST_CHANNELS or self.separation_rings < 0:
            raise InputError(
                f"schedule: there are up to {MOST_CHANNELS} channels, not {self.channels}, and a separation is 0 rings or "
                f"more, not {self.separation_rings}"
            )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DemandTable:
    """Who asks for service, by cell: ``C`` cells in canonical order.

    Attributes:
        cells: ``(C,)`` sorted, each once.
        people: ``(C,)`` who live there; 0 where nobody counted.
        subscribers: ``(C,)`` terminals.
        down_bps, up_bps: ``(C, 4)`` asked for in the busiest hour, by rank: protected, priority, standard, background.
        is_barred: ``(C,)`` whether every terminal in the cell has an account that is barred.
        sources: Where the demand came from, in words.
    Raises:
        InputError: The cells are not sorted, or an amount is negative or no number.
        ShapeError: The columns differ in length.
    """

    cells: CellIds
    people: Floats
    subscribers: Floats
    down_bps: Floats
    up_bps: Floats
    is_barred: Bools
    sources: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in ("people", "subscribers", "is_barred"):
            check_shape(name, getattr(self, name), (len(self.cells),))
        for name in ("down_bps", "up_bps"):
            check_shape(name, getattr(self, name), (len(self.cells), RANKS))
        if (self.cells[1:] <= self.cells[:-1]).any():
            raise InputError("demand: the cells must be sorted, each once")
        for name in ("people", "subscribers", "down_bps", "up_bps"):
            column = getattr(self, name)
            if not ((column >= 0.0) & np.isfinite(column)).all():
                raise InputError(f"demand: {name} must hold numbers from 0 on")
        freeze(self.cells, self.people, self.subscribers, self.down_bps, self.up_bps, self.is_barred)

    def __len__(self) -> int:
        return len(self.cells)


RANKS = 4
"""Ranks in which requests are served: 0 protected, then the service classes priority, standard and background."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TerminalAccounts:
    """What the operator knows of each of the scenario's ``U`` terminals, in the order of `Sites.rows(TERMINAL)`.

    Attributes:
        rank: ``(U,)`` 0 for protected users, else 1 + `ServiceClass`.
        is_barred: ``(U,)`` whether the account is barred.
        down_bps, up_bps: ``(U,)`` asked for in the busiest hour.
    """

    rank: Bytes
    is_barred: Bools
    down_bps: Floats
    up_bps: Floats

    def __post_init__(self) -> None:
        for name in self.__slots__:
            check_shape(name, getattr(self, name), (len(self.rank),))
            freeze(getattr(self, name))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ServiceRules:
    """Everything that the scheduler is told.

    Attributes:
        demand: Who asks, terminals of the scenario included.
        accounts: Of the scenario's terminals.
        busy_hour_shape: ``(24,)`` demand by hour of local solar time, as a share of the busiest hour's.
        service_map: Where service is allowed, before any layer.
        schedule: How things are shared out.
        pop_of_country: Names of PoPs by ISO 3166-1 code, in place of the one that lies nearest.
        others: Who asks besides the scenario's terminals; None where nobody can tell them apart any more.
        layers: What is laid over the map, and when each layer ends.
    """

    demand: DemandTable
    accounts: TerminalAccounts
    busy_hour_shape: tuple[float, ...]
    service_map: ServiceMap
    schedule: ScheduleRules
    pop_of_country: tuple[tuple[str, str], ...] = ()
    others: DemandTable | None = None
    layers: tuple[ServiceLayer, ...] = ()

    @property
    def timeline(self) -> ServiceTimeline:
        """Where service is allowed, and when that changes."""
        return ServiceTimeline(base=self.service_map, layers=self.layers)
