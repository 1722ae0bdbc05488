"""Maps of cells: the frame that suits them, one colour to a cell, and words for those who do not see them."""

from collections.abc import Callable

import numpy as np
import pytest
import xarray as xr
from matplotlib.collections import PathCollection, PolyCollection

from skycommons.plan.requests import Unserved
from skycommons.studies import figures_cells
from skycommons.studies.drawing import DARK, LIGHT, Drawing
from skycommons.studies.figures_cells import coverage_map, load_map, reason_colour, reasons_map
from skycommons.studies.service_summary import ServiceSummary, summarise_service
from tests.support.service import with_service

Draw = Callable[..., Drawing]


@pytest.fixture(scope="module")
def dataset() -> xr.Dataset:
    """Twelve cells from Spain to the Baltic."""
    return with_service()


@pytest.fixture(scope="module")
def summary(dataset: xr.Dataset) -> ServiceSummary:
    """Its numbers."""
    return summarise_service(dataset)


@pytest.mark.parametrize("draw", [coverage_map, load_map, reasons_map])
def test_each_cell_is_drawn_as_it_is(draw: Draw, dataset: xr.Dataset, summary: ServiceSummary) -> None:
    """In light and in dark."""
    for theme in (LIGHT, DARK):
        drawing = draw(dataset, summary, theme=theme)
        (cells,) = [one for one in drawing.figure.axes[0].collections if isinstance(one, PolyCollection)]
        assert len(cells.get_paths()) == 12
        assert drawing.png(dpi=40)


def test_maps_say_what_was_found(dataset: xr.Dataset, summary: ServiceSummary) -> None:
    """In their words too."""
    assert "54.16 % of 12 cells and slots are served" in coverage_map(dataset, summary).alt
    assert "54.16 % of the demand is served; 50 % of the cells get all they ask for" in load_map(dataset, summary).alt
    assert "its territory is not active (72.72 % of unserved cells)" in reasons_map(dataset, summary).alt


def test_the_legend_counts_the_cells_of_each_reason(dataset: xr.Dataset, summary: ServiceSummary) -> None:
    """What is always served comes first, what somebody decided last."""
    (legend,) = reasons_map(dataset, summary).figure.legends
    assert [text.get_text() for text in legend.get_texts()] == [
        "always served (6)",
        "no satellite above its least elevation (1)",
        "no beam is free (1)",
        "its territory is not active (4)",
    ]


def test_cells_around_the_world_are_dots_on_its_map(dataset: xr.Dataset, summary: ServiceSummary) -> None:
    """One dot to a cell."""
    wide = dataset.assign(cell_longitude_rad=("cell", np.radians(np.linspace(-170.0, 170.0, 12))))
    axes = coverage_map(wide, summary).figure.axes[0]
    (dots,) = [one for one in axes.collections if isinstance(one, PathCollection)]
    assert np.asarray(dots.get_offsets()).shape == (12, 2)
    assert not axes.axison


def test_many_cells_of_a_region_are_dots_of_its_map(
    dataset: xr.Dataset, summary: ServiceSummary, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On both sides of the antimeridian without a gap."""
    monkeypatch.setattr(figures_cells, "_DRAWN_AS_THEY_ARE", 5)
    longitude_deg = np.linspace(176.0, 187.0, 12)
    near = dataset.assign(cell_longitude_rad=("cell", np.radians((longitude_deg + 180.0) % 360.0 - 180.0)))
    axes = coverage_map(near, summary).figure.axes[0]
    (dots,) = [one for one in axes.collections if isinstance(one, PathCollection)]
    assert np.ptp(np.asarray(dots.get_offsets())[:, 0]) == pytest.approx(11.0)
    assert axes.axison


def test_no_cell_makes_an_empty_map(dataset: xr.Dataset) -> None:
    """Of the whole world."""
    nobody = dataset.assign(cell_demand_bps=(("direction", "cell"), np.zeros((2, 12))))
    summary = summarise_service(nobody)
    for draw in (coverage_map, load_map, reasons_map):
        assert draw(nobody, summary).png(dpi=40)
    assert "Every cell that asks for service has it" in reasons_map(nobody, summary).alt


def test_every_reason_has_a_colour_of_its_own() -> None:
    """In both themes."""
    for theme in (LIGHT, DARK):
        assert len({str(reason_colour(theme, reason)) for reason in Unserved}) == len(Unserved)
