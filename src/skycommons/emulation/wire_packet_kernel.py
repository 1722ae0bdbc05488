"""What the wire reads of a packet: where it goes, whether it is an echo, and how many packets it is on the line.

Rules: a packet begins with its virtio-net header, in the machine's byte order, and its IP header follows. A GSO packet stands for
several packets with the same headers, as a network card would cut it; on the line it is as long as all of them. Nothing is
read beyond the packet's length.

Source: Virtual I/O Device specification 1.2, section 5.1.6; RFC 791, 792, 4443, 8200, 9293.
"""

from numba import njit

from skycommons.base.arrays import Bytes
from skycommons.emulation.wire_columns import HEADER_BYTES

GSO_TCP_V4, GSO_TCP_V6, GSO_UDP = 1, 4, 5
ECN_FLAG = 0x80
NEEDS_CHECKSUM = 1
ICMP, ICMP_V6 = 1, 58
V6_HEADER = 40
NO_KEY = -1
_LEAST_V4 = 20
_LEAST_TCP_WORDS = 5


@njit(error_model="numpy", nogil=True, cache=True)
def little(memory: Bytes, at: int) -> int:
    """Two bytes of the virtio-net header."""
    return int(memory[at]) | int(memory[at + 1]) << 8


@njit(error_model="numpy", nogil=True, cache=True)
def big(memory: Bytes, at: int, count: int) -> int:
    """Some bytes as IP writes numbers."""
    value = 0
    for place in range(count):
        value = value << 8 | int(memory[at + place])
    return value


@njit(error_model="numpy", nogil=True, cache=True)
def ip_version(memory: Bytes, at: int, length: int) -> int:
    """4 or 6 for a packet whose header is whole, else 0."""
    if length < HEADER_BYTES + _LEAST_V4:
        return 0
    version = int(memory[at + HEADER_BYTES]) >> 4
    if version == 6:
        return 6 if length >= HEADER_BYTES + V6_HEADER else 0
    return 4 if version == 4 else 0


@njit(error_model="numpy", nogil=True, cache=True)
def destination_key(memory: Bytes, at: int, length: int) -> int:
    """What a packet is switched by: its IPv4 destination, or the upper 56 bits of its IPv6 one; -1 if it has none."""
    version = ip_version(memory, at, length)
    if version == 4:
        return big(memory, at + HEADER_BYTES + 16, 4)
    if version == 6:
        return big(memory, at + HEADER_BYTES + 24, 7) | 1 << 56  # never an IPv4 address
    return NO_KEY


@njit(error_model="numpy", nogil=True, cache=True)
def is_echo(memory: Bytes, at: int, length: int) -> bool:
    """Whether a packet is an echo request or reply of ICMP, or the later fragment of one."""
    version, ip = ip_version(memory, at, length), at + HEADER_BYTES
    if version == 4 and memory[ip + 9] == ICMP:
        head = 4 * (int(memory[ip]) & 15)
        if big(memory, ip + 6, 2) & 0x1FFF:
            return True
        return length > HEADER_BYTES + head and (memory[ip + head] == 0 or memory[ip + head] == 8)
    if version == 6 and memory[ip + 6] == ICMP_V6:
        return length > HEADER_BYTES + V6_HEADER and 128 <= memory[ip + V6_HEADER] <= 129
    return False


@njit(error_model="numpy", nogil=True, cache=True)
def gso_headers(memory: Bytes, at: int, length: int) -> int:
    """Bytes of IP and transport headers that each segment of a GSO packet carries; 0 for a packet that is no such one."""
    kind, size = int(memory[at + 1]) & ~ECN_FLAG, little(memory, at + 4)
    if kind == 0 or size == 0:
        return 0
    transport = little(memory, at + 6)
    if length < HEADER_BYTES + transport + 20 or transport < _LEAST_V4:
        return 0
    if kind in (GSO_TCP_V4, GSO_TCP_V6):
        words = int(memory[at + HEADER_BYTES + transport + 12]) >> 4
        if words < _LEAST_TCP_WORDS:
            return 0
        headers = transport + 4 * words
    elif kind == GSO_UDP:
        headers = transport + 8
    else:
        return 0
    return headers if headers < length - HEADER_BYTES else 0


@njit(error_model="numpy", nogil=True, cache=True)
def segments_of(memory: Bytes, at: int, length: int, headers: int) -> int:
    """How many packets a packet is on the line; ``headers`` as `gso_headers` says."""
    if headers == 0:
        return 1
    size = little(memory, at + 4)
    return (length - HEADER_BYTES - headers + size - 1) // size


@njit(error_model="numpy", nogil=True, cache=True)
def can_be_cut(memory: Bytes, at: int, headers: int) -> bool:
    """Whether single segments can be cut out of a packet: TCP whose checksum is still to be computed."""
    kind = int(memory[at + 1]) & ~ECN_FLAG
    return headers > 0 and kind in (GSO_TCP_V4, GSO_TCP_V6) and bool(memory[at] & NEEDS_CHECKSUM)
