"""A run is judged by its lateness, its planning and what the machine lost."""

import json
import math

import numpy as np
import pytest

from skycommons.base.arrays import Ints
from skycommons.emulation.live_report import LiveReport, lateness_quantile_s, report_of
from skycommons.emulation.player import PaceReport
from tests.support.live_worlds import counters

ON_TIME = PaceReport(planned=3, late=0, least_lead_s=4.0, behind_s=0.0)
NEVER = PaceReport(planned=0, late=0, least_lead_s=math.nan, behind_s=0.0)


def bins(**counts: int) -> Ints:
    """Deliveries by bin: ``b20=3`` for three that were some 1 to 2 ms late."""
    found = np.zeros(64, dtype=np.int64)
    for name, count in counts.items():
        found[int(name[1:])] = count
    return found


def report(pace: PaceReport = ON_TIME, **columns: Ints) -> LiveReport:
    """Of a run with one terminal."""
    return report_of(counters(2, **columns), pace, ("hut",), speed=2.0)


def test_a_run_on_time_is_sound() -> None:
    """One delivery in a hundred may be late, up to 2 ms."""
    sound = report(lateness=bins(b10=98, b20=1, b30=1))
    assert sound.is_sound
    assert sound.notes == ()
    assert sound.lateness_s == (2.0**11 / 1e9, 2.0**21 / 1e9, 2.0**31 / 1e9)
    assert report(NEVER).is_sound


def test_a_busy_machine_is_told() -> None:
    """With a lateness that one delivery in a hundred had at least."""
    late = report(lateness=bins(b10=98, b21=2))
    assert not late.is_sound
    assert late.notes == ("the machine was busy: one packet in a hundred came 2.1 ms or more behind its time",)


@pytest.mark.parametrize(
    "pace",
    [
        PaceReport(planned=5, late=1, least_lead_s=-2.0, behind_s=2.0),
        PaceReport(planned=5, late=0, least_lead_s=1.0, behind_s=2.0),
    ],
)
def test_late_planning_is_told(pace: PaceReport) -> None:
    """With what to do about it."""
    (note,) = report(pace).notes
    assert f"{pace.late} of 5 slots were told late, 2.0 s in all" in note
    assert "--speed than 2" in note


@pytest.mark.parametrize(
    ("sent", "lost", "is_sound"), [(0, 0, True), (0, 1, False), (20_000, 2, True), (20_000, 3, False)]
)
def test_what_the_machine_lost_is_not_the_networks(sent: int, lost: int, *, is_sound: bool) -> None:
    """One packet in ten thousand is."""
    found = report(sent_packets=np.array([sent, 0]), host_packets=np.array([0, lost]))
    assert found.is_sound is is_sound
    assert is_sound or "that was not the network" in found.notes[0]


def test_faults_of_what_carried_the_packets_are_told_first() -> None:
    """Such a run is not sound."""
    found = report_of(counters(2, lateness=bins(b21=2)), ON_TIME, ("hut",), speed=1.0, faults=("a port failed",))
    assert not found.is_sound
    assert found.notes[0] == "a port failed"
    assert len(found.notes) == 2


def test_a_table_has_a_row_a_line() -> None:
    """Up and down."""
    rows = report(delivered_bytes=np.array([7, 8])).rows()
    assert [(row["terminal"], row["direction"], row["delivered_bytes"]) for row in rows] == [
        ("hut", "up", 7),
        ("hut", "down", 8),
    ]


def test_everything_can_be_told_as_json() -> None:
    """What is not known is null: JSON has no NaN."""
    told = json.loads(json.dumps(report(NEVER).to_json_dict(), allow_nan=False))
    assert told["lateness_ms"] == {"p50": None, "p99": None, "most": None}
    assert told["planning"] == {"slots": 0, "late": 0, "least_lead_s": None, "behind_s": 0.0}
    assert told["is_sound"] is True
    told = report(lateness=bins(b20=5)).to_json_dict()
    assert told["lateness_ms"]["p50"] == pytest.approx(2.097152)
    assert told["planning"]["least_lead_s"] == 4.0
    assert told["taken_off_ms"] == 0.0
    taken = report_of(counters(2), ON_TIME, ("hut",), speed=1.0, excess_s=8e-5).to_json_dict()
    assert taken["taken_off_ms"] == pytest.approx(0.08)


def test_quantiles_of_lateness_are_edges_of_bins() -> None:
    """The last bin is the most."""
    lateness = bins(b0=50, b3=49, b9=1)
    assert [lateness_quantile_s(lateness, share) for share in (0.5, 0.51, 0.99, 1.0)] == [2e-9, 16e-9, 16e-9, 1024e-9]
    assert math.isnan(lateness_quantile_s(bins(), 0.5))
