"""What irtt writes, as it was captured, and irtt itself over the loopback interface."""

import json
import time
from pathlib import Path

import numpy as np
import pytest

from skycommons.base.errors import InputError
from skycommons.emulation.probe_irtt import IrttProbe, parse_irtt
from skycommons.emulation.probes import IpVersion
from tests.support.loopback_host import LoopbackHost
from tests.support.programs import needed

DATA = Path(__file__).parent / "data" / "probes"
LOST = (DATA / "irtt-lost.json").read_text(encoding="utf-8")


def test_each_direction_has_its_delay() -> None:
    """They add up to the round trip, but for the moments between two readings of the clocks."""
    found = parse_irtt((DATA / "irtt-ipv6.json").read_text(encoding="utf-8"))
    assert (len(found.rtt_s), found.fault, found.late, found.duplicates) == (6, "", 0, 0)
    np.testing.assert_allclose(found.up_s + found.down_s, found.rtt_s, atol=2e-6)
    assert np.isnan(found.ipdv_s[0])
    np.testing.assert_allclose(found.ipdv_s[1:], np.diff(found.rtt_s), atol=2e-6)


def test_losses_are_told_apart_by_direction() -> None:
    """Two on the way up, one on the way down, and the last where irtt cannot know."""
    found = parse_irtt(LOST)
    assert np.flatnonzero(np.isnan(found.rtt_s)).tolist() == [2, 4, 7, 11]
    assert np.flatnonzero(found.lost_up).tolist() == [2, 7]
    assert np.flatnonzero(found.lost_down).tolist() == [4]


def test_gaps_longer_than_what_the_server_remembers_are_told_by_its_count() -> None:
    """What was lost after the last reply stays unknown, and what is known of single packets counts in any case."""
    answer = json.loads(LOST)
    shares = parse_irtt(LOST).loss_shares()
    assert shares == (2 / 12, 1 / 12)
    for trip in answer["round_trips"]:
        trip["lost"] = "true" if trip["lost"] != "false" else "false"
    assert parse_irtt(json.dumps(answer)).loss_shares() == shares
    del answer["stats"]["server_packets_received"]
    assert parse_irtt(json.dumps(answer)).loss_shares() == (0.0, 0.0)
    assert parse_irtt("").loss_shares() == (0.0, 0.0)


def test_instants_are_whole_nanoseconds_of_the_wall_clock() -> None:
    """Nothing is rounded to what a float holds."""
    first = json.loads(LOST)["round_trips"][0]["timestamps"]["client"]["send"]["wall"]
    assert parse_irtt(LOST).sent_wall_ns[0] == first


def test_unknown_keys_are_passed_over_and_missing_ones_are_nan() -> None:
    """Versions of irtt differ."""
    answer = json.loads(LOST)
    answer["flavour"] = answer["round_trips"][0]["flavour"] = "new"
    answer["stats"] = None
    del answer["round_trips"][1]["delay"]
    answer["round_trips"].append("noise")
    del answer["round_trips"][3]["timestamps"]
    found = parse_irtt(json.dumps(answer))
    assert len(found.rtt_s) == 11
    assert np.isnan(found.rtt_s[1])


def test_replies_out_of_order_are_counted() -> None:
    """By the instants at which they came."""
    answer = json.loads((DATA / "irtt-ipv6.json").read_text(encoding="utf-8"))
    stamps = [trip["timestamps"]["client"]["receive"] for trip in answer["round_trips"]]
    stamps[1]["monotonic"], stamps[2]["monotonic"] = stamps[2]["monotonic"], stamps[1]["monotonic"]
    assert parse_irtt(json.dumps(answer)).late == 1


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "wrote nothing"),
        (LOST[:4000], "ends early"),
        ("[]", "no round_trips"),
        ('{"round_trips": 3}', "no round_trips"),
    ],
)
def test_output_that_is_none_says_why(text: str, fault: str) -> None:
    """Cut off, empty or something else."""
    found = parse_irtt(text)
    assert fault in found.fault
    assert len(found.rtt_s) == 0


@pytest.mark.parametrize("wrong", [{"payload_bytes": 8}, {"interval_s": 0.0}, {"duration_s": 0.0}])
def test_settings_that_cannot_be_measured_with_are_refused(wrong: dict[str, float]) -> None:
    """A packet has to hold irtt's headers."""
    with pytest.raises(InputError, match="irtt:"):
        IrttProbe(**wrong)  # type: ignore[arg-type] # one wrong number each, of the right type


def test_irtt_runs_against_a_server_of_its_own() -> None:
    """It is gone afterwards."""
    needed("irtt")
    source, target = LoopbackHost("zurich", "127.12.0.1"), LoopbackHost("internet", "127.12.0.2")
    result = IrttProbe(duration_s=0.3, interval_s=0.02).run(source, target, time.time_ns)
    assert result.notes == ()
    assert (len(result), result.summary["loss_share"], result.summary["up_loss_share"]) == (15, 0.0, 0.0)
    assert 0.0 < float(result.summary["up_median_s"]) < 0.1
    again = IrttProbe(duration_s=0.1).run(source, target, time.time_ns)
    assert again.notes == ()


def test_a_server_that_cannot_listen_is_told() -> None:
    """The address is not this machine's."""
    needed("irtt")
    source, target = LoopbackHost("zurich", "127.12.0.3"), LoopbackHost("internet", "192.0.2.1", "2001:db8::1")
    for version in IpVersion:
        result = IrttProbe(duration_s=0.1, version=version).run(source, target, time.time_ns)
        assert "irtt does not listen on internet" in result.notes[0]
        assert len(result) == 0


def test_a_client_that_reaches_nobody_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """What it complains about is the note."""
    needed("irtt")
    source, target = LoopbackHost("zurich", "127.12.0.4"), LoopbackHost("internet", "127.12.0.5")
    monkeypatch.setattr("skycommons.emulation.probe_irtt._time", lambda length_s: "never")
    result = IrttProbe(duration_s=0.1).run(source, target, time.time_ns)
    assert result.notes[0].startswith("irtt: ")
    assert len(result) == 0


def test_a_machine_without_irtt_is_told_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The other probes go on."""
    monkeypatch.setattr("skycommons.emulation.probe_programs.found", lambda name: False)
    host = LoopbackHost("zurich", "127.12.0.6")
    assert IrttProbe(version=IpVersion.IPV6).run(host, host, time.time_ns).notes[0].startswith("irtt is not here")
