"""Shells in real catalogues: dense spots in the plane of inclination and altitude.

Rules: no list of known shells, because fleets move from year to year. A cell (half a degree by two kilometres) is dense if
it holds a thousandth of the fleet and is no mere foothill of a neighbour thirty times as high; touching dense cells are one
shell; a shell has at least half a percent of the fleet. Satellites at its rim belong to it, those between shells to none.
"""

from collections import Counter
from dataclasses import dataclass
from typing import Final

import numpy as np

from skycommons.base.arrays import Floats, Ints

_CELL_DEG: Final = 0.5
_CELL_KM: Final = 2.0
_RIM_KM: Final = 3.0
_NEIGHBOUR_CELLS: Final = 5
_FOOTHILL: Final = 0.03
_DENSE_SHARE: Final = 0.001
_SHELL_SHARE: Final = 0.005
_MIN_IN_CELL: Final = 2
_MIN_IN_SHELL: Final = 3

_Cell = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundShell:
    """One shell of a real fleet.

    Attributes:
        label: ``INCLINATION@ALTITUDE``, such as ``53.2@540``.
        inclination_deg, altitude_km: Medians of its dense part.
        lowest_km, highest_km: Mean altitudes between which its dense part lies.
    """

    label: str
    inclination_deg: float
    altitude_km: float
    lowest_km: float
    highest_km: float


def find_shells(inclination_deg: Floats, altitude_km: Floats) -> tuple[tuple[FoundShell, ...], Ints]:
    """The shells of a fleet and the shell of each satellite.

    Args:
        inclination_deg: ``(S,)`` degrees.
        altitude_km: ``(S,)`` mean altitude, km.

    Returns:
        Shells by inclination and altitude, and ``(S,)`` rows in them, -1 for satellites in no shell.
    """
    cells = list(
        zip(
            np.floor(inclination_deg / _CELL_DEG).astype(np.int64).tolist(),
            np.floor(altitude_km / _CELL_KM).astype(np.int64).tolist(),
            strict=True,
        )
    )
    heights = Counter(cells)
    smallest = max(_MIN_IN_SHELL, int(len(cells) * _SHELL_SHARE))
    groups = [
        group for group in _connected(_dense(heights, len(cells))) if sum(heights[cell] for cell in group) >= smallest
    ]
    group_of = {cell: row for row, group in enumerate(groups) for cell in group}
    member = np.array([group_of.get(cell, -1) for cell in cells], dtype=np.int64)
    shells = [_shell(inclination_deg[member == row], altitude_km[member == row]) for row in range(len(groups))]
    order = sorted(range(len(shells)), key=lambda row: (round(shells[row].inclination_deg), shells[row].altitude_km))
    rank = np.full(len(shells) + 1, -1, dtype=np.int64)  # the last one is for -1
    rank[order] = np.arange(len(order))
    ordered = tuple(shells[row] for row in order)
    return ordered, _with_rims(ordered, rank[member], inclination_deg, altitude_km)


def _dense(heights: Counter[_Cell], satellites: int) -> set[_Cell]:
    """Cells with enough satellites that are not just the tail of a much higher neighbour."""
    enough = max(_MIN_IN_CELL, int(satellites * _DENSE_SHARE))
    return {
        (column, row)
        for (column, row), height in heights.items()
        if height >= enough
        and height
        >= _FOOTHILL * max(heights[column, near] for near in range(row - _NEIGHBOUR_CELLS, row + _NEIGHBOUR_CELLS + 1))
    }


def _connected(cells: set[_Cell]) -> list[set[_Cell]]:
    """Groups of cells that touch, also at a corner."""
    left = set(cells)
    groups = []
    for start in sorted(cells):
        if start not in left:
            continue
        group: set[_Cell] = set()
        border = {start}
        while border:
            group |= border
            left -= border
            border = {
                (column + sideways, row + upwards)
                for column, row in border
                for sideways in (-1, 0, 1)
                for upwards in (-1, 0, 1)
            } & left
        groups.append(group)
    return groups


def _shell(inclination_deg: Floats, altitude_km: Floats) -> FoundShell:
    inclination, altitude = float(np.median(inclination_deg)), float(np.median(altitude_km))
    return FoundShell(
        label=f"{inclination:.1f}@{altitude:.0f}",
        inclination_deg=inclination,
        altitude_km=altitude,
        lowest_km=float(altitude_km.min()),
        highest_km=float(altitude_km.max()),
    )


def _with_rims(shells: tuple[FoundShell, ...], member: Ints, inclination_deg: Floats, altitude_km: Floats) -> Ints:
    """Members of the dense parts, and the satellites close around them."""
    rows = member.copy()
    nearest_km = np.where(member < 0, _RIM_KM, -1.0)
    for row, shell in enumerate(shells):
        outside_km = np.maximum(shell.lowest_km - altitude_km, altitude_km - shell.highest_km)
        near = (np.abs(inclination_deg - shell.inclination_deg) <= _CELL_DEG) & (outside_km <= nearest_km)
        rows[near] = row
        nearest_km[near] = outside_km[near]
    return rows
