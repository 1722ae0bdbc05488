"""What a catalogue says of a fleet: shells, ages, generations, oddities; and the fleet as the world's table.

Rules: shells are found in the elements, not in a list, because real fleets move. A shell is a dense spot in the plane of
inclination and mean altitude; satellites on the way between shells belong to none. Its name is ``INCLINATION@ALTITUDE`` in
degrees and km, such as ``53.2@540``, so that it stays readable from one catalogue to the next.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Final

import numpy as np

from skycommons.base.arrays import Bools, Floats, Ints
from skycommons.base.constants import NS_PER_S, SECONDS_PER_DAY, WGS72_MU_M3_S2, WGS72_RADIUS_M
from skycommons.base.errors import InputError
from skycommons.model.catalogues import Catalogue
from skycommons.model.shells import FoundShell, find_shells
from skycommons.model.world import Satellites
from skycommons.orbit.elements import Elements

_DAY_NS: Final = int(SECONDS_PER_DAY) * NS_PER_S

# When something is worth a look: operators renew elements several times a day, and nearly all fleets fly near-circles.
OLD_DAYS: Final = 30.0
FUTURE_DAYS: Final = 1.0
LOW_KM: Final = 200.0
ECCENTRIC: Final = 0.01
_EXAMPLES: Final = 5

_STARLINK: Final = re.compile(r"STARLINK-([0-9]+)")
_FIRST_V2_MINI: Final = 30_000  # rule of thumb, see `generation_of`
_DIRECT_TO_CELL: Final = range(11_000, 12_000)  # all of these carry [DTC] in CelesTrak's catalogues of 2024 to 2026


class Anomaly(StrEnum):
    """What can be odd about a satellite's elements."""

    FUTURE_EPOCH = "epoch in the future"
    OLD_EPOCH = "epoch older than 30 days"
    LOW = "mean altitude below 200 km"
    ECCENTRIC = "eccentricity above 0.01"
    BETWEEN_SHELLS = "in no shell: rising, sinking, drifting or alone"


@dataclass(frozen=True, slots=True, kw_only=True)
class AnomalyCount:
    """How many satellites are odd in one way.

    Attributes:
        examples: Names of the first five.
    """

    anomaly: Anomaly
    count: int
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetSummary:
    """A catalogue at a glance.

    Attributes:
        source: Name of the file.
        satellites: How many usable element sets there are.
        shells: Found shells, by inclination and altitude.
        shell_counts: Satellites in each of them.
        age_days: Age of the epochs: youngest, 5 %, median, 95 %, oldest; negative in the future.
        generations: Labels and counts, the most frequent first; the empty label is "unknown".
        anomalies: Only those that occur.
    """

    source: str
    satellites: int
    shells: tuple[FoundShell, ...]
    shell_counts: tuple[int, ...]
    age_days: tuple[float, float, float, float, float]
    generations: tuple[tuple[str, int], ...]
    anomalies: tuple[AnomalyCount, ...]

    def __repr__(self) -> str:
        return f"<FleetSummary {self.source!r}: {self.satellites:,} satellites in {len(self.shells)} shells>"


def describe_fleet(catalogue: Catalogue, now_ns: int) -> FleetSummary:
    """Shells, ages, generations and oddities of a catalogue.

    Args:
        catalogue: Element sets.
        now_ns: The instant that ages refer to, UTC unix ns.
    """
    elements = catalogue.elements
    altitude_km = mean_altitude_km(elements)
    shells, rows = find_shells(np.degrees(elements.inclination_rad), altitude_km)
    age_days = (now_ns - elements.epoch_ns) / _DAY_NS
    low, p5, median, p95, high = np.quantile(age_days, [0.0, 0.05, 0.5, 0.95, 1.0]).tolist()
    odd = {
        Anomaly.FUTURE_EPOCH: age_days < -FUTURE_DAYS,
        Anomaly.OLD_EPOCH: age_days > OLD_DAYS,
        Anomaly.LOW: altitude_km < LOW_KM,
        Anomaly.ECCENTRIC: elements.eccentricity > ECCENTRIC,
        Anomaly.BETWEEN_SHELLS: rows < 0,
    }
    return FleetSummary(
        source=catalogue.source,
        satellites=len(catalogue),
        shells=shells,
        shell_counts=tuple(int(np.count_nonzero(rows == row)) for row in range(len(shells))),
        age_days=(low, p5, median, p95, high),
        generations=tuple(Counter(generation_of(name) for name in catalogue.names).most_common()),
        anomalies=tuple(_anomaly(anomaly, mask, catalogue) for anomaly, mask in odd.items() if mask.any()),
    )


def _anomaly(anomaly: Anomaly, mask: Bools, catalogue: Catalogue) -> AnomalyCount:
    ids = satellite_ids(catalogue)
    rows = np.flatnonzero(mask)
    return AnomalyCount(anomaly=anomaly, count=len(rows), examples=tuple(ids[row] for row in rows[:_EXAMPLES].tolist()))


def mean_altitude_km(elements: Elements) -> Floats:
    """Altitude of a circular orbit with each satellite's mean motion, above the equator, ``(S,)`` km.

    Accuracy: Kepler's third law alone; J2 changes it by up to 3 km, so it serves for grouping and labels.
    Source: WGS 72, as SGP4 uses it (Spacetrack Report 3).
    """
    semi_major_axis_m = np.cbrt(WGS72_MU_M3_S2 / elements.mean_motion_rad_s**2)
    return np.asarray((semi_major_axis_m - WGS72_RADIUS_M) / 1e3, dtype=np.float64)


def generation_of(name: str) -> str:
    """Generation of a satellite by its name: ``v1``, ``v2-mini`` or ``direct-to-cell`` for Starlink, empty for others.

    A rule of thumb of observers, not of the operator: numbers from 30000 on are V2 mini, 11000 to 11999 and the mark
    ``[DTC]`` direct-to-cell. Names do not tell v1.0 from v1.5.

    >>> [generation_of(name) for name in ("STARLINK-1008", "STARLINK-30123", "STARLINK-11202 [DTC]", "ONEWEB-0012")]
    ['v1', 'v2-mini', 'direct-to-cell', '']
    """
    match = _STARLINK.match(name.upper())
    if match is None:
        return ""
    number = int(match[1])
    if number in _DIRECT_TO_CELL or "[DTC]" in name.upper():
        return "direct-to-cell"
    return "v2-mini" if number >= _FIRST_V2_MINI else "v1"


def satellite_ids(catalogue: Catalogue) -> tuple[str, ...]:
    """Unique ids: names, with ``#`` and the catalogue number behind those that are empty or occur twice."""
    numbers = catalogue.elements.catalogue_number.tolist()
    uses = Counter(catalogue.names)
    ids = [
        name if name and uses[name] == 1 else f"{name}#{number}"
        for name, number in zip(catalogue.names, numbers, strict=True)
    ]
    again = Counter(ids)
    seen: Counter[str] = Counter()
    unique = []
    for satellite_id in ids:
        seen[satellite_id] += 1
        unique.append(f"{satellite_id}.{seen[satellite_id]}" if again[satellite_id] > 1 else satellite_id)
    return tuple(unique)


def to_satellites(
    catalogue: Catalogue,
    *,
    name_pattern: str | None = None,
    shells: Sequence[str] | None = None,
    generations: Sequence[str] | None = None,
) -> Satellites:
    """The satellites of a catalogue as the world's table, all of them or a choice.

    Shells are found in the whole catalogue before anything is left out, so that their names are those that
    ``skycommons catalogue show`` prints. Plane and slot are unknown (-1).

    Args:
        catalogue: Element sets.
        name_pattern: Keep names that match, with ``*`` and ``?``, such as ``STARLINK-3*``.
        shells: Keep these shells; names or patterns such as ``53.2@540`` or ``53*``.
        generations: Keep these generations, names or patterns; see `generation_of`.

    Raises:
        InputError: Nothing is left; the message lists what there is.
    """
    found, shell_rows = find_shells(
        np.degrees(catalogue.elements.inclination_rad), mean_altitude_km(catalogue.elements)
    )
    labels = tuple(shell.label for shell in found)
    born = tuple(generation_of(name) for name in catalogue.names)
    shell_of_row = [labels[row] if row >= 0 else "" for row in shell_rows.tolist()]
    keep = (
        _matching(catalogue.names, None if name_pattern is None else [name_pattern])
        & _matching(shell_of_row, shells)
        & _matching(born, generations)
    )
    if not keep.any():
        raise InputError(
            f"{catalogue.source}: no satellite fits the filter; there are the shells {', '.join(labels) or 'none'}, "
            f"the generations {', '.join(sorted(set(born) - {''})) or 'none'}, and names such as {catalogue.names[0]!r}"
        )
    return _table(catalogue, keep, shell_rows, labels)


def _table(catalogue: Catalogue, keep: Bools, shell_rows: Ints, labels: tuple[str, ...]) -> Satellites:
    """The chosen rows, with the shells that they use."""
    rows = np.flatnonzero(keep)
    used = np.unique(shell_rows[rows][shell_rows[rows] >= 0])
    new_row = np.full(len(labels) + 1, -1, dtype=np.int64)  # the last one is for -1
    new_row[used] = np.arange(len(used))
    ids = satellite_ids(catalogue)
    unknown = np.full(len(rows), -1, dtype=np.int64)
    return Satellites(
        ids=tuple(ids[row] for row in rows.tolist()),
        elements=catalogue.elements.take(rows),
        shell=new_row[shell_rows[rows]],
        plane=unknown,
        slot=unknown.copy(),
        shell_names=tuple(labels[row] for row in used.tolist()),
        generations=tuple(generation_of(catalogue.names[row]) for row in rows.tolist()),
    )


def _matching(texts: Sequence[str], patterns: Sequence[str] | None) -> Bools:
    """Which texts match one of the patterns; all where there are none. Brackets mean themselves, as in ``[DTC]``."""
    if patterns is None:
        return np.ones(len(texts), dtype=np.bool_)
    plain = [pattern.replace("[", "[[]") for pattern in patterns]
    return np.array([any(fnmatchcase(text, pattern) for pattern in plain) for text in texts], dtype=np.bool_)
