"""Witnesses in the same program judge as servers do."""

from pathlib import Path

from skycommons.governance.checkpoint import Checkpoint
from skycommons.governance.decisions import Effect
from skycommons.store.local_witnesses import LocalWitnesses
from skycommons.store.log_reader import LogReader
from skycommons.store.witnessing import Nobody
from tests.support.commons import BEGIN_S, ORIGIN, WITNESSES
from tests.support.services import Stage


def test_they_cosign_a_log_that_grows(tmp_path: Path) -> None:
    """From the first head on, and remember it."""
    stage = Stage(tmp_path / "service")
    assert stage.witnesses.heads(ORIGIN) == ()
    assert not stage.settle(60).silent
    stage.propose("ops-1", stage.proposal(Effect.REDUCE))
    settled = stage.settle(60)
    assert settled.head is not None
    assert settled.head.witnesses == tuple((f"w{n}", BEGIN_S + 120) for n in (1, 2, 3))
    assert {head.size for head in stage.witnesses.heads(ORIGIN)} == {stage.service.ledger.size}
    assert stage.witnesses.heads("log.example/other") == ()


def test_they_refuse_another_history(tmp_path: Path) -> None:
    """Of the same size with another root; whoever is silent is named with the reason."""
    stage = Stage(tmp_path / "service")
    trust = stage.service.layout.read_trust()
    other = Checkpoint(origin=ORIGIN, size=1, root=b"x" * 32)
    strict = LocalWitnesses(WITNESSES, [log.verifier for log in trust.policy.logs], clock=stage.clock, known=other)
    answer = strict.cosign(LogReader.open(stage.service.layout.files))
    assert [name for name, _ in answer.silent] == [key.name for key in WITNESSES]
    assert all("refused" in why for _, why in answer.silent)


def test_nobody_cosigns_nothing(tmp_path: Path) -> None:
    """The head comes back as it is."""
    log = LogReader.open(Stage(tmp_path / "service").service.layout.files)
    assert Nobody().cosign(log).note == log.note
    assert Nobody().heads(ORIGIN) == ()
