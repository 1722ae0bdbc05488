"""What probes found, as tables, as JSON and as files."""

import json
from pathlib import Path

import pytest

from skycommons.cli.console import Output, plain
from skycommons.cli.live_results import results_json, show_results, write_results
from tests.support.live_networks import BEGIN_NS, session


def test_each_family_has_its_table(capsys: pytest.CaptureFixture[str]) -> None:
    """With the figures that it has, in units that people use; what could not be done is told."""
    show_results(session(), Output())
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert lines[0] == ["Round", "trips"]
    assert " ".join(lines[1]) == "round trips from to packets lost (%) RTT (ms) 95 % (ms) error (ms)"
    assert lines[3] == ["ping", "north", "studio", "2", "50", "30", "–", "0.2"]
    assert lines[4] == ["ping", "north", "studio", "–", "–", "–", "–", "–"]
    assert ["iperf3-cubic-down", "north", "studio", "66.4"] in lines
    assert ["video", "north", "studio", "90", "0.51", "3"] in lines
    assert " ".join(lines[-2]) == "ping north to studio: ping is not here"
    assert " ".join(lines[-1]) == "the video was not kept"


def test_json_has_all_figures_in_si() -> None:
    """And what happened on the way."""
    found = results_json(session())
    assert found["probes"][0]["rtt_median_s"] == 0.03
    assert found["probes"][0]["emulation_error_ms"].p50_ms == 0.2
    assert "emulation_error_ms" not in found["probes"][1]
    assert found["events"] == [{"time_ns": BEGIN_NS, "what": "satellite of north fails"}]
    assert found["run"]["is_sound"] is True


def test_files_hold_figures_series_and_what_programs_said(tmp_path: Path) -> None:
    """One of each for every probe; raw output only where there is any."""
    write_results(session(), tmp_path)
    assert json.loads((tmp_path / "results.json").read_text()) == plain(results_json(session()))
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "00-ping-north-to-studio.csv",
        "00-ping-north-to-studio.txt",
        "01-ping-north-to-studio.csv",
        "02-iperf3-cubic-down-north-to-studio.csv",
        "03-video-north-to-studio.csv",
        "results.json",
    ]
    rows = (tmp_path / "00-ping-north-to-studio.csv").read_text().splitlines()
    assert rows == ["time_ns,rtt_s", f"{BEGIN_NS},0.03", f"{BEGIN_NS + 1},nan"]
    assert (tmp_path / "00-ping-north-to-studio.txt").read_bytes() == b"64 bytes"
