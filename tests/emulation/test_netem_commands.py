"""Shapes as lines for tc."""

import subprocess
from dataclasses import replace

import pytest

from skycommons.emulation.netem_commands import NetemTree, piece_command
from skycommons.emulation.netem_shapes import NetemShape
from skycommons.model.emulation_rules import Discipline
from tests.support.programs import needed

SHAPE = NetemShape(delay_ns=20_123_456, loss=0.0035, rate_bps=15_000_000, queue_bytes=150_000)
TREE = NetemTree(device="sky0")


def test_a_line_is_a_delay_a_rate_and_a_queue() -> None:
    """Ethernet's header is in the rate and in the queue; pings have a queue of their own."""
    lines = TREE.build(SHAPE)
    assert lines[0] == (
        "qdisc replace dev sky0 root handle 1: netem limit 4294967295 delay 20123.456us loss 0.35% rate 100000000000bit"
    )
    assert lines[1] == "qdisc add dev sky0 parent 1:1 handle 2: tbf rate 15140000bit burst 3785 limit 151400"
    assert "parent 2:1 handle 3: prio bands 2" in lines[2]
    assert [line.split()[7] for line in lines[4:6]] == ["ip", "ipv6"]
    assert lines[-1] == "qdisc add dev sky0 parent 3:2 handle 5: bfifo limit 151400"
    assert len(lines) == 7


def test_without_a_queue_for_pings_the_rest_moves_up() -> None:
    """And CoDel has the standard's own numbers."""
    lines = replace(TREE, separate_icmp=False, queue=Discipline.CODEL).build(SHAPE)
    assert len(lines) == 3
    assert lines[-1] == ("qdisc add dev sky0 parent 2:1 handle 5: codel limit 100 target 5ms interval 100ms noecn")


@pytest.mark.parametrize(
    ("change", "handles"),
    [
        ({}, []),
        ({"delay_ns": 1}, ["1:"]),
        ({"loss": 1.0}, ["1:"]),
        ({"rate_bps": 1_000_000}, ["2:"]),
        ({"queue_bytes": 15_000}, ["2:", "5:"]),
        ({"delay_ns": 1, "rate_bps": 1_000_000, "queue_bytes": 15_000}, ["1:", "2:", "5:"]),
    ],
)
def test_only_what_changes_is_told(change: dict[str, float], handles: list[str]) -> None:
    """Queue by queue."""
    lines = TREE.change(SHAPE, replace(SHAPE, **change))  # type: ignore[arg-type] # as the cases say
    assert all(line.startswith("qdisc change dev sky0 ") for line in lines)
    assert [line.split("handle ")[1].split()[0] for line in lines] == handles


def test_a_burst_has_room_for_two_packets_and_for_a_late_timer() -> None:
    """Whichever is longer."""
    bursts = [
        int(TREE.build(NetemShape(rate_bps=rate_bps))[1].split("burst ")[1].split()[0])
        for rate_bps in (1_000, 1_000_000_000)
    ]
    assert bursts == [3_028, 252_333]


def test_pieces_are_whole_packets() -> None:
    """One at least."""
    assert piece_command("sky0", 4_600, 1_500) == "link set dev sky0 gso_max_size 4600 gso_max_segs 3"
    assert piece_command("sky0", 1_280, 1_500).endswith(" gso_max_segs 1")


@pytest.mark.usefixtures("needs_namespaces")
def test_this_machines_tc_understands_every_line() -> None:
    """It may say that the kernel lacks something, but not that a line makes no sense."""
    needed("tc")
    for tree in (TREE, replace(TREE, queue=Discipline.CODEL, separate_icmp=False)):
        lines = [*tree.build(SHAPE), *tree.change(SHAPE, NetemShape(loss=1.0))]
        text = "".join(line.replace("sky0", "lo") + "\n" for line in lines)
        told = subprocess.run(
            ["unshare", "--net", "tc", "-force", "-batch", "-"], input=text, capture_output=True, text=True, check=False
        )
        complaints = [line for line in told.stderr.splitlines() if not line.startswith("Command failed")]
        assert all(line.startswith(("Error: ", "RTNETLINK answers", "We have an error")) for line in complaints)
