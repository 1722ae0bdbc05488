"""``skycommons validate``: our results beside those of independent programs."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Final

from cyclopts import App, Parameter

from skycommons.cli.console import FOR_PEOPLE, Output
from skycommons.cli.validate_countries import countries
from skycommons.cli.validate_rtt import rtt
from skycommons.cli.validate_serving import serving

REFERENCE_TABLES: Final = Path("../shared/data/radio")  # beside a checkout of the repository

validate_app: Final = App(name="validate", help="Compare results with independent programs.")
validate_app.command(serving)
validate_app.command(rtt)
validate_app.command(countries)


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
def radio(
    *,
    directory: Annotated[
        Path, Parameter(name="--dir", help="Folder with itu_validation.json and the other tables.")
    ] = REFERENCE_TABLES,
    output: Output = FOR_PEOPLE,
) -> None:
    """Compare the radio part with published numbers, test by test.

    One factor is fitted, for cloud water; the examples that it was fitted to judge nothing.
    """
    from skycommons.studies.radio_check import Judgement
    from skycommons.studies.validate_radio import validate_radio

    checks = validate_radio(directory)
    output.table(
        "Radio against published numbers",
        ["test", "quantity", "value", "expectation", "verdict", "source"],
        [
            [
                *(check.test.value, check.name, check.shown_value, check.shown_expectation),
                check.judgement.value.upper() if check.judgement is Judgement.DISAGREES else check.judgement.value,
                check.recommendation,
            ]
            for check in checks
        ],
    )
    counts = {kind.value: sum(check.judgement is kind for check in checks) for kind in Judgement}
    output.line(", ".join(f"{count} {words}" for words, count in counts.items()))
    for check in checks:
        if check.reason:
            output.line(f"{check.name}: {check.reason}")
    output.result(
        {
            "agrees": counts[Judgement.DISAGREES.value] == 0,
            "counts": counts,
            "checks": [
                {
                    "test": check.test.value,
                    "name": check.name,
                    "value": check.shown_value,
                    "expectation": check.shown_expectation,
                    "verdict": check.judgement.value,
                    "reason": check.reason,
                    "source": check.recommendation,
                    "cases": check.cases,
                    "within": check.within,
                    "tolerance": check.tolerance,
                    "largest_relative": check.largest_relative,
                    "largest_difference": check.largest_absolute_db,
                }
                for check in checks
            ],
        }
    )


@validate_app.command
def delportillo(
    *,
    directory: Annotated[Path, Parameter(name="--dir", help="Folder with delportillo2019.json.")] = REFERENCE_TABLES,
    instants: Annotated[int, Parameter(help="Instants, evenly over a day.")] = 24,
    countryside_km: Annotated[float, Parameter(help="How far from a listed town people live.")] = 250.0,
    clear_sky: Annotated[bool, Parameter(negative="", help="Without weather: the paper's rates hold always.")] = False,
    output: Output = FOR_PEOPLE,
) -> None:
    """Rebuild the totals of three constellations from the inputs of a paper; nothing is fitted."""
    from skycommons.studies.validate_delportillo import validate_delportillo

    results = validate_delportillo(
        directory, instants=instants, countryside_m=countryside_km * 1e3, weather=not clear_sky
    )
    output.table(
        "Throughput against del Portillo et al. 2019 (Tbit/s; of a satellite Gbit/s)",
        ["system", "total", "published", "difference", "asked for", "without lasers", "average", "most"],
        [
            [
                *(result.name, f"{result.total_bps / 1e12:.2f}", f"{result.published_bps / 1e12:.2f}"),
                *(f"{100.0 * result.difference:+.1f} %", f"{result.demand_bps / 1e12:.2f}"),
                *(f"{result.without_lasers_bps / 1e12:.2f}", f"{result.average_bps / 1e9:.2f}"),
                f"{result.most_bps / 1e9:.1f}",
            ]
            for result in results
        ],
    )
    output.result(
        {
            "systems": [
                {**asdict(result), "average_bps": result.average_bps, "difference": result.difference}
                for result in results
            ]
        }
    )
