"""What crosses terminals' lines, written down as it does, by `tcpdump` on their hosts.

Rules: one file a terminal, ``NAME.pcap``, of whole packets as the terminal's host sends and receives them. Capturing begins before the
block does and ends after it; a program that cannot be started is one clear message, and nothing else runs then.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from subprocess import DEVNULL, PIPE, Popen, TimeoutExpired
from typing import Any, Final

from skycommons.base.errors import HostError
from skycommons.emulation.probe_programs import missing
from skycommons.emulation.programs import ProgramHost

LINE: Final = "sky0"
_BEGIN_S: Final = 5.0
_LOOK_S: Final = 0.02
_END_S: Final = 3.0


@contextmanager
def capturing(hosts: Sequence[ProgramHost], folder: Path) -> Iterator[tuple[Path, ...]]:
    """Write down what crosses the lines of some terminals while the block lasts.

    Args:
        hosts: Of the terminals.
        folder: Where the files go; older ones of these names are replaced.
    Yields:
        One path a host.
    Raises:
        HostError: tcpdump is not there, or does not begin.
    """
    lacking = missing("tcpdump")
    if lacking:
        raise HostError(f"to capture, {lacking}")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise HostError(f"cannot write {folder}: {error.strerror or error}") from error
    paths = tuple((folder / f"{host.name}.pcap").absolute() for host in hosts)
    with ExitStack() as running:
        for host, path in zip(hosts, paths, strict=True):
            _begin(host, path, running)
        yield paths


def _begin(host: ProgramHost, path: Path, running: ExitStack) -> None:
    """Start one tcpdump, and wait until it writes."""
    path.unlink(missing_ok=True)
    command = ["tcpdump", "-i", LINE, "-n", "-U", "--immediate-mode", "-s", "0", "-Z", "root", "-w", str(path)]
    program = host.popen(command, stdin=DEVNULL, stdout=DEVNULL, stderr=PIPE)
    running.callback(_end, program)  # whose words nobody needs any more
    until_s = time.monotonic() + _BEGIN_S
    while time.monotonic() < until_s and program.poll() is None:
        if path.exists() and path.stat().st_size > 0:  # the file's head is written when it listens
            return
        time.sleep(_LOOK_S)
    said = _end(program)
    raise HostError(f"tcpdump does not write {path}: {said or 'it says nothing'}")


def _end(program: "Popen[Any]") -> str:
    """Let it write what it has, then end it; what it said."""
    if program.poll() is None:
        program.terminate()
    try:
        said = program.communicate(timeout=_END_S)[1]
    except TimeoutExpired:
        program.kill()
        said = program.communicate()[1]
    return str(said.decode(errors="replace")).strip() if said else ""
