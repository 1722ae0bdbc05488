"""What carries the packets, seen from those who plan: told ahead what lines do, asked what they did.

Rules: a backend is told all rows of all lines at once, and changes over to them without a gap; what it counts only grows. The
user-space wire is the main one, the kernel's netem another.
"""

from dataclasses import dataclass
from typing import Protocol

from skycommons.base.arrays import Ints, check_shape
from skycommons.emulation.line_rows import LineRows

LATENESS_BINS = 64


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LineCounters:
    """What became of the packets of ``L`` lines since the run began.

    Attributes:
        sent_packets, sent_bytes: ``(L,)`` taken from the sender.
        delivered_packets, delivered_bytes: ``(L,)`` handed to the receiver.
        lost_packets: ``(L,)`` lost at random, as the plan wants.
        queue_packets: ``(L,)`` dropped by the queue: full, or CoDel.
        gap_packets: ``(L,)`` lost while the line did not serve.
        host_packets: ``(L,)`` lost by the emulator or the machine; never the network's fault.
        queued_bytes: ``(L,)`` waiting now.
        lateness: ``(64,)`` deliveries by how long they were behind their due time: bin *b* counts those of ``2**b`` ns up to
            twice that, bin 0 those below 2 ns as well.
    """

    sent_packets: Ints
    sent_bytes: Ints
    delivered_packets: Ints
    delivered_bytes: Ints
    lost_packets: Ints
    queue_packets: Ints
    gap_packets: Ints
    host_packets: Ints
    queued_bytes: Ints
    lateness: Ints

    def __post_init__(self) -> None:
        for name in (*COUNTED, "queued_bytes"):
            check_shape(name, getattr(self, name), self.sent_packets.shape)
        check_shape("lateness", self.lateness, (LATENESS_BINS,))


COUNTED = (
    *("sent_packets", "sent_bytes", "delivered_packets", "delivered_bytes"),
    *("lost_packets", "queue_packets", "gap_packets", "host_packets"),
)


class LineBackend(Protocol):
    """Whatever carries packets over lines."""

    @property
    def excess_ns(self) -> int:
        """What it takes off the delay of every packet, because the machine takes so long besides; 0 where it takes nothing off."""
        ...

    def begin_anew(self, rows: LineRows) -> None:
        """Replace all rows and count from there on, as if nothing had been carried before.

        Raises:
            HostError: The backend is gone.
        """
        ...

    def publish(self, rows: LineRows) -> None:
        """Replace all rows of all lines at once.

        Raises:
            HostError: The backend is gone.
        """
        ...

    def counters(self) -> LineCounters:
        """What became of the packets so far; asked once a second, so that a backend that is gone is noticed.

        Raises:
            HostError: The backend is gone without having been stopped.
        """
        ...

    def faults(self) -> tuple[str, ...]:
        """What keeps it from doing as it was told, each a sentence; nothing if all is well. Still there when it was stopped."""
        ...

    def stop(self) -> None:
        """End it; a second call does nothing."""
        ...
