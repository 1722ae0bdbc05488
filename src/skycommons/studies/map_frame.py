"""The map that suits some places: flat around their middle meridian, or the whole world on Equal Earth.

Rules: places that lie in less than a third of the Earth's width are drawn on a flat map, with a degree of latitude as long as
a degree of longitude at its middle; others on Equal Earth. Land carries no borders.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import PathPatch
from matplotlib.path import Path as Outline

from skycommons.base.arrays import Floats
from skycommons.model.land import land_rings
from skycommons.studies.drawing import Theme
from skycommons.studies.figures_map import equal_earth

_WIDE_DEG: Final = 120.0  # from this width on the whole world is shown
_MARGIN: Final = 0.08  # of the width and height around what is shown
_MOST_WIDE: Final = 1.9  # times as high as a flat map is


@dataclass(frozen=True, slots=True, kw_only=True)
class MapFrame:
    """How places become points of a map.

    Attributes:
        is_world: Whether the whole Earth is shown.
        middle_deg: Meridian in the middle of a smaller map.
    """

    is_world: bool
    middle_deg: float

    @staticmethod
    def around(longitude_rad: Floats) -> "MapFrame":
        """The frame in which these places fit."""
        east_deg = np.sort(np.degrees(longitude_rad))
        if not len(east_deg):
            return MapFrame(is_world=True, middle_deg=0.0)
        gaps_deg = np.diff(east_deg, append=east_deg[0] + 360.0)
        widest = int(np.argmax(gaps_deg))
        half_deg = (360.0 - gaps_deg[widest]) / 2.0
        middle_deg = (east_deg[(widest + 1) % len(east_deg)] + half_deg + 180.0) % 360.0 - 180.0
        return MapFrame(is_world=bool(2.0 * half_deg >= _WIDE_DEG), middle_deg=float(middle_deg))

    def points(self, places_deg: Floats) -> Floats:
        """Map coordinates ``(N, 2)`` of longitudes and latitudes ``(N, 2)``; those of one ring stay together."""
        if self.is_world:
            return equal_earth(np.radians(places_deg))
        turn = np.round((self.middle_deg - places_deg[:, 0].mean()) / 360.0)
        return np.asarray(places_deg + np.array([360.0 * turn, 0.0]))

    def base(self, axes: Axes, theme: Theme) -> None:
        """Sea and land."""
        if self.is_world:
            axes.set_aspect("equal")
            axes.set_axis_off()
            side = np.linspace(-90.0, 90.0, 91)
            rim = np.vstack([np.column_stack([np.full(91, 180.0 * way), side[::way]]) for way in (1, -1)])
            outline = Outline(equal_earth(np.radians(rim)))
            axes.add_patch(PathPatch(outline, facecolor=theme.sea, edgecolor=theme.coast, linewidth=0.6, zorder=0))
            rings = [equal_earth(np.radians(ring)) for ring in land_rings()]
        else:
            axes.set_facecolor(theme.sea)
            rings = [ring + np.array([360.0 * turn, 0.0]) for ring in land_rings() for turn in (-1, 0, 1)]
        land = Outline.make_compound_path(*(Outline(ring, closed=True) for ring in rings))
        axes.add_patch(PathPatch(land, facecolor=theme.land, edgecolor=theme.coast, linewidth=0.4, zorder=1))

    def fit(self, axes: Axes, corners: Floats) -> None:
        """Show these points and a margin around them, or the whole world."""
        if self.is_world or not len(corners):
            axes.autoscale_view()
            return
        low, high = corners.min(axis=0), corners.max(axis=0)
        narrowing = max(float(np.cos(np.radians((low[1] + high[1]) / 2.0))), 0.1)
        least = np.array([0.0, (high[0] - low[0]) * narrowing / _MOST_WIDE])  # so that the map fills its sheet
        margin = np.maximum(np.maximum((high - low) * _MARGIN, 0.4), (least - (high - low)) / 2.0)
        axes.set_xlim(low[0] - margin[0], high[0] + margin[0])
        axes.set_ylim(max(low[1] - margin[1], -90.0), min(high[1] + margin[1], 90.0))
        axes.set_aspect(1.0 / narrowing)
        axes.set_xlabel("longitude, ° east")
        axes.set_ylabel("latitude, ° north")
        axes.xaxis.set_major_formatter(lambda value, _: f"{180.0 - (180.0 - value) % 360.0:g}")
