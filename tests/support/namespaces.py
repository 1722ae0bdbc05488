"""Network namespaces for tests: whether this machine lets one make them."""

from functools import cache

import pytest

from tests.support.programs import needed, without


@pytest.fixture(scope="session")
def needs_namespaces() -> None:
    """The test builds hosts: it skips, or in CI fails, where this user may not, or a program is missing."""
    for program in ("ip", "setpriv", "unshare"):
        needed(program)
    why = _refusal()
    if why:
        without(why)


@cache
def _refusal() -> str:
    """Why there are none; empty if there are."""
    from skycommons.emulation.privileges import check, refusal

    allowed = check()
    return "" if allowed.is_enough else refusal(allowed)
