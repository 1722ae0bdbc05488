"""The sky that a dish could use and the part that it was given: elevations of candidates, real and scheduled."""

import numpy as np

from skycommons.studies.drawing import DASHES, LIGHT, Drawing, Theme, blank, entitle, plain_axes, styled
from skycommons.studies.validate_serving import ServingComparison


def served_elevations(comparison: ServingComparison, *, theme: Theme = LIGHT) -> Drawing:
    """Share of satellites below each elevation: of all in view, of those that served, of those that the scheduler took."""
    curves = (
        (comparison.candidate_elevation_rad, "in view", 1.2),
        (comparison.real_elevation_rad, "really served", 2.0),
        (comparison.scheduled_elevation_rad, "scheduled", 2.0),
    )
    with styled(theme):
        figure = blank(theme)
        axes = figure.subplots()
        for place, (elevation_rad, words, width) in enumerate(curves):
            if not len(elevation_rad):
                continue
            axes.plot(
                np.degrees(np.sort(elevation_rad)),
                100.0 * np.arange(1, len(elevation_rad) + 1) / len(elevation_rad),
                color=theme.series[place],
                linestyle=DASHES[place],
                linewidth=width,
                label=words,
            )
        axes.set_xlim(0.0, 90.0)
        axes.set_ylim(0.0, 100.0)
        axes.legend(loc="upper left")
        plain_axes(axes, theme, x="elevation (degrees)", y="satellites below it (%)")
        middle = [
            f"{np.degrees(np.median(elevation_rad)):.0f}°" for elevation_rad, _, _ in curves if len(elevation_rad)
        ]
        title = f"Half of the satellites in view stand below {middle[0]}, of those that served below {middle[1]}"
        title += f", of those scheduled below {middle[2]}" if len(middle) > 2 else "; nothing was scheduled"
        entitle(figure, theme, title)
    return Drawing(
        name="served-elevations",
        figure=figure,
        theme=theme,
        alt=f"Line chart of the share of satellites below each elevation. {title}.",
        caption="Each line counts slots of 15 s: all satellites in view, the one that served, and the one that the "
        "scheduler took, over all of its runs.",
    )
