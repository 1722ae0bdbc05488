"""The script that measures boundaries of slots."""

from pathlib import Path

import numpy as np
import pytest

from scripts import measure_boundaries


def write_trace(path: Path) -> None:
    """Twenty slots with a ping each second; the path changes at every other boundary, and there a ping is lost."""
    with path.open("w") as stream:
        for second in range(300):
            sent_s = 1_000_000_002.0 + second + 0.5  # half a second into a slot
            slot = second // 15
            rtt_ms = 40.0 + 20.0 * (slot // 2 % 2)
            is_lost = second % 30 == 0 and second > 0
            came_s = sent_s + (5.0 if is_lost else rtt_ms / 1e3)
            stream.write(f"{came_s:.4f}\t{second + 1}\t{-1 if is_lost else rtt_ms}\n")


def test_what_was_measured_is_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Where loss gathers, and how often a boundary with and without a change has one."""
    write_trace(tmp_path / "trace.txt")
    assert measure_boundaries.main(tmp_path / "trace.txt") == 0
    out = capsys.readouterr().out
    assert "300 pings, 3.00% lost; 100% of them within ±1 s" in out
    assert "kept_outage_share 0.000 of 10 boundaries" in out
    assert "changed_outage_share 1.000 of 9 boundaries" in out
    assert "elsewhere_loss_share 0.000%" in out
    assert "round trip between: median +0 ms" in out


def test_lost_pings_were_sent_before_their_timeout(tmp_path: Path) -> None:
    """The rows stand where the answer came, or five seconds late."""
    write_trace(tmp_path / "trace.txt")
    sent_s, rtt_ms = measure_boundaries.pings(tmp_path / "trace.txt")
    np.testing.assert_allclose(np.diff(sent_s), 1.0, atol=1e-3)
    assert np.count_nonzero(rtt_ms < 0.0) == 9


def test_the_real_trace_gives_the_built_in_figures(shared_data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Rounded as they are written."""
    measure_boundaries.main(shared_data / "traces" / "ping_isl_2023-09-12_0.1s.txt.gz")
    out = capsys.readouterr().out
    assert "loss gathers most at 12 s" in out
    assert "kept_outage_share 0.106" in out
    assert "changed_outage_share 0.276" in out
    assert "elsewhere_loss_share 0.101%" in out
