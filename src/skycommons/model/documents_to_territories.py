"""From the documents of territories to what they are made of, and to the exclusion of the geostationary arc at each site.

Rules: a territory is all that its document names together, less what ``minus`` names. Of the territories with an exclusion
that contain a site the last one in the scenario counts; a site that the scenario gives an exclusion of its own keeps that.
Areas are exact for sites, cells are not cut.
"""

from dataclasses import dataclass
from math import radians

import numpy as np

from skycommons.base.errors import InputError
from skycommons.model.borders import WORLDVIEW, country
from skycommons.model.cells import read_cells
from skycommons.model.documents_ground import MinusDocument, TerritoryDocument
from skycommons.model.documents_read import Draft, Findings
from skycommons.model.regions import Region, read_regions
from skycommons.model.service_map import CellState, ServiceClass
from skycommons.model.territories import OWN_WORLDVIEW, Extent, TerritorySpec


@dataclass(frozen=True, slots=True, kw_only=True)
class RuledTerritory:
    """What a territory is made of, with the rule of the scenario for it.

    Attributes:
        spec: Its parts.
        place: Its place in the scenario's list.
        state, service_class: Whether its cells may be served, and by whom first; None where it has no rule of its own.
    """

    spec: TerritorySpec
    place: int
    state: CellState | None
    service_class: ServiceClass | None


def territories_of(draft: Draft, findings: Findings) -> tuple[RuledTerritory, ...]:
    """Territories in the order of the scenario; countries, files and polygons that cannot be used are faults."""
    made: list[RuledTerritory] = []
    for place, document in draft.territories:
        here = f"territories.{place}"
        plus = _extent(document, here, findings)
        minus = Extent() if document.minus is None else _extent(document.minus, f"{here}.minus", findings)
        named = document.countries or (document.minus is not None and document.minus.countries)
        worldview = document.worldview or (WORLDVIEW if named else OWN_WORLDVIEW)
        exclusion_deg = document.gso_exclusion_deg
        made.append(
            RuledTerritory(
                spec=TerritorySpec(
                    name=document.name,
                    worldview=worldview,
                    plus=plus,
                    minus=minus,
                    gso_exclusion_rad=None if exclusion_deg is None else radians(exclusion_deg),
                ),
                place=place,
                state=document.service,
                service_class=document.service_class,
            )
        )
    return tuple(made)


def _extent(document: TerritoryDocument | MinusDocument, here: str, findings: Findings) -> Extent:
    """All that a document names; what cannot be used is a fault."""
    extent = Extent.of_countries(*_known_countries(document.countries, here, findings))
    if document.file is not None:
        regions = findings.read(read_regions, document.file, f"{here}.file")
        extent |= Extent(regions=regions or (), sources=(document.file,))
    if document.polygon_deg is not None:
        regions = _polygon(document, here, findings)
        extent |= Extent(regions=regions, sources=("a polygon of the scenario",))
    if document.cells_file is not None:
        cells = findings.read(read_cells, document.cells_file, f"{here}.cells_file")
        if cells is not None:
            extent |= Extent(cells=cells, sources=(document.cells_file,))
    return extent


def _known_countries(codes: tuple[str, ...], here: str, findings: Findings) -> list[str]:
    """The codes that the packaged borders have an area for; the others are faults."""
    known: list[str] = []
    for place, code in enumerate(codes):
        try:
            country(code)
        except InputError as error:
            findings.fault(f"{here}.countries.{place}", str(error))
        else:
            known.append(code)
    return known


def _polygon(document: TerritoryDocument | MinusDocument, here: str, findings: Findings) -> tuple[Region, ...]:
    """The one area that a document's corners enclose."""
    corners = np.array(document.polygon_deg)
    try:
        return (Region.of(here, corners[:, 0], corners[:, 1]),)
    except InputError as error:
        findings.fault(f"{here}.polygon_deg", f"is no area: {error}")
        return ()
