"""Runs as the first program of a User-Mode Linux: holds the netem backend against what every backend does.

Each behaviour prints one line of JSON. Started by `tests.support.uml`.
"""

import ctypes
import errno
import json
import os
import sys
import traceback
from pathlib import Path

MODULES = ("veth", "bridge", "tun", "sch_netem", "sch_tbf", "sch_prio", "sch_codel", "cls_u32")
FOLDER = "/usr/lib/uml/modules"
SYS_FINIT_MODULE = 313  # of x86-64, for which alone Debian builds it


def load(names: tuple[str, ...], folder: str = FOLDER) -> None:
    """Load modules of the running kernel, without a program for it."""
    libc = ctypes.CDLL(None, use_errno=True)
    base = Path(folder, os.uname().release)
    lines = (line.partition(":") for line in (base / "modules.dep").read_text().splitlines())
    paths = {Path(path).stem: (path, needs.split()) for path, _, needs in lines}
    for name in names:
        path, needs = paths[name]
        for one in (*reversed(needs), path):
            with (base / one).open("rb") as file:
                refused = libc.syscall(SYS_FINIT_MODULE, file.fileno(), b"", 0)
            if refused and ctypes.get_errno() != errno.EEXIST:
                raise OSError(ctypes.get_errno(), f"{one} cannot be loaded")


def main() -> None:
    """Load modules, build hosts, look at each behaviour."""
    load(MODULES)
    from skycommons.emulation.netem_support import check_support
    from skycommons.model.emulation_rules import WireKind
    from tests.support.line_behaviour import BEHAVIOURS, carried

    support = check_support()
    say("support", "" if support.netem and support.tbf and support.icmp and support.codel else repr(support))
    with carried(WireKind.NETEM) as net:
        for behaviour in BEHAVIOURS:
            try:
                behaviour(net)
            except Exception:  # noqa: BLE001 - all of them are told, with where they happened
                say(behaviour.__name__, traceback.format_exc())
            else:
                say(behaviour.__name__, "")


def say(name: str, fault: str) -> None:
    """Tell how something went, on a line of its own."""
    sys.stdout.write(f"\n{json.dumps({'name': name, 'fault': fault})}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    try:
        main()
    except BaseException:
        say("everything", traceback.format_exc())
        raise
