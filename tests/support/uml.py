"""User-Mode Linux: a kernel of Debian's that runs as a program, with modules that the machine's own kernel may lack.

It sees the machine's files, read-only, and no network. Any user can start it; it ends when its first program does, or is killed.
"""

import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from tests.support.programs import needed

SCRIPT = """#!/bin/sh
export PATH=/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin HOME=/run TMPDIR=/run PYTHONDONTWRITEBYTECODE=1
export PYTHONPATH="{repository}:{repository}/src" NUMBA_DISABLE_JIT=1 LANG=C.UTF-8
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t tmpfs tmpfs /run
mount -t devtmpfs devtmpfs /dev 2>/dev/null
cd /run
"{python}" -m {module} 2>&1
echo o > /proc/sysrq-trigger
sleep 60
"""


def run_inside(module: str, folder: Path, repository: Path, *, timeout_s: float = 180.0) -> tuple[dict[str, str], str]:
    """Boot it with a module of ours as its first program.

    Args:
        module: Prints lines of JSON that name something and its fault, empty if there is none.
        folder: For its own files.
        repository: Where our packages are.
        timeout_s: When it is killed at the latest.
    Returns:
        Faults by name, and all that it printed.
    """
    program = needed("linux.uml")
    script = folder / "first"
    script.write_text(SCRIPT.format(repository=repository, python=sys.executable, module=module))
    script.chmod(0o755)
    uml = subprocess.Popen(
        [
            *(str(program), "rootfstype=hostfs", "rootflags=/", "ro", "mem=512M", f"init={script}", "quiet"),
            *("con=null", "con0=fd:0,fd:1", "umid=skycommons", f"uml_dir={folder}"),
        ],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
        cwd=folder,
    )
    try:
        text, _ = uml.communicate(timeout=timeout_s)
    except subprocess.TimeoutExpired:
        end(uml)
        text = f"{uml.communicate()[0]}\nit was killed after {timeout_s:g} s"
    finally:
        end(uml)
    return dict(_faults(text)), text


def end(uml: "subprocess.Popen[str]") -> None:
    """Kill it with all the processes that it is made of."""
    with suppress(ProcessLookupError):
        os.killpg(uml.pid, signal.SIGKILL)


def _faults(text: str) -> list[tuple[str, str]]:
    """Names and faults that were printed among other things."""
    found = []
    for line in text.splitlines():
        with suppress(ValueError):
            said = json.loads(line)
            if isinstance(said, dict):
                found.append((str(said["name"]), str(said["fault"])))
    return found
