"""Documents of what stands on the ground: terminals, gateways, PoPs, and territories with rules of their own."""

from types import MappingProxyType
from typing import Annotated, Final

from pydantic import Field

from skycommons.model.documents_base import (
    Document,
    Elevation,
    Exclusion,
    FilePath,
    Height,
    Latitude,
    Longitude,
    Name,
    word_for,
)
from skycommons.model.documents_service import Class, Rate, State
from skycommons.model.equipment_data import STANDARD_TYPE
from skycommons.model.service_map import ServiceClass

_ACCOUNTS: Final = MappingProxyType({"active": False, "barred": True})  # whether it is barred

Corners = Annotated[tuple[tuple[Latitude, Longitude], ...], Field(min_length=3, max_length=100_000)]
Countries = Annotated[tuple[Name, ...], Field(max_length=300)]


class TerminalDocument(Document):
    """One subscriber dish."""

    name: Name = Field(description="Name, unique among all sites.")
    latitude_deg: Latitude = Field(description="Geodetic latitude, north positive.")
    longitude_deg: Longitude = Field(description="Longitude, east positive.")
    height_m: Height | None = Field(
        default=None, description="Height above the WGS 84 ellipsoid; the terrain's on a coarse map unless given."
    )
    type: Name = Field(default=STANDARD_TYPE, description="A name from [terminal_types], or a built-in one.")
    pop: Name | None = Field(
        default=None, description="PoP that its traffic belongs to; without it, the nearest by delay."
    )
    min_elevation_deg: Elevation | None = Field(default=None, description="In place of the type's.")
    gso_exclusion_deg: Exclusion | None = Field(default=None, description="In place of the type's or a territory's.")
    service_class: Class = Field(
        default=ServiceClass.STANDARD, description="Who comes first.", json_schema_extra={"default": "standard"}
    )
    protected: bool = Field(
        default=False, description="Whether it is a protected user, such as a hospital, who comes before all classes."
    )
    account: Annotated[bool, *word_for(_ACCOUNTS)] = Field(
        default=False, description="A barred account is not served.", json_schema_extra={"default": "active"}
    )
    down_mbps: Rate | None = Field(
        default=None, description="Downlink that it asks for in the busy hour; a subscriber's in [demand] unless given."
    )
    up_mbps: Rate | None = Field(
        default=None, description="Uplink that it asks for in the busy hour; a subscriber's in [demand] unless given."
    )


class TerminalGridDocument(Document):
    """Terminals spread evenly over a band of latitudes (a golden-angle spiral), for coverage studies."""

    count: int = Field(ge=1, le=100_000, description="How many.")
    min_latitude_deg: Latitude = Field(default=-60, description="Southern edge of the band.")
    max_latitude_deg: Latitude = Field(default=60, description="Northern edge of the band.")
    type: Name = Field(default=STANDARD_TYPE, description="A name from [terminal_types], or a built-in one.")
    prefix: Name = Field(default="grid", description="Terminals are called PREFIX-NUMBER.")


class TerminalsFileDocument(Document):
    """Terminals from a CSV, KML or GeoJSON file."""

    file: FilePath = Field(description="Path of the file, relative to the scenario file.")
    type: Name = Field(default=STANDARD_TYPE, description="A name from [terminal_types], or a built-in one.")


class GatewaySiteDocument(Document):
    """One earth station with feeder links."""

    name: Name = Field(description="Name, unique among all sites.")
    latitude_deg: Latitude = Field(description="Geodetic latitude, north positive.")
    longitude_deg: Longitude = Field(description="Longitude, east positive.")
    height_m: Height | None = Field(
        default=None, description="Height above the WGS 84 ellipsoid; the terrain's on a coarse map unless given."
    )
    type: Name | None = Field(default=None, description="In place of the section's.")
    antennas: int | None = Field(default=None, ge=0, le=10_000, description="In place of the type's.")
    min_elevation_deg: Elevation | None = Field(default=None, description="In place of the section's.")
    gso_exclusion_deg: Exclusion | None = Field(default=None, description="In place of the section's or a territory's.")


class GatewaysDocument(Document):
    """Earth stations: the built-in ones, those of a file, and single ones; all that are named."""

    builtin: bool = Field(default=False, description="Take the built-in ground segment.")
    file: FilePath | None = Field(default=None, description="CSV, KML or GeoJSON, relative to the scenario file.")
    status: tuple[Name, ...] = Field(
        default=(),
        description="Take the sites of the file with one of these states; empty takes those that are in operation.",
    )
    site: tuple[GatewaySiteDocument, ...] = Field(default=(), description="Single gateways: [[gateways.site]].")
    type: Name = Field(default=STANDARD_TYPE, description="A name from [gateway_types], or a built-in one.")
    min_elevation_deg: Elevation = Field(
        default=25, description="Lowest usable elevation, where a site has none itself."
    )
    gso_exclusion_deg: Exclusion = Field(
        default=0, description="Smallest allowed angle to the geostationary arc, where a site has none itself."
    )


class PopSiteDocument(Document):
    """One place where traffic meets the Internet."""

    name: Name = Field(description="Name, unique among all sites.")
    latitude_deg: Latitude = Field(description="Geodetic latitude, north positive.")
    longitude_deg: Longitude = Field(description="Longitude, east positive.")
    height_m: Height = Field(default=0, description="Height above the WGS 84 ellipsoid.")


class PopsDocument(Document):
    """Points of presence: the built-in ones, those of a file, and single ones; all that are named."""

    builtin: bool = Field(default=False, description="Take the built-in PoPs.")
    file: FilePath | None = Field(default=None, description="CSV, KML or GeoJSON, relative to the scenario file.")
    status: tuple[Name, ...] = Field(
        default=(),
        description="Take the sites of the file with one of these states; empty takes those that are in operation.",
    )
    site: tuple[PopSiteDocument, ...] = Field(default=(), description="Single PoPs: [[pops.site]].")
    countries: dict[Name, Name] = Field(
        default={},
        description="For the scheduler: PoP by the country that a cell lies in, by its name or its city, or nearest; other "
        "countries have the PoP at which they were seen, or the one that lies nearest.",
    )


class MinusDocument(Document):
    """What a territory does not hold, even where its other keys say so."""

    countries: Countries = Field(default=(), description="As in the territory.")
    file: FilePath | None = Field(default=None, description="GeoJSON polygons, relative to the scenario file.")
    polygon_deg: Corners | None = Field(default=None, description="Corners as [latitude, longitude].")
    cells_file: FilePath | None = Field(
        default=None, description="Cells, one to a line, relative to the scenario file."
    )


class TerritoryDocument(Document):
    """A named area: all that is named here together, less `minus`; where exclusions overlap, the last one counts."""

    name: Name = Field(description="What to call it.")
    gso_exclusion_deg: Exclusion | None = Field(
        default=None,
        description="Smallest allowed angle to the geostationary arc for sites that have none of their own; "
        "without it, the territory changes none.",
    )
    countries: Countries = Field(
        default=(),
        description="Codes of ISO 3166-1, two letters each, by the packaged borders; areas without a code by their name.",
    )
    file: FilePath | None = Field(default=None, description="GeoJSON polygons, relative to the scenario file.")
    polygon_deg: Corners | None = Field(
        default=None, description="Corners as [latitude, longitude]; an edge never spans more than 180 degrees."
    )
    cells_file: FilePath | None = Field(
        default=None, description="Cells of H3 at resolution 5, one to a line, relative to the scenario file."
    )
    minus: MinusDocument | None = Field(default=None, description="What is taken away, in the same words.")
    service: State | None = Field(
        default=None, description="Whether its cells may be served; as [service] says unless given."
    )
    service_class: Class | None = Field(
        default=None, description="Best class that anybody gets in its cells; as [service] says unless given."
    )
    worldview: Name | None = Field(
        default=None, description="Whose view of borders the areas take; the packaged borders' own label unless given."
    )
