"""A scenario against the rules of the spectrum: each beam's flux density, and what a geostationary service's dish hears.

EPFD-style: not a validation after ITU-R S.1503. The limits of article 22 of the Radio Regulations do not come with the
program; a user brings them as a table. Work is bounded: at most `MOST_STEPS` steps and `MOST_TERMINALS` terminals.
"""

import csv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from skycommons.base.arrays import Floats, Ints
from skycommons.base.errors import Fault, GroundError, InputError
from skycommons.model.ground_formats import RawSite, parse_table
from skycommons.model.scenario import Scenario
from skycommons.model.world import SiteKind
from skycommons.plan.epfd import (
    EpfdCase,
    GsoStation,
    PfdAudit,
    Transmitters,
    join_audits,
    level_not_exceeded,
)
from skycommons.plan.visibility import find_links
from skycommons.radio.epfd import ReferenceDish
from skycommons.studies.files import replacing

MOST_STEPS: Final = 1_000
MOST_TERMINALS: Final = 100
BLOCK_STEPS: Final = 32
PERCENTS: Final = (50.0, 90.0, 99.0, 99.9, 100.0)
"""Shares of time in which levels are told."""
LABEL: Final = "EPFD-style: not an S.1503 validation"

PERCENT_COLUMNS: Final = ("percent", "percent_of_time", "time_percent", "percentage_of_time")
LEVEL_COLUMNS: Final = ("epfd_dbw_m2_40khz", "epfd", "epfd_db", "limit", "level")
_HIGHEST_DBW: Final = 0.0
_LOWEST_DBW: Final = -300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked of a scenario; None takes the scenario's own.

    Attributes:
        latitude_deg, longitude_deg: Of the dish; else those of the first terminal.
        gso_longitude_deg: Of the satellite that it looks at; else its own longitude.
        dish_m: Its diameter.
        hours: Span; else the scenario's.
        exclusion_deg: Smallest angle to the geostationary arc; else that of the first terminal.
    """

    latitude_deg: float | None = None
    longitude_deg: float | None = None
    gso_longitude_deg: float | None = None
    dish_m: float = 1.2
    hours: float | None = None
    exclusion_deg: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EpfdLimit:
    """A level that may not be exceeded in a share of the time.

    Attributes:
        percent: Of the time.
        epfd_dbw_m2_40khz: The level.
    """

    percent: float
    epfd_dbw_m2_40khz: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A limit beside what was found.

    Attributes:
        limit: The limit.
        found_dbw_m2_40khz: The level that is not exceeded in the limit's share of the time.
        margin_db: Limit less found.
        is_kept: Whether the level is within the limit.
        is_resolved: Whether there are enough steps to tell that share of the time from all of it.
    """

    limit: EpfdLimit
    found_dbw_m2_40khz: float
    margin_db: float
    is_kept: bool
    is_resolved: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SpectrumReport:
    """What was found.

    Attributes:
        station: The dish.
        audits: Beams against the limit of flux density.
        terminals: How many terminals the beams of the audit serve.
        time_ns: ``(T,)`` the steps.
        exclusion_rad: Smallest angle to the geostationary arc that was kept.
        kept_dbw_m2_40khz: ``(T,)`` what the dish hears with that angle.
        free_dbw_m2_40khz: ``(T,)`` and without any.
    """

    station: GsoStation
    audits: tuple[PfdAudit, ...]
    terminals: int
    time_ns: Ints
    exclusion_rad: float
    kept_dbw_m2_40khz: Floats
    free_dbw_m2_40khz: Floats

    def levels(self) -> list[tuple[float, float, float]]:
        """Percent of time, and the levels not exceeded in it with and without the exclusion."""
        return [
            (
                percent,
                level_not_exceeded(self.kept_dbw_m2_40khz, percent / 100.0),
                level_not_exceeded(self.free_dbw_m2_40khz, percent / 100.0),
            )
            for percent in PERCENTS
        ]

    def verdicts(self, limits: tuple[EpfdLimit, ...]) -> tuple[Verdict, ...]:
        """Each limit beside what the dish hears with the exclusion; points between the limits are not looked at."""
        steps = len(self.kept_dbw_m2_40khz)
        verdicts = []
        for limit in limits:
            found = level_not_exceeded(self.kept_dbw_m2_40khz, limit.percent / 100.0)
            margin_db = limit.epfd_dbw_m2_40khz - found
            is_resolved = limit.percent == 100.0 or (1.0 - limit.percent / 100.0) * steps >= 1.0
            verdicts.append(
                Verdict(
                    limit=limit,
                    found_dbw_m2_40khz=found,
                    margin_db=margin_db,
                    is_kept=bool(margin_db >= 0.0),
                    is_resolved=bool(is_resolved),
                )
            )
        return tuple(verdicts)


def study_spectrum(
    scenario: Scenario, question: Question, *, progress: Callable[[int], None] = lambda _: None
) -> SpectrumReport:
    """Look at a scenario's beams and at a dish of others.

    Args:
        scenario: What flies and who is served.
        question: Which dish, and for how long.
        progress: Called with the number of steps just done.
    Raises:
        InputError: There is no terminal, or the question makes no sense.
    """
    world = scenario.world
    terminals = world.sites.rows(SiteKind.TERMINAL)
    if not len(terminals):
        raise InputError("the scenario has no terminals, whose beams the spectrum's rules are about")
    first = int(terminals[0])
    transmitters = Transmitters(
        payloads=world.equipment.payloads,
        row=world.equipment.payload_rows(world.satellites.generations),
        full_pfd=scenario.radio.full_pfd,
    )
    station = _station(scenario, question, first)
    exclusion_rad = _exclusion_rad(scenario, question, first)
    kept, free = (
        EpfdCase(
            station=station,
            places=station.neighbours(world.sites, first, gso_exclusion_rad=angle_rad),
            transmitters=transmitters,
            seed=scenario.seed,
        )
        for angle_rad in (exclusion_rad, 0.0)
    )
    time_ns = sampled_times(scenario, question.hours)
    some = np.unique(np.linspace(0, len(terminals) - 1, min(MOST_TERMINALS, len(terminals))).round().astype(np.int64))
    audits: list[PfdAudit] = []
    heard = np.empty((2, len(time_ns)))
    for start in range(0, len(time_ns), BLOCK_STEPS):
        block = time_ns[start : start + BLOCK_STEPS]
        ephemeris = scenario.propagate(block)
        links = find_links(world.sites, ephemeris, site_rows=terminals[some])
        audits.extend(transmitters.audit(world.sites, ephemeris, links))
        for step, instant_ns in enumerate(block.tolist()):
            at = (ephemeris.position_itrf_m[step], ephemeris.valid[step], instant_ns)
            heard[:, start + step] = kept.epfd_dbw_m2_40khz(*at), free.epfd_dbw_m2_40khz(*at)
        progress(len(block))
    return SpectrumReport(
        station=station,
        audits=join_audits(audits),
        terminals=len(some),
        time_ns=time_ns,
        exclusion_rad=exclusion_rad,
        kept_dbw_m2_40khz=heard[0],
        free_dbw_m2_40khz=heard[1],
    )


def sampled_times(scenario: Scenario, hours: float | None) -> Ints:
    """The steps of a span, or as many of them, evenly spaced, as are looked at.

    Raises:
        InputError: A span that is not positive.
    """
    if hours is not None and not 0.0 < hours < 1e5:
        raise InputError(f"--hours: {hours:g} should be above 0 and below 100000")
    duration_s = scenario.duration_s if hours is None else hours * 3600.0
    every = max(1, int(np.ceil(duration_s / scenario.step_s / MOST_STEPS - 1e-9)))
    return scenario.times(hours=hours, every_s=scenario.step_s * every)


def _station(scenario: Scenario, question: Question, first: int) -> GsoStation:
    """The dish that is asked about."""
    sites = scenario.world.sites
    if (question.latitude_deg is None) != (question.longitude_deg is None):
        raise InputError("--latitude-deg and --longitude-deg: give both, or neither")
    latitude_deg = (
        float(np.degrees(sites.latitude_rad[first])) if question.latitude_deg is None else question.latitude_deg
    )
    longitude_deg = (
        float(np.degrees(sites.longitude_rad[first])) if question.longitude_deg is None else question.longitude_deg
    )
    gso_deg = longitude_deg if question.gso_longitude_deg is None else question.gso_longitude_deg
    for name, value, most in (
        ("latitude", latitude_deg, 90),
        ("longitude", longitude_deg, 360),
        ("gso-longitude", gso_deg, 360),
    ):
        if not abs(value) <= most:
            raise InputError(f"--{name}-deg: {value:g} should be between -{most} and {most}")
    frequency_hz = scenario.world.equipment.payloads[0].down.frequency_hz
    return GsoStation(
        latitude_rad=float(np.radians(latitude_deg)),
        longitude_rad=float(np.radians(longitude_deg)),
        gso_longitude_rad=float(np.radians(gso_deg)),
        dish=ReferenceDish(diameter_m=question.dish_m, frequency_hz=frequency_hz),
    )


def _exclusion_rad(scenario: Scenario, question: Question, first: int) -> float:
    """The angle that is kept to the arc."""
    if question.exclusion_deg is None:
        return float(scenario.world.sites.gso_exclusion_rad[first])
    if not 0.0 <= question.exclusion_deg <= 90.0:
        raise InputError(f"--exclusion-deg: {question.exclusion_deg:g} should be between 0 and 90")
    return float(np.radians(question.exclusion_deg))


def read_limits(path: Path) -> tuple[EpfdLimit, ...]:
    """Limits from a CSV file with a column of percent of time and one of levels, lowest percent first.

    Raises:
        GroundError: The file cannot be read or has faults; all of them are listed.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise GroundError(str(path), [Fault("file", f"cannot be read: {error.strerror}")]) from None
    table = parse_table(data, path.name)
    faults = [
        *table.faults,
        *(
            Fault("line 1", f"has no column {columns[0]} (or {', '.join(columns[1:])})")
            for columns in (PERCENT_COLUMNS, LEVEL_COLUMNS)
            if not set(columns) & set(table.columns)
        ),
    ]
    if faults:
        raise GroundError(path.name, faults)
    limits = []
    for row in table.rows:
        percent = _number(row, PERCENT_COLUMNS, faults, low=0.0, high=100.0)
        level_dbw = _number(row, LEVEL_COLUMNS, faults, low=_LOWEST_DBW, high=_HIGHEST_DBW)
        if percent is not None and level_dbw is not None:
            limits.append(EpfdLimit(percent=percent, epfd_dbw_m2_40khz=level_dbw))
    if not limits and not faults:
        faults.append(Fault("file", "holds no limit"))
    if faults:
        raise GroundError(path.name, faults)
    return tuple(sorted(limits, key=lambda limit: limit.percent))


def _number(row: RawSite, columns: tuple[str, ...], faults: list[Fault], *, low: float, high: float) -> float | None:
    """A cell as a number within bounds, or None and a fault."""
    text = next((row.cells[column] for column in columns if column in row.cells), "")
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if low <= value <= high:
        return value
    faults.append(Fault(row.place, f"{columns[0]}: {text[:40]!r} is not a number between {low:g} and {high:g}"))
    return None


def write_tables(report: SpectrumReport, folder: Path) -> tuple[Path, Path]:
    """Write ``pfd.csv`` and ``epfd.csv``, every level with the percent of time in which it is not exceeded.

    Raises:
        HostError: A file cannot be written.
    """
    pfd, epfd = folder / "pfd.csv", folder / "epfd.csv"
    with replacing(pfd) as stream:
        table = csv.writer(stream, lineterminator="\n")
        table.writerow(PFD_COLUMNS)
        table.writerows(pfd_rows(report))
    with replacing(epfd) as stream:
        table = csv.writer(stream, lineterminator="\n")
        table.writerow(["percent_of_time", "with_exclusion_dbw_m2_40khz", "without_dbw_m2_40khz"])
        percent = 100.0 * (1.0 + np.arange(len(report.time_ns))) / len(report.time_ns)
        columns = (percent, np.sort(report.kept_dbw_m2_40khz), np.sort(report.free_dbw_m2_40khz))
        table.writerows(
            [f"{value:.4f}" if np.isfinite(value) else "" for value in row] for row in zip(*columns, strict=True)
        )
    return pfd, epfd


PFD_COLUMNS: Final = (
    "payload",
    "lowest_elevation_deg",
    "highest_elevation_deg",
    "links",
    "held_back",
    "loudest_dbw_m2_4khz",
    "worst_margin_db",
    "worst_elevation_deg",
)


def pfd_rows(report: SpectrumReport) -> list[list[object]]:
    """Cells below `PFD_COLUMNS`."""
    return [
        [
            audit.payload,
            round(float(np.degrees(audit.low_rad)), 1),
            round(float(np.degrees(audit.high_rad)), 1),
            audit.links,
            audit.held_back,
            round(audit.loudest_dbw_m2_4khz, 2),
            abs(round(audit.worst_margin_db, 2)),
            round(float(np.degrees(audit.worst_elevation_rad)), 1),
        ]
        for audit in report.audits
    ]
