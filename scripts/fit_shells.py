"""Print the shells that fly in a file of element sets: altitudes, planes, slots and phasing, with their coherence.

::

    python scripts/fit_shells.py starlink.tle           # the shells of a catalogue (two- or three-line sets)
    python scripts/fit_shells.py --phasing 72 22 53.0 550   # phasing that keeps satellites of a shell farthest apart

Method. All satellites are propagated by SGP4 to one epoch; *u* is the argument of latitude, *W* the right ascension
of the ascending node. Satellites of one inclination class are grouped by mean-motion altitude: a histogram of 0.5 km
bins, neighbouring bins joined. In each group the coherence ``|mean exp(i (q u + j W))|`` is 1 when all satellites sit
on a lattice with ``q u + j W`` constant. ``q = 0`` gives the planes: the smallest *j* within 15 % of the best. Then
the smallest *q* within 15 % of the best gives the slots per plane, and ``F = -j mod planes`` Walker's phasing. A
lattice is not a full shell: ``flying / lattice`` says how much of it is occupied (more than 1: satellites in pairs).
"""

import argparse
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from math import radians, tau
from pathlib import Path

import numpy as np
from sgp4.api import Satrec, SatrecArray

from skycommons.base.arrays import Bools, Floats
from skycommons.orbit.walker import altitude_for_mean_motion

CLASSES_DEG = ((20.0, 40.0), (40.0, 48.0), (48.0, 60.0), (60.0, 80.0), (80.0, 100.0))
BIN_KM = 0.5
MIN_SATELLITES = 200
MIN_PER_BIN = 10
NEAR_BEST = 0.85
MAX_PLANES = 160
MAX_SLOTS = 130


@dataclass(frozen=True, slots=True, kw_only=True)
class Sky:
    """All satellites at one epoch: ``(S,)`` each, rad and km."""

    numbers: Floats
    inclination_deg: Floats
    altitude_km: Floats
    raan_rad: Floats
    latitude_argument_rad: Floats


def main() -> int:
    """Read the arguments and print one table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("catalogue", nargs="?", type=Path, help="file of two- or three-line element sets")
    parser.add_argument("--phasing", nargs=4, metavar=("PLANES", "SLOTS", "INCLINATION_DEG", "ALTITUDE_KM"))
    arguments = parser.parse_args()
    if arguments.phasing:
        planes, slots, inclination_deg, altitude_km = arguments.phasing
        print_phasing(int(planes), int(slots), radians(float(inclination_deg)), 6378.137 + float(altitude_km))
    elif arguments.catalogue:
        print_shells(arguments.catalogue)
    else:
        parser.error("give a catalogue or --phasing")
    return 0


def read_sky(path: Path) -> tuple[Sky, str]:
    """Every satellite of a file at the midnight (UTC) before the newest epoch but 1 %, and that epoch."""
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    firsts = [k for k, line in enumerate(lines) if line.startswith("1 ")]
    names = [lines[k - 1] if k and not lines[k - 1].startswith("2 ") else "" for k in firsts]
    satellites = [Satrec.twoline2rv(lines[k], lines[k + 1]) for k in firsts]
    newest = np.percentile([s.jdsatepoch + s.jdsatepochF for s in satellites], 99.0)
    julian = np.floor(newest - 0.5) + 0.5
    error, position, velocity = SatrecArray(satellites).sgp4(np.array([julian]), np.array([0.0]))
    good = error[:, 0] == 0
    momentum = np.cross(position[:, 0], velocity[:, 0])[good]
    raan = np.arctan2(momentum[:, 0], -momentum[:, 1])
    node = np.stack([np.cos(raan), np.sin(raan), np.zeros_like(raan)], axis=-1)
    ahead = np.cross(momentum / np.linalg.norm(momentum, axis=1)[:, None], node)
    here = position[good, 0]
    kept = [satellite for satellite, is_good in zip(satellites, good, strict=True) if is_good]
    digits = ["".join(c for c in name if c.isdigit()) for name, is_good in zip(names, good, strict=True) if is_good]
    sky = Sky(
        numbers=np.array([float(text or "nan") for text in digits]),
        inclination_deg=np.degrees([s.inclo for s in kept]),
        altitude_km=np.array([altitude_for_mean_motion(s.no_kozai / 60.0, s.inclo) / 1e3 for s in kept]),
        raan_rad=raan,
        latitude_argument_rad=np.arctan2((here * ahead).sum(axis=1), (here * node).sum(axis=1)),
    )
    return sky, datetime.fromtimestamp((julian - 2440587.5) * 86400.0, UTC).date().isoformat()


def print_shells(path: Path) -> None:
    """One row for each group of satellites at one inclination and altitude."""
    sky, epoch = read_sky(path)
    print(f"{path.name}: {len(sky.raan_rad)} satellites at {epoch}T00:00Z\n")
    print("flying  incl_deg  alt_km  planes  coh  slots   F  coh  flying/lattice  raan0_deg  >=30000")
    inside = 0
    for low, high in CLASSES_DEG:
        in_class = (sky.inclination_deg >= low) & (sky.inclination_deg < high)
        for group in altitude_groups(sky.altitude_km, in_class):
            print_shell(sky, group)
            inside += int(np.count_nonzero(group))
        if in_class.any():
            print(f"{np.count_nonzero(in_class):6d}  between {low:g} and {high:g} degrees in all\n")
    print(f"{inside} satellites stand in these groups, {len(sky.raan_rad) - inside} climb, drift or descend.")


def altitude_groups(altitude_km: Floats, in_class: Bools) -> list[Bools]:
    """Masks of runs of well-filled altitude bins that hold enough satellites together."""
    edges = np.arange(250.0, 620.0, BIN_KM)
    counts, _ = np.histogram(altitude_km[in_class], bins=edges)
    filled = np.concatenate([[False], counts >= MIN_PER_BIN, [False]]).astype(np.int8)
    starts, ends = np.flatnonzero(np.diff(filled) == 1), np.flatnonzero(np.diff(filled) == -1)
    groups = [
        in_class & (altitude_km >= edges[start] - BIN_KM) & (altitude_km < edges[end] + BIN_KM)
        for start, end in zip(starts, ends, strict=True)
    ]
    return [group for group in groups if np.count_nonzero(group) >= MIN_SATELLITES]


def print_shell(sky: Sky, group: Bools) -> None:
    """The lattice of one group."""
    raan, u = sky.raan_rad[group], sky.latitude_argument_rad[group]
    nodes = np.exp(1j * np.outer(np.arange(-MAX_PLANES, MAX_PLANES + 1), raan))
    by_planes = np.abs(nodes[MAX_PLANES + 1 :].mean(axis=1))
    planes = 3 + first_near_best(by_planes[2:])
    table = np.abs(np.exp(1j * np.outer(np.arange(1, MAX_SLOTS + 1), u)) @ nodes.T) / len(u)
    slots = 5 + first_near_best(table[4:].max(axis=1))
    best = int(np.argmax(table[slots - 1]))
    raan0 = np.degrees(np.angle(nodes[MAX_PLANES + planes].mean())) / planes % (360.0 / planes)
    print(
        f"{len(u):6d}  {np.median(sky.inclination_deg[group]):8.2f}  {np.median(sky.altitude_km[group]):6.1f}  "
        f"{planes:6d}  {by_planes[planes - 1]:.2f} {slots:5d}  {(MAX_PLANES - best) % planes:3d}  "
        f"{table[slots - 1, best]:.2f}  {len(u) / (planes * slots):14.2f}  {raan0:9.2f}  "
        f"{np.mean(sky.numbers[group] >= 30_000):7.0%}"
    )


def first_near_best(coherence: Floats) -> int:
    """The first place whose value is within 15 % of the largest."""
    return int(np.flatnonzero(coherence >= NEAR_BEST * coherence.max())[0])


def print_phasing(planes: int, slots: int, inclination_rad: float, radius_km: float) -> None:
    """The whole phasing that keeps any two satellites of a shell farthest apart, and the distance."""
    distances = [closest_km(planes, slots, inclination_rad, phasing) * radius_km for phasing in range(planes)]
    best = int(np.argmax(distances))
    print(f"F = {best}: no two satellites come closer than {distances[best]:.1f} km (F = 0: {distances[0]:.1f} km)")


def closest_km(planes: int, slots: int, inclination_rad: float, phasing: float) -> float:
    """Smallest distance between satellites of different planes over a revolution, in orbit radii.

    Two circular orbits of one inclination whose nodes are ``dW`` apart: the closest approach of satellites with a
    phase difference ``du`` follows from spherical trigonometry (Speckman, Lang and Boyce 1990, AIAA 90-2966).
    """
    plane, slot = np.meshgrid(np.arange(1, planes), np.arange(slots), indexing="ij")
    d_node = tau * plane / planes
    d_phase = tau * slot / slots + tau * phasing * plane / (planes * slots)
    cos_beta = np.cos(inclination_rad) ** 2 + np.sin(inclination_rad) ** 2 * np.cos(d_node)
    lag = d_phase + 2.0 * np.arctan2(np.cos(inclination_rad) * np.sin(d_node / 2), np.cos(d_node / 2))
    return float((2.0 * np.abs(np.sqrt((1.0 + cos_beta) / 2.0) * np.sin(lag / 2.0))).min())


if __name__ == "__main__":
    sys.exit(main())
