"""Asking witnesses: all at once, each with an end, and nobody believed without a check."""

import asyncio
import gzip
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from skycommons.base.errors import InputError
from skycommons.governance.notes import Note, note_result
from skycommons.governance.witness_policy import parse_policy
from skycommons.serve.witness_app import witness_app
from skycommons.serve.witness_client import HttpWitnesses
from skycommons.store.log_reader import LogReader
from tests.support.logs import (
    LOG,
    ORIGIN,
    STRANGER,
    TIME_S,
    WITNESS,
    WITNESS_ML_DSA,
    head_of,
    signed_head,
    witnessed_head,
)
from tests.support.watched_logs import KEYS, growth, policy_at, witness_in
from tests.support.written_logs import Entries, files_of, writer_of


def log_of(folder: Path, size: int) -> LogReader:
    """The small log on a disk, with that many entries, signed by its Ed25519 key."""
    writer_of(folder, signers=[LOG]).publish(Entries.of(size))
    return LogReader.open(files_of(folder))


def asking(folder: Path, *, time_s: int = TIME_S) -> HttpWitnesses:
    """A client of a witness in the same program."""
    return HttpWitnesses(policy_at(), transport=httpx.ASGITransport(witness_app(witness_in(folder, time_s=time_s))))


def answering(
    answer: Callable[[httpx.Request], httpx.Response | Awaitable[httpx.Response]], **options: float
) -> HttpWitnesses:
    """A client of whatever answers like that."""
    return HttpWitnesses(policy_at(), transport=httpx.MockTransport(answer), **options)  # type: ignore[arg-type]


def test_a_log_is_cosigned_as_it_grows(tmp_path: Path) -> None:
    """By each key; the second time the client knows how far the witness is."""
    witnesses = asking(tmp_path / "w")
    for size in (3, 8, 8, 300):
        log = log_of(tmp_path, size)
        done = witnesses.cosign(log)
        assert done.silent == ()
        assert len(note_result(done.note, [key.verifier for key in KEYS]).verified) == 2
        assert writer_of(tmp_path, signers=[LOG]).add_cosignatures(done.note)
    assert list(asking(tmp_path / "w").heads(ORIGIN)) == [head_of(300)]


def test_a_client_that_knows_nothing_is_told_where_to_go_on(tmp_path: Path) -> None:
    """By 409, once."""
    asking(tmp_path / "w").cosign(log_of(tmp_path, 5))
    assert asking(tmp_path / "w").cosign(log_of(tmp_path, 9)).silent == ()


def test_a_newer_cosignature_takes_the_place_of_an_older(tmp_path: Path) -> None:
    """A checkpoint that is shown to the witness again and again does not grow."""
    log = log_of(tmp_path, 5)
    first = asking(tmp_path / "w").cosign(log)
    again = asking(tmp_path / "w", time_s=TIME_S + 60).cosign(replace(log, note=first.note))
    result = note_result(again.note, [key.verifier for key in KEYS])
    assert [one.time_s for one in result.verified] == [TIME_S + 60] * 2
    assert len(again.note.signatures) == 3


def test_a_log_that_was_rolled_back_is_told(tmp_path: Path) -> None:
    """The witness remembers; the client says so and is not cosigned."""
    asking(tmp_path / "w").cosign(log_of(tmp_path / "a", 9))
    done = asking(tmp_path / "w").cosign(log_of(tmp_path / "b", 4))
    assert [name for name, _ in done.silent] == ["w/4", "w/6"]
    assert "has cosigned 9 entries already, more than the log's 4" in done.silent[0][1]


def test_another_history_is_refused(tmp_path: Path) -> None:
    """The same size with another root, and a larger one that does not contain what was cosigned."""
    asking(tmp_path / "w").cosign(log_of(tmp_path / "a", 3))
    for name, size in (("b", 3), ("c", 7)):
        source = Entries.of(2).add(b"another").grow(size)
        writer_of(tmp_path / name, signers=[LOG]).publish(source)
        done = asking(tmp_path / "w").cosign(LogReader.open(files_of(tmp_path / name)))
        assert "another history (HTTP 422" in done.silent[0][1]
        assert done.note == files_of(tmp_path / name).read_checkpoint()


def test_no_head_where_none_was_seen(tmp_path: Path) -> None:
    """A witness that knows nothing says nothing."""
    assert list(asking(tmp_path / "w").heads(ORIGIN)) == []


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (
            httpx.Response(404, text="no\x1b[31m such log"),
            r"does not watch this log (HTTP 404: 'no\\x1b[31m such log')",
        ),
        (httpx.Response(403), "does not trust the log's signature"),
        (httpx.Response(400), "malformed"),
        (httpx.Response(500), "gives no answer (HTTP 500"),
        (
            httpx.Response(302, headers={"location": "http://elsewhere.example/"}),
            "leads elsewhere, which is not followed",
        ),
        (httpx.Response(200, content=b""), "in another form"),
        (
            httpx.Response(200, text=STRANGER.cosign(head_of(3), time_s=TIME_S).line),
            "without a right signature of w/4, w/6",
        ),
        (httpx.Response(200, text=KEYS[0].cosign(head_of(3), time_s=TIME_S).line), "without a right signature of w/6"),
        (
            httpx.Response(200, text=KEYS[0].cosign(head_of(4), time_s=TIME_S).line),
            "without a right signature of w/4, w/6",
        ),
        (httpx.Response(200, content=b"x" * 100_001), "more than 100,000 bytes"),
        (httpx.Response(409, content=b"three\n"), "in another form"),
        (httpx.Response(200, content=gzip.compress(b"x"), headers={"content-encoding": "gzip"}), "packs its answer"),
        (httpx.Response(409, content=b"0\n"), "from the size that it was given one from"),
        (httpx.Response(409, content=b"4\n"), "has cosigned 4 entries"),
    ],
    ids=[
        "404",
        "403",
        "400",
        "500",
        "redirect",
        "empty",
        "stranger",
        "one key",
        "other head",
        "large",
        "no size",
        "packed",
        "same size",
        "ahead",
    ],
)
def test_who_gives_no_cosignature_is_told_and_why(tmp_path: Path, answer: httpx.Response, why: str) -> None:
    """And the checkpoint stays as it is."""
    log = log_of(tmp_path, 3)
    done = answering(lambda _: answer).cosign(log)
    assert done.note == log.note
    assert why in done.silent[0][1]


def test_a_witness_that_tells_another_size_each_time_is_left(tmp_path: Path) -> None:
    """After a few times."""
    sizes = iter([b"1\n", b"2\n", b"3\n", b"1\n"])
    done = answering(lambda _: httpx.Response(409, content=next(sizes))).cosign(log_of(tmp_path, 3))
    assert "ask again" in done.silent[0][1]


def test_a_witness_that_does_not_answer_costs_one_time_limit(tmp_path: Path) -> None:
    """Whether it hangs or cannot be reached at all."""

    async def hang(_: httpx.Request) -> httpx.Response:
        await asyncio.sleep(60.0)
        return httpx.Response(200)

    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("all connection attempts failed", request=request)

    log = log_of(tmp_path, 3)
    assert answering(hang, timeout_s=0.05).cosign(log).silent[0][1] == "did not answer within 0.05 s"
    assert "cannot be reached at http://witness.example" in answering(refuse).cosign(log).silent[0][1]
    assert list(answering(hang, timeout_s=0.05).heads(ORIGIN)) == []


def test_one_that_fails_does_not_keep_the_others_from_it(tmp_path: Path) -> None:
    """Two servers, and a witness without an address."""
    lines = [
        f"witness {key.name} {key.verifier.vkey} http://{host}.example/"
        for key, host in ((WITNESS, "one"), (WITNESS_ML_DSA, "two"))
    ]
    text = [f"log {LOG.verifier.vkey}", *lines, f"witness quiet {STRANGER.verifier.vkey}", "quorum none"]
    policy = parse_policy("".join(f"{line}\n" for line in text).encode())

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.host == "one.example":
            return httpx.Response(200, text=WITNESS.cosign(head_of(3), time_s=TIME_S).line)
        return httpx.Response(503)

    done = HttpWitnesses(policy, transport=httpx.MockTransport(answer)).cosign(log_of(tmp_path, 3))
    assert [name for name, _ in done.silent] == ["quiet", WITNESS_ML_DSA.name]
    assert len(note_result(done.note, [WITNESS.verifier]).verified) == 1


def test_no_witness_no_question(tmp_path: Path) -> None:
    """A policy without witnesses asks nobody."""
    log = log_of(tmp_path, 3)
    nobody = HttpWitnesses(parse_policy(f"log {LOG.verifier.vkey}\nquorum none\n".encode()))
    assert nobody.cosign(log).note == log.note
    assert list(nobody.heads(ORIGIN)) == []


@pytest.mark.parametrize(
    "note",
    [
        signed_head(3),
        witnessed_head(3),
        Note(text=head_of(3).text, signatures=(KEYS[0].cosign(head_of(3), time_s=1),)),
        signed_head(3).with_signatures(KEYS[0].cosign(head_of(4), time_s=1)),
    ],
    ids=["log alone", "other witnesses", "witness alone", "wrong"],
)
def test_a_head_counts_if_the_log_and_the_witness_signed_it(note: Note) -> None:
    """Else a witness could stop a log with a head of its own making."""
    assert list(answering(lambda _: httpx.Response(200, content=note.encode())).heads(ORIGIN)) == []


def test_a_head_of_another_log_does_not_count(tmp_path: Path) -> None:
    """Nor what is no checkpoint at all."""
    witness_in(tmp_path / "w").answer(growth(0, 3))
    assert list(answering(lambda _: httpx.Response(200, content=b"hello")).heads(ORIGIN)) == []
    assert list(asking(tmp_path / "w").heads("log.example/other")) == []


def test_a_checkpoint_that_the_log_did_not_sign_is_not_sent(tmp_path: Path) -> None:
    """Witnesses cosign what a log has signed."""
    log = log_of(tmp_path, 3)
    bare = Note(text=log.note.text, signatures=(KEYS[0].cosign(log.head, time_s=1),))
    with pytest.raises(InputError, match="not signed by its log"):
        asking(tmp_path / "w").cosign(replace(log, note=bare))
