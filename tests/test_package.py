"""``import skycommons`` is light, and its names are the pipeline."""

import subprocess
import sys

import pytest

import skycommons


def test_importing_the_package_imports_nothing_heavy() -> None:
    """Names load when they are used."""
    code = "import sys, skycommons; print(sorted({'numpy', 'pydantic', 'numba'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_name_that_is_offered_loads() -> None:
    """What ``dir`` lists is there, under the name of its definition where it has one."""
    assert dir(skycommons) == sorted(skycommons.__all__)
    for name in skycommons.__all__:
        assert getattr(skycommons, name) is not None


def test_other_names_are_an_attribute_error() -> None:
    """As in any module."""
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        _ = skycommons.nothing


def test_the_version_is_that_of_the_distribution() -> None:
    """It stands in pyproject.toml alone."""
    assert skycommons.__version__.count(".") == 2
