"""``skycommons spectrum``: a scenario against the rules of the spectrum."""

import math
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from skycommons.cli.console import FOR_PEOPLE, Output

if TYPE_CHECKING:
    from skycommons.studies.spectrum import SpectrumReport, Verdict


def spectrum(
    scenario: Annotated[Path, Parameter(help="Scenario file.")],
    /,
    *,
    latitude_deg: Annotated[float | None, Parameter(help="Of the dish; the first terminal's if not given.")] = None,
    longitude_deg: Annotated[float | None, Parameter(help="Of the dish, east positive.")] = None,
    gso_longitude_deg: Annotated[
        float | None, Parameter(help="Of the geostationary satellite; the dish's own if not given.")
    ] = None,
    dish_m: Annotated[float, Parameter(help="Diameter of the dish.")] = 1.2,
    exclusion_deg: Annotated[
        float | None, Parameter(help="Angle kept to the geostationary arc; the first terminal's if not given.")
    ] = None,
    hours: Annotated[float | None, Parameter(help="Span; the scenario's if not given. At most 1,000 steps.")] = None,
    limit_csv: Annotated[
        Path | None, Parameter(help="Limits of epfd: columns percent (of time) and epfd_dbw_m2_40khz.")
    ] = None,
    out: Annotated[Path | None, Parameter(help="Folder for pfd.csv and epfd.csv.")] = None,
    output: Output = FOR_PEOPLE,
) -> None:
    """Check flux density on the ground, and what a dish of the geostationary service hears.

    EPFD-style: not an S.1503 validation. Limits of article 22 do not come with the program.
    """
    from skycommons.model.scenario import load
    from skycommons.studies.spectrum import (
        LABEL,
        Question,
        read_limits,
        sampled_times,
        study_spectrum,
        write_tables,
    )

    found = load(scenario)
    limits = () if limit_csv is None else read_limits(limit_csv)
    question = Question(
        latitude_deg=latitude_deg,
        longitude_deg=longitude_deg,
        gso_longitude_deg=gso_longitude_deg,
        dish_m=dish_m,
        hours=hours,
        exclusion_deg=exclusion_deg,
    )
    with output.progress("steps", len(sampled_times(found, hours))) as advance:
        report = study_spectrum(found, question, progress=advance)
    verdicts = report.verdicts(limits)
    written = () if out is None else write_tables(report, out)
    _show(report, verdicts, output)
    output.line("")
    if not verdicts:
        output.line("No limit of epfd was checked: bring one with --limit-csv.")
    output.line(LABEL)
    for path in written:
        output.note(f"wrote {path}")
    output.result(_answer(report, verdicts) | {"label": LABEL, "written": written})


def _show(report: "SpectrumReport", verdicts: "tuple[Verdict, ...]", output: Output) -> None:
    """Three tables for people."""
    from skycommons.radio.recommendations import PFD_RULE
    from skycommons.studies.spectrum import pfd_rows

    output.table(
        f"Flux density of each beam against {PFD_RULE}: {report.terminals:,} terminals, {len(report.time_ns):,} steps",
        ["payload", "from °", "to °", "links", "held back", "loudest dBW/m²/4 kHz", "worst margin dB", "at °"],
        pfd_rows(report),
    )
    output.line("")
    output.table(
        _title(report),
        ["percent of time", f"with {math.degrees(report.exclusion_rad):g}° from the arc", "without", "bought dB"],
        [
            [percent, *(_level(value) for value in (kept, free)), _level(free - kept)]
            for percent, kept, free in report.levels()
        ],
    )
    if not verdicts:
        return
    words = {True: "kept", False: "exceeded"}
    output.line("")
    output.table(
        "Limits that were brought",
        ["percent of time", "limit", "found", "margin dB", "verdict"],
        [
            [
                verdict.limit.percent,
                _level(verdict.limit.epfd_dbw_m2_40khz),
                _level(verdict.found_dbw_m2_40khz),
                _level(verdict.margin_db),
                words[verdict.is_kept] + ("" if verdict.is_resolved else ", by too few steps"),
            ]
            for verdict in verdicts
        ],
    )


def _title(report: "SpectrumReport") -> str:
    """What the table of levels is about."""
    station = report.station
    return (
        f"What a dish of {station.dish.diameter_m:g} m hears at {math.degrees(station.latitude_rad):.2f}°, "
        f"{math.degrees(station.longitude_rad):.2f}°, looking at {math.degrees(station.gso_longitude_rad):.2f}° "
        f"({math.degrees(station.elevation_rad):.1f}° high): epfd in dBW/m²/40 kHz that is not exceeded"
    )


def _level(value: float) -> str | None:
    """One decimal, or a dash."""
    return f"{value:.1f}" if math.isfinite(value) else None


def _answer(report: "SpectrumReport", verdicts: "tuple[Verdict, ...]") -> dict[str, object]:
    """The same for machines."""
    from skycommons.radio.recommendations import SPECTRUM_RULES
    from skycommons.studies.spectrum import PFD_COLUMNS, pfd_rows

    station = report.station
    return {
        "pfd": [dict(zip(PFD_COLUMNS, row, strict=True)) for row in pfd_rows(report)],
        "dish": {
            "latitude_deg": math.degrees(station.latitude_rad),
            "longitude_deg": math.degrees(station.longitude_rad),
            "gso_longitude_deg": math.degrees(station.gso_longitude_rad),
            "elevation_deg": math.degrees(station.elevation_rad),
            "diameter_m": station.dish.diameter_m,
        },
        "steps": len(report.time_ns),
        "terminals": report.terminals,
        "exclusion_deg": math.degrees(report.exclusion_rad),
        "epfd": [
            {"percent": percent, "with_exclusion_dbw_m2_40khz": kept, "without_dbw_m2_40khz": free}
            for percent, kept, free in report.levels()
        ],
        "verdicts": [asdict(verdict) for verdict in verdicts],
        "recommendations": SPECTRUM_RULES,
    }
