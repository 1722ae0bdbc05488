"""A dish lives by what it is told: readings, commands, and the time that goes by."""

import math
import threading
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skycommons.base.constants import NS_PER_S
from skycommons.base.errors import InputError
from skycommons.emulation.dish_codes import OutageCause
from skycommons.emulation.dish_facts import DishReading
from skycommons.emulation.dish_history import Outage
from skycommons.emulation.dish_state import DARK, Dish
from tests.support.dishes import FACTS, NOON_NS, SERVED, a_dish, at

S = NS_PER_S
SLEEP = {
    "power_save_start_minutes": 721,
    "power_save_duration_minutes": 2,
    "power_save_mode": True,
    "apply_power_save_start_minutes": True,
    "apply_power_save_duration_minutes": True,
    "apply_power_save_mode": True,
}
"""From 12:01 to 12:03."""


def served(seconds: float, **changes: object) -> DishReading:
    """A reading of a dish that is served."""
    return replace(SERVED, time_ns=at(seconds), **changes)  # type: ignore[arg-type]  # fields of the reading


def unserved(seconds: float, cause: OutageCause, **changes: object) -> DishReading:
    """A reading of a dish that is not."""
    return served(seconds, outage=cause, ping_drop_rate=1.0, ping_latency_s=math.nan, **changes)


def connected(seconds: int) -> Dish:
    """A dish that was served each second so far."""
    dish = a_dish()
    for second in range(seconds + 1):
        dish.read(served(second))
    return dish


def test_a_new_dish_waits_for_its_schedule() -> None:
    """Before the first reading it knows of no network."""
    view = a_dish().view(at(3))
    assert view.outage == Outage(cause=OutageCause.NO_SCHEDULE, begin_ns=NOON_NS, duration_ns=3 * S)
    assert view.own is None
    assert view.connected_ns is None
    assert view.uptime_ns == 3 * S


def test_a_served_dish_is_connected() -> None:
    """And tells what the last second was like."""
    view = connected(10).view(at(10.5))
    assert view.outage is None
    assert (view.sample.ping_latency_s, view.sample.down_bps, view.sample.up_bps) == (0.03, 1e6, 2e5)
    assert view.connected_ns == NOON_NS
    assert view.watched_s == 10.5
    assert view.obstruction.patches == 1


def test_an_outage_lasts_from_reading_to_reading() -> None:
    """It is listed when it is over."""
    dish = connected(10)
    dish.read(unserved(11, OutageCause.NO_SATS))
    assert dish.view(at(13)).outage == Outage(cause=OutageCause.NO_SATS, begin_ns=at(11), duration_ns=2 * S)
    assert dish.recall(at(13)).outages == ()
    dish.read(served(15))
    assert dish.view(at(15)).outage is None
    assert dish.recall(at(15)).outages == (Outage(cause=OutageCause.NO_SATS, begin_ns=at(11), duration_ns=4 * S),)


def test_an_outage_that_changes_its_cause_becomes_another() -> None:
    """Two in the list."""
    dish = connected(10)
    dish.read(unserved(11, OutageCause.NO_SATS))
    dish.read(unserved(14, OutageCause.NO_SCHEDULE))
    dish.read(served(20))
    assert [(outage.cause, outage.duration_ns) for outage in dish.recall(at(20)).outages] == [
        (OutageCause.NO_SATS, 3 * S),
        (OutageCause.NO_SCHEDULE, 6 * S),
    ]


@pytest.mark.parametrize(("satellite", "did_switch"), [(17, False), (18, True)])
def test_an_outage_tells_whether_the_satellite_changed(satellite: int, *, did_switch: bool) -> None:
    """Between what served before and what serves after it."""
    dish = connected(10)
    dish.read(unserved(11, OutageCause.NO_DOWNLINK, satellite=-1))
    dish.read(served(12, satellite=satellite))
    (outage,) = dish.recall(at(12)).outages
    assert outage.did_switch == did_switch


def test_the_first_satellite_is_no_switch() -> None:
    """There was none before."""
    dish = a_dish()
    dish.read(served(4))
    (outage,) = dish.recall(at(4)).outages
    assert not outage.did_switch


def test_a_stowed_dish_is_down_until_it_is_unstowed() -> None:
    """Whatever its network says; its seconds are dark."""
    dish = connected(10)
    assert not dish.is_down(at(10))
    dish.stow(at(10.25))
    assert dish.is_down(at(10.25))
    dish.read(served(11))
    view = dish.view(at(12))
    assert view.is_stowed
    assert (view.own, view.sample) == (OutageCause.STOWED, DARK)
    assert view.outage == Outage(cause=OutageCause.STOWED, begin_ns=at(10.25), duration_ns=round(1.75 * S))
    dish.stow(at(13.25), unstow=True)
    assert not dish.is_down(at(13.25))
    assert dish.view(at(14)).outage is None
    memory = dish.recall(at(14))
    assert memory.outages == (Outage(cause=OutageCause.STOWED, begin_ns=at(10.25), duration_ns=3 * S),)
    assert [event.command for event in memory.events] == ["dish_stow", "dish_stow unstow", ""]
    assert memory.ping_drop_rate[9:13].tolist() == [0.0, 1.0, 1.0, 1.0]


def test_a_reboot_takes_its_time_and_forgets() -> None:
    """Samples, outages, events and map are gone; the boot is counted."""
    dish = connected(100)
    dish.read(unserved(101, OutageCause.NO_SATS))
    dish.read(served(103))
    dish.reboot(at(110.5))
    assert dish.is_down(at(110.5))
    assert dish.is_down(at(170.4))
    assert not dish.is_down(at(170.5))
    view = dish.view(at(120))
    assert (view.boot_count, view.was_told_to_boot, view.booted_ns) == (25, True, at(110.5))
    assert view.outage == Outage(cause=OutageCause.BOOTING, begin_ns=at(110.5), duration_ns=round(9.5 * S))
    assert view.obstruction.patches == 0
    assert view.watched_s == 0.0
    memory = dish.recall(at(120))
    assert (memory.begin_ns, memory.current, memory.outages) == (at(110.5), 0, ())
    assert [event.command for event in memory.events] == ["reboot"]


def test_a_boot_ends_at_its_own_instant() -> None:
    """Not at the reading after it; what comes then is another outage, or none."""
    dish = connected(10)
    dish.reboot(at(10))
    dish.read(unserved(20, OutageCause.NO_SCHEDULE))
    dish.read(served(75))
    memory = dish.recall(at(75))
    assert [(outage.cause, outage.begin_ns, outage.duration_ns) for outage in memory.outages] == [
        (OutageCause.BOOTING, at(10), 60 * S),
        (OutageCause.NO_SCHEDULE, at(70), 5 * S),
    ]
    assert memory.current == 65
    assert (memory.ping_drop_rate[:60] == 1.0).all()
    assert (memory.ping_latency_s[60:65] == 0.03).all()
    assert dish.view(at(75)).connected_ns == at(75)


def test_what_the_owner_chose_survives_a_reboot() -> None:
    """Stow, inhibitions and settings."""
    dish = connected(5)
    dish.stow(at(5))
    dish.inhibit_gps(at(5), is_inhibited=True)
    dish.inhibit_rf(at(5), is_inhibited=True)
    dish.configure(at(5), SLEEP)
    dish.reboot(at(6))
    view = dish.view(at(100))
    assert (view.is_stowed, view.inhibits_gps, view.inhibits_rf) == (True, True, True)
    assert view.settings.power_save_mode
    assert view.own == OutageCause.STOWED


def test_sleep_begins_and_ends_between_readings() -> None:
    """At 12:01 and 12:03 sharp, though nobody looked."""
    dish = connected(10)
    settings = dish.configure(at(10), SLEEP)
    assert (settings.power_save_start_minutes, settings.power_save_duration_minutes) == (721, 2)
    assert not dish.is_down(at(59.9))
    assert dish.is_down(at(60))
    assert dish.is_down(at(179.9))
    assert not dish.is_down(at(180))
    dish.read(served(200))
    memory = dish.recall(at(200))
    assert memory.outages == (Outage(cause=OutageCause.SLEEPING, begin_ns=at(60), duration_ns=120 * S),)
    assert memory.ping_drop_rate[59:61].tolist() == [0.0, 1.0]
    assert memory.ping_drop_rate[179:181].tolist() == [1.0, 0.0]


def test_a_wrong_setting_changes_nothing() -> None:
    """Neither the settings nor the log."""
    dish = connected(5)
    with pytest.raises(InputError):
        dish.configure(at(5), SLEEP | {"power_save_start_minutes": 5_000})
    assert not dish.view(at(5)).settings.power_save_mode
    assert dish.recall(at(5)).events == ()


def test_without_its_radio_a_dish_is_down() -> None:
    """Until it may use it again; without GPS it goes on."""
    dish = connected(5)
    dish.inhibit_gps(at(5), is_inhibited=True)
    assert not dish.is_down(at(5))
    dish.inhibit_rf(at(5), is_inhibited=True)
    assert dish.view(at(5)).own == OutageCause.INHIBIT_RF
    dish.inhibit_rf(at(9), is_inhibited=False)
    assert not dish.is_down(at(9))
    assert [event.command for event in dish.recall(at(9)).events if event.command] == [
        "dish_inhibit_gps True",
        "dish_inhibit_rf True",
        "dish_inhibit_rf False",
    ]


def test_obstructions_are_counted_and_painted() -> None:
    """Only they and service are time in which the sky can be judged."""
    dish = a_dish()
    dish.read(served(0))
    dish.read(unserved(8, OutageCause.OBSTRUCTED, signal=0.0, satellite=18, azimuth_rad=2.0))
    dish.read(unserved(10, OutageCause.NO_SCHEDULE))
    view = dish.view(at(60))
    assert (view.watched_s, view.obstructed_s) == (10.0, 2.0)
    assert (view.obstruction.patches, view.obstruction.fraction) == (2, 0.5)


def test_a_cleared_map_begins_anew() -> None:
    """Its counts too; the command is logged."""
    dish = connected(5)
    assert (dish.obstruction_map() >= 0.0).any()
    dish.clear_map(at(5))
    assert (dish.obstruction_map() < 0.0).all()
    assert dish.view(at(6)).watched_s == 1.0
    assert [event.command for event in dish.recall(at(6)).events] == ["dish_clear_obstruction_map"]


def test_time_does_not_go_back() -> None:
    """A call that comes late counts as now."""
    dish = connected(10)
    dish.stow(at(3))
    assert dish.view(at(2)).time_ns == at(10)
    assert dish.last_time_ns() == at(10)
    outage = dish.view(at(10)).outage
    assert outage is not None
    assert outage.begin_ns == at(10)


def test_a_dish_that_may_tell_its_place_starts_so() -> None:
    """By its facts."""
    dish = Dish(replace(FACTS, tells_location=True), NOON_NS)
    assert dish.view(NOON_NS).settings.location_request_mode == "LOCAL"


commands = st.lists(
    st.tuples(
        st.sampled_from(["read", "lose", "stow", "unstow", "reboot", "rf off", "rf on", "sleep", "clear", "look"]),
        st.integers(0, 90 * S),
    ),
    max_size=40,
)


def obey(dish: Dish, command: str, time_ns: int) -> None:
    """One command of a story."""
    match command:
        case "read":
            dish.read(replace(SERVED, time_ns=time_ns))
        case "lose":
            dish.read(replace(SERVED, time_ns=time_ns, outage=OutageCause.NO_SATS))
        case "stow" | "unstow":
            dish.stow(time_ns, unstow=command == "unstow")
        case "reboot":
            dish.reboot(time_ns)
        case "rf off" | "rf on":
            dish.inhibit_rf(time_ns, is_inhibited=command == "rf off")
        case "sleep":
            dish.configure(time_ns, SLEEP)
        case "clear":
            dish.clear_map(time_ns)
        case _:
            dish.view(time_ns)


@given(story=commands)
def test_whatever_happens_outages_follow_each_other(story: list[tuple[str, int]]) -> None:
    """None overlaps another, none ends in the future, and the seconds of a life are counted once."""
    dish, time_ns = a_dish(), NOON_NS
    for command, step_ns in story:
        time_ns += step_ns
        obey(dish, command, time_ns)
        view, memory = dish.view(time_ns), dish.recall(time_ns)
        assert (view.own is not None) == dish.is_down(time_ns)
        spans = [(outage.begin_ns, outage.begin_ns + outage.duration_ns) for outage in memory.outages]
        if view.outage is not None:
            spans.append((view.outage.begin_ns, time_ns))
        assert all(begin <= end <= time_ns for begin, end in spans)
        assert all(a[1] <= b[0] for a, b in pairwise(spans))
        assert spans[:1] == [] or spans[0][0] >= view.booted_ns
        assert memory.current <= view.uptime_ns // S
        if command in {"read", "lose"}:
            assert memory.current == view.uptime_ns // S


def test_many_threads_may_call_at_once() -> None:
    """Nothing is lost: each reboot counts."""
    dish = a_dish()

    def work() -> None:
        for second in range(50):
            dish.read(served(second))
            dish.reboot(at(second))
            dish.view(at(second))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert dish.view(at(60)).boot_count == FACTS.boot_count + 200
