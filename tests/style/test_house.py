"""The house rules that no linter knows."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

from tests.style.sources import PACKAGE, Module, functions, modules

MAX_FILE_LINES = 500
MAX_FUNCTION_LINES = 60
EMPTY_NAMES = re.compile(r"(^|_)(get|do|process)_|manager|helper|(^|_)utils?($|_)", re.IGNORECASE)

# The one module that writes to the terminal.
WRITES_TO_THE_TERMINAL = {"skycommons.cli.console"}

# Modules that are tested through another one, each with the place.
TESTED_ELSEWHERE: dict[str, str] = {}

each_module = pytest.mark.parametrize("module", modules(), ids=lambda module: module.name)


@each_module
def test_a_module_says_what_it_is_for(module: Module) -> None:
    """Its docstring holds the rules of the room or the idea of the file."""
    assert module.path.stat().st_size == 0 or ast.get_docstring(module.tree), f"{module.name} has no docstring"


@each_module
def test_a_file_is_one_concept(module: Module) -> None:
    """At most 500 lines."""
    assert len(module.text.splitlines()) <= MAX_FILE_LINES


@each_module
def test_a_function_fits_on_a_page(module: Module) -> None:
    """At most 60 lines, docstring apart."""
    long = []
    for function in functions(module):
        first = function.body[0]
        documented = ast.get_docstring(function) is not None
        prose = (first.end_lineno or first.lineno) - first.lineno + 1 if documented else 0
        length = (function.end_lineno or function.lineno) - function.lineno + 1 - prose
        if length > MAX_FUNCTION_LINES:
            long.append(f"{module.at(function)}: {function.name} has {length} lines")
    assert long == []


@each_module
def test_nothing_prints_or_asserts(module: Module) -> None:
    """Libraries log; inputs are refused with `raise`, which `python -O` keeps."""
    found = [module.at(node) for node in ast.walk(module.tree) if isinstance(node, ast.Assert)]
    if module.name not in WRITES_TO_THE_TERMINAL:
        found += [
            module.at(node)
            for node in ast.walk(module.tree)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
        ]
    assert found == []


@each_module
def test_no_module_keeps_state(module: Module) -> None:
    """No `global`, and no empty container at module level that waits to be filled."""
    found = [module.at(node) for node in ast.walk(module.tree) if isinstance(node, ast.Global)]
    for node in module.tree.body:
        value = node.value if isinstance(node, ast.Assign | ast.AnnAssign) else None
        empty_literal = (isinstance(value, ast.List | ast.Set) and not value.elts) or (
            isinstance(value, ast.Dict) and not value.keys
        )
        empty_call = (
            isinstance(value, ast.Call)
            and isinstance(value.func, ast.Name)
            and value.func.id in {"list", "dict", "set", "defaultdict"}
            and not value.args
        )
        if empty_literal or empty_call:
            found.append(module.at(node))
    assert found == []


@each_module
def test_names_say_what_a_thing_does(module: Module) -> None:
    """No get_, do_, process_, manager, helper or utils."""
    named = [
        f"{module.at(node)}: {node.name}"
        for node in ast.walk(module.tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        and not node.name.startswith("__")
        and EMPTY_NAMES.search(node.name)
    ]
    assert named == []
    assert not EMPTY_NAMES.search(module.path.stem)


def test_every_module_has_its_test() -> None:
    """Under the same path in tests/, or named by a test that imports it; a kernel is tested through its caller."""
    tests = PACKAGE.parent.parent / "tests"
    spoken = "\n".join(path.read_text(encoding="utf-8") for path in tests.rglob("*.py"))
    untested = []
    for module in modules():
        if module.path.name == "__init__.py" or module.name in TESTED_ELSEWHERE:
            continue
        twin = tests / module.path.relative_to(PACKAGE).parent / f"test_{module.path.stem.removesuffix('_kernel')}.py"
        parent, _, stem = module.name.rpartition(".")
        named = re.search(rf"{re.escape(module.name)}\b|from {re.escape(parent)} import [^\n]*\b{stem}\b", spoken)
        if not (twin.exists() or named):
            untested.append(module.name)
    assert untested == []


def test_the_repository_speaks_of_the_product_alone(repository: Path) -> None:
    """No path of somebody's machine stands in a file that is kept."""
    machine_path = re.compile(r"(?<![\w.:/~-])/(work|root|home|tmp|opt|mnt)/\w")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=repository, capture_output=True, text=True, check=False)
    if listed.returncode != 0:
        pytest.skip("this copy of the sources is not a git checkout")
    found = []
    for name in filter(None, listed.stdout.split("\0")):
        path = repository / name
        if path.suffix in {".png", ".svg", ".gz", ".npz", ".ico", ".woff2"} or not path.is_file():
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
            if machine_path.search(line) and path != Path(__file__):
                found.append(f"{name}:{number}: {line.strip()[:100]}")
    assert found == []


@pytest.mark.parametrize("name", ["run", "test", "docs", "mutants", "fuzz", "peers"])
def test_requirements_are_pinned_by_hash_and_name_no_host(repository: Path, name: str) -> None:
    """Whoever installs chooses the registry; what comes from it is checked."""
    text = (repository / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
    assert "://" not in text
    assert [line for line in text.splitlines() if line.startswith("-")] == []
    pinned = re.findall(r"^([a-z0-9][^\s=]*)==\S+ \\\n    --hash=sha256:", text, flags=re.MULTILINE)
    assert len(pinned) == len(re.findall(r"^[a-z0-9]", text, flags=re.MULTILINE)) > 0


@pytest.mark.parametrize(("smaller", "larger"), [("run", "test"), ("test", "docs")])
def test_requirements_agree_with_each_other(repository: Path, smaller: str, larger: str) -> None:
    """One environment can hold them all: each file repeats the versions of the one before."""
    pins = [
        set(re.findall(r"^(\S+==\S+)", (repository / "requirements" / f"{name}.txt").read_text(), flags=re.MULTILINE))
        for name in (smaller, larger)
    ]
    assert pins[0] <= pins[1]
