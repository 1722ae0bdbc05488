"""An atlas as files: pictures, CSV, JSON, GeoJSON and Zarr, each with its methods and assumptions in it.

The CSV says them in lines that start with ``#``, before the heading. The GeoJSON has one feature for each class of the map,
made of rectangles along the parallels; it is small enough for a browser.
"""

import csv
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from skycommons.studies.atlas import LOST_EDGES, MINUTES_PER_YEAR, Atlas
from skycommons.studies.drawing import DARK, LIGHT
from skycommons.studies.figures_atlas import atlas_map, class_words
from skycommons.studies.files import replacing, replacing_folder

_COLUMNS = (
    *("latitude_deg", "longitude_deg", "on_land", "elevation_deg"),
    *("availability", "missing_minutes_per_year", "clear_margin_db"),
)


def write_atlas(atlas: Atlas, folder: Path) -> dict[str, Path]:
    """Write all files of an atlas, each whole or not at all.

    Args:
        folder: Made if it is not there.
    Returns:
        The paths by what they are.
    Raises:
        HostError: A file cannot be written.
    """
    stem = f"{atlas.name}-atlas"
    paths = {
        what: folder / f"{stem}{end}"
        for what, end in (
            *(("picture", ".png"), ("dark", "-dark.png"), ("csv", ".csv"), ("json", ".json")),
            *(("geojson", ".geojson"), ("store", ".zarr")),
        )
    }
    atlas_map(atlas, theme=LIGHT).save(paths["picture"])
    atlas_map(atlas, theme=DARK).save(paths["dark"])
    _write_csv(atlas, paths["csv"])
    _write_json(_summary(atlas), paths["json"], indent=2)
    _write_json(_features(atlas), paths["geojson"])
    with replacing_folder(paths["store"]) as store:
        atlas_dataset(atlas).to_zarr(store, mode="w", zarr_format=3, consolidated=False)
    return paths


def atlas_dataset(atlas: Atlas) -> xr.Dataset:
    """The atlas for Python, with methods and assumptions as attributes."""
    words = {"share": "share of an average year with the rate; 0.99999 is at least that, 0.5 at most"}
    return xr.Dataset(
        {
            "availability": (("latitude_deg", "longitude_deg"), atlas.share, {"long_name": words["share"]}),
            "clear_margin_db": (("latitude_deg", "longitude_deg"), atlas.clear_margin_db),
            "on_land": (("latitude_deg", "longitude_deg"), atlas.land),
            "elevation_deg": (("latitude_deg",), atlas.elevation_deg),
        },
        coords={"latitude_deg": atlas.latitude_deg, "longitude_deg": atlas.longitude_deg},
        attrs={
            key: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
            for key, value in _summary(atlas).items()
        },
    )


def _summary(atlas: Atlas) -> dict[str, Any]:
    """What every file says of itself."""
    return atlas.to_json_dict()


def _write_json(value: Mapping[str, Any], path: Path, *, indent: int | None = None) -> None:
    separators = (",", ":") if indent is None else None
    with replacing(path) as stream:
        json.dump(value, stream, ensure_ascii=False, allow_nan=False, indent=indent, separators=separators)
        stream.write("\n")


def _write_csv(atlas: Atlas, path: Path) -> None:
    """One row a cell."""
    with replacing(path) as stream:
        for key, value in _summary(atlas).items():
            stream.write(f"# {key}: {value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}\n")
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(_COLUMNS)
        for row, latitude in enumerate(atlas.latitude_deg):
            elevation = _cell(atlas.elevation_deg[row], ".2f")
            for column, longitude in enumerate(atlas.longitude_deg):
                share = atlas.share[row, column]
                writer.writerow(
                    [
                        *(f"{latitude:g}", f"{longitude:g}", int(atlas.land[row, column]), elevation),
                        *(_cell(share, ".7f"), _cell(MINUTES_PER_YEAR * (1.0 - share), ".1f")),
                        _cell(atlas.clear_margin_db[row, column], ".2f"),
                    ]
                )


def _cell(value: float, form: str) -> str:
    """A number, or nothing."""
    return format(value, form) if np.isfinite(value) else ""


def _features(atlas: Atlas) -> dict[str, Any]:
    """A FeatureCollection with one feature a class that occurs."""
    classes = np.nan_to_num(atlas.lost_class(), nan=-1.0).astype(np.int64)
    features = []
    for place in np.unique(classes[classes >= 0]):
        least = 1.0 - LOST_EDGES[place] if place < len(LOST_EDGES) else 0.0
        properties = {
            "class": int(place),
            "availability": class_words(int(place)),
            "availability_at_least": round(least, 6),
            "missing_minutes_per_year_at_most": round(MINUTES_PER_YEAR * (1.0 - least), 1),
        }
        geometry = {"type": "MultiPolygon", "coordinates": list(_rectangles(classes == place, atlas.spacing_deg))}
        features.append({"type": "Feature", "id": int(place), "properties": properties, "geometry": geometry})
    return {"type": "FeatureCollection", "about": _summary(atlas), "features": features}


def _rectangles(inside: np.ndarray[Any, np.dtype[np.bool_]], spacing_deg: float) -> Iterator[list[list[list[float]]]]:
    """Runs of cells along each parallel as closed rings, anticlockwise; degrees."""
    for row, cells in enumerate(inside):
        edges = np.flatnonzero(np.diff(np.concatenate([[0], cells.astype(np.int8), [0]])))
        south, north = (round(-90.0 + spacing_deg * at, 5) for at in (row, row + 1))
        for begin, end in edges.reshape(-1, 2):
            west, east = (round(-180.0 + spacing_deg * float(at), 5) for at in (begin, end))
            yield [[[west, south], [east, south], [east, north], [west, north], [west, south]]]
