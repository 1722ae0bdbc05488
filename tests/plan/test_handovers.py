"""Handovers, outages, and what is lost at the boundaries of slots."""

from dataclasses import replace

import numpy as np
import pytest

from skycommons.base.errors import ShapeError
from skycommons.plan.handovers import (
    MEASURED_BOUNDARIES,
    HandoverKind,
    ServedHistory,
    at_boundaries,
    expected_loss_share,
    handovers,
    is_spike,
    outage_chance,
    outage_s_per_hour,
    outages,
)
from skycommons.plan.requests import Unserved
from tests.support.plans import edited, idle, planned

NS = 10**9
SLOT_S = 15.0


def history(
    satellite: list[int],
    *,
    beam: list[int] | None = None,
    gateway: list[int] | None = None,
    pop: list[int] | None = None,
    starts_s: list[int] | None = None,
) -> ServedHistory:
    """One who is served, slot after slot."""
    count = len(satellite)
    served = np.array(satellite) >= 0

    def column(values: list[int] | None) -> np.ndarray:
        return np.array([0] * count if values is None else values)[:, np.newaxis]

    return ServedHistory(
        time_ns=NS * np.array([15 * slot for slot in range(count)] if starts_s is None else starts_s, dtype=np.int64),
        slot_s=SLOT_S,
        satellite=column(satellite),
        beam=column(beam),
        gateway=column(gateway),
        pop=column(pop),
        reason=np.where(served, Unserved.SERVED, Unserved.NO_BEAM).astype(np.uint8)[:, np.newaxis],
    )


def test_each_kind_of_handover_is_told() -> None:
    """A new satellite hides its beam; gateway and PoP stand beside it."""
    found = handovers(history([5, 5, 6, 6], beam=[0, 1, 2, 2], gateway=[8, 8, 9, 9], pop=[3, 3, 3, 4]))
    told = list(zip(found.step.tolist(), found.kind.tolist(), found.before.tolist(), found.after.tolist(), strict=True))
    assert told == [
        (1, HandoverKind.BEAM, 0, 1),
        (2, HandoverKind.SATELLITE, 5, 6),
        (2, HandoverKind.GATEWAY, 8, 9),
        (3, HandoverKind.POP, 3, 4),
    ]
    assert len(found) == 4
    assert [found.count(kind) for kind in HandoverKind] == [1, 1, 1, 1]
    assert found.who.tolist() == [0, 0, 0, 0]


def test_coming_back_from_an_outage_is_no_handover() -> None:
    """Nor is the other side of a gap between slots."""
    assert len(handovers(history([5, -1, 6]))) == 0
    assert len(handovers(history([5, 6], starts_s=[0, 60]))) == 0
    assert len(handovers(history([5]))) == 0


def test_outages_are_spans_with_the_reason_of_their_begin() -> None:
    """At the begin, in the middle, and at the end."""
    story = history([-1, 5, -1, -1, 5, -1])
    reason = story.reason.copy()
    reason[3] = Unserved.RAIN
    found = outages(replace(story, reason=reason))
    assert found.first.tolist() == [0, 2, 5]
    assert found.end.tolist() == [1, 4, 6]
    assert found.duration_s.tolist() == [15.0, 30.0, 15.0]
    assert found.begin_ns.tolist() == [0, 30 * NS, 75 * NS]
    assert found.reason.tolist() == [Unserved.NO_BEAM] * 3
    assert len(found) == 3
    assert found.who.tolist() == [0, 0, 0]


def test_slots_that_are_left_out_end_an_outage() -> None:
    """Nobody knows what was between."""
    assert outages(history([-1, -1], starts_s=[0, 60])).duration_s.tolist() == [15.0, 15.0]


def test_a_plan_tells_how_its_cells_are_served() -> None:
    """By the first request that is; the gateway is that of the satellite at which the traffic comes down."""
    _, plan = planned()
    spoilt = idle(plan, 3, Unserved.RAIN)
    unknown = plan.cell[:1] + np.uint64(1)
    story = ServedHistory.of_plan(spoilt, np.concatenate([plan.cell[:7], unknown]), slot_s=SLOT_S)
    assert len(story) == 2
    assert story.satellite.shape == (2, 8)
    assert story.satellite[0, [0, 3, 7]].tolist() == [plan.satellite[0], -1, -1]
    assert story.reason[0, [0, 3, 7]].tolist() == [Unserved.SERVED, Unserved.RAIN, Unserved.NO_SATELLITE]
    assert (story.gateway[1, :7] == plan.gateway[0]).all()
    assert story.gateway[0, [3, 7]].tolist() == [-1, -1]
    two = edited(plan, 1, cell=plan.cell[0])
    story = ServedHistory.of_plan(idle(two, 0, Unserved.NO_BEAM), plan.cell[:1], slot_s=SLOT_S)
    assert story.satellite[0, 0] == plan.satellite[1]


def test_columns_of_a_history_must_fit_each_other() -> None:
    """Slots and columns."""
    with pytest.raises(ShapeError, match="beam"):
        history([1, 2], beam=[1])


def test_a_change_of_path_costs_more_than_a_boundary_without() -> None:
    """And lasers cost more than none; the loss in all stays within what seven sites measured."""
    changed, lasers = np.array([False, True]), np.array([[True], [False]])
    lost = expected_loss_share(MEASURED_BOUNDARIES, is_changed=changed, crosses_lasers=lasers, slot_s=SLOT_S)
    assert lost.shape == (2, 2)
    assert (np.diff(lost, axis=1) > 0.0).all()
    assert (lost[0] > lost[1]).all()
    assert 0.0 < lost[1].max() < 0.002
    chance = outage_chance(MEASURED_BOUNDARIES, is_changed=changed, crosses_lasers=lasers)
    assert chance[0].tolist() == [MEASURED_BOUNDARIES.kept_outage_share, MEASURED_BOUNDARIES.changed_outage_share]


def test_outage_of_an_hour_is_what_is_not_served_and_what_is_lost_at_boundaries() -> None:
    """Four slots: one boundary with a change, one without, one slot of outage."""
    story = history([5, 5, 6, -1])
    effects = replace(MEASURED_BOUNDARIES, kept_outage_share=0.1, changed_outage_share=0.5, outage_s=0.5)
    (found,) = outage_s_per_hour(effects, story, crosses_lasers=np.ones((4, 1), dtype=np.bool_)).tolist()
    assert found == pytest.approx((15.0 + 0.5 * 0.6) * 60.0)


def test_what_is_lost_at_boundaries_adds_up_over_parts_of_a_history() -> None:
    """Parts overlap by a slot; slots that are left out have no boundary."""
    lasers = np.ones((4, 1), dtype=np.bool_)
    whole = at_boundaries(MEASURED_BOUNDARIES, history([5, 5, 6, -1]), crosses_lasers=lasers)
    parts = [
        at_boundaries(MEASURED_BOUNDARIES, history(part), crosses_lasers=lasers[: len(part)])
        for part in ([5, 5], [5, 6, -1])
    ]
    assert whole.count.tolist() == [2]
    for name in ("count", "outage_s", "lost_s"):
        assert sum(getattr(part, name)[0] for part in parts) == pytest.approx(getattr(whole, name)[0])
    apart = at_boundaries(MEASURED_BOUNDARIES, history([5, 6], starts_s=[0, 60]), crosses_lasers=lasers[:2])
    assert (apart.count.tolist(), apart.outage_s.tolist(), apart.lost_s.tolist()) == ([0], [0.0], [0.0])
    with pytest.raises(ShapeError, match="crosses_lasers"):
        at_boundaries(MEASURED_BOUNDARIES, history([5, 6]), crosses_lasers=lasers)


def test_spikes_are_at_both_ends_of_a_slot() -> None:
    """140 ms after a boundary and 75 ms before one."""
    instants_s = np.array([0.0, 0.139, 0.141, 7.0, 14.924, 14.926, -0.05])
    spikes = is_spike(MEASURED_BOUNDARIES, instants_s, slot_s=SLOT_S)
    assert spikes.tolist() == [True, True, False, False, False, True, True]
