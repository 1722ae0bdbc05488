"""Pictures of rates."""

import numpy as np
import pytest
import xarray as xr

from skycommons.studies.figures_rates import across_flows, rated_flows, rates_over_time, rates_title
from skycommons.studies.store import FlowKind
from skycommons.studies.summary import summarise
from tests.support.results import small_results


@pytest.fixture(scope="module")
def results() -> xr.Dataset:
    """A small run."""
    return small_results()


def test_the_lines_are_quantiles_across_the_terminals(results: xr.Dataset) -> None:
    """Pairs of sites are left out; two lines for the weather, two for a clear sky."""
    drawing, summary = rates_over_time(results, summarise(results)), summarise(results)
    lines = drawing.figure.axes[0].get_lines()
    terminals = summary.flows_of(FlowKind.TERMINAL_TO_POP)
    rates = results["rate_down_bps"].values[:, terminals]
    assert len(lines) == 4
    np.testing.assert_allclose(np.asarray(lines[0].get_ydata()), np.median(rates, axis=1) / 1e6, rtol=1e-6)
    assert "Mbit/s" in drawing.alt


def test_blocks_of_steps_change_nothing(results: xr.Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read five steps at a time or at once."""
    steps, rows = np.arange(results.sizes["time"]), rated_flows(summarise(results))
    whole = across_flows(results, "rate_down_bps", steps, rows)
    monkeypatch.setattr("skycommons.studies.figures_rates._STEPS_AT_ONCE", 5)
    np.testing.assert_array_equal(across_flows(results, "rate_down_bps", steps, rows), whole)


def test_the_title_names_the_slowest_terminal(results: xr.Dataset) -> None:
    """With its median."""
    summary = summarise(results)
    rows = summary.flows_of(FlowKind.TERMINAL_TO_POP)
    slowest = summary.sources[rows[int(summary.rate_down_median_bps[rows].argmin())]]
    assert f"; {slowest} gets least" in rates_title(summary)


def test_without_terminals_all_flows_are_drawn_and_without_flows_nothing_is(results: xr.Dataset) -> None:
    """An empty picture says so."""
    pairs = results.isel(flow=results["flow_kind"].values == FlowKind.PAIR, tracked=slice(0, 0))
    assert len(rated_flows(summarise(pairs))) == pairs.sizes["flow"]
    nobody = results.isel(flow=slice(0, 0), tracked=slice(0, 0))
    drawing = rates_over_time(nobody, summarise(nobody))
    assert "No flow was reachable" in drawing.alt
