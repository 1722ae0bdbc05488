"""Places whose loss of service is told by name before anybody decides: hospitals, emergency services and their like.

Rules: a protected site is a place and says nothing of who is served there; users who keep service where others lose it are
protected terminals and protected demand. A site belongs to the cell that holds it. Ids are public, because they stand in what is
signed and kept for ever: name institutions, never persons, and leave out those whose place must not be known.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from skycommons.model.cells import CellIds, cells_of


class ProtectedClass(StrEnum):
    """What a protected site is.

    Source: ITU Constitution, articles 40 and 46 (safety of life); ITU-T E.106 and E.107 (priority users); elections and news
        media are this project's proposal.
    """

    HOSPITAL = "hospital"
    EMERGENCY = "emergency-service"
    HUMANITARIAN = "humanitarian"
    DIPLOMATIC = "diplomatic-mission"
    AVIATION = "aviation-safety"
    MARITIME = "maritime-safety"
    WARNING = "public-warning"
    ELECTION = "election-body"
    MEDIA = "news-media"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtectedSite:
    """One protected site.

    Attributes:
        id: Unique among them.
        protected_class: What it is.
        latitude_rad, longitude_rad: Where it stands.
    """

    id: str
    protected_class: ProtectedClass
    latitude_rad: float
    longitude_rad: float


def cells_of_sites(sites: tuple[ProtectedSite, ...]) -> CellIds:
    """``(N,)`` the cell of each site, in their order."""
    if not sites:
        return np.zeros(0, dtype=np.uint64)
    return cells_of(np.array([site.latitude_rad for site in sites]), np.array([site.longitude_rad for site in sites]))
