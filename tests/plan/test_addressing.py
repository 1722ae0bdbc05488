"""Addresses that terminals get at their PoPs."""

from ipaddress import IPv4Address, IPv4Network, IPv6Network

import numpy as np
import pytest

from skycommons.base.errors import PlanError, ShapeError
from skycommons.plan.addressing import (
    IPV4_GATEWAY,
    IPV4_POOL,
    MOST_POPS,
    MOST_TERMINALS,
    addresses_of,
    pop_prefix,
    reverse_name,
)


def test_addresses_are_shared_space_behind_the_gateway() -> None:
    """All in 100.64.0.0/10; nobody has the first, the last or the gateway's."""
    pop = np.repeat([0, 5], 500)
    texts = addresses_of(pop).ipv4_texts()
    taken = {IPv4Network("100.64.0.0/10")[0], IPv4Network("100.64.0.0/10")[-1], IPV4_GATEWAY}
    assert all(IPv4Address(text) in IPV4_POOL and IPv4Address(text) not in taken for text in texts)
    assert len(set(texts[:500])) == len(set(texts[500:])) == 500


def test_the_last_terminals_have_the_ends_of_the_pool() -> None:
    """Numbering goes round within the pool: first and last terminal of a PoP are neighbours in it."""
    addresses = addresses_of(np.zeros(2, dtype=np.int64), np.array([0, MOST_TERMINALS - 1]))
    assert addresses.ipv4_texts() == ["100.64.0.2", "100.127.255.254"]
    assert len(addresses) == 2


def test_a_prefix_is_out_of_the_pops_own() -> None:
    """Every terminal has a /56 of its own within its PoP's /34, also at the ends of both ranges."""
    pop = np.array([0, 0, 7, MOST_POPS - 1])
    addresses = addresses_of(pop, np.array([0, 1, MOST_TERMINALS - 1, MOST_TERMINALS - 1]))
    prefixes = [IPv6Network(text) for text in addresses.ipv6_texts()]
    assert all(prefix.prefixlen == 56 for prefix in prefixes)
    assert all(prefix.subnet_of(pop_prefix(row)) for prefix, row in zip(prefixes, pop.tolist(), strict=True))
    assert len(set(prefixes)) == 4


def test_an_address_changes_when_the_pop_does_and_only_then() -> None:
    """Others may come, go and move; a terminal's own address follows its PoP."""
    before = addresses_of(np.array([0, 0, 1, 1]))
    after = addresses_of(np.array([0, 1, 1, -1]))
    assert (before.ipv4 == after.ipv4).tolist() == [True, False, True, False]
    assert (before.ipv6_prefix == after.ipv6_prefix).tolist() == [True, False, True, False]
    assert after.ipv4_texts()[3] == after.ipv6_texts()[3] == ""


def test_a_million_terminals_have_addresses_of_their_own() -> None:
    """All at one PoP."""
    addresses = addresses_of(np.zeros(1_000_000, dtype=np.int64))
    assert len(np.unique(addresses.ipv4)) == len(np.unique(addresses.ipv6_prefix)) == 1_000_000


def test_nobody_may_have_nothing() -> None:
    """An empty list of terminals has no addresses."""
    assert addresses_of(np.zeros(0, dtype=np.int64)).ipv4_texts() == []


@pytest.mark.parametrize("number", [-1, MOST_TERMINALS])
def test_a_terminal_beyond_the_pool_is_refused(number: int) -> None:
    """The message says how many there can be."""
    with pytest.raises(PlanError, match=r"4,194,301 terminals, numbered from 0"):
        addresses_of(np.zeros(1, dtype=np.int64), np.array([number]))


def test_a_pop_beyond_the_prefixes_is_refused() -> None:
    """Both when asked for terminals and when asked for itself."""
    with pytest.raises(PlanError, match="16,385 PoPs"):
        addresses_of(np.array([MOST_POPS]))
    with pytest.raises(PlanError, match="no PoP -1"):
        pop_prefix(-1)


def test_one_number_for_each_terminal() -> None:
    """Columns of one length."""
    with pytest.raises(ShapeError, match="terminal"):
        addresses_of(np.zeros(2, dtype=np.int64), np.zeros(1, dtype=np.int64))


@pytest.mark.parametrize(
    ("pop", "name"),
    [
        ("frankfurt-pop", "customer.frankfurt.pop.skycommons.example"),
        ("São Paulo", "customer.sao-paulo.pop.skycommons.example"),
        ("Frankfurt #2", "customer.frankfurt-2.pop.skycommons.example"),
    ],
)
def test_names_are_those_of_the_pop(pop: str, name: str) -> None:
    """Letters, digits and hyphens only, in a domain that nobody can own."""
    assert reverse_name(pop) == name
