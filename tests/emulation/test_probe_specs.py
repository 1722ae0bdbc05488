"""What a scenario asks for is what its probe does."""

from skycommons.emulation.probe_curl import CurlProbe
from skycommons.emulation.probe_iperf3 import Iperf3Probe
from skycommons.emulation.probe_irtt import IrttProbe
from skycommons.emulation.probe_ping import PingProbe
from skycommons.emulation.probe_quic import QuicProbe
from skycommons.emulation.probe_specs import probe_of
from skycommons.model.emulation_rules import (
    CurlSpec,
    Direction,
    Iperf3Spec,
    IrttSpec,
    PingSpec,
    QuicSpec,
    Transport,
)

FROM = ("zurich",)


def test_every_specification_has_its_probe() -> None:
    """With the same settings."""
    ping = PingSpec(sources=FROM, duration_s=7.0, interval_s=0.5, payload_bytes=100)
    assert probe_of(ping) == PingProbe(duration_s=7.0, interval_s=0.5, payload_bytes=100)
    irtt = IrttSpec(sources=FROM, duration_s=7.0, interval_s=0.05, payload_bytes=200)
    assert probe_of(irtt) == IrttProbe(duration_s=7.0, interval_s=0.05, payload_bytes=200)
    iperf3 = Iperf3Spec(sources=FROM, duration_s=7.0, transport=Transport.UDP, rate_bps=1e6, streams=2)
    assert probe_of(iperf3) == Iperf3Probe(duration_s=7.0, transport=Transport.UDP, rate_bps=1e6, streams=2)
    curl = CurlSpec(sources=FROM, duration_s=7.0, interval_s=2.0, size_bytes=5)
    assert probe_of(curl) == CurlProbe(duration_s=7.0, interval_s=2.0, size_bytes=5)
    quic = QuicSpec(sources=FROM, duration_s=7.0, direction=Direction.UP, size_bytes=5)
    assert probe_of(quic) == QuicProbe(duration_s=7.0, direction=Direction.UP, size_bytes=5)


def test_the_defaults_of_a_scenario_can_be_measured() -> None:
    """None of them is refused by its probe."""
    for spec in (PingSpec, IrttSpec, Iperf3Spec, CurlSpec, QuicSpec):
        assert probe_of(spec(sources=FROM)).name
