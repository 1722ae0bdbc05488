"""How a scenario is run live: what its lines do besides what the plan says, what happens on the way, what is measured.

Rules: plain values in SI units and names; a time of an event or a probe counts from the first instant of the scenario. A run
that is not live reads none of this. The same words stand in `skycommons.model.documents_emulation`.
"""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from skycommons.model.service_map import CellState

MOST_TERMINALS: Final = 200
"""Terminals of one live network: as many as one machine of two cores was seen to carry while most of them were idle."""

SHORTEST_S: Final = 0.5
"""Nothing is measured for less than this."""

INTERNET: Final = "internet"
"""The host of the internet that is there where a scenario names none."""


class Discipline(StrEnum):
    """How a queue treats packets when it is full or they wait long."""

    DROP_TAIL = "drop-tail"
    CODEL = "codel"


class WireKind(StrEnum):
    """What carries the packets."""

    TUN = "tun"
    """A process of ours between TUN devices."""
    NETEM = "netem"
    """The kernel's own emulation, where it has it."""


class Transport(StrEnum):
    """What iperf3 sends."""

    TCP = "tcp"
    UDP = "udp"


class Congestion(StrEnum):
    """Congestion control of TCP, said in every case: machines differ in what they take by themselves."""

    CUBIC = "cubic"
    BBR = "bbr"


class Direction(StrEnum):
    """Which way data goes, seen from the terminal."""

    UP = "up"
    DOWN = "down"


@dataclass(frozen=True, slots=True, kw_only=True)
class SatelliteFails:
    """A satellite carries nothing any more.

    Attributes:
        at_s: When.
        satellite: Its id; empty where it is the one that serves a terminal at that instant.
        serving: That terminal; empty where the satellite is named.
    """

    at_s: float = 0.0
    satellite: str = ""
    serving: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SatelliteReturns:
    """A satellite that failed works again.

    Attributes:
        at_s: When.
        satellite: Its id; empty where it is the one whose failure named a terminal.
        serving: That terminal; empty where the satellite is named.
    """

    at_s: float = 0.0
    satellite: str = ""
    serving: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayFails:
    """A gateway carries nothing any more.

    Attributes:
        at_s: When.
        gateway: Its name; empty where it is the one that a terminal's traffic lands at at that instant.
        serving: That terminal; empty where the gateway is named.
    """

    at_s: float = 0.0
    gateway: str = ""
    serving: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayReturns:
    """A gateway that failed works again.

    Attributes:
        at_s: When.
        gateway: Its name; empty where it is the one whose failure named a terminal.
        serving: That terminal; empty where the gateway is named.
    """

    at_s: float = 0.0
    gateway: str = ""
    serving: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RainFalls:
    """It rains on a disc, besides the scenario's weather.

    Attributes:
        at_s: From when on.
        duration_s: How long.
        latitude_rad, longitude_rad: Its centre.
        radius_m: Of the disc.
        rate_mm_h: How hard.
        terminal: Whose place the centre is; empty where the scenario gives it in degrees.
    """

    at_s: float = 0.0
    duration_s: float
    latitude_rad: float
    longitude_rad: float
    radius_m: float
    rate_mm_h: float
    terminal: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DishStows:
    """A dish lies down and talks to no satellite.

    Attributes:
        at_s: When.
        terminal: Whose dish.
    """

    at_s: float = 0.0
    terminal: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DishUnstows:
    """A dish that lay down gets up.

    Attributes:
        at_s: When.
        terminal: Whose dish.
    """

    at_s: float = 0.0
    terminal: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DishReboots:
    """A dish starts anew.

    Attributes:
        at_s: When.
        terminal: Whose dish.
    """

    at_s: float = 0.0
    terminal: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceChanges:
    """A territory's cells get another state, to try out what that does: no decision stands behind it.

    Attributes:
        at_s: When.
        territory: Whose cells.
        state: What they get.
    """

    at_s: float = 0.0
    territory: str
    state: CellState


DishEvent = DishStows | DishUnstows | DishReboots
EmulationEvent = (
    SatelliteFails | SatelliteReturns | GatewayFails | GatewayReturns | RainFalls | DishEvent | ServiceChanges
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PingSpec:
    """Echo requests.

    Attributes:
        sources: Terminals; each runs its own, all at the same time.
        target: A host.
        begin_s, duration_s: When, and how long.
        interval_s: Between two requests.
        payload_bytes: Of a request, without its headers.
    """

    sources: tuple[str, ...]
    target: str = INTERNET
    begin_s: float = 0.0
    duration_s: float = 10.0
    interval_s: float = 0.2
    payload_bytes: int = 56


@dataclass(frozen=True, slots=True, kw_only=True)
class IrttSpec:
    """Datagrams there and back, each way measured by itself.

    Attributes:
        sources: Terminals; each runs its own, all at the same time.
        target: A host.
        begin_s, duration_s: When, and how long.
        interval_s: Between two datagrams.
        payload_bytes: Of a datagram, without its headers.
    """

    sources: tuple[str, ...]
    target: str = INTERNET
    begin_s: float = 0.0
    duration_s: float = 10.0
    interval_s: float = 0.02
    payload_bytes: int = 172


@dataclass(frozen=True, slots=True, kw_only=True)
class Iperf3Spec:
    """How much goes through.

    Attributes:
        sources: Terminals; each runs its own, all at the same time.
        target: A host.
        begin_s, duration_s: When, and how long.
        transport: What is sent.
        congestion: How TCP finds its rate.
        direction: Which way.
        rate_bps: How much is offered; 0 for as much as goes, which only TCP can find out.
        streams: Connections side by side.
    """

    sources: tuple[str, ...]
    target: str = INTERNET
    begin_s: float = 0.0
    duration_s: float = 10.0
    transport: Transport = Transport.TCP
    congestion: Congestion = Congestion.CUBIC
    direction: Direction = Direction.DOWN
    rate_bps: float = 0.0
    streams: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class CurlSpec:
    """Files over HTTP, one after the other.

    Attributes:
        sources: Terminals; each runs its own, all at the same time.
        target: A host.
        begin_s, duration_s: When, and how long.
        size_bytes: Of each file.
        interval_s: Between two requests at least.
    """

    sources: tuple[str, ...]
    target: str = INTERNET
    begin_s: float = 0.0
    duration_s: float = 10.0
    size_bytes: int = 1_000_000
    interval_s: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class QuicSpec:
    """Files over QUIC, one after the other.

    Attributes:
        sources: Terminals; each runs its own, all at the same time.
        target: A host.
        begin_s, duration_s: When, and how long.
        direction: Which way.
        size_bytes: Of each file.
    """

    sources: tuple[str, ...]
    target: str = INTERNET
    begin_s: float = 0.0
    duration_s: float = 10.0
    direction: Direction = Direction.DOWN
    size_bytes: int = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoSpec:
    """Live pictures from a terminal to a host.

    Attributes:
        sources: Terminals; each sends its own, all at the same time.
        target: A host.
        begin_s, duration_s: When, and how long.
        bitrate_bps: Of the encoder.
        latency_s: How long the receiver waits for a packet before it shows a picture without it.
        width_px, height_px: Of a picture.
        frames_per_s: Pictures.
    """

    sources: tuple[str, ...]
    target: str = INTERNET
    begin_s: float = 0.0
    duration_s: float = 10.0
    bitrate_bps: float = 2.5e6
    latency_s: float = 0.4
    width_px: int = 1280
    height_px: int = 720
    frames_per_s: int = 30


ProbeSpec = PingSpec | IrttSpec | Iperf3Spec | CurlSpec | QuicSpec | VideoSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class EmulationRules:
    """How a scenario is run live.

    Attributes:
        queue: How queues treat packets.
        queue_s: How long a full queue takes to empty at the line's rate. Assumed.
        separate_icmp: Whether echo requests and replies have a queue of their own.
        access: Whether the measured delay of the access counts, or the light's way alone.
        loss: Whether packets are lost at random as measured, or not at all.
        handover_gap_s: How long a line serves nothing when the satellite changes.
        wait_hold_s: Packets that are sent within the same stretch of this length wait alike.
        limit_rates: Whether lines have the rates of the plan, or no limit.
        terminal_to_terminal: Whether terminals may open connections to each other.
        mtu: Longest packet, bytes.
        wire: What carries the packets.
        hosts: Names of the internet's hosts.
        events: What happens on the way, in the order of their times.
        probes: What is measured, in the order of the file.
    """

    queue: Discipline = Discipline.DROP_TAIL
    queue_s: float = 0.1
    separate_icmp: bool = True
    access: bool = True
    loss: bool = True
    handover_gap_s: float = 0.0
    wait_hold_s: float = 0.02
    limit_rates: bool = True
    terminal_to_terminal: bool = False
    mtu: int = 1500
    wire: WireKind = WireKind.TUN
    hosts: tuple[str, ...] = (INTERNET,)
    events: tuple[EmulationEvent, ...] = ()
    probes: tuple[ProbeSpec, ...] = ()

    def without(self, sites: AbstractSet[str]) -> "EmulationRules":
        """The rules of a scenario that has these sites no more: nothing happens to them, and nothing is measured there."""
        events = tuple(event for event in self.events if not _names(event) & sites)
        kept = (
            replace(probe, sources=tuple(source for source in probe.sources if source not in sites))
            for probe in self.probes
            if probe.target not in sites
        )
        return replace(self, events=events, probes=tuple(probe for probe in kept if probe.sources))

    def until(self, end_s: float) -> "EmulationRules":
        """The rules of a run that ends then: what would begin later is gone, and probes end with the run."""
        events = tuple(event for event in self.events if event.at_s < end_s)
        probes = (
            replace(probe, duration_s=min(probe.duration_s, end_s - probe.begin_s))
            for probe in self.probes
            if probe.begin_s <= end_s - SHORTEST_S
        )
        return replace(self, events=events, probes=tuple(probes))


def _names(event: EmulationEvent) -> frozenset[str]:
    """Sites without which an event means nothing; rain needs none."""
    match event:
        case SatelliteFails(serving=serving) | SatelliteReturns(serving=serving):
            return frozenset({serving})
        case GatewayFails(gateway=gateway, serving=serving) | GatewayReturns(gateway=gateway, serving=serving):
            return frozenset({gateway, serving})
        case DishStows(terminal=terminal) | DishUnstows(terminal=terminal) | DishReboots(terminal=terminal):
            return frozenset({terminal})
        case _:
            return frozenset()
