"""Ports of the wire: all that is wrong with them is said at once."""

import pytest

from skycommons.base.errors import InputError
from skycommons.emulation.wire_ports import WirePorts


def test_there_are_two_lines_for_each_terminal() -> None:
    """One up, one down."""
    ports = WirePorts(terminal_fd=(5, 6), pop_fd=(7,), pop=(0, 0), ipv4=(1, 2), ipv6=(1 << 8, 2 << 8))
    assert ports.lines == 4


def test_every_fault_is_named() -> None:
    """Lengths, PoPs, addresses, and ports that are given twice."""
    with pytest.raises(InputError) as refused:
        WirePorts(terminal_fd=(5, 7), pop_fd=(7,), pop=(0, 3, 0), ipv4=(1, 1), ipv6=(0x101, 0x102))
    for part in ("a PoP and two addresses", "from 0 to 0", "share an address", "descriptor of its own"):
        assert part in str(refused.value)


def test_a_wire_without_terminals_is_none() -> None:
    """There must be one."""
    with pytest.raises(InputError, match="must be a terminal"):
        WirePorts(terminal_fd=(), pop_fd=(), pop=(), ipv4=(), ipv6=())
