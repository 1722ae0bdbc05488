"""Results as GeoJSON (RFC 7946): sites as points, and the first path of every tracked flow as a line.

Lines follow great circles and are cut at the antimeridian, as section 3.1.9 of the RFC asks.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from skycommons.base.arrays import Floats
from skycommons.base.clock import format_time
from skycommons.model.world import SiteKind
from skycommons.studies.files import replacing
from skycommons.studies.geography import first_reachable, flow_line, great_circle, split_at_antimeridian
from skycommons.studies.store import names, time_ns

_DECIMALS = 5  # of a degree: about a metre


def write_geojson(dataset: xr.Dataset, path: Path) -> None:
    """Write sites and tracked paths as one FeatureCollection, whole or not at all.

    Raises:
        HostError: The file cannot be written.
    """
    features = _sites(dataset)
    for tracked in range(dataset.sizes["tracked"]):
        step = first_reachable(dataset, tracked)
        if step is not None:
            features.append(_path(dataset, tracked, step))
    collection = {"type": "FeatureCollection", "features": features}
    with replacing(path) as stream:
        json.dump(collection, stream, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        stream.write("\n")


def _sites(dataset: xr.Dataset) -> list[dict[str, Any]]:
    """A point for every site."""
    columns = ("site_longitude_rad", "site_latitude_rad", "site_height_m", "site_kind")
    longitude_rad, latitude_rad, height_m, kind = (dataset[name].values for name in columns)
    visible = dataset["visible_satellites"].mean("time").values
    features = []
    for row, name in enumerate(names(dataset, "site")):
        place = [*_degrees(longitude_rad[row], latitude_rad[row]), round(float(height_m[row]), 1)]
        properties: dict[str, Any] = {"name": name, "kind": SiteKind(int(kind[row])).name.lower()}
        if kind[row] != SiteKind.POP:
            properties["mean_visible_satellites"] = round(float(visible[row]), 2)
        geometry = {"type": "Point", "coordinates": place}
        features.append({"type": "Feature", "id": f"site-{row}", "geometry": geometry, "properties": properties})
    return features


def _path(dataset: xr.Dataset, tracked: int, step: int) -> dict[str, Any]:
    """One path over the ground."""
    flow = int(dataset["tracked_flow"].values[tracked])
    path = dataset["path_satellite"].isel(time=step, tracked=tracked).values
    satellites = names(dataset, "satellite")
    at_step = dataset[["rtt_s", "laser_hops"]].isel(time=step, flow=flow)
    pieces = [_line(piece) for piece in split_at_antimeridian(great_circle(flow_line(dataset, tracked, step)))]
    geometry: dict[str, Any] = (
        {"type": "LineString", "coordinates": pieces[0]}
        if len(pieces) == 1
        else {"type": "MultiLineString", "coordinates": pieces}
    )
    properties = {
        "name": names(dataset, "flow")[flow],
        "kind": "path",
        "time": format_time(int(time_ns(dataset["time"].isel(time=[step]))[0])),
        "rtt_ms": round(1000.0 * float(at_step["rtt_s"]), 3),
        "laser_hops": int(at_step["laser_hops"]),
        "satellites": [satellites[row] for row in path if row >= 0],
    }
    return {"type": "Feature", "id": f"path-{tracked}", "geometry": geometry, "properties": properties}


def _line(piece_rad: Floats) -> list[list[float]]:
    """Coordinates in degrees."""
    return [_degrees(*point) for point in piece_rad]


def _degrees(longitude_rad: float, latitude_rad: float) -> list[float]:
    """One place in degrees, rounded."""
    return [round(float(np.degrees(angle)), _DECIMALS) for angle in (longitude_rad, latitude_rad)]
