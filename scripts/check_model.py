"""Check the protocol of decisions with Spin: every property holds, every good end is reachable, every seeded fault is found.

Usage: python scripts/check_model.py [--jobs N] [MODEL ...]

A model says itself what is expected of it. Formulas named ``can_…`` state that something never happens, and must fail; every
other formula must hold. The table of faults in its first comment names, for each ``BUG_…``, the formula that must find it.
Needs ``spin`` (Debian: spin) and ``gcc``. Ends with 0 if everything is as expected, 1 if not, 2 if a program is missing.
"""

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

MODELS = Path(__file__).resolve().parent.parent / "models" / "decision"
PROGRAMS = {"spin": "spin", "gcc": "gcc"}  # with their Debian packages
MEMORY_MB = 1024
DEPTH = 100_000
SPIN_FLAGS = ("-DNOFAIR", f"-DMEMLIM={MEMORY_MB}")

_FAULT = re.compile(r"^ \*   (BUG_\w+) +(\w+)  ", re.MULTILINE)
_MACRO = re.compile(r"\bBUG_\w+")
_FORMULA = re.compile(r"^ltl (\w+)", re.MULTILINE)
_CUT_SHORT = re.compile(r"max search depth too small|out of memory|MEMLIM|hash table full")
_VIOLATED = re.compile(r"assertion violated|acceptance cycle")
_FIGURES = re.compile(r"depth reached (\d+), errors: (\d+)\s+(\d+) states, stored")


class Expected(StrEnum):
    """What a run should show, in the word of the table."""

    HOLDS = "holds"
    REACHED = "reached"
    FOUND = "found"


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """What one file says of itself.

    Attributes:
        path: The file.
        formulas: Names of its formulas.
        faults: Each seeded fault with the formula that must find it.
    """

    path: Path
    formulas: tuple[str, ...]
    faults: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """One search of a model.

    Attributes:
        place: Where its program lies.
        model: Which model.
        formula: Which formula.
        fault: The fault that was seeded; empty for none.
        expected: What it should show.
    """

    place: Path
    model: str
    formula: str
    fault: str
    expected: Expected


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What a search came to.

    Attributes:
        search: The search.
        states: States that were stored.
        depth: Steps of the longest path.
        is_right: Whether it showed that.
        note: What else is to be said.
    """

    search: Search
    states: int
    depth: int
    is_right: bool
    note: str


def main(arguments: list[str]) -> int:
    """Run everything and print the table."""
    parser = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    parser.add_argument("models", nargs="*", help="names of models, such as decision; all if none is named")
    parser.add_argument("--jobs", type=int, default=2, help="programs that run at once")
    chosen = parser.parse_args(arguments)
    lacking = missing_programs()
    if lacking:
        sys.stderr.write(f"not installed: {', '.join(lacking)} (Debian: apt-get install {' '.join(lacking)})\n")
        return 2
    models = [
        read_model(path) for path in sorted(MODELS.glob("*.pml")) if not chosen.models or path.stem in chosen.models
    ]
    if not models:
        sys.stderr.write(f"no such model in {MODELS}: {', '.join(chosen.models)}\n")
        return 2
    begun_s = time.monotonic()
    rows = check(models, jobs=chosen.jobs)
    print("\n".join(table(rows)))
    print(summary(rows), f"in {time.monotonic() - begun_s:.0f} s")
    return 0 if all(row.is_right for row in rows) else 1


def missing_programs() -> list[str]:
    """Debian packages of programs that are not there."""
    return [package for program, package in PROGRAMS.items() if shutil.which(program) is None]


def read_model(path: Path) -> Model:
    """Read what a model says of itself.

    Raises:
        SystemExit: A fault is seeded that the table does not name, or the other way round, or it names no formula.
    """
    text = path.read_text(encoding="utf-8")
    head, _, code = text.partition("*/")
    faults = tuple(_FAULT.findall(head))
    formulas = tuple(_FORMULA.findall(code))
    apart = {name for name, _ in faults} ^ set(_MACRO.findall(code))
    strange = sorted(apart | {formula for _, formula in faults} - set(formulas))
    if strange:
        sys.exit(f"{path.name}: its table of faults and its text differ in {', '.join(strange)}")
    return Model(path=path, formulas=formulas, faults=faults)


def check(models: list[Model], *, jobs: int) -> list[Row]:
    """Every run of every model, the sound ones first."""
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(jobs) as pool:
        builds = [(model, fault) for model in models for fault in ("", *(name for name, _ in model.faults))]
        places = [Path(folder, f"{model.path.stem}-{fault}") for model, fault in builds]
        done = list(pool.map(build, [model for model, _ in builds], [fault for _, fault in builds], places))
        if any(done):
            sys.exit("\n".join(filter(None, done)))
        made = zip(builds, places, strict=True)
        return list(pool.map(run, [one for (model, fault), place in made for one in searches(model, fault, place)]))


def build(model: Model, fault: str, place: Path) -> str:
    """Make the program that searches a model, in a folder of its own; what went wrong, if anything did."""
    place.mkdir()
    define = (f"-D{fault}",) if fault else ()
    quick = "-O0" if fault else "-O2"  # a fault is found soon: its program is compiled longer than it runs
    for command in (("spin", *define, "-a", str(model.path)), ("gcc", quick, *SPIN_FLAGS, "-w", "-o", "pan", "pan.c")):
        done = subprocess.run(command, cwd=place, capture_output=True, text=True, check=False)
        if done.returncode:
            return f"{model.path.name} {fault}: {command[0]} says: {done.stdout[-500:]}{done.stderr[-500:]}"
    return ""


def searches(model: Model, fault: str, place: Path) -> Iterator[Search]:
    """What one program is made for: every formula of a sound model, the one that must find a fault."""
    for formula in [formula for name, formula in model.faults if name == fault] if fault else model.formulas:
        reached = Expected.REACHED if formula.startswith("can_") else Expected.HOLDS
        expected = Expected.FOUND if fault else reached
        yield Search(place=place, model=model.path.stem, formula=formula, fault=fault, expected=expected)


def run(search: Search) -> Row:
    """Run a program over one formula."""
    command = ("./pan", "-a", f"-m{DEPTH}", "-w21", "-n", "-N", search.formula)
    done = subprocess.run(command, cwd=search.place, capture_output=True, text=True, check=False)
    return row_of(search, done.stdout + done.stderr)


def row_of(search: Search, output: str) -> Row:
    """What the output of a search says. One that was cut short, by its limit of depth or of memory, proves nothing."""
    figures = _FIGURES.search(output)
    if figures is None:
        return Row(search=search, states=0, depth=0, is_right=False, note=output.strip()[-200:] or "it said nothing")
    depth, errors, states = (int(number) for number in figures.groups())
    note = ""
    if search.expected == Expected.HOLDS and errors:
        note = "violated"
    elif search.expected == Expected.HOLDS and _CUT_SHORT.search(output):
        note = "cut short"
    elif search.expected != Expected.HOLDS and not (errors and _VIOLATED.search(output)):
        note = f"not {search.expected}"
    return Row(search=search, states=states, depth=depth, is_right=not note, note=note)


def table(rows: list[Row]) -> Iterator[str]:
    """The rows as a table in Markdown."""
    yield "| model | property | seeded fault | states | depth | result |"
    yield "| --- | --- | --- | ---: | ---: | --- |"
    for row in rows:
        one, result = row.search, row.search.expected.value if row.is_right else f"**WRONG** {row.note}"
        yield f"| {one.model} | {one.formula} | {one.fault} | {row.states:,} | {row.depth:,} | {result} |"


def summary(rows: list[Row]) -> str:
    """Counts in one line."""
    counts = []
    for expected, what in (
        (Expected.HOLDS, "properties hold"),
        (Expected.REACHED, "good ends reached"),
        (Expected.FOUND, "faults found"),
    ):
        of_kind = [row for row in rows if row.search.expected == expected]
        counts.append(f"{sum(row.is_right for row in of_kind)} of {len(of_kind)} {what}")
    states = sum(row.states for row in rows if row.search.expected == Expected.HOLDS)
    return f"{', '.join(counts)}; {states:,} states searched for properties,"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
