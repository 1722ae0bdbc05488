"""A trace as a picture: round trip, rates and losses over its time."""

from typing import Final

import numpy as np
from matplotlib.axes import Axes

from skycommons.base.arrays import Floats, Ints
from skycommons.base.constants import NS_PER_S
from skycommons.emulation.line_rows import LineState
from skycommons.emulation.trace import Trace
from skycommons.emulation.trace_statistics import SHARES, TraceSummary, summarise_trace
from skycommons.studies.drawing import DASHES, LIGHT, Drawing, Theme, blank, entitle, plain_axes, styled

_COLUMNS: Final = 800  # of a picture; a longer trace is drawn as the range and the mean within each
_MOST_HANDOVERS: Final = 60  # more lines than this say nothing
_MEDIAN: Final = SHARES.index(0.5)


def draw_trace(trace: Trace, *, summary: TraceSummary | None = None, theme: Theme = LIGHT) -> Drawing:
    """Round trip without queues, rates where they are limited, and losses; gaps are shaded.

    Args:
        trace: What is drawn.
        summary: What the title says; of the trace unless given.
        theme: Colours.
    """
    told = summary or summarise_trace(trace)
    limited = np.isfinite(trace.up.rate_bps).any() or np.isfinite(trace.down.rate_bps).any()
    with styled(theme):
        figure = blank(theme, height_in=5.6 if limited else 4.2)
        panels = figure.subplots(3 if limited else 2, 1, sharex=True, height_ratios=[2, 2, 1] if limited else [3, 1])
        edges_ns = _edges(trace)
        _delays(panels[0], trace, edges_ns, theme=theme)
        if limited:
            _rates(panels[1], trace, edges_ns, theme=theme)
        _losses(panels[-1], trace, edges_ns, theme=theme)
        for axes in panels:
            _gaps(axes, trace, theme=theme)
        panels[-1].set_xlabel("time since the begin (s)")
        panels[-1].set_xlim(0.0, trace.length_ns / NS_PER_S)
        title = trace_title(told)
        entitle(figure, theme, title)
    many = len(trace) > _COLUMNS
    return Drawing(
        name="trace",
        figure=figure,
        theme=theme,
        alt=f"Chart of round-trip time{', rates' if limited else ''} and losses over {told.length_s:,.0f} seconds. {title}.",
        caption=f"{trace.source}. Round trip without queues. Shaded: no packets pass. Dotted lines: handovers."
        + (" Bands hold all values of a stretch of time, lines are its mean." if many else ""),
    )


def trace_title(summary: TraceSummary) -> str:
    """What the picture says, in one sentence."""
    median_s = summary.rtt_s[_MEDIAN]
    if np.isnan(median_s):
        return "Nothing passes"
    parts = [f"A typical round trip takes {median_s * 1e3:.1f} ms"]
    if summary.drop_share > 0.0:
        parts.append(f"nothing passes for {summary.drop_share:.2%} of the time")
    if summary.near_boundary_share > 1.5 * summary.evenly_share:
        parts.append(f"{summary.near_boundary_share:.0%} of losses lie within 1 s of a slot's boundary")
    return "; ".join(parts)


def _edges(trace: Trace) -> Ints:
    """Where drawn stretches begin and end: rows, or even stretches if there are many."""
    if len(trace) <= _COLUMNS:
        return np.append(trace.at_ns, trace.length_ns)
    return np.linspace(0, trace.length_ns, _COLUMNS + 1).astype(np.int64)


def _ranges(trace: Trace, values: Floats, edges_ns: Ints) -> tuple[Floats, Floats, Floats]:
    """Least, mean and largest value of each stretch; NaN where it has none."""
    first = np.searchsorted(trace.at_ns, edges_ns[:-1], side="right") - 1
    last = np.searchsorted(trace.at_ns, edges_ns[1:], side="left")
    found = np.full((3, len(first)), np.nan)
    for place, (begin, end) in enumerate(zip(first.tolist(), last.tolist(), strict=True)):
        part = values[begin:end]
        known = part[np.isfinite(part)]
        if len(known):
            found[:, place] = known.min(), known.mean(), known.max()
    return found[0], found[1], found[2]


def _steps(axes: Axes, edges_ns: Ints, values: tuple[Floats, Floats, Floats], *, theme: Theme, style: int) -> None:
    """One line of steps, and its range behind."""
    least, mean, most = values
    at_s = edges_ns / NS_PER_S
    colour = theme.series[style]
    if (most > least).any():
        axes.fill_between(
            at_s, np.append(least, least[-1]), np.append(most, most[-1]), step="post", color=colour, alpha=0.25, lw=0
        )
    axes.stairs(mean, at_s, color=colour, linestyle=DASHES[style % 3], baseline=None)


def _delays(axes: Axes, trace: Trace, edges_ns: Ints, *, theme: Theme) -> None:
    """Round trips while packets pass, and handovers."""
    rtt_ms = np.where(trace.is_passing, trace.rtt_s * 1e3, np.nan)
    _steps(axes, edges_ns, _ranges(trace, rtt_ms, edges_ns), theme=theme, style=0)
    axes.set_ylim(bottom=0.0)
    if trace.context is not None and np.count_nonzero(trace.context.is_handover) <= _MOST_HANDOVERS:
        for at_ns in trace.at_ns[trace.context.is_handover].tolist():
            axes.axvline(at_ns / NS_PER_S, color=theme.muted, linestyle=":", linewidth=0.8)
    plain_axes(axes, theme, x="", y="round trip (ms)")


def _rates(axes: Axes, trace: Trace, edges_ns: Ints, *, theme: Theme) -> None:
    """Rates where they are limited."""
    for style, (side, words) in enumerate(((trace.down, "down"), (trace.up, "up"))):
        if np.isfinite(side.rate_bps).any():
            _steps(axes, edges_ns, _ranges(trace, side.served_bps() / 1e6, edges_ns), theme=theme, style=style)
            axes.plot([], [], color=theme.series[style], linestyle=DASHES[style], label=words)
    axes.set_ylim(bottom=0.0)
    axes.legend(loc="upper right", ncols=2)
    plain_axes(axes, theme, x="", y="rate (Mbit/s)")


def _losses(axes: Axes, trace: Trace, edges_ns: Ints, *, theme: Theme) -> None:
    """Share of round trips that are lost by chance."""
    lost = 100.0 * (1.0 - (1.0 - trace.up.loss) * (1.0 - trace.down.loss))
    lost_percent = np.where(trace.is_passing, lost, np.nan)
    _steps(axes, edges_ns, _ranges(trace, lost_percent, edges_ns), theme=theme, style=3)
    axes.set_ylim(0.0, max(1.15 * axes.get_ylim()[1], 0.1))
    plain_axes(axes, theme, x="", y="loss (%)")


def _gaps(axes: Axes, trace: Trace, *, theme: Theme) -> None:
    """Shade where nothing passes; holds lighter than drops."""
    at_s = np.append(trace.at_ns, trace.length_ns) / NS_PER_S
    states = np.stack([trace.up.state, trace.down.state])
    for state, alpha in ((LineState.DROP, 0.35), (LineState.HOLD, 0.15)):
        is_so = (states == state).any(axis=0)
        edges = np.flatnonzero(np.diff(np.concatenate(([False], is_so, [False])).astype(np.int8)))
        axes.broken_barh(
            [(at_s[begin], at_s[end] - at_s[begin]) for begin, end in edges.reshape(-1, 2).tolist()],
            (0.0, 1.0),
            transform=axes.get_xaxis_transform(),
            facecolor=theme.muted,
            alpha=alpha,
            linewidth=0,
        )
