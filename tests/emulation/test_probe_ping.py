"""What ping prints, as it was captured, and ping itself over the loopback interface."""

import time
from pathlib import Path

import numpy as np
import pytest

from skycommons.base.errors import InputError
from skycommons.emulation.probe_ping import PingProbe, parse_ping
from skycommons.emulation.probes import IpVersion
from tests.support.loopback_host import LoopbackHost, ScriptedHost
from tests.support.programs import needed

DATA = Path(__file__).parent / "data" / "probes"


def captured(name: str) -> str:
    """A file of the captured outputs."""
    return (DATA / name).read_text(encoding="utf-8")


def test_replies_are_rows_at_the_instant_of_sending() -> None:
    """The stamp is the reply's; the round trip before it the packet left. Addresses of IPv6 read alike."""
    found = parse_ping(captured("ping-ipv6.txt"), interval_s=0.1, begin_wall_ns=0)
    assert found.rtt_s.tolist() == pytest.approx([49e-6, 52e-6, 51e-6, 51e-6, 52e-6])
    assert found.sent_wall_ns[0] == 1_795_359_464_041_210_000 - 49_000
    assert set(found.ttl.tolist()) == {64}


def test_lost_packets_are_rows_without_a_round_trip_at_the_instant_of_sending() -> None:
    """The line about the packet before tells when one was sent, else its neighbours do."""
    found = parse_ping(captured("ping-lost.txt"), interval_s=0.1, begin_wall_ns=0)
    assert np.flatnonzero(np.isnan(found.rtt_s)).tolist() == [9, 10, 15, 18]
    assert found.ttl[9] == 0
    assert (
        found.sent_wall_ns[10] == 1_795_359_465_518_120_000
    )  # "no answer yet for icmp_seq=10" is printed before 11 is sent
    middle = found.sent_wall_ns[9]
    assert 1_795_359_465_400_000_000 < middle < 1_795_359_465_430_000_000
    assert (np.diff(found.sent_wall_ns) >= 0).all()


def test_when_everything_is_lost_the_pace_is_known() -> None:
    """From the lines that ping prints while it waits."""
    found = parse_ping(captured("ping-all-lost.txt"), interval_s=0.1, begin_wall_ns=0)
    assert np.isnan(found.rtt_s).all()
    assert np.diff(found.sent_wall_ns).tolist() == pytest.approx([1e8, 1.04e8, 1.04e8, 1.04e8], rel=0.01)


def test_when_no_line_tells_an_instant_the_begin_and_the_interval_do() -> None:
    """Only the summary is left."""
    found = parse_ping("3 packets transmitted, 0 received, 100% packet loss\n", interval_s=0.5, begin_wall_ns=7)
    assert found.sent_wall_ns.tolist() == [7, 500_000_007, 1_000_000_007]


def test_routers_complaints_are_counted_and_the_packets_lost() -> None:
    """They are no replies."""
    found = parse_ping(captured("ping-host-unreachable.txt"), interval_s=0.5, begin_wall_ns=0)
    assert (len(found.rtt_s), found.errors) == (8, 6)
    assert np.isnan(found.rtt_s).all()


def test_the_first_of_duplicates_counts() -> None:
    """And what was cut out between is lost."""
    found = parse_ping(captured("ping-duplicates.txt"), interval_s=0.1, begin_wall_ns=0)
    assert found.duplicates == 2
    assert found.rtt_s.tolist() == pytest.approx([0.147e-3, np.nan, np.nan, 33.2e-3], nan_ok=True)


def test_output_that_was_cut_off_keeps_its_whole_lines() -> None:
    """At every byte, nothing is made up: rows are those of the whole output."""
    text = captured("ping-interrupted.txt")
    whole = parse_ping(text, interval_s=0.1, begin_wall_ns=0)
    assert len(whole.rtt_s) == 8
    for end in range(len(text)):
        part = parse_ping(text[:end], interval_s=0.1, begin_wall_ns=0)
        known = np.isfinite(part.rtt_s)
        assert len(part.rtt_s) <= 8
        np.testing.assert_array_equal(part.rtt_s[known], whole.rtt_s[: len(known)][known])


def test_numbers_go_on_where_icmp_starts_again() -> None:
    """After 65,535 comes 0."""
    line = "[{}.0] 64 bytes from 127.0.0.1: icmp_seq={} ttl=64 time=1.0 ms"
    text = "\n".join(line.format(100 + place, number) for place, number in enumerate((65_533, 65_534, 65_535, 0, 1)))
    padded = parse_ping(text, interval_s=1.0, begin_wall_ns=0)
    assert len(padded.rtt_s) == 65_537
    assert np.isfinite(padded.rtt_s[-5:]).all()


def test_replies_out_of_order_are_counted() -> None:
    """A reply that comes after that to a later packet is late."""
    line = "[100.{}] 64 bytes from 127.0.0.1: icmp_seq={} ttl=64 time=1.0 ms"
    found = parse_ping(
        "\n".join(line.format(n, s) for n, s in ((1, 1), (2, 3), (3, 2))), interval_s=0.1, begin_wall_ns=0
    )
    assert found.late == 1
    assert (np.diff(found.sent_wall_ns) >= 0).all()


def test_the_command_names_everything() -> None:
    """Nothing is left to a machine's defaults, and the language of its numbers neither."""
    command = PingProbe(duration_s=3.0, interval_s=0.2, version=IpVersion.IPV6).command("2001:db8::1")
    assert command[:3] == ["env", "LC_ALL=C", "ping"]
    assert command[-1] == "2001:db8::1"
    assert "-6" in command
    assert command[command.index("-c") + 1] == "15"


@pytest.mark.parametrize("wrong", [{"payload_bytes": 8}, {"interval_s": 0.0}, {"duration_s": 0.0}])
def test_settings_that_cannot_be_measured_with_are_refused(wrong: dict[str, float]) -> None:
    """A packet must hold its instant."""
    with pytest.raises(InputError, match="ping:"):
        PingProbe(**wrong)  # type: ignore[arg-type] # one wrong number each, of the right type


def test_ping_runs_and_its_rows_carry_emulated_time() -> None:
    """Here with a clock that is 1,000 s behind."""
    needed("ping")
    host = LoopbackHost("zurich", "127.11.0.1")
    began = time.time_ns() - 1_000_000_000_000
    result = PingProbe(duration_s=0.5, interval_s=0.1).run(host, host, lambda: time.time_ns() - 1_000_000_000_000)
    assert result.notes == ()
    assert (len(result), result.summary["loss_share"], result.probe) == (5, 0.0, "ping")
    assert began <= result.begin_ns <= result.series["time_ns"][0]
    assert result.series["time_ns"][-1] < time.time_ns() - 1_000_000_000_000 + 1_000_000_000
    assert b"packets transmitted" in result.raw


def test_without_a_route_the_note_says_so() -> None:
    """Ping says it on its standard error, and nothing else."""
    needed("ping")
    script = "import sys; sys.stderr.write(open(sys.argv[1]).read()); sys.exit(2)"
    stand_in = ["python3", "-c", script, str(DATA / "ping-unreachable.txt")]
    host = ScriptedHost("zurich", {"ping": stand_in})
    result = PingProbe(duration_s=0.2, interval_s=0.1).run(host, host, time.time_ns)
    assert result.notes == ("ping: connect: Network is unreachable",)
    assert (len(result), result.summary) == (0, {})


def test_a_silent_ping_is_told_as_such() -> None:
    """It printed nothing and did not complain."""
    needed("ping")
    host = ScriptedHost("zurich", {"ping": ["true"]})
    assert PingProbe(duration_s=0.2).run(host, host, time.time_ns).notes == ("ping printed nothing",)


def test_a_machine_without_ping_is_told_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The other probes go on."""
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr("skycommons.emulation.probe_programs.found", lambda name: False)
    host = LoopbackHost("zurich", "127.11.0.1")
    assert PingProbe().run(host, host, time.time_ns).notes[0].startswith("ping is not here")


def test_a_host_that_cannot_start_it_is_told() -> None:
    """The namespace is gone, for one."""
    needed("ping")
    host = ScriptedHost("zurich", {"ping": ["/nowhere/ping"]})
    assert "cannot be started on zurich" in PingProbe().run(host, host, time.time_ns).notes[0]
