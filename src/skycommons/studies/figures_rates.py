"""Rates: what terminals get over time, in the weather of the run and under a clear sky."""

from typing import Final

import numpy as np
import xarray as xr

from skycommons.base.arrays import Floats, Ints
from skycommons.studies.drawing import DASHES, LIGHT, Drawing, Theme, blank, entitle, plain_axes, styled
from skycommons.studies.service_store import has_service
from skycommons.studies.store import FlowKind
from skycommons.studies.summary import Summary, column_quantiles, megabits

_STEPS_AT_ONCE: Final = 256
_POINTS: Final = 720  # on a line; longer runs are drawn at evenly spaced steps
_SHARES: Final = (0.05, 0.5)
_NO_RATES: Final = "No flow was reachable at any step"
_MEANING: Final = (
    "What a dish would get with a beam to itself, from its satellite's one channel.",
    "What a terminal gets of what its cell is given, by its rank and how much it asks.",
)


def rates_over_time(dataset: xr.Dataset, summary: Summary, *, theme: Theme = LIGHT) -> Drawing:
    """Downlink rates over the run: the typical terminal and the slowest twentieth, with weather and without.

    Flows between sites are drawn only where there is no terminal with a PoP.
    """
    rows = rated_flows(summary)
    steps = np.unique(np.linspace(0, summary.steps - 1, min(summary.steps, _POINTS)).round().astype(np.int64))
    instants = dataset["time"].values[steps]
    with styled(theme):
        figure = blank(theme, height_in=4.2)
        axes = figure.subplots()
        for place, (name, words) in enumerate(
            (("rate_down_bps", "with weather"), ("clear_rate_down_bps", "clear sky"))
        ):
            low_bps, middle_bps = across_flows(dataset, name, steps, rows)
            for values_bps, width, who in ((middle_bps, 2.0, "typical terminal"), (low_bps, 1.0, "slowest twentieth")):
                axes.plot(
                    instants,
                    values_bps / 1e6,
                    color=theme.series[place],
                    linestyle=DASHES[place],
                    linewidth=width,
                    label=f"{who}, {words}",
                )
        axes.set_ylim(bottom=0.0)
        figure.legend(loc="outside lower center", ncols=2)
        plain_axes(axes, theme, x="time (UTC)", y="downlink (Mbit/s)")
        title = rates_title(summary, is_scheduled=has_service(dataset))
        entitle(figure, theme, title)
    return Drawing(
        name="rates-over-time",
        figure=figure,
        theme=theme,
        alt=f"Line chart of downlink rates in megabits per second over the run. {title}.",
        caption=f"{_MEANING[has_service(dataset)]} Thick lines: the median of "
        "all terminals at each step; thin lines: the rate that one terminal in twenty does not reach.",
    )


def rated_flows(summary: Summary) -> Ints:
    """Rows of the terminals' flows to their PoPs; of all flows where there is none."""
    rows = summary.flows_of(FlowKind.TERMINAL_TO_POP)
    return rows if len(rows) else np.arange(len(summary))


def across_flows(dataset: xr.Dataset, name: str, steps: Ints, rows: Ints) -> Floats:
    """The fifth percentile and the median of a variable across flows, ``(2, N)`` at these steps; NaN without flows."""
    found = []
    for begin in range(0, len(steps), _STEPS_AT_ONCE):
        part = dataset[name].isel(time=steps[begin : begin + _STEPS_AT_ONCE], flow=rows).values.astype(np.float64)
        found.append(column_quantiles(part.T, _SHARES) if len(rows) else np.full((len(_SHARES), len(part)), np.nan))
    return np.concatenate(found, axis=1)


def rates_title(summary: Summary, *, is_scheduled: bool = False) -> str:
    """What the lines say, in one sentence; the sky is left out of it where a rate is a part of a cell's."""
    rows = rated_flows(summary)
    if not len(rows) or not (summary.availability[rows] > 0.0).any():
        return _NO_RATES
    now, clear = (
        float(np.median(getattr(summary, name)[rows]))
        for name in ("rate_down_median_bps", "clear_rate_down_median_bps")
    )
    beside = "" if is_scheduled else f", {megabits(clear)} under a clear sky"
    slowest = rows[int(np.argmin(summary.rate_down_median_bps[rows]))]
    return (
        f"A typical dish gets {megabits(now)} down{beside}; "
        f"{summary.sources[slowest]} gets least, {megabits(float(summary.rate_down_median_bps[slowest]))}"
    )
