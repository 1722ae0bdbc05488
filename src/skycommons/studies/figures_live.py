"""What programs measured over a live network, beside its plan: over time under what happened, and how often each round trip occurs."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from skycommons.base.arrays import Floats, Ints
from skycommons.base.constants import NS_PER_S
from skycommons.emulation.live_record import Expected, LiveStory
from skycommons.emulation.probes import TIME, ProbeResult
from skycommons.model.emulation_rules import Direction
from skycommons.studies.drawing import DASHES, LIGHT, Drawing, Theme, blank, entitle, plain_axes, styled
from skycommons.studies.figures_live_lanes import (
    LANE_IN,
    Instants,
    Stretch,
    draw_behind,
    draw_lanes,
    instants,
    keys_of,
    lanes_of,
)
from skycommons.studies.summary import milliseconds

_WIDTH_IN: Final = 9.6
_INSIDE_IN: Final = 8.5  # of the width, what axes get
_PANEL_IN: Final = 1.75
_HIGHEST: Final = 0.98  # share of round trips below which the scale ends
_MARGIN: Final = 0.01  # of the span, at both ends
_MOST_PANELS: Final = 8
_MANY: Final = 3_000  # dots, which are smaller then, and pixels in SVG
_CAPTION: Final = (
    "Dots and steps: what real programs measured. Line and band: what the plan has, queues not counted. Ticks at the foot are packets that "
    "did not come back, triangles at the top edge round trips beyond the scale."
)


def live_drawings(results: Sequence[ProbeResult], story: LiveStory, *, theme: Theme = LIGHT) -> tuple[Drawing, ...]:
    """All pictures of a run: an overview, round trips and throughput for each terminal, and the shares of round trips of all."""
    drawn: list[Drawing] = []
    for terminal in terminals_of(results, story):
        own = [result for result in results if len(result) and terminal in {result.source, result.target}]
        rtt, rate = [each for each in own if has_rtt(each)], [each for each in own if has_rate(each)]
        if rtt and rate:
            drawn.append(over_time(own, story, terminal=terminal, name="overview", theme=theme))
        if rtt:
            drawn.append(over_time(rtt, story, terminal=terminal, name="rtt", theme=theme))
        if rate:
            drawn.append(over_time(rate, story, terminal=terminal, name="throughput", theme=theme))
    if any(is_echo(result) for result in results):
        drawn.append(rtt_shares(results, theme=theme))
    return tuple(drawn)


def terminals_of(results: Sequence[ProbeResult], story: LiveStory) -> tuple[str, ...]:
    """The terminals that measured something, in the order of the results; sources where the story knows no terminal."""
    found: dict[str, None] = {}
    for result in results:
        if len(result):
            found.setdefault(next((host for host in _ends(result) if host in story.terminals), result.source))
    return tuple(found)


def _ends(result: ProbeResult) -> tuple[str, str]:
    """Both hosts of a probe."""
    return result.source, result.target


def has_rtt(result: ProbeResult) -> bool:
    """Whether a probe measured any round trips, or lost all of them."""
    return "rtt_s" in result.series and (is_echo(result) or bool(np.isfinite(result.series["rtt_s"]).any()))


def is_echo(result: ProbeResult) -> bool:
    """Whether a probe's rows are single packets, there and back."""
    return bool(len(result)) and "rtt_s" in result.series and "goodput_bps" not in result.series


def has_rate(result: ProbeResult) -> bool:
    """Whether a probe measured a rate."""
    return "goodput_bps" in result.series and bool(np.isfinite(result.series["goodput_bps"]).any())


@dataclass(frozen=True, slots=True, kw_only=True)
class _Panel:
    """One chart: a result, and whether its rate is drawn or its round trips."""

    result: ProbeResult
    is_rate: bool


def over_time(
    results: Sequence[ProbeResult], story: LiveStory, *, terminal: str, name: str = "overview", theme: Theme = LIGHT
) -> Drawing:
    """What some probes of one terminal measured over time, one chart each, under lanes that tell what happened.

    Args:
        results: Up to eight are drawn.
        story: What was meant to happen.
        terminal: Whose.
        name: Of the drawing, before the terminal's; ``rtt`` also draws the round trips of what measured a rate.
        theme: Colours.
    """
    own = story.of(terminal)
    panels = _panels(results, with_load=name == "rtt")
    paper = _paper([panel.result for panel in panels])
    lanes = lanes_of(story, own, paper)
    lanes_in = LANE_IN * max(lanes.rows, 1)
    with styled(theme):
        figure = blank(theme, width_in=_WIDTH_IN, height_in=1.5 + lanes_in + _PANEL_IN * len(panels))
        heights = [lanes_in, *(_PANEL_IN for _ in panels)]
        top, *charts = figure.subplots(len(panels) + 1, 1, sharex=True, height_ratios=heights, squeeze=False)[:, 0]
        draw_lanes(top, lanes, theme)
        for axes, panel in zip(charts, panels, strict=True):
            draw_behind(axes, story, own, paper=paper, theme=theme)
            draw = _rate_panel if panel.is_rate else _rtt_panel
            draw(axes, panel.result, own.expected, theme=theme, terminal=terminal)
        charts[-1].set_xlim(*instants([paper.begin_ns, paper.end_ns]))
        charts[-1].set_xlabel("time (UTC)")
        keys = [*_keys(panels, own.expected, theme), *keys_of(story, own, theme)]
        figure.legend(handles=keys, loc="outside lower center", ncols=6, handletextpad=0.5, columnspacing=1.4)
        title = f"{terminal}: {_title([panel.result for panel in panels])}"
        entitle(figure, theme, title)
    return Drawing(
        name=re.sub(r"[^\w.-]+", "-", f"{name}-{terminal}"),
        figure=figure,
        theme=theme,
        alt=f"Charts over time of what programs measured at {terminal}. {title}.",
        caption=_CAPTION,
    )


def _panels(results: Sequence[ProbeResult], *, with_load: bool) -> list[_Panel]:
    """Round trips first, then rates."""
    rtt = [_Panel(result=each, is_rate=False) for each in results if is_echo(each)]
    loaded = [_Panel(result=each, is_rate=False) for each in results if has_rtt(each) and not is_echo(each)]
    rates = [_Panel(result=each, is_rate=True) for each in results if has_rate(each)]
    return [*rtt, *(loaded if with_load else rates)][:_MOST_PANELS] or rates or loaded


def _paper(results: Sequence[ProbeResult]) -> Stretch:
    """From the first row to the last, with a margin."""
    begin_ns = min(int(result.series[TIME][0]) for result in results)
    end_ns = max(int(result.series[TIME][-1]) for result in results)
    margin_ns = max(round(_MARGIN * (end_ns - begin_ns)), NS_PER_S // 10)
    return Stretch(begin_ns=begin_ns - margin_ns, end_ns=end_ns + margin_ns, width_in=_INSIDE_IN)


def _rtt_panel(axes: Axes, result: ProbeResult, expected: Expected, *, theme: Theme, terminal: str) -> None:
    """Round trips of one probe over the plan's."""
    del terminal
    at, rtt_ms = instants(result.series[TIME]), 1e3 * result.series["rtt_s"]
    known = np.isfinite(rtt_ms)
    planned = slice(*np.searchsorted(expected.time_ns, result.series[TIME][[0, -1]]).tolist())
    plan_ms = [
        1e3 * column[planned]
        for column in (expected.rtt_s, expected.rtt_low_s, expected.rtt_high_s)
        if column is not None
    ]
    if len(expected.time_ns[planned]) and is_echo(result):
        plan_at = instants(expected.time_ns[planned])
        if len(plan_ms) == 3:
            axes.fill_between(plan_at, plan_ms[1], plan_ms[2], color=theme.series[1], alpha=0.22, linewidth=0, zorder=1)
        axes.plot(plan_at, plan_ms[0], color=theme.series[1], linewidth=1.3, zorder=4)
    low_ms, high_ms = _range_ms([rtt_ms[known], *(plan_ms if is_echo(result) else [])])
    axes.set_ylim(low_ms, high_ms)
    _dots(axes, at[known], rtt_ms[known], high_ms=high_ms, colour=theme.series[0])
    if is_echo(result):
        lost = at[~known]
        axes.plot(
            lost, np.full(len(lost), 0.04), "|", color=theme.ink, markersize=7, transform=axes.get_xaxis_transform()
        )
    plain_axes(axes, theme, x="", y="RTT (ms)")
    axes.set_title(_rtt_words(result), color=theme.muted, fontsize=9)


def _dots(axes: Axes, at: Instants, rtt_ms: Floats, *, high_ms: float, colour: str) -> None:
    """Single round trips; those beyond the scale at its edge."""
    inside = rtt_ms <= high_ms
    size = 3.2 if len(rtt_ms) < 600 else 2.0 if len(rtt_ms) < _MANY else 1.2
    axes.plot(
        at[inside],
        rtt_ms[inside],
        "o",
        color=colour,
        markersize=size,
        markeredgewidth=0,
        alpha=0.75,
        zorder=3,
        rasterized=len(rtt_ms) >= _MANY,
    )
    beyond = at[~inside]
    axes.plot(
        beyond, np.full(len(beyond), 0.965), "^", color=colour, markersize=4, markeredgewidth=0,
        transform=axes.get_xaxis_transform(), zorder=3,
    )  # fmt: skip


def _range_ms(columns: Sequence[Floats]) -> tuple[float, float]:
    """A range that holds the plan and all but a few single round trips, with room for ticks at the foot."""
    values = [column[np.isfinite(column)] for column in columns]
    values = [column for column in values if column.size]
    if not values:
        return 0.0, 1.0
    low_ms = min(float(column.min()) for column in values)
    high_ms = max(float(np.quantile(column, _HIGHEST)) for column in values)
    room_ms = max(high_ms - low_ms, 0.05 * high_ms)
    return max(low_ms - 0.22 * room_ms, 0.0), high_ms + 0.12 * room_ms


def _rate_panel(axes: Axes, result: ProbeResult, expected: Expected, *, theme: Theme, terminal: str) -> None:
    """Goodput of one probe over the rate of the plan."""
    time_ns, goodput_bps = result.series[TIME], result.series["goodput_bps"]
    spans_s = result.series.get("span_s", result.series.get("total_s"))
    ends_ns = time_ns + np.rint(NS_PER_S * np.nan_to_num(_spans_s(time_ns) if spans_s is None else spans_s)).astype(
        np.int64
    )
    way = direction_of(result, terminal)
    plan_bps = expected.up_bps if way is Direction.UP else expected.down_bps
    planned = slice(*np.searchsorted(expected.time_ns, [time_ns[0], ends_ns[-1]]).tolist())
    plan_bps = plan_bps[planned]
    highest_bps = max(_highest(goodput_bps), _highest(plan_bps))
    unit, factor = ("Gbit/s", 1e-9) if highest_bps >= 2e9 else ("Mbit/s", 1e-6)
    if np.isfinite(plan_bps).any():
        at = instants(expected.time_ns[planned])
        axes.plot(at, factor * plan_bps, color=theme.series[1], linewidth=1.3, zorder=2, drawstyle="steps-post")
    rate = factor * goodput_bps
    axes.hlines(rate, instants(time_ns), instants(ends_ns), color=theme.series[0], linewidth=2.2, zorder=3)
    if "total_s" in result.series:
        axes.plot(instants(time_ns), rate, "o", color=theme.series[0], markersize=3.5, zorder=3)
    else:  # intervals follow each other
        axes.plot(
            instants(time_ns), rate, color=theme.series[0], linewidth=0.7, alpha=0.6, drawstyle="steps-post", zorder=2.5
        )
    axes.set_ylim(0.0, max(1.12 * factor * highest_bps, 1e-3))
    plain_axes(axes, theme, x="", y=unit)
    axes.set_title(_rate_words(result, way), color=theme.muted, fontsize=9)


def _spans_s(time_ns: Ints) -> Floats:
    """Lengths of rows that do not say theirs: to the next one."""
    steps = np.diff(time_ns) * 1e-9
    return np.append(steps, np.median(steps) if len(steps) else 0.0)


def _highest(values: Floats) -> float:
    """The greatest number that is known."""
    known = values[np.isfinite(values)]
    return float(known.max()) if known.size else 0.0


def direction_of(result: ProbeResult, terminal: str) -> Direction:
    """Which way the data of a probe go, seen from a terminal."""
    said = result.summary.get("direction", Direction.UP.value)  # what sends without being asked sends away
    way = Direction.UP if said == Direction.UP.value else Direction.DOWN
    if terminal == result.source:
        return way
    return Direction.DOWN if way is Direction.UP else Direction.UP


def _rtt_words(result: ProbeResult) -> str:
    """A chart of round trips in a few words."""
    rtt_s = result.series["rtt_s"]
    known = rtt_s[np.isfinite(rtt_s)]
    median = milliseconds(float(np.median(known)) if known.size else float("nan"))
    if not is_echo(result):
        return f"{result.probe} to {result.target}: round trip under its own load, median {median}"
    p95 = milliseconds(float(np.quantile(known, 0.95)) if known.size else float("nan"))
    lost = 1.0 - known.size / len(rtt_s)
    return f"{result.probe} to {result.target}: median {median}, 95 % within {p95}, lost {_share(lost)}"


def _share(share: float) -> str:
    """A share that hides neither a few lost ones nor a few that came.

    >>> _share(0.0), _share(0.0004), _share(0.25), _share(0.99999), _share(1.0)
    ('0 %', '0.04 %', '25 %', '99.9 %', '100 %')
    """
    return "100 %" if share >= 1.0 else f"{min(100.0 * share, 99.9):.3g} %"


def _rate_words(result: ProbeResult, way: Direction) -> str:
    """A chart of rates in a few words."""
    said = result.summary.get("goodput_mean_bps", result.summary.get("goodput_median_bps"))
    known = result.series["goodput_bps"][np.isfinite(result.series["goodput_bps"])]
    mean_bps = said if isinstance(said, float) and np.isfinite(said) else float(known.mean())
    word = "mean" if "goodput_mean_bps" in result.summary else "median"
    return f"{result.probe} with {result.target}, {way.value}: {word} {rate_words(mean_bps)}"


def rate_words(rate_bps: float) -> str:
    """A rate as people write it.

    >>> rate_words(93_400_000.0), rate_words(2.1e9), rate_words(250_000.0)
    ('93.4 Mbit/s', '2.1 Gbit/s', '250 kbit/s')
    """
    for unit, factor in (("Gbit/s", 1e-9), ("Mbit/s", 1e-6)):
        if rate_bps * factor >= 1.0:
            return f"{rate_bps * factor:.3g} {unit}"
    return f"{rate_bps * 1e-3:.3g} kbit/s"


def _title(results: Sequence[ProbeResult]) -> str:
    """What was found, in one sentence."""
    parts = []
    echoes = [result.series["rtt_s"] for result in results if is_echo(result)]
    if echoes:
        rtt_s = np.concatenate(echoes)
        known = rtt_s[np.isfinite(rtt_s)]
        lost = _share(1.0 - known.size / len(rtt_s))
        half = f"half of all round trips took at most {milliseconds(float(np.median(known)))}, " if known.size else ""
        parts.append(f"{half}{lost} of the packets were lost")
    shown: dict[str, float] = {}
    for result in results:
        mean_bps = result.summary.get("goodput_mean_bps")
        if isinstance(mean_bps, float) and np.isfinite(mean_bps):
            shown.setdefault(result.probe, mean_bps)
    parts += [f"{probe} got {rate_words(mean_bps)}" for probe, mean_bps in list(shown.items())[:2]]
    return "; ".join(parts) or "what programs measured"


def _keys(panels: Sequence[_Panel], expected: Expected, theme: Theme) -> list[Patch | Line2D]:
    """What dots, lines and bands mean."""
    keys: list[Patch | Line2D] = []
    echoes = [panel.result for panel in panels if not panel.is_rate and is_echo(panel.result)]
    if any(not panel.is_rate for panel in panels):
        keys.append(Line2D([], [], color=theme.series[0], marker="o", markersize=4, linestyle="", label="measured"))
    if any(panel.is_rate for panel in panels):
        keys.append(Line2D([], [], color=theme.series[0], linewidth=2.2, label="measured goodput"))
    if len(expected.time_ns):
        keys.append(Line2D([], [], color=theme.series[1], linewidth=1.3, label="plan"))
        if echoes and expected.rtt_low_s is not None:
            keys.append(Patch(color=theme.series[1], alpha=0.3, label="plan, nine of ten"))
    if any(np.isnan(result.series["rtt_s"]).any() for result in echoes):
        keys.append(Line2D([], [], color=theme.ink, marker="|", markersize=7, linestyle="", label="lost"))
    return keys


def rtt_shares(results: Sequence[ProbeResult], *, theme: Theme = LIGHT) -> Drawing:
    """How large a share of round trips took at most a given time, probe by probe."""
    echoes = [result for result in results if is_echo(result)]
    with styled(theme):
        figure = blank(theme, height_in=4.6)
        axes = figure.subplots()
        seen = []
        for number, result in enumerate(echoes):
            colour, dash = theme.series[number % len(theme.series)], DASHES[number % len(DASHES)]
            values_ms = np.sort(1e3 * result.series["rtt_s"][np.isfinite(result.series["rtt_s"])])
            shares = np.linspace(100.0, 0.0, len(values_ms), endpoint=False)[::-1]
            axes.plot(values_ms, shares, color=colour, linewidth=2.0, linestyle=dash, label=result.label)
            seen.append(values_ms)
        axes.set_xlim(*_range_ms(seen))
        axes.set_ylim(0.0, 101.0)
        plain_axes(axes, theme, x="round-trip time (ms)", y="share of round trips (%)")
        figure.legend(loc="outside lower center", ncols=2)
        title = f"Round trips: {_title(echoes)}"
        entitle(figure, theme, title)
    return Drawing(
        name="rtt-shares",
        figure=figure,
        theme=theme,
        alt=f"Cumulative distribution of round-trip times. {title}.",
        caption="Share of the packets that came back which took at most the time below.",
    )
