"""Packet-delivery traces: opportunities from rates, and rates from opportunities."""

import gzip
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from skycommons.base.errors import FormatError, InputError
from skycommons.emulation import trace_mahimahi
from skycommons.emulation.trace import Direction, Trace
from skycommons.emulation.trace_mahimahi import mahimahi_lines, opportunities, parse_mahimahi
from tests.support.traces import SECOND_NS, side, small_trace

MS_NS = 1_000_000


def of_rates(*rates_bps: float, length_ms: int = 10, state: Any = 0) -> Trace:
    """Rows of one millisecond each, the last one to the end."""
    rows = len(rates_bps)
    states = state if isinstance(state, list) else [state] * rows
    both = side(rows, rate_bps=list(rates_bps), state=states)
    return Trace(
        at_ns=np.arange(rows, dtype=np.int64) * MS_NS, length_ns=length_ms * MS_NS, up=both, down=both, source="x"
    )


def written(trace: Trace, direction: Direction = Direction.BOTH) -> list[int]:
    """Numbers of all lines."""
    return [int(line) for line in "".join(mahimahi_lines(trace, direction)).splitlines()]


def test_a_line_a_millisecond_is_twelve_megabits() -> None:
    """As the manual page of mm-link says."""
    assert written(of_rates(12e6)) == list(range(1, 11))
    read = parse_mahimahi("\n".join(map(str, range(1, 1001))), "12Mbps")
    assert read.down.rate_bps.tolist() == [12e6]
    assert read.length_ns == SECOND_NS


def test_lines_repeat_where_more_than_one_packet_may_leave() -> None:
    """Two a millisecond, then one in two."""
    assert written(of_rates(24e6, 6e6, length_ms=5)) == [1, 1, 3, 5]


def test_the_last_line_is_the_trace_s_length_so_that_it_begins_anew_in_time() -> None:
    """Even where nothing may leave any more; gaps let nothing leave."""
    assert written(of_rates(12e6, 0.0, length_ms=7)) == [1, 7]
    assert written(of_rates(12e6, 12e6, length_ms=4, state=[0, 2])) == [1, 4]
    assert written(of_rates(0.0, length_ms=1)) == [1]
    odd = small_trace(length_ns=45 * SECOND_NS + 1)
    assert written(odd, Direction.DOWN)[-1] == 45_001


def test_rates_come_back_from_lines_over_windows() -> None:
    """Every packet is counted once, the first millisecond's too."""
    trace = parse_mahimahi("0\n5\n5\n10\n15\n", "x", direction=Direction.UP, window_s=0.01)
    np.testing.assert_allclose(trace.up.rate_bps, [4 * 1.2e6, 2.4e6])
    assert trace.down.rate_bps.tolist() == [np.inf, np.inf]
    assert trace.at_ns.tolist() == [0, 10 * MS_NS]
    assert trace.length_ns == 15 * MS_NS


def test_rates_without_a_limit_cannot_be_written() -> None:
    """The message says what to do."""
    with pytest.raises(InputError, match="no limit to its rate"):
        written(of_rates(np.inf))


def test_too_much_is_refused_before_it_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines and time are bounded."""
    with pytest.raises(InputError, match="lines, more than"):
        written(of_rates(1e12, length_ms=1_000))
    with pytest.raises(InputError, match="longer than eleven hours"):
        opportunities(of_rates(1.0, length_ms=50_000_000), Direction.UP)
    monkeypatch.setattr(trace_mahimahi, "MOST_LINES", 2)
    with pytest.raises(FormatError, match="more than 2 lines"):
        parse_mahimahi("1\n2\n3\n", "x")
    monkeypatch.setattr(trace_mahimahi, "MOST_ROWS", 2)
    with pytest.raises(InputError, match="take longer ones"):
        parse_mahimahi("1\n300\n", "x")


def test_many_lines_come_in_pieces() -> None:
    """A whole file never stands in memory as text, and nothing is lost between pieces."""
    trace = of_rates(12e9, length_ms=200)
    pieces = list(mahimahi_lines(trace, Direction.UP))
    assert len(pieces) > 2
    assert sum(piece.count("\n") for piece in pieces) == 200_000
    read = parse_mahimahi("".join(pieces), "x")
    assert read.up.rate_bps.tolist() == [12e9]


def test_all_faults_are_told_with_their_lines() -> None:
    """Empty lines are faults, as mahimahi has it."""
    with pytest.raises(FormatError) as caught:
        parse_mahimahi("1\n\n3\n2\nx\n-1\n1.5\n", "bad")
    told = str(caught.value)
    for part in (
        "line 2: is empty",
        "line 4: 2 should not be before 3",
        "line 5: 'x'",
        "line 6: '-1'",
        "line 7: '1.5'",
    ):
        assert part in told


def test_a_trace_that_lasts_no_time_is_refused() -> None:
    """As by mahimahi itself."""
    with pytest.raises(FormatError, match="lasts no time"):
        parse_mahimahi("0\n0\n", "x")


def test_a_window_is_whole_milliseconds() -> None:
    """There is nothing finer in the file."""
    for window_s in (0.0, 0.0005, 0.0015):
        with pytest.raises(InputError, match="whole number of milliseconds"):
            parse_mahimahi("1\n", "x", window_s=window_s)


def test_a_published_trace_comes_back_line_for_line_in_number(shared_data: Path) -> None:
    """LeoReplayer's example: as many lines within each tenth of a second, and in all."""
    text = gzip.decompress((shared_data / "traces" / "mahimahi_bw_example.txt.gz").read_bytes()).decode()
    trace = parse_mahimahi(text, "bw")
    again = "".join(mahimahi_lines(trace, Direction.DOWN))
    assert again.count("\n") == text.count("\n")
    np.testing.assert_array_equal(parse_mahimahi(again, "bw").down.rate_bps, trace.down.rate_bps)
    assert 40e6 < np.average(trace.down.rate_bps, weights=trace.span_ns) < 60e6
