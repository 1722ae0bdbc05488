"""Slot after slot of a scenario, ahead of time, with what happens on the way.

Rules:

* Slots are planned in their order, each from the one before. An event that comes late plans those anew that it concerns, from
  the last slot that began before it.
* An event cuts lines within its slot and changes the plan from the next one on. Rain takes from the lines of its slot, whose plan stays.
* A change that needs a scenario of its own is prepared when its slot is planned; a state that comes back is not prepared again.
* What terminals had is kept over the whole run, what plans are made from only as long as the next slot may need it.
* Not thread-safe: one thread plans.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from skycommons.base.arrays import Bools
from skycommons.emulation.line_model import DarkSpan, LineModel
from skycommons.emulation.packed_rows import PackedRows
from skycommons.emulation.world_state import (
    LiveEvent,
    MapApplies,
    WorldState,
    check_event,
    happened,
    instant_of,
    shower_of,
)
from skycommons.model.emulation_rules import EmulationRules, RainFalls
from skycommons.model.rules import Shower, Showers
from skycommons.model.scenario import Scenario
from skycommons.model.world import SiteKind
from skycommons.plan.lines import LinePlanner, PlannedSlot, SlotLines, terminal_rows

_KEPT_PLANNERS: Final = 4  # a prepared world-wide scenario takes some 100 MB


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LiveSlot:
    """A slot as it is played.

    Attributes:
        lines: What the plan gives the terminals.
        rows: What the ``2 U`` lines do, in emulated time.
        dark: What events cut.
    """

    lines: SlotLines
    rows: PackedRows
    dark: tuple[DarkSpan, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Made:
    """A slot that was planned, and what the next one starts from, unless that is forgotten."""

    slot: LiveSlot
    planned: PlannedSlot | None
    state: WorldState
    after: WorldState


def rules_at(scenario: Scenario, names: Sequence[str]) -> EmulationRules:
    """The scenario's rules with nothing to happen or be measured at terminals that take no part.

    Args:
        scenario: With all its terminals.
        names: Those that take part; all of them if there are none.
    """
    sites = scenario.world.sites
    terminals = frozenset(sites.ids[row] for row in sites.rows(SiteKind.TERMINAL))
    return scenario.emulation.without(terminals.difference(names)) if names else scenario.emulation


class PlanSource:
    """Plans a scenario's slots in order.

    Attributes:
        scenario: Of the run.
        names: ``U`` terminals.
        model: What lines do besides what the plan says.
    """

    def __init__(
        self, scenario: Scenario, model: LineModel, *, names: tuple[str, ...] = (), events: Sequence[LiveEvent] = ()
    ) -> None:
        """Prepare a scenario.

        Args:
            scenario: Of the run.
            model: What lines do besides what the plan says.
            names: Terminals; all of them unless given.
            events: What is known to happen.
        Raises:
            InputError: A name is no terminal's, or an event makes no sense.
            PlanError: The scenario's rules of service make no sense.
        """
        ids = scenario.world.sites.ids
        self.names: Final = tuple(ids[row] for row in terminal_rows(scenario, names).tolist())
        for event in events:
            check_event(event, scenario=scenario, names=self.names)
        showers = tuple(shower_of(event, scenario.start_ns) for event in events if isinstance(event, RainFalls))
        self.scenario: Final = _with_showers(scenario, showers)
        self.model: Final = model
        self._events: list[LiveEvent] = sorted(
            (event for event in events if not isinstance(event, RainFalls)), key=lambda event: event.at_s
        )
        planner = LinePlanner.of(self.scenario, names=self.names)
        self._planners: dict[tuple[object, ...], LinePlanner] = {_key(WorldState()): planner}
        self._made: list[_Made] = []

    @property
    def planner(self) -> LinePlanner:
        """The scenario as it begins, prepared."""
        return next(iter(self._planners.values()))

    @property
    def slots(self) -> tuple[LiveSlot, ...]:
        """What is planned, in order."""
        return tuple(made.slot for made in self._made)

    @property
    def planned_until_ns(self) -> int:
        """The end of the last slot that is planned; the run's start if none is."""
        return self._made[-1].slot.lines.end_ns if self._made else self.scenario.start_ns

    def plan_next(self) -> LiveSlot:
        """Plan one slot more.

        Raises:
            PlanError: The service map changes beyond what the scenario knows.
        """
        last = self._made[-1] if self._made else None
        state = WorldState() if last is None else last.after
        before = None if last is None else last.planned
        planner = self._planner(state)
        planned = planner.slot(self.planned_until_ns, before=before, failed=self._failed(state))
        made = replace(self._played(planned.lines, state, None if last is None else last.slot.lines), planned=planned)
        self._made.append(made)
        return made.slot

    def check(self, event: LiveEvent) -> None:
        """Refuse an event that names something that is not there.

        Raises:
            InputError: It does.
        """
        check_event(event, scenario=self.scenario, names=self.names)

    def insert(self, event: LiveEvent) -> None:
        """Let something happen; slots that it concerns are planned anew, by `plan_next`.

        Raises:
            InputError: It makes no sense.
        """
        self.check(event)
        self._events = sorted([*self._events, event], key=lambda event: event.at_s)
        at_ns = instant_of(event, self.scenario.start_ns)
        while self._made and self._made[-1].slot.lines.begin_ns > at_ns:
            self._made.pop()
        if self._made and self._made[-1].slot.lines.end_ns > at_ns:
            last = self._made.pop()
            planned = self._wet(last) if isinstance(event, RainFalls) else last.planned
            lines = last.slot.lines if planned is None else planned.lines
            before = self._made[-1].slot.lines if self._made else None
            self._made.append(replace(self._played(lines, last.state, before), planned=planned))

    def forget_before(self, time_ns: int) -> None:
        """Let go of plans of slots that ended before an instant, but for the last; what the terminals had is kept."""
        for row, made in enumerate(self._made[:-1]):
            if made.slot.lines.end_ns < time_ns and made.planned is not None:
                self._made[row] = replace(made, planned=None)

    def _wet(self, made: _Made) -> PlannedSlot | None:
        """A slot's plan as it is in the rain that was told since; None if it is forgotten."""
        if made.planned is None:
            return None
        showers = tuple(
            shower_of(event, self.scenario.start_ns)
            for event in self._within(made.slot.lines)
            if isinstance(event, RainFalls)
        )
        state = replace(made.state, showers=(*made.state.showers, *showers))
        return self._planner(state).again(made.planned, failed=self._failed(state))

    def _failed(self, state: WorldState) -> Bools | None:
        """Which satellites have failed; None if none has."""
        return state.failed(len(self.scenario.world.satellites)) if state.satellites else None

    def _within(self, lines: SlotLines) -> list[LiveEvent]:
        """What happens in a slot, in the order of time."""
        return [
            event
            for event in self._events
            if lines.begin_ns <= instant_of(event, self.scenario.start_ns) < lines.end_ns
        ]

    def _played(self, lines: SlotLines, state: WorldState, before: SlotLines | None) -> _Made:
        """A planned slot with what happens in it."""
        after = state
        dark: tuple[DarkSpan, ...] = ()
        for event in self._within(lines):
            after, cut = happened(after, event, scenario=self.scenario, lines=lines, names=self.names)
            dark += cut
        slot = LiveSlot(lines=lines, rows=PackedRows.of(self.model.rows(lines, before, dark)), dark=dark)
        return _Made(slot=slot, planned=None, state=state, after=after)

    def _planner(self, state: WorldState) -> LinePlanner:
        """The scenario in a state, prepared."""
        key = _key(state)
        if key not in self._planners:
            while len(self._planners) >= _KEPT_PLANNERS:
                self._planners.pop(list(self._planners)[1])  # the first one is that of the run's begin
            self._planners[key] = LinePlanner.of(state.scenario(self.scenario), names=self.names)
        return self._planners[key]


def _key(state: WorldState) -> tuple[object, ...]:
    """What makes two states need the same preparation."""
    decided = tuple(one if isinstance(one, MapApplies) else (one.territory, one.state) for one in state.decided)
    return state.gateways, state.showers, decided


def _with_showers(scenario: Scenario, showers: tuple[Shower, ...]) -> Scenario:
    """The scenario under the showers that are known."""
    if not showers:
        return scenario
    return scenario.replace(
        radio=replace(scenario.radio, weather=Showers(base=scenario.radio.weather, showers=showers))
    )
