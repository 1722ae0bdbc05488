"""The cells of a territory on a map.

Rules: cells are drawn as they are, cut at the antimeridian; land carries no borders, so that the map shows what a list of
cells holds and nothing else. A territory of the whole width of the world is drawn on Equal Earth; a smaller one on a flat
map around its middle meridian, with a degree of latitude as long as a degree of longitude at its middle.
"""

from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.patches import PathPatch
from matplotlib.path import Path as Outline

from skycommons.base.arrays import Floats
from skycommons.model.cells import centres, outlines_deg
from skycommons.model.land import land_rings
from skycommons.model.territories import Territory
from skycommons.studies.drawing import LIGHT, Drawing, Theme, blank, entitle, styled
from skycommons.studies.figures_map import equal_earth

_WIDE_DEG: Final = 120.0  # from this width on the whole world is shown
_MARGIN: Final = 0.08  # of the width and height around a small territory
_FINE_CELLS: Final = 3_000  # up to so many, each cell's edge is drawn


def territory_map(territory: Territory, *, theme: Theme = LIGHT) -> Drawing:
    """All cells of a territory, in the map that suits its size."""
    title = f"{territory.name}: {len(territory):,} cells, {territory.area_m2 / 1e6:,.0f} km²"
    middle_deg, half_deg = _middle(territory)
    with styled(theme):
        figure = blank(theme, width_in=11.0, height_in=6.6)
        axes = figure.subplots()
        if half_deg * 2.0 >= _WIDE_DEG:
            _on_the_world(axes, territory, theme)
        else:
            _nearby(axes, territory, middle_deg=middle_deg, theme=theme)
        entitle(figure, theme, title)
        figure.supxlabel(f"borders: {territory.worldview}; sha256 {territory.sha256}", color=theme.muted, fontsize=8)
    return Drawing(
        name="territory",
        figure=figure,
        theme=theme,
        alt=f"Map of a territory. {title}.",
        caption=f"Each hexagon is one cell of H3 at resolution 5. Borders: {territory.worldview}.",
    )


def _middle(territory: Territory) -> tuple[float, float]:
    """The meridian in the middle of a territory, opposite the widest gap, and its half width in longitude."""
    longitude_deg = np.sort(np.degrees(centres(territory.cells)[1]))
    gaps = np.diff(longitude_deg, append=longitude_deg[0] + 360.0)
    widest = int(np.argmax(gaps))
    half_deg = (360.0 - gaps[widest]) / 2.0
    start_deg = longitude_deg[(widest + 1) % len(longitude_deg)]
    return float((start_deg + half_deg + 180.0) % 360.0 - 180.0), float(half_deg)


def _on_the_world(axes: Axes, territory: Territory, theme: Theme) -> None:
    """Cells on the Equal Earth map."""
    axes.set_aspect("equal")
    axes.set_axis_off()
    side = np.radians(np.linspace(-90.0, 90.0, 91))
    rim = np.vstack([np.column_stack([np.full(91, turn), side[::way]]) for turn, way in ((np.pi, 1), (-np.pi, -1))])
    axes.add_patch(PathPatch(Outline(equal_earth(rim)), facecolor=theme.sea, edgecolor="none", zorder=0))
    land = [equal_earth(np.radians(ring)) for ring in land_rings()]
    axes.add_patch(_land(land, theme))
    cells = [equal_earth(np.radians(np.array(ring))) for rings in outlines_deg(territory.cells) for ring in rings]
    axes.add_collection(_cells(cells, len(territory), theme))
    axes.autoscale_view()


def _nearby(axes: Axes, territory: Territory, *, middle_deg: float, theme: Theme) -> None:
    """Cells on a flat map around a meridian."""
    cells = [_around(np.array(ring), middle_deg) for rings in outlines_deg(territory.cells) for ring in rings]
    corners = np.concatenate(cells)
    low, high = corners.min(axis=0), corners.max(axis=0)
    margin = np.maximum((high - low) * _MARGIN, 0.1)
    axes.set_facecolor(theme.sea)
    shifted = [ring + np.array([360.0 * turn, 0.0]) for ring in land_rings() for turn in (-1, 0, 1)]
    axes.add_patch(_land(shifted, theme))
    axes.add_collection(_cells(cells, len(territory), theme))
    axes.set_xlim(low[0] - margin[0], high[0] + margin[0])
    axes.set_ylim(max(low[1] - margin[1], -90.0), min(high[1] + margin[1], 90.0))
    axes.set_aspect(1.0 / max(float(np.cos(np.radians((low[1] + high[1]) / 2.0))), 0.1))
    axes.set_xlabel("longitude, ° east")
    axes.set_ylabel("latitude, ° north")
    axes.xaxis.set_major_formatter(lambda value, _: f"{180.0 - (180.0 - value) % 360.0:g}")


def _around(ring: Floats, middle_deg: float) -> Floats:
    """A ring in the turn of longitude in which it lies nearest to a meridian."""
    turn = np.round((middle_deg - ring[:, 0].mean()) / 360.0)
    shifted: Floats = ring + np.array([360.0 * turn, 0.0])
    return shifted


def _land(rings: list[Floats], theme: Theme) -> PathPatch:
    """Land without borders."""
    outline = Outline.make_compound_path(*(Outline(ring, closed=True) for ring in rings))
    return PathPatch(outline, facecolor=theme.land, edgecolor=theme.coast, linewidth=0.4, zorder=1)


def _cells(rings: list[Floats], count: int, theme: Theme) -> PolyCollection:
    """Cells in one colour, with their edges where there are few."""
    edge = theme.surface if count <= _FINE_CELLS else "face"
    return PolyCollection(rings, facecolors=theme.series[0], edgecolors=edge, linewidths=0.3, zorder=2)
