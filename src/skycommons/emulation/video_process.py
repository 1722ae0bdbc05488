"""Programs that carry a video: how they are ended, and what they said.

* A program is asked to end, asked again because one that waits for a silent network hears only that, and killed at last with its group.
* What decoders complain of is counted by what a line says, not by how severe it calls itself: that varies from version to version.
"""

import re
import subprocess
from typing import Any, Final

from skycommons.emulation.probe_programs import end

_SOON_S: Final = 0.5
_COMPLAINT: Final = re.compile(
    rb"^(?:\[[^\]\n]+\] )*\[(?:warning|error|fatal|panic)\] .*"
    rb"(?:error while decoding|concealing|corrupt|reference|no frame|non-existing|invalid nal|frame num|"
    rb"invalid data|mmco|block unavailable|out of range|decode_slice|data partitioning)",
    re.MULTILINE | re.IGNORECASE,
)
_DROPPED: Final = re.compile(rb"RCV-DROPPED (\d+) packet")
_SAID: Final = re.compile(rb"^(?:\[[^\]\n]+\] )*\[\w+\] (?P<text>.*)$", re.MULTILINE)


def end_program(program: "subprocess.Popen[Any]") -> None:
    """End a program within seven seconds, whatever it is doing; one that has ended is only collected."""
    if program.poll() is None:
        program.terminate()
        if not has_ended(program, _SOON_S):
            end(program)


def has_ended(program: "subprocess.Popen[Any]", timeout_s: float) -> bool:
    """Whether a program ends within this time."""
    try:
        program.wait(timeout=timeout_s)
    except subprocess.TimeoutExpired:
        return False
    return True


def decode_errors(log: bytes) -> int:
    """How many times a decoder said that something of a picture is missing or wrong."""
    return len(_COMPLAINT.findall(log))


def dropped_packets(log: bytes) -> int:
    """How many packets SRT gave up: they would have come later than its latency."""
    return sum(int(count) for count in _DROPPED.findall(log))


def last_words(log: bytes) -> str:
    """The last thing that a program said, without the tags before it; empty if it said nothing."""
    said = [found["text"] for found in _SAID.finditer(log)]
    return said[-1].decode("utf-8", "replace").strip() if said else ""
