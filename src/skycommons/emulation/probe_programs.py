"""Running a program on a host for a time that is bounded, and servers beside it that always end.

Rules: a program is told to end by the signal that makes it print what it has, then once more in a way that it cannot refuse. Its whole
process group is ended, unless it shares that with us. Output goes to files without a name, so that no pipe can fill or stay open.
"""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final
from zlib import crc32

from skycommons.base.errors import HostError
from skycommons.emulation.probes import HostLike
from skycommons.emulation.programs import found, hint

_GRACE_S: Final = 3.0
_READY_S: Final = 10.0
_LOOK_S: Final = 0.02
_FIRST_PORT: Final = 20_000  # below those that Linux gives to clients, 32,768 and up
_PORTS: Final = 10_000
_OUTPUT_BYTES: Final = 64 << 20
_TCP_LISTEN: Final = "0A"
_UDP_BOUND: Final = "07"
PLAIN: Final = ("env", "LC_ALL=C")  # numbers with a point, words in English


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """How a program ended.

    Attributes:
        code: Its exit status; negative for a signal.
        is_late: Whether it had to be ended.
    """

    code: int
    output: str
    errors: str
    is_late: bool

    @property
    def raw(self) -> bytes:
        """Everything that it printed."""
        return (self.output + self.errors).encode()

    def faults(self, name: str) -> list[str]:
        """What went wrong, as notes."""
        notes = [f"{name} did not end by itself and was ended"] if self.is_late else []
        first = self.errors.strip().partition("\n")[0]
        if self.code > 0 and first:
            notes.append(f"{name}: {first.removeprefix(f'{name}: ')}")
        return notes


def finish(host: HostLike, argv: Sequence[str], *, timeout_s: float, soft: signal.Signals = signal.SIGINT) -> Finished:
    """Run a program to its end, or to ours.

    Args:
        timeout_s: When it is told to end.
        soft: The signal that tells it; it gets three seconds to print what it has.
    Raises:
        HostError: It is not there or cannot be started.
    """
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        program = start(host, argv, output=output, errors=errors)
        is_late = False
        try:
            program.wait(timeout_s)
        except subprocess.TimeoutExpired:
            is_late = True
        finally:
            end(program, soft)
        code = -signal.SIGKILL if program.returncode is None else program.returncode
        return Finished(code=code, output=_text(output), errors=_text(errors), is_late=is_late)


def start(host: HostLike, argv: Sequence[str], *, output: IO[bytes], errors: IO[bytes]) -> subprocess.Popen[Any]:
    """Start a program with a process group of its own.

    Raises:
        HostError: It is not there or cannot be started.
    """
    try:
        return host.popen(list(argv), stdin=subprocess.DEVNULL, stdout=output, stderr=errors, start_new_session=True)
    except OSError as error:
        raise HostError(f"{argv[0]} cannot be started on {host.name}: {error.strerror or error}") from error


def end(program: subprocess.Popen[Any], soft: signal.Signals = signal.SIGTERM) -> None:
    """End a program and its children: gently, then surely; one that has ended already stays so."""
    for number, patience_s in ((soft, _GRACE_S), (signal.SIGKILL, _GRACE_S)):
        if program.poll() is not None:
            return
        _tell(program, number)
        try:
            program.wait(patience_s)
        except subprocess.TimeoutExpired:
            continue


def _tell(program: subprocess.Popen[Any], number: signal.Signals) -> None:
    """Send a signal to the group of a program, or to it alone if the group is ours."""
    try:
        group = os.getpgid(program.pid)
        if group == program.pid:
            os.killpg(group, number)
        else:
            program.send_signal(number)
    except (ProcessLookupError, PermissionError):
        return


@dataclass(slots=True, kw_only=True)
class Server:
    """A server that runs while a client measures."""

    program: subprocess.Popen[Any]
    output: IO[bytes]

    def ended_output(self, *, patience_s: float = 0.0) -> str:
        """What it printed, after it has ended by itself within some time, or by us."""
        try:
            self.program.wait(patience_s)
        except subprocess.TimeoutExpired:
            end(self.program)
        return _text(self.output)


@dataclass(frozen=True, slots=True, kw_only=True)
class Port:
    """Where a server listens."""

    number: int
    is_udp: bool = False


@contextmanager
def serving(host: HostLike, argv: Sequence[str], port: Port) -> Iterator[Server]:
    """A server that listens when the block begins and has ended when the block is left.

    Raises:
        HostError: It cannot be started, ends at once or does not listen within ten seconds.
    """
    with ExitStack() as stack:
        output = stack.enter_context(tempfile.TemporaryFile())
        program = start(host, argv, output=output, errors=output)
        stack.callback(end, program)
        server = Server(program=program, output=output)
        _await_port(server, port, name=_name_of(argv), host=host.name)
        yield server


def _await_port(server: Server, port: Port, *, name: str, host: str) -> None:
    """Wait until a server listens."""
    until = time.monotonic() + _READY_S
    while server.program.poll() is None and time.monotonic() < until:
        if is_listening(server.program.pid, port):
            return
        time.sleep(_LOOK_S)
    said = server.ended_output().strip().rpartition("\n")[2]
    raise HostError(f"{name} does not listen on {host}, port {port.number}" + (f": {said}" if said else ""))


def is_listening(pid: int, port: Port, *, proc: Path = Path("/proc")) -> bool:
    """Whether somebody listens at a port in the network namespace of a process."""
    kind, state = ("udp", _UDP_BOUND) if port.is_udp else ("tcp", _TCP_LISTEN)
    for version in ("", "6"):
        try:
            rows = (proc / str(pid) / "net" / f"{kind}{version}").read_text(encoding="ascii").splitlines()[1:]
        except OSError:
            continue
        for row in rows:
            cells = row.split()
            if int(cells[1].rpartition(":")[2], 16) == port.number and cells[3] == state:
                return True
    return False


def port_for(probe: str, source: HostLike, target: HostLike) -> int:
    """A port for a server, the same each time and for hardly any two probes at once."""
    return _FIRST_PORT + crc32(f"{probe}/{source.name}/{target.name}".encode()) % _PORTS


def python(module: str, *arguments: str) -> list[str]:
    """The command that runs a module of ours."""
    return [sys.executable, "-m", module, *arguments]


def missing(program: str) -> str:
    """What to tell who lacks a program; nothing if it is there."""
    return "" if found(program) else f"{program} is not here{hint(program)}"


def _name_of(argv: Sequence[str]) -> str:
    """A program as people call it."""
    return argv[2].rpartition(".")[2] if argv[1:2] == ["-m"] else Path(argv[0]).name


def _text(stream: IO[bytes]) -> str:
    """What was written to a file so far, its beginning if it is very long."""
    return os.pread(stream.fileno(), _OUTPUT_BYTES, 0).decode("utf-8", "replace")
