"""Lists of cells."""

import subprocess
from hashlib import sha256

import pytest

from skycommons.base.errors import FormatError
from skycommons.governance.cell_lists import MAX_BYTES, cells_sha256, encode_cells, parse_cells
from tests.support.documents import CELLS

FIRST, SECOND, THIRD = sorted(CELLS)


def test_a_list_is_sorted_and_has_each_cell_once() -> None:
    """Whatever order they came in."""
    data = encode_cells([*CELLS, *CELLS])
    assert data == f"{FIRST}\n{SECOND}\n{THIRD}\n".encode()
    assert parse_cells(data) == (FIRST, SECOND, THIRD)
    assert cells_sha256(CELLS) == sha256(data).hexdigest()


def test_the_shell_makes_the_same_hash() -> None:
    """With programs that are on every machine."""
    command = ["sh", "-c", "LC_ALL=C sort -u | sha256sum"]
    made = subprocess.run(command, input="\n".join(CELLS) + "\n", capture_output=True, text=True, check=True)
    assert made.stdout.split()[0] == cells_sha256(CELLS)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "line 1: is missing: a list has one cell at least"),
        (b"\n", "line 1: must be a cell of resolution 5"),
        (FIRST.encode(), "line 1: must end with a newline"),
        (f"{FIRST}\n{SECOND}".encode(), "line 2: must end with a newline"),
        (f"{FIRST}\n\n".encode(), "line 2: must be a cell"),
        (f"{FIRST}\r\n".encode(), "line 1: must be a cell"),
        (f"{FIRST.upper()}\n".encode(), "line 1: must be a cell"),
        (f"{FIRST}\n{'8' + FIRST}\n".encode(), "line 2: must be a cell"),
        (f"{FIRST}\n84{FIRST[2:]}\n".encode(), "line 2: must be a cell"),
        (f"{FIRST}\n\xff\n".encode("latin-1"), "line 2: must be a cell"),
        (f"{SECOND}\n{FIRST}\n".encode(), "line 2: must come after the line before it"),
        (f"{FIRST}\n{SECOND}\n{SECOND}\n{THIRD}\n".encode(), "line 3: must come after the line before it"),
        (bytes(MAX_BYTES + 1), r"size: has 32,269,473 bytes"),
    ],
)
def test_every_other_text_is_refused(data: bytes, words: str) -> None:
    """With the first line that is wrong."""
    with pytest.raises(FormatError, match=words):
        parse_cells(data)


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ([], "cells: must be 1 to 2,016,842 cells"),
        ([FIRST, "85"], "85: must be a cell of resolution 5"),
        ([f"{FIRST}\n"], r"must be a cell"),
        (["é"], "é: must be a cell"),
    ],
)
def test_the_writer_refuses_the_same(cells: list[str], words: str) -> None:
    """With the first cell that is none."""
    with pytest.raises(FormatError, match=words):
        encode_cells(cells)


def test_half_a_million_cells_come_back() -> None:
    """All of them."""
    cells = [f"85{number:05x}3fffffff" for number in range(500_000)]
    assert parse_cells(encode_cells(cells)) == tuple(cells)
