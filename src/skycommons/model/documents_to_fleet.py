"""From the documents of what flies to the table of satellites.

Rules: a Walker satellite is called ``SHELL-pPLANE-SLOT``. Rows of a catalogue that cannot be used are left out and noted,
not raised; a constellation of which nothing is left is a fault.
"""

from collections.abc import Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from math import radians, tau
from typing import Final

import numpy as np

from skycommons.base.arrays import Bools
from skycommons.base.constants import NS_PER_S, SECONDS_PER_DAY
from skycommons.base.errors import CatalogueError, InputError
from skycommons.model.catalogues import read_catalogue
from skycommons.model.documents_fleet import (
    CatalogueDocument,
    Pattern,
    PresetDocument,
    WalkerDocument,
)
from skycommons.model.documents_read import Draft, Findings, did_you_mean
from skycommons.model.fleet import mean_altitude_km, to_satellites
from skycommons.model.presets import preset, preset_names
from skycommons.model.world import Satellites
from skycommons.orbit.walker import Shell, altitude_for_mean_motion, walker_elements

STALE_DAYS: Final = 30.0  # beyond a month, SGP4's error along the track reaches tens of kilometres and more


def satellites_of(draft: Draft, findings: Findings) -> Satellites | None:
    """All constellations as one table; what is wrong, and what a reader should know, goes to the findings."""
    epoch_ns = draft.time.start if draft.time is not None else 0
    fleets: list[tuple[str, Satellites]] = []
    for place, document in draft.constellation:
        here = f"constellation.{place}"
        match document:
            case PresetDocument():
                fleet = _from_preset(document, here, epoch_ns, findings)
            case CatalogueDocument():
                fleet = _from_catalogue(document, here, epoch_ns, findings)
            case _:
                fleet = _from_walker(document, epoch_ns)
        if fleet is not None:
            fleets.append((here, fleet))
    return _together(fleets, findings)


def shell_satellites(shell: Shell, generation: str, epoch_ns: int) -> Satellites:
    """One Walker shell as a table, row by row along its planes."""
    plane, slot = np.divmod(np.arange(shell.planes * shell.slots_per_plane, dtype=np.int64), shell.slots_per_plane)
    plane_digits = max(2, len(str(shell.planes - 1)))
    slot_digits = max(2, len(str(shell.slots_per_plane - 1)))
    return Satellites(
        ids=tuple(f"{shell.name}-p{p:0{plane_digits}d}-{s:0{slot_digits}d}" for p, s in zip(plane, slot, strict=True)),
        elements=walker_elements(shell, epoch_ns),
        shell=np.zeros(len(plane), dtype=np.int64),
        plane=plane,
        slot=slot,
        shell_names=(shell.name,),
        generations=(generation,) * len(plane),
    )


def _from_preset(document: PresetDocument, here: str, epoch_ns: int, findings: Findings) -> Satellites | None:
    """A built-in constellation, filtered."""
    names = preset_names()
    if document.preset not in names:
        hint = did_you_mean(document.preset, names) or f"; choose one of {', '.join(names)}"
        findings.fault(f"{here}.preset", f"there is no preset {document.preset!r}{hint}")
        return None
    fleet = Satellites.concatenate(
        [shell_satellites(part.shell, part.generation, epoch_ns) for part in preset(document.preset).shells]
    )
    return _kept(fleet, _matches(fleet, document), here, findings)


def _from_catalogue(document: CatalogueDocument, here: str, epoch_ns: int, findings: Findings) -> Satellites | None:
    """The usable rows of a file, filtered."""
    try:
        catalogue = read_catalogue(findings.folder / document.catalogue)
    except CatalogueError as error:
        findings.file_faults(f"{here}.catalogue", document.catalogue, error.faults)
        return None
    findings.masked(document.catalogue, catalogue.faults)
    try:
        fleet = to_satellites(
            catalogue,
            name_pattern=document.names,
            shells=document.shells or None,
            generations=document.generations or None,
        )
    except InputError as error:
        findings.fault(here, str(error))
        return None
    high = mean_altitude_km(fleet.elements) >= document.min_altitude_km
    if not high.any():
        findings.fault(f"{here}.min_altitude_km", f"no satellite flies above {document.min_altitude_km:g} km; lower it")
        return None
    if low := int(np.count_nonzero(~high)):
        text = f"{document.catalogue}: {low:,} satellite(s) below {document.min_altitude_km:g} km left out"
        findings.notes.append(text)
        fleet = fleet.take(high)
    age_days = np.abs(fleet.elements.epoch_ns - epoch_ns) / (SECONDS_PER_DAY * NS_PER_S)
    if document.max_age_days is not None:
        fresh = age_days <= document.max_age_days
        if not fresh.any():
            message = (
                f"the youngest epoch lies {age_days.min():,.1f} days from the start; allow more, or move the start"
            )
            findings.fault(f"{here}.max_age_days", message)
            return None
        fleet, age_days = fleet.take(fresh), age_days[fresh]
    if (typical_days := float(np.median(age_days))) > STALE_DAYS:
        findings.notes.append(
            f"{document.catalogue}: epochs lie {typical_days:,.0f} days (median) from the start of the scenario"
        )
    return fleet


def _from_walker(document: WalkerDocument, epoch_ns: int) -> Satellites | None:
    """A parametric shell; None where it says neither altitude nor mean motion, which is another check's fault."""
    inclination_rad = radians(document.inclination_deg)
    if document.altitude_km is not None:
        altitude_m = document.altitude_km * 1e3
    elif document.mean_motion_rev_day is not None:
        altitude_m = altitude_for_mean_motion(document.mean_motion_rev_day * tau / SECONDS_PER_DAY, inclination_rad)
    else:
        return None
    pattern = document.pattern or Pattern.DELTA
    spread_deg = document.raan_spread_deg if document.raan_spread_deg is not None else pattern.value
    shell = Shell(
        name=document.name,
        planes=document.planes,
        slots_per_plane=document.satellites_per_plane,
        inclination_rad=inclination_rad,
        altitude_m=altitude_m,
        phasing=document.phasing,
        raan_spread_rad=radians(spread_deg),
        raan_offset_rad=radians(document.raan_offset_deg),
        anomaly_offset_rad=radians(document.anomaly_offset_deg),
    )
    return shell_satellites(shell, document.generation, epoch_ns)


def _matches(fleet: Satellites, document: PresetDocument) -> Bools:
    """``(S,)`` which satellites pass the document's filters."""
    shells = np.array([_any_match(name, document.shells) for name in fleet.shell_names])
    names = np.array([_any_match(satellite_id, (document.names,)) for satellite_id in fleet.ids])
    generations = np.array([_any_match(label, document.generations) for label in fleet.generations])
    keep: Bools = names & generations & shells[fleet.shell]
    return keep


def _any_match(text: str, patterns: Sequence[str]) -> bool:
    """Whether a text matches one of the patterns; no patterns match all. Brackets mean themselves."""
    return not patterns or any(fnmatchcase(text, pattern.replace("[", "[[]")) for pattern in patterns)


def _kept(fleet: Satellites, keep: Bools, here: str, findings: Findings) -> Satellites | None:
    """The satellites that the filters keep, and only their shells; none at all is a fault."""
    if not keep.any():
        labels = sorted({label for label in fleet.generations if label})
        shells, generations = ", ".join(fleet.shell_names), ", ".join(labels) or "none"
        message = f"no satellite fits the filter; there are the shells {shells}, and the generations {generations}"
        findings.fault(here, message)
        return None
    kept = fleet.take(keep)
    used, shell = np.unique(kept.shell, return_inverse=True)
    return replace(kept, shell=shell, shell_names=tuple(fleet.shell_names[row] for row in used))


def _together(fleets: Sequence[tuple[str, Satellites]], findings: Findings) -> Satellites | None:
    """All fleets in one table; an id that two of them hold is a fault."""
    seen: dict[str, str] = {}
    usable: list[Satellites] = []
    for here, fleet in fleets:
        twice = [satellite_id for satellite_id in fleet.ids if satellite_id in seen]
        if twice:
            message = (
                f"{len(twice):,} satellite id(s) are also in {seen[twice[0]]}, {twice[0]!r} first; filter or rename one"
            )
            findings.fault(here, message)
            continue
        seen |= dict.fromkeys(fleet.ids, here)
        usable.append(fleet)
    return Satellites.concatenate(usable) if usable else None
