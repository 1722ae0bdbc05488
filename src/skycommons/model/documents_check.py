"""Checks between the keys of a scenario document, made on its tables as they stand.

Rules: one function per check; each looks only at what it needs, so that faults elsewhere do not hide its own.
"""

from collections.abc import Mapping
from typing import Final

from skycommons.base.constants import NS_PER_S
from skycommons.base.errors import Fault
from skycommons.model.documents import MAX_STEPS
from skycommons.model.documents_read import did_you_mean, table_of, tables
from skycommons.model.equipment_data import STANDARD_TYPE, builtin_equipment

_AREA_KEYS: Final = ("countries", "file", "polygon_deg", "cells_file")


def cross_faults(raw: Mapping[str, object]) -> list[Fault]:
    """Faults that no single key has: two keys for one quantity, names used twice, references to nothing."""
    return [
        *_span_faults(raw),
        *_constellation_faults(raw),
        *_name_faults(raw),
        *_type_faults(raw),
        *_base_faults(raw),
        *_territory_faults(raw),
        *_laser_faults(raw),
        *_radio_faults(raw),
        *_grid_faults(raw),
        *_pair_faults(raw),
        *_motif_faults(raw),
    ]


def _span_faults(raw: Mapping[str, object]) -> list[Fault]:
    """Exactly one length of the span, and not too many steps."""
    time = table_of(raw, "time")
    if time is None:
        return []
    faults = _exactly_one("time", time, "hours", "duration_s")
    length_s = _number(time, "hours", 0.0) * 3600 + _number(time, "duration_s", 0.0)
    step_s = _number(time, "step_s", 15.0)
    if step_s * NS_PER_S >= 1 and length_s / step_s > MAX_STEPS:
        faults.append(
            Fault("time.step_s", f"makes more than {MAX_STEPS:,} steps; take a longer step or a shorter span")
        )
    return faults


def _constellation_faults(raw: Mapping[str, object]) -> list[Fault]:
    """Shells that say one quantity twice or not at all, and shells of the same name."""
    faults: list[Fault] = []
    taken: set[str] = set()
    for place, table in tables(raw, "constellation"):
        here = f"constellation.{place}"
        kinds = [key for key in ("preset", "catalogue", "planes") if key in table]
        if len(kinds) > 1:
            faults.append(Fault(here, f"has {' and '.join(kinds)}; write one [[constellation]] for each"))
        if "preset" in table or "catalogue" in table:
            continue
        faults += _exactly_one(here, table, "altitude_km", "mean_motion_rev_day")
        if "pattern" in table and "raan_spread_deg" in table:
            faults.append(Fault(here, "has pattern and raan_spread_deg; remove one of them"))
        phasing, planes = _number(table, "phasing", 0.0), _number(table, "planes", 0.0)
        if phasing >= planes > 0:
            message = f"should be less than planes ({planes:g}), not {phasing:g}"
            faults.append(Fault(f"{here}.phasing", message))
        faults += _repeated(f"{here}.name", table.get("name"), taken, "shell")
    return faults


def _name_faults(raw: Mapping[str, object]) -> list[Fault]:
    """Sites that the file itself names twice."""
    faults: list[Fault] = []
    taken: set[str] = set()
    for place, table in tables(raw, "terminals"):
        faults += _repeated(f"terminals.{place}.name", table.get("name"), taken, "site")
    protected: set[str] = set()
    for place, table in tables(raw, "protected"):
        faults += _repeated(f"protected.{place}.id", table.get("id"), protected, "protected site")
    for section in ("gateways", "pops"):
        for place, site in tables(table_of(raw, section) or {}, "site"):
            faults += _repeated(f"{section}.site.{place}.name", site.get("name"), taken, "site")
    return faults


def _type_faults(raw: Mapping[str, object]) -> list[Fault]:
    """Terminals and gateways of a type that is not there."""
    terminals = [(f"terminals.{place}", table) for place, table in tables(raw, "terminals")]
    terminals += [
        (key, table) for key in ("terminal_grid", "terminals_file") if (table := table_of(raw, key)) is not None
    ]
    section = table_of(raw, "gateways") or {}
    gateways = [("gateways", section)]
    gateways += [(f"gateways.site.{place}", table) for place, table in tables(section, "site")]
    return [
        Fault(f"{place}.type", _unknown(wanted, *_of_section(raw, key), f"[{key}.{wanted}]"))
        for key, users in (("terminal_types", terminals), ("gateway_types", gateways))
        for place, table in users
        if isinstance(wanted := table.get("type", STANDARD_TYPE), str) and wanted not in _of_section(raw, key)[1]
    ]


def _of_section(raw: Mapping[str, object], key: str) -> tuple[str, list[str]]:
    """What the types of a section are called, and the names of all of them, built in or not."""
    builtin = builtin_equipment()
    word, names = {
        "terminal_types": ("terminal type", builtin.terminals),
        "gateway_types": ("gateway type", builtin.gateways),
        "payloads": ("payload", builtin.payloads),
    }[key]
    return word, list({**names, **(table_of(raw, key) or {})})


def _base_faults(raw: Mapping[str, object]) -> list[Fault]:
    """Types that start from one that is not there, or from themselves by way of others."""
    faults: list[Fault] = []
    for key in ("terminal_types", "gateway_types", "payloads"):
        section = table_of(raw, key) or {}
        bases = {
            name: base
            for name, table in section.items()
            if isinstance(table, Mapping) and isinstance(base := table.get("base"), str)
        }
        word, known = _of_section(raw, key)
        builtin = _of_section({}, key)[1]
        for name, base in bases.items():
            if base not in known:
                faults.append(Fault(f"{key}.{name}.base", _unknown(base, word, known, f"[{key}.{base}]")))
            elif (base != name or name not in builtin) and name in _chain(base, bases):
                faults.append(Fault(f"{key}.{name}.base", f"leads back to {name!r}; name another {word}"))
    return faults


def _chain(start: str, bases: Mapping[str, str]) -> list[str]:
    """A type, its base, that one's base, and so on, each once."""
    chain = [start]
    while (base := bases.get(chain[-1], start)) not in chain:
        chain.append(base)
    return chain


def _territory_faults(raw: Mapping[str, object]) -> list[Fault]:
    """Territories or what they are less of without any area, and two of one name."""
    faults: list[Fault] = []
    taken: set[str] = set()
    for place, table in tables(raw, "territories"):
        here = f"territories.{place}"
        minus = table.get("minus")
        for where, part in ((here, table), (f"{here}.minus", minus)):
            if isinstance(part, Mapping) and not any(part.get(key) for key in _AREA_KEYS):
                faults.append(Fault(where, f"names no area; add one of {', '.join(_AREA_KEYS)}"))
        faults += _repeated(f"{here}.name", table.get("name"), taken, "territory")
    return faults


def _laser_faults(raw: Mapping[str, object]) -> list[Fault]:
    """A longest acquisition below the shortest."""
    lasers = table_of(raw, "lasers") or {}
    shortest = _number(lasers, "acquisition_s", 12.0)
    longest = _number(lasers, "longest_acquisition_s", shortest)
    if longest >= shortest:
        return []
    return [Fault("lasers.longest_acquisition_s", f"should be at least acquisition_s ({shortest:g}), not {longest:g}")]


def _radio_faults(raw: Mapping[str, object]) -> list[Fault]:
    """A gap to Shannon's bound where nothing uses the bound."""
    radio = table_of(raw, "radio") or {}
    if "shannon_gap_db" not in radio or "shannon" in (radio.get("modcod"), radio.get("feeder_modcod")):
        return []
    return [Fault("radio.shannon_gap_db", "counts only where modcod or feeder_modcod is shannon; remove it")]


def _grid_faults(raw: Mapping[str, object]) -> list[Fault]:
    """A band of latitudes that is upside down."""
    grid = table_of(raw, "terminal_grid")
    if grid is None:
        return []
    south, north = _number(grid, "min_latitude_deg", -60.0), _number(grid, "max_latitude_deg", 60.0)
    if south < north:
        return []
    return [Fault("terminal_grid.min_latitude_deg", f"should be less than max_latitude_deg ({north:g}), not {south:g}")]


def _pair_faults(raw: Mapping[str, object]) -> list[Fault]:
    """Flows from a site to itself, and flows that stand there twice."""
    faults: list[Fault] = []
    taken: set[str] = set()
    for place, table in tables(raw, "pairs"):
        source, target = table.get("from"), table.get("to")
        if not (isinstance(source, str) and isinstance(target, str)):
            continue
        if source == target:
            faults.append(Fault(f"pairs.{place}.to", f"is {target!r}, where the flow starts; name another site"))
        faults += _repeated(f"pairs.{place}", f"{source} -> {target}", taken, "pair")
    return faults


def _motif_faults(raw: Mapping[str, object]) -> list[Fault]:
    """A satellite that would point a laser at itself."""
    lasers = table_of(raw, "lasers")
    motif = lasers.get("motif") if lasers is not None else None
    return [
        Fault(f"lasers.motif.{place}", "points a satellite at itself; remove it")
        for place, offset in enumerate(motif if isinstance(motif, tuple) else ())
        if offset == (0, 0)
    ]


def _exactly_one(
    place: str, table: Mapping[str, object], one: str, other: str, *, why: str = "it follows from the other"
) -> list[Fault]:
    """One quantity, one key."""
    if (one in table) != (other in table):
        return []
    if one in table:
        return [Fault(place, f"has {one} and {other}; remove one of them, {why}")]
    return [Fault(place, f"needs {one} or {other}; add one of them")]


def _repeated(place: str, name: object, taken: set[str], what: str) -> list[Fault]:
    """A fault where a name was already taken; otherwise the name is noted as taken."""
    if not isinstance(name, str):
        return []
    if name not in taken:
        taken.add(name)
        return []
    return [Fault(place, f"{what} {name!r} is already there; give it another name")]


def _number(table: Mapping[str, object], key: str, default: float) -> float:
    """A number of a table; the default where it is absent or no usable number, which is another check's fault."""
    value = table.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return default
    return float(value) if abs(value) < 1e300 else default


def _unknown(wanted: str, what: str, known: list[str], table: str) -> str:
    """There is no such thing, and how to mend it."""
    mend = did_you_mean(wanted, known) or f"; add {table}, or name one of {', '.join(known)}"
    return f"there is no {what} {wanted!r}{mend}"
