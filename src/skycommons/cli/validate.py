"""``skycommons validate``: our results beside those of independent programs."""

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
