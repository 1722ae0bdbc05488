"""Programs made for real dishes, unmodified, read ours: what they tell is what the dish's state says.

`starlink-grpc-core` learns the interface by reflection, `starlink-client` brings compiled stubs of its own. Replies of a real dish are
held against our interface: every key of theirs is one of ours.
"""

import json
import math
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import grpc
import numpy as np
import pytest
from google.protobuf.json_format import MessageToDict, ParseDict

from skycommons.base.constants import NS_PER_S
from skycommons.emulation.dish_codes import Disablement, OutageCause
from skycommons.emulation.dish_facts import DishReading
from skycommons.emulation.dish_history import SAMPLE
from skycommons.emulation.dish_interface import interface
from skycommons.emulation.dish_obstructions import CELLS
from skycommons.emulation.dish_server import DishServer, Here
from skycommons.emulation.dish_state import Dish
from skycommons.emulation.dish_status import status
from tests.support.dishes import FACTS, SERVED, NetworkOfItsOwn, a_dish, at

SECONDS = 1_200
OUTAGES = {range(300, 304): OutageCause.NO_SATS, range(900, 960): OutageCause.NO_SCHEDULE}


def second(number: int) -> DishReading:
    """What the network says in a second: rates that can be told apart, some outages, a satellite a minute."""
    for span, cause in OUTAGES.items():
        if number in span:
            return replace(SERVED, time_ns=at(number), outage=cause, ping_drop_rate=1.0, ping_latency_s=math.nan)
    return replace(
        SERVED,
        time_ns=at(number),
        ping_drop_rate=0.01 * (number % 3),
        ping_latency_s=0.020 + 0.001 * (number % 40),
        down_bps=1e6 * (number % 100),
        up_bps=1e5 * (number % 10),
        satellite=number // 60,
        azimuth_rad=number / 500.0,
    )


@pytest.fixture
def dish() -> Dish:
    """Twenty minutes old."""
    dish = a_dish()
    for number in range(SECONDS + 1):
        dish.read(second(number))
    return dish


@pytest.fixture
def target(dish: Dish) -> Iterator[str]:
    """Where it listens."""
    with DishServer.start({Here(): dish}, address="127.0.0.1:0") as server:
        yield f"127.0.0.1:{server.ports[0]}"


@pytest.fixture
def core() -> ModuleType:
    """starlink-grpc-core."""
    return import_module("starlink_grpc")


@pytest.fixture
def context(core: ModuleType, target: str) -> Iterator[Any]:
    """Its channel to the dish; the address is all that is not as it comes."""
    channel = core.ChannelContext(target=target)
    yield channel
    channel.close()


def test_core_reads_the_status(core: ModuleType, context: Any, dish: Dish) -> None:
    """Field by field."""
    told, obstruction, alerts = core.status_data(context)
    view = dish.view(at(SECONDS))
    assert told["id"] == FACTS.dish_id
    assert (told["state"], told["uptime"]) == ("CONNECTED", SECONDS)
    assert told["pop_ping_latency_ms"] == pytest.approx(1e3 * view.sample.ping_latency_s)
    assert told["pop_ping_drop_rate"] == pytest.approx(view.sample.ping_drop_rate)
    assert told["downlink_throughput_bps"] == view.sample.down_bps
    assert told["uplink_throughput_bps"] == view.sample.up_bps
    assert told["direction_azimuth"] == pytest.approx(-10.0, abs=1e-5)
    assert told["direction_elevation"] == pytest.approx(72.0, abs=1e-5)
    assert (told["gps_ready"], told["gps_enabled"], told["is_snr_above_noise_floor"]) == (True, True, True)
    assert obstruction["valid_s"] == view.watched_s
    assert told["alerts"] == 0
    assert not any(alerts.values())


@pytest.mark.parametrize("cause", [*OutageCause])
def test_core_names_every_outage(core: ModuleType, context: Any, dish: Dish, cause: OutageCause) -> None:
    """NO_SCHEDULE is what it calls searching."""
    dish.read(replace(SERVED, time_ns=at(SECONDS + 5), outage=cause))
    expected = "SEARCHING" if cause == OutageCause.NO_SCHEDULE else cause.name
    assert core.status_data(context)[0]["state"] == expected


def test_core_reads_alerts_as_bits(core: ModuleType, context: Any, dish: Dish) -> None:
    """The bit of an alert is one below its number."""
    dish.read(replace(SERVED, time_ns=at(SECONDS + 5), is_rain_fading=True))
    told, _, alerts = core.status_data(context)
    assert told["alerts"] == 1 << 16
    assert [name for name, is_raised in alerts.items() if is_raised] == ["alert_lower_signal_than_predicted"]


def test_core_reads_the_whole_history(core: ModuleType, context: Any, dish: Dish) -> None:
    """Sample by sample, oldest first."""
    general, bulk = core.history_bulk_data(-1, context=context)
    assert general == {"samples": 900, "end_counter": SECONDS}
    memory = dish.recall(at(SECONDS))
    names = ("pop_ping_drop_rate", "pop_ping_latency_ms", "downlink_throughput_bps", "uplink_throughput_bps")
    for name, ours, factor in zip(names, SAMPLE, (1.0, 1e3, 1.0, 1.0), strict=True):
        theirs = np.array([0.0 if value is None else value for value in bulk[name]])
        np.testing.assert_allclose(theirs, factor * memory.last(ours, 900), rtol=1e-6)


def test_core_reads_only_what_is_new(core: ModuleType, context: Any, dish: Dish) -> None:
    """From where it stopped last."""
    dish.read(second(SECONDS + 7))
    general, bulk = core.history_bulk_data(-1, start=SECONDS, context=context)
    assert general == {"samples": 7, "end_counter": SECONDS + 7}
    assert len(bulk["pop_ping_drop_rate"]) == 7


def test_core_counts_the_history(core: ModuleType, context: Any, dish: Dish) -> None:
    """Lost pings, runs of loss and bytes are those of the samples."""
    general, drops, runs, latency, _, usage, _ = core.history_stats(-1, context=context)
    memory = dish.recall(at(SECONDS))
    drop_rate, latency_s = memory.last("ping_drop_rate", 900), memory.last("ping_latency_s", 900)
    assert general["samples"] == 900
    assert drops["total_ping_drop"] == pytest.approx(drop_rate.sum(), rel=1e-6)
    assert drops["count_full_ping_drop"] == 63  # the first second of the first outage has left the ring
    assert (runs["init_run_fragment"], runs["run_seconds[1,]"][60 - 1]) == (3, 60)
    assert latency["mean_full_ping_latency"] == pytest.approx(1e3 * latency_s[drop_rate == 0.0].mean(), rel=1e-6)
    assert usage["download_usage"] == pytest.approx(memory.last("down_bps", 900).sum() / 8.0, rel=1e-6)


def test_core_reads_and_clears_the_map(core: ModuleType, context: Any, dish: Dish) -> None:
    """Row by row."""
    rows = core.obstruction_map(context)
    np.testing.assert_array_equal(np.array(rows), dish.obstruction_map())
    assert np.array(rows).shape == (CELLS, CELLS)
    core.reset_obstruction_map(context)
    assert (np.array(core.obstruction_map(context)) == -1.0).all()


def test_core_is_told_the_place_only_where_it_may_be(core: ModuleType, context: Any, dish: Dish) -> None:
    """A refusal becomes nothing."""
    assert set(core.location_data(context).values()) == {None}
    dish.configure(at(SECONDS), {"location_request_mode": "LOCAL", "apply_location_request_mode": True})
    assert core.location_data(context) == pytest.approx({"latitude": 47.37, "longitude": 8.54, "altitude": 408.0})


def test_core_commands_the_dish(core: ModuleType, context: Any, dish: Dish) -> None:
    """Stow, sleep, GPS, reboot."""
    core.set_stow_state(context=context)
    assert core.status_data(context)[0]["state"] == "STOWED"
    assert dish.is_down(at(SECONDS))
    core.set_stow_state(unstow=True, context=context)
    assert core.status_data(context)[0]["state"] == "CONNECTED"
    core.set_sleep_config(740, 3, context=context)
    assert core.get_sleep_config(context) == (740, 3, True)
    assert core.status_data(context)[0]["state"] == "SLEEPING"
    core.set_sleep_config(0, 0, enable=False, context=context)
    assert core.get_sleep_config(context)[2] is False
    with pytest.raises(core.GrpcError, match="lies between"):
        core.set_sleep_config(2_000, 3, context=context)
    assert core.set_gps_config(enable=False, context=context) is False
    assert core.status_data(context)[0]["gps_enabled"] is False
    core.reboot(context)
    assert core.status_data(context)[0]["state"] == "BOOTING"
    assert core.history_bulk_data(-1, context=context)[0]["end_counter"] == 0


def test_client_reads_with_its_own_stubs(target: str, dish: Dish) -> None:
    """starlink-client: no reflection, another copy of the interface in the same process."""
    stubs = import_module("spacex.api.device.device_pb2")
    client = import_module("starlink_client.grpc_client").GrpcClient(target)
    dish.read(
        replace(SERVED, time_ns=at(SECONDS + 1), outage=OutageCause.NO_PINGS, disablement=Disablement.CELL_IS_DISABLED)
    )
    told = client.call(stubs.Request(id=3, get_status={}))
    assert told.id == 3
    assert told.dish_get_status.device_info.id == FACTS.dish_id
    assert told.dish_get_status.disablement_code == Disablement.CELL_IS_DISABLED
    assert told.dish_get_status.outage.cause == OutageCause.NO_PINGS
    assert told.dish_get_status.outage.start_timestamp_ns > 0
    assert len(client.call(stubs.Request(get_history={})).dish_get_history.outages) == 2
    assert client.call(stubs.Request(dish_get_context={})).dish_get_context.initial_satellite_id == SERVED.satellite
    with pytest.raises(grpc.RpcError) as refused:
        client.get_location()
    assert refused.value.code() == grpc.StatusCode.PERMISSION_DENIED
    dish.configure(at(SECONDS), {"location_request_mode": "LOCAL", "apply_location_request_mode": True})
    assert client.get_location().lat == pytest.approx(47.37)
    client._channel.close()


def test_client_finds_nothing_that_it_does_not_know(dish: Dish) -> None:
    """Numbers agree wherever both know a field: its stubs read our replies, and what they do not know is newer than they."""
    stubs = import_module("spacex.api.device.device_pb2")
    ours = interface().response(dish_get_status=status(dish.view(at(SECONDS))))
    theirs = stubs.Response.FromString(ours.SerializeToString())
    names = [MessageToDict(message, preserving_proto_field_name=True)["dish_get_status"] for message in (ours, theirs)]
    newer = {
        *("reboot_reason", "account_shard", "ned2dish_quaternion"),
        *("dl_bandwidth_restricted_reason", "ul_bandwidth_restricted_reason"),
    }
    assert {name: value for name, value in names[0].items() if name not in newer and name != "config"} == {
        name: value for name, value in names[1].items() if name != "config"
    }
    assert names[0]["config"] == names[1]["config"]


PROGRAM = """
import json
import starlink_grpc
print(json.dumps({"id": starlink_grpc.get_id(), "state": starlink_grpc.status_data()[0]["state"]}))
"""


def test_core_as_it_comes_finds_the_dish_of_its_network(needs_namespaces: None) -> None:
    """Not even the address is changed."""
    network, dish = NetworkOfItsOwn(), a_dish()
    dish.read(SERVED)
    try:
        with DishServer.start({network: dish}):
            done = network.call(
                lambda: subprocess.run(
                    [sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=60, check=True
                )
            )
    finally:
        network.close()
    assert json.loads(done.stdout) == {"id": FACTS.dish_id, "state": "CONNECTED"}


# ------------------------------------------------------------------------------------------------ replies of a real dish


def real(shared_data: Path, name: str) -> dict[str, Any]:
    """A reply of a real dish."""
    path = shared_data / "dish" / f"{name}.json"
    if not path.is_file():
        pytest.skip(f"no reply of a real dish at {path}")
    reply: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return reply


@pytest.mark.parametrize("name", ["get_status", "get_history"])
def test_a_real_reply_has_no_key_that_is_not_ours(shared_data: Path, name: str) -> None:
    """Parsed whole: names, enumerators and types; and told again as it came."""
    reply = real(shared_data, name)
    parsed = ParseDict(reply, interface().response())
    assert without_nulls(MessageToDict(parsed, always_print_fields_with_no_presence=True), reply) == without_nulls(
        reply, reply
    )


def test_our_status_has_every_key_of_a_real_one(shared_data: Path, dish: Dish) -> None:
    """Down to the deepest; only an outage is there or not."""
    reply = real(shared_data, "get_status")["dishGetStatus"]
    ours = MessageToDict(
        interface().response(dish_get_status=status(dish.view(at(SECONDS)))), always_print_fields_with_no_presence=True
    )["dishGetStatus"]
    assert missing(reply, ours) == {"outage"}


def test_core_reads_a_real_history_through_our_interface(core: ModuleType, shared_data: Path) -> None:
    """What it counts in the real reply is what the samples say."""
    reply = real(shared_data, "get_history")
    history = ParseDict(reply, interface().response()).dish_get_history  # type: ignore[attr-defined]  # made at run time
    _, drops, *_ = core.history_stats(-1, history=history)
    assert drops["total_ping_drop"] == pytest.approx(sum(reply["dishGetHistory"]["popPingDropRate"]), rel=1e-5)
    newest = max(outage.start_timestamp_ns for outage in history.outages)
    assert newest // NS_PER_S == pytest.approx(1_399_250_000, abs=20_000)


def without_nulls(reply: Mapping[str, Any], like: Mapping[str, Any]) -> dict[str, Any]:
    """The keys that a reply has in common with another, without those that say nothing; floats as the wire has them."""
    kept: dict[str, Any] = {}
    for key, value in reply.items():
        if like.get(key) is None:
            continue
        kept[key] = without_nulls(value, like[key]) if isinstance(value, Mapping) else told_by_wire(value)
    return kept


def told_by_wire(value: Any) -> Any:
    """A value in one form, whichever JSON it came from."""
    if isinstance(value, list):
        return [told_by_wire(one) for one in value]
    if isinstance(value, Mapping):
        return {key: told_by_wire(one) for key, one in value.items()}
    return pytest.approx(value, rel=1e-6) if isinstance(value, float) else value


def missing(theirs: Mapping[str, Any], ours: Mapping[str, Any], prefix: str = "") -> set[str]:
    """Keys of theirs that ours do not have."""
    found = {prefix + key for key in theirs if key not in ours}
    for key, value in theirs.items():
        if isinstance(value, Mapping) and isinstance(ours.get(key), Mapping):
            found |= missing(value, ours[key], f"{prefix}{key}.")
    return found
