"""Delay traces of LeoReplayer."""

from pathlib import Path

import numpy as np
import pytest

from skycommons.base.errors import FormatError, InputError
from skycommons.emulation import trace_delay
from skycommons.emulation.trace import Direction
from skycommons.emulation.trace_delay import delay_lines, parse_delay
from tests.support.traces import small_trace


def test_a_line_is_ten_milliseconds_of_delay_each_way() -> None:
    """Equal lines are one row."""
    trace = parse_delay("24\n24\n18\n", "x")
    assert trace.at_ns.tolist() == [0, 20_000_000]
    assert trace.length_ns == 30_000_000
    np.testing.assert_allclose(trace.rtt_s, [0.048, 0.036])
    assert "".join(delay_lines(trace, Direction.BOTH)) == "24\n24\n18\n"


def test_decimals_are_read_and_whole_numbers_written() -> None:
    """LeoReplayer reads nothing else."""
    trace = parse_delay("1.6\n", "x", direction=Direction.UP)
    assert trace.up.delay_s.tolist() == [0.0016]
    assert trace.down.delay_s.tolist() == [0.0]
    assert list(delay_lines(trace, Direction.UP)) == ["2\n"]
    assert list(delay_lines(trace, Direction.BOTH)) == ["1\n"]


def test_within_ten_milliseconds_the_mean_is_written() -> None:
    """A change does not wait for the next line."""
    trace = small_trace(at_ns=np.array([0, 2, 12]) * 1_000_000, length_ns=15_000_000)
    assert list(delay_lines(trace, Direction.DOWN)) == ["16\n", "18\n"]
    assert list(delay_lines(trace, Direction.BOTH)) == ["17\n", "19\n"]


def test_all_faults_are_told_with_their_lines() -> None:
    """Negative, endless, empty and odd ones."""
    with pytest.raises(FormatError) as caught:
        parse_delay("1\n-1\n\nx\ninf\n", "bad")
    told = str(caught.value)
    for part in ("line 2: '-1'", "line 3: an empty line", "line 4: 'x'", "line 5: 'inf'"):
        assert part in told


def test_lines_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both ways."""
    monkeypatch.setattr(trace_delay, "MOST_ROWS", 2)
    with pytest.raises(FormatError, match="more than 2 lines"):
        parse_delay("1\n1\n1\n", "x")
    with pytest.raises(InputError, match="more than 2"):
        list(delay_lines(small_trace(), Direction.UP))


def test_a_published_trace_comes_back_as_it_was(shared_data: Path) -> None:
    """LeoReplayer's example, number by number."""
    text = (shared_data / "traces" / "leoreplayer_delay_example.txt").read_text()
    trace = parse_delay(text, "delay")
    assert "".join(delay_lines(trace, Direction.BOTH)).split() == text.split()
    assert 0.001 < trace.up.delay_s.min() < trace.up.delay_s.max() < 0.2
