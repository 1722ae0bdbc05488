"""From the documents of territories to the exclusion of the geostationary arc at each site.

Rules: a territory is a polygon, or all areas of a file together. Of the territories that contain a site the last one in the
scenario counts; a site that the scenario gives an exclusion of its own keeps that.
"""

from dataclasses import dataclass
from math import radians

import numpy as np

from skycommons.base.arrays import Bools, Floats
from skycommons.base.errors import GroundError, InputError
from skycommons.model.documents_ground import TerritoryDocument
from skycommons.model.documents_read import Draft, Findings
from skycommons.model.regions import Region, read_regions


@dataclass(frozen=True, slots=True, kw_only=True)
class Territory:
    """Areas with one exclusion.

    Attributes:
        name: As the scenario calls it.
        regions: Its areas.
        gso_exclusion_rad: Smallest allowed angle to the geostationary arc in them.
    """

    name: str
    regions: tuple[Region, ...]
    gso_exclusion_rad: float

    def contains(self, latitude_rad: Floats, longitude_rad: Floats) -> Bools:
        """``(N,)`` whether points lie in one of its areas."""
        inside = np.zeros(latitude_rad.shape, dtype=np.bool_)
        for region in self.regions:
            inside |= region.contains(latitude_rad, longitude_rad)
        return inside


def territories_of(draft: Draft, findings: Findings) -> tuple[Territory, ...]:
    """Territories in the order of the scenario; files and polygons that cannot be used are faults."""
    made: list[Territory] = []
    for place, document in draft.territories:
        regions = _regions(document, f"territories.{place}", findings)
        if regions:
            made.append(
                Territory(name=document.name, regions=regions, gso_exclusion_rad=radians(document.gso_exclusion_deg))
            )
    return tuple(made)


def exclusions_in(
    territories: tuple[Territory, ...], *, latitude_rad: Floats, longitude_rad: Floats, elsewhere_rad: Floats
) -> Floats:
    """``(N,)`` exclusion at each point: that of the last territory that contains it, or the one given for elsewhere."""
    exclusion_rad = elsewhere_rad.copy()
    for territory in territories:
        exclusion_rad[territory.contains(latitude_rad, longitude_rad)] = territory.gso_exclusion_rad
    return exclusion_rad


def _regions(document: TerritoryDocument, here: str, findings: Findings) -> tuple[Region, ...]:
    """Areas of one territory; none where it has two borders or none, which is another check's fault."""
    if document.file is not None and document.polygon_deg is None:
        try:
            return read_regions(findings.folder / document.file)
        except GroundError as error:
            findings.file_faults(f"{here}.file", document.file, error.faults)
    if document.polygon_deg is not None and document.file is None:
        corners = np.array(document.polygon_deg)
        try:
            return (Region.of(document.name, corners[:, 0], corners[:, 1]),)
        except InputError as error:
            findings.fault(f"{here}.polygon_deg", f"is no area: {error}")
    return ()
