"""What the QUIC client tells, and a connection between two processes over the loopback interface."""

import json
import stat
import time
from contextlib import nullcontext
from pathlib import Path

import numpy as np
import pytest
from cryptography import x509

from skycommons.base.errors import InputError
from skycommons.emulation.probe_quic import QuicProbe, by_interval, parse_quic, write_certificate
from skycommons.emulation.probes import IpVersion
from skycommons.model.emulation_rules import Direction
from tests.support.loopback_host import LoopbackHost

SECOND = 1_000_000_000
SEEN = {
    "end_wall_ns": 12 * SECOND,
    "handshakes": [[9 * SECOND, 80_000_000]],
    "files": [],
    "moved": [[10 * SECOND, 1000], [10 * SECOND + 5, 500], [11 * SECOND + 1, 2000]],
    "pings": [[10 * SECOND + 1, 30_000_000], [10 * SECOND + 2, 50_000_000]],
    "failures": 0,
    "fault": "",
}


def test_rows_are_intervals_and_one_without_data_has_none() -> None:
    """To the end of the test, so that an outage is seen."""
    wall_ns, columns = by_interval(parse_quic(json.dumps(SEEN | {"news": 1})), interval_s=0.5)
    assert ((wall_ns - 10 * SECOND) / SECOND).tolist() == [0.0, 0.5, 1.0, 1.5, 2.0]
    assert columns["goodput_bps"].tolist() == pytest.approx([24_000.0, 0.0, 32_000.0, 0.0, 0.0])
    assert columns["rtt_s"][0] == pytest.approx(0.04)
    assert np.isnan(columns["rtt_s"][1:]).all()


def test_nothing_moved_has_no_rows() -> None:
    """Columns of length 0."""
    wall_ns, columns = by_interval(parse_quic(json.dumps(SEEN | {"moved": []})), interval_s=0.5)
    assert [len(column) for column in (wall_ns, *columns.values())] == [0, 0, 0, 0]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "it wrote nothing"),
        (json.dumps(SEEN)[:40], "ends early"),
        ("{}", "ends early"),
        ('{"moved": 3}', "ends early"),
    ],
)
def test_output_that_is_none_says_why(text: str, fault: str) -> None:
    """Cut off, empty or something else."""
    found = parse_quic(text)
    assert fault in found.fault
    assert len(found.moved_wall_ns) == len(found.handshake_s) == 0


def test_the_certificate_is_for_one_address_and_its_key_is_ours_alone(tmp_path: Path) -> None:
    """For a day."""
    certificate, key = write_certificate(tmp_path, "2001:db8::1")
    found = x509.load_pem_x509_certificate(certificate.read_bytes())
    names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert [str(name) for name in names.get_values_for_type(x509.IPAddress)] == ["2001:db8::1"]
    assert stat.S_IMODE(key.stat().st_mode) == 0o600


@pytest.mark.parametrize("wrong", [{"interval_s": 0.0}, {"duration_s": 0.0}, {"size_bytes": -1}])
def test_settings_that_cannot_be_measured_with_are_refused(wrong: dict[str, float]) -> None:
    """One by one."""
    with pytest.raises(InputError, match="quic:"):
        QuicProbe(**wrong)  # type: ignore[arg-type] # one wrong number each, of the right type


def test_quic_runs_between_two_processes() -> None:
    """Downloads of a file, one after the other."""
    source, target = LoopbackHost("zurich", "127.18.0.1"), LoopbackHost("internet", "127.18.0.2")
    result = QuicProbe(duration_s=1.5, interval_s=0.25, size_bytes=100_000).run(source, target, time.time_ns)
    assert result.notes == ()
    assert float(result.summary["connections"]) >= 1.0
    assert float(result.summary["handshake_median_s"]) > 0.0
    assert float(result.summary["goodput_mean_bps"]) > 0.0
    assert result.probe == "quic-down"


def test_a_server_that_cannot_listen_is_told() -> None:
    """The address is not this machine's."""
    source, target = LoopbackHost("zurich", "127.18.0.3"), LoopbackHost("internet", "192.0.2.1", "2001:db8::1")
    probe = QuicProbe(duration_s=0.1, direction=Direction.UP, version=IpVersion.IPV6)
    assert probe.name == "quic-up-ipv6"
    result = probe.run(source, target, time.time_ns)
    assert "quic_peer does not listen on internet" in result.notes[0]


def test_a_client_that_saw_nothing_has_notes_and_no_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    """In its own words, else in ours."""
    monkeypatch.setattr("skycommons.emulation.probe_quic.serving", lambda *rest: nullcontext())
    source, target = LoopbackHost("zurich", "127.18.0.4"), LoopbackHost("internet", "127.18.0.5")
    for told, note in (
        (
            SEEN | {"moved": [], "failures": 2, "fault": "refused"},
            "quic: 2 connection(s) failed, the last one: refused",
        ),
        (SEEN | {"moved": []}, "quic: nothing came through"),
    ):
        text = json.dumps(told)
        monkeypatch.setattr("skycommons.emulation.probe_quic.python", lambda *rest, text=text: ["echo", text])
        result = QuicProbe(duration_s=0.1).run(source, target, time.time_ns)
        assert result.notes == (note,)
        assert len(result) == 0


def test_without_aioquic_the_note_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is an extra."""
    monkeypatch.setattr("skycommons.emulation.probe_quic.find_spec", lambda name: None)
    host = LoopbackHost("zurich", "127.18.0.6")
    assert QuicProbe().run(host, host, time.time_ns).notes == ("aioquic is not here; pip install 'skycommons[quic]'",)
