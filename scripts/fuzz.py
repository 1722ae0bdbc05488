"""Throw bytes at every reader of governance: none may answer with anything but a value or one of our errors.

Usage: python -m scripts.fuzz [--minutes 5] [--corpus FOLDER] [READER ...]

Atheris looks which bytes reach new lines of the readers and goes on from there; it begins with right documents, made as the tests make
them. Whatever a reader takes must be written back the same. The time is shared among the readers, each in a process of its own. A
crash leaves its bytes in the corpus folder (build/fuzz) and ends the run with 1. Needs Python 3.11, for which atheris is pinned.

A new reader is one line in ``READERS``, in ``scripts/fuzz_readers.py``.
"""

import argparse
import contextlib
import os
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MAX_BYTES = 20_000
EXECUTED = re.compile(r"^Done (\d+) runs", re.MULTILINE)


def main() -> None:
    """Each reader in a process of its own, one after the other."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("readers", nargs="*")
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--corpus", type=Path, default=ROOT / "build" / "fuzz")
    arguments = parser.parse_args()
    from scripts.fuzz_readers import READERS

    if unknown := set(arguments.readers) - set(READERS):
        sys.exit(f"no reader is called {', '.join(sorted(unknown))}; there are {', '.join(READERS)}")
    names = arguments.readers or list(READERS)
    seconds = max(1, round(arguments.minutes * 60 / len(names)))
    total, crashed = 0, []
    for name in names:
        folder = arguments.corpus / name
        folder.mkdir(parents=True, exist_ok=True)
        for number, seed in enumerate(READERS[name].seeds):
            (folder / f"seed-{number}").write_bytes(seed)
        log = folder.with_suffix(".log")
        status = in_a_child(name, folder, seconds=seconds, log=log)
        said = log.read_text(encoding="utf-8", errors="replace")
        executed = int(found[1]) if (found := EXECUTED.search(said)) else 0
        total += executed
        if status:
            crashed.append(name)
            print(said[-3_000:])
        print(f"{name:<24}{executed:>12,} executions{'   CRASH' if status else ''}", flush=True)
    print(f"{'all':<24}{total:>12,} executions, {len(crashed)} crashes")
    sys.exit(1 if crashed else 0)


def in_a_child(name: str, folder: Path, *, seconds: int, log: Path) -> int:
    """Fuzz one reader for some seconds.

    Returns:
        How the process ended; 0 if nothing was found.
    """
    child = os.fork()
    if child == 0:
        with log.open("wb") as file:
            os.dup2(file.fileno(), 1)
            os.dup2(file.fileno(), 2)
        fuzz(name, folder, seconds)
        os._exit(0)
    return os.waitpid(child, 0)[1]


def fuzz(name: str, folder: Path, seconds: int) -> None:
    """Never comes back: atheris ends the process."""
    import atheris

    for module in [module for module in sys.modules if module.startswith(("skycommons.governance", "scripts.fuzz_"))]:
        del sys.modules[module]  # they are read again, with counters in them
    with atheris.instrument_imports(include=["skycommons.governance"]):
        from scripts.fuzz_readers import READERS
    from skycommons.base.errors import SkycommonsError

    reader = READERS[name]

    def one(data: bytes) -> None:
        with contextlib.suppress(SkycommonsError):
            reader.check(data)

    options = [
        f"-max_total_time={seconds}",
        f"-max_len={MAX_BYTES}",
        f"-artifact_prefix={folder}/crash-",
        "-rss_limit_mb=4096",
    ]
    atheris.Setup([sys.argv[0], *options, str(folder)], one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
