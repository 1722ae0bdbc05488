"""A drop without a decision is the alarm of the whole system; so is service that the map forbids."""

import csv
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from skycommons.base.errors import ShapeError
from skycommons.model.service_map import CellState
from skycommons.model.service_timeline import ServiceLayer, ServiceTimeline
from skycommons.plan.requests import Unserved
from skycommons.studies.reconcile import (
    COLUMNS,
    MAP_DEFAULT,
    NO_DECISION,
    Alarm,
    AlarmKind,
    Measured,
    Reconciliation,
    reconcile,
    write_reconciliation,
)
from tests.support.service_world import HOME, disk, states

START_NS = 1_767_225_612 * 10**9
SLOT_NS = 15 * 10**9
HERE = np.array([HOME], dtype=np.uint64)
DARK = ServiceLayer(decision="aa", cells=HERE.copy(), state=CellState.SUSPENDED, ends_ns=START_NS + 2 * SLOT_NS)


def seen(*reasons: int) -> Measured:
    """One cell, slot after slot."""
    begin_ns = START_NS + SLOT_NS * np.arange(len(reasons))
    return Measured(
        begin_ns=begin_ns,
        end_ns=begin_ns + SLOT_NS,
        cells=HERE.copy(),
        subscribers=np.array([40.0]),
        reason=np.array(reasons, dtype=np.uint8)[:, None],
    )


def under(*layers: ServiceLayer) -> ServiceTimeline:
    """What was decided."""
    return ServiceTimeline(layers=layers)


def kinds(found: Reconciliation) -> list[AlarmKind]:
    """Of the alarms."""
    return [alarm.kind for alarm in found.alarms]


def test_service_as_decided_raises_no_alarm() -> None:
    """An outage has the decision by which it is one, its begin and its end."""
    found = reconcile(seen(8, 8, 0, 0), under(DARK), causes={"aa": "GOVERNMENT_DIRECTED"})
    (record,) = found.records
    assert found
    assert record.row() == {
        "id": f"{HOME:x}-2026-01-01T00:00:12Z",
        "startDate": "2026-01-01T00:00:12Z",
        "endDate": "2026-01-01T00:00:42Z",
        "locations": "CH",
        "asns": "",
        "scope": f"{HOME:x}",
        "eventType": "OUTAGE",
        "outageCause": "GOVERNMENT_DIRECTED",
        "outageType": "REGIONAL",
        "linkedUrl": "",
        "dataSource": "OWN",
        "decision": "aa",
        "who": "everybody",
        "reason": "suspended",
        "subscribers": 40.0,
    }
    assert found.counts() == {
        "outages": 1,
        "by_decision": 1,
        "faults": 0,
        "served-against-map": 0,
        "reason-without-decision": 0,
        "drop-without-decision": 0,
    }


def test_service_against_the_map_is_an_alarm_at_once() -> None:
    """In the very slots in which it happens."""
    found = reconcile(seen(8, 0, 0), under(DARK))
    (alarm,) = found.alarms
    assert (alarm.kind, alarm.begin_ns, alarm.end_ns) == (
        AlarmKind.SERVED_AGAINST_MAP,
        START_NS + SLOT_NS,
        START_NS + 2 * SLOT_NS,
    )
    assert alarm.detail == "is served, but its state is suspended"
    assert not found


@pytest.mark.parametrize("reason", [Unserved.SUSPENDED, Unserved.TERRITORY_INACTIVE, Unserved.UNLICENSED])
def test_a_reason_without_a_decision_is_an_alarm_at_once(reason: Unserved) -> None:
    """Somebody switched a cell off, and nobody decided it; or it stays dark after the decision ended."""
    for timeline, count in ((under(), 2), (under(DARK), 1 if reason is Unserved.SUSPENDED else 2)):
        found = reconcile(seen(reason, reason, reason), timeline)
        assert set(kinds(found)) == {AlarmKind.REASON_WITHOUT_DECISION}
        assert len(found.alarms) <= count
        assert found.records[-1].decision == NO_DECISION


def test_a_fault_is_an_alarm_if_it_lasts() -> None:
    """Five minutes in a cell that had service; a shorter one is on record."""
    long, short = [0, *[Unserved.NO_FEEDER] * 20], [0, *[Unserved.NO_FEEDER] * 19, 0]
    found = reconcile(seen(*long), under())
    assert kinds(found) == [AlarmKind.DROP_WITHOUT_DECISION]
    assert found.alarms[0].detail == "lost service for 300 s, and nobody decided it"
    assert kinds(reconcile(seen(*short), under())) == []
    assert kinds(reconcile(seen(*short), under(), least_s=60.0)) == [AlarmKind.DROP_WITHOUT_DECISION]
    (record,) = reconcile(seen(*short), under()).records
    assert (record.decision, record.cause, record.reason) == (NO_DECISION, "TECHNICAL_PROBLEM", Unserved.NO_FEEDER)


def test_a_cell_that_never_had_service_was_not_switched_off() -> None:
    """It is on record; whoever built nothing there took nothing away."""
    found = reconcile(seen(*[Unserved.NO_SATELLITE] * 40), under())
    assert found
    assert len(found.records) == 1


@pytest.mark.parametrize(
    ("reason", "cause"),
    [(Unserved.RAIN, "WEATHER"), (Unserved.ACCOUNT, "ACCOUNT"), (Unserved.NO_BEAM, "TECHNICAL_PROBLEM")],
)
def test_a_fault_has_a_cause(reason: Unserved, cause: str) -> None:
    """An account that is barred is no fault of the network, and no alarm."""
    found = reconcile(seen(0, *[reason] * 40), under())
    assert found.records[0].cause == cause
    assert bool(found) == (reason is Unserved.ACCOUNT)


def test_protected_users_alone_are_an_outage_for_the_others() -> None:
    """Whether anybody protected is there or not."""
    exempt = replace(DARK, cells=HERE.copy(), is_exempt=True)
    for reason, who in ((0, "all but protected users"), (8, "everybody")):
        found = reconcile(seen(reason, reason, 0), under(exempt))
        assert found
        (record,) = found.records
        assert (record.row()["who"], record.decision, record.reason) == (who, "aa", Unserved.SUSPENDED)


def test_one_outage_ends_where_another_decision_begins() -> None:
    """Or the map's own default."""
    base = states(HERE.copy(), CellState.INACTIVE)
    timeline = ServiceTimeline(base=base, layers=(DARK,))
    found = reconcile(seen(8, 8, 7, 7), timeline)
    assert [record.decision for record in found.records] == ["aa", MAP_DEFAULT]
    assert found


def test_many_cells_are_told_apart() -> None:
    """Each has its own spans."""
    cells = disk(1)
    reason = np.zeros((3, 7), dtype=np.uint8)
    reason[1, 2], reason[:, 4] = Unserved.RAIN, Unserved.NO_BEAM
    one = seen(0, 0, 0)
    service = Measured(
        begin_ns=one.begin_ns.copy(),
        end_ns=one.end_ns.copy(),
        cells=cells.copy(),
        subscribers=np.ones(7),
        reason=reason,
    )
    found = reconcile(service, under())
    assert [record.cell for record in found.records] == [f"{cells[2]:x}", f"{cells[4]:x}"]
    assert (found.records[0].begin_ns, found.records[0].end_ns) == (START_NS + SLOT_NS, START_NS + 2 * SLOT_NS)


def test_nothing_is_in_order() -> None:
    """Of no cells there is nothing to tell."""
    one = seen(0)
    empty = Measured(
        begin_ns=one.begin_ns,
        end_ns=one.end_ns,
        cells=HERE[:0].copy(),
        subscribers=np.zeros(0),
        reason=np.zeros((1, 0), dtype=np.uint8),
    )
    assert reconcile(empty, under())
    with pytest.raises(ShapeError):
        replace(one, reason=np.zeros((2, 1), dtype=np.uint8))


def test_the_files_hold_records_and_alarms(tmp_path: Path) -> None:
    """A table for others' tools, and the same with alarms in JSON."""
    found = reconcile(seen(0, 8, 8, 8), under(DARK))
    assert isinstance(found.alarms[0], Alarm)
    files = write_reconciliation(found, tmp_path)
    with files["reconciliation"].open() as stream:
        rows = list(csv.DictReader(stream))
    assert tuple(rows[0]) == COLUMNS
    document = json.loads(files["reconciliation-json"].read_text())
    assert (
        [row["decision"] for row in document["annotations"]] == [row["decision"] for row in rows] == ["aa", NO_DECISION]
    )
    assert [alarm["kind"] for alarm in document["alarms"]] == ["served-against-map", "reason-without-decision"]
    assert document["counts"]["outages"] == 2
