"""A dish's sky as a round map: the zenith in the middle, north up, east to the right, the horizon at the rim."""

from typing import Final

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.projections.polar import PolarAxes

from skycommons.base.arrays import Floats
from skycommons.base.clock import format_time
from skycommons.studies.dish_sky import LOWEST_RAD, DishSky
from skycommons.studies.drawing import LIGHT, Drawing, Theme, blank, entitle, styled
from skycommons.studies.summary import percent

_GRID_RAD: Final = np.radians(2.0)
_LABEL_DEG: Final = np.array([24.0, 4.0])  # room of a name on the map


def sky_view(sky: DishSky, *, theme: Theme = LIGHT) -> Drawing:
    """Satellites in view, who serves, and what a dish may not use or cannot see."""
    title = _title(sky)
    with styled(theme):
        figure = blank(theme, width_in=8.2, height_in=7.6)
        axes = _axes(figure, theme)
        handles: list[Patch | Line2D] = [*_mask(axes, sky, theme), *_limits(axes, sky, theme)]
        handles += _tracks(axes, sky, theme)
        handles += _service(axes, sky, theme)
        figure.legend(handles=handles, loc="outside lower center", ncols=2, handletextpad=0.6, columnspacing=1.6)
        entitle(figure, theme, title)
    return Drawing(
        name="sky",
        figure=figure,
        theme=theme,
        alt=f"Round map of the sky over {sky.site}. {title}. {_spoken(sky)}",
        caption="The sky as on a map: the zenith in the middle, north up, east to the right. A line is the way of a satellite "
        "over the span, its dot the first instant.",
    )


def _axes(figure: Figure, theme: Theme) -> PolarAxes:
    """A round map down to 10° of elevation."""
    axes = figure.add_subplot(projection="polar")
    if not isinstance(axes, PolarAxes):
        raise TypeError("matplotlib gave another projection than polar")
    axes.set_theta_zero_location("N")
    axes.set_theta_direction(-1)
    axes.set_ylim(0.0, np.degrees(0.5 * np.pi - LOWEST_RAD))
    axes.set_yticks([30.0, 60.0], ["60°", "30°"], color=theme.muted, fontsize=8)
    axes.set_xticks(np.radians(np.arange(0, 360, 45)), ["N", "NE", "E", "SE", "S", "SW", "W", "NW"], color=theme.ink)
    axes.grid(color=theme.grid, linewidth=0.7)
    axes.spines["polar"].set_color(theme.coast)
    axes.set_facecolor(theme.sea)
    return axes


def _grid() -> tuple[Floats, Floats]:
    """Azimuth and elevation over the whole map, fine enough for smooth edges."""
    azimuth_rad = np.arange(0.0, 2.0 * np.pi + 0.5 * _GRID_RAD, _GRID_RAD)
    elevation_rad = np.arange(LOWEST_RAD, 0.5 * np.pi + 0.25 * _GRID_RAD, 0.5 * _GRID_RAD)
    azimuth, elevation = np.meshgrid(azimuth_rad, np.minimum(elevation_rad, 0.5 * np.pi))
    return azimuth, elevation


def _zenith_deg(elevation_rad: Floats) -> Floats:
    """Distance from the middle of the map."""
    return np.asarray(90.0 - np.degrees(elevation_rad))


def _limits(axes: PolarAxes, sky: DishSky, theme: Theme) -> list[Patch | Line2D]:
    """The band about the geostationary arc, the least elevation and the field of view."""
    azimuth_rad, elevation_rad = _grid()
    handles: list[Patch | Line2D] = []
    if sky.gso_exclusion_rad > 0.0:
        apart_rad = sky.gso_separation_rad(azimuth_rad, elevation_rad)
        if (apart_rad < sky.gso_exclusion_rad).any():
            levels, colour = (0.0, sky.gso_exclusion_rad), theme.series[4]
            axes.contourf(
                azimuth_rad, _zenith_deg(elevation_rad), apart_rad, levels=levels, colors=[colour], alpha=0.25, zorder=1
            )
            words = f"within {np.degrees(sky.gso_exclusion_rad):g}° of the geostationary arc"
            handles.append(Patch(color=colour, alpha=0.35, label=words))
    ring = np.linspace(0.0, 2.0 * np.pi, 181)
    low_deg = float(np.degrees(sky.min_elevation_rad))
    axes.plot(ring, np.full(181, 90.0 - low_deg), color=theme.ink, linewidth=1.1, linestyle=(0, (5, 2)), zorder=3)
    handles.append(
        Line2D([], [], color=theme.ink, linewidth=1.1, linestyle=(0, (5, 2)), label=f"least elevation {low_deg:g}°")
    )
    if sky.field_of_view_rad < 2.0 * np.pi:
        face_rad = sky.face_rad(azimuth_rad, elevation_rad)
        half_rad = 0.5 * sky.field_of_view_rad
        if face_rad.min() < half_rad < face_rad.max():
            axes.contour(
                azimuth_rad,
                _zenith_deg(elevation_rad),
                face_rad,
                levels=[half_rad],
                colors=[theme.series[3]],
                linewidths=1.3,
                zorder=3,
            )
            words = f"field of view of {np.degrees(sky.field_of_view_rad):g}°"
            handles.append(Line2D([], [], color=theme.series[3], linewidth=1.3, label=words))
    return handles


def _mask(axes: PolarAxes, sky: DishSky, theme: Theme) -> list[Patch | Line2D]:
    """What is known to stand in the way."""
    if sky.mask is None:
        return []
    azimuth_rad, elevation_rad = _grid()
    blocked = sky.mask.is_blocked(azimuth_rad, elevation_rad)
    if blocked.any():
        axes.contourf(
            *(azimuth_rad, _zenith_deg(elevation_rad), blocked.astype(float)),
            levels=(0.5, 1.5), colors=[theme.muted], alpha=0.55, zorder=0.9,
        )  # fmt: skip
    words = f"obstructed ({percent(sky.mask.blocked_share)} of what is known)"
    return [Patch(color=theme.muted, alpha=0.55, label=words)]


def _tracks(axes: PolarAxes, sky: DishSky, theme: Theme) -> list[Patch | Line2D]:
    """All satellites: those that may be used, and those that may not or are hidden."""
    links, blocked = sky.links, sky.blocked()
    served = np.unique(sky.serving[sky.serving >= 0])
    for satellite in np.unique(links.sat):
        rows = np.flatnonzero(links.sat == satellite)
        colour = theme.series[0] if (links.usable[rows] & ~blocked[rows]).any() else theme.muted
        width = 1.2 if satellite in served else 0.7
        for piece in np.split(rows, np.flatnonzero(np.diff(links.step[rows]) > 1) + 1):
            axes.plot(
                links.azimuth_rad[piece],
                _zenith_deg(links.elevation_rad[piece]),
                color=colour,
                linewidth=width,
                alpha=0.6,
                zorder=2,
            )
    first = np.flatnonzero(links.step == 0)
    handles: list[Patch | Line2D] = []
    may = links.usable[first] & ~blocked[first]
    for chosen, colour, marker, words in (
        (may, theme.series[0], "o", "usable"),
        (~may, theme.muted, "x", "not usable"),
    ):
        rows = first[chosen]
        axes.plot(
            links.azimuth_rad[rows],
            _zenith_deg(links.elevation_rad[rows]),
            marker,
            color=colour,
            markersize=5,
            linestyle="",
            zorder=4,
        )
        handles.append(
            Line2D([], [], color=colour, marker=marker, markersize=5, linestyle="", label=f"{words} ({len(rows)})")
        )
    return handles


def _service(axes: PolarAxes, sky: DishSky, theme: Theme) -> list[Patch | Line2D]:
    """The part of each satellite's way on which it serves, with its name."""
    links, colour = sky.links, theme.series[1]
    ends_ns = np.append(sky.slot_ns[1:], np.iinfo(np.int64).max)
    slot = np.searchsorted(sky.slot_ns, sky.time_ns, side="right") - 1
    served: set[int] = set()
    named = np.empty((0, 2))
    for number, satellite in enumerate(sky.serving.tolist()):
        steps = np.flatnonzero((slot == number) | (sky.time_ns == ends_ns[number]))
        rows = np.flatnonzero((links.sat == satellite) & np.isin(links.step, steps))
        if satellite < 0 or not len(rows):
            continue
        azimuth_rad, zenith_deg = links.azimuth_rad[rows], _zenith_deg(links.elevation_rad[rows])
        mark = "o" if len(rows) == 1 else ""
        axes.plot(azimuth_rad, zenith_deg, color=colour, linewidth=3.2, marker=mark, markersize=8, zorder=5)
        place = zenith_deg[0] * np.array([np.sin(azimuth_rad[0]), np.cos(azimuth_rad[0])])
        is_apart = bool((np.abs(named - place) > _LABEL_DEG).any(axis=1).all())
        if satellite not in served and is_apart:
            axes.annotate(
                sky.satellites[satellite], (azimuth_rad[0], zenith_deg[0]), xytext=(5, 5), textcoords="offset points",
                fontsize=7.5, color=theme.ink, zorder=6,
            )  # fmt: skip
            named = np.vstack([named, place])
        served.add(satellite)
    return [Line2D([], [], color=colour, linewidth=3.2, label=f"serves ({len(served)} in {len(sky.slot_ns)} slots)")]


def _title(sky: DishSky) -> str:
    """Who serves, in one sentence."""
    first = np.flatnonzero(sky.links.step == 0)
    usable = int(np.count_nonzero(sky.links.usable[first] & ~sky.blocked()[first]))
    day, _, clock = format_time(int(sky.time_ns[0])).rstrip("Z").partition("T")
    words = f"{sky.site}, {day}, {clock} UTC: {len(first)} satellites in view, {usable} usable"
    served = sky.serving[sky.serving >= 0]
    if not len(served):
        return f"{words}; none serves: {sky.why[0]}"
    if len(sky.serving) == 1:
        return f"{words}; {sky.satellites[served[0]]} serves"
    dark = len(sky.serving) - len(served)
    tail = "" if not dark else f", none in {dark}"
    return f"{words}; {len(np.unique(served))} serve in {len(sky.serving)} slots{tail}"


def _spoken(sky: DishSky) -> str:
    """The serving satellites as a sentence."""
    parts = [
        sky.satellites[row] if row >= 0 else sky.why[number] for number, row in enumerate(sky.serving.tolist()[:20])
    ]
    return "By slot: " + ", ".join(parts) + "."
