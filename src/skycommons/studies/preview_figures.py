"""A preview to look at: one map of the cells that change, and its figures as rows of a table.

Rules: the map shows the cells that were planned and nothing of borders: those that lose, those that gain, those of the area
that stay, those around it faintly; protected sites stand on top. Rows are the figures that are signed, with what they
mean; nothing stands in them that the document does not hold, but what the document has no room for is said below them.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.lines import Line2D

from skycommons.base.arrays import Bools, Floats
from skycommons.base.clock import format_time
from skycommons.base.constants import NS_PER_S
from skycommons.governance.previews import Preview
from skycommons.model.cells import CellIds, centres, outlines_deg
from skycommons.studies.drawing import LIGHT, Drawing, Theme, blank, entitle, styled
from skycommons.studies.map_frame import MapFrame
from skycommons.studies.preview import PreviewFigures

_FINE_CELLS: Final = 3_000  # up to so many, each cell's edge is drawn


def rows(preview: Preview) -> list[tuple[str, str]]:
    """The figures of a preview in words and numbers, in the order in which they matter."""
    terminals, people, capacity, cells = preview.terminals, preview.people, preview.capacity, preview.cells
    lost = [site for site in preview.protected if site.loses]
    slots = ", ".join(format_time(slot * NS_PER_S) for slot in preview.slots)
    return [
        ("cells of the decision", f"{preview.cells_count:,}"),
        ("cells served", f"{cells.served_before:,} before, {cells.served_after:,} after"),
        ("terminals in the area", f"{terminals.inside:,}"),
        ("terminals that lose service", f"{terminals.lose:,}"),
        ("terminals that gain service", f"{terminals.gain:,}"),
        ("terminals around it that lose service", f"{terminals.elsewhere_lose:,}"),
        ("people in the area", f"{people.inside:,}"),
        ("people where service is lost", f"{people.lose:,}"),
        ("people where service is gained", f"{people.gain:,}"),
        ("protected sites that lose service", f"{len(lost):,} of {len(preview.protected):,}"),
        *((f"  {site.id}", f"{site.site_class}, cell {site.cell}") for site in lost),
        ("capacity in the area", _change(capacity.inside_before_kbps, capacity.inside_after_kbps)),
        ("capacity around it", _change(capacity.elsewhere_before_kbps, capacity.elsewhere_after_kbps)),
        ("slots that were planned", slots),
        ("computed by", preview.program),
    ]


def table(preview: Preview) -> str:
    """The rows of a preview as lines of text, numbers in one column."""
    listed = rows(preview)
    width = max(len(name) for name, _ in listed)
    return "".join(f"{name:<{width}}  {value}\n" for name, value in listed)


def notes(figures: PreviewFigures) -> tuple[str, ...]:
    """What a reader of the figures must know."""
    around, reach_km = int(np.count_nonzero(~figures.is_inside)), figures.reach_m / 1e3
    return (
        f"Around the area: {around:,} cells with demand within {reach_km:,.0f} km; farther ones are not planned.",
        f"People: {figures.people_source}.",
        "Sums are rounded to three digits.",
    )


def figure(figures: PreviewFigures, preview: Preview, *, theme: Theme = LIGHT) -> Drawing:
    """The map of a preview.

    Args:
        figures: With the cells.
        preview: The document made of them, with the protected sites.
        theme: Colours.
    """
    count = preview.terminals
    verb, many = ("gain", count.gain) if count.gain > count.lose else ("lose", count.lose)
    title = f"{many:,} of {count.inside:,} terminals in {preview.cells_count:,} cells {verb} service"
    kinds = _kinds(figures, theme)
    shown = np.union1d(figures.cells, figures.planned[figures.change != 0])
    frame = MapFrame.around(centres(shown)[1])
    with styled(theme):
        sheet = blank(theme, width_in=11.0, height_in=6.6)
        axes = sheet.subplots()
        frame.base(axes, theme)
        for where, colour, _ in kinds:
            axes.add_collection(_cells(_rings(frame, figures.planned[where]), colour))
        handles = [_handle(colour, label, "h") for where, colour, label in kinds if where.any()]
        handles += _sites(axes, frame, preview, theme)
        axes.legend(handles=handles, loc="lower left", fontsize=8, frameon=True)
        frame.fit(axes, np.concatenate(_rings(frame, shown)))
        entitle(sheet, theme, title)
    lost = sum(site.loses for site in preview.protected)
    return Drawing(
        name="preview",
        figure=sheet,
        theme=theme,
        alt=f"Map of the cells that a decision changes. {title}; {lost} protected sites lose service.",
        caption="Each hexagon is one cell that asks for service. Borders are not drawn: the list of cells is what is decided.",
    )


def _kinds(figures: PreviewFigures, theme: Theme) -> list[tuple[Bools, str, str]]:
    """Cells of one kind each, with their colour and name, faint ones first."""
    inside, change = figures.is_inside, figures.change
    return [
        (~inside & (change == 0), theme.coast, "around, as before"),
        (inside & (change == 0), theme.muted, "in the area, as before"),
        (~inside & (change > 0), theme.series[2], "around, gains service"),
        (inside & (change > 0), theme.series[0], "in the area, gains service"),
        (~inside & (change < 0), theme.series[3], "around, loses service"),
        (inside & (change < 0), theme.series[1], "in the area, loses service"),
    ]


def _rings(frame: MapFrame, cells: CellIds) -> list[Floats]:
    """Outlines of cells in map coordinates."""
    return [frame.points(np.array(ring)) for outline in outlines_deg(cells) for ring in outline]


def _cells(rings: Sequence[Floats], colour: str) -> PolyCollection:
    """Cells in one colour."""
    width = 0.3 if len(rings) <= _FINE_CELLS else 0.0
    return PolyCollection(rings, facecolors=colour, edgecolors="face", linewidths=width, alpha=0.85, zorder=2)


def _sites(axes: Axes, frame: MapFrame, preview: Preview, theme: Theme) -> list[Line2D]:
    """Protected sites as marks, and what they mean."""
    handles: list[Line2D] = []
    for loses, marker, label in (
        (False, "o", "protected site, keeps service"),
        (True, "X", "protected site, loses service"),
    ):
        cells = np.array([int(site.cell, 16) for site in preview.protected if site.loses is loses], dtype=np.uint64)
        if len(cells):
            latitude_rad, longitude_rad = centres(cells)
            places = np.degrees(np.stack([longitude_rad, latitude_rad], axis=1))
            points = np.concatenate([frame.points(place[np.newaxis]) for place in places])
            axes.plot(*points.T, marker, color=theme.ink, markersize=7, markeredgecolor=theme.surface, zorder=4)
            handles.append(_handle(theme.ink, label, marker))
    return handles


def _handle(colour: str, label: str, marker: str) -> Line2D:
    """One line of the legend."""
    return Line2D([], [], color=colour, marker=marker, markersize=8, linestyle="", label=label)


def _change(before_kbps: int, after_kbps: int) -> str:
    """Capacity before and after in Gbit/s."""
    return f"{before_kbps / 1e6:,.6g} Gbit/s before, {after_kbps / 1e6:,.6g} Gbit/s after"
