"""From the documents of a live run to its rules.

Rules: what is checked against the rest of the scenario is checked in `skycommons.model.documents_check_emulation`; here numbers
become SI. Nothing is checked where a scenario has no ``[emulation]``.
"""

from math import radians
from typing import Final

from skycommons.base.errors import InputError
from skycommons.model.documents_check_emulation import check_emulation
from skycommons.model.documents_emulation import (
    AnyEvent,
    AnyProbe,
    CurlDocument,
    EmulationDocument,
    FailGatewayDocument,
    FailSatelliteDocument,
    Iperf3Document,
    IrttDocument,
    PingDocument,
    QuicDocument,
    RainDocument,
    RebootDocument,
    RestoreGatewayDocument,
    RestoreSatelliteDocument,
    ServiceEventDocument,
    StowDocument,
    UnstowDocument,
    VideoDocument,
)
from skycommons.model.documents_read import Draft, Findings
from skycommons.model.documents_to_ground import Ground
from skycommons.model.emulation_rules import (
    INTERNET,
    Congestion,
    CurlSpec,
    DishReboots,
    DishStows,
    DishUnstows,
    EmulationEvent,
    EmulationRules,
    GatewayFails,
    GatewayReturns,
    Iperf3Spec,
    IrttSpec,
    PingSpec,
    ProbeSpec,
    QuicSpec,
    RainFalls,
    SatelliteFails,
    SatelliteReturns,
    ServiceChanges,
    VideoSpec,
)
from skycommons.model.territories import territory_of
from skycommons.model.world import Satellites

_S_PER_MS: Final = 1e-3
_M_PER_KM: Final = 1e3
_BITS_PER_KBIT: Final = 1e3
_BITS_PER_MBIT: Final = 1e6
_BYTES_PER_MB: Final = 1e6


def emulation_of(
    draft: Draft, ground: Ground | None, satellites: Satellites | None, *, is_scheduled: bool, findings: Findings
) -> EmulationRules:
    """Rules of a live run; names of nothing, and what lies outside the span, are faults.

    Args:
        draft: The document.
        ground: The scenario's sites; None where they cannot be known.
        satellites: The same of satellites.
        is_scheduled: Whether the scenario has a scheduler, which alone knows of service.
        findings: Where faults go.
    """
    if ground is None or not draft.has_emulation:
        return EmulationRules()
    check_emulation(draft, ground, satellites, is_scheduled=is_scheduled, findings=findings)
    _check_cells(draft, ground, findings)
    if draft.emulation is None or findings.faults:
        return EmulationRules()
    return _rules(draft.emulation, ground)


def _check_cells(draft: Draft, ground: Ground, findings: Findings) -> None:
    """A territory whose state changes has cells."""
    specs = {territory.spec.name: territory for territory in ground.territories}
    for number, event in draft.events:
        if not isinstance(event, ServiceEventDocument) or event.territory not in specs:
            continue
        territory = specs[event.territory]
        try:
            territory_of(territory.spec)
        except InputError as error:
            if not any(fault.place.startswith(f"territories.{territory.place}") for fault in findings.faults):
                findings.fault(f"emulation.events.{number}.territory", str(error))


def _rules(document: EmulationDocument, ground: Ground) -> EmulationRules:
    """A document without faults in SI units; its events in the order of their times."""
    hosts = tuple(host.name for host in document.hosts) or (INTERNET,)
    return EmulationRules(
        queue=document.queue,
        queue_s=document.queue_ms * _S_PER_MS,
        separate_icmp=document.separate_icmp,
        access=document.access,
        loss=document.loss,
        handover_gap_s=document.handover_gap_ms * _S_PER_MS,
        wait_hold_s=document.wait_hold_ms * _S_PER_MS,
        limit_rates=document.limit_rates,
        terminal_to_terminal=document.terminal_to_terminal,
        mtu=document.mtu,
        wire=document.wire,
        hosts=hosts,
        events=tuple(_event(event, ground) for event in sorted(document.events, key=lambda event: event.at_s)),
        probes=tuple(_probe(probe, probe.target or hosts[0]) for probe in document.probes),
    )


def _event(event: AnyEvent, ground: Ground) -> EmulationEvent:
    """What happens."""
    at_s = event.at_s
    match event:
        case FailSatelliteDocument():
            return SatelliteFails(at_s=at_s, satellite=event.satellite or "", serving=event.serving or "")
        case RestoreSatelliteDocument():
            return SatelliteReturns(at_s=at_s, satellite=event.satellite or "", serving=event.serving or "")
        case FailGatewayDocument():
            return GatewayFails(at_s=at_s, gateway=_gateway(event.gateway, ground), serving=event.serving or "")
        case RestoreGatewayDocument():
            return GatewayReturns(at_s=at_s, gateway=_gateway(event.gateway, ground), serving=event.serving or "")
        case RainDocument():
            return _rain(event, ground)
        case StowDocument():
            return DishStows(at_s=at_s, terminal=event.terminal)
        case UnstowDocument():
            return DishUnstows(at_s=at_s, terminal=event.terminal)
        case RebootDocument():
            return DishReboots(at_s=at_s, terminal=event.terminal)
        case ServiceEventDocument():
            return ServiceChanges(at_s=at_s, territory=event.territory, state=event.state)


def _gateway(name: str | None, ground: Ground) -> str:
    """A gateway's name in the table of sites, which may differ from what the scenario may call it."""
    return "" if name is None else ground.sites.ids[ground.row_of[name]]


def _rain(event: RainDocument, ground: Ground) -> RainFalls:
    """Rain around its centre."""
    if event.terminal is None:
        latitude_rad, longitude_rad = radians(event.latitude_deg or 0.0), radians(event.longitude_deg or 0.0)
    else:
        row = ground.sites.row(event.terminal)
        latitude_rad, longitude_rad = float(ground.sites.latitude_rad[row]), float(ground.sites.longitude_rad[row])
    return RainFalls(
        at_s=event.at_s,
        duration_s=event.duration_s,
        latitude_rad=latitude_rad,
        longitude_rad=longitude_rad,
        radius_m=event.radius_km * _M_PER_KM,
        rate_mm_h=event.rate_mm_h,
        terminal=event.terminal or "",
    )


def _probe(probe: AnyProbe, target: str) -> ProbeSpec:
    """What is measured."""
    match probe:
        case PingDocument():
            return PingSpec(
                sources=probe.sources,
                target=target,
                begin_s=probe.begin_s,
                duration_s=probe.duration_s,
                interval_s=probe.interval_s,
                payload_bytes=probe.payload_bytes,
            )
        case IrttDocument():
            return IrttSpec(
                sources=probe.sources,
                target=target,
                begin_s=probe.begin_s,
                duration_s=probe.duration_s,
                interval_s=probe.interval_s,
                payload_bytes=probe.payload_bytes,
            )
        case Iperf3Document():
            return _iperf3(probe, target)
        case CurlDocument():
            return CurlSpec(
                sources=probe.sources,
                target=target,
                begin_s=probe.begin_s,
                duration_s=probe.duration_s,
                size_bytes=round(probe.size_mb * _BYTES_PER_MB),
                interval_s=probe.interval_s,
            )
        case QuicDocument():
            return QuicSpec(
                sources=probe.sources,
                target=target,
                begin_s=probe.begin_s,
                duration_s=probe.duration_s,
                direction=probe.direction,
                size_bytes=round(probe.size_mb * _BYTES_PER_MB),
            )
        case VideoDocument():
            return _video(probe, target)


def _iperf3(probe: Iperf3Document, target: str) -> Iperf3Spec:
    """How much goes through."""
    return Iperf3Spec(
        sources=probe.sources,
        target=target,
        begin_s=probe.begin_s,
        duration_s=probe.duration_s,
        transport=probe.transport,
        congestion=probe.congestion or Congestion.CUBIC,
        direction=probe.direction,
        rate_bps=(probe.rate_mbps or 0.0) * _BITS_PER_MBIT,
        streams=probe.streams,
    )


def _video(probe: VideoDocument, target: str) -> VideoSpec:
    """Live pictures."""
    return VideoSpec(
        sources=probe.sources,
        target=target,
        begin_s=probe.begin_s,
        duration_s=probe.duration_s,
        bitrate_bps=probe.bitrate_kbps * _BITS_PER_KBIT,
        latency_s=probe.latency_ms * _S_PER_MS,
        width_px=probe.width,
        height_px=probe.height,
        frames_per_s=probe.fps,
    )
