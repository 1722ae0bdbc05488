"""Find an interpreter that is newer than the one skycommons runs on: some peers of tests need Python 3.12.

Looked for on the path, and among the versions of pyenv where that is in use. The standard library only.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

NEEDED = (3, 12)


def newer_python() -> str | None:
    """An interpreter of at least Python 3.12 that starts; nothing if there is none."""
    return next((path for path in candidates() if is_new_enough(path)), None)


def candidates() -> Iterator[str]:
    """Where one could be."""
    for minor in range(NEEDED[1], NEEDED[1] + 8):
        if found := shutil.which(f"python3.{minor}"):
            yield found
    roots = [os.environ.get("PYENV_ROOT", "")]
    roots += [
        str(Path(part).parent) for part in os.environ.get("PATH", "").split(os.pathsep) if part.endswith("/shims")
    ]
    for root in filter(None, roots):
        yield from map(str, sorted(Path(root).glob("versions/3.*/bin/python")))


def is_new_enough(path: str) -> bool:
    """Whether it starts and says so; a shim of pyenv may stand for nothing."""
    asked = [path, "-c", "import sys, venv; print(*sys.version_info[:2])"]
    try:
        answer = subprocess.run(asked, capture_output=True, text=True, check=False, timeout=60)
    except OSError:
        return False
    return answer.returncode == 0 and tuple(map(int, answer.stdout.split())) >= NEEDED
