"""Plans ahead and tells the lines, slot after slot, while time passes.

Rules:

* A slot is planned while the one before it runs, at the latest; how long before its begin it was told is kept, and a slot that was
  told late is counted with how late it was. Until then the last row of the slot before holds.
* An event is taken in at once, or as soon as the slot that is being planned is done; slots that were planned without it are planned
  anew. Who asks meanwhile is told what was known before. What has been is not changed any more: an event that comes late happens when it is taken in.
* One thread plans; who asks gets values. What stops it is kept and told to whoever asks next.
"""

import threading
from dataclasses import dataclass, replace
from typing import Final, Protocol

from skycommons.base.constants import NS_PER_S
from skycommons.base.errors import HostError, SkycommonsError
from skycommons.emulation.line_backend import LineBackend
from skycommons.emulation.line_model import FOREVER_NS, DarkSpan
from skycommons.emulation.line_overlay import slots_on_clock
from skycommons.emulation.line_rows import LineRows
from skycommons.emulation.pace import Pace
from skycommons.emulation.plan_source import LiveSlot
from skycommons.emulation.world_state import LiveEvent

SLOTS_AHEAD: Final = 2
_KEPT_NS: Final = 5 * NS_PER_S  # rows that are over but may serve packets that still wait
_IDLE_S: Final = 0.25


class SlotSource(Protocol):
    """Whatever gives slots in order: a plan or a trace."""

    @property
    def slots(self) -> tuple[LiveSlot, ...]:
        """What is known, in order."""
        ...

    @property
    def planned_until_ns(self) -> int:
        """The end of what is known."""
        ...

    def plan_next(self) -> LiveSlot:
        """Make one more."""
        ...

    def check(self, event: LiveEvent) -> None:
        """Refuse what cannot happen.

        Raises:
            InputError: It cannot.
        """
        ...

    def insert(self, event: LiveEvent) -> None:
        """Let something happen."""
        ...

    def forget_before(self, time_ns: int) -> None:
        """Let go of what no one needs any more."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PaceReport:
    """How well planning kept pace.

    Attributes:
        planned: Slots that were told to the lines while the run went on.
        late: How many of them after their begin.
        least_lead_s: Shortest time between telling a slot and its begin, of the machine's clock; below 0 if late. NaN for none.
        behind_s: Time for which the lines had to go on by an old slot.
    """

    planned: int
    late: int
    least_lead_s: float
    behind_s: float


class Player:
    """The thread that keeps a backend told."""

    def __init__(self, source: SlotSource, pace: Pace, *, ahead: int = SLOTS_AHEAD) -> None:
        """Prepare it.

        Args:
            source: Gives slots; those that it has already need no planning any more.
            pace: Emulated time; it starts with the scenario.
            ahead: Slots to be known beyond the running one.
        """
        self._source, self._pace, self._ahead = source, pace, ahead
        self._backend: LineBackend | None = None
        self._lock = threading.RLock()
        self._wake = threading.Condition(self._lock)
        self._events: list[LiveEvent] = []
        self._dark: list[DarkSpan] = []
        self._leads_s: list[float] = []
        self._behind_ns = 0
        self._told_mono_ns = pace.start_mono_ns
        self._ended_mono_ns: int | None = None
        self._failure: SkycommonsError | None = None
        self._stopping = False
        self._slots = source.slots
        self._thread = threading.Thread(target=self._run, name="planning", daemon=True)

    @property
    def slots(self) -> tuple[LiveSlot, ...]:
        """What is known, in order."""
        with self._lock:
            return self._slots

    @property
    def dark(self) -> tuple[DarkSpan, ...]:
        """What cuts lines besides the plan."""
        with self._lock:
            return tuple(self._dark)

    def start(self, backend: LineBackend) -> None:
        """Keep this backend told from now on; it has the rows of what is known."""
        self._backend = backend
        self._thread.start()

    def stop(self) -> None:
        """End the thread; a second call does nothing."""
        with self._wake:
            self._stopping = True
            if self._ended_mono_ns is None:
                self._ended_mono_ns = self._pace.now_mono_ns()
            self._wake.notify_all()
        if self._thread.is_alive():
            self._thread.join(timeout=60.0)

    def check(self) -> None:
        """Raise what stopped the planning, if anything did.

        Raises:
            SkycommonsError: The same error again.
        """
        with self._lock:
            if self._failure is not None:
                raise self._failure

    def fail(self, error: SkycommonsError) -> None:
        """Keep what stopped the planning, or somebody beside it, for whoever asks; the first counts."""
        with self._lock:
            if self._failure is None:
                self._failure = error

    def tell(self, event: LiveEvent) -> None:
        """Let something happen; it is taken in by the thread."""
        with self._wake:
            self._events.append(event)
            self._wake.notify_all()

    def darken(self, terminal: int, *, begin_ns: int, why: str) -> None:
        """Cut a terminal's lines from an instant on, until `lighten`."""
        with self._wake:
            self._dark.append(DarkSpan(terminal=terminal, begin_ns=begin_ns, why=why))
            self._publish()

    def lighten(self, terminal: int, *, end_ns: int) -> None:
        """End all open cuts of a terminal."""
        with self._wake:
            for row, span in enumerate(self._dark):
                if span.terminal == terminal and span.end_ns == FOREVER_NS:
                    self._dark[row] = replace(span, end_ns=end_ns)
            self._publish()

    def rows(self, *, since_ns: int | None = None) -> LineRows:
        """What the lines do, on the machine's clock, from an instant on; over the whole run unless given."""
        with self._lock:
            held = [slot for slot in self._slots if since_ns is None or slot.lines.end_ns >= since_ns]
            held = held or list(self._slots[-1:])
            dark = tuple(self._dark)
        return slots_on_clock([slot.rows for slot in held], self._pace, dark=dark)

    def report(self) -> PaceReport:
        """How well planning kept pace so far."""
        with self._lock:
            leads_s = list(self._leads_s)
            now_mono_ns = self._pace.now_mono_ns() if self._ended_mono_ns is None else self._ended_mono_ns
            behind_ns = self._behind_ns + self._since_known_ns(self._slots[-1].lines.end_ns, now_mono_ns)
        late = [lead_s for lead_s in leads_s if lead_s < 0.0]
        return PaceReport(
            planned=len(leads_s),
            late=len(late),
            least_lead_s=min(leads_s, default=float("nan")),
            behind_s=behind_ns / NS_PER_S,
        )

    def _run(self) -> None:
        """Plan until told to stop, or until something fails."""
        try:
            while self._step():
                pass
        except SkycommonsError as error:
            self.fail(error)
        except Exception as error:  # noqa: BLE001 - whatever it was, who asks next is told
            self.fail(HostError(f"planning failed: {type(error).__name__}: {error}"))

    def _step(self) -> bool:
        """Do what is due, or wait for it; whether to go on."""
        with self._wake:
            if self._stopping:
                return False
            events, self._events = self._events, []
            if not events and not self._is_due():
                self._wake.wait(timeout=_IDLE_S)
                return not self._stopping
        if events:
            self._take_in(events)
        if self._is_due():
            slot = self._source.plan_next()  # without the lock: it takes seconds, and only this thread plans
            with self._lock:
                if self._stopping:
                    return False
                self._slots = self._source.slots
                self._publish()
                self._note(slot)
            self._source.forget_before(self._pace.now_ns())
        return True

    def _take_in(self, events: list[LiveEvent]) -> None:
        """Let things happen; without the lock, since what they change may have to be planned."""
        for event in events:
            self._source.insert(self._not_before_now(event))
        with self._lock:
            if not self._stopping:
                self._slots = self._source.slots
                self._publish()

    def _is_due(self) -> bool:
        """Whether a slot more should be known."""
        slot = self._slots[-1].lines
        return self._source.planned_until_ns - self._pace.now_ns() < self._ahead * (slot.end_ns - slot.begin_ns)

    def _not_before_now(self, event: LiveEvent) -> LiveEvent:
        """An event, now where its time is over."""
        return replace(event, at_s=max(event.at_s, (self._pace.now_ns() - self._pace.start_ns) / NS_PER_S))

    def _note(self, slot: LiveSlot) -> None:
        """Keep how long before its begin a slot was told, or for how long lines had to do without it."""
        now_mono_ns, begin_ns = self._pace.now_mono_ns(), slot.lines.begin_ns
        self._leads_s.append((self._pace.mono_of(begin_ns) - now_mono_ns) / NS_PER_S)
        self._behind_ns += self._since_known_ns(begin_ns, now_mono_ns)
        self._told_mono_ns = now_mono_ns

    def _since_known_ns(self, end_ns: int, now_mono_ns: int) -> int:
        """Time of the machine's clock without a plan since an emulated instant, as far as it is not counted yet."""
        return max(now_mono_ns - max(self._pace.mono_of(end_ns), self._told_mono_ns), 0)

    def _publish(self) -> None:
        """Tell the backend what is known."""
        if self._backend is not None:
            self._backend.publish(self.rows(since_ns=self._pace.now_ns() - _KEPT_NS))
