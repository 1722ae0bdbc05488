"""Whether this machine lets this user make network namespaces, and how to come by it.

* Root may, or whoever has a user namespace of his own: there he is root over what he makes there, and over nothing else.
* The command line goes on in such a namespace by starting itself again, once: the process stays the same.
* Where neither works, one message names both remedies.
"""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from skycommons.base.errors import HostError
from skycommons.emulation.namespaces import CLONE_NEWNET, CLONE_NEWNS, CLONE_NEWPID, in_thread, unshare
from skycommons.emulation.programs import found
from skycommons.emulation.tun import DEVICE, has_tun

GUARD: Final = "SKYCOMMONS_USER_NAMESPACE"
"""In the environment of who started himself again already."""

INTO_USER_NAMESPACE: Final = ("unshare", "--user", "--map-root-user", "--net", "--mount")

LIMITS: Final = (
    ("user/max_user_namespaces", "0", "user.max_user_namespaces=10000"),
    ("kernel/unprivileged_userns_clone", "0", "kernel.unprivileged_userns_clone=1"),
    ("kernel/apparmor_restrict_unprivileged_userns", "1", "kernel.apparmor_restrict_unprivileged_userns=0"),
)
"""Kernel parameters that forbid user namespaces, the value that does, and the setting that allows them again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Privileges:
    """What this process may do.

    Attributes:
        namespaces: Make namespaces as it is.
        user_namespaces: Make them in a user namespace of its own.
        tun: Make network interfaces that are files.
    """

    namespaces: bool
    user_namespaces: bool
    tun: bool

    @property
    def is_enough(self) -> bool:
        """Whether hosts can be built as it is."""
        return self.namespaces and self.tun


def check() -> Privileges:
    """Find out by trying; nothing of it stays."""

    def leave() -> bool:
        try:
            unshare(CLONE_NEWNET | CLONE_NEWNS | CLONE_NEWPID)
        except HostError:
            return False
        return True

    namespaces = in_thread(leave)
    return Privileges(namespaces=namespaces, user_namespaces=namespaces or _user_namespaces(), tun=has_tun())


def needed() -> None:
    """Refuse to go on where hosts cannot be built.

    Raises:
        HostError: They cannot; the message names the remedies.
    """
    allowed = check()
    if not allowed.is_enough:
        raise HostError(refusal(allowed))


def ensure(command: Sequence[str] | None = None, environ: Mapping[str, str] | None = None) -> None:
    """Come by what hosts need: go on as it is, or start the same command again in a user namespace; that does not return.

    Args:
        command: What to start again; this process's own command line unless given.
        environ: The environment; this process's own unless given.

    Raises:
        HostError: Neither is allowed; the message names the remedies.
    """
    allowed = check()
    if allowed.is_enough:
        return
    own = dict(os.environ if environ is None else environ)
    if allowed.namespaces or not allowed.user_namespaces or not allowed.tun or GUARD in own:
        raise HostError(refusal(allowed))
    sys.stdout.flush()
    sys.stderr.flush()
    again = [*INTO_USER_NAMESPACE, "--", *(command_line() if command is None else command)]
    os.execvpe(again[0], again, {**own, GUARD: "1"})  # noqa: S606 -- this very command, without a shell


def command_line() -> list[str]:
    """What started this process, so that it can be started again: an entry point, a script or ``python -m``."""
    return [sys.executable, *sys.orig_argv[1:]]


def refusal(allowed: Privileges, proc_sys: Path = Path("/proc/sys")) -> str:
    """Why hosts cannot be built, and what helps."""
    if (allowed.namespaces or allowed.user_namespaces) and not allowed.tun:
        return (
            f"{DEVICE} cannot be opened, and the live network needs it: load it (sudo modprobe tun), "
            f"and run the command with sudo or let users open it (sudo chmod 666 {DEVICE})"
        )
    forbidding = []
    for name, value, setting in LIMITS:
        with suppress(OSError):
            if (proc_sys / name).read_text(encoding="ascii").strip() == value:
                forbidding.append(setting)
    allow = f"sudo sysctl {' '.join(forbidding)}" if forbidding else "see sysctl user.max_user_namespaces"
    return (
        "this user may not make network namespaces, and the live network is made of them: run the command with sudo, "
        f"or allow user namespaces ({allow}), which need no root"
    )


def _user_namespaces() -> bool:
    """Whether a user namespace of one's own can be had, and what is needed in it."""
    if not found(INTO_USER_NAMESPACE[0]):
        return False
    try:
        tried = subprocess.run(  # noqa: S603 -- fixed arguments
            (*INTO_USER_NAMESPACE, "true"), check=False, capture_output=True, stdin=subprocess.DEVNULL, timeout=10.0
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return tried.returncode == 0
