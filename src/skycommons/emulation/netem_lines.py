"""The lines of hosts that are wired by virtual Ethernet: who sends into each, through which queues.

Rules: the up line belongs to ``sky0`` in the terminal, the down line to ``sky<row>`` in its PoP. What PoPs pass on is not cut any more
before it comes to a line, so hosts of the internet hand over pieces that are short enough for the slowest of them.
"""

import os
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Protocol

from skycommons.emulation.hosts import Host, Hosts, run_ip
from skycommons.emulation.layout import Layout
from skycommons.emulation.line_rows import LineSettings
from skycommons.emulation.namespaces import CLONE_NEWNET, in_thread, set_namespace
from skycommons.emulation.netem_commands import NetemTree, piece_command
from skycommons.emulation.netem_session import NetemSession


class LineSender(Protocol):
    """A host that sends into lines; `NetemSession` is one."""

    def tell(self, lines: Sequence[str]) -> None:
        """Have lines for ``tc`` done, without waiting."""
        ...

    def ask(self) -> str:
        """All queues with their counters, as JSON, when all that was told is done."""
        ...

    def devices_text(self) -> str:
        """What interfaces counted, as ``/proc/net/dev`` writes it."""
        ...

    def stop(self) -> None:
        """End it; a second call does nothing."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NetemLine:
    """A line as the kernel knows it.

    Attributes:
        sender: Who sends into it.
        tree: Its queues.
    """

    sender: LineSender
    tree: NetemTree


def lines_of(
    hosts: Hosts, settings: LineSettings, piece_bytes: Sequence[int], *, separate_icmp: bool
) -> tuple[NetemLine, ...]:
    """All lines of hosts in their order, without queues as yet.

    Args:
        hosts: Who they are.
        settings: Of the run.
        piece_bytes: Longest piece that TCP may hand over at once, of each terminal.
        separate_icmp: Whether echo requests and replies go first.
    Raises:
        HostError: The machine does not let one.
    """
    layout = hosts.layout
    for name, commands in pieces_of(layout, piece_bytes, settings.mtu).items():
        run_ip(hosts[name], commands)
    senders: dict[str, NetemSession] = {}
    lines = []
    with ExitStack() as undo:
        for ends in _ends(layout):
            for name, device in ends:
                if name not in senders:
                    senders[name] = _session(hosts[name])
                    undo.callback(senders[name].stop)
                tree = NetemTree(device=device, mtu=settings.mtu, queue=settings.queue, separate_icmp=separate_icmp)
                lines.append(NetemLine(sender=senders[name], tree=tree))
        undo.pop_all()
    return tuple(lines)


def pieces_of(layout: Layout, piece_bytes: Sequence[int], mtu: int) -> dict[str, list[str]]:
    """Lines for ``ip -batch`` that have everybody hand over pieces short enough, by host."""
    found: dict[str, list[str]] = {}
    for row, ends in enumerate(_ends(layout)):
        for name, device in ends:
            found.setdefault(name, []).append(piece_command(device, piece_bytes[row], mtu))
    return found | {site.name: [piece_command("net0", min(piece_bytes), mtu)] for site in layout.internet}


def _ends(layout: Layout) -> list[tuple[tuple[str, str], tuple[str, str]]]:
    """Host and interface that send up and down, of each terminal."""
    return [
        ((terminal.name, "sky0"), (layout.pops[terminal.pop].name, layout.pop_interface(row)))
        for row, terminal in enumerate(layout.terminals)
    ]


def _session(host: Host) -> NetemSession:
    """A host's ``tc``, with a file that shows what its interfaces counted."""

    def open_devices() -> int:
        # Not the host's own view of /proc: it shows the run's processes, and this thread is none of them.
        set_namespace(host.namespaces.net_fd, CLONE_NEWNET)
        return os.open("/proc/thread-self/net/dev", os.O_RDONLY | os.O_CLOEXEC)

    devices_fd = in_thread(open_devices)
    try:
        return NetemSession(host, devices_fd)
    except BaseException:
        os.close(devices_fd)
        raise
