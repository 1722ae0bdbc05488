"""``skycommons run``: from a scenario to a table, a report and files."""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

from cyclopts import Parameter

from skycommons.cli.console import FOR_PEOPLE, Output
from skycommons.cli.service_map import (
    MapFile,
    TrustFile,
    obeyed,
    reconciled,
    reconciliation_json,
    show_reconciliation,
)

if TYPE_CHECKING:
    import xarray as xr

    from skycommons.model.scenario import Scenario
    from skycommons.studies.service_summary import ServiceSummary
    from skycommons.studies.summary import Summary


_MOST_TERMINALS: Final = 20  # in the table on the screen


@dataclass(frozen=True, slots=True, kw_only=True)
class Paths:
    """Where the results of a scenario go.

    Attributes:
        store: The results, to be opened with xarray.
        report: A page with figures.
        tables: Folder of CSV files.
        service: Folder of what the scheduler did, as CSV and GeoJSON.
        czml: Satellites and paths for a globe.
        geojson: Sites and paths for a map.
    """

    store: Path
    report: Path
    tables: Path
    service: Path
    czml: Path
    geojson: Path

    @staticmethod
    def under(folder: Path, name: str) -> "Paths":
        """The places for one scenario in a folder."""
        return Paths(
            store=folder / f"{name}.zarr",
            report=folder / f"{name}.html",
            tables=folder / f"{name}-csv",
            service=folder / f"{name}-service",
            czml=folder / f"{name}.czml",
            geojson=folder / f"{name}.geojson",
        )


def run(
    scenario: Annotated[Path, Parameter(help="Scenario file.")],
    /,
    *,
    hours: Annotated[float | None, Parameter(help="Length of the span in place of the scenario's.")] = None,
    step_s: Annotated[float | None, Parameter(help="Seconds between two steps in place of the scenario's.")] = None,
    start: Annotated[str | None, Parameter(help="First instant (ISO 8601) in place of the scenario's.")] = None,
    catalogue: Annotated[Path | None, Parameter(help="Element sets in place of the scenario's satellites.")] = None,
    gateways: Annotated[Path | None, Parameter(help="File of gateways in place of the scenario's.")] = None,
    pops: Annotated[Path | None, Parameter(help="File of PoPs in place of the scenario's.")] = None,
    out: Annotated[Path, Parameter(help="Folder for the results; what an earlier run left there is replaced.")] = Path(
        "results"
    ),
    service_map: MapFile = None,
    trust: TrustFile = None,
    last_good: Annotated[
        Path | None,
        Parameter(help="Where the last service map that verified lies; in your folder of states unless given."),
    ] = None,
    report: Annotated[bool, Parameter(help="Write the report and the exports, or the store alone.")] = True,
    output: Output = FOR_PEOPLE,
) -> None:
    """Compute a scenario and show it: a table here; a report, a Zarr store, CSV, CZML and GeoJSON in a folder."""
    from skycommons.model.scenario import load
    from skycommons.studies.files import check_writable
    from skycommons.studies.reconcile import write_reconciliation
    from skycommons.studies.run import run_scenario
    from skycommons.studies.service_store import has_service
    from skycommons.studies.service_summary import summarise_service
    from skycommons.studies.store import open_results
    from skycommons.studies.summary import summarise

    instead = sections(catalogue=catalogue, gateways=gateways, pops=pops)
    found = changed(load(scenario, instead=instead), hours=hours, step_s=step_s, start=start)
    found, enforced = obeyed(found, service_map=service_map, trust=trust, last_good=last_good, output=output)
    for note in found.notes:
        output.note(f"note: {note}")
    paths = Paths.under(out, found.name)
    check_writable(out)
    with output.progress(f"Computing {found.title or found.name}", total=len(found.times())) as advance:
        told = None if enforced is None else enforced.to_json_dict()
        run_scenario(found, paths.store, progress=advance, enforced=told)
    with open_results(paths.store) as dataset:
        summary = summarise(dataset)
        service = summarise_service(dataset) if has_service(dataset) else None
        written = {"store": paths.store}
        agreed = None if enforced is None else reconciled(dataset, enforced)
        if report:
            written |= _drawn(dataset, paths, output)
        if agreed is not None and report:
            written |= write_reconciliation(agreed, paths.service)
    _show(summary, output)
    if service is not None:
        _show_service(service, output)
    if agreed is not None:
        show_reconciliation(agreed, output)
    for what, path in written.items():
        output.line(f"{what:<8} {path}")
    answer = {} if service is None else {"service": service.to_json_dict()}
    answer |= {} if agreed is None else {"reconciliation": reconciliation_json(agreed)}
    output.result({**summary.to_json_dict(), **answer, "files": written, "notes": found.notes})


def sections(
    *, catalogue: Path | None = None, gateways: Path | None = None, pops: Path | None = None
) -> dict[str, object]:
    """Sections of a scenario document that name these files, found from the current folder.

    >>> sections()
    {}
    """
    found: dict[str, object] = {}
    if catalogue is not None:
        found["constellation"] = ({"catalogue": str(catalogue.resolve())},)
    for name, file in (("gateways", gateways), ("pops", pops)):
        if file is not None:
            found[name] = {"file": str(file.resolve())}
    return found


def changed(
    scenario: "Scenario", *, hours: float | None = None, step_s: float | None = None, start: str | None = None
) -> "Scenario":
    """The scenario with the span that the options ask for.

    Raises:
        InputError: The span is not positive or has too many steps, or the start is no time.
    """
    from skycommons.base.clock import parse_time, time_grid
    from skycommons.base.errors import InputError
    from skycommons.model.documents import MAX_STEPS
    from skycommons.model.documents_base import EARLIEST, LATEST, is_known_time

    for option, value in (("--hours", hours), ("--step-s", step_s)):
        if value is not None and not 0.0 < value < math.inf:
            raise InputError(f"{option}: {value:g} should be above 0")
    try:
        start_ns = scenario.start_ns if start is None else parse_time(start)
    except InputError as error:
        raise InputError(f"--start: {error}") from None
    if not is_known_time(start_ns):
        raise InputError(f"--start: {start!r} should lie between {EARLIEST} and {LATEST}")
    found = scenario.replace(
        start_ns=start_ns,
        duration_s=scenario.duration_s if hours is None else hours * 3600.0,
        step_s=scenario.step_s if step_s is None else step_s,
    )
    if found.duration_s / found.step_s > MAX_STEPS:
        raise InputError(f"the span has more than {MAX_STEPS:,} steps; shorten --hours or take a longer --step-s")
    time_grid(found.start_ns, found.duration_s, found.step_s)
    return found


def _drawn(dataset: "xr.Dataset", paths: Paths, output: Output) -> dict[str, Path]:
    """The report and the exports, written."""
    from skycommons.studies.export_csv import write_csv
    from skycommons.studies.export_czml import write_czml
    from skycommons.studies.export_geojson import write_geojson
    from skycommons.studies.report import write_report
    from skycommons.studies.service_store import has_service

    written = {"report": paths.report, "csv": paths.tables, "czml": paths.czml, "geojson": paths.geojson}
    with output.progress("Writing the report and the exports", total=5) as advance:
        write_report(dataset, paths.report)
        advance(1)
        write_csv(dataset, paths.tables)
        advance(1)
        write_czml(dataset, paths.czml)
        advance(1)
        write_geojson(dataset, paths.geojson)
        advance(1)
        if has_service(dataset):
            from skycommons.studies.export_service import write_service

            write_service(dataset, paths.service)
            written["service"] = paths.service
        advance(1)
    return written


def _show(summary: "Summary", output: Output) -> None:
    """The table, one row a flow."""
    rows = summary.rows()
    title = f"{summary.title}: {summary.steps:,} steps of {summary.step_s:g} s from {summary.start}"
    if rows:
        output.table(title, list(rows[0]), [list(row.values()) for row in rows])
    else:
        output.line(f"{title}: no flows; add terminals with PoPs, or pairs")


def _show_service(summary: "ServiceSummary", output: Output) -> None:
    """Who is served, why others are not, and how each territory and each of the first terminals fares."""
    from skycommons.studies.service_summary import BOUNDARY_NOTE

    output.table("Service", ["", "value"], summary.rows())
    reasons, areas = summary.reason_rows(), [area.row() for area in summary.territories]
    terminals = [terminal.row() for terminal in summary.terminals[:_MOST_TERMINALS]]
    decisions = summary.decision_rows()
    for title, rows in (
        ("Decisions in force", decisions),
        ("Why cells are not served", reasons),
        ("Territories", areas),
        ("Terminals", terminals),
    ):
        if rows:
            output.table(title, list(rows[0]), [list(row.values()) for row in rows])
    if terminals:
        output.line(BOUNDARY_NOTE)
