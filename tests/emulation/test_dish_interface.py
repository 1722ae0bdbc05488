"""The interface is the published one: names, numbers, and a compiled file that says what the sources say."""

from pathlib import Path

import pytest
from google.protobuf import descriptor_pool
from google.protobuf.descriptor_pb2 import FileDescriptorSet
from google.protobuf.message import Message

from scripts.compile_dish_interface import COMPILED, main
from skycommons.emulation.dish_interface import API_VERSION, PACKAGE, SERVICE, interface, question_of, response_of

NUMBERS = {
    "Request": (
        "reboot 1001 get_status 1004 get_history 1007 get_device_info 1008 get_ping 1009 get_network_interfaces 1015 "
        "get_location 1017 start_speedtest 1027 dish_stow 2002 dish_get_context 2003 dish_get_obstruction_map 2008 "
        "dish_set_config 2010 dish_get_config 2011 dish_power_save 2013 dish_inhibit_gps 2014 "
        "dish_clear_obstruction_map 2017 dish_inhibit_rf 2026 get_diagnostics 6000"
    ),
    "Response": (
        "id 1 status 2 api_version 3 reboot 1001 get_device_info 1004 get_location 1017 dish_stow 2002 "
        "dish_get_context 2003 dish_get_status 2004 dish_get_history 2006 dish_get_obstruction_map 2008 "
        "dish_set_config 2010 dish_get_config 2011 dish_inhibit_gps 2013 dish_clear_obstruction_map 2015 "
        "dish_get_diagnostics 6001"
    ),
    "DishGetStatusResponse": (
        "device_info 1 device_state 2 seconds_to_first_nonempty_slot 1002 pop_ping_drop_rate 1003 "
        "obstruction_stats 1004 alerts 1005 downlink_throughput_bps 1007 uplink_throughput_bps 1008 "
        "pop_ping_latency_ms 1009 stow_requested 1010 boresight_azimuth_deg 1011 boresight_elevation_deg 1012 "
        "outage 1014 gps_stats 1015 eth_speed_mbps 1016 mobility_class 1017 is_snr_above_noise_floor 1018 "
        "ready_states 1019 class_of_service 1020 software_update_state 1021 disablement_code 1024 "
        "alignment_stats 1027 is_cell_disabled 1029 reboot_reason 1032 dl_bandwidth_restricted_reason 1044 "
        "ul_bandwidth_restricted_reason 1045 ned2dish_quaternion 1049 account_shard 1051 config 2000"
    ),
    "DeviceInfo": (
        "id 1 hardware_version 2 software_version 3 country_code 4 utc_offset_s 5 bootcount 8 generation_number 12"
    ),
    "DeviceState": "uptime_s 1",
    "DishObstructionStats": (
        "fraction_obstructed 1 valid_s 4 currently_obstructed 5 time_obstructed 9 patches_valid 10"
    ),
    "DishOutage": "cause 1 start_timestamp_ns 2 duration_ns 3 did_switch 4",
    "DishGetHistoryResponse": (
        "current 1 pop_ping_drop_rate 1001 pop_ping_latency_ms 1002 downlink_throughput_bps 1003 "
        "uplink_throughput_bps 1004 outages 1009 power_in 1010 event_log 1011"
    ),
}
"""As readers of real dishes wrote them down."""


@pytest.mark.parametrize("message", NUMBERS)
def test_fields_have_their_numbers(message: str) -> None:
    """Numbers are what crosses the wire; names are what reflection tells."""
    words = NUMBERS[message].split()
    fields = interface().pool.FindMessageTypeByName(f"{PACKAGE}.{message}").fields_by_name
    expected = dict(zip(words[::2], map(int, words[1::2]), strict=True))
    assert {name: fields[name].number for name in expected} == expected


def test_the_service_has_its_two_methods() -> None:
    """One answers, the other streams."""
    service = interface().pool.FindServiceByName(SERVICE)
    assert {
        method.name: (method.input_type.name, method.output_type.name, method.client_streaming, method.server_streaming)
        for method in service.methods
    } == {"Handle": ("Request", "Response", False, False), "Stream": ("ToDevice", "FromDevice", True, True)}


def test_the_compiled_file_is_fresh(tmp_path: Path) -> None:
    """If this fails, run ``python scripts/compile_dish_interface.py``."""
    pytest.importorskip("grpc_tools", reason="grpcio-tools compiles the interface; it comes with `make setup`")
    fresh = tmp_path / "fresh.protoset"
    assert main(fresh) == 0
    kept, made = (FileDescriptorSet.FromString(path.read_bytes()) for path in (COMPILED, fresh))
    assert {file.name: file for file in kept.file} == {file.name: file for file in made.file}


def test_nothing_of_it_is_in_the_pool_of_others() -> None:
    """So that a program may hold another copy of the interface beside it."""
    assert interface().request.DESCRIPTOR.file.pool is interface().pool
    assert interface().pool is not descriptor_pool.Default()


def test_a_request_becomes_plain_values() -> None:
    """Fields that were not set stand there with their zero."""
    question = question_of(interface().request(id=9, dish_power_save={"enable_power_save": True}))
    assert (question.number, question.name, question.unknown) == (9, "dish_power_save", ())
    assert question.values == {
        "power_save_start_minutes": 0,
        "power_save_duration_minutes": 0,
        "enable_power_save": True,
    }


def test_a_request_from_another_firmware_tells_its_number() -> None:
    """Field 3002, empty."""
    question = question_of(interface().request.FromString(b"\xd2\xbb\x01\x00"))
    assert (question.name, question.values, question.unknown) == ("", {}, (3002,))


def test_a_response_carries_the_number_of_its_question() -> None:
    """And the version of the interface."""
    response: Message = response_of(question_of(interface().request(id=9, reboot={})), {"reboot": {}})
    assert isinstance(response, interface().response)
    assert {field.name: value for field, value in response.ListFields() if field.name != "reboot"} == {
        "id": 9,
        "api_version": API_VERSION,
    }
    assert response.WhichOneof("response") == "reboot"
