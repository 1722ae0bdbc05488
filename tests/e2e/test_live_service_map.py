"""A service map that a commons signed is obeyed by a network that runs: real packets stop, the dish says why, and service comes back.

Time runs five times as fast as the clock.
"""

import sys
import time

import pytest

from skycommons.emulation.live_network import LiveNetwork, emulate
from skycommons.emulation.live_state import TerminalNow
from skycommons.emulation.world_state import MapApplies
from skycommons.plan.requests import Unserved
from skycommons.studies.enforcement import enforce
from tests.support.live_world import live_scenario
from tests.support.programs import needed
from tests.support.signed_maps import AREA, commons_of_light, emergency, time_section

SPEED = 5.0
LASTS_S = 90
PATIENCE_S = 60.0
ASK = "import starlink_grpc as dish; status = dish.get_status(); print(status.disablement_code, status.outage.cause)"
CELL_IS_DISABLED, NO_PINGS = 8, 8


def zurich(net: LiveNetwork) -> TerminalNow:
    """How the terminal in the area stands."""
    return next(state for state in net.states() if state.name == "zurich")


def await_zurich(net: LiveNetwork, *, is_up: bool) -> TerminalNow:
    """Wait for it to come or go."""
    until_s = time.monotonic() + PATIENCE_S
    while zurich(net).is_up != is_up:
        if time.monotonic() > until_s:
            pytest.fail(f"it still stands {zurich(net)}")
        net.wait(0.5)
    return zurich(net)


@pytest.mark.usefixtures("needs_namespaces")
def test_an_emergency_that_two_persons_decided_darkens_a_running_terminal_and_ends_by_itself() -> None:
    """Nobody has to switch the service on again."""
    needed("ping")
    commons = commons_of_light()
    digest = emergency(commons, AREA, lasts_s=LASTS_S)
    found = enforce(commons.bundle().encode(), commons.trust.encode(), now_s=commons.now_s)
    assert [layer.decision for layer in found.timeline.layers] == [digest]
    ends_ns = found.timeline.layers[0].ends_ns
    with emulate(live_scenario(time=time_section(commons.now_s - 15, duration_s=600)), speed=SPEED) as net:
        here = net["zurich"]
        ping = ["ping", "-n", "-c", "3", "-i", "0.2", "-W", "1", net["internet"].ipv4]
        assert here.run(ping).returncode == 0
        while (
            zurich(net).slot_end_ns - net.clock() < 12e9
        ):  # told as one slot ends, it may be taken in as the next has begun
            net.wait(0.5)
        told_ns = net.clock()
        net.now(MapApplies(timeline=found.timeline))
        dark = await_zurich(net, is_up=False)
        assert dark.reason is Unserved.SUSPENDED
        assert dark.slot_begin_ns - told_ns <= 15e9
        assert here.run(ping).returncode == 1
        told = here.run([sys.executable, "-c", ASK], timeout_s=60).stdout.split()
        assert [int(word) for word in told] == [CELL_IS_DISABLED, NO_PINGS]
        back = await_zurich(net, is_up=True)
        assert back.slot_begin_ns >= ends_ns
        assert here.run(ping).returncode == 0
