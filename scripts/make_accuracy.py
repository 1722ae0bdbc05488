"""Write the table of the radio part in docs/accuracy.md from what ``skycommons validate radio`` computes.

::

    python scripts/make_accuracy.py [FOLDER]

A test holds that the table in the repository is the one that this script writes.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

from skycommons.studies.radio_check import RadioCheck, markdown_table
from skycommons.studies.validate_radio import validate_radio

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "accuracy.md"
TABLES = ROOT.parent / "shared" / "data" / "radio"
START = "<!-- written by scripts/make_accuracy.py -->\n"
END = "<!-- end of what the script writes -->\n"


def main(folder: Path = TABLES) -> int:
    """Put a fresh table between the marks."""
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8"), validate_radio(folder)), encoding="utf-8")
    return 0


def page(text: str, checks: Sequence[RadioCheck]) -> str:
    """The page with the table of these checks between its marks.

    Raises:
        ValueError: The page has no marks.
    """
    before, start, rest = text.partition(START)
    _, end, after = rest.partition(END)
    if not (start and end):
        raise ValueError(f"the page has no place for the table between {START!r} and {END!r}")
    return f"{before}{start}\n{markdown_table(checks)}\n{end}{after}"


if __name__ == "__main__":
    sys.exit(main(*map(Path, sys.argv[1:2])))
