"""Labels over charts of a live run: each where it fits, and no two on one another."""

from itertools import combinations

import numpy as np
import pytest

from skycommons.emulation.live_record import Event, Handover, LiveStory, Span, SpanKind, TerminalStory
from skycommons.studies.drawing import LIGHT, blank
from skycommons.studies.figures_live_lanes import Stretch, draw_behind, draw_lanes, keys_of, lanes_of
from tests.support import live_runs

SECOND = 1_000_000_000
PAPER = Stretch(begin_ns=0, end_ns=100 * SECOND, width_in=10.0)


def test_satellites_follow_each_other_and_narrow_ones_go_without_a_name() -> None:
    """Their bars stay."""
    handovers = (
        Handover(time_ns=50 * SECOND, before="first", after="second"),
        Handover(time_ns=51 * SECOND, before="second", after="third"),
    )
    lanes = lanes_of(LiveStory(), TerminalStory(handovers=handovers), PAPER)
    assert [lane.label for lane in lanes.served] == ["first", "", "third"]
    assert [(lane.begin_ns, lane.end_ns) for lane in lanes.served][1] == (50 * SECOND, 51 * SECOND)
    assert lanes.rows == 1


def test_handovers_off_the_paper_leave_who_served_on_it() -> None:
    """One before, one after."""
    handovers = (
        Handover(time_ns=-SECOND, before="first", after="second"),
        Handover(time_ns=200 * SECOND, before="second", after="third"),
    )
    lanes = lanes_of(LiveStory(), TerminalStory(handovers=handovers), PAPER)
    assert [(lane.begin_ns, lane.end_ns, lane.label) for lane in lanes.served] == [(0, 100 * SECOND, "second")]


def test_spans_that_overlap_have_lanes_of_their_own() -> None:
    """A name that a bar does not hold stands beside it, or is left out at the edge."""

    def span(begin_s: int, end_s: int, label: str) -> Span:
        return Span(begin_ns=begin_s * SECOND, end_ns=end_s * SECOND, label=label, kind=SpanKind.WEATHER)

    spans = (
        span(0, 40, "rain"),
        span(20, 22, "a long name"),
        span(50, 60, "hail"),
        span(99, 120, "at the edge"),
        span(300, 301, "later"),
    )
    lanes = lanes_of(LiveStory(), TerminalStory(spans=spans), PAPER)
    rows = {lane.begin_ns // SECOND: (lane.row, lane.label, lane.is_beside) for lane, _ in lanes.spans}
    assert rows == {0: (0, "rain", False), 20: (1, "a long name", True), 50: (0, "hail", False), 99: (0, "", False)}
    assert lanes.rows == 2


@pytest.mark.parametrize("count", [1, 5, 40])
def test_no_two_labels_of_events_meet(count: int) -> None:
    """Wherever they fall; at the right edge they stand on the left."""
    random = np.random.default_rng(count)
    events = tuple(
        Event(time_ns=int(at_ns), label="x" * int(length))
        for at_ns, length in zip(
            np.sort(random.integers(0, PAPER.end_ns, count)), random.integers(3, 30, count), strict=True
        )
    )
    lanes = lanes_of(LiveStory(events=(*events, Event(time_ns=10**15, label="off the paper"))), TerminalStory(), PAPER)
    assert len(lanes.events) == count
    places = []
    for lane in lanes.events:
        at_in, width_in = PAPER.inches(lane.begin_ns), 0.07 * len(lane.label)
        places.append(
            (lane.row, at_in - width_in if lane.is_left else at_in, at_in if lane.is_left else at_in + width_in)
        )
    assert not [
        (one, other)
        for one, other in combinations(places, 2)
        if one[0] == other[0] and one[1] < other[2] and other[1] < one[2]
    ]


def test_lanes_and_what_lies_behind_are_drawn() -> None:
    """Each thing once, and in the key only what occurs."""
    story = live_runs.story()
    own = story.of("zurich")
    paper = Stretch(begin_ns=live_runs.BEGIN_NS, end_ns=live_runs.BEGIN_NS + 180 * SECOND, width_in=8.0)
    figure = blank(LIGHT)
    top, chart = figure.subplots(2, 1, sharex=True)
    lanes = lanes_of(story, own, paper)
    draw_lanes(top, lanes, LIGHT)
    draw_behind(chart, story, own, paper=paper, theme=LIGHT)
    words = {text.get_text().strip() for text in top.texts}
    assert {"served by", "rain", "satellite failed", "suspended", "gateway of basel fails"} <= words
    assert len(chart.lines) == len(story.slot_ns) + len(own.handovers) + len(story.events)
    assert len(chart.patches) == len(own.spans)
    labels = [key.get_label() for key in keys_of(story, own, LIGHT)]
    assert labels == ["boundary of slots", "handover", "event", "no service, as decided", "outage", "weather"]
    assert keys_of(LiveStory(), TerminalStory(), LIGHT) == []


def test_a_story_without_anything_has_an_empty_lane() -> None:
    """And draws."""
    lanes = lanes_of(LiveStory(), TerminalStory(), PAPER)
    axes = blank(LIGHT).subplots()
    draw_lanes(axes, lanes, LIGHT)
    assert (lanes.rows, len(axes.texts)) == (0, 0)
