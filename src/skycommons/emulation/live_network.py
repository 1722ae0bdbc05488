"""A scenario, live: hosts, lines, dishes and names, from its begin on.

::

    with emulate(scenario) as net:
        net["field-team"].run(["ping", "-c", "4", "internet"])
        net.at(30.0, SatelliteFails(serving="field-team"))
        net.wait(60.0)

Rules:

* Everything is ready before time begins: the first slots are planned, the hosts stand, the wire runs.
* What was built is taken down in reverse order, whatever happened; what is left after a kill, the next start removes.
* Hosts, namespaces and programs are the run's own; the machine's network is not touched.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from skycommons.base.constants import NS_PER_S
from skycommons.base.errors import InputError
from skycommons.emulation.dish_feeder import DishFeeder
from skycommons.emulation.dish_readings import dishes_of
from skycommons.emulation.dish_server import DishServer
from skycommons.emulation.dish_state import Dish
from skycommons.emulation.hosts import Host, Hosts
from skycommons.emulation.layout import TerminalPlace, Wiring, layout_of
from skycommons.emulation.line_backend import LineBackend
from skycommons.emulation.line_overlay import slots_on_clock
from skycommons.emulation.line_rows import LineRows, LineSettings
from skycommons.emulation.line_settings import gso_bytes_of, line_model_of, line_settings_of
from skycommons.emulation.live_report import LiveReport, report_of
from skycommons.emulation.live_state import Names, TerminalNow, slot_at, terminals_at
from skycommons.emulation.netem_backend import NetemBackend
from skycommons.emulation.netem_support import needed_netem
from skycommons.emulation.pace import Pace
from skycommons.emulation.plan_source import PlanSource, rules_at
from skycommons.emulation.player import SLOTS_AHEAD, Player, SlotSource
from skycommons.emulation.trace import Trace
from skycommons.emulation.trace_source import TraceSource
from skycommons.emulation.wire import ROWS_PER_LINE, Wire
from skycommons.emulation.wire_excess import measured_excess_ns
from skycommons.emulation.world_state import LiveEvent, check_event
from skycommons.model.emulation_rules import MOST_TERMINALS, DishEvent, EmulationRules, WireKind
from skycommons.model.scenario import Scenario
from skycommons.model.world import SiteKind

_LEAD_S: Final = 0.2  # from telling the wire when time begins until it does
_POLL_S: Final = 0.05


class LiveNetwork:
    """A network that runs."""

    def __init__(
        self,
        scenario: Scenario,
        names: Names,
        *,
        hosts: Hosts,
        backend: LineBackend,
        source: SlotSource,
        player: Player,
        pace: Pace,
        dishes: Mapping[str, Dish],
        feeder: DishFeeder,
        settings: LineSettings,
    ) -> None:
        """Put together what `emulate` built."""
        self.scenario: Final = scenario
        self.names: Final = names
        self.hosts: Final = hosts
        self.dishes: Final = dishes
        self.settings: Final = settings
        self._backend, self._source, self._feeder = backend, source, feeder
        self._player, self._pace = player, pace
        self._told: list[LiveEvent] = list(scenario.emulation.events)

    def __getitem__(self, name: str) -> Host:
        """A host by its name.

        Raises:
            InputError: There is none of that name.
        """
        return self.hosts[name]

    @property
    def player(self) -> Player:
        """Who tells the lines."""
        return self._player

    @property
    def pace(self) -> Pace:
        """How emulated time goes on."""
        return self._pace

    @property
    def events(self) -> tuple[LiveEvent, ...]:
        """What was to happen, in the order in which it was told."""
        return tuple(self._told)

    def clock(self) -> int:
        """The emulated time, UTC unix ns."""
        return self._pace.now_ns()

    def elapsed_s(self) -> float:
        """Emulated seconds since the begin."""
        return (self.clock() - self.scenario.start_ns) / NS_PER_S

    def at(self, seconds: float, event: LiveEvent) -> None:
        """Let something happen at an emulated instant, in seconds from the begin; in the past it happens now.

        Raises:
            InputError: It makes no sense.
        """
        timed = replace(event, at_s=max(float(seconds), self.elapsed_s()))
        if isinstance(timed, DishEvent):
            check_event(timed, scenario=self.scenario, names=self.names.terminals)
            self._feeder.order(timed)
        else:
            self._source.check(timed)
            self._player.tell(timed)
        self._told.append(timed)

    def now(self, event: LiveEvent) -> None:
        """Let something happen now.

        Raises:
            InputError: It makes no sense.
        """
        self.at(self.elapsed_s(), event)

    def wait(self, seconds: float) -> None:
        """Let emulated time pass.

        Raises:
            SkycommonsError: What stopped the network meanwhile.
        """
        until_ns = self.clock() + round(seconds * NS_PER_S)
        while (left_s := self._pace.wait_s(until_ns)) > 0.0:
            self._player.check()
            time.sleep(min(left_s, _POLL_S))
        self._player.check()

    def states(self) -> tuple[TerminalNow, ...]:
        """How each terminal stands now."""
        now_ns = self.clock()
        return terminals_at(slot_at(self._player.slots, now_ns), now_ns, self.names, dark=self._player.dark)

    def rows(self) -> LineRows:
        """What the lines do over the whole run, as far as it is known."""
        return self._player.rows()

    def report(self) -> LiveReport:
        """How well the emulation kept to its plan so far."""
        return report_of(
            self._backend.counters(),
            self._player.report(),
            self.names.terminals,
            speed=self._pace.speed,
            excess_s=self._backend.excess_ns / NS_PER_S,
            faults=self._backend.faults(),
        )


@contextmanager
def emulate(
    scenario: Scenario,
    *,
    speed: float = 1.0,
    sites: Sequence[str] = (),
    seconds: float | None = None,
    wire: WireKind | None = None,
    trace: Trace | None = None,
    said: Callable[[str], None] = lambda _: None,
) -> Iterator[LiveNetwork]:
    """Run a scenario live while the block lasts.

    Args:
        scenario: What to run; its section on emulation says how.
        speed: Emulated seconds in one of the machine's; delays of packets stay what they are.
        sites: Names of terminals; all of them unless given. What the scenario's events mean to do to others does not happen.
        seconds: How long it will run at most, in place of the scenario's length; the plan is made to reach so far.
        wire: What carries the packets, in place of what the scenario says.
        trace: What all lines do, in place of the scenario's plan.
        said: Called with what is being prepared.
    Raises:
        InputError: A name is no terminal's, there are too many, or something shall happen that a trace knows nothing of.
        HostError: The machine does not let us, or lacks a program; the message says what to do.
        PlanError: The scenario's rules of service make no sense.
    """
    run = _prepared(scenario, sites=sites, seconds=seconds, wire=wire)
    settings = line_settings_of(run)
    if run.emulation.wire is WireKind.NETEM:
        needed_netem(settings)  # before the planning, which takes seconds
    said("planning the first slots")
    plan = PlanSource(run, line_model_of(run), names=tuple(sites), events=_planned_events(run.emulation))
    _check_count(plan.names)
    slots: SlotSource = plan if trace is None else _traced(run, plan, trace)
    for _ in range(SLOTS_AHEAD):
        slots.plan_next()
    pace = Pace(start_ns=run.start_ns, start_mono_ns=time.monotonic_ns(), speed=speed)
    with ExitStack() as stack:
        built = _Built.of(run, plan, slots, settings=settings, rows=_rows(slots, pace), stack=stack, said=said)
        begun = replace(pace, start_mono_ns=time.monotonic_ns() + round(_LEAD_S * NS_PER_S))
        built.backend.begin_anew(_rows(slots, begun))
        network = _started(run, plan, slots, built=built, pace=begun, settings=settings, stack=stack)
        while begun.wait_s(run.start_ns) > 0.0:
            time.sleep(0.01)
        yield network


@dataclass(frozen=True, slots=True, kw_only=True)
class _Built:
    """What stands before time begins."""

    hosts: Hosts
    backend: LineBackend

    @staticmethod
    def of(
        scenario: Scenario,
        plan: PlanSource,
        slots: SlotSource,
        *,
        settings: LineSettings,
        rows: LineRows,
        stack: ExitStack,
        said: Callable[[str], None],
    ) -> "_Built":
        """Hosts and what carries packets between them."""
        rules = scenario.emulation
        said("building hosts")
        layout = layout_of(
            _places(plan, slots),
            rules.hosts,
            terminal_to_terminal=rules.terminal_to_terminal,
            mtu=rules.mtu,
            wiring=Wiring.VETH if rules.wire is WireKind.NETEM else Wiring.TUN,
        )
        hosts = stack.enter_context(Hosts.build(layout, gso_max_bytes=gso_bytes_of(rows, rules.mtu)))
        said("starting the wire")
        if rules.wire is WireKind.NETEM:
            netem = NetemBackend.start(hosts, settings, rows)
            stack.callback(netem.stop)
            hosts.notes = (*hosts.notes, *netem.notes)
            return _Built(hosts=hosts, backend=netem)
        told = slots.rows_per_line if isinstance(slots, TraceSource) else 0
        wire = Wire.start(hosts.ports, settings, rows, rows_per_line=max(told, ROWS_PER_LINE), note=said)
        stack.callback(wire.stop)
        wire.excess_ns = measured_excess_ns(hosts, wire)
        return _Built(hosts=hosts, backend=wire)


def _traced(scenario: Scenario, plan: PlanSource, trace: Trace) -> TraceSource:
    """The trace in place of the plan, with the scenario's events refused that need a plan."""
    sites = plan.planner.scenario.world.sites
    pops = sites.rows(SiteKind.POP)
    own = sites.home_pop[plan.planner.site]
    source = TraceSource(
        trace,
        pop=np.where(own >= 0, own, pops[0] if len(pops) else -1).astype(np.int64),
        start_ns=scenario.start_ns,
        queue_s=scenario.emulation.queue_s,
    )
    for event in _planned_events(scenario.emulation):
        source.check(event)
    return source


def _started(
    scenario: Scenario,
    plan: PlanSource,
    slots: SlotSource,
    *,
    built: _Built,
    pace: Pace,
    settings: LineSettings,
    stack: ExitStack,
) -> LiveNetwork:
    """Planning, dishes and their doors, running."""
    world = plan.scenario.world
    names = Names(terminals=plan.names, satellites=world.satellites.ids, sites=world.sites.ids)
    player = Player(slots, pace)
    dishes = dict(zip(plan.names, dishes_of(plan.scenario, plan.names, time_ns=scenario.start_ns), strict=True))
    feeder = DishFeeder(
        *(plan.scenario, names, tuple(dishes.values())), player=player, pace=pace, backend=built.backend
    )
    doors = DishServer.start({built.hosts[name]: dish for name, dish in dishes.items()}, clock=pace.now_ns)
    stack.callback(doors.stop)
    stack.callback(player.stop)
    player.start(built.backend)
    stack.callback(feeder.stop)
    feeder.start()
    for event in scenario.emulation.events:
        if isinstance(event, DishEvent):
            feeder.order(event)
    return LiveNetwork(
        *(plan.scenario, names),
        hosts=built.hosts,
        backend=built.backend,
        source=slots,
        player=player,
        pace=pace,
        dishes=dishes,
        feeder=feeder,
        settings=settings,
    )


def _prepared(scenario: Scenario, *, sites: Sequence[str], seconds: float | None, wire: WireKind | None) -> Scenario:
    """The scenario with what the caller wants otherwise."""
    if seconds is not None and not 0.0 < seconds < 31_622_400.0:
        raise InputError(f"seconds: {seconds:g} should be above 0 and at most a year")
    longest_s = scenario.duration_s if seconds is None else max(seconds, scenario.duration_s)
    rules = rules_at(scenario, sites)
    return scenario.replace(duration_s=longest_s, emulation=rules if wire is None else replace(rules, wire=wire))


def _planned_events(rules: EmulationRules) -> tuple[LiveEvent, ...]:
    """Events of the scenario but for those of dishes."""
    return tuple(event for event in rules.events if not isinstance(event, DishEvent))


def _check_count(names: tuple[str, ...]) -> None:
    """Refuse more terminals than a machine carries."""
    if len(names) > MOST_TERMINALS:
        raise InputError(
            f"{len(names):,} terminals are too many to run live; name {MOST_TERMINALS} at most, by --sites"
        )


def _places(plan: PlanSource, slots: SlotSource) -> tuple[TerminalPlace, ...]:
    """Each terminal and its PoP; one that has none is at the first PoP of the scenario, if there is any."""
    sites = plan.planner.scenario.world.sites
    pops = slots.slots[0].lines.pop.tolist()
    return tuple(
        TerminalPlace(name=name, pop=sites.ids[pop] if pop >= 0 else "pop")
        for name, pop in zip(plan.names, pops, strict=True)
    )


def _rows(slots: SlotSource, pace: Pace) -> LineRows:
    """What is known, on the machine's clock."""
    return slots_on_clock([slot.rows for slot in slots.slots], pace)
