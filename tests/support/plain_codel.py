"""CoDel, written as RFC 8289 writes it (section 5), to judge ours by."""

from collections import deque
from dataclasses import dataclass, field
from math import sqrt

TARGET_NS, INTERVAL_NS = 5_000_000, 100_000_000


@dataclass(slots=True)
class PlainCodel:
    """A queue of packets, each its arrival and its length."""

    longest: int
    queue: deque[tuple[int, int]] = field(default_factory=deque)
    waiting: int = 0
    first_above_ns: int = 0
    drop_next_ns: int = 0
    count: int = 0
    last_count: int = 0
    is_dropping: bool = False
    dropped: list[int] = field(default_factory=list)

    def enqueue(self, arrival_ns: int, length: int) -> None:
        """Put a packet behind the others."""
        self.queue.append((arrival_ns, length))
        self.waiting += length

    def dequeue(self, now_ns: int) -> tuple[int, int] | None:
        """The next packet that is to be sent; what is dropped on the way there is noted by its arrival."""
        packet, is_ok_to_drop = self._dequeue_one(now_ns)
        if packet is None:
            self.is_dropping = False
            return None
        if self.is_dropping:
            if not is_ok_to_drop:
                self.is_dropping = False
            while now_ns >= self.drop_next_ns and self.is_dropping and packet is not None:
                self.dropped.append(packet[0])
                self.count += 1
                packet, is_ok_to_drop = self._dequeue_one(now_ns)
                if not is_ok_to_drop:
                    self.is_dropping = False
                else:
                    self.drop_next_ns = self._control_law(self.drop_next_ns)
        elif is_ok_to_drop:
            self.dropped.append(packet[0])
            packet, _ = self._dequeue_one(now_ns)
            self.is_dropping = True
            delta = self.count - self.last_count
            is_recent = now_ns - self.drop_next_ns < 16 * INTERVAL_NS
            self.count = delta if delta > 1 and is_recent else 1
            self.drop_next_ns = self._control_law(now_ns)
            self.last_count = self.count
        return packet

    def _dequeue_one(self, now_ns: int) -> tuple[tuple[int, int] | None, bool]:
        """The head of the queue, and whether it may be dropped."""
        if not self.queue:
            self.first_above_ns = 0
            return None, False
        packet = self.queue.popleft()
        self.waiting -= packet[1]
        if now_ns - packet[0] < TARGET_NS or self.waiting <= self.longest:
            self.first_above_ns = 0
            return packet, False
        if self.first_above_ns == 0:
            self.first_above_ns = now_ns + INTERVAL_NS
            return packet, False
        return packet, now_ns >= self.first_above_ns

    def _control_law(self, since_ns: int) -> int:
        """When to drop next."""
        return since_ns + int(INTERVAL_NS / sqrt(self.count))
