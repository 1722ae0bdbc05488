"""The room that auditors read is pure: its imports are counted on one hand."""

import ast

import pytest

from tests.style.sources import Module, modules

OURS = {"skycommons.base.errors"}
PRIMITIVES = {"cryptography", "rfc8785"}
# Of the standard library: nothing that reads a file, a clock, the network, or chance.
PLAIN = {
    "base64",
    "binascii",
    "collections",
    "dataclasses",
    "enum",
    "hashlib",
    "json",
    "operator",
    "re",
    "types",
    "typing",
}

ROOM = [module for module in modules() if module.room == "governance"]


@pytest.mark.parametrize("module", ROOM, ids=lambda module: module.name)
def test_governance_imports_nothing_that_an_auditor_would_have_to_read_too(module: Module) -> None:
    """The errors, the room itself, primitives, and plain parts of the standard library."""
    imported = set()
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            imported |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add(node.module or "")
    ours = {name for name in imported if name.startswith("skycommons")}
    assert {name for name in ours if not name.startswith("skycommons.governance.")} <= OURS
    assert {name.split(".")[0] for name in imported - ours} <= PRIMITIVES | PLAIN


@pytest.mark.parametrize("module", ROOM, ids=lambda module: module.name)
def test_governance_opens_nothing(module: Module) -> None:
    """No file by the built-in either."""
    called = {
        node.func.id for node in ast.walk(module.tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    assert not called & {"open", "input", "exec", "eval", "__import__", "compile"}
