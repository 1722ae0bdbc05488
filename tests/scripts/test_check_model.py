"""What the script makes of a model's own table and of Spin's output; the models themselves are checked in tests/peers."""

from pathlib import Path

import pytest

from scripts.check_model import MODELS, Expected, Search, main, read_model, row_of, searches, summary, table

MODEL = """/* A model.
 *
 *   BUG_ONE  I1  the first
 */
#ifdef BUG_ONE
#endif
ltl I1 { [] true }
ltl can_end { [] true }
"""
SOUND = "State-vector 20 byte, depth reached 12, errors: 0\n      345 states, stored\n"
VIOLATED = "pan:1: assertion violated  !( !(x)) (at depth 3)\n" + SOUND.replace("errors: 0", "errors: 1")


def search(expected: Expected) -> Search:
    """A search for something."""
    return Search(place=Path(), model="decision", formula="I1", fault="", expected=expected)


def written(tmp_path: Path, text: str) -> Path:
    """A model on disk."""
    path = tmp_path / "model.pml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_model_says_itself_what_is_expected_of_it(tmp_path: Path) -> None:
    """Formulas hold, those named `can_` are reached, and each fault is for one formula."""
    model = read_model(written(tmp_path, MODEL))
    sound = [(one.formula, one.expected) for one in searches(model, "", tmp_path)]
    assert sound == [("I1", Expected.HOLDS), ("can_end", Expected.REACHED)]
    assert [(one.formula, one.expected) for one in searches(model, "BUG_ONE", tmp_path)] == [("I1", Expected.FOUND)]


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("#ifdef BUG_ONE", "#ifdef BUG_TWO", "BUG_ONE, BUG_TWO"),
        ("BUG_ONE  I1", "BUG_ONE  I9", "I9"),
    ],
)
def test_a_table_that_is_not_of_the_model_is_refused(tmp_path: Path, old: str, new: str, named: str) -> None:
    """A fault that nobody looks for would count for nothing."""
    with pytest.raises(SystemExit, match=named):
        read_model(written(tmp_path, MODEL.replace(old, new)))


@pytest.mark.parametrize(
    ("expected", "output", "note"),
    [
        (Expected.HOLDS, SOUND, ""),
        (Expected.HOLDS, VIOLATED, "violated"),
        (Expected.HOLDS, "error: max search depth too small\n" + SOUND, "cut short"),
        (Expected.HOLDS, "pan: out of memory\n" + SOUND, "cut short"),
        (Expected.HOLDS, "", "it said nothing"),
        (Expected.FOUND, VIOLATED, ""),
        (Expected.FOUND, SOUND, "not found"),
        (Expected.REACHED, SOUND.replace("errors: 0", "errors: 1"), "not reached"),
    ],
)
def test_only_a_whole_search_proves_and_only_the_formula_finds(expected: Expected, output: str, note: str) -> None:
    """A search that ended early, or stopped for another reason, is no result."""
    row = row_of(search(expected), output)
    assert (row.is_right, row.note) == (not note, note)


def test_the_table_and_the_counts_name_what_went_wrong() -> None:
    """One line a search, and a count of each kind."""
    rows = [row_of(search(Expected.HOLDS), SOUND), row_of(search(Expected.FOUND), SOUND)]
    assert list(table(rows))[2:] == [
        "| decision | I1 |  | 345 | 12 | holds |",
        "| decision | I1 |  | 345 | 12 | **WRONG** not found |",
    ]
    assert summary(rows).startswith("1 of 1 properties hold, 0 of 0 good ends reached, 0 of 1 faults found; 345 states")


def test_missing_programs_and_models_are_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The Debian package is named; a model that is not there too."""
    monkeypatch.setattr("scripts.check_model.PROGRAMS", {"no-such-program": "its-package"})
    assert main([]) == 2
    assert "apt-get install its-package" in capsys.readouterr().err
    monkeypatch.setattr("scripts.check_model.PROGRAMS", {})
    assert main(["no-such-model"]) == 2
    assert "no-such-model" in capsys.readouterr().err


def test_the_models_cover_the_invariants_and_enough_faults() -> None:
    """Which invariants are model-checked; I15 and I18 are measured, not proved."""
    models = [read_model(path) for path in MODELS.glob("*.pml")]
    named = {formula.partition("_")[0] for model in models for formula in model.formulas if formula[0] == "I"}
    assert named == {f"I{number}" for number in range(1, 18)} - {"I15"}
    assert sum(len(model.faults) for model in models) >= 50
