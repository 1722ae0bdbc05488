"""The network around measured places."""

from dataclasses import replace
from pathlib import Path

import pytest

from skycommons.base.errors import InputError
from skycommons.model.world import SiteKind
from skycommons.studies.measured_network import Place, network_of
from tests.support.measured_sites import write_network

ALPS = Place(latitude_deg=47.4, longitude_deg=8.5)


def test_pops_that_are_not_public_serve_only_whom_they_are_named_for(tmp_path: Path) -> None:
    """The camp is in the network only for its own."""
    files = write_network(tmp_path)
    unnamed = network_of([ALPS], files).scenario.world.sites
    assert [unnamed.ids[row] for row in unnamed.rows(SiteKind.POP)] == ["Frankfurt", "Oslo", "Madrid"]
    named = network_of([replace(ALPS, pop="camp")], files)
    assert named.pop_names == ("Camp",)
    coded = "code,city,lat,lon\nfra1,Frankfurt,50.1,8.7\nxyz1,Camp,47.0,8.0\n"
    files.pops.write_text(coded)
    assert network_of([replace(ALPS, pop="XYZ1")], files).pop_names == ("Camp",)
    files.pops.write_text("city,lat,lon\nFrankfurt,50.1,8.7\nCamp,47.0,8.0\n")
    unmarked = network_of([ALPS], files).scenario.world.sites
    assert len(unmarked.rows(SiteKind.POP)) == 2


def test_a_pop_far_from_every_gateway_has_one_beside_it(tmp_path: Path) -> None:
    """Its traffic must come down somewhere; it is said which."""
    network = network_of([ALPS], write_network(tmp_path))
    assert network.added == ("Madrid",)
    assert len(network.scenario.world.sites.rows(SiteKind.GATEWAY)) == 3


def test_countries_of_observed_pops_have_theirs(tmp_path: Path) -> None:
    """Cologne belongs to Frankfurt; Zurich to whatever is nearest."""
    cologne = Place(latitude_deg=50.9, longitude_deg=7.0)
    assert network_of([cologne, ALPS], write_network(tmp_path)).pop_names == ("Frankfurt", "")


def test_a_pop_that_is_not_listed_is_told_and_the_nearest_stands_in(tmp_path: Path) -> None:
    """Lists and measurements are of different dates."""
    found = network_of([replace(ALPS, pop="Atlantis"), ALPS], write_network(tmp_path))
    assert found.unlisted == ("Atlantis",)
    assert found.pop_names == ("", "")


def test_impossible_spans_are_refused(tmp_path: Path) -> None:
    """In words."""
    files = write_network(tmp_path)
    with pytest.raises(InputError, match="hours"):
        network_of([ALPS], replace(files, hours=0.0))


def test_steps_spread_over_the_span(tmp_path: Path) -> None:
    """No shorter than a slot."""
    assert len(network_of([ALPS], write_network(tmp_path)).ephemeris()) == 12
