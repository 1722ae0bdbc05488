"""Where programs reach the dishes: one gRPC server a dish, each inside the network of its own host.

Rules: a dish listens at 192.168.100.1:9200 without encryption and without asking who calls, as real ones do; nobody but its own host
can reach that address, for the socket is made inside that host's namespace. All servers of a run share one thread and its event loop, so
that fifty dishes with idle clients cost no thread each. Answers are made from memory and take no time worth a thread.

Requests come one by one (``Handle``) or in a stream (``Stream``). A refused request ends a call with gRPC's status; in a stream it is
told inside the reply, and the stream goes on. Reflection is on, in both of its versions, since some clients know it only so.
"""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final, Protocol, Self, TypeVar

import grpc
import grpc.aio
from google.protobuf.message import Message
from grpc_reflection.v1alpha import reflection, reflection_pb2

from skycommons.base.errors import HostError
from skycommons.emulation.dish_answers import Refusal, answer
from skycommons.emulation.dish_interface import SERVICE, interface, question_of, response_of
from skycommons.emulation.dish_state import Dish
from skycommons.emulation.layout import DISH

DISH_PORT: Final = 9200
REFLECTION: Final = ("grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection")
_MOST_CALLS: Final = 64  # at once, of one dish: streams included
_OPTIONS: Final = (("grpc.so_reuseport", 0),)  # a second server at an address is a mistake, and is told
_GRACE_S: Final = 0.5
_PATIENCE_S: Final = 10.0

T = TypeVar("T")


class Place(Protocol):
    """Whose network a dish is in: a host, or anything that can run a function there."""

    def call(self, work: Callable[[], T]) -> T:
        """Run a function in a thread that is inside the network."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Here:
    """The network of this very process: for tests, and for one dish without namespaces."""

    def call(self, work: Callable[[], T]) -> T:
        """Run a function."""
        return work()


class DishServer:
    """The servers of all dishes of a run; a context manager that stops them.

    Attributes:
        ports: The port of each dish, in the order of the mapping.
    """

    def __init__(self) -> None:
        self.ports: tuple[int, ...] = ()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="dish servers", daemon=True)
        self._servers: list[grpc.aio.Server] = []

    @staticmethod
    def start(
        dishes: Mapping[Place, Dish],
        *,
        clock: Callable[[], int] | None = None,
        address: str = f"{DISH}:{DISH_PORT}",
    ) -> "DishServer":
        """Open every dish's server in its host's network.

        Args:
            dishes: Each with the host that it belongs to.
            clock: Says what time it is in the emulation, UTC; without one, it is the time of the dish's last reading.
            address: Where to listen; port 0 takes any that is free.
        Raises:
            HostError: An address cannot be had; no server runs then.
        """
        server = DishServer()
        server._thread.start()
        try:
            server.ports = tuple(
                server._open(place, dish, clock=clock or dish.last_time_ns, address=address)
                for place, dish in dishes.items()
            )
        except BaseException:
            server.stop()
            raise
        return server

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """End all calls and close all sockets, within seconds; a second call does nothing."""
        if self._loop.is_closed():
            return
        try:
            self._run(_stopped(self._servers))
        finally:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(_PATIENCE_S)
            if not self._thread.is_alive():
                self._loop.close()

    def _open(self, place: Place, dish: Dish, *, clock: Callable[[], int], address: str) -> int:
        """Start one server, and tell its port."""
        server = self._run(_made(dish, clock))
        try:
            port = place.call(lambda: server.add_insecure_port(address))
        except RuntimeError as fault:
            message = f"the dish of {dish.facts.name} cannot listen at {address}: is there another, or no such address?"
            raise HostError(message) from fault
        self._servers.append(server)
        self._run(server.start())
        return port

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        """Do something in the servers' thread, and wait for it."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(_PATIENCE_S)


async def _stopped(servers: list[grpc.aio.Server]) -> None:
    """Stop all at once."""
    await asyncio.gather(*(server.stop(_GRACE_S) for server in servers))


async def _made(dish: Dish, clock: Callable[[], int]) -> grpc.aio.Server:
    """A server of one dish, that listens nowhere yet."""
    api = interface()
    calls = _Calls(dish=dish, clock=clock)
    methods: dict[str, grpc.RpcMethodHandler[Any, Any]] = {
        "Handle": grpc.unary_unary_rpc_method_handler(
            calls.handle, request_deserializer=api.request.FromString, response_serializer=_bytes_of
        ),
        "Stream": grpc.stream_stream_rpc_method_handler(
            calls.stream, request_deserializer=api.to_device.FromString, response_serializer=_bytes_of
        ),
    }
    mirror = reflection.aio.ReflectionServicer([SERVICE], pool=api.pool)
    looks: dict[str, grpc.RpcMethodHandler[Any, Any]] = {
        "ServerReflectionInfo": grpc.stream_stream_rpc_method_handler(
            mirror.ServerReflectionInfo,
            request_deserializer=reflection_pb2.ServerReflectionRequest.FromString,
            response_serializer=_bytes_of,
        )
    }
    server = grpc.aio.server(options=_OPTIONS, maximum_concurrent_rpcs=_MOST_CALLS)
    handlers = {SERVICE: methods, **dict.fromkeys(REFLECTION, looks)}
    server.add_generic_rpc_handlers(
        tuple(grpc.method_handlers_generic_handler(service, found) for service, found in handlers.items())
    )
    return server


@dataclass(frozen=True, slots=True, kw_only=True)
class _Calls:
    """The two methods of one dish."""

    dish: Dish
    clock: Callable[[], int]

    async def handle(self, request: Message, context: grpc.aio.ServicerContext[Message, Message]) -> Message:
        """Answer one request."""
        question = question_of(request)
        told = answer(self.dish, question, self.clock())
        if isinstance(told, Refusal):
            await context.abort(grpc.StatusCode[told.code], told.message)
        return response_of(question, told)

    async def stream(
        self, requests: AsyncIterator[Message], _: grpc.aio.ServicerContext[Message, Message]
    ) -> AsyncIterator[Message]:
        """Answer requests as they come, in their order."""
        from_device = interface().from_device
        async for message in requests:
            for field, content in message.ListFields():
                if field.name == "health_check":
                    yield from_device(health_check={})
                    continue
                question = question_of(content)
                told = answer(self.dish, question, self.clock())
                if isinstance(told, Refusal):
                    code = int(grpc.StatusCode[told.code].value[0])
                    told = {"status": {"code": code, "message": told.message}}
                yield from_device(response=response_of(question, told))


def _bytes_of(message: Message) -> bytes:
    """A message as it goes over the wire."""
    return message.SerializeToString()
