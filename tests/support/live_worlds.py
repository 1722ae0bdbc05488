"""Live networks small enough to know by heart: slots and rows by hand, a clock that one sets, a backend that only listens."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from skycommons.base.arrays import Ints
from skycommons.base.constants import NS_PER_S
from skycommons.base.errors import SkycommonsError
from skycommons.emulation.line_backend import COUNTED, LATENESS_BINS, LineCounters
from skycommons.emulation.line_model import DarkSpan, LineModel
from skycommons.emulation.line_rows import LineRows
from skycommons.emulation.pace import Pace
from skycommons.emulation.packed_rows import PackedRows
from skycommons.emulation.plan_source import LiveSlot
from skycommons.emulation.world_state import LiveEvent
from skycommons.model.emulation_rules import EmulationRules
from skycommons.plan.lines import SlotLines
from skycommons.plan.requests import Unserved
from skycommons.plan.routes import Reason

SLOT_NS = 15 * NS_PER_S
ON_TIME = "[time]\nstart = 2026-01-01T00:00:12Z\nduration_s = 600\nstep_s = 5"
TWO_GATEWAYS = (
    '[[gateways.site]]\nname = "basel"\nlatitude_deg = 47.56\nlongitude_deg = 7.59\n'
    '[[gateways.site]]\nname = "lyon"\nlatitude_deg = 45.75\nlongitude_deg = 4.85'
)
FAR_GATEWAY = '[[gateways.site]]\nname = "azores"\nlatitude_deg = 38.0\nlongitude_deg = -20.0'
GRID = '[lasers]\ntopology = "grid"'


def slot_lines(begin_ns: int = 0, *, terminals: int = 1, instants: int = 4, **columns: Any) -> SlotLines:
    """Lines of a slot of 15 s, 10 ms long and alike at all instants; each column is given whole or as one number for all."""
    by_instant: dict[str, tuple[float, type]] = {
        "delay_s": (0.010, np.float64),
        "laser_hops": (0, np.int64),
        "down_bps": (80e6, np.float64),
        "up_bps": (8e6, np.float64),
        "fade_db": (0.0, np.float64),
    }
    by_terminal: dict[str, tuple[float, type]] = {
        "satellite": (3, np.int64),
        "gateway": (1, np.int64),
        "pop": (2, np.int64),
        "azimuth_rad": (0.5, np.float64),
        "elevation_rad": (1.0, np.float64),
        "reason": (Unserved.SERVED, np.uint8),
        "route_reason": (Reason.REACHABLE, np.uint8),
    }
    values: dict[str, Any] = {}
    for names, shape in ((by_instant, (instants, terminals)), (by_terminal, (terminals,))):
        for name, (usual, kind) in names.items():
            values[name] = np.broadcast_to(np.asarray(columns.pop(name, usual), dtype=kind), shape).copy()
    way = np.asarray(columns.pop("way", values["satellite"][:, np.newaxis]), dtype=np.int32)
    way = np.broadcast_to(way, (instants, *way.shape[-2:])).copy()
    end_ns = begin_ns + SLOT_NS
    time_ns = begin_ns + (SLOT_NS * np.arange(instants, dtype=np.int64)) // (instants - 1)
    return SlotLines(begin_ns=begin_ns, end_ns=end_ns, time_ns=time_ns, way=way, **values, **columns)


def plain_model(rules: EmulationRules | None = None, **parts: Any) -> LineModel:
    """Light and rates alone, unless parts are given."""
    return LineModel(**{"latency": None, "losses": None, "seed": 1, **parts}, rules=rules or EmulationRules())


def live_slot(
    lines: SlotLines | None = None, *, model: LineModel | None = None, dark: tuple[DarkSpan, ...] = ()
) -> LiveSlot:
    """A slot as it is played, without another before it."""
    here = slot_lines() if lines is None else lines
    rows = (plain_model() if model is None else model).rows(here, None, dark)
    return LiveSlot(lines=here, rows=PackedRows.of(rows), dark=dark)


@dataclass(slots=True)
class Clock:
    """A machine's clock that stands until it is set."""

    mono_ns: int = 0

    def __call__(self) -> int:
        return self.mono_ns

    def pace(self, *, start_ns: int = 0, speed: float = 1.0) -> Pace:
        """Emulated time by this clock, from its 0 on."""
        return Pace(start_ns=start_ns, start_mono_ns=0, speed=speed, now_mono_ns=self)


def counters(lines: int, **columns: Ints) -> LineCounters:
    """Nothing counted, but for what is given."""
    names = (*COUNTED, "queued_bytes")
    values = {name: columns.get(name, np.zeros(lines, dtype=np.int64)) for name in names}
    return LineCounters(**values, lateness=columns.get("lateness", np.zeros(LATENESS_BINS, dtype=np.int64)))


@dataclass(slots=True)
class ListeningBackend:
    """Keeps what it is told; fails if it is to."""

    lines: int = 2
    told: list[LineRows] = field(default_factory=list)
    delivered_bytes: Ints = field(default_factory=lambda: np.zeros(2, dtype=np.int64))
    failure: SkycommonsError | None = None
    excess_ns: int = 0

    def begin_anew(self, rows: LineRows) -> None:
        """Keep the rows."""
        self.publish(rows)

    def publish(self, rows: LineRows) -> None:
        """Keep the rows."""
        if self.failure is not None:
            raise self.failure
        self.told.append(rows)

    def counters(self) -> LineCounters:
        """What was delivered, as a test says."""
        if self.failure is not None:
            raise self.failure
        return counters(self.lines, delivered_bytes=self.delivered_bytes)

    def faults(self) -> tuple[str, ...]:
        """None."""
        return ()

    def stop(self) -> None:
        """Nothing to end."""


class SlotsByHand:
    """A source of alike slots that counts what is asked of it."""

    def __init__(self, *, known: int = 2, terminals: int = 1) -> None:
        self.terminals = terminals
        self.made: list[LiveSlot] = []
        self.inserted: list[LiveEvent] = []
        self.forgotten: list[int] = []
        for _ in range(known):
            SlotsByHand.plan_next(self)

    @property
    def slots(self) -> tuple[LiveSlot, ...]:
        """What is known."""
        return tuple(self.made)

    @property
    def planned_until_ns(self) -> int:
        """The end of what is known."""
        return SLOT_NS * len(self.made)

    def plan_next(self) -> LiveSlot:
        """One slot more; its number of ms is its delay."""
        number = len(self.made)
        self.made.append(live_slot(slot_lines(SLOT_NS * number, terminals=self.terminals, delay_s=1e-3 * (number + 1))))
        return self.made[-1]

    def check(self, event: LiveEvent) -> None:
        """Everything can happen."""

    def insert(self, event: LiveEvent) -> None:
        """Note it, and let go of slots that begin after it."""
        self.inserted.append(event)
        kept = int(event.at_s * NS_PER_S) // SLOT_NS + 1
        del self.made[kept:]

    def forget_before(self, time_ns: int) -> None:
        """Note it."""
        self.forgotten.append(time_ns)
