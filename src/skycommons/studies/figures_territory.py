"""The cells of a territory on a map.

Rules: cells are drawn as they are, cut at the antimeridian; land carries no borders, so that the map shows what a list of
cells holds and nothing else.
"""

from typing import Final

import numpy as np
from matplotlib.collections import PolyCollection

from skycommons.base.arrays import Floats
from skycommons.model.cells import centres, outlines_deg
from skycommons.model.territories import Territory
from skycommons.studies.drawing import LIGHT, Drawing, Theme, blank, entitle, styled
from skycommons.studies.map_frame import MapFrame

_FINE_CELLS: Final = 3_000  # up to so many, each cell's edge is drawn


def territory_map(territory: Territory, *, theme: Theme = LIGHT) -> Drawing:
    """All cells of a territory, in the map that suits its size."""
    title = f"{territory.name}: {len(territory):,} cells, {territory.area_m2 / 1e6:,.0f} km²"
    frame = MapFrame.around(centres(territory.cells)[1])
    cells = [frame.points(np.array(ring)) for rings in outlines_deg(territory.cells) for ring in rings]
    with styled(theme):
        figure = blank(theme, width_in=11.0, height_in=6.6)
        axes = figure.subplots()
        frame.base(axes, theme)
        axes.add_collection(_cells(cells, len(territory), theme))
        frame.fit(axes, np.concatenate(cells))
        entitle(figure, theme, title)
        figure.supxlabel(f"borders: {territory.worldview}; sha256 {territory.sha256}", color=theme.muted, fontsize=8)
    return Drawing(
        name="territory",
        figure=figure,
        theme=theme,
        alt=f"Map of a territory. {title}.",
        caption=f"Each hexagon is one cell of H3 at resolution 5. Borders: {territory.worldview}.",
    )


def _cells(rings: list[Floats], count: int, theme: Theme) -> PolyCollection:
    """Cells in one colour, with their edges where there are few."""
    edge = theme.surface if count <= _FINE_CELLS else "face"
    return PolyCollection(rings, facecolors=theme.series[0], edgecolors=edge, linewidths=0.3, zorder=2)
