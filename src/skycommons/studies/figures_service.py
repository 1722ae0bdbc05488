"""Service in charts: why cells go without it, how busy the satellites are, and who served a terminal when."""

from typing import Final

import numpy as np
import xarray as xr
from matplotlib.axes import Axes

from skycommons.base.arrays import Bytes, Floats, Ints32
from skycommons.plan.requests import Unserved
from skycommons.studies.drawing import LIGHT, Drawing, Theme, blank, entitle, plain_axes, styled
from skycommons.studies.figures_cells import reason_colour
from skycommons.studies.service_store import unserved_phrase
from skycommons.studies.service_summary import ServiceSummary, few_digits
from skycommons.studies.store import names

_ROWS: Final = 14  # terminals in a timeline
_LABELLED: Final = 40  # up to so many slots, satellites are named in their bars
_EPOCH: Final = np.datetime64("1970-01-01T00:00:00", "ns")
_DAY: Final = np.timedelta64(1, "D")


def reasons_chart(summary: ServiceSummary, *, theme: Theme = LIGHT) -> Drawing:
    """How many cells have each reason, mean over the slots."""
    codes = [
        int(code) for code in np.argsort(summary.reason_cells, kind="stable") if code and summary.reason_cells[code]
    ]
    counts = summary.reason_cells[codes] if codes else np.zeros(0)
    rows = summary.reason_rows()
    title = (
        f"{counts.sum():,.0f} of {summary.everywhere.cells:,} cells go without service at a time, most often because: "
        f"{rows[0]['why not']}"
        if rows
        else "No cell that asks for service goes without it"
    )
    with styled(theme):
        figure = blank(theme, height_in=1.4 + 0.42 * max(len(codes), 1))
        axes = figure.subplots()
        axes.barh(
            [unserved_phrase(code) for code in codes],
            counts,
            color=[reason_colour(theme, code) for code in codes],
            height=0.62,
        )
        for row, count in enumerate(counts):
            axes.annotate(
                f" {few_digits(float(count))}",
                (count, row),
                va="center",
                fontsize=9,
                color=theme.ink,
                annotation_clip=False,
            )
        plain_axes(axes, theme, x="cells without service, mean over the slots", y="")
        axes.grid(visible=False, axis="y")
        if not codes:
            axes.set_yticks([])
        axes.set_xlim(0.0, 1.12 * float(counts.max(initial=1.0)))
        entitle(figure, theme, title)
    words = "; ".join(f"{row['why not']}: {row['cells (mean)']} cells" for row in rows)
    return Drawing(
        name="service-why",
        figure=figure,
        theme=theme,
        alt=f"Bar chart of reasons for which cells are not served. {words or title}.",
        caption="Each cell without service counts once in each slot, with the last gate that took away its last candidate; "
        "what somebody decided comes first.",
    )


def satellite_load(dataset: xr.Dataset, summary: ServiceSummary, *, theme: Theme = LIGHT) -> Drawing:
    """How many requests the satellites serve that serve any."""
    load = dataset["satellite_requests"].values
    load = load[load > 0.0]
    _, median, high = summary.load_quantiles
    title = (
        f"{summary.satellites_used:,} of {summary.satellites:,} satellites ever served; half of them at most {few_digits(median)} "
        f"requests at a time, 95 % at most {few_digits(high)}"
    )
    with styled(theme):
        figure = blank(theme, height_in=3.6)
        axes = figure.subplots()
        if len(load):
            axes.hist(load, bins=min(40, max(int(np.ceil(load.max())), 2)), color=theme.series[0], alpha=0.85)
        axes.set_xlim(left=0.0)
        plain_axes(axes, theme, x="requests served at a time, mean over the slots", y="satellites")
        entitle(figure, theme, title)
    return Drawing(
        name="service-satellites",
        figure=figure,
        theme=theme,
        alt=f"Histogram of requests per satellite. {title}.",
        caption="A request is one channel of one cell. Satellites that serve nobody, such as those over open sea, are left out.",
    )


def handover_timeline(dataset: xr.Dataset, summary: ServiceSummary, *, theme: Theme = LIGHT) -> Drawing:
    """Which satellite served each named terminal when, and why none did."""
    rows = np.flatnonzero(dataset["site_kind"].values == 0)[:_ROWS]
    part = dataset[["site_satellite", "site_reason"]].isel(site=rows)
    satellite, reason = part["site_satellite"].values, part["site_reason"].values
    begins = _slot_edges(dataset)
    labels = [names(dataset, "site")[row] for row in rows]
    satellites = names(dataset, "satellite") if len(begins) - 1 <= _LABELLED else None
    dark: set[int] = set()
    with styled(theme):
        figure = blank(theme, width_in=11.0, height_in=1.6 + 0.44 * max(len(rows), 1))
        axes = figure.subplots()
        for place in range(len(rows)):
            dark |= _terminal_bars(
                axes,
                satellite[:, place],
                reason[:, place],
                begins=begins,
                place=place,
                satellites=satellites,
                theme=theme,
            )
        axes.set_yticks(range(len(rows)), labels)
        axes.set_ylim(len(rows) - 0.4, -0.6)
        axes.set_xlim(begins[0], begins[-1])
        axes.xaxis_date()
        plain_axes(axes, theme, x="time (UTC)", y="")
        axes.grid(visible=False, axis="y")
        handles = [
            axes.barh([0], [0], color=reason_colour(theme, code), label=f"dark: {unserved_phrase(code)}")
            for code in sorted(dark)
        ]
        if handles:
            figure.legend(loc="outside lower center", ncols=2)
        title = _timeline_title(summary)
        entitle(figure, theme, title)
    spoken = " ".join(f"{one.name}: served {one.served_share:.0%} of the slots." for one in summary.terminals[:_ROWS])
    return Drawing(
        name="service-handovers",
        figure=figure,
        theme=theme,
        alt=f"Timeline of serving satellites. {title}. {spoken}",
        caption="One bar for each stretch with one satellite; neighbours differ in shade. A bar in another colour is dark, and "
        "the legend says why.",
    )


def _terminal_bars(
    axes: Axes,
    satellite: Ints32,
    reason: Bytes,
    *,
    begins: Floats,
    place: int,
    satellites: tuple[str, ...] | None,
    theme: Theme,
) -> set[int]:
    """The bars of one terminal; returns the reasons that occur."""
    kind = np.where(satellite >= 0, satellite, -1 - reason.astype(np.int64))
    starts = np.flatnonzero(np.diff(kind, prepend=kind[:1] - 1))
    ends = np.append(starts[1:], len(kind))
    dark: set[int] = set()
    shade = 0
    for start, end in zip(starts, ends, strict=True):
        is_served = kind[start] >= 0
        code = int(-1 - kind[start])
        shade = shade + 1 if is_served else 0
        colour = theme.series[0] if is_served else reason_colour(theme, code if code > 0 else Unserved.NO_BEAM)
        left, width = begins[start], begins[end] - begins[start]
        axes.barh(
            place,
            width,
            left=left,
            height=0.66,
            color=colour,
            alpha=(0.55 + 0.4 * (shade % 2)) if is_served else 1.0,
            linewidth=0,
        )
        if is_served and satellites is not None and (end - start) * 40 >= len(kind) * 3:
            axes.text(
                left + width / 2,
                place,
                satellites[int(kind[start])],
                ha="center",
                va="center",
                fontsize=7,
                color=theme.surface,
            ).set_clip_on(True)
        if not is_served:
            dark.add(code)
    return dark - {0}


def _slot_edges(dataset: xr.Dataset) -> Floats:
    """``(K+1,)`` begins of the slots and the end of the last, in matplotlib's days."""
    instants = dataset["slot_time"].values.astype("datetime64[ns]")
    width = np.median(np.diff(instants)) if len(instants) > 1 else np.timedelta64(15, "s")
    return np.asarray((np.append(instants, instants[-1] + width) - _EPOCH) / _DAY)


def _timeline_title(summary: ServiceSummary) -> str:
    """How often terminals change and how dark they are, in one sentence."""
    if not summary.terminals:
        return "The scenario names no terminal"
    rates = np.array([one.handovers_per_hour for one in summary.terminals])
    shares = np.array([one.served_share for one in summary.terminals])
    known = rates[np.isfinite(rates)]
    words = (
        f"terminals change satellite {np.median(known):.0f} times an hour"
        if len(known)
        else "handovers cannot be counted"
    )
    dark = int(np.count_nonzero(shares < 1.0))
    tail = "none is ever dark" if not dark else f"{dark} of {len(shares)} are dark at times"
    return f"{words[0].upper()}{words[1:]}; {tail}"
