"""Tests of a preview as a map and as a table."""

from typing import Any

from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection

from skycommons.governance.previews import Preview
from skycommons.model.cells import centres
from skycommons.model.service_map import CellState, ServiceMap
from skycommons.studies.drawing import DARK
from skycommons.studies.preview import PreviewFigures, preview_document
from skycommons.studies.preview_figures import figure, notes, rows, table
from tests.support.previews import ACTIVE, AREA, BINDING, decision_world, suspended


def both(**changes: Any) -> tuple[PreviewFigures, Preview]:
    """Figures and the document made of them."""
    figures = suspended(decision_world(), **changes)
    return figures, preview_document(figures, BINDING)


def labels(axes: Axes) -> set[str]:
    """What the legend explains."""
    legend = axes.get_legend()
    assert legend is not None
    return {text.get_text() for text in legend.get_texts()}


def test_rows_say_what_the_document_holds() -> None:
    """Numbers in words, with the sites that lose by name."""
    _, preview = both()
    found = dict(rows(preview))
    assert found["cells of the decision"] == "19"
    assert found["terminals that lose service"] == f"{preview.terminals.lose:,}"
    assert found["protected sites that lose service"] == "1 of 1"
    assert found["  clinic"] == "hospital, cell 851f8edbfffffff"
    assert found["capacity in the area"] == "0.342 Gbit/s before, 0 Gbit/s after"
    assert found["slots that were planned"].startswith("2026-01-01T00:00:00Z, ")
    assert found["computed by"] == preview.program


def test_the_table_has_its_values_in_one_column() -> None:
    """Under each other, one row to a line."""
    _, preview = both()
    lines = table(preview).splitlines()
    assert len(lines) == len(rows(preview))
    assert len({line.index(value) for line, (_, value) in zip(lines, rows(preview), strict=True)}) == 1


def test_notes_say_how_far_the_network_was_planned_and_whose_people_are_counted() -> None:
    """What the document has no room for."""
    figures, _ = both()
    around, people, rounding = notes(figures)
    assert "42 cells with demand within 3,600 km" in around
    assert "made by hand" in people
    assert "three digits" in rounding


def test_the_map_shows_the_cells_that_change_and_the_protected_sites() -> None:
    """Each planned cell once, the area in view, the words of the title and of the alternative text."""
    figures, preview = both()
    drawing = figure(figures, preview)
    (axes,) = drawing.figure.axes
    shown = sum(len(each.get_paths()) for each in axes.collections if isinstance(each, PolyCollection))
    assert shown == len(figures.planned)
    assert {"in the area, loses service", "protected site, loses service"} <= labels(axes)
    assert "263 of 351 terminals in 19 cells lose service" in drawing.alt
    assert "1 protected sites lose service" in drawing.alt
    latitude, _ = centres(AREA)
    low, high = axes.get_ylim()
    assert low < latitude.min() * 57.3 < latitude.max() * 57.3 < high


def test_the_map_of_an_addition_says_how_many_gain() -> None:
    """In the dark theme as well."""
    dark = ServiceMap.everywhere().over(AREA, state=CellState.INACTIVE)
    figures, preview = both(base=dark, to=ACTIVE, exempt=True)
    drawing = figure(figures, preview, theme=DARK)
    assert "gain service" in drawing.alt
    assert {"in the area, gains service", "protected site, keeps service"} <= labels(drawing.figure.axes[0])
