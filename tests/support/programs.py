"""Foreign programs that tests run: where they are, and what happens where they are not.

A developer's machine need not have them: the test skips and names the Debian package. With ``SKYCOMMONS_CI=1``, which .ci/run
sets after `scripts/debian_packages.py`, it fails instead, so that no check is lost silently.
"""

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final, NoReturn

import pytest


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A program of Debian.

    Attributes:
        packages: The packages that it comes from, as `scripts/debian_packages.py` lists them.
        folders: Where Debian puts it if not on the path; patterns below the root of the file system, the last match wins.
        beside: Further files that must be there.
    """

    packages: tuple[str, ...]
    folders: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()


GO_SOURCES: Final = "/usr/share/gocode"

SYSTEM_FOLDERS: Final = ("usr/bin", "usr/sbin")
"""Of programs that are not on the path of people who are not root."""

PROGRAMS: Final[Mapping[str, Program]] = MappingProxyType(
    {
        "curl": Program(packages=("curl",)),
        "ffmpeg": Program(packages=("ffmpeg",)),
        "ffprobe": Program(packages=("ffmpeg",)),
        "gcc": Program(packages=("gcc", "libc6-dev"), beside=("/usr/include/stdio.h",)),
        "go": Program(
            packages=("golang-1.19-go", "golang-golang-x-mod-dev"),
            folders=("usr/lib/go-1.*/bin",),
            beside=(f"{GO_SOURCES}/src/golang.org/x/mod/sumdb/tlog/tlog.go",),
        ),
        "initdb": Program(packages=("postgresql",), folders=("usr/lib/postgresql/*/bin",)),
        "ip": Program(packages=("iproute2",), folders=SYSTEM_FOLDERS),
        "iperf3": Program(packages=("iperf3",)),
        "irtt": Program(packages=("irtt",)),
        "linux.uml": Program(packages=("user-mode-linux",), beside=("/usr/lib/uml/modules",)),
        "nft": Program(packages=("nftables",), folders=SYSTEM_FOLDERS),
        "pg_ctl": Program(packages=("postgresql",), folders=("usr/lib/postgresql/*/bin",)),
        "ping": Program(packages=("iputils-ping",)),
        "postgres": Program(packages=("postgresql",), folders=("usr/lib/postgresql/*/bin",)),
        "setpriv": Program(packages=("util-linux",)),
        "spin": Program(packages=("spin",)),
        "ssh-keygen": Program(packages=("openssh-client",)),
        "tc": Program(packages=("iproute2",), folders=SYSTEM_FOLDERS),
        "tcpdump": Program(packages=("tcpdump",), folders=SYSTEM_FOLDERS),
        "unshare": Program(packages=("util-linux",)),
    }
)


def needed(name: str) -> Path:
    """Where a program is. The test that asks skips, or in CI fails, if it is nowhere."""
    place = found(name)
    if place is None:
        without(f"{name} is not here; Debian: apt-get install {' '.join(PROGRAMS[name].packages)}")
    return place


def without(message: str) -> NoReturn:
    """End the test that lacks something foreign: skip, or in CI fail."""
    if os.environ.get("SKYCOMMONS_CI") == "1":
        pytest.fail(message)
    pytest.skip(message)


def found(name: str) -> Path | None:
    """Where a program is. Debian's own folder first, so that everybody tests against the same version; then the path."""
    program = PROGRAMS[name]
    if not all(Path(path).exists() for path in program.beside):
        return None
    for folder in program.folders:
        for place in sorted(Path("/").glob(folder), reverse=True):
            if os.access(place / name, os.X_OK):
                return place / name
    on_path = shutil.which(name)
    return None if on_path is None else Path(on_path)
