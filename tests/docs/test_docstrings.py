"""The examples in docstrings hold."""

import doctest
import importlib

import pytest

from tests.style.sources import Module, modules


@pytest.mark.parametrize(
    "module", [module for module in modules() if ">>> " in module.text], ids=lambda module: module.name
)
def test_the_examples_in_docstrings_hold(module: Module) -> None:
    """Each is a case that can be checked in the head."""
    result = doctest.testmod(importlib.import_module(module.name))
    assert result.attempted > 0
    assert result.failed == 0
