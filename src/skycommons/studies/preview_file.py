"""Previews as files: the document that is signed, and the cells that change, for spreadsheets and maps.

Rules: the JSON file is the canonical form, byte for byte: its SHA-256 is what a decision names. Columns of a CSV and properties of
GeoJSON say for each cell that was planned whether the decision covers it and what becomes of its ordinary terminals; they are for
reading and are not signed. Outlines are cut at the antimeridian.
"""

import json
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import numpy as np

from skycommons.base.errors import Fault, FormatError
from skycommons.governance.previews import Preview, parse_preview
from skycommons.model.cells import cell_texts, centres, outlines_deg
from skycommons.studies.files import replacing, replacing_bytes
from skycommons.studies.preview import Binding, PreviewFigures, preview_bytes

CHANGE_WORDS: Final = MappingProxyType({-1: "loses", 0: "stays", 1: "gains"})
_DECIMALS: Final = 5  # of a degree: about a metre
_MAX_BYTES: Final = 65_536


def write_preview(path: Path, figures: PreviewFigures, binding: Binding) -> str:
    """Write the document that is signed, whole or not at all.

    Returns:
        Its SHA-256, in hexadecimal digits.
    Raises:
        FormatError: It cannot be signed.
        HostError: The file cannot be written.
    """
    data = preview_bytes(figures, binding)
    with replacing_bytes(path) as stream:
        stream.write(data)
    return sha256(data).hexdigest()


def read_preview(path: Path) -> Preview:
    """The preview of a file.

    Raises:
        FormatError: The file cannot be read, or is not the canonical form of a preview.
    """
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise FormatError(path.name, [Fault("file", f"is larger than {_MAX_BYTES:,} bytes; is it a preview?")])
        data = path.read_bytes()
    except OSError as error:
        raise FormatError(str(path), [Fault("file", f"cannot be read: {error.strerror}")]) from None
    return parse_preview(data, source=path.name)


def preview_csv(figures: PreviewFigures) -> str:
    """One line to a cell that was planned: its centre in degrees, whether the decision covers it, what becomes of it."""
    latitude_deg, longitude_deg = (np.degrees(angle).tolist() for angle in centres(figures.planned))
    rows = zip(cell_texts(figures.planned), latitude_deg, longitude_deg, *_words(figures), strict=True)
    lines = (
        f"{cell},{north:.{_DECIMALS}f},{east:.{_DECIMALS}f},{place},{change}\n"
        for cell, north, east, place, change in rows
    )
    return "cell,latitude_deg,longitude_deg,place,change\n" + "".join(lines)


def preview_geojson(figures: PreviewFigures) -> dict[str, Any]:
    """A FeatureCollection of the cells that the decision covers and of those around it that change."""
    places, changes = _words(figures)
    shown = np.flatnonzero(figures.is_inside | (figures.change != 0))
    cells = figures.planned[shown]
    return {
        "type": "FeatureCollection",
        "name": "preview",
        "features": [
            {
                "type": "Feature",
                "id": cell,
                "properties": {"place": places[row], "change": changes[row]},
                "geometry": _geometry(rings),
            }
            for row, cell, rings in zip(shown.tolist(), cell_texts(cells), outlines_deg(cells), strict=True)
        ],
    }


def write_cells(stem: Path, figures: PreviewFigures) -> tuple[Path, Path]:
    """Write the cells as CSV and GeoJSON.

    Args:
        stem: Path without an ending.
        figures: The preview.
    Returns:
        The two paths.
    Raises:
        HostError: A file cannot be written.
    """
    table, shapes = stem.with_name(f"{stem.name}.csv"), stem.with_name(f"{stem.name}.geojson")
    with replacing(table) as stream:
        stream.write(preview_csv(figures))
    with replacing(shapes) as stream:
        json.dump(preview_geojson(figures), stream, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        stream.write("\n")
    return table, shapes


def _words(figures: PreviewFigures) -> tuple[list[str], list[str]]:
    """``N`` words each: where a cell lies and what becomes of it."""
    places = ["inside" if inside else "around" for inside in figures.is_inside.tolist()]
    return places, [CHANGE_WORDS[change] for change in figures.change.tolist()]


def _geometry(rings: tuple[list[tuple[float, float]], ...]) -> dict[str, Any]:
    """A Polygon, or a MultiPolygon of what lies on both sides of the antimeridian."""
    rounded = [[[round(east, _DECIMALS), round(north, _DECIMALS)] for east, north in ring] for ring in rings]
    if len(rounded) == 1:
        return {"type": "Polygon", "coordinates": rounded[:1]}
    return {"type": "MultiPolygon", "coordinates": [[ring] for ring in rounded]}
