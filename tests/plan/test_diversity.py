"""What a second gateway buys."""

import numpy as np
import pytest

from skycommons.base.errors import InputError, PhysicsError
from skycommons.model.world import World
from skycommons.plan.diversity import find_diversity
from tests.support.tiny_world import tiny_scenario

GATEWAYS = "\n".join(
    f'[[gateways.site]]\nname = "{name}"\nlatitude_deg = {latitude}\nlongitude_deg = {longitude}\n'
    for name, latitude, longitude in (
        ("singapore", 1.35, 103.8),
        ("johor", 1.45, 103.8),
        ("malacca", 2.2, 102.25),
        ("medan", 3.6, 98.7),
        ("atacama", -23.5, -69.0),
    )
)
HALF_RAD = np.radians(40.0)


@pytest.fixture(scope="module")
def world() -> World:
    """Five gateways: one, a near one, two further away, and one in the desert."""
    return tiny_scenario(gateways=GATEWAYS).world


def test_partners_come_by_distance_and_further_ones_buy_more(world: World) -> None:
    """The joint share falls with the distance under one climate, the gain grows up to the loss itself."""
    found = find_diversity(world, world.sites.row("singapore"), exceedance=1e-3, elevation_rad=HALF_RAD, partners=3)
    names = [world.sites.ids[row] for row in found.partner]
    assert names == ["johor", "malacca", "medan"]
    assert found.distance_m[0] == pytest.approx(11.1e3, rel=0.01)
    (band,) = found.bands
    assert band.frequency_hz == 28.5e9
    assert not band.extrapolated
    assert (np.diff(band.joint) < 0.0).all()
    assert (band.joint < 1e-3).all()
    assert (np.diff(band.gain_db[:, 0]) > 0.0).all()
    assert (band.gain_db[:, 0] < band.site_db).all()
    assert np.isfinite(band.near_gain_db[0]).all()
    assert np.isnan(band.near_gain_db[1:]).all()


def test_a_site_without_rain_has_nothing_to_gain(world: World) -> None:
    """Its losses are small, and so are the gains; nothing is negative."""
    found = find_diversity(world, world.sites.row("atacama"), exceedance=1e-2, elevation_rad=HALF_RAD)
    assert len(found.partner) == 4
    assert 0.0 <= found.bands[0].site_db < 1.0
    assert (found.bands[0].gain_db >= 0.0).all()


def test_e_band_is_an_extrapolation() -> None:
    """A gateway that has it gets a second table."""
    text = GATEWAYS.replace('name = "singapore"\n', 'name = "singapore"\ntype = "mega"\n')
    mega = tiny_scenario(gateways=text).world
    found = find_diversity(mega, mega.sites.row("singapore"), exceedance=1e-3, elevation_rad=HALF_RAD)
    assert [(band.frequency_hz > 55e9) == band.extrapolated for band in found.bands] == [True, True]
    assert found.bands[1].site_db > found.bands[0].site_db


def test_what_cannot_be_asked_is_refused(world: World) -> None:
    """A terminal, a lonely gateway, a share, a count or an elevation out of range."""
    row = world.sites.row("singapore")
    with pytest.raises(InputError, match="'zurich' is no gateway"):
        find_diversity(world, world.sites.row("zurich"), exceedance=1e-3, elevation_rad=HALF_RAD)
    with pytest.raises(InputError, match="7 % of the year"):
        find_diversity(world, row, exceedance=0.07, elevation_rad=HALF_RAD)
    with pytest.raises(InputError, match="at least 1"):
        find_diversity(world, row, exceedance=1e-3, elevation_rad=HALF_RAD, partners=0)
    with pytest.raises(PhysicsError, match="95°"):
        find_diversity(world, row, exceedance=1e-3, elevation_rad=np.radians(95.0))
    alone = tiny_scenario().world
    with pytest.raises(InputError, match="only gateway"):
        find_diversity(alone, alone.sites.row("basel"), exceedance=1e-3, elevation_rad=HALF_RAD)
