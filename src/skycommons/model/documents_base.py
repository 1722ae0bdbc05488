"""What all scenario documents share: strict, closed and frozen models, and the types of their values.

Rules: an unknown key is a fault; text is never read as a number; numbers are finite and have a range; the unit stands in
the key. A word that stands for a strategy becomes that strategy's object while the document is read.
"""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Annotated, Final, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from skycommons.base.clock import parse_time
from skycommons.base.errors import InputError

Word = TypeVar("Word")

NAME_PATTERN: Final = r"^\S(.*\S)?$"
SHORT_NAME_PATTERN: Final = r"^[a-z0-9][a-z0-9._-]{0,63}$"
HOST_NAME_PATTERN: Final = r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$"
PATTERN_WORDS: Final = MappingProxyType(
    {
        NAME_PATTERN: "should be a name without spaces around it",
        SHORT_NAME_PATTERN: "should be at most 64 lower-case letters, digits, dots, dashes and underscores",
        HOST_NAME_PATTERN: "should be at most 63 lower-case letters, digits, and dashes within",
    }
)

EARLIEST: Final = "1957-10-04"
LATEST: Final = "2200-01-01"


class Document(BaseModel):
    """A table of a scenario file."""

    model_config = ConfigDict(
        strict=True, extra="forbid", frozen=True, allow_inf_nan=False, arbitrary_types_allowed=True
    )


def _instant(value: object) -> int:
    """A TOML date or an ISO 8601 text as UTC unix ns."""
    text = value.isoformat() if isinstance(value, date) else value if isinstance(value, str) else ""
    try:
        time_ns = parse_time(text)
    except (InputError, OverflowError):
        raise ValueError("should be an ISO 8601 time such as 2026-05-21T12:00:00Z") from None
    if not is_known_time(time_ns):
        raise ValueError(f"should lie between {EARLIEST} and {LATEST}")
    return time_ns


def is_known_time(time_ns: int) -> bool:
    """Whether an instant lies in the years in which satellites are flown here, `EARLIEST` to `LATEST`."""
    return parse_time(EARLIEST) <= time_ns <= parse_time(LATEST)


def word_for(meanings: Mapping[str, Word]) -> tuple[BeforeValidator, WithJsonSchema]:
    """Validators for a key whose words stand for objects: the object is what the document holds."""

    def meaning(value: object) -> Word:
        if isinstance(value, str) and value in meanings:
            return meanings[value]
        raise ValueError(f"should be one of {', '.join(meanings)}")

    return BeforeValidator(meaning), WithJsonSchema({"enum": list(meanings), "type": "string"})


Instant = Annotated[int, BeforeValidator(_instant), WithJsonSchema({"type": "string", "format": "date-time"})]
Name = Annotated[str, Field(min_length=1, max_length=120, pattern=NAME_PATTERN)]
FilePath = Annotated[str, Field(min_length=1, max_length=4096, pattern=r"^[^\x00]+$")]
Latitude = Annotated[float, Field(ge=-90, le=90)]
Longitude = Annotated[float, Field(ge=-180, le=180)]
Height = Annotated[float, Field(ge=-500, le=20_000)]
Elevation = Annotated[float, Field(ge=0, lt=90)]
Exclusion = Annotated[float, Field(ge=0, lt=90)]
