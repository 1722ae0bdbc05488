"""What the kernel counted of a line's packets, read from ``tc -s -j qdisc show`` and ``/proc/net/dev``.

Rules: the counters of a queue include those of the queues in it. What the leaves dropped was the queue; what else the root dropped
was lost on purpose. Counts of bytes are brought back to those of IP packets.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from skycommons.base.errors import HostError
from skycommons.emulation.netem_commands import ETHERNET_BYTES


@dataclass(frozen=True, slots=True, kw_only=True)
class NetemCounts:
    """What a line's queues counted.

    Attributes:
        delivered_packets, delivered_bytes: That left them.
        queue_packets: Dropped because the queue was full, or by CoDel.
        lost_packets: Dropped on purpose.
        held_packets: In them now, on their way or waiting.
        queued_bytes: Waiting now.
    """

    delivered_packets: int = 0
    delivered_bytes: int = 0
    queue_packets: int = 0
    lost_packets: int = 0
    held_packets: int = 0
    queued_bytes: int = 0


def netem_counts(text: str) -> Mapping[str, NetemCounts]:
    """Counts of each interface whose root is netem.

    Args:
        text: What ``tc -s -j qdisc show`` printed.
    Raises:
        HostError: That is not what it should be.
    """
    try:
        queues: list[dict[str, Any]] = json.loads(text)
        roots = {str(one["dev"]): one for one in queues if one["kind"] == "netem" and one.get("root")}
        return {
            device: _of_device(root, [one for one in queues if one["dev"] == device and one["handle"] in {"4:", "5:"}])
            for device, root in roots.items()
        }
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise HostError(f"what tc counted cannot be read: {text[:200]!r}") from error


def dropped_by_devices(text: str) -> Mapping[str, int]:
    """Packets that each interface could not hand over, from ``/proc/net/dev``."""
    found = {}
    for line in text.splitlines()[2:]:
        device, _, numbers = line.partition(":")
        columns = numbers.split()
        if len(columns) >= 12:
            found[device.strip()] = int(columns[11])
    return found


def _of_device(root: Mapping[str, Any], leaves: list[dict[str, Any]]) -> NetemCounts:
    packets = int(root["packets"])
    queue = sum(int(leaf["drops"]) for leaf in leaves)
    waiting = sum(int(leaf["qlen"]) for leaf in leaves)
    return NetemCounts(
        delivered_packets=packets,
        delivered_bytes=int(root["bytes"]) - ETHERNET_BYTES * packets,
        queue_packets=queue,
        lost_packets=max(int(root["drops"]) - queue, 0),
        held_packets=max(int(root["qlen"]), waiting),
        queued_bytes=sum(int(leaf["backlog"]) - ETHERNET_BYTES * int(leaf["qlen"]) for leaf in leaves),
    )
