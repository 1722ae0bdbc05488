"""Live video as its viewers saw it: how old pictures were, how much came, and when nothing moved."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from skycommons.base.arrays import Ints
from skycommons.base.constants import NS_PER_S
from skycommons.emulation.live_record import NO_STORY, Event, LiveStory
from skycommons.emulation.video_result import VideoResult
from skycommons.emulation.video_stalls import USUAL_GAPS, Viewing
from skycommons.studies.drawing import DASHES, LIGHT, Drawing, Theme, blank, entitle, plain_axes, styled
from skycommons.studies.figures_live_lanes import LANE_IN, Lanes, Stretch, draw_lanes, lanes_of

_TOGETHER: Final = "whichever comes first"
_LANE: Final = 0.62
_WIDTH_IN: Final = 9.6
_EDGES_IN: Final = 1.7  # for the names of lanes on the left
_STILL: Final = "#c0392b"
_MEANING: Final = (
    "Age: from the making of a picture to its decoding at the other end. Rate: of the transport stream that was received; dotted, what "
    "the encoder aimed at. Shaded, and a thin red line below: no new picture for more than two picture times beyond the usual. Half a bar: pictures move, but "
    "are damaged."
)
_COMBINED: Final = f"“{_TOGETHER.capitalize()}”: a viewer who takes of each picture the copy that is first."
_BINS: Final = 120  # of the rate, at most
_TOLD_SHARE: Final = 0.02  # of damaged pictures that a title tells
_RATE_PARTS: Final = 2  # bins a second, where there is room
_CEILING: Final = 0.995  # share of pictures below the upper edge of the ages, with room above


def video_over_time(result: VideoResult, *, events: Sequence[Event] = (), theme: Theme = LIGHT) -> Drawing:
    """Age of each picture when it was shown, rate received, and when each viewer saw something new; stalls are shaded.

    Args:
        result: What came of a scene.
        events: What happened meanwhile, as dotted lines; their names stand above, those of other times are left out.
        theme: Colours.
    """
    viewers = _viewers(result)
    span_ns = result.at(_span_mono_ns(result))
    paper = Stretch(begin_ns=int(span_ns[0]), end_ns=int(span_ns[1]), width_in=_WIDTH_IN - _EDGES_IN)
    told = lanes_of(LiveStory(events=tuple(events)), NO_STORY, paper)
    told_in = max(LANE_IN * told.rows, 0.02)
    with styled(theme):
        figure = blank(theme, width_in=_WIDTH_IN, height_in=5.4 + told_in + 0.3 * len(viewers))
        ages, rates, lanes, top = _axes(figure, [told_in, 2.6, 1.5, 0.35 + 0.35 * len(viewers)])
        _ages(ages, result, viewers, theme=theme)
        _rates(rates, result, theme=theme)
        _lanes(lanes, result, viewers, theme=theme)
        for axes in (ages, rates):
            _stalls(axes, result, theme=theme)
        draw_lanes(top, told, theme)
        _marks((ages, rates, lanes), told, theme=theme)
        lanes.set_xlim(*_instants(span_ns))
        title = video_title(result)
        entitle(figure, theme, title)
    return Drawing(
        name="video-over-time",
        figure=figure,
        theme=theme,
        alt=f"Three charts over time: age of pictures in milliseconds, received rate, and when viewers saw new pictures. {title}.",
        caption=_MEANING if result.together is None else f"{_MEANING} {_COMBINED}",
    )


def video_title(result: VideoResult) -> str:
    """What the picture says, in one sentence."""
    told = [_told(stream.source, stream.viewing) for stream in result.streams]
    if result.together is None:
        (stream,) = result.streams
        return (
            f"{told[0]}; {100.0 * stream.viewing.share():.1f} % of its pictures arrived"
            if len(stream.viewing.shown)
            else told[0]
        )
    together = result.together
    if not len(together.shown):
        return "No picture arrived over any terminal"
    stalled_s = together.stalls.total_s()
    still = f"{stalled_s:.1f} s of stalls are left" if stalled_s else "no stall is left"
    return f"{'; '.join(told)}; with both, {still}" if len(told) == 2 else f"{'; '.join(told)}; with all, {still}"


def _told(name: str, viewing: Viewing) -> str:
    """How one viewer fared."""
    if not len(viewing.shown):
        return f"{name}: no picture arrived"
    parts = [f"{name}: {viewing.delay_quantile_s(0.5) * 1e3:.0f} ms from glass to glass"]
    parts.append(f"{viewing.stalls.total_s():.1f} s stalled" if len(viewing.stalls) else "no stall")
    damaged = len(viewing.damaged_mono_ns())
    seen = int(viewing.shown.is_whole.sum()) + damaged
    if damaged > _TOLD_SHARE * seen:
        parts.append(f"{100.0 * damaged / seen:.0f} % of what was seen damaged")
    return ", ".join(parts)


def _viewers(result: VideoResult) -> list[tuple[str, Viewing]]:
    """Whoever watches: one a stream, and one who has all."""
    viewers = [(stream.source, stream.viewing) for stream in result.streams]
    return viewers if result.together is None else [*viewers, (_TOGETHER, result.together)]


def _ages(axes: Axes, result: VideoResult, viewers: Sequence[tuple[str, Viewing]], *, theme: Theme) -> None:
    """A line a stream, broken where nothing came."""
    highest_ms = 1.0
    for place, (name, viewing) in enumerate(viewers[: len(result.streams)]):
        shown_ns, delay_s = viewing.shown.shown_mono_ns, viewing.delay_s()
        breaks = 1 + np.flatnonzero(np.diff(shown_ns) > USUAL_GAPS * result.setup.picture_ns())
        instants = np.insert(shown_ns, breaks, shown_ns[breaks] - 1 if len(breaks) else 0)
        axes.plot(
            _instants(result.at(instants)),
            np.insert(delay_s, breaks, np.nan) * 1e3,
            color=theme.series[place],
            linestyle=DASHES[0],
            linewidth=1.4,
            label=name,
        )
        if len(delay_s):
            highest_ms = max(highest_ms, 1e3 * float(np.quantile(delay_s, _CEILING)))
    axes.set_ylim(0.0, 1.2 * highest_ms)
    plain_axes(axes, theme, x="", y="age (ms)")
    axes.legend(loc="lower right", ncols=len(result.streams))


def _rates(axes: Axes, result: VideoResult, *, theme: Theme) -> None:
    """Steps of half a second, longer ones in long runs."""
    span_ns = _span_mono_ns(result)
    bins = int(np.clip(_RATE_PARTS * np.diff(span_ns)[0] // NS_PER_S, 1, _BINS))
    edges_ns = np.linspace(0, np.diff(span_ns)[0], bins + 1).astype(np.int64) + span_ns[0]
    for place, stream in enumerate(result.streams):
        rates_bps = stream.rates_bps(edges_ns)
        axes.step(
            _instants(result.at(edges_ns)),
            np.append(rates_bps, rates_bps[-1]) / 1e6,
            where="post",
            color=theme.series[place],
            linewidth=1.4,
        )
    axes.axhline(result.setup.rate_bps / 1e6, color=theme.muted, linewidth=0.8, linestyle=DASHES[2])
    axes.set_ylim(bottom=0.0)
    axes.margins(y=0.15)
    plain_axes(axes, theme, x="", y="received (Mbit/s)")


def _lanes(axes: Axes, result: VideoResult, viewers: Sequence[tuple[str, Viewing]], *, theme: Theme) -> None:
    """A lane a viewer: a bar while pictures move, half of it while they are damaged, a thin line while nothing moves."""
    colours = [*theme.series[: len(result.streams)], theme.ink][: len(viewers)]
    for lane, ((_, viewing), colour) in enumerate(zip(viewers, colours, strict=True)):
        if not len(viewing.shown):
            continue
        begin_ns, end_ns = viewing.stalls.begin_mono_ns, viewing.stalls.begin_mono_ns + viewing.stalls.length_ns
        last_ns = max(int(viewing.shown.shown_mono_ns[-1]) + result.setup.picture_ns(), int(end_ns.max(initial=0)))
        moving = np.stack([np.append(viewing.shown.shown_mono_ns[0], end_ns), np.append(begin_ns, last_ns)], axis=1)
        still = np.stack([begin_ns, end_ns], axis=1)
        damaged = _runs(viewing.damaged_mono_ns(), picture_ns=result.setup.picture_ns())
        thin, half = _LANE / 5, _LANE / 2
        for spans_ns, fill, height, lift in (
            (moving, colour, _LANE, 0.0),
            (damaged, theme.surface, half, half / 2),
            (still, _STILL, thin, 0.0),
        ):
            for begin, end in _instants(result.at(spans_ns)):
                axes.barh(lane - lift, end - begin, left=begin, height=height, color=fill, linewidth=0.0)
    axes.set_yticks(range(len(viewers)), [name for name, _ in viewers])
    axes.set_ylim(len(viewers) - 0.5, -0.5)
    plain_axes(axes, theme, x="time (UTC)", y="")
    axes.grid(visible=False)
    axes.tick_params(axis="y", length=0)


def _runs(instants_ns: Ints, *, picture_ns: int) -> Ints:
    """First and last of pictures that follow each other, ``(R, 2)``, each with its own time."""
    if not len(instants_ns):
        return np.empty((0, 2), dtype=np.int64)
    breaks = np.flatnonzero(np.diff(instants_ns) > USUAL_GAPS * picture_ns)
    begins, ends = np.append(0, breaks + 1), np.append(breaks, len(instants_ns) - 1)
    return np.stack([instants_ns[begins], instants_ns[ends] + picture_ns], axis=1)


def _stalls(axes: Axes, result: VideoResult, *, theme: Theme) -> None:
    """Shade where a stream stood still, in its colour."""
    for place, stream in enumerate(result.streams):
        stalls = stream.viewing.stalls
        for begin_ns, length_ns in zip(stalls.begin_mono_ns, stalls.length_ns, strict=True):
            begin, end = _instants(result.at(np.array([begin_ns, begin_ns + length_ns])))
            axes.axvspan(begin, end, color=theme.series[place], alpha=0.14, linewidth=0.0)


def _axes(figure: Figure, heights_in: Sequence[float]) -> tuple[Axes, ...]:
    """Three panels, and at last the lanes above them, which share their time."""
    grid = figure.add_gridspec(4, 1, height_ratios=heights_in)
    ages = figure.add_subplot(grid[1])
    rates, lanes, top = (figure.add_subplot(grid[row], sharex=ages) for row in (2, 3, 0))
    for axes in (ages, rates):
        axes.tick_params(labelbottom=False)
    return ages, rates, lanes, top


def _marks(panels: Sequence[Axes], told: Lanes, *, theme: Theme) -> None:
    """Dotted lines through all panels where something was made to happen."""
    for event in told.events:
        (instant,) = _instants(np.array([event.begin_ns], dtype=np.int64))
        for axes in panels:
            axes.axvline(instant, color=theme.muted, linewidth=0.9, linestyle=(0, (1.2, 1.8)))


def _span_mono_ns(result: VideoResult) -> Ints:
    """From the first picture's making to when the last one was shown or due, or a second where none was made."""
    made_ns = result.made_mono_ns
    if not len(made_ns):
        return result.begin_mono_ns + np.array([0, NS_PER_S], dtype=np.int64)
    lasts = [int(viewing.shown.shown_mono_ns[-1]) for _, viewing in _viewers(result) if len(viewing.shown)]
    return np.array([made_ns[0], max([int(made_ns[-1]) + result.setup.picture_ns(), *lasts])], dtype=np.int64)


def _instants(time_ns: Ints) -> "np.ndarray[tuple[int, ...], np.dtype[np.datetime64]]":
    """As matplotlib knows them."""
    return time_ns.astype("datetime64[ns]")
