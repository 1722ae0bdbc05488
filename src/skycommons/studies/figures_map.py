"""The world on a flat map: sites, satellites, the ground track of a serving satellite and one path.

The projection is Equal Earth, so that densities of satellites are what they seem. Lines are great circles, cut at the
antimeridian. Land carries no borders.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, Final

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import PathPatch
from matplotlib.path import Path as Outline
from matplotlib.patheffects import withStroke

from skycommons.base.arrays import Floats, Ints
from skycommons.base.clock import format_time
from skycommons.model.land import land_rings
from skycommons.model.world import SiteKind
from skycommons.studies.drawing import LIGHT, Drawing, Look, Theme, blank, entitle, styled
from skycommons.studies.geography import (
    first_reachable,
    flow_line,
    great_circle,
    ground_point,
    positions_at,
    split_at_antimeridian,
)
from skycommons.studies.store import names, shell_names, time_ns

_EDGE_RAD: Final = np.radians(2.0)
_TRACK_NS: Final = 100 * 60 * 10**9  # a little more than one orbit
_SHELL_COLOURS: Final = (0, 2, 3, 5, 4)  # of the theme's series; the second belongs to the path
_SITE_MARKS: Final = {SiteKind.TERMINAL: "^", SiteKind.GATEWAY: "s", SiteKind.POP: "D"}
_SITE_NAMES: Final = {SiteKind.TERMINAL: "terminal", SiteKind.GATEWAY: "gateway", SiteKind.POP: "PoP"}
_LABELS: Final = 24


def world_map(dataset: xr.Dataset, *, tracked: int = 0, theme: Theme = LIGHT) -> Drawing:
    """All sites and satellites, the track of a serving satellite and the first path of one tracked flow.

    Args:
        tracked: Which of the tracked flows to draw.
    """
    step = first_reachable(dataset, tracked) if dataset.sizes["tracked"] > tracked else None
    with styled(theme):
        figure = blank(theme, width_in=11.0, height_in=6.3)
        axes = figure.subplots()
        _world(axes, theme)
        handles = _satellites(axes, dataset, theme)
        if step is not None:
            handles += _track(axes, dataset, tracked=tracked, step=step, theme=theme)
            handles += _path(axes, flow_line(dataset, tracked, step), theme)
        handles += _sites(axes, dataset, theme)
        figure.legend(handles=handles, loc="outside lower center", ncols=5, handletextpad=0.6, columnspacing=1.8)
        title = _title(dataset, tracked, step)
        entitle(figure, theme, title)
        _name_sites(axes, dataset, figure=figure, ends=_ends(dataset, tracked), theme=theme)
    return Drawing(
        name="world",
        figure=figure,
        theme=theme,
        alt=f"Map of the world. {title}.",
        caption="Equal-area map of the sites, of all satellites at the first stored instant, of one satellite's ground "
        "track and of one path. Every leg is drawn along its great circle.",
    )


def equal_earth(places_rad: Floats) -> Floats:
    """Map coordinates ``(N, 2)`` of longitude and latitude ``(N, 2)``, in Earth radii.

    Accuracy: areas on the map keep their proportions within 1e-6 (tests/studies/test_figures_map.py).
    Source: Šavrič, Patterson and Jenny 2018, "The Equal Earth map projection", equations 1 to 6.
    """
    angle = np.arcsin(np.sqrt(3.0) / 2.0 * np.sin(places_rad[:, 1]))
    square = angle * angle
    sixth = square**3
    slope = 1.340264 - 3.0 * 0.081106 * square + sixth * (7.0 * 0.000893 + 9.0 * 0.003796 * square)
    x = 2.0 * np.sqrt(3.0) / 3.0 * places_rad[:, 0] * np.cos(angle) / slope
    y = angle * (1.340264 - 0.081106 * square + sixth * (0.000893 + 0.003796 * square))
    return np.stack([x, y], axis=-1)


def land_outline(values: Sequence[Floats]) -> Outline:
    """Closed rings as one shape; a ring inside another is a hole."""
    codes = [np.full(len(ring), Outline.LINETO, np.uint8) for ring in values]
    for code in codes:
        code[0] = Outline.MOVETO
    return Outline(np.concatenate(values), np.concatenate(codes))


def shells_to_draw(dataset: xr.Dataset) -> Iterator[tuple[str, Ints, int | None]]:
    """Name, satellites and place in the colours of each shell, largest first; what is too many goes together, as None."""
    shell = dataset["satellite_shell"].values
    labels = shell_names(dataset)
    counts = np.bincount(shell[shell >= 0], minlength=len(labels))
    order = [int(row) for row in np.argsort(-counts, kind="stable") if counts[row]]
    own = len(_SHELL_COLOURS) if len(order) <= len(_SHELL_COLOURS) else len(_SHELL_COLOURS) - 1
    for place, row in enumerate(order[:own]):
        yield labels[row].lstrip("_") or labels[row], np.flatnonzero(shell == row), _SHELL_COLOURS[place]
    rest = np.flatnonzero(~np.isin(shell, order[:own]))
    if len(rest):
        yield "others" if order else "satellites", rest, None


def shell_colour(theme: Theme, place: int | None) -> str:
    """The colour of a shell by its place; None is what has no colour of its own."""
    return theme.muted if place is None else theme.series[place]


def path_words(dataset: xr.Dataset, tracked: int, step: int) -> str:
    """A path at one step in words: from, to, how many satellites, how long, when."""
    flow = int(dataset["tracked_flow"].values[tracked])
    source, target = _ends(dataset, tracked)
    count = int((dataset["path_satellite"].isel(time=step, tracked=tracked).values >= 0).sum())
    rtt_s = float(dataset["rtt_s"].isel(time=step, flow=flow).values)
    sites = names(dataset, "site")
    day, _, clock = format_time(int(time_ns(dataset["time"].isel(time=[step]))[0])).rstrip("Z").partition("T")
    word = "satellite" if count == 1 else "satellites"
    return f"{sites[source]} to {sites[target]} crosses {count} {word}, {1000 * rtt_s:.0f} ms there and back ({day}, {clock} UTC)"


def _world(axes: Axes, theme: Theme) -> None:
    """Sea, land and the grid of latitudes and longitudes."""
    axes.set_aspect("equal")
    axes.set_axis_off()
    side = np.linspace(-np.pi / 2, np.pi / 2, 91)
    border = np.vstack(
        [np.column_stack([np.full(91, np.pi), side]), np.column_stack([np.full(91, -np.pi), side[::-1]])]
    )
    rim = equal_earth(border)
    axes.add_patch(PathPatch(Outline(rim, closed=False), facecolor=theme.sea, edgecolor="none", zorder=0))
    rings = [equal_earth(_dense(np.radians(ring))) for ring in land_rings()]
    axes.add_patch(PathPatch(land_outline(rings), facecolor=theme.land, edgecolor=theme.coast, linewidth=0.4, zorder=1))
    for degree in range(-60, 61, 30):
        line = equal_earth(np.column_stack([np.linspace(-np.pi, np.pi, 2), np.full(2, np.radians(degree))]))
        axes.plot(*line.T, color=theme.grid, linewidth=0.6, zorder=1.5)
        side_word = "N" if degree > 0 else "S" if degree < 0 else ""
        axes.text(line[0, 0] - 0.04, line[0, 1], f"{abs(degree)}° {side_word}".strip(), ha="right", va="center",
                  fontsize=8, color=theme.muted)  # fmt: skip
    for degree in range(-120, 121, 60):
        line = equal_earth(np.column_stack([np.full(91, np.radians(degree)), side]))
        axes.plot(*line.T, color=theme.grid, linewidth=0.6, zorder=1.5)
    axes.plot(*np.vstack([rim, rim[:1]]).T, color=theme.coast, linewidth=0.8, zorder=6)
    axes.set_xlim(rim[:, 0].min() * 1.01, rim[:, 0].max() * 1.01)
    axes.set_ylim(rim[:, 1].min() * 1.01, rim[:, 1].max() * 1.01)


def _dense(ring_rad: Floats) -> Floats:
    """A ring with points added where an edge is long, so that it follows the map's curved rim."""
    pieces = [ring_rad[:1]]
    for start, end in pairwise(ring_rad):
        count = max(int(np.ceil(np.abs(end - start).max() / _EDGE_RAD)), 1)
        pieces.append(start + (end - start) * np.arange(1, count + 1)[:, None] / count)
    return np.concatenate(pieces)


def _satellites(axes: Axes, dataset: xr.Dataset, theme: Theme) -> list[Line2D]:
    """A dot under every satellite at the first sample, coloured by shell."""
    position_m = dataset["sample_position_itrf_m"].isel(sample=0).values
    places = ground_point(position_m)
    size = float(np.clip(4.6 - 1.4 * np.log10(max(len(places) / 100, 1)), 1.7, 4.6))
    handles = []
    for label, rows, place in shells_to_draw(dataset):
        known = places[rows][np.isfinite(places[rows, 0])]
        colour = shell_colour(theme, place)
        axes.plot(*equal_earth(known).T, ".", color=colour, markersize=size, markeredgewidth=0, alpha=0.75, zorder=2)
        handles.append(_handle(colour, ".", f"{label} ({len(rows):,})", size=8))
    return handles


def _track(axes: Axes, dataset: xr.Dataset, *, tracked: int, step: int, theme: Theme) -> list[Line2D]:
    """The ground track of the first serving satellite for one orbit, and where it serves."""
    flow = int(dataset["tracked_flow"].values[tracked])
    entry = dataset["entry_satellite"].isel(flow=flow).values
    satellite = int(entry[step])
    if satellite < 0:
        return []
    sample_ns, run_ns = time_ns(dataset["sample_time"]), time_ns(dataset["time"])
    around = sample_ns[np.abs(sample_ns - run_ns[step]) <= _TRACK_NS]
    stop = int(np.argmax(entry[step:] != satellite)) or len(entry) - step
    serving = np.append(run_ns[step : step + stop], run_ns[min(step + stop, len(run_ns) - 1)])
    for instants, width, style in ((around, 0.9, (0, (4, 2))), (serving, 3.2, "-")):
        rows = np.full(len(instants), satellite)
        line = ground_point(positions_at(dataset, rows, instants))
        _draw(axes, line, {"color": theme.ink, "linewidth": width, "linestyle": style, "zorder": 3})
    label = f"ground track of {names(dataset, 'satellite')[satellite]}, bold while it serves"
    return [Line2D([], [], color=theme.ink, linewidth=1.2, linestyle=(0, (4, 2)), label=label)]


def _path(axes: Axes, line: Floats, theme: Theme) -> list[Line2D]:
    """One path as great circles, a ring at every satellite."""
    colour = theme.series[1]
    halo = [withStroke(linewidth=4.0, foreground=theme.surface)]
    _draw(axes, line, {"color": colour, "linewidth": 2.0, "zorder": 4, "path_effects": halo})
    rings: Look = {"markersize": 5, "markerfacecolor": theme.surface, "markeredgecolor": colour, "markeredgewidth": 1.4}
    axes.plot(*equal_earth(line[1:-1]).T, "o", zorder=4.5, **rings)
    return [Line2D([], [], color=colour, linewidth=2.0, marker="o", label="path", **rings)]


def _draw(axes: Axes, line_rad: Floats, look: Look) -> None:
    """A line over the globe on the map; points that are not known are left out."""
    known = line_rad[np.isfinite(line_rad).all(axis=1)]
    if len(known) < 2:
        return
    for piece in split_at_antimeridian(great_circle(known)):
        axes.plot(*equal_earth(piece).T, **look)


def _sites(axes: Axes, dataset: xr.Dataset, theme: Theme) -> list[Line2D]:
    """A mark at every site, by kind."""
    kind = dataset["site_kind"].values
    places = _site_places(dataset)
    handles = []
    for one in (SiteKind.GATEWAY, SiteKind.POP, SiteKind.TERMINAL):
        rows = np.flatnonzero(kind == one)
        if not len(rows):
            continue
        size = (6.5 if len(rows) <= 60 else 3.5) * (1.15 if one == SiteKind.TERMINAL else 0.8)
        look: Look = {"markeredgecolor": theme.surface, "markeredgewidth": 0.7}
        axes.plot(*places[rows].T, _SITE_MARKS[one], color=theme.ink, markersize=size, zorder=5, **look)
        label = f"{_SITE_NAMES[one]}{'s' if len(rows) > 1 else ''} ({len(rows):,})"
        handles.append(_handle(theme.ink, _SITE_MARKS[one], label, size=6))
    return handles


def _site_places(dataset: xr.Dataset) -> Floats:
    """Map coordinates of all sites."""
    columns = [dataset[name].values for name in ("site_longitude_rad", "site_latitude_rad")]
    return equal_earth(np.stack(columns, axis=-1))


def _name_sites(axes: Axes, dataset: xr.Dataset, *, figure: Figure, ends: tuple[int, ...], theme: Theme) -> None:
    """Names of the path's ends, then of terminals and others while there is room; none over another."""
    kind = dataset["site_kind"].values
    others = [int(row) for one in SiteKind for row in np.flatnonzero(kind == one) if row not in ends]
    places, labels = _site_places(dataset), names(dataset, "site")
    figure.draw_without_rendering()
    taken: list[Any] = []
    inside = figure.bbox
    for row in [*ends, *others][:_LABELS]:
        for x, y, side in ((7, -3, "left"), (-7, -3, "right"), (0, 7, "center"), (0, -13, "center")):
            text = axes.annotate(
                labels[row], places[row], xytext=(x, y), textcoords="offset points", ha=side, fontsize=8.5,
                color=theme.ink, zorder=7, path_effects=[withStroke(linewidth=2.5, foreground=theme.surface)],
                fontweight="bold" if row in ends else "normal",
            )  # fmt: skip
            text.set_in_layout(False)
            box = text.get_window_extent()
            if inside.contains(box.x0, box.y0) and inside.contains(box.x1, box.y1) and not box.count_overlaps(taken):
                taken.append(box)
                break
            text.remove()


def _ends(dataset: xr.Dataset, tracked: int) -> tuple[int, ...]:
    """Site rows of the ends of a tracked flow; empty if there is none."""
    if dataset.sizes["tracked"] <= tracked:
        return ()
    flow = int(dataset["tracked_flow"].values[tracked])
    rows = (int(dataset[name].values[flow]) for name in ("flow_source", "flow_target"))
    return tuple(row for row in rows if row >= 0)


def _title(dataset: xr.Dataset, tracked: int, step: int | None) -> str:
    """What the map shows, in one sentence."""
    if step is not None:
        return path_words(dataset, tracked, step)
    kind = dataset["site_kind"].values
    terminals, gateways = (int((kind == one).sum()) for one in (SiteKind.TERMINAL, SiteKind.GATEWAY))
    satellites = dataset.sizes["satellite"]
    return f"{satellites:,} satellites over {terminals:,} terminals and {gateways:,} gateways; no tracked path exists"


def _handle(colour: str, marker: str, label: str, *, size: float) -> Line2D:
    """An entry of the legend."""
    return Line2D([], [], color=colour, marker=marker, markersize=size, linestyle="", label=label)
