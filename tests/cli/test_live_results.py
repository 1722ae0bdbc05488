"""What probes found, as tables, as JSON and as files."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from skycommons.cli.console import Output
from skycommons.cli.live_results import results_json, show_results, write_results
from skycommons.emulation.live_record import LiveStory
from tests.support.live_networks import BEGIN_NS, session
from tests.support.video_results import two_streams


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


def test_probes_that_count_alike_share_a_column(capsys: pytest.CaptureFixture[str]) -> None:
    """Files are files, whichever protocol brought them."""
    found = session()
    files = (
        replace(
            found.probes[0], probe="curl", summary={"downloads": 8.0, "failed_downloads": 1.0, "total_median_s": 0.8}
        ),
        replace(
            found.probes[0], probe="quic-down", summary={"files": 6.0, "failed_connections": 0.0, "file_median_s": 0.6}
        ),
    )
    show_results(replace(found, probes=files, errors={}), Output())
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert " ".join(lines[1]) == "files from to files failed whole file (ms)"
    assert lines[3:5] == [
        ["curl", "north", "studio", "8", "1", "800"],
        ["quic-down", "north", "studio", "6", "0", "600"],
    ]


def test_json_has_all_figures_in_si() -> None:
    """And what happened on the way."""
    found = results_json(session())
    assert found["probes"][0]["rtt_median_s"] == 0.03
    assert found["probes"][0]["emulation_error_ms"].p50_ms == 0.2
    assert "emulation_error_ms" not in found["probes"][1]
    assert found["events"] == [{"time_ns": BEGIN_NS, "what": "satellite of north fails"}]
    assert found["run"]["is_sound"] is True


def test_everything_is_written_and_films_are_kept(tmp_path: Path) -> None:
    """Beside the summary; where there are none, there is no folder for them."""
    films = tmp_path / "films-so-far"
    written = write_results(session(), tmp_path / "out", films)
    assert "films" not in written
    summary = json.loads(written["summary"].read_text())
    assert [probe["probe"] for probe in summary["probes"]] == ["ping", "ping", "iperf3-cubic-down", "video"]
    assert summary["run"]["is_sound"] is True
    films.mkdir()
    (films / "north-to-studio.mp4").write_bytes(b"film")
    written = write_results(session(), tmp_path / "out", films)
    assert (written["films"] / "north-to-studio.mp4").read_bytes() == b"film"


def test_each_video_has_its_picture(tmp_path: Path) -> None:
    """Two probes that send video have two."""
    written = write_results(
        replace(session(), videos=(two_streams(), two_streams()), story=LiveStory()),
        tmp_path / "out",
        tmp_path / "none",
    )
    names = {path.name for path in written["figures"].glob("*.png")}
    assert len([name for name in names if name.endswith(("-1.png", "-2.png"))]) == 2
