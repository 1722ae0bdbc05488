"""What has happened so far: which satellites and gateways work, where it rains, and which service map counts.

Rules: events are told in emulated time and take effect on the lines at once and in the plan with the next slot, as a scheduler
learns of them; rain takes from the lines what the plan gave them. A state is a value; an event makes another of it. A satellite or gateway that is told by the terminal that it
serves is the one that serves it at that instant; its return means the same one, and of several the last that is still out.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import pi
from types import MappingProxyType
from typing import Final, TypeAlias

import numpy as np

from skycommons.base.arrays import Bools
from skycommons.base.constants import NS_PER_S
from skycommons.base.errors import InputError
from skycommons.emulation.line_model import DarkSpan
from skycommons.model.emulation_rules import (
    DishReboots,
    DishStows,
    DishUnstows,
    EmulationEvent,
    GatewayFails,
    GatewayReturns,
    RainFalls,
    SatelliteFails,
    SatelliteReturns,
    ServiceChanges,
)
from skycommons.model.rules import Shower, Showers
from skycommons.model.scenario import Scenario
from skycommons.model.service_map import ServiceMap
from skycommons.model.service_rules import ServiceRules
from skycommons.model.service_timeline import ServiceLayer, ServiceTimeline
from skycommons.model.world import SiteKind
from skycommons.plan.lines import SlotLines

NOTHING: Final = -1
_NOBODY_OBEYS: Final = "nobody schedules in this scenario; add [schedule] so that a service map is obeyed"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MapApplies:
    """A service map is obeyed from an instant on.

    Attributes:
        at_s: When, from the first instant of the scenario.
        timeline: The map; whoever makes this event has verified it (`skycommons.studies.enforcement.enforce`).
    """

    at_s: float = 0.0
    timeline: ServiceTimeline


LiveEvent: TypeAlias = EmulationEvent | MapApplies


@dataclass(frozen=True, slots=True, kw_only=True)
class WorldState:
    """What the plan of a slot is made for.

    Attributes:
        satellites: Rows of those that have failed.
        gateways: Site rows of those that have failed.
        showers: Besides the scenario's weather.
        decided: What changed the scenario's rules of service, in the order of time; it stays as long as nothing overrules it.
        served_by: Which rows failures meant that named a terminal and are not over, by kind and name.
    """

    satellites: frozenset[int] = frozenset()
    gateways: frozenset[int] = frozenset()
    showers: tuple[Shower, ...] = ()
    decided: tuple[ServiceChanges | MapApplies, ...] = ()
    served_by: Mapping[tuple[str, str], tuple[int, ...]] = field(default_factory=lambda: MappingProxyType({}))

    def failed(self, count: int) -> Bools:
        """``(S,)`` which of so many satellites have failed."""
        failed = np.zeros(count, dtype=np.bool_)
        failed[sorted(self.satellites)] = True
        return failed

    def scenario(self, scenario: Scenario) -> Scenario:
        """The scenario as it is now, failed satellites aside, which are told slot by slot.

        A gateway that has failed keeps its row and can point nowhere.
        """
        sites = scenario.world.sites
        view_rad = sites.field_of_view_rad.copy()
        view_rad[sorted(self.gateways)] = 0.0
        tilt_rad = sites.tilt_rad.copy()
        tilt_rad[sorted(self.gateways)] = pi / 2.0
        world = replace(scenario.world, sites=replace(sites, field_of_view_rad=view_rad, tilt_rad=tilt_rad))
        radio = scenario.radio
        if self.showers:
            radio = replace(radio, weather=Showers(base=radio.weather, showers=self.showers))
        return scenario.replace(world=world, radio=radio, service=self._service(scenario))

    def _service(self, scenario: Scenario) -> ServiceRules | None:
        """The rules of service, with what changed them."""
        if scenario.service is None:
            return None
        service = scenario.service
        for event in self.decided:
            service = _told(service, event, scenario)
        return service


def happened(
    state: WorldState, event: LiveEvent, *, scenario: Scenario, lines: SlotLines, names: tuple[str, ...]
) -> tuple[WorldState, tuple[DarkSpan, ...]]:
    """The state after an event, and which lines are cut for the rest of the slot.

    Args:
        state: Before it.
        event: What happens, in the slot of the lines.
        scenario: Of the run.
        lines: What the ``U`` terminals have in the slot.
        names: ``U`` names.
    Raises:
        InputError: The event names something that is not there.
    """
    at_ns = instant_of(event, scenario.start_ns)
    satellites = scenario.world.satellites
    match event:
        case SatelliteFails():
            row = (
                satellites.row(event.satellite)
                if event.satellite
                else _serving(lines, names.index(event.serving), at_ns)
            )
            known = _failing(state, "satellite", event.serving, row)
            after = replace(known, satellites=state.satellites | ({row} - {NOTHING}))
            return after, _cut(_from_when_ns(lines, row, at_ns), lines.end_ns, "its satellite failed")
        case SatelliteReturns():
            known, row = _returning(state, "satellite", event.serving)
            row = row if event.serving else satellites.row(event.satellite)
            return replace(known, satellites=state.satellites - {row}), ()
        case GatewayFails():
            row = int(lines.gateway[names.index(event.serving)]) if event.serving else scenario.site(event.gateway)
            known = _failing(state, "gateway", event.serving, row)
            after = replace(known, gateways=state.gateways | ({row} - {NOTHING}))
            hit = np.flatnonzero(lines.gateway == row).tolist() if row >= 0 else []
            return after, _cut(dict.fromkeys(hit, at_ns), lines.end_ns, "its gateway failed")
        case GatewayReturns():
            known, row = _returning(state, "gateway", event.serving)
            row = row if event.serving else scenario.site(event.gateway)
            return replace(known, gateways=state.gateways - {row}), ()
        case RainFalls():
            return replace(state, showers=(*state.showers, shower_of(event, scenario.start_ns))), ()
        case ServiceChanges() | MapApplies():
            return replace(state, decided=_decided(state.decided, event, scenario)), ()
        case DishStows() | DishUnstows() | DishReboots():
            return state, ()


def instant_of(event: LiveEvent, start_ns: int) -> int:
    """When an event of a run that starts then happens, UTC unix ns."""
    return start_ns + round(event.at_s * NS_PER_S)


def shower_of(event: RainFalls, start_ns: int) -> Shower:
    """The shower of an event of a run that starts then."""
    begin_ns = instant_of(event, start_ns)
    return Shower(
        latitude_rad=event.latitude_rad,
        longitude_rad=event.longitude_rad,
        radius_m=event.radius_m,
        rain_rate_mm_h=event.rate_mm_h,
        begin_ns=begin_ns,
        end_ns=begin_ns + round(event.duration_s * NS_PER_S),
    )


def check_event(event: LiveEvent, *, scenario: Scenario, names: tuple[str, ...]) -> None:
    """Refuse an event that names something that is not there.

    Args:
        event: That shall happen.
        scenario: Of the run.
        names: Of its terminals.
    Raises:
        InputError: It names no satellite, gateway, terminal or territory of the scenario, or nobody obeys a service map.
    """
    match event:
        case (
            SatelliteFails(satellite=satellite, serving=serving)
            | SatelliteReturns(satellite=satellite, serving=serving)
        ):
            _check_either(satellite, serving, names)
            if satellite:
                scenario.world.satellites.row(satellite)
        case GatewayFails(gateway=gateway, serving=serving) | GatewayReturns(gateway=gateway, serving=serving):
            _check_either(gateway, serving, names)
            if gateway and scenario.world.sites.kind[scenario.site(gateway)] != SiteKind.GATEWAY:
                raise InputError(f"{gateway!r} is no gateway")
        case DishStows(terminal=terminal) | DishUnstows(terminal=terminal) | DishReboots(terminal=terminal):
            _check_terminal(terminal, names)
        case ServiceChanges() | MapApplies():
            if isinstance(event, ServiceChanges):
                scenario.territory(event.territory)
            if scenario.service is None:
                raise InputError(_NOBODY_OBEYS)
        case RainFalls():
            pass


def _check_either(name: str, serving: str, names: tuple[str, ...]) -> None:
    """One of the two has to be said."""
    if bool(name) == bool(serving):
        raise InputError("an event of a satellite or gateway names it, or the terminal that it serves: one of the two")
    if serving:
        _check_terminal(serving, names)


def _check_terminal(name: str, names: tuple[str, ...]) -> None:
    """It has to be one of the run."""
    if name not in names:
        raise InputError(f"{name!r} is no terminal of this run; there are {', '.join(names)}")


def _failing(state: WorldState, kind: str, serving: str, row: int) -> WorldState:
    """The state with what a failure meant that named a terminal."""
    if not serving:
        return state
    rows = (*state.served_by.get((kind, serving), ()), row)
    return replace(state, served_by=MappingProxyType({**state.served_by, (kind, serving): rows}))


def _returning(state: WorldState, kind: str, serving: str) -> tuple[WorldState, int]:
    """Which row failed last as a terminal's, -1 for none; and the state without the memory of it."""
    rows = state.served_by.get((kind, serving), ())
    if not rows:
        return state, NOTHING
    return replace(state, served_by=MappingProxyType({**state.served_by, (kind, serving): rows[:-1]})), rows[-1]


def _step(lines: SlotLines, at_ns: int) -> int:
    """Row of the last instant of a slot that is not after an instant within it."""
    return int(np.searchsorted(lines.time_ns, at_ns, side="right")) - 1


def _serving(lines: SlotLines, terminal: int, at_ns: int) -> int:
    """The satellite that serves a terminal at an instant of the slot; -1 for none."""
    way = lines.way[_step(lines, at_ns), terminal]
    return int(way[0]) if len(way) else NOTHING


def _from_when_ns(lines: SlotLines, satellite: int, at_ns: int) -> dict[int, int]:
    """From when on terminals need a satellite within the slot, at an instant of it or after, by their rows."""
    if satellite < 0:
        return {}
    first = _step(lines, at_ns)
    needs = (lines.way[first:-1] == satellite).any(axis=2)
    return {
        row: max(at_ns, int(lines.time_ns[first + needs[:, row].argmax()]))
        for row in np.flatnonzero(needs.any(axis=0)).tolist()
    }


def _cut(begin_ns: Mapping[int, int], end_ns: int, why: str) -> tuple[DarkSpan, ...]:
    """Spans of the terminals that are hit, by their rows."""
    return tuple(DarkSpan(terminal=row, begin_ns=at_ns, end_ns=end_ns, why=why) for row, at_ns in begin_ns.items())


def _decided(
    before: tuple[ServiceChanges | MapApplies, ...], event: ServiceChanges | MapApplies, scenario: Scenario
) -> tuple[ServiceChanges | MapApplies, ...]:
    """What changed the rules of service, without what the event overrules."""
    if scenario.service is None:
        raise InputError(_NOBODY_OBEYS)
    if isinstance(event, MapApplies):
        return (event,)
    kept = (one for one in before if isinstance(one, MapApplies) or one.territory != event.territory)
    return (*kept, event)


def _told(service: ServiceRules, event: ServiceChanges | MapApplies, scenario: Scenario) -> ServiceRules:
    """The rules of service after an event."""
    if isinstance(event, MapApplies):
        base: ServiceMap = event.timeline.base
        return replace(service, service_map=base, layers=event.timeline.layers)
    cells = scenario.territory(event.territory).cells
    layer = ServiceLayer(decision=f"tried out at {event.at_s:g} s", cells=cells, state=event.state)
    return replace(service, layers=(*service.layers, layer))
