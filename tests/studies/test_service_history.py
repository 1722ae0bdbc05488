"""How terminals fare from slot to slot, whatever the size of the blocks in which a store is read."""

import numpy as np
import pytest
import xarray as xr

from skycommons.plan.handovers import HandoverKind, handovers, outages
from skycommons.plan.requests import Unserved
from skycommons.studies.service_history import (
    VALUES_AT_ONCE,
    address_spans,
    handover_events,
    history_blocks,
    outage_spans,
    terminal_sites,
    terminal_sums,
)
from skycommons.studies.store import time_ns
from tests.support.service import SLOTS, with_service

IN_PARTS = 1  # blocks of eight slots, so that nairobi's dark span lies in two of them


@pytest.fixture(scope="module")
def dataset() -> xr.Dataset:
    """Twenty slots of five terminals, one of which is dark in slots 6, 7 and 8, and one always."""
    return with_service()


def test_blocks_overlap_by_a_slot(dataset: xr.Dataset) -> None:
    """And hold every slot once but for that."""
    blocks = list(history_blocks(dataset, values_at_once=IN_PARTS))
    assert [(len(block.history), block.fresh) for block in blocks] == [(8, 0), (9, 1), (5, 1)]
    begins = np.concatenate([block.fresh_history().time_ns for block in blocks])
    np.testing.assert_array_equal(begins, time_ns(dataset["slot_time"]))
    assert blocks[1].history.time_ns[0] == blocks[0].history.time_ns[-1]
    assert blocks[0].crosses_lasers.any(axis=0).tolist() == [True, False, False, False, False]


@pytest.mark.parametrize("values_at_once", [IN_PARTS, VALUES_AT_ONCE])
def test_events_are_those_of_the_whole_history(dataset: xr.Dataset, values_at_once: int) -> None:
    """Read at once or in parts."""
    (whole,) = history_blocks(dataset)
    found = handovers(whole.history)
    events = list(handover_events(dataset, values_at_once=values_at_once))
    assert [event.kind for event in events] == found.kind.tolist()
    assert [event.time_ns for event in events] == whole.history.time_ns[found.step].tolist()
    spans = list(outage_spans(dataset, values_at_once=values_at_once))
    dark = outages(whole.history)
    expected = zip(dark.who, dark.begin_ns, dark.end_ns, dark.reason, strict=True)
    assert sorted((one.who, one.begin_ns, one.end_ns, one.reason) for one in spans) == sorted(expected)
    assert [span.end_ns for span in spans] == sorted(span.end_ns for span in spans)


@pytest.mark.parametrize("values_at_once", [IN_PARTS, VALUES_AT_ONCE])
def test_sums_do_not_depend_on_blocks(dataset: xr.Dataset, values_at_once: int) -> None:
    """Handovers by kind, boundaries, reasons and what is to be expected."""
    sums = terminal_sums(dataset, values_at_once=values_at_once)
    assert sums.changes[HandoverKind.SATELLITE].tolist() == [6, 4, 6, 6, 0]
    assert sums.pairs.tolist() == [19, 15, 19, 19, 0]
    assert sums.reason_slots[Unserved.RAIN].tolist() == [0, 3, 0, 0, 0]
    assert sums.is_whole
    assert sums.served_share.tolist() == [1.0, 0.85, 1.0, 1.0, 0.0]
    assert sums.outage_s_per_hour[4] == 3600.0
    assert np.isnan(sums.expected_loss_share).tolist() == [False] * 4 + [True]
    assert sums.expected_loss_share[0] > 5 * sums.expected_loss_share[2]


def test_a_span_ends_where_slots_are_left_out(dataset: xr.Dataset) -> None:
    """Also where the gap lies between two blocks; nothing that lies across a gap is counted."""
    sparse = dataset.isel(slot=slice(None, None, 2))
    spans = [span for span in outage_spans(sparse, values_at_once=IN_PARTS) if span.who == 4]
    assert [span.end_ns - span.begin_ns for span in spans] == [15 * 10**9] * (SLOTS // 2)
    assert list(handover_events(sparse)) == []
    sums = terminal_sums(sparse)
    assert not sums.is_whole
    assert np.isnan(sums.outage_s_per_hour).all()
    assert np.isnan(sums.handovers_per_hour).all()


@pytest.mark.parametrize("values_at_once", [IN_PARTS, VALUES_AT_ONCE])
def test_an_address_stays_until_the_pop_changes(dataset: xr.Dataset, values_at_once: int) -> None:
    """Through a dark span too; one that is never served has none."""
    spans = list(address_spans(dataset, values_at_once=values_at_once))
    begins = time_ns(dataset["slot_time"])
    nairobi = [span for span in spans if span.terminal == "nairobi"]
    assert [(span.since_ns, span.pop) for span in nairobi] == [
        (begins[0], "frankfurt-pop"),
        (begins[9], "nairobi-pop"),
        (begins[16], "frankfurt-pop"),
    ]
    assert nairobi[0].ipv4 == nairobi[2].ipv4
    assert nairobi[0].ipv4 != nairobi[1].ipv4
    assert len({span.ipv4 for span in spans if span.pop == "nairobi-pop"}) == 4
    assert spans[-1].terminal == "lerwick"
    assert spans[-1].since_ns is None
    assert [span.since_ns for span in spans[:-1]] == sorted(span.since_ns or 0 for span in spans[:-1])


def test_a_run_without_terminals_has_no_history(dataset: xr.Dataset) -> None:
    """Nothing happens to nobody."""
    nobody = dataset.isel(site=slice(5, None))
    assert len(terminal_sites(nobody)) == 0
    assert not [*handover_events(nobody), *outage_spans(nobody), *address_spans(nobody)]
    assert terminal_sums(nobody).handovers_per_hour.shape == (4, 0)
