"""What the probes of a live run found, as tables: one for each family of probes, with the figures that people ask for first.

Rules: a table has a column only where a probe of its family has that figure; figures with the same heading share a column. What a probe could not do follows its table.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from skycommons.cli.console import Output

if TYPE_CHECKING:
    from skycommons.emulation.probes import ProbeResult
    from skycommons.emulation.session import SessionResult

FAMILIES: Final = MappingProxyType(
    {
        "Round trips": ("ping", "irtt"),
        "Throughput": ("iperf3",),
        "Files": ("curl", "quic"),
        "Video": ("video",),
    }
)
"""Headings, and what the names of their probes begin with."""

COLUMNS: Final[Mapping[str, tuple[str, float]]] = MappingProxyType(
    {
        "packets": ("packets", 1.0),
        "loss_share": ("lost (%)", 100.0),
        "up_loss_share": ("lost up (%)", 100.0),
        "down_loss_share": ("lost down (%)", 100.0),
        "rtt_min_s": ("least (ms)", 1e3),
        "rtt_median_s": ("RTT (ms)", 1e3),
        "rtt_p95_s": ("95 % (ms)", 1e3),
        "rtt_p99_s": ("99 % (ms)", 1e3),
        "jitter_s": ("jitter (ms)", 1e3),
        "goodput_mean_bps": ("mean (Mbit/s)", 1e-6),
        "goodput_median_bps": ("median (Mbit/s)", 1e-6),
        "goodput_p5_bps": ("5 % (Mbit/s)", 1e-6),
        "retransmits": ("sent again", 1.0),
        "downloads": ("files", 1.0),
        "failed_downloads": ("failed", 1.0),
        "files": ("files", 1.0),
        "failed_connections": ("failed", 1.0),
        "first_byte_median_s": ("first byte (ms)", 1e3),
        "handshake_median_s": ("handshake (ms)", 1e3),
        "total_median_s": ("whole file (ms)", 1e3),
        "file_median_s": ("whole file (ms)", 1e3),
        "arrived_share": ("pictures that arrived (%)", 100.0),
        "delay_median_s": ("delay (s)", 1.0),
        "delay_p95_s": ("95 % (s)", 1.0),
        "stalls": ("stalls", 1.0),
        "stalled_s": ("stalled (s)", 1.0),
        "longest_stall_s": ("longest (s)", 1.0),
    }
)
"""Figures of summaries in the order of their columns: heading, and by what a figure is multiplied."""


def show_results(found: "SessionResult", output: Output) -> None:
    """Print the tables of a session, then what its probes have to say of themselves."""
    for title, beginnings in FAMILIES.items():
        rows = [(number, result) for number, result in enumerate(found.probes) if result.probe.startswith(beginnings)]
        if rows:
            _table(title, rows, found, output)
    for result in found.probes:
        for note in result.notes:
            output.line(f"{result.label}: {note}")
    for note in found.notes:
        output.line(note)


def results_json(found: "SessionResult") -> dict[str, Any]:
    """The same figures and more, as plain JSON values."""
    return {
        "probes": [
            {
                "probe": result.probe,
                "from": result.source,
                "to": result.target,
                "begin_ns": result.begin_ns,
                **result.summary,
                "notes": result.notes,
            }
            | ({"emulation_error_ms": errors} if (errors := found.errors.get(number)) is not None else {})
            for number, result in enumerate(found.probes)
        ],
        "events": [{"time_ns": event.time_ns, "what": event.label} for event in found.story.events],
        "run": found.report.to_json_dict(),
        "notes": found.notes,
    }


def write_results(found: "SessionResult", folder: Path, films: Path) -> dict[str, Path]:
    """Write everything that the probes found, and keep the films that were recorded meanwhile.

    Args:
        found: What they found.
        folder: Where to; an older one is replaced.
        films: Where films lie so far.
    Returns:
        Paths by what they hold.
    Raises:
        HostError: Something cannot be written.
    """
    from skycommons.studies.figures_video import video_over_time
    from skycommons.studies.live_files import write_live

    drawn = [video_over_time(video, events=found.story.events) for video in found.videos]
    written = write_live(
        folder,
        found.probes,
        found.story,
        errors=found.errors,
        handovers=found.handovers,
        drawings=[replace(one, name=f"{one.name}-{number}") for number, one in enumerate(drawn, start=1)],
        further={"run": found.report.to_json_dict(), "notes": found.notes},
    )
    kept = sorted(films.iterdir()) if films.is_dir() else []
    for film in kept:
        (folder / "films").mkdir(exist_ok=True)
        film.replace(folder / "films" / film.name)
    return {**written, **({"films": folder / "films"} if kept else {})}


def _table(title: str, rows: "list[tuple[int, ProbeResult]]", found: "SessionResult", output: Output) -> None:
    """One family's table; the last column is how far round trips were from what the plan meant for those very packets."""
    keys = [key for key in COLUMNS if any(key in result.summary for _, result in rows)]
    errors = {number: found.errors[number] for number, _ in rows if number in found.errors}
    columns = list(dict.fromkeys(COLUMNS[key][0] for key in keys))
    headings = [title.lower(), "from", "to", *columns, *(["error (ms)"] if errors else [])]
    cells = [
        [
            result.probe,
            result.source,
            result.target,
            *(_cell(result.summary, [key for key in keys if COLUMNS[key][0] == heading]) for heading in columns),
            *([errors[number].p50_ms if number in errors else None] if errors else []),
        ]
        for number, result in rows
    ]
    output.table(title, headings, cells)


def _cell(summary: "Mapping[str, float | str]", keys: Sequence[str]) -> float | int | None:
    """What stands in a column: the first of its figures that a probe has."""
    return next((_figure(summary[key], COLUMNS[key][1]) for key in keys if key in summary), None)


def _figure(value: float | str, scale: float) -> float | int | None:
    """A figure in the unit of its column; a count as a whole number."""
    if isinstance(value, str):
        return None
    scaled = value * scale
    return round(scaled) if scale == 1.0 and scaled == scaled // 1 else round(scaled, 2)
