"""Documents of who asks for service, where it is allowed, and how satellites are shared out.

Rules: demand is that of the busy hour; the hours of the day are shares of it. What is assumed says so in its description.
"""

from types import MappingProxyType
from typing import Annotated, Final

from pydantic import AfterValidator, Field

from skycommons.model.documents_base import Document, FilePath, Name, word_for
from skycommons.model.service_map import CellState, ServiceClass
from skycommons.model.service_rules import (
    AssignmentRule,
    AuctionAssignment,
    ExactAssignment,
    GreedyAssignment,
    HighestAssignment,
    ObservedAssignment,
)

STATES: Final = MappingProxyType({state.name.lower(): state for state in CellState})
CLASSES: Final = MappingProxyType({each.name.lower(): each for each in ServiceClass})
POLICIES: Final[MappingProxyType[str, AssignmentRule]] = MappingProxyType(
    {
        "observed": ObservedAssignment(),
        "highest-elevation": HighestAssignment(),
        "greedy": GreedyAssignment(),
        "auction": AuctionAssignment(),
        "exact": ExactAssignment(),
    }
)
BUSY_HOUR_SHAPE: Final = (
    *(0.55, 0.40, 0.30, 0.24, 0.21, 0.22, 0.28, 0.38),
    *(0.48, 0.55, 0.60, 0.63, 0.66, 0.67, 0.68, 0.70),
    *(0.73, 0.78, 0.85, 0.93, 0.98, 1.00, 0.93, 0.76),
)
"""Demand at each full hour of local solar time, as a share of the busiest: assumed, with the evening peak of households."""

State = Annotated[CellState, *word_for(STATES)]
Class = Annotated[ServiceClass, *word_for(CLASSES)]


def _checked_shape(shape: tuple[float, ...]) -> tuple[float, ...]:
    """Shares of the busiest hour, of which one is that hour."""
    if max(shape) != 1.0:
        raise ValueError("should be shares of the busiest hour, the largest of them 1")
    return shape


Rate = Annotated[float, Field(ge=0, le=1_000_000)]
Share = Annotated[float, Field(ge=0, le=1)]
Shape = Annotated[tuple[Share, ...], Field(min_length=24, max_length=24), AfterValidator(_checked_shape)]


class DemandDocument(Document):
    """Who asks for service besides the scenario's terminals: people, or demand that is given by cell."""

    population: bool = Field(
        default=False,
        description="Take the built-in world of people: synthetic, from listed towns and figures of countries; no census.",
    )
    people_file: FilePath | None = Field(
        default=None,
        description="People: a CSV with cell,people or latitude_deg,longitude_deg,people, a raster in ESRI ASCII (.asc), "
        "or one in NetCDF 4 (.nc); relative to the scenario file.",
    )
    cells_file: FilePath | None = Field(
        default=None,
        description="Demand of the busy hour by cell: a CSV with cell,subscribers,down_mbps,up_mbps and, if wanted, class.",
    )
    subscribers_per_1000_people: float = Field(
        default=1.3,
        ge=0,
        le=1000,
        description="Of all people, wherever they live. The default gives the world 10 million, as many as the largest "
        "operator counted in February 2026; that they are spread evenly is assumed.",
    )
    down_mbps_per_subscriber: Rate = Field(
        default=3, description="Average downlink of one subscriber in the busy hour. Assumed."
    )
    up_mbps_per_subscriber: Rate = Field(
        default=0.3, description="Average uplink of one subscriber in the busy hour. Assumed."
    )
    service_class: Class = Field(
        default=ServiceClass.STANDARD,
        description="Of the subscribers among the people.",
        json_schema_extra={"default": "standard"},
    )
    min_subscribers: float = Field(
        default=1, ge=0, le=1e9, description="Of people's cells, one with fewer expected subscribers counts as none."
    )
    territories: tuple[Name, ...] = Field(
        default=(),
        description="Names from [[territories]]: people and given demand count only there; empty: everywhere.",
    )
    busy_hour_shape: Shape = Field(
        default=BUSY_HOUR_SHAPE,
        description="Demand at each full hour of local solar time, from 0 to 23 h, as a share of the busiest; straight lines "
        "between. The default is assumed, with its peak at 21 h.",
    )


class ServiceDocument(Document):
    """Where service is allowed, as a map of cells; what `[[territories]]` say of it counts on top, the last one most."""

    default: State | None = Field(
        default=None, description="State of cells that nothing else names; the file's unless given, or active."
    )
    default_class: Class | None = Field(
        default=None,
        description="Best class that anybody gets in cells that nothing else names; the file's unless given, or priority.",
    )
    map_file: FilePath | None = Field(
        default=None, description="A service map in JSON, relative to the scenario file; it brings its version."
    )


class ScheduleDocument(Document):
    """How satellites, their beams and gateways are shared out."""

    policy: Annotated[AssignmentRule, *word_for(POLICIES)] = Field(
        default=ObservedAssignment(),
        description="Who gets which satellite.",
        json_schema_extra={"default": "observed"},
    )
    gap_nats: float | None = Field(
        default=None,
        ge=0.001,
        le=100,
        description="With auction: how far from the best each request may end; 0.05 unless given.",
    )
    cells_per_beam: int = Field(
        default=8, ge=1, le=255, description="Most cells that one beam visits in turn. Assumed."
    )
    channels: int = Field(
        default=8, ge=1, le=64, description="Channels into which the user band is cut; a beam uses one at a time."
    )
    separation_rings: int = Field(
        default=1, ge=0, le=8, description="Two cells this many steps apart, or fewer, never use one channel."
    )
    candidates: int = Field(
        default=24, ge=1, le=255, description="Most satellites that a cell weighs against each other."
    )
    slot_s: float = Field(default=15, ge=1, le=3_600, description="Length of a scheduling slot.")
    slot_phase_s: float = Field(default=12, ge=0, lt=60, description="Where in each minute the first slot begins.")
