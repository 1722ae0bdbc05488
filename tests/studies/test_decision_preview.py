"""Previews of decisions of a log: computed by whoever asks, and again by whoever approves."""

import json
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from skycommons.base.errors import InputError
from skycommons.governance.canonical import canonical_bytes
from skycommons.governance.cell_lists import encode_cells
from skycommons.governance.decisions import Decision, Effect
from skycommons.governance.previews import parse_preview
from skycommons.model.cells import CellIds, cell_texts
from skycommons.model.regions import read_regions
from skycommons.store.compose import Place, Proposal, compose_decision
from skycommons.studies.decision_preview import Before, cells_of_list, preview_decision, preview_differences
from skycommons.studies.preview_scope import scope_cells
from tests.support.commons import BEGIN_S, Commons
from tests.support.services import OFF, ON, ORDER

SCENARIO = Path("scenarios/decisions/islands.toml")


def manifest(layers: list[dict[str, object]], *, version: int = 0) -> bytes:
    """A service map with some layers over service everywhere."""
    return canonical_bytes(
        {
            "kind": "skycommons signed service map",
            "v": 1,
            "origin": "log.example/x",
            "version": version,
            "previous_sha256": "",
            "default_state": "active",
            "default_class": "priority",
            "as_of": 0,
            "layers": layers,  # type: ignore[dict-item] # plain JSON
        }
    )


def layer(decision: str, data: bytes) -> dict[str, object]:
    """One that takes service."""
    return {
        "decision": decision,
        "entry": 3,
        "kind": "territory",
        "effect": "reduce",
        "state": "suspended",
        "service_class": "standard",
        "who": "both",
        "exempt": False,
        "sites": [],
        "ends_at": 0,
        "cells_sha256": sha256(data).hexdigest(),
        "cells_count": len(data.split()),
        "without": [],
        "groups": [],
        "groups_without": [],
    }


@pytest.fixture(scope="module")
def island(repository: Path) -> CellIds:
    """Whole cells of Westholm."""
    return scope_cells(read_regions(repository / "scenarios/decisions/westholm.geojson"), Effect.REDUCE).cells


def test_a_preview_is_the_same_on_another_machine_and_tells_what_is_not(repository: Path, island: CellIds) -> None:
    """Of the same decision, scenario and map nothing differs; of another map it says so."""
    before = Before.of(manifest([]), {})
    scenario = repository / SCENARIO
    found = preview_decision(scenario, before, cells=island, effect=Effect.REDUCE, to=OFF, exempt=False)
    assert found.figures.terminals.lose > 0
    assert found.losing == ("westholm-clinic",)
    decision = decision_of(found.data, island)
    same = preview_differences(scenario, before, decision, cells=island, preview=found.data)
    assert same == ()
    other = Before.of(manifest([], version=1), {})
    told = preview_differences(scenario, other, decision, cells=island, preview=found.data)
    assert {one.place for one in told} == {"base_state_version", "base_map_sha256"}


def test_a_restore_brings_back_what_lies_below(repository: Path, island: CellIds) -> None:
    """Taken out of the layer that it names, and of no other."""
    cells = encode_cells(cell_texts(island))
    before = Before.of(manifest([layer("d" * 64, cells)]), {sha256(cells).hexdigest(): cells})
    scenario = repository / SCENARIO
    half = island[: len(island) // 2]
    found = preview_decision(scenario, before, cells=half, effect=Effect.RESTORE, to=ON, target="d" * 64)
    assert found.figures.terminals.gain > 0
    decision = replace(decision_of(found.data, half), effect=Effect.RESTORE, target="d" * 64)
    assert preview_differences(scenario, before, decision, cells=half, preview=found.data) == ()
    with pytest.raises(InputError, match="has no layer"):
        before.without("e" * 64, half)


def test_a_list_of_cells_is_read(island: CellIds) -> None:
    """As it lies beside the log."""
    assert np.array_equal(cells_of_list(encode_cells(cell_texts(island))), island)
    with pytest.raises(InputError):
        cells_of_list(b"85ffffffffffffff\n")


def decision_of(preview: bytes, cells: CellIds) -> Decision:
    """A decision that names a preview."""
    proposal = Proposal(
        title="t",
        effect=parse_preview(preview).effect if parse_preview(preview).effect != Effect.RESTORE else Effect.REDUCE,
        basis=ORDER,
        place=Place(cells=tuple(cell_texts(cells))),
        to=OFF,
        ends_at=BEGIN_S,
        preview=preview,
        exempt=parse_preview(preview).effect == Effect.RESTORE,
    )
    body = compose_decision(Commons().ledger.state, proposal, now_s=BEGIN_S, nonce="0" * 32).body
    return Decision.from_json(json.loads(json.dumps(dict(body))))
