"""Break the kernel in thousands of ways, one at a time, and see whether its tests notice.

Usage: python -m scripts.mutants [MODULE ...]        for example: merkle notes

mutmut makes the mutants and runs, for each, those tests that reach it. What is added here:

* A copy of governance and its tests in build/mutants, so that nothing of the working tree is touched.
* Each module first meets the tests of its own name and the golden and property tests that import it; what survives these meets
  all tests of governance. New modules and tests are found by their names.
* Properties are mutated as well: in the copy they are written as functions.
* What only speaks to people is left alone: the arguments of errors and faults, and texts of several words.
* Mutants that change nothing that could be observed are listed, each with its reason, in scripts/equivalent_mutants.toml.

Prints killed and survived for each file. A run over all modules writes the table into docs/reliability.md. Ends with 1 if fewer
than 95 % were killed. Constants at module level and defaults of fields are not mutated.
"""

import ast
import json
import os
import re
import shutil
import sys
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
WORK: Final = ROOT / "build" / "mutants"
ROOM: Final = "src/skycommons/governance"
EQUIVALENT: Final = ROOT / "scripts" / "equivalent_mutants.toml"
PAGE: Final = ROOT / "docs" / "reliability.md"
BEGIN: Final = "<!-- mutants: written by make mutants -->"
END: Final = "<!-- end -->"
LEAST_SHARE: Final = 0.95
SLOWEST_TEST_S: Final = 2.0
SLOWEST_OF_ALL_S: Final = 20.0
# Most mutants die of the first test that looks at them; mutmut knows how long each takes.
QUICK_ONES_FIRST: Final = '''"""The quick tests first."""

import json
from pathlib import Path


def pytest_collection_modifyitems(items):
    stats = Path("mutmut-stats.json")
    if stats.exists():
        durations = json.loads(stats.read_text())["duration_by_test"]
        items.sort(key=lambda item: durations.get(item.nodeid, 0))
'''
KEPT: Final = (
    *(ROOM, "src/skycommons/__init__.py", "src/skycommons/base", "scripts"),
    *("tests/conftest.py", "tests/support", "tests/governance", "tests/golden/governance", "tests/property"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """One change of one line.

    Attributes:
        name: As mutmut calls it.
        was: The line before.
        becomes: The line after.
    """

    name: str
    was: str
    becomes: str


# --------------------------------------------------------------------------------------------------------- the copy


def prepare(modules: Sequence[str], tests: Sequence[str]) -> None:
    """Copy what is needed, anew.

    Args:
        modules: To be mutated.
        tests: Files and folders of tests, from the root.
    """
    shutil.rmtree(WORK, ignore_errors=True)
    for name in KEPT:
        source, target = ROOT / name, WORK / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)
    for module in modules:
        path = WORK / ROOM / f"{module}.py"
        path.write_text(with_plain_properties(path.read_text(encoding="utf-8")), encoding="utf-8")
    settings = (
        "\n[tool.mutmut]",
        'source_paths = ["src"]',
        f"only_mutate = {json.dumps([f'{ROOM}/{module}.py' for module in modules])}",
        f"pytest_add_cli_args_test_selection = {json.dumps(list(tests))}",
        'pytest_add_cli_args = ["-p", "no:cacheprovider"]',
        'also_copy = ["conftest.py"]',
        "use_git_change_detection = false",
        "timeout_multiplier = 3.0",
        "timeout_constant = 10.0",
    )
    (WORK / "conftest.py").write_text(QUICK_ONES_FIRST, encoding="utf-8")
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    (WORK / "pyproject.toml").write_text("\n".join((project, *settings, "")), encoding="utf-8")


def tests_of(module: str) -> list[str]:
    """The tests that a module meets first: those of its name, and the golden and property tests that import it."""
    family = {module, module.split("_", maxsplit=1)[0]}  # the parts of the ledger are tested with the whole
    own = [f"tests/governance/test_{name}.py" for name in sorted(family)]
    found = [name for name in own if (ROOT / name).exists()]
    return found + [name for name in further_tests() if name not in found and _imports(name, module)]


def all_tests() -> list[str]:
    """Every test of governance."""
    return ["tests/governance", *further_tests()]


def further_tests() -> list[str]:
    """Golden and property tests that speak of governance."""
    paths = [*(ROOT / "tests/golden/governance").glob("test_*.py"), *(ROOT / "tests/property").glob("test_*.py")]
    names = [str(path.relative_to(ROOT)) for path in sorted(paths)]
    return [name for name in names if _imports(name, "")]


def _imports(name: str, module: str) -> bool:
    """Whether a file of tests imports a module of governance; any, if none is named."""
    text = (ROOT / name).read_text(encoding="utf-8")
    return re.search(rf"skycommons\.governance\.{module or '[a-z]'}", text) is not None


def with_plain_properties(source: str) -> str:
    """Each ``@property`` as a function that is made a property below it, which mutmut can mutate."""
    lines = source.split("\n")
    for node in sorted(_properties(ast.parse(source)), key=lambda node: -node.lineno):
        decorator, indent = node.decorator_list[0], " " * node.col_offset
        lines.insert(node.end_lineno or node.lineno, f"{indent}{node.name} = property({node.name})")
        lines[decorator.lineno - 1] = ""
    return "\n".join(lines)


def _properties(tree: ast.Module) -> Iterator[ast.FunctionDef]:
    """Methods that are properties and nothing else, of classes that hold code."""
    for owner in ast.walk(tree):
        if isinstance(owner, ast.ClassDef) and "Protocol" not in {ast.unparse(base) for base in owner.bases}:
            for node in owner.body:
                if isinstance(node, ast.FunctionDef) and [*map(ast.unparse, node.decorator_list)] == ["property"]:
                    yield node


# ---------------------------------------------------------------------------------------------------------- running


def run(names: Sequence[str] = ()) -> None:
    """Mutmut over the copy, in a process of its own.

    Args:
        names: Mutants to try, with all tests; all mutants, with the quick tests, if none is named.
    """
    child = os.fork()
    if child == 0:
        _enter()
        os.environ["HYPOTHESIS_PROFILE"] = "quick"
        sys.path.insert(0, str(WORK))
        _leave_words_alone()
        _leave_out_tests_above(SLOWEST_OF_ALL_S if names else SLOWEST_TEST_S)
        from mutmut.__main__ import cli

        try:
            cli(["run", "--max-children", str(os.cpu_count() or 1), *names])
        except SystemExit as stopped:
            os._exit(int(stopped.code or 0))
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if status:
        sys.exit("mutmut did not come to its end; do the tests pass without mutants?")


def _enter() -> None:
    """Go into the copy; mutmut keeps the settings of the folder that it saw first."""
    from mutmut.configuration import reset_config

    os.chdir(WORK)
    reset_config()


def _leave_words_alone() -> None:
    """Teach mutmut what only speaks to people."""
    import libcst as cst
    from mutmut.mutation import file_mutation

    visitor = file_mutation.MutationVisitor
    skip, removes = vars(visitor)["_skip_node_and_children"], vars(visitor)["_removes_ignored_code"]

    def speaks(node: cst.CSTNode) -> bool:
        if isinstance(node, cst.Call):
            name = node.func.attr.value if isinstance(node.func, cst.Attribute) else getattr(node.func, "value", "")
            return isinstance(name, str) and (name in _SPEAKING or name.endswith("Error"))
        if isinstance(node, cst.Arg):
            return (node.keyword is not None and node.keyword.value in _SPEAKING_ARGUMENTS) or speaks(node.value)
        if isinstance(node, cst.Param):
            return node.name.value in _SPEAKING_ARGUMENTS
        return (
            isinstance(node, cst.SimpleString)
            and (_WORDS.search(node.value) or _CODEC.fullmatch(node.value)) is not None
        )

    def skip_words(self: object, node: cst.CSTNode) -> bool:
        return speaks(node) or bool(skip(self, node))

    def removes_words(self: object, node: cst.CSTNode, mutated: cst.CSTNode) -> bool:
        if isinstance(node, cst.Call) and isinstance(mutated, cst.Call):
            kept = {id(argument) for argument in mutated.args}
            changed = [argument for argument in node.args if id(argument) not in kept]
            if changed and all(speaks(argument) or _is_default(argument, node) for argument in changed):
                return True
        return bool(removes(self, node, mutated))

    def _is_default(argument: cst.Arg, call: cst.Call) -> bool:
        """``"big"`` is what to_bytes and from_bytes take anyway."""
        return cst.Module([]).code_for_node(argument.value) == '"big"' and len(call.args) == 2

    for name, method in {"_skip_node_and_children": skip_words, "_removes_ignored_code": removes_words}.items():
        setattr(visitor, name, method)


def _leave_out_tests_above(most_s: float) -> None:
    """Let mutants meet quick tests alone: one that never ends is stopped after a multiple of the time that its tests take."""
    from mutmut import __main__ as program
    from mutmut.state import state

    collect = program.collect_or_load_stats

    def collect_quick(*arguments: object, **named: object) -> object:
        collected = collect(*arguments, **named)
        durations = state().duration_by_test
        for name, tests in state().tests_by_mangled_function_name.items():
            quick = {test for test in tests if durations[test] <= most_s}
            state().tests_by_mangled_function_name[name] = quick or tests
        return collected

    vars(program)["collect_or_load_stats"] = collect_quick


_SPEAKING: Final = frozenset({"malformed", "printable", "fault", "Fault"})
_SPEAKING_ARGUMENTS: Final = frozenset({"source", "first_line", "message"})
_WORDS: Final = re.compile(r"[A-Za-z,;:] [A-Za-z<%]")
_CODEC: Final = re.compile(r'"(utf-8|ascii|unicode_escape)"')  # in capitals it is the same


# -------------------------------------------------------------------------------------------------------- reporting


def outcomes() -> dict[str, Counter[str]]:
    """How many mutants of each module ended how."""
    counted: dict[str, Counter[str]] = defaultdict(Counter)
    for name, code in _codes():
        counted[_module(name)]["survived" if code in _ALIVE else "killed"] += 1
    return counted


def _codes() -> Iterator[tuple[str, int | None]]:
    """Mutants and how their tests ended, as mutmut keeps it."""
    for path in sorted((WORK / "mutants" / ROOM).glob("*.py.meta")):
        yield from json.loads(path.read_text(encoding="utf-8"))["exit_code_by_key"].items()


def _module(name: str) -> str:
    """The module of a mutant."""
    return name.split(".")[2]


_ALIVE: Final = frozenset({0, 5, 33, 34})  # no test failed, no test reached it, skipped


def survivors() -> list[Mutant]:
    """The mutants that no test noticed."""
    from mutmut.mutation.diff_apply import get_diff_for_mutant

    _enter()

    found = []
    for name, code in _codes():
        if code in _ALIVE:
            changed = [line for line in get_diff_for_mutant(name).splitlines()[2:] if line[:1] in "+-"]
            was = " ".join(line[1:].strip() for line in changed if line[0] == "-")
            becomes = " ".join(line[1:].strip() for line in changed if line[0] == "+")
            found.append(Mutant(name=name, was=was, becomes=becomes))
    os.chdir(ROOT)
    return found


def is_equivalent(mutant: Mutant, listed: Sequence[Mapping[str, str]]) -> bool:
    """Whether a mutant is one of those that change nothing."""
    asked = (_module(mutant.name), mutant.was, mutant.becomes)
    return any((one["module"], one["was"], one["becomes"]) == asked for one in listed)


def table(counted: Mapping[str, Counter[str]]) -> str:
    """The figures as Markdown."""
    total: Counter[str] = Counter()
    rows = [
        "| module | mutants | killed | equivalent | survived | killed of those that count |",
        "| --- |" + " ---: |" * 5,
    ]
    for module, counts in sorted(counted.items()):
        total += counts
        rows.append(_row(f"`{module}`", counts))
    return "\n".join((*rows, _row("all", total)))


def _row(name: str, counts: Counter[str]) -> str:
    """One line of the table."""
    figures = (counts.total(), counts["killed"], counts["equivalent"], counts["survived"])
    return f"| {name} | {' | '.join(f'{figure:,}' for figure in figures)} | {share(counts):.1%} |"


def share(counts: Counter[str]) -> float:
    """Killed, of those that change something."""
    count = counts["killed"] + counts["survived"]
    return counts["killed"] / count if count else 1.0


def write_page(text: str) -> None:
    """Put the table where the documentation has it."""
    page = PAGE.read_text(encoding="utf-8")
    before, _, rest = page.partition(BEGIN)
    after = rest.partition(END)[2]
    PAGE.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}", encoding="utf-8")


def main(asked: Sequence[str]) -> None:
    """Mutate, test, tell."""
    existing = [path.stem for path in sorted((ROOT / ROOM).glob("*.py")) if path.stem != "__init__"]
    if unknown := set(asked) - set(existing):
        sys.exit(f"governance has no module {', '.join(sorted(unknown))}")
    modules = list(asked) or existing
    counted: dict[str, Counter[str]] = {}
    left: list[Mutant] = []
    for module in modules:
        prepare([module], tests_of(module) or all_tests())
        run()
        found = outcomes()
        if set(found) - {module}:
            sys.exit(f"mutmut mutated something else than {module}")
        counted[module] = found[module]
        left += survivors()
        print(
            f"\n{module}: {counted[module]['killed']} killed by its own tests, {counted[module]['survived']} not",
            flush=True,
        )
    for mutant in second_chance(differing(left, counted), counted):
        print(f"{mutant.name}\n  - {mutant.was}\n  + {mutant.becomes}")
    text = table(counted)
    print(f"\n{text}")
    if not asked:
        write_page(text)
    if share(sum(counted.values(), Counter())) < LEAST_SHARE:
        sys.exit(f"fewer than {LEAST_SHARE:.0%} were killed")


def differing(left: Sequence[Mutant], counted: Mapping[str, Counter[str]]) -> list[Mutant]:
    """The survivors that change something; the others are counted as equivalent."""
    listed = tomllib.loads(EQUIVALENT.read_text(encoding="utf-8"))["mutant"]
    found = []
    for mutant in left:
        if is_equivalent(mutant, listed):
            counted[_module(mutant.name)].update(survived=-1, equivalent=1)
        else:
            found.append(mutant)
    return found


def second_chance(left: Sequence[Mutant], counted: Mapping[str, Counter[str]]) -> list[Mutant]:
    """Let the survivors of their own tests meet all tests.

    Returns:
        Who survived these too.
    """
    if not left:
        return []
    prepare(sorted({_module(mutant.name) for mutant in left}), all_tests())
    run([mutant.name for mutant in left])
    dead = {name for name, code in _codes() if code is not None and code not in _ALIVE}
    for mutant in left:
        if mutant.name in dead:
            counted[_module(mutant.name)].update(survived=-1, killed=1)
    return [mutant for mutant in left if mutant.name not in dead]


if __name__ == "__main__":
    main(sys.argv[1:])
