"""Tests of the figures of a preview and of the document that is signed."""

from dataclasses import replace

import numpy as np
import pytest

from skycommons.base.errors import FormatError, InputError, PlanError
from skycommons.governance.cell_lists import cells_sha256
from skycommons.governance.decisions import Effect, To
from skycommons.governance.previews import parse_preview
from skycommons.governance.words import ServiceClass, ServiceState
from skycommons.model.cells import cell_texts
from skycommons.model.protected import cells_of_sites
from skycommons.model.service_map import CellState, ServiceMap
from skycommons.model.service_rules import DemandTable
from skycommons.plan.requests import Unserved
from skycommons.studies.preview import Binding, decision_slots, map_after, preview_bytes, preview_of
from tests.support.plans import with_service
from tests.support.previews import ACTIVE, AREA, AROUND, BINDING, SUSPENDED, decision_world, plain_both, suspended
from tests.support.service_world import disk
from tests.support.tiny_world import tiny_scenario

SLOTS = (1767225612, 1767309852)
EVERYWHERE = ServiceMap.everywhere()
DARK = EVERYWHERE.over(AREA, state=CellState.SUSPENDED)


def test_figures_are_those_of_the_whole_network_counted_one_by_one() -> None:
    """Terminals, cells and capacity, by plain loops over two schedules of everything."""
    world = decision_world()
    figures = suspended(world, slots_s=SLOTS)
    cells, reason, given_bps = plain_both(world, (EVERYWHERE, DARK), SLOTS)
    assert world.service is not None
    table: DemandTable = world.service.demand
    count = dict.fromkeys(("inside", "lose", "gain", "elsewhere_lose"), 0.0)
    served = [0, 0]
    kbps = {(state, where): 0.0 for state in (0, 1) for where in (True, False)}
    for row, cell in enumerate(cells.tolist()):
        slots = [int((reason[state, :, row] == Unserved.SERVED).sum()) for state in (0, 1)]
        inside, near = cell in AREA.tolist(), cell in AROUND.tolist()
        count["inside"] += table.subscribers[row] * inside
        count["lose"] += table.subscribers[row] * (inside and slots[1] < slots[0])
        count["gain"] += table.subscribers[row] * (inside and slots[1] > slots[0])
        count["elsewhere_lose"] += table.subscribers[row] * (not inside and slots[1] < slots[0])
        for state in (0, 1):
            served[state] += inside and slots[state] > 0
            kbps[state, inside] += given_bps[state, :, row].mean() / 1e3 * near
    assert {name: getattr(figures.terminals, name) for name in count} == {
        name: round(amount) for name, amount in count.items()
    }
    assert [figures.served.served_before, figures.served.served_after] == served
    assert figures.capacity.elsewhere_after_kbps == float(f"{kbps[1, False]:.3g}")
    assert figures.capacity.inside_before_kbps == float(f"{kbps[0, True]:.3g}")
    assert figures.capacity.inside_after_kbps == 0


def test_a_restore_gains_what_the_suspension_lost() -> None:
    """The same cells from the dark map to the light one."""
    world = decision_world()
    lost = suspended(world, slots_s=SLOTS)
    back = preview_of(
        world, cells=AREA, effect=Effect.RESTORE, to=ACTIVE, exempt=False, base=DARK, after=EVERYWHERE, slots_s=SLOTS
    )
    assert back.terminals.gain == lost.terminals.lose > 0
    assert back.people.gain == lost.people.lose > 0
    assert (back.capacity.inside_before_kbps, back.terminals.lose) == (0, 0)
    assert np.array_equal(back.change[back.is_inside], -lost.change[lost.is_inside])


def test_protected_users_keep_service_where_they_are_exempt() -> None:
    """Protected demand and protected sites do not lose; one that the decision names does."""
    world = decision_world(beams=40)
    assert world.service is not None
    table = world.service.demand
    down, up = table.down_bps.copy(), table.up_bps.copy()
    down[:, 0], up[:, 0] = down.sum(axis=1), up.sum(axis=1)  # half of all
    world = with_service(world, demand=replace(table, down_bps=down, up_bps=up))
    all_lose, half = suspended(world), suspended(world, exempt=True)
    assert all_lose.terminals.lose == all_lose.terminals.inside
    assert half.terminals.lose * 2 == pytest.approx(all_lose.terminals.lose, abs=2)
    assert [site.loses for site in all_lose.protected] == [True]
    assert [site.loses for site in half.protected] == [False]
    assert [site.loses for site in suspended(world, exempt=True, named=("clinic",)).protected] == [True]
    assert half.served.served_after == half.served.served_before == len(AREA)


def test_a_protected_site_alone_in_its_cell_keeps_what_the_cell_had() -> None:
    """Nobody there asks as a protected user, so the plan is dark; the map still serves protected users."""
    kept = suspended(decision_world(beams=40), exempt=True)
    assert [site.loses for site in kept.protected] == [False]
    assert kept.served.served_after == 0


def test_a_protected_site_loses_where_the_map_no_longer_serves_it_though_nobody_asks() -> None:
    """In a cell without demand the map alone decides."""
    empty = '[[protected]]\nid = "hut"\nclass = "emergency-service"\nlatitude_deg = 47.37\nlongitude_deg = 11.5\n'
    world = decision_world(protected=empty)
    cells = np.union1d(AREA, cells_of_sites(world.protected))
    assert [(site.id, site.loses) for site in suspended(world, cells=cells).protected] == [("hut", True)]
    assert [site.loses for site in suspended(world, cells=cells, exempt=True).protected] == [False]
    assert suspended(world).protected == ()


def test_the_document_is_bound_to_its_cells_and_to_what_it_was_made_of() -> None:
    """It is the preview of the log's own format, and its bytes are the same each time."""
    figures = suspended(decision_world())
    data = preview_bytes(figures, BINDING)
    document = parse_preview(data)
    assert data == preview_bytes(suspended(decision_world()), BINDING)
    assert document.cells_sha256 == cells_sha256(cell_texts(AREA))
    assert (document.cells_count, document.to, document.effect) == (len(AREA), SUSPENDED, Effect.REDUCE)
    assert (document.scenario_sha256, document.base_map_sha256, document.base_state_version) == ("b" * 64, "a" * 64, 3)
    assert document.program.startswith("skycommons ")
    assert document.slots == figures.slots_s
    assert document.terminals == figures.terminals


def test_a_preview_that_cannot_be_signed_is_refused() -> None:
    """Its hashes are hashes."""
    wrong = Binding(origin="log.example", base_state_version=0, base_map_sha256="", scenario_sha256="none")
    with pytest.raises(FormatError, match="scenario_sha256"):
        preview_bytes(suspended(decision_world()), wrong)


def test_slots_are_the_first_moment_and_the_busiest_hour_after_it() -> None:
    """Zürich lies at 8.5° east: its solar time is 36 minutes, to the degree, before that of Greenwich."""
    world = decision_world()
    assert world.service is not None
    evening = with_service(world, busy_hour_shape=tuple(1.0 if hour == 21 else 0.5 for hour in range(24)))
    begin_s = 1767225600  # midnight
    east_deg = 9
    assert decision_slots(evening, AREA) == (begin_s, begin_s + 21 * 3600 - east_deg * 240)
    later = begin_s + 22 * 3600
    assert decision_slots(evening, AREA, not_before_s=later) == (later, begin_s + 45 * 3600 - east_deg * 240)
    with pytest.raises(PlanError, match="says nothing of service"):
        decision_slots(tiny_scenario(), AREA)


def test_a_throttle_is_a_decision_with_a_class() -> None:
    """The map after has the class, and protected users of an active cell need no exemption."""
    slow = To(state=ServiceState.ACTIVE, service_class=ServiceClass.BACKGROUND)
    after = map_after(EVERYWHERE, AREA, to=slow, exempt=True)
    assert set(after.states_of(AREA).tolist()) == {int(CellState.ACTIVE)}
    assert set(after.classes_of(AREA).tolist()) == {2}
    figures = preview_of(
        decision_world(), cells=AREA, effect=Effect.REDUCE, to=slow, exempt=True, base=EVERYWHERE, slots_s=SLOTS
    )
    assert figures.capacity.inside_before_kbps > 0


def test_people_are_those_of_the_demand_or_of_the_synthetic_world() -> None:
    """And the figures say which."""
    counted = suspended(decision_world())
    assert "made by hand" in counted.people_source
    world = decision_world()
    assert world.service is not None
    table = world.service.demand
    bare = suspended(with_service(world, demand=replace(table, people=np.zeros(len(table)))))
    assert "synthetic" in bare.people_source
    assert bare.people.inside > bare.people.lose > 100_000


def test_a_preview_says_in_a_line_what_it_is() -> None:
    """For a shell."""
    assert repr(suspended(decision_world())) == "<PreviewFigures of 19 cells: 263 of 351 terminals lose service>"


def test_questions_that_have_no_answer_are_refused() -> None:
    """No cells, no service, a map that changes elsewhere, more protected sites than can be named."""
    with pytest.raises(InputError, match="covers none"):
        suspended(decision_world(), cells=AREA[:0])
    with pytest.raises(PlanError, match="says nothing of service"):
        suspended(tiny_scenario())
    with pytest.raises(InputError, match="outside of the decision's cells"):
        suspended(decision_world(), after=EVERYWHERE.over(disk(3), state=CellState.SUSPENDED))
    site = '[[protected]]\nid = "one-{}"\nclass = "hospital"\nlatitude_deg = 47.37\nlongitude_deg = 8.54\n'
    crowd = "".join(site.format(number) for number in range(401))
    with pytest.raises(PlanError, match="401 protected sites"):
        suspended(decision_world(protected=crowd))
