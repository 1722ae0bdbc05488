"""The form of the section of a live run: every key has its range, every kind of event and probe its keys."""

import pytest

from tests.support.live_sections import events, faults_of, probes


@pytest.mark.parametrize(
    ("section", "place", "message"),
    [
        ("emulation = 3", "emulation", "should be a table"),
        ('[emulation]\nqueue = "fifo"', "emulation.queue", "should be one of drop-tail, codel, not 'fifo'"),
        ("[emulation]\nqueue_m = 3", "emulation.queue_m", "unknown key; did you mean queue_ms?"),
        ("[emulation]\nmtu = 500", "emulation.mtu", "greater than or equal to 1280"),
        ('[emulation]\nwire = "veth"', "emulation.wire", "should be one of tun, netem"),
        ('[[emulation.hosts]]\nname = "Big Host"', "emulation.hosts.0.name", "lower-case letters"),
        ("[emulation]\nevents = [3]", "emulation.events.0", "should be a table, not 3"),
        (events("at_s = 3"), "emulation.events.0.kind", "this key is required; add it"),
        (events('kind = "explode"\nat_s = 3'), "emulation.events.0.kind", "should be one of fail-satellite, restore-satellite"),
        (events('kind = "stow"\nat_s = 3'), "emulation.events.0.terminal", "this key is required"),
        (probes('from = "zurich"'), "emulation.probes.0.kind", "this key is required"),
        (probes('kind = "mtr"\nfrom = "zurich"'), "emulation.probes.0.kind", "should be one of ping, irtt, iperf3, curl, quic, video"),
        (probes('kind = "ping"'), "emulation.probes.0.from", "this key is required"),
        (probes('kind = "ping"\nfrom = []'), "emulation.probes.0.from", "at least 1 items"),
        (probes('kind = "iperf3"\nfrom = "zurich"\ncongestion = "reno"'), "emulation.probes.0.congestion", "should be one of cubic, bbr"),
        (probes('kind = "video"\nfrom = "zurich"\nwidth = 641'), "emulation.probes.0.width", "multiple of 2"),
    ],
)  # fmt: skip
def test_each_fault_has_its_place_and_its_mend(section: str, place: str, message: str) -> None:
    """Known words are told."""
    assert message in faults_of(section)[place]
