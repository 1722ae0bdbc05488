"""Pin requirements/*.txt, with hashes, from pyproject.toml and the list of tools below.

Usage: python3 -m scripts.lock [--upgrade] [PURPOSE ...]

The first three files build on each other: test.txt holds run.txt, docs.txt holds test.txt, all with the same versions, so one
environment can be filled up by any of them in any order. The tools of `make mutants` and `make fuzz` come on top, with versions
that agree. Peers need a newer Python, live in an environment of their own, and are left as they are where there is none.
pip-tools lives in .setup/.
"""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from scripts.newer_python import newer_python

ROOT = Path(__file__).resolve().parent.parent
TOOLS = ROOT / ".setup"
PIP_TOOLS = "pip-tools==7.6.2"
EXTRAS = {"run": [], "test": ["test", "check"], "docs": ["test", "check", "docs"]}
ON_TOP = {"mutants": ["mutmut==3.8.1"], "fuzz": ["atheris==3.0.0"]}
PEERS = ["aics-tlog==0.2.1", "aics-witness==0.1.0"]


def main(arguments: list[str]) -> None:
    """Compile the files that are asked for, or all, each constrained by the one before."""
    upgrade = [argument for argument in arguments if argument == "--upgrade"]
    asked = [argument for argument in arguments if argument != "--upgrade"] or [*EXTRAS, *ON_TOP, "peers"]
    if unknown := set(asked) - {*EXTRAS, *ON_TOP, "peers"}:
        sys.exit(f"no requirements/{unknown.pop()}.txt")
    before: list[str] = []
    for purpose, extras in EXTRAS.items():
        if purpose in asked:
            compile_file(purpose, [*(f"--extra={extra}" for extra in extras), *before, *upgrade], "pyproject.toml")
        before = ["--constraint", f"requirements/{purpose}.txt"]
    for purpose, packages in ON_TOP.items():
        if purpose in asked:
            compile_file(purpose, [*before, *upgrade], "-", packages=packages)
    if "peers" in asked:
        newer = newer_python()
        if newer is None:
            sys.stderr.write("skycommons lock: no Python 3.12 is here; requirements/peers.txt stays as it is\n")
        else:
            compile_file("peers", upgrade, "-", packages=PEERS, interpreter=newer)


def compile_file(
    purpose: str, options: list[str], source: str, *, packages: Sequence[str] = (), interpreter: str = sys.executable
) -> None:
    """One file of requirements, compiled for one interpreter."""
    tools = TOOLS if interpreter == sys.executable else TOOLS / "newer"
    python = tools / "bin" / "python"
    if not python.exists():
        subprocess.run([interpreter, "-m", "venv", str(tools)], check=True)
        subprocess.run([str(python), "-m", "pip", "-qq", "install", PIP_TOOLS], check=True)
    subprocess.run(
        [
            *(str(python), "-m", "piptools", "compile", "--quiet", "--generate-hashes", "--strip-extras"),
            *("--no-header", "--no-emit-find-links", "--no-emit-index-url", "--no-emit-trusted-host"),
            *(("--build-deps-for=editable",) if source != "-" else ()),
            *("--allow-unsafe", "--output-file", f"requirements/{purpose}.txt", *options, source),
        ],
        check=True,
        cwd=ROOT,
        input="\n".join(packages),
        text=True,
    )


if __name__ == "__main__":
    main(sys.argv[1:])
