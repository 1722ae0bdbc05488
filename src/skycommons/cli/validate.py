"""``skycommons validate``: our results beside those of independent programs."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Final

from cyclopts import App, Parameter

from skycommons.cli.console import FOR_PEOPLE, Output

validate_app: Final = App(name="validate", help="Compare results with independent programs.")


@validate_app.command
def satgenpy(
    *,
    directory: Annotated[Path, Parameter(name="--dir", help="Folder with NAME_pairs_rtt.csv and what belongs to it.")],
    output: Output = FOR_PEOPLE,
) -> None:
    """Compute every row of the simulator satgenpy again and compare the round-trip times."""
    from skycommons.studies.validate_satgenpy import validate_satgenpy

    results = validate_satgenpy(directory)
    output.table(
        "Round-trip times against satgenpy",
        ["constellation", "rows", "within 1 µs", "largest difference ms", "differing rows"],
        [
            [result.name, result.rows, result.rows_within_1us, f"{result.max_difference_ms:.6f}", len(result.differing)]
            for result in results
        ],
    )
    output.result(
        {
            result.name: {
                "rows": result.rows,
                "rows_within_1us": result.rows_within_1us,
                "max_difference_ms": result.max_difference_ms,
                "differing_rows": result.differing,
            }
            for result in results
        }
    )


@validate_app.command
def rtt(
    measured: Annotated[Path, Parameter(help="CSV of measured round-trip times by site.")],
    /,
    *,
    catalogue: Annotated[Path, Parameter(help="Element sets near the time of the measurements.")],
    gateways: Annotated[Path, Parameter(help="Gateways: CSV, KML or GeoJSON.")],
    pops: Annotated[Path, Parameter(help="PoPs: CSV, KML or GeoJSON.")],
    hours: Annotated[float, Parameter(help="Span to compute, from the catalogue's median epoch.")] = 1.0,
    output: Output = FOR_PEOPLE,
) -> None:
    """Compare computed round-trip times with measured ones; nothing is fitted."""
    from skycommons.studies.validate_rtt import validate_rtt

    results = validate_rtt(measured, catalogue=catalogue, gateways=gateways, pops=pops, hours=hours)
    output.table(
        "Round-trip time to the PoP, measured and computed (ms)",
        ["site", "PoP", "measured min", "computed min", "measured median", "computed median", "not explained"],
        [
            [
                result.site,
                result.pop or "nearest",
                *(
                    f"{1e3 * side[share]:.1f}"
                    for share in (0, 2)
                    for side in (result.measured_rtt_s, result.modelled_rtt_s)
                ),
                f"{1e3 * result.missing_s:.1f}",
            ]
            for result in results
        ],
    )
    output.result(
        {
            "sites": [
                {
                    "site": result.site,
                    "pop": result.pop,
                    "measured_rtt_s": result.measured_rtt_s,
                    "modelled_rtt_s": result.modelled_rtt_s,
                    "missing_s": result.missing_s,
                }
                for result in results
            ]
        }
    )


@validate_app.command
def radio(
    *,
    directory: Annotated[Path, Parameter(name="--dir", help="Folder with itu_validation.json and the other tables.")],
    output: Output = FOR_PEOPLE,
) -> None:
    """Compare propagation with the ITU's worked examples and other published numbers; nothing is fitted."""
    from skycommons.studies.validate_radio import validate_radio

    checks = validate_radio(directory)
    output.table(
        "Radio against published numbers",
        ["quantity", "source", "cases", "within", "tolerance", "largest relative", "largest difference", "verdict"],
        [
            [
                *(check.name, check.recommendation, check.cases, check.within, check.tolerance),
                *(f"{check.largest_relative:.1e}", f"{check.largest_absolute_db:.1e}"),
                "agrees" if check.verdict else "DIFFERS",
            ]
            for check in checks
        ],
    )
    output.result(
        {
            "agrees": all(check.verdict for check in checks),
            "checks": [{**asdict(check), "verdict": check.verdict} for check in checks],
        }
    )
