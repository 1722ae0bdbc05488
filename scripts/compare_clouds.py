"""Show how well the maps of cloud water of P.840-8 serve P.840-9, for several factors.

The argument is the file of the ITU's worked examples. Seven examples of P.840-9 read its maps at shares of the year that
we keep: they give the factor. Forty-eight examples of total attenuation read them too: they judge it::

    python scripts/compare_clouds.py itu_validation.json
"""

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from skycommons.base.arrays import Floats
from skycommons.radio.climate import CLOUD_WATER_FACTOR, EXCEEDANCES, at_exceedance, climate_at
from skycommons.radio.cloud import cloud_loss_db
from skycommons.radio.scintillation import Aperture
from skycommons.radio.slant_paths import SlantPaths

FACTORS = (0.0, 0.2, 0.35, CLOUD_WATER_FACTOR, 0.6, 0.8, 1.0)


def main(arguments: list[str]) -> int:
    """Print the ratios, the factor, and what each factor does to the totals."""
    if len(arguments) != 1:
        sys.stderr.write("usage: compare_clouds.py ITU_VALIDATION.JSON\n")
        return 2
    cases = json.loads(Path(arguments[0]).read_text(encoding="utf-8"))["cases"]
    ratios = map_ratios(columns_of(cases, "P.840-9", "cloud attenuation"))
    print("P.840-8's water over P.840-9's:", ", ".join(f"{ratio:.2f}" for ratio in np.sort(ratios)))
    print(f"mean factor (of logarithms): {np.exp(-np.log(ratios).mean()):.3f}")
    totals = columns_of(cases, "P.618-14", "total attenuation exceeded for p %")
    print("| factor | mean difference, dB | root of mean squares, dB | largest, dB |\n| --- | --- | --- | --- |")
    for factor in FACTORS:
        apart = total_differences(totals, factor)
        rms, largest = np.sqrt((apart**2).mean()), np.abs(apart).max()
        print(f"| {factor:.2f} | {apart.mean():+.3f} | {rms:.3f} | {largest:.3f} |")
    return 0


def columns_of(cases: list[dict[str, Any]], document: str, quantity: str) -> dict[str, Floats]:
    """One table of the examples."""
    case = next(case for case in cases if (case["recommendation"], case["quantity"]) == (document, quantity))
    return dict(zip(case["columns"], np.array(case["rows"], dtype=np.float64).T, strict=True))


def map_ratios(columns: dict[str, Floats]) -> Floats:
    """P.840-8's water over P.840-9's at the examples that we can answer and that have water."""
    share = columns["p"] / 100.0
    kept = (share >= EXCEEDANCES[0]) & (share <= EXCEEDANCES[-1]) & (columns["Ac"] > 0.0)
    lat, lon, ghz, elevation, loss_db = (columns[name][kept] for name in ("lat", "lon", "f", "el", "Ac"))
    water = at_exceedance(climate_at(np.radians(lat), np.radians(lon)).liquid_kg_m2, share[kept]) / CLOUD_WATER_FACTOR
    return np.asarray(cloud_loss_db(ghz * 1e9, np.radians(elevation), water) / loss_db)


def total_differences(columns: dict[str, Floats], factor: float) -> Floats:
    """Ours less theirs, in dB, with P.840-8's water times a factor."""
    climate = climate_at(np.radians(columns["lat"]), np.radians(columns["lon"]), columns["hs"] * 1e3)
    paths = SlantPaths.over(
        replace(climate, liquid_kg_m2=factor / CLOUD_WATER_FACTOR * climate.liquid_kg_m2),
        frequency_hz=columns["f"] * 1e9,
        elevation_rad=np.radians(columns["el"]),
        tilt_rad=np.radians(columns["tau"]),
        aperture=Aperture(diameter_m=columns["D"], efficiency=columns["eta"]),
    )
    return paths.loss(columns["p"] / 100.0).total_db - columns["A_total"]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
