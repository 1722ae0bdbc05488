"""Round trips as columns."""

import gzip
from pathlib import Path

import numpy as np
import pytest

from skycommons.base.errors import FormatError
from skycommons.emulation import trace_ping_series
from skycommons.emulation.trace_ping_series import has_heading, parse_ping_series, parse_rtt_csv


def test_an_answer_s_row_stands_one_round_trip_after_the_packet_a_lost_one_s_five_seconds() -> None:
    """Both become instants at which packets were sent."""
    series = parse_ping_series("100.05 1 50\n105.2\t2.0\t-1\n", "x")
    assert series.sent_ns.tolist() == [100_000_000_000, 100_200_000_000]
    np.testing.assert_allclose(series.rtt_s, [0.05, np.nan])
    assert series.is_dated


def test_a_heading_names_the_columns() -> None:
    """Others are passed over; nothing is a lost packet."""
    series = parse_rtt_csv("# by a probe\ntime_ns,ttl,rtt_s\n5,63,0.5\n\n6,0,nan\n7,0,\n", "x")
    assert series.sent_ns.tolist() == [5, 6, 7]
    np.testing.assert_allclose(series.rtt_s, [0.5, np.nan, np.nan])
    other = parse_rtt_csv("rtt_ms,sent_s\n50,1.5\n", "x")
    assert (other.sent_ns.tolist(), other.rtt_s.tolist()) == ([1_500_000_000], [0.05])
    assert has_heading("a, sent_s , rtt_ms")


def test_all_faults_are_told_with_their_lines() -> None:
    """In both forms."""
    with pytest.raises(FormatError) as caught:
        parse_ping_series("1 1 1\n\n2 2\n3 3 -2\n4 4 inf\nx 5 1\n", "bad")
    assert all(f"line {line}: " in str(caught.value) for line in (2, 3, 4, 5, 6))
    with pytest.raises(FormatError) as caught:
        parse_rtt_csv("time_ns,rtt_s\n1\nx,1\n2,-1\n3,inf\n99999999999999999999,1\n9223372036854775807,1\n", "bad")
    told = str(caught.value)
    for part in ("line 2: has 1 cells", "line 3: time_ns: 'x'", "line 4: rtt_s: '-1'", "line 5: rtt_s: 'inf'"):
        assert part in told
    assert "line 6: time_ns" in told
    assert "line 7: time_ns" in told


@pytest.mark.parametrize(
    ("text", "why"), [("time_ns,color\n1,2\n", "line 1: the heading needs"), ("time_ns,rtt_s\n", "holds no packet")]
)
def test_a_file_without_what_it_takes_is_refused(text: str, why: str) -> None:
    """One clear fault."""
    with pytest.raises(FormatError, match=why):
        parse_rtt_csv(text, "bad")


def test_numbers_that_no_line_can_have_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Round trips of hours, and more packets than memory."""
    with pytest.raises(FormatError, match="at most two hours"):
        parse_rtt_csv("time_ns,rtt_s\n1,9999\n", "bad")
    monkeypatch.setattr(trace_ping_series, "MOST_ROWS", 1)
    with pytest.raises(FormatError, match="more than 1 packets"):
        parse_ping_series("1 1 1\n2 2 1\n", "bad")


def test_the_shared_series_has_the_published_quantiles(shared_data: Path) -> None:
    """36,000 pings over laser links, 0.47 % of them lost."""
    data = (shared_data / "traces" / "ping_isl_2023-09-12_0.1s.txt.gz").read_bytes()
    series = parse_ping_series(gzip.decompress(data).decode(), "isl")
    assert len(series) == 36_000
    assert series.loss_share == pytest.approx(0.0047, abs=0.0001)
    quantiles_ms = 1e3 * np.quantile(series.rtt_s[series.is_answered], [0.05, 0.25, 0.5, 0.75, 0.95, 0.99])
    np.testing.assert_allclose(quantiles_ms, [70, 87, 109, 140, 208, 256], atol=0.5)
