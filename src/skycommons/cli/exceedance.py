"""How commands read a share of the year: as a percentage, with its sign."""

import re


def percentage(text: str) -> float | None:
    """A percentage as a share, or None where the text is no number with a percent sign.

    >>> percentage("0.1 %"), percentage("0.1")
    (0.001, None)
    """
    match = re.fullmatch(r"\s*(\d+(?:\.\d*)?|\.\d+)\s*%\s*", text)
    return None if match is None else float(match[1]) / 100.0
