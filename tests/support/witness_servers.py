"""Witness servers on this machine with a clock that tests turn: real ones, but for the clock."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from socket import create_server

import uvicorn

from skycommons.governance.note_keys import Verifier
from skycommons.governance.signers import Ed25519CosignerKey, MlDsa44CosignerKey
from skycommons.serve.witness_app import CosignerKey, Witness, witness_app
from skycommons.serve.witness_store import WitnessStore


@dataclass(frozen=True, slots=True, kw_only=True)
class WitnessServer:
    """One that runs.

    Attributes:
        name: Its name.
        url: Where it answers.
        lines: What a policy says of it.
    """

    name: str
    url: str
    lines: str


@contextmanager
def witness_servers(
    folder: Path, names: Sequence[str], *, log_keys: Sequence[Verifier], clock: Callable[[], int]
) -> Iterator[list[WitnessServer]]:
    """Some witnesses of one log while the block runs, each with a key of both kinds."""
    running: list[tuple[uvicorn.Server, threading.Thread]] = []
    found = []
    try:
        for number, name in enumerate(names, 1):
            keys: tuple[CosignerKey, ...] = (
                Ed25519CosignerKey(name, bytes([number]) * 32),
                MlDsa44CosignerKey(name, bytes([100 + number]) * 32),
            )
            trusted = {log_keys[0].name: tuple(log_keys)}
            witness = Witness(keys=keys, trusted=trusted, store=WitnessStore(folder / name), clock=clock)
            place = create_server(("127.0.0.1", 0))
            url = f"http://127.0.0.1:{place.getsockname()[1]}"
            server = uvicorn.Server(uvicorn.Config(witness_app(witness), log_config=None, lifespan="off"))
            thread = threading.Thread(target=server.run, kwargs={"sockets": [place]}, daemon=True)
            thread.start()
            running.append((server, thread))
            members = [f"{name}/{kind}" for kind in ("ed25519", "ml-dsa-44")]
            rows = [f"witness {member} {key.verifier.vkey} {url}\n" for member, key in zip(members, keys, strict=True)]
            found.append(
                WitnessServer(name=name, url=url, lines="".join(rows) + f"group {name} all {' '.join(members)}\n")
            )
        yield found
    finally:
        for server, thread in running:
            server.should_exit = True
            thread.join(timeout=10)
