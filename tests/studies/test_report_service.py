"""The part of the report that tells who was served."""

import json

import numpy as np
import pytest
import xarray as xr

from skycommons.studies.report import render_report
from skycommons.studies.report_service import proof_words, sentences, service_section
from skycommons.studies.service_summary import summarise_service
from skycommons.studies.summary import summarise
from tests.support.results import small_results
from tests.support.service import with_service


@pytest.fixture(scope="module")
def dataset() -> xr.Dataset:
    """Twelve cells, four of them closed."""
    return with_service()


@pytest.fixture(scope="module")
def page(dataset: xr.Dataset) -> str:
    """The whole report."""
    return render_report(dataset, summarise(dataset))


def test_the_page_has_numbers_rules_tables_and_pictures(page: str) -> None:
    """Everything that the summary knows."""
    assert '<h2 id="service">Who is served</h2>' in page
    for name in (
        "service-coverage",
        "service-load",
        "service-reasons",
        "service-why",
        "service-satellites",
        "service-handovers",
    ):
        assert f'<figure id="{name}">' in page
    assert "<dt>cells served</dt><dd>54.16 %</dd>" in page
    assert "<dt>Policy</dt><dd>observed</dd>" in page
    assert "0" * 64 in page
    assert "the beams of a satellite and its channels are not shared out" not in page
    assert "a beam to itself" not in page


def test_a_territory_without_any_service_is_named_with_its_reason(dataset: xr.Dataset, page: str) -> None:
    """In a sentence, above all tables."""
    told = sentences(summarise_service(dataset))
    assert told[1] == "closed area: not one of 4 cells is served, because its territory is not active."
    assert len(told) == 2
    assert told[1] in page


def test_tables_list_reasons_territories_and_terminals(dataset: xr.Dataset) -> None:
    """An empty one is left out."""
    section = service_section(dataset)
    assert section is not None
    assert [table.name for table in section.tables] == [
        "service-reasons-table",
        "service-territories",
        "service-terminals",
    ]
    terminals = section.tables[2].rows
    assert terminals[1] == {
        "terminal": "nairobi",
        "served": "85 %",
        "handovers/h": "64",
        "beam/h": "80",
        "gateway/h": "16",
        "PoP/h": "16",
        "loss expected": "0.08 %",
        "outage (s/h)": "542",
        "why dark": "no link closes in the rain",
    }
    assert [terminals[4][name] for name in ("handovers/h", "PoP/h", "loss expected")] == ["–"] * 3
    assert "measured on other dishes, not in this run: pings" in section.tables[2].caption
    nobody = service_section(dataset.isel(site=slice(5, None), territory=[]))
    assert nobody is not None
    assert [table.name for table in nobody.tables] == ["service-reasons-table"]
    assert "service-handovers" not in [picture.name for picture in nobody.pictures]


def test_pictures_without_anything_in_them_are_left_out(dataset: xr.Dataset) -> None:
    """No reasons where every cell is served, no load where no satellite serves."""
    counts = np.zeros_like(dataset["cell_reason_slots"].values)
    counts[0] = dataset.sizes["slot"]
    idle = dataset.assign(
        cell_reason_slots=(("unserved", "cell"), counts),
        satellite_requests=("satellite", np.zeros(dataset.sizes["satellite"])),
    )
    section = service_section(idle)
    assert section is not None
    assert [picture.name for picture in section.pictures] == [
        "service-coverage",
        "service-load",
        "service-reasons",
        "service-handovers",
    ]


def test_the_flow_table_of_such_a_run_leaves_out_what_tells_nothing(dataset: xr.Dataset) -> None:
    """What a terminal is given under a clear sky is what it is given; other runs keep the column."""
    (scheduled, *_), (plain, *_) = summarise(dataset).rows(), summarise(small_results(steps=4)).rows()
    assert [name for name in plain if name not in scheduled] == ["clear sky"]
    assert [name for name in scheduled if name not in plain] == []


def test_a_run_without_the_scheduler_has_no_such_section() -> None:
    """And says that beams are not shared out."""
    plain = small_results(steps=4)
    assert service_section(plain) is None
    page = render_report(plain, summarise(plain))
    assert "Who is served" not in page
    assert "the beams of a satellite and its channels are not shared out" in page


def test_a_run_that_obeyed_a_verified_map_says_by_what(dataset: xr.Dataset) -> None:
    """Log, witnesses, decisions in force and when each ends."""
    enforced = {
        "origin": "log.example",
        "log_size": 1200,
        "witnesses": [{"name": "w1", "at": ""}, {"name": "w2", "at": ""}],
        "is_last_good": False,
        "layers": [{"decision": "ab" * 32, "title": "a storm"}],
    }
    layer = {
        "decision": "ab" * 32,
        "kind": "territory",
        "state": "active",
        "service_class": "priority",
        "cells": 1200,
        "sites": [],
        "groups": [],
        "ends": None,
    }
    told = {**json.loads(dataset.attrs["service"]), "enforced": enforced, "decisions": [layer]}
    section = service_section(dataset.assign_attrs(service=json.dumps(told)))
    assert section is not None
    rules = dict(section.rules)
    assert rules["Service map, verified by"] == "a log of 1,200 entries (log.example), witnessed by w1, w2"
    assert section.tables[0].name == "service-decisions"
    assert section.tables[0].rows == [
        {
            "decision": "ab" * 8,
            "title": "a storm",
            "of": "territory",
            "state": "active",
            "class": "priority",
            "cells": "1,200",
            "ends": "never",
        }
    ]
    assert proof_words({**enforced, "is_last_good": True}).startswith("the last good map, because the one")
