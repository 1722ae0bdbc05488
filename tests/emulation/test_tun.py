"""Interfaces that are files: what is sent over one is read, with its header."""

import os
import select
import socket
from pathlib import Path

import pytest

from skycommons.base.errors import HostError
from skycommons.emulation import tun
from skycommons.emulation.layout import TerminalPlace, layout_of
from skycommons.emulation.namespaces import in_thread
from skycommons.emulation.tun import VNET_HEADER_BYTES, has_tun, open_tun


def test_a_packet_that_is_sent_is_read(needs_namespaces: None) -> None:
    """The header says what is left to be done about its checksum."""
    from skycommons.emulation.hosts import Hosts

    with Hosts.build(layout_of([TerminalPlace("a", "p")])) as hosts:
        assert has_tun()
        fd = hosts.ports.terminal_fd[0]

        def send() -> None:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
                sender.sendto(b"hello", ("203.0.113.10", 9))

        hosts["a"].call(send)
        assert select.select([fd], [], [], 10.0)[0] == [fd]
        framed = os.read(fd, 65_536)
        packet = framed[VNET_HEADER_BYTES:]
        assert packet[0] >> 4 == 4
        assert packet[-5:] == b"hello"
        assert socket.inet_ntoa(packet[12:16]) == "100.64.0.2"
        with pytest.raises(BlockingIOError):
            os.read(fd, 65_536)


def test_a_machine_without_them_is_told_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Load the module, or let users open it."""
    monkeypatch.setattr(tun, "DEVICE", str(tmp_path / "gone"))
    assert not has_tun()
    with pytest.raises(HostError, match="modprobe tun"):
        open_tun("sky0")
    monkeypatch.setattr(tun, "DEVICE", str(tmp_path))
    with pytest.raises(HostError, match=r"cannot be opened: Is a directory; run as root, or let users: chmod 666"):
        open_tun("sky0")


def test_what_is_no_tun_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And not left open."""
    plain = tmp_path / "plain"
    plain.touch()
    monkeypatch.setattr(tun, "DEVICE", str(plain))
    with pytest.raises(HostError, match="the interface sky0 cannot be made"):
        in_thread(lambda: open_tun("sky0"))
