"""Documents of what flies: presets, catalogues and Walker shells."""

from enum import Enum
from types import MappingProxyType
from typing import Annotated, Final

from pydantic import Discriminator, Field, Tag

from skycommons.model.documents_base import Document, FilePath, Name, word_for


class Pattern(Enum):
    """How far the ascending nodes of a Walker shell spread, degrees."""

    DELTA = 360.0
    STAR = 180.0


_PATTERNS: Final = MappingProxyType({"delta": Pattern.DELTA, "star": Pattern.STAR})


class _Filtered(Document):
    names: Name = Field(
        default="*", description="Keep the satellites whose id matches this pattern; * stands for any text."
    )
    shells: tuple[Name, ...] = Field(default=(), description="Keep the satellites of these shells; empty keeps all.")
    generations: tuple[Name, ...] = Field(default=(), description="Keep these generations; empty keeps all.")


class PresetDocument(_Filtered):
    """A constellation that comes with the program."""

    preset: Name = Field(description="Name of a built-in constellation, for example starlink-2026.")


class CatalogueDocument(_Filtered):
    """A file of real element sets: TLE, or CCSDS OMM as JSON, CSV, XML or KVN."""

    catalogue: FilePath = Field(description="Path of the file, relative to the scenario file.")
    max_age_days: float | None = Field(
        default=None,
        gt=0,
        le=100_000,
        description="Leave out element sets whose epoch is further than this from the start.",
    )
    min_altitude_km: float = Field(
        default=300,
        ge=0,
        le=60_000,
        description="Leave out satellites whose orbit is lower: they have just started or are sinking, and serve nobody.",
    )


class WalkerDocument(Document):
    """A Walker shell. It has an altitude or a mean motion, and a pattern or a spread; the other follows."""

    name: Name = Field(description="Name of the shell; satellites are called NAME-pPLANE-SLOT.")
    altitude_km: float | None = Field(
        default=None, ge=160, le=60_000, description="Altitude over the equatorial radius."
    )
    mean_motion_rev_day: float | None = Field(default=None, ge=0.5, le=16.5, description="Revolutions per day.")
    planes: int = Field(ge=1, le=1_000, description="Orbital planes.")
    satellites_per_plane: int = Field(ge=1, le=1_000, description="Satellites in each plane.")
    inclination_deg: float = Field(ge=0, le=180, description="Inclination to the equator.")
    phasing: float = Field(
        default=0, ge=0, le=1_000, description="F of Walker's i: t/p/F, less than planes; it may be a fraction."
    )
    pattern: Annotated[Pattern | None, *word_for(_PATTERNS)] = Field(
        default=None,
        description="delta spreads the planes over 360 degrees, star over 180; delta where nothing is said.",
    )
    raan_spread_deg: float | None = Field(
        default=None, gt=0, le=360, description="Spread of the planes, in place of a pattern."
    )
    raan_offset_deg: float = Field(default=0, ge=-360, le=360, description="Right ascension of the first plane's node.")
    anomaly_offset_deg: float = Field(default=0, ge=-360, le=360, description="Anomaly of the first satellite.")
    generation: str = Field(default="", max_length=60, description="Label such as v2-mini.")


PRESET_TAG: Final = "<preset>"
CATALOGUE_TAG: Final = "<catalogue>"
WALKER_TAG: Final = "<walker>"


def _kind(value: object) -> str:
    """Which of the three a table is, by the key that only it has."""
    keys = value if isinstance(value, dict) else {}
    if "preset" in keys:
        return PRESET_TAG
    return CATALOGUE_TAG if "catalogue" in keys else WALKER_TAG


AnyConstellation = PresetDocument | CatalogueDocument | WalkerDocument
ConstellationDocument = Annotated[
    Annotated[PresetDocument, Tag(PRESET_TAG)]
    | Annotated[CatalogueDocument, Tag(CATALOGUE_TAG)]
    | Annotated[WalkerDocument, Tag(WALKER_TAG)],
    Discriminator(_kind),
]
