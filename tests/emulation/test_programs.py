"""Programs in namespaces: they work like any other, and none outlives its owner."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from subprocess import DEVNULL, PIPE
from time import monotonic, sleep
from typing import Any

import pytest

from skycommons.base.errors import HostError
from skycommons.emulation import programs as programs_module
from skycommons.emulation.namespaces import Namespaces, new_mounts, new_namespaces
from skycommons.emulation.programs import Programs, hint, needed, search_path, wait_for

MARK = "SKYCOMMONS_TEST_MARK"
OURS = f"ours-{os.getpid()}"


@pytest.fixture
def programs(needs_namespaces: None) -> Iterator[Programs]:
    """An owner of programs."""
    with Programs({MARK: OURS}) as own:
        yield own


@pytest.fixture
def inside(programs: Programs) -> Iterator[Namespaces]:
    """A place for them."""
    template, _ = new_mounts(programs.pids_fd, {})
    with closing(new_namespaces(template)) as made:
        os.close(template)
        yield made


def alive(mark: str) -> list[int]:
    """Processes with something in their environment."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and mark.encode() in (entry / "environ").read_bytes():
                found.append(int(entry.name))
        except OSError:
            continue
    return found


def none_alive(mark: str, within_s: float = 10.0) -> bool:
    """Whether there are none, soon."""
    until = monotonic() + within_s
    while alive(mark):
        if monotonic() > until:
            return False
        sleep(0.02)
    return True


def test_a_program_has_streams_and_an_exit_code(programs: Programs, inside: Namespaces) -> None:
    """As `subprocess.Popen` gives them; it sees its own processes alone."""
    program = programs.start(["sh", "-c", "read line; echo got $line; exit 3"], inside, stdin=PIPE, stdout=PIPE)
    assert program.communicate(b"it\n")[0] == b"got it\n"
    assert program.returncode == 3
    seen = programs.start(["sh", "-c", "ls -d /proc/[0-9]*; ls /sys/class/net"], inside, stdout=PIPE, encoding="utf-8")
    output = seen.communicate()[0].split()
    assert "/proc/1" in output
    assert len(output) < 8
    assert output[-1] == "lo"


def test_a_program_carries_the_mark_and_no_proxy(
    programs: Programs, inside: Namespaces, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Administrators' folders are on its path."""
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example")
    monkeypatch.setenv("no_proxy", "x")
    program = programs.start(["env"], inside, stdout=PIPE, env={"FURTHER": "1", MARK: "theirs"}, encoding="utf-8")
    lines = program.communicate()[0].splitlines()
    assert f"{MARK}={OURS}" in lines
    assert "FURTHER=1" in lines
    assert [line for line in lines if "proxy=" in line.lower()] == []
    (path,) = [line for line in lines if line.startswith("PATH=")]
    assert "/usr/sbin" in path


def test_a_program_that_is_not_there_is_named_with_its_package(
    programs: Programs, inside: Namespaces, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """And so is a folder that is not there, or a file that is no program."""
    with pytest.raises(HostError, match=r"^no-such-program cannot be started: No such file or directory$"):
        programs.start(["no-such-program"], inside)
    with pytest.raises(HostError, match=f"^true cannot be started in {tmp_path}/gone: No such file"):
        programs.start(["true"], inside, cwd=f"{tmp_path}/gone")
    plain = tmp_path / "plain"
    plain.write_text("nothing")
    with pytest.raises(HostError, match="Permission denied"):
        programs.start([str(plain)], inside)
    plain.chmod(0o755)
    with pytest.raises(HostError, match="Exec format error"):
        programs.start([str(plain)], inside)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("skycommons.emulation.programs.SYSTEM_FOLDERS", ())
    with pytest.raises(HostError, match=r"program iperf3 is not here; install it \(Debian: apt-get install iperf3\)"):
        needed("iperf3")
    assert hint("nobody-knows") == ""


def test_the_path_keeps_its_order_and_gains_folders(monkeypatch: pytest.MonkeyPatch) -> None:
    """Once each."""
    monkeypatch.setenv("PATH", "/usr/sbin:/own:")
    assert search_path().split(":") == ["/usr/sbin", "/own", "/usr/local/sbin", "/sbin"]


def test_the_end_is_polite_and_then_sure(programs: Programs, inside: Namespaces, tmp_path: Path) -> None:
    """Who listens has time to write; who does not, who detached and who forked is killed all the same."""
    told, ready = tmp_path / "told", tmp_path / "ready"
    polite = programs.start(
        ["sh", "-c", f"trap 'echo bye > {told}; exit 0' TERM; touch {ready}.1; while :; do sleep 0.05; done"], inside
    )
    deaf = programs.start(
        ["sh", "-c", f"trap '' TERM; setsid sh -c 'sleep 997 & sleep 998' & touch {ready}.2; sleep 999"], inside
    )
    until = monotonic() + 20.0
    while not (Path(f"{ready}.1").exists() and Path(f"{ready}.2").exists() and len(alive(f"{MARK}={OURS}")) >= 6):
        assert monotonic() < until
        sleep(0.01)
    programs.close()
    assert told.read_text() == "bye\n"
    assert polite.returncode == 0
    assert deaf.returncode == -signal.SIGKILL
    assert none_alive(f"{MARK}={OURS}", within_s=0.0)
    programs.close()
    with pytest.raises(HostError, match="over"):
        programs.start(["true"], inside)


def test_an_end_that_is_interrupted_is_an_end(
    programs: Programs, inside: Namespaces, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second Ctrl-C, while programs have their polite second."""
    stubborn = programs.start(["sh", "-c", "trap '' TERM; echo on; sleep 300"], inside, stdout=PIPE)
    assert stubborn.stdout is not None
    stubborn.stdout.readline()
    polite = [True]

    def interrupted(given: Sequence["subprocess.Popen[Any]"], seconds: float) -> None:
        if polite.pop() if polite else False:
            raise KeyboardInterrupt
        wait_for(given, seconds)

    monkeypatch.setattr(programs_module, "wait_for", interrupted)
    with pytest.raises(KeyboardInterrupt):
        programs.close()
    assert stubborn.returncode == -signal.SIGKILL
    stubborn.stdout.close()


def test_the_first_process_is_no_way_out(programs: Programs, inside: Namespaces) -> None:
    """All programs see it, and root could go to wherever it is: it is in a network of nobody."""
    seen = programs.start(["readlink", "/proc/1/ns/net", "/proc/self/ns/net"], inside, stdout=PIPE, encoding="ascii")
    first, own = seen.communicate()[0].split()
    assert len({first, own, str(Path("/proc/self/ns/net").readlink())}) == 3


def test_orphans_do_not_stay_as_zombies(programs: Programs, inside: Namespaces) -> None:
    """The first process has them collected."""
    parent = programs.start(["sh", "-c", "setsid true & setsid true &"], inside)
    parent.wait()
    until = monotonic() + 10.0
    while True:
        seen = programs.start(["sh", "-c", "cat /proc/[0-9]*/stat"], inside, stdout=PIPE, encoding="utf-8")
        listed = seen.communicate()[0]
        if ") Z " not in listed:
            break
        assert monotonic() < until, listed
        sleep(0.02)


OWNER = f"""
import os, sys, time
from skycommons.emulation.namespaces import new_mounts, new_namespaces
from skycommons.emulation.programs import Programs
own = Programs({{"{MARK}": sys.argv[1]}})
template, _ = new_mounts(own.pids_fd, {{}})
place = new_namespaces(template)
own.start(["sh", "-c", "setsid sleep 900 & sleep 901"], place)
time.sleep(0.2)
print("ready", flush=True)
time.sleep(600)
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_nothing_outlives_an_owner_that_is_killed(needs_namespaces: None, number: signal.Signals) -> None:
    """Not even what detached itself."""
    mark = f"killed-{os.getpid()}-{number}"
    owner = subprocess.Popen([sys.executable, "-c", OWNER, mark], stdout=PIPE, stderr=DEVNULL)
    try:
        assert owner.stdout is not None
        assert owner.stdout.readline() == b"ready\n"
        assert len(alive(f"{MARK}={mark}")) >= 3
        owner.send_signal(number)
        owner.wait(10.0)
        assert none_alive(f"{MARK}={mark}")
    finally:
        owner.kill()
        owner.wait()
        if owner.stdout is not None:
            owner.stdout.close()


def test_a_first_process_that_cannot_be_had_is_told(needs_namespaces: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The reason of the thread that tried reaches who asked."""

    def refuse(_: int) -> None:
        raise HostError("new namespaces are refused")

    monkeypatch.setattr("skycommons.emulation.programs.unshare", refuse)
    with pytest.raises(HostError, match="refused"):
        Programs()
