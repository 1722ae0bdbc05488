"""All probes at once between two real hosts in namespaces of their own, over both internet protocols."""

import time

import pytest

from skycommons.emulation.hosts import Hosts
from skycommons.emulation.layout import TerminalPlace, layout_of
from skycommons.emulation.probe_curl import CurlProbe
from skycommons.emulation.probe_iperf3 import Iperf3Probe
from skycommons.emulation.probe_irtt import IrttProbe
from skycommons.emulation.probe_ping import PingProbe
from skycommons.emulation.probe_quic import QuicProbe
from skycommons.emulation.probes import IpVersion, Probe, ProbeTask, run_together
from skycommons.model.emulation_rules import Direction, Transport
from tests.support.programs import needed


@pytest.mark.parametrize("version", list(IpVersion))
@pytest.mark.usefixtures("needs_namespaces")
def test_every_probe_measures_between_two_hosts(version: IpVersion) -> None:
    """Side by side for a second, each with its server, and no server is left."""
    for program in ("curl", "iperf3", "irtt", "nft", "ping"):
        needed(program)
    probes: list[Probe] = [
        PingProbe(duration_s=1.0, interval_s=0.1, version=version),
        IrttProbe(duration_s=1.0, version=version),
        Iperf3Probe(duration_s=1.0, interval_s=0.25, rate_bps=2e6, version=version),
        Iperf3Probe(
            duration_s=1.0, direction=Direction.UP, transport=Transport.UDP, rate_bps=1e6, streams=2, version=version
        ),
        CurlProbe(duration_s=0.5, interval_s=0.2, size_bytes=50_000, version=version),
        QuicProbe(duration_s=1.5, direction=Direction.UP, size_bytes=50_000, version=version),
    ]
    with Hosts.build(layout_of([TerminalPlace("zurich", "frankfurt")], ["server", "client"])) as hosts:
        tasks = [ProbeTask(probe=probe, source=hosts["client"], target=hosts["server"]) for probe in probes]
        results = run_together(tasks, time.time_ns)
        assert [result.notes for result in results] == [()] * len(probes)
        assert [len(result) > 0 for result in results] == [True] * len(probes)
        assert float(results[0].summary["loss_share"]) == 0.0
        listening = hosts["server"].run(["cat", "/proc/net/tcp", "/proc/net/tcp6"]).stdout
        assert [line for line in listening.splitlines() if " 0A " in line and ":0035 " not in line] == []
