"""Service as files: cells, reasons and what happens to named terminals as CSV, cells as GeoJSON.

``cells.csv`` has one row a cell that asks for service, ``states.csv`` one row a span in which a cell has another state than active
or has its state by a decision, ``reasons.csv`` one row a reason. Of the named terminals, ``stretches.csv``
has one row a stretch of slots with one satellite or without any, ``handovers.csv`` one row a change from one slot to the very
next, ``outages.csv`` one row a span without service, ``addresses.csv`` one row an address from an instant on. Outlines in GeoJSON
are cut at the antimeridian, as section 3.1.9 of RFC 7946 asks; very many cells are written in groups. Angles are in degrees,
rates in Mbit/s, times in UTC.
"""

import csv
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
import xarray as xr

from skycommons.base.arrays import Ints
from skycommons.base.clock import format_time
from skycommons.base.constants import NS_PER_S
from skycommons.model.cells import CellIds, cell_texts, outlines_deg
from skycommons.plan.requests import Unserved
from skycommons.studies.files import replacing
from skycommons.studies.service_history import address_spans, handover_events, outage_spans, terminal_sites
from skycommons.studies.service_laws import NO_DECISION, state_spans, state_word, state_words
from skycommons.studies.service_store import served_terminals, service_description, unserved_phrase
from skycommons.studies.service_summary import DOWN, UP, ServiceSummary, summarise_service
from skycommons.studies.store import names, time_ns

MOST_OUTLINES: Final = 50_000
"""Up to so many cells, GeoJSON holds each of them (about 650 bytes); beyond, it holds groups of 49."""

_KIND_WORDS: Final = ("satellite", "beam", "gateway", "PoP")
_DECIMALS: Final = 5
_COARSE: Final = 3  # resolution of the groups
_CELL_COLUMNS: Final = (
    *("cell", "latitude_deg", "longitude_deg", "people", "subscribers", "state", "served_share"),
    *("demand_down_mbps", "asked_down_mbps", "given_down_mbps", "asked_up_mbps", "given_up_mbps"),
    *("handovers", "main_reason"),
)


def write_service(
    dataset: xr.Dataset, folder: Path, *, summary: ServiceSummary | None = None, most_outlines: int = MOST_OUTLINES
) -> dict[str, Path]:
    """Write all files into a folder, each whole or not at all.

    Args:
        dataset: A result store with service.
        folder: Made if it is not there.
        summary: Of this Dataset, if it is at hand already.
        most_outlines: With more cells than this, GeoJSON holds groups of them.
    Returns:
        What each file is, and its path.
    Raises:
        HostError: A file cannot be written.
    """
    summary = summary or summarise_service(dataset)
    tables = ("cells", "states", "reasons", "stretches", "handovers", "outages", "addresses")
    paths = {name: folder / f"{name}.csv" for name in tables}
    paths["cells-geojson"] = folder / "cells.geojson"
    rows = list(cell_rows(dataset, summary))
    _write(paths["cells"], _CELL_COLUMNS, (list(row.values()) for row in rows))
    _write(paths["states"], ("cell", "begin", "end", "state", "decision"), _states(dataset))
    _write(paths["reasons"], ("reason", "words", "cells_mean", "share_of_unserved"), _reasons(summary))
    _write(paths["stretches"], ("terminal", "begin", "end", "slots", "satellite", "why"), _stretches(dataset))
    _write(paths["handovers"], ("time", "terminal", "kind", "from", "to"), _handovers(dataset))
    _write(paths["outages"], ("terminal", "begin", "end", "duration_s", "reason"), _outages(dataset))
    _write(paths["addresses"], ("terminal", "since", "pop", "ipv4", "ipv6_prefix", "reverse_name"), _addresses(dataset))
    with replacing(paths["cells-geojson"]) as stream:
        collection = service_geojson(dataset, summary, rows, most_outlines=most_outlines)
        json.dump(collection, stream, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        stream.write("\n")
    return paths


def cell_rows(dataset: xr.Dataset, summary: ServiceSummary) -> Iterator[dict[str, Any]]:
    """One row a cell that asks for service, in canonical order."""
    asks = np.flatnonzero(summary.cell_asks)
    rates = {
        f"{what}_{way}_mbps": dataset[f"cell_{what}_bps"].values[row, asks] / 1e6
        for way, row, whats in (("down", DOWN, ("demand", "asked", "given")), ("up", UP, ("asked", "given")))
        for what in whats
    }
    columns: dict[str, Any] = {
        "cell": cell_texts(dataset["cell_id"].values[asks]),
        "latitude_deg": np.degrees(dataset["cell_latitude_rad"].values[asks]).round(_DECIMALS).tolist(),
        "longitude_deg": np.degrees(dataset["cell_longitude_rad"].values[asks]).round(_DECIMALS).tolist(),
        "people": dataset["cell_people"].values[asks].round(1).tolist(),
        "subscribers": dataset["cell_subscribers"].values[asks].round(2).tolist(),
        "state": state_words(dataset, asks),
        "served_share": summary.cell_served[asks].round(6).tolist(),
        **{name: values.round(3).tolist() for name, values in rates.items()},
        "handovers": _changes(dataset, asks),
        "main_reason": [unserved_phrase(int(code)) if code else "" for code in summary.cell_reason[asks]],
    }
    for values in zip(*(columns[name] for name in _CELL_COLUMNS), strict=True):
        yield dict(zip(_CELL_COLUMNS, values, strict=True))


def _changes(dataset: xr.Dataset, asks: Ints) -> list[int | None]:
    """Changes of satellite of cells; none are known where no slot is the next one of another."""
    changes: list[int | None] = dataset["cell_changes"].values[asks].tolist()
    return changes if dataset["cell_held"].values.any() else [None] * len(changes)


def service_geojson(
    dataset: xr.Dataset, summary: ServiceSummary, rows: list[dict[str, Any]], *, most_outlines: int = MOST_OUTLINES
) -> dict[str, Any]:
    """A FeatureCollection with one feature to a cell, or to a group of cells where there are very many.

    A feature's properties are the columns of ``cells.csv``; of a group, their sums and means.
    """
    cells = dataset["cell_id"].values[summary.cell_asks]
    note = "Each feature is one H3 cell of resolution 5."
    if len(cells) > most_outlines:
        cells, rows = _grouped(cells, rows)
        note = (
            f"There are more than {most_outlines:,} cells: each feature is an H3 cell of resolution {_COARSE}, which stands for "
            "those of its 49 cells of resolution 5 that ask for service."
        )
    return {
        "type": "FeatureCollection",
        "name": str(dataset.attrs["scenario"]),
        "description": note,
        "features": [
            {
                "type": "Feature",
                "id": row["cell"],
                "properties": {key: value for key, value in row.items() if key not in _CELL_COLUMNS[:3]},
                "geometry": _outline(rings),
            }
            for row, rings in zip(rows, outlines_deg(cells), strict=True)
        ],
    }


def _grouped(cells: CellIds, rows: list[dict[str, Any]]) -> tuple[CellIds, list[dict[str, Any]]]:
    """Coarser cells, and for each the sums, means and most frequent words of what is in it."""
    import h3.api.basic_int as h3

    coarse = np.array([h3.cell_to_parent(cell, _COARSE) for cell in cells.tolist()], dtype=np.uint64)
    parents, group = np.unique(coarse, return_inverse=True)
    counts = np.bincount(group)

    def total(name: str) -> list[float] | list[None]:
        if any(row[name] is None for row in rows):
            return [None] * len(counts)
        sums = np.bincount(group, weights=[row[name] for row in rows])
        return [round(value, 6) for value in (sums / counts if name == "served_share" else sums).tolist()]

    columns: dict[str, list[Any]] = {"cell": cell_texts(parents), "cells": counts.tolist()}
    columns |= {name: total(name) for name in (*_CELL_COLUMNS[3:5], "served_share", *_CELL_COLUMNS[7:13])}
    for name in ("state", "main_reason"):
        words, code = np.unique([row[name] for row in rows], return_inverse=True)
        table = np.zeros((len(parents), len(words)), dtype=np.int64)
        np.add.at(table, (group, code), 1)
        columns[name] = words[table.argmax(axis=1)].tolist()
    return parents, [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]


def _outline(rings: tuple[list[tuple[float, float]], ...]) -> dict[str, Any]:
    """A Polygon, or a MultiPolygon of what lies on both sides of the antimeridian."""
    rounded = [[[round(east, _DECIMALS), round(north, _DECIMALS)] for east, north in ring] for ring in rings]
    if len(rounded) == 1:
        return {"type": "Polygon", "coordinates": rounded}
    return {"type": "MultiPolygon", "coordinates": [[ring] for ring in rounded]}


def _reasons(summary: ServiceSummary) -> Iterator[list[Any]]:
    """One row a reason that occurs."""
    unserved = float(summary.reason_cells[1:].sum())
    for code in np.argsort(-summary.reason_cells, kind="stable").tolist():
        count = float(summary.reason_cells[code])
        if count > 0.0:
            share = "" if code == Unserved.SERVED else round(count / unserved, 6)
            yield [Unserved(code).name.lower(), unserved_phrase(code), round(count, 3), share]


def _states(dataset: xr.Dataset) -> Iterator[list[Any]]:
    """One row a stretch of a cell's state."""
    cells = cell_texts(dataset["cell_id"].values)
    decisions = [entry["decision"] for entry in service_description(dataset).get("decisions", [])]
    for span in state_spans(dataset):
        by = "" if span.decision == NO_DECISION else decisions[span.decision]
        yield [cells[span.cell], format_time(span.begin_ns), format_time(span.end_ns), state_word(span.state), by]


def _stretches(dataset: xr.Dataset) -> Iterator[list[Any]]:
    """One row a stretch of slots that a terminal spends with one satellite, or without any for one reason."""
    labels, satellites = names(dataset, "site"), names(dataset, "satellite")
    begins = time_ns(dataset["slot_time"])
    length_ns = int(np.median(np.diff(begins))) if len(begins) > 1 else 0
    ends = np.append(begins[1:], begins[-1] + length_ns)
    for sites, satellite, reason in served_terminals(dataset):
        kinds = np.where(satellite >= 0, satellite, -1 - reason.astype(np.int64))
        for column, site in enumerate(sites.tolist()):
            kind = kinds[:, column]
            starts = np.flatnonzero(np.diff(kind, prepend=kind[:1] - 1))
            for start, stop in zip(starts, np.append(starts[1:], len(kind)), strict=True):
                row = int(kind[start])
                yield [
                    labels[site],
                    format_time(int(begins[start])),
                    format_time(int(ends[stop - 1])),
                    int(stop - start),
                    satellites[row] if row >= 0 else "",
                    "" if row >= 0 else unserved_phrase(-1 - row),
                ]


def _handovers(dataset: xr.Dataset) -> Iterator[list[Any]]:
    """One row a handover of a terminal."""
    for event in handover_events(dataset):
        kind = _KIND_WORDS[event.kind]
        yield [format_time(event.time_ns), event.terminal, kind, event.before, event.after]


def _outages(dataset: xr.Dataset) -> Iterator[list[Any]]:
    """One row a span in which a terminal is not served."""
    labels, sites = names(dataset, "site"), terminal_sites(dataset)
    for span in outage_spans(dataset):
        times = (format_time(span.begin_ns), format_time(span.end_ns), f"{(span.end_ns - span.begin_ns) / NS_PER_S:g}")
        yield [labels[sites[span.who]], *times, unserved_phrase(span.reason)]


def _addresses(dataset: xr.Dataset) -> Iterator[list[Any]]:
    """One row a terminal and PoP, from the slot on in which the terminal has come there."""
    for span in address_spans(dataset):
        since = "" if span.since_ns is None else format_time(span.since_ns)
        yield [span.terminal, since, span.pop, span.ipv4, span.ipv6_prefix, span.reverse]


def _write(path: Path, columns: tuple[str, ...], rows: Iterable[list[Any]]) -> None:
    """A heading and rows."""
    with replacing(path) as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)
