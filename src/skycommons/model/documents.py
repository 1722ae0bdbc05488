"""The scenario document: everything that a scenario file may say, and nothing else.

Rules: the document is checked, turned into SI tables at once (`skycommons.model.documents_tables`) and not seen again.
Every quantity is said once: what follows from another key has no key of its own.
"""

from types import MappingProxyType
from typing import Annotated, Final, Literal

from pydantic import Discriminator, Field, Tag

from skycommons.model.documents_base import SHORT_NAME_PATTERN, Document, Instant, Name, word_for
from skycommons.model.documents_emulation import EmulationDocument
from skycommons.model.documents_equipment import GatewayTypeDocument, PayloadDocument, TerminalTypeDocument
from skycommons.model.documents_fleet import ConstellationDocument
from skycommons.model.documents_ground import (
    GatewaysDocument,
    PopsDocument,
    TerminalDocument,
    TerminalGridDocument,
    TerminalsFileDocument,
    TerritoryDocument,
)
from skycommons.model.documents_protected import ProtectedDocument
from skycommons.model.documents_radio import RadioDocument, SimulatedWeatherDocument, WeatherDocument
from skycommons.model.documents_service import DemandDocument, ScheduleDocument, ServiceDocument
from skycommons.model.rules import (
    Attachment,
    BentPipeMode,
    HighestElevation,
    LaserMode,
    LowestDelay,
    Mode,
)

MAX_STEPS: Final = 10_000_000
_MODES: Final = MappingProxyType({"lasers": LaserMode(), "bent-pipe": BentPipeMode()})
_ATTACHMENTS: Final = MappingProxyType({"lowest-delay": LowestDelay(), "highest-elevation": HighestElevation()})


class TimeDocument(Document):
    """The span that is computed: a start, and hours or seconds."""

    start: Instant = Field(description="First instant, ISO 8601; UTC where no offset is given.")
    hours: float | None = Field(default=None, gt=0, le=87_840, description="Length of the span.")
    duration_s: float | None = Field(
        default=None, gt=0, le=316_224_000, description="Length of the span, in place of hours."
    )
    step_s: float = Field(default=15, ge=0.001, le=86_400, description="Time between two steps.")


class _LasersDocument(Document):
    max_range_km: float = Field(default=5_400, gt=0, le=100_000, description="Longest laser link.")
    min_grazing_height_km: float = Field(
        default=80, ge=0, le=2_000, description="A link whose line of sight dips below this height is down."
    )
    acquisition_s: float = Field(
        default=12, ge=0, le=3_600, description="A newly pointed link carries nothing for at least this long."
    )
    longest_acquisition_s: float | None = Field(
        default=None,
        ge=0,
        le=3_600,
        description="And for at most this long, each link for its own time; 30, or acquisition_s where that is longer.",
    )
    rate_gbps: float = Field(default=100, gt=0, le=100_000, description="Rate of one laser link.")


class GridLasersDocument(_LasersDocument):
    """+Grid: two neighbours in the plane, one in each side plane."""

    topology: Literal["grid"] = Field(default="grid", description="Who points at whom.")


class NearestLasersDocument(_LasersDocument):
    """The nearest neighbours, whatever their plane."""

    topology: Literal["nearest"] = Field(description="Who points at whom.")
    per_satellite: int = Field(default=4, ge=1, le=64, description="Lasers of one satellite.")


class MotifLasersDocument(_LasersDocument):
    """The same pattern of neighbours at every satellite of a shell."""

    topology: Literal["motif"] = Field(description="Who points at whom.")
    motif: tuple[tuple[int, int], ...] = Field(
        min_length=1,
        max_length=32,
        description="Neighbours as [planes, slots] away; each is a link and its mirror image.",
    )


class PairLasersDocument(_LasersDocument):
    """Exactly the named pairs of satellites."""

    topology: Literal["pairs"] = Field(description="Who points at whom.")
    pairs: tuple[tuple[Name, Name], ...] = Field(
        min_length=1, max_length=1_000_000, description="Pairs of satellite ids."
    )


class NoLasersDocument(Document):
    """No lasers at all."""

    topology: Literal["none"] = Field(description="Who points at whom.")


def _topology(value: object) -> str:
    """Tag of a lasers section: its topology, +Grid where nothing is said."""
    topology = value.get("topology", "grid") if isinstance(value, dict) else "grid"
    return f"<{topology}>"


AnyLasers = GridLasersDocument | NearestLasersDocument | MotifLasersDocument | PairLasersDocument | NoLasersDocument
LasersDocument = Annotated[
    Annotated[GridLasersDocument, Tag("<grid>")]
    | Annotated[NearestLasersDocument, Tag("<nearest>")]
    | Annotated[MotifLasersDocument, Tag("<motif>")]
    | Annotated[PairLasersDocument, Tag("<pairs>")]
    | Annotated[NoLasersDocument, Tag("<none>")],
    Discriminator(_topology),
]


class RoutingDocument(Document):
    """How traffic finds its way."""

    mode: Annotated[Mode, *word_for(_MODES)] = Field(
        default=LaserMode(),
        description="lasers: paths may cross lasers; bent-pipe: one satellite only.",
        json_schema_extra={"default": "lasers"},
    )
    attachment: Annotated[Attachment, *word_for(_ATTACHMENTS)] = Field(
        default=LowestDelay(),
        description="How a terminal chooses its satellite.",
        json_schema_extra={"default": "lowest-delay"},
    )
    fibre_detour: float = Field(default=1.5, ge=1, le=10, description="Length of fibre over the great-circle distance.")
    alternatives: int = Field(
        default=1, ge=1, le=16, description="Paths to keep per flow, best first; each enters at another satellite."
    )


class PairDocument(Document):
    """A flow between two sites, of which at most one is a PoP."""

    source: Name = Field(alias="from", description="A terminal, a gateway or a PoP.")
    target: Name = Field(alias="to", description="Another one.")


class ScenarioDocument(Document):
    """A scenario file."""

    name: Annotated[str, Field(pattern=SHORT_NAME_PATTERN)] = Field(
        description="Short name: lower-case letters, digits, dot, dash; files of results are called after it."
    )
    title: str = Field(default="", max_length=200, description="Heading of reports.")
    description: str = Field(default="", max_length=10_000, description="What the scenario is for.")
    labels: dict[Name, str] = Field(default={}, description="Free words that go with the results.")
    seed: int = Field(default=0, ge=0, le=2**63 - 1, description="Seed of every random stream.")
    time: TimeDocument = Field(description="The span that is computed.")
    constellation: tuple[ConstellationDocument, ...] = Field(min_length=1, description="What flies; several add up.")
    terminal_types: dict[Name, TerminalTypeDocument] = Field(default={}, description="Types of terminals by name.")
    gateway_types: dict[Name, GatewayTypeDocument] = Field(default={}, description="Types of gateways by name.")
    payloads: dict[Name, PayloadDocument] = Field(default={}, description="What satellites of a generation carry.")
    terminals: tuple[TerminalDocument, ...] = Field(default=(), description="Subscriber dishes.")
    terminal_grid: TerminalGridDocument | None = Field(default=None, description="Terminals spread evenly.")
    terminals_file: TerminalsFileDocument | None = Field(default=None, description="Terminals from a file.")
    gateways: GatewaysDocument = Field(default=GatewaysDocument(), description="Earth stations.")
    pops: PopsDocument = Field(default=PopsDocument(), description="Where traffic meets the Internet.")
    territories: tuple[TerritoryDocument, ...] = Field(default=(), description="Areas with rules of their own.")
    protected: tuple[ProtectedDocument, ...] = Field(
        default=(), max_length=10_000, description="Places whose loss of service previews name."
    )
    demand: DemandDocument | None = Field(default=None, description="Who asks for service besides the terminals.")
    service: ServiceDocument | None = Field(default=None, description="Where service is allowed.")
    schedule: ScheduleDocument | None = Field(default=None, description="How satellites are shared out.")
    radio: RadioDocument = Field(default=RadioDocument(), description="How links become rates.")
    weather: WeatherDocument = Field(default=SimulatedWeatherDocument(), description="What the sky does.")
    lasers: LasersDocument = Field(default=GridLasersDocument(), description="Links between satellites.")
    routing: RoutingDocument = Field(default=RoutingDocument(), description="How traffic finds its way.")
    pairs: tuple[PairDocument, ...] = Field(default=(), description="Flows between two named sites.")
    emulation: EmulationDocument | None = Field(default=None, description="How it is run live.")
