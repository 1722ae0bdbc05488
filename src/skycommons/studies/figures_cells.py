"""Numbers and kinds of cells on a map: how often each is served, how much of what it asks it gets, and why not.

Rules: a map shows the cells that ask for service and nothing of borders. Few cells are drawn as they are, cut at the
antimeridian; of many, each is a dot as large as the map's scale allows, what is worst on top.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.collections import PolyCollection
from matplotlib.colors import LinearSegmentedColormap, Normalize
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.typing import ColorType

from skycommons.base.arrays import Bools, Floats, Ints
from skycommons.model.cells import outlines_deg
from skycommons.plan.requests import Unserved
from skycommons.studies.drawing import LIGHT, Drawing, Theme, blank, entitle, styled
from skycommons.studies.map_frame import MapFrame
from skycommons.studies.service_store import unserved_phrase
from skycommons.studies.service_summary import DOWN, ServiceSummary
from skycommons.studies.summary import percent

_DRAWN_AS_THEY_ARE: Final = 6_000
_MIDDLING: Final = "#8a8f98"
# The order in which kinds are drawn and named: from what is far away to what somebody decided.
_KINDS: Final = (
    *(Unserved.SERVED, Unserved.NO_SATELLITE, Unserved.GSO_EXCLUSION, Unserved.RAIN, Unserved.NO_FEEDER),
    *(Unserved.NO_BEAM, Unserved.NO_CHANNEL, Unserved.ACCOUNT, Unserved.UNLICENSED, Unserved.SUSPENDED),
    Unserved.TERRITORY_INACTIVE,
)


def coverage_map(dataset: xr.Dataset, summary: ServiceSummary, *, theme: Theme = LIGHT) -> Drawing:
    """For how much of the time each cell is served."""
    asks = summary.cell_asks
    title = (
        f"{percent(summary.everywhere.served_share)} of {summary.everywhere.cells:,} cells and slots are served, "
        f"{percent(summary.everywhere.subscriber_share)} of the subscribers"
    )
    with styled(theme):
        figure = _sheet(theme)
        scale = _scale(theme)
        _draw(
            figure,
            dataset,
            asks,
            colours=list(scale(summary.cell_served[asks])),
            order=-summary.cell_served[asks],
            theme=theme,
        )
        _bar(figure, scale, "share of slots at which a cell is served")
        entitle(figure, theme, title)
    return Drawing(
        name="service-coverage",
        figure=figure,
        theme=theme,
        alt=f"Map of the cells with demand by how often they are served. {title}.",
        caption="Each cell that asks for service, coloured by the share of slots at which any of its requests is served.",
    )


def load_map(dataset: xr.Dataset, summary: ServiceSummary, *, theme: Theme = LIGHT) -> Drawing:
    """How much of what it asks for each cell gets."""
    asks = summary.cell_asks
    asked, used = (dataset[f"cell_{what}_bps"].values[DOWN, asks] for what in ("asked", "used"))
    share = np.divide(used, asked, out=np.ones(len(asked)), where=asked > 0.0)
    whole = float(np.mean(share >= 0.995)) if len(share) else float("nan")
    title = f"{percent(summary.everywhere.demand_share)} of the demand is served; {percent(whole)} of the cells get all they ask for"
    with styled(theme):
        figure = _sheet(theme)
        scale = _scale(theme)
        _draw(figure, dataset, asks, colours=list(scale(share)), order=-share, theme=theme)
        _bar(figure, scale, "given of what is asked for, down")
        entitle(figure, theme, title)
    return Drawing(
        name="service-load",
        figure=figure,
        theme=theme,
        alt=f"Map of the cells by the part of their demand that is served. {title}.",
        caption="Each cell that asks for service, coloured by what it is given of what it asks for, mean over the slots. "
        "Beams, satellites and feeders are shared out among all.",
    )


def reasons_map(dataset: xr.Dataset, summary: ServiceSummary, *, theme: Theme = LIGHT) -> Drawing:
    """Why cells are not served, where that happens in any slot."""
    asks = summary.cell_asks
    reason = summary.cell_reason[asks]
    place = {int(kind): number for number, kind in enumerate(_KINDS)}
    order = np.array([place[code] for code in range(len(Unserved))], dtype=np.int64)[reason]
    kinds = [kind for kind in _KINDS if (reason == kind).any()]
    title = _reasons_title(summary)
    with styled(theme):
        figure = _sheet(theme)
        colours = [reason_colour(theme, code) for code in reason.tolist()]
        _draw(figure, dataset, asks, colours=colours, order=order.astype(np.float64), theme=theme)
        handles = [
            Line2D(
                [],
                [],
                color=reason_colour(theme, kind),
                marker="h",
                markersize=8,
                linestyle="",
                label=_legend(kind, reason),
            )
            for kind in kinds
        ]
        figure.legend(handles=handles, loc="outside lower center", ncols=3, handletextpad=0.5, columnspacing=1.8)
        entitle(figure, theme, title)
    return Drawing(
        name="service-reasons",
        figure=figure,
        theme=theme,
        alt=f"Map of the cells by the reason for which they are not served. {title}.",
        caption="Each cell that asks for service, coloured by the reason that stands against it at most slots. What somebody "
        "decided comes before anything in the sky: such a cell is never offered a satellite.",
    )


def reason_colour(theme: Theme, reason: int) -> ColorType:
    """The colour of a reason in every picture."""
    blue, red, green, pink, orange, sky = theme.series
    colours: dict[int, ColorType] = {
        Unserved.SERVED: green,
        Unserved.NO_SATELLITE: blue,
        Unserved.GSO_EXCLUSION: sky,
        Unserved.RAIN: theme.muted,
        Unserved.NO_FEEDER: pink,
        Unserved.NO_BEAM: orange,
        Unserved.NO_CHANNEL: "#8f6b00",
        Unserved.TERRITORY_INACTIVE: red,
        Unserved.SUSPENDED: "#a02c5a",
        Unserved.UNLICENSED: "#6f4bb3",
        Unserved.ACCOUNT: _MIDDLING,
    }
    return colours[reason]


def _sheet(theme: Theme) -> Figure:
    """An empty figure of a map's size."""
    return blank(theme, width_in=11.0, height_in=6.4)


def _draw(
    figure: Figure, dataset: xr.Dataset, asks: Bools, *, colours: Sequence[ColorType], order: Floats, theme: Theme
) -> None:
    """The cells in their colours; the largest in the order come last, on top."""
    latitude_rad, longitude_rad = (dataset[f"cell_{name}_rad"].values[asks] for name in ("latitude", "longitude"))
    frame = MapFrame.around(longitude_rad)
    axes = figure.subplots()
    frame.base(axes, theme)
    rows: Ints = np.argsort(order, kind="stable")
    chosen = [colours[row] for row in rows]
    if len(rows) <= _DRAWN_AS_THEY_ARE and not frame.is_world:
        corners = _polygons(axes, frame, dataset["cell_id"].values[asks][rows], chosen)
    else:
        corners = _dots(axes, frame, np.degrees(np.column_stack([longitude_rad, latitude_rad]))[rows], chosen)
    frame.fit(axes, corners)


def _polygons(axes: Axes, frame: MapFrame, cells: np.ndarray, colours: Sequence[ColorType]) -> Floats:
    """Cells as they are; returns their corners."""
    rings, faces = [], []
    for outline, colour in zip(outlines_deg(cells), colours, strict=True):
        for ring in outline:
            rings.append(frame.points(np.array(ring)))
            faces.append(colour)
    axes.add_collection(PolyCollection(rings, facecolors=faces, edgecolors="face", linewidths=0.3, zorder=2))
    return np.concatenate([np.empty((0, 2)), *rings])


def _dots(axes: Axes, frame: MapFrame, places_deg: Floats, colours: Sequence[ColorType]) -> Floats:
    """Cells as dots; returns their places."""
    if frame.is_world:
        points = frame.points(places_deg)
    else:
        turn = np.round((frame.middle_deg - places_deg[:, 0]) / 360.0)
        points = places_deg + np.column_stack([360.0 * turn, np.zeros(len(turn))])
    size = float(np.clip(2.0e4 / max(len(points), 1), 0.8, 14.0))
    axes.scatter(
        points[:, 0], points[:, 1], s=size, c=list(colours) or None, marker="h", linewidths=0, zorder=2, rasterized=True
    )
    return np.asarray(points)


def _scale(theme: Theme) -> LinearSegmentedColormap:
    """From never to always: from the warning colour over grey to the calm one."""
    return LinearSegmentedColormap.from_list("served", [theme.series[1], theme.series[4], theme.series[0]])


def _bar(figure: Figure, scale: LinearSegmentedColormap, words: str) -> None:
    """The meaning of the colours."""
    bar = figure.colorbar(
        ScalarMappable(Normalize(0.0, 100.0), scale), ax=figure.axes[0], orientation="horizontal", shrink=0.4, pad=0.02
    )
    bar.set_label(f"{words} (%)")
    bar.outline.set_visible(False)


def _legend(kind: Unserved, reason: Ints) -> str:
    """A kind and how many cells are of it."""
    words = "always served" if kind == Unserved.SERVED else unserved_phrase(kind)
    return f"{words} ({int((reason == kind).sum()):,})"


def _reasons_title(summary: ServiceSummary) -> str:
    """The most frequent reason, in one sentence."""
    rows = summary.reason_rows()
    if not rows:
        return "Every cell that asks for service has it in every slot"
    first = rows[0]
    return f"Where a cell is not served, it is most often because: {first['why not']} ({first['of unserved']} of unserved cells)"
