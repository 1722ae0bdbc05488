"""Writers are killed a hundred times on each database; `make crashes` kills two thousand.

In a process of their own, as they fork.
"""

import subprocess
import sys
from pathlib import Path

import pytest

from skycommons.store.database import Database
from skycommons.store.group_commit import GroupCommit
from skycommons.store.ledger_judge import LedgerJudge
from tests.support.crashes import Place, Tally, check
from tests.support.folds import ORIGIN, Sums, entry
from tests.support.programs import needed

KILLS = 100


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_killed_writers_lose_nothing_and_leave_nothing_half_done(kind: str, repository: Path) -> None:
    """Whatever stage they had reached."""
    if kind == "postgresql":
        needed("postgres")
    command = [sys.executable, "-m", "tests.support.crashes", kind, str(KILLS)]
    done = subprocess.run(command, cwd=repository, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{kind}: {KILLS} writers killed" in done.stdout
    with_server = ["with the server"] if kind == "postgresql" else []
    for stage in ["entries written", "head placed", "by the clock", *with_server]:
        assert f"    {stage}: " in done.stdout


def test_the_judge_of_crashes_finds_what_is_lost(tmp_path: Path) -> None:
    """An entry that was acknowledged elsewhere, or before it was published, or that nobody has."""
    place = Place(f"sqlite:///{tmp_path}/s.db", tmp_path)
    with Database.open(place.url, origin=ORIGIN) as database:
        writer = place.writer()
        commit = GroupCommit(database, LedgerJudge(database, Sums), lambda _: writer.publish(database))
        commit.append_all([entry(number, subject=f"s{number}") for number in range(2)])
        check(place, Tally(acknowledged={0: 0, 1: 1}))
        with pytest.raises(AssertionError, match="entry 1 is not at 0"):
            check(place, Tally(acknowledged={1: 0}))
        silent = GroupCommit(database, LedgerJudge(database, Sums), lambda _: None)
        silent.append(entry(2, subject="s2"))
    with pytest.raises(AssertionError, match="acknowledged at 2; 2 were published"):
        check(place, Tally(acknowledged={2: 2}))
    tally = Tally(acknowledged={2: 2}, doubtful={1, 9})
    with pytest.raises(AssertionError, match="entry 2 has two places"):
        tally.hear("done 2 5")
    place.writer().recover(Database.open(place.url))
    check(place, tally)
    assert tally.rescued == 1
