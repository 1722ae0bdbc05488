"""Logs and witnesses as another Python implementation has them: ``aics-tlog`` 0.2.1 and ``aics-witness`` 0.1.0.

Their verifier reads our log folder, their witness cosigns our log, and our witness cosigns for their client.
"""

import json
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
import uvicorn

from skycommons.governance.add_checkpoint import (
    SIZE_TYPE,
    AddCheckpoint,
    read_conflict,
    read_cosignatures,
)
from skycommons.governance.checkpoint import parse_checkpoint
from skycommons.governance.lines import base64_of
from skycommons.governance.merkle import consistency_proof
from skycommons.governance.note_keys import Ed25519Cosigner, parse_vkey
from skycommons.governance.notes import Note, note_result, parse_note
from skycommons.governance.witness_policy import parse_policy
from skycommons.serve.witness_app import Witness, witness_app
from skycommons.serve.witness_client import HttpWitnesses
from skycommons.serve.witness_store import WitnessStore, origin_name
from skycommons.store.log_reader import LogReader
from skycommons.store.tile_files import TileFiles
from tests.support.log_folders import entries, head_at, reader, write_log
from tests.support.logs import LOG, ORIGIN, WITNESS
from tests.support.newer_peers import answer_of, peer_folder

PATIENCE_S = 60.0


@pytest.fixture(scope="module")
def peers() -> Path:
    """The folder of their programs."""
    return peer_folder()


# --------------------------------------------------------------------------------------------------- their verifier


def asked(peers: Path, question: str, folder: Path, *further: str) -> dict[str, object]:
    """What their verifier says of a log folder."""
    return answer_of(
        peers / "aics-tlog",
        question,
        "--tiles",
        str(folder),
        "--log-key",
        LOG.verifier.vkey,
        "--origin",
        ORIGIN,
        *further,
    )


@pytest.mark.parametrize("size", [1, 255, 256, 257, 600, 65_537])
def test_their_verifier_reads_our_log_folder(peers: Path, tmp_path: Path, size: int) -> None:
    """Checkpoint, witness, tiles, and an entry in them."""
    folder, leaf = write_log(tmp_path / "log", size), tmp_path / "leaf"
    witnessed = ("--witness-key", WITNESS.verifier.vkey, "--quorum", "1")
    answer = asked(peers, "verify-checkpoint", folder, *witnessed)
    assert (answer["ok"], answer["size"], answer["root"]) == (True, size, base64_of(head_at(size).root))
    assert answer["cosignatures"] == 1
    for index in sorted({0, size // 2, size - 1}):
        leaf.write_bytes(entries()[index])
        assert asked(peers, "verify-inclusion", folder, "--index", str(index), "--leaf", str(leaf))["ok"]
        if size > 1:
            assert not asked(
                peers, "verify-inclusion", folder, "--index", str((index + 1) % size), "--leaf", str(leaf)
            )["ok"]


def test_their_verifier_sees_that_our_log_grew(peers: Path, tmp_path: Path) -> None:
    """From a checkpoint that was kept."""
    before = tmp_path / "before"
    before.write_bytes(write_log(tmp_path / "log", 300).joinpath("checkpoint").read_bytes())
    folder = write_log(tmp_path / "log", 600)
    assert asked(peers, "verify-consistency", folder, "--old-checkpoint", str(before))["ok"]
    forked = replace(head_at(300), root=bytes(32)).text
    before.write_bytes(Note(text=forked, signatures=(LOG.sign(forked),)).encode())
    assert not asked(peers, "verify-consistency", folder, "--old-checkpoint", str(before))["ok"]


def test_their_verifier_refuses_a_flipped_bit(peers: Path, tmp_path: Path) -> None:
    """In the checkpoint, and in the tile that proves an entry."""
    folder, leaf = write_log(tmp_path / "log", 600), tmp_path / "leaf"
    leaf.write_bytes(entries()[300])
    for name in ("checkpoint", "tile/0/001", "tile/1/000.p/2"):
        path = folder / name
        good = path.read_bytes()
        path.write_bytes(good[:40] + bytes([good[40] ^ 1]) + good[41:])
        assert not asked(peers, "verify-inclusion", folder, "--index", "300", "--leaf", str(leaf))["ok"], name
        path.write_bytes(good)


# ---------------------------------------------------------------------------------------------------- their witness


@pytest.fixture
def their_witness(peers: Path, tmp_path: Path) -> Iterator[tuple[str, Ed25519Cosigner]]:
    """Their witness, watching our log, at an address; and its key."""
    folder = tmp_path / "witness"
    folder.mkdir()
    config = str(folder / "witness.json")
    program = str(peers / "aics-witness")
    listen = f"127.0.0.1:{free_port()}"
    init = [program, "init", "--config", config, "--name", "witness.example/theirs", "--listen", listen]
    said = subprocess.run(init, check=True, capture_output=True, text=True).stdout
    vkey = next(word for word in said.split() if word.startswith("witness.example/theirs+"))
    watch = [program, "add-log", "--config", config, "--origin", ORIGIN, "--vkey", LOG.verifier.vkey]
    subprocess.run(watch, check=True, capture_output=True)
    verifier = parse_vkey(vkey)
    assert isinstance(verifier, Ed25519Cosigner)
    server = subprocess.Popen([program, "serve", "--config", config], stderr=subprocess.DEVNULL)
    try:
        wait_for(listen)
        yield f"http://{listen}", verifier
    finally:
        server.terminate()
        server.wait(timeout=PATIENCE_S)


def free_port() -> int:
    """A port that nobody listens at."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def wait_for(listen: str) -> None:
    """Until somebody listens."""
    host, _, port = listen.partition(":")
    until = time.monotonic() + PATIENCE_S
    while True:
        try:
            socket.create_connection((host, int(port)), timeout=1).close()
        except OSError:
            assert time.monotonic() < until, f"nobody listens at {listen}"
            time.sleep(0.05)
        else:
            return


def signed(size: int) -> Note:
    """The log's head with its own signature alone."""
    head = head_at(size)
    return Note(text=head.text, signatures=(LOG.sign(head.text),))


def request(old: int, new: int) -> bytes:
    """An honest request."""
    return AddCheckpoint(old=old, proof=consistency_proof(reader(), old=old, new=new), note=signed(new)).encode()


def test_their_witness_answers_as_ours_would(their_witness: tuple[str, Ed25519Cosigner]) -> None:
    """The whole conversation: cosigned, cosigned, behind, cut off, cosigned, forked."""
    url, verifier = their_witness

    def post(body: bytes) -> httpx.Response:
        return httpx.post(f"{url}/add-checkpoint", content=body)

    for old, new in ((0, 5), (5, 300)):
        response = post(request(old, new))
        note = read_cosignatures(response.content, signed(new), [verifier])
        assert (response.status_code, len(note.signatures)) == (200, 2)
        (right,) = note_result(note, [verifier]).verified
        assert right.time_s is not None
        assert abs(right.time_s - time.time()) < 300
    behind = post(request(5, 600))
    assert (behind.status_code, behind.headers["content-type"], read_conflict(behind.content)) == (409, SIZE_TYPE, 300)
    whole = AddCheckpoint(old=300, proof=consistency_proof(reader(), old=300, new=600), note=signed(600))
    assert post(replace(whole, proof=whole.proof[:-1]).encode()).status_code == 422
    assert post(whole.encode()).status_code == 200
    fork = replace(head_at(600), root=bytes(range(32))).text
    forked = Note(text=fork, signatures=(LOG.sign(fork),))
    assert post(AddCheckpoint(old=600, proof=(), note=forked).encode()).status_code in {409, 422}
    stranger = replace(head_at(700), origin="log.example/other").text
    unknown = Note(text=stranger, signatures=(LOG.sign(stranger),))
    assert post(AddCheckpoint(old=0, proof=(), note=unknown).encode()).status_code == 404
    assert post(b"old one\n\n").status_code == 400


def test_our_client_asks_their_witness(their_witness: tuple[str, Ed25519Cosigner], tmp_path: Path) -> None:
    """From nothing, and after the log has grown behind its back."""
    url, verifier = their_witness
    lines = [f"log {LOG.verifier.vkey}", f"witness theirs {verifier.vkey} {url}", "quorum theirs"]
    policy = parse_policy("".join(f"{line}\n" for line in lines).encode())
    for size in (5, 600):
        log = LogReader.open(TileFiles(write_log(tmp_path / "log", size)))
        cosigned = HttpWitnesses(policy).cosign(log)
        assert cosigned.silent == ()
        assert note_result(cosigned.note, [verifier])


# ------------------------------------------------------------------------------------------------------ our witness

# Their client in their environment: a witness's address and key, a signed head and the proofs from every earlier size.
THEIR_CLIENT = """
import json, sys
from base64 import b64decode
from aics_witness.feeder import WitnessClient, WitnessRejected
asked = json.load(sys.stdin)
proofs = {int(old): [b64decode(value) for value in proof] for old, proof in asked["proofs"].items()}
with WitnessClient(asked["url"], asked["vkey"]) as client:
    try:
        print(client.submit(asked["note"], lambda old, new: proofs[old]), end="")
    except WitnessRejected as error:
        print(error.status)
"""


@pytest.fixture
def our_witness(tmp_path: Path) -> Iterator[str]:
    """Our witness at an address, with the time of day."""
    store = WitnessStore(tmp_path / "heads")
    witness = Witness(keys=(WITNESS,), trusted={ORIGIN: [LOG.verifier]}, store=store, clock=lambda: int(time.time()))
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(witness_app(witness), host="127.0.0.1", port=port, log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        wait_for(f"127.0.0.1:{port}")
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(timeout=PATIENCE_S)


def test_their_client_asks_our_witness(peers: Path, our_witness: str) -> None:
    """It checks what we answer; from nothing, from a size that it must be told, and a fork that we refuse."""
    for size in (5, 300, 300):
        said = their_client(peers, our_witness, signed(size))
        note = parse_note(signed(size).encode() + said.encode())
        assert note_result(note, [WITNESS.verifier])
    fork = replace(head_at(300), root=bytes(range(32))).text
    assert their_client(peers, our_witness, Note(text=fork, signatures=(LOG.sign(fork),))) == "422\n"
    shown = httpx.get(f"{our_witness}/{origin_name(ORIGIN)}/checkpoint")
    assert parse_checkpoint(parse_note(shown.content).text) == head_at(300)


def their_client(peers: Path, url: str, note: Note) -> str:
    """What their client prints: signatures, or the status of a refusal."""
    size = parse_checkpoint(note.text).size
    proofs = {
        old: [base64_of(value) for value in consistency_proof(reader(), old=old, new=size)]
        for old in (0, 5, 300)
        if old <= size
    }
    asked = {"url": url, "vkey": WITNESS.verifier.vkey, "note": note.encode().decode(), "proofs": proofs}
    command = [str(peers / "python"), "-c", THEIR_CLIENT]
    return subprocess.run(command, input=json.dumps(asked), check=True, capture_output=True, text=True).stdout
