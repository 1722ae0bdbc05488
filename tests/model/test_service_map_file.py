"""A service map has one canonical form, whoever writes it; a faulty one names all its faults."""

import json
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from skycommons.base.errors import GroundError
from skycommons.model.cells import canonical, cell_texts, cells_of
from skycommons.model.service_map import CellState, ServiceClass, ServiceMap
from skycommons.model.service_map_file import (
    canonical_bytes,
    map_sha256,
    parse_service_map,
    read_service_map,
    write_service_map,
)

CELLS = canonical(cells_of(np.full(3, 0.8), np.arange(3.0) * 0.01))
TEXTS = cell_texts(CELLS)
A_MAP = (
    ServiceMap.everywhere()
    .over(CELLS[:2], state=CellState.INACTIVE)
    .over(CELLS[2:], state=CellState.ACTIVE, service_class=ServiceClass.BACKGROUND)
)


def test_the_canonical_form_is_plain_json() -> None:
    """Keys sorted, no blanks, one line."""
    assert canonical_bytes(A_MAP) == (
        '{"default_class":"priority","default_state":"active","groups":['
        f'{{"cells":["{TEXTS[2]}"],"service_class":"background","state":"active"}},'
        f'{{"cells":["{TEXTS[0]}","{TEXTS[1]}"],"service_class":"priority","state":"inactive"}}'
        '],"kind":"skycommons service map","version":0}\n'
    ).encode("ascii")
    assert map_sha256(A_MAP) == sha256(canonical_bytes(A_MAP)).hexdigest()


def test_what_is_written_can_be_read(tmp_path: Path) -> None:
    """The same map, and the same bytes again."""
    path = tmp_path / "map.json"
    write_service_map(path, A_MAP)
    found = read_service_map(path)
    assert found.states_of(CELLS).tolist() == A_MAP.states_of(CELLS).tolist()
    assert found.classes_of(CELLS).tolist() == A_MAP.classes_of(CELLS).tolist()
    assert canonical_bytes(found) == path.read_bytes() == canonical_bytes(A_MAP)
    assert [each.name for each in tmp_path.iterdir()] == ["map.json"]


def test_maps_that_say_the_same_have_the_same_hash() -> None:
    """A cell that says what holds anyway, another order and other spacing change nothing."""
    groups = [
        {"state": "inactive", "cells": [TEXTS[1], TEXTS[0].upper()]},
        {"state": "active", "service_class": "background", "cells": TEXTS[2:]},
    ]
    text = json.dumps({"version": 0, "groups": groups}, indent=3)
    found = parse_service_map(text, "map.json")
    assert map_sha256(found) == map_sha256(A_MAP)
    assert map_sha256(ServiceMap.everywhere().over(CELLS, state=CellState.ACTIVE)) == map_sha256(
        ServiceMap.everywhere()
    )
    assert map_sha256(parse_service_map('{"version": 1}', "map.json")) != map_sha256(ServiceMap.everywhere())


def test_all_faults_come_at_once() -> None:
    """Each with its place."""
    document = {
        "kind": "a menu",
        "version": -1,
        "default_state": "off",
        "colour": "red",
        "groups": [
            {"state": "dark", "cells": [TEXTS[0], "Berne", "831f8dfffffffff", 7]},
            {"service_class": "gold", "cells": [TEXTS[0]]},
            {"state": "active", "cells": "all"},
            "none",
        ],
    }
    with pytest.raises(GroundError) as caught:
        parse_service_map(json.dumps(document), "map.json")
    faults = {fault.place: fault.message for fault in caught.value.faults}
    assert set(faults) == {
        "colour",
        "kind",
        "version",
        "default_state",
        *("groups.0.state", "groups.0.cells.1", "groups.0.cells.2", "groups.0.cells.3"),
        *("groups.1.state", "groups.1.service_class", "groups.1.cells", "groups.2.cells", "groups.3"),
    }
    assert "resolution 3" in faults["groups.0.cells.2"]
    assert "listed already" in faults["groups.1.cells"]
    assert faults["groups.0.state"].startswith("should be one of active, inactive, suspended, unlicensed")


def test_many_faults_are_counted() -> None:
    """A file that is something else does not fill the screen."""
    text = json.dumps({"groups": [{"state": "active", "cells": ["x"] * 100}]})
    with pytest.raises(GroundError, match="has 60 more faults"):
        parse_service_map(text, "map.json")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "is not JSON"),
        ("[]", "should be a JSON object"),
        ('{"version": 1, "version": 2}', "'version' appears twice"),
        ('{"groups": {}}', "should be a list"),
        ('{"version": true}', "whole number"),
    ],
)
def test_what_is_no_map_is_refused(text: str, message: str) -> None:
    """With what is wrong."""
    with pytest.raises(GroundError, match=message):
        parse_service_map(text, "map.json")


def test_files_that_cannot_be_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Absent, not text, too large, or in a folder that is not there."""
    with pytest.raises(GroundError, match="cannot be read"):
        read_service_map(tmp_path / "absent.json")
    path = tmp_path / "map.json"
    path.write_bytes(b"\xff")
    with pytest.raises(GroundError, match="UTF-8"):
        read_service_map(path)
    monkeypatch.setattr("skycommons.model.service_map_file._MAX_BYTES", 0)
    with pytest.raises(GroundError, match="larger than"):
        read_service_map(path)
    with pytest.raises(GroundError, match="cannot be written"):
        write_service_map(tmp_path / "absent" / "map.json", A_MAP)
