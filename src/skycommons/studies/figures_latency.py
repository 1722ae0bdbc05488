"""Measured and computed latency side by side, by site and by country."""

import numpy as np

from skycommons.studies.drawing import LIGHT, Drawing, Theme, blank, entitle, plain_axes, styled
from skycommons.studies.site_latency import QUANTILE_NAMES
from skycommons.studies.validate_countries import CountryComparison
from skycommons.studies.validate_rtt import RttComparison

_MARKS = ("o", "s")
_SHOWN = 4  # quantiles up to 90 %: the 99 % would press the others together


def site_quantiles(comparison: RttComparison, *, theme: Theme = LIGHT) -> Drawing:
    """Minimum to 90 % of each site, measured and computed."""
    count = len(comparison.sites)
    with styled(theme):
        figure = blank(theme, height_in=max(3.0, 1.2 + 0.5 * count))
        axes = figure.subplots()
        for side, words in enumerate(("measured", "computed")):
            color = theme.series[side]
            for row, site in enumerate(comparison.sites):
                times_ms = 1e3 * (site.measured_s, site.computed_s)[side][:_SHOWN]
                height = row + (0.16 if side else -0.16)
                axes.plot(times_ms[[0, -1]], [height, height], color=color, linewidth=1.2)
                label = words if row == 0 else None
                axes.plot(
                    times_ms, [height] * _SHOWN, _MARKS[side], color=color, markersize=4, linewidth=0, label=label
                )
        axes.set_yticks(range(count), [site.site for site in comparison.sites])
        axes.set_ylim(count - 0.5, -0.5)
        axes.set_xlim(left=0.0)
        axes.legend(loc="lower left")
        plain_axes(axes, theme, x="round trip to the PoP (ms)", y="")
        title = (
            f"Computed medians of {count} sites: {100.0 * comparison.median_error_p50:.0f} % off in the middle, "
            f"{100.0 * comparison.max_error_p50:.0f} % at most"
        )
        entitle(figure, theme, title)
    return Drawing(
        name="site-latency",
        figure=figure,
        theme=theme,
        alt=f"Dots for minimum, 10 %, median and 90 % of the round trip at each site, measured and computed. {title}.",
        caption=f"Marks from left to right: {', '.join(QUANTILE_NAMES[:_SHOWN])}. Parameters of {comparison.model.name}.",
    )


def country_medians(comparison: CountryComparison, *, theme: Theme = LIGHT) -> Drawing:
    """Measured over computed medians: latency and both rates."""
    panels = (("latency", 1e3, "ms"), ("download", 1e-6, "Mbit/s"), ("upload", 1e-6, "Mbit/s"))
    with styled(theme):
        figure = blank(theme)
        for axes, (quantity, factor, unit) in zip(figure.subplots(1, 3), panels, strict=True):
            computed, measured = factor * comparison.computed[quantity], factor * comparison.measured[quantity]
            for side, (rows, words) in enumerate(
                ((comparison.in_fit, "in the fit"), (~comparison.in_fit, "not in the fit"))
            ):
                color = theme.series[side]
                axes.plot(
                    computed[rows], measured[rows], _MARKS[side], color=color, markersize=3, linewidth=0, label=words
                )
            most = float(np.nanmax([*computed, *measured, 1.0]))
            axes.plot([0.0, most], [0.0, most], color=theme.muted, linewidth=0.8)
            plain_axes(axes, theme, x=f"computed {quantity} ({unit})", y="measured")
            if quantity == "latency":
                axes.legend(loc="upper left")
        found = comparison.agreement("latency")
        rank = "not defined" if found.rank_correlation is None else f"{found.rank_correlation:.2f}"
        title = f"Median latency of {found.n} countries: rank correlation {rank}; of rates, less"
        entitle(figure, theme, title)
    return Drawing(
        name="country-medians",
        figure=figure,
        theme=theme,
        alt=f"Three scatter plots of measured over computed medians by country. {title}.",
        caption="On the line both agree. Half of the countries gave the parameters, the other half judges them.",
    )
