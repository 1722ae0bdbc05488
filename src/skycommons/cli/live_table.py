"""What a live network's terminals have, told while it runs: a line for each terminal whose slot or state changed.

Rules: lines go to stderr, under one heading, so that the program that runs has stdout to itself. A large network tells of its
first terminals alone.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from skycommons.cli.console import Output

if TYPE_CHECKING:
    from skycommons.emulation.live_state import TerminalNow

MOST_TERMINALS: Final = 8
_WIDTHS: Final = (8, 16, 20, 20, 20, 8, 16)
_SETTLED_NS: Final = 200_000_000
HEADINGS: Final = ("time", "terminal", "satellite", "gateway", "PoP", "RTT (ms)", "down/up (Mbit/s)")


class LiveTable:
    """Tells what changed since it was asked last."""

    def __init__(self, output: Output, *, is_once: bool = False) -> None:
        """Begin without having told anything.

        Args:
            output: Where to; nothing is told where it is quiet.
            is_once: Tell how it begins, and no more.
        """
        self._output = output
        self._is_once = is_once
        self._is_headed = False
        self._told: dict[str, tuple[object, ...]] = {}

    def show(self, states: Sequence["TerminalNow"]) -> None:
        """Tell of terminals whose slot, satellite or state is another one than last time."""
        if self._told and self._is_once:
            return
        if not self._is_headed:
            self._is_headed = True
            self._output.note(_aligned(HEADINGS))
            if len(states) > MOST_TERMINALS:
                self._output.note(f"(the first {MOST_TERMINALS} of {len(states):,} terminals)")
        for state in states[:MOST_TERMINALS]:
            slot = state.slot_end_ns if state.satellite else 0  # a trace has pieces, but nothing changes with them
            key = (slot, state.is_up, state.why, state.satellite)
            if self._told.get(state.name) != key and (_is_settled(state) or not state.is_up):
                self._told[state.name] = key
                self._output.note(_aligned(row_of(state)))


def _is_settled(state: "TerminalNow") -> bool:
    """Whether the slot's begin is over, about which delays are longer for a moment."""
    return state.time_ns - state.slot_begin_ns >= _SETTLED_NS


def row_of(state: "TerminalNow") -> tuple[str, ...]:
    """Cells of one terminal's line; in place of figures why there are none."""
    from skycommons.base.clock import format_time

    clock = format_time(state.time_ns)[11:19]
    places = (state.satellite or "–", state.gateway or "–", state.pop or "–")
    if not state.is_up:
        return (clock, state.name, *places, "–", state.why)
    rates = f"{state.down_bps / 1e6:.1f} / {state.up_bps / 1e6:.1f}"
    return (clock, state.name, *places, f"{state.rtt_s * 1e3:.1f}", rates)


def _aligned(cells: Sequence[str]) -> str:
    """Cells under each other; long ones push the rest."""
    return "  ".join(cell.ljust(width) for cell, width in zip(cells, _WIDTHS, strict=True)).rstrip()
