"""Lines that make a layout: what each host gets, without running any."""

import pytest

from skycommons.emulation.layout import TerminalPlace, Wiring, layout_of
from skycommons.emulation.layout_commands import (
    exchange_commands,
    internet_commands,
    ipv4_only,
    nat_rules,
    pop_commands,
    terminal_commands,
    veth_commands,
)

PLACES = (TerminalPlace("a", "p"), TerminalPlace("b", "q"))
PATHS = {name: f"net-of-{name}" for name in ("a", "b", "p", "q", "internet")}


def test_a_terminal_has_its_addresses_and_two_default_routes() -> None:
    """And a dish, and room for a few packets if told so."""
    lines = terminal_commands(layout_of(PLACES), 1, gso_max_bytes=9000)
    assert "addr add 192.168.100.1/24 dev dish0" in lines
    assert "addr add 100.64.0.3/32 dev sky0" in lines
    assert "addr add 2001:db8:0:100::1/64 dev sky0 nodad" in lines
    assert "route add default dev sky0" in lines
    assert "route add ::/0 dev sky0" in lines
    assert "route add unreachable 2001:db8:0:100::/56" in lines
    assert any("gso_max_size 9000" in line for line in lines)
    assert not any("gso_max_size" in line for line in terminal_commands(layout_of(PLACES), 1))


def test_no_interface_is_up_before_it_is_told_to_be_silent() -> None:
    """Otherwise the kernel would give it an address of its own."""
    layout = layout_of(PLACES)
    for lines in (
        terminal_commands(layout, 0),
        pop_commands(layout, 0),
        exchange_commands(layout, PATHS, has_nat=True),
    ):
        for number, line in enumerate(lines):
            words = line.split()
            if words[:2] == ["link", "set"] and words[-1] == "up" and words[2] != "lo":
                assert lines[number - 1] == f"link set {words[2]} addrgenmode none"


def test_a_pop_knows_its_own_terminals() -> None:
    """And everybody else behind the exchange."""
    lines = pop_commands(layout_of(PLACES), 1)
    assert "route add 100.64.0.3/32 dev sky0" in lines
    assert "route add 2001:db8:0:100::/56 dev sky0" in lines
    assert "route add default via 203.0.113.1" in lines
    assert not any("100.64.0.2" in line for line in lines)


@pytest.mark.parametrize(
    ("is_open", "has_nat", "has_route"), [(False, True, False), (True, True, True), (False, False, True)]
)
def test_the_exchange_knows_the_way_to_terminals(is_open: bool, has_nat: bool, has_route: bool) -> None:
    """By IPv6 always; by their own IPv4 addresses only if somebody may use these."""
    lines = exchange_commands(layout_of(PLACES, terminal_to_terminal=is_open), PATHS, has_nat=has_nat)
    assert "route add 2001:db8:0:100::/56 via 2001:db8:ffff::130" in lines
    assert ("route add 100.64.0.3/32 via 203.0.113.130" in lines) is has_route
    assert "link add port2 mtu 1500 type veth peer name net0 mtu 1500 netns net-of-internet" in lines


def test_lines_of_virtual_ethernet() -> None:
    """Each end is told who is at the other one."""
    layout = layout_of(PLACES, wiring=Wiring.VETH)
    assert veth_commands(layout, 1, PATHS) == [
        "link add sky1 address 02:01:00:00:00:01 type veth peer name sky0 address 02:00:00:00:00:01 netns net-of-b"
    ]
    terminal = terminal_commands(layout, 1)
    assert "neigh add 100.64.0.1 lladdr 02:01:00:00:00:01 dev sky0 nud permanent" in terminal
    assert "route add ::/0 via fe80::1 dev sky0" in terminal
    pop = pop_commands(layout, 1)
    assert "neigh add fe80::2 lladdr 02:00:00:00:00:01 dev sky1 nud permanent" in pop
    assert "route add 2001:db8:0:100::/56 via fe80::2 dev sky1" in pop


def test_pops_drop_calls_to_terminals_unless_they_are_open() -> None:
    """Between open terminals no address is translated."""
    closed, opened = nat_rules(layout_of(PLACES)), nat_rules(layout_of(PLACES, terminal_to_terminal=True))
    assert 'oifname "sky*" drop' in closed
    assert "drop" not in opened
    assert "daddr != 100.64.0.0/10 masquerade" in opened


def test_a_kernel_without_ipv6_is_asked_for_none() -> None:
    """What remains are IPv4 addresses, routes and interfaces."""
    layout = layout_of(PLACES)
    lines = ipv4_only([*terminal_commands(layout, 0), *internet_commands(layout, layout.internet[0])])
    assert "addr add 203.0.113.10/24 dev net0" in lines
    assert [line for line in lines if "::" in line or "addrgenmode" in line] == []
