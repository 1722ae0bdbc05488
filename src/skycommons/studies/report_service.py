"""The part of a report that tells who was served: numbers, rules, tables and pictures."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import xarray as xr

from skycommons.studies.drawing import DARK
from skycommons.studies.figures_cells import coverage_map, load_map, reasons_map
from skycommons.studies.figures_service import handover_timeline, reasons_chart, satellite_load
from skycommons.studies.report_pictures import Picture, one_element, two_images
from skycommons.studies.service_store import has_service
from skycommons.studies.service_summary import BOUNDARY_NOTE, ServiceSummary, summarise_service
from skycommons.studies.summary import percent

_RULE_WORDS: Final = (
    ("policy", "Policy"),
    ("slot_s", "Slot (s)"),
    ("candidates", "Satellites weighed per cell"),
    ("cells_per_beam", "Cells that a beam visits"),
    ("channels", "Channels"),
    ("separation_rings", "Cells between equal channels"),
    ("map_version", "Service map, version"),
    ("map_sha256", "Service map, SHA-256"),
    ("map_proof", "Service map, verified by"),
)
_MOST_TERMINALS: Final = 120
_TEXTS: Final = ("main reason", "why not", "why dark")


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One table of the section.

    Attributes:
        name: Short name for anchors.
        title, caption: Words above it.
        rows: Cells by heading.
        texts: Headings of columns that hold words.
    """

    name: str
    title: str
    caption: str
    rows: list[dict[str, str]]
    texts: tuple[str, ...] = _TEXTS


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceSection:
    """Everything that the page shows of service."""

    sentences: tuple[str, ...]
    numbers: list[tuple[str, str]]
    rules: list[tuple[str, str]]
    tables: list[Table]
    pictures: list[Picture]


def service_section(dataset: xr.Dataset) -> ServiceSection | None:
    """The section for a run with the scheduler; None for others."""
    if not has_service(dataset):
        return None
    summary = summarise_service(dataset)
    maps = [
        (draw(dataset, summary), draw(dataset, summary, theme=DARK)) for draw in (coverage_map, load_map, reasons_map)
    ]
    rules = summary.rules | (
        {"map_proof": proof_words(summary.rules["enforced"])} if "enforced" in summary.rules else {}
    )
    charts = [
        *([reasons_chart(summary)] if summary.reason_rows() else []),
        *([satellite_load(dataset, summary)] if summary.satellites_used else []),
        *([handover_timeline(dataset, summary)] if summary.terminals else []),
    ]
    return ServiceSection(
        sentences=tuple(sentences(summary)),
        numbers=summary.rows(),
        rules=[(words, str(rules[key])) for key, words in _RULE_WORDS if key in rules],
        tables=[table for table in _tables(summary) if table.rows],
        pictures=[*(two_images(light, dark) for light, dark in maps), *map(one_element, charts)],
    )


def proof_words(enforced: Mapping[str, Any]) -> str:
    """By what a service map was verified.

    Args:
        enforced: As `skycommons.studies.enforcement.Enforced` tells it.
    """
    names = ", ".join(witness["name"] for witness in enforced["witnesses"])
    which = "the last good map, because the one that was given was refused; " if enforced["is_last_good"] else ""
    return f"{which}a log of {enforced['log_size']:,} entries ({enforced['origin']}), witnessed by {names}"


def sentences(summary: ServiceSummary) -> list[str]:
    """What the numbers say, in words."""
    everywhere = summary.everywhere
    found = [
        (
            f"{everywhere.cells:,} cells ask for service. {percent(everywhere.served_share)} of them have it at a time, with "
            f"{percent(everywhere.subscriber_share)} of the subscribers and {percent(everywhere.demand_share)} of the demand."
        )
    ]
    for area in summary.territories:
        if area.served_share == 0.0:
            reason = area.row()["main reason"]
            found.append(f"{area.name}: not one of {area.cells:,} cells is served, because {reason}.")
    return found


def _tables(summary: ServiceSummary) -> list[Table]:
    """Decisions, reasons, territories and terminals."""
    return [
        Table(
            name="service-decisions",
            title="Decisions in force",
            caption="What the service map says over its default, each over the one before; a layer ends by itself.",
            rows=summary.decision_rows(),
            texts=("decision", "title", "of", "state", "class", "ends"),
        ),
        Table(
            name="service-reasons-table",
            title="Why cells are not served",
            caption="Cells without service at a time, mean over the slots; each counts once.",
            rows=summary.reason_rows(),
        ),
        Table(
            name="service-territories",
            title="Territory by territory",
            caption="Cells with demand in each of the scenario's territories.",
            rows=[area.row() for area in summary.territories],
        ),
        Table(
            name="service-terminals",
            title="Terminal by terminal",
            caption="Share of slots in which a named terminal is served, and how often its satellite, its beam of the same satellite, its "
            "gateway and its PoP change in an hour; a dash where no two slots in a row were planned and served. Loss while it is "
            f"served and outage are expected values. {BOUNDARY_NOTE}",
            rows=[one.row() for one in summary.terminals[:_MOST_TERMINALS]],
        ),
    ]
