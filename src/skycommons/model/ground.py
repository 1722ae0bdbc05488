"""Gateways and PoPs from files: CSV, KML and GeoJSON lists as people publish them.

Rules: columns are found by the synonyms in `COLUMNS`, in any case. A row that cannot be used is reported with its
place and left out; the rest goes on. Sites that are only planned are kept with their status, and
`GroundFile.operational` leaves them out. A file speaks about kinds (gateway, PoP) or it does not:

- if some row does, every row that names no kind is a gateway, and the argument ``kind`` *selects*;
- if none does, the argument ``kind`` *names* them all, and without it they are gateways.
"""

import math
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Final

from skycommons.base.errors import Fault, GroundError, InputError
from skycommons.model.ground_formats import FOLDER, HEIGHT, LATITUDE, LONGITUDE, NAME, RawSite, RawTable, parse_table
from skycommons.model.world import SiteKind

KIND: Final = "kind"
STATUS: Final = "status"
MIN_ELEVATION: Final = "min_elevation_deg"
ANTENNAS: Final = "antennas"

COLUMNS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        NAME: (NAME, "site", "site_name", "title", "location", "city", "town", "code", "id"),
        LATITUDE: (LATITUDE, "latitude", "lat", "lat_deg", "y"),
        LONGITUDE: (LONGITUDE, "longitude", "lon", "lng", "long", "lon_deg", "x"),
        HEIGHT: (HEIGHT, "height", "altitude_m", "alt_m", "altitude", "alt", "elevation_m"),
        KIND: (KIND, "type", "site_type", "category", FOLDER),
        STATUS: (STATUS, "site_status", "operational_status"),
        MIN_ELEVATION: (
            MIN_ELEVATION,
            "min_elevation",
            "minimum_elevation_deg",
            "minimum_elevation",
            "min_elev",
            "min_elev_deg",
            "elevation_mask_deg",
            "elevation_mask",
        ),
        ANTENNAS: (ANTENNAS, "antenna_count", "antennas_count", "number_of_antennas", "ka_antenna_count"),
    }
)
"""What a column means, and the folded names under which it is looked for, best first."""

KIND_WORDS: Final[Mapping[str, SiteKind]] = MappingProxyType(
    {
        "pop": SiteKind.POP,
        "pops": SiteKind.POP,
        "netfac": SiteKind.POP,
        "gateway": SiteKind.GATEWAY,
        "gateways": SiteKind.GATEWAY,
        "gw": SiteKind.GATEWAY,
        "teleport": SiteKind.GATEWAY,
        "terminal": SiteKind.TERMINAL,
        "terminals": SiteKind.TERMINAL,
    }
)
"""Words that tell a site's kind, in a column of kinds or a folder's name."""

NOT_OPERATIONAL: Final = (
    "planned",
    "proposed",
    "pending",
    "future",
    "not buil",
    "not operational",
    "not live",
    "construction",
    "under construction",
    "possible construction",
    "offline",
    "inactive",
    "cancelled",
    "closed",
    "retired",
    "decommissioned",
)
"""How a status begins (in any case) at a site that carries no traffic; every other status, or none, does."""

_MAX_BYTES: Final = 16_000_000  # some 100,000 sites


@dataclass(frozen=True, slots=True, kw_only=True)
class GroundSite:
    """One gateway or PoP as it stands in a list.

    Attributes:
        name: Unique in its list.
        latitude_deg, longitude_deg: Geodetic, WGS 84, east positive.
        height_m: Above the WGS 84 ellipsoid; None where nobody says it.
        kind: Gateway, PoP or terminal.
        status: The list's own word, such as ``operational`` or ``planned``; empty where it says none.
        min_elevation_deg: Lowest usable elevation where the list says one.
        antennas: Number of antennas where the list says one.
    Raises:
        InputError: The coordinates are not on Earth.
    """

    name: str
    latitude_deg: float
    longitude_deg: float
    height_m: float | None = None
    kind: SiteKind = SiteKind.GATEWAY
    status: str = ""
    min_elevation_deg: float | None = None
    antennas: int | None = None

    def __post_init__(self) -> None:
        is_place = abs(self.latitude_deg) <= 90.0 and abs(self.longitude_deg) <= 180.0
        if not (is_place and math.isfinite(self.height_m or 0.0)):
            raise InputError(
                f"site {self.name!r}: latitude {self.latitude_deg}, longitude {self.longitude_deg}, "
                f"height {self.height_m} m is no place on Earth"
            )

    @property
    def is_operational(self) -> bool:
        """Whether the status does not say otherwise; an unknown status counts as operational."""
        return not self.status.casefold().startswith(NOT_OPERATIONAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class GroundFile:
    """What a list of sites holds.

    Attributes:
        source: Name of the file.
        sites: The sites that can be used, in the order of the file, names unique.
        faults: What was wrong, with its place; a row whose place on Earth is in doubt is not among the sites.
        ignored_shapes: Number of lines and areas of a KML or GeoJSON file, such as fibre routes.
        other_kind: Number of sites left out because they are of another kind than the one asked for.
    """

    source: str
    sites: tuple[GroundSite, ...]
    faults: tuple[Fault, ...] = ()
    ignored_shapes: int = 0
    other_kind: int = 0

    def operational(self) -> "GroundFile":
        """The same file without the sites that are planned, being built, or closed."""
        return replace(self, sites=tuple(site for site in self.sites if site.is_operational))

    def of_kind(self, kind: SiteKind) -> tuple[GroundSite, ...]:
        """The sites of one kind."""
        return tuple(site for site in self.sites if site.kind is kind)

    def __repr__(self) -> str:
        count = {kind: len(self.of_kind(kind)) for kind in SiteKind}
        return (
            f"<GroundFile {self.source!r}: {count[SiteKind.GATEWAY]} gateways, {count[SiteKind.POP]} PoPs, "
            f"{len(self.faults)} faults>"
        )


def read_ground(path: Path, *, kind: SiteKind | None = None) -> GroundFile:
    """Gateways and PoPs of a CSV, KML or GeoJSON file.

    Args:
        path: The file; its form is told from its content.
        kind: Selects one kind from a file that names kinds, and names the kind in a file that does not.
    Raises:
        GroundError: The file cannot be read or holds no usable site; all faults are listed.
    """
    return parse_ground(_read(path), path.name, kind=kind)


def parse_ground(data: bytes, source: str, *, kind: SiteKind | None = None) -> GroundFile:
    r"""Gateways and PoPs of a file's bytes, as `read_ground`.

    Raises:
        GroundError: There is no usable site; all faults are listed.
    >>> parse_ground(b"name,lat,lon\nZurich,47.37,8.54\n", "mine.csv").sites[0].latitude_deg
    47.37
    """
    table = parse_table(data, source)
    _check_columns(table, source)
    faults = list(table.faults)
    speaks = any(_named_kind(row) is not None for row in table.rows)
    fallback = SiteKind.GATEWAY if speaks or kind is None else kind
    sites: list[GroundSite] = []
    other_kind = 0
    for row in table.rows:
        site = _site(row, faults, fallback)
        if site is not None and kind is not None and site.kind is not kind:
            other_kind += 1
        elif site is not None:
            sites.append(site)
    faults.sort(key=_order)
    if not sites:
        wanted = "site" if kind is None else kind.name.lower()
        left = f"; {other_kind} site(s) of another kind are left out" if other_kind else ""
        raise GroundError(source, [Fault("file", f"holds no usable {wanted}{left}"), *faults])
    return GroundFile(
        source=source,
        sites=unique_names(sites),
        faults=tuple(faults),
        ignored_shapes=table.ignored_shapes,
        other_kind=other_kind,
    )


def read_countries(path: Path) -> tuple[str, ...]:
    """The lines of a list of names, such as the countries with service: one a line, blank ones left out.

    Raises:
        GroundError: The file cannot be read, is not text, or is empty.
    """
    try:
        text = _read(path).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise GroundError(path.name, [Fault("file", "is not text in UTF-8")]) from None
    names = tuple(line.strip() for line in text.splitlines() if line.strip())
    if not names:
        raise GroundError(path.name, [Fault("file", "is empty")])
    return names


def unique_names(sites: Iterable[GroundSite]) -> tuple[GroundSite, ...]:
    """The sites with ``#2``, ``#3``, ... behind every name that was there before.

    >>> two = [GroundSite(name="Kent", latitude_deg=47.4, longitude_deg=-122.2)] * 2
    >>> [site.name for site in unique_names(two)]
    ['Kent', 'Kent #2']
    """
    given = tuple(sites)
    taken = {site.name for site in given}
    seen: dict[str, int] = {}
    named = []
    for site in given:
        count = seen.get(site.name, 0) + 1
        if count > 1:
            while (name := f"{site.name} #{count}") in taken:
                count += 1
            taken.add(name)
            named.append(replace(site, name=name))
        else:
            named.append(site)
        seen[site.name] = count
    return tuple(named)


def _order(fault: Fault) -> int:
    """Where a fault stands in its file: the number at the end of its place."""
    number = re.search(r"\d+$", fault.place)
    return int(number.group()) if number else 0


def _read(path: Path) -> bytes:
    """A file's bytes, or a clear error."""
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            if size > _MAX_BYTES:
                message = f"is {size / 1e6:.0f} MB large; a list of sites holds at most {_MAX_BYTES / 1e6:.0f} MB"
                raise GroundError(path.name, [Fault("file", message)])
            return file.read()
    except OSError as error:
        raise GroundError(str(path), [Fault("file", f"cannot be read: {error.strerror}")]) from None


def _check_columns(table: RawTable, source: str) -> None:
    """Raise unless there are columns of coordinates; a mere list of names gets its own words."""
    missing = [meaning for meaning in (LATITUDE, LONGITUDE) if not set(COLUMNS[meaning]) & set(table.columns)]
    if not missing or not table.rows:
        return
    if len(table.columns) == 1:
        message = "is a list of names without coordinates, not of sites; `read_countries` reads a list of countries"
    else:
        lines = ", ".join(f"{meaning} (or {', '.join(COLUMNS[meaning][1:])})" for meaning in missing)
        message = f"has no column {lines}; its columns are {', '.join(table.columns)}"
    raise GroundError(source, [Fault("line 1", message), *table.faults])


def _site(row: RawSite, faults: list[Fault], fallback: SiteKind) -> GroundSite | None:
    """A row as a site, or None; what is wrong goes to the faults."""
    latitude_deg = _coordinate(row, LATITUDE, faults, limit=90.0)
    longitude_deg = _coordinate(row, LONGITUDE, faults, limit=180.0)
    if latitude_deg is None or longitude_deg is None:
        return None
    if latitude_deg == 0.0 and longitude_deg == 0.0:
        faults.append(Fault(row.place, "latitude and longitude are both 0, which lists write for an unknown place"))
        return None
    kind = _named_kind(row)
    antennas = _optional(row, ANTENNAS, faults, low=0.0, high=10_000.0)
    return GroundSite(
        name=_text(row, NAME) or f"site {row.place}",
        latitude_deg=latitude_deg,
        longitude_deg=longitude_deg,
        height_m=_optional(row, HEIGHT, faults, low=-500.0, high=9_000.0),
        kind=fallback if kind is None else kind,
        status=_text(row, STATUS),
        min_elevation_deg=_optional(row, MIN_ELEVATION, faults, low=0.0, high=90.0),
        antennas=None if antennas is None else round(antennas),
    )


def _text(row: RawSite, meaning: str) -> str:
    """The first cell that has this meaning and is not empty."""
    return next((row.cells[column] for column in COLUMNS[meaning] if column in row.cells), "")


def _coordinate(row: RawSite, meaning: str, faults: list[Fault], *, limit: float) -> float | None:
    """Degrees within the limit on both sides; anything else is a fault."""
    text = _text(row, meaning)
    if not text:
        faults.append(Fault(row.place, f"{meaning} is missing"))
        return None
    return _number(row, meaning, faults, low=-limit, high=limit)


def _optional(row: RawSite, meaning: str, faults: list[Fault], *, low: float, high: float) -> float | None:
    """A number within limits where the row has one; a bad one is reported and left out."""
    return _number(row, meaning, faults, low=low, high=high) if _text(row, meaning) else None


def _number(row: RawSite, meaning: str, faults: list[Fault], *, low: float, high: float) -> float | None:
    """The cell as a number within limits, or None and a fault."""
    text = _text(row, meaning)
    shown = text if len(text) <= 40 else f"{text[:40]}..."
    try:
        value = float(text)
    except ValueError:
        faults.append(Fault(row.place, f"{meaning}: {shown!r} is not a number"))
        return None
    if not low <= value <= high:
        faults.append(Fault(row.place, f"{meaning}: {shown} is not between {low:g} and {high:g}"))
        return None
    return value


def _named_kind(row: RawSite) -> SiteKind | None:
    """The kind that the row names itself, in a column of kinds or in its folder."""
    texts: Sequence[str] = [row.cells[column] for column in COLUMNS[KIND] if column in row.cells]
    for text in texts:
        for word in re.findall(r"[a-z]+", text.casefold()):
            if word in KIND_WORDS:
                return KIND_WORDS[word]
    return None
