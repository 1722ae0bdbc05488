"""Compile the interface of the dish to the descriptors that the package reads.

::

    python scripts/compile_dish_interface.py

A test holds that the compiled file in the repository says what the sources say.
"""

import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
FOLDER = REPOSITORY / "src" / "skycommons" / "data" / "dish"
COMPILED = FOLDER / "interface.protoset"


def main(target: Path = COMPILED) -> int:
    """Compile all sources to one set of descriptors; anything but 0 is a fault that the compiler has told."""
    sources = sorted(str(path.relative_to(FOLDER)) for path in FOLDER.rglob("*.proto"))
    command = [sys.executable, "-m", "grpc_tools.protoc", f"-I{FOLDER}", f"--descriptor_set_out={target}", *sources]
    return subprocess.run(command, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
