"""``skycommons emulate``: what it asks the live network for, what it refuses before, and how it answers."""

import json
import math
import sys
from pathlib import Path
from typing import Any

import pytest

from skycommons.base.errors import HostError
from skycommons.cli import main
from skycommons.cli.console import Output
from skycommons.cli.emulate import tell_report
from skycommons.emulation.world_state import MapApplies
from skycommons.model.emulation_rules import WireKind
from tests.support.commons import Commons
from tests.support.live_networks import FakeNetwork, report, session
from tests.support.signed_maps import commons_of_light, emergency, files, time_section
from tests.support.tiny_world import DENSE, tiny_text

Captured = pytest.CaptureFixture[str]
PING = '[[emulation.probes]]\nkind = "ping"\nfrom = "zurich"'
HELLO = (sys.executable, "-c", "print('hello'); raise SystemExit(7)")


@pytest.fixture
def net(monkeypatch: pytest.MonkeyPatch) -> FakeNetwork:
    """The network that is run in place of a real one; no privileges are asked for."""
    made = FakeNetwork.of("zurich", "internet")
    monkeypatch.setattr("skycommons.emulation.live_network.emulate", made.started)
    monkeypatch.setattr("skycommons.emulation.privileges.ensure", lambda: None)
    return made


def scenario(folder: Path, **parts: str) -> str:
    """A scenario file."""
    path = folder / "tiny.toml"
    path.write_text(tiny_text(**parts), encoding="utf-8")
    return str(path)


def test_a_program_runs_on_the_first_terminals_host(net: FakeNetwork, tmp_path: Path, capfd: Captured) -> None:
    """Its output is stdout, its exit code the command's; all else goes to stderr."""
    assert main(["emulate", scenario(tmp_path), "--", *HELLO]) == 7
    out, err = capfd.readouterr()
    assert out == "hello\n"
    assert "note: this machine has no IPv6" in err
    assert "zurich is 100.64.0.2 and 2001:db8::1; hosts: zurich, internet" in err
    assert "42 packets sent, 42 delivered; lost: 0 at random" in err
    assert net.asked["sites"] == ()
    assert (net.asked["speed"], net.asked["seconds"], net.asked["wire"]) == (1.0, None, None)


def test_options_reach_the_network(net: FakeNetwork, tmp_path: Path) -> None:
    """What follows the two dashes is the program's, whatever it looks like."""
    words = ["--sites", "zurich", "--speed", "2", "--seconds", "60", "--wire", "netem", "--on", "internet", "--quiet"]
    code = "import sys; sys.exit(sys.argv[1:] != ['--speed', '9', '--debug', '--help'])"
    line = [
        "emulate",
        scenario(tmp_path),
        *words,
        "--",
        sys.executable,
        "-c",
        code,
        "--speed",
        "9",
        "--debug",
        "--help",
    ]
    assert main(line) == 0
    assert net.asked["sites"] == ("zurich",)
    assert (net.asked["speed"], net.asked["seconds"], net.asked["wire"]) == (2.0, 60.0, WireKind.NETEM)
    assert len(net["internet"].programs) == 1


def test_nothing_is_done_at_terminals_that_take_no_part(net: FakeNetwork, tmp_path: Path) -> None:
    """Their events and probes are left out."""
    second = '\n[[terminals]]\nname = "geneva"\nlatitude_deg = 46.2\nlongitude_deg = 6.14\n'
    section = '[[emulation.events]]\nkind = "stow"\nat_s = 1\nterminal = "{}"\n'
    path = scenario(tmp_path, second=second, emulation=section.format("geneva") + section.format("zurich"))
    assert main(["emulate", path, "--sites", "zurich", "--", *HELLO]) == 7
    (event,) = net.asked["scenario"].emulation.events
    assert event.terminal == "zurich"


def test_json_is_one_document(net: FakeNetwork, tmp_path: Path, capfd: Captured) -> None:
    """The program's output goes to stderr."""
    assert main(["emulate", scenario(tmp_path), "--json", "--", *HELLO]) == 7
    out, err = capfd.readouterr()
    answer = json.loads(out)
    assert err == "hello\n"
    assert (answer["host"], answer["exit_code"], answer["program"]) == ("zurich", 7, list(HELLO))
    assert answer["run"]["is_sound"] is True


def test_a_shell_opens_on_a_host(net: FakeNetwork, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The user's own, or the system's."""
    monkeypatch.setenv("SHELL", "/bin/true")
    assert main(["emulate", scenario(tmp_path), "--shell", "zurich"]) == 0
    monkeypatch.setattr("skycommons.cli.emulate._SHELL", "/bin/false")
    monkeypatch.delenv("SHELL")
    assert main(["emulate", scenario(tmp_path), "--shell", "internet"]) == 1
    monkeypatch.setattr("skycommons.cli.emulate._SHELL", "no-shell-at-all")
    monkeypatch.setattr("skycommons.cli.emulate._PLAIN_SHELL", "/bin/true")
    assert main(["emulate", scenario(tmp_path), "--shell", "internet"]) == 0
    assert [program.args for program in net["zurich"].programs] == [("/bin/true",)]


def test_without_a_program_the_scenarios_probes_run(
    net: FakeNetwork, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: Captured
) -> None:
    """What they found is shown and written; those that would begin too late are left out."""
    asked: list[dict[str, Any]] = []

    def run(_net: object, **more: Any) -> object:
        asked.append(more)
        return session()

    monkeypatch.setattr("skycommons.emulation.session.run_session", run)
    path = scenario(tmp_path, emulation=PING + "\n" + PING + "\nbegin_s = 40")
    line = ["emulate", path, "--out", str(tmp_path / "out"), "--seconds", "30"]
    assert main(line) == 0
    out, err = capfd.readouterr()
    assert "Round trips" in out
    assert "packets sent" in err
    assert len(net.asked["scenario"].emulation.probes) == 1
    place = tmp_path / "out" / "tiny-live"
    assert asked[0]["folder"].parent == place.parent
    assert (place / "summary.json").exists()
    assert str(place / "summary.json") in out
    assert main([*line, "--json"]) == 0
    answer = json.loads(capfd.readouterr().out)
    assert answer["files"]["summary"] == str(place / "summary.json")
    assert [path.name for path in place.parent.iterdir()] == ["tiny-live"]
    assert len(answer["probes"]) == 4


def test_results_need_a_place(net: FakeNetwork, tmp_path: Path, capsys: Captured) -> None:
    """Which is found out before anything is built."""
    (tmp_path / "file").write_text("")
    assert main(["emulate", scenario(tmp_path, emulation=PING), "--out", str(tmp_path / "file" / "out")]) == 6
    assert net.asked == {}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "there is nothing to run: name a program after --"),
        (["--shell", "zurich", "--", "ls"], "--shell opens a shell; leave out the program"),
        (["--shell", "zurich", "--on", "zurich"], "--shell opens a shell"),
        (["--on", "zurich"], "--on says where a program runs; name one after --"),
        (["--shell", "zürich"], "there is no host 'zürich'; did you mean zurich?"),
        (["--on", "x", "--", "ls"], "there is no host 'x'; there are zurich, internet, frankfurt"),
        (["--sites", "zurich,basel", "--", "ls"], "--sites: there is no terminal 'basel'"),
        (["--seconds", "0", "--", "ls"], "--seconds: 0 should be above 0"),
        (["--seconds", "inf", "--", "ls"], "--seconds: inf should be above 0"),
        (["--speed", "0", "--", "ls"], "--speed: 0 should be above 0 and at most 100"),
        (["--speed", "nan", "--", "ls"], "--speed: nan should be above 0"),
        (["--service-map-at", "3", "--", "ls"], "--service-map-at: is of use only beside --service-map"),
        (["--service-map", "m", "--service-map-at", "-1", "--", "ls"], "--service-map-at: -1 should be 0 or above"),
        (["--service-map", "m", "--", "ls"], "give --trust too"),
        (["--wire", "rope", "--", "ls"], "rope"),
    ],
)
def test_what_makes_no_sense_is_refused_before_anything_is_built(
    words: list[str], message: str, net: FakeNetwork, tmp_path: Path, capsys: Captured
) -> None:
    """One line, exit code 2."""
    assert main(["emulate", scenario(tmp_path), *words]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert message in err
    assert net.asked == {}


def test_who_may_not_is_told_how_to(
    net: FakeNetwork, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    """Once, after the scenario was found to be sound."""

    def refuse() -> None:
        raise HostError("run it with sudo")

    monkeypatch.setattr("skycommons.emulation.privileges.ensure", refuse)
    assert main(["emulate", scenario(tmp_path), "--", "ls"]) == HostError.exit_code
    assert capsys.readouterr().err == "skycommons: run it with sudo\n"
    assert main(["emulate", scenario(tmp_path, time="time = 3"), "--", "ls"]) == 2


def test_a_run_to_be_doubted_says_so_even_when_quiet(capsys: Captured) -> None:
    """Where nothing was delivered, nothing was late."""
    tell_report(report(notes=("the machine was busy",), lateness_s=math.nan), Output(quiet=True))
    assert capsys.readouterr().err == "skycommons: doubt this run: the machine was busy\n"
    tell_report(report(lateness_s=math.nan), Output())
    assert "late" not in capsys.readouterr().err


def test_a_trace_is_played_in_place_of_the_plan(net: FakeNetwork, tmp_path: Path, capfd: Captured) -> None:
    """What can happen to a plan alone does not happen, and that is told; dishes are stowed all the same."""
    trace = tmp_path / "delays.txt"
    trace.write_text("20\n25\n" * 50)
    section = '[[emulation.events]]\nkind = "{}"\nat_s = 1\n{} = "zurich"\n'
    path = scenario(
        tmp_path, emulation=section.format("fail-satellite", "serving") + section.format("stow", "terminal")
    )
    assert main(["emulate", path, "--trace", str(trace), "--", *HELLO]) == 7
    assert net.asked["trace"].length_ns > 0
    assert [type(event).__name__ for event in net.asked["scenario"].emulation.events] == ["DishStows"]
    assert "events of the scenario that do not happen under a trace: 1" in capfd.readouterr().err
    assert main(["emulate", path, "--trace", str(trace), "--service-map", "m", "--trust", "t", "--", *HELLO]) == 2
    assert "obeys a service map" in capfd.readouterr().err
    assert main(["emulate", scenario(tmp_path), "--trace", str(trace), "--quiet", "--", *HELLO]) == 7
    assert capfd.readouterr().err == ""


@pytest.fixture
def decided(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> tuple[Commons, list[str], int]:
    """A commons with a decision, the words that name its map and whom to trust, and when the decision holds."""
    commons = commons_of_light()
    digest = emergency(commons, lasts_s=600)
    monkeypatch.setattr("skycommons.cli.service_map.now_s", lambda: commons.now_s)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    bundle, trust = files(commons, tmp_path)
    return commons, ["--service-map", str(bundle), "--trust", str(trust)], commons.record(digest).decision.ends_at


def test_a_service_map_is_verified_and_obeyed_from_the_start(
    net: FakeNetwork, decided: tuple[Commons, list[str], int], tmp_path: Path, capfd: Captured
) -> None:
    """What it is, is told on stderr: stdout is the program's."""
    _, told, ends_s = decided
    path = scenario(tmp_path, constellation=DENSE, time=time_section(ends_s - 30), schedule="[schedule]")
    assert main(["emulate", path, *told, "--", *HELLO]) == 7
    out, err = capfd.readouterr()
    assert out == "hello\n"
    assert "the service map is enforced" in err
    assert len(net.asked["scenario"].service.layers) == 1
    assert net.events == []


def test_a_service_map_may_come_later(
    net: FakeNetwork, decided: tuple[Commons, list[str], int], tmp_path: Path
) -> None:
    """Verified before, obeyed then."""
    _, told, ends_s = decided
    path = scenario(tmp_path, constellation=DENSE, time=time_section(ends_s - 30), schedule="[schedule]")
    assert main(["emulate", path, *told, "--service-map-at", "20", "--quiet", "--", *HELLO]) == 7
    ((at_s, event),) = net.events
    assert at_s == 20.0
    assert isinstance(event, MapApplies)
    assert len(event.timeline.layers) == 1
    assert net.asked["scenario"].service.layers == ()


def test_a_forged_map_is_told_even_when_quiet(
    net: FakeNetwork, decided: tuple[Commons, list[str], int], tmp_path: Path, capfd: Captured
) -> None:
    """The last good one is obeyed on."""
    _, told, ends_s = decided
    path = scenario(tmp_path, constellation=DENSE, time=time_section(ends_s - 30), schedule="[schedule]")
    assert main(["emulate", path, *told, "--quiet", "--", *HELLO]) == 7
    bundle = Path(told[1])
    bundle.write_bytes(bundle.read_bytes()[:-40] + b"x" * 40)
    capfd.readouterr()
    assert main(["emulate", path, *told, "--quiet", "--", *HELLO]) == 7
    assert "REFUSED" in capfd.readouterr().err
