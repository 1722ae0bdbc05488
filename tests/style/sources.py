"""The package's sources as syntax trees, so that a new file is held to the rules as soon as it stands."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent.parent
PACKAGE = REPOSITORY / "src" / "skycommons"


@dataclass(frozen=True, slots=True, kw_only=True)
class Module:
    """One source file, read and parsed."""

    path: Path
    text: str
    tree: ast.Module

    @property
    def name(self) -> str:
        """Dotted name, such as ``skycommons.base.clock``."""
        parts = self.path.relative_to(REPOSITORY / "src").with_suffix("").parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    @property
    def room(self) -> str:
        """The room it stands in; empty for the package itself."""
        parts = self.path.relative_to(PACKAGE).parts
        return parts[0] if len(parts) > 1 else ""

    def at(self, node: ast.stmt | ast.expr) -> str:
        """File and line of a node, to click on."""
        return f"{self.path.relative_to(REPOSITORY)}:{node.lineno}"


@cache
def modules() -> tuple[Module, ...]:
    """Every module of the package."""
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        found.append(Module(path=path, text=text, tree=ast.parse(text)))
    return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """A public number with a fraction, or an array of them: a parameter or a field."""

    place: str
    owner: str
    name: str


def public_quantities(module: Module) -> Iterator[Quantity]:
    """Parameters of public functions and fields of public classes that hold floating-point numbers."""
    for owner, node in _public_definitions(module.tree.body, ""):
        if isinstance(node, ast.ClassDef):
            for field in node.body:
                if isinstance(field, ast.AnnAssign) and _is_floating(field.annotation):
                    yield Quantity(place=module.at(field), owner=owner, name=ast.unparse(field.target))
        else:
            arguments = node.args
            for parameter in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
                if parameter.annotation is not None and _is_floating(parameter.annotation):
                    yield Quantity(place=module.at(node), owner=owner, name=parameter.arg)


def _public_definitions(
    body: list[ast.stmt], prefix: str
) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]]:
    """Public functions, classes and their public methods, each with its dotted name."""
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            yield prefix + node.name, node
            if isinstance(node, ast.ClassDef):
                yield from _public_definitions(node.body, f"{prefix}{node.name}.")


def _is_floating(annotation: ast.expr) -> bool:
    """Whether an annotation speaks of floats: ``float``, ``float | None``, ``Floats``, ``Floats32``."""
    names = {node.id for node in ast.walk(annotation) if isinstance(node, ast.Name)}
    return bool(names & {"float", "Floats", "Floats32"}) and "Callable" not in names


def functions(module: Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function and method, nested ones included."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node
