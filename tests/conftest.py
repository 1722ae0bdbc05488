"""Fixtures for every test, and how hard Hypothesis searches.

`HYPOTHESIS_PROFILE=deep` searches for minutes; the default, `ci`, tries the same examples every time, `quick` fewer of them.
"""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.support.namespaces import needs_namespaces as needs_namespaces  # noqa: PLC0414 -- a fixture is found here by name

REPOSITORY = Path(__file__).resolve().parent.parent

# No deadline: the first example pays for compiling a kernel.
settings.register_profile("ci", derandomize=True, deadline=None, max_examples=60, print_blob=True)
settings.register_profile("quick", derandomize=True, deadline=None, max_examples=15)  # make mutants
settings.register_profile("deep", deadline=None, max_examples=5_000, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of the repository."""
    return REPOSITORY


@pytest.fixture(scope="session")
def shared_data(repository: Path) -> Path:
    """Real catalogues and measurements, kept beside the repository; tests that need them skip without."""
    folder = repository.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"reference data are not at {folder}")
    return folder
