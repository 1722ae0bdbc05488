"""Runs cut out of GSO packets, judged by cutting the packet and its runs up completely."""

import struct

import numpy as np
import pytest

from skycommons.emulation.wire_packet_kernel import gso_headers
from skycommons.emulation.wire_segments_kernel import cut_run, run_length
from tests.support.wires import HEADER, gso_packet, ones_sum

pytestmark = pytest.mark.kernel


def segments(packet: bytes) -> list[bytes]:
    """What a network card makes of a packet: every field of every segment, checksums computed in full."""
    (flags, kind, _, size, start, offset), ip = struct.unpack("<BBHHHH", packet[:10]), packet[10:]
    transport = ip[start:]
    head = 4 * (transport[12] >> 4)
    payload = transport[head:]
    is_v4 = ip[0] >> 4 == 4
    assert flags == 1
    assert struct.unpack(">H", ip[2:4] if is_v4 else ip[4:6])[0] == len(ip) - (0 if is_v4 else 40)
    assert not is_v4 or ones_sum(ip[:20]) == 0xFFFF
    assert struct.unpack(">H", transport[16:18])[0] == ones_sum(pseudo(ip, start, len(transport)))
    assert (kind != 0) == (len(payload) > size > 0) or len(payload) <= size
    found = []
    for number, begin in enumerate(range(0, len(payload), size or len(payload))):
        part = payload[begin : begin + (size or len(payload))]
        is_last = begin + len(part) == len(payload)
        (sequence,) = struct.unpack(">I", transport[4:8])
        marks = transport[13] & (0xFF if is_last else 0xFF ^ 0x09) & (0xFF if number == 0 else 0x7F)
        tcp = transport[:4] + struct.pack(">I", (sequence + begin) & 0xFFFF_FFFF) + transport[8:13] + bytes([marks])
        tcp += transport[14:16] + b"\0\0" + transport[18:head] + part
        check = 0xFFFF ^ ones_sum(pseudo(ip, start, len(tcp)) + tcp + bytes(len(tcp) % 2))
        tcp = tcp[:16] + struct.pack(">H", check) + tcp[18:]
        if is_v4:
            (marker,) = struct.unpack(">H", ip[4:6])
            fields = ip[:2] + struct.pack(">HH", start + len(tcp), (marker + number) & 0xFFFF) + ip[6:10] + b"\0\0"
            whole = fields + ip[12:20]
            found.append(fields[:10] + struct.pack(">H", 0xFFFF ^ ones_sum(whole)) + ip[12:20] + tcp)
        else:
            found.append(ip[:4] + struct.pack(">H", len(tcp)) + ip[6:40] + tcp)
    assert offset == 16
    return found


def pseudo(ip: bytes, start: int, length: int) -> bytes:
    """The part of the header that TCP's checksum covers."""
    if ip[0] >> 4 == 4:
        return ip[12:20] + struct.pack(">HH", 6, length)
    assert start == 40
    return ip[8:40] + struct.pack(">II", length, 6)


@pytest.mark.parametrize("is_v6", [False, True])
@pytest.mark.parametrize("payload", [4_000, 4_321])
def test_runs_are_the_segments_that_the_packet_would_have_become(payload: int, is_v6: bool) -> None:
    """Any run of five, to the last bit; sequence numbers and lengths wrap around."""
    packet = gso_packet(payload, is_v6=is_v6)
    whole, count = segments(packet), -(-payload // 1_000)
    headers = gso_headers(np.frombuffer(packet, np.uint8), 0, len(packet))
    assert len(whole) == count
    for begin in range(count):
        for end in range(begin + 1, count + 1):
            memory = np.concatenate([np.frombuffer(packet, np.uint8), np.full(9_000, 0xEE, np.uint8)])
            into = len(packet) + 5
            cut_run(memory, 0, len(packet), headers, begin, end, into)
            length = run_length(memory, 0, len(packet), headers, begin, end)
            assert segments(memory[into : into + length].tobytes()) == whole[begin:end]
            assert (memory[into + length :] == 0xEE).all()
            assert memory[: len(packet)].tobytes() == packet


def test_a_single_segment_is_an_ordinary_packet() -> None:
    """Its header asks for a checksum and for nothing else."""
    packet = gso_packet(3_000)
    memory = np.concatenate([np.frombuffer(packet, np.uint8), np.zeros(2_000, np.uint8)])
    cut_run(memory, 0, len(packet), 52, 1, 2, len(packet))
    header = memory[len(packet) : len(packet) + len(HEADER)].tobytes()
    assert struct.unpack("<BBHHHH", header) == (1, 0, 0, 0, 20, 16)
