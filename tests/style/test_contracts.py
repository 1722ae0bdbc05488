"""The import contracts of pyproject.toml name every room and hold."""

import tomllib
from pathlib import Path

import pytest

from tests.style.sources import PACKAGE

MEANT = {
    "base",
    "orbit",
    "radio",
    "model",
    "plan",
    "traffic",
    "emulation",
    "governance",
    "studies",
    "store",
    "cli",
    "serve",
}


def contracts(repository: Path) -> list[dict[str, object]]:
    """The contracts as written."""
    project = tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))
    found: list[dict[str, object]] = project["tool"]["importlinter"]["contracts"]
    return found


def test_the_layers_name_every_room_of_the_design(repository: Path) -> None:
    """A room that is not built yet stands in parentheses; a room that nobody meant cannot appear."""
    layers = next(contract["layers"] for contract in contracts(repository) if contract["type"] == "layers")
    assert isinstance(layers, list)
    named = {room.strip(" ()") for layer in layers for room in layer.split("|")}
    rooms = {path.name for path in PACKAGE.iterdir() if (path / "__init__.py").exists()}
    assert named == MEANT
    assert rooms <= MEANT


def test_physics_is_kept_from_tables_and_drawing(repository: Path) -> None:
    """A contract forbids base, orbit and radio the door's libraries."""
    for contract in contracts(repository):
        modules = contract["forbidden_modules"] if contract["type"] == "forbidden" else []
        if contract.get("source_modules") == ["skycommons.base", "skycommons.orbit", "skycommons.radio"]:
            assert isinstance(modules, list)
            assert {"xarray", "pandas", "matplotlib", "pydantic"} <= set(modules)
            break
    else:
        pytest.fail("no contract keeps base, orbit and radio pure")
