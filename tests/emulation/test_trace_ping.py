"""What ping prints."""

import numpy as np
import pytest

from skycommons.base.errors import FormatError
from skycommons.emulation import trace_ping
from skycommons.emulation.trace_ping import parse_ping
from tests.support.programs import needed

HEAD = "PING 203.0.113.10 (203.0.113.10) 56(84) bytes of data.\n"


def answer(number: int, rtt_ms: str = "50.0", stamp: str = "", more: str = "") -> str:
    """A line of an answer."""
    head = f"[{stamp}] " if stamp else ""
    return f"{head}64 bytes from 203.0.113.10: icmp_seq={number} ttl=63 time={rtt_ms} ms{more}\n"


def test_with_stamps_packets_were_sent_one_round_trip_before() -> None:
    """Missing numbers are lost packets, sent between their neighbours; a second answer does not count."""
    text = (
        HEAD
        + answer(1, "50.0", "1767225612.050000")
        + answer(2, "250", "1767225613.250000")
        + answer(2, "251", "1767225613.251000", " (DUP!)")
        + "[1767225615.000000] no answer yet for icmp_seq=3\n"
        + answer(5, "50.0", "1767225616.050000")
        + "\n--- 203.0.113.10 ping statistics ---\n"
        + "6 packets transmitted, 3 received, +1 duplicates, 50% packet loss, time 5005ms\n"
        + "rtt min/avg/max/mdev = 50.0/116.0/250.0/1.2 ms, pipe 2\n"
    )
    series = parse_ping(text, "x")
    assert series.is_dated
    assert ((series.sent_ns - 1_767_225_612 * 10**9) / 1e9).tolist() == [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]
    np.testing.assert_allclose(series.rtt_s, [0.05, 0.25, np.nan, np.nan, 0.05, np.nan])


def test_without_stamps_packets_are_taken_to_be_sent_evenly() -> None:
    """At the interval that the summary tells, or each second; a note says so."""
    summary = (
        "\n--- 203.0.113.10 ping statistics ---\n3 packets transmitted, 2 received, 33.3333% packet loss, time 404ms\n"
    )
    series = parse_ping(HEAD + answer(1) + answer(3) + summary, "x")
    assert not series.is_dated
    assert series.sent_ns.tolist() == [0, 202_000_000, 404_000_000]
    assert "every 0.202 s" in series.notes[0]
    short = parse_ping(HEAD + answer(1) + answer(2), "x")
    assert short.sent_ns.tolist() == [0, 1_000_000_000]
    assert "every 1 s" in short.notes[0]


def test_numbers_wrap_and_are_counted_on() -> None:
    """They have sixteen bits."""
    text = "".join(answer(number % 65_536) for number in (65_534, 65_535, 65_537, 65_536))
    series = parse_ping(answer(32_000) + text, "x")
    assert series.rtt_s.size == 65_537
    assert np.flatnonzero(series.is_answered).tolist() == [31_999, 65_533, 65_534, 65_535, 65_536]


def test_other_pings_and_routers_are_understood() -> None:
    """BusyBox and macOS count from zero; a router's refusal is a loss."""
    text = (
        "PING 203.0.113.10 (203.0.113.10): 56 data bytes\n"
        "64 bytes from 203.0.113.10: seq=0 ttl=64 time=0.123 ms\n"
        "Request timeout for icmp_seq 1\n"
        "From 203.0.113.1 icmp_seq=2 Destination Host Unreachable\n"
        "ping: sendmsg: Network is unreachable\n"
        "round-trip min/avg/max = 0.123/0.123/0.123 ms\n"
    )
    series = parse_ping(text, "x")
    np.testing.assert_allclose(series.rtt_s, [0.000123, np.nan, np.nan])


def test_a_cut_last_line_is_passed_over_any_other_is_a_fault() -> None:
    """A ping that was killed leaves half a line."""
    assert len(parse_ping(HEAD + answer(1) + "64 bytes fr", "x")) == 1
    with pytest.raises(FormatError, match="line 3: '64 bytes fr' is nothing that ping prints"):
        parse_ping(HEAD + answer(1) + "64 bytes fr\n" + answer(2), "x")


def test_a_clock_that_is_set_back_stands_still_instead() -> None:
    """Packets stay in their order."""
    text = answer(1, "10", "100.010000") + answer(2, "10", "99.010000") + answer(3, "10", "102.010000")
    assert parse_ping(text, "x").sent_ns.tolist() == [100_000_000_000, 102_000_000_000]
    assert parse_ping(answer(1, "10", "100.010000"), "x").sent_ns.tolist() == [100_000_000_000]


def test_a_text_without_answers_or_with_too_many_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """The message says which."""
    with pytest.raises(FormatError, match="holds no answer"):
        parse_ping(HEAD, "x")
    monkeypatch.setattr(trace_ping, "MOST_ROWS", 5)
    with pytest.raises(FormatError, match="more than 5 packets"):
        parse_ping(answer(1) + answer(9), "x")
    flood = "99 packets transmitted, 1 received, 99% packet loss, time 99ms\n"
    assert len(parse_ping(answer(1) + flood, "x")) == 6  # as many as are allowed


@pytest.mark.parametrize("options", [(), ("-D", "-O")])
def test_the_machine_s_own_ping_is_read(options: tuple[str, ...]) -> None:
    """To the loopback address; whatever its version."""
    import subprocess

    words = [str(needed("ping")), *options, "-n", "-c", "3", "-i", "0.2", "127.0.0.1"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=30, check=False)
    if done.returncode:
        pytest.skip("this user may not ping")
    series = parse_ping(done.stdout, "own")
    assert len(series) == 3
    assert series.is_answered.all()
    assert series.is_dated == bool(options)
