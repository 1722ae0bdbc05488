"""Programs end when they should, whatever they do; servers listen before anybody asks them."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from skycommons.base.errors import HostError
from skycommons.emulation.probe_programs import (
    Port,
    end,
    finish,
    is_listening,
    missing,
    port_for,
    python,
    serving,
)
from tests.support.loopback_host import LoopbackHost

HOST = LoopbackHost("zurich", "127.14.0.1")
SERVER = """
import socket, sys
place = socket.socket(socket.AF_INET, socket.SOCK_{kind})
place.bind(("127.14.0.1", {port}))
{listen}
sys.stdout.write("listening"); sys.stdout.flush()
import time; time.sleep(60)
"""


def code(text: str) -> list[str]:
    """A Python program."""
    return [sys.executable, "-c", text]


def test_a_program_that_ends_by_itself_is_told_whole() -> None:
    """Both streams, and how it ended."""
    done = finish(HOST, code("import sys; print('a'); sys.stderr.write('prog: bad\\nmore'); sys.exit(3)"), timeout_s=30)
    assert (done.code, done.output, done.is_late) == (3, "a\n", False)
    assert done.raw == b"a\nprog: bad\nmore"
    assert done.faults("prog") == ["prog: bad"]


def test_a_late_program_may_print_what_it_has() -> None:
    """It is asked by the signal that its user would send."""
    text = (
        "import signal, sys, time\n"
        "signal.signal(signal.SIGINT, lambda *rest: sys.exit(print('so far')))\n"
        "print('ready', flush=True)\n"
        "time.sleep(60)"
    )
    done = finish(HOST, code(text), timeout_s=1.5)
    assert done.is_late
    assert done.output.endswith("so far\n")
    assert done.faults("prog") == ["prog did not end by itself and was ended"]


def test_a_program_that_refuses_to_end_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """With its children, whose pipes nobody waits for."""
    monkeypatch.setattr("skycommons.emulation.probe_programs._GRACE_S", 0.2)
    text = "trap '' INT TERM; sleep 60 & echo $!; wait; sleep 60"
    done = finish(HOST, ["sh", "-c", text], timeout_s=0.5)
    assert done.is_late
    assert done.code == -9
    child = Path("/proc") / done.output.strip() / "stat"
    until = time.monotonic() + 5.0
    while child.exists() and child.read_text().split()[2] != "Z" and time.monotonic() < until:
        time.sleep(0.02)
    assert not child.exists() or child.read_text().split()[2] == "Z"


def test_a_program_in_our_own_group_is_ended_alone() -> None:
    """Else we would end ourselves."""
    with subprocess.Popen(["sleep", "60"]) as program:
        end(program)
        assert program.returncode == -15
        end(program)


@pytest.mark.parametrize("is_udp", [False, True])
def test_a_server_listens_inside_the_block_and_is_gone_after_it(is_udp: bool) -> None:
    """For TCP and for UDP."""
    port = Port(number=port_for(f"test-{is_udp}", HOST, HOST), is_udp=is_udp)
    text = SERVER.format(
        kind="DGRAM" if is_udp else "STREAM", port=port.number, listen="" if is_udp else "place.listen()"
    )
    with serving(HOST, code(text), port) as server:
        pid = server.program.pid
        assert is_listening(pid, port)
        assert not is_listening(pid, Port(number=port.number, is_udp=not is_udp))
    assert server.program.returncode == -15


def test_a_server_that_dies_at_once_says_why() -> None:
    """By the last line that it printed."""
    with (
        pytest.raises(HostError, match=r"python\S* does not listen on zurich, port 20009: ValueError: wrong"),
        serving(HOST, code("raise ValueError('wrong')"), Port(number=20_009)),
    ):
        pytest.fail("the block must not begin")


def test_a_server_that_never_listens_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """And ended. A module of ours is called by its own name."""
    monkeypatch.setattr("skycommons.emulation.probe_programs._READY_S", 0.3)
    with pytest.raises(HostError, match="timeit does not listen"), serving(HOST, python("timeit", "1"), Port(number=1)):
        pytest.fail("the block must not begin")


def test_a_process_that_is_gone_listens_nowhere(tmp_path: Path) -> None:
    """Nor does one whose tables cannot be read."""
    assert not is_listening(1, Port(number=80), proc=tmp_path)


def test_ports_lie_below_those_of_clients_and_differ_by_pair() -> None:
    """The same each time."""
    other = LoopbackHost("basel", "127.14.0.2")
    ports = {port_for("irtt", HOST, other), port_for("irtt", other, HOST), port_for("iperf3", HOST, other)}
    assert len(ports) == 3
    assert all(20_000 <= port < 30_000 for port in ports)
    assert port_for("irtt", HOST, other) in ports


def test_what_is_missing_is_named_with_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is said of what is there."""
    assert missing("sh") == ""
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr("skycommons.emulation.programs.SYSTEM_FOLDERS", ())
    assert missing("irtt") == "irtt is not here; install it (Debian: apt-get install irtt)"
