"""The availability of a rate on a flat map of the world.

Equal Earth, so that areas are true. The colours run from dark, where the rate is rare, to light, where it is always there;
their order is that of their lightness, so that eyes which see no colours read the map as well.
"""

from typing import Final

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import BoundaryNorm, ListedColormap
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.path import Path as Outline

from skycommons.base.arrays import Floats
from skycommons.model.land import land_rings
from skycommons.radio.recommendations import RECOMMENDATIONS
from skycommons.studies.atlas import LEVELS, LOST_EDGES, MINUTES_PER_YEAR, Atlas
from skycommons.studies.drawing import LIGHT, Drawing, Theme, blank, entitle, styled
from skycommons.studies.figures_map import equal_earth, land_outline

_CLASSES: Final = len(LOST_EDGES) + 1
_STAMPED: Final = ("gas, cloud, rain and scintillation together", "gas on a slant path", "cloud")


def atlas_map(atlas: Atlas, *, theme: Theme = LIGHT) -> Drawing:
    """The map, with its scale in shares of the year and in minutes without the rate."""
    title = _title(atlas)
    stamp = ", ".join(RECOMMENDATIONS[subject] for subject in _STAMPED)
    with styled(theme):
        figure = blank(theme, width_in=11.0, height_in=6.6)
        axes = figure.subplots()
        _field(axes, atlas, theme)
        _outlines(axes, theme)
        _scale(figure, axes, note=f"{_conditions(atlas)}; {stamp}", theme=theme)
        entitle(figure, theme, title)
    return Drawing(
        name="atlas",
        figure=figure,
        theme=theme,
        alt=f"Map of the world. {title}.",
        caption=f"{' '.join(atlas.assumptions())} Computed by {stamp}.",
    )


def class_words(place: int) -> str:
    """A class of the map in words.

    >>> class_words(0), class_words(2), class_words(9)
    ('99.999 % or more', '99.99 % to 99.997 %', 'less than 50 %')
    """
    if place == 0:
        return f"{_percent(0)} or more"
    if place == len(LOST_EDGES):
        return f"less than {_percent(place - 1)}"
    return f"{_percent(place)} to {_percent(place - 1)}"


def _percent(edge: int) -> str:
    return f"{100.0 * (1.0 - LOST_EDGES[edge]):.6g} %"


def _title(atlas: Atlas) -> str:
    """What was found, in one sentence."""
    level = LEVELS[1]
    share = atlas.land_at_least(level)
    return (
        f"{atlas.rate_bps / 1e6:g} Mbit/s down to a {atlas.link.terminal.name} terminal: "
        f"{100.0 * share:.0f} % of the land has it for {100.0 * level:g} % of the year or more"
    )


def _conditions(atlas: Atlas) -> str:
    """Satellite and elevation, in few words."""
    elevation = "usual elevations" if atlas.by_latitude else f"elevation {atlas.elevation_deg[0]:g}°"
    return f"{atlas.link.payload.name} at {atlas.link.altitude_m / 1e3:.0f} km, {elevation}"


def _colours() -> ListedColormap:
    """One colour a class, the best one lightest."""
    return ListedColormap(colormaps["viridis"](np.linspace(1.0, 0.0, _CLASSES)))


def _norm() -> BoundaryNorm:
    return BoundaryNorm(np.arange(_CLASSES + 1) - 0.5, _CLASSES)


def _field(axes: Axes, atlas: Atlas, theme: Theme) -> None:
    """The cells; where no satellite is seen the sea's colour shows."""
    axes.set_aspect("equal")
    axes.set_axis_off()
    rim = _rim()
    axes.add_patch(PathPatch(Outline(rim, closed=False), facecolor=theme.sea, edgecolor="none", zorder=0))
    half = np.radians(atlas.spacing_deg) / 2.0
    south, west = np.radians(atlas.latitude_deg) - half, np.radians(atlas.longitude_deg) - half
    latitude, longitude = np.append(south, np.pi / 2.0), np.append(west, np.pi)
    grid = np.stack(np.meshgrid(longitude, latitude), axis=-1)
    corner = equal_earth(grid.reshape(-1, 2)).reshape(grid.shape)
    classes = np.ma.masked_invalid(atlas.lost_class())
    axes.pcolormesh(
        *(corner[..., 0], corner[..., 1]), classes, cmap=_colours(), norm=_norm(), zorder=1, rasterized=True
    )
    axes.plot(*np.vstack([rim, rim[:1]]).T, color=theme.coast, linewidth=0.8, zorder=4)
    axes.set_xlim(rim[:, 0].min() * 1.01, rim[:, 0].max() * 1.01)
    axes.set_ylim(rim[:, 1].min() * 1.01, rim[:, 1].max() * 1.01)


def _rim() -> Floats:
    """The edge of the map."""
    side = np.linspace(-np.pi / 2.0, np.pi / 2.0, 91)
    east, west = (np.column_stack([np.full(91, turn), side]) for turn in (np.pi, -np.pi))
    return equal_earth(np.vstack([east, west[::-1]]))


def _outlines(axes: Axes, theme: Theme) -> None:
    """Coasts and parallels."""
    rings = [equal_earth(np.radians(ring)) for ring in land_rings()]
    # Two lines, a light one under a dark one, so that coasts stand out on every colour of the field.
    for colour, width in (("#ffffff", 1.5), ("#101820", 0.6)):
        axes.add_patch(
            PathPatch(land_outline(rings), facecolor="none", edgecolor=colour, linewidth=width, alpha=0.8, zorder=2)
        )
    for degree in range(-60, 61, 30):
        line = equal_earth(np.column_stack([np.array([-np.pi, np.pi]), np.full(2, np.radians(degree))]))
        axes.plot(*line.T, color="#ffffff", alpha=0.35, linewidth=0.6, zorder=3)
        side_word = "N" if degree > 0 else "S" if degree < 0 else ""
        axes.text(line[0, 0] - 0.04, line[0, 1], f"{abs(degree)}° {side_word}".strip(), ha="right", va="center",
                  fontsize=8, color=theme.muted)  # fmt: skip


def _scale(figure: Figure, axes: Axes, *, note: str, theme: Theme) -> None:
    """The classes below the map, each limit as a share of the year and as minutes a year without the rate."""
    bar = figure.colorbar(
        ScalarMappable(norm=_norm(), cmap=_colours()),
        ax=axes, orientation="horizontal", fraction=0.045, pad=0.03, aspect=60, spacing="uniform",
    )  # fmt: skip
    minutes = [MINUTES_PER_YEAR * lost for lost in LOST_EDGES]
    words = [f"{value:,.0f} min" if value < 600 else f"{value / 1440:,.1f} d" for value in minutes]
    bar.set_ticks(list(np.arange(len(LOST_EDGES)) + 0.5))
    bar.set_ticklabels([f"{_percent(place)}\n{word}" for place, word in enumerate(words)], fontsize=8.5)
    bar.set_label(
        f"share of an average year with the rate, and how long it is missing in a year\n{note}", color=theme.muted
    )
    bar.outline.set_visible(False)
