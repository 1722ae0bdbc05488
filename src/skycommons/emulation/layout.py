"""Who has which address: the plan of a live network before anything is made.

* Addresses are those set aside for documentation and for carriers' NAT; none of them is anybody's.
* Terminal *u* has an address of 100.64.0.0/10 and a /56 of 2001:db8::/32, the same in every run. Addresses that end in .0 or
  .255 are passed over, and 100.64.0.1 is every PoP's.
* PoPs and hosts of the internet share 203.0.113.0/24 and 2001:db8:ffff::/64; behind 203.0.113.1 they find the terminals.
* Names of hosts are those of the scenario. In the DNS, terminals are ``<name>.sky.example`` and everybody else is
  ``<name>.example``; a name there keeps lower-case letters, digits and dashes.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address
from types import MappingProxyType
from typing import Final, NamedTuple

from skycommons.base.errors import InputError

TERMINALS_NET: Final = "100.64.0.0/10"
"""Shared address space of carriers' NAT. Source: RFC 6598."""
GATEWAY: Final = "100.64.0.1"
INTERNET_NET: Final = "203.0.113.0/24"
"""TEST-NET-3. Source: RFC 5737."""
INTERNET_NET6: Final = "2001:db8:ffff::/64"
"""Of the documentation prefix. Source: RFC 3849."""
EXCHANGE: Final = "203.0.113.1"
EXCHANGE6: Final = "2001:db8:ffff::1"
DISH: Final = "192.168.100.1"
"""Where a dish answers its users."""

TERMINAL_ZONE: Final = "sky.example"
INTERNET_ZONE: Final = "example"

FIRST_INTERNET: Final = 10
FIRST_POP: Final = 129
MOST_INTERNET: Final = FIRST_POP - FIRST_INTERNET
MOST_POPS: Final = 255 - FIRST_POP
MOST_TERMINALS: Final = 2**14 * 254 - 1
MTU_RANGE: Final = (1280, 65_535)


class HostKind(StrEnum):
    """What a host stands for."""

    TERMINAL = "terminal"
    POP = "PoP"
    INTERNET = "internet"


class Wiring(StrEnum):
    """What the lines between terminals and PoPs are made of."""

    TUN = "tun"
    """A TUN in each terminal and one in each PoP; a process of ours carries the packets between."""
    VETH = "veth"
    """A pair of virtual Ethernet interfaces for each terminal; the kernel carries the packets."""


class TerminalPlace(NamedTuple):
    """A terminal and where its packets come down."""

    name: str
    pop: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A host before it is made.

    Attributes:
        name: As in the scenario.
        kind: What it stands for.
        label: Its name in the DNS, without the zone.
        ipv4, ipv6: Its addresses; of a PoP, those that the internet sees.
        pop: Row of the terminal's PoP; -1 for others.
        ipv6_net: What a terminal has all of; empty for others.
    """

    name: str
    kind: HostKind
    label: str
    ipv4: str
    ipv6: str
    pop: int = -1
    ipv6_net: str = ""

    @property
    def domain(self) -> str:
        """Its full name in the DNS."""
        return f"{self.label}.{TERMINAL_ZONE if self.kind is HostKind.TERMINAL else INTERNET_ZONE}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """The hosts of a live network, their addresses and what may pass between them.

    Attributes:
        terminals, pops, internet: The hosts; the order is that of the lines.
        terminal_to_terminal: Whether connections to terminals are let in. If not, PoPs drop them, as carriers' NAT does.
        mtu: Longest packet of every interface, bytes.
        wiring: What the lines are made of.
    """

    terminals: tuple[Site, ...]
    pops: tuple[Site, ...]
    internet: tuple[Site, ...]
    terminal_to_terminal: bool = False
    mtu: int = 1500
    wiring: Wiring = Wiring.TUN

    def __iter__(self) -> Iterator[Site]:
        return iter((*self.terminals, *self.pops, *self.internet))

    def of_pop(self, pop: int) -> tuple[int, ...]:
        """Rows of the terminals at a PoP."""
        return tuple(row for row, terminal in enumerate(self.terminals) if terminal.pop == pop)

    def pop_interface(self, terminal: int) -> str:
        """The interface at the PoP's end of a terminal's line; at the terminal's end it is ``sky0``."""
        return "sky0" if self.wiring is Wiring.TUN else f"sky{terminal}"

    @property
    def domains(self) -> Mapping[str, tuple[str, ...]]:
        """Addresses by full name in the DNS."""
        hosts = {site.domain: (site.ipv4, site.ipv6) for site in self}
        return MappingProxyType({f"gateway.{TERMINAL_ZONE}": (GATEWAY,), **hosts})


def layout_of(
    terminals: Sequence[TerminalPlace],
    internet: Sequence[str] = (),
    *,
    terminal_to_terminal: bool = False,
    mtu: int = 1500,
    wiring: Wiring = Wiring.TUN,
) -> Layout:
    """Give everybody an address and a name.

    Args:
        terminals: Names of terminals with those of their PoPs; PoPs are in the order of their first terminal.
        internet: Names of hosts of the internet; one called ``internet`` unless given.
        terminal_to_terminal: Whether connections to terminals are let in.
        mtu: Longest packet, bytes.
        wiring: What lines are made of.

    Raises:
        InputError: A name is empty or not unique, there are too many of a kind or no terminal, or the MTU cannot be; all at once.
    """
    pops = tuple(dict.fromkeys(place.pop for place in terminals))
    hosts = tuple(internet) or ("internet",)
    faults = _faults([place.name for place in terminals], pops, hosts)
    if not MTU_RANGE[0] <= mtu <= MTU_RANGE[1]:
        faults.append(f"an MTU of {mtu} bytes is not between {MTU_RANGE[0]}, the least of IPv6, and {MTU_RANGE[1]}")
    if faults:
        raise InputError(f"hosts cannot be laid out: {'; '.join(faults)}")
    terminal_labels = labels([place.name for place in terminals])
    other_labels = labels((*pops, *hosts))
    return Layout(
        terminals=tuple(
            Site(
                name=place.name,
                kind=HostKind.TERMINAL,
                label=label,
                ipv4=terminal_ipv4(row),
                ipv6=f"{terminal_ipv6_net(row)}1",
                pop=pops.index(place.pop),
                ipv6_net=f"{terminal_ipv6_net(row)}/56",
            )
            for row, (place, label) in enumerate(zip(terminals, terminal_labels, strict=True))
        ),
        pops=_public(HostKind.POP, pops, other_labels[: len(pops)], FIRST_POP),
        internet=_public(HostKind.INTERNET, hosts, other_labels[len(pops) :], FIRST_INTERNET),
        terminal_to_terminal=terminal_to_terminal,
        mtu=mtu,
        wiring=wiring,
    )


def terminal_ipv4(row: int) -> str:
    """Address of a terminal: 254 of each /24, after the PoP's."""
    block, last = divmod(row + 1, 254)
    return str(IPv4Address("100.64.0.0") + 256 * block + last + 1)


def terminal_ipv6_net(row: int) -> str:
    """First address of a terminal's /56: ``2001:db8:UUUU:UU00::``, *U* being its row."""
    return str(IPv6Address((0x2001_0DB8 << 96) | (row << 72)))


def labels(names: Sequence[str]) -> tuple[str, ...]:
    """Names for the DNS: without marks, spaces and signs; a number is added to what would be one name."""
    given: dict[str, int] = {}
    result = []
    for name in names:
        plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode("ascii").lower()
        label = re.sub(r"[^a-z0-9]+", "-", plain)[:56].strip("-") or "host"
        while label in given:
            given[label] += 1
            label = f"{label}-{given[label]}"
        given[label] = 1
        result.append(label)
    return tuple(result)


def _public(kind: HostKind, names: Sequence[str], own_labels: Sequence[str], first: int) -> tuple[Site, ...]:
    """Hosts on the net of the internet, from an address on."""
    return tuple(
        Site(name=name, kind=kind, label=label, ipv4=f"203.0.113.{number}", ipv6=f"2001:db8:ffff::{number}")
        for number, (name, label) in enumerate(zip(names, own_labels, strict=True), first)
    )


def _faults(terminals: Sequence[str], pops: Sequence[str], internet: Sequence[str]) -> list[str]:
    """What is wrong with names."""
    faults = [] if terminals else ["there is no terminal"]
    counts: Collection[tuple[str, int, int]] = (
        ("terminals", len(terminals), MOST_TERMINALS),
        ("PoPs", len(pops), MOST_POPS),
        ("hosts of the internet", len(internet), MOST_INTERNET),
    )
    faults += [f"there are {number} {what}, but addresses for {most}" for what, number, most in counts if number > most]
    names = Counter((*terminals, *pops, *internet))
    faults += ["a host has an empty name"] * ("" in names)
    return faults + [f"{number} hosts are called {name}" for name, number in names.items() if number > 1]
