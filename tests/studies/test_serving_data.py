"""Reading who served a dish and who could have."""

import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from skycommons.base.clock import format_time
from skycommons.base.errors import DocumentError
from skycommons.studies import serving_data
from skycommons.studies.serving_data import Serving, directions_itrf, read_serving
from tests.support.choices import write_measurement

A, B, C = "STARLINK-1008", "STARLINK-30123", "STARLINK-1010"


def read(serving: Path, candidates: Path, latitude_deg: float = 50.0) -> Serving:
    """At one place."""
    return read_serving(serving, candidates, latitude_deg=latitude_deg, longitude_deg=5.0)


def faults(serving: Path, candidates: Path, latitude_deg: float = 50.0) -> list[str]:
    """What is complained about."""
    with pytest.raises(DocumentError) as caught:
        read(serving, candidates, latitude_deg)
    return [str(fault) for fault in caught.value.faults]


@pytest.mark.parametrize("packed", [True, False])
def test_slots_stand_side_by_side(tmp_path: Path, packed: bool) -> None:
    """Who served, which row of the candidates that is, and what was kept."""
    slots = [[(A, 40.0), (B, 50.0)], [(B, 45.0)], [(B, 40.0), (C, 60.0)]]
    data = read(*write_measurement(tmp_path, slots, [B, B, A], packed=packed))
    assert len(data) == 3
    assert data.names == (A, C, B)
    assert format_time(int(data.time_ns[0])).startswith("2024-07-17T18:00:12")
    assert data.chosen.tolist() == [1, 2, -1]
    assert data.served.tolist() == [2, 2, 0]
    assert data.follows.tolist() == [False, True, True]
    assert data.sets.is_kept.tolist() == [False, False, True, True, False]
    assert data.sets.is_v2_mini.tolist() == [False, True, True, True, False]
    assert data.measured.chosen.tolist() == [1, 2]
    assert data.sets.slant_range_m.tolist() == [700e3] * 5


def test_the_arc_passes_overhead_at_the_equator(tmp_path: Path) -> None:
    """Due north at 40° stands 50° from a plane through east, zenith and west."""
    data = read(*write_measurement(tmp_path, [[(A, 40.0), (B, 90.0)]], [A]), 0.0)
    np.testing.assert_allclose(np.degrees(data.sets.gso_separation_rad), [50.0, 0.0], atol=1e-4)


def test_directions_point_up_at_the_zenith() -> None:
    """At the equator and the prime meridian up is the first axis, north the third."""
    up, north = directions_itrf(np.zeros(2), np.array([np.pi / 2, 0.0]), 0.0, 0.0)
    np.testing.assert_allclose([up, north], [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]], atol=1e-12)


def test_the_satellite_of_most_seconds_counts(tmp_path: Path) -> None:
    """One row of another name does not change a slot; empty names are no names; times without a zone are UTC."""
    serving, candidates = write_measurement(tmp_path, [[(A, 40.0), (B, 50.0)], [(A, 40.0)], []], [B])
    with serving.open("a", encoding="utf-8") as stream:
        stream.write(f"2024-07-17 18:00:20,{A}\n2024-07-17 18:00:30,\n")
    data = read(serving, candidates)
    assert data.chosen.tolist() == [1, -1]
    assert data.served.tolist() == [1, -1]
    assert data.left_out == 1


def test_all_faults_of_both_files_come_at_once(tmp_path: Path) -> None:
    """Each with its place."""
    serving, candidates = write_measurement(tmp_path, [[(A, 40.0)]], [A])
    serving.write_text("Timestamp,Connected_Satellite\nyesterday,A\n", encoding="utf-8")
    good = {"Name": A, "Azimuth": 0.0, "Elevation": 40.0, "Distance": 700.0}
    at = "2024-07-17T18:00:12+00:00"
    wrong = [
        {"Name": ""},
        {**good, "Elevation": -1.0},
        {**good, "Azimuth": 400.0},
        {**good, "Distance": 0.0},
        {**good, "Distance": 10**400},
        {**good, "Elevation": "high"},
        good,
        good,
    ]
    document = [5, {"Timestamp": "never", "Satellites": []}, {"Timestamp": at, "Satellites": wrong}]
    candidates.write_bytes(gzip.compress(json.dumps([*document, {"Timestamp": at, "Satellites": []}]).encode()))
    found = faults(serving, candidates, 95.0)
    assert [text.split(":")[0] for text in found] == [
        "latitude",
        "serving.csv line 2",
        "candidates.json.gz 0",
        "candidates.json.gz 1",
        *(f"candidates.json.gz 2 satellite {row}" for row in (0, 1, 2, 3, 4, 5, 7)),
        "candidates.json.gz 3",
    ]
    with pytest.raises(DocumentError, match="longitude: 200"):
        read_serving(serving, candidates, latitude_deg=0.0, longitude_deg=200.0)


def test_many_faults_are_counted(tmp_path: Path) -> None:
    """Fifty are shown."""
    serving, candidates = write_measurement(tmp_path, [[(A, 40.0)]], [A])
    serving.write_text("Timestamp,Connected_Satellite\n" + "x,A\n" * 60, encoding="utf-8")
    found = faults(serving, candidates)
    assert len(found) == 51
    assert found[-1] == "and: 10 more faults of these kinds"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"{", "is no JSON"),
        (b"[]", "must be a list"),
        (b'{"a": 1}', "must be a list"),
        (b"\x1f\x8bbroken", "cannot be read"),
        (gzip.compress(b"[" * 3000)[:-9], "cannot be read"),
        (b"[" * 100_000, "is no JSON"),
    ],
    ids=["empty", "broken", "no slots", "no list", "no gzip", "cut short", "deep"],
)
def test_a_broken_candidates_file_is_refused(tmp_path: Path, content: bytes, words: str) -> None:
    """With its name and one reason."""
    serving, candidates = write_measurement(tmp_path, [[(A, 40.0)]], [A])
    candidates.write_bytes(content)
    (found,) = faults(serving, candidates)
    assert found.startswith("candidates.json.gz: ")
    assert words in found


def test_a_broken_serving_file_is_refused(tmp_path: Path) -> None:
    """No file, no column, no CSV."""
    serving, candidates = write_measurement(tmp_path, [[(A, 40.0)]], [A])
    serving.write_text("Timestamp,Satellite\n", encoding="utf-8")
    assert faults(serving, candidates) == ["serving.csv line 1: lacks the column Connected_Satellite"]
    serving.write_text("Timestamp,Connected_Satellite\n" + "a" * 200_000 + ",b\n", encoding="utf-8")
    assert faults(serving, candidates) == ["serving.csv: is no CSV: field larger than field limit (131072)"]
    serving.unlink()
    assert faults(serving, candidates) == ["serving.csv: cannot be read: no such file or directory"]


def test_files_of_different_days_are_refused(tmp_path: Path) -> None:
    """No slot in common."""
    serving, candidates = write_measurement(tmp_path, [[(A, 40.0)]], [A])
    serving.write_text(f"Timestamp,Connected_Satellite\n2024-07-18 18:00:13,{A}\n", encoding="utf-8")
    assert "no slot of 15 s in common" in faults(serving, candidates)[0]


def test_a_file_beyond_all_measure_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before it fills the memory."""
    monkeypatch.setattr(serving_data, "_MAX_BYTES", 100)
    assert "is larger than" in faults(*write_measurement(tmp_path, [[(A, 40.0)] * 9], [A] * 9))[0]
