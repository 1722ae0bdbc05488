"""``skycommons trace``: shown, converted, recorded, listed."""

import gzip
import json
from pathlib import Path
from typing import get_args

import pytest

from skycommons.cli import main
from skycommons.cli.trace import FormatName
from skycommons.emulation.trace_csv import csv_lines, parse_csv
from skycommons.emulation.trace_formats import TraceFormat
from tests.support.tiny_world import DENSE, tiny_text
from tests.support.traces import PCAP, assert_same_trace, small_trace


@pytest.fixture
def native(tmp_path: Path) -> Path:
    """A small trace in the native format."""
    path = tmp_path / "small.csv"
    path.write_text("".join(csv_lines(small_trace(notes=("by hand",)))))
    return path


def test_a_trace_is_shown_as_tables(native: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What it amounts to; notes go to stderr."""
    assert main(["trace", "show", str(native)]) == 0
    out, err = capsys.readouterr()
    assert "made by hand" in out
    assert "2026-01-01T00:00:12Z" in out
    assert "round trip (ms)" in out
    assert err == "note: by hand\n"


def test_a_trace_is_shown_as_json_with_its_picture(
    native: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """SI units; quantiles by their shares."""
    picture = tmp_path / "x.png"
    assert main(["trace", "show", str(native), "--json", "--figure", str(picture)]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["rtt_s"]["0.5"] == pytest.approx(0.022)
    assert answer["handovers"] == 1
    assert answer["begin"] == "2026-01-01T00:00:12Z"
    assert answer["packets"] is None
    assert answer["notes"] == ["by hand"]
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_pings_are_shown_with_how_many_were_lost(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """And no limit where none is known."""
    path = tmp_path / "ping.txt"
    path.write_text("12.05 1 50\n12.55 2 50\n18 3 -1\n14.05 4 50\n")
    assert main(["trace", "show", str(path)]) == 0
    out, _ = capsys.readouterr()
    assert "packets lost (%)" in out
    assert "25" in out
    assert "no limit" in out
    assert main(["trace", "show", str(path), "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["packets"] == {"sent": 4, "loss_share": 0.25}
    assert answer["near_boundary_share"] == 1.0
    assert answer["handovers"] is None
    assert answer["down_bps"]["0.5"] is None


def test_a_capture_is_shown_with_or_without_echoes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """How much went, beside the trace of its echoes."""
    path = tmp_path / "x.pcap"
    path.write_bytes(PCAP)
    assert main(["trace", "show", str(path)]) == 0
    out, _ = capsys.readouterr()
    assert "round trips of handshakes, least (ms)" in out
    assert "packets sent" in out
    path.write_bytes(PCAP.replace(b"\x08\x00\x00\x00\x00\x07", b"\x03\x00\x00\x00\x00\x07"))
    assert main(["trace", "show", str(path), "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["capture"]["packets"] == 2
    assert answer["capture"]["handshakes"] == {"sent_ns": [], "rtt_s": []}
    path.write_bytes(b"nothing of the kind")
    assert main(["trace", "show", str(path), "--from", "pcap"]) == 2
    assert "is no capture" in capsys.readouterr().err


def test_a_trace_is_written_in_another_format_and_back(
    native: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is left out is said; gzip goes by the name."""
    packed = tmp_path / "again.csv.gz"
    assert main(["trace", "convert", str(native), str(packed)]) == 0
    assert_same_trace(parse_csv(gzip.decompress(packed.read_bytes()).decode(), "x"), small_trace(notes=("by hand",)))
    lines = tmp_path / "down.mahi"
    capsys.readouterr()
    assert main(["trace", "convert", str(native), str(lines), "--direction", "down", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["format"] == "mahimahi"
    assert answer["left_out"] == ["mahimahi does not hold the other way, delays, losses, who carries the packets"]
    assert lines.read_text().endswith("\n45000\n")
    assert answer["bytes"] == lines.stat().st_size


def test_parts_may_come_from_several_files(tmp_path: Path) -> None:
    """Rates down and up from delivery traces, delays from a delay trace."""
    down, up, delay, out = (tmp_path / name for name in ("down.bw", "up.bw", "delay.txt", "all.csv"))
    down.write_text("".join(f"{ms}\n" for ms in range(1, 201)))
    up.write_text("".join(f"{ms}\n" for ms in range(10, 201, 10)))
    delay.write_text("20\n" * 20)
    words = [str(down), str(out), "--direction", "down", "--up", str(up), "--delays", str(delay), "--quiet"]
    assert main(["trace", "convert", *words]) == 0
    trace = parse_csv(out.read_text(), "x")
    assert trace.down.rate_bps.tolist() == [12e6]
    assert trace.up.rate_bps.tolist() == [1.2e6]
    assert trace.rtt_s.tolist() == [0.04]
    assert trace.notes == ("the way up from up.bw", "delays from delay.txt")


def test_a_plan_is_recorded(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """For as long as is asked, else as long as the scenario."""
    scenario, out = tmp_path / "tiny.toml", tmp_path / "zurich.csv"
    scenario.write_text(tiny_text(constellation=DENSE))
    assert main(["trace", "record", str(scenario), "--site", "zurich", "--out", str(out), "--minutes", "0.5"]) == 0
    trace = parse_csv(out.read_text(), "x")
    assert trace.length_ns == 30 * 10**9
    assert trace.context is not None
    assert "30 s" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["show", "{tmp}/none.csv"], "cannot be read: no such file"),
        (["show", "{native}", "--window-s", "0"], "--window-s: 0 should be above 0"),
        (["show", "{native}", "--from", "delay"], "line 1: '# skycommons trace 1' should be a delay"),
        (["convert", "{native}", "{tmp}/x.txt"], "does not tell a format"),
        (["convert", "{native}", "{tmp}/x.txt", "--to", "ping"], "--to: ping is read only; written are csv"),
        (["convert", "{native}", "{tmp}/x.sh"], "say which, up or down"),
        (["record", "{tmp}/none.toml", "--site", "a", "--out", "{tmp}/x.csv"], "none.toml"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line_and_nothing_is_written(
    words: list[str], message: str, native: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 2, and no traceback."""
    before = sorted(tmp_path.iterdir())
    filled = [word.format(tmp=tmp_path, native=native) for word in words]
    assert main(["trace", *filled]) == 2
    out, err = capsys.readouterr()
    assert message in err
    assert err.startswith("skycommons: ")
    assert out == ""
    assert sorted(tmp_path.iterdir()) == before


def test_formats_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    """As tables and as JSON; the options know the same ones."""
    assert main(["trace", "formats"]) == 0
    assert "mahimahi's packet-delivery trace" in capsys.readouterr().out
    assert main(["trace", "formats", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)["formats"]
    assert [row["format"] for row in listed] == [found.value for found in TraceFormat]
    assert list(get_args(FormatName)) == [found.value for found in TraceFormat]
