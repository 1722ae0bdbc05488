"""Telling the log the time, while others do the same."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest

from skycommons.governance.checkpoint import Checkpoint
from skycommons.governance.decisions import Effect
from skycommons.governance.states import State
from skycommons.store.local_witnesses import LocalWitnesses
from skycommons.store.log_reader import LogReader
from skycommons.store.service import Service
from skycommons.store.witnessing import Cosigned
from tests.support.commons import DAY_S
from tests.support.services import Stage


@dataclass
class Overtaken:
    """Witnesses that are slow: once, while they are asked, somebody else does something.

    Attributes:
        witnesses: Who answers.
        meanwhile: What is done.
        is_after: Whether it is done between their answer and its arrival, or before they look.
    """

    witnesses: LocalWitnesses
    meanwhile: Callable[[], object]
    is_after: bool
    is_done: bool = False

    def heads(self, origin: str) -> Iterable[Checkpoint]:
        """As they say."""
        return self.witnesses.heads(origin)

    def cosign(self, log: LogReader) -> Cosigned:
        """As they say, with somebody else before or after."""
        if self.is_after:
            answer = self.witnesses.cosign(log)
            self._once()
            return answer
        self._once()
        return self.witnesses.cosign(log)

    def _once(self) -> None:
        if not self.is_done:
            self.is_done = True
            self.meanwhile()


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    """A service with a decision in force whose end is announced nowhere yet."""
    found = Stage(tmp_path / "service")
    found.settle()
    return found


def test_whoever_was_opened_before_others_wrote_knows_what_they_wrote(stage: Stage) -> None:
    """Nothing is missing in the answer, and it is not said that nobody saw the log."""
    other = stage.open()
    digest = stage.propose("ops-1", stage.proposal(Effect.REDUCE))
    stage.settle(60)
    settled = other.settle()
    assert settled
    assert settled.now_s == stage.service.state.now_s
    assert digest in other.state.decisions
    other.close()


@pytest.mark.parametrize("is_after", [False, True])
def test_who_is_overtaken_finds_done_what_was_to_do(stage: Stage, *, is_after: bool) -> None:
    """Another program tells the time, puts a decision in force and announces the map while the witnesses are asked."""
    digest = stage.propose("ops-1", stage.proposal(Effect.REDUCE))
    stage.approve(digest, "ops-2", "legal-2", "watch-1", "aid-1")
    stage.settle(60)
    stage.now_s += 4 * DAY_S
    slow = Overtaken(witnesses=stage.witnesses, meanwhile=stage.service.settle, is_after=is_after)
    with Service.open(stage.folder, witnesses=slow, clock=stage.clock) as other:
        settled = other.settle()
        assert settled
        assert settled.map_version == stage.service.state.map_version == 1
        assert [(move.digest, move.after) for move in settled.moves] == [(digest, State.APPLYING)]
    stage.reopen()
    assert stage.service.record(digest).state == State.APPLYING


@dataclass
class Gone:
    """Witnesses of whom some do not answer any more."""

    witnesses: LocalWitnesses
    names: tuple[str, ...]

    def heads(self, origin: str) -> Iterable[Checkpoint]:
        """As they say."""
        return self.witnesses.heads(origin)

    def cosign(self, log: LogReader) -> Cosigned:
        """Nobody new signs; what was signed before stays."""
        return Cosigned(note=log.note, silent=tuple((name, "cannot be reached") for name in self.names))


@pytest.mark.parametrize(("names", "is_answered"), [(("w1",), True), (("w1", "w2", "w3"), False)])
def test_old_cosignatures_do_for_a_while_but_silence_is_told(
    stage: Stage, names: tuple[str, ...], *, is_answered: bool
) -> None:
    """So that a timer notices before the map is too old."""
    stage.settle(60)
    with Service.open(stage.folder, witnesses=Gone(stage.witnesses, names), clock=stage.clock) as other:
        settled = other.settle()
    assert settled
    assert settled.is_answered is is_answered
