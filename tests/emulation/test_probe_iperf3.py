"""What iperf3 writes at both ends, as it was captured, and iperf3 itself over the loopback interface."""

import json
import time
from pathlib import Path

import numpy as np
import pytest

from skycommons.base.errors import InputError
from skycommons.emulation.probe_iperf3 import Iperf3Probe, joined, parse_iperf3
from skycommons.emulation.probes import IpVersion
from skycommons.model.emulation_rules import Congestion, Direction, Transport
from tests.support.loopback_host import LoopbackHost, ScriptedHost
from tests.support.programs import needed

DATA = Path(__file__).parent / "data" / "probes"


def captured(name: str) -> str:
    """A file of the captured outputs."""
    return (DATA / f"iperf3-{name}.json").read_text(encoding="utf-8")


def test_a_sender_knows_its_window_and_what_it_sent_again() -> None:
    """Sums over two streams, the mean of their round trips."""
    found = parse_iperf3(captured("tcp-up-client"))
    assert (len(found), found.is_sender, found.fault) == (4, True, "")
    assert found.cwnd_bytes[1] == 1_833_524 + 1_571_592
    assert found.rtt_s[1] == pytest.approx(29.5e-6)
    assert found.retransmits.sum() == 1.0
    assert found.begin_s[1] == 0.25005
    assert np.isnan(found.jitter_s).all()


def test_a_receiver_knows_what_came() -> None:
    """And nothing of windows."""
    found = parse_iperf3(captured("tcp-up-server"))
    assert not found.is_sender
    assert found.rate_bps[1] == pytest.approx(38_581_923_349.37)
    assert np.isnan(found.cwnd_bytes).all()
    assert found.total_bps == pytest.approx(32_716_928_936.8)


def test_a_receiver_of_udp_knows_what_was_lost() -> None:
    """By interval."""
    found = parse_iperf3(captured("udp-loss-server"))
    assert found.lost_packets.sum() == 122.0
    assert found.packets.sum() == 521.0
    assert 0.0 < found.jitter_s.max() < 1e-3


@pytest.mark.parametrize(
    ("receiver", "sender"),
    [("tcp-up-server", "tcp-up-client"), ("tcp-down-client", "tcp-down-server")],
)
def test_both_ends_make_one_table(receiver: str, sender: str) -> None:
    """Goodput of the receiver beside the window of the sender, interval by interval."""
    columns = joined(parse_iperf3(captured(receiver)), parse_iperf3(captured(sender)))
    assert set(columns) == {"begin_s", "span_s", "goodput_bps", "sent_bps", "retransmits", "cwnd_bytes", "rtt_s"}
    assert np.isfinite(columns["rtt_s"][:4]).all()
    assert np.isfinite(columns["goodput_bps"]).all()


def test_a_receiver_that_says_nothing_leaves_what_was_sent() -> None:
    """Its goodput is unknown, which is not the same as what was sent."""
    columns = joined(parse_iperf3(""), parse_iperf3(captured("interrupted-client")))
    assert np.isnan(columns["goodput_bps"]).all()
    assert np.isfinite(columns["sent_bps"]).all()


def test_a_sender_that_says_nothing_leaves_what_came() -> None:
    """A table of two columns."""
    columns = joined(parse_iperf3(captured("udp-loss-server")), parse_iperf3("{}"))
    assert set(columns) == {"begin_s", "span_s", "goodput_bps", "jitter_s", "lost_packets", "packets"}


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (captured("refused-client"), "unable to connect to server: Connection refused"),
        (captured("wrong-cc-client"), "unable to set TCP_CONGESTION"),
        (captured("interrupted-client"), "interrupt - the client has terminated"),
        (captured("tcp-up-client")[:3000], "its output ends early"),
        ("", "it wrote nothing"),
        ("3", "its output is no object"),
    ],
)
def test_what_went_wrong_is_told(text: str, fault: str) -> None:
    """In iperf3's words, or what is wrong with them."""
    assert fault in parse_iperf3(text).fault


def test_unknown_keys_are_passed_over_and_omitted_intervals_too() -> None:
    """Versions of iperf3 differ."""
    answer = json.loads(captured("tcp-down-client"))
    answer["news"] = answer["intervals"][0]["sum"]["news"] = {"a": 1}
    answer["intervals"][0]["sum"]["omitted"] = True
    answer["intervals"][1]["streams"] = "none"
    answer["intervals"].append("noise")
    answer["error"] = 5
    found = parse_iperf3(json.dumps(answer))
    assert (len(found), found.fault) == (3, "")


def test_the_command_names_everything() -> None:
    """Congestion control is pinned, the rate is shared by streams."""
    tcp = Iperf3Probe(congestion=Congestion.BBR, direction=Direction.UP, omit_s=2).command("203.0.113.10", 20_001)
    assert tcp[tcp.index("-C") + 1] == "bbr"
    assert tcp[tcp.index("-O") + 1] == "2"
    assert "-R" not in tcp
    udp = Iperf3Probe(transport=Transport.UDP, rate_bps=9e6, streams=3).command("203.0.113.10", 20_001)
    assert udp[udp.index("-b") + 1] == "3000000"
    assert {"-u", "-R"} < set(udp)
    assert "-C" not in udp


def test_names_tell_probes_apart() -> None:
    """They become names of files."""
    names = {
        Iperf3Probe().name,
        Iperf3Probe(congestion=Congestion.BBR, direction=Direction.UP).name,
        Iperf3Probe(transport=Transport.UDP, rate_bps=1e6, version=IpVersion.IPV6).name,
    }
    assert names == {"iperf3-cubic-down", "iperf3-bbr-up", "iperf3-udp-down-ipv6"}


@pytest.mark.parametrize(
    "wrong",
    [{"interval_s": 0.01}, {"duration_s": 0.0}, {"streams": 0}, {"rate_bps": -1.0}, {"transport": Transport.UDP}],
)
def test_settings_that_cannot_be_measured_with_are_refused(wrong: dict[str, float]) -> None:
    """UDP needs a rate, for one."""
    with pytest.raises(InputError, match="iperf3:"):
        Iperf3Probe(**wrong)  # type: ignore[arg-type] # one wrong value each, of the right type


def test_iperf3_runs_both_ways() -> None:
    """A second each over the loopback interface."""
    needed("iperf3")
    source, target = LoopbackHost("zurich", "127.13.0.1"), LoopbackHost("internet", "127.13.0.2")
    began = time.time_ns()
    down = Iperf3Probe(duration_s=1.0, interval_s=0.25, rate_bps=2e7).run(source, target, time.time_ns)
    assert down.notes == ()
    assert float(down.summary["goodput_mean_bps"]) == pytest.approx(2e7, rel=0.2)
    assert np.isfinite(down.series["cwnd_bytes"]).any()
    assert began < down.series["time_ns"][0] < time.time_ns()
    flow = Iperf3Probe(duration_s=1.0, interval_s=0.25, rate_bps=1e6, transport=Transport.UDP, direction=Direction.UP)
    up = flow.run(source, target, time.time_ns)
    assert up.notes == ()
    assert float(up.summary["goodput_mean_bps"]) == pytest.approx(1e6, rel=0.2)
    assert float(up.summary["packets"]) > 50


def replayed(client: str, server: str = "sleep") -> ScriptedHost:
    """A host whose iperf3 prints what was captured; its server listens as iperf3's would and says what another file holds."""
    listen = (
        "import socket, sys, time\n"
        "place = socket.create_server((sys.argv[1], int(sys.argv[2])))\n"
        "time.sleep(0.5); sys.stdout.write(open(sys.argv[3]).read())"
    )
    port = "PORT"
    return ScriptedHost(
        "zurich",
        {"-s": ["python3", "-c", listen, "127.0.0.1", port, str(DATA / server)], "-c": ["cat", str(DATA / client)]},
    )


@pytest.mark.parametrize(
    ("direction", "client", "server", "rows", "note"),
    [
        (Direction.UP, "tcp-up-client", "tcp-up-server", 5, ""),
        (Direction.UP, "interrupted-client", "refused-client", 4, "the server, which received, wrote no intervals"),
        (Direction.DOWN, "refused-client", "tcp-down-server", 5, "the client, which received, wrote no intervals"),
        (Direction.UP, "refused-client", "refused-client", 0, "Connection refused"),
    ],
)
def test_results_are_made_of_whatever_the_ends_said(
    direction: Direction, client: str, server: str, rows: int, note: str
) -> None:
    """One end may have failed."""
    from skycommons.emulation.probe_programs import port_for

    needed("iperf3")
    probe = Iperf3Probe(direction=direction, duration_s=1.0, interval_s=0.25)
    host = replayed(f"iperf3-{client}.json", f"iperf3-{server}.json")
    host.instead["-s"][4] = str(port_for(f"{probe.name}", host, host))
    result = probe.run(host, host, time.time_ns)
    assert len(result) == rows
    assert any(note in each for each in result.notes) if note else result.notes == ()


def test_a_server_that_cannot_listen_is_told() -> None:
    """The address is not this machine's."""
    needed("iperf3")
    source, target = LoopbackHost("zurich", "127.13.0.3"), LoopbackHost("internet", "192.0.2.1")
    result = Iperf3Probe(duration_s=1.0).run(source, target, time.time_ns)
    assert "iperf3 does not listen on internet" in result.notes[0]


def test_a_machine_without_iperf3_is_told_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The other probes go on."""
    monkeypatch.setattr("skycommons.emulation.probe_programs.found", lambda name: False)
    host = LoopbackHost("zurich", "127.13.0.4")
    assert Iperf3Probe().run(host, host, time.time_ns).notes[0].startswith("iperf3 is not here")
