"""What the machine itself takes of a packet's time, measured before a run begins, so that the wire can take it off.

A packet waits in the kernel until the loop reads it, and in the kernel again after it was written: a tenth of a millisecond or two on
most machines, always in the same sense. Rules: packets go to and fro over an idle line of a known delay, one at a time, without a pause,
so that nothing sleeps deeply; from one program's call to the other kernel's stamp. A tenth of them took less than what is taken
off, so that a machine busy with something else at that moment does not count for much, and packets come late rather than early.
"""

import socket
import struct
import time
from collections.abc import Sequence
from typing import Final

import numpy as np

from skycommons.base.constants import NS_PER_S
from skycommons.emulation.hosts import Host, Hosts
from skycommons.emulation.line_rows import LineRow, LineRows
from skycommons.emulation.wire import Wire

DELAY_NS: Final = 2_000_000
EXCHANGES: Final = 60
MOST_NS: Final = 250_000
"""A machine that takes longer is busy, and what is measured on it means nothing for later."""
_WITHIN_S: Final = 1.0
_STAMP: Final = getattr(socket, "SO_TIMESTAMPNS", 35)


def measured_excess_ns(hosts: Hosts, wire: Wire) -> int:
    """What a packet takes one way besides its line's delay; its lines do something else afterwards only if told so.

    Args:
        hosts: Whose first terminal and its PoP exchange packets.
        wire: That carries them; nothing else should be on it.
    Returns:
        ns, between 0 and `MOST_NS`; 0 if the packets do not come through.
    Raises:
        HostError: The wire is gone.
    """
    layout, given_ns = hosts.layout, DELAY_NS - wire.excess_ns
    wire.publish(LineRows.of_lines([[(0, LineRow(delay_ns=float(DELAY_NS)))]] * (2 * len(layout.terminals))))
    terminal = layout.terminals[0]
    ends = hosts[terminal.name], hosts[layout.pops[terminal.pop].name]
    try:
        with _opened(ends[0]) as first, _opened(ends[1]) as second:
            pair = (first, second)
            taken_ns = [
                _taken_ns(pair[row % 2], pair[1 - row % 2], number=row) - given_ns for row in range(2 * EXCHANGES)
            ]
    except OSError:  # a machine that stamps or carries no packets now shows that in the run itself
        return 0
    return int(np.clip(np.quantile(taken_ns, 0.1), 0, MOST_NS))


def _opened(host: Host) -> socket.socket:
    """A socket at a host's address, whose packets the kernel stamps."""
    opened = host.call(lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
    have_stamped(opened)
    opened.settimeout(_WITHIN_S)
    opened.bind((host.ipv4, 0))
    return opened


def _taken_ns(sender: socket.socket, receiver: socket.socket, *, number: int) -> int:
    """From the call to send a packet until the receiving kernel has it.

    Raises:
        OSError: It did not come.
    """
    sent_ns = time.time_ns()
    sender.sendto(struct.pack("=q", number), receiver.getsockname())
    while True:
        data, notes, _, _ = receiver.recvmsg(64, 128)
        if len(data) == 8 and struct.unpack("=q", data)[0] == number and notes:
            return stamp_ns(notes) - sent_ns


def have_stamped(receiver: socket.socket) -> None:
    """Have the kernel stamp what a socket receives, as it comes."""
    receiver.setsockopt(socket.SOL_SOCKET, _STAMP, 1)


def stamp_ns(notes: Sequence[tuple[int, int, bytes]]) -> int:
    """The kernel's stamp of a packet, by the machine's wall clock.

    Args:
        notes: What ``recvmsg`` gave besides, one at least.
    """
    seconds, nanoseconds = struct.unpack("qq", notes[0][2][:16])
    return int(seconds * NS_PER_S + nanoseconds)
