"""Pin requirements/*.txt, with hashes, from pyproject.toml.

Usage: python3 scripts/lock.py [--upgrade]

The files build on each other: test.txt holds run.txt, docs.txt holds test.txt, all with the same versions, so one
environment can be filled up by any of them in any order. pip-tools lives in an environment of its own (.setup/).
"""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TOOLS = ROOT / ".setup"
PIP_TOOLS = "pip-tools==7.6.2"
EXTRAS = {"run": [], "test": ["test", "check"], "docs": ["test", "check", "docs"]}


def main(upgrade: list[str]) -> None:
    """Compile the three files, each constrained by the one before."""
    python = TOOLS / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(TOOLS)], check=True)
        subprocess.run([str(python), "-m", "pip", "-qq", "install", PIP_TOOLS], check=True)
    before: list[str] = []
    for purpose, extras in EXTRAS.items():
        target = f"requirements/{purpose}.txt"
        subprocess.run(
            [
                *(str(python), "-m", "piptools", "compile", "--quiet", "--generate-hashes", "--strip-extras"),
                *("--no-header", "--no-emit-find-links", "--no-emit-index-url", "--no-emit-trusted-host"),
                *("--build-deps-for=editable", "--allow-unsafe", "--output-file", target),
                *(f"--extra={extra}" for extra in extras),
                *before,
                *upgrade,
                "pyproject.toml",
            ],
            check=True,
            cwd=ROOT,
        )
        before = ["--constraint", target]


if __name__ == "__main__":
    main([argument for argument in sys.argv[1:] if argument == "--upgrade"])
