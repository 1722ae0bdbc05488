"""Addresses and names of hosts: documented ranges, no two alike, the same in every run."""

import re
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skycommons.base.errors import InputError
from skycommons.emulation.layout import (
    GATEWAY,
    INTERNET_NET,
    INTERNET_NET6,
    MOST_TERMINALS,
    TERMINALS_NET,
    HostKind,
    TerminalPlace,
    Wiring,
    labels,
    layout_of,
    terminal_ipv4,
    terminal_ipv6_net,
)

SMALL = (TerminalPlace("Zürich", "Frankfurt"), TerminalPlace("Lima", "Bogotá"), TerminalPlace("Bern", "Frankfurt"))


def test_a_small_layout() -> None:
    """Terminals in order, PoPs as they are first named, one host of the internet."""
    layout = layout_of(SMALL)
    assert [(site.name, site.ipv4, site.ipv6, site.pop) for site in layout.terminals] == [
        ("Zürich", "100.64.0.2", "2001:db8::1", 0),
        ("Lima", "100.64.0.3", "2001:db8:0:100::1", 1),
        ("Bern", "100.64.0.4", "2001:db8:0:200::1", 0),
    ]
    assert [(site.name, site.ipv4, site.ipv6) for site in layout.pops] == [
        ("Frankfurt", "203.0.113.129", "2001:db8:ffff::129"),
        ("Bogotá", "203.0.113.130", "2001:db8:ffff::130"),
    ]
    assert [(site.name, site.ipv4, site.kind) for site in layout.internet] == [
        ("internet", "203.0.113.10", HostKind.INTERNET)
    ]
    assert layout.of_pop(0) == (0, 2)
    assert layout.pop_interface(2) == "sky0"
    assert layout_of(SMALL, wiring=Wiring.VETH).pop_interface(2) == "sky2"


def test_names_in_the_dns() -> None:
    """Terminals have a zone of their own."""
    layout = layout_of(SMALL, ["server"])
    assert [site.domain for site in layout] == [
        "zurich.sky.example",
        "lima.sky.example",
        "bern.sky.example",
        "frankfurt.example",
        "bogota.example",
        "server.example",
    ]
    assert layout.domains["zurich.sky.example"] == ("100.64.0.2", "2001:db8::1")
    assert layout.domains["gateway.sky.example"] == (GATEWAY,)


def test_a_terminal_called_gateway_has_its_own_name() -> None:
    """The PoP's gives way."""
    assert layout_of([TerminalPlace("gateway", "p")]).domains["gateway.sky.example"][0] == "100.64.0.2"


@given(st.integers(0, MOST_TERMINALS - 1))
def test_a_terminals_addresses_are_in_their_ranges(row: int) -> None:
    """And never a network's, a broadcast's, a PoP's or the internet's."""
    ipv4 = IPv4Address(terminal_ipv4(row))
    assert ipv4 in IPv4Network(TERMINALS_NET)
    assert ipv4.packed[3] not in {0, 255}
    assert ipv4 > IPv4Address(GATEWAY)
    net = IPv6Network(f"{terminal_ipv6_net(row)}/56")
    assert net.subnet_of(IPv6Network("2001:db8::/32"))
    assert not net.overlaps(IPv6Network(INTERNET_NET6))
    assert int(IPv6Address(terminal_ipv6_net(row))) >> 64 & 0xFF == 0


@given(st.integers(0, MOST_TERMINALS - 2))
def test_addresses_rise_with_rows(row: int) -> None:
    """So no two are alike."""
    assert IPv4Address(terminal_ipv4(row)) < IPv4Address(terminal_ipv4(row + 1))
    assert IPv6Address(terminal_ipv6_net(row)) < IPv6Address(terminal_ipv6_net(row + 1))


def test_public_addresses_are_in_their_ranges() -> None:
    """As many as there can be."""
    layout = layout_of([TerminalPlace(f"t{row}", f"p{row}") for row in range(126)], [f"h{row}" for row in range(119)])
    public = [*layout.pops, *layout.internet]
    assert len({site.ipv4 for site in public}) == len(public)
    assert all(ip_address(site.ipv4) in IPv4Network(INTERNET_NET) for site in public)
    assert all(ip_address(site.ipv6) in IPv6Network(INTERNET_NET6) for site in public)


@given(st.lists(st.text(max_size=70), max_size=12))
def test_every_name_has_a_label_of_its_own(names: list[str]) -> None:
    """One that the DNS takes."""
    made = labels(names)
    assert len(set(made)) == len(names)
    assert all(re.fullmatch(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", label) for label in made)


def test_labels_that_would_be_alike_are_numbered() -> None:
    """Also where a numbered one is taken."""
    assert labels(["Zürich", "zurich", "zurich-2", "Αθήνα"]) == ("zurich", "zurich-2", "zurich-2-2", "host")


def test_all_faults_are_told_at_once() -> None:
    """Each with what is wrong."""
    with pytest.raises(InputError) as caught:
        layout_of([TerminalPlace("a", "p"), TerminalPlace("a", ""), TerminalPlace("p", "p")], mtu=1279)
    for part in ("an empty name", "2 hosts are called a", "2 hosts are called p", "an MTU of 1279 bytes"):
        assert part in str(caught.value)
    with pytest.raises(InputError, match="there is no terminal"):
        layout_of([])
    with pytest.raises(InputError, match="there are 127 PoPs, but addresses for 126"):
        layout_of([TerminalPlace(f"t{row}", f"p{row}") for row in range(127)])
