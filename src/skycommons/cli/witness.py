"""``skycommons witness``: watch logs, and cosign their heads as long as they only grow."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

from cyclopts import Parameter

from skycommons.cli.console import FOR_PEOPLE, Output

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from socket import socket

    from skycommons.governance.note_keys import Verifier
    from skycommons.serve.witness_app import CosignerKey, Witness

LOOPBACK: Final = "127.0.0.1"
PORT: Final = 8480

_LAST_PORT: Final = 65_535
_ED25519: Final = "ed25519"
_ML_DSA: Final = "ml-dsa-44"
_GRACE_S: Final = 5
_MOST_AT_ONCE: Final = 200


def witness(
    folder: Annotated[Path, Parameter(help="What the witness keeps: its keys and the heads that it cosigned.")],
    /,
    *,
    log: Annotated[
        tuple[str, ...], Parameter(negative="", help="Public key of a log to watch (vkey); may be given again.")
    ],
    name: Annotated[str, Parameter(help="Name of the witness, at its first start; by default made of its key.")] = "",
    host: Annotated[
        str, Parameter(help="Address to listen on; by default this machine alone can reach it.")
    ] = LOOPBACK,
    port: Annotated[int, Parameter(help="Port to listen on; 0 for any that is free.")] = PORT,
    url: Annotated[str, Parameter(help="Address that others reach it by, for the lines of policies.")] = "",
    output: Output = FOR_PEOPLE,
) -> int:
    """Watch logs: cosign a head of theirs if it contains all that was cosigned before, and remember it.

    The first start makes two keys, which only their owner may read. Each start prints the lines for trust policies. Ctrl-C stops.
    """
    import time
    from socket import AF_INET, AF_INET6, create_server

    from skycommons.base.errors import HostError, InputError
    from skycommons.serve.witness_app import Witness
    from skycommons.serve.witness_store import WitnessStore
    from skycommons.store.durable_files import hold_folder

    trusted = _logs(log)
    if not 0 <= port <= _LAST_PORT:
        raise InputError(f"--port: {port} should be 0 to {_LAST_PORT}")
    with hold_folder(folder):
        keys = _keys(folder, name)
    try:
        place = create_server((host, port), family=AF_INET6 if ":" in host else AF_INET)
    except OSError as error:
        raise HostError(f"cannot listen on {host}, port {port}: {error.strerror or error}") from None
    with place:
        shown = f"[{host}]" if ":" in host else host
        address = url or f"http://{shown}:{place.getsockname()[1]}"
        _introduce(keys, trusted, address, output)
        if not url and host not in {LOOPBACK, "::1", "localhost"}:
            output.note("others can reach this: put a web server with TLS before it, and give its address by --url")
        _serve(
            Witness(keys=keys, trusted=trusted, store=WitnessStore(folder), clock=lambda: int(time.time())),
            place,
            is_quiet=output.quiet,
        )
    output.note("stopped")
    return 0


def _logs(vkeys: "Sequence[str]") -> "Mapping[str, Sequence[Verifier]]":
    """The keys of the logs, by origin."""
    from skycommons.base.errors import Fault, FormatError
    from skycommons.governance.note_keys import parse_vkey

    found: dict[str, list[Verifier]] = {}
    faults = []
    for place, text in enumerate(vkeys, 1):
        try:
            verifier = parse_vkey(text)
            found.setdefault(verifier.name, []).append(verifier)
        except FormatError as error:
            faults += [Fault(f"number {place}: {fault.place}", fault.message) for fault in error.faults]
    if faults:
        raise FormatError("--log", faults)
    return found


def _keys(folder: Path, name: str) -> "tuple[CosignerKey, ...]":
    """The witness's keys, made at the first start."""
    import secrets

    from skycommons.base.errors import InputError
    from skycommons.governance.signers import SEED_BYTES, Ed25519CosignerKey, MlDsa44CosignerKey
    from skycommons.store.key_files import read_log_key, write_log_key

    found: list[CosignerKey] = []
    for kind, made in ((_ED25519, Ed25519CosignerKey), (_ML_DSA, MlDsa44CosignerKey)):
        path = folder / f"{kind}.key"
        if not path.exists():
            seed = secrets.token_bytes(SEED_BYTES)
            known = name or (found[0].name if found else f"witness-{made('new', seed).verifier.public_key[:4].hex()}")
            write_log_key(path, made(known, seed))
        key = read_log_key(path)
        if not isinstance(key, made):
            raise InputError(f"{path} holds a key of another kind; a witness signs with {kind} there")
        found.append(key)
    if len({key.name for key in found}) != 1 or name not in {"", found[0].name}:
        raise InputError(
            f"the keys in {folder} are of {' and '.join(sorted({key.name for key in found}))}; leave out --name"
        )
    return tuple(found)


def _introduce(
    keys: "Sequence[CosignerKey]", trusted: "Mapping[str, Sequence[Verifier]]", address: str, output: Output
) -> None:
    """Say who this is, in lines that a policy can take."""
    import sys

    from skycommons.governance.lines import printable

    name = keys[0].name
    rows = [(f"{name}/{kind}", key.verifier.vkey) for kind, key in zip((_ED25519, _ML_DSA), keys, strict=True)]
    output.line(f"# for trust policies; the witness counts once, as {name}")
    for member, vkey in rows:
        output.line(f"witness {member} {vkey} {address}")
    output.line(f"group {name} all {' '.join(member for member, _ in rows)}")
    output.line(f"# it watches {', '.join(map(printable, trusted))}, and listens on {address}")
    output.result(
        {
            "name": name,
            "url": address,
            "witnesses": [{"name": member, "vkey": vkey} for member, vkey in rows],
            "logs": [printable(origin) for origin in trusted],
        }
    )
    sys.stdout.flush()


def _serve(watching: "Witness", place: "socket", *, is_quiet: bool) -> None:
    """Answer until told to stop."""
    import logging
    import signal
    import sys

    import uvicorn

    from skycommons.serve import witness_app
    from skycommons.serve.prompt_http import PromptHttp

    logger = logging.getLogger(witness_app.__name__)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(message)s"))
    logger.addHandler(handler)
    logger.setLevel(logging.ERROR if is_quiet else logging.INFO)
    server = uvicorn.Server(
        uvicorn.Config(
            witness_app.witness_app(watching),
            http=PromptHttp,
            log_config=None,
            access_log=False,
            lifespan="off",
            server_header=False,
            limit_concurrency=_MOST_AT_ONCE,
            timeout_graceful_shutdown=_GRACE_S,
        )
    )
    # The server stops at these signals and then gives them on; a stop that was asked for is no failure.
    before = {number: signal.signal(number, lambda *_: None) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        server.run(sockets=[place])
    finally:
        for number, handling in before.items():
            signal.signal(number, handling)
        logger.removeHandler(handler)
