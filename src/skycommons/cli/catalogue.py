"""``skycommons catalogue``: real element sets, fetched politely and shown at a glance."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal

from cyclopts import App, Parameter

from skycommons.cli.console import FOR_PEOPLE, Output

if TYPE_CHECKING:
    from skycommons.model.catalogues import Catalogue
    from skycommons.model.fleet import FleetSummary

catalogue_app: Final = App(name="catalogue", help="Fetch and show real element sets.")

CACHE_VARIABLE: Final = "SKYCOMMONS_CACHE"
_FAULTS_SHOWN: Final = 10


@catalogue_app.command
def fetch(
    *,
    group: Annotated[
        str, Parameter(help="CelesTrak's name of a group: starlink, oneweb, kuiper, gps-ops …")
    ] = "starlink",
    data_format: Annotated[
        Literal["json", "csv", "xml", "kvn", "tle"],
        Parameter(name="--format", help="Form of the file; TLE leaves out objects numbered above 69999."),
    ] = "json",
    cache: Annotated[
        Path | None,
        Parameter(env_var=CACHE_VARIABLE, help="Folder for catalogues; by default the user's cache folder."),
    ] = None,
    base_url: Annotated[str | None, Parameter(help="Address of another server with CelesTrak's interface.")] = None,
    output: Output = FOR_PEOPLE,
) -> None:
    """Download a catalogue from CelesTrak, or take the copy that is less than two hours old."""
    from skycommons.serve.celestrak import CELESTRAK_URL, GpFormat, fetch_group

    with output.progress(f"Fetching {group}", None):
        result = fetch_group(
            group,
            cache_dir=cache or default_cache(),
            data_format=GpFormat(data_format),
            base_url=base_url or CELESTRAK_URL,
        )
    age_min = result.age_s / 60.0
    words = {
        "cached": f"CelesTrak was asked {age_min:.0f} minutes ago and is not asked again within two hours",
        "fetched": "downloaded",
        "not-modified": "CelesTrak has nothing newer",
    }
    output.note(words[result.source.value])
    output.line(str(result.path))
    output.result({"group": group, "path": str(result.path), "source": result.source.value, "age_s": result.age_s})


@catalogue_app.command
def show(
    file: Annotated[Path, Parameter(help="TLE, or OMM as JSON, CSV, XML or KVN; also with gzip.")],
    /,
    *,
    at: Annotated[str | None, Parameter(help="Instant that ages refer to, such as 2026-05-21T12:00:00Z; now.")] = None,
    output: Output = FOR_PEOPLE,
) -> None:
    """Show a catalogue's shells, ages, generations and oddities, and the rows that cannot be used."""
    import time

    from skycommons.base.clock import parse_time
    from skycommons.model.catalogues import read_catalogue
    from skycommons.model.fleet import describe_fleet

    now_ns = time.time_ns() if at is None else parse_time(at)
    catalogue = read_catalogue(file)
    summary = describe_fleet(catalogue, now_ns)
    _print_tables(summary, output)
    _print_faults(catalogue, output)
    output.result(_payload(summary, catalogue))


def default_cache() -> Path:
    """The user's folder for things that can be fetched again."""
    from platformdirs import user_cache_path

    return user_cache_path("skycommons") / "catalogues"


def _print_tables(summary: "FleetSummary", output: Output) -> None:
    """What people see."""
    output.table(
        f"{summary.source}: {summary.satellites:,} satellites",
        ["shell", "satellites", "inclination °", "altitude km", "from km", "to km"],
        [
            [
                shell.label,
                count,
                *(
                    f"{value:.1f}"
                    for value in (shell.inclination_deg, shell.altitude_km, shell.lowest_km, shell.highest_km)
                ),
            ]
            for shell, count in zip(summary.shells, summary.shell_counts, strict=True)
        ],
    )
    output.line("")
    output.table(
        "Age of the epochs, days",
        ["youngest", "5 %", "median", "95 %", "oldest"],
        [[f"{age:.2f}" for age in summary.age_days]],
    )
    output.line("")
    output.table(
        "Generations, by name",
        ["generation", "satellites"],
        [[label or "unknown", count] for label, count in summary.generations],
    )
    if summary.anomalies:
        output.line("")
        output.table(
            "Worth a look",
            ["what", "satellites", "such as"],
            [[odd.anomaly.value, odd.count, ", ".join(odd.examples)] for odd in summary.anomalies],
        )


def _print_faults(catalogue: "Catalogue", output: Output) -> None:
    """The first rows that were left out."""
    if not catalogue.faults:
        return
    output.line("")
    output.line(f"{catalogue.fault_count:,} rows are left out:")
    for fault in catalogue.faults[:_FAULTS_SHOWN]:
        output.line(f"  {fault}")
    if catalogue.fault_count > _FAULTS_SHOWN:
        output.line(f"  and {catalogue.fault_count - _FAULTS_SHOWN:,} more")


def _payload(summary: "FleetSummary", catalogue: "Catalogue") -> dict[str, object]:
    """What programs read."""
    youngest, p5, median, p95, oldest = summary.age_days
    return {
        "source": summary.source,
        "satellites": summary.satellites,
        "shells": [
            {
                "shell": shell.label,
                "satellites": count,
                "inclination_deg": shell.inclination_deg,
                "altitude_km": shell.altitude_km,
                "lowest_km": shell.lowest_km,
                "highest_km": shell.highest_km,
            }
            for shell, count in zip(summary.shells, summary.shell_counts, strict=True)
        ],
        "age_days": {"youngest": youngest, "p5": p5, "median": median, "p95": p95, "oldest": oldest},
        "generations": {label or "unknown": count for label, count in summary.generations},
        "anomalies": [
            {"anomaly": odd.anomaly.value, "satellites": odd.count, "examples": odd.examples}
            for odd in summary.anomalies
        ],
        "fault_count": catalogue.fault_count,
        "faults": [{"place": fault.place, "message": fault.message} for fault in catalogue.faults],
    }
