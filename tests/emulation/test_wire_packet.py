"""What is read of a packet, whatever it holds."""

import numpy as np
import pytest

from skycommons.base.arrays import Bytes
from skycommons.emulation.wire_packet_kernel import (
    NO_KEY,
    can_be_cut,
    destination_key,
    gso_headers,
    ip_version,
    is_echo,
    segments_of,
)
from tests.support.wires import (
    HEADER,
    SOMEBODY_V4,
    TERMINAL_V4,
    TERMINAL_V6,
    echo,
    gso_packet,
    ipv4,
    ipv6,
)

pytestmark = pytest.mark.kernel


def stored(packet: bytes) -> Bytes:
    """A packet somewhere in memory."""
    return np.frombuffer(bytes(7) + packet, np.uint8).copy()


def key(packet: bytes) -> int:
    """What it is switched by."""
    return destination_key(stored(packet), 7, len(packet))


def test_packets_are_switched_by_their_destination() -> None:
    """All 32 bits of IPv4, the upper 56 of IPv6, and never one for the other."""
    assert key(ipv4(b"", to=TERMINAL_V4)) == TERMINAL_V4
    assert key(ipv6(b"", to=TERMINAL_V6)) == key(ipv6(b"", to=TERMINAL_V6 + 0xFF)) == TERMINAL_V6 >> 8 | 1 << 56
    assert key(ipv6(b"", to=TERMINAL_V6 + 0x100)) != key(ipv6(b"", to=TERMINAL_V6))
    assert key(ipv6(b"", to=SOMEBODY_V4 << 8)) != SOMEBODY_V4


@pytest.mark.parametrize("packet", [b"", HEADER, ipv4(b"")[:-1], ipv6(b"")[:-1], HEADER + bytes(40)])
def test_what_is_no_whole_ip_has_no_destination(packet: bytes) -> None:
    """Too short, or of no version."""
    assert key(packet) == NO_KEY
    assert ip_version(stored(packet), 7, len(packet)) == 0
    assert not is_echo(stored(packet + bytes(60)), 7, len(packet))


@pytest.mark.parametrize(
    ("packet", "is_one"),
    [
        (echo(), True),
        (echo(is_v6=True), True),
        (ipv4(b"\0" * 8, protocol=1), True),  # a reply
        (ipv4(b"\3" * 8, protocol=1), False),  # unreachable
        (ipv4(b"\3" * 8, protocol=1, fragment=0x0010), True),  # of a long echo
        (ipv4(b"", protocol=1), False),
        (ipv4(b"\x08" * 8, protocol=17), False),
        (ipv6(b"\x81" * 8, following=58), True),
        (ipv6(b"\x87" * 8, following=58), False),  # neighbour solicitation
        (ipv6(b"", following=58), False),
        (ipv6(b"\x80" * 8), False),
    ],
)
def test_echoes_are_known(packet: bytes, is_one: bool) -> None:
    """Requests, replies and their fragments, nothing else of ICMP."""
    assert is_echo(stored(packet), 7, len(packet)) == is_one


@pytest.mark.parametrize("is_v6", [False, True])
@pytest.mark.parametrize(("payload", "segments"), [(1, 1), (1_000, 1), (1_001, 2), (10_500, 11)])
def test_a_gso_packet_is_several_on_the_line(payload: int, segments: int, is_v6: bool) -> None:
    """Each with the headers of IP and TCP, options included."""
    packet = gso_packet(payload, is_v6=is_v6)
    memory = stored(packet)
    headers = gso_headers(memory, 7, len(packet))
    assert headers == (40 if is_v6 else 20) + 32
    assert segments_of(memory, 7, len(packet), headers) == segments
    assert can_be_cut(memory, 7, headers)


def test_gso_of_udp_is_counted_but_not_cut() -> None:
    """Eight bytes of header each."""
    packet = b"\1\5" + b"\x1c\0" + (500).to_bytes(2, "little") + b"\x14\0\6\0" + ipv4(bytes(2_008))[10:]
    headers = gso_headers(stored(packet), 7, len(packet))
    assert headers == 28
    assert segments_of(stored(packet), 7, len(packet), headers) == 4
    assert not can_be_cut(stored(packet), 7, headers)


@pytest.mark.parametrize(
    "header",
    [
        b"\1\1\0\0\0\0\x14\0\x10\0",  # no size
        b"\1\3\0\0\x10\0\x14\0\x10\0",  # a kind that is not asked for
        b"\1\1\0\0\x10\0\x08\0\x10\0",  # a transport header inside that of IP
        b"\1\1\0\0\x10\0\xff\0\x10\0",  # one behind the end
        b"\1\1\0\0\x10\0\x50\0\x10\0",  # headers longer than the packet
    ],
)
def test_a_gso_header_that_makes_no_sense_counts_as_none(header: bytes) -> None:
    """The packet is one packet."""
    packet = header + ipv4(b"\xf0" * 80)[10:]
    assert gso_headers(stored(packet), 7, len(packet)) == 0
    assert segments_of(stored(packet), 7, len(packet), 0) == 1


@pytest.mark.parametrize("words", range(5))
def test_a_tcp_header_shorter_than_any_counts_as_none(words: int) -> None:
    """What is cut rewrites the whole header of TCP, so there must be one."""
    packet = bytearray(gso_packet(10_000))
    packet[10 + 20 + 12] = words << 4
    assert gso_headers(stored(bytes(packet)), 7, len(packet)) == 0


def test_a_tcp_header_that_says_that_it_is_shorter_than_any_makes_no_gso_packet() -> None:
    """Its segments would overlap their own headers."""
    packet = gso_packet(3_000)[:42] + b"\x40" + gso_packet(3_000)[43:]
    assert gso_headers(stored(packet), 7, len(packet)) == 0
