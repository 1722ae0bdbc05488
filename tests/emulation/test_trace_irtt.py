"""What irtt writes."""

import json
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from skycommons.base.errors import FormatError
from skycommons.emulation import trace_irtt
from skycommons.emulation.trace_irtt import parse_irtt
from skycommons.emulation.trace_rtt import Fate
from tests.support.programs import needed


def trip(
    wall_ns: int | None, rtt_ns: Any = 50_000_000, lost: str = "false", mono_ns: int | None = None
) -> dict[str, Any]:
    """One packet as irtt tells it."""
    send = {"wall": wall_ns, "monotonic": mono_ns}
    clocks = {name: value for name, value in send.items() if value is not None}
    return {"seqno": 0, "lost": lost, "timestamps": {"client": {"send": clocks}}, "delay": {"rtt": rtt_ns}}


def document(*trips: Any) -> str:
    return json.dumps({"version": {"json_format": 1}, "round_trips": trips})


def test_packets_have_their_round_trips_and_fates() -> None:
    """Which way a packet was lost is kept."""
    text = document(trip(1_000), trip(2_000, lost="true"), trip(3_000, lost="true_up"), trip(4_000, lost="true_down"))
    series = parse_irtt(text, "x")
    assert series.sent_ns.tolist() == [1_000, 2_000, 3_000, 4_000]
    assert series.fate.tolist() == [Fate.ANSWERED, Fate.LOST, Fate.LOST_UP, Fate.LOST_DOWN]
    np.testing.assert_allclose(series.rtt_s, [0.05, np.nan, np.nan, np.nan])
    assert series.is_dated


def test_without_a_wall_clock_the_date_is_unknown() -> None:
    """irtt can be told to use one clock alone."""
    assert not parse_irtt(document(trip(None, mono_ns=5)), "x").is_dated


def test_all_faults_are_told_with_their_places() -> None:
    """One error for the whole file."""
    text = document(trip(None), trip(5, lost="maybe"), trip(6, rtt_ns=None), 7, trip(8, rtt_ns=True))
    with pytest.raises(FormatError) as caught:
        parse_irtt(text, "bad")
    told = str(caught.value)
    for part in (
        "round_trips.0.timestamps.client.send: should have wall or monotonic",
        "round_trips.1.lost: should be one of false, true",
        "round_trips.2.delay.rtt: should be the round trip",
        "round_trips.3.timestamps.client.send",
        "round_trips.4.delay.rtt",
    ):
        assert part in told


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{", "is no JSON"),
        ("[" * 100_000, "nested too deeply|is no JSON"),
        ("[]", "has no round_trips"),
        (document(), "has no round_trips"),
        (document(trip(5), trip(None, mono_ns=6)), "mixes packets"),
        (document(trip(5, rtt_ns=9 * 10**15)), "at most two hours"),
    ],
)
def test_what_is_no_irtt_file_is_refused(text: str, why: str) -> None:
    """One clear fault."""
    with pytest.raises(FormatError, match=why):
        parse_irtt(text, "bad")


def test_packets_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """So is memory."""
    monkeypatch.setattr(trace_irtt, "MOST_ROWS", 1)
    with pytest.raises(FormatError, match="more than 1 packets"):
        parse_irtt(document(trip(1), trip(2)), "bad")


def test_the_machine_s_own_irtt_is_read(tmp_path: Path) -> None:
    """Between two processes on the loopback address."""
    program = str(needed("irtt"))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [program, "server", "-b", f"127.0.0.1:{port}", "-d", "20s"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        out = tmp_path / "out.json"
        words = [program, "client", "-Q", "-i", "20ms", "-d", "200ms", "-o", str(out), f"127.0.0.1:{port}"]
        for _ in range(20):
            if subprocess.run(words, capture_output=True, timeout=60, check=False).returncode == 0:
                break
            time.sleep(0.1)
        series = parse_irtt(out.read_text(), "own")
    finally:
        server.terminate()
        server.wait(timeout=10)
    assert len(series) >= 5
    assert series.is_dated
    assert series.rtt_s[series.is_answered].max() < 5.0
