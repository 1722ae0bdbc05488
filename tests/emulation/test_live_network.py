"""A live network carries real packets as planned, and what happens to it happens to them.

Time runs five times as fast as the clock, so that a slot lasts three seconds.
"""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from skycommons.base.errors import HostError, InputError
from skycommons.emulation import live_network, netem_support
from skycommons.emulation.dish_codes import Disablement, OutageCause
from skycommons.emulation.hosts import Hosts
from skycommons.emulation.layout import Wiring
from skycommons.emulation.line_rows import LineRows, LineSettings
from skycommons.emulation.live_network import LiveNetwork, emulate
from skycommons.emulation.live_state import TerminalNow
from skycommons.emulation.netem_backend import NetemBackend
from skycommons.emulation.netem_support import NetemSupport
from skycommons.emulation.trace import Trace, TraceSide
from skycommons.emulation.wire_excess import EXCHANGES, MOST_NS
from skycommons.model.emulation_rules import (
    DishReboots,
    DishStows,
    DishUnstows,
    RainFalls,
    SatelliteFails,
    SatelliteReturns,
    ServiceChanges,
    WireKind,
)
from skycommons.model.service_map import CellState
from skycommons.plan.requests import Unserved
from tests.support.live_world import live_scenario
from tests.support.live_worlds import ListeningBackend
from tests.support.programs import needed

SPEED = 5.0
SLOT_S = 15.0
PATIENCE_S = 30.0  # of the clock, on a machine that does other things


@pytest.fixture(scope="module")
def shared(needs_namespaces: None) -> Iterator[LiveNetwork]:
    """A network that runs, for tests that leave it as they found it."""
    with emulate(live_scenario(), speed=SPEED) as network:
        yield network


@pytest.fixture
def net(shared: LiveNetwork) -> LiveNetwork:
    """The same, with both terminals served."""
    for name in ("zurich", "east"):
        await_state(shared, lambda state: state.is_up, name)
    return shared


@pytest.fixture
def own_net(needs_namespaces: None) -> Iterator[LiveNetwork]:
    """A network that runs, of a test's own."""
    with emulate(live_scenario(), speed=SPEED) as network:
        yield network


def state_of(net: LiveNetwork, name: str = "zurich") -> TerminalNow:
    """How a terminal stands."""
    return next(state for state in net.states() if state.name == name)


def await_state(net: LiveNetwork, wanted: Callable[[TerminalNow], bool], name: str = "zurich") -> TerminalNow:
    """Wait for a terminal to stand as wanted."""
    until_s = time.monotonic() + PATIENCE_S
    while time.monotonic() < until_s:
        state = state_of(net, name)
        if wanted(state):
            return state
        net.wait(0.2)
    pytest.fail(f"{name} never came to stand so; it stands {state_of(net, name)}")


def await_begin(net: LiveNetwork) -> None:
    """Wait until a slot has just begun."""
    await_state(net, lambda state: (state.slot_end_ns - net.clock()) / 1e9 > 0.8 * SLOT_S)


def rtts_ms(net: LiveNetwork, count: int = 5, name: str = "zurich") -> list[float]:
    """Round trips of pings that came back."""
    needed("ping")
    text = net[name].run(["ping", "-n", "-c", str(count), "-i", "0.1", "-W", "1", net["internet"].ipv4]).stdout
    return [float(line.split("time=")[1].split()[0]) for line in text.splitlines() if "time=" in line]


def test_pings_take_what_the_plan_says(net: LiveNetwork) -> None:
    """The quickest of some is at most a few milliseconds over the light's way, and none is below it."""
    before_s = state_of(net).rtt_s
    found = rtts_ms(net, 10)
    planned = sorted(1e3 * rtt_s for rtt_s in (before_s, state_of(net).rtt_s))  # a slot may end meanwhile
    assert len(found) == 10
    taken_off_ms = 2e3 * net.report().excess_s  # measured when the machine may have been busier
    assert min(found) > planned[0] - 0.2 - taken_off_ms  # the way changes a little while they fly
    assert min(found) < planned[1] + 5.0
    assert net.report().counters.delivered_packets[:2].min() >= 10


@pytest.mark.usefixtures("needs_namespaces")
def test_what_was_sent_before_the_begin_is_not_counted() -> None:
    """The machine's own part of delays was measured by some hundred packets."""
    with emulate(live_scenario(), sites=("zurich",)) as own:
        report = own.report()
    assert 0.0 < report.excess_s <= 1e-9 * MOST_NS
    assert report.counters.delivered_packets.sum() < EXCHANGES


def test_a_terminal_whose_territory_is_suspended_goes_dark_within_one_step_and_comes_back(net: LiveNetwork) -> None:
    """Its dish says why; the other terminal is served on."""
    await_begin(net)  # told as one slot ends, it may be taken in as the next one has begun
    told_ns = net.clock()
    net.now(ServiceChanges(territory="around zurich", state=CellState.SUSPENDED))
    dark = await_state(net, lambda state: not state.is_up)
    assert dark.reason is Unserved.SUSPENDED
    assert dark.slot_begin_ns - told_ns <= SLOT_S * 1e9
    assert rtts_ms(net, 3) == []
    assert len(rtts_ms(net, 3, "east")) == 3
    net.wait(2.0 * SPEED)
    view = net.dishes["zurich"].view(net.clock())
    assert view.reading.disablement is Disablement.CELL_IS_DISABLED
    assert view.outage is not None
    assert view.outage.cause is OutageCause.NO_PINGS
    assert net.dishes["east"].view(net.clock()).reading.disablement is Disablement.OKAY
    net.now(ServiceChanges(territory="around zurich", state=CellState.ACTIVE))
    await_state(net, lambda state: state.is_up)
    assert len(rtts_ms(net, 3)) == 3


def test_a_satellite_fails_and_another_one_serves_in_the_next_slot(net: LiveNetwork) -> None:
    """Until then the terminal is dark."""
    await_begin(net)
    before = state_of(net)
    net.now(SatelliteFails(serving="zurich"))
    dark = await_state(net, lambda state: not state.is_up)
    assert "failed" in dark.why
    assert dark.slot_begin_ns == before.slot_begin_ns
    after = await_state(net, lambda state: state.is_up)
    assert after.satellite not in {"", before.satellite}
    assert after.slot_begin_ns > before.slot_begin_ns
    net.now(SatelliteReturns(serving="zurich"))


def test_a_dish_that_is_stowed_through_its_own_interface_cuts_its_line(net: LiveNetwork) -> None:
    """A program on the terminal's host tells it, at the address that real dishes have."""
    script = "import starlink_grpc as dish; dish.set_stow_state({unstow}); print(dish.get_status().outage.cause)"
    here = net["zurich"]
    assert here.run([sys.executable, "-c", script.format(unstow=False)], timeout_s=60).returncode == 0
    await_state(net, lambda state: not state.is_up)
    assert rtts_ms(net, 2) == []
    assert here.run([sys.executable, "-c", script.format(unstow=True)], timeout_s=60).returncode == 0
    await_state(net, lambda state: state.is_up)
    assert len(rtts_ms(net, 3)) == 3


def test_dishes_do_what_the_run_tells_them(own_net: LiveNetwork) -> None:
    """Stow, get up and boot, at their instants."""
    own_net.now(DishStows(terminal="east"))
    await_state(own_net, lambda state: not state.is_up, "east")
    own_net.now(DishUnstows(terminal="east"))
    await_state(own_net, lambda state: state.is_up, "east")
    own_net.now(DishReboots(terminal="east"))
    await_state(own_net, lambda state: not state.is_up, "east")
    assert own_net.dishes["east"].view(own_net.clock()).boot_count == 2
    assert state_of(own_net).is_up


def test_rain_that_was_not_foreseen_takes_from_the_signal(own_net: LiveNetwork) -> None:
    """In the very slot in which it begins, by its plan."""
    dry = state_of(own_net)
    sites, row = own_net.scenario.world.sites, own_net.scenario.site("zurich")
    shower = RainFalls(
        duration_s=300.0,
        latitude_rad=float(sites.latitude_rad[row]),
        longitude_rad=float(sites.longitude_rad[row]),
        radius_m=2e4,
        rate_mm_h=60.0,
    )
    own_net.at(-100.0, shower)  # what is over begins now
    wet = await_state(own_net, lambda state: state.fade_db > dry.fade_db + 3.0 or not state.is_up)
    assert wet.time_ns > dry.time_ns


def test_what_makes_no_sense_is_refused_and_the_network_goes_on(net: LiveNetwork) -> None:
    """Each with a message; nothing stops."""
    with pytest.raises(InputError, match="no terminal"):
        net.now(SatelliteFails(serving="nobody"))
    with pytest.raises(InputError, match="no terminal"):
        net.now(DishStows(terminal="nobody"))
    with pytest.raises(InputError, match="no host"):
        net["nobody"]
    net.wait(0.5)
    assert len(rtts_ms(net, 2)) == 2


@pytest.mark.usefixtures("needs_namespaces")
def test_a_wire_that_is_killed_stops_the_network() -> None:
    """Whoever waits hears of it within a second or two, not when the next slot is told."""
    others = wires()
    with emulate(live_scenario(), speed=SPEED) as net:
        (wire,) = wires() - others
        os.kill(wire, signal.SIGKILL)
        with pytest.raises(HostError, match="the wire"):
            net.wait(PATIENCE_S * SPEED)


def wires() -> set[int]:
    """Processes of wires that this one started."""
    tasks = Path("/proc/self/task").iterdir()
    pids = [pid for task in tasks for pid in (task / "children").read_text(encoding="ascii").split()]
    return {
        int(pid) for pid in pids if b"skycommons.emulation.wire_process" in Path("/proc", pid, "cmdline").read_bytes()
    }


@pytest.mark.usefixtures("needs_namespaces")
def test_a_trace_is_played_in_place_of_the_plan() -> None:
    """Delays are the trace's, again and again; nothing else can happen."""
    rows = 10
    side = TraceSide.filled(rows, delay_s=np.where(np.arange(rows) < rows // 2, 0.02, 0.05), rate_bps=50e6)
    trace = Trace(
        at_ns=np.arange(rows) * 100_000_000, length_ns=rows * 100_000_000, up=side, down=side, source="two delays"
    )
    with emulate(live_scenario(), trace=trace, sites=("zurich",)) as net:
        assert state_of(net).satellite == ""
        found = rtts_ms(net, 20)
        assert min(found) == pytest.approx(40.0, abs=6.0)
        assert max(found) > 65.0  # one way out at least in the slower half
        with pytest.raises(InputError, match="a trace is played"):
            net.now(SatelliteFails(serving="zurich"))


@pytest.mark.usefixtures("needs_namespaces")
def test_what_would_happen_to_terminals_that_take_no_part_does_not() -> None:
    """A part of a scenario runs though its events speak of the rest; who is nobody's terminal is told."""
    scenario = live_scenario()
    events = (SatelliteFails(at_s=5.0, serving="east"), SatelliteFails(at_s=900.0, serving="zurich"))
    scenario = scenario.replace(emulation=replace(scenario.emulation, events=events))
    with emulate(scenario, sites=("zurich",)) as net:
        assert net.states()[0].name == "zurich"
    with pytest.raises(InputError, match="north"), emulate(scenario, sites=("north",)):
        pass


def test_a_kernel_without_netem_is_refused_before_anything_is_planned(monkeypatch: pytest.MonkeyPatch) -> None:
    """With what to do."""
    nothing = NetemSupport(netem=False, tbf=True, icmp=False, codel=False)
    monkeypatch.setattr(netem_support, "check_support", lambda: nothing)
    said: list[str] = []
    with (
        pytest.raises(HostError, match=r"no netem: .*modprobe -a sch_netem.*wire = .tun"),
        emulate(live_scenario(), wire=WireKind.NETEM, said=said.append),
    ):
        pass
    assert said == []


@dataclass(slots=True)
class KernelThatListens(ListeningBackend):
    """In place of netem, which not every kernel has."""

    notes: tuple[str, ...] = ("something is otherwise",)


@pytest.mark.usefixtures("needs_namespaces")
def test_netem_has_lines_of_virtual_ethernet(monkeypatch: pytest.MonkeyPatch) -> None:
    """And what it does otherwise is among the notes of the hosts."""
    started: list[tuple[Hosts, LineSettings, LineRows]] = []

    def start(*given: Any) -> KernelThatListens:
        started.append(given)
        return KernelThatListens()

    monkeypatch.setattr(live_network, "needed_netem", lambda _: None)
    monkeypatch.setattr(NetemBackend, "start", start)
    with emulate(live_scenario(), wire=WireKind.NETEM, sites=("zurich",)) as net:
        ((hosts, _, rows),) = started
        assert hosts is net.hosts
        assert hosts.layout.wiring is Wiring.VETH
        assert "something is otherwise" in hosts.notes
        assert len(rows) == 2
        shown = net["zurich"].run(["ip", "-d", "link", "show", "sky0"]).stdout
        assert "veth" in shown


@pytest.mark.parametrize("seconds", [0.0, -1.0, float("nan")])
def test_a_length_that_makes_no_sense_is_refused(seconds: float) -> None:
    """Before anything is built."""
    with pytest.raises(InputError, match="seconds"), emulate(live_scenario(), seconds=seconds):
        pass
