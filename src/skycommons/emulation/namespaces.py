"""Namespaces of one's own, without a name: what holds them is a file descriptor, and nothing is left when that is closed.

* The namespaces of the calling process never change: whatever enters or leaves one does so in a thread that ends with it.
* Each host has a network of its own and its own view of mounts; all programs of a run share one PID namespace (`programs`).
* Mounts are private before anything is mounted, so that the machine never sees them.
* Nothing is mounted over a path that is not there: the machine's files are covered for a host, never written.
"""

import ctypes
import os
import subprocess
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from threading import Thread
from typing import Final, TypeVar

from skycommons.base.errors import HostError

T = TypeVar("T")

# From linux/sched.h and linux/mount.h.
CLONE_FS: Final = 0x0000_0200
CLONE_NEWNS: Final = 0x0002_0000
CLONE_NEWPID: Final = 0x2000_0000
CLONE_NEWNET: Final = 0x4000_0000
MS_BIND: Final = 0x1000
MS_REC: Final = 0x4000
MS_PRIVATE: Final = 0x4_0000


@dataclass(frozen=True, slots=True, kw_only=True)
class Namespaces:
    """A network and a view of mounts, held open.

    Attributes:
        net_fd: Network namespace.
        mounts_fd: Mount namespace.
    """

    net_fd: int
    mounts_fd: int

    def enter(self) -> None:
        """Move the calling thread there, for good; the working directory stays. Only for threads that end soon."""
        folder = _working_directory()
        unshare(CLONE_FS)
        set_namespace(self.net_fd, CLONE_NEWNET)
        set_namespace(self.mounts_fd, CLONE_NEWNS)
        with suppress(OSError):
            os.chdir(folder)

    def call(self, work: Callable[[], T]) -> T:
        """Run something in a thread that is inside; what it opens belongs there.

        Raises:
            BaseException: Whatever the work raises.
        """

        def inside() -> T:
            self.enter()
            return work()

        return in_thread(inside)

    def close(self) -> None:
        """Let go of them; the kernel removes them once nothing is inside."""
        os.close(self.net_fd)
        os.close(self.mounts_fd)


def in_thread(work: Callable[[], T]) -> T:
    """Run something in a thread of its own, so that the namespaces it changes to are forgotten with it."""
    answer: Future[T] = Future()

    def run() -> None:
        try:
            answer.set_result(work())
        except BaseException as error:  # noqa: BLE001 -- it is raised again in the thread that asked
            answer.set_exception(error)

    Thread(target=run, name="skycommons-namespace", daemon=True).start()
    return answer.result()


def new_mounts(pids_fd: int, contents: Mapping[str, str]) -> tuple[int, tuple[str, ...]]:
    """A view of mounts in which some files read otherwise, to make those of hosts from.

    Args:
        pids_fd: PID namespace whose processes ``/proc`` shall show.
        contents: What files shall hold; those that are not there stay so.

    Returns:
        Its file descriptor, and the files that could not be covered.
    Raises:
        HostError: The machine does not let one.
    """

    def make() -> tuple[int, tuple[str, ...]]:
        unshare(CLONE_NEWNS)
        mounts_fd = _own("mnt")
        try:
            mount(None, "/", None, MS_REC | MS_PRIVATE)
            missing = tuple(path for path, text in contents.items() if not _cover(path, text))
            mount_proc(pids_fd)
        except BaseException:
            os.close(mounts_fd)
            raise
        return mounts_fd, missing

    return in_thread(make)


def new_namespaces(template_fd: int) -> Namespaces:
    """A network with nothing but a loopback interface that is down, and a copy of a view of mounts.

    Raises:
        HostError: The machine does not let one.
    """

    def make() -> Namespaces:
        with ExitStack() as opened:
            proc = os.open("/proc", os.O_PATH | os.O_CLOEXEC)  # that of the template does not know this thread
            opened.callback(os.close, proc)
            unshare(CLONE_FS)
            set_namespace(template_fd, CLONE_NEWNS)
            unshare(CLONE_NEWNET | CLONE_NEWNS)
            with suppress(
                HostError
            ):  # a container may keep its own; then programs see its interfaces there, by name only
                mount("sysfs", "/sys", "sysfs", 0)
            return Namespaces(net_fd=_own("net", proc), mounts_fd=_own("mnt", proc))

    return in_thread(make)


def write_sysctls(net_fd: int, values: Iterable[tuple[str, str]]) -> None:
    """Set network parameters of a network of one's own.

    A parameter below ``/proc/sys/net`` that a network namespace shows and lets be written is the namespace's own; those of the
    whole machine are shown in the machine's namespace alone. So it is enough to be in another one, and that is checked.

    Args:
        net_fd: The network.
        values: Names below ``net``, such as ``ipv4.ip_forward``, and values. Names that the kernel does not have are passed over.

    Raises:
        HostError: The network is the machine's, or a value is refused.
    """

    def write() -> None:
        set_namespace(net_fd, CLONE_NEWNET)
        if Path("/proc/thread-self/ns/net").samefile("/proc/self/ns/net"):
            raise HostError("a parameter of the machine's own network was to be written; nothing was")
        for name, value in values:
            try:
                with suppress(FileNotFoundError):
                    Path("/proc/sys/net", *name.split(".")).write_text(value, encoding="ascii")
            except OSError as error:
                raise HostError(f"net.{name} cannot be set to {value}: {error.strerror}") from error

    in_thread(write)


def mount_proc(pids_fd: int) -> None:
    """Show the processes of a PID namespace in the calling thread's ``/proc``, where the machine permits; else all stay there.

    The kernel takes the namespace of the process that mounts: it has to be a child, and so the program ``mount``.
    """
    set_namespace(pids_fd, CLONE_NEWPID)
    with suppress(FileNotFoundError):
        subprocess.run(
            ("mount", "-t", "proc", "proc", "/proc"),  # noqa: S607 -- wherever the system keeps it
            check=False,
            stdin=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )


def unshare(flags: int) -> None:
    """Leave namespaces of the calling thread for new ones.

    Raises:
        HostError: It is not permitted.
    """
    _checked(_LIBC.unshare(ctypes.c_int(flags)), "new namespaces are refused")


def set_namespace(namespace_fd: int, flag: int) -> None:
    """Move the calling thread, or with `CLONE_NEWPID` its children to come, into a namespace.

    Raises:
        HostError: It is not permitted, or the namespace is gone.
    """
    _checked(_LIBC.setns(ctypes.c_int(namespace_fd), ctypes.c_int(flag)), "a namespace cannot be entered")


def mount(source: str | None, target: str, kind: str | None, flags: int) -> None:
    """Mount something in the calling thread's view.

    Raises:
        HostError: It is not permitted, or the target is not there.
    """
    encoded = [None if text is None else os.fsencode(text) for text in (source, target, kind)]
    _checked(_LIBC.mount(*encoded, ctypes.c_ulong(flags), None), f"nothing can be mounted at {target}")


def _checked(outcome: int, what: str) -> None:
    if outcome != 0:
        number = ctypes.get_errno()
        raise HostError(f"{what}: {os.strerror(number)}") from OSError(number, os.strerror(number))


def _cover(path: str, text: str) -> bool:
    """Let a file read otherwise in the calling thread's view; false if it is not there."""
    if not Path(path).exists():
        return False
    # The bound file lives on without its name: nothing has to be removed later.
    try:
        with NamedTemporaryFile("w", encoding="utf-8", prefix="skycommons-") as file:
            file.write(text)
            file.flush()
            Path(file.name).chmod(0o644)
            mount(file.name, path, None, MS_BIND)
    except OSError as error:
        raise HostError(f"{path} of the hosts cannot be written to a temporary file: {error.strerror}") from error
    return True


def _own(kind: str, proc: int | None = None) -> int:
    """A namespace of the calling thread, held open."""
    name = f"thread-self/ns/{kind}"
    return os.open(f"/proc/{name}" if proc is None else name, os.O_RDONLY | os.O_CLOEXEC, dir_fd=proc)


def _working_directory() -> str:
    """Where the process is; the root if that was removed."""
    try:
        return str(Path.cwd())
    except FileNotFoundError:
        return "/"


_LIBC: Final = ctypes.CDLL(None, use_errno=True)
