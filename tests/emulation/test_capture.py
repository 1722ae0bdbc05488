"""What crosses terminals' lines is written down, and read again."""

import sys
from collections.abc import Sequence
from pathlib import Path
from subprocess import Popen
from typing import Any

import pytest

from skycommons.base.errors import HostError
from skycommons.emulation import capture
from skycommons.emulation.capture import capturing
from skycommons.emulation.hosts import Hosts
from skycommons.emulation.layout import GATEWAY, TerminalPlace, layout_of
from skycommons.emulation.trace_formats import read_capture
from tests.support.plain_wire import PlainWire
from tests.support.programs import needed


class Here:
    """A host whose programs are one of ours."""

    name = "here"

    def __init__(self, script: str) -> None:
        self.script = script
        self.programs: list[Popen[Any]] = []

    def popen(self, argv: Sequence[str], **streams: Any) -> Popen[Any]:
        """Our program, with the file that tcpdump would write as its argument."""
        self.programs.append(Popen([sys.executable, "-c", self.script, argv[-1]], **streams))
        return self.programs[-1]


@pytest.mark.usefixtures("needs_namespaces")
def test_pings_are_in_the_file_of_their_terminal_to_the_last_one(tmp_path: Path) -> None:
    """And the other terminal's file is there and empty of packets."""
    for program in ("tcpdump", "ping"):
        needed(program)
    places = [TerminalPlace("north", "pop"), TerminalPlace("south", "pop")]
    with Hosts.build(layout_of(places)) as hosts, PlainWire(hosts.ports):
        terminals = [hosts["north"], hosts["south"]]
        with capturing(terminals, tmp_path / "captures") as files:
            assert hosts["north"].run(["ping", "-n", "-c", "3", "-i", "0.1", GATEWAY]).returncode == 0
    assert [file.name for file in files] == ["north.pcap", "south.pcap"]
    found = read_capture(files[0])
    assert found is not None
    assert found.echo is not None
    assert len(found.echo.rtt_s) == 3
    assert found.packets == 6


def test_what_does_not_write_is_one_clear_message(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With what it said; it is ended."""
    monkeypatch.setattr(capture, "missing", lambda _: "")
    host = Here("import sys; sys.exit('no such device')")
    with pytest.raises(HostError, match="no such device"), capturing([host], tmp_path):
        pass
    monkeypatch.setattr(capture, "_BEGIN_S", 0.2)
    silent = Here("import time; time.sleep(60)")
    with pytest.raises(HostError, match="says nothing"), capturing([silent], tmp_path):
        pass
    assert all(program.poll() is not None for program in (*host.programs, *silent.programs))


def test_a_program_that_does_not_end_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After it was asked to."""
    monkeypatch.setattr(capture, "missing", lambda _: "")
    monkeypatch.setattr(capture, "_END_S", 0.2)
    script = (
        "import signal, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); open(sys.argv[1], 'w').write('x');"
        "time.sleep(60)"
    )
    host = Here(script)
    with capturing([host], tmp_path) as files:
        assert files[0].read_text() == "x"
    assert host.programs[0].returncode == -9


def test_without_the_program_or_a_folder_nothing_is_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both are told."""
    host = Here("")
    monkeypatch.setattr(capture, "missing", lambda _: "tcpdump is not here")
    with pytest.raises(HostError, match="to capture, tcpdump is not here"), capturing([host], tmp_path):
        pass
    monkeypatch.setattr(capture, "missing", lambda _: "")
    (tmp_path / "file").write_text("")
    with pytest.raises(HostError, match="cannot write"), capturing([host], tmp_path / "file" / "folder"):
        pass
    assert host.programs == []
