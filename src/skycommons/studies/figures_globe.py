"""The Earth as a ball: satellites around it by shell, sites on it, and one path over lasers.

Seen from far away (orthographic). Satellites stand at their true heights; those that the Earth hides are not drawn.
"""

import io
from functools import cache
from itertools import pairwise
from typing import Final

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import PathPatch
from matplotlib.patheffects import withStroke

from skycommons.base.arrays import Bools, Floats, Floats32, freeze
from skycommons.base.constants import EARTH_MEAN_RADIUS_M
from skycommons.model.land import land_rings
from skycommons.model.world import SiteKind
from skycommons.studies.drawing import DARK, Drawing, Look, Theme, blank, entitle, styled
from skycommons.studies.figures_map import land_outline, path_words, shell_colour, shells_to_draw
from skycommons.studies.geography import directions, first_reachable, flow_line, positions_at
from skycommons.studies.store import names, time_ns

_PIXELS: Final = 1500  # across the ball
_MASK_HEIGHT: Final = 1800  # pixels from pole to pole: a tenth of a degree
_AIR: Final = 0.035  # how far the haze reaches, in Earth radii
_VIEW: Final = 1.13  # half the width of the picture, in Earth radii


def globe_figure(
    dataset: xr.Dataset,
    *,
    tracked: int = 0,
    step: int | None = None,
    title: str | None = None,
    legend: bool = True,
    theme: Theme = DARK,
) -> Drawing:
    """The globe, turned so that a tracked path lies in front.

    Args:
        tracked: Which of the tracked flows to draw, if there is any.
        step: At which step; by default the first at which the flow is reachable.
        title: What to write above; by default the path in words, and nothing if empty.
        legend: Whether to explain colours and marks below.
    """
    if step is None and dataset.sizes["tracked"] > tracked:
        step = first_reachable(dataset, tracked)
    line = flow_line(dataset, tracked, step) if step is not None else np.empty((0, 2))
    words = path_words(dataset, tracked, step) if len(line) and step is not None else _plain_words(dataset)
    with styled(theme):
        figure = blank(theme, width_in=8.4, height_in=8.4 + (0.4 if legend else 0.0))
        axes = figure.subplots()
        axes.set_aspect("equal")
        axes.set_axis_off()
        axes.set(xlim=(-_VIEW, _VIEW), ylim=(-_VIEW, _VIEW))
        rotation = _camera(dataset, line)
        _ball(axes, rotation, theme)
        handles = _fleet(axes, dataset, rotation, step=step or 0, theme=theme)
        shown = _sites(axes, dataset, rotation, theme)
        if len(line) and step is not None:
            handles += _lasers(axes, dataset, rotation, tracked=tracked, step=step, theme=theme)
        _name_ends(axes, dataset, rotation, tracked=tracked if len(line) else None, theme=theme)
        if legend:
            figure.legend(handles=handles + shown, loc="outside lower center", ncols=3, handletextpad=0.6)
        if title != "":
            entitle(figure, theme, title or words)
    return Drawing(
        name="globe",
        figure=figure,
        theme=theme,
        alt=f"The Earth with its satellites around it. {title or words}.",
        caption="Satellites at their true heights, coloured by shell; the path runs from ground to satellite, from "
        "satellite to satellite over lasers, and down again.",
    )


def project(rotation: Floats, vectors: Floats) -> Floats:
    """Right, up and towards the viewer ``(N, 3)``, of directions or positions ``(N, 3)``."""
    return np.asarray(vectors @ rotation.T)


def in_sight(vectors: Floats) -> Bools:
    """Which points ``(N, 3)``, in Earth radii, are not behind the Earth."""
    return np.asarray((vectors[:, 2] >= 0.0) | (np.hypot(vectors[:, 0], vectors[:, 1]) > 1.0))


def _camera(dataset: xr.Dataset, line: Floats) -> Floats:
    """Rows right, up, forward: over the middle of the path, or of the sites, a little from the equator's side."""
    places = line
    if not len(line):
        places = np.stack([dataset[f"site_{name}_rad"].values for name in ("longitude", "latitude")], axis=-1)
    middle = directions(places[:, 0], places[:, 1]).mean(axis=0) * (1.0, 1.0, 0.85)
    length = np.linalg.norm(middle)
    forward = middle / length if length > 1e-6 else np.array([1.0, 0.0, 0.0])
    right = np.cross([0.0, 0.0, 1.0], forward)
    width = np.linalg.norm(right)
    right = right / width if width > 1e-6 else np.array([0.0, 1.0, 0.0])
    return np.stack([right, np.cross(forward, right), forward])


def _ball(axes: Axes, rotation: Floats, theme: Theme) -> None:
    """Sea and land with light from the upper left, a rim of haze and a faint grid."""
    reach = 1.0 + _AIR
    side = np.linspace(-reach, reach, _PIXELS)
    x, y = np.meshgrid(side, side)
    radius = np.hypot(x, y)
    z = np.sqrt(np.clip(1.0 - radius**2, 0.0, None))
    world = np.stack([x, y, z], axis=-1) @ rotation
    longitude, latitude = np.arctan2(world[..., 1], world[..., 0]), np.arcsin(np.clip(world[..., 2], -1.0, 1.0))
    land = _sample(_land_mask(), longitude, latitude)[..., None]
    light = np.clip(0.74 + 0.30 * (-0.35 * x + 0.45 * y + 0.82 * z), 0.0, 1.08)[..., None]
    colour = (np.array(to_rgb(theme.sea)) * (1.0 - land) + np.array(to_rgb(theme.land)) * land) * light
    haze = np.array(to_rgb(theme.series[5]))
    colour = colour + (haze - colour) * (0.28 * (1.0 - z) ** 3)[..., None]
    pixel = 2.0 * reach / _PIXELS
    solid = np.clip((1.0 - radius) / pixel + 0.5, 0.0, 1.0)
    glow = 0.4 * np.clip(1.0 - (radius - 1.0) / _AIR, 0.0, 1.0) ** 2
    image = np.empty((*radius.shape, 4))
    image[..., :3] = np.where(solid[..., None] > 0.0, colour, haze)
    image[..., 3] = np.maximum(solid, np.where(radius > 1.0, glow, 0.0))
    extent = (-reach, reach, -reach, reach)
    axes.imshow(np.clip(image, 0.0, 1.0), extent=extent, origin="lower", interpolation="bilinear", zorder=1)
    for ring in land_rings():
        _surface_line(axes, rotation, np.radians(ring), look={"color": theme.coast, "linewidth": 0.5, "zorder": 2})
    turn = np.linspace(-np.pi, np.pi, 361)
    for angle in np.radians(np.arange(-60, 61, 30)):
        _surface_line(
            axes,
            rotation,
            np.column_stack([turn, np.full(361, angle)]),
            look={"color": theme.grid, "linewidth": 0.5, "zorder": 1.5},
        )
    for angle in np.radians(np.arange(-180, 180, 30)):
        _surface_line(
            axes,
            rotation,
            np.column_stack([np.full(361, angle), turn / 2]),
            look={"color": theme.grid, "linewidth": 0.5, "zorder": 1.5},
        )


def _surface_line(axes: Axes, rotation: Floats, line: Floats, *, look: Look) -> None:
    """The part of a line on the ground that faces the viewer."""
    seen = project(rotation, directions(line[:, 0], line[:, 1]))
    seen[seen[:, 2] < 0.0] = np.nan
    axes.plot(seen[:, 0], seen[:, 1], **look)


@cache
def _land_mask() -> Floats32:
    """Land as 1, sea as 0, on a grid of longitude and latitude from the south-west corner."""
    figure = Figure(figsize=(2 * _MASK_HEIGHT / 100, _MASK_HEIGHT / 100), dpi=100, facecolor="black")
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.set_axis_off()
    axes.set(xlim=(-180.0, 180.0), ylim=(-90.0, 90.0))
    axes.add_patch(PathPatch(land_outline(land_rings()), facecolor="white", edgecolor="none"))
    stream = io.BytesIO()
    figure.savefig(stream, format="raw", dpi=100, facecolor="black")
    pixels = np.frombuffer(stream.getvalue(), np.uint8).reshape(_MASK_HEIGHT, 2 * _MASK_HEIGHT, 4)
    mask = pixels[::-1, :, 0].astype(np.float32) / np.float32(255.0)
    freeze(mask)
    return mask


def _sample(mask: Floats32, longitude_rad: Floats, latitude_rad: Floats) -> Floats:
    """Values of the mask at places, linear between its pixels."""
    height, width = mask.shape
    column = (longitude_rad / (2 * np.pi) + 0.5) * width - 0.5
    row = np.clip((latitude_rad / np.pi + 0.5) * height - 0.5, 0.0, height - 1.0)
    left, low = np.floor(column).astype(np.int64), np.floor(row).astype(np.int64)
    right, high = (left + 1) % width, np.minimum(low + 1, height - 1)
    left %= width
    across, up = column - np.floor(column), row - low
    below = mask[low, left] * (1.0 - across) + mask[low, right] * across
    above = mask[high, left] * (1.0 - across) + mask[high, right] * across
    return np.asarray(below * (1.0 - up) + above * up)


def _fleet(axes: Axes, dataset: xr.Dataset, rotation: Floats, *, step: int, theme: Theme) -> list[Line2D]:
    """A dot for every satellite in sight, coloured by shell; fainter beyond the rim."""
    instant_ns = time_ns(dataset["time"].isel(time=[step]))[0]
    rows = np.arange(dataset.sizes["satellite"])
    position = positions_at(dataset, rows, np.full(len(rows), instant_ns)) / EARTH_MEAN_RADIUS_M
    seen = project(rotation, position)
    size = float(np.clip(5.2 - 1.4 * np.log10(max(len(rows) / 100, 1)), 2.2, 5.2))
    handles = []
    for label, members, place in shells_to_draw(dataset):
        points, colour = seen[members], shell_colour(theme, place)
        front = points[:, 2] >= 0.0
        for chosen, alpha in ((front, 0.9), (~front & in_sight(points), 0.35)):
            dots = points[chosen]
            axes.plot(
                dots[:, 0], dots[:, 1], ".", color=colour, markersize=size, markeredgewidth=0, alpha=alpha, zorder=3
            )
        handles.append(
            Line2D([], [], color=colour, marker=".", markersize=8, linestyle="", label=f"{label} ({len(members):,})")
        )
    return handles


def _lasers(
    axes: Axes, dataset: xr.Dataset, rotation: Floats, *, tracked: int, step: int, theme: Theme
) -> list[Line2D]:
    """The path through space: straight legs between true places, with a glow."""
    path = dataset["path_satellite"].isel(time=step, tracked=tracked).values
    path = path[path >= 0].astype(np.int64)
    flow = int(dataset["tracked_flow"].values[tracked])
    instants = np.full(len(path), time_ns(dataset["time"].isel(time=[step]))[0])
    space = positions_at(dataset, path, instants) / EARTH_MEAN_RADIUS_M
    gateway = int(dataset["exit_gateway"].isel(time=step, flow=flow).values)
    ends = [
        int(dataset["flow_source"].values[flow]),
        gateway if gateway >= 0 else int(dataset["flow_target"].values[flow]),
    ]
    ground = _site_directions(dataset)[ends]
    seen = project(rotation, np.vstack([ground[:1], space, ground[1:]]))
    laser, radio = theme.series[1], theme.ink
    for number, (start, end) in enumerate(pairwise(seen)):
        if not in_sight(np.stack([start, end])).all():
            continue
        outer = number in (0, len(seen) - 2)
        legs = ((1.6, 1.0),) if outer else ((7.0, 0.14), (4.0, 0.25), (1.9, 1.0))
        for width, alpha in legs:
            axes.plot(
                *zip(start[:2], end[:2], strict=True), color=radio if outer else laser, linewidth=width, alpha=alpha,
                linestyle=(0, (2, 1.2)) if outer else "-", zorder=5, solid_capstyle="round",
            )  # fmt: skip
    inner = seen[1:-1]
    inner = inner[in_sight(inner)]
    dots: Look = {"markersize": 5.5, "markerfacecolor": theme.surface, "markeredgecolor": laser, "markeredgewidth": 1.5}
    axes.plot(inner[:, 0], inner[:, 1], "o", zorder=6, **dots)
    return [
        Line2D([], [], color=laser, linewidth=2.0, marker="o", label="laser links of the path", **dots),
        Line2D([], [], color=radio, linewidth=1.6, linestyle=(0, (2, 1.2)), label="radio links of the path"),
    ]


def _site_directions(dataset: xr.Dataset) -> Floats:
    """Unit vectors towards all sites."""
    return directions(dataset["site_longitude_rad"].values, dataset["site_latitude_rad"].values)


def _sites(axes: Axes, dataset: xr.Dataset, rotation: Floats, theme: Theme) -> list[Line2D]:
    """Marks for gateways and terminals that face the viewer."""
    seen = project(rotation, _site_directions(dataset))
    kind = dataset["site_kind"].values
    handles = []
    for one, marker, colour, label in (
        (SiteKind.GATEWAY, "s", theme.series[4], "gateways"),
        (SiteKind.TERMINAL, "^", theme.ink, "terminals"),
    ):
        rows = np.flatnonzero(kind == one)
        facing = rows[seen[rows, 2] > 0.0]
        if not len(rows):
            continue
        look: Look = {
            "markeredgecolor": theme.surface,
            "markeredgewidth": 0.6,
            "markersize": 5 if len(rows) < 100 else 3.2,
        }
        axes.plot(seen[facing, 0], seen[facing, 1], marker, color=colour, zorder=4, **look)
        handles.append(
            Line2D([], [], color=colour, marker=marker, markersize=6, linestyle="", label=f"{label} ({len(rows):,})")
        )
    return handles


def _name_ends(axes: Axes, dataset: xr.Dataset, rotation: Floats, *, tracked: int | None, theme: Theme) -> None:
    """The names of the path's two ends, away from its middle."""
    if tracked is None:
        return
    flow = int(dataset["tracked_flow"].values[tracked])
    rows = [int(dataset[name].values[flow]) for name in ("flow_source", "flow_target")]
    seen = project(rotation, _site_directions(dataset)[rows])
    labels = names(dataset, "site")
    for row, point, other in zip(rows, seen, seen[::-1], strict=True):
        if point[2] <= 0.0:
            continue
        side = "left" if point[0] >= other[0] else "right"
        halo = [withStroke(linewidth=3.0, foreground=theme.surface)]
        axes.annotate(
            labels[row], point[:2], xytext=(8 if side == "left" else -8, -4), textcoords="offset points", ha=side,
            fontsize=11, fontweight="bold", color=theme.ink, zorder=8, path_effects=halo,
        )  # fmt: skip


def _plain_words(dataset: xr.Dataset) -> str:
    """What the globe shows when there is no path."""
    return f"{dataset.sizes['satellite']:,} satellites and {dataset.sizes['site']:,} sites"
