"""The numbers of a run against NumPy on small results."""

import json
import warnings

import numpy as np
import pytest
import xarray as xr

from skycommons.studies import summary as summary_module
from skycommons.studies.store import FlowKind
from skycommons.studies.summary import Summary, column_quantiles, milliseconds, percent, reason_phrase, summarise
from tests.support.results import many_flows, small_results


@pytest.fixture(scope="module")
def results() -> xr.Dataset:
    """The small results."""
    return small_results()


@pytest.fixture(scope="module")
def summary(results: xr.Dataset) -> Summary:
    """Their summary."""
    return summarise(results)


def test_quantiles_are_those_of_numpy(results: xr.Dataset, summary: Summary) -> None:
    """Over the reachable steps of each flow."""
    want = np.nanquantile(results["rtt_s"].values, (0.05, 0.5, 0.95), axis=0)
    got = [summary.rtt_p5_s, summary.rtt_median_s, summary.rtt_p95_s]
    np.testing.assert_allclose(got, want, rtol=1e-12)


def test_column_quantiles_agree_with_numpy_on_any_gaps() -> None:
    """Random columns with random gaps, one of them without any value."""
    draw = np.random.default_rng(3)
    values = draw.normal(size=(50, 8))
    values[draw.random(values.shape) < 0.4] = np.nan
    values[:, 2] = np.nan
    shares = (0.0, 0.05, 0.37, 0.5, 1.0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        want = np.nanquantile(values, shares, axis=0)
    np.testing.assert_allclose(column_quantiles(values, shares), want, rtol=1e-12)


def test_availability_counts_reachable_steps_and_says_why_not(results: xr.Dataset, summary: Summary) -> None:
    """The flow that lost its gateway for a while, and the one beyond the shell's reach."""
    rows = {row["to"] + row["from"]: row for row in summary.rows()}
    assert rows["lima-popquito"]["why not"] == "no gateway in reach"
    assert rows["frankfurt-poplerwick"]["why not"] == "no satellite in view"
    assert rows["frankfurt-popzurich"]["why not"] == ""
    reached = (results["reason"].values == 0).mean(axis=0)
    np.testing.assert_allclose(summary.availability, reached)
    assert summary.mean_availability() == pytest.approx(reached.mean())
    assert summary.mean_availability(FlowKind.PAIR) == 1.0


def test_hops_and_changes_are_per_flow(results: xr.Dataset, summary: Summary) -> None:
    """Hops are the median over reachable steps; changes are per hour of elapsed time."""
    hops = results["laser_hops"].values.astype(float)
    hops[hops < 0] = np.nan
    np.testing.assert_allclose(summary.laser_hops_median, np.nanmedian(hops, axis=0))
    elapsed_h = 23 * 60 / 3600
    np.testing.assert_allclose(summary.changes_per_hour, results["path_changed"].values.sum(axis=0) / elapsed_h)


def test_pooled_quantiles_are_exact_to_a_tenth_of_a_millisecond(results: xr.Dataset, summary: Summary) -> None:
    """All flows of a kind together."""
    chosen = results["rtt_s"].values[:, results["flow_kind"].values == FlowKind.TERMINAL_TO_POP]
    want = np.nanquantile(chosen, (0.05, 0.5, 0.95), method="inverted_cdf")
    np.testing.assert_allclose(summary.pooled_rtt_s(FlowKind.TERMINAL_TO_POP), want, atol=1.01e-4)


def test_blocks_of_flows_change_nothing(results: xr.Dataset, summary: Summary, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading two flows at a time gives the same summary as reading all at once."""
    monkeypatch.setattr(summary_module, "_BLOCK_BYTES", 2 * 8 * results.sizes["time"])
    assert summarise(results).to_json_dict() == summary.to_json_dict()


def test_a_flow_that_is_never_reachable_has_dashes_and_nulls(results: xr.Dataset) -> None:
    """No warning, no NaN in JSON, and the kind without any round trip has none pooled."""
    gone = results.assign(
        rtt_s=results["rtt_s"] * np.nan,
        laser_hops=xr.full_like(results["laser_hops"], -1),
        reason=xr.full_like(results["reason"], 3),
    )
    found = summarise(gone)
    row = found.rows()[0]
    assert (row["latency (ms)"], row["light (ms)"], row["laser hops"], row["available"]) == ("–", "–", "–", "0 %")
    assert row["why not"] == "no path over lasers"
    document = json.loads(json.dumps(found.to_json_dict(), allow_nan=False))
    assert document["per_flow"][0]["rtt_median_s"] is None
    assert document["all"]["pair"]["rtt_p95_s"] is None
    assert document["per_flow"][0]["unreachable_because"] == "no path over lasers"


def test_one_step_has_no_changes_per_hour(results: xr.Dataset) -> None:
    """Nothing has passed between the first step and itself."""
    assert summarise(results.isel(time=[0])).changes_per_hour.tolist() == [0.0] * 7


def test_no_flow_of_a_kind_has_no_availability(results: xr.Dataset) -> None:
    """Not zero, and not one."""
    only_terminals = summarise(results.isel(flow=slice(0, 5)))
    assert np.isnan(only_terminals.mean_availability(FlowKind.PAIR))
    assert only_terminals.to_json_dict()["all"]["pair"]["availability"] is None


def test_a_run_without_flows_has_an_empty_summary(results: xr.Dataset) -> None:
    """Satellites over gateways alone."""
    none = summarise(results.isel(flow=slice(0, 0), tracked=slice(0, 0)))
    assert none.rows() == []
    assert none.to_json_dict()["availability"] is None


def test_many_flows_become_quantiles_and_the_worst() -> None:
    """One screen, however many terminals: aggregates first, then the flows that fail most."""
    found = summarise(many_flows(100, 30))
    rows = found.rows(limit=20)
    assert rows[0]["from"] == "72 × terminal to PoP"
    assert [row["to"] for row in rows[:2]] == ["median", "worst 5 %"]
    assert rows[2]["from"] == "lerwick"
    assert len(rows) == 10
    assert float(rows[0]["available"].split()[0]) >= float(rows[1]["available"].split()[0])
    assert float(rows[0]["light (ms)"]) <= float(rows[1]["light (ms)"])


def test_a_few_flows_of_a_kind_stay_rows_beside_many_of_the_other() -> None:
    """Only the kind with many flows is put together."""
    wide = many_flows(60, 10)
    few_pairs = wide.isel(flow=np.flatnonzero((wide["flow_kind"].values == 0) | (np.arange(60) < 14)))
    rows = summarise(few_pairs).rows(limit=20)
    assert [row["to"] for row in rows[-4:]] == ["wellington", "quito", "wellington", "quito"]


def test_it_shows_itself_in_one_line(summary: Summary) -> None:
    """For the prompt."""
    assert repr(summary) == "<Summary 'tiny': 7 flows, 24 steps>"
    assert len(summary) == 7


def test_numbers_are_written_as_people_read_them() -> None:
    """A share is 100 % only if it is all of it."""
    assert milliseconds(float("nan")) == "–"
    assert percent(float("nan")) == "–"
    assert percent(0.999999) == "99.99 %"
    assert percent(0.0) == "0 %"
    assert reason_phrase(99) == "reason 99"


def test_latency_adds_what_radio_and_machines_do(summary: Summary) -> None:
    """To the light of a terminal's way to its PoP; of flows between sites there is no measurement."""
    to_pop, between = summary.flows_of(FlowKind.TERMINAL_TO_POP), summary.flows_of(FlowKind.PAIR)
    reached = to_pop[np.isfinite(summary.rtt_median_s[to_pop])]
    added_s = summary.latency_median_s[reached] - summary.rtt_median_s[reached]
    assert len(reached)
    assert ((added_s > 0.01) & (added_s < 0.05)).all()
    assert (summary.latency_p95_s[reached] > summary.latency_median_s[reached]).all()
    assert np.isnan(summary.latency_median_s[between]).all()
    assert summary.usual_latency_s(FlowKind.TERMINAL_TO_POP) == np.median(summary.latency_median_s[reached])
    assert np.isnan(summary.usual_latency_s(FlowKind.PAIR))
