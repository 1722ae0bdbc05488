"""Who sends into which line."""

import json
from collections.abc import Iterator

import pytest

from skycommons.base.errors import HostError
from skycommons.emulation import netem_lines
from skycommons.emulation.hosts import Hosts
from skycommons.emulation.layout import Layout, TerminalPlace, Wiring, layout_of
from skycommons.emulation.netem_counts import dropped_by_devices
from skycommons.emulation.netem_lines import lines_of, pieces_of
from tests.support.programs import needed
from tests.support.wires import settings


def layout(*places: tuple[str, str]) -> Layout:
    """Terminals at PoPs, wired by virtual Ethernet."""
    return layout_of([TerminalPlace(name, pop) for name, pop in places], wiring=Wiring.VETH)


@pytest.fixture
def hosts(needs_namespaces: None) -> Iterator[Hosts]:
    """Two terminals at two PoPs."""
    needed("tc")
    with Hosts.build(layout(("a", "p"), ("b", "q"))) as built:
        yield built


def test_everybody_hands_over_pieces_short_enough() -> None:
    """Each end of a line for its own terminal, hosts of the internet for the slowest one."""
    found = pieces_of(layout(("a", "p"), ("b", "p")), (3_000, 64_000), 1_500)
    assert found == {
        "a": ["link set dev sky0 gso_max_size 3000 gso_max_segs 2"],
        "b": ["link set dev sky0 gso_max_size 64000 gso_max_segs 42"],
        "p": [
            "link set dev sky0 gso_max_size 3000 gso_max_segs 2",
            "link set dev sky1 gso_max_size 64000 gso_max_segs 42",
        ],
        "internet": ["link set dev net0 gso_max_size 3000 gso_max_segs 2"],
    }


def test_lines_are_ends_of_cables(hosts: Hosts) -> None:
    """Up in the terminal, down in its PoP; each host has one tc, which sees the host's own interfaces."""
    lines = lines_of(hosts, settings(mtu=1_400), (3_000, 4_000), separate_icmp=False)
    try:
        assert [line.tree.device for line in lines] == ["sky0", "sky0", "sky0", "sky1"]
        assert {line.tree.mtu for line in lines} == {1_400}
        assert not any(line.tree.separate_icmp for line in lines)
        senders = [line.sender for line in lines]
        assert len(set(senders)) == 4
        assert {one["dev"] for one in json.loads(senders[3].ask())} >= {"sky1", "net0"}
        assert set(dropped_by_devices(senders[3].devices_text())) == {"lo", "net0", "sky1"}
        assert dropped_by_devices(senders[0].devices_text())["sky0"] >= 0
        senders[0].tell(["qdisc add dev sky0 root handle 1: no_such_queue"])
        with pytest.raises(HostError, match="tc on a complains"):
            senders[0].ask()
        told = hosts["a"].run(["ip", "-d", "link", "show", "sky0"]).stdout
        assert "gso_max_segs 2" in told
    finally:
        for line in lines:
            line.sender.stop()


def test_what_the_kernel_refuses_is_told(hosts: Hosts, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the host where it did, and nothing stays open."""
    with pytest.raises(HostError, match="the host a cannot be set up"):
        lines_of(hosts, settings(), (-1, 64_000), separate_icmp=True)

    def refuse(*_: object) -> None:
        raise HostError("no tc")

    monkeypatch.setattr(netem_lines, "NetemSession", refuse)
    with pytest.raises(HostError, match="no tc"):
        lines_of(hosts, settings(), (3_000, 4_000), separate_icmp=True)
