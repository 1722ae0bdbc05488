"""Programs reach each dish at its address, by one call or by a stream, and nothing is left when the servers stop."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import grpc
import pytest
from google.protobuf.message import Message
from grpc_reflection.v1alpha import reflection_pb2

from skycommons.base.errors import HostError
from skycommons.emulation.dish_interface import SERVICE, interface
from skycommons.emulation.dish_server import REFLECTION, DishServer, Here
from skycommons.emulation.dish_state import Dish
from tests.support.dishes import FACTS, NOON_NS, SERVED, NetworkOfItsOwn, a_dish, at

LOOPBACK = "127.0.0.1:0"


def call(channel: grpc.Channel, **request: object) -> Message:
    """One request."""
    api = interface()
    handle: grpc.UnaryUnaryMultiCallable[Message, Message] = channel.unary_unary(
        f"/{SERVICE}/Handle",
        request_serializer=lambda message: message.SerializeToString(),
        response_deserializer=api.response.FromString,
    )
    response: Message = handle(api.request(**request), timeout=20)
    return response


def value(message: Message, path: str) -> object:
    """A field of a field."""
    found: object = message
    for name in path.split("."):
        found = getattr(found, name)
    return found


@pytest.fixture
def dish() -> Dish:
    """A dish that is served."""
    dish = a_dish()
    dish.read(replace(SERVED, time_ns=at(5)))
    return dish


@pytest.fixture
def channel(dish: Dish) -> Iterator[grpc.Channel]:
    """A client of that dish."""
    with (
        DishServer.start({Here(): dish}, address=LOOPBACK) as server,
        grpc.insecure_channel(f"127.0.0.1:{server.ports[0]}") as channel,
    ):
        yield channel


def test_a_call_is_answered(channel: grpc.Channel) -> None:
    """With the number of its request."""
    response = call(channel, id=7, get_status={})
    assert value(response, "id") == 7
    assert value(response, "dish_get_status.device_info.id") == FACTS.dish_id
    assert value(response, "dish_get_status.device_state.uptime_s") == 5


def test_a_command_reaches_the_dish(channel: grpc.Channel, dish: Dish) -> None:
    """Its line is down."""
    call(channel, dish_stow={})
    assert dish.is_down(at(5))


@pytest.mark.parametrize(
    ("request_name", "code"),
    [("get_location", grpc.StatusCode.PERMISSION_DENIED), ("start_speedtest", grpc.StatusCode.UNIMPLEMENTED)],
)
def test_a_refusal_is_a_status(channel: grpc.Channel, request_name: str, code: grpc.StatusCode) -> None:
    """With a message."""
    with pytest.raises(grpc.RpcError) as caught:
        call(channel, **{request_name: {}})
    refused = caught.value
    assert isinstance(refused, grpc.Call)
    assert refused.code() == code
    assert refused.details()


def test_a_stream_answers_in_turn_and_survives_a_refusal(channel: grpc.Channel) -> None:
    """Refusals are told inside the reply."""
    api = interface()
    stream: grpc.StreamStreamMultiCallable[Message, Message] = channel.stream_stream(
        f"/{SERVICE}/Stream",
        request_serializer=lambda message: message.SerializeToString(),
        response_deserializer=api.from_device.FromString,
    )
    asked = [
        api.to_device(health_check={}),
        api.to_device(request={"id": 1, "get_location": {}}),
        api.to_device(),
        api.to_device(request={"id": 2, "get_device_info": {}}),
    ]
    answers = list(stream(iter(asked), timeout=20))
    assert [answer.WhichOneof("message") for answer in answers] == ["health_check", "response", "response"]
    assert [value(answer, "response.id") for answer in answers[1:]] == [1, 2]
    assert value(answers[1], "response.status.code") == grpc.StatusCode.PERMISSION_DENIED.value[0]
    assert value(answers[2], "response.get_device_info.device_info.id") == FACTS.dish_id


@pytest.mark.parametrize("version", REFLECTION)
def test_the_interface_can_be_asked_for(channel: grpc.Channel, version: str) -> None:
    """In both versions of reflection, with every file that it needs."""
    look = channel.stream_stream(
        f"/{version}/ServerReflectionInfo",
        request_serializer=reflection_pb2.ServerReflectionRequest.SerializeToString,
        response_deserializer=reflection_pb2.ServerReflectionResponse.FromString,
    )
    asked = [
        reflection_pb2.ServerReflectionRequest(list_services=""),
        reflection_pb2.ServerReflectionRequest(file_containing_symbol=SERVICE),
        reflection_pb2.ServerReflectionRequest(file_containing_symbol="Nobody.Knows"),
    ]
    services, files, nothing = look(iter(asked), timeout=20)
    assert [service.name for service in services.list_services_response.service] == [SERVICE]
    assert len(files.file_descriptor_response.file_descriptor_proto) == 8
    assert nothing.error_response.error_code == grpc.StatusCode.NOT_FOUND.value[0]


def test_the_clock_says_what_time_it_is(dish: Dish) -> None:
    """Not the last reading, where the emulation has a clock."""
    with (
        DishServer.start({Here(): dish}, address=LOOPBACK, clock=lambda: at(60)) as server,
        grpc.insecure_channel(f"127.0.0.1:{server.ports[0]}") as channel,
    ):
        assert value(call(channel, get_status={}), "dish_get_status.device_state.uptime_s") == 60


def test_fifty_dishes_with_idle_streams_cost_few_threads() -> None:
    """One thread answers for all; streams that say nothing keep nobody from an answer."""
    dishes = [Dish(replace(FACTS, name=f"terminal-{number}"), NOON_NS) for number in range(50)]
    api = interface()
    silence = threading.Event()

    def quiet() -> Iterator[Message]:
        silence.wait(30)
        yield from ()

    with DishServer.start({Here(): dish for dish in dishes}, address=LOOPBACK) as server:
        ours = {thread for thread in threading.enumerate() if thread.name == "dish servers"}
        assert len(ours) == 1
        assert len(set(server.ports)) == 50
        with grpc.insecure_channel(f"127.0.0.1:{server.ports[0]}") as busy:
            stream: grpc.StreamStreamMultiCallable[Message, Message] = busy.stream_stream(
                f"/{SERVICE}/Stream",
                request_serializer=lambda message: message.SerializeToString(),
                response_deserializer=api.from_device.FromString,
            )
            for _ in range(20):
                stream(quiet(), timeout=30)
            assert value(call(busy, get_status={}), "dish_get_status.device_info.id") == dishes[0].facts.dish_id
            with grpc.insecure_channel(f"127.0.0.1:{server.ports[-1]}") as other:
                assert value(call(other, get_status={}), "dish_get_status.device_info.id") == dishes[-1].facts.dish_id
            silence.set()
    assert not any(thread.name == "dish servers" for thread in threading.enumerate())


def test_a_stopped_server_answers_no_more_and_stops_once(dish: Dish) -> None:
    """A second stop does nothing; another server may have the port."""
    server = DishServer.start({Here(): dish}, address=LOOPBACK)
    (port,) = server.ports
    server.stop()
    server.stop()
    with DishServer.start({Here(): dish}, address=f"127.0.0.1:{port}") as again:
        assert again.ports == (port,)


def test_an_address_that_is_taken_is_told(dish: Dish) -> None:
    """And no server is left, not even those that could have listened."""
    with DishServer.start({Here(): dish}, address=LOOPBACK) as server:
        taken = f"127.0.0.1:{server.ports[0]}"
        with pytest.raises(HostError, match=f"zurich cannot listen at {taken}"):
            DishServer.start({Here(): a_dish()}, address=taken)
        assert sum(thread.name == "dish servers" for thread in threading.enumerate()) == 1


CLIENT = """
import json, sys
import grpc
from skycommons.emulation.dish_interface import SERVICE, interface
with grpc.insecure_channel("192.168.100.1:9200") as channel:
    handle = channel.unary_unary(
        f"/{SERVICE}/Handle",
        request_serializer=lambda message: message.SerializeToString(),
        response_deserializer=interface().response.FromString,
    )
    said = handle(interface().request(get_status={}), timeout=20, wait_for_ready=True).dish_get_status
print(json.dumps({"id": said.device_info.id}))
"""


def test_each_network_has_its_own_dish_at_the_same_address(needs_namespaces: None) -> None:
    """Several servers at 192.168.100.1:9200 in one process; a program reaches the one of its own network."""
    networks = [NetworkOfItsOwn() for _ in range(3)]
    dishes = [Dish(replace(FACTS, name=f"terminal-{number}"), NOON_NS) for number in range(3)]
    here = Path("/proc/self/ns/net").stat().st_ino
    try:
        with DishServer.start(dict(zip(networks, dishes, strict=True))):
            for network, dish in zip(networks, dishes, strict=True):
                done = network.call(
                    lambda: subprocess.run(
                        [sys.executable, "-c", CLIENT], capture_output=True, text=True, timeout=60, check=True
                    )
                )
                assert json.loads(done.stdout) == {"id": dish.facts.dish_id}
        with pytest.raises(HostError, match="cannot listen"):
            DishServer.start({Here(): a_dish()})
    finally:
        for network in networks:
            network.close()
    assert Path("/proc/self/ns/net").stat().st_ino == here
