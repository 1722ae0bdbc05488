"""Shares of the year on the command line."""

import pytest

from skycommons.cli.exceedance import percentage


@pytest.mark.parametrize(("text", "share"), [("0.1%", 1e-3), (" 5 % ", 0.05), (".01%", 1e-4), ("100.%", 1.0)])
def test_a_percentage_is_a_share(text: str, share: float) -> None:
    """Blanks do not matter."""
    assert percentage(text) == pytest.approx(share)


@pytest.mark.parametrize("text", ["0.1", "%", "-1%", "1e-3%", "a%", "0.1%%", ""])
def test_what_is_no_percentage_is_none(text: str) -> None:
    """A number alone could mean either."""
    assert percentage(text) is None
