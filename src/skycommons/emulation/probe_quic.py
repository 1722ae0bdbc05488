"""QUIC by aioquic: the handshake, goodput and round trips of a connection in user space.

Rules: the certificate is made for the run, lies in a temporary folder and is trusted by nobody else. aioquic itself moves some tens of Mbit/s
at most; where a line is faster, its goodput says nothing of the line. A row is an interval; one in which nothing came has goodput 0.
"""

import ipaddress
import json
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np

from skycommons.base.arrays import Floats, Ints
from skycommons.base.constants import NS_PER_S
from skycommons.base.errors import HostError, InputError
from skycommons.emulation.probe_programs import Finished, Port, finish, port_for, python, serving
from skycommons.emulation.probe_summary import rate_summary
from skycommons.emulation.probes import (
    TIME,
    Clock,
    HostLike,
    IpVersion,
    ProbeResult,
    Reading,
    TimeMap,
    address_of,
    without_result,
)
from skycommons.model.emulation_rules import Direction

_MODULE: Final = "skycommons.emulation.quic_peer"
_PATIENCE_S: Final = 25.0
_NAN: Final = float("nan")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class QuicRows:
    """What the client saw.

    Attributes:
        handshake_s: ``(H,)`` from the first packet to a connection.
        file_s: ``(F,)`` from there to the end of a file, the handshake included.
        moved_wall_ns, moved_bytes: ``(N,)`` when bytes came, or were acknowledged, and how many.
        ping_wall_ns, ping_s: ``(M,)`` when round trips began, and how long they took.
        end_wall_ns: When it stopped moving data.
        failures: Connections that never came about or were lost.
        fault: What went wrong; empty if nothing did.
    """

    handshake_s: Floats
    file_s: Floats
    moved_wall_ns: Ints
    moved_bytes: Ints
    ping_wall_ns: Ints
    ping_s: Floats
    end_wall_ns: int
    failures: int
    fault: str = ""


def parse_quic(text: str) -> QuicRows:
    """What `skycommons.emulation.quic_peer` wrote."""
    try:
        seen = json.loads(text)
        handshakes, files, moved, pings = (_pairs(seen[name]) for name in ("handshakes", "files", "moved", "pings"))
        end_wall_ns, failures, fault = int(seen["end_wall_ns"]), int(seen["failures"]), str(seen["fault"])
    except (ValueError, KeyError, TypeError):
        handshakes = files = moved = pings = _pairs([])
        end_wall_ns, failures = 0, 0
        fault = "its output ends early" if text.strip() else "it wrote nothing"
    return QuicRows(
        handshake_s=handshakes[:, 1].astype(np.float64) * 1e-9,
        file_s=files[:, 1].astype(np.float64) * 1e-9,
        moved_wall_ns=moved[:, 0],
        moved_bytes=moved[:, 1],
        ping_wall_ns=pings[:, 0],
        ping_s=pings[:, 1].astype(np.float64) * 1e-9,
        end_wall_ns=end_wall_ns,
        failures=failures,
        fault=fault,
    )


def _pairs(rows: Sequence[Sequence[int]]) -> Ints:
    """Rows of two whole numbers."""
    return np.array(rows, dtype=np.int64).reshape(len(rows), 2)


def by_interval(rows: QuicRows, *, interval_s: float) -> tuple[Ints, dict[str, Floats]]:
    """Goodput and the median round trip by intervals of one length, from the first byte to the end of the test.

    Returns:
        ``(N,)`` begins of the intervals by the wall clock, and the columns ``span_s``, ``goodput_bps`` and ``rtt_s``.
    """
    if not len(rows.moved_wall_ns):
        none = np.empty(0)
        return np.empty(0, dtype=np.int64), {"span_s": none, "goodput_bps": none, "rtt_s": none}
    interval_ns = round(interval_s * NS_PER_S)
    first_ns, last_ns = int(rows.moved_wall_ns[0]), max(int(rows.moved_wall_ns[-1]), rows.end_wall_ns)
    count = (last_ns - first_ns) // interval_ns + 1
    begin_ns = first_ns + interval_ns * np.arange(count, dtype=np.int64)
    span_s = np.full(count, interval_s)
    span_s[-1] = max(1e-9 * (last_ns - int(begin_ns[-1])), 1e-3)
    moved = np.bincount((rows.moved_wall_ns - first_ns) // interval_ns, weights=rows.moved_bytes, minlength=count)
    edges = np.searchsorted(rows.ping_wall_ns, np.append(begin_ns, begin_ns[-1] + interval_ns)).tolist()
    rtt_s = [float(np.median(rows.ping_s[low:high])) if high > low else _NAN for low, high in pairwise(edges)]
    return begin_ns, {"span_s": span_s, "goodput_bps": 8.0 * moved / span_s, "rtt_s": np.array(rtt_s)}


def write_certificate(folder: Path, address: str) -> tuple[Path, Path]:
    """Make a certificate for an address, valid for a day.

    Returns:
        The files of the certificate and of its key.
    """
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "skycommons probe")])
    now = datetime.now(tz=UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    paths = folder / "certificate.pem", folder / "key.pem"
    paths[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    paths[1].touch(mode=0o600)
    paths[1].write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return paths


@dataclass(frozen=True, slots=True, kw_only=True)
class QuicProbe:
    """Data over QUIC with CUBIC, as fast as it goes.

    Attributes:
        interval_s: Of a row.
        size_bytes: Of a file, each over a connection of its own, rounded up to 16 KiB; 0 for one connection without end.
    Raises:
        InputError: The numbers make no sense.
    """

    duration_s: float = 30.0
    interval_s: float = 0.5
    direction: Direction = Direction.DOWN
    size_bytes: int = 0
    version: IpVersion = IpVersion.IPV4

    def __post_init__(self) -> None:
        if self.interval_s < 0.05 or self.duration_s <= 0.0 or self.size_bytes < 0:
            raise InputError("quic: intervals of 50 ms or more, a duration above 0, and no negative size")

    @property
    def name(self) -> str:
        """Short name."""
        return f"quic-{self.direction.value}{'-ipv6' if self.version is IpVersion.IPV6 else ''}"

    def run(self, source: HostLike, target: HostLike, clock: Clock) -> ProbeResult:
        """Measure what gets from source to target (up) or from target to source (down)."""
        begin = Reading.of(clock)
        if find_spec("aioquic") is None:
            note = "aioquic is not here; pip install 'skycommons[quic]'"
            return without_result(self.name, source, target, begin_ns=begin.time_ns, notes=[note])
        address = address_of(target, self.version)
        port = Port(number=port_for(self.name, source, target), is_udp=True)
        place = (address, f"{port.number}")
        try:
            with ExitStack() as stack:
                folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="skycommons-quic-")))
                certificate, key = write_certificate(folder, address)
                server = python(_MODULE, "serve", *place, str(certificate), str(key))
                stack.enter_context(serving(target, server, port))
                length = (f"{self.duration_s}", self.direction.value, f"{self.size_bytes}")
                client = python(_MODULE, "measure", *place, str(certificate), *length)
                done = finish(source, client, timeout_s=self.duration_s + _PATIENCE_S)
        except HostError as error:
            return without_result(self.name, source, target, begin_ns=begin.time_ns, notes=[str(error)])
        return self._result(source, target, done, TimeMap(begin=begin, end=Reading.of(clock)))

    def _result(self, source: HostLike, target: HostLike, done: Finished, times: TimeMap) -> ProbeResult:
        """What the client's output says."""
        found = parse_quic(done.output)
        notes = done.faults("quic")
        if found.fault:
            count = f"{found.failures} connection(s) failed, the last one: " if found.failures else ""
            notes.append(f"quic: {count}{found.fault}")
        wall_ns, columns = by_interval(found, interval_s=self.interval_s)
        summary: dict[str, float | str] = {
            "direction": self.direction.value,
            "connections": float(len(found.handshake_s)),
            "failed_connections": float(found.failures),
            "handshake_median_s": _median(found.handshake_s),
            "files": float(len(found.file_s)),
            "file_median_s": _median(found.file_s),
            "rtt_median_s": _median(found.ping_s),
            **rate_summary(columns["goodput_bps"], columns["span_s"]),
        }
        return ProbeResult(
            probe=self.name,
            source=source.name,
            target=target.name,
            begin_ns=times.begin.time_ns,
            summary=summary,
            series={TIME: times.at(wall_ns), **columns},
            raw=done.raw,
            notes=tuple(notes or ([] if len(wall_ns) else ["quic: nothing came through"])),
        )


def _median(values: Floats) -> float:
    """The median; NaN of nothing."""
    return float(np.median(values)) if len(values) else _NAN
