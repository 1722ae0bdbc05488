"""Runs of segments cut out of a GSO packet, so that one lost segment loses one segment.

Rules: a run becomes a packet of its own, with the lengths, the identification, the sequence number and the flags that a network card
would have given its segments. The checksum stays to be computed: only the part that covers the length changes.

Source: RFC 791, 1071, 8200, 9293; Linux: Segmentation Offloads (networking/segmentation-offloads).
"""

from numba import njit

from skycommons.base.arrays import Bytes
from skycommons.emulation.wire_columns import HEADER_BYTES
from skycommons.emulation.wire_packet_kernel import big, little

_FIN_AND_PUSH = 0x01 | 0x08
_CWR = 0x80


@njit(error_model="numpy", nogil=True, cache=True)
def run_length(memory: Bytes, at: int, length: int, headers: int, begin: int, end: int) -> int:
    """Bytes in memory of the packet that holds the segments from ``begin`` to ``end``."""
    size, payload = little(memory, at + 4), length - HEADER_BYTES - headers
    return HEADER_BYTES + headers + min(end * size, payload) - begin * size


@njit(error_model="numpy", nogil=True, cache=True)
def cut_run(memory: Bytes, at: int, length: int, headers: int, begin: int, end: int, into: int) -> None:
    """Write the packet that holds some segments of another to another place.

    Args:
        memory: Of all packets.
        at, length: The GSO packet, its virtio-net header included.
        headers: As `gso_headers` says.
        begin, end: First segment, and past the last one.
        into: Where the packet goes; nothing of the other lies there.
    """
    size, payload = little(memory, at + 4), length - HEADER_BYTES - headers
    whole = HEADER_BYTES + headers
    cut = run_length(memory, at, length, headers, begin, end)
    memory[into : into + whole] = memory[at : at + whole]
    source = at + whole + begin * size
    memory[into + whole : into + cut] = memory[source : source + cut - whole]
    if end - begin == 1:
        memory[into + 1 : into + 6] = 0
    ip, transport = into + HEADER_BYTES, into + HEADER_BYTES + little(memory, at + 6)
    if memory[ip] >> 4 == 4:
        _put(memory, ip + 2, cut - HEADER_BYTES, 2)
        _put(memory, ip + 4, (big(memory, ip + 4, 2) + begin) & 0xFFFF, 2)
        _put(memory, ip + 10, 0, 2)
        _put(memory, ip + 10, _checksum(memory, ip, 4 * (int(memory[ip]) & 15)), 2)
    else:
        _put(memory, ip + 4, cut - HEADER_BYTES - 40, 2)
    _put(memory, transport + 4, (big(memory, transport + 4, 4) + begin * size) & 0xFFFFFFFF, 4)
    if end * size < payload:
        memory[transport + 13] &= 0xFF ^ _FIN_AND_PUSH
    if begin > 0:
        memory[transport + 13] &= 0xFF ^ _CWR
    changed = big(memory, transport + 16, 2) + (0xFFFF ^ (length - whole)) + (cut - whole)
    _put(memory, transport + 16, _folded(changed), 2)


@njit(error_model="numpy", nogil=True, cache=True)
def _put(memory: Bytes, at: int, value: int, count: int) -> None:
    """Write a number as IP does."""
    for place in range(count):
        memory[at + place] = value >> 8 * (count - 1 - place) & 0xFF


@njit(error_model="numpy", nogil=True, cache=True)
def _folded(total: int) -> int:
    """A sum in one's complement, 16 bit."""
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    return total


@njit(error_model="numpy", nogil=True, cache=True)
def _checksum(memory: Bytes, at: int, length: int) -> int:
    """Of an IPv4 header."""
    total = 0
    for place in range(0, length, 2):
        total += big(memory, at + place, 2)
    return 0xFFFF ^ _folded(total)
