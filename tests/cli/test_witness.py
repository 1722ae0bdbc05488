"""``skycommons witness``: a whole program that makes its keys, cosigns, remembers, and stops when it is told to."""

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import httpx
import pytest

from skycommons.cli import main
from skycommons.governance.checkpoint import Checkpoint
from skycommons.governance.notes import Note
from skycommons.governance.signers import Ed25519Signer
from skycommons.governance.witness_policy import parse_policy
from skycommons.serve.witness_client import HttpWitnesses
from skycommons.serve.witness_store import WitnessStore
from skycommons.store.log_reader import LogReader
from tests.support.logs import LOG, ORIGIN, STRANGER, head_of
from tests.support.watched_logs import growth
from tests.support.written_logs import Entries, files_of, writer_of


@dataclass(frozen=True)
class Running:
    """A witness that runs, and the lines that it printed for policies."""

    program: subprocess.Popen[str]
    lines: list[str]

    @property
    def url(self) -> str:
        return self.lines[1].split()[-1]

    @property
    def policy(self) -> str:
        return "".join([f"log {LOG.verifier.vkey}\n", *self.lines])


@contextmanager
def running(folder: Path, *words: str) -> Iterator[Running]:
    """A witness of the small log on any free port, killed at the end if it still runs."""
    program = subprocess.Popen(
        [sys.executable, "-m", "skycommons", "witness", str(folder), "--log", LOG.verifier.vkey, "--port", "0", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        out: IO[str] | None = program.stdout
        assert out is not None
        yield Running(program, [out.readline() for _ in range(5)])
    finally:
        program.kill()
        program.communicate()


def log_of(folder: Path, size: int) -> LogReader:
    """The small log with so many entries."""
    writer_of(folder, signers=[LOG]).publish(Entries.of(size))
    return LogReader.open(files_of(folder))


def test_a_witness_cosigns_remembers_and_stops(tmp_path: Path) -> None:
    """Its own lines make the policy; after a restart its keys and its memory are the same."""
    with running(tmp_path / "w", "--name", "witness.example/w") as one:
        policy = parse_policy(f"{one.policy}quorum witness.example/w\n".encode())
        assert HttpWitnesses(policy).cosign(log_of(tmp_path / "a", 5)).silent == ()
        for name in ("ed25519.key", "ml-dsa-44.key"):
            assert stat.S_IMODE((tmp_path / "w" / name).stat().st_mode) == 0o600
        one.program.send_signal(signal.SIGINT)
        _, err = one.program.communicate(timeout=20)
        assert one.program.returncode == 0
    assert "PRIVATE" not in err
    *requests, last = err.splitlines()
    assert last == "stopped"
    assert [json.loads(line)["status"] for line in requests] == [200]
    with running(tmp_path / "w") as two:
        assert [line.split()[:3] for line in two.lines[1:3]] == [line.split()[:3] for line in one.lines[1:3]]
        again = HttpWitnesses(parse_policy(f"{two.policy}quorum witness.example/w\n".encode()))
        assert list(again.heads(ORIGIN)) == [head_of(5)]
        assert "was it rolled back" in again.cosign(log_of(tmp_path / "b", 4)).silent[0][1]
        two.program.send_signal(signal.SIGTERM)
        assert two.program.wait(timeout=20) == 0


@pytest.mark.slow
def test_a_killed_witness_never_signs_two_histories(tmp_path: Path) -> None:
    """Two programs with one memory, killed again and again, while two histories ask them both."""
    signed: list[bytes] = []

    def ask(url: str, note: Note, head: Checkpoint) -> int:
        try:
            answer = httpx.post(f"{url}/add-checkpoint", content=b"old 0\n\n" + note.encode(), timeout=5.0)
        except httpx.HTTPError:
            return 0  # it was killed
        if answer.status_code == 200:
            signed.append(head.root)
        return answer.status_code

    for turn in range(3):
        signed.clear()
        folder = tmp_path / str(turn)
        with running(folder) as one, running(folder) as two, ThreadPoolExecutor(8) as workers:
            heads = [Checkpoint(origin=ORIGIN, size=1, root=bytes([turn, number % 5]) * 16) for number in range(24)]
            asked = [
                workers.submit(
                    ask, (one.url, two.url)[number % 2], Note(text=head.text, signatures=(LOG.sign(head.text),)), head
                )
                for number, head in enumerate(heads)
            ]
            time.sleep(0.01 * turn)
            one.program.kill()
            assert {one.result() for one in asked} <= {0, 200, 409}
            kept = WitnessStore(folder).latest(ORIGIN)
        assert len(signed) <= 1
        assert kept is not None
        assert set(signed) <= {kept.root}


def test_the_program_refuses_as_the_protocol_says(tmp_path: Path) -> None:
    """The golden conversation over a real socket."""
    with running(tmp_path / "w", "--quiet") as one:
        asked = [growth(0, 3), growth(0, 3), growth(3, 7), growth(7, 9).replace(b"old 7", b"old 12"), b"hello"]
        answers = [httpx.post(f"{one.url}/add-checkpoint", content=body) for body in asked]
        assert [answer.status_code for answer in answers] == [200, 409, 200, 400, 400]
        assert (answers[1].text, answers[1].headers["content-type"]) == ("3\n", "text/x.tlog.size")
        assert "server" not in answers[0].headers
        assert httpx.get(f"{one.url}/ed25519.key").status_code == 404
        one.program.send_signal(signal.SIGTERM)
        assert one.program.communicate(timeout=20) == ("", "")


def test_a_start_that_cannot_be_is_one_clear_message(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """All bad keys at once; a port that is taken; a folder of another witness; a key that others may read."""
    assert main(["witness", str(tmp_path), "--log", "a", "--log", LOG.verifier.vkey, "--log", "b"]) == 2
    assert "2 fault(s)" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
    assert main(["witness", str(tmp_path / "w"), "--log", LOG.verifier.vkey, "--port", "99999"]) == 2
    assert "should be 0 to 65535" in capsys.readouterr().err
    with socket.create_server(("127.0.0.1", 0)) as taken:
        words = ["witness", str(tmp_path), "--log", LOG.verifier.vkey, "--port", str(taken.getsockname()[1])]
        assert main(words) == 6
        assert "cannot listen on 127.0.0.1" in capsys.readouterr().err
        assert main([*words, "--name", "another"]) == 2
        assert "leave out --name" in capsys.readouterr().err
        (tmp_path / "ed25519.key").chmod(0o644)
        assert main(words) == 2
        assert "may be read by others" in capsys.readouterr().err
        (tmp_path / "ed25519.key").write_text(f"{Ed25519Signer('x', b'1' * 32).secret_text}\n")
        (tmp_path / "ed25519.key").chmod(0o600)
        assert main(words) == 2
        assert "of another kind" in capsys.readouterr().err


def test_the_command_serves_within_the_program(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """On all addresses it says that TLS is missing; --json gives the lines as a document."""
    import uvicorn

    monkeypatch.setattr(uvicorn.Server, "run", lambda server, sockets: os.kill(os.getpid(), signal.SIGTERM))
    words = ["witness", str(tmp_path), "--log", LOG.verifier.vkey, "--log", STRANGER.verifier.vkey, "--port", "0"]
    assert main([*words, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["logs"] == [ORIGIN, "stranger.example"]
    assert [one["name"] for one in told["witnesses"]] == [f"{told['name']}/ed25519", f"{told['name']}/ml-dsa-44"]
    assert main([*words, "--host", "0.0.0.0"]) == 0
    assert "put a web server with TLS before it" in capsys.readouterr().err
    assert main([*words, "--host", "0.0.0.0", "--url", "https://w.example"]) == 0
    out, err = capsys.readouterr()
    assert "https://w.example" in out
    assert err == "stopped\n"
