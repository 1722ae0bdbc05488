"""The report: whole in one file, nothing from outside, readable without pictures."""

import re
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from skycommons.studies.report import _lead, model_notes, render_report, write_report
from skycommons.studies.summary import summarise
from tests.support.results import many_flows, small_results

VOID = {"meta", "img", "source", "br", "link", "input"}


class Page(HTMLParser):
    """Elements with their attributes; notes what is closed out of turn."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.crossed: list[str] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.crossed.append(tag)

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        """Attributes of every element of one name."""
        return [attrs for name, attrs in self.elements if name == tag]


@pytest.fixture(scope="module")
def results() -> xr.Dataset:
    """The small results."""
    return small_results()


@pytest.fixture(scope="module")
def text(results: xr.Dataset) -> str:
    """Their report."""
    return render_report(results, summarise(results))


@pytest.fixture(scope="module")
def page(text: str) -> Page:
    """The same, taken apart."""
    parser = Page()
    parser.feed(text)
    return parser


def test_every_element_is_closed_in_turn(page: Page) -> None:
    """Well formed, pictures included."""
    assert page.crossed == []
    assert page.open == []


def test_nothing_is_asked_from_anywhere(text: str, page: Page) -> None:
    """No address but data; no script; and a policy that would refuse both."""
    policy = next(meta for meta in page.all("meta") if meta.get("http-equiv") == "Content-Security-Policy")
    assert policy["content"] is not None
    assert policy["content"].startswith("default-src 'none'; img-src data:;")
    for name in ("src", "srcset", "href", "xlink:href", "action", "data"):
        for _, attrs in page.elements:
            address = attrs.get(name)
            assert address is None or address.startswith(("data:image/png;base64,", "#"))
    assert page.all("script") == page.all("link") == page.all("iframe") == []
    assert "@import" not in text
    assert re.findall(r"url\((?!#)", text) == []


def test_it_is_one_small_file(text: str) -> None:
    """Under three megabytes."""
    assert len(text.encode()) < 3_000_000


def test_pictures_are_said_in_words(page: Page) -> None:
    """Every image and drawing has an alternative, every figure a caption."""
    assert all(image["alt"] and len(image["alt"]) > 20 for image in page.all("img"))
    assert all(svg["role"] == "img" and svg["aria-label"] for svg in page.all("svg"))
    assert len(page.all("figure")) == len(page.all("figcaption")) == 7


def test_headings_and_tables_can_be_walked_through(page: Page) -> None:
    """One title, no level left out, every heading cell has its scope, scrolling parts take the focus."""
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch(r"h[1-6]", tag)]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert all(cell.get("scope") in {"col", "row"} for cell in page.all("th"))
    scrolling = [part for part in page.all("div") if part.get("class") == "scroll"]
    assert scrolling
    assert all(part["tabindex"] == "0" and part["aria-labelledby"] for part in scrolling)


def test_ids_are_unique_and_labels_exist(page: Page) -> None:
    """Also across the drawings."""
    ids = [attrs["id"] for _, attrs in page.elements if attrs.get("id")]
    assert len(ids) == len(set(ids))
    assert {attrs["aria-labelledby"] for _, attrs in page.elements if attrs.get("aria-labelledby")} <= set(ids)


def test_it_says_what_was_found_how_and_what_is_left_out(page: Page) -> None:
    """Headline numbers, the path as a table, the model's notes, its limits."""
    words = " ".join("".join(page.words).split())
    assert "576 satellites, 4 gateways, 4 PoPs and 5 terminals, 24 minutes from 2026-05-21, 00:00:00 UTC" in words
    assert "is light's typical round trip from a terminal to its PoP" in words
    assert "2 flows failed at times" in words
    assert "zurich to wellington at 2026-05-21T00:00:00Z: 153.4 ms there and back" in words
    assert "Circular orbits." in words
    assert "Traffic: the network is empty" in words
    assert re.search(r"near-polar ?96", words)


def test_text_from_a_scenario_is_text(results: xr.Dataset) -> None:
    """Markup in titles and names is shown, not obeyed; in charts too."""
    evil = "<script>alert('&')</script>"
    sites = results["site"].values.copy()
    sites[0] = evil
    named = results.assign_coords(site=sites).assign_attrs(title=evil, model_notes=f'["{evil}"]')
    parser = Page()
    parser.feed(render_report(named, summarise(named)))
    assert parser.all("script") == []
    assert parser.crossed == []
    assert evil in "".join(parser.words)


def test_a_network_without_a_single_path_still_has_a_report(results: xr.Dataset) -> None:
    """No headline round trip, no path table."""
    gone = results.assign(
        rtt_s=results["rtt_s"] * np.nan,
        reason=xr.full_like(results["reason"], 1),
        path_satellite=xr.full_like(results["path_satellite"], -1),
    )
    text = render_report(gone, summarise(gone))
    assert "One path, place by place" not in text
    assert "is the typical round trip" not in text
    assert "no satellite in view" in text


def test_a_network_that_never_fails_says_so(results: xr.Dataset) -> None:
    """And a path to a PoP names its gateway; a satellite whose place is unknown says that."""
    position_m = results["sample_position_itrf_m"].copy()
    entry = int(results["entry_satellite"].values[0, 0])
    position_m[:, entry] = np.nan
    path = results["path_satellite"].copy()
    path[:, 0] = -1
    path[:, 0, 0] = entry
    good = results.assign(
        path_satellite=path, tracked_flow=("tracked", np.array([0, 6], np.int32)), sample_position_itrf_m=position_m
    ).isel(flow=[0, 1, 2, 5, 6, 6, 6])
    text = render_report(good, summarise(good))
    assert "nothing was ever unreachable" in text
    assert re.search(r">gateway</td><th scope=\"row\">gateway-main</th>", text)
    assert ">unknown</td>" in text


def test_a_run_without_flows_still_has_a_report(results: xr.Dataset) -> None:
    """It says that nothing was routed."""
    none = results.isel(flow=slice(0, 0), tracked=slice(0, 0))
    text = render_report(none, summarise(none))
    assert "Nothing was routed." in text
    assert "There are no flows" in text


def test_many_flows_become_a_short_table(tmp_path: Path) -> None:
    """With a word that says so."""
    wide = many_flows(300, 12)
    write_report(wide, tmp_path / "report.html")
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "300 flows: medians" in text
    assert text.count('<th scope="row">') < 60


@pytest.mark.parametrize(("duration_s", "words"), [(20.0, "20 seconds from"), (5400.0, "1.5 hours from")])
def test_lengths_of_time_are_written_in_words(results: xr.Dataset, duration_s: float, words: str) -> None:
    """From seconds to days."""
    assert words in _lead(results.assign_attrs(duration_s=duration_s), summarise(results))


@pytest.mark.parametrize(
    ("written", "read"),
    [('["a", "b"]', ["a", "b"]), ("plain words", ["plain words"]), ('"one"', ["one"]), ("", []), ("[]", [])],
)
def test_notes_of_any_form_are_shown(results: xr.Dataset, written: str, read: list[str]) -> None:
    """A JSON list as it should be, or whatever is there."""
    assert model_notes(results.assign_attrs(model_notes=written)) == read
