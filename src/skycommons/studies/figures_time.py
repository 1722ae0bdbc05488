"""Round-trip times: over time, and how often each occurs."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, NullLocator
from numpy.typing import NDArray

from skycommons.base.arrays import Bools, Floats, Ints
from skycommons.studies.drawing import DASHES, LIGHT, MARKERS, Drawing, Look, Theme, blank, entitle, plain_axes, styled
from skycommons.studies.store import FlowKind
from skycommons.studies.summary import Summary, column_quantiles, milliseconds, percent

Instants = NDArray[np.datetime64]
_EPOCH: Final = np.datetime64("1970-01-01T00:00:00", "ns")  # matplotlib counts days from here
_DAY: Final = np.timedelta64(1, "D")
_LINES: Final = 4  # in one panel
_POINTS: Final = 240  # per line; longer runs are drawn as medians of equal spans with their range
TICKS_MS: Final = (2, 5, 10, 15, 20, 30, 50, 75, 100, 150, 200, 300, 500, 750, 1000, 1500, 2000)
_HEADINGS: Final = ("Terminal to PoP", "Pairs of sites")
_DRAWN_WHOLE: Final = 480  # steps up to which every value is drawn, with a mark at every path change


def rtt_over_time(
    dataset: xr.Dataset, summary: Summary, *, flows: Sequence[int] | None = None, theme: Theme = LIGHT
) -> Drawing:
    """Round-trip time of some flows over the run, gaps where they are unreachable.

    Args:
        flows: Rows of the flows to draw; by default up to four of each kind, from the fastest to the slowest.
    """
    chosen = chosen_flows(summary) if flows is None else np.array(flows, dtype=np.int64)
    kinds = [kind for kind in FlowKind if (summary.kind[chosen] == kind).any()]
    with styled(theme):
        figure = blank(theme, height_in=1.0 + 2.6 * max(len(kinds), 1))
        panels = figure.subplots(max(len(kinds), 1), 1, sharex=True, squeeze=False)[:, 0]
        for axes, kind in zip(panels, kinds, strict=False):
            rows = chosen[summary.kind[chosen] == kind]
            _panel(axes, dataset, summary, rows=rows, theme=theme)
            axes.set_title(_HEADINGS[kind], color=theme.muted)
        panels[-1].set_xlabel("time (UTC)")
        entitle(figure, theme, _over_time_title(summary, chosen))
    span = (
        ""
        if summary.steps <= _DRAWN_WHOLE
        else " The line is the median of equal spans of time, the band holds nine tenths of it."
    )
    return Drawing(
        name="rtt-over-time",
        figure=figure,
        theme=theme,
        alt=f"Line chart of round-trip time in milliseconds over {_span(summary)}. " + _spoken(summary, chosen),
        caption="Round-trip time between the ends of a flow. A dot marks a change of path; a line stops where the flow "
        "is unreachable, and the bars at the foot of a panel show for how long." + span,
    )


def chosen_flows(summary: Summary) -> Ints:
    """Rows of up to four flows of each kind, spread evenly from the fastest to the slowest."""
    picked = []
    for kind in FlowKind:
        rows = summary.flows_of(kind)
        order = rows[np.argsort(summary.rtt_median_s[rows], kind="stable")]
        reached = order[np.isfinite(summary.rtt_median_s[order])]
        places = np.linspace(0, len(reached) - 1, min(_LINES, len(reached))).round().astype(np.int64)
        picked.append(np.sort(reached[np.unique(places)]) if len(reached) else reached)
    return np.concatenate(picked)


def rtt_distribution(dataset: xr.Dataset, summary: Summary, *, theme: Theme = LIGHT) -> Drawing:
    """How large a share of round trips is faster than a given time, per kind of flow and for some flows."""
    chosen = chosen_flows(summary)
    with styled(theme):
        figure = blank(theme, height_in=4.4)
        axes = figure.subplots()
        rtt_ms = 1000.0 * dataset["rtt_s"].isel(flow=chosen).values
        for column, flow in enumerate(chosen):
            values = np.sort(rtt_ms[np.isfinite(rtt_ms[:, column]), column])
            shares = np.linspace(0.0, 100.0, len(values))
            thin = np.unique(np.linspace(0, len(values) - 1, min(len(values), 200)).astype(np.int64))
            colour = theme.series[int(summary.kind[flow])]
            axes.plot(values[thin], shares[thin], color=colour, linewidth=0.8, alpha=0.4)
        for kind in FlowKind:
            _pooled_line(axes, summary, kind, theme=theme)
        axes.set_xscale("log")
        axes.xaxis.set_major_formatter(FuncFormatter(_plain_number))
        low, high = axes.get_xlim()
        axes.set_xticks([tick for tick in TICKS_MS if low <= tick <= high])
        axes.xaxis.set_minor_locator(NullLocator())
        axes.set_ylim(0, 101)
        plain_axes(axes, theme, x="round-trip time (ms, logarithmic)", y="share of round trips (%)")
        if axes.get_legend_handles_labels()[0]:
            axes.legend(loc="lower right")
        entitle(figure, theme, _distribution_title(summary))
    return Drawing(
        name="rtt-distribution",
        figure=figure,
        theme=theme,
        alt="Cumulative distribution of round-trip times. " + _distribution_title(summary),
        caption="Share of all round trips that take at most the time below. Thick lines: all flows of a kind together; "
        "thin lines: single flows. Circles stand at the median, squares at 95 %.",
    )


def _pooled_line(axes: Axes, summary: Summary, kind: FlowKind, *, theme: Theme) -> None:
    """The distribution of all flows of one kind, with its median and 95 % marked."""
    if not summary.rtt_counts[kind].any():
        return
    shares = np.linspace(0.001, 1.0, 300)
    colour = theme.series[int(kind)]
    axes.plot(
        1000.0 * summary.pooled_rtt_s(kind, tuple(shares)),
        100.0 * shares,
        color=colour,
        linewidth=2.6,
        linestyle=DASHES[int(kind)],
        label=f"{kind.phrase} ({len(summary.flows_of(kind)):,})",
    )
    for share, marker in ((0.5, "o"), (0.95, "s")):
        value_ms = 1000.0 * float(summary.pooled_rtt_s(kind, (share,))[0])
        axes.plot(value_ms, 100 * share, marker, color=colour, markersize=7, markeredgecolor=theme.surface)
        axes.annotate(
            f"{value_ms:.0f} ms",
            (value_ms, 100 * share),
            xytext=(8, -11),
            textcoords="offset points",
            color=theme.ink,
            fontsize=9,
        )


def _panel(axes: Axes, dataset: xr.Dataset, summary: Summary, *, rows: Ints, theme: Theme) -> None:
    """The lines of some flows, with their names at the right end."""
    part = dataset[["rtt_s", "path_changed"]].isel(flow=rows)
    rtt_ms = 1000.0 * part["rtt_s"].values
    changed = part["path_changed"].values.astype(bool)
    instants = dataset["time"].values
    ends = [
        _line(axes, instants, rtt_ms[:, column], changed=changed[:, column], look=_look(theme, column))
        for column in range(len(rows))
    ]
    _scale(axes, rtt_ms)
    names = [f"{summary.sources[row]} to {summary.targets[row]}" for row in rows]
    _label_ends(axes, names, ends, theme=theme)
    _unreachable_bars(axes, instants, np.isnan(rtt_ms), theme=theme)
    plain_axes(axes, theme, x="", y="round-trip time (ms)")


def _look(theme: Theme, place: int) -> Look:
    """Colour and mark of the line at one place in a panel."""
    return {
        "color": theme.series[place % len(theme.series)],
        "marker": MARKERS[place % len(MARKERS)],
        "markersize": 3.5,
    }


def _scale(axes: Axes, rtt_ms: Floats) -> None:
    """A range that shows all but a few single peaks, with room for the bars at the foot; logarithmic if it is wide."""
    known = rtt_ms[np.isfinite(rtt_ms)]
    if not known.size:
        axes.set_ylim(0.0, 1.0)
        return
    low_ms, high_ms = float(known.min()), float(np.quantile(known, 0.998))
    if high_ms > 4.0 * low_ms:
        axes.set_yscale("log")
        ratio = high_ms / low_ms
        axes.set_ylim(low_ms / ratio**0.16, high_ms * ratio**0.08)
        bottom_ms, top_ms = axes.get_ylim()
        axes.set_yticks([tick for tick in TICKS_MS if bottom_ms <= tick <= top_ms])
        axes.yaxis.set_major_formatter(FuncFormatter(_plain_number))
        axes.yaxis.set_minor_locator(NullLocator())
    else:
        room_ms = max(high_ms - low_ms, 0.02 * high_ms)
        axes.set_ylim(max(low_ms - 0.16 * room_ms, 0.0), high_ms + 0.08 * room_ms)


def _line(axes: Axes, instants: Instants, rtt_ms: Floats, *, changed: Bools, look: Look) -> float:
    """One flow; returns the value at its right end."""
    if len(rtt_ms) <= _DRAWN_WHOLE:
        marks = np.flatnonzero(changed & np.isfinite(rtt_ms)).tolist()
        axes.plot(instants, rtt_ms, linewidth=1.3, markevery=marks, markeredgewidth=0, alpha=0.9, **look)
    else:
        edges = np.linspace(0, len(rtt_ms), _POINTS + 1).astype(np.int64)
        spans = [column_quantiles(rtt_ms[begin:end, None], (0.05, 0.5, 0.95))[:, 0] for begin, end in pairwise(edges)]
        low_ms, rtt_ms, high_ms = np.array(spans).T
        middles = instants[(edges[:-1] + edges[1:] - 1) // 2]
        axes.fill_between(middles, low_ms, high_ms, color=look["color"], alpha=0.13, linewidth=0)
        axes.plot(middles, rtt_ms, linewidth=1.3, markevery=24, **look)
    known = rtt_ms[np.isfinite(rtt_ms)]
    return float(known[-1]) if known.size else float("nan")


def _plain_number(value: float, _place: int | None = None) -> str:
    """A tick without exponent."""
    return f"{value:g}"


def _label_ends(axes: Axes, labels: list[str], ends_ms: list[float], *, theme: Theme) -> None:
    """Names beside the right ends of the lines, moved apart where they would overlap."""
    seen = axes.transData.transform([(0.0, end_ms) for end_ms in ends_ms])[:, 1]
    heights = axes.transAxes.inverted().transform(np.column_stack([np.zeros(len(seen)), seen]))[:, 1]
    order = np.argsort(heights)
    gap, placed = 0.085, np.clip(heights[order], 0.03, 0.97)
    for number in range(1, len(placed)):
        placed[number] = max(placed[number], placed[number - 1] + gap)
    if len(placed) and placed[-1] > 0.97:
        placed[-1] = 0.97
        for number in range(len(placed) - 2, -1, -1):
            placed[number] = min(placed[number], placed[number + 1] - gap)
    for row, height in zip(order, placed, strict=True):
        stub = axes.plot([1.008, 1.034], [height, height], linewidth=2.0, transform=axes.transAxes, **_look(theme, row))
        stub[0].set(clip_on=False, markevery=[1], markersize=5)
        axes.text(1.048, height, labels[row], transform=axes.transAxes, va="center", fontsize=9, color=theme.ink)


def _unreachable_bars(axes: Axes, instants: Instants, missing: Bools, *, theme: Theme) -> None:
    """Bars at the foot of a panel, one row a flow that fails, as long as it is unreachable."""
    failing = np.flatnonzero(missing.any(axis=0))
    step = instants[1] - instants[0] if len(instants) > 1 else np.timedelta64(1, "s")
    for place, column in enumerate(failing):
        flags = np.diff(missing[:, column].astype(np.int8), prepend=0, append=0)
        begins, ends = np.flatnonzero(flags == 1), np.flatnonzero(flags == -1)
        bars = [
            ((instants[begin] - _EPOCH) / _DAY, (end - begin) * step / _DAY)
            for begin, end in zip(begins, ends, strict=True)
        ]
        colour = theme.series[column % len(theme.series)]
        axes.broken_barh(
            bars, (0.012 + 0.028 * place, 0.02), transform=axes.get_xaxis_transform(), color=colour, linewidth=0
        )
    if len(failing):
        axes.text(
            0.004,
            0.02 + 0.028 * len(failing),
            "unreachable",
            transform=axes.transAxes,
            fontsize=8,
            color=theme.muted,
            va="bottom",
        )


def _over_time_title(summary: Summary, chosen: Ints) -> str:
    """What the lines say, in one sentence."""
    chosen = chosen[np.isfinite(summary.rtt_median_s[chosen])]
    if not len(chosen):
        return "No flow was reachable at any step"
    verbs = ("Terminals reach their PoP in {}", "pairs of sites reach each other in {}")
    parts: list[str] = []
    for kind in FlowKind:
        rows = chosen[summary.kind[chosen] == kind]
        if len(rows):
            parts.append(verbs[kind].format(_range(summary.rtt_median_s[rows])))
    swings = (summary.rtt_p95_s[chosen] - summary.rtt_p5_s[chosen]) / summary.rtt_median_s[chosen]
    widest = chosen[int(np.argmax(swings))]
    swing = (
        f"{summary.sources[widest]} to {summary.targets[widest]} swings most, "
        f"{1000 * summary.rtt_p5_s[widest]:.0f} to {1000 * summary.rtt_p95_s[widest]:.0f} ms"
    )
    text = "; ".join([*parts, swing])
    return text[0].upper() + text[1:]


def _range(seconds: Floats) -> str:
    """From the least to the greatest, as one phrase."""
    low, high = 1000.0 * float(seconds.min()), 1000.0 * float(seconds.max())
    return f"{low:.0f} ms" if round(low) == round(high) else f"{low:.0f} to {high:.0f} ms"


def _distribution_title(summary: Summary) -> str:
    """Median and 95 % of each kind, in one sentence."""
    parts: list[str] = []
    for kind in FlowKind:
        median_s, p95_s = summary.pooled_rtt_s(kind, (0.5, 0.95))
        if np.isfinite(median_s):
            start = "Half of all round trips" if not parts else "half"
            parts.append(
                f"{start} {_BETWEEN[kind]} take at most {1000 * median_s:.0f} ms, 95 % at most {1000 * p95_s:.0f} ms"
            )
    return "; ".join(parts) or "No flow was reachable at any step"


_BETWEEN: Final = ("from terminal to PoP", "between two sites")


def _span(summary: Summary) -> str:
    """The length of the run in words."""
    hours = summary.steps * summary.step_s / 3600.0
    return f"{hours:.1f} hours" if hours >= 1.0 else f"{60.0 * hours:.0f} minutes"


def _spoken(summary: Summary, chosen: Ints) -> str:
    """The lines as sentences."""
    return " ".join(
        f"{summary.sources[row]} to {summary.targets[row]}: median {milliseconds(summary.rtt_median_s[row])}, "
        f"available {percent(summary.availability[row])}."
        for row in chosen
    )
