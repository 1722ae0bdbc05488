"""Captures of packets, as ``tcpdump -w`` writes them in a terminal's host: how much went when, and round trips.

Rules: pcap and pcapng, of Ethernet, bare IP or Linux's "any" device; what breaks off at the end, as when tcpdump was killed, is
read as far as it goes. Bytes are those of IP packets, whole even where the capture cut them. Instants are kept to the microsecond.
A round trip is from a request until what answers it, both seen at the place of the capture: an echo and its reply; a SYN and its SYN-ACK;
the first segment with a TCP timestamp and the first that echoes it, of the side that opened the connection.
Only echoes make a trace, because in the real network they do not wait behind other packets.

Source:
    RFC 792, 4443 (echo), 9293 (TCP), 7323 (timestamps); link types as in pcap-linktype(7).
"""

import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import dpkt
import numpy as np

from skycommons.base.arrays import Floats, Ints, check_shape, freeze
from skycommons.base.constants import NS_PER_S
from skycommons.emulation.trace import MOST_ROWS
from skycommons.emulation.trace_rtt import RttSeries, rtt_series
from skycommons.emulation.trace_text import refusal

MAGICS: Final = tuple(
    bytes.fromhex(magic)
    for magic in ("a1b2c3d4", "d4c3b2a1", "a1b23c4d", "4d3cb2a1", "a1b2cd34", "34cdb2a1", "0a0d0d0a")
)
WINDOW_S: Final = 1.0
MOST_WINDOWS: Final = 1_000_000
_UNDECIDED_NS: Final = NS_PER_S  # a request so near to the capture's end may still be answered
_FORGOTTEN_NS: Final = 60 * NS_PER_S  # after which a number stands for a new request
_MOST_OPEN: Final = 65_536  # things that wait for an answer at a time

_ETHERNET, _LOOPBACK, _COOKED, _COOKED_2 = 1, (0, 108), 113, 276
_BARE_IP: Final = (12, 14, 101, 228, 229)
_VLAN: Final = (b"\x81\x00", b"\x88\xa8")
_ICMP, _TCP, _ICMP6 = 1, 6, 58
_ECHO: Final = {(_ICMP, 8): True, (_ICMP, 0): False, (_ICMP6, 128): True, (_ICMP6, 129): False}
_EXTENSIONS: Final = (0, 43, 60)
_SYN, _ACK = 0x02, 0x10


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PcapSeries:
    """What a capture holds.

    Attributes:
        source: Name of the file.
        begin_ns, end_ns: First and last packet, UTC unix ns.
        packets: All packets of IP.
        bytes_: Of these.
        window_s: Length of a window.
        window_packets, window_bytes: ``(W,)`` in each window from the first packet on.
        echo: Requests of ICMP between the two addresses that have most of them; none without any.
        handshake_ns, handshake_s: ``(H,)`` when a SYN was sent, and its round trip.
        stamped_ns, stamped_s: ``(S,)`` when a segment with a timestamp was sent, and its round trip.
        notes: What was left out.
    Raises:
        ShapeError: Columns differ in length.
    """

    source: str
    begin_ns: int
    end_ns: int
    packets: int
    bytes_: int
    window_s: float
    window_packets: Ints
    window_bytes: Ints
    echo: RttSeries | None
    handshake_ns: Ints
    handshake_s: Floats
    stamped_ns: Ints
    stamped_s: Floats
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        check_shape("window_packets", self.window_packets, self.window_bytes.shape)
        check_shape("handshake_s", self.handshake_s, self.handshake_ns.shape)
        check_shape("stamped_s", self.stamped_s, self.stamped_ns.shape)
        freeze(self.window_packets, self.window_bytes, self.handshake_ns, self.handshake_s)
        freeze(self.stamped_ns, self.stamped_s)

    @property
    def rate_bps(self) -> Floats:
        """``(W,)`` in each window."""
        return np.asarray(self.window_bytes * (8.0 / self.window_s))


def parse_pcap(data: bytes, source: str, *, window_s: float = WINDOW_S) -> PcapSeries:
    """What a capture's bytes hold.

    Args:
        data: Of the file.
        source: Its name.
        window_s: Over which packets are counted.
    Raises:
        FormatError: It is no capture, is of a link that is not known, or holds no packet of IP.
    """
    found = _Found()
    link = _read(data, source, found)
    if not found.times_ns:
        raise refusal(source, f"holds no IP packet (link type {link})")
    times_ns = np.array(found.times_ns, dtype=np.int64)
    sizes = np.array(found.sizes, dtype=np.int64)
    begin_ns, end_ns = int(times_ns.min()), int(times_ns.max())
    window_ns = max(round(window_s * NS_PER_S), 1)
    if (end_ns - begin_ns) // window_ns >= MOST_WINDOWS:
        raise refusal(source, f"spans more than {MOST_WINDOWS:,} windows of {window_s:g} s; count over longer ones")
    window = (times_ns - begin_ns) // window_ns
    echo = found.echoes.series(source, end_ns)
    notes = [*found.notes, *(echo.notes if echo is not None else ())]
    return PcapSeries(
        source=source,
        begin_ns=begin_ns,
        end_ns=end_ns,
        packets=len(sizes),
        bytes_=int(sizes.sum()),
        window_s=window_s,
        window_packets=np.bincount(window),
        window_bytes=np.bincount(window, weights=sizes.astype(np.float64)).astype(np.int64),
        echo=echo,
        handshake_ns=np.array(found.streams.handshakes[0], dtype=np.int64),
        handshake_s=np.array(found.streams.handshakes[1], dtype=np.float64),
        stamped_ns=np.array(found.streams.stamped[0], dtype=np.int64),
        stamped_s=np.array(found.streams.stamped[1], dtype=np.float64),
        notes=tuple(notes),
    )


def _read(data: bytes, source: str, found: "_Found") -> int:
    """Go over all packets; the link's type."""
    try:
        reader = dpkt.pcap.UniversalReader(io.BytesIO(data))
        link = int(reader.datalink())
    except (dpkt.Error, ValueError, struct.error, IndexError):
        raise refusal(source, "is no capture of packets (pcap or pcapng)") from None
    if not (link in (_ETHERNET, _COOKED, _COOKED_2) or link in _LOOPBACK or link in _BARE_IP):
        raise refusal(source, f"was captured on a link of type {link}, which is not known here")
    packets: Iterator[tuple[float, bytes]] = iter(reader)
    while True:
        try:
            time_s, frame = next(packets)
            time_ns = round(float(time_s) * 1e6) * 1_000
        except StopIteration:
            return link
        except (dpkt.Error, ValueError, struct.error, IndexError, OverflowError):
            found.notes.append("the capture breaks off; it is read as far as it goes")
            return link
        if abs(time_ns) < 2**62:
            found.packet(time_ns, _ip_of(frame, link))
        if len(found.times_ns) > MOST_ROWS:
            raise refusal(source, f"holds more than {MOST_ROWS:,} packets; cut it into parts")


def _ip_of(frame: bytes, link: int) -> bytes:
    """The packet of IP in a frame; what comes back is for `_Packet.of` to judge."""
    if link == _ETHERNET:
        begin = 14
        while frame[begin - 2 : begin] in _VLAN:
            begin += 4
        return frame[begin:]
    if link in _LOOPBACK:
        return frame[4:]
    return frame[{_COOKED: 16, _COOKED_2: 20}.get(link, 0) :]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Packet:
    """What matters of one packet."""

    size: int
    protocol: int
    source: bytes
    target: bytes
    body: bytes

    @staticmethod
    def of(data: bytes) -> "_Packet | None":
        """A packet of IP; nothing for anything else, or where its head is cut."""
        version = data[0] >> 4 if data else 0
        if version == 4 and len(data) >= 20:
            size, fragment = struct.unpack_from("!H2xH", data, 2)
            is_first = not fragment & 0x1FFF
            body = data[4 * (data[0] & 15) :] if is_first else b""
            return _Packet(size=size or len(data), protocol=data[9], source=data[12:16], target=data[16:20], body=body)
        if version == 6 and len(data) >= 40:
            following, begin = data[6], 40
            while following in _EXTENSIONS and len(data) >= begin + 8:
                following, begin = data[begin], begin + 8 * (data[begin + 1] + 1)
            (length,) = struct.unpack_from("!H", data, 4)
            size = 40 + length if length else len(data)
            return _Packet(size=size, protocol=following, source=data[8:24], target=data[24:40], body=data[begin:])
        return None


@dataclass(slots=True, kw_only=True)
class _Echoes:
    """Requests by their two ends, and those that wait for a reply."""

    sent_ns: dict[tuple[bytes, bytes], list[int]] = field(default_factory=dict)
    rtt_s: dict[tuple[bytes, bytes], list[float]] = field(default_factory=dict)
    open_rows: dict[tuple[bytes, bytes, bytes], int] = field(default_factory=dict)

    def packet(self, time_ns: int, packet: _Packet) -> None:
        """A request, a reply, or neither."""
        is_request = _ECHO.get((packet.protocol, packet.body[0] if len(packet.body) >= 8 else -1))
        if is_request is None:
            return
        number = packet.body[4:8]  # identifier and sequence
        if is_request:
            ends = packet.source, packet.target
            sent_ns, rtt_s = self.sent_ns.setdefault(ends, []), self.rtt_s.setdefault(ends, [])
            row = self.open_rows.get((*ends, number))
            if row is not None and time_ns - sent_ns[row] < _FORGOTTEN_NS:
                return  # seen twice, on its way through two devices
            if len(self.open_rows) >= _MOST_OPEN:
                self.open_rows.pop(next(iter(self.open_rows)))
            self.open_rows[(*ends, number)] = len(sent_ns)
            sent_ns.append(time_ns)
            rtt_s.append(np.nan)
            return
        ends = packet.target, packet.source
        row = self.open_rows.pop((*ends, number), None)
        if row is not None and time_ns >= self.sent_ns[ends][row]:
            self.rtt_s[ends][row] = (time_ns - self.sent_ns[ends][row]) / NS_PER_S

    def series(self, source: str, end_ns: int) -> RttSeries | None:
        """Round trips between the two ends with most requests; requests at the capture's very end are left out."""
        ends = max(self.sent_ns, key=lambda ends: len(self.sent_ns[ends]), default=None)
        if ends is None:
            return None
        sent_ns, rtt_s = np.array(self.sent_ns[ends], dtype=np.int64), np.array(self.rtt_s[ends], dtype=np.float64)
        decided = np.isfinite(rtt_s) | (sent_ns < end_ns - _UNDECIDED_NS)
        if not decided.any():
            return None
        others = sum(len(times) for times in self.sent_ns.values()) - len(sent_ns)
        notes = (f"{others:,} echo requests between other addresses are left out",) if others else ()
        return rtt_series(sent_ns[decided], rtt_s[decided], is_dated=True, source=source, notes=notes)


@dataclass(slots=True, kw_only=True)
class _Streams:
    """Connections by who opened them, and what waits for an answer."""

    opened_ns: dict[tuple[bytes, bytes, bytes], int] = field(default_factory=dict)
    clients: set[tuple[bytes, bytes, bytes]] = field(default_factory=set)
    stamps_ns: dict[tuple[tuple[bytes, bytes, bytes], bytes], int] = field(default_factory=dict)
    latest: dict[tuple[bytes, bytes, bytes], bytes] = field(default_factory=dict)
    handshakes: tuple[list[int], list[float]] = field(default_factory=lambda: ([], []))
    stamped: tuple[list[int], list[float]] = field(default_factory=lambda: ([], []))

    def packet(self, time_ns: int, packet: _Packet) -> None:
        """One segment."""
        body = packet.body
        if len(body) < 20:
            return
        flags = body[13] & (_SYN | _ACK)
        ports = body[:4]
        client = packet.source, packet.target, ports
        if flags == _SYN:
            self._syn(time_ns, client)
        elif flags == _SYN | _ACK:
            self._answered(time_ns, (packet.target, packet.source, ports[2:] + ports[:2]))
        elif client in self.clients:
            self._sent(time_ns, client, _stamps(body)[:4])
        else:
            self._echoed(time_ns, (packet.target, packet.source, ports[2:] + ports[:2]), _stamps(body)[4:])

    def _syn(self, time_ns: int, client: tuple[bytes, bytes, bytes]) -> None:
        if client in self.opened_ns:
            self.opened_ns[client] = -1  # sent again: which one is answered is not known
        elif len(self.opened_ns) < _MOST_OPEN and len(self.clients) < _MOST_OPEN:
            self.opened_ns[client] = time_ns
            self.clients.add(client)

    def _answered(self, time_ns: int, client: tuple[bytes, bytes, bytes]) -> None:
        sent_ns = self.opened_ns.pop(client, -1)
        if 0 <= sent_ns <= time_ns:
            self.handshakes[0].append(sent_ns)
            self.handshakes[1].append((time_ns - sent_ns) / NS_PER_S)

    def _sent(self, time_ns: int, client: tuple[bytes, bytes, bytes], stamp: bytes) -> None:
        if stamp and self.latest.get(client) != stamp:
            self.latest[client] = stamp
            if len(self.stamps_ns) >= _MOST_OPEN:
                self.stamps_ns.pop(next(iter(self.stamps_ns)))
            self.stamps_ns[client, stamp] = time_ns

    def _echoed(self, time_ns: int, client: tuple[bytes, bytes, bytes], stamp: bytes) -> None:
        sent_ns = self.stamps_ns.pop((client, stamp), None)
        if sent_ns is not None and sent_ns <= time_ns:
            self.stamped[0].append(sent_ns)
            self.stamped[1].append((time_ns - sent_ns) / NS_PER_S)


@dataclass(slots=True, kw_only=True)
class _Found:
    """What was seen so far."""

    times_ns: list[int] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    echoes: _Echoes = field(default_factory=_Echoes)
    streams: _Streams = field(default_factory=_Streams)
    notes: list[str] = field(default_factory=list)

    def packet(self, time_ns: int, data: bytes) -> None:
        """One packet more."""
        packet = _Packet.of(data)
        if packet is None:
            return
        self.times_ns.append(time_ns)
        self.sizes.append(packet.size)
        if packet.protocol in (_ICMP, _ICMP6):
            self.echoes.packet(time_ns, packet)
        elif packet.protocol == _TCP:
            self.streams.packet(time_ns, packet)


def _stamps(segment: bytes) -> bytes:
    """The eight bytes of a segment's timestamp option: its own, then the one it echoes; empty without the option."""
    place, end = 20, min(4 * (segment[12] >> 4), len(segment))
    while place < end and segment[place]:
        if segment[place] == 1:
            place += 1
            continue
        length = segment[place + 1] if place + 1 < end else 0
        if segment[place] == 8 and length == 10 and place + 10 <= end:
            return segment[place + 2 : place + 10]
        place += max(length, 2)
    return b""
