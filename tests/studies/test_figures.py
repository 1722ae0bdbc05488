"""Pictures: they say what was found, differ from blank, and hold on to nothing global."""

import io
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from matplotlib import rcParams
from matplotlib.image import imread

from skycommons.studies.drawing import DARK, LIGHT, Drawing, style_sheet
from skycommons.studies.figures_globe import globe_figure, in_sight
from skycommons.studies.figures_map import equal_earth, shells_to_draw, world_map
from skycommons.studies.figures_sky import availability_by_latitude, elevation_histogram
from skycommons.studies.figures_time import chosen_flows, rtt_distribution, rtt_over_time
from skycommons.studies.report import draw_all
from skycommons.studies.store import FlowKind
from skycommons.studies.summary import summarise
from tests.support.results import many_flows, small_results


@pytest.fixture(scope="module")
def results() -> xr.Dataset:
    """The small results."""
    return small_results()


@pytest.fixture(scope="module")
def unreachable(results: xr.Dataset) -> xr.Dataset:
    """The same network with every link gone."""
    return results.assign(
        rtt_s=results["rtt_s"] * np.nan,
        path_satellite=xr.full_like(results["path_satellite"], -1),
        entry_satellite=xr.full_like(results["entry_satellite"], -1),
        elevation_served=xr.zeros_like(results["elevation_served"]),
        coverage_served=xr.zeros_like(results["coverage_served"]),
    )


def title_of(drawing: Drawing) -> str:
    """What stands over a picture, in one line."""
    return " ".join(drawing.figure.get_suptitle().split())


def test_every_picture_is_drawn_and_has_words(results: xr.Dataset) -> None:
    """None is blank; each has a title, an alternative text and a caption."""
    for drawing in (*draw_all(results, summarise(results)), globe_figure(results)):
        pixels = imread(io.BytesIO(drawing.png(dpi=40)))
        assert pixels.std() > 0.03, drawing.name
        assert len(drawing.alt) > 30
        assert len(drawing.caption) > 30
        assert title_of(drawing)


def test_drawing_leaves_no_trace_in_matplotlib(results: xr.Dataset) -> None:
    """Settings are as before, and no window manager knows the figures."""
    before = dict(rcParams)
    availability_by_latitude(results, theme=DARK).svg()
    assert dict(rcParams) == before


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_pictures_come_out_the_same_every_time(results: xr.Dataset, theme: Any) -> None:
    """Byte for byte, so that reports can be compared."""
    first, second = (elevation_histogram(results, theme=theme) for _ in range(2))
    assert first.svg() == second.svg()
    assert first.png(dpi=50) == second.png(dpi=50)
    assert first._repr_png_() == second._repr_png_()


def test_titles_say_what_was_found(results: xr.Dataset) -> None:
    """Numbers in words, not names of charts."""
    found = summarise(results)
    assert re.match(r"Terminals reach their PoP in \d+ to \d+.ms; pairs", title_of(rtt_over_time(results, found)))
    assert "Half of all round trips from terminal to PoP" in title_of(rtt_distribution(results, found))
    assert title_of(elevation_histogram(results)).startswith("Serving satellites stand higher than those in view")
    assert title_of(availability_by_latitude(results)) == (
        "From 55° S to 55° N, places have a path to a gateway at least 99 % of the time"
    )
    assert re.match(r"zurich to wellington crosses \d+ satellites", title_of(world_map(results)))


def test_nothing_reachable_is_said_and_drawn(unreachable: xr.Dataset) -> None:
    """Every picture still stands, and says that there is nothing."""
    found = summarise(unreachable)
    assert title_of(rtt_over_time(unreachable, found)) == "No flow was reachable at any step"
    assert title_of(rtt_over_time(unreachable, found, flows=[0, 5])) == "No flow was reachable at any step"
    assert title_of(rtt_distribution(unreachable, found)) == "No flow was reachable at any step"
    assert title_of(elevation_histogram(unreachable)) == "No satellite came into use"
    assert title_of(availability_by_latitude(unreachable)).startswith("No latitude has a path to a gateway")
    assert "no tracked path exists" in title_of(world_map(unreachable))
    assert title_of(globe_figure(unreachable)) == "576 satellites and 13 sites"


def test_no_tracked_flow_is_no_problem(results: xr.Dataset) -> None:
    """Maps then show the network alone."""
    bare = results.isel(tracked=slice(0, 0))
    assert "no tracked path exists" in title_of(world_map(bare))
    assert "satellites and" in title_of(globe_figure(bare))


def test_flows_to_draw_run_from_the_fastest_to_the_slowest() -> None:
    """A few of each kind, the extremes among them, none twice."""
    found = summarise(many_flows(60, 20))
    chosen = chosen_flows(found)
    for kind in FlowKind:
        rows = chosen[found.kind[chosen] == kind]
        medians = found.rtt_median_s[found.flows_of(kind)]
        assert len(set(rows.tolist())) == len(rows) == 4
        assert found.rtt_median_s[rows].min() == np.nanmin(medians)
        assert found.rtt_median_s[rows].max() == np.nanmax(medians)


def test_long_runs_are_drawn_as_medians_of_spans() -> None:
    """Few points, however many steps; the caption says so."""
    long = many_flows(14, 1200)
    drawing = rtt_over_time(long, summarise(long), flows=[0, 3, 5])
    lines = [line for axes in drawing.figure.axes for line in axes.get_lines()]
    assert max(len(np.asarray(line.get_xdata())) for line in lines) == 240
    assert "median of equal spans" in drawing.caption


def test_a_gap_breaks_the_line_and_gets_a_bar(results: xr.Dataset) -> None:
    """Where a flow is unreachable there is no line, and the foot of the panel says for how long."""
    drawing = rtt_over_time(results, summarise(results), flows=[3])
    (axes,) = drawing.figure.axes
    values = np.asarray(axes.get_lines()[0].get_ydata())
    assert np.isnan(values).sum() == 4
    assert "unreachable" in [text.get_text() for text in axes.texts]
    assert len(axes.collections) == 1


def test_a_single_step_can_be_drawn(results: xr.Dataset) -> None:
    """One instant gives points, not an error."""
    single = results.isel(time=[0])
    found = summarise(single)
    assert rtt_over_time(single, found).png(dpi=30)
    assert rtt_distribution(single, found).png(dpi=30)
    assert world_map(single).png(dpi=30)


def test_a_narrow_range_gets_a_linear_axis(results: xr.Dataset) -> None:
    """A wide one gets a logarithmic one."""
    found = summarise(results)
    scales = [
        rtt_over_time(results, found, flows=flows).figure.axes[0].get_yscale() for flows in ([0, 1], [0, 1, 2, 3])
    ]
    assert scales == ["linear", "log"]


def test_elevations_may_be_alike_or_lower_or_in_one_bin(results: xr.Dataset) -> None:
    """The title compares; a single bin reaches up to the zenith."""
    same = results.assign(elevation_served=results["elevation_candidates"])
    assert "stand as high as" in title_of(elevation_histogram(same))
    swapped = results.assign(
        elevation_served=results["elevation_candidates"], elevation_candidates=results["elevation_served"]
    )
    assert "stand lower than" in title_of(elevation_histogram(swapped))
    single = elevation_histogram(results.isel(elevation_bin=[0]))
    assert single.figure.axes[0].get_xlim() == (25.0, 90.0)


def test_one_band_of_latitude_is_enough(results: xr.Dataset) -> None:
    """Its title names the band's middle."""
    assert title_of(availability_by_latitude(results.isel(latitude=[18]))).startswith("From 2° N to 2° N")


def test_the_map_keeps_areas() -> None:
    """Small squares anywhere have the area of the ball under them."""
    step = 1e-4
    for latitude_rad in np.radians([0.0, 30.0, 60.0, 80.0]):
        corner = np.array([[1.0, latitude_rad], [1.0 + step, latitude_rad], [1.0, latitude_rad + step]])
        east, north = np.diff(equal_earth(corner)[[0, 1, 0, 2]], axis=0)[[0, 2]]
        area = east[0] * north[1] - east[1] * north[0]
        assert area == pytest.approx(step**2 * np.cos(latitude_rad + step / 2), rel=1e-3)


def test_too_many_shells_share_a_colour(results: xr.Dataset) -> None:
    """The largest keep their own; all others go together, and so do satellites without a shell."""
    shell = np.repeat(np.arange(8), 72).astype(np.int32)
    shell[:10] = -1
    many = list(shells_to_draw(results.assign(satellite_shell=("satellite", shell))))
    assert [place for _, _, place in many] == [0, 2, 3, 5, None]
    assert sum(len(rows) for _, rows, _ in many) == 576
    none = list(shells_to_draw(results.assign(satellite_shell=("satellite", np.full(576, -1, np.int32)))))
    assert [(label, place) for label, _, place in none] == [("satellites", None)]


def test_the_globe_shows_what_the_earth_does_not_hide() -> None:
    """In front, and behind but beside the rim."""
    points = np.array([[0.0, 0.0, 1.1], [0.0, 0.0, -1.1], [1.05, 0.0, -0.2]])
    assert in_sight(points).tolist() == [True, False, True]


def test_the_globe_stands_over_the_path_and_takes_a_title(results: xr.Dataset) -> None:
    """Any step, any tracked flow, with or without words and legend; a path to a PoP ends at its gateway."""
    drawing = globe_figure(results, tracked=1, step=3, title="Over the Pacific", theme=LIGHT)
    assert title_of(drawing) == "Over the Pacific"
    assert drawing.figure.legends
    plain = globe_figure(results, title="", legend=False)
    assert plain.figure.get_suptitle() == ""
    assert not plain.figure.legends
    path = results["path_satellite"].copy()
    path[:, 0] = -1
    path[:, 0, 0] = results["entry_satellite"].values[:, 0]
    local = results.assign(path_satellite=path, tracked_flow=("tracked", np.array([0, 6], np.int32)))
    assert re.match(r"zurich to frankfurt-pop crosses 1 satellite,", title_of(globe_figure(local)))


def test_the_globe_can_look_at_a_pole(results: xr.Dataset) -> None:
    """Where there is no east, and where sites balance each other out."""
    poles = {
        "site_latitude_rad": ("site", np.full(13, np.pi / 2)),
        "site_longitude_rad": ("site", np.zeros(13)),
    }
    bare = results.isel(tracked=slice(0, 0))
    assert globe_figure(bare.assign(poles)).png(dpi=30)
    around = {
        "site_latitude_rad": ("site", np.zeros(13)),
        "site_longitude_rad": ("site", 2 * np.pi * np.arange(13) / 13),
    }
    assert globe_figure(bare.assign(around)).png(dpi=30)


def test_svg_stands_inside_a_page(results: xr.Dataset) -> None:
    """Own ids, words for those who do not see, the page's colours, and text as text."""
    text = elevation_histogram(results).svg()
    assert text.startswith("<svg")
    assert 'role="img"' in text[:600]
    assert 'aria-label="Histogram of elevation angles.' in text[:600]
    assert all(name.startswith("elevation-") for name in re.findall(r' id="([^"]+)"', text))
    used = set(re.findall(r"url\(#([^)]+)\)", text)) | set(re.findall(r'href="#([^"]+)"', text))
    assert used <= set(re.findall(r' id="([^"]+)"', text))
    assert "var(--series-1)" in text
    assert LIGHT.series[0] not in text
    assert "elevation above the horizon" in text


def test_the_style_sheet_names_every_colour() -> None:
    """Light and dark give the same names."""
    light, dark = (re.findall(r"--([\w-]+):", style_sheet(theme)) for theme in (LIGHT, DARK))
    assert light == dark
    assert {"ink", "surface", "series-6"} <= set(light)
    assert len({*LIGHT.series, LIGHT.ink, LIGHT.muted, LIGHT.grid, LIGHT.surface}) == 10


def test_names_are_texts(results: xr.Dataset) -> None:
    """Dollars, underscores and markup in names neither break nor change a picture."""
    sites, shells = results["site"].values.copy(), results["satellite_shell"].copy()
    sites[:2] = ["a$b$_{", "<b>&"]
    shells.attrs = {"shell_names": ["_hidden", "$x^2$"]}
    named = results.assign_coords(site=sites).assign(satellite_shell=shells)
    text = rtt_over_time(named, summarise(named), flows=[0, 1]).svg()
    assert "a$b$_{ to frankfurt-pop" in text
    assert "&lt;b&gt;&amp; to" in text
    labels = [text.get_text() for text in world_map(named).figure.legends[0].get_texts()]
    assert "hidden (480)" in labels
    assert "$x^2$ (96)" in labels


def test_crowded_names_are_moved_apart_or_left_out(results: xr.Dataset) -> None:
    """No name stands over another, neither at the ends of lines nor on the map."""
    found = summarise(results)
    drawing = rtt_over_time(results, found, flows=[0, 1, 2, 4, 3])
    heights = sorted(text.get_position()[1] for text in drawing.figure.axes[0].texts if " to " in text.get_text())
    assert min(np.diff(heights)) > 0.08
    high = results.assign(
        rtt_s=results["rtt_s"].copy(data=np.tile([0.01, 0.05, 0.05, 0.0501, 0.05, 0.1, 0.1], (24, 1)))
    )
    assert rtt_over_time(high, summarise(high), flows=[0, 1, 2, 3]).png(dpi=30)
    together = results.assign(site_latitude_rad=("site", np.zeros(13)), site_longitude_rad=("site", np.full(13, 3.0)))
    assert len(world_map(together).figure.axes[0].texts) < 13


def test_a_network_of_one_kind_of_site_has_one_mark(results: xr.Dataset) -> None:
    """Legends name what is there."""
    alone = results.assign(
        site_kind=("site", np.zeros(13, np.uint8)), entry_satellite=results["entry_satellite"] * 0 - 1
    )
    for drawing in (world_map(alone), globe_figure(alone)):
        labels = [text.get_text() for text in drawing.figure.legends[0].get_texts()]
        assert "terminals (13)" in labels
        assert not any("gateway" in label or "track" in label for label in labels)


def test_a_path_half_round_the_earth_shows_what_is_in_sight(results: xr.Dataset) -> None:
    """Legs and ends behind the Earth are not drawn over it."""
    turned = results.assign(
        site_longitude_rad=("site", np.where(np.arange(13) == 2, 0.0, results["site_longitude_rad"].values + np.pi))
    )
    assert globe_figure(turned, step=0).png(dpi=30)


def test_a_picture_is_saved_whole(results: xr.Dataset, tmp_path: Path) -> None:
    """As PNG."""
    path = tmp_path / "figures" / "elevation.png"
    elevation_histogram(results).save(path, dpi=40)
    assert path.read_bytes().startswith(b"\x89PNG")
