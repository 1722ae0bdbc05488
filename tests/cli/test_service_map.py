"""``--service-map``: a run obeys what verifies, keeps the last good map, and says what it did."""

import json
from pathlib import Path

import pytest

from skycommons.base.errors import TrustError
from skycommons.cli import main
from skycommons.cli.service_map import default_last_good
from skycommons.governance.trust import parse_trust
from tests.support.commons import DAY_S, HOUR_S, Commons
from tests.support.signed_maps import commons_of_light, emergency, files, time_section
from tests.support.tiny_world import DENSE, tiny_text

Captured = pytest.CaptureFixture[str]


@pytest.fixture
def decided(monkeypatch: pytest.MonkeyPatch) -> tuple[Commons, str]:
    """A commons that darkened the terminal's cell for ten minutes, and the digest of the decision; all clocks say its time."""
    commons = commons_of_light()
    monkeypatch.setattr("skycommons.cli.service_map.now_s", lambda: commons.now_s)
    return commons, emergency(commons, lasts_s=600)


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of states of the test's own."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state"


def scenario(folder: Path, start_s: int, *, schedule: str = "[schedule]") -> str:
    """A minute from an instant on."""
    path = folder / "tiny.toml"
    path.write_text(tiny_text(constellation=DENSE, time=time_section(start_s), schedule=schedule))
    return str(path)


def test_a_run_obeys_a_verified_map(
    decided: tuple[Commons, str], tmp_path: Path, state: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The emergency ends within the run by itself; store, summary and files say so, and the map is kept."""
    monkeypatch.setattr("skycommons.cli.run._drawn", lambda *_: {})  # pictures take long, and others test them
    commons, digest = decided
    bundle, trust = files(commons, tmp_path)
    ends_s = commons.record(digest).decision.ends_at
    told = ["--service-map", str(bundle), "--trust", str(trust), "--out", str(tmp_path)]
    assert main(["run", scenario(tmp_path, ends_s - 30), *told, "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    enforced = answer["service"]["enforced"]
    assert enforced["log_size"] == commons.ledger.size
    assert enforced["map_sha256"] == answer["service"]["map_sha256"]
    assert enforced["layers"][0]["decision"] == digest
    assert enforced["layers"][0]["emergency"] is True
    assert answer["service"]["reasons"]["suspended"]["cells"] > 0.0
    assert answer["service"]["served_share"] > 0.0
    assert answer["reconciliation"]["alarms"] == []
    assert answer["reconciliation"]["counts"]["by_decision"] == 1
    rows = (tmp_path / "tiny-service" / "reconciliation.csv").read_text().splitlines()
    assert digest in rows[1]
    assert "OPERATOR_DECISION" in rows[1]
    kept = default_last_good(parse_trust(trust.read_bytes()).genesis)
    assert kept.read_bytes() == bundle.read_bytes()
    assert state in kept.parents


def test_a_forged_map_is_refused_and_the_last_good_one_kept(
    decided: tuple[Commons, str], tmp_path: Path, capsys: Captured
) -> None:
    """Said first; nothing is run where there is none."""
    commons, digest = decided
    bundle, trust = files(commons, tmp_path)
    good = bundle.read_bytes()
    run = ["run", scenario(tmp_path, commons.record(digest).decision.ends_at - 30), "--no-report", "--out"]
    told = ["--service-map", str(bundle), "--trust", str(trust), "--last-good", str(tmp_path / "kept" / "good.bundle")]
    bundle.write_bytes(good.replace(b"suspended", b"activated"))
    assert main([*run, str(tmp_path / "out"), *told]) == TrustError.exit_code
    assert "nothing is obeyed" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
    assert not (tmp_path / "kept").exists()
    bundle.write_bytes(good)
    assert main([*run, str(tmp_path / "out"), *told]) == 0
    shown = capsys.readouterr().out
    assert "the service map is enforced: version 1" in shown
    assert "1 outages by decision, 0 faults, 0 alarms" in shown
    bundle.write_bytes(good.replace(b"suspended", b"activated"))
    assert main([*run, str(tmp_path / "out"), *told]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("REFUSED: ")
    assert "the last good service map is enforced: version 1" in shown
    assert digest[:16] in shown
    assert (tmp_path / "kept" / "good.bundle").read_bytes() == good


def test_a_plan_is_judged_by_the_verified_map(decided: tuple[Commons, str], tmp_path: Path, capsys: Captured) -> None:
    """It keeps that one; under another one somebody switched a cell off that nobody decided, and that is an alarm."""
    commons, digest = decided
    bundle, trust = files(commons, tmp_path)
    file = scenario(tmp_path, commons.record(digest).decision.ends_at - 30)
    told = ["--service-map", str(bundle), "--trust", str(trust)]
    assert main(["run", file, *told, "--out", str(tmp_path), "--no-report", "--quiet"]) == 0
    plan = ["check", file, "--plan", str(tmp_path / "tiny.zarr")]
    capsys.readouterr()
    assert main([*plan, *told, "--json", "--out", str(tmp_path / "plan")]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["sound"]
    assert answer["enforced"]["layers"][0]["decision"] == digest
    assert answer["reconciliation"]["counts"]["by_decision"] == 1
    assert main(["check", file, "--plan", str(tmp_path / "plan"), *told, "--json"]) == 0
    assert "reconciliation" not in json.loads(capsys.readouterr().out)
    bundle.write_bytes(bundle.read_bytes().replace(b"suspended", b"activated"))
    assert main([*plan, *told]) == TrustError.exit_code
    assert "nothing is obeyed" in capsys.readouterr().err


def test_a_plan_may_be_judged_by_the_map_of_its_own_day(
    decided: tuple[Commons, str], tmp_path: Path, capsys: Captured
) -> None:
    """However much the log has grown since."""
    commons, _ = decided
    bundle, trust = files(commons, tmp_path)
    kept = default_last_good(commons.trust.genesis)
    kept.parent.mkdir(parents=True)
    commons.witness(HOUR_S)
    commons.announce()
    kept.write_bytes(commons.bundle().encode())
    told = ["--service-map", str(bundle), "--trust", str(trust)]
    assert main(["check", scenario(tmp_path, commons.now_s), *told]) == 0
    capsys.readouterr()


def test_an_old_plan_may_be_judged_by_a_newer_map_and_a_new_one_not_by_an_old(
    decided: tuple[Commons, str], tmp_path: Path, capsys: Captured
) -> None:
    """The map is as fresh as it had to be, or newer; only what witnesses sign after today is refused."""
    commons, _ = decided
    bundle, trust = files(commons, tmp_path)
    told = ["--service-map", str(bundle), "--trust", str(trust)]
    assert main(["check", scenario(tmp_path, commons.now_s - 90 * DAY_S), *told]) == 0
    commons.now_s += 90 * DAY_S
    assert main(["check", scenario(tmp_path, commons.now_s), *told]) == TrustError.exit_code
    assert "was witnessed" in capsys.readouterr().err
    commons.now_s -= 180 * DAY_S
    assert main(["check", scenario(tmp_path, commons.now_s), *told]) == TrustError.exit_code
    assert "clock of this machine is wrong" in capsys.readouterr().err


def test_alarms_have_an_exit_code(decided: tuple[Commons, str], tmp_path: Path, capsys: Captured) -> None:
    """A plan that darkens a cell under a map that does not."""
    commons, digest = decided
    bundle, trust = files(commons, tmp_path)
    file = scenario(tmp_path, commons.record(digest).decision.ends_at - 30)
    told = ["--service-map", str(bundle), "--trust", str(trust), "--out", str(tmp_path), "--no-report"]
    assert main(["run", file, *told]) == 0
    capsys.readouterr()
    commons.witness(600)
    commons.announce()
    bundle, trust = files(commons, tmp_path)
    plan = ["check", file, "--plan", str(tmp_path / "tiny.zarr")]
    assert main([*plan, "--service-map", str(bundle), "--trust", str(trust)]) == 4
    shown = capsys.readouterr().out
    assert "ALARMS: service is not what was decided" in shown
    assert "reason-without-decision" in shown
    assert "reason-true" in shown


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            ["--service-map", "map.bundle"],
            "--service-map: a service map is obeyed only if it verifies; give --trust too",
        ),
        (["--trust", "trust.policy"], "give --service-map too"),
        (["--last-good", "x"], "--last-good: is of use only beside --service-map and --trust"),
        (["--service-map", "none", "--trust", "trust.policy"], "none: cannot be read: no such file or directory"),
        (["--service-map", "map.bundle", "--trust", "none"], "none: cannot be read: no such file or directory"),
    ],
)
def test_half_of_what_is_needed_is_refused(
    options: list[str], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    """With what is missing."""
    commons = commons_of_light()
    commons.announce()
    files(commons, tmp_path)
    monkeypatch.chdir(tmp_path)
    assert main(["run", scenario(tmp_path, commons.now_s), *options]) == 2
    assert message in capsys.readouterr().err


def test_a_scenario_without_a_scheduler_is_refused(
    decided: tuple[Commons, str], tmp_path: Path, capsys: Captured
) -> None:
    """Nobody would obey."""
    commons, _ = decided
    bundle, trust = files(commons, tmp_path)
    file = scenario(tmp_path, commons.now_s, schedule="")
    assert main(["check", file, "--service-map", str(bundle), "--trust", str(trust)]) == 2
    assert "add [schedule] to obey a map" in capsys.readouterr().err


def test_a_file_that_is_too_large_is_none(
    decided: tuple[Commons, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    """No more of it is read than that."""
    commons, _ = decided
    bundle, trust = files(commons, tmp_path)
    monkeypatch.setattr("skycommons.cli.reading.MOST_BYTES", 10)
    file = scenario(tmp_path, commons.now_s)
    assert main(["check", file, "--service-map", str(bundle), "--trust", str(trust)]) == 2
    assert "is it the file that you mean?" in capsys.readouterr().err
