"""Built-in constellations: the real fleet of 2026 by shells, and what others have filed.

Rules: every shell names the source of its figures and what is assumed beyond it; a shell that was fitted to element
sets says so. The files in ``data/constellations`` speak km and degrees; here they become `orbit.walker.Shell`.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from math import radians
from typing import Any

from skycommons.base.errors import InputError
from skycommons.orbit.walker import Shell


@dataclass(frozen=True, slots=True, kw_only=True)
class PresetShell:
    """One shell and where its figures come from.

    Attributes:
        shell: The Walker shell.
        generation: ``v1.5``, ``v2-mini``, ``direct-to-cell``, or empty where the fleet has only one kind.
        fitted: Whether figures were fitted to element sets, rather than taken from a filing.
        flying: Satellites found in the shell by the fit; None for what was filed.
        source: Where the figures come from.
        assumed: What is assumed beyond the source.
    """

    shell: Shell
    generation: str
    fitted: bool
    flying: int | None
    source: str
    assumed: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """A built-in constellation.

    Attributes:
        name: The name that scenarios use.
        title: One line for tables.
        description: What it stands for, and what it does not.
        source: Where its figures come from.
        shells: Its shells, names unique.
    """

    name: str
    title: str
    description: str
    source: str
    shells: tuple[PresetShell, ...]

    def __len__(self) -> int:
        return sum(len(part.shell) for part in self.shells)

    def __repr__(self) -> str:
        return f"<Preset {self.name!r}: {len(self):,} satellites in {len(self.shells)} shells>"


@cache
def preset_names() -> tuple[str, ...]:
    """Names of all built-in constellations, in the order of the alphabet.

    >>> "starlink-2026" in preset_names()
    True
    """
    folder = files("skycommons").joinpath("data/constellations")
    return tuple(sorted(entry.name.removesuffix(".toml") for entry in folder.iterdir() if entry.name.endswith(".toml")))


@cache
def preset(name: str) -> Preset:
    """A built-in constellation by its name.

    Raises:
        InputError: There is no such constellation; the message lists all names.
    >>> preset("kuiper")
    <Preset 'kuiper': 3,236 satellites in 3 shells>
    """
    names = preset_names()
    if name not in names:
        near = get_close_matches(name, names, n=1)
        hint = f"did you mean {near[0]}? " if near else ""
        raise InputError(f"there is no preset {name!r}; {hint}The presets are {', '.join(names)}")
    text = files("skycommons").joinpath(f"data/constellations/{name}.toml").read_text(encoding="utf-8")
    document = tomllib.loads(text)
    return Preset(
        name=document["name"],
        title=document["title"],
        description=document["description"].strip(),
        source=document["source"],
        shells=tuple(_preset_shell(table) for table in document["shells"]),
    )


def _preset_shell(table: Mapping[str, Any]) -> PresetShell:
    """One shell of a file, from degrees and kilometres."""
    shell = Shell(
        name=table["name"],
        planes=table["planes"],
        slots_per_plane=table["satellites_per_plane"],
        inclination_rad=radians(table["inclination_deg"]),
        altitude_m=table["altitude_km"] * 1e3,
        phasing=float(table["phasing"]),
        raan_spread_rad=radians(table["raan_spread_deg"]),
        raan_offset_rad=radians(table.get("raan_offset_deg", 0.0)),
    )
    return PresetShell(
        shell=shell,
        generation=table.get("generation", ""),
        fitted=table["fitted"],
        flying=table.get("flying"),
        source=table["source"],
        assumed=table["assumed"],
    )
