"""What curl writes about a download, and downloads over the loopback interface."""

import json
import time

import numpy as np
import pytest

from skycommons.base.errors import InputError
from skycommons.emulation.probe_curl import CurlProbe, parse_curl
from skycommons.emulation.probes import IpVersion
from skycommons.model.emulation_rules import Congestion
from tests.support.loopback_host import LoopbackHost, ScriptedHost
from tests.support.programs import needed

# What curl 7.88.1 of Debian 12 writes for --write-out '%{json}', shortened by what is not read.
WELL = {
    "errormsg": None,
    "exitcode": 0,
    "http_code": 200,
    "size_download": 1_000_000,
    "speed_download": 642_257_000,
    "time_connect": 0.000258,
    "time_starttransfer": 0.001121,
    "time_total": 0.001557,
}
REFUSED = {
    "errormsg": "Failed to connect to 127.0.0.1 port 9 after 0 ms: Couldn't connect to server",
    "exitcode": 7,
    "http_code": 0,
    "size_download": 0,
    "time_connect": 0.0,
    "time_total": 0.000133,
}


def test_a_download_has_its_times_and_its_goodput() -> None:
    """In bits per second."""
    found = parse_curl(json.dumps(WELL | {"news": {"a": 1}}))
    assert (found.connect_s, found.first_byte_s, found.total_s) == (0.000258, 0.001121, 0.001557)
    assert (found.goodput_bps, found.received_bytes, found.fault) == (8 * 642_257_000.0, 1e6, "")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (json.dumps(REFUSED), "Couldn't connect to server"),
        (json.dumps(WELL | {"http_code": 404}), "status 404"),
        (json.dumps(WELL)[:50], "its output ends early"),
        ("", "it wrote nothing"),
        ("[]", "its output is no object"),
    ],
)
def test_a_download_that_failed_says_why(text: str, fault: str) -> None:
    """And has no times but those that it came to."""
    found = parse_curl(text)
    assert fault in found.fault
    assert np.isnan([found.total_s, found.goodput_bps]).all()


def test_missing_numbers_are_unknown() -> None:
    """Versions of curl differ."""
    found = parse_curl(json.dumps({"exitcode": 0, "http_code": 200}))
    assert np.isnan([found.connect_s, found.total_s]).all()


@pytest.mark.parametrize("wrong", [{"size_bytes": 0}, {"interval_s": -1.0}, {"duration_s": 0.0}, {"limit_s": 0.0}])
def test_settings_that_cannot_be_measured_with_are_refused(wrong: dict[str, float]) -> None:
    """All at once is no pace."""
    with pytest.raises(InputError, match="curl:"):
        CurlProbe(**wrong)  # type: ignore[arg-type] # one wrong number each, of the right type


def test_downloads_follow_each_other_at_the_interval() -> None:
    """Until the duration is over."""
    needed("curl")
    source, target = LoopbackHost("zurich", "127.15.0.1"), LoopbackHost("internet", "127.15.0.2")
    pauses: list[float] = []

    def sleep(pause_s: float) -> None:
        pauses.append(pause_s)
        time.sleep(pause_s)

    probe = CurlProbe(duration_s=0.7, interval_s=0.3, size_bytes=300_000, congestion=Congestion.BBR, sleep=sleep)
    result = probe.run(source, target, time.time_ns)
    assert result.notes == ()
    assert 1 <= len(result) <= 3
    assert set(result.series["received_bytes"].tolist()) == {300_000.0}
    assert float(result.summary["goodput_median_bps"]) > 0.0
    assert all(0.0 <= pause_s <= 0.3 for pause_s in pauses)


def test_downloads_that_fail_are_rows_too() -> None:
    """With a note that says how many, and why first."""
    needed("curl")
    server = "import socket, sys, time; s = socket.create_server(('127.15.0.3', int(sys.argv[1]))); time.sleep(60)"
    host = ScriptedHost("zurich", {"curl": ["echo", json.dumps(REFUSED)], "-m": []}, ipv4="127.15.0.3")
    from skycommons.emulation.probe_programs import port_for

    host.instead["-m"] = ["python3", "-c", server, str(port_for("curl", host, host))]
    result = CurlProbe(duration_s=0.1, interval_s=0.0).run(host, host, time.time_ns)
    assert len(result) >= 1
    assert np.isnan(result.series["total_s"]).all()
    assert result.notes[0].endswith("Couldn't connect to server")
    assert np.isnan(float(result.summary["goodput_median_bps"]))


def test_a_server_that_cannot_listen_is_told() -> None:
    """Neither at an address of IPv4 nor of IPv6 that is not this machine's."""
    needed("curl")
    source, target = LoopbackHost("zurich", "127.15.0.4"), LoopbackHost("internet", "192.0.2.1", "2001:db8::1")
    for version in IpVersion:
        result = CurlProbe(duration_s=0.1, version=version).run(source, target, time.time_ns)
        assert "http_peer does not listen on internet" in result.notes[0]


def test_a_machine_without_curl_is_told_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The other probes go on."""
    monkeypatch.setattr("skycommons.emulation.probe_programs.found", lambda name: False)
    host = LoopbackHost("zurich", "127.15.0.5")
    assert CurlProbe().run(host, host, time.time_ns).notes[0].startswith("curl is not here")
