"""The report of a run: one HTML file that needs nothing else.

Rules: the page asks nobody for anything (its content policy forbids it), works without scripts, in light and in dark,
and says every picture in words too. Numbers come from the summary, pictures from `draw_all`, and what the model leaves
out stands beside what it found.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import xarray as xr
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from skycommons.base.clock import format_time
from skycommons.model.world import SiteKind
from skycommons.studies.drawing import DARK, LIGHT, Drawing, style_sheet
from skycommons.studies.figures_globe import globe_figure
from skycommons.studies.figures_map import world_map
from skycommons.studies.figures_radio import rate_by_elevation
from skycommons.studies.figures_rates import rates_over_time
from skycommons.studies.figures_sky import availability_by_latitude, elevation_histogram
from skycommons.studies.figures_time import rtt_distribution, rtt_over_time
from skycommons.studies.files import replacing
from skycommons.studies.geography import first_reachable, ground_point, positions_at, shown_flow
from skycommons.studies.report_pictures import MAP_DPI, Picture, image, one_element, two_images
from skycommons.studies.report_service import service_section
from skycommons.studies.service_store import has_service
from skycommons.studies.slowest_table import slowest_curves, slowest_table
from skycommons.studies.store import FlowKind, names, shell_names, time_ns
from skycommons.studies.summary import Summary, megabits, milliseconds, percent, reason_phrase, summarise

_ROWS: Final = 120  # of the table; with more flows it shows quantiles and the worst ones
_NOT_SHARED: Final = (
    "Sharing: each dish has a beam to itself; the beams of a satellite and its channels are not shared out."
)
_NOT_MODELLED: Final = (
    "Traffic: the network is empty, so there are no queues, no congestion and no packet loss.",
    "Everything that an operator decides for reasons that no public source tells.",
)


def write_report(dataset: xr.Dataset, path: Path, *, summary: Summary | None = None) -> None:
    """Write the report as one HTML file, whole or not at all.

    Args:
        summary: Of this Dataset, if it is at hand already.
    Raises:
        HostError: The file cannot be written.
    """
    text = render_report(dataset, summary or summarise(dataset))
    with replacing(path) as stream:
        stream.write(text)


def render_report(dataset: xr.Dataset, summary: Summary) -> str:
    """The report as text."""
    environment = Environment(
        loader=PackageLoader("skycommons.studies"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    attributes, slowest = dataset.attrs, slowest_table(dataset)
    return environment.get_template("report.html.j2").render(
        title=summary.title,
        version=str(attributes["skycommons_version"]),
        light=Markup(style_sheet(LIGHT)),  # noqa: S704 - made of this package's own colours
        dark=Markup(style_sheet(DARK)),  # noqa: S704 - made of this package's own colours
        lead=_lead(dataset, summary),
        tiles=_tiles(summary, is_scheduled=has_service(dataset)),
        rows=summary.rows(limit=_ROWS),
        flows=len(summary),
        hero=_globe(dataset),
        pictures=_pictures(dataset, summary),
        path=_path_table(dataset),
        slowest=slowest,
        slowest_picture=_slowest_picture(dataset, slowest),
        facts=_facts(dataset, summary),
        shells=_shells(dataset),
        notes=model_notes(dataset),
        not_modelled=_NOT_MODELLED if has_service(dataset) else (_NOT_SHARED, *_NOT_MODELLED),
        service=service_section(dataset),
    )


def draw_all(dataset: xr.Dataset, summary: Summary) -> tuple[Drawing, ...]:
    """The pictures of a run, in the order of the report, in light colours."""
    return (
        rtt_over_time(dataset, summary),
        rtt_distribution(dataset, summary),
        rates_over_time(dataset, summary),
        world_map(dataset, tracked=shown_flow(dataset)),
        elevation_histogram(dataset),
        availability_by_latitude(dataset),
    )


def model_notes(dataset: xr.Dataset) -> list[str]:
    """What the run says about its own model; a text that is no list is one note."""
    text = str(dataset.attrs["model_notes"])
    try:
        notes = json.loads(text)
    except json.JSONDecodeError:
        return [text] if text else []
    return [str(note) for note in notes] if isinstance(notes, list) else [str(notes)]


def _pictures(dataset: xr.Dataset, summary: Summary) -> list[Picture]:
    """Charts as elements that follow the page's colours, maps as images for light and for dark."""
    pictures = []
    for drawing in draw_all(dataset, summary):
        if drawing.name == "world":
            dark = world_map(dataset, tracked=shown_flow(dataset), theme=DARK)
            pictures.append(two_images(drawing, dark))
        else:
            pictures.append(one_element(drawing))
    return pictures


def _slowest_picture(dataset: xr.Dataset, slowest: Mapping[str, Any]) -> Picture | None:
    """Rate against elevation and rain where the slowest terminal stands."""
    curves = slowest_curves(dataset)
    if curves is None:
        return None
    drawing = rate_by_elevation(curves, str(slowest["terminal"]))
    return one_element(drawing)


def _globe(dataset: xr.Dataset) -> Picture:
    """The globe, dark on every page: it shows space."""
    drawing = globe_figure(dataset, tracked=shown_flow(dataset), title="", legend=False, theme=DARK)
    address = drawing.data_url(dpi=MAP_DPI)
    return image(drawing, light=address, dark="")


def _lead(dataset: xr.Dataset, summary: Summary) -> str:
    """What was computed, in one or two sentences."""
    kind = dataset["site_kind"].values
    count = {one: int((kind == one).sum()) for one in SiteKind}
    day, _, clock = summary.start.rstrip("Z").partition("T")
    return (
        f"{summary.sizes['satellites']:,} satellites, {_counted(count[SiteKind.GATEWAY], 'gateway')}, "
        f"{_counted(count[SiteKind.POP], 'PoP')} and {_counted(count[SiteKind.TERMINAL], 'terminal')}, "
        f"{_duration(float(dataset.attrs['duration_s']))} from {day}, {clock} UTC, every {summary.step_s:g} seconds."
    )


def _tiles(summary: Summary, *, is_scheduled: bool) -> list[dict[str, str]]:
    """The headline numbers, each with its sentence."""
    tiles = []
    verbs = (
        "is light's typical round trip from a terminal to its PoP",
        "is light's typical round trip between two sites",
    )
    for kind in FlowKind:
        median_s, p95_s = summary.pooled_rtt_s(kind, (0.5, 0.95))
        if np.isfinite(median_s):
            words = f"{verbs[kind]}; 95 % of all round trips take at most {milliseconds(p95_s)}."
            tiles.append({"number": milliseconds(median_s), "words": words})
    rates = summary.pooled_rates_bps(FlowKind.TERMINAL_TO_POP)
    whose = "a terminal's part of its cell" if is_scheduled else "a dish with a beam to itself"
    if np.isfinite(rates["rate_down_median_bps"]):
        clear = f"; under a clear sky it would be {megabits(rates['clear_rate_down_median_bps'])} down"
        dark = ", where a terminal without a path counts as one without a rate"
        words = (
            f"down is typical of {whose}, {megabits(rates['rate_up_median_bps'])} up{'' if is_scheduled else clear}"
            f"{dark if summary.mean_availability() < 1.0 else ''}."
        )
        tiles.append({"number": megabits(rates["rate_down_median_bps"]), "words": words})
    if len(summary):
        tiles.append({"number": percent(summary.mean_availability()), "words": _availability_words(summary)})
        words = "path changes per hour are typical of a flow: the network never stands still."
        tiles.append({"number": f"{np.median(summary.changes_per_hour):.0f}", "words": words})
    return tiles


def _availability_words(summary: Summary) -> str:
    """How reachable all flows are, and what is in the way most often."""
    words = "of all steps of all flows have a path"
    missing = summary.reason[summary.reason > 0]
    if not len(missing):
        return f"{words}; nothing was ever unreachable."
    failing = _counted(len(missing), "flow")
    reason = reason_phrase(int(np.bincount(missing).argmax()))
    return f"{words}; {failing} failed at times, most often because: {reason}."


def _path_table(dataset: xr.Dataset) -> dict[str, Any]:
    """The first path of the first tracked flow that has one, as rows; empty if there is none."""
    tracked = shown_flow(dataset)
    step = first_reachable(dataset, tracked) if dataset.sizes["tracked"] else None
    if step is None:
        return {"rows": []}
    flow = int(dataset["tracked_flow"].values[tracked])
    satellites = dataset["path_satellite"].isel(time=step, tracked=tracked).values
    satellites = satellites[satellites >= 0].astype(np.int64)
    instant_ns = time_ns(dataset["time"].isel(time=[step]))[0]
    below = ground_point(positions_at(dataset, satellites, np.full(len(satellites), instant_ns)))
    labels, sites = names(dataset, "satellite"), names(dataset, "site")
    rows = [("satellite", labels[row], _place(*place)) for row, place in zip(satellites, below, strict=True)]
    ends = [int(dataset[name].values[flow]) for name in ("flow_source", "flow_target")]
    gateway = int(dataset["exit_gateway"].isel(time=step, flow=flow).values)
    kinds = dataset["site_kind"].values
    columns = [dataset[f"site_{name}_rad"].values for name in ("longitude", "latitude")]

    def site(row: int) -> tuple[str, str, str]:
        kind = SiteKind(int(kinds[row]))
        name = "PoP" if kind == SiteKind.POP else kind.name.lower()
        return name, sites[row], _place(columns[0][row], columns[1][row])

    tail = [gateway, ends[1]] if gateway >= 0 else [ends[1]]
    every = [site(ends[0]), *rows, *(site(row) for row in tail)]
    rtt_s = float(dataset["rtt_s"].isel(time=step, flow=flow).values)
    return {
        "flow": f"{sites[ends[0]]} to {sites[ends[1]]}",
        "time": format_time(int(instant_ns)),
        "rtt": milliseconds(rtt_s),
        "rows": [{"what": what, "name": name, "place": place} for what, name, place in every],
    }


def _place(longitude_rad: float, latitude_rad: float) -> str:
    """A place as people write it."""
    if not np.isfinite(longitude_rad):
        return "unknown"
    longitude, latitude = np.degrees([longitude_rad, latitude_rad])
    return (
        f"{abs(latitude):.1f}° {'N' if latitude >= 0 else 'S'}, {abs(longitude):.1f}° {'E' if longitude >= 0 else 'W'}"
    )


def _facts(dataset: xr.Dataset, summary: Summary) -> list[tuple[str, str]]:
    """How the run was set up."""
    attributes = dataset.attrs
    return [
        ("Scenario", summary.scenario),
        ("Start (UTC)", summary.start),
        ("Duration", _duration(float(attributes["duration_s"]))),
        ("Steps", f"{summary.steps:,}, every {summary.step_s:g} s"),
        ("Flows", f"{len(summary):,}"),
        ("Weather", str(attributes["weather"])),
        *(("Recommendation", text) for text in _recommendations(dataset)),
        ("Made by", f"{attributes['created_by']}, skycommons {attributes['skycommons_version']}"),
    ]


def _recommendations(dataset: xr.Dataset) -> list[str]:
    """Which version of which recommendation computed what."""
    versions: dict[str, str] = json.loads(str(dataset.attrs["recommendations"]))
    subjects: dict[str, list[str]] = {}
    for subject, name in versions.items():
        subjects.setdefault(name.partition(" §")[0], []).append(subject)
    return [f"{name}: {', '.join(words)}" for name, words in subjects.items()]


def _shells(dataset: xr.Dataset) -> list[tuple[str, str]]:
    """How many satellites each shell holds."""
    shell = dataset["satellite_shell"].values
    counted = [(label, int((shell == row).sum())) for row, label in enumerate(shell_names(dataset))]
    counted.append(("of no shell", int((shell < 0).sum())))
    return [(label, f"{count:,}") for label, count in counted if count]


def _counted(count: int, noun: str) -> str:
    """A number with its noun.

    >>> _counted(1, "gateway"), _counted(300, "gateway")
    ('1 gateway', '300 gateways')
    """
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def _duration(seconds: float) -> str:
    """A length of time in words.

    >>> _duration(3600.0), _duration(90.0), _duration(172_800.0)
    ('1 hour', '1.5 minutes', '2 days')
    """
    for name, unit_s in (("day", 86_400.0), ("hour", 3600.0), ("minute", 60.0)):
        if seconds >= unit_s:
            count = seconds / unit_s
            return f"{count:g} {name}" if count == 1 else f"{count:.4g} {name}s"
    return f"{seconds:g} seconds"
