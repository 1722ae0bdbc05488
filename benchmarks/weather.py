"""Weather of one step at 10,000 sites."""

import numpy as np

from benchmarks.timing import Figure, cpu_seconds
from skycommons.base.rng import stream
from skycommons.radio.weather_field import FEATURES, WeatherField

SITES = 10_000
SEED = 7
TIME_S = 1.8e9


def measure() -> list[Figure]:
    """Drawing the field, once a scenario, and one step of it."""
    rng = np.random.default_rng(SEED)
    latitude_rad, longitude_rad = np.arcsin(rng.uniform(-1.0, 1.0, SITES)), rng.uniform(-np.pi, np.pi, SITES)

    def prepare() -> WeatherField:
        return WeatherField.prepare(latitude_rad, longitude_rad, stream(SEED, "weather"))

    field = prepare()
    note = f"{SITES:,} sites, {FEATURES:,} waves, {field.waves.nbytes / 1e6:.0f} MB"
    return [
        Figure(name="weather: draw the field, once", cpu_s=cpu_seconds(prepare, repeats=3), note=note),
        Figure(
            name="weather: one step",
            cpu_s=cpu_seconds(lambda: field.exceedance(TIME_S), repeats=20),
            target="50 ms or less",
            note=note,
        ),
    ]
