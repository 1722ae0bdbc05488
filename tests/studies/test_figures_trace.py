"""A trace as a picture."""

from pathlib import Path

import numpy as np

from skycommons.emulation.trace import Trace
from skycommons.emulation.trace_statistics import summarise_trace
from skycommons.studies.figures_trace import draw_trace, trace_title
from tests.support.traces import SECOND_NS, side, small_trace


def test_a_picture_has_round_trips_rates_and_losses(tmp_path: Path) -> None:
    """Gaps are shaded in each panel, handovers are lines in the first."""
    drawing = draw_trace(small_trace())
    first, second, third = drawing.figure.axes
    assert first.get_ylabel() == "round trip (ms)"
    assert second.get_ylabel() == "rate (Mbit/s)"
    assert third.get_ylabel() == "loss (%)"
    assert [line.get_xdata()[0] for line in first.get_lines()] == [15.0]  # type: ignore[index] # an array
    assert all(len(axes.collections) >= 2 for axes in (first, second, third))
    assert "made by hand" in drawing.caption
    drawing.save(tmp_path / "x.png")
    assert (tmp_path / "x.png").read_bytes().startswith(b"\x89PNG")


def test_without_limits_there_is_no_panel_of_rates() -> None:
    """Nor lines of handovers that nobody knows."""
    drawing = draw_trace(small_trace(context=None, up=side(), down=side()))
    assert len(drawing.figure.axes) == 2
    assert "rates" not in drawing.alt
    only_up = draw_trace(small_trace(down=side()))
    assert len(only_up.figure.axes) == 3


def test_a_long_trace_is_drawn_as_ranges_of_even_stretches() -> None:
    """Every value lies in a band."""
    rows = 5_000
    both = side(rows, delay_s=list(0.01 + 0.005 * np.sin(np.arange(rows))))
    trace = Trace(at_ns=np.arange(rows) * SECOND_NS, length_ns=rows * SECOND_NS, up=both, down=both, source="long")
    drawing = draw_trace(trace)
    band = drawing.figure.axes[0].collections[0].get_paths()[0].vertices
    assert np.asarray(band)[:, 1].max() > 29.9
    assert "Bands hold all values" in drawing.caption


def test_the_title_says_what_stands_out() -> None:
    """Typical round trip, gaps, and losses about boundaries if there are more than chance has."""
    assert trace_title(summarise_trace(small_trace())) == (
        "A typical round trip takes 22.0 ms; nothing passes for 33.33% of the time"
    )
    calm = small_trace(up=side(delay_s=0.01), down=side(delay_s=0.01))
    assert trace_title(summarise_trace(calm)) == "A typical round trip takes 20.0 ms"
    at_ns = np.array([0, SECOND_NS, 15 * SECOND_NS])
    spiky = small_trace(at_ns=at_ns, up=side(delay_s=0.01, loss=[0.5, 0.0, 0.0]), down=side(delay_s=0.01))
    assert trace_title(summarise_trace(spiky)).endswith("; 100% of losses lie within 1 s of a slot's boundary")
    assert trace_title(summarise_trace(small_trace(up=side(state=[1, 1, 1])))) == "Nothing passes"
