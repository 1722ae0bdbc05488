"""Opening a result store: ours as it is, everything else with one clear message."""

from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from skycommons.base.errors import InputError
from skycommons.studies.store import FlowKind, ResultsError, check_results, names, open_results, shell_names, time_ns
from tests.support.results import small_results


@pytest.fixture(scope="module")
def results() -> xr.Dataset:
    """The small results."""
    return small_results(steps=4)


def test_a_store_comes_back_as_it_was_written(results: xr.Dataset, tmp_path: Path) -> None:
    """Values, types and attributes survive Zarr."""
    results.to_zarr(tmp_path / "tiny.zarr")
    with open_results(tmp_path / "tiny.zarr") as opened:
        xr.testing.assert_identical(opened.load(), results)


def test_opening_reads_no_array(results: xr.Dataset, tmp_path: Path) -> None:
    """Long runs open at once: variables stay on disk until they are used."""
    results.to_zarr(tmp_path / "tiny.zarr")
    with open_results(tmp_path / "tiny.zarr") as opened:
        assert not opened["rtt_s"].variable._in_memory
        assert not opened["sample_position_itrf_m"].variable._in_memory


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    """And the message says what would make it."""
    with pytest.raises(ResultsError, match=r"nothing\.zarr: 1 fault.*\n.*skycommons run"):
        open_results(tmp_path / "nothing.zarr")


@pytest.mark.parametrize("content", [None, "noise", "{", "[1, 2]"])
def test_what_is_no_zarr_store_is_refused_in_words(content: str | None, tmp_path: Path) -> None:
    """An empty folder, a file, and a folder with broken metadata."""
    path = tmp_path / "other.zarr"
    if content == "noise":
        path.write_bytes(b"\x00\xff" * 100)
    else:
        path.mkdir()
        if content:
            (path / "zarr.json").write_text(content)
    with pytest.raises(InputError, match="not a Zarr store"):
        open_results(path)


def test_somebody_elses_store_is_named_as_such(tmp_path: Path) -> None:
    """One fault says it; a list of all that is not there would not help."""
    xr.Dataset({"temperature_k": ("x", np.zeros(3))}).to_zarr(tmp_path / "weather.zarr")
    with pytest.raises(ResultsError, match=r"1 fault.*\n.*something else"):
        open_results(tmp_path / "weather.zarr")


def test_an_incomplete_store_gets_all_its_faults_at_once(results: xr.Dataset) -> None:
    """Every missing variable and attribute is listed, once."""
    partial = results.drop_vars(["rtt_s", "path_satellite"]).drop_attrs()
    with pytest.raises(ResultsError) as caught:
        check_results(partial)
    places = [fault.place for fault in caught.value.faults]
    assert {"rtt_s", "path_satellite"} == {place for place in places if not place.startswith("attrs.")}
    assert {"attrs.scenario", "attrs.step_s", "attrs.recommendations"} <= set(places)
    assert len(places) == len(set(places))


def test_wrong_dimensions_types_and_emptiness_are_told_apart(results: xr.Dataset) -> None:
    """Three faults of three kinds in one go."""
    broken = results.isel(time=slice(0, 0)).assign(
        coverage_served=("elevation_bin", np.zeros(results.sizes["elevation_bin"])),
        site_kind=("site", np.zeros(results.sizes["site"])),
    )
    with pytest.raises(ResultsError) as caught:
        check_results(broken, "broken")
    told = {fault.place: fault.message for fault in caught.value.faults}
    assert "expected dimensions ('latitude',), found ('elevation_bin',)" in told["coverage_served"]
    assert "float64" in told["site_kind"]
    assert "empty" in told["time"]
    assert len(told) == 3


def test_labels_and_instants_come_as_plain_values(results: xr.Dataset) -> None:
    """Strings and integers, not arrays of objects."""
    assert names(results, "site")[:2] == ("zurich", "nairobi")
    assert np.diff(time_ns(results["time"])).tolist() == [60 * 10**9] * 3
    assert [kind.phrase for kind in FlowKind] == ["terminal to PoP", "pair of sites"]


def test_shells_without_names_get_numbers(results: xr.Dataset) -> None:
    """Also when there is one name as a plain string, as some writers leave it, or no satellite at all."""
    assert shell_names(results) == ("mid-inclination", "near-polar")
    nameless = results["satellite_shell"].copy()
    nameless.attrs = {"shell_names": "mid-inclination"}
    assert shell_names(results.assign(satellite_shell=nameless)) == ("mid-inclination", "shell 1")
    assert shell_names(results.isel(satellite=slice(0, 0))) == ()
