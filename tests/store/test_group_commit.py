"""Many writers share transactions; each is told the place of his entry when it is durable and published."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from skycommons.base.errors import FormatError, HostError
from skycommons.store.database import Database
from skycommons.store.group_commit import MOST, GroupCommit, Receipt, _Ticket
from skycommons.store.ledger_judge import LedgerJudge
from skycommons.store.records import Batch, Head, NewEntry
from skycommons.store.replay import verify_replay
from tests.support.folds import ORIGIN, Sums, entry


def commit_to(database: Database, publish: Callable[[Head], object] = lambda _: None) -> GroupCommit[Sums]:
    """A commit of groups over a database."""
    return GroupCommit(database, LedgerJudge(database, Sums), publish)


def in_threads(count: int, work: Callable[[int], None]) -> None:
    """Run something many times at once."""
    threads = [threading.Thread(target=work, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_an_entry_gets_its_place(database: Database) -> None:
    """And keeps it when it is handed in again, in whatever company."""
    commit = commit_to(database)
    first = commit.append(entry(1))
    assert first == Receipt(index=0, digest=NewEntry.of(entry(1)).digest)
    assert [one.index for one in commit.append_all([entry(2), entry(1), entry(3), entry(2)])] == [1, 0, 2, 1]
    assert [one.index for one in commit_to(database).append_all([entry(3), entry(1)])] == [2, 0]
    assert commit.append_all([]) == ()
    verify_replay(database, Sums)


def test_a_void_entry_is_refused_alone(database: Database) -> None:
    """The others of its batch are written."""
    receipts = commit_to(database).append_all([entry(1), entry(2, amount=-1), entry(3)])
    assert [one.index for one in receipts] == [0, -1, 1]
    assert [bool(one) for one in receipts] == [True, False, True]
    assert receipts[1].why == "the amount is negative"
    assert database.size() == 2


def test_what_is_no_entry_is_refused_before_anything_is_written(database: Database) -> None:
    """The good one beside it too."""
    with pytest.raises(FormatError):
        commit_to(database).append_all([entry(1), b"{}"])
    assert database.size() == 0


def test_an_entry_is_acknowledged_after_it_is_published(database: Database) -> None:
    """Once for each head that is new."""
    heads: list[Head] = []
    commit = commit_to(database, heads.append)
    commit.append(entry(1))
    assert heads == [database.head]
    commit.append(entry(1))
    assert len(heads) == 1
    commit.append(entry(2))
    assert [head.size for head in heads] == [1, 2]


def test_what_is_durable_but_not_published_is_not_acknowledged(database: Database) -> None:
    """Its writer hands it in again, and then it is published first."""
    heads: list[Head] = []

    def publish(head: Head) -> None:
        heads.append(head)
        if len(heads) == 1:
            raise HostError("the disk of the public files is full")

    commit = commit_to(database, publish)
    with pytest.raises(HostError, match="disk of the public files is full"):
        commit.append(entry(1))
    assert database.size() == 1
    assert commit.append(entry(1)).index == 0
    assert [head.size for head in heads] == [1, 1]


def test_many_writers_share_transactions(database: Database) -> None:
    """While one waits for the disk, the others gather."""
    transactions: list[Head] = []
    gathered = threading.Event()

    def publish(head: Head) -> None:
        transactions.append(head)
        if len(transactions) == 1:
            gathered.wait(timeout=20)

    commit = commit_to(database, publish)
    places: dict[int, int] = {}

    def write(number: int) -> None:
        places[number] = commit.append(entry(number)).index

    threads = [threading.Thread(target=write, args=(number,)) for number in range(40)]
    for thread in threads:
        thread.start()
    while len(commit._waiting) < 39:
        pass
    gathered.set()
    for thread in threads:
        thread.join()
    assert sorted(places.values()) == list(range(40))
    assert [head.size for head in transactions] == [1, 40]
    assert all(database.entries()[index].data == entry(number) for number, index in places.items())
    verify_replay(database, Sums)


def test_a_failure_is_told_to_everyone_who_was_in_the_batch(tmp_path: Path) -> None:
    """And to nobody else; what comes next is written."""
    failures: list[str] = []
    is_broken = threading.Event()

    def reached(stage: str) -> None:
        if stage == "entries written" and is_broken.is_set():
            raise HostError("the plug was pulled")

    with Database.open(f"sqlite:///{tmp_path}/s.db", origin=ORIGIN, reached=reached) as database:
        commit = commit_to(database)
        is_broken.set()

        def write(number: int) -> None:
            try:
                commit.append(entry(number))
            except HostError as error:
                failures.append(str(error))

        in_threads(8, write)
        assert failures == ["the plug was pulled"] * 8
        assert database.size() == 0
        is_broken.clear()
        assert commit.append(entry(1)).index == 0
        verify_replay(database, Sums)


def test_a_writer_who_is_stopped_leaves_nobody_waiting(database: Database) -> None:
    """The others are told to try again."""

    def publish(_: Head) -> None:
        raise KeyboardInterrupt

    commit = commit_to(database, publish)
    other = waiting(commit, entry(2))
    with pytest.raises(KeyboardInterrupt):
        commit.append(entry(1))
    assert other.is_settled
    assert "hand it in again" in str(other.failure)


def waiting(commit: GroupCommit[Sums], data: bytes) -> _Ticket:
    """A writer who waits for somebody to carry his entry."""
    ticket = _Ticket(entries=(NewEntry.of(data),))
    commit._waiting.append(ticket)
    return ticket


def test_two_programs_write_one_log(url: str) -> None:
    """The slower one of each race judges again on top of the other's."""
    with Database.open(url, origin=ORIGIN) as one, Database.open(url) as two:
        commits = [commit_to(one), commit_to(two)]
        places: list[int] = []

        def write(number: int) -> None:
            places.extend(commits[number % 2].append(entry(100 * number + turn)).index for turn in range(10))

        in_threads(4, write)
        assert sorted(places) == list(range(40))
        verify_replay(one, Sums)
        assert commits[0].append(entry(105)).index == commits[1].append(entry(105)).index


def test_who_loses_every_race_is_told(database: Database) -> None:
    """Somebody always writes between the judgement and the commit."""
    count = iter(range(1_000, 2_000))

    def reached(stage: str) -> None:
        if stage == "judged":
            number = next(count)
            fold = LedgerJudge(database, Sums)
            judgement = fold.judge([NewEntry.of(entry(number))])
            database.append(judgement.batch, expected_size=judgement.size)

    commit = GroupCommit(database, LedgerJudge(database, Sums), lambda _: None, reached=reached)
    with pytest.raises(HostError, match="others write without end"):
        commit.append(entry(1))


def test_a_large_batch_is_one_transaction(database: Database) -> None:
    """Smaller ones wait for the next."""
    heads: list[Head] = []
    commit = commit_to(database, heads.append)
    receipts = commit.append_all([entry(number) for number in range(MOST + 10)])
    assert [one.index for one in receipts] == list(range(MOST + 10))
    assert [head.size for head in heads] == [MOST + 10]


def test_only_so_many_are_gathered(database: Database) -> None:
    """The rest goes with the next transaction."""
    heads: list[Head] = []
    commit = commit_to(database, heads.append)
    tickets = [waiting(commit, entry(number)) for number in range(MOST)]
    assert commit.append(entry(MOST)).index == MOST
    assert all(ticket.is_settled for ticket in tickets)
    assert [head.size for head in heads] == [MOST, MOST + 1]


def test_a_batch_without_entries_changes_nothing(database: Database) -> None:
    """Not even with something to say."""
    database.append(Batch(entries=()), expected_size=0)
    assert database.size() == 0
