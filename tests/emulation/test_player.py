"""Slots are planned ahead and told to the lines; who is late is counted, and what fails is told to who asks."""

import math
import threading
from collections.abc import Iterator

import pytest

from skycommons.base.constants import NS_PER_S
from skycommons.base.errors import HostError, PlanError
from skycommons.emulation import player as playing
from skycommons.emulation.line_rows import LineRows, LineState
from skycommons.emulation.plan_source import LiveSlot, PlanSource
from skycommons.emulation.player import Player
from skycommons.emulation.world_state import LiveEvent
from skycommons.model.emulation_rules import SatelliteFails
from tests.support.live_worlds import ON_TIME, SLOT_NS, Clock, ListeningBackend, SlotsByHand, plain_model
from tests.support.tiny_world import DENSE, tiny_scenario

LONG_S = 20.0
EVENT = SatelliteFails(at_s=4.0, serving="hut")


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thread that has nothing to do looks again at once."""
    monkeypatch.setattr(playing, "_IDLE_S", 1e-3)


class Play:
    """A player, its clock, its source and its backend; steps are made by the test itself."""

    def __init__(self, source: SlotsByHand | None = None, *, speed: float = 1.0) -> None:
        self.clock, self.backend = Clock(), ListeningBackend()
        self.source = SlotsByHand() if source is None else source
        self.player = Player(self.source, self.clock.pace(speed=speed))
        self.player._backend = self.backend

    def at(self, seconds: float) -> None:
        """Set the machine's clock, and do what is due."""
        self.clock.mono_ns = round(seconds * NS_PER_S)
        assert self.player._step()

    @property
    def told(self) -> LineRows:
        """What the backend was told last."""
        return self.backend.told[-1]


class SlowSlots(SlotsByHand):
    """A source that takes its time, by a clock."""

    def __init__(self, clock: Clock, *slow_s: float) -> None:
        super().__init__()
        self.clock, self.slow_s = clock, list(slow_s)

    def plan_next(self) -> LiveSlot:
        """One slot more, later."""
        if self.slow_s:
            self.clock.mono_ns += round(self.slow_s.pop(0) * NS_PER_S)
        return super().plan_next()


class StuckSlots(SlotsByHand):
    """A source that plans when it is let."""

    def __init__(self) -> None:
        super().__init__(known=1)
        self.begun, self.go = threading.Event(), threading.Event()

    def plan_next(self) -> LiveSlot:
        """One slot more, as soon as it may."""
        self.begun.set()
        assert self.go.wait(LONG_S)
        return super().plan_next()


class StuckInserts(SlotsByHand):
    """A source that lets things happen when it may."""

    def __init__(self) -> None:
        super().__init__(known=4)
        self.begun, self.go = threading.Event(), threading.Event()

    def insert(self, event: LiveEvent) -> None:
        """As soon as it may."""
        self.begun.set()
        assert self.go.wait(LONG_S)
        super().insert(event)


@pytest.fixture
def stuck() -> Iterator[StuckSlots]:
    """That is let go in the end."""
    source = StuckSlots()
    yield source
    source.go.set()


def taking_in(source: StuckInserts) -> tuple[Play, threading.Thread]:
    """A player whose thread takes an event in, and does not come to an end with that until it may."""
    play = Play(source)
    play.player.tell(EVENT)
    play.clock.mono_ns = NS_PER_S
    stepping = threading.Thread(target=play.player._step)
    stepping.start()
    assert source.begun.wait(LONG_S)
    return play, stepping


def starts_s(rows: LineRows) -> list[float]:
    """When rows of the first line begin, by the machine's clock."""
    found: list[float] = (rows.mono_ns[: rows.first[1]] / NS_PER_S).tolist()
    return found


def test_a_slot_is_planned_while_the_one_before_runs() -> None:
    """Two slots are known beyond now; nothing is done before that is needed."""
    play = Play()
    play.at(0.0)
    assert play.backend.told == []
    play.at(0.1)
    assert len(play.player.slots) == 3
    assert starts_s(play.told)[::3] == [0.0, 15.0, 30.0]
    play.at(14.0)
    assert len(play.backend.told) == 1
    report = play.player.report()
    assert (report.planned, report.late, report.behind_s) == (1, 0, 0.0)
    assert report.least_lead_s == pytest.approx(29.9)
    assert play.source.forgotten == [NS_PER_S // 10]


def test_time_may_go_faster() -> None:
    """Leads are seconds of the machine."""
    play = Play(speed=10.0)
    play.at(0.1)
    assert starts_s(play.told)[::3] == [0.0, 1.5, 3.0]
    assert play.player.report().least_lead_s == pytest.approx(2.9)


def test_without_any_slot_told_there_is_no_lead() -> None:
    """NaN, and nothing was late."""
    report = Play().player.report()
    assert math.isnan(report.least_lead_s)
    assert (report.planned, report.late, report.behind_s) == (0, 0, 0.0)


def test_a_slot_that_is_told_late_is_counted_with_how_late() -> None:
    """Until then the lines went on by the slot before."""
    play = Play()
    play.at(40.0)
    late = play.player.report()
    assert (late.planned, late.late, late.least_lead_s, late.behind_s) == (1, 1, -10.0, 10.0)
    play.at(41.0)
    play.at(42.0)
    report = play.player.report()
    assert (report.planned, report.late, report.least_lead_s, report.behind_s) == (3, 1, -10.0, 10.0)


def test_time_without_a_plan_is_counted_once() -> None:
    """A slot that takes longer than slots last makes the next one late as well; the time is that of the clock."""
    clock = Clock()
    play = Play(SlowSlots(clock, 40.0, 1.0))
    play.clock = clock
    play.player = Player(play.source, clock.pace())
    play.at(10.0)  # the third slot begins at 30 and is told at 50, the fourth begins at 45 and is told at 51
    assert play.player._step()
    report = play.player.report()
    assert (report.late, report.least_lead_s, report.behind_s) == (2, -20.0, 21.0)


def test_a_plan_that_does_not_come_is_counted_until_the_end_of_the_run() -> None:
    """What comes after the end is nobody's fault."""
    play = Play()
    play.clock.mono_ns = 2 * SLOT_NS + 7 * NS_PER_S
    assert play.player.report().behind_s == 7.0
    play.player.stop()
    play.clock.mono_ns += 100 * NS_PER_S
    play.player.stop()
    assert play.player.report().behind_s == 7.0


def test_rows_that_are_over_are_not_told_again() -> None:
    """Those of the last seconds are, for packets that still wait; who asks for the whole run gets it."""
    play = Play(SlotsByHand(known=4))
    play.at(21.0)
    assert play.backend.told == []
    play.at(31.0)
    assert starts_s(play.told)[0] == 15.0
    assert starts_s(play.player.rows())[0] == 0.0
    assert starts_s(play.player.rows(since_ns=999 * SLOT_NS))[0] == 60.0


def test_an_event_is_taken_in_at_once() -> None:
    """The lines are told, and what comes after it is planned anew."""
    play = Play(SlotsByHand(known=4))
    play.player.tell(EVENT)
    play.at(2.0)
    assert play.source.inserted == [EVENT]
    assert starts_s(play.backend.told[0])[::3] == [0.0]
    assert starts_s(play.told)[::3] == [0.0, 15.0]
    assert len(play.player.slots) == 2


def test_who_asks_while_an_event_is_taken_in_is_told_what_was_known() -> None:
    """What an event changes may have to be planned; nobody waits for that."""
    source = StuckInserts()
    play, stepping = taking_in(source)
    assert len(play.player.slots) == 4
    play.player.darken(0, begin_ns=NS_PER_S, why="its dish is down")
    assert len(play.backend.told) == 1
    source.go.set()
    stepping.join(LONG_S)
    assert source.inserted == [EVENT]
    assert len(play.player.slots) == 2
    assert len(play.player.dark) == 1


def test_a_player_that_is_stopped_tells_no_event_any_more() -> None:
    """Who carried the packets may be gone by then."""
    source = StuckInserts()
    play, stepping = taking_in(source)
    play.player.stop()
    source.go.set()
    stepping.join(LONG_S)
    assert play.backend.told == []
    assert len(play.player.slots) == 4


def test_an_event_that_comes_late_happens_when_it_is_taken_in() -> None:
    """What has been is not changed any more."""
    play = Play(SlotsByHand(known=4))
    play.player.tell(EVENT)
    play.at(17.0)
    assert [event.at_s for event in play.source.inserted] == [17.0]
    assert len(play.player.slots) == 3
    assert play.player.report().late == 0


def test_an_event_to_come_leaves_what_is_planned() -> None:
    """There is nothing to plan anew."""
    play = Play(SlotsByHand(known=4))
    play.player.tell(SatelliteFails(at_s=70.0, serving="hut"))
    play.at(2.0)
    assert len(play.player.slots) == 4
    assert play.player.report().planned == 0


def test_lines_are_cut_and_given_back() -> None:
    """At once, whatever is planned; only cuts that are open end, and only those of the terminal."""
    play = Play(SlotsByHand(terminals=2))
    play.player.darken(1, begin_ns=3 * NS_PER_S, why="its dish is down")
    play.player.darken(0, begin_ns=4 * NS_PER_S, why="its dish is down")
    assert len(play.backend.told) == 2
    play.player.lighten(1, end_ns=6 * NS_PER_S)
    play.player.lighten(1, end_ns=9 * NS_PER_S)
    assert [(span.terminal, span.begin_ns // NS_PER_S) for span in play.player.dark] == [(1, 3), (0, 4)]
    rows = play.told
    found = [
        [LineState(rows.state[rows.row_at(line, second * NS_PER_S)]) for second in (2, 3, 5, 6, 20)]
        for line in range(4)
    ]
    up, drop = LineState.UP, LineState.DROP
    assert found == [[up, up, drop, drop, drop]] * 2 + [[up, drop, drop, up, up]] * 2


def test_a_player_without_a_backend_tells_nobody() -> None:
    """Before it is started."""
    player = Player(SlotsByHand(), Clock().pace())
    player.darken(0, begin_ns=5, why="")
    assert len(player.dark) == 1
    player.stop()


def test_what_fails_is_told_to_whoever_asks() -> None:
    """The first failure counts; the thread has ended."""

    class Failing(SlotsByHand):
        def plan_next(self) -> LiveSlot:
            """Fails."""
            if len(self.made) < 2:
                return super().plan_next()
            raise PlanError("the map changes beyond the span")

    play = Play(Failing())
    play.player.check()
    play.clock.mono_ns = NS_PER_S
    play.player.start(play.backend)
    play.player._thread.join(LONG_S)
    play.player.fail(HostError("later"))
    for _ in range(2):
        with pytest.raises(PlanError, match="beyond the span"):
            play.player.check()
    play.player.stop()


def test_a_fault_of_ours_is_told_as_such() -> None:
    """Nothing is lost in a thread."""

    class Broken(SlotsByHand):
        def plan_next(self) -> LiveSlot:
            """Fails as nobody meant it."""
            if len(self.made) < 2:
                return super().plan_next()
            raise ZeroDivisionError("oh")

    play = Play(Broken())
    play.clock.mono_ns = NS_PER_S
    play.player.start(play.backend)
    play.player._thread.join(LONG_S)
    with pytest.raises(HostError, match="planning failed: ZeroDivisionError: oh"):
        play.player.check()
    play.player.stop()


def test_a_backend_that_is_gone_stops_the_planning() -> None:
    """By its own error."""
    play = Play()
    play.clock.mono_ns = NS_PER_S
    play.backend.failure = HostError("the wire is gone")
    play.player.start(play.backend)
    play.player._thread.join(LONG_S)
    with pytest.raises(HostError, match="the wire is gone"):
        play.player.check()
    with pytest.raises(HostError, match="the wire is gone"):
        play.player.darken(0, begin_ns=0, why="")
    play.player.stop()


def test_the_thread_keeps_up_with_the_clock() -> None:
    """Slot after slot is known in time, until it is told to stop."""
    play = Play()
    play.player.start(play.backend)
    waited = threading.Event()
    for second in range(1, 60):
        play.clock.mono_ns = second * NS_PER_S
        for _ in range(2_000):
            if play.source.planned_until_ns - play.clock.mono_ns >= 2 * SLOT_NS:
                break
            waited.wait(0.005)
    play.player.stop()
    play.player.check()
    assert len(play.player.slots) == 6
    assert play.player.report().late == 0
    assert not play.player._thread.is_alive()


def test_nobody_waits_for_a_plan(stuck: StuckSlots) -> None:
    """Rows, cuts, events and reports are had while a plan takes long; the event is taken in after it."""
    play = Play(stuck)
    play.player.start(play.backend)
    assert stuck.begun.wait(LONG_S)
    play.player.tell(EVENT)
    play.player.darken(0, begin_ns=0, why="")
    play.player.lighten(0, end_ns=5)
    assert len(play.player.rows()) == 2
    assert play.player.report().planned == 0
    assert stuck.inserted == []
    stuck.go.set()
    for _ in range(2_000):
        if stuck.inserted:
            break
        threading.Event().wait(0.005)
    play.player.stop()
    assert stuck.inserted == [EVENT]


def test_a_stop_waits_for_the_plan_and_tells_nothing_any_more(stuck: StuckSlots) -> None:
    """It is not told to lines that are about to go."""
    play = Play(stuck)
    play.player.start(play.backend)
    assert stuck.begun.wait(LONG_S)
    stopping = threading.Thread(target=play.player.stop)
    stopping.start()
    for _ in range(2_000):
        if play.player._stopping:
            break
        threading.Event().wait(0.005)
    stuck.go.set()
    stopping.join(LONG_S)
    assert not stopping.is_alive()
    assert play.backend.told == []
    assert len(play.player.slots) == 1
    play.player.stop()
    assert not play.player._step()


def test_a_real_plan_is_played_with_what_happens_on_the_way() -> None:
    """The satellite fails while its slot runs: the lines drop at once, and the next slot has another, told in time."""
    scenario = tiny_scenario(constellation=DENSE, time=ON_TIME)
    source = PlanSource(scenario, plain_model())
    for _ in range(2):
        source.plan_next()
    clock, backend = Clock(), ListeningBackend()
    player = Player(source, clock.pace(start_ns=scenario.start_ns))
    player._backend = backend
    clock.mono_ns = 4 * NS_PER_S
    player.tell(SatelliteFails(serving="zurich"))
    while len(player.slots) < 3:
        assert player._step()
    rows = backend.told[-1]
    found = [LineState(rows.state[rows.row_at(0, round(second * NS_PER_S))]) for second in (3.9, 4.0, 14.9, 15.0, 40.0)]
    assert found == [LineState.UP, LineState.DROP, LineState.DROP, LineState.UP, LineState.UP]
    first, second = (int(slot.lines.satellite[0]) for slot in player.slots[:2])
    assert first != second
    assert player.report().late == 0
