"""Both ends of QUIC in one loop: what goes through, and what is told when nothing does."""

import asyncio
import json
import socket
from pathlib import Path

import pytest

from skycommons.emulation import quic_peer
from skycommons.emulation.probe_quic import write_certificate
from skycommons.emulation.quic_peer import Job, Seen, main, measure, served

ADDRESS = "127.17.0.1"


def free_port(address: str = ADDRESS) -> int:
    """A port of UDP where nobody is."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as place:
        place.bind((address, 0))
        return int(place.getsockname()[1])


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for the address and its key."""
    return write_certificate(tmp_path_factory.mktemp("quic"), ADDRESS)


def measured(files: tuple[Path, Path], *, is_down: bool, duration_s: float, size_bytes: int = 0) -> Seen:
    """A client against a server of its own."""

    async def both() -> Seen:
        port = free_port()
        async with served(ADDRESS, port, certificate=files[0], key=files[1]):
            return await measure(
                Job(
                    address=ADDRESS,
                    port=port,
                    authority=files[0],
                    duration_s=duration_s,
                    is_down=is_down,
                    size_bytes=size_bytes,
                )
            )

    return asyncio.run(both())


@pytest.mark.parametrize("is_down", [True, False])
def test_one_connection_moves_data_until_time_is_up(files: tuple[Path, Path], is_down: bool) -> None:
    """Either way, and round trips are timed beside."""
    seen = measured(files, is_down=is_down, duration_s=1.0)
    assert (seen.fault, seen.failures, len(seen.handshakes), seen.files) == ("", 0, 1, [])
    assert sum(count for _, count in seen.moved) > 100_000
    assert seen.pings
    assert seen.moved[-1][0] <= seen.end_wall_ns


@pytest.mark.parametrize("is_down", [True, False])
def test_files_come_whole_each_over_its_own_connection(files: tuple[Path, Path], is_down: bool) -> None:
    """Rounded up to blocks of 16 KiB."""
    seen = measured(files, is_down=is_down, duration_s=2.0, size_bytes=20_000)
    whole = len(seen.files)
    assert whole >= 2
    assert whole <= len(seen.handshakes) <= whole + 1
    assert sum(count for _, count in seen.moved) >= whole * 32_768


def test_where_nobody_answers_that_is_told(files: tuple[Path, Path]) -> None:
    """In the time that was given, and not much more."""
    job = Job(address=ADDRESS, port=free_port(), authority=files[0], duration_s=0.5, is_down=True)
    seen = asyncio.run(measure(job))
    assert (seen.handshakes, seen.moved) == ([], [])
    assert seen.end_wall_ns > 0


def test_a_server_that_is_not_trusted_is_told(
    files: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its certificate is somebody else's; the client tries again while it has time."""
    monkeypatch.setattr(quic_peer, "_AGAIN_S", 0.05)
    other, _ = write_certificate(tmp_path, ADDRESS)

    async def both() -> Seen:
        port = free_port()
        async with served(ADDRESS, port, certificate=files[0], key=files[1]):
            return await measure(Job(address=ADDRESS, port=port, authority=other, duration_s=1.5, is_down=True))

    seen = asyncio.run(both())
    assert seen.failures >= 1
    assert seen.fault
    assert seen.moved == []


def test_a_connection_that_ends_in_the_middle_is_told(
    files: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server closes its side of the stream."""

    async def rude(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write_eof()

    monkeypatch.setattr(quic_peer, "answer", rude)
    seen = measured(files, is_down=True, duration_s=0.7)
    assert seen.fault == "the connection was lost"
    assert seen.failures >= 1


def test_the_client_tells_what_it_saw_as_json(
    files: tuple[Path, Path], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One object, also when nothing was seen."""
    jobs: list[Job] = []

    async def nothing(job: Job) -> Seen:
        jobs.append(job)
        return Seen(end_wall_ns=5)

    monkeypatch.setattr(quic_peer, "measure", nothing)
    main(["measure", ADDRESS, "4433", str(files[0]), "1.5", "up", "7"])
    assert json.loads(capsys.readouterr().out)["end_wall_ns"] == 5
    assert (jobs[0].is_down, jobs[0].duration_s, jobs[0].size_bytes, jobs[0].port) == (False, 1.5, 7, 4433)


def test_the_server_serves_until_it_is_ended(files: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """Here by somebody who does not wait for ever."""

    class EndedError(Exception):
        """The test is over."""

    class Event:
        async def wait(self) -> None:
            raise EndedError

    monkeypatch.setattr(asyncio, "Event", Event)
    with pytest.raises(EndedError):
        main(["serve", ADDRESS, str(free_port()), *map(str, files)])
