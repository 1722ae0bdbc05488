"""``skycommons verify BUNDLE`` and ``skycommons log bundle``: what is said, and the exit code."""

import json
from pathlib import Path

import pytest

from skycommons.cli import log_bundle, main, verify_bundle
from skycommons.governance.decisions import Effect
from tests.support.commons import BEGIN_S
from tests.support.services import Stage

DAY = "2027-01-15"  # the day on which the commons begins


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stage:
    """A service with an open decision that witnesses saw, and its bundle."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("skycommons.cli.log_bundle.now_s", lambda: BEGIN_S + 60)
    found = Stage(tmp_path / "service")
    found.propose("ops-1", found.proposal(Effect.REDUCE))
    found.settle(60)
    found.service.close()
    assert main(["log", "bundle", "-o", "log.bundle"]) == 0
    return found


VERIFY = ["verify", "log.bundle", "--trust", "service/trust.policy"]


@pytest.mark.usefixtures("stage")
def test_a_log_is_explained_in_sentences(capsys: pytest.CaptureFixture[str]) -> None:
    """Who saw it, what it makes, each decision, and what holds everywhere else."""
    assert main([*VERIFY, "--at", f"{DAY}T09:00:00Z"]) == 0
    out = capsys.readouterr().out
    assert "Witnessed by w1 at" in out
    assert "The map is verified: it may be obeyed." in out
    assert "Everywhere else: active, standard." in out
    assert verify_bundle.__doc__


@pytest.mark.usefixtures("stage")
def test_one_decision_is_explained_alone(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    """By the beginning of its digest."""
    stage.service = stage.open()
    (digest,) = stage.service.state.decisions
    stage.service.close()
    capsys.readouterr()
    assert main([*VERIFY, "--no-freshness", "--decision", digest[:8], "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["verified"]
    assert [one["title"] for one in found["explained"]] == [f"Decision {digest[:12]}: reduce 6 cells"]
    assert main([*VERIFY, "--decision", "12345678"]) == 2


@pytest.mark.usefixtures("stage")
def test_old_news_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """Unless nobody asks how old they are."""
    assert main([*VERIFY, "--at", "2027-03-01"]) == 5
    assert "REFUSED: the newest checkpoint was witnessed" in capsys.readouterr().out
    assert main([*VERIFY, "--no-freshness"]) == 0


@pytest.mark.usefixtures("stage")
def test_files_that_are_missing_or_damaged_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 2, one message."""
    assert main(["verify", "none", "--trust", "service/trust.policy"]) == 2
    Path("log.bundle").write_bytes(Path("log.bundle").read_bytes()[:-1])
    assert main(VERIFY) == 2
    assert "cut off or damaged" in capsys.readouterr().err


def test_another_trust_file_refuses_everything(stage: Stage, tmp_path: Path) -> None:
    """It is another log."""
    other = Stage(tmp_path / "other")
    other.service.close()
    assert main(["verify", "log.bundle", "--trust", "other/trust.policy", "--no-freshness"]) == 5
    assert main(["log", "bundle", "-o", "early.bundle", "--service", "other"]) == 5
    assert log_bundle.__doc__
