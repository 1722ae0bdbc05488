"""Shapes of lines as lines for ``tc -batch``.

::

    1: netem        delay, loss; keeps the order
    └─ 2: tbf       rate
       └─ 3: prio   echo requests and replies ahead of the rest; only where they have a queue of their own
          ├─ 4: pfifo
          └─ 5: bfifo or codel    what may wait

Rules:

* Pure text. What is told later changes what stands already, and nothing of it that stays alike.
* netem alone can limit a queue only in packets, and counts those with it that are on their way: many small ones would push out
  what the line has room for. So the queue is one of bytes, behind the delay.
* netem lets packets overtake when the delay falls, unless it has a rate; so it has one that nothing reaches.
* What may pass at once is short, whatever pieces TCP hands over: tbf cuts those that are longer.
* The kernel counts Ethernet's header of 14 bytes with each packet; rates and queues are raised by its share of a full packet.
"""

from dataclasses import dataclass
from typing import Final

from skycommons.emulation.netem_shapes import MOST_BPS, NetemShape
from skycommons.model.emulation_rules import Discipline

ETHERNET_BYTES: Final = 14
NO_LIMIT: Final = 2**32 - 1
ECHO_PACKETS: Final = 1_000
LEAST_BURST_S: Final = 2e-3
"""A shorter burst would lose rate whenever the kernel's timer is late."""
PRIO_MAP: Final = " ".join("1" * 16)
ICMP: Final = (("ip", "ip protocol 1", 1), ("ipv6", "ip6 protocol 58", 2))
"""Protocol, what `u32` compares, and preference of the filter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NetemTree:
    """How the queues of a line are built.

    Attributes:
        device: The interface that sends into the line.
        mtu: Longest packet, bytes.
        queue: How packets that wait are treated.
        separate_icmp: Whether echo requests and replies go first.
    """

    device: str
    mtu: int = 1500
    queue: Discipline = Discipline.DROP_TAIL
    separate_icmp: bool = True

    def build(self, shape: NetemShape) -> list[str]:
        """Lines that make it."""
        lines = [
            f"qdisc replace dev {self.device} root handle 1: {self._delay(shape)}",
            f"qdisc add dev {self.device} parent 1:1 handle 2: {self._rate(shape)}",
        ]
        if self.separate_icmp:
            lines += [
                f"qdisc add dev {self.device} parent 2:1 handle 3: prio bands 2 priomap {PRIO_MAP}",
                f"qdisc add dev {self.device} parent 3:1 handle 4: pfifo limit {ECHO_PACKETS}",
                *(
                    f"filter add dev {self.device} parent 3: protocol {protocol} prio {preference} "
                    f"u32 match {match} 0xff flowid 3:1"
                    for protocol, match, preference in ICMP
                ),
            ]
        return [*lines, f"qdisc add {self._leaf(shape)}"]

    def change(self, before: NetemShape, after: NetemShape) -> list[str]:
        """Lines that lead from one shape to another."""
        lines = []
        if self._delay(before) != self._delay(after):
            lines.append(f"qdisc change dev {self.device} root handle 1: {self._delay(after)}")
        if self._rate(before) != self._rate(after):
            lines.append(f"qdisc change dev {self.device} parent 1:1 handle 2: {self._rate(after)}")
        if self._leaf(before) != self._leaf(after):
            lines.append(f"qdisc change {self._leaf(after)}")
        return lines

    def _delay(self, shape: NetemShape) -> str:
        percent = f"{100.0 * shape.loss:.6f}".rstrip("0").rstrip(".")
        return f"netem limit {NO_LIMIT} delay {1e-3 * shape.delay_ns:.3f}us loss {percent}% rate {MOST_BPS}bit"

    def _rate(self, shape: NetemShape) -> str:
        rate_bps = round(shape.rate_bps * self._on_wire)
        burst = max(2 * (self.mtu + ETHERNET_BYTES), round(rate_bps / 8.0 * LEAST_BURST_S))
        return f"tbf rate {rate_bps}bit burst {burst} limit {self._waiting(shape)}"

    def _leaf(self, shape: NetemShape) -> str:
        parent = "3:2" if self.separate_icmp else "2:1"
        place = f"dev {self.device} parent {parent} handle 5:"
        if self.queue is Discipline.CODEL:
            packets = max(shape.queue_bytes // self.mtu, 1)
            return f"{place} codel limit {packets} target 5ms interval 100ms noecn"
        return f"{place} bfifo limit {self._waiting(shape)}"

    def _waiting(self, shape: NetemShape) -> int:
        return min(round(shape.queue_bytes * self._on_wire), 2**31)

    @property
    def _on_wire(self) -> float:
        return (self.mtu + ETHERNET_BYTES) / self.mtu


def piece_command(device: str, piece_bytes: int, mtu: int) -> str:
    """Line for ``ip -batch`` that has TCP hand over pieces of a length, in whole packets."""
    return f"link set dev {device} gso_max_size {piece_bytes} gso_max_segs {max(piece_bytes // mtu, 1)}"
