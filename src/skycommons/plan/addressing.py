"""Addresses of terminals: IPv4 behind a translator that many share, and an IPv6 prefix of their own.

Rules: every PoP has the whole of 100.64.0.0/10 for itself, its gateway is 100.64.0.1, and no two terminals of one PoP share an
address. A terminal's IPv6 prefix is a /56 out of its PoP's /34. Addresses follow from the PoP and from the terminal's number
alone: nothing is stored, no terminal changes another one's address, and a terminal's own changes when, and only when, its
PoP does. Public IPv4 addresses are not modelled.

The IPv6 addresses are those set aside for documentation, so that nothing here can be mistaken for somebody's network: of
3fff::/20, because 2001:db8::/32 has room for only 2^24 prefixes of all PoPs together.

Source: RFC 6598 (shared IPv4 space); RFC 9637 (IPv6 for documentation); RFC 2606 (``.example``).
"""

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import Final

import numpy as np

from skycommons.base.arrays import Ints, check_shape, freeze
from skycommons.base.errors import PlanError
from skycommons.model.placement import slug

IPV4_POOL: Final = IPv4Network("100.64.0.0/10")
IPV4_GATEWAY: Final = IPv4Address("100.64.0.1")
IPV6_POOL: Final = IPv6Network("3fff::/20")
POP_PREFIX: Final = 34
TERMINAL_PREFIX: Final = 56
DOMAIN: Final = "pop.skycommons.example"

MOST_TERMINALS: Final = IPV4_POOL.num_addresses - 3
"""All addresses of a PoP but the first, its gateway's and the last. A prime, so that PoPs start at different places."""

MOST_POPS: Final = 1 << (POP_PREFIX - IPV6_POOL.prefixlen)

NO_ADDRESS: Final = 0
_FIRST_HOST: Final = 2
_STEP: Final = 1_000_003  # how far on from one PoP to the next the first terminal's address lies; any number would do


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Addresses:
    """Addresses of ``N`` terminals.

    Attributes:
        ipv4: ``(N,)`` as numbers; `NO_ADDRESS` for a terminal without a PoP.
        ipv6_prefix: ``(N,)`` upper 64 bits of the /56; `NO_ADDRESS` likewise.
    """

    ipv4: Ints
    ipv6_prefix: Ints

    def __post_init__(self) -> None:
        check_shape("ipv6_prefix", self.ipv6_prefix, self.ipv4.shape)
        freeze(self.ipv4, self.ipv6_prefix)

    def __len__(self) -> int:
        return len(self.ipv4)

    def ipv4_texts(self) -> list[str]:
        """Addresses as they are written; empty for none."""
        return [str(IPv4Address(number)) if number else "" for number in self.ipv4.tolist()]

    def ipv6_texts(self) -> list[str]:
        """Prefixes as they are written; empty for none."""
        return [
            f"{IPv6Address(number << 64)}/{TERMINAL_PREFIX}" if number else "" for number in self.ipv6_prefix.tolist()
        ]


def addresses_of(pop: Ints, terminal: Ints | None = None) -> Addresses:
    """Addresses of terminals at their PoPs.

    Args:
        pop: ``(N,)`` row of each terminal's PoP among the PoPs; -1 for none.
        terminal: ``(N,)`` number of each terminal; its place in the list unless given.
    Raises:
        PlanError: More terminals or PoPs than there are addresses for.
        ShapeError: The two differ in length.
    >>> addresses_of(np.array([0, 1, -1])).ipv4_texts()
    ['100.64.0.2', '100.79.66.70', '']
    >>> addresses_of(np.array([0, 1, -1])).ipv6_texts()
    ['3fff::/56', '3fff:0:4000:100::/56', '']
    """
    number = np.arange(len(pop), dtype=np.int64) if terminal is None else np.asarray(terminal, dtype=np.int64)
    check_shape("terminal", number, pop.shape)
    if len(pop) and not 0 <= number.min() <= number.max() < MOST_TERMINALS:
        raise PlanError(
            f"addresses: a terminal has the number {_stray(number, MOST_TERMINALS):,}; {IPV4_POOL} holds "
            f"{MOST_TERMINALS:,} terminals, numbered from 0: plan larger networks in parts"
        )
    if len(pop) and pop.max() >= MOST_POPS:
        raise PlanError(f"addresses: {pop.max() + 1:,} PoPs; {IPV6_POOL} has a /{POP_PREFIX} for {MOST_POPS:,}")
    served = pop >= 0
    at = np.where(served, pop, 0).astype(np.int64)
    host = _FIRST_HOST + (number + at * _STEP) % MOST_TERMINALS
    upper = int(IPV6_POOL.network_address) >> 64
    prefix = upper | at << (64 - POP_PREFIX) | number << (64 - TERMINAL_PREFIX)
    return Addresses(
        ipv4=np.where(served, int(IPV4_POOL.network_address) + host, NO_ADDRESS),
        ipv6_prefix=np.where(served, prefix, NO_ADDRESS),
    )


def pop_prefix(pop: int) -> IPv6Network:
    """The prefix out of which a PoP's terminals have theirs.

    Args:
        pop: Row of the PoP among the PoPs.
    Raises:
        PlanError: There is no prefix for it.
    >>> pop_prefix(1)
    IPv6Network('3fff:0:4000::/34')
    """
    if not 0 <= pop < MOST_POPS:
        raise PlanError(f"addresses: there is no PoP {pop:,}; {IPV6_POOL} has a /{POP_PREFIX} for {MOST_POPS:,}")
    return IPv6Network((int(IPV6_POOL.network_address) | pop << (128 - POP_PREFIX), POP_PREFIX))


def reverse_name(pop_id: str) -> str:
    """What the address of a PoP's customer resolves to.

    >>> reverse_name("são-paulo-pop")
    'customer.sao-paulo.pop.skycommons.example'
    """
    return f"customer.{slug(pop_id).removesuffix('-pop')}.{DOMAIN}"


def _stray(number: Ints, most: int) -> int:
    """A number that no terminal can have."""
    return int(number[(number < 0) | (number >= most)][0])
