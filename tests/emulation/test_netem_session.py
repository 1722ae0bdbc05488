"""A tc that stays, played by a program that answers like it."""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from skycommons.base.errors import HostError
from skycommons.emulation import netem_session
from skycommons.emulation.netem_session import NetemSession

ANSWERS = """
import sys, time
told = 0
for line in sys.stdin:
    word = line.split()[0]
    if word == "qdisc":
        print(f'[{{"number": {told}}}]', flush=True)
    elif word == "leave":
        break
    elif word == "sleep":
        time.sleep(60)
    elif word == "bad":
        print("Error: no such thing.\\nCommand failed -:1", flush=True)
    else:
        told += 1
"""


class ProgramHost:
    """Starts a program of a test in place of tc."""

    name = "a"

    def __init__(self) -> None:
        self.started: list[subprocess.Popen[Any]] = []

    def popen(self, argv: Sequence[str], **streams: Any) -> "subprocess.Popen[Any]":
        """Start it."""
        assert argv[0] == "tc"
        self.started.append(subprocess.Popen([sys.executable, "-c", ANSWERS], **streams))
        return self.started[-1]


@pytest.fixture
def host() -> ProgramHost:
    """Where sessions are."""
    return ProgramHost()


@pytest.fixture
def session(host: ProgramHost, tmp_path: Path) -> Iterator[NetemSession]:
    """A running one; its host's interfaces counted ``sky0: 1``."""
    devices = tmp_path / "dev"
    devices.write_text("sky0: 1\n" * 20_000)
    made = NetemSession(host, os.open(devices, os.O_RDONLY))
    yield made
    made.stop()


def test_what_is_told_is_done_before_the_answer(session: NetemSession) -> None:
    """Any number of lines, also more than a pipe holds."""
    session.tell(["one", "two"])
    assert session.ask() == '[{"number": 2}]'
    session.tell([f"line {number:0100d}" for number in range(5_000)])
    assert session.ask() == '[{"number": 5002}]'
    assert session.devices_text() == "sky0: 1\n" * 20_000


def test_complaints_come_with_the_next_question(session: NetemSession) -> None:
    """Once."""
    session.tell(["bad thing"])
    with pytest.raises(HostError, match=r"tc on a complains: Error: no such thing\."):
        session.ask()
    assert session.ask() == '[{"number": 0}]'


def test_one_that_has_ended_says_so(session: NetemSession, host: ProgramHost) -> None:
    """Whoever asks or tells; ending it twice is no fault."""
    session.tell(["leave"])
    host.started[0].wait(10.0)
    with pytest.raises(HostError, match="has ended"):
        session.ask()
    session.stop()
    session.stop()
    with pytest.raises(HostError, match="has ended"):
        session.tell(["one"])


def test_an_end_while_it_is_asked_says_so(session: NetemSession) -> None:
    """It was told to leave before it came to the question."""
    session.tell(["leave"])
    with pytest.raises(HostError, match="has ended"):
        session.ask()


def test_one_that_does_not_answer_is_given_up(
    session: NetemSession, host: ProgramHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a while; it is killed at the end."""
    monkeypatch.setattr(netem_session, "ANSWER_WITHIN_S", 0.05)
    monkeypatch.setattr(netem_session, "_END_WITHIN_S", 0.05)
    session.tell(["sleep"])
    with pytest.raises(HostError, match=r"did not answer within 0.05 s"):
        session.ask()
    session.stop()
    assert host.started[0].returncode is not None
