"""Reads which satellite served a dish, and which it could have been, in the form of the SatInView measurements.

Two files. The serving file is a CSV with at least ``Timestamp`` and ``Connected_Satellite``, one row for each second. The
candidates file is JSON, plain or compressed with gzip: a list of slots, each with ``Timestamp`` and ``Satellites``, and of
each satellite ``Name``, ``Azimuth`` and ``Elevation`` in degrees and ``Distance`` in km. Times without a zone are UTC.
Slots of 15 s begin at :12, :27, :42 and :57 of each minute. The satellite of a slot is the one of most of its seconds.
"""

import csv
import gzip
import json
import math
import zlib
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from skycommons.base.arrays import Bools, Floats, Ints
from skycommons.base.errors import DocumentError, Fault
from skycommons.model.fleet import generation_of
from skycommons.orbit.frames import enu_axes, geodetic_to_itrf
from skycommons.orbit.gso_arc import gso_separation
from skycommons.plan.choice import ChoiceSets
from skycommons.studies.fit_choice import MeasuredChoices

SLOT_S: Final = 15
FIRST_SECOND: Final = 12  # slots begin at :12, :27, :42 and :57
_SHOWN_FAULTS: Final = 50
_MAX_BYTES: Final = 2**28
_LARGEST: Final = 1e9  # of any number in the file
_TIME_AND_NAME: Final = ("Timestamp", "Connected_Satellite")


@dataclass(frozen=True, slots=True, kw_only=True)
class Serving:
    """``N`` slots of one dish in the order of time, with ``C`` candidates.

    Attributes:
        slot: ``(N,)`` seconds since 1970 of the slots' beginnings, less 12 s, in units of 15 s.
        sets: The candidates; ``is_kept`` after the real past.
        names: Of the satellites, by number.
        satellite: ``(C,)`` number of each candidate's satellite.
        served: ``(N,)`` number of the satellite that served; -1 where the file names none.
        chosen: ``(N,)`` row of its candidate; -1 where it is not among the candidates.
        left_out: Slots without candidates.
    """

    slot: Ints
    sets: ChoiceSets
    names: tuple[str, ...]
    satellite: Ints
    served: Ints
    chosen: Ints
    left_out: int

    def __len__(self) -> int:
        return len(self.slot)

    @property
    def time_ns(self) -> Ints:
        """``(N,)`` UTC unix ns of the slots' beginnings."""
        return (self.slot * SLOT_S + FIRST_SECOND) * 1_000_000_000

    @property
    def follows(self) -> Bools:
        """``(N,)`` whether the row before is the slot before."""
        return np.asarray(np.diff(self.slot, prepend=self.slot[0] - 2) == 1)

    @property
    def is_matched(self) -> Bools:
        """``(N,)`` whether the satellite that served is among the candidates: these slots can be scored."""
        return self.chosen >= 0

    @property
    def measured(self) -> MeasuredChoices:
        """The slots that can be scored."""
        sets = self.sets.take(self.is_matched)
        place = (self.chosen - self.sets.offsets[:-1])[self.is_matched]
        return MeasuredChoices(sets=sets, chosen=sets.offsets[:-1] + place)


class _Slot(NamedTuple):
    """One slot of the candidates file; columns of one length."""

    number: int
    names: list[str]
    azimuth_deg: list[float]
    elevation_deg: list[float]
    distance_km: list[float]


def read_serving(serving: Path, candidates: Path, *, latitude_deg: float, longitude_deg: float) -> Serving:
    """Read both files and put them side by side.

    Args:
        serving: CSV of who served, second by second.
        candidates: JSON of who could have, slot by slot.
        latitude_deg, longitude_deg: Of the dish.
    Raises:
        DocumentError: A file cannot be read, rows have faults, or the two files have no slot in common; all faults at
            once.
    """
    faults = _place_faults(latitude_deg, longitude_deg)
    served = _read_served(serving, faults)
    slots = _read_candidates(candidates, faults)
    if not faults and not set(served) & {slot.number for slot in slots if slot.names}:
        faults.append(Fault("Timestamp", "the two files have no slot of 15 s in common; give files of one measurement"))
    if faults:
        shown = faults[:_SHOWN_FAULTS]
        if len(faults) > _SHOWN_FAULTS:
            shown.append(Fault("and", f"{len(faults) - _SHOWN_FAULTS:,} more faults of these kinds"))
        raise DocumentError(f"{serving.name} and {candidates.name}", shown)
    return _side_by_side(
        served, slots, latitude_rad=math.radians(latitude_deg), longitude_rad=math.radians(longitude_deg)
    )


def _place_faults(latitude_deg: float, longitude_deg: float) -> list[Fault]:
    """What is wrong with the place."""
    faults = []
    if not -90.0 <= latitude_deg <= 90.0:
        faults.append(Fault("latitude", f"{latitude_deg:g} is not between -90 and 90 degrees"))
    if not -180.0 <= longitude_deg <= 180.0:
        faults.append(Fault("longitude", f"{longitude_deg:g} is not between -180 and 180 degrees"))
    return faults


def _bytes(path: Path, faults: list[Fault]) -> bytes:
    """The content of a file, unpacked; empty with a fault where there is none."""
    try:
        data = path.read_bytes()
        if data[:2] == b"\x1f\x8b":
            with gzip.open(path) as stream:
                data = stream.read(_MAX_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        reason = (getattr(error, "strerror", None) or str(error) or "input error").lower()
        faults.append(Fault(path.name, f"cannot be read: {reason}"))
        return b""
    if len(data) > _MAX_BYTES:
        faults.append(Fault(path.name, f"is larger than {_MAX_BYTES // 2**20} MB, more than days of measurements need"))
        return b""
    if not data.strip():
        faults.append(Fault(path.name, "is empty"))
    return data


def _slot_of(text: object) -> int:
    """The number of the slot that a time lies in.

    Raises:
        ValueError: It is no time.
    """
    try:
        instant = datetime.fromisoformat(str(text))
        seconds = (instant if instant.tzinfo else instant.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        raise ValueError(f"Timestamp {text!r} is no time such as 2024-07-17T18:07:57+00:00") from None
    return int((seconds - FIRST_SECOND) // SLOT_S)


def _read_served(path: Path, faults: list[Fault]) -> dict[int, str]:
    """The satellite of each slot: the one of most rows; slots without a name are absent."""
    data = _bytes(path, faults)
    if not data.strip():
        return {}
    rows = csv.DictReader(data.decode("utf-8-sig", errors="replace").splitlines())
    names: dict[int, Counter[str]] = {}
    try:
        lacking = [name for name in _TIME_AND_NAME if name not in (rows.fieldnames or ())]
        if lacking:
            faults.append(Fault(f"{path.name} line 1", f"lacks the column {' and '.join(lacking)}"))
            return {}
        for number, row in enumerate(rows, start=2):
            try:
                slot = _slot_of(row["Timestamp"])
            except ValueError as error:
                faults.append(Fault(f"{path.name} line {number}", str(error)))
                continue
            if name := (row["Connected_Satellite"] or "").strip():
                names.setdefault(slot, Counter())[name] += 1
    except csv.Error as error:
        faults.append(Fault(path.name, f"is no CSV: {error}"))
    return {slot: count.most_common(1)[0][0] for slot, count in names.items()}


def _read_candidates(path: Path, faults: list[Fault]) -> list[_Slot]:
    """All slots in the order of time."""
    data = _bytes(path, faults)
    if not data.strip():
        return []
    try:
        document = json.loads(data)
    except (ValueError, RecursionError) as error:
        faults.append(Fault(path.name, f"is no JSON: {error}"))
        return []
    if not isinstance(document, list) or not document:
        faults.append(Fault(path.name, "must be a list of slots with Timestamp and Satellites, and not empty"))
        return []
    slots: dict[int, _Slot] = {}
    for number, entry in enumerate(document):
        place = f"{path.name} {number}"
        try:
            slot = _candidate_slot(entry, place, faults)
        except (TypeError, ValueError) as error:
            faults.append(Fault(place, str(error)))
            continue
        if slot.number in slots:
            faults.append(Fault(place, "lies in the same 15 s as an entry before; keep one of them"))
        slots[slot.number] = slot
    return [slots[number] for number in sorted(slots)]


def _candidate_slot(entry: object, place: str, faults: list[Fault]) -> _Slot:
    """One entry of the candidates file; faults of its satellites are added to the list.

    Raises:
        TypeError: It is no slot at all.
        ValueError: Its time is none.
    """
    if not isinstance(entry, dict) or not isinstance(entry.get("Satellites"), list):
        raise TypeError("must have a Timestamp and a list of Satellites")
    slot = _Slot(_slot_of(entry.get("Timestamp")), [], [], [], [])
    for row, satellite in enumerate(entry["Satellites"]):
        try:
            name, azimuth_deg, elevation_deg, distance_km = _candidate(satellite)
        except (TypeError, ValueError) as error:
            faults.append(Fault(f"{place} satellite {row}", str(error)))
            continue
        if name in slot.names:
            faults.append(Fault(f"{place} satellite {row}", f"{name} stands twice in this slot"))
        slot.names.append(name)
        slot.azimuth_deg.append(azimuth_deg)
        slot.elevation_deg.append(elevation_deg)
        slot.distance_km.append(distance_km)
    return slot


def _candidate(satellite: object) -> tuple[str, float, float, float]:
    """Name, azimuth and elevation in degrees, distance in km.

    Raises:
        TypeError: Something is missing.
        ValueError: A number cannot be.
    """
    if not isinstance(satellite, dict) or not isinstance(satellite.get("Name"), str) or not satellite["Name"].strip():
        raise TypeError("has no Name")
    azimuth_deg, elevation_deg, distance_km = (_number(satellite, key) for key in ("Azimuth", "Elevation", "Distance"))
    if not 0.0 < elevation_deg <= 90.0:
        raise ValueError(f"Elevation {elevation_deg:g} is not above 0 and at most 90 degrees")
    if not -360.0 <= azimuth_deg <= 360.0:
        raise ValueError(f"Azimuth {azimuth_deg:g} is not between -360 and 360 degrees")
    if not distance_km > 0.0:
        raise ValueError(f"Distance {distance_km:g} is not above 0 km")
    return satellite["Name"].strip(), azimuth_deg, elevation_deg, distance_km


def _number(satellite: dict[str, object], key: str) -> float:
    """A number of a satellite.

    Raises:
        TypeError: There is none.
        ValueError: It is out of range.
    """
    value = satellite.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{key} is missing or no number")
    if not abs(value) < _LARGEST:
        raise ValueError(f"{key} is far too large, or no number")
    return float(value)


def _side_by_side(served: dict[int, str], slots: list[_Slot], *, latitude_rad: float, longitude_rad: float) -> Serving:
    """The table of choices."""
    held = [slot for slot in slots if slot.names]
    names = sorted({*chain.from_iterable(slot.names for slot in held), *served.values()})
    number_of = {name: number for number, name in enumerate(names)}
    offsets = np.cumsum([0, *(len(slot.names) for slot in held)])
    satellite = np.array([number_of[name] for slot in held for name in slot.names])
    chosen = [
        offsets[row] + slot.names.index(served[slot.number]) if served.get(slot.number) in slot.names else -1
        for row, slot in enumerate(held)
    ]
    before = np.array([number_of.get(served.get(slot.number - 1, ""), -1) for slot in held])
    azimuth_rad, elevation_rad = (
        np.radians(np.concatenate([getattr(slot, column) for slot in held]))
        for column in ("azimuth_deg", "elevation_deg")
    )
    is_v2_mini = np.array([generation_of(name) == "v2-mini" for name in names], dtype=np.bool_)
    return Serving(
        slot=np.array([slot.number for slot in held]),
        sets=ChoiceSets(
            offsets=offsets,
            latitude_rad=np.full(len(held), latitude_rad),
            elevation_rad=elevation_rad,
            azimuth_rad=azimuth_rad,
            slant_range_m=1e3 * np.concatenate([slot.distance_km for slot in held]),
            gso_separation_rad=_gso_separation_rad(azimuth_rad, elevation_rad, latitude_rad, longitude_rad),
            is_v2_mini=is_v2_mini[satellite],
            is_kept=satellite == np.repeat(before, np.diff(offsets)),
        ),
        names=tuple(names),
        satellite=satellite,
        served=np.array([number_of.get(served.get(slot.number, ""), -1) for slot in held]),
        chosen=np.array(chosen),
        left_out=len(slots) - len(held),
    )


def directions_itrf(azimuth_rad: Floats, elevation_rad: Floats, latitude_rad: float, longitude_rad: float) -> Floats:
    """``(..., 3)`` unit vectors of these directions at a place."""
    across = np.cos(elevation_rad)
    enu = np.stack([across * np.sin(azimuth_rad), across * np.cos(azimuth_rad), np.sin(elevation_rad)], axis=-1)
    return enu @ enu_axes(np.asarray(latitude_rad), np.asarray(longitude_rad))


def _gso_separation_rad(
    azimuth_rad: Floats, elevation_rad: Floats, latitude_rad: float, longitude_rad: float
) -> Floats:
    """Angle of each direction to the visible geostationary arc."""
    latitude, longitude = np.asarray(latitude_rad), np.asarray(longitude_rad)
    site = geodetic_to_itrf(latitude, longitude, np.zeros(())).tolist()
    up = enu_axes(latitude, longitude)[2].tolist()
    sights = directions_itrf(azimuth_rad, elevation_rad, latitude_rad, longitude_rad)
    return np.array([gso_separation(*site, *up, *sight) for sight in sights.tolist()])
