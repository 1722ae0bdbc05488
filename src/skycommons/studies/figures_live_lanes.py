"""Lanes above charts of a live run: who served, what took service away, what was made to happen.

Rules: a name is written where it fits and left out where it does not; what overlaps gets a lane of its own. Below the lanes, charts carry
the same instants as lines and shades behind their data.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from types import MappingProxyType
from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from numpy.typing import NDArray

from skycommons.base.arrays import Floats, Ints
from skycommons.emulation.live_record import Handover, LiveStory, Span, SpanKind, TerminalStory
from skycommons.studies.drawing import Theme

Instants = NDArray[np.datetime64]
LANE_IN: Final = 0.22
"""Height of a lane, inches."""
_LETTER_IN: Final = 0.075  # width of a letter of the lanes' size
_SIZE: Final = 8
_HATCHES: Final = MappingProxyType({SpanKind.DARK: "///", SpanKind.OUTAGE: "xxx", SpanKind.WEATHER: "..."})
_COLOURS: Final = MappingProxyType({SpanKind.OUTAGE: 3, SpanKind.WEATHER: 5})
_WORDS: Final = MappingProxyType(
    {SpanKind.DARK: "no service, as decided", SpanKind.OUTAGE: "outage", SpanKind.WEATHER: "weather"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A span of time on paper.

    Attributes:
        begin_ns, end_ns: Left and right edge.
        width_in: Of the axes.
    """

    begin_ns: int
    end_ns: int
    width_in: float

    def inches(self, length_ns: int) -> float:
        """How wide a length of time is."""
        return self.width_in * length_ns / max(self.end_ns - self.begin_ns, 1)

    def holds(self, time_ns: int) -> bool:
        """Whether an instant is on the paper."""
        return self.begin_ns <= time_ns <= self.end_ns


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """One thing on a lane.

    Attributes:
        row: Which lane, from the top.
        label: What is written; empty where it does not fit.
        is_left: Whether a label beside an instant stands on its left.
        is_beside: Whether the label of a bar stands on its right.
    """

    row: int
    begin_ns: int
    end_ns: int
    label: str
    is_left: bool = False
    is_beside: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Lanes:
    """Everything above the charts of one terminal.

    Attributes:
        served: Who served, in turn; on the first lane.
        spans: With their kinds.
        events: As points in time.
        rows: How many lanes there are.
    """

    served: tuple[Lane, ...]
    spans: tuple[tuple[Lane, SpanKind], ...]
    events: tuple[Lane, ...]
    rows: int


def lanes_of(story: LiveStory, terminal: TerminalStory, paper: Stretch) -> Lanes:
    """Lay out what happened so that no two labels meet."""
    served = tuple(_served(terminal.handovers, paper))
    first = 1 if served else 0
    spans = [span for span in terminal.spans if span.end_ns > paper.begin_ns and span.begin_ns < paper.end_ns]
    placed_spans, first = _span_rows(spans, paper, first)
    placed_events, first = _event_rows(story, paper, first)
    return Lanes(served=served, spans=tuple(placed_spans), events=tuple(placed_events), rows=first)


def _served(handovers: Sequence[Handover], paper: Stretch) -> list[Lane]:
    """The satellites in turn."""
    if not handovers:
        return []
    edges = [
        paper.begin_ns,
        *(min(max(each.time_ns, paper.begin_ns), paper.end_ns) for each in handovers),
        paper.end_ns,
    ]
    names = [handovers[0].before, *(each.after for each in handovers)]
    return [
        Lane(row=0, begin_ns=begin, end_ns=end, label=_fitting(name, paper.inches(end - begin)))
        for (begin, end), name in zip(pairwise(edges), names, strict=True)
        if end > begin
    ]


def _span_rows(spans: Sequence[Span], paper: Stretch, first: int) -> tuple[list[tuple[Lane, SpanKind]], int]:
    """Spans on as few lanes as they need; a name that a bar does not hold stands on its right, if there is room."""
    ends_in: list[float] = []
    placed = []
    for span in sorted(spans, key=lambda each: each.begin_ns):
        begin_ns, end_ns = max(span.begin_ns, paper.begin_ns), min(span.end_ns, paper.end_ns)
        begin_in, end_in = paper.inches(begin_ns - paper.begin_ns), paper.inches(end_ns - paper.begin_ns)
        needs_in = _LETTER_IN * (len(span.label) + 1)
        is_beside = needs_in > end_in - begin_in and end_in + needs_in <= paper.width_in
        label = span.label if is_beside else _fitting(span.label, end_in - begin_in)
        row = next((number for number, taken_in in enumerate(ends_in) if taken_in <= begin_in), len(ends_in))
        ends_in[row : row + 1] = [end_in + (needs_in if is_beside else 0.0)]
        lane = Lane(row=first + row, begin_ns=begin_ns, end_ns=end_ns, label=label, is_beside=is_beside)
        placed.append((lane, span.kind))
    return placed, first + len(ends_in)


def _event_rows(story: LiveStory, paper: Stretch, first: int) -> tuple[list[Lane], int]:
    """Events on as few lanes as their labels need, on the right of their instants, or on the left near the right edge."""
    ends_in: list[float] = []
    placed = []
    for event in sorted(story.events, key=lambda each: each.time_ns):
        if not paper.holds(event.time_ns):
            continue
        at_in, needs_in = paper.inches(event.time_ns - paper.begin_ns), _LETTER_IN * (len(event.label) + 3)
        is_left = at_in + needs_in > paper.width_in and at_in > needs_in
        left_in = at_in - needs_in if is_left else at_in - 0.08
        row = next((number for number, end_in in enumerate(ends_in) if end_in <= left_in), len(ends_in))
        ends_in[row : row + 1] = [at_in + (0.08 if is_left else needs_in)]
        at_ns = event.time_ns
        placed.append(Lane(row=first + row, begin_ns=at_ns, end_ns=at_ns, label=event.label, is_left=is_left))
    return placed, first + len(ends_in)


def _fitting(label: str, width_in: float) -> str:
    """A label, or nothing where it does not fit."""
    return label if _LETTER_IN * (len(label) + 1) <= width_in else ""


def draw_lanes(axes: Axes, lanes: Lanes, theme: Theme) -> None:
    """Bars with names, and points with words."""
    axes.set_ylim(max(lanes.rows, 1), 0)
    axes.set_axis_off()
    for number, lane in enumerate(lanes.served):
        _bar(axes, lane, theme=theme, colour=theme.land if number % 2 else theme.sea, hatch="")
    for lane, kind in lanes.spans:
        _bar(axes, lane, theme=theme, colour=colour_of(kind, theme), hatch=_HATCHES[kind])
    for lane in lanes.events:
        at = instants(np.array([lane.begin_ns]))
        axes.plot(at, [lane.row + 0.5], marker="v", color=theme.ink, markersize=5, linestyle="", clip_on=False)
        axes.annotate(
            lane.label,
            (at[0], lane.row + 0.5),
            xytext=(-7 if lane.is_left else 7, 0),
            textcoords="offset points",
            ha="right" if lane.is_left else "left",
            va="center",
            fontsize=_SIZE,
            color=theme.ink,
            annotation_clip=False,
        )
    if lanes.served:
        axes.text(
            *(-0.008, 0.5), "served by", transform=axes.get_yaxis_transform(), ha="right", va="center",
            fontsize=_SIZE, color=theme.muted,
        )  # fmt: skip


def _bar(axes: Axes, lane: Lane, *, theme: Theme, colour: str, hatch: str) -> None:
    """A bar on its lane, with its name in the middle."""
    begin, end = instants(np.array([lane.begin_ns, lane.end_ns]))
    axes.fill_between(
        [begin, end],
        lane.row + 0.08,
        lane.row + 0.92,
        facecolor=colour,
        edgecolor=theme.surface,
        linewidth=0.8,
        hatch=hatch if lane.is_beside or not lane.label else "",
        alpha=0.9 if not hatch else 0.5,
    )
    at = instants([lane.end_ns if lane.is_beside else (lane.begin_ns + lane.end_ns) // 2])[0]
    words, place = f" {lane.label}" if lane.is_beside else lane.label, "left" if lane.is_beside else "center"
    axes.text(at, lane.row + 0.5, words, ha=place, va="center", fontsize=_SIZE, color=theme.ink)


def draw_behind(axes: Axes, story: LiveStory, terminal: TerminalStory, *, paper: Stretch, theme: Theme) -> None:
    """Boundaries of slots, handovers, spans and events behind a chart's data."""
    for slot_ns in story.slot_ns[(story.slot_ns >= paper.begin_ns) & (story.slot_ns <= paper.end_ns)]:
        _upright(axes, int(slot_ns), color=theme.coast, linewidth=0.6, linestyle="-")
    for handover in terminal.handovers:
        if paper.holds(handover.time_ns):
            _upright(axes, handover.time_ns, color=theme.muted, linewidth=0.9, linestyle="-")
    for event in story.events:
        if paper.holds(event.time_ns):
            _upright(axes, event.time_ns, color=theme.ink, linewidth=1.0, linestyle=(0, (1, 2)))
    for span in terminal.spans:
        begin, end = instants(np.clip([span.begin_ns, span.end_ns], paper.begin_ns, paper.end_ns))
        if begin < end:
            axes.axvspan(begin, end, color=colour_of(span.kind, theme), alpha=0.16, linewidth=0, zorder=0.5)


def _upright(axes: Axes, time_ns: int, **look: object) -> None:
    """A vertical line at an instant."""
    axes.axvline(instants(np.array([time_ns]))[0], zorder=0.8, **look)  # type: ignore[arg-type] # settings by their names in matplotlib


def keys_of(story: LiveStory, terminal: TerminalStory, theme: Theme) -> list[Patch | Line2D]:
    """What the lines and shades behind the data mean, those alone that occur."""
    keys: list[Patch | Line2D] = []
    if len(story.slot_ns):
        keys.append(Line2D([], [], color=theme.coast, linewidth=0.9, label="boundary of slots"))
    if terminal.handovers:
        keys.append(Line2D([], [], color=theme.muted, linewidth=1.2, label="handover"))
    if story.events:
        keys.append(Line2D([], [], color=theme.ink, linewidth=1.2, linestyle=(0, (1, 2)), label="event"))
    kinds = {span.kind for span in terminal.spans}
    keys += [Patch(color=colour_of(kind, theme), alpha=0.35, label=_WORDS[kind]) for kind in SpanKind if kind in kinds]
    return keys


def colour_of(kind: SpanKind, theme: Theme) -> str:
    """The colour of a span."""
    return theme.series[_COLOURS[kind]] if kind in _COLOURS else theme.muted


def instants(time_ns: Ints | Floats | Sequence[int]) -> Instants:
    """Instants as matplotlib knows them."""
    return np.asarray(time_ns, dtype=np.int64).astype("datetime64[ns]")
