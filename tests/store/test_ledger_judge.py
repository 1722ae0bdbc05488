"""A ledger that follows the database."""

import pytest
from sqlalchemy import text

from skycommons.base.errors import ProofError
from skycommons.governance.decisions import Effect
from skycommons.governance.entries import Kind
from skycommons.governance.ledger import Ledger
from skycommons.governance.states import State
from skycommons.store.database import Database
from skycommons.store.group_commit import GroupCommit
from skycommons.store.ledger_judge import LedgerJudge
from skycommons.store.records import Appended, Batch, NewEntry
from skycommons.store.replay import verify_replay
from tests.support.commons import DAY_S, ISLAND, Commons
from tests.support.databases import behind
from tests.support.folds import Sums, entry


def new(*entries: bytes) -> list[NewEntry]:
    """Entries without a place."""
    return [NewEntry.of(data) for data in entries]


def write(database: Database, judge: LedgerJudge[Sums], *entries: bytes) -> None:
    """Judge and write."""
    judgement = judge.judge(new(*entries))
    assert isinstance(database.append(judgement.batch, expected_size=judgement.size), Appended)
    judge.settle(judgement)


def test_good_entries_are_judged_together(database: Database) -> None:
    """Nothing changes until they are durable."""
    judge = LedgerJudge(database, Sums)
    judgement = judge.judge(new(entry(1), entry(2, subject="land")))
    assert judgement.faults == ("", "")
    assert judgement.batch.projection == {"log": '{"size":2}', "land": '{"sum":1}', "sea": '{"sum":1}'}
    assert (judgement.size, judge.fold.size) == (0, 0)
    judge.settle(judgement)
    assert judge.fold.size == 2


def test_void_entries_are_left_out(database: Database) -> None:
    """And leave no trace: what remains is judged as if they had never come."""
    judge = LedgerJudge(database, Sums)
    judgement = judge.judge(new(entry(1), entry(2, amount=-1), entry(3, subject="missing"), entry(4)))
    assert judgement.faults == ("", "the amount is negative", "a blob is not here", "")
    assert [one.data for one in judgement.batch.entries] == [entry(1), entry(4)]
    assert judgement.batch.projection == {"log": '{"size":2}', "sea": '{"sum":2}'}
    assert judgement.fold.size == 2


def test_what_others_wrote_is_read(database: Database) -> None:
    """Before the next batch."""
    mine, theirs = LedgerJudge(database, Sums), LedgerJudge(database, Sums)
    write(database, theirs, *(entry(number) for number in range(700)))
    mine.refresh()
    assert mine.fold.summary() == theirs.fold.summary()
    fold = mine.fold
    mine.refresh()
    assert mine.fold is fold


def test_a_database_that_went_back_is_refused(database: Database, url: str) -> None:
    """Or that holds what no ledger accepts."""
    judge, other = LedgerJudge(database, Sums), LedgerJudge(database, Sums)
    write(database, judge, entry(1))
    void = Batch(entries=tuple(new(entry(2, amount=-1))))
    database.append(void, expected_size=1)
    with pytest.raises(ProofError, match="entry 1 is void: the amount is negative"):
        judge.refresh()
    with behind(url) as connection:
        connection.execute(text("DELETE FROM entries"))
        connection.execute(text("UPDATE head SET size = 0"))
    with pytest.raises(ProofError, match="not a later state of what it was"):
        judge.refresh()
    with pytest.raises(ProofError, match="not a later state of what it was"):
        other.refresh()


def test_a_database_that_contradicts_its_log_is_not_judged_upon(database: Database, url: str) -> None:
    """It is replayed at the start."""
    write(database, LedgerJudge(database, Sums), entry(1))
    with behind(url) as connection:
        connection.execute(text("UPDATE projection SET value = '{}'"))
    with pytest.raises(ProofError, match="2 place"):
        LedgerJudge(database, Sums)


def test_a_real_log_is_kept_as_its_ledger_says(url: str) -> None:
    """Entry by entry, whatever changes through time alone; read again, it is the same, and so it is if it comes at once."""
    commons = Commons()
    commons.register_licence()
    commons.say("ops-1", Kind.REQUEST, commons.request())
    added = commons.submit("ops-1", commons.decision(Effect.ADD, ISLAND)).digest
    commons.approve(added, "ops-2", "legal-2", "watch-1")
    commons.witness(60)
    commons.witness(DAY_S)
    commons.announce()
    commons.in_force(Effect.REDUCE, ISLAND[:2])
    commons.witness(60 * DAY_S)
    commons.announce()

    def empty() -> Ledger:
        return Ledger(commons.trust, commons.blobs.get)

    half = len(commons.entries) // 2
    with Database.open(url, origin=commons.ledger.state.origin) as database:
        commit = GroupCommit(database, LedgerJudge(database, empty), lambda _: None)
        places = [commit.append(data).index for data in commons.entries[:half]]
        verify_replay(database, empty)
        places += [one.index for one in commit.append_all(commons.entries[half:])]
        assert places == list(range(len(commons.entries)))
        assert verify_replay(database, empty, signed=[commons.head(5)]).summary() == commons.ledger.summary()
        assert {row.kind for row in database.entries()} >= {"genesis", "decision", "vote", "witnessed", "request"}
        state = commons.ledger.state.decisions.values()
        assert {record.state for record in state} == {State.ENDED, State.APPLYING}
        refused = commit.append(commons.entry("ops-1", Kind.LICENCE, commons.licence()).encode())
        assert (refused.index, bool(refused.why)) == (-1, True)
