"""Why the slowest terminal is slow, in words and numbers."""

import json
from typing import Any

import pytest

from skycommons.studies.slowest_table import slowest_sentences, slowest_table
from tests.support.results import small_results

FOUND: dict[str, Any] = {
    "terminal": "manaus",
    "satellite": "s53-p01-02",
    "time": "2026-05-21T12:00:00Z",
    "elevation_rad": 0.5,
    "exceedance": 0.0012,
    "mean_rate_down_bps": 500e6,
    "rate_down_bps": 123e6,
    "limit": 1,
    "columns": ["overhead, clear sky", "where it stood, clear sky", "as it was"],
    "rates_bps": [850e6, 544e6, 123e6],
    "lines": [
        {"part": "geometry", "name": "range", "unit": "m", "values": [550e3, 1_100e3, 1_100e3], "source": "WGS 84"},
        {"part": "place", "name": "height", "unit": "m", "values": [92.0, 92.0, 92.0], "source": "the scenario"},
        {"part": "geometry", "name": "elevation", "unit": "rad", "values": [1.5708, 0.5, 0.5], "source": "WGS 84"},
        {"part": "way", "name": "rain", "unit": "dB", "values": [None, None, -6.25], "source": "P.618"},
        {"part": "rate", "name": "modulation", "unit": "", "values": ["a", "b", "c"], "source": "DVB-S2X"},
    ],
}


def test_the_words_lead_from_the_best_case_to_the_worst() -> None:
    """Overhead, as it stood, as it was, and how rare such weather is."""
    least, why = slowest_sentences(FOUND)
    assert least.startswith("manaus gets least of all terminals that ever had a path: 500 Mbit/s on average, and 123 Mbit/s at 2026-05-21")
    assert [why.index(part) for part in ("850 Mbit/s", "29°", "544 Mbit/s", "0.12 %", "123 Mbit/s")] == sorted(
        why.index(part) for part in ("850 Mbit/s", "29°", "544 Mbit/s", "0.12 %", "123 Mbit/s")
    )


def test_another_limit_than_the_own_link_is_named() -> None:
    """A laser, say."""
    assert slowest_sentences({**FOUND, "limit": 3})[-1] == "What held the path down at that moment was a laser."
    assert "the sky was clear" in slowest_sentences({**FOUND, "exceedance": None})[1]


def test_the_table_is_in_the_units_that_people_read() -> None:
    """Degrees, kilometres where they are many, and a dash where a column has no such line."""
    table = slowest_table(small_results().assign_attrs(slowest=json.dumps(FOUND)))
    shown = {row["name"]: (row["cells"], row["unit"]) for row in table["rows"]}
    assert shown["range"] == (["550.00", "1,100", "1,100"], "km")
    assert shown["height"] == (["92.00", "92.00", "92.00"], "m")
    assert shown["elevation"][1] == "°"
    assert shown["rain"] == (["–", "–", "-6.25"], "dB")
    assert shown["modulation"][0] == ["a", "b", "c"]


@pytest.mark.parametrize("attribute", ["{}"])
def test_without_a_path_there_is_no_table(attribute: str) -> None:
    """And the report leaves the section out."""
    assert slowest_table(small_results().assign_attrs(slowest=attribute)) == {"rows": []}
