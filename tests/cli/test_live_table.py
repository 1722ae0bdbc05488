"""What a live network's terminals have, told once for each slot and each change."""

import pytest

from skycommons.cli.console import Output
from skycommons.cli.live_table import MOST_TERMINALS, LiveTable, row_of
from tests.support.live_networks import BEGIN_NS, terminal


def test_a_terminal_that_is_served_has_figures_and_another_has_a_reason() -> None:
    """Names where there are any."""
    assert row_of(terminal()) == ("20:00:12", "north", "s53-p07-06", "basel", "frankfurt", "27.8", "78.9 / 9.9")
    dark = terminal(satellite="", gateway="", is_up=False, why="territory inactive", rtt_s=float("nan"))
    assert row_of(dark) == ("20:00:12", "north", "–", "–", "frankfurt", "–", "territory inactive")


def test_each_change_is_told_once(capsys: pytest.CaptureFixture[str]) -> None:
    """Time that passes is no change; another slot, once its begin is over, and a line that is cut, are."""
    table = LiveTable(Output())
    later = terminal(time_ns=BEGIN_NS + 1_000_000_000)
    for state in (
        terminal(time_ns=BEGIN_NS),
        terminal(),
        later,
        terminal(is_up=False, why="stowed"),
        terminal(slot_end_ns=BEGIN_NS + 1),
        later,
    ):
        table.show((state,))
    out, err = capsys.readouterr()
    assert out == ""
    heading, *rows = err.splitlines()
    assert heading.split()[:3] == ["time", "terminal", "satellite"]
    assert [row.split()[-1] for row in rows] == ["9.9", "stowed", "9.9", "9.9"]
    assert heading.index("satellite") == rows[0].index("s53")


def test_a_trace_has_no_slots_to_tell_of(capsys: pytest.CaptureFixture[str]) -> None:
    """Its pieces are no news."""
    table = LiveTable(Output(quiet=False))
    for piece in range(3):
        table.show((terminal(satellite="", gateway="", slot_end_ns=BEGIN_NS + piece),))
    assert len(capsys.readouterr().err.splitlines()) == 2


def test_at_a_prompt_nothing_more_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """How it begins, and no more; and nothing at all where it is quiet."""
    table = LiveTable(Output(), is_once=True)
    table.show((terminal(),))
    table.show((terminal(is_up=False),))
    assert len(capsys.readouterr().err.splitlines()) == 2
    LiveTable(Output(quiet=True)).show((terminal(),))
    assert capsys.readouterr().err == ""


def test_of_many_terminals_the_first_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    """And that there are more."""
    LiveTable(Output()).show([terminal(f"t{number}") for number in range(MOST_TERMINALS + 3)])
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 2 + MOST_TERMINALS
    assert lines[1] == "(the first 8 of 11 terminals)"
