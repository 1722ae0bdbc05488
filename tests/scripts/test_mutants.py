"""What `make mutants` adds to mutmut: the copy, the choice of tests, the table."""

import tomllib
from collections import Counter
from pathlib import Path

import pytest

from scripts import mutants

MODULES = sorted(path.stem for path in (mutants.ROOT / mutants.ROOM).glob("*.py") if path.stem != "__init__")


def test_properties_become_functions_of_the_same_meaning() -> None:
    """Line by line where they were, and still properties."""
    source = (
        "from typing import Protocol\n\n\nclass Asked(Protocol):\n    @property\n    def name(self) -> str: ...\n\n\n"
        "class A:\n    @property\n    def one(self) -> int:\n        return 1\n\n    @classmethod\n    def two(cls) -> int:\n"
        "        return 2\n\n    @property\n    def three(self) -> int:\n        return self.one + 2\n"
    )
    plain = mutants.with_plain_properties(source)
    assert plain.count("@property") == 1  # a protocol has no code
    space: dict[str, type] = {}
    exec(plain, space)
    made = space["A"]()
    assert (made.one, made.two(), made.three) == (1, 2, 3)


@pytest.mark.parametrize("module", MODULES)
def test_every_module_of_the_kernel_still_reads_after_that(module: str) -> None:
    """And has tests of its own to begin with."""
    source = (mutants.ROOT / mutants.ROOM / f"{module}.py").read_text(encoding="utf-8")
    compile(mutants.with_plain_properties(source), module, "exec")
    assert mutants.tests_of(module)


def test_a_module_meets_its_own_tests_first() -> None:
    """Then the golden and property tests that import it, and no others; a part of the ledger also those of the whole."""
    assert mutants.tests_of("merkle")[0] == "tests/governance/test_merkle.py"
    assert "tests/property/test_governance.py" in mutants.tests_of("merkle")
    assert "tests/property/test_orbit.py" not in mutants.all_tests()
    assert mutants.tests_of("ledger_votes")[:2] == [
        "tests/governance/test_ledger.py",
        "tests/governance/test_ledger_votes.py",
    ]


def equivalents() -> list[dict[str, str]]:
    """Those that are listed."""
    found: list[dict[str, str]] = tomllib.loads(mutants.EQUIVALENT.read_text(encoding="utf-8"))["mutant"]
    return found


@pytest.mark.parametrize("listed", equivalents(), ids=lambda listed: f"{listed['module']}: {listed['becomes'][:30]}")
def test_what_is_called_equivalent_is_there_and_has_a_reason(listed: dict[str, str]) -> None:
    """The line stands in its module; a changed line has to be judged anew."""
    source = (mutants.ROOT / mutants.ROOM / f"{listed['module']}.py").read_text(encoding="utf-8")
    flat = " ".join(source.split())
    assert " ".join(listed["was"].split()) in flat
    assert listed["was"] != listed["becomes"]
    assert listed["why"].endswith(".")


def test_a_mutant_is_equivalent_only_if_it_is_listed() -> None:
    """By module and by both lines."""
    listed = [{"module": "merkle", "was": "a > 1", "becomes": "a >= 1", "why": "For a reason."}]
    mutant = mutants.Mutant(name="skycommons.governance.merkle.x_f__mutmut_1", was="a > 1", becomes="a >= 1")
    other = mutants.Mutant(name="skycommons.governance.tiles.x_f__mutmut_1", was="a > 1", becomes="a >= 1")
    assert mutants.is_equivalent(mutant, listed)
    assert not mutants.is_equivalent(other, listed)


def test_the_table_counts_what_can_be_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Equivalent ones are neither killed nor survived; the page keeps what stands around the table."""
    counted = {"tiles": Counter(killed=19, survived=1, equivalent=5), "empty": Counter()}
    text = mutants.table(counted)
    assert "| `tiles` | 25 | 19 | 5 | 1 | 95.0% |" in text
    assert "| `empty` | 0 | 0 | 0 | 0 | 100.0% |" in text
    page = tmp_path / "page.md"
    page.write_text(f"before\n{mutants.BEGIN}\nold\n{mutants.END}\nafter\n")
    monkeypatch.setattr(mutants, "PAGE", page)
    mutants.write_page(text)
    assert page.read_text() == f"before\n{mutants.BEGIN}\n{text}\n{mutants.END}\nafter\n"


def test_a_module_that_is_none_is_refused() -> None:
    """Before anything is copied."""
    with pytest.raises(SystemExit, match="no module nothing"):
        mutants.main(["nothing"])


def test_the_page_has_its_place_for_the_table() -> None:
    """Between two marks."""
    page = mutants.PAGE.read_text(encoding="utf-8")
    assert page.index(mutants.BEGIN) < page.index(mutants.END)
