"""Our packed climate beside the full maps that ITU-Rpy carries, at random places on land."""

from dataclasses import dataclass, replace

import numpy as np
import pytest

from skycommons.base.arrays import Floats
from skycommons.radio.climate import CLOUD_WATER_FACTOR, EXCEEDANCES, Climate, climate_at, standard_pressure_pa
from skycommons.radio.scintillation import Aperture
from skycommons.radio.slant_paths import SlantPaths

PLACES = 2_500


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """The full maps at places on land, as a climate of ours."""

    climate: Climate
    longitude_rad: Floats


def total_db(climate: Climate) -> Floats:
    """At 12 GHz and 40°, exceeded for 0.1 % of the year."""
    paths = SlantPaths.over(
        climate, frequency_hz=12e9, elevation_rad=np.radians(40.0), aperture=Aperture(diameter_m=0.5)
    )
    return paths.loss(np.array(1e-3)).total_db


@pytest.fixture(scope="module")
def peer() -> Peer:
    """Every map, interpolated by ITU-Rpy; it loads slowly, so once."""
    from itur.models import itu453, itu836, itu837, itu839, itu840, itu1510, itu1511

    rng = np.random.default_rng(2026)
    latitude = np.degrees(np.arcsin(rng.uniform(-1.0, 1.0, 6 * PLACES)))
    longitude = rng.uniform(-180.0, 180.0, 6 * PLACES)
    height_km = itu1511.topographic_altitude(latitude, longitude).value
    # Next to the north pole the full maps of vapour and cloud have a gap, in the sea.
    land = np.flatnonzero((height_km > 0.001) & (latitude < 88.0))[:PLACES]
    lat, lon, km = latitude[land], longitude[land], height_km[land]
    vapour = [itu836.surface_water_vapour_density(lat, lon, 100.0 * share, km).value for share in EXCEEDANCES]
    water = [itu840.columnar_content_reduced_liquid(lat, lon, 100.0 * share).value for share in EXCEEDANCES]
    climate = Climate(
        latitude_rad=np.radians(lat),
        height_m=1e3 * km,
        rain_rate_mm_h=itu837.rainfall_rate(lat, lon, 0.01).value,
        freezing_height_m=1e3 * itu839.isoterm_0(lat, lon).value,
        temperature_k=itu1510.surface_mean_temperature(lat, lon).value,
        pressure_pa=standard_pressure_pa(1e3 * km),
        wet_refractivity=itu453.map_wet_term_radio_refractivity(lat, lon, 50).value,
        vapour_kg_m3=1e-3 * np.stack(vapour, axis=1),
        liquid_kg_m2=CLOUD_WATER_FACTOR * np.stack(water, axis=1),
        at_sea=np.zeros(len(lat), dtype=np.bool_),
    )
    return Peer(climate=climate, longitude_rad=np.radians(lon))


def test_there_are_enough_places(peer: Peer) -> None:
    """Two thousand at least, none of them at sea for us."""
    assert len(peer.climate) >= 2_000
    ours = climate_at(peer.climate.latitude_rad, peer.longitude_rad)
    assert np.count_nonzero(ours.at_sea) <= 2


@pytest.mark.parametrize(
    ("name", "tolerance"),
    [
        ("freezing_height_m", 1.01),  # half a step of rounding, as in the three below
        ("temperature_k", 0.0101),
        ("wet_refractivity", 0.0101),
        ("liquid_kg_m2", 0.00047),
        ("vapour_kg_m3", 3e-5),  # a step in density, and one in the scale, which a site far above the map magnifies
        ("pressure_pa", 1e-6),
    ],
)
def test_maps_on_their_own_grid_agree_to_rounding(peer: Peer, name: str, tolerance: float) -> None:
    """At the sites' own heights; the first row beside the north pole apart."""
    ours = climate_at(peer.climate.latitude_rad, peer.longitude_rad, peer.climate.height_m)
    np.testing.assert_allclose(getattr(ours, name), getattr(peer.climate, name), atol=tolerance, rtol=0.0)


def test_thinned_maps_are_near(peer: Peer) -> None:
    """Rain rate and height are kept every 0.25°: 95 of 100 places within 1 mm/h and 250 m."""
    ours = climate_at(peer.climate.latitude_rad, peer.longitude_rad)
    assert np.percentile(np.abs(ours.rain_rate_mm_h - peer.climate.rain_rate_mm_h), 95) < 1.0
    assert np.percentile(np.abs(ours.height_m - peer.climate.height_m), 95) < 250.0


@pytest.mark.parametrize(("own_height", "worst_db"), [(False, 0.2), (True, 0.05)])
def test_total_attenuation_is_that_of_the_full_maps(peer: Peer, own_height: bool, worst_db: float) -> None:
    """12 GHz, 40°, 0.1 % of the year, 95 of 100 places; a site that knows its height is nearer."""
    height_m = peer.climate.height_m if own_height else None
    ours = climate_at(peer.climate.latitude_rad, peer.longitude_rad, height_m)
    apart = np.abs(total_db(ours) - total_db(peer.climate))
    assert np.percentile(apart, 95) <= worst_db, np.percentile(apart, [50, 90, 95, 99, 100])


def test_the_comparison_can_fail(peer: Peer) -> None:
    """A tenth more rain shows."""
    wetter = replace(peer.climate, rain_rate_mm_h=1.1 * peer.climate.rain_rate_mm_h)
    apart = np.abs(total_db(wetter) - total_db(peer.climate))
    assert np.percentile(apart, 95) > 0.2
