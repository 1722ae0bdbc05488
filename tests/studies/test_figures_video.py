"""Pictures of live video."""

import dataclasses

import numpy as np
import pytest

from skycommons.emulation.live_record import Event
from skycommons.emulation.video_result import VideoResult
from skycommons.studies.drawing import DARK
from skycommons.studies.figures_video import video_over_time, video_title
from tests.support.video_results import GAP, PICTURE_NS, PICTURES, stream_of, two_streams


def one_stream(**changes: object) -> VideoResult:
    """The first of the two alone."""
    result = two_streams()
    return dataclasses.replace(result, streams=result.streams[:1], together=None, **changes)  # type: ignore[arg-type]


def test_the_title_says_how_each_viewer_fared_and_whoever_has_both() -> None:
    """Ages, stalls, and what is left of them."""
    title = video_title(two_streams())
    assert title.startswith(
        "north: 511 ms from glass to glass, 2.0 s stalled; south: 571 ms from glass to glass, no stall"
    )
    assert title.endswith("with both, no stall is left")


def test_a_single_stream_says_what_arrived_of_it() -> None:
    """In the place of a comparison."""
    assert video_title(one_stream()).endswith("80.0 % of its pictures arrived")


def test_stalls_that_are_left_are_told() -> None:
    """Both were interrupted at once."""
    result = two_streams()
    broken = dataclasses.replace(result, together=result.streams[0].viewing)
    assert video_title(broken).endswith("with both, 2.0 s of stalls are left")
    assert "with all" in video_title(dataclasses.replace(broken, streams=(*result.streams, result.streams[1])))


def test_damage_is_told() -> None:
    """If there is much of it."""
    result = one_stream()
    damaged = stream_of("north", range(PICTURES), damaged=range(50))
    assert "20 % of what was seen damaged" in video_title(dataclasses.replace(result, streams=(damaged,)))


def test_each_stream_has_its_line_broken_where_nothing_came() -> None:
    """And both are in the legend; time is emulated time, at double speed here."""
    figure = video_over_time(two_streams()).figure
    ages, rates, lanes, _ = figure.axes
    north, south = ages.get_lines()
    assert np.isnan(np.asarray(north.get_ydata(), dtype=np.float64)).sum() == 1
    assert not np.isnan(np.asarray(south.get_ydata(), dtype=np.float64)).any()
    assert [label.get_text() for label in lanes.get_yticklabels()] == ["north", "south", "whichever comes first"]
    np.testing.assert_allclose(np.asarray(rates.get_lines()[0].get_ydata(), dtype=np.float64), 1.6)
    (shade,) = ages.patches
    (thin,) = (bar for bar in lanes.patches if bar.get_height() < 0.2)  # type: ignore[attr-defined]  # rectangles
    assert shade.get_width() == pytest.approx(thin.get_width())  # type: ignore[attr-defined]
    assert thin.get_width() * 86_400e9 == pytest.approx(2 * len(GAP) * PICTURE_NS, rel=0.02)  # type: ignore[attr-defined]


def test_damaged_pictures_are_half_a_bar() -> None:
    """As long as they follow each other."""
    damaged = stream_of("north", range(PICTURES), damaged=[*range(20, 50), *range(100, 120)])
    lanes = video_over_time(dataclasses.replace(one_stream(), streams=(damaged,))).figure.axes[2]
    assert len([bar for bar in lanes.patches if 0.2 < bar.get_height() < 0.5]) == 2  # type: ignore[attr-defined]


def test_events_are_lines_with_names() -> None:
    """In all panels; names above, one below the other where they would meet; what is not in the picture has none."""
    events = [
        Event(time_ns=5 * 10**18 + at_s * 10**9, label=label)
        for at_s, label in ((8, "a satellite fails"), (9, "another satellite fails"), (900, "it is over"))
    ]
    plain, marked = (video_over_time(two_streams(), events=each, theme=DARK).figure for each in ((), events))
    assert [len(b.get_lines()) - len(a.get_lines()) for a, b in zip(plain.axes, marked.axes, strict=True)] == [2] * 4
    assert [text.get_text() for text in marked.axes[3].texts] == ["a satellite fails", "another satellite fails"]
    assert marked.axes[3].get_ylim() == (2.0, 0.0)


@pytest.mark.parametrize("made", [0, PICTURES])
def test_a_stream_that_never_came_is_drawn_empty(made: int) -> None:
    """The title says so, alone and with others; also of a run that was ended before its first picture."""
    none = stream_of("north", [], made=made)
    nothing = dataclasses.replace(
        two_streams(), streams=(none,), together=None, made_mono_ns=two_streams().made_mono_ns[:made].copy()
    )
    assert "north: no picture arrived" in video_over_time(nothing).alt
    both = dataclasses.replace(nothing, streams=(none, none), together=none.viewing)
    assert "No picture arrived over any terminal" in video_over_time(both).alt
