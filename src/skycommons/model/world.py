"""The world as tables: which satellites fly and which sites stand on the ground. SI units, radians, rows.

Ids are strings at the doors and integer rows inside. A world is a value: nothing changes it, `replace` copies it.
"""

from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final

import numpy as np

from skycommons.base.arrays import Bools, Floats, Ints, check_shape, freeze
from skycommons.base.errors import InputError
from skycommons.model.equipment import Equipment
from skycommons.model.equipment_data import standard_equipment
from skycommons.orbit.elements import Elements

_MOST_NAMED: Final = 12  # ids that a message lists


class SiteKind(IntEnum):
    """What stands at a site."""

    TERMINAL = 0
    GATEWAY = 1
    POP = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Satellites:
    """``S`` satellites.

    Attributes:
        ids: ``S`` unique names.
        elements: Mean elements, ``S`` rows.
        shell: ``(S,)`` row in ``shell_names``, -1 where unknown.
        plane, slot: ``(S,)`` place in the shell, -1 where unknown (recovered later from the elements).
        shell_names: One name per shell.
        generations: ``S`` labels such as ``v1.5`` or ``v2-mini``; empty where unknown.
    """

    ids: tuple[str, ...]
    elements: Elements
    shell: Ints
    plane: Ints
    slot: Ints
    shell_names: tuple[str, ...]
    generations: tuple[str, ...]

    def __post_init__(self) -> None:
        for name in ("shell", "plane", "slot"):
            check_shape(name, getattr(self, name), (len(self.ids),))
            freeze(getattr(self, name))
        if len(self.elements) != len(self.ids) or len(self.generations) != len(self.ids):
            raise InputError("satellites: ids, elements and generations differ in length")

    def __len__(self) -> int:
        return len(self.ids)

    def row(self, satellite_id: str) -> int:
        """Row of a satellite by its id.

        Raises:
            InputError: There is no such satellite.
        """
        return _row(self.ids, satellite_id, "satellite")

    def take(self, rows: Ints | Bools) -> "Satellites":
        """The same table with only these rows, given as indices or as a mask."""
        index = np.arange(len(self.ids))[rows]
        return Satellites(
            ids=tuple(self.ids[i] for i in index),
            elements=self.elements.take(index),
            shell=self.shell[index],
            plane=self.plane[index],
            slot=self.slot[index],
            shell_names=self.shell_names,
            generations=tuple(self.generations[i] for i in index),
        )

    @staticmethod
    def concatenate(tables: "list[Satellites]") -> "Satellites":
        """Several fleets as one; shells keep their names and get new rows.

        Raises:
            InputError: Two satellites carry the same id.
        """
        shells: list[Ints] = []
        names: tuple[str, ...] = ()
        for table in tables:
            shells.append(np.where(table.shell >= 0, table.shell + len(names), -1))
            names += table.shell_names
        ids = tuple(satellite_id for table in tables for satellite_id in table.ids)
        if len(set(ids)) != len(ids):
            raise InputError("satellites: two constellations hold the same satellite id; filter one of them")
        return Satellites(
            ids=ids,
            elements=Elements.concatenate([table.elements for table in tables]),
            shell=np.concatenate(shells),
            plane=np.concatenate([table.plane for table in tables]),
            slot=np.concatenate([table.slot for table in tables]),
            shell_names=names,
            generations=tuple(label for table in tables for label in table.generations),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Sites:
    """``G`` sites: terminals, gateways and PoPs in one table.

    Attributes:
        ids: ``G`` unique names.
        kind: ``(G,)`` `SiteKind`.
        latitude_rad, longitude_rad: ``(G,)`` geodetic, WGS 84, east positive.
        height_m: ``(G,)`` above the WGS 84 ellipsoid.
        min_elevation_rad: ``(G,)`` lowest usable elevation; NaN at PoPs, which see no satellites.
        gso_exclusion_rad: ``(G,)`` smallest allowed angle to the geostationary arc; 0 allows all.
        home_pop: ``(G,)`` row of the PoP that a terminal's traffic belongs to; -1 means the nearest by delay.
        equipment: ``(G,)`` row of the site's type in the world's table of terminals or of gateways; -1 at PoPs.
        tilt_rad: ``(G,)`` of the face's normal, from the zenith towards the nearer pole.
        field_of_view_rad: ``(G,)`` full width of the cone about that normal in which the site can point; 2π does not limit.
        antennas: ``(G,)`` satellites that a gateway can follow at a time; -1 for as many as its type can, and elsewhere.
    """

    ids: tuple[str, ...]
    kind: Ints
    latitude_rad: Floats
    longitude_rad: Floats
    height_m: Floats
    min_elevation_rad: Floats
    gso_exclusion_rad: Floats
    home_pop: Ints
    equipment: Ints
    tilt_rad: Floats
    field_of_view_rad: Floats
    antennas: Ints

    def __post_init__(self) -> None:
        for name in self.__slots__[1:]:
            check_shape(name, getattr(self, name), (len(self.ids),))
            freeze(getattr(self, name))

    def __len__(self) -> int:
        return len(self.ids)

    def row(self, site_id: str) -> int:
        """Row of a site by its id.

        Raises:
            InputError: There is no such site.
        """
        return _row(self.ids, site_id, "site")

    def rows(self, kind: SiteKind) -> Ints:
        """Rows of all sites of one kind, ascending."""
        return np.flatnonzero(self.kind == kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Everything that exists: satellites above, sites below, and what radio equipment they have."""

    satellites: Satellites
    sites: Sites
    equipment: Equipment = field(default_factory=standard_equipment)

    def antennas(self, gateways: Ints) -> Ints:
        """``(K,)`` satellites that each of these gateways, given as site rows, can follow at a time."""
        of_types = np.array([entry.antennas for entry in self.equipment.gateways], dtype=np.int64)
        own = self.sites.antennas[gateways]
        return np.where(own >= 0, own, of_types[np.maximum(self.sites.equipment[gateways], 0)])

    def __repr__(self) -> str:
        count = {kind: int(np.count_nonzero(self.sites.kind == kind)) for kind in SiteKind}
        return (
            f"<World: {len(self.satellites):,} satellites, {count[SiteKind.GATEWAY]:,} gateways, "
            f"{count[SiteKind.POP]:,} PoPs, {count[SiteKind.TERMINAL]:,} terminals>"
        )


def _row(ids: tuple[str, ...], wanted: str, what: str) -> int:
    """Position of an id, or a clear error that names near misses."""
    try:
        return ids.index(wanted)
    except ValueError:
        from difflib import get_close_matches

        near = get_close_matches(wanted, ids, n=3)
        if near:
            hint = f"; did you mean {', '.join(near)}?"
        else:
            rest = f" and {len(ids) - _MOST_NAMED:,} more" if len(ids) > _MOST_NAMED else ""
            hint = f"; there are {', '.join(ids[:_MOST_NAMED])}{rest}" if ids else "; there are none"
        raise InputError(f"there is no {what} {wanted!r}{hint}") from None
