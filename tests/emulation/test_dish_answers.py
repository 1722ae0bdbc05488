"""Each request has its answer, and what is refused says why."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import h3
import pytest

from skycommons.emulation.dish_answers import Refusal, RefusalCode, answer, cell_number
from skycommons.emulation.dish_codes import OutageCause
from skycommons.emulation.dish_interface import Question, interface, question_of, response_of
from skycommons.emulation.dish_state import Dish
from skycommons.emulation.gps_time import gps_ns
from tests.support.dishes import FACTS, NOON_NS, SERVED, a_dish, at


def ask(dish: Dish, name: str, seconds: float = 30.0, **values: object) -> Any:
    """What a client would get: asked and answered by way of the interface, so that a wrong name fails."""
    question = question_of(interface().request(**{name: values}))
    told = answer(dish, question, at(seconds))
    if isinstance(told, Refusal):
        return told
    response_of(question, told)
    return next(iter(told.values()), {})


def a_served_dish() -> Dish:
    """Half a minute old, with one outage behind it."""
    dish = a_dish()
    for second in range(31):
        lost = second in {10, 11, 12}
        dish.read(
            replace(
                SERVED,
                time_ns=at(second),
                outage=OutageCause.NO_SATS if lost else None,
                ping_drop_rate=1.0 if lost else 0.0,
                slot_end_ns=at(42),
            )
        )
    return dish


REQUESTS = [field.name for field in interface().request.DESCRIPTOR.oneofs_by_name["request"].fields]


@pytest.mark.parametrize("name", REQUESTS)
def test_every_request_is_answered_or_refused(name: str) -> None:
    """A speed test is the one that is refused."""
    told = ask(Dish(replace(FACTS, tells_location=True), NOON_NS), name)
    if name == "start_speedtest":
        assert told == Refusal(code=RefusalCode.UNIMPLEMENTED, message="this dish does not answer start_speedtest")
    else:
        assert not isinstance(told, Refusal)


@pytest.mark.parametrize(("unknown", "told"), [((3002,), "number 3002"), ((), "an empty request")])
def test_what_is_not_known_is_refused(unknown: tuple[int, ...], told: str) -> None:
    """With the number that the client sent."""
    question = Question(number=1, name="", values={}, unknown=unknown)
    refused = answer(a_dish(), question, NOON_NS)
    assert refused == Refusal(code=RefusalCode.UNIMPLEMENTED, message=f"this dish does not answer {told}")


def test_the_history_is_told_in_the_units_of_the_interface() -> None:
    """Milliseconds, GPS time, 900 seconds."""
    told = ask(a_served_dish(), "get_history")
    assert told["current"] == 30
    assert len(told["pop_ping_drop_rate"]) == len(told["pop_ping_latency_ms"]) == 900
    assert told["pop_ping_drop_rate"][8:14] == [0.0, 1.0, 1.0, 1.0, 0.0, 0.0]
    assert told["pop_ping_latency_ms"][20] == pytest.approx(30.0)
    assert told["downlink_throughput_bps"][29:31] == [1e6, 0.0]
    assert told["outages"] == [
        {"cause": 5, "start_timestamp_ns": gps_ns(at(10)), "duration_ns": 3_000_000_000, "did_switch": False}
    ]
    log = told["event_log"]
    assert (log["start_timestamp_ns"], log["current_timestamp_ns"]) == (gps_ns(NOON_NS), gps_ns(at(30)))


def test_outages_and_commands_are_events() -> None:
    """Commands have no reason of their own in the interface."""
    dish = a_served_dish()
    ask(dish, "dish_stow", 31.0)
    ask(dish, "dish_stow", 33.0, unstow=True)
    events = ask(dish, "get_history", 34.0)["event_log"]["events"]
    assert [(event["reason"], event["severity"], event["duration_ns"]) for event in events] == [
        ("EVENT_REASON_OUTAGE_NO_SATS", "EVENT_SEVERITY_WARNING", 3_000_000_000),
        ("EVENT_REASON_UNKNOWN", "EVENT_SEVERITY_ADVISORY", 0),
        ("EVENT_REASON_UNKNOWN", "EVENT_SEVERITY_ADVISORY", 0),
        ("EVENT_REASON_OUTAGE_STOWED", "EVENT_SEVERITY_WARNING", 2_000_000_000),
    ]


@pytest.mark.parametrize("cause", OutageCause)
def test_every_outage_has_an_event(cause: OutageCause) -> None:
    """The interface has a reason for it, or calls it unknown."""
    dish = a_dish()
    dish.read(replace(SERVED, time_ns=at(1), outage=cause))
    dish.read(replace(SERVED, time_ns=at(5)))
    events = ask(dish, "get_history")["event_log"]["events"]
    reason = "UNKNOWN" if cause.name in {"ACTUATOR_ACTIVITY", "CABLE_TEST"} else cause.name
    assert events[-1]["reason"] == f"EVENT_REASON_OUTAGE_{reason}"


def test_the_place_is_told_only_where_it_may_be() -> None:
    """A setting opens it."""
    dish = a_served_dish()
    refused = ask(dish, "get_location")
    assert isinstance(refused, Refusal)
    assert refused.code == RefusalCode.PERMISSION_DENIED
    wanted = {"location_request_mode": "LOCAL", "apply_location_request_mode": True}
    told = ask(dish, "dish_set_config", dish_config=wanted)
    assert told["updated_dish_config"]["location_request_mode"] == "LOCAL"
    place = ask(dish, "get_location")
    assert place["lla"] == pytest.approx({"lat": 47.37, "lon": 8.54, "alt": 408.0})
    assert place["source"] == "GPS"
    ask(dish, "dish_inhibit_gps", inhibit_gps=True)
    assert ask(dish, "get_location")["source"] == "STARLINK"


def test_stow_reboot_and_radio_take_the_line_down() -> None:
    """And up again."""
    dish = a_served_dish()
    ask(dish, "dish_stow")
    assert dish.is_down(at(30))
    ask(dish, "dish_stow", unstow=True)
    assert not dish.is_down(at(30))
    assert ask(dish, "dish_inhibit_rf", inhibit_rf=True) == {"inhibit_rf": True}
    assert ask(dish, "get_status")["outage"]["cause"] == OutageCause.INHIBIT_RF
    ask(dish, "dish_inhibit_rf", inhibit_rf=False)
    ask(dish, "reboot")
    assert dish.is_down(at(31))
    assert ask(dish, "get_device_info", 31)["device_info"]["bootcount"] == FACTS.boot_count + 1


def test_sleep_can_be_set_in_two_ways() -> None:
    """By its own request, whose reply is empty, and as a setting."""
    dish = a_served_dish()
    wanted = {"power_save_start_minutes": 720, "power_save_duration_minutes": 5, "enable_power_save": True}
    assert ask(dish, "dish_power_save", **wanted) == {}
    assert dish.is_down(at(30))
    assert ask(dish, "dish_get_config")["dish_config"]["power_save_duration_minutes"] == 5
    ask(dish, "dish_set_config", dish_config={"power_save_mode": False, "apply_power_save_mode": True})
    assert not dish.is_down(at(30))


def test_a_setting_out_of_range_is_refused() -> None:
    """With the range."""
    refused = ask(a_dish(), "dish_power_save", power_save_start_minutes=2_000, enable_power_save=True)
    assert refused == Refusal(
        code=RefusalCode.INVALID_ARGUMENT, message="power_save_start_minutes lies between 0 and 1,439"
    )


def test_an_empty_setting_changes_nothing() -> None:
    """Some clients send it to read."""
    dish = a_dish()
    assert ask(dish, "dish_set_config")["updated_dish_config"] == ask(dish, "dish_get_config")["dish_config"]


def test_the_map_is_told_row_by_row() -> None:
    """With its frame; it can be cleared."""
    dish = a_served_dish()
    told = ask(dish, "dish_get_obstruction_map")
    assert (told["num_rows"], told["num_cols"], len(told["snr"])) == (123, 123, 123 * 123)
    assert (told["min_elevation_deg"], told["max_theta_deg"], told["map_reference_frame"]) == (
        10.0,
        80.0,
        "FRAME_EARTH",
    )
    assert max(told["snr"]) == 1.0
    ask(dish, "dish_clear_obstruction_map")
    assert set(ask(dish, "dish_get_obstruction_map")["snr"]) == {-1.0}


def test_the_context_shows_what_serves_the_dish() -> None:
    """Cell, satellite, gateway, PoP and slot; means of fifteen seconds; time since outages by their length."""
    told = ask(a_served_dish(), "dish_get_context", 32.0)
    assert told["cell_id"] == cell_number(SERVED.cell)
    assert (told["initial_satellite_id"], told["initial_gateway_id"], told["pop_rack_id"]) == (17, 3, 2)
    assert told["seconds_to_slot_end"] == 10.0
    assert told["pop_ping_drop_rate_15s_mean"] == 0.0
    assert told["pop_ping_latency_ms_15s_mean"] == pytest.approx(30.0)
    assert [told[f"seconds_since_last_{mark}s_outage"] for mark in (1, 2, 5)] == [19.0, 19.0, 32.0]


def test_the_context_of_a_lasting_outage() -> None:
    """Nothing has passed since it; before the first sample there are no means."""
    dish = a_dish()
    assert ask(dish, "dish_get_context", 0.5)["pop_ping_drop_rate_15s_mean"] == 0.0
    told: Mapping[str, Any] = ask(dish, "dish_get_context", 3.0)
    assert [told[f"seconds_since_last_{mark}s_outage"] for mark in (2, 5)] == [0.0, 3.0]
    assert (told["cell_id"], told["initial_satellite_id"]) == (0, 0)


def test_cells_have_numbers_that_fit() -> None:
    """All neighbours of a cell differ, at every resolution that fits into 32 bits."""
    for resolution in range(9):
        cells = h3.grid_disk(h3.latlng_to_cell(47.37, 8.54, resolution), 3)
        numbers = {cell_number(cell) for cell in cells}
        assert len(numbers) == len(cells)
        assert max(numbers) < 2**32
    assert cell_number("") == 0


def test_pings_go_to_the_pop() -> None:
    """A dish without one has no results."""
    assert ask(a_dish(), "get_ping") == {}
    told = ask(a_served_dish(), "get_ping")
    assert told["results"]["frankfurt"]["latencyMs"] == pytest.approx(30.0)
    assert told["results"]["frankfurt"]["dropRate"] == 0.0


def test_the_cable_is_its_interface() -> None:
    """With the dish's own address."""
    (cable,) = ask(a_dish(), "get_network_interfaces")["network_interfaces"]
    assert cable["ipv4_addresses"] == ["192.168.100.1"]
    assert cable["ethernet"]["speed_mbps"] == 1_000
