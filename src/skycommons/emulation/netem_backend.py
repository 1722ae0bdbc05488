"""Lines carried by the kernel: its netem on pairs of virtual Ethernet interfaces, told by a thread what lines do from when on.

Rules:

* A line's queues are those of the interface that sends into it: ``sky0`` in the terminal, ``sky<row>`` in its PoP.
* Changes are told at their instants. What is published replaces what was to come; what lines do already is not told again.
* What the kernel cannot count is 0: lateness, and the bytes of packets that were dropped. What it cannot do is in ``notes``.
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from time import monotonic_ns
from typing import Final

import numpy as np

from skycommons.base.arrays import Bools, Ints
from skycommons.base.constants import NS_PER_S
from skycommons.base.errors import HostError, InputError, SkycommonsError
from skycommons.emulation.hosts import Hosts
from skycommons.emulation.line_backend import COUNTED, LATENESS_BINS, LineCounters
from skycommons.emulation.line_rows import LineRows, LineSettings
from skycommons.emulation.line_settings import gso_bytes_of
from skycommons.emulation.netem_counts import NetemCounts, dropped_by_devices, netem_counts
from skycommons.emulation.netem_lines import LineSender, NetemLine, lines_of
from skycommons.emulation.netem_shapes import NetemShape, Shapes, stretches_for
from skycommons.emulation.netem_support import NetemSupport, needed_netem

NOTE: Final = (
    "netem carries the packets: losses do not repeat with the seed, what waits when a line goes dark still arrives, "
    "and lateness is not counted"
)
ICMP_NOTE: Final = "echo requests wait behind other packets: this kernel has no sch_prio or no cls_u32"
LATE_S: Final = 0.01
"""A change that is told later than so long after its instant is a fault; most take less than a millisecond."""
_WINDOW_NS: Final = NS_PER_S // 2
_AHEAD_NS: Final = NS_PER_S // 4
_IDLE_S: Final = 0.25
_JOIN_S: Final = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class NetemHealth:
    """How the thread fares.

    Attributes:
        changes: Shapes that it told.
        latest_s: Most by which one was told after its instant.
    """

    changes: int
    latest_s: float


class NetemBackend:
    """Lines that the kernel carries; `start` makes them. It is a `LineBackend`.

    Attributes:
        notes: What is otherwise than with the wire.
        excess_ns: 0: nothing is taken off delays.
    """

    excess_ns: Final = 0

    def __init__(
        self,
        lines: Sequence[NetemLine],
        settings: LineSettings,
        rows: LineRows,
        *,
        now_mono_ns: Callable[[], int] = monotonic_ns,
        notes: tuple[str, ...] = (),
    ) -> None:
        """Build the queues and start the thread.

        Args:
            lines: All of them, in their order.
            settings: Of the run.
            rows: What lines do first.
            now_mono_ns: The machine's clock.
            notes: What else is to be said.
        Raises:
            HostError: The kernel refuses a queue.
        """
        self._lines, self._settings, self._now = tuple(lines), settings, now_mono_ns
        self._stretches = stretches_for(rows, settings)
        self.notes = (NOTE, *notes, *self._stretch_note())
        self._wake = threading.Condition()
        self._counting = threading.Lock()
        self._rows, self._version, self._is_stopping = rows, 0, False
        self._failure: SkycommonsError | None = None
        self._changes, self._latest_ns = 0, 0
        self._lost_seen = np.zeros(len(lines), dtype=np.int64)
        self._lost = np.zeros((2, len(lines)), dtype=np.int64)  # at random, and because the line was dark
        self._counted = _nothing(len(lines))
        self._dropped_before = {sender: dropped_by_devices(sender.devices_text()) for sender in self._senders}
        self._now_told = [self._begun(line) for line in range(len(lines))]
        for line, shape in zip(self._lines, self._now_told, strict=True):
            line.sender.tell(line.tree.build(shape))
        self._count()
        self._thread = threading.Thread(target=self._run, name="netem", daemon=True)
        self._thread.start()

    @staticmethod
    def start(
        hosts: Hosts, settings: LineSettings, rows: LineRows, *, support: NetemSupport | None = None
    ) -> "NetemBackend":
        """Have the kernel carry the lines of hosts that are wired by virtual Ethernet.

        Args:
            hosts: Whose lines.
            settings: Of the run.
            rows: What lines do first.
            support: What the kernel can do; found out unless given.
        Raises:
            HostError: The kernel cannot; the message says how to mend that.
        """
        there = needed_netem(settings, support)
        is_icmp_apart = settings.separate_icmp and there.icmp
        notes = () if is_icmp_apart or not settings.separate_icmp else (ICMP_NOTE,)
        lines = lines_of(hosts, settings, gso_bytes_of(rows, settings.mtu), separate_icmp=is_icmp_apart)
        try:
            return NetemBackend(lines, settings, rows, notes=notes)
        except BaseException:
            for line in lines:
                line.sender.stop()
            raise

    def publish(self, rows: LineRows) -> None:
        """Replace all rows of all lines at once.

        Raises:
            InputError: The rows are of another number of lines.
            HostError: The kernel refused something, or all is over.
        """
        if len(rows) != len(self._lines):
            raise InputError(f"rows of {len(rows)} lines for a backend of {len(self._lines)}")
        with self._wake:
            self._check()
            self._rows = rows
            self._version += 1
            self._wake.notify_all()

    def begin_anew(self, rows: LineRows) -> None:
        """Replace all rows; the queues have carried nothing before.

        Raises:
            InputError: As `publish`.
            HostError: As `publish`.
        """
        self.publish(rows)

    def counters(self) -> LineCounters:
        """What became of the packets so far; what was counted last where all is over.

        Raises:
            HostError: The kernel refused something.
        """
        with self._wake:
            is_over = self._is_stopping
            if not is_over:
                self._check()
        if not is_over:
            self._count()
        return self._counted

    def health(self) -> NetemHealth:
        """How the thread fares."""
        with self._wake:
            return NetemHealth(changes=self._changes, latest_s=self._latest_ns / NS_PER_S)

    def faults(self) -> tuple[str, ...]:
        """Changes that the kernel was told late."""
        latest_s = self.health().latest_s
        if latest_s <= LATE_S:
            return ()
        return (f"the machine was busy: a change of a line was told {1e3 * latest_s:.0f} ms after its instant",)

    def stop(self) -> None:
        """End it; a second call does nothing. The queues go with their hosts."""
        with self._wake:
            if self._is_stopping:
                return
            self._is_stopping = True
            self._wake.notify_all()
        self._thread.join(_JOIN_S)
        for sender in self._senders:
            sender.stop()

    @property
    def _senders(self) -> tuple[LineSender, ...]:
        return tuple(dict.fromkeys(line.sender for line in self._lines))

    def _stretch_note(self) -> tuple[str, ...]:
        if self._stretches == 1:
            return ()
        own_ms = 1e-6 * self._settings.wait_hold_ns
        return (
            f"waits are drawn every {self._stretches * own_ms:g} ms in place of {own_ms:g} ms: there are too many lines",
        )

    def _check(self) -> None:
        if self._failure is not None:
            raise self._failure
        if self._is_stopping:
            raise HostError("netem has ended; start the emulation anew")

    def _begun(self, line: int) -> NetemShape:
        """What a line does now."""
        return self._shapes(self._rows).at(line, self._now())

    def _shapes(self, rows: LineRows) -> Shapes:
        return Shapes(rows=rows, settings=self._settings, stretches=self._stretches)

    def _run(self) -> None:
        """Tell what is due until all is over, or something fails."""
        try:
            while self._play():
                pass
        except SkycommonsError as error:
            self._fail(error)
        except Exception as error:  # noqa: BLE001 - whatever it was, who asks next is told
            self._fail(HostError(f"netem failed: {type(error).__name__}: {error}"))

    def _fail(self, error: SkycommonsError) -> None:
        with self._wake:
            if not self._is_stopping and self._failure is None:
                self._failure = error

    def _play(self) -> bool:
        """Tell what rows say until others come; whether to go on."""
        with self._wake:
            rows, version = self._rows, self._version
        known_ns = self._now()
        due: list[tuple[int, int, NetemShape]] = []
        while True:
            now_ns = self._now()
            if known_ns - now_ns < _AHEAD_NS:
                known_ns = max(known_ns, now_ns - _WINDOW_NS)
                due += self._window(rows, known_ns, known_ns + _WINDOW_NS)
                known_ns += _WINDOW_NS
            ready = [change for change in due if change[0] <= now_ns]
            due = due[len(ready) :]
            self._tell(ready)
            next_ns = min([change[0] for change in due[:1]] + [known_ns - _AHEAD_NS])
            with self._wake:
                if self._is_stopping:
                    return False
                if self._version != version:
                    return True
                self._wake.wait(min(max((next_ns - self._now()) / NS_PER_S, 0.0), _IDLE_S))

    def _window(self, rows: LineRows, begin_ns: int, end_ns: int) -> list[tuple[int, int, NetemShape]]:
        """What is due between two instants, in order."""
        known = self._shapes(rows)
        found = [
            (mono_ns, line, shape)
            for line in range(len(self._lines))
            for mono_ns, shape in known.between(line, begin_ns, end_ns)
        ]
        return sorted(found, key=lambda change: change[0])

    def _tell(self, changes: Sequence[tuple[int, int, NetemShape]]) -> None:
        """Have changes done; of several of one line, the last one counts."""
        latest = {line: (mono_ns, shape) for mono_ns, line, shape in changes}
        flipped: dict[LineSender, None] = {}
        was_dark = self._is_dark()
        for line, (mono_ns, wanted) in latest.items():
            before = self._now_told[line]
            shape = wanted.after(before)
            if shape == before:
                continue
            own = self._lines[line]
            own.sender.tell(own.tree.change(before, shape))
            self._now_told[line] = shape
            if shape.is_dark != before.is_dark:
                flipped[own.sender] = None
            with self._wake:
                self._changes += 1
                self._latest_ns = max(self._latest_ns, self._now() - mono_ns)
        if flipped:
            self._count(tuple(flipped), was_dark)

    def _is_dark(self) -> Bools:
        return np.array([shape.is_dark for shape in self._now_told], dtype=np.bool_)

    def _count(self, asked: Sequence[LineSender] | None = None, is_dark: Bools | None = None) -> None:
        """Read what some hosts counted, or all; what was lost since is put down to the state in which it was lost."""
        with self._counting:
            dark = self._is_dark() if is_dark is None else is_dark
            senders = self._senders if asked is None else asked
            counts = {sender: netem_counts(sender.ask()) for sender in senders}
            dropped = {sender: dropped_by_devices(sender.devices_text()) for sender in senders}
            columns = {name: getattr(self._counted, name).copy() for name in _COLUMNS}
            for row, line in enumerate(self._lines):
                if line.sender in counts:
                    device = line.tree.device
                    found = _of(counts[line.sender], device)
                    self._lost[int(dark[row]), row] += found.lost_packets - self._lost_seen[row]
                    self._lost_seen[row] = found.lost_packets
                    before = self._dropped_before[line.sender].get(device, 0)
                    _write(columns, row, found, host_packets=dropped[line.sender].get(device, 0) - before)
            columns["lost_packets"], columns["gap_packets"] = (part.copy() for part in self._lost)
            self._counted = LineCounters(**columns, lateness=self._counted.lateness)


_COLUMNS: Final = (*COUNTED, "queued_bytes")


def _write(columns: Mapping[str, Ints], row: int, found: NetemCounts, *, host_packets: int) -> None:
    """Write what one line counted; what was sent follows from what became of it, and never falls."""
    sent = found.delivered_packets + found.queue_packets + found.lost_packets + found.held_packets
    columns["sent_packets"][row] = max(sent, columns["sent_packets"][row])
    columns["sent_bytes"][row] = max(found.delivered_bytes + found.queued_bytes, columns["sent_bytes"][row])
    columns["delivered_packets"][row] = found.delivered_packets
    columns["delivered_bytes"][row] = found.delivered_bytes
    columns["queue_packets"][row] = found.queue_packets
    columns["host_packets"][row] = host_packets
    columns["queued_bytes"][row] = found.queued_bytes


def _nothing(lines: int) -> LineCounters:
    return LineCounters(
        **{name: np.zeros(lines, dtype=np.int64) for name in _COLUMNS}, lateness=np.zeros(LATENESS_BINS, dtype=np.int64)
    )


def _of(counts: Mapping[str, NetemCounts], device: str) -> NetemCounts:
    """What a device's queues counted.

    Raises:
        HostError: They are gone.
    """
    if device not in counts:
        raise HostError(f"the queues of {device} are gone: somebody removed them")
    return counts[device]
