"""Prepare .venv for one purpose: install the pinned packages and skycommons itself, unless that is done already.

Usage: python3 scripts/setup.py run|test|docs|mutants|fuzz

Runs on the bare interpreter, before anything is installed: the standard library only. Every package is checked
against the hashes in requirements/*.txt.
"""

import hashlib
import json
import subprocess
import sys
from pathlib import Path

NEEDED = (3, 11)
ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
PIP = [str(PYTHON), "-m", "pip", "--disable-pip-version-check", "--no-input", "-qq", "install"]

# Which purposes' requirements hold a purpose's own, so that a fuller environment is left as it is. The last two are tools that
# come on top of `test`.
COVERED_BY = {
    "run": ("run", "test", "docs"),
    "test": ("test", "docs"),
    "docs": ("docs",),
    "mutants": ("mutants",),
    "fuzz": ("fuzz",),
}


def main(purpose: str) -> None:
    """Install what the purpose needs; quick when nothing changed."""
    if sys.version_info < NEEDED:
        wanted = ".".join(map(str, NEEDED))
        have = sys.version.split()[0]
        sys.exit(
            f"skycommons needs Python {wanted} or newer; {sys.executable} is {have}. Try: make PYTHON=python{wanted}"
        )
    if PYTHON.exists() and any(stamp(covering).exists() for covering in COVERED_BY[purpose]):
        return
    if not made_here():
        say(f"making .venv with Python {sys.version.split()[0]}")
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(VENV)], check=True)
    say(f"installing requirements/{purpose}.txt into .venv; the first time this takes a minute or two")
    subprocess.run([*PIP, "--require-hashes", "--requirement", f"requirements/{purpose}.txt"], check=True, cwd=ROOT)
    subprocess.run([*PIP, "--no-deps", "--no-build-isolation", "--editable", "."], check=True, cwd=ROOT)
    stamp(purpose).write_text("ok\n")


def made_here() -> bool:
    """Whether .venv is whole and was made in this very folder; one that was moved or broken off starts anew."""
    described = VENV / "pyvenv.cfg"
    has_pip = PYTHON.exists() and any(VENV.glob("lib/python*/site-packages/pip/__main__.py"))
    return has_pip and f" {VENV}\n" in described.read_text()


def stamp(purpose: str) -> Path:
    """A file whose presence says that these very requirements, and this very package, are installed."""
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    described = json.dumps([project["project"], project["build-system"], str(ROOT)], sort_keys=True)
    pinned = (ROOT / "requirements" / f"{purpose}.txt").read_text()
    digest = hashlib.sha256((described + pinned).encode()).hexdigest()
    return VENV / f".ready-{purpose}-{digest[:16]}"


def say(text: str) -> None:
    """One line of progress, apart from the command's own output."""
    sys.stderr.write(f"skycommons set-up: {text}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in COVERED_BY:
        sys.exit(__doc__)
    try:
        main(sys.argv[1])
    except subprocess.CalledProcessError as error:
        sys.exit(f"skycommons set-up: this command failed: {' '.join(error.cmd)}")
