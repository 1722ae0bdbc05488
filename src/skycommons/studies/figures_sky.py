"""What the sky offers and what is used of it: elevations, and coverage by latitude."""

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MultipleLocator

from skycommons.base.arrays import Floats
from skycommons.studies.drawing import LIGHT, Drawing, Theme, blank, entitle, plain_axes, styled
from skycommons.studies.service_store import has_service


def elevation_histogram(dataset: xr.Dataset, *, theme: Theme = LIGHT) -> Drawing:
    """How high the satellites stand that a terminal could use, and those that serve it."""
    lower_deg = dataset["elevation_bin"].values.astype(np.float64)
    width_deg = float(np.median(np.diff(lower_deg))) if len(lower_deg) > 1 else 90.0 - float(lower_deg[0])
    edges_deg = np.append(lower_deg, min(lower_deg[-1] + width_deg, 90.0))
    counts = [dataset[name].values.astype(np.float64) for name in ("elevation_candidates", "elevation_served")]
    median_deg = [_median_of_bins(edges_deg, count) for count in counts]
    with styled(theme):
        figure = blank(theme, height_in=3.8)
        axes = figure.subplots()
        for number, (count, name) in enumerate(zip(counts, ("in view", "serving"), strict=True)):
            share = 100.0 * count / max(count.sum(), 1.0)
            label = f"satellites {name} ({int(count.sum()):,} links)"
            _step_area(axes, edges_deg, share, colour=theme.series[number], label=label, dashed=number == 0)
            if np.isfinite(median_deg[number]):
                axes.axvline(median_deg[number], color=theme.series[number], linewidth=1.0, linestyle=(0, (2, 2)))
                axes.annotate(
                    f"median {median_deg[number]:.0f}°",
                    (median_deg[number], 0.98),
                    xycoords=("data", "axes fraction"),
                    xytext=(4, -6 - 13 * number),
                    textcoords="offset points",
                    color=theme.ink,
                    fontsize=9,
                    va="top",
                )
        axes.set_xlim(edges_deg[0], edges_deg[-1])
        axes.set_ylim(0, None)
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}°"))
        plain_axes(axes, theme, x="elevation above the horizon (degrees)", y="share of links (%)")
        axes.legend(loc="upper right")
        title = _elevation_title(*median_deg)
        entitle(figure, theme, title)
    return Drawing(
        name="elevation",
        figure=figure,
        theme=theme,
        alt=f"Histogram of elevation angles. {title}.",
        caption="Elevation of every usable pair of site and satellite at every step, and of the satellites that carry a "
        "flow. Each histogram adds up to 100 %.",
    )


def availability_by_latitude(dataset: xr.Dataset, *, theme: Theme = LIGHT) -> Drawing:
    """Where a satellite is in view, and where one that reaches a gateway is."""
    latitude_deg = dataset["latitude"].values.astype(np.float64)
    visible, served = (dataset[name].values.astype(np.float64) for name in ("coverage_visible", "coverage_served"))
    with styled(theme):
        figure = blank(theme, height_in=3.8)
        axes = figure.subplots()
        axes.fill_between(latitude_deg, 100 * served, color=theme.series[0], alpha=0.18, linewidth=0)
        axes.plot(
            latitude_deg, 100 * visible, color=theme.series[1], linestyle=(0, (5, 1.5)), label="a satellite is in view"
        )
        axes.plot(latitude_deg, 100 * served, color=theme.series[0], linewidth=2.2, label="and a path to a gateway")
        axes.set_xlim(-90, 90)
        axes.set_ylim(0, 104)
        axes.xaxis.set_major_locator(MultipleLocator(30))
        axes.xaxis.set_major_formatter(FuncFormatter(_latitude_label))
        plain_axes(axes, theme, x="latitude (degrees)", y="share of time and places (%)")
        axes.legend(loc="lower center")
        title = _latitude_title(latitude_deg, served)
        limits = " What the scheduler gives whom is not in it." if has_service(dataset) else ""
        entitle(figure, theme, title)
    return Drawing(
        name="latitude",
        figure=figure,
        theme=theme,
        alt=f"Line chart of availability by latitude, from pole to pole. {title}.",
        caption=f"Availability on a grid of test places in each band of latitude, over all steps of the run.{limits}",
    )


def _step_area(axes: Axes, edges_deg: Floats, share: Floats, *, colour: str, label: str, dashed: bool) -> None:
    """One histogram as an outlined area."""
    style = (0, (5, 1.5)) if dashed else "-"
    axes.stairs(share, edges_deg, color=colour, alpha=0.22, fill=True, linewidth=0)
    axes.stairs(share, edges_deg, color=colour, linewidth=1.8, linestyle=style, label=label)


def _median_of_bins(edges_deg: Floats, count: Floats) -> float:
    """The median of binned values, linear inside its bin; NaN if nothing was counted."""
    if not count.sum():
        return float("nan")
    running = np.concatenate([[0.0], np.cumsum(count)]) / count.sum()
    return float(np.interp(0.5, running, edges_deg))


def _elevation_title(in_view_deg: float, serving_deg: float) -> str:
    """What the two histograms say, in one sentence."""
    if not np.isfinite(in_view_deg) or not np.isfinite(serving_deg):
        return "No satellite came into use"
    word = (
        "higher than"
        if serving_deg > in_view_deg + 1
        else "lower than"
        if serving_deg < in_view_deg - 1
        else "as high as"
    )
    return f"Serving satellites stand {word} those in view: {serving_deg:.0f}° against {in_view_deg:.0f}° at the median"


def _latitude_title(latitude_deg: Floats, served: Floats) -> str:
    """Where service is nearly always there, in one sentence."""
    good = served >= 0.99
    if not good.any():
        best = int(np.argmax(np.nan_to_num(served, nan=-1.0)))
        return (
            f"No latitude has a path to a gateway 99 % of the time; the best is {_latitude_label(latitude_deg[best])}"
        )
    width_deg = float(np.median(np.diff(latitude_deg))) if len(latitude_deg) > 1 else 0.0
    runs = np.flatnonzero(np.diff(good.astype(np.int8), prepend=0, append=0))
    begins, ends = runs[::2], runs[1::2]
    longest = int(np.argmax(ends - begins))
    south = _latitude_label(max(latitude_deg[begins[longest]] - width_deg / 2, -90.0))
    north = _latitude_label(min(latitude_deg[ends[longest] - 1] + width_deg / 2, 90.0))
    return f"From {south} to {north}, places have a path to a gateway at least 99 % of the time"


def _latitude_label(value_deg: float, _place: int | None = None) -> str:
    """A latitude as maps write it."""
    side = "N" if value_deg > 0 else "S" if value_deg < 0 else ""
    return f"{abs(value_deg):.0f}° {side}".strip()
