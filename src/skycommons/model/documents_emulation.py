"""Documents of a live run: how lines treat packets, what happens on the way, what is measured.

Rules: times count from the scenario's start. An event or a probe is told by its ``kind``. What is assumed says so in its
description.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, Final, Literal, TypeVar

from pydantic import BeforeValidator, Discriminator, Field, Tag, WithJsonSchema

from skycommons.model.documents_base import HOST_NAME_PATTERN, Document, Latitude, Longitude, Name, word_for
from skycommons.model.documents_service import State
from skycommons.model.emulation_rules import SHORTEST_S, Congestion, Direction, Discipline, Transport, WireKind

Word = TypeVar("Word", bound=StrEnum)

_LONGEST_S: Final = 316_224_000


def _words(kind: type[Word]) -> Mapping[str, Word]:
    """The members of an enumeration by their words."""
    return MappingProxyType({each.value: each for each in kind})


def _listed(value: object) -> object:
    """One name as a list of one."""
    return (value,) if isinstance(value, str) else value


Names = Annotated[
    tuple[Name, ...],
    Field(min_length=1, max_length=200),
    BeforeValidator(_listed),
    WithJsonSchema({"type": "array", "items": {"type": "string"}}),
]
HostName = Annotated[str, Field(pattern=HOST_NAME_PATTERN)]
Seconds = Annotated[float, Field(ge=0, le=_LONGEST_S)]
Duration = Annotated[float, Field(ge=SHORTEST_S, le=86_400)]


class InternetHostDocument(Document):
    """A host of the internet, behind every PoP."""

    name: HostName = Field(description="Its name, unique among terminals, PoPs and hosts.")


class _EventDocument(Document):
    at_s: Seconds = Field(description="When, seconds after the scenario's start.")


class _SatelliteEventDocument(_EventDocument):
    satellite: Name | None = Field(default=None, description="Its id.")
    serving: Name | None = Field(
        default=None, description="In place of its id: the terminal that it serves, or served when it failed."
    )


class FailSatelliteDocument(_SatelliteEventDocument):
    """A satellite carries nothing any more."""

    kind: Literal["fail-satellite"] = Field(description="What happens.")


class RestoreSatelliteDocument(_SatelliteEventDocument):
    """A satellite that failed works again."""

    kind: Literal["restore-satellite"] = Field(description="What happens.")


class _GatewayEventDocument(_EventDocument):
    gateway: Name | None = Field(default=None, description="Its name.")
    serving: Name | None = Field(
        default=None, description="In place of its name: the terminal whose traffic it carries, or did when it failed."
    )


class FailGatewayDocument(_GatewayEventDocument):
    """A gateway carries nothing any more."""

    kind: Literal["fail-gateway"] = Field(description="What happens.")


class RestoreGatewayDocument(_GatewayEventDocument):
    """A gateway that failed works again."""

    kind: Literal["restore-gateway"] = Field(description="What happens.")


class RainDocument(_EventDocument):
    """It rains on a disc, besides the scenario's weather."""

    kind: Literal["rain"] = Field(description="What happens.")
    terminal: Name | None = Field(default=None, description="The centre: this terminal's place.")
    latitude_deg: Latitude | None = Field(default=None, description="The centre, in place of a terminal's.")
    longitude_deg: Longitude | None = Field(default=None, description="The centre, in place of a terminal's.")
    radius_km: float = Field(default=10, ge=0.1, le=1_000, description="Of the disc.")
    rate_mm_h: float = Field(
        gt=0, le=300, description="How hard; showers up to 2 are slight, up to 10 moderate, up to 50 heavy."
    )
    duration_s: Duration = Field(description="How long.")


class _DishEventDocument(_EventDocument):
    terminal: Name = Field(description="Whose dish.")


class StowDocument(_DishEventDocument):
    """A dish lies down and talks to no satellite."""

    kind: Literal["stow"] = Field(description="What happens.")


class UnstowDocument(_DishEventDocument):
    """A dish that lay down gets up."""

    kind: Literal["unstow"] = Field(description="What happens.")


class RebootDocument(_DishEventDocument):
    """A dish starts anew."""

    kind: Literal["reboot"] = Field(description="What happens.")


class ServiceEventDocument(_EventDocument):
    """A territory's cells get another state, to try out what that does. No decision stands behind it; a service map does."""

    kind: Literal["service"] = Field(description="What happens.")
    territory: Name = Field(description="A name from [[territories]].")
    state: State = Field(description="What its cells get.")


class _ProbeDocument(Document):
    sources: Names = Field(
        alias="from", description="A terminal, or a list of some; each runs its own, all at the same time."
    )
    target: Name | None = Field(
        default=None, alias="to", description="A host of the internet; the first one unless given."
    )
    begin_s: Seconds = Field(default=0, description="When, seconds after the scenario's start.")
    duration_s: Duration = Field(default=10, description="How long.")


class PingDocument(_ProbeDocument):
    """Echo requests; they have a queue of their own unless separate_icmp is false."""

    kind: Literal["ping"] = Field(description="What measures.")
    interval_s: float = Field(default=0.2, ge=0.002, le=60, description="Between two requests.")
    payload_bytes: int = Field(default=56, ge=16, le=1_400, description="Of a request, without its headers.")


class IrttDocument(_ProbeDocument):
    """Datagrams there and back, each way measured by itself."""

    kind: Literal["irtt"] = Field(description="What measures.")
    interval_s: float = Field(default=0.02, ge=0.001, le=60, description="Between two datagrams.")
    payload_bytes: int = Field(default=172, ge=64, le=1_400, description="Of a datagram, without its headers.")


class Iperf3Document(_ProbeDocument):
    """How much goes through."""

    kind: Literal["iperf3"] = Field(description="What measures.")
    transport: Annotated[Transport, *word_for(_words(Transport))] = Field(
        default=Transport.TCP,
        alias="protocol",
        description="What is sent.",
        json_schema_extra={"default": "tcp"},
    )
    congestion: Annotated[Congestion, *word_for(_words(Congestion))] | None = Field(
        default=None, description="For tcp: how it finds its rate; cubic unless given."
    )
    direction: Annotated[Direction, *word_for(_words(Direction))] = Field(
        default=Direction.DOWN,
        description="Which way, seen from the terminal.",
        json_schema_extra={"default": "down"},
    )
    rate_mbps: float | None = Field(
        default=None, gt=0, le=100_000, description="How much is offered; tcp without it takes all that it gets."
    )
    streams: int = Field(default=1, ge=1, le=64, description="Connections side by side.")


class CurlDocument(_ProbeDocument):
    """Files over HTTP, one after the other."""

    kind: Literal["curl"] = Field(description="What measures.")
    size_mb: float = Field(default=1, ge=0.001, le=10_000, description="Of each file.")
    interval_s: float = Field(default=1, ge=0, le=3_600, description="Between two requests at least.")


class QuicDocument(_ProbeDocument):
    """Files over QUIC, one after the other."""

    kind: Literal["quic"] = Field(description="What measures.")
    direction: Annotated[Direction, *word_for(_words(Direction))] = Field(
        default=Direction.DOWN,
        description="Which way, seen from the terminal.",
        json_schema_extra={"default": "down"},
    )
    size_mb: float = Field(default=1, ge=0.001, le=10_000, description="Of each file.")


class VideoDocument(_ProbeDocument):
    """Live pictures from a terminal to a host."""

    kind: Literal["video"] = Field(description="What measures.")
    bitrate_kbps: float = Field(default=2_500, ge=50, le=100_000, description="Of the encoder.")
    latency_ms: float = Field(
        default=400,
        ge=20,
        le=60_000,
        description="How long the receiver waits for a packet before it shows a picture without it.",
    )
    width: int = Field(default=1280, ge=320, le=7_680, multiple_of=2, description="Of a picture, an even number.")
    height: int = Field(
        default=720,
        ge=64,
        le=4_320,
        multiple_of=2,
        description="Of a picture, an even number; a fifth of width or more.",
    )
    fps: int = Field(default=30, ge=1, le=120, description="Pictures a second.")


def _kind(value: object) -> str | None:
    """Tag of an event or a probe; None where it has no kind."""
    return f"<{value['kind']}>" if isinstance(value, dict) and "kind" in value else None


AnySatelliteEvent = FailSatelliteDocument | RestoreSatelliteDocument
AnyGatewayEvent = FailGatewayDocument | RestoreGatewayDocument
AnyDishEvent = StowDocument | UnstowDocument | RebootDocument
AnyEvent = AnySatelliteEvent | AnyGatewayEvent | RainDocument | AnyDishEvent | ServiceEventDocument
EventDocument = Annotated[
    Annotated[FailSatelliteDocument, Tag("<fail-satellite>")]
    | Annotated[RestoreSatelliteDocument, Tag("<restore-satellite>")]
    | Annotated[FailGatewayDocument, Tag("<fail-gateway>")]
    | Annotated[RestoreGatewayDocument, Tag("<restore-gateway>")]
    | Annotated[RainDocument, Tag("<rain>")]
    | Annotated[StowDocument, Tag("<stow>")]
    | Annotated[UnstowDocument, Tag("<unstow>")]
    | Annotated[RebootDocument, Tag("<reboot>")]
    | Annotated[ServiceEventDocument, Tag("<service>")],
    Discriminator(_kind),
]
AnyProbe = PingDocument | IrttDocument | Iperf3Document | CurlDocument | QuicDocument | VideoDocument
ProbeDocument = Annotated[
    Annotated[PingDocument, Tag("<ping>")]
    | Annotated[IrttDocument, Tag("<irtt>")]
    | Annotated[Iperf3Document, Tag("<iperf3>")]
    | Annotated[CurlDocument, Tag("<curl>")]
    | Annotated[QuicDocument, Tag("<quic>")]
    | Annotated[VideoDocument, Tag("<video>")],
    Discriminator(_kind),
]


class EmulationDocument(Document):
    """A live run: real programs on the terminals' hosts. `skycommons run` computes the same network without it."""

    queue: Annotated[Discipline, *word_for(_words(Discipline))] = Field(
        default=Discipline.DROP_TAIL,
        description="What a line does with packets that wait.",
        json_schema_extra={"default": "drop-tail"},
    )
    queue_ms: float = Field(
        default=100, ge=1, le=10_000, description="How long a full queue takes to empty at the line's rate. Assumed."
    )
    separate_icmp: bool = Field(
        default=True, description="Echo requests have a queue of their own, as measured in the real network."
    )
    access: bool = Field(
        default=True,
        description="Add the measured delay of the access: a fixed part, the wait for the radio's schedule, and more near a "
        "slot's boundary. Without it, the light's way alone.",
    )
    loss: bool = Field(default=True, description="Lose packets at random, as measured.")
    handover_gap_ms: float = Field(
        default=0, ge=0, le=10_000, description="A line serves nothing for so long when its satellite changes."
    )
    wait_hold_ms: float = Field(
        default=20,
        ge=0.1,
        le=1_000,
        description="Packets sent within the same stretch of this length wait alike. Assumed.",
    )
    limit_rates: bool = Field(default=True, description="Lines have the rates of the plan; without it, no limit.")
    terminal_to_terminal: bool = Field(
        default=False, description="Terminals may open connections to each other, past the PoP's address translation."
    )
    mtu: int = Field(default=1_500, ge=1_280, le=9_000, description="Longest packet, bytes.")
    wire: Annotated[WireKind, *word_for(_words(WireKind))] = Field(
        default=WireKind.TUN,
        description="What carries the packets: a process of ours, or the kernel's netem.",
        json_schema_extra={"default": "tun"},
    )
    hosts: tuple[InternetHostDocument, ...] = Field(
        default=(), max_length=100, description='Hosts of the internet; one called "internet" unless given.'
    )
    events: tuple[EventDocument, ...] = Field(default=(), max_length=10_000, description="What happens on the way.")
    probes: tuple[ProbeDocument, ...] = Field(default=(), max_length=1_000, description="What is measured.")
