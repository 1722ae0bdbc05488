"""Radio: the climate of many sites and the whole chain of propagation, beside ITU-Rpy."""

import numpy as np

from benchmarks.timing import Figure, cpu_seconds
from skycommons.base.arrays import Floats
from skycommons.radio.climate import climate_at
from skycommons.radio.scintillation import Aperture
from skycommons.radio.slant_paths import SlantPaths

SITES = 10_000
PEER_SITES = 1_000
SHARES = (1e-5, 2e-5, 5e-5, 1e-4, 2e-4, 5e-4, 1e-3, 2e-3, 5e-3, 0.01, 0.02, 0.05)  # where rain is stated
CARRIER_GHZ, ELEVATION_DEG, DIAMETER_M, EFFICIENCY = 12.0, 40.0, 0.5, 0.5


def measure() -> list[Figure]:
    """Climate of ten thousand sites, then their losses at twelve shares of the year."""
    return [*propagation_figures()]


def propagation_figures() -> list[Figure]:
    """From places to a climate, and from a climate and a carrier to losses."""
    latitude, longitude = _places(SITES)
    climate = climate_at(latitude, longitude)
    elevation_rad = np.full(SITES, np.radians(ELEVATION_DEG))
    aperture = Aperture(diameter_m=DIAMETER_M, efficiency=EFFICIENCY)

    def losses() -> Floats:
        paths = SlantPaths.over(climate, frequency_hz=1e9 * CARRIER_GHZ, elevation_rad=elevation_rad, aperture=aperture)
        return paths.loss(np.array(SHARES)[:, np.newaxis]).total_db

    return [
        Figure(
            name="climate of sites",
            cpu_s=cpu_seconds(lambda: climate_at(latitude, longitude)),
            note=f"{SITES:,} places, maps loaded",
        ),
        Figure(
            name="gas, cloud, rain, scintillation",
            cpu_s=cpu_seconds(losses),
            peer="itur 0.4.0, approximate gas",
            peer_cpu_s=_peer_seconds() * len(SHARES) * SITES / PEER_SITES,
            target="100 ms or less",
            note=f"{SITES:,} sites x {len(SHARES)} shares of the year, climate and geometry given; the peer's climate given "
            f"too, its P.618-13 for {PEER_SITES:,} sites and one share, scaled",
        ),
    ]


def _places(count: int) -> tuple[Floats, Floats]:
    """Latitudes and longitudes between the 70th parallels."""
    rng = np.random.default_rng(3)
    return np.arcsin(rng.uniform(-0.94, 0.94, count)), rng.uniform(-np.pi, np.pi, count)


def _peer_seconds() -> float:
    """CPU seconds of ITU-Rpy for the total of some sites at one share, every climate value that it takes given."""
    from itur import atmospheric_attenuation_slant_path

    latitude, longitude = _places(PEER_SITES)
    climate = climate_at(latitude, longitude)

    def total() -> object:
        return atmospheric_attenuation_slant_path(
            np.degrees(latitude),
            np.degrees(longitude),
            CARRIER_GHZ,
            ELEVATION_DEG,
            0.1,
            DIAMETER_M,
            hs=climate.height_m / 1e3,
            rho=1e3 * climate.vapour_kg_m3[:, 0],
            R001=climate.rain_rate_mm_h,
            eta=EFFICIENCY,
            T=climate.temperature_k,
            P=climate.pressure_pa / 1e2,
            mode="approx",
        )

    return cpu_seconds(total, repeats=2)
