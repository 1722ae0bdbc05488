"""Tests of computing a preview again."""

from dataclasses import replace
from hashlib import sha256

import pytest

from skycommons.base.errors import FormatError
from skycommons.governance.previews import Preview, parse_preview
from skycommons.model.scenario import Scenario
from skycommons.model.service_map import ServiceMap
from skycommons.studies.preview import Binding, preview_bytes
from skycommons.studies.preview_recompute import Difference, recompute
from tests.support.previews import AREA, BINDING, decision_world, suspended
from tests.support.service_world import disk


def again(
    data: bytes, *, world: Scenario | None = None, binding: Binding = BINDING, exempt: bool = False
) -> tuple[Difference, ...]:
    """Compute a preview of the test's decision again."""
    return recompute(
        data,
        decision_world() if world is None else world,
        cells=AREA,
        exempt=exempt,
        base=ServiceMap.everywhere(),
        binding=binding,
    )


def made() -> Preview:
    """The preview of the test's decision."""
    return parse_preview(preview_bytes(suspended(decision_world()), BINDING))


def test_the_same_question_has_the_same_answer() -> None:
    """An approver's own machine finds nothing that differs."""
    assert again(made().encode()) == ()


def test_every_figure_that_was_changed_is_found() -> None:
    """Each with its place, what was signed, and what comes out."""
    true = made()
    false = replace(
        true,
        terminals=replace(true.terminals, lose=3),
        capacity=replace(true.capacity, elsewhere_after_kbps=true.capacity.elsewhere_after_kbps + 1_000),
        protected=(replace(true.protected[0], loses=False), replace(true.protected[0], id="school")),
    )
    found = again(false.encode())
    assert [difference.place for difference in found] == [
        "terminals.lose",
        "protected.clinic.loses",
        "protected.school",
        "capacity.elsewhere_after_kbps",
    ]
    assert [difference.is_rounding for difference in found] == [False, False, False, True]
    assert str(found[3]).endswith("(one step of rounding)")
    assert str(found[2]) == "protected.school: the preview says loses service, here it is not there"
    assert str(found[0]) == f"terminals.lose: the preview says 3, here it is {true.terminals.lose}"


def test_another_question_is_told_and_not_answered() -> None:
    """Other cells, another scenario, another map, another log: no figures are compared."""
    true = made()
    other = replace(
        true,
        origin="elsewhere.example",
        cells_sha256=sha256(b"others").hexdigest(),
        cells_count=len(disk(3)),
        base_state_version=9,
        base_map_sha256="c" * 64,
        scenario_sha256="d" * 64,
        people=replace(true.people, lose=0),
    )
    assert [difference.place for difference in again(other.encode())] == [
        "origin",
        "cells_sha256",
        "cells_count",
        "base_state_version",
        "base_map_sha256",
        "scenario_sha256",
    ]


def test_another_version_of_the_program_is_told_beside_the_figures() -> None:
    """It may count otherwise; whether it does is seen."""
    older = replace(made(), program="skycommons 0.0.1")
    assert [difference.place for difference in again(older.encode())] == ["program"]


def test_another_network_gives_other_figures() -> None:
    """With more beams more is lost; the slots are those of the preview."""
    found = again(made().encode(), world=decision_world(beams=40))
    assert {"terminals.lose", "cells.served_before"} <= {difference.place for difference in found}
    assert not any(difference.place.startswith("slots") for difference in found)


def test_what_is_no_preview_is_refused() -> None:
    """As all formats of the log do."""
    with pytest.raises(FormatError):
        again(b"{}")
