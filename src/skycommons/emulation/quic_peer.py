"""Two ends of a QUIC connection that move data for a fixed time, by aioquic; each runs as a process on a host.

Rules: run as ``python -m skycommons.emulation.quic_peer serve …`` and ``… measure …``; what the client saw is one JSON object on its
standard output, also when it was cut short. Both directions ask and answer, so that buffers stay bounded: *down* the client asks
for blocks by single bytes, *up* the server acknowledges each block by one. Round trips are timed by PING frames.
"""

import asyncio
import contextlib
import json
import sys
import time
from collections.abc import AsyncIterator, Coroutine, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from aioquic.asyncio.protocol import QuicConnectionProtocol
    from aioquic.quic.configuration import QuicConfiguration

ALPN: Final = "skycommons-probe"
_BLOCK: Final = bytes(16_384)
_WINDOW: Final = 256  # blocks on their way: 4 MB, above what a path of aioquic's own rate holds
_PING_S: Final = 0.1
_AGAIN_S: Final = 0.5
_IDLE_S: Final = 60.0
_PATIENCE_S: Final = 15.0
_DOWN: Final = b"d"
_UP: Final = b"u"


@dataclass(slots=True, kw_only=True)
class Seen:
    """What the client saw; instants by the wall clock, lengths of time in ns.

    Attributes:
        end_wall_ns: When it stopped to move data.
        handshakes, files: Begin and length of each that came to its end.
        moved: Instants and bytes: received, or acknowledged by the other end.
        pings: Begin and length of round trips.
        failures: Connections that never came about or were lost.
        fault: What went wrong last; empty if nothing did.
    """

    end_wall_ns: int = 0
    handshakes: list[tuple[int, int]] = field(default_factory=list)
    files: list[tuple[int, int]] = field(default_factory=list)
    moved: list[tuple[int, int]] = field(default_factory=list)
    pings: list[tuple[int, int]] = field(default_factory=list)
    failures: int = 0
    fault: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What a client does.

    Attributes:
        address, port: Of the server.
        authority: The file of the certificate that it trusts.
        duration_s: How long.
        is_down: Whether data come from the server.
        size_bytes: Of a file, each over a connection of its own, rounded up to 16 KiB; 0 for one connection without end.
    """

    address: str
    port: int
    authority: Path
    duration_s: float
    is_down: bool
    size_bytes: int = 0


def configured(*, is_client: bool) -> "QuicConfiguration":
    """Settings that both ends share."""
    from aioquic.quic.configuration import QuicConfiguration

    return QuicConfiguration(
        is_client=is_client, alpn_protocols=[ALPN], idle_timeout=_IDLE_S, congestion_control_algorithm="cubic"
    )


@contextlib.asynccontextmanager
async def served(address: str, port: int, *, certificate: Path, key: Path) -> AsyncIterator[None]:
    """A server that answers while the block runs."""
    from aioquic.asyncio.server import serve

    configuration = configured(is_client=False)
    configuration.load_cert_chain(certificate, key)
    running: set[asyncio.Task[None]] = set()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(answer(reader, writer))
        running.add(task)
        task.add_done_callback(running.discard)

    server = await serve(address, port, configuration=configuration, stream_handler=accept)
    try:
        yield
    finally:
        server.close()
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """The server's side of one stream: blocks for bytes, or bytes for blocks."""
    with contextlib.closing(writer):
        way = await reader.read(1)
        rest = 0
        while data := await reader.read(1 << 16):
            if way == _DOWN:
                writer.write(_BLOCK * len(data))
                continue
            blocks, rest = divmod(rest + len(data), len(_BLOCK))
            if blocks:
                writer.write(b"." * blocks)


async def measure(job: Job) -> Seen:
    """Connect and move data, again and again for a while, and tell what was seen."""
    seen = Seen()
    until_s = asyncio.get_running_loop().time() + job.duration_s
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout_at(until_s + _PATIENCE_S):  # closing a connection waits for the other end
            while asyncio.get_running_loop().time() < until_s:
                await _transfer(job, seen, until_s)
    return seen


async def _transfer(job: Job, seen: Seen, until_s: float) -> None:
    """One connection from its handshake to the end of its file, or to the end of time."""
    from aioquic.asyncio.client import connect

    configuration = configured(is_client=True)
    configuration.load_verify_locations(str(job.authority))
    configuration.server_name = job.address
    begin_ns = time.time_ns()
    pinging: asyncio.Task[None] | None = None
    try:
        async with connect(job.address, job.port, configuration=configuration, wait_connected=False) as peer:
            try:
                if await _is_connected(peer, until_s):
                    seen.handshakes.append((begin_ns, time.time_ns() - begin_ns))
                    pinging = asyncio.create_task(_ping(peer, seen))
                    with contextlib.suppress(TimeoutError):
                        async with asyncio.timeout_at(until_s):
                            await _move(peer, job, seen)
                            seen.files.append((begin_ns, time.time_ns() - begin_ns))
            finally:
                seen.end_wall_ns = time.time_ns()
    except OSError as error:
        seen.failures += 1
        seen.fault = str(error) or "no connection"
        await asyncio.sleep(_AGAIN_S)
    finally:
        if pinging is not None:  # only now, when the connection has told a ping that waits that it will not come back
            pinging.cancel()
            await asyncio.wait({pinging})


async def _is_connected(peer: "QuicConnectionProtocol", until_s: float) -> bool:
    """Whether the handshake ends in time; the connection is closed if not.

    Raises:
        ConnectionError: The other end refuses.
    """
    peer.transmit()
    connecting = asyncio.create_task(peer.wait_connected())
    await asyncio.wait({connecting}, timeout=until_s - asyncio.get_running_loop().time())
    is_late = not connecting.done()
    if is_late:
        peer.close()
    with contextlib.suppress(*((ConnectionError,) if is_late else ())):
        await connecting
    return not is_late


async def _move(peer: "QuicConnectionProtocol", job: Job, seen: Seen) -> None:
    """Keep blocks on their way until the file is through, and note what came of them.

    Raises:
        ConnectionError: The connection ended before.
    """
    reader, writer = await peer.create_stream()
    ask = b"." if job.is_down else _BLOCK
    unit = 1 if job.is_down else len(_BLOCK)  # bytes of data that a byte of the answer stands for
    whole = -(-job.size_bytes // len(_BLOCK)) if job.size_bytes else sys.maxsize  # blocks
    asked, came = min(_WINDOW, whole), 0
    with contextlib.closing(writer):
        writer.write((_DOWN if job.is_down else _UP) + ask * asked)
        while data := await reader.read(1 << 18):
            came += len(data) * unit
            seen.moved.append((time.time_ns(), len(data) * unit))
            if came >= whole * len(_BLOCK):
                return
            more = min(came // len(_BLOCK) + _WINDOW, whole) - asked
            if more > 0:
                writer.write(ask * more)
                asked += more
    raise ConnectionError("the connection was lost")


async def _ping(peer: "QuicConnectionProtocol", seen: Seen) -> None:
    """Time a round trip again and again."""
    with contextlib.suppress(ConnectionError):
        while True:
            begin_ns = time.time_ns()
            await peer.ping()
            seen.pings.append((begin_ns, time.time_ns() - begin_ns))
            await asyncio.sleep(max(_PING_S - 1e-9 * seen.pings[-1][1], 0.01))


async def _serve_for_ever(address: str, port: int, certificate: Path, key: Path) -> None:
    """Answer until ended."""
    async with served(address, port, certificate=certificate, key=key):
        await asyncio.Event().wait()


async def _measure_and_tell(job: Job) -> None:
    """Measure, and write what was seen."""
    sys.stdout.write(json.dumps(asdict(await measure(job))) + "\n")


def main(arguments: Sequence[str]) -> None:
    """Be an end: ``serve ADDRESS PORT CERTIFICATE KEY`` or ``measure ADDRESS PORT AUTHORITY SECONDS up|down BYTES``."""
    role, address, port, *rest = arguments
    work: Coroutine[Any, Any, None]
    if role == "serve":
        work = _serve_for_ever(address, int(port), Path(rest[0]), Path(rest[1]))
    else:
        authority, duration, direction, size = rest
        job = Job(
            address=address,
            port=int(port),
            authority=Path(authority),
            duration_s=float(duration),
            is_down=direction == "down",
            size_bytes=int(size),
        )
        work = _measure_and_tell(job)
    asyncio.run(work)


if __name__ == "__main__":
    main(sys.argv[1:])
