"""What the kernel counted, read back."""

import json
from typing import Any

import pytest

from skycommons.base.errors import HostError
from skycommons.emulation.netem_counts import NetemCounts, dropped_by_devices, netem_counts


def queue(kind: str, handle: str, *, dev: str = "sky0", **counted: Any) -> dict[str, Any]:
    """One queue as tc tells of it."""
    numbers = {"bytes": 0, "packets": 0, "drops": 0, "overlimits": 0, "requeues": 0, "backlog": 0, "qlen": 0}
    return {"kind": kind, "handle": handle, "dev": dev, **numbers, **counted}


TREE = [
    queue("netem", "1:", root=True, bytes=3_957_436, packets=2_643, drops=31, qlen=4, backlog=4_000),
    queue("tbf", "2:", parent="1:1", bytes=3_957_436, packets=2_643, drops=17, qlen=2),
    queue("prio", "3:", parent="2:1", drops=17, qlen=2),
    queue("pfifo", "4:", parent="3:1", packets=16, drops=1),
    queue("bfifo", "5:", parent="3:2", packets=2_627, drops=16, qlen=2, backlog=2_028),
]


def test_drops_are_the_queues_or_were_wanted() -> None:
    """And bytes are those of IP packets."""
    others = [queue("noqueue", "0:", dev="lo", root=True), queue("netem", "1:", dev="sky1", root=True, drops=3)]
    assert netem_counts(json.dumps([*others, *TREE])) == {
        "sky0": NetemCounts(
            delivered_packets=2_643,
            delivered_bytes=3_957_436 - 14 * 2_643,
            queue_packets=17,
            lost_packets=14,
            held_packets=4,
            queued_bytes=2_000,
        ),
        "sky1": NetemCounts(lost_packets=3),
    }


@pytest.mark.parametrize("text", ["", "[{}]", "[1]", "{}x", '[{"kind": "netem", "dev": "a", "root": true}]'])
def test_what_is_no_list_of_queues_is_refused(text: str) -> None:
    """With what it was."""
    with pytest.raises(HostError, match="cannot be read"):
        netem_counts(text)


def test_interfaces_say_what_they_could_not_hand_over() -> None:
    """Lines that are none are passed over."""
    columns = " ".join(str(number) for number in range(1, 17))
    text = f"Inter-| Receive\n face |bytes\n  sky0: {columns}\nlo:{columns}\nbroken: 1 2\n"
    assert dropped_by_devices(text) == {"sky0": 12, "lo": 12}
    assert dropped_by_devices("") == {}
