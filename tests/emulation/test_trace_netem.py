"""Traces as scripts of netem lines."""

import os
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from skycommons.base.errors import FormatError
from skycommons.emulation import trace_netem
from skycommons.emulation.line_rows import LineState
from skycommons.emulation.trace import Direction
from skycommons.emulation.trace_netem import netem_lines, parse_netem
from tests.support.programs import needed
from tests.support.traces import BOUNDARY_NS, SECOND_NS, side, small_trace


def commands(text: str) -> list[str]:
    """Lines that change something, without their first words."""
    return [line.partition(" netem ")[2] for line in text.splitlines() if line.startswith("tc qdisc")]


def test_a_script_says_delay_loss_rate_and_limit_in_every_line() -> None:
    """tc keeps a rate that a later line does not mention; zero is netem's word for none."""
    up = side(delay_s=[0.012, 0.02, 0.02], rate_bps=[12e6, np.inf, 6e6], loss=[0.0, 0.005, 0.0], state=[0, 0, 1])
    text = "".join(netem_lines(small_trace(up=up), Direction.UP))
    assert commands(text) == [
        "limit 1012 delay 12.000000ms loss 0% rate 12000000bit",
        "limit 100000 delay 20.000000ms loss 0.5% rate 0bit",
        "limit 1010 delay 20.000000ms loss 100% rate 6000000bit",
    ]
    assert [line for line in text.splitlines() if line.startswith("until_ns ")] == [
        *("until_ns 15000000000", "until_ns 30000000000", "until_ns 45000000000")
    ]
    assert text.count("qdisc replace") == 1


def test_a_script_is_read_as_the_trace_that_it_was_written_from() -> None:
    """One side of it; the context is left out."""
    up = side(delay_s=[0.012, 0.02, 0.02], rate_bps=[12e6, np.inf, 6e6], loss=[0.0, 0.005, 0.0], state=[0, 0, 1])
    trace = parse_netem("".join(netem_lines(small_trace(up=up), Direction.UP)), "x.sh", direction=Direction.UP)
    assert (trace.begin_ns, trace.length_ns, trace.source) == (BOUNDARY_NS, 45 * SECOND_NS, "made by hand")
    np.testing.assert_allclose(trace.up.delay_s, up.delay_s)
    np.testing.assert_allclose(trace.up.loss, up.loss)
    assert trace.up.rate_bps.tolist() == up.rate_bps.tolist()
    assert trace.up.state.tolist() == [LineState.UP, LineState.UP, LineState.DROP]
    assert np.isinf(trace.down.rate_bps).all()


def test_a_gap_that_holds_packets_is_a_delay_until_its_end() -> None:
    """Two rows of one gap end together; reading gives the gap again."""
    up = side(delay_s=[0.01, 0.02, 0.03], rate_bps=[12e6, 12e6, 0.0], state=[2, 2, 0])
    text = "".join(netem_lines(small_trace(up=up), Direction.UP))
    assert [words.split()[3] for words in commands(text)] == ["45010.000000ms", "30020.000000ms", "15030.000000ms"]
    trace = parse_netem(text, "x.sh", direction=Direction.UP)
    assert trace.up.state.tolist() == [LineState.HOLD] * 3
    np.testing.assert_allclose(trace.up.delay_s, up.delay_s)
    assert trace.up.rate_bps[:2].tolist() == [12e6, 12e6]


def test_a_simple_script_by_hand_is_read() -> None:
    """Units as tc has them; a bare time is in microseconds; what varies at random is left out and noted."""
    text = """#!/bin/bash
# my link
set -e
IFACE=eth0
sudo tc qdisc add dev $IFACE root handle 1: netem delay 40ms 5ms 25% distribution normal loss random 1% 25% rate 20mbit
sleep 1.5   # a slot
tc qdisc change dev $IFACE root netem latency 25000 drop 2.5
sleep 1m
tc qdisc change dev $IFACE root netem rate 1mbps 14 delay 0.1s limit 500

sleep 2
tc qdisc del dev $IFACE root
echo done
"""
    trace = parse_netem(text, "hand.sh")
    assert trace.at_ns.tolist() == [0, 1_500_000_000, 61_500_000_000]
    assert trace.length_ns == 63_500_000_000
    np.testing.assert_allclose(trace.down.delay_s, [0.04, 0.025, 0.1])
    np.testing.assert_allclose(trace.down.loss, [0.01, 0.025, 0.0])
    np.testing.assert_allclose(trace.down.rate_bps, [20e6, 20e6, 8e6])  # a rate stays until another is said
    assert trace.begin_ns is None
    assert [note.split()[0:3] for note in trace.notes] == [
        *(["random", "variation", "of"], ["the", "correlation", "of"], ["the", "overhead", "of"])
    ]


def test_a_pause_between_two_settings_is_a_line_without_any() -> None:
    """``del`` ends what was set, its rate as well."""
    text = "tc qdisc add dev e root netem rate 1mbit\nsleep 1\ntc qdisc del dev e root\nsleep 1\ntc qdisc add dev e root netem loss 1%\n"
    trace = parse_netem(text, "x.sh")
    assert trace.down.rate_bps.tolist() == [1e6, np.inf, np.inf]
    assert trace.length_ns == 3 * SECOND_NS
    assert "taken to hold for a second" in trace.notes[0]
    lone = parse_netem("tc qdisc del dev e root\ntc qdisc add dev e root netem delay 1ns rate 2kibit\n", "x.sh")
    assert lone.down.delay_s.tolist() == [1e-9]
    assert lone.down.rate_bps.tolist() == [2048.0]


def test_all_faults_are_told_with_their_lines() -> None:
    """Whatever is not followed is said, never guessed."""
    text = """tc qdisc add dev a root netem delay 10parsec
for i in 1 2 3; do
tc qdisc add dev b root netem
tc qdisc add dev a root tbf rate 1mbit
tc qdisc add dev a root netem corrupt 1%
tc qdisc add dev a root netem delay
tc qdisc add dev a root netem loss 200%
tc qdisc add dev a root netem delay 'x
DELAY=5; tc qdisc add dev a root netem
sleep soon
"""
    with pytest.raises(FormatError) as caught:
        parse_netem(text, "bad.sh")
    told = str(caught.value)
    for part in (
        "line 1: netem: '10parsec' makes no sense",
        "line 2: 'for i in 1 2 3; do' is neither",
        "line 3: is about 'b', other lines about 'a'",
        "line 4: sets something else than netem",
        "line 5: netem 'corrupt' is not read",
        "line 6: netem: 'the end of the line' makes no sense",
        "line 7: netem: 'a delay above an hour or a loss above 100 %'",
        "line 8: has an open quotation mark",
        "line 9: 'DELAY=5; tc qdisc",
        "line 10: 'sleep soon' is neither",
    ):
        assert part in told


def test_a_script_without_netem_is_refused_and_long_ones_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory is bounded."""
    with pytest.raises(FormatError, match="holds no tc qdisc"):
        parse_netem("#!/bin/sh\n# begin: never\n# source: \x07\nsleep 1\n", "x.sh")
    monkeypatch.setattr(trace_netem, "MOST_ROWS", 1)
    with pytest.raises(FormatError, match="more than 1 lines"):
        parse_netem("tc qdisc add dev e root netem\nsleep 1\ntc qdisc change dev e root netem\n", "x.sh")


def test_tc_itself_understands_every_line(needs_namespaces: None) -> None:
    """Whether or not this kernel has netem: what it cannot read, tc refuses with 1, what the kernel cannot do with 2."""
    needed("tc")
    up = side(delay_s=[0.012, 0.0, 0.02], rate_bps=[12e6, np.inf, 6e6], loss=[1e-9, 0.005, 0.0], state=[0, 2, 1])
    lines = [line.partition("#")[0] for line in "".join(netem_lines(small_trace(up=up), Direction.UP)).splitlines()]
    words = ["unshare", *([] if os.geteuid() == 0 else ["--user", "--map-root-user"]), "--net", "sh", "-c"]
    for line in (line for line in lines if line.startswith("tc ")):
        script = f"ip link set lo up; {line.replace('change', 'replace')}"
        done = subprocess.run([*words, f"device=lo; {script}"], capture_output=True, text=True, timeout=30, check=False)
        assert done.returncode in {0, 2}, done.stderr


def test_the_script_runs_in_a_shell_and_waits_for_its_instants(tmp_path: Path) -> None:
    """With a stand-in for tc that writes down what it is asked."""
    shell = shutil.which("sh")
    assert shell is not None
    stand_in, asked, script = tmp_path / "tc", tmp_path / "asked", tmp_path / "x.sh"
    stand_in.write_text(f'#!/bin/sh\necho "$@" >> {asked}\n')
    stand_in.chmod(0o755)
    trace = small_trace(at_ns=np.array([0, 50_000_000, 100_000_000]), length_ns=150_000_000)
    script.write_text("".join(netem_lines(trace, Direction.DOWN)))
    done = subprocess.run(
        [shell, str(script), "eth7"],
        env={"PATH": f"{tmp_path}:/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    lines = asked.read_text().splitlines()
    assert [line.split()[1] for line in lines] == ["replace", "change", "change", "del"]
    assert all("dev eth7 root" in line for line in lines)
    nameless = subprocess.run([shell, str(script)], capture_output=True, text=True, timeout=30, check=False)
    assert nameless.returncode != 0
    assert "name of the interface" in nameless.stderr
