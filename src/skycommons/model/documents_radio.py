"""Documents of how links become rates: the law from carrier over noise to bits, and the weather."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Final, Literal

from pydantic import Discriminator, Field, Tag

from skycommons.model.documents_base import Document, FilePath, word_for
from skycommons.radio.modcod import RateLaw, Shannon, ladder, ladder_names
from skycommons.radio.weather_field import FEATURES


@dataclass(frozen=True, slots=True)
class LadderLaw:
    """A built-in ladder of modulations and codes, read when it is asked for."""

    name: str

    def law(self, gap_db: float) -> RateLaw:
        """The ladder, which has no use for a gap."""
        del gap_db
        return ladder(self.name)


@dataclass(frozen=True, slots=True)
class ShannonLaw:
    """Shannon's bound less a gap."""

    def law(self, gap_db: float) -> RateLaw:
        """The bound with this gap."""
        return Shannon(gap_db=gap_db)


Modcod = LadderLaw | ShannonLaw

_STANDARD_LADDER: Final = "dvb-s2x"
_MODCODS: Final[Mapping[str, Modcod]] = MappingProxyType(
    {**{name: LadderLaw(name) for name in ladder_names()}, "shannon": ShannonLaw()}
)
_FULL_PFD: Final = MappingProxyType({"operating": False, "limit": True})


class RadioDocument(Document):
    """How carrier over noise becomes a rate."""

    modcod: Annotated[Modcod, *word_for(_MODCODS)] = Field(
        default=LadderLaw(_STANDARD_LADDER),
        description="Modulations and codes of user links.",
        json_schema_extra={"default": _STANDARD_LADDER},
    )
    feeder_modcod: Annotated[Modcod, *word_for(_MODCODS)] = Field(
        default=LadderLaw(_STANDARD_LADDER),
        description="Modulations and codes of feeder links.",
        json_schema_extra={"default": _STANDARD_LADDER},
    )
    shannon_gap_db: float = Field(
        default=2, ge=0, le=30, description="For shannon: signal that the bound does not ask for, besides the margin."
    )
    margin_db: float = Field(default=1, ge=0, le=30, description="Signal that every link keeps in hand.")
    pfd: Annotated[bool, *word_for(_FULL_PFD)] = Field(
        default=False,
        description="Power flux density of satellites: their own level, or all that the rule allows.",
        json_schema_extra={"default": "operating"},
    )


class ClearWeatherDocument(Document):
    """A clear sky everywhere and always."""

    mode: Literal["clear"] = Field(description="What the sky does.")


class FixedWeatherDocument(Document):
    """Everywhere and always the weather that is exceeded for a share of an average year."""

    mode: Literal["fixed"] = Field(description="What the sky does.")
    exceedance_percent: float = Field(
        ge=0.001, le=100, description="Share of an average year with weather as bad or worse; small is bad weather."
    )


class SimulatedWeatherDocument(Document):
    """Weather that comes and goes, alike at near places, with each place's statistics over the years."""

    mode: Literal["simulated"] = Field(default="simulated", description="What the sky does.")
    features: int = Field(
        default=FEATURES, ge=1, le=100_000, description="Waves that the field is made of; more are truer and slower."
    )


class MeasuredWeatherDocument(Document):
    """Rain rates that were measured or forecast."""

    mode: Literal["measured"] = Field(description="What the sky does.")
    file: FilePath = Field(description="Rain rates over time, relative to the scenario file.")


def _mode(value: object) -> str:
    """Tag of a weather section: its mode, simulated where nothing is said."""
    mode = value.get("mode", "simulated") if isinstance(value, dict) else "simulated"
    return f"<{mode}>"


AnyWeather = SimulatedWeatherDocument | ClearWeatherDocument | FixedWeatherDocument | MeasuredWeatherDocument
WeatherDocument = Annotated[
    Annotated[SimulatedWeatherDocument, Tag("<simulated>")]
    | Annotated[ClearWeatherDocument, Tag("<clear>")]
    | Annotated[FixedWeatherDocument, Tag("<fixed>")]
    | Annotated[MeasuredWeatherDocument, Tag("<measured>")],
    Discriminator(_mode),
]
