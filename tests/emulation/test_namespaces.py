"""Namespaces without a name: made in threads, held by files, and the machine notices nothing."""

import errno
import os
import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from threading import current_thread

import pytest

from skycommons.base.errors import HostError
from skycommons.emulation import namespaces
from skycommons.emulation.namespaces import (
    CLONE_NEWNET,
    Namespaces,
    in_thread,
    new_mounts,
    new_namespaces,
    set_namespace,
    write_sysctls,
)
from skycommons.emulation.programs import Programs


@pytest.fixture
def programs(needs_namespaces: None) -> Iterator[Programs]:
    """A PID namespace."""
    with Programs() as own:
        yield own


@pytest.fixture
def inside(programs: Programs) -> Iterator[Namespaces]:
    """A network in which /etc/hosts reads otherwise."""
    template, missing = new_mounts(programs.pids_fd, {"/etc/hosts": "127.0.0.1 elsewhere\n", "/etc/no/such": "x"})
    assert missing == ("/etc/no/such",)
    with closing(new_namespaces(template)) as made:
        os.close(template)
        yield made


def network_of_this_process() -> str:
    return str(Path("/proc/self/ns/net").readlink())


def open_files() -> list[str]:
    """This process's own; the one that lists them is always among them."""
    return sorted(entry.name for entry in Path("/proc/self/fd").iterdir())


def test_work_in_a_thread_answers_or_raises() -> None:
    """As if it were called."""
    assert in_thread(current_thread) is not current_thread()
    with pytest.raises(ValueError, match="no number"):
        in_thread(lambda: int("no number"))


def test_a_network_has_a_loopback_and_nothing_else(inside: Namespaces) -> None:
    """And this process stays where it is."""
    before = network_of_this_process()
    assert [name for _, name in inside.call(socket.if_nameindex)] == ["lo"]
    assert network_of_this_process() == before
    assert inside.call(lambda: [entry.name for entry in Path("/sys/class/net").iterdir()]) == ["lo"]


def test_a_host_reads_its_own_files(inside: Namespaces) -> None:
    """The machine's are covered there, and only there."""
    own = Path("/etc/hosts")
    before = own.read_bytes()
    assert inside.call(own.read_text) == "127.0.0.1 elsewhere\n"
    assert own.read_bytes() == before
    assert "elsewhere" not in Path("/proc/self/mountinfo").read_text()


def test_the_working_directory_stays(inside: Namespaces, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Relative paths mean the same inside; where the folder was removed, the root counts."""
    monkeypatch.chdir(tmp_path)
    assert inside.call(os.getcwd) == str(tmp_path)
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    assert inside.call(os.getcwd) == "/"
    monkeypatch.chdir(tmp_path)


def test_parameters_are_those_of_the_network(inside: Namespaces) -> None:
    """The machine's stay; what a kernel does not know is passed over."""
    forwarding = Path("/proc/sys/net/ipv4/conf/lo/forwarding")
    before = forwarding.read_text()
    write_sysctls(inside.net_fd, [("ipv4.conf.lo.forwarding", "1"), ("ipv4.no_such", "1")])
    assert inside.call(forwarding.read_text) == "1\n"
    write_sysctls(inside.net_fd, [("ipv4.conf.lo.forwarding", "0")])
    assert inside.call(forwarding.read_text) == "0\n"
    assert forwarding.read_text() == before


def test_the_machines_own_parameters_are_never_written(needs_namespaces: None) -> None:
    """Even if asked to."""
    own = os.open("/proc/self/ns/net", os.O_RDONLY)
    try:
        with pytest.raises(HostError, match="machine's own"):
            write_sysctls(own, [("ipv4.ip_forward", "1")])
    finally:
        os.close(own)


def test_a_value_that_the_kernel_refuses_is_named(inside: Namespaces) -> None:
    """With the parameter."""
    with pytest.raises(HostError, match=r"net\.ipv4\.ip_forward cannot be set to maybe"):
        write_sysctls(inside.net_fd, [("ipv4.ip_forward", "maybe")])


def test_what_is_no_namespace_cannot_be_entered() -> None:
    """The kernel's reason is told."""
    with Path("/dev/null").open("rb") as nothing, pytest.raises(HostError, match="cannot be entered: Invalid argument"):
        in_thread(lambda: set_namespace(nothing.fileno(), CLONE_NEWNET))


def test_a_view_that_cannot_be_made_leaves_no_file_open(programs: Programs, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor is anything mounted."""

    def refuse(*_: object) -> None:
        raise HostError("nothing can be mounted")

    monkeypatch.setattr(namespaces, "mount", refuse)
    before = open_files()
    with pytest.raises(HostError, match="nothing can be mounted"):
        new_mounts(programs.pids_fd, {})
    assert open_files() == before


def test_a_full_disk_is_told(programs: Programs, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files of the hosts are written to temporary ones."""

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(namespaces, "NamedTemporaryFile", full)
    with pytest.raises(HostError, match=r"/etc/hosts of the hosts cannot be written.*No space left"):
        new_mounts(programs.pids_fd, {"/etc/hosts": ""})


def test_files_and_namespaces_are_let_go(programs: Programs) -> None:
    """Closing is all there is to do."""
    before = open_files()
    template, _ = new_mounts(programs.pids_fd, {})
    made = new_namespaces(template)
    os.close(template)
    made.close()
    assert open_files() == before
