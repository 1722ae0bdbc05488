"""A witness as a web server: the statuses of the protocol, and nothing that others should not see."""

import asyncio
import json
import logging
import threading
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from skycommons.governance.add_checkpoint import SIZE_TYPE, AddCheckpoint, read_cosignatures
from skycommons.governance.checkpoint import parse_checkpoint
from skycommons.governance.merkle import EMPTY_ROOT
from skycommons.governance.notes import Note, note_result, parse_note
from skycommons.governance.signers import Ed25519Signer
from skycommons.serve import witness_app as module
from skycommons.serve.witness_app import witness_app
from skycommons.serve.witness_store import origin_name
from tests.support.logs import LOG, ORIGIN, TIME_S, head_of, signed_head
from tests.support.watched_logs import KEYS, URL, growth, witness_in

SHOWN = f"/{origin_name(ORIGIN)}/checkpoint"


@dataclass(frozen=True)
class Client:
    """Somebody who talks to a web application, without a network."""

    app: Starlette

    def get(self, path: str) -> httpx.Response:
        return asyncio.run(self._talk("GET", path, b""))

    def post(self, path: str, body: bytes) -> httpx.Response:
        return asyncio.run(self._talk("POST", path, body))

    async def _talk(self, method: str, path: str, body: bytes) -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url=URL) as client:
            return await client.request(method, path, content=body)


@pytest.fixture
def client(tmp_path: Path) -> Client:
    """Somebody who talks to a new witness."""
    return Client(witness_app(witness_in(tmp_path)))


def ask(client: Client, body: bytes) -> httpx.Response:
    """One request to cosign."""
    return client.post("/add-checkpoint", body)


def forked(size: int, *, old: int) -> bytes:
    """A request for another history, signed by the log."""
    head = replace(head_of(size), root=b"\x66" * 32)
    return AddCheckpoint(old=old, proof=(), note=Note(text=head.text, signatures=(LOG.sign(head.text),))).encode()


def test_a_golden_conversation(client: Client) -> None:
    """As the protocol has it: first sight, growth, a stale size, a cut proof, a fork, and what is shown at the end."""
    assert client.get(SHOWN).status_code == 404
    first = ask(client, growth(0, 3))
    assert (first.status_code, first.headers["content-type"]) == (200, "text/plain; charset=utf-8")
    assert [line.split()[1] for line in first.text.splitlines()] == ["w", "w"]
    assert ask(client, growth(3, 7)).status_code == 200
    stale = ask(client, growth(3, 9))
    assert (stale.status_code, stale.text, stale.headers["content-type"]) == (409, "7\n", SIZE_TYPE)
    cut = growth(7, 9).split(b"\n", 2)
    assert ask(client, b"\n".join([cut[0], cut[2]])).status_code == 422
    assert ask(client, forked(7, old=7)).status_code == 422
    assert ask(client, growth(7, 7)).status_code == 200
    shown = client.get(SHOWN)
    assert shown.status_code == 200
    note = parse_note(shown.content)
    assert parse_checkpoint(note.text) == head_of(7)
    result = note_result(note, [LOG.verifier, *(key.verifier for key in KEYS)])
    assert [one.time_s for one in result.verified] == [None, TIME_S, TIME_S]


def test_a_cosignature_is_of_each_key(client: Client) -> None:
    """And of the checkpoint that was sent."""
    note = signed_head(3)
    signed = read_cosignatures(ask(client, growth(0, 3)).content, note, [key.verifier for key in KEYS])
    assert len(signed.signatures) == 3


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"old 3\n", 400),
        (growth(0, 3).replace(b"old 0", b"old 4"), 400),
        (
            AddCheckpoint(
                old=0, proof=(), note=Note(text=head_of(3, "other").text, signatures=signed_head(3).signatures)
            ).encode(),
            404,
        ),
        (
            AddCheckpoint(
                old=0,
                proof=(),
                note=Note(
                    text=head_of(3).text, signatures=(Ed25519Signer(ORIGIN, b"\x09" * 32).sign(head_of(3).text),)
                ),
            ).encode(),
            403,
        ),
        (AddCheckpoint(old=0, proof=(), note=Note(text=head_of(3).text, signatures=(LOG.sign("x\n"),))).encode(), 403),
        (AddCheckpoint(old=0, proof=(EMPTY_ROOT,), note=signed_head(3)).encode(), 422),
        (growth(2, 3), 409),
    ],
    ids=[
        "empty",
        "cut",
        "old above new",
        "other log",
        "other key",
        "wrong signature",
        "proof from nothing",
        "unknown size",
    ],
)
def test_refusals_have_the_statuses_of_the_protocol(client: Client, body: bytes, status: int) -> None:
    """And leave nothing behind."""
    assert ask(client, body).status_code == status
    assert client.get(SHOWN).status_code == 404


def test_a_fork_is_kept_as_evidence(tmp_path: Path) -> None:
    """Two roots of one size under the log's own signature; a wrong proof is none."""
    witness = witness_in(tmp_path)
    assert witness.answer(growth(0, 3)).status == 200
    assert witness.answer(forked(5, old=3)).status == 422
    assert witness.store.forks(ORIGIN) == ()
    for _ in range(2):
        assert witness.answer(forked(3, old=3)).status == 422
    (fork,) = witness.store.forks(ORIGIN)
    assert note_result(fork, [LOG.verifier])
    assert witness.store.latest(ORIGIN) == head_of(3)


def test_the_head_is_on_the_disk_before_anybody_has_a_signature(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A witness that falls down while it signs has given nothing away, and goes on from the new head."""

    def fall(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    witness = witness_in(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(type(witness.store), "publish", fall)
        client = Client(witness_app(witness))
        answer = ask(client, growth(0, 3))
    assert (answer.status_code, answer.text) == (503, "the witness cannot answer now\n")
    assert witness.store.latest(ORIGIN) == head_of(3)
    assert ask(client, growth(0, 3)).status_code == 409
    assert ask(client, growth(3, 3)).status_code == 200


def test_of_two_histories_at_once_one_is_cosigned(tmp_path: Path) -> None:
    """Whatever the order, threads cannot get two roots of one size signed."""
    witness = witness_in(tmp_path)
    barrier = threading.Barrier(8)

    def race(number: int) -> int:
        barrier.wait()
        return witness.answer(growth(0, 3) if number % 2 else forked(3, old=0)).status

    with ThreadPoolExecutor(8) as workers:
        statuses = list(workers.map(race, range(8)))
    assert sorted(set(statuses)) == [200, 409]
    assert statuses.count(200) == 1


def test_damage_is_no_new_beginning(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The caller is told nothing of files; the witness's own log is."""
    witness = witness_in(tmp_path)
    witness.answer(growth(0, 3))
    for name in ("head", "checkpoint"):
        (tmp_path / "heads" / origin_name(ORIGIN) / name).unlink()
        (tmp_path / "heads" / origin_name(ORIGIN) / name).symlink_to("/dev/null")
    client = Client(witness_app(witness))
    with caplog.at_level(logging.INFO):
        for answer in (ask(client, growth(0, 3)), client.get(SHOWN)):
            assert (answer.status_code, answer.text) == (503, "the witness cannot answer now\n")
    assert "symbolic link" in caplog.text


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/ed25519.key",
        "/heads",
        "/../ed25519.key",
        "/%2e%2e/checkpoint",
        f"/{'0' * 64}/checkpoint",
        f"/{origin_name(ORIGIN)}/head",
    ],
)
def test_nothing_else_is_there(client: Client, path: str) -> None:
    """No path leads to a file."""
    ask(client, growth(0, 3))
    answer = client.get(path)
    assert answer.status_code == 404
    assert "key" not in answer.text


def test_other_methods_are_refused(client: Client) -> None:
    """With the ones that are offered."""
    answer = client.get("/add-checkpoint")
    assert (answer.status_code, answer.headers["allow"], answer.text) == (405, "POST", "this is not offered here\n")
    assert client.post(SHOWN, b"").status_code == 405


def test_a_body_has_a_largest_size(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not read to its end."""
    monkeypatch.setattr(module, "MAX_BYTES", 1_000)
    assert ask(client, growth(0, 3)).status_code == 200
    assert ask(client, growth(3, 5) + b"x" * 1_000).status_code == 413


def test_a_body_has_a_longest_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who sends a byte now and then does not hold a place for ever."""
    monkeypatch.setattr(module, "BODY_TIME_S", 0.05)

    async def slow() -> AsyncIterator[bytes]:
        yield b"old"
        await asyncio.sleep(10.0)
        yield b" 0\n"

    async def ask_slowly() -> int:
        transport = httpx.ASGITransport(witness_app(witness_in(tmp_path)))
        async with httpx.AsyncClient(transport=transport, base_url=URL) as client:
            return (await client.post("/add-checkpoint", content=slow())).status_code

    assert asyncio.run(ask_slowly()) == 408


def test_a_request_that_breaks_off_is_one_line(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """And no traceback: strangers would fill the log with them."""
    scope = {"type": "http", "method": "POST", "path": "/add-checkpoint", "headers": [], "query_string": b""}
    sent: list[object] = []

    async def receive() -> dict[str, object]:
        return {"type": "http.disconnect"}

    async def send(message: object) -> None:
        sent.append(message)

    with caplog.at_level(logging.INFO, module.__name__):
        asyncio.run(witness_app(witness_in(tmp_path))(scope, receive, send))
    assert [json.loads(record.message)["status"] for record in caplog.records] == [400]


def test_each_request_is_one_line_of_json(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    """With what was asked and what came of it; a stranger's signs cannot forge a line."""
    with caplog.at_level(logging.INFO, logger=module.__name__):
        ask(client, growth(0, 3))
        ask(client, b"x")
        client.get("/a%22b")
    lines = [json.loads(record.message) for record in caplog.records if record.name == module.__name__]
    assert [(line["method"], line["path"], line["status"]) for line in lines] == [
        ("POST", "/add-checkpoint", 200),
        ("POST", "/add-checkpoint", 400),
        ("GET", '/a"b', 404),
    ]
    assert (lines[0]["origin"], lines[0]["size"]) == (ORIGIN, 3)
    assert all("\n" not in record.message for record in caplog.records)
