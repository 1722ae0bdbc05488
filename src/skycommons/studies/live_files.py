"""What a live run measured, as files: a folder with a summary, a table of numbers for each probe, what programs printed, and pictures.

Rules: the folder appears whole or not at all. Times are UTC; units stand at the ends of names, and are SI. A number that does not exist
is an empty cell in CSV and ``null`` in JSON.
"""

import csv
import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from skycommons.base.clock import format_time
from skycommons.emulation.live_record import LiveStory
from skycommons.emulation.probe_summary import HandoverRow, RttErrors
from skycommons.emulation.probes import TIME, ProbeResult
from skycommons.studies.drawing import Drawing
from skycommons.studies.figures_live import live_drawings
from skycommons.studies.files import replacing, replacing_bytes, replacing_folder

_NO_ERRORS: Final[Mapping[int, RttErrors]] = MappingProxyType({})
_NO_HANDOVERS: Final[Mapping[int, tuple[HandoverRow, ...]]] = MappingProxyType({})
_NOTHING: Final[Mapping[str, object]] = MappingProxyType({})
_FIRST: Final = ("probe", "source", "target", "begin", "rows")
_HANDOVER_COLUMNS: Final = (
    *("probe", "source", "target", "time", "before", "after"),
    *("measured_before_s", "measured_after_s", "planned_before_s", "planned_after_s", "lost_packets"),
)


def write_live(
    folder: Path,
    results: Sequence[ProbeResult],
    story: LiveStory,
    *,
    errors: Mapping[int, RttErrors] = _NO_ERRORS,
    handovers: Mapping[int, tuple[HandoverRow, ...]] = _NO_HANDOVERS,
    drawings: Sequence[Drawing] = (),
    further: Mapping[str, object] = _NOTHING,
) -> dict[str, Path]:
    """Write everything that probes measured; an older folder of that name is replaced.

    Args:
        folder: ``NAME-live`` by custom.
        results: Of all probes.
        story: What was meant to happen.
        errors: By the number of a result: how far its round trips were from the plan's.
        handovers: By the number of a result: what each handover did to its round trips.
        drawings: More pictures, beside those that are drawn of the results.
        further: More for ``summary.json``, as plain values.
    Returns:
        Paths by what they hold.
    Raises:
        HostError: The folder cannot be written.
    """
    stems = _stems(results)
    pictures = [*live_drawings(results, story), *drawings]
    with replacing_folder(folder) as place:
        for result, stem in zip(results, stems, strict=True):
            if len(result):
                write_series(result, place / "series" / f"{stem}.csv")
            if result.raw:
                with replacing_bytes(place / "raw" / f"{stem}.txt") as stream:
                    stream.write(result.raw)
        for drawing in pictures:
            name = _plain(drawing.name)
            drawing.save(place / "figures" / f"{name}.png")
            with replacing(place / "figures" / f"{name}.svg") as text:
                text.write(drawing.standing_svg())
        told = [
            _told(result, stem, errors.get(number), handovers.get(number))
            for number, (result, stem) in enumerate(zip(results, stems, strict=True))
        ]
        with replacing(place / "summary.json") as text:
            json.dump(
                plain_json(
                    {
                        "title": story.title,
                        "probes": told,
                        "events": [{"time": format_time(each.time_ns), "what": each.label} for each in story.events],
                        "terminals": _terminals(story),
                        "figures": [{"name": _plain(each.name), "alt": each.alt} for each in pictures],
                        **further,
                    }
                ),
                text,
                indent=2,
                ensure_ascii=False,
                allow_nan=False,
            )
            text.write("\n")
        _write_summary(results, errors, place / "summary.csv")
        if any(handovers.values()):
            _write_handovers(results, handovers, place / "handovers.csv")
    return {
        name: folder / part
        for name, part in (
            *(("summary", "summary.json"), ("table", "summary.csv"), ("handovers", "handovers.csv")),
            *(("series", "series"), ("raw", "raw"), ("figures", "figures")),
        )
        if (folder / part).exists()
    }


def _stems(results: Sequence[ProbeResult]) -> list[str]:
    """Names of files, one a result, none twice."""
    found: list[str] = []
    for result in results:
        stem = _plain(f"{result.probe}-{result.source}-{result.target}")
        same = sum(1 for other in found if other == stem or re.fullmatch(rf"{re.escape(stem)}-\d+", other))
        found.append(f"{stem}-{same + 1}" if same else stem)
    return found


def _plain(name: str) -> str:
    """A name that any file system takes.

    >>> _plain("video-zürich or basel/internet")
    'video-zürich-or-basel-internet'
    """
    return re.sub(r"[^\w.-]+", "-", name).strip(".-") or "probe"


def write_series(result: ProbeResult, path: Path) -> None:
    """Write the rows of a probe as CSV, its instants as UTC.

    Raises:
        HostError: The file cannot be written.
    """
    columns = [_cells(column) for name, column in result.series.items() if name != TIME]
    times = [format_time(time_ns) for time_ns in result.series[TIME].tolist()]
    with replacing(path) as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["time", *(name for name in result.series if name != TIME)])
        writer.writerows(zip(times, *columns, strict=True))


def _cells(column: NDArray[Any]) -> list[str]:
    """Numbers as text, nothing for what is not known."""
    if column.dtype.kind == "f":
        return [_cell(value) for value in column.tolist()]
    return [str(value) for value in column.tolist()]


def _cell(value: object) -> str:
    """A value as a cell of CSV."""
    if isinstance(value, float):
        return f"{value:.9g}" if math.isfinite(value) else ""
    return "" if value is None else str(value)


def _told(
    result: ProbeResult, stem: str, error: RttErrors | None, handovers: Sequence[HandoverRow] | None
) -> dict[str, object]:
    """One probe in the summary."""
    told: dict[str, object] = {
        "probe": result.probe,
        "source": result.source,
        "target": result.target,
        "begin": format_time(result.begin_ns),
        "rows": len(result),
        "summary": dict(result.summary),
        "notes": list(result.notes),
        "series": f"series/{stem}.csv" if len(result) else None,
        "raw": f"raw/{stem}.txt" if result.raw else None,
    }
    if error is not None:
        told["emulation_error"] = asdict(error)
    if handovers is not None:
        told["handovers"] = [{"time": format_time(row.time_ns)} | asdict(row) for row in handovers]
    return told


def _terminals(story: LiveStory) -> dict[str, object]:
    """What was meant to happen to each terminal, its prediction apart."""
    return {
        name: {
            "handovers": [
                {"time": format_time(each.time_ns), "before": each.before, "after": each.after}
                for each in own.handovers
            ],
            "spans": [
                {
                    "begin": format_time(each.begin_ns),
                    "end": format_time(each.end_ns),
                    "label": each.label,
                    "kind": each.kind.value,
                }
                for each in own.spans
            ],
        }
        for name, own in story.terminals.items()
    }


def _write_summary(results: Sequence[ProbeResult], errors: Mapping[int, RttErrors], path: Path) -> None:
    """One row a probe, a column for every number that one of them has."""
    rows = [dict(result.summary) for result in results]
    for number, error in errors.items():
        rows[number] |= {f"emulation_error_{name}": value for name, value in asdict(error).items()}
    names = list(dict.fromkeys(name for row in rows for name in row))
    with replacing(path) as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow([*_FIRST, *names, "notes"])
        for result, row in zip(results, rows, strict=True):
            first = (result.probe, result.source, result.target, format_time(result.begin_ns), len(result))
            writer.writerow([*first, *(_cell(row.get(name)) for name in names), "; ".join(result.notes)])


def _write_handovers(
    results: Sequence[ProbeResult], handovers: Mapping[int, tuple[HandoverRow, ...]], path: Path
) -> None:
    """One row a handover and probe."""
    with replacing(path) as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(_HANDOVER_COLUMNS)
        for number, rows in handovers.items():
            result = results[number]
            for row in rows:
                values = asdict(row) | {"probe": result.probe, "source": result.source, "target": result.target}
                values["time"] = format_time(row.time_ns)
                writer.writerow([_cell(values[name]) for name in _HANDOVER_COLUMNS])


def plain_json(value: object) -> object:
    """A value with nothing in it that JSON does not know: ``null`` for NaN, lists for arrays and tuples.

    >>> plain_json({"rtt_s": float("nan"), "rows": (1, 2.5)})
    {'rtt_s': None, 'rows': [1, 2.5]}
    """
    if isinstance(value, Mapping):
        return {str(name): plain_json(inside) for name, inside in value.items()}
    if isinstance(value, np.ndarray | np.generic):
        return plain_json(value.tolist())
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Iterable) and not isinstance(value, str):
        return [plain_json(inside) for inside in value]
    return value
