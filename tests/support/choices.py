"""Choices made up by hand or drawn, for tests of the serving satellite."""

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from skycommons.base.arrays import Floats
from skycommons.plan.choice import ChoiceSets

START = datetime(2024, 7, 17, 18, 0, 12, tzinfo=UTC)


def choice_sets(elevations_deg: list[list[float]], **columns: object) -> ChoiceSets:
    """Sets of candidates by their elevations at 50° north; other columns as given, else the same for all."""
    flat = np.concatenate(elevations_deg)
    count = len(flat)
    given = {
        "latitude_rad": np.full(len(elevations_deg), np.radians(50.0)),
        "elevation_rad": np.radians(flat),
        "azimuth_rad": np.full(count, 0.5 * np.pi),
        "slant_range_m": 550e3 / np.sin(np.radians(flat)),
        "gso_separation_rad": np.ones(count),
        "is_v2_mini": np.zeros(count, dtype=np.bool_),
        "is_kept": np.zeros(count, dtype=np.bool_),
    } | columns
    return ChoiceSets(offsets=np.cumsum([0, *map(len, elevations_deg)]), **given)  # type: ignore[arg-type]  # a mixed dict


def drawn_sets(rng: np.random.Generator, choices: int) -> ChoiceSets:
    """Skies of 10 to 30 satellites, half of them on either hemisphere."""
    sizes = rng.integers(10, 31, choices)
    count = int(sizes.sum())
    elevation: Floats = rng.uniform(20.0, 88.0, count)
    kept = np.zeros(count, dtype=np.bool_)
    kept[np.cumsum(sizes) - 1 - rng.integers(0, 5, choices)] = True
    return choice_sets(
        np.split(elevation, np.cumsum(sizes)[:-1]),  # type: ignore[arg-type]  # arrays are lists enough
        latitude_rad=np.where(rng.random(choices) < 0.5, 0.9, -0.5),
        azimuth_rad=rng.uniform(0.0, 2.0 * np.pi, count),
        gso_separation_rad=rng.uniform(0.0, 1.5, count),
        is_v2_mini=rng.random(count) < 0.3,
        is_kept=kept,
    )


def write_measurement(
    folder: Path, slots: list[list[tuple[str, float]]], served: list[str], *, packed: bool = True
) -> tuple[Path, Path]:
    """A serving file and a candidates file; of each slot the names and elevations, all seen due north at 45°."""
    begin = int(START.timestamp())
    document = [
        {
            "Timestamp": datetime.fromtimestamp(begin + 15 * number, UTC).isoformat(),
            "Satellites": [
                {"Name": name, "Azimuth": 0.0, "Elevation": elevation_deg, "Distance": 700.0, "Inclination": 53.0}
                for name, elevation_deg in slot
            ],
        }
        for number, slot in enumerate(slots)
    ]
    candidates = folder / ("candidates.json.gz" if packed else "candidates.json")
    text = json.dumps(document).encode()
    candidates.write_bytes(gzip.compress(text) if packed else text)
    rows = [
        f"{datetime.fromtimestamp(begin + 15 * number + second, UTC)},{name}"
        for number, name in enumerate(served)
        for second in range(3)
    ]
    serving = folder / "serving.csv"
    serving.write_text("\n".join(["Timestamp,Connected_Satellite", *rows]) + "\n", encoding="utf-8")
    return serving, candidates
