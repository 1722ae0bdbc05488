"""Service in numbers: shares of cells, subscribers and demand, by reason, territory and terminal."""

import json

import numpy as np
import pytest
import xarray as xr

from skycommons.plan.requests import Unserved
from skycommons.studies.service_summary import (
    ServiceSummary,
    gigabits,
    main_reasons,
    summarise_service,
)
from tests.support.service import CLOSED, with_service


@pytest.fixture(scope="module")
def dataset() -> xr.Dataset:
    """Twelve cells: four closed, one without a beam, one served half of the time, six always."""
    return with_service()


@pytest.fixture(scope="module")
def summary(dataset: xr.Dataset) -> ServiceSummary:
    """Its numbers."""
    return summarise_service(dataset)


def test_shares_are_of_cells_and_slots(summary: ServiceSummary, dataset: xr.Dataset) -> None:
    """Six and a half of twelve cells; subscribers count by where they are."""
    assert summary.everywhere.cells == 12
    assert summary.everywhere.served_share == pytest.approx(6.5 / 12)
    subscribers = dataset["cell_subscribers"].values
    share = (subscribers[6:].sum() + 0.5 * subscribers[5]) / subscribers.sum()
    assert summary.everywhere.subscriber_share == pytest.approx(share)
    assert summary.everywhere.demand_share == pytest.approx(6.5 / 12)
    assert summary.asked_bps.tolist() == [24e9, 2.4e9]


def test_each_cell_without_service_counts_once(summary: ServiceSummary) -> None:
    """The most frequent reason comes first; being served is none."""
    assert summary.reason_cells[Unserved.TERRITORY_INACTIVE] == CLOSED
    assert summary.reason_cells[Unserved.NO_SATELLITE] == 0.5
    assert summary.reason_cells.sum() == pytest.approx(12.0)
    rows = summary.reason_rows()
    assert [row["why not"] for row in rows] == [
        "its territory is not active",
        "no beam is free",
        "no satellite above its least elevation",
    ]
    assert rows[0]["of unserved"] == "72.72 %"


def test_territories_are_told_apart(summary: ServiceSummary) -> None:
    """Not one cell of the closed one is served, and its reason is named."""
    closed, others = summary.territories
    assert (closed.name, closed.cells, closed.served_share) == ("closed area", CLOSED, 0.0)
    assert closed.row()["main reason"] == "its territory is not active"
    assert others.served_share == pytest.approx(6.5 / 8)
    assert others.row()["main reason"] == "no beam is free"


def test_terminals_have_handovers_and_reasons(summary: ServiceSummary) -> None:
    """A change counts between two slots in both of which somebody serves."""
    zurich, nairobi, *_, lerwick = summary.terminals
    assert zurich.name == "zurich"
    assert zurich.served_share == 1.0
    assert zurich.handovers_per_hour == pytest.approx(6 / 19 * 240)
    assert nairobi.served_share == pytest.approx(17 / 20)
    assert nairobi.main_reason == Unserved.RAIN
    assert np.isnan(lerwick.handovers_per_hour)
    assert (lerwick.outage_s_per_hour, nairobi.outage_s_per_hour > 540.0) == (3600.0, True)
    assert zurich.gateway_changes_per_hour == zurich.pop_changes_per_hour / 2 == pytest.approx(1 / 19 * 240)
    assert zurich.expected_loss_share > nairobi.expected_loss_share, "one flies over lasers, the other does not"


def test_what_is_between_slots_that_were_left_out_is_not_told(dataset: xr.Dataset) -> None:
    """Steps of a minute: every fourth slot is planned, and the run counted no cell as held."""
    sparse = dataset.isel(slot=slice(None, None, 4)).assign(
        cell_held=("cell", np.zeros(12, np.int64)), cell_changes=("cell", np.zeros(12, np.int64))
    )
    summary = summarise_service(sparse)
    told = dict(summary.rows())
    assert (told["handovers per hour of a cell"], told["satellite kept from slot to slot"]) == ("–", "–")
    answer = summary.to_json_dict()
    assert (answer["handovers_per_hour"], answer["kept_share"]) == (None, None)
    for terminal in answer["terminals"]:
        assert {value for key, value in terminal.items() if key.endswith(("_per_hour", "loss_share"))} == {None}
    assert summary.terminals[1].row()["outage (s/h)"] == "–"


def test_the_answer_for_programs_is_plain_json(summary: ServiceSummary) -> None:
    """SI units, words beside codes, null for what does not exist."""
    told = json.loads(json.dumps(summary.to_json_dict(), allow_nan=False))
    assert told["policy"] == "observed"
    assert told["laser_share"] == 0.25
    assert told["slots"] == 20
    assert told["reasons"]["territory_inactive"] == {"words": "its territory is not active", "cells": 4.0}
    assert told["territories"][0]["served_share"] == 0.0
    assert told["terminals"][-1]["handovers_per_hour"] is None
    assert told["terminals"][1]["pop_changes_per_hour"] == pytest.approx(1 / 15 * 240)
    assert told["boundaries"]["is_measured_here"] is False
    assert told["satellites_used"] == 40
    assert told["requests_per_satellite"]["most"] == 12


def test_people_read_a_list(summary: ServiceSummary) -> None:
    """A word and its number."""
    told = dict(summary.rows())
    assert told["cells served"] == "54.16 %"
    assert told["satellites that ever served"] == "40 of 576"
    assert told["handovers per hour of a cell"] == "189"
    assert told["served over lasers"] == "25 %"


def test_one_slot_has_no_handovers(dataset: xr.Dataset) -> None:
    """And a network that serves nobody has no load."""
    one = dataset.isel(slot=[0])
    idle = one.assign(
        cell_held=("cell", np.zeros(12, np.int64)),
        satellite_requests=("satellite", np.zeros(dataset.sizes["satellite"])),
    )
    summary = summarise_service(idle)
    assert dict(summary.rows())["handovers per hour of a cell"] == "–"
    assert summary.load_quantiles.tolist() == [0.0, 0.0, 0.0]
    assert dict(summary.rows())["requests of such a satellite"] == "–"
    assert np.isnan(summary.kept_share)


def test_only_what_asks_counts(dataset: xr.Dataset) -> None:
    """Cells without demand are no cells of a territory; a territory without any is left out."""
    quiet = dataset.copy(deep=True)
    quiet["cell_demand_bps"].values[:, :CLOSED] = 0.0
    summary = summarise_service(quiet)
    assert summary.everywhere.cells == 8
    assert [area.name for area in summary.territories] == ["open area"]


def test_a_cell_that_is_always_served_has_no_reason() -> None:
    """Whatever stands most often against the others is theirs."""
    counts = np.zeros((len(Unserved), 3), dtype=np.int32)
    counts[0] = [5, 2, 0]
    counts[Unserved.RAIN] = [0, 2, 1]
    counts[Unserved.NO_BEAM] = [0, 1, 4]
    assert main_reasons(counts).tolist() == [0, Unserved.RAIN, Unserved.NO_BEAM]


def test_rates_of_networks() -> None:
    """No digit too many."""
    assert gigabits(2.5e9) == "2.5 Gbit/s"
    assert gigabits(1e12) == "1,000 Gbit/s"
