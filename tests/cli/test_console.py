"""The console: answers on stdout, remarks on stderr, one JSON document when asked."""

import io
import json
import sys
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

import numpy as np
import pytest

from skycommons.cli.console import Output, cell_text, complain, plain


class Colour(Enum):
    """A word for a test."""

    RED = 1


@dataclass(frozen=True)
class Pair:
    """Two values for a test."""

    left: float
    right: object


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_a_table_aligns_numbers_right_and_words_left(capsys: pytest.CaptureFixture[str]) -> None:
    """Integers get separators; nothing is cut where no terminal limits the width."""
    Output().table("Fleet", ["name", "count"], [["a" * 200, 10_359], ["b", None]])
    out, err = capsys.readouterr()
    lines = out.splitlines()
    assert lines[0].strip() == "Fleet"
    assert lines[1].split() == ["name", "count"]
    assert lines[3].split() == ["a" * 200, "10,359"]
    assert lines[4].rstrip().endswith("  –")
    assert err == ""


def test_a_table_needs_no_title_and_keeps_brackets(capsys: pytest.CaptureFixture[str]) -> None:
    """Cells are text, not markup."""
    Output().table("", ["name"], [["[bold]x[/bold]"]])
    out = capsys.readouterr().out
    assert out.splitlines()[0].strip() == "name"
    assert "[bold]x[/bold]" in out


def test_json_is_one_document_and_nothing_else(capsys: pytest.CaptureFixture[str]) -> None:
    """Tables, lines, notes and bars are silent."""
    output = Output(json=True)
    output.table("Fleet", ["name"], [["a"]])
    output.line("done")
    output.note("a remark")
    with output.progress("working", total=2) as advance:
        advance(1)
    output.result({"rtt_ms": np.array([1.5, np.nan]), "count": np.int64(3)})
    out, err = capsys.readouterr()
    assert json.loads(out) == {"rtt_ms": [1.5, None], "count": 3}
    assert err == ""


def test_without_json_there_is_no_document(capsys: pytest.CaptureFixture[str]) -> None:
    """Lines go to stdout, remarks to stderr."""
    Output().result({"a": 1})
    Output().line("done")
    Output().note("a remark")
    assert capsys.readouterr() == ("done\n", "a remark\n")


def test_quiet_keeps_the_answer_and_drops_the_remarks(capsys: pytest.CaptureFixture[str]) -> None:
    """The answer is what was asked for."""
    Output(quiet=True).note("a remark")
    Output(quiet=True).line("done")
    assert capsys.readouterr() == ("done\n", "")


def test_a_progress_bar_shows_on_a_terminal_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a file or a pipe it would be noise."""
    terminal, file = Terminal(), io.StringIO()
    for stream in (terminal, file):
        monkeypatch.setattr(sys, "stderr", stream)
        with Output().progress("Flying", total=2) as advance:
            advance(1)
    assert "Flying" in terminal.getvalue()
    assert file.getvalue() == ""


def test_colours_are_off_when_the_user_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """NO_COLOR is respected on a terminal."""
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    Output().table("Fleet", ["name"], [["a"]])
    assert "\x1b[3" not in terminal.getvalue()


def test_errors_have_one_shape(capsys: pytest.CaptureFixture[str]) -> None:
    """On stderr, after the program's name."""
    complain("no such file")
    assert capsys.readouterr() == ("", "skycommons: no such file\n")


@pytest.mark.parametrize(
    ("cell", "text"),
    [(True, "yes"), (False, "no"), (1234567, "1,234,567"), (2.5, "2.5"), (2.0, "2"), (0.0, "0"), (float("inf"), "–")],
)
def test_a_cell_is_text_for_people(cell: object, text: str) -> None:
    """Numbers are short, what does not exist is a dash."""
    assert cell_text(cell) == text


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Pair(left=1.0, right=Path("a/b")), {"left": 1.0, "right": "a/b"}),
        (Colour.RED, "red"),
        ({1: {2}}, {"1": [2]}),
        (np.float32(0.5), 0.5),
        (np.bool_(True), True),
        (np.datetime64("2026-05-21"), "2026-05-21"),
        (range(3), [0, 1, 2]),
        (None, None),
        (Pair, "<class 'Pair'>"),
    ],
)
def test_everything_has_a_plain_form(value: object, expected: object) -> None:
    """What JSON does not know becomes what it knows."""
    found = plain(value)
    assert found == expected or (isinstance(value, type) and isinstance(found, str))
