"""What stands between a dish and the sky: masks as dishes keep them, and horizons that somebody has measured.

Rules: a mask is an image of the sky as a map shows it: north up, east to the right, the same angle from the zenith to each pixel,
and the zenith in the middle; on a dish's own map it lies a column beside that (`skycommons.emulation.dish_obstructions`). What
nobody has seen yet is unknown, which is neither clear nor blocked. Three files are read: the JSON of a dish's obstruction map, a grey
image of the same form, and a CSV with the lowest clear elevation by azimuth.
"""

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from skycommons.base.arrays import Bools, Floats, check_shape, freeze
from skycommons.base.errors import DocumentError, Fault
from skycommons.emulation.dish_obstructions import (
    BLOCKED_BELOW,
    CELLS,
    CELLS_TO_LARGEST_THETA,
    LARGEST_THETA_DEG,
    ZENITH,
)

_MAX_THETA_RAD: Final = np.radians(LARGEST_THETA_DEG)
_OPAQUE: Final = 0.5  # below, a pixel of an image says nothing
_EARTH: Final = "FRAME_EARTH"
_MAX_BYTES: Final = 8_000_000


class ObstructionError(DocumentError):
    """A file of obstructions has faults."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ObstructionMask:
    """An image of the sky over a dish.

    Attributes:
        clear: ``(N, N)`` share of looks at which a pixel was clear, the northern row first; NaN where nobody looked.
        max_theta_rad: Angle from the zenith at the middle of each edge of the image.
        is_of_dish: Whether the zenith lies where dishes have it, not in the middle.
    """

    clear: Floats
    max_theta_rad: float = float(_MAX_THETA_RAD)
    is_of_dish: bool = False

    def __post_init__(self) -> None:
        check_shape("clear", self.clear, (len(self.clear), len(self.clear)))
        freeze(self.clear)

    def at(self, azimuth_rad: Floats, elevation_rad: Floats) -> Floats:
        """Share of clear looks in some directions; NaN where it is not known or outside of the image."""
        theta_rad = 0.5 * np.pi - elevation_rad
        middle = (len(self.clear) - 1) / 2.0
        zenith, cells = (ZENITH, CELLS_TO_LARGEST_THETA) if self.is_of_dish else ((middle, middle), middle)
        reach = cells * theta_rad / self.max_theta_rad
        row = np.round(zenith[0] - reach * np.cos(azimuth_rad)).astype(np.int64)
        column = np.round(zenith[1] + reach * np.sin(azimuth_rad)).astype(np.int64)
        inside = (theta_rad <= self.max_theta_rad) & (theta_rad >= 0.0)
        inside &= (np.minimum(row, column) >= 0) & (np.maximum(row, column) < len(self.clear))
        return np.where(inside, self.clear[np.where(inside, row, 0), np.where(inside, column, 0)], np.nan)

    def is_blocked(self, azimuth_rad: Floats, elevation_rad: Floats) -> Bools:
        """Whether something is known to stand in the way."""
        return np.asarray(self.at(azimuth_rad, elevation_rad) < BLOCKED_BELOW)

    @property
    def blocked_share(self) -> float:
        """Of the pixels that are known; NaN if none is."""
        known = np.isfinite(self.clear)
        return float((self.clear[known] < BLOCKED_BELOW).mean()) if known.any() else float("nan")


def read_obstructions(path: Path) -> ObstructionMask:
    """The mask of a file: ``.json``, ``.csv``, or an image.

    Raises:
        ObstructionError: The file cannot be read or holds no mask; all faults are listed.
    """
    try:
        size = path.stat().st_size
        data = path.read_bytes() if size <= _MAX_BYTES else b""
    except OSError as error:
        raise ObstructionError(str(path), [Fault("file", f"cannot be read: {error.strerror}")]) from None
    if size > _MAX_BYTES:
        raise ObstructionError(path.name, [Fault("file", f"is larger than {_MAX_BYTES / 1e6:.0f} MB; is it a mask?")])
    if path.suffix.lower() == ".json":
        return _of_json(data, path.name)
    if path.suffix.lower() == ".csv":
        return _of_horizon(data, path.name)
    return _of_image(path)


def _of_json(data: bytes, source: str) -> ObstructionMask:
    """What a dish answers to ``get_obstruction_map``, written as JSON."""
    try:
        document = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise ObstructionError(source, [Fault("file", f"cannot be read as JSON: {error}")]) from None
    found = next((part for part in _objects(document) if "snr" in part), None)
    if found is None:
        raise ObstructionError(source, [Fault("file", "has no list 'snr'; give the answer to get_obstruction_map")])
    values = found["snr"]
    rows, columns = (_whole(found, name, f"num{name[4:].title()}") for name in ("num_rows", "num_cols"))
    frame = str(found.get("mapReferenceFrame", found.get("map_reference_frame", _EARTH)))
    theta_deg = found.get("maxThetaDeg", found.get("max_theta_deg", float(np.degrees(_MAX_THETA_RAD))))
    faults = []
    if rows != columns or rows < 3:
        faults.append(Fault("num_rows", f"{rows} × {columns} is no mask; a dish's has {CELLS} × {CELLS}"))
    if frame != _EARTH:
        faults.append(Fault("map_reference_frame", f"{frame} turns with the dish; give a map of {_EARTH}"))
    if not isinstance(theta_deg, int | float) or not 0.0 < theta_deg <= 90.0:
        faults.append(Fault("max_theta_deg", f"{theta_deg!r} should be above 0 and at most 90"))
    if not isinstance(values, list) or not all(isinstance(value, int | float) for value in values):
        faults.append(Fault("snr", "should be a list of numbers"))
    elif len(values) != rows * columns:
        faults.append(Fault("snr", f"has {len(values):,} values; {rows} × {columns} pixels have {rows * columns:,}"))
    if faults:
        raise ObstructionError(source, faults)
    clear = np.array(values, dtype=np.float64).reshape(rows, columns)
    return ObstructionMask(
        clear=np.where(clear < 0.0, np.nan, clear),
        max_theta_rad=float(np.radians(theta_deg)),
        is_of_dish=rows == CELLS,
    )


def _objects(value: object) -> Iterator[Mapping[str, Any]]:
    """All objects inside a JSON value, from the outside in."""
    if isinstance(value, dict):
        yield value
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for part in parts:
        yield from _objects(part)


def _whole(found: Mapping[str, Any], *names: str) -> int:
    """A count under one of its names; that of a dish's map if there is none."""
    value = next((found[name] for name in names if name in found), CELLS)
    return value if isinstance(value, int) else 0


def _of_horizon(data: bytes, source: str) -> ObstructionMask:
    """A mask that is blocked below the lowest clear elevation of each azimuth, linear between the rows."""
    try:
        lines = list(csv.reader(data.decode("utf-8-sig").splitlines()))
    except UnicodeDecodeError as error:
        raise ObstructionError(source, [Fault("file", f"byte {error.start} is not UTF-8")]) from None
    faults: list[Fault] = []
    points: list[tuple[float, float]] = []
    for number, line in enumerate(lines, start=1):
        if not line or (number == 1 and line[0].strip().lower().startswith("azimuth")):
            continue
        try:
            azimuth_deg, elevation_deg = (float(word) for word in line[:2])
        except ValueError:
            faults.append(Fault(f"line {number}", "should hold azimuth and elevation in degrees"))
            continue
        if 0.0 <= azimuth_deg <= 360.0 and 0.0 <= elevation_deg <= 90.0:
            points.append((azimuth_deg, elevation_deg))
        else:
            faults.append(Fault(f"line {number}", "azimuths lie within 0 to 360°, elevations within 0 to 90°"))
    if not points and not faults:
        faults.append(Fault("file", "holds no row; write azimuth and lowest clear elevation in degrees"))
    if faults:
        raise ObstructionError(source, faults)
    horizon = np.array(sorted(points))
    azimuth_rad, elevation_rad = _directions(CELLS, float(_MAX_THETA_RAD))
    lowest_deg = np.interp(np.degrees(azimuth_rad), horizon[:, 0], horizon[:, 1], period=360.0)
    clear = np.where(np.degrees(elevation_rad) < lowest_deg, 0.0, 1.0)
    outside = elevation_rad < 0.5 * np.pi - _MAX_THETA_RAD
    return ObstructionMask(clear=np.where(outside, np.nan, clear))


def _of_image(path: Path) -> ObstructionMask:
    """A square grey image: black is blocked, white is clear, transparent is unknown."""
    from matplotlib.image import imread

    try:
        image: NDArray[Any] = np.asarray(imread(path))
    except (OSError, ValueError, SyntaxError) as error:
        message = f"cannot be read as an image ({str(error).partition(chr(10))[0]}); give .json, .csv or .png"
        raise ObstructionError(path.name, [Fault("file", message)]) from None
    scale = 255.0 if image.dtype.kind == "u" else 1.0
    grey = image if image.ndim == 2 else image[..., :3].mean(axis=2) if image.shape[2] >= 3 else image[..., 0]
    alpha = image[..., -1] / scale if image.ndim == 3 and image.shape[2] in (2, 4) else np.ones(grey.shape)
    if grey.shape[0] != grey.shape[1] or len(grey) < 3:
        message = f"{grey.shape[1]} × {grey.shape[0]} pixels are not square; a dish's map has {CELLS} × {CELLS}"
        raise ObstructionError(path.name, [Fault("file", message)])
    clear = np.where(alpha < _OPAQUE, np.nan, np.asarray(grey, dtype=np.float64) / scale)
    return ObstructionMask(clear=clear, is_of_dish=len(clear) == CELLS)


def _directions(pixels: int, max_theta_rad: float) -> tuple[Floats, Floats]:
    """Azimuth and elevation ``(N, N)`` of the pixels of a mask."""
    middle = (pixels - 1) / 2.0
    down, right = np.indices((pixels, pixels)) - middle
    azimuth_rad = np.mod(np.arctan2(right, -down), 2.0 * np.pi)
    return azimuth_rad, 0.5 * np.pi - np.hypot(down, right) / middle * max_theta_rad
