"""A run writes, block by block, what the planner says."""

import json
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

import skycommons
from skycommons.base.errors import HostError, PlanError
from skycommons.model.rules import Grid, LaserRules, RoutingRules
from skycommons.model.scenario import Scenario
from skycommons.model.world import SiteKind
from skycommons.plan.path_rates import Limit
from skycommons.plan.routes import LONGEST_PATH, Reason, route
from skycommons.plan.visibility import find_links
from skycommons.studies import run
from skycommons.studies.run import MAX_TRACKED, run_scenario
from skycommons.studies.store import LIMITS, REASONS, open_results
from tests.support.networks import FIRST_SHELL, SMALL_SHELL, fleet, scenario_of, site_table

MEBIBYTE = 2**20
PLACES = [
    ("zurich", SiteKind.TERMINAL, 47.4, 8.5),
    ("nairobi", SiteKind.TERMINAL, -1.3, 36.8),
    ("north-pole", SiteKind.TERMINAL, 90.0, 0.0),
    ("alps", SiteKind.GATEWAY, 46.5, 8.0),
    ("rift", SiteKind.GATEWAY, -1.0, 36.0),
    ("milan-pop", SiteKind.POP, 45.5, 9.2),
    ("nairobi-pop", SiteKind.POP, -1.3, 36.9),
]


@pytest.fixture
def scenario() -> Scenario:
    """Forty steps over a small shell: three terminals and two pairs, one of them asked for from its PoP."""
    return scenario_of(
        site_table(PLACES, min_elevation_deg=8.0, home_pop={"nairobi": "nairobi-pop"}),
        name="small",
        title="A small shell",
        duration_s=600.0,
        lasers=LaserRules(topology=Grid(), max_range_m=8_000e3),
        pairs=((0, 1), (6, 0)),
        notes=("two element sets were left out",),
    )


def results(scenario: Scenario, folder: Path) -> xr.Dataset:
    """The store of a run, read back whole."""
    with open_results(run_scenario(scenario, folder / f"{scenario.name}.zarr")) as dataset:
        return dataset.load()


def test_a_store_holds_what_route_says(scenario: Scenario, tmp_path: Path) -> None:
    """Step by step and flow by flow."""
    found = results(scenario, tmp_path)
    time_ns = scenario.times()
    routes = route(scenario, scenario.propagate(time_ns))
    np.testing.assert_array_equal(found["time"].values.astype("datetime64[ns]").astype(np.int64), time_ns)
    assert found["flow"].values.tolist() == list(routes.flows.ids)
    np.testing.assert_allclose(found["rtt_s"], 2.0 * routes.delay_s, rtol=1e-12)
    assert np.isfinite(found["rtt_s"].values).any(axis=0).tolist() == [True, True, False, True, True]
    np.testing.assert_array_equal(found["laser_hops"], routes.laser_hops)
    np.testing.assert_array_equal(found["reason"], routes.reason)
    np.testing.assert_array_equal(found["entry_satellite"], routes.entry_satellite)
    np.testing.assert_allclose(found["entry_elevation_rad"], routes.entry_elevation_rad, rtol=1e-6)
    np.testing.assert_array_equal(found["path_changed"], routes.changed)
    np.testing.assert_array_equal(found["path_satellite"], routes.path[:, found["tracked_flow"].values])
    at_gateway = np.isin(routes.exit_site, [3, 4])
    np.testing.assert_array_equal(found["exit_gateway"], np.where(at_gateway, routes.exit_site, -1))
    assert at_gateway.any()
    assert (routes.exit_site == 1).any()  # the pair of terminals ends at the other terminal, which is no gateway


def test_sites_satellites_and_the_scenario_are_described(scenario: Scenario, tmp_path: Path) -> None:
    """A reader needs nothing else."""
    found = results(scenario, tmp_path)
    sites, satellites = scenario.world.sites, scenario.world.satellites
    assert tuple(found["site"].values) == sites.ids
    assert tuple(found["satellite"].values) == satellites.ids
    assert found["site_kind"].values.tolist() == sites.kind.tolist()
    np.testing.assert_array_equal(found["site_latitude_rad"], sites.latitude_rad)
    assert found["satellite_shell"].attrs["shell_names"] == ["shell"]
    assert found["flow_source"].values.tolist() == [0, 1, 2, 0, 0]
    assert found["flow_kind"].values.tolist() == [0, 0, 0, 1, 1]
    assert found.attrs["scenario"] == "small"
    assert found.attrs["title"] == "A small shell"
    assert found.attrs["skycommons_version"] == skycommons.__version__
    assert found.attrs["start"] == "1970-01-01T00:00:00Z"
    assert (found.attrs["step_s"], found.attrs["duration_s"]) == (15.0, 600.0)
    assert json.loads(found.attrs["model_notes"])[-1] == "two element sets were left out"
    assert results(scenario.replace(title=""), tmp_path).attrs["title"] == "small"


def test_the_codes_of_reasons_are_those_that_readers_know() -> None:
    """Both rooms count them alike."""
    assert len(REASONS) == len(Reason)
    assert len(LIMITS) == len(Limit)


def test_visible_satellites_are_counted_per_site(scenario: Scenario, tmp_path: Path) -> None:
    """As many as there are links; PoPs see none."""
    found = results(scenario, tmp_path)["visible_satellites"].values
    links = find_links(scenario.world.sites, scenario.propagate(scenario.times()))
    expected = np.zeros((40, 7), dtype=np.int64)
    np.add.at(expected, (links.step, links.site), 1)
    np.testing.assert_array_equal(found, expected)
    assert found.max() > 0
    assert (found[:, 5:] == 0).all()


def test_a_flow_to_the_nearest_pop_ends_at_that_of_its_most_used_gateway(scenario: Scenario, tmp_path: Path) -> None:
    """A flow with a PoP of its own ends there."""
    found = results(scenario, tmp_path)
    uses = np.bincount(found["exit_gateway"].values[:, 0][found["exit_gateway"].values[:, 0] >= 0], minlength=5)
    assert uses[3] > uses[4]
    assert found["flow_target"].values.tolist()[:2] == [5, 6]
    assert found["flow_target"].values.tolist()[3:] == [1, 6]


@pytest.mark.parametrize(
    ("kinds", "targets"), [((0,), [-1, -1, -1]), ((0, 1), [-1, -1, -1]), ((0, 2), [3, 4, 3])], ids=str
)
def test_without_gateways_or_pops_every_flow_says_why(
    scenario: Scenario, tmp_path: Path, kinds: tuple[int, ...], targets: list[int]
) -> None:
    """It ends at the PoP that lies nearest, or nowhere where there is none."""
    sites = site_table([place for place in PLACES if place[1] in kinds], min_elevation_deg=8.0)
    found = results(scenario.replace(world=replace(scenario.world, sites=sites), pairs=()), tmp_path)
    assert found["flow_target"].values.tolist() == targets
    assert set(np.unique(found["reason"])) <= {Reason.NO_SATELLITE, Reason.NO_GATEWAY}
    assert (found["coverage_served"] == 0.0).all()


def test_a_scenario_without_sites_is_refused_before_anything_is_written(scenario: Scenario, tmp_path: Path) -> None:
    """Nothing could be shown of it."""
    empty = scenario.replace(world=replace(scenario.world, sites=site_table([])), pairs=())
    with pytest.raises(PlanError, match="has no sites; add terminals"):
        run_scenario(empty, tmp_path / "empty.zarr")
    assert list(tmp_path.iterdir()) == []


def test_several_blocks_are_as_good_as_one(scenario: Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lasers and changes of path are carried over their edges; progress is told after each."""
    whole = results(scenario.replace(name="whole"), tmp_path)
    monkeypatch.setattr(run, "BLOCK_STEPS", 7)
    done: list[int] = []
    store = run_scenario(scenario.replace(name="whole"), tmp_path / "parts.zarr", progress=done.append)
    with open_results(store) as parts:
        xr.testing.assert_identical(parts.load(), whole)
    assert done == [7] * 5 + [5]


def test_coverage_and_elevations_are_sampled(scenario: Scenario, tmp_path: Path) -> None:
    """Shares by latitude; what serves is among what can be seen."""
    found = results(scenario.replace(pairs=()), tmp_path)
    visible, served = found["coverage_visible"].values, found["coverage_served"].values
    assert len(visible) == 36
    assert visible.min() == 0.0  # the poles lie outside the shell's reach
    assert 0.0 < visible.max() <= 1.0
    assert (served <= visible + 1e-12).all()
    assert served.max() > 0.0
    assert (found["elevation_served"] <= found["elevation_candidates"]).all()
    assert int(found["elevation_served"].sum()) == int((found["reason"] == 0).sum())
    assert int(found["elevation_candidates"].sum()) == int(found["visible_satellites"][:, :3].sum())


def test_alternatives_are_kept_if_there_are_any(scenario: Scenario, tmp_path: Path) -> None:
    """Round trips, best first; without them the variable is not there."""
    assert "alternative_rtt_s" not in results(scenario, tmp_path)
    found = results(scenario.replace(routing=RoutingRules(alternatives=2)), tmp_path)
    np.testing.assert_array_equal(found["alternative_rtt_s"][:, :, 0], found["rtt_s"])
    assert not (found["alternative_rtt_s"][:, :, 1] < found["alternative_rtt_s"][:, :, 0]).any()


def test_pairs_come_first_among_the_tracked_flows(tmp_path: Path) -> None:
    """There is room for some; the others keep no path."""
    terminals = [(f"terminal {row}", SiteKind.TERMINAL, 1.0 * row, 0.0) for row in range(30)]
    crowd = scenario_of(site_table([*terminals, *PLACES[3:]]), duration_s=15.0, pairs=((0, 5), (1, 2)))
    found = results(crowd, tmp_path)
    assert found["tracked_flow"].values.tolist() == [30, 31, *range(MAX_TRACKED - 2)]
    assert found["path_satellite"].shape == (1, MAX_TRACKED, LONGEST_PATH)


@pytest.mark.parametrize(("duration_s", "spacing_s"), [(600.0, 60.0), (3600.0, 60.0), (4000.0, 240.0)])
def test_positions_for_maps_reach_over_the_whole_span(
    scenario: Scenario, tmp_path: Path, duration_s: float, spacing_s: float
) -> None:
    """A minute apart in a short span, four minutes in a long one; the last is at the end or behind it."""
    found = results(scenario.replace(duration_s=duration_s, step_s=500.0), tmp_path)
    sample_s = (found["sample_time"].values.astype("datetime64[ns]").astype(np.int64) - scenario.start_ns) / 1e9
    np.testing.assert_array_equal(np.diff(sample_s), spacing_s)
    assert duration_s <= sample_s[-1] < duration_s + spacing_s
    expected = scenario.propagate((sample_s * 1e9).astype(np.int64)).position_itrf_m
    np.testing.assert_allclose(found["sample_position_itrf_m"], expected, rtol=1e-6, atol=1.0)


def test_a_run_without_flows_has_a_store_all_the_same(scenario: Scenario, tmp_path: Path) -> None:
    """Its coverage may be what is asked for."""
    sites = site_table(PLACES[3:], min_elevation_deg=8.0)
    found = results(scenario.replace(world=replace(scenario.world, sites=sites), pairs=()), tmp_path)
    assert found.sizes["flow"] == found.sizes["tracked"] == 0
    assert found["rtt_s"].shape == (40, 0)
    assert float(found["coverage_served"].max()) > 0.0


def test_satellites_that_all_have_decayed_reach_nobody(scenario: Scenario, tmp_path: Path) -> None:
    """The run ends, and says so for every flow."""
    underground = replace(SMALL_SHELL, altitude_m=-500e3)
    found = results(scenario.replace(world=replace(scenario.world, satellites=fleet(underground))), tmp_path)
    assert (found["reason"] == Reason.NO_SATELLITE).all()
    assert not found["visible_satellites"].any()
    assert np.isnan(found["sample_position_itrf_m"]).all()


def test_an_older_store_is_replaced(scenario: Scenario, tmp_path: Path) -> None:
    """Nothing of it remains."""
    store = tmp_path / "small.zarr"
    run_scenario(scenario.replace(routing=RoutingRules(alternatives=2)), store)
    run_scenario(scenario.replace(duration_s=60.0), store)
    with open_results(store) as found:
        assert found.sizes["time"] == 4
        assert "alternative_rtt_s" not in found
    assert [path.name for path in tmp_path.iterdir()] == ["small.zarr"]


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError])
def test_a_run_that_is_broken_off_leaves_the_older_store(
    scenario: Scenario, tmp_path: Path, error: type[BaseException]
) -> None:
    """And nothing half written beside it."""

    def broken(steps: int) -> None:
        raise error

    store = tmp_path / "small.zarr"
    with pytest.raises(error):
        run_scenario(scenario, store, progress=broken)
    assert list(tmp_path.iterdir()) == []
    run_scenario(scenario.replace(duration_s=60.0), store)
    with pytest.raises(error):
        run_scenario(scenario, store, progress=broken)
    with open_results(store) as found:
        assert found.sizes["time"] == 4
    assert [path.name for path in tmp_path.iterdir()] == ["small.zarr"]


def test_a_scenario_that_makes_no_sense_writes_nothing(scenario: Scenario, tmp_path: Path) -> None:
    """A pair of PoPs is found before the first byte."""
    with pytest.raises(PlanError, match="both ends are PoPs"):
        run_scenario(scenario.replace(pairs=((5, 6),)), tmp_path / "small.zarr")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_said(scenario: Scenario, tmp_path: Path) -> None:
    """The path is in the message."""
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(HostError, match=r"cannot write .*small\.zarr"):
        run_scenario(scenario, tmp_path / "file" / "small.zarr")


def test_memory_does_not_grow_with_the_span(
    scenario: Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Four times as long takes as much; the positions of the added steps alone would take 7 MiB."""
    monkeypatch.setattr(run, "BLOCK_STEPS", 8)
    long = scenario.replace(world=replace(scenario.world, satellites=fleet(FIRST_SHELL)), pairs=(), step_s=5.0)
    peak = _peak_of(lambda steps: run_scenario(long.replace(duration_s=5.0 * steps), tmp_path / "small.zarr"))
    peak(8)  # what is loaded and compiled at the first call does not count
    short = peak(32)
    assert peak(128) < short + 1 * MEBIBYTE


def _peak_of(action: Callable[[int], object]) -> Callable[[int], int]:
    """The most memory that an action held at once."""

    def peak(steps: int) -> int:
        tracemalloc.start()
        try:
            action(steps)
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    return peak
