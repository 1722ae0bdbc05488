"""Charts of service: reasons, load and handovers."""

import numpy as np
import pytest
import xarray as xr
from matplotlib.patches import Rectangle

from skycommons.studies.drawing import DARK
from skycommons.studies.figures_service import handover_timeline, reasons_chart, satellite_load
from skycommons.studies.service_summary import ServiceSummary, summarise_service
from tests.support.service import with_service


@pytest.fixture(scope="module")
def dataset() -> xr.Dataset:
    """Twelve cells and five terminals."""
    return with_service()


@pytest.fixture(scope="module")
def summary(dataset: xr.Dataset) -> ServiceSummary:
    """Its numbers."""
    return summarise_service(dataset)


def test_reasons_are_bars_the_longest_on_top(summary: ServiceSummary) -> None:
    """With their numbers, and in words."""
    drawing = reasons_chart(summary, theme=DARK)
    bars = [bar.get_width() for bar in drawing.figure.axes[0].patches if isinstance(bar, Rectangle)]
    assert bars == [0.5, 1.0, 4.0]
    assert "its territory is not active: 4 cells; no beam is free: 1 cells" in drawing.alt
    assert drawing.svg()


def test_where_all_are_served_there_is_no_bar(dataset: xr.Dataset) -> None:
    """And the title says so."""
    counts = np.zeros_like(dataset["cell_reason_slots"].values)
    counts[0] = 20
    served = dataset.assign(cell_reason_slots=(("unserved", "cell"), counts))
    drawing = reasons_chart(summarise_service(served))
    assert "No cell that asks for service goes without it" in drawing.alt
    assert drawing.figure.axes[0].get_yticks().tolist() == []


def test_load_counts_satellites_that_serve(dataset: xr.Dataset, summary: ServiceSummary) -> None:
    """Others are left out."""
    drawing = satellite_load(dataset, summary)
    bars = [bar.get_height() for bar in drawing.figure.axes[0].patches if isinstance(bar, Rectangle)]
    assert sum(bars) == 40
    assert "40 of 576 satellites ever served" in drawing.alt
    idle = dataset.assign(satellite_requests=("satellite", np.zeros(dataset.sizes["satellite"])))
    assert "0 of 576" in satellite_load(idle, summarise_service(idle)).alt


def test_a_timeline_has_a_bar_for_each_stretch(dataset: xr.Dataset, summary: ServiceSummary) -> None:
    """Dark ones are named in the legend."""
    drawing = handover_timeline(dataset, summary)
    axes = drawing.figure.axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == [
        "zurich",
        "nairobi",
        "wellington",
        "quito",
        "lerwick",
    ]
    (legend,) = drawing.figure.legends
    assert [text.get_text() for text in legend.get_texts()] == [
        "dark: no link closes in the rain",
        "dark: its territory is not active",
    ]
    named = {text.get_text() for text in axes.texts}
    assert "mid-inclination-p00-s00" in named
    assert "nairobi: served 85% of the slots." in drawing.alt


def test_a_long_timeline_names_no_satellites(dataset: xr.Dataset) -> None:
    """There is no room for them."""
    long = dataset.isel(slot=np.arange(60) % 20).assign_coords(
        slot_time=("slot", dataset["slot_time"].values[0] + np.arange(60) * np.timedelta64(15, "s"))
    )
    assert not handover_timeline(long, summarise_service(long)).figure.axes[0].texts


def test_one_slot_and_no_terminal_are_drawn_too(dataset: xr.Dataset) -> None:
    """With words for each."""
    one = dataset.isel(slot=[0])
    assert "handovers cannot be counted" in handover_timeline(one, summarise_service(one)).alt.lower()
    nobody = dataset.isel(site=slice(5, None))
    drawing = handover_timeline(nobody, summarise_service(nobody))
    assert "names no terminal" in drawing.alt
    assert not drawing.figure.legends
