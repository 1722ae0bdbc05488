"""Captures of packets."""

import io
import os
import struct
import subprocess
from pathlib import Path

import dpkt
import numpy as np
import pytest

from skycommons.base.errors import FormatError
from skycommons.emulation import trace_pcap
from skycommons.emulation.trace_pcap import parse_pcap
from tests.support.programs import needed

A, B, C = (bytes([203, 0, 113, last]) for last in (1, 2, 3))
BEGIN_S = 1_767_225_612.0
RAW, ETHERNET, NULL, COOKED, COOKED_2 = 101, 1, 0, 113, 276


def ip4(source: bytes, target: bytes, protocol: int, body: bytes, *, fragment: int = 0) -> bytes:
    head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(body), 0, fragment, 64, protocol, 0)
    return head + source + target + body


def ip6(source: bytes, target: bytes, following: int, body: bytes, *, extension: bytes = b"") -> bytes:
    first = 0 if extension else following
    head = struct.pack("!IHBB", 6 << 28, len(extension + body), first, 64)
    return head + source.rjust(16, b"\0") + target.rjust(16, b"\0") + extension + body


def echo(source: bytes, target: bytes, number: int, *, is_reply: bool = False) -> bytes:
    return ip4(source, target, 1, struct.pack("!BBHHH", 0 if is_reply else 8, 0, 0, 7, number) + b"x" * 56)


def segment(
    source: bytes, target: bytes, ports: tuple[int, int], flags: int, stamps: tuple[int, int] | None = None
) -> bytes:
    options = b"" if stamps is None else b"\x01\x01" + struct.pack("!BBII", 8, 10, *stamps)
    head = struct.pack("!HHIIBBHHH", *ports, 0, 0, (20 + len(options)) << 2, flags, 0, 0, 0)
    return ip4(source, target, 6, head + options + b"data")


def capture(*packets: tuple[float, bytes], link: int = RAW) -> bytes:
    """A pcap of packets at seconds after the begin."""
    stream = io.BytesIO()
    writer = dpkt.pcap.Writer(stream, linktype=link)
    for since_s, frame in packets:
        writer.writepkt(frame, ts=BEGIN_S + since_s)
    return stream.getvalue()


def test_echoes_and_replies_are_paired() -> None:
    """A request without a reply is lost; one at the very end is not decided; one that is seen twice is one."""
    found = parse_pcap(
        capture(
            (0.0, echo(A, B, 1)),
            (0.001, echo(A, B, 1)),
            (0.05, echo(B, A, 1, is_reply=True)),
            (0.06, echo(B, A, 1, is_reply=True)),
            (1.0, echo(A, B, 2)),
            (1.2, echo(A, C, 1)),
            (2.0, echo(A, B, 3)),
            (2.25, echo(B, A, 3, is_reply=True)),
            (3.0, echo(A, B, 4)),
        ),
        "x.pcap",
    )
    assert found.echo is not None
    assert ((found.echo.sent_ns - int(BEGIN_S) * 10**9) / 1e9).tolist() == [0.0, 1.0, 2.0]
    np.testing.assert_allclose(found.echo.rtt_s, [0.05, np.nan, 0.25], atol=2e-6)
    assert found.notes == ("1 echo requests between other addresses are left out",)


def test_a_number_that_comes_again_after_a_minute_is_another_request() -> None:
    """Sequence numbers wrap."""
    found = parse_pcap(capture((0.0, echo(A, B, 1)), (90.0, echo(A, B, 1)), (90.5, echo(B, A, 1, is_reply=True))), "x")
    assert found.echo is not None
    np.testing.assert_allclose(found.echo.rtt_s, [np.nan, 0.5], atol=2e-6)


def test_packets_and_bytes_are_counted_over_windows() -> None:
    """Whole packets of IP, even where the capture cut them."""
    packet = ip4(A, B, 17, b"u" * 980)
    found = parse_pcap(
        capture((0.0, packet), (0.4, packet[:64]), (1.1, packet), (1.2, b"\x00nothing")), "x", window_s=1.0
    )
    assert (found.packets, found.bytes_) == (3, 3_000)
    assert found.window_packets.tolist() == [2, 1]
    assert found.rate_bps.tolist() == [16_000.0, 8_000.0]
    assert found.echo is None
    assert found.end_ns - found.begin_ns == 1_100_000_000


def test_round_trips_of_tcp_are_those_of_the_side_that_connected() -> None:
    """The SYN's, if it was sent once, and of each new timestamp the first echo's."""
    there, back = (40_000, 80), (80, 40_000)
    found = parse_pcap(
        capture(
            (0.0, segment(A, B, there, 0x02, (1, 0))),
            (0.1, segment(B, A, back, 0x12, (500, 1))),
            (0.101, segment(A, B, there, 0x10, (2, 500))),
            (0.102, segment(A, B, there, 0x18, (2, 500))),
            (0.201, segment(B, A, back, 0x10, (501, 2))),
            (0.202, segment(B, A, back, 0x10, (502, 2))),
            (0.3, segment(A, B, there, 0x10)),
            (0.4, segment(B, A, back, 0x10)),
            (0.5, segment(A, C, there, 0x02)),
            (0.6, segment(A, C, there, 0x02)),
            (0.7, segment(C, A, back, 0x12)),
            (0.8, segment(C, A, (9, 9), 0x12)),
            (0.9, ip4(A, B, 6, b"cut")),
        ),
        "x",
    )
    np.testing.assert_allclose(found.handshake_s, [0.1], atol=2e-6)
    np.testing.assert_allclose(found.stamped_s, [0.1], atol=2e-6)
    assert found.stamped_ns[0] - int(BEGIN_S) * 10**9 == 101_000_000


def test_odd_options_of_tcp_end_the_search() -> None:
    """An option of no length, and one that is cut."""
    for options in (b"\x02\x00\x00\x00", b"\x02\x04\x05\xb4\x08\x0a\x00\x00", b"\x08", b"\x00" * 4):
        head = struct.pack("!HHIIBBHHH", 1, 2, 0, 0, (20 + 8) << 2, 0x10, 0, 0, 0)
        assert trace_pcap._stamps(head + options) == b""


@pytest.mark.parametrize(
    ("link", "head"),
    [
        (RAW, b""),
        (NULL, b"\x02\x00\x00\x00"),
        (ETHERNET, b"\x00" * 12 + b"\x08\x00"),
        (ETHERNET, b"\x00" * 12 + b"\x81\x00\x00\x07\x08\x00"),
        (COOKED, b"\x00" * 16),
        (COOKED_2, b"\x00" * 20),
    ],
)
def test_packets_are_found_on_every_kind_of_link(link: int, head: bytes) -> None:
    """As tcpdump captures on devices of any kind."""
    data = capture((0.0, head + echo(A, B, 1)), (0.5, head + echo(B, A, 1, is_reply=True)), link=link)
    found = parse_pcap(data, "x")
    assert found.echo is not None
    np.testing.assert_allclose(found.echo.rtt_s, [0.5], atol=2e-6)


def test_ipv6_is_read_with_its_extension_headers() -> None:
    """Echoes have other numbers there."""
    body = struct.pack("!BBHHH", 128, 0, 0, 1, 1)
    reply = struct.pack("!BBHHH", 129, 0, 0, 1, 1)
    extension = b"\x3a\x00" + b"\x00" * 6
    data = capture((0.0, ip6(A, B, 58, body, extension=extension)), (0.25, ip6(B, A, 58, reply)))
    found = parse_pcap(data, "x")
    assert found.echo is not None
    np.testing.assert_allclose(found.echo.rtt_s, [0.25], atol=2e-6)
    assert found.bytes_ == 48 + 8 + 48


def test_later_fragments_and_cut_heads_are_counted_or_passed_over_but_never_read() -> None:
    """A fragment's body is not a head."""
    later = ip4(A, B, 1, struct.pack("!BBHHH", 8, 0, 0, 7, 1), fragment=100)
    found = parse_pcap(capture((0.0, later), (0.1, b"\x45\x00"), (0.2, ip4(A, B, 1, b"\x08"))), "x")
    assert found.packets == 2
    assert found.echo is None


def test_a_capture_that_breaks_off_is_read_as_far_as_it_goes() -> None:
    """tcpdump is often killed."""
    data = capture((0.0, echo(A, B, 1)), (0.5, echo(B, A, 1, is_reply=True)), (1.0, echo(A, B, 2)))
    found = parse_pcap(data[: -len(echo(A, B, 2)) - 8], "x")
    assert found.packets == 2
    assert "breaks off" in found.notes[0]


def test_pcapng_is_read_too() -> None:
    """As Wireshark writes it."""
    stream = io.BytesIO()
    block = dpkt.pcapng.InterfaceDescriptionBlockLE(linktype=RAW)
    writer = dpkt.pcapng.Writer(stream, idb=block)
    writer.writepkt(echo(A, B, 1), ts=BEGIN_S)
    writer.writepkt(echo(B, A, 1, is_reply=True), ts=BEGIN_S + 0.5)
    found = parse_pcap(stream.getvalue(), "x.pcapng")
    assert found.echo is not None
    np.testing.assert_allclose(found.echo.rtt_s, [0.5], atol=2e-6)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"not a capture at all, but long enough", "is no capture"),
        (b"\xd4\xc3\xb2\xa1", "is no capture"),
        (capture(link=147), "link of type 147"),
        (capture(), "holds no IP packet"),
        (capture((0.0, echo(A, B, 1)), (1e9, echo(A, B, 2))), "windows of 1 s"),
    ],
)
def test_what_cannot_be_read_is_refused(data: bytes, why: str) -> None:
    """One clear fault."""
    with pytest.raises(FormatError, match=why):
        parse_pcap(data, "bad")


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """A flood of requests or connections does not fill memory; the oldest is forgotten."""
    monkeypatch.setattr(trace_pcap, "_MOST_OPEN", 2)
    echoes = [(0.1 * number, echo(A, B, number)) for number in range(4)]
    replies = [(2.0 + 0.1 * number, echo(B, A, number, is_reply=True)) for number in range(4)]
    found = parse_pcap(capture(*echoes, *replies), "x")
    assert found.echo is not None
    assert found.echo.is_answered.tolist() == [False, False, True, True]
    opened = [(0.1 * port, segment(A, B, (port, 80), 0x02)) for port in range(4)]
    sent = [(1.0 + 0.1 * stamp, segment(A, B, (1, 80), 0x10, (stamp, 0))) for stamp in range(1, 5)]
    answered = [(3.0 + 0.1 * stamp, segment(B, A, (80, 1), 0x10, (0, stamp))) for stamp in range(1, 5)]
    assert len(parse_pcap(capture(*opened, *sent, *answered), "x").stamped_s) == 2
    monkeypatch.setattr(trace_pcap, "MOST_ROWS", 3)
    with pytest.raises(FormatError, match="more than 3 packets"):
        parse_pcap(capture(*echoes), "x")


SCRIPT = """
set -e
ip link set lo up
tcpdump --immediate-mode -Z root -i lo -c 6 -U -w "$1" icmp 2> "$1.log" &
for _ in $(seq 100); do grep -q listening "$1.log" && break; sleep 0.05; done
ping -n -c 3 -i 0.2 127.0.0.1
wait
"""


def test_the_machine_s_own_tcpdump_is_read(tmp_path: Path, needs_namespaces: None) -> None:
    """Of a ping to the loopback address of a namespace that ends with it."""
    for program in ("tcpdump", "ping"):
        needed(program)
    path = tmp_path / "lo.pcap"
    mine = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    words = ["unshare", *mine, "--net", "sh", "-c", SCRIPT, "sh", str(path)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    found = parse_pcap(path.read_bytes(), "lo")
    assert found.echo is not None
    assert found.echo.is_answered.sum() >= 2
