"""The three forms in which lists of ground sites travel: CSV, KML and GeoJSON. Bytes in, rows of text out.

Rules: nothing here knows what a gateway is. A reader finds the rows, says where in the file each one stands, and
reports the rows that it cannot read; `ground` gives the columns their meaning. Column names are folded: lower case,
and every run of other characters than letters and digits becomes one underscore.
"""

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from skycommons.base.errors import Fault, GroundError

FOLDER = "folder"
LATITUDE = "latitude_deg"
LONGITUDE = "longitude_deg"
HEIGHT = "height_m"
NAME = "name"

_DELIMITERS = ",;\t"


@dataclass(frozen=True, slots=True, kw_only=True)
class RawSite:
    """One site as its file writes it.

    Attributes:
        place: Where it stands: ``line 12``, ``features.3``, ``placemark 7``.
        cells: Folded column name to text; empty cells are left out.
    """

    place: str
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class RawTable:
    """All sites of a file.

    Attributes:
        columns: Folded names of the columns, in the order of the file; those of all rows for KML and GeoJSON.
        rows: The sites.
        faults: Rows that cannot be read.
        ignored_shapes: Number of lines, areas and pictures, which are no sites.
    """

    columns: tuple[str, ...]
    rows: tuple[RawSite, ...]
    faults: tuple[Fault, ...]
    ignored_shapes: int = 0


def parse_table(data: bytes, source: str) -> RawTable:
    """Rows of a CSV, KML or GeoJSON file; the form is told from the content.

    Raises:
        GroundError: The bytes are none of the three.
    """
    head = data[:512].removeprefix(b"\xef\xbb\xbf").lstrip()
    if head.startswith(b"PK\x03\x04"):
        raise _unusable(source, "this is a zip archive; unpack a KMZ file and give the KML inside it")
    if head.startswith(b"<"):
        return _parse_kml(data, source)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise GroundError(source, [Fault(f"line {line}", "is not text in UTF-8; save the file as UTF-8")]) from None
    if head.startswith((b"{", b"[")):
        return _parse_geojson(text, source)
    return _parse_csv(text, source)


def fold(name: str) -> str:
    """A column name as it is compared.

    >>> fold(" Ka Antenna-Count ")
    'ka_antenna_count'
    """
    return re.sub(r"[\W_]+", "_", name.strip().lower()).strip("_")


def _unusable(source: str, message: str) -> GroundError:
    return GroundError(source, [Fault("file", message)])


# CSV


def _parse_csv(text: str, source: str) -> RawTable:
    """A table with a header line; comma, semicolon or tab, whichever the header has most of."""
    header_line = next((line for line in text.splitlines() if line.strip()), "")
    if not header_line:
        raise _unusable(source, "is empty")
    delimiter = max(_DELIMITERS, key=header_line.count)
    records = _records(text, delimiter)
    place, header = next(records)
    if isinstance(header, str):
        raise GroundError(source, [Fault(place, header)])
    columns = tuple(fold(name) for name in header)
    faults = [
        Fault(place, f"column {name!r} appears more than once; the first one counts")
        for name in dict.fromkeys(name for name in columns if name and columns.count(name) > 1)
    ]
    rows: list[RawSite] = []
    for place, record in records:
        if isinstance(record, str):
            faults.append(Fault(place, record))
        elif len(record) > len(columns):
            message = f"has {len(record)} cells where the header has {len(columns)}; quote names that hold a delimiter"
            faults.append(Fault(place, message))
        else:
            rows.append(RawSite(place=place, cells=_cells(columns, record)))
    return RawTable(columns=columns, rows=tuple(rows), faults=tuple(faults))


def _records(text: str, delimiter: str) -> Iterator[tuple[str, list[str] | str]]:
    """Each record that is not blank with its first line, or what is wrong with it."""
    reader = csv.reader(io.StringIO(text), delimiter=delimiter, strict=True)
    while True:
        place = f"line {reader.line_num + 1}"
        try:
            record = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield place, f"cannot be read as CSV: {error}"
            continue
        if any(cell.strip() for cell in record):
            yield place, record


def _cells(columns: tuple[str, ...], record: list[str]) -> dict[str, str]:
    """Cells by column; the first column of a name wins, empty cells are left out."""
    cells: dict[str, str] = {}
    for column, cell in zip(columns, record, strict=False):
        text = " ".join(cell.split())
        if column and text:
            cells.setdefault(column, text)
    return cells


# GeoJSON (RFC 7946)


def _parse_geojson(text: str, source: str) -> RawTable:
    """Point features with their properties."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _unusable(source, f"cannot be read as JSON: {error}") from None
    features = document.get("features") if isinstance(document, dict) else None
    if not isinstance(features, list):
        raise _unusable(source, "is not a GeoJSON FeatureCollection: there is no list 'features'")
    rows: list[RawSite] = []
    faults: list[Fault] = []
    ignored = 0
    for index, feature in enumerate(features):
        place = f"features.{index}"
        geometry = feature.get("geometry") if isinstance(feature, dict) else None
        if not isinstance(geometry, dict):
            faults.append(Fault(place, "has no geometry"))
        elif geometry.get("type") != "Point":
            ignored += 1
        elif not isinstance(position := geometry.get("coordinates"), list) or not 2 <= len(position) <= 3:
            faults.append(Fault(place, "a Point needs [longitude, latitude] or [longitude, latitude, height]"))
        else:
            rows.append(RawSite(place=place, cells=_feature_cells(feature, position)))
    return RawTable(columns=_columns(rows), rows=tuple(rows), faults=tuple(faults), ignored_shapes=ignored)


def _feature_cells(feature: dict[str, Any], position: list[Any]) -> dict[str, str]:
    """The geometry's numbers first, then the properties."""
    cells = dict(zip((LONGITUDE, LATITUDE, HEIGHT), (str(number) for number in position), strict=False))
    properties = feature.get("properties")
    if isinstance(properties, dict):
        for key, value in properties.items():
            if isinstance(value, str | int | float) and (shown := " ".join(str(value).split())):
                cells.setdefault(fold(key), shown)
    return cells


# KML (OGC 12-007r2)


def _parse_kml(data: bytes, source: str) -> RawTable:
    """Point placemarks with their folders and extended data."""
    try:
        root = fromstring(data)
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise _unusable(source, f"cannot be read as KML: {error}") from None
    rows: list[RawSite] = []
    faults: list[Fault] = []
    ignored = 0
    for index, (folders, placemark) in enumerate(_placemarks(root)):
        place = f"placemark {index + 1}"
        point = next((node for node in placemark.iter() if _tag(node) == "Point"), None)
        if point is None:
            ignored += 1
            continue
        position = _child_text(point, "coordinates").replace(" ", "").split(",")
        if not 2 <= len(position) <= 3:
            faults.append(Fault(place, "a Point needs coordinates such as 8.54,47.37 (longitude first)"))
        else:
            rows.append(RawSite(place=place, cells=_placemark_cells(placemark, point, position, folders)))
    if not rows and not faults and not ignored:
        raise _unusable(source, f"holds no KML placemark; its outermost element is <{_tag(root)}>")
    return RawTable(columns=_columns(rows), rows=tuple(rows), faults=tuple(faults), ignored_shapes=ignored)


def _placemarks(root: Element) -> Iterator[tuple[str, Element]]:
    """Every placemark in the order of the file, with the names of the folders around it."""
    stack: list[tuple[str, Element]] = [("", root)]
    while stack:
        folders, node = stack.pop()
        if _tag(node) == "Placemark":
            yield folders, node
            continue
        if _tag(node) == "Folder":
            folders = " / ".join(filter(None, (folders, _child_text(node, "name"))))
        stack.extend((folders, child) for child in reversed(node))


def _placemark_cells(placemark: Element, point: Element, position: list[str], folders: str) -> dict[str, str]:
    """The geometry's numbers first, then name, folder and extended data."""
    cells = {LONGITUDE: position[0], LATITUDE: position[1]}
    if len(position) > 2 and _child_text(point, "altitudeMode") == "absolute":
        cells[HEIGHT] = position[2]
    named = {NAME: _child_text(placemark, "name"), FOLDER: folders}
    cells |= {column: text for column, text in named.items() if text}
    for node in placemark.iter():
        if _tag(node) == "Data":
            text = _child_text(node, "value")
        elif _tag(node) == "SimpleData":
            text = " ".join((node.text or "").split())
        else:
            continue
        if text:
            cells.setdefault(fold(node.get("name", "")), text)
    return cells


def _tag(node: Element) -> str:
    """An element's name without its namespace."""
    return node.tag.rpartition("}")[2]


def _child_text(node: Element, tag: str) -> str:
    """Text of the first child of a name, white space folded; empty where there is none."""
    child = next((child for child in node if _tag(child) == tag), None)
    return " ".join((child.text or "").split()) if child is not None else ""


def _columns(rows: list[RawSite]) -> tuple[str, ...]:
    """Every column that some row has."""
    return tuple(dict.fromkeys(column for row in rows for column in row.cells))
