"""A territory as files: its cells as CSV and GeoJSON, what it is as JSON, and a map as PNG.

Rules: the first column of the CSV, without its heading, is the canonical form that the hash is taken of. Outlines in GeoJSON
are cut at the antimeridian, as section 3.1.9 of RFC 7946 asks; territories without a cell are not written.
"""

import json
from pathlib import Path
from typing import Any, Final

import numpy as np

from skycommons.model.cells import areas_m2, cell_texts, centres, outlines_deg
from skycommons.model.territories import Territory
from skycommons.studies.drawing import LIGHT, Theme
from skycommons.studies.figures_territory import territory_map
from skycommons.studies.files import replacing

_DECIMALS: Final = 5  # of a degree: about a metre


def write_territory(territory: Territory, folder: Path, *, theme: Theme = LIGHT) -> dict[str, Path]:
    """Write all files into a folder, each whole or not at all.

    Returns:
        What each file is, and its path.
    Raises:
        HostError: A file cannot be written.
    """
    stem = file_stem(territory.name)
    paths = {what: folder / f"{stem}.{what}" for what in ("json", "csv", "geojson", "png")}
    with replacing(paths["json"]) as stream:
        json.dump(territory.to_json_dict(), stream, ensure_ascii=False, allow_nan=False, indent=1)
        stream.write("\n")
    with replacing(paths["csv"]) as stream:
        stream.write(territory_csv(territory))
    with replacing(paths["geojson"]) as stream:
        json.dump(territory_geojson(territory), stream, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        stream.write("\n")
    territory_map(territory, theme=theme).save(paths["png"])
    return paths


def territory_csv(territory: Territory) -> str:
    """One line to a cell: its id, its centre in degrees, its area in km²."""
    latitude_deg, longitude_deg = (np.degrees(angle) for angle in centres(territory.cells))
    columns = zip(
        cell_texts(territory.cells), latitude_deg, longitude_deg, areas_m2(territory.cells) / 1e6, strict=True
    )
    rows = (f"{cell},{north:.{_DECIMALS}f},{east:.{_DECIMALS}f},{area:.3f}\n" for cell, north, east, area in columns)
    return "cell,latitude_deg,longitude_deg,area_km2\n" + "".join(rows)


def territory_geojson(territory: Territory) -> dict[str, Any]:
    """A FeatureCollection with one feature to a cell; name, worldview and hash stand beside it."""
    outlines = outlines_deg(territory.cells)
    return {
        "type": "FeatureCollection",
        "name": territory.name,
        "worldview": territory.worldview,
        "sha256": territory.sha256,
        "features": [
            {"type": "Feature", "id": cell, "properties": {"name": territory.name}, "geometry": _geometry(rings)}
            for cell, rings in zip(cell_texts(territory.cells), outlines, strict=True)
        ],
    }


def _geometry(rings: tuple[list[tuple[float, float]], ...]) -> dict[str, Any]:
    """A Polygon, or a MultiPolygon of what lies on both sides of the antimeridian."""
    rounded = [[[round(east, _DECIMALS), round(north, _DECIMALS)] for east, north in ring] for ring in rings]
    if len(rounded) == 1:
        return {"type": "Polygon", "coordinates": rounded}
    return {"type": "MultiPolygon", "coordinates": [[ring] for ring in rounded]}


def file_stem(name: str) -> str:
    """A name as a file may be called: letters and digits of any script, and single dashes.

    >>> file_stem("France, less Corsica")
    'france-less-corsica'
    """
    letters = "".join(letter if letter.isalnum() else " " for letter in name.casefold())
    return "-".join(letters.split())[:80] or "territory"
