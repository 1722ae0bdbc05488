"""A host that is this machine: probes run against its loopback interface, where nothing of anybody else is listening."""

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class LoopbackHost:
    """Programs run here; the address is one of the sixteen million of the loopback interface, so that tests never meet."""

    name: str
    ipv4: str
    ipv6: str = "::1"

    def run(self, argv: Sequence[str], *, timeout_s: float = 60.0) -> "subprocess.CompletedProcess[str]":
        """Run a program to its end."""
        return subprocess.run(list(argv), timeout=timeout_s, capture_output=True, text=True, check=False)

    def popen(self, argv: Sequence[str], **streams: Any) -> "subprocess.Popen[Any]":
        """Start a program."""
        return subprocess.Popen(list(argv), **streams)


@dataclass(slots=True)
class ScriptedHost:
    """Runs something else than it is told to: by the name of the program asked for, a command that stands in for it."""

    name: str
    instead: dict[str, list[str]]
    ipv4: str = "127.0.0.1"
    ipv6: str = "::1"

    def run(self, argv: Sequence[str], *, timeout_s: float = 60.0) -> "subprocess.CompletedProcess[str]":
        """Run what stands in for a program."""
        return subprocess.run(self._stand_in(argv), timeout=timeout_s, capture_output=True, text=True, check=False)

    def popen(self, argv: Sequence[str], **streams: Any) -> "subprocess.Popen[Any]":
        """Start what stands in for a program."""
        return subprocess.Popen(self._stand_in(argv), **streams)

    def _stand_in(self, argv: Sequence[str]) -> list[str]:
        return next(command for name, command in self.instead.items() if name in argv)
