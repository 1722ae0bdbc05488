"""Territories: named sets of cells, made of countries, areas and cells, less others of them.

Rules: a territory is what its cells are; name and worldview are labels beside them. The canonical form of its cells is text:
each cell as 15 lower-case hexadecimal digits and a line feed, sorted; the hash is the SHA-256 of these bytes, so that two
parties who list the same cells get the same hash with ``sort -u | sha256sum`` and nothing of ours. A place is in the areas of
a specification if it lies in one of the parts that are added and in none that are taken away, whatever their order. A cell is
in them if its centre is, or if it is listed itself. Sets can be added and taken away only as values: nothing changes one.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256

import numpy as np

from skycommons.base.arrays import Bools, Floats
from skycommons.base.errors import InputError
from skycommons.model.borders import SOURCE, country
from skycommons.model.cells import RESOLUTION, CellIds, areas_m2, canonical, cell_texts, cells_in, cells_of, centres
from skycommons.model.regions import Region

OWN_WORLDVIEW = "own areas"
"""Worldview of a specification that takes none of the packaged borders and names none."""


def _no_cells() -> CellIds:
    return canonical([])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Extent:
    """Areas and single cells together.

    Attributes:
        regions: Areas, taken exactly.
        cells: Cells, canonical.
        sources: Where they came from, in words.
    """

    regions: tuple[Region, ...] = ()
    cells: CellIds = field(default_factory=_no_cells)
    sources: tuple[str, ...] = ()

    @staticmethod
    def of_countries(*codes: str) -> "Extent":
        """Areas of countries by the packaged borders.

        Raises:
            InputError: There is no such country.
        """
        regions = tuple(country(code) for code in codes)
        return Extent(regions=regions, sources=(f"{SOURCE}: {', '.join(codes)}",) if codes else ())

    def __or__(self, other: "Extent") -> "Extent":
        """Both together."""
        return Extent(
            regions=self.regions + other.regions,
            cells=np.union1d(self.cells, other.cells),
            sources=self.sources + other.sources,
        )

    def contains(self, latitude_rad: Floats, longitude_rad: Floats) -> Bools:
        """``(N,)`` whether points lie in an area or in a listed cell."""
        inside = np.zeros(latitude_rad.shape, dtype=np.bool_)
        for region in self.regions:
            inside |= region.contains(latitude_rad, longitude_rad)
        if len(self.cells):
            inside |= np.isin(cells_of(latitude_rad, longitude_rad), self.cells)
        return inside

    def has_cells(self, cells: CellIds) -> Bools:
        """``(N,)`` whether cells are listed, or their centres lie in an area."""
        inside: Bools = np.isin(cells, self.cells)
        if self.regions:
            latitude_rad, longitude_rad = centres(cells)
            for region in self.regions:
                inside |= region.contains(latitude_rad, longitude_rad)
        return inside


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TerritorySpec:
    """What a territory is made of.

    Attributes:
        name: What to call it.
        worldview: Whose view of borders its areas take, in words.
        plus: What belongs to it.
        minus: What does not, even if it lies in ``plus``.
        gso_exclusion_rad: Smallest allowed angle to the geostationary arc in it; None where it has no rule of its own.
    """

    name: str
    worldview: str = OWN_WORLDVIEW
    plus: Extent
    minus: Extent = field(default_factory=Extent)
    gso_exclusion_rad: float | None = None

    def contains(self, latitude_rad: Floats, longitude_rad: Floats) -> Bools:
        """``(N,)`` whether points lie in it: exact to its areas, not to their cells."""
        return self.plus.contains(latitude_rad, longitude_rad) & ~self.minus.contains(latitude_rad, longitude_rad)


def exclusions_in(
    territories: Sequence[TerritorySpec], *, latitude_rad: Floats, longitude_rad: Floats, elsewhere_rad: Floats
) -> Floats:
    """``(N,)`` exclusion of the geostationary arc at each point: that of the last territory with one that contains it.

    Args:
        territories: In the order of the scenario.
        latitude_rad, longitude_rad: ``(N,)``.
        elsewhere_rad: ``(N,)`` for points in none.
    """
    exclusion_rad = elsewhere_rad.copy()
    for territory in territories:
        if territory.gso_exclusion_rad is not None:
            exclusion_rad[territory.contains(latitude_rad, longitude_rad)] = territory.gso_exclusion_rad
    return exclusion_rad


@dataclass(frozen=True, kw_only=True, eq=False)
class Territory:
    """A named set of cells.

    Attributes:
        name: What to call it.
        worldview: Whose view of borders it takes, in words.
        cells: ``(C,)``, canonical: sorted, each once.
        sources: Where its cells came from, in words.
    """

    name: str
    worldview: str = OWN_WORLDVIEW
    cells: CellIds
    sources: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "cells", canonical(self.cells))

    def __len__(self) -> int:
        return len(self.cells)

    def __eq__(self, other: object) -> bool:
        """Whether two territories have the same cells; labels do not count."""
        return isinstance(other, Territory) and np.array_equal(self.cells, other.cells)

    def __hash__(self) -> int:
        return hash(self.sha256)

    def __or__(self, other: "Territory") -> "Territory":
        """The cells of both, under this one's name."""
        return self._with(np.union1d(self.cells, other.cells), other, "and")

    def __and__(self, other: "Territory") -> "Territory":
        """The cells that both have, under this one's name."""
        return self._with(np.intersect1d(self.cells, other.cells), other, "only what is in")

    def __sub__(self, other: "Territory") -> "Territory":
        """This one's cells that the other does not have, under this one's name."""
        return self._with(np.setdiff1d(self.cells, other.cells), other, "without")

    def has(self, cells: CellIds) -> Bools:
        """``(N,)`` which cells are in it."""
        return np.isin(cells, self.cells)

    @cached_property
    def canonical_bytes(self) -> bytes:
        """The cells in their canonical form, which the hash is taken of."""
        return "".join(f"{text}\n" for text in cell_texts(self.cells)).encode("ascii")

    @cached_property
    def sha256(self) -> str:
        """SHA-256 of the canonical form, in hexadecimal digits."""
        return sha256(self.canonical_bytes).hexdigest()

    @cached_property
    def area_m2(self) -> float:
        """Area of all cells together."""
        return float(areas_m2(self.cells).sum())

    def to_json_dict(self) -> dict[str, object]:
        """Labels, counts, hash and cells, ready for JSON."""
        return {
            "name": self.name,
            "worldview": self.worldview,
            "sources": list(self.sources),
            "resolution": RESOLUTION,
            "count": len(self),
            "area_m2": self.area_m2,
            "sha256": self.sha256,
            "cells": cell_texts(self.cells),
        }

    def __repr__(self) -> str:
        return f"<Territory {self.name!r}: {len(self):,} cells, sha256 {self.sha256[:12]}>"

    def _with(self, cells: CellIds, other: "Territory", word: str) -> "Territory":
        """Other cells under the same name; both worldviews are kept."""
        views = dict.fromkeys([self.worldview, other.worldview])
        return Territory(
            name=self.name, worldview="; ".join(views), cells=cells, sources=(*self.sources, f"{word} {other.name}")
        )


def territory_of(spec: TerritorySpec) -> Territory:
    """The cells of a specification.

    Raises:
        InputError: It has no cell: its areas hold no cell's centre, or all of them are taken away.
    >>> spec = TerritorySpec(name="Alps", plus=Extent.of_countries("CH", "AT"))
    >>> territory_of(spec)
    <Territory 'Alps': 501 cells, sha256 1826c0041b5c>
    """
    added = np.unique(np.concatenate([spec.plus.cells, *(cells_in(region) for region in spec.plus.regions)]))
    cells = added[~spec.minus.has_cells(added)]
    if not len(cells):
        what = "all its cells are taken away" if len(added) else "it holds no cell's centre; list cells of it"
        raise InputError(f"territory {spec.name!r} has no cell: {what}")
    taken = (f"without {source}" for source in spec.minus.sources)
    return Territory(name=spec.name, worldview=spec.worldview, cells=cells, sources=(*spec.plus.sources, *taken))
