"""The document of a protected site: a place whose loss of service a preview names."""

from types import MappingProxyType
from typing import Annotated, Final

from pydantic import Field

from skycommons.model.documents_base import SHORT_NAME_PATTERN, Document, Latitude, Longitude, word_for
from skycommons.model.protected import ProtectedClass

CLASSES: Final = MappingProxyType({each.value: each for each in ProtectedClass})


class ProtectedDocument(Document):
    """A hospital, an embassy or the like. It asks for nothing itself: previews of decisions say whether it loses service."""

    id: Annotated[str, Field(pattern=SHORT_NAME_PATTERN)] = Field(
        description="Short name, unique among protected sites. It is published with decisions: name no persons."
    )
    protected_class: Annotated[ProtectedClass, *word_for(CLASSES)] = Field(alias="class", description="What it is.")
    latitude_deg: Latitude = Field(description="Geodetic latitude, north positive.")
    longitude_deg: Longitude = Field(description="Longitude, east positive.")
