"""Dishes and lines are kept true to each other, second by second."""

import threading
from dataclasses import replace

import numpy as np
import pytest

from skycommons.base.constants import NS_PER_S
from skycommons.base.errors import HostError
from skycommons.emulation import dish_feeder
from skycommons.emulation.dish_codes import OutageCause
from skycommons.emulation.dish_feeder import DishFeeder
from skycommons.emulation.dish_pings import PINGS_A_SECOND
from skycommons.emulation.dish_readings import dishes_of
from skycommons.emulation.dish_state import Dish
from skycommons.emulation.line_rows import LineState
from skycommons.emulation.live_state import Names
from skycommons.emulation.loss_model import MEASURED_LOSSES
from skycommons.emulation.player import Player
from skycommons.model.emulation_rules import DishReboots, DishStows, DishUnstows
from skycommons.model.scenario import Scenario
from tests.support.live_sections import TERMINALS
from tests.support.live_worlds import SLOT_NS, Clock, ListeningBackend, SlotsByHand, live_slot, plain_model, slot_lines
from tests.support.tiny_world import tiny_scenario

LONG_S = 20.0


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    """Two terminals; its time begins with 1970's."""
    return tiny_scenario(terminals=TERMINALS).replace(start_ns=0)


class Feed:
    """A feeder with two dishes, whose ticks are made by the test itself."""

    def __init__(self, scenario: Scenario, source: SlotsByHand | None = None) -> None:
        self.clock = Clock()
        self.backend = ListeningBackend(lines=4, delivered_bytes=np.zeros(4, dtype=np.int64))
        self.player = Player(SlotsByHand(known=3, terminals=2) if source is None else source, self.clock.pace())
        self.player._backend = self.backend
        names = Names(
            terminals=("zurich", "geneva"), satellites=scenario.world.satellites.ids, sites=scenario.world.sites.ids
        )
        self.dishes: tuple[Dish, ...] = dishes_of(scenario, names.terminals, time_ns=0)
        self.feeder = DishFeeder(
            *(scenario, names, self.dishes), player=self.player, pace=self.clock.pace(), backend=self.backend
        )

    def at(self, seconds: float, *, tells: bool = True) -> None:
        """Set the clock, and tick."""
        self.clock.mono_ns = round(seconds * NS_PER_S)
        self.feeder.tick(tells=tells)

    def state(self, line: int, seconds: float) -> LineState:
        """What a line does at an instant, as the backend was told."""
        rows = self.backend.told[-1]
        return LineState(rows.state[rows.row_at(line, round(seconds * NS_PER_S))])


def test_dishes_are_told_how_they_stand(scenario: Scenario) -> None:
    """With what the wire carried since they were told last."""
    feed = Feed(scenario)
    feed.at(0.1)
    feed.backend.delivered_bytes = np.array([1_000, 2_000, 3_000, 0])
    feed.at(2.1)
    zurich, geneva = (dish.view(2 * NS_PER_S).reading for dish in feed.dishes)
    assert (zurich.up_bps, zurich.down_bps) == (4_000.0, 8_000.0)
    assert (geneva.up_bps, geneva.down_bps) == (12_000.0, 0.0)
    assert zurich.outage is None
    assert zurich.ping_latency_s == pytest.approx(0.002)
    assert zurich.satellite == 3
    assert zurich.cell
    assert zurich.cell != geneva.cell
    feed.at(16.0)
    assert feed.dishes[0].view(16 * NS_PER_S).reading.ping_latency_s == pytest.approx(0.004)


def test_a_tick_that_does_not_tell_leaves_dishes_alone(scenario: Scenario) -> None:
    """They are asked all the same."""
    feed = Feed(scenario)
    feed.at(0.1, tells=False)
    assert feed.dishes[0].view(NS_PER_S).reading.outage is OutageCause.NO_SCHEDULE


def test_a_stowed_dish_cuts_its_lines_until_it_gets_up(scenario: Scenario) -> None:
    """Told by an event or by its own interface; the other one's stay."""
    feed = Feed(scenario)
    feed.feeder.order(DishUnstows(at_s=4.0, terminal="geneva"))
    feed.feeder.order(DishStows(at_s=2.0, terminal="geneva"))
    feed.at(1.9)
    assert feed.backend.told == []
    feed.at(2.1)
    assert [feed.state(line, 2.2) for line in range(4)] == [LineState.UP, LineState.UP, LineState.DROP, LineState.DROP]
    assert feed.player.dark[0].why == "its dish is down"
    feed.at(3.1)
    view = feed.dishes[1].view(round(3.1 * NS_PER_S))
    assert view.own is OutageCause.STOWED
    assert view.reading.ping_drop_rate == 1.0
    assert len(feed.backend.told) == 1
    feed.at(4.1)
    assert [feed.state(2, seconds) for seconds in (4.0, 4.2)] == [LineState.DROP, LineState.UP]
    feed.dishes[0].stow(5 * NS_PER_S)
    feed.at(5.1)
    assert feed.state(0, 5.2) is LineState.DROP


def test_orders_of_one_tick_are_obeyed_in_their_order(scenario: Scenario) -> None:
    """However they were given."""
    feed = Feed(scenario)
    feed.feeder.order(DishUnstows(at_s=2.0, terminal="zurich"))
    feed.feeder.order(DishStows(at_s=1.0, terminal="zurich"))
    feed.at(3.0)
    assert not feed.dishes[0].is_down(3 * NS_PER_S)


def test_a_dish_that_boots_is_dark_for_as_long(scenario: Scenario) -> None:
    """And comes back by itself."""
    feed = Feed(scenario)
    boot_s = feed.dishes[0].facts.boot_s
    feed.feeder.order(DishReboots(at_s=1.0, terminal="zurich"))
    feed.at(1.0)
    assert feed.state(0, 1.5) is LineState.DROP
    feed.at(0.5 + boot_s)
    assert feed.state(0, 0.6 + boot_s) is LineState.DROP
    feed.at(1.1 + boot_s)
    assert feed.state(0, 1.2 + boot_s) is LineState.UP
    assert feed.dishes[0].view(feed.clock.mono_ns).boot_count == 2


def test_pings_of_the_last_second_reach_back_over_the_boundary(scenario: Scenario) -> None:
    """Half of it lay in the slot before, which lost nothing; the gap at the begin of this one lost the rest."""
    source = SlotsByHand(known=1, terminals=2)
    gaps = plain_model(losses=replace(MEASURED_LOSSES, gap_share=1.0, laser_up_share=0.0))
    source.made.append(live_slot(slot_lines(SLOT_NS, terminals=2, laser_hops=1), model=gaps))
    feed = Feed(scenario, source)
    for seconds, lost in ((15.25, 4), (15.5, 8), (16.25, 4), (16.75, 0)):
        feed.at(seconds)
        reading = feed.dishes[0].view(feed.clock.mono_ns).reading
        assert reading.ping_drop_rate == pytest.approx(lost / PINGS_A_SECOND), seconds


def test_the_thread_ticks_until_it_is_told_to_stop(scenario: Scenario, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second stop does nothing, nor does one of what never ran."""
    monkeypatch.setattr(dish_feeder, "TICK_S", 1e-3)
    feed = Feed(scenario)
    feed.clock.mono_ns = NS_PER_S
    feed.feeder.start()
    for _ in range(2_000):
        if feed.dishes[1].view(NS_PER_S).reading.outage is None:
            break
        threading.Event().wait(0.005)
    feed.feeder.stop()
    feed.feeder.stop()
    assert feed.dishes[1].view(NS_PER_S).reading.outage is None
    assert not feed.feeder._thread.is_alive()
    feed.player.check()
    Feed(scenario).feeder.stop()


@pytest.mark.parametrize("failure", [HostError("the wire is gone"), ZeroDivisionError("oh")])
def test_what_fails_is_told_to_whoever_asks(
    scenario: Scenario, monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    """By the player; nothing is printed from a thread."""
    monkeypatch.setattr(dish_feeder, "TICK_S", 1e-3)
    feed = Feed(scenario)

    def fails(self: DishFeeder, *, tells: bool) -> None:
        raise failure

    monkeypatch.setattr(DishFeeder, "tick", fails)
    feed.feeder.start()
    feed.feeder._thread.join(LONG_S)
    assert not feed.feeder._thread.is_alive()
    with pytest.raises(HostError, match=r"wire is gone|feeding the dishes failed: ZeroDivisionError: oh"):
        feed.player.check()
    feed.feeder.stop()
