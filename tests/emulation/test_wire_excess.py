"""What the machine takes of a packet's time is measured on the machine that it is."""

from collections.abc import Iterator

import pytest

from skycommons.emulation import wire_excess
from skycommons.emulation.hosts import Hosts
from skycommons.emulation.layout import TerminalPlace, layout_of
from skycommons.emulation.line_rows import LineRow
from skycommons.emulation.wire import Wire
from skycommons.emulation.wire_excess import EXCHANGES, MOST_NS, measured_excess_ns
from tests.support.programs import needed
from tests.support.wires import MS, rows_of, settings

pytestmark = pytest.mark.usefixtures("needs_namespaces")


@pytest.fixture(scope="module")
def hosts() -> Iterator[Hosts]:
    """A terminal at a PoP."""
    needed("nft")
    with Hosts.build(layout_of([TerminalPlace("a", "pop")])) as built:
        yield built


def test_packets_take_longer_than_their_line_wants(hosts: Hosts) -> None:
    """A little, which is measured the same however much of it is taken off already; packets of the measurement go both ways."""
    with Wire.start(hosts.ports, settings(), rows_of(LineRow(), LineRow())) as wire:
        found_ns = measured_excess_ns(hosts, wire)
        assert 0 < found_ns <= MOST_NS
        assert wire.counters().delivered_packets.tolist() == [EXCHANGES, EXCHANGES]
        wire.excess_ns = found_ns - MOST_NS
        wire.begin_anew(rows_of(LineRow(), LineRow()))  # as if it had to add something
        assert measured_excess_ns(hosts, wire) > 0
        wire.excess_ns = MS
        wire.begin_anew(rows_of(LineRow(), LineRow()))
        assert abs(measured_excess_ns(hosts, wire) - found_ns) < MOST_NS


def test_packets_that_do_not_come_through_say_nothing(hosts: Hosts, monkeypatch: pytest.MonkeyPatch) -> None:
    """Then nothing is taken off."""
    monkeypatch.setattr(wire_excess, "DELAY_NS", 400 * MS)
    monkeypatch.setattr(wire_excess, "_WITHIN_S", 0.05)
    with Wire.start(hosts.ports, settings(), rows_of(LineRow(), LineRow())) as wire:
        assert measured_excess_ns(hosts, wire) == 0


def test_what_was_late_for_another_exchange_is_not_taken_for_this_one(hosts: Hosts) -> None:
    """Packets carry their numbers."""
    with (
        Wire.start(hosts.ports, settings(), rows_of(LineRow(), LineRow())),
        wire_excess._opened(hosts["a"]) as first,
        wire_excess._opened(hosts["pop"]) as second,
    ):
        for data in (b"old", b"\0" * 7, b"\1" * 8):
            first.sendto(data, second.getsockname())
        assert 0 < wire_excess._taken_ns(first, second, number=5) < 1_000 * MS
