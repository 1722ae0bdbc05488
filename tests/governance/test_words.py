"""Words that several documents use."""

import re
from enum import StrEnum

from skycommons.governance import words


def test_every_word_is_written_in_one_way() -> None:
    """Lower case, with hyphens between."""
    classes = [found for found in vars(words).values() if isinstance(found, type) and issubclass(found, StrEnum)]
    assert {"Role", "Basis", "ServiceState"} <= {found.__name__ for found in classes}
    for found in classes:
        assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", word) for word in found)
