"""Go's implementation of notes and logs as a peer that answers questions; the program is `tests/peers/go/peer.go`."""

import json
import os
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self, TypeAlias

from skycommons.governance.lines import base64_of
from tests.support.programs import GO_SOURCES

Question: TypeAlias = Mapping[str, "str | int | bytes | Sequence[str] | Sequence[bytes]"]

REPOSITORY: Final = Path(__file__).resolve().parent.parent.parent
SOURCE: Final = REPOSITORY / "tests" / "peers" / "go" / "peer.go"


def build(go: Path, target: Path) -> Path:
    """Compile the peer as Debian packages Go: without modules and without a network."""
    environment = {
        **os.environ,
        "GO111MODULE": "off",
        "GOPATH": GO_SOURCES,
        "GOCACHE": str(REPOSITORY / ".cache" / "go"),
        "GOFLAGS": "",
        "CGO_ENABLED": "0",
    }
    subprocess.run([str(go), "build", "-o", str(target), str(SOURCE)], check=True, env=environment)
    return target


class GoPeer:
    """A running peer. Close it, or use it in a ``with``."""

    def __init__(self, program: Path) -> None:
        self._process = subprocess.Popen([str(program)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def send(self, questions: Iterable[Question]) -> None:
        """Ask, and go on: the peer begins to answer when it has read all of them."""
        assert self._process.stdin is not None
        lines = [json.dumps({key: _json(value) for key, value in question.items()}) for question in questions]
        self._process.stdin.write(("".join(f"{line}\n" for line in lines) + "\n").encode())
        self._process.stdin.flush()

    def receive(self, count: int) -> list[dict[str, Any]]:
        """The answers to what was sent; ``fault`` is empty where the peer agrees."""
        assert self._process.stdout is not None
        return [json.loads(self._process.stdout.readline()) for _ in range(count)]

    def ask(self, question: Question) -> dict[str, Any]:
        """One question and its answer."""
        self.send([question])
        return self.receive(1)[0]

    def close(self) -> None:
        """End the peer."""
        self._process.communicate()


def _json(value: object) -> object:
    """Bytes as Go's JSON reads them."""
    if isinstance(value, bytes):
        return base64_of(value)
    if isinstance(value, list | tuple):
        return [_json(item) for item in value]
    return value
