"""Service maps as JSON: what somebody decided, in a form that everybody can hash.

Rules: the canonical form of a map is one JSON text: keys sorted, no blanks, ASCII, one line feed at its end. Cells stand in
groups of one state and class, groups in the order of both, cells sorted; a cell that has the map's default is left out, so
that two maps which say the same of every cell have the same bytes. A reader takes any order and spacing and refuses what it
does not know; all faults are reported at once.
"""

import json
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Final, TypeVar

import numpy as np

from skycommons.base.errors import Fault, GroundError
from skycommons.model.cells import NO_CELL, cell_texts, parse_cells
from skycommons.model.documents_service import CLASSES, STATES
from skycommons.model.service_map import CellState, ServiceClass, ServiceMap

Meaning = TypeVar("Meaning")

KIND: Final = "skycommons service map"
_KEYS: Final = ("kind", "version", "default_state", "default_class", "groups")
_GROUP_KEYS: Final = ("state", "service_class", "cells")
_MAX_BYTES: Final = 128_000_000  # a map that lists all cells of the world takes 36 MB
_SHOWN: Final = 40


def canonical_bytes(service_map: ServiceMap) -> bytes:
    """A map in its canonical form, which its hash is taken of.

    >>> canonical_bytes(ServiceMap.everywhere())[:40]
    b'{"default_class":"priority","default_sta'
    """
    default = service_map.default_state, service_map.default_class
    pairs = np.stack([service_map.state, service_map.service_class], axis=1)
    groups = [
        {
            "state": CellState(state).name.lower(),
            "service_class": ServiceClass(service_class).name.lower(),
            "cells": cell_texts(service_map.cells[(pairs == (state, service_class)).all(axis=1)]),
        }
        for state, service_class in np.unique(pairs, axis=0).tolist()
        if (state, service_class) != default
    ]
    document = {
        "kind": KIND,
        "version": service_map.version,
        "default_state": default[0].name.lower(),
        "default_class": default[1].name.lower(),
        "groups": groups,
    }
    return json.dumps(document, sort_keys=True, separators=(",", ":")).encode("ascii") + b"\n"


def map_sha256(service_map: ServiceMap) -> str:
    """SHA-256 of the canonical form, in hexadecimal digits."""
    return sha256(canonical_bytes(service_map)).hexdigest()


def write_service_map(path: Path, service_map: ServiceMap) -> None:
    """Write a map in its canonical form, whole or not at all.

    Raises:
        GroundError: The file cannot be written.
    """
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_bytes(canonical_bytes(service_map))
        part.replace(path)
    except OSError as error:
        raise GroundError(str(path), [Fault("file", f"cannot be written: {error.strerror}")]) from None


def read_service_map(path: Path) -> ServiceMap:
    """The map of a JSON file.

    Raises:
        GroundError: The file cannot be read or has faults; all of them are listed.
    """
    try:
        if path.stat().st_size > _MAX_BYTES:
            message = f"is larger than {_MAX_BYTES / 1e6:.0f} MB; is it a service map?"
            raise GroundError(path.name, [Fault("file", message)])
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise GroundError(str(path), [Fault("file", f"cannot be read: {error.strerror}")]) from None
    except UnicodeDecodeError as error:
        raise GroundError(path.name, [Fault("file", f"byte {error.start} is not UTF-8")]) from None
    return parse_service_map(text, path.name)


def parse_service_map(text: str, source: str) -> ServiceMap:
    """The map of a JSON text.

    Args:
        text: The document.
        source: What to call it in messages.
    Raises:
        GroundError: The text has faults; all of them are listed.
    """
    try:
        document = json.loads(text, object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise GroundError(source, [Fault("file", f"is not JSON: {error}")]) from None
    if not isinstance(document, dict):
        raise GroundError(source, [Fault("file", "should be a JSON object")])
    faults = _key_faults(document, _KEYS, "")
    if document.get("kind", KIND) != KIND:
        faults.append(Fault("kind", f"should be {KIND!r}, not {document['kind']!r}"))
    version = document.get("version", 0)
    if isinstance(version, bool) or not isinstance(version, int) or not 0 <= version < 2**63:
        faults.append(Fault("version", f"should be a whole number from 0 on, not {version!r}"))
    default_state = _word(document, "default_state", STATES, default=CellState.ACTIVE, here="", faults=faults)
    default_class = _word(document, "default_class", CLASSES, default=ServiceClass.PRIORITY, here="", faults=faults)
    listed = _listed(document.get("groups", []), default_class, faults)
    if faults:
        more = [Fault("file", f"has {len(faults) - _SHOWN:,} more faults")] if len(faults) > _SHOWN else []
        raise GroundError(source, [*faults[:_SHOWN], *more])
    cells = np.array(sorted(listed), dtype=np.uint64)
    return ServiceMap(
        version=version,
        cells=cells,
        state=np.array([listed[cell][0] for cell in cells.tolist()], dtype=np.uint8),
        service_class=np.array([listed[cell][1] for cell in cells.tolist()], dtype=np.uint8),
        default_state=default_state,
        default_class=default_class,
    )


def _listed(
    groups: object, default_class: ServiceClass, faults: list[Fault]
) -> dict[int, tuple[CellState, ServiceClass]]:
    """State and class of every cell that a group lists; what cannot be used is a fault."""
    if not isinstance(groups, list):
        faults.append(Fault("groups", "should be a list of objects with state, service_class and cells"))
        return {}
    found: dict[int, tuple[CellState, ServiceClass]] = {}
    for place, group in enumerate(groups):
        here = f"groups.{place}"
        if not isinstance(group, dict):
            faults.append(Fault(here, "should be an object with state, service_class and cells"))
            continue
        faults += _key_faults(group, _GROUP_KEYS, f"{here}.")
        if "state" not in group:
            faults.append(Fault(f"{here}.state", f"is required; write one of {', '.join(STATES)}"))
        state = _word(group, "state", STATES, default=CellState.ACTIVE, here=f"{here}.", faults=faults)
        service_class = _word(group, "service_class", CLASSES, default=default_class, here=f"{here}.", faults=faults)
        for cell in _cells(group.get("cells", []), f"{here}.cells", faults):
            if cell in found:
                faults.append(Fault(f"{here}.cells", f"{cell:x} is listed already; a cell has one state"))
            found[cell] = state, service_class
    return found


def _cells(texts: object, here: str, faults: list[Fault]) -> list[int]:
    """Cells of a list of texts; what is no cell is a fault."""
    if not isinstance(texts, list):
        faults.append(Fault(here, "should be a list of cells, 15 hexadecimal digits each"))
        return []
    found, wrong = parse_cells(texts)
    faults += [Fault(f"{here}.{row}", why) for row, why in wrong.items()]
    return [cell for cell in found.tolist() if cell != NO_CELL]


def _word(
    table: Mapping[str, object],
    key: str,
    words: Mapping[str, Meaning],
    *,
    default: Meaning,
    here: str,
    faults: list[Fault],
) -> Meaning:
    """What a word means; the default where there is none, and with a fault where it is another."""
    word = table.get(key)
    if isinstance(word, str) and word in words:
        return words[word]
    if key in table:
        faults.append(Fault(f"{here}{key}", f"should be one of {', '.join(words)}, not {word!r:.40}"))
    return default


def _key_faults(table: dict[str, object], known: tuple[str, ...], here: str) -> list[Fault]:
    """Keys that nobody knows."""
    return [
        Fault(f"{here}{key:.60}", f"unknown key; there are {', '.join(known)}") for key in table if key not in known
    ]


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """An object whose keys appear once each."""
    table = dict(pairs)
    if len(table) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"key {twice!r} appears twice in one object")
    return table
