"""Tests of protected sites."""

import numpy as np
import pytest

from skycommons.base.errors import ScenarioError
from skycommons.model.cells import cells_of
from skycommons.model.protected import ProtectedClass, cells_of_sites
from tests.support.tiny_world import tiny_scenario

CLINIC = '[[protected]]\nid = "clinic"\nclass = "hospital"\nlatitude_deg = 47.37\nlongitude_deg = 8.54\n'


def test_a_scenario_keeps_its_protected_sites_in_order_and_in_radians() -> None:
    """Id, class and place come as the file gives them."""
    radio = CLINIC.replace("clinic", "mast").replace("hospital", "public-warning").replace("8.54", "9.5")
    clinic, mast = tiny_scenario(protected=CLINIC + radio).protected
    assert (clinic.id, clinic.protected_class) == ("clinic", ProtectedClass.HOSPITAL)
    assert (mast.id, mast.protected_class) == ("mast", ProtectedClass.WARNING)
    assert np.degrees([clinic.latitude_rad, mast.longitude_rad]).round(9).tolist() == [47.37, 9.5]


def test_a_protected_site_belongs_to_the_cell_that_holds_it() -> None:
    """As terminals do."""
    sites = tiny_scenario(protected=CLINIC).protected
    assert cells_of_sites(sites).tolist() == cells_of(np.radians([47.37]), np.radians([8.54])).tolist()
    assert cells_of_sites(()).shape == (0,)


def test_the_ids_of_protected_sites_are_unique_and_their_class_is_known() -> None:
    """Both faults are told at once, each with its place."""
    other = CLINIC.replace("hospital", "castle")
    with pytest.raises(ScenarioError) as caught:
        tiny_scenario(protected=CLINIC + other)
    assert [fault.place for fault in caught.value.faults] == ["protected.1.class", "protected.1.id"]
    assert "'clinic' is already there" in str(caught.value)
    assert "should be one of hospital, emergency-service" in str(caught.value)
