"""Starts programs inside namespaces, and ends them all: none outlives its owner.

* All programs of a run live in one PID namespace. When its first process ends, the kernel kills everything in there, however
  deep and however detached. That first process ends with the thread that keeps it, and so with its owner, even by kill -9.
* Programs are children of the owner like any other: streams, exit codes and signals work as usual. A start takes about a millisecond.
* Their environment carries the mark of the run, and nothing of the machine's proxies, which are not to be reached from inside.
* The owner ends them politely first: they have a second after SIGTERM to write what they have.
"""

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from threading import Event, Lock, Thread
from time import monotonic
from types import MappingProxyType, TracebackType
from typing import Any, Final, Protocol, Self

from skycommons.base.errors import HostError
from skycommons.emulation.namespaces import CLONE_NEWNET, CLONE_NEWPID, Namespaces, in_thread, set_namespace, unshare

SYSTEM_FOLDERS: Final = ("/usr/local/sbin", "/usr/sbin", "/sbin")
"""Where ``ip`` and ``nft`` are, also for those who are not root."""

DEBIAN_PACKAGES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "env": "coreutils",
        "ip": "iproute2",
        "mount": "mount",
        "nft": "nftables",
        "ping": "iputils-ping",
        "setpriv": "util-linux",
        "sleep": "coreutils",
        "tc": "iproute2",
        "unshare": "util-linux",
        **{name: name for name in ("curl", "ffmpeg", "iperf3", "irtt", "tcpdump")},
        "ffprobe": "ffmpeg",
    }
)
FIRST_PROCESS: Final = ("setpriv", "--pdeathsig", "KILL", "env", "--ignore-signal=CHLD", "sleep", "infinity")
"""It does nothing; who ignores SIGCHLD has orphans collected by the kernel."""

POLITE_S: Final = 1.0
LAST_S: Final = 5.0


class ProgramHost(Protocol):
    """A host that programs are started in."""

    @property
    def name(self) -> str:
        """Its name."""
        ...

    def popen(self, argv: Sequence[str], **streams: Any) -> "subprocess.Popen[Any]":  # noqa: ANN401 -- as subprocess.Popen takes them
        """Start a program there."""
        ...


class Programs:
    """Whatever runs inside a run's namespaces.

    Args:
        variables: Added to the environment of all of them.

    Raises:
        HostError: A PID namespace cannot be had, or a program that this needs is missing.
    """

    def __init__(self, variables: Mapping[str, str] | None = None) -> None:
        self._variables = dict(variables or {})
        self._lock = Lock()
        self._running: list[subprocess.Popen[Any]] = []
        self._over = Event()
        self._is_closed = False
        for name in FIRST_PROCESS[0], FIRST_PROCESS[3]:
            needed(name)
        self._first = self._kept_process()
        self.pids_fd = os.open(f"/proc/{self._first.pid}/ns/pid", os.O_RDONLY | os.O_CLOEXEC)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def environment(self, further: Mapping[str, str] | None = None) -> dict[str, str]:
        """What a program finds in its environment."""
        own = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
        return {**own, "PATH": search_path(), **(further or {}), **self._variables}

    def start(
        self,
        argv: Sequence[str],
        inside: Namespaces,
        *,
        env: Mapping[str, str] | None = None,
        **streams: Any,  # noqa: ANN401 -- as subprocess.Popen takes them
    ) -> "subprocess.Popen[Any]":
        """Start a program.

        Args:
            argv: The program and its arguments.
            inside: Where.
            env: Added to its environment.
            streams: Whatever else `subprocess.Popen` takes.

        Raises:
            HostError: The program is missing, cannot be started, or all was ended already.
        """

        def begin() -> subprocess.Popen[Any]:
            inside.enter()
            set_namespace(self.pids_fd, CLONE_NEWPID)
            program: subprocess.Popen[Any] = subprocess.Popen(  # noqa: S603 -- argument lists, never a shell's string
                list(argv), env=self.environment(env), **streams
            )
            self._running.append(program)
            return program

        with self._lock:
            self.running()
            self._running = [program for program in self._running if program.poll() is None]
            try:
                return in_thread(begin)
            except (FileNotFoundError, NotADirectoryError, PermissionError) as error:
                place = "" if error.filename in {None, argv[0]} else f" in {error.filename}"
                raise HostError(f"{argv[0]} cannot be started{place}: {error.strerror}{hint(argv[0])}") from error
            except OSError as error:
                raise HostError(f"{argv[0]} cannot be started: {error.strerror}") from error

    def running(self) -> None:
        """Refuse to go on after the end.

        Raises:
            HostError: All was ended already.
        """
        if self._is_closed:
            raise HostError("the live network is over: nothing can be started in it any more")

    def close(self) -> None:
        """End all of them: SIGTERM, a second later SIGKILL. A second call does nothing; takes 7 s at most."""
        with self._lock:
            if self._is_closed:
                return
            self._is_closed = True
        running = [program for program in self._running if program.poll() is None]
        try:
            for program in running:
                program.terminate()
            wait_for(running, POLITE_S)
        finally:
            self._first.kill()
            # The kernel lets the first process go only when nothing is left in there, and ours have to be collected by us.
            wait_for([*running, self._first], LAST_S)
            os.close(self.pids_fd)
            self._over.set()

    def _kept_process(self) -> "subprocess.Popen[bytes]":
        """The first process, started by a thread that lives as long as it should."""
        started = Event()
        outcome: list[subprocess.Popen[bytes] | BaseException] = []

        def keep() -> None:
            try:
                unshare(CLONE_NEWPID | CLONE_NEWNET)  # all can see this process, and who is root could follow it out
                outcome.append(
                    subprocess.Popen(  # noqa: S603 -- fixed arguments
                        FIRST_PROCESS,
                        stdin=subprocess.DEVNULL,
                        stdout=subprocess.DEVNULL,
                        stderr=subprocess.DEVNULL,
                        env=self.environment(),
                        cwd="/",
                        start_new_session=True,
                    )
                )
            except BaseException as error:  # noqa: BLE001 -- it is raised again in the thread that asked
                outcome.append(error)
                return
            finally:
                started.set()
            self._over.wait()

        Thread(target=keep, name="skycommons-keeper", daemon=True).start()
        started.wait()
        (first,) = outcome
        if isinstance(first, BaseException):
            raise first
        return first


def wait_for(programs: Sequence["subprocess.Popen[Any]"], seconds: float) -> None:
    """Collect programs that end within a time, all together."""
    until_s = monotonic() + seconds
    for program in programs:
        with suppress(subprocess.TimeoutExpired):
            program.wait(timeout=max(until_s - monotonic(), 0.0))


def search_path() -> str:
    """Where programs are looked for: the path, and where the system keeps those of administrators."""
    own = [folder for folder in os.environ.get("PATH", os.defpath).split(os.pathsep) if folder]
    return os.pathsep.join([*own, *(folder for folder in SYSTEM_FOLDERS if folder not in own)])


def found(name: str) -> bool:
    """Whether a program is there."""
    return shutil.which(name, path=search_path()) is not None


def needed(name: str) -> None:
    """Refuse to go on without a program.

    Raises:
        HostError: It is missing.
    """
    if not found(name):
        raise HostError(f"the program {name} is not here{hint(name)}")


def hint(name: str) -> str:
    """How a program that is not there is installed, as the end of a sentence."""
    if found(name):
        return ""
    package = DEBIAN_PACKAGES.get(os.path.basename(name))  # noqa: PTH119 -- no path, but the last part of a name
    return "" if package is None else f"; install it (Debian: apt-get install {package})"
