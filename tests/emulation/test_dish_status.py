"""What a dish says of itself follows from its state."""

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from google.protobuf.json_format import MessageToDict
from hypothesis import given
from hypothesis import strategies as st

from skycommons.emulation.dish_codes import Disablement, OutageCause
from skycommons.emulation.dish_facts import DishFacts, Mobility, ServiceKind
from skycommons.emulation.dish_interface import interface
from skycommons.emulation.dish_state import Dish
from skycommons.emulation.dish_status import attitude, diagnostics, status
from skycommons.emulation.gps_time import gps_ns
from tests.support.dishes import FACTS, NOON_NS, SERVED, a_dish, at


def told(dish: Dish, seconds: float) -> Mapping[str, Any]:
    """Its status as clients see it, zeros included; made by the interface, so that a wrong name fails."""
    response = interface().response(dish_get_status=status(dish.view(at(seconds))))
    found = MessageToDict(response, preserving_proto_field_name=True, always_print_fields_with_no_presence=True)
    answer: Mapping[str, Any] = found["dish_get_status"]
    return answer


def reading(seconds: float, **changes: object) -> Any:
    """A reading of a served dish, changed."""
    return replace(SERVED, time_ns=at(seconds), **changes)  # type: ignore[arg-type]  # fields of the reading


def test_a_connected_dish_says_so() -> None:
    """No outage, its last second, its slot."""
    dish = a_dish()
    dish.read(SERVED)
    dish.read(reading(3))
    said = told(dish, 3.5)
    assert "outage" not in said
    assert said["device_state"] == {"uptime_s": "3"}
    assert said["pop_ping_latency_ms"] == pytest.approx(30.0)
    assert (said["pop_ping_drop_rate"], said["downlink_throughput_bps"], said["uplink_throughput_bps"]) == (
        0.0,
        1e6,
        2e5,
    )
    assert said["seconds_to_first_nonempty_slot"] == 0.0
    assert said["is_snr_above_noise_floor"] is True
    assert said["disablement_code"] == "OKAY"
    assert said["is_cell_disabled"] is False
    assert said["ready_states"]["rf"] is True
    assert said["gps_stats"]["gps_valid"] is True
    assert not any(said["alerts"].values())
    assert said["boresight_azimuth_deg"] == pytest.approx(-10.0, abs=1e-5)
    assert said["boresight_elevation_deg"] == pytest.approx(72.0, abs=1e-5)
    assert said["alignment_stats"]["tilt_angle_deg"] == pytest.approx(18.0, abs=1e-5)
    assert said["config"]["location_request_mode"] == "NONE"
    assert said["config"]["apply_power_save_mode"] is True


def test_an_outage_is_told_in_gps_time() -> None:
    """With its begin and its length so far, and when the next slot may help."""
    dish = a_dish()
    dish.read(SERVED)
    dish.read(reading(4, outage=OutageCause.NO_SATS, ping_drop_rate=1.0))
    said = told(dish, 6)
    assert said["outage"] == {
        "cause": "NO_SATS",
        "start_timestamp_ns": str(gps_ns(at(4))),
        "duration_ns": "2000000000",
        "did_switch": False,
    }
    assert said["seconds_to_first_nonempty_slot"] == 6.0
    assert said["is_snr_above_noise_floor"] is False


def test_a_suspended_cell_is_told_and_the_radio_works() -> None:
    """A disabled dish hears its satellite; only its pings stay unanswered."""
    dish = a_dish()
    dish.read(reading(0, outage=OutageCause.NO_PINGS, disablement=Disablement.CELL_IS_DISABLED, ping_drop_rate=1.0))
    said = told(dish, 1)
    assert (said["disablement_code"], said["is_cell_disabled"]) == ("CELL_IS_DISABLED", True)
    assert said["outage"]["cause"] == "NO_PINGS"
    assert said["is_snr_above_noise_floor"] is True
    assert said["ready_states"]["rf"] is True


def test_a_booting_dish_has_nothing_ready() -> None:
    """Neither its radio nor GPS; it says that it was told to boot."""
    dish = a_dish()
    dish.read(SERVED)
    dish.reboot(at(5))
    said = told(dish, 10)
    assert said["outage"]["cause"] == "BOOTING"
    assert not any(said["ready_states"].values())
    assert (said["gps_stats"]["gps_valid"], said["gps_stats"]["gps_sats"]) == (False, 0)
    assert said["device_info"]["bootcount"] == 25
    assert said["device_info"]["boot"]["last_reason"] == "COMMAND"
    assert said["reboot_reason"] == "REBOOT_REASON_MANUAL"
    assert said["initialization_duration_seconds"]["first_pop_ping"] == 0
    dish.read(reading(70))
    later = told(dish, 70)["initialization_duration_seconds"]
    assert (later["rf_ready"], later["first_pop_ping"]) == (60, 65)


def test_the_first_boot_was_the_switch() -> None:
    """No command."""
    said = told(a_dish(), 1)
    assert said["device_info"]["boot"]["last_reason"] == "POWER_CYCLE"
    assert said["device_info"]["boot"]["count_by_reason"] == {"2": 1}
    assert said["reboot_reason"] == "REBOOT_REASON_NONE"


@pytest.mark.parametrize(
    ("change", "alert"),
    [
        ({"disablement": Disablement.TOO_FAR_FROM_SERVICE_ADDRESS}, "unexpected_location"),
        ({"disablement": Disablement.MOVING_TOO_FAST_FOR_POLICY}, "moving_too_fast_for_policy"),
        ({"is_rain_fading": True}, "lower_signal_than_predicted"),
    ],
)
def test_the_network_raises_alerts(change: Mapping[str, object], alert: str) -> None:
    """One each."""
    dish = a_dish()
    dish.read(reading(0, **change))
    assert [name for name, is_raised in told(dish, 1)["alerts"].items() if is_raised] == [alert]


@pytest.mark.parametrize(
    ("facts", "alert"),
    [
        (replace(FACTS, eth_speed_mbps=10), "slow_ethernet_speeds"),
        (replace(FACTS, eth_speed_mbps=100), "slow_ethernet_speeds_100"),
        (replace(FACTS, is_roaming=True), "roaming"),
    ],
)
def test_facts_raise_alerts(facts: DishFacts, alert: str) -> None:
    """One each."""
    said = told(Dish(facts, NOON_NS), 1)
    assert [name for name, is_raised in said["alerts"].items() if is_raised] == [alert]


def test_facts_are_told() -> None:
    """Country, mobility and class of service."""
    dish = Dish(replace(FACTS, mobility=Mobility.MOBILE, service=ServiceKind.BUSINESS), NOON_NS)
    said = told(dish, 1)
    assert said["device_info"]["country_code"] == "CH"
    assert said["device_info"]["id"] == FACTS.dish_id
    assert (said["mobility_class"], said["class_of_service"]) == ("MOBILE", "BUSINESS")
    assert "skycommons" in said["device_info"]["software_version"]


def test_used_up_data_limits_the_rate() -> None:
    """Both ways."""
    dish = a_dish()
    dish.read(reading(0, disablement=Disablement.DATA_OVERAGE_SANDBOX_POLICY))
    said = told(dish, 1)
    assert said["dl_bandwidth_restricted_reason"] == said["ul_bandwidth_restricted_reason"] == "OVERAGE_LIMIT"
    assert diagnostics(dish.view(at(1)))["overage_rate_limited"] is True


def test_diagnostics_tell_the_place_only_where_it_may_be_told() -> None:
    """And codes only that the published interface has."""
    shy = diagnostics(a_dish().view(at(1)))
    assert shy["location"] == {"enabled": False}
    dish = Dish(replace(FACTS, tells_location=True), NOON_NS)
    dish.read(reading(0, disablement=Disablement.BLOCKED_AREA, outage=OutageCause.OBSTRUCTED))
    open_one: Mapping[str, Any] = diagnostics(dish.view(at(1)))
    assert open_one["location"]["latitude"] == pytest.approx(47.37)
    assert open_one["location"]["gps_time_s"] == pytest.approx(gps_ns(at(1)) / 1e9)
    assert open_one["disablement_code"] == 0
    assert open_one["alerts"]["obstructed"] is True
    assert interface().response(dish_get_diagnostics=open_one).IsInitialized()


@given(azimuth_deg=st.floats(-180.0, 180.0), elevation_deg=st.floats(0.0, 90.0))
def test_the_attitude_turns_the_third_axis_to_the_boresight(azimuth_deg: float, elevation_deg: float) -> None:
    """And the second to the top of a face that stands upright."""
    azimuth_rad, elevation_rad = math.radians(azimuth_deg), math.radians(elevation_deg)
    turn = attitude(azimuth_rad, elevation_rad)
    w, x, y, z = (turn[name] for name in ("q_scalar", "q_x", "q_y", "q_z"))
    assert w * w + x * x + y * y + z * z == pytest.approx(1.0)
    out = [2 * (x * z + y * w), 2 * (y * z - x * w), 1 - 2 * (x * x + y * y)]
    top = [2 * (x * y - z * w), 1 - 2 * (x * x + z * z), 2 * (y * z + x * w)]
    level, rise = math.cos(elevation_rad), math.sin(elevation_rad)
    north, east = math.cos(azimuth_rad), math.sin(azimuth_rad)
    np.testing.assert_allclose(out, [level * north, level * east, -rise], atol=1e-12)
    np.testing.assert_allclose(top, [-rise * north, -rise * east, -level], atol=1e-12)


def fields_of(raw: bytes) -> dict[int, list[bytes | int]]:
    """Field numbers and raw contents of a message, read without any descriptor.

    Source: the encoding of protocol buffers; wire types 0, 1, 2 and 5.
    """

    def varint(place: int) -> tuple[int, int]:
        value = shift = 0
        while True:
            value |= (raw[place] & 0x7F) << shift
            shift += 7
            place += 1
            if raw[place - 1] < 0x80:
                return value, place

    found: dict[int, list[bytes | int]] = {}
    place = 0
    while place < len(raw):
        key, place = varint(place)
        number, kind = key >> 3, key & 7
        if kind == 0:
            content, place = varint(place)
            found.setdefault(number, []).append(content)
            continue
        length = {1: 8, 5: 4}.get(kind)
        if length is None:
            assert kind == 2
            length, place = varint(place)
        found.setdefault(number, []).append(raw[place : place + length])
        place += length
    return found


def test_the_bytes_of_a_status_have_the_published_numbers() -> None:
    """Read off the wire without our descriptors: outage 1014, its cause 1; latency 1009 in a float; uptime in 2.1."""
    dish = a_dish()
    dish.read(reading(0, outage=OutageCause.NO_SCHEDULE, ping_drop_rate=1.0, disablement=Disablement.CELL_IS_DISABLED))
    dish.read(reading(7, outage=OutageCause.NO_SCHEDULE, ping_drop_rate=1.0, disablement=Disablement.CELL_IS_DISABLED))
    response = interface().response(id=5, dish_get_status=status(dish.view(at(7))))
    outer = fields_of(response.SerializeToString())
    assert outer[1] == [5]
    assert sorted(outer) == [1, 2004]
    (raw,) = outer[2004]
    assert isinstance(raw, bytes)
    inner = fields_of(raw)
    assert {1, 2, 1002, 1003, 1004, 1007, 1008, 1009, 1011, 1012, 1014, 1015, 1016, 1018, 1019, 1020, 1021} <= set(
        inner
    )
    assert {1024, 1027, 1029, 1044, 1045, 1049, 1051, 2000} <= set(inner)
    assert inner[1024] == [8]
    assert inner[1029] == [1]
    assert np.frombuffer(bytes(inner[1003][0]), "<f4")[0] == 1.0
    outage = fields_of(bytes(inner[1014][0]))
    assert outage == {1: [4], 2: [gps_ns(NOON_NS)], 3: [7_000_000_000]}
    assert fields_of(bytes(inner[2][0])) == {1: [7]}
