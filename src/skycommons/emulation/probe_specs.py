"""From what a scenario says is measured to the probe that measures it."""

from skycommons.emulation.probe_curl import CurlProbe
from skycommons.emulation.probe_iperf3 import Iperf3Probe
from skycommons.emulation.probe_irtt import IrttProbe
from skycommons.emulation.probe_ping import PingProbe
from skycommons.emulation.probe_quic import QuicProbe
from skycommons.emulation.probes import Probe
from skycommons.model.emulation_rules import CurlSpec, Iperf3Spec, IrttSpec, PingSpec, QuicSpec

MeasuredSpec = PingSpec | IrttSpec | Iperf3Spec | CurlSpec | QuicSpec


def probe_of(spec: MeasuredSpec) -> Probe:
    """The probe of a specification, over IPv4; when it begins and between whom is for others to see to."""
    if isinstance(spec, PingSpec):
        return PingProbe(duration_s=spec.duration_s, interval_s=spec.interval_s, payload_bytes=spec.payload_bytes)
    if isinstance(spec, IrttSpec):
        return IrttProbe(duration_s=spec.duration_s, interval_s=spec.interval_s, payload_bytes=spec.payload_bytes)
    if isinstance(spec, Iperf3Spec):
        return Iperf3Probe(
            duration_s=spec.duration_s,
            direction=spec.direction,
            transport=spec.transport,
            congestion=spec.congestion,
            rate_bps=spec.rate_bps,
            streams=spec.streams,
        )
    if isinstance(spec, CurlSpec):
        return CurlProbe(duration_s=spec.duration_s, interval_s=spec.interval_s, size_bytes=spec.size_bytes)
    return QuicProbe(duration_s=spec.duration_s, direction=spec.direction, size_bytes=spec.size_bytes)
