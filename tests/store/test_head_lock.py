"""The last head that was signed: compared and swapped, never taken back."""

import threading
from dataclasses import replace
from pathlib import Path

import pytest

from skycommons.base.errors import FormatError, HostError, RollbackError
from skycommons.governance.checkpoint import Checkpoint
from skycommons.store.head_lock import HeadLock
from tests.support.logs import head_of


def test_a_new_lock_knows_no_head(tmp_path: Path) -> None:
    """Reading makes nothing."""
    assert HeadLock(tmp_path / "head").read() is None
    assert not (tmp_path / "head").exists()


def test_heads_follow_each_other(tmp_path: Path) -> None:
    """Each is there for whoever comes next, as three lines that a person can read."""
    lock, before = HeadLock(tmp_path / "head"), None
    for size in (0, 1, 1, 7, 300):
        lock.compare_and_swap(before, head_of(size))
        before = HeadLock(tmp_path / "head").read()
        assert before == head_of(size)
    assert (tmp_path / "head" / "head").read_text() == head_of(300).text


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        (head_of(5), head_of(4), "head of 5 entries was signed already, and there are 4"),
        (head_of(5), replace(head_of(5), root=b"\x01" * 32), "not the same entries"),
        (head_of(5), head_of(6, origin="log.example/other"), "of the log log.example/small"),
        (None, head_of(6), "one of 5 entries instead of none"),
        (head_of(4), head_of(6), "one of 5 entries instead of one of 4"),
    ],
    ids=["smaller", "same size", "other log", "lost", "moved on"],
)
def test_a_head_that_cannot_follow_is_refused(
    tmp_path: Path, before: Checkpoint | None, after: Checkpoint, message: str
) -> None:
    """And the one that lies there stays."""
    lock = HeadLock(tmp_path)
    lock.compare_and_swap(None, head_of(5))
    with pytest.raises(RollbackError, match=message):
        lock.compare_and_swap(before, after)
    assert lock.read() == head_of(5)


def test_a_damaged_lock_is_refused(tmp_path: Path) -> None:
    """It is not taken for an empty one."""
    (tmp_path / "head").write_bytes(b"log.example/small\n5\n")
    with pytest.raises(FormatError):
        HeadLock(tmp_path).compare_and_swap(None, head_of(6))


def test_of_many_who_swap_at_once_one_wins(tmp_path: Path) -> None:
    """The others are told that the head moved on."""
    lock = HeadLock(tmp_path)
    lock.compare_and_swap(None, head_of(1))
    won: list[int] = []
    lost: list[int] = []

    def swap(size: int) -> None:
        try:
            HeadLock(tmp_path).compare_and_swap(head_of(1), head_of(size))
            won.append(size)
        except RollbackError:
            lost.append(size)

    threads = [threading.Thread(target=swap, args=(size,)) for size in range(2, 10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1
    assert len(lost) == 7
    found = lock.read()
    assert found is not None
    assert found.size == won[0]


def test_who_holds_the_head_keeps_others_out(tmp_path: Path) -> None:
    """For as long as the block runs."""
    lock = HeadLock(tmp_path, wait_s=0.02)
    with lock.hold() as held:
        with pytest.raises(HostError, match="held by another program"):
            lock.compare_and_swap(None, head_of(1))
        held.swap(None, head_of(2))
    assert lock.read() == head_of(2)


def test_the_stages_are_told(tmp_path: Path) -> None:
    """So that a test can end the program at each."""
    stages: list[str] = []
    HeadLock(tmp_path, reached=stages.append).compare_and_swap(None, head_of(1))
    assert stages == ["head drafted", "head placed"]
