"""The story of two islands runs by one command, and ends with a proof in another folder."""

import subprocess
import sys
from pathlib import Path

import pytest

CHAPTERS = (
    "1. Eight seats, no switch",
    "2. Westholm is given service, the ordinary way",
    "3. A state asks to withhold service over Westholm",
    "4. Eastholm's mobile network fails in a storm",
    "5. An insider has the database and the log's key",
    "6. The proof, elsewhere",
)


@pytest.fixture(scope="module")
def told(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """What it prints, in one line."""
    words = [sys.executable, "scenarios/decisions/story.py", "--keep", str(tmp_path_factory.mktemp("story"))]
    found = subprocess.run(words, cwd=repository, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stdout[-2_000:] + found.stderr
    return " ".join(found.stdout.split())


@pytest.mark.slow
def test_the_story_is_told_to_its_end(told: str) -> None:
    """All chapters in order, and everything confirmed."""
    places = [told.index(chapter) for chapter in CHAPTERS]
    assert places == sorted(places)
    assert told.endswith("Exit code 0: everything is confirmed.")


@pytest.mark.slow
def test_one_person_cannot_pass_what_a_state_asks_for(told: str) -> None:
    """The requester, a colleague and a conflicted seat are refused; four refusals reject it; the refusal proves itself."""
    for sentence in (
        "REFUSED, and not written: seat-legal-1 made the request and may not vote.",
        "REFUSED, and not written: seat-ops-1 belongs to operator, as the requester does and may not vote.",
        "REFUSED, and not written: seat-watch-2 has an interest in the party state-of-norhaven and may not vote.",
        "seat-watch-2 (oversight, university) says recuse.",
        "the decision is rejected.",
        "It never changed anything.",
        "bytes that proves itself: exit code 0.",
    ):
        assert sentence in told


@pytest.mark.slow
def test_an_emergency_lights_cells_ends_by_itself_and_is_made_regular(told: str) -> None:
    """The real scheduler says so each time."""
    lit, dark, again = (
        told.index("the scheduler serves 28 of 28 cells of Eastholm."),
        told.index("the scheduler serves 0 of 28 cells of Eastholm."),
        told.rindex("the scheduler serves 28 of 28 cells of Eastholm."),
    )
    assert lit < dark < again
    assert "Two persons of different roles, 2 minutes after it was asked." in told
    assert "the decision is upheld." in told


@pytest.mark.slow
def test_an_insider_changes_nothing_and_is_seen(told: str) -> None:
    """With the database, with the log's key, and with every witness."""
    assert "the database does not say what its log says" in told
    assert told.count("REFUSED: the map is not the one that the log decided") >= 3
    assert told.count("the last good service map is enforced") == 3
    assert told.count("the scheduler serves 42 of 42 cells of Westholm, as before.") == 3
    assert "is void and has no effect: it is signed with a key that is not one of seat-legal-2's." in told
