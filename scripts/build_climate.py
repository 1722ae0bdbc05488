"""Write ``src/skycommons/data/radio/climate.npz`` from the digital maps of the ITU-R's P series.

The source is the ``itur`` 0.4.0 wheel, or the folder of that package once it is installed; it is given as the argument::

    pip download itur==0.4.0 --no-deps
    python scripts/build_climate.py itur-0.4.0-py2.py3-none-any.whl

Maps of 0.75 degrees and coarser are kept on their own grids, so that nothing but rounding is lost; rain rate
(0.125 degrees) and height (1/12 degree) are thinned to 0.25 degrees. Every layer runs from the north pole to the south
pole and from Greenwich eastwards without a column that repeats. It is stored as a whole number of steps, each column as
the difference to the one before it, which packs well; the step stands beside it. The result is the same, byte for byte,
wherever it is made.
"""

import io
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Read = Callable[[str], Floats]

TARGET = Path(__file__).resolve().parent.parent / "src" / "skycommons" / "data" / "radio" / "climate.npz"
PERCENT = (5, 10, 20, 30, 50)  # those of `skycommons.radio.climate.EXCEEDANCES`
_FULL = 1_440  # columns of the grid of 0.25 degrees


def main(arguments: list[str]) -> int:
    """Make the file and say how large it became."""
    if len(arguments) != 1:
        sys.stderr.write("usage: build_climate.py ITUR-WHEEL-OR-FOLDER\n")
        return 2
    layers = pack(maps(reader(Path(arguments[0]))))
    np.savez_compressed(TARGET, allow_pickle=False, **layers)
    sys.stdout.write(f"{TARGET.name}: {len(layers)} arrays, {TARGET.stat().st_size} bytes\n")
    return 0


def reader(source: Path) -> Read:
    """What opens one map by its name under ``itur/data``, from a wheel or from a folder."""
    if source.is_file():
        wheel = zipfile.ZipFile(source)
        return lambda name: _array(wheel.read(f"itur/data/{name}.npz"))
    folder = source if source.name == "data" else source / "data"
    return lambda name: _array((folder / f"{name}.npz").read_bytes())


def maps(read: Read) -> dict[str, tuple[Floats, float]]:
    """Every layer, in SI but for the rain's mm/h, with the step that it is rounded to."""
    topography = read("1511/v2_topo")

    def shares(name: str, factor: float) -> Floats:
        return factor * np.stack([_turned(read, f"{name}_{percent}", "lat", "lon") for percent in PERCENT])

    return {
        "height_m": (thinned_height(topography), 5.0),
        "rain_rate_mm_h": (_turned(read, "837/v7_r001", "lat_r001", "lon_r001")[::2, ::2], 0.1),
        "freezing_height_m": (1e3 * _turned(read, "839/v4_esa0height", "esalat", "esalon"), 2.0),
        "temperature_k": (_turned(read, "1510/v1_t_annual", "lat", "lon"), 0.02),
        "wet_refractivity": (_turned(read, "453/v13_nwet_annual_50", "lat_n", "lon_n"), 0.02),
        "vapour_kg_m3": (shares("836/v6_rho", 1e-3), 5e-6),
        "vapour_scale_m": (shares("836/v6_vsch", 1e3), 5.0),
        "vapour_height_m": (vapour_height(read), 1.0),
        "liquid_kg_m2": (shares("840/v7_lred", 1.0), 0.002),
        "sea": (open_sea(topography), 1.0),
    }


def pack(layers: dict[str, tuple[Floats, float]]) -> dict[str, NDArray[np.generic]]:
    """The layers as differences of whole steps."""
    packed: dict[str, NDArray[np.generic]] = {}
    for name, (values, step) in layers.items():
        whole = np.rint(one_pole(values) / step).astype(np.int16)
        packed[name] = np.diff(whole, axis=-1, prepend=np.int16(0))
        packed[f"{name}_step"] = np.array(step)
    return packed


def thinned_height(topography: Floats) -> Floats:
    """P.1511's heights at 0.25 degrees: a mean weighted by the hat that bilinear interpolation will put there.

    The map's points lie 1/24 degree off whole degrees, and its rim repeats what lies beyond the poles and beyond 180 degrees.
    """
    hat = np.array([0.5, 1.5, 2.5, 2.5, 1.5, 0.5]) / 9.0
    inner = np.roll(topography[:, 2:-2], -topography[:, 2:-2].shape[1] // 2, axis=1)  # from Greenwich on
    rows = np.vstack([inner[:1], inner, inner[-1:]])
    down = sum(weight * rows[k : k + 3 * (_FULL // 2) + 1 : 3] for k, weight in enumerate(hat))
    wrapped = np.hstack([down[:, -3:], down, down[:, :3]])
    return np.asarray(sum(weight * wrapped[:, k : k + 3 * _FULL : 3] for k, weight in enumerate(hat)))


def open_sea(topography: Floats) -> Floats:
    """1 where every point of P.1511 within a quarter of a degree lies at the sea's level, at 0.25 degrees."""
    zero = np.roll(topography[:, 2:-2], -topography[:, 2:-2].shape[1] // 2, axis=1) == 0.0
    rows = np.vstack([zero[:1], zero, zero[-1:]])
    down = np.all([rows[k : k + 3 * (_FULL // 2) + 1 : 3] for k in range(6)], axis=0)
    wrapped = np.hstack([down[:, -3:], down, down[:, :3]])
    return np.asarray(np.all([wrapped[:, k : k + 3 * _FULL : 3] for k in range(6)], axis=0), dtype=np.float64)


def vapour_height(read: Read) -> Floats:
    """Heights that P.836 refers its vapour to, at the vapour's own grid points: P.1144's bicubic interpolation."""
    latitudes, longitudes = read("836/v6_lat")[:, 0], read("836/v6_lon")[0, :-1]
    heights = read("836/v6_topo_0dot5")  # half degrees, from 90.5 north and 0.5 west
    down = _bicubic(heights, (90.5 - latitudes) / 0.5)
    return 1e3 * _bicubic(down.T, (longitudes + 0.5) / 0.5).T


def one_pole(values: Floats) -> Floats:
    """The values, the same at every longitude of a pole."""
    values = values.copy()
    for row in (0, -1):
        values[..., row, :] = values[..., row, :].mean(axis=-1, keepdims=True)
    return values


def _bicubic(rows: Floats, places: Floats) -> Floats:
    """Rows at fractional places, by the kernel of ITU-R P.1144 (cubic convolution with a = −0.5)."""
    first = np.clip(np.floor(places).astype(np.int64) - 1, 0, len(rows) - 4)
    total = np.zeros((len(places), rows.shape[1]))
    for k in range(4):
        away = np.abs(places - (first + k))
        near = 1.5 * away**3 - 2.5 * away**2 + 1.0
        far = -0.5 * away**3 + 2.5 * away**2 - 4.0 * away + 2.0
        weight = np.where(away <= 1.0, near, np.where(away <= 2.0, far, 0.0))
        total += weight[:, None] * rows[first + k]
    return total


def _turned(read: Read, name: str, latitude: str, longitude: str) -> Floats:
    """A map from the north pole down and from Greenwich eastwards, gaps filled; the two names are those of its axes."""
    edition = name[: name.index("_")]
    north, east = read(f"{edition}_{latitude}")[:, 0], read(f"{edition}_{longitude}")[0, :-1]
    values = read(name)[:, :-1]
    values = values[np.argsort(-north)][:, np.argsort(east % 360.0, kind="stable")]
    gaps = np.isnan(values)  # a few of the row next to the north pole
    between = (np.roll(values, 1, axis=0) + np.roll(values, -1, axis=0)) / 2.0
    return np.where(gaps, between, values)


def _array(content: bytes) -> Floats:
    """The only array of an npz file."""
    with np.load(io.BytesIO(content), allow_pickle=False) as archive:
        return np.asarray(archive[archive.files[0]], dtype=np.float64)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
