"""Asks witnesses, over HTTP, to cosign the head of a log, and which head they cosigned last.

* All witnesses of a policy are asked at once, and each conversation has an end: the slowest costs one time limit. One that does not
  answer is told by name; whether the others are enough, the policy says.
* Witnesses of one address are one server with several keys: it is asked once, and each key must sign.
* A witness that remembers another size than was assumed says so, and is asked again with the proof from there. One that remembers more
  than the log has is told as such: the log was rolled back.
* Nothing is followed to another address, an answer has a largest size, and a cosignature counts once it was checked.

Source: C2SP tlog-witness v1.0.0.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Final, TypeVar

import skycommons
from skycommons.base.errors import FormatError, InputError
from skycommons.governance import notes
from skycommons.governance.add_checkpoint import AddCheckpoint, read_conflict, read_cosignatures
from skycommons.governance.checkpoint import Checkpoint, parse_checkpoint
from skycommons.governance.lines import printable
from skycommons.governance.notes import Note, note_result, parse_note
from skycommons.governance.witness_policy import Witness, WitnessPolicy
from skycommons.serve.witness_store import origin_name
from skycommons.store.log_reader import LogReader
from skycommons.store.witnessing import Cosigned

if TYPE_CHECKING:
    import httpx

TIMEOUT_S: Final = 10.0

_ASKED_AT_MOST: Final = 3  # others may ask the same witness in between
_MAX_SIGNATURE_BYTES: Final = 100_000
_EXCERPT: Final = 160
_PLAIN: Final = "identity"
_T = TypeVar("_T")


class _RefusedError(Exception):
    """A witness gave no cosignature; says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Server:
    """One address with the witnesses behind it."""

    url: str
    members: tuple[Witness, ...]

    def path(self, *parts: str) -> str:
        return "/".join([self.url.rstrip("/"), *parts])


class HttpWitnesses:
    """The witnesses of a policy, at the addresses that it names. It remembers how far each has come.

    Args:
        policy: Whom to ask, and whom to believe.
        timeout_s: After how long a witness has not answered.
        transport: How to reach them, for tests and proxies; by default over the network.
    """

    def __init__(
        self,
        policy: WitnessPolicy,
        *,
        timeout_s: float = TIMEOUT_S,
        transport: "httpx.AsyncBaseTransport | None" = None,
    ) -> None:
        self._policy = policy
        self._timeout_s = timeout_s
        self._transport = transport
        self._known: dict[str, int] = {}
        with_address = sorted((one for one in policy.witnesses if one.url), key=lambda one: one.url)
        self._servers = tuple(
            _Server(url=url, members=tuple(members)) for url, members in groupby(with_address, lambda one: one.url)
        )

    def cosign(self, log: LogReader) -> Cosigned:
        """Ask each for a cosignature over the head of a log.

        Raises:
            ProofError: A tile of the log is damaged.
            FormatError: A tile of the log is missing.
        """
        answers = self._ask(lambda client, server: self._cosignatures(client, server, log))
        signatures = {(one.name, one.key_id): one for one in log.note.signatures}
        silent = [(one.name, "the policy names no address for it") for one in self._policy.witnesses if not one.url]
        for server, answer in zip(self._servers, answers, strict=True):
            if isinstance(answer, Note):
                signatures |= {(one.name, one.key_id): one for one in answer.signatures}
                self._known[server.url] = log.head.size
            else:
                silent += [(one.name, answer) for one in server.members]
        note = Note(text=log.note.text, signatures=tuple(signatures.values()))
        return Cosigned(note=note, silent=tuple(silent))

    def heads(self, origin: str) -> Iterable[Checkpoint]:
        """The heads of a log that they cosigned last, of those who answer with one that the log and they signed."""
        answers = self._ask(lambda client, server: self._head(client, server, origin))
        for server, answer in zip(self._servers, answers, strict=True):
            if isinstance(answer, Checkpoint):
                self._known[server.url] = answer.size
        return tuple(answer for answer in answers if isinstance(answer, Checkpoint))

    # ------------------------------------------------------------------------------------------- one witness

    async def _cosignatures(self, client: "httpx.AsyncClient", server: _Server, log: LogReader) -> Note:
        """The head with the signatures of one server's witnesses."""
        bare = _bare(log.note, self._policy)
        old = min(self._known.get(server.url, 0), log.head.size)
        for _ in range(_ASKED_AT_MOST):
            request = AddCheckpoint(old=old, proof=log.growth_proof(old), note=bare)
            status, body = await _talk(
                client, "POST", server.path("add-checkpoint"), request.encode(), most_bytes=_MAX_SIGNATURE_BYTES
            )
            if status == 200:
                with _reading():
                    return _checked(body, bare, server.members)
            if status != 409:
                raise _RefusedError(_reason(status, body))
            with _reading():
                told = read_conflict(body)
            if told > log.head.size:
                raise _RefusedError(
                    f"has cosigned {told:,} entries already, more than the log's {log.head.size:,}; was it rolled back?"
                )
            if told == old:
                raise _RefusedError("asks for a proof from the size that it was given one from")
            old = told
        raise _RefusedError("is asked by others at the same time; ask again")

    async def _head(self, client: "httpx.AsyncClient", server: _Server, origin: str) -> Checkpoint:
        """The head that one server's witnesses cosigned last."""
        url = server.path(origin_name(origin), "checkpoint")
        status, body = await _talk(client, "GET", url, b"", most_bytes=notes.MAX_BYTES)
        if status != 200:
            raise _RefusedError(_reason(status, body))
        with _reading():
            note = parse_note(body, source="checkpoint")
            head = parse_checkpoint(note.text)
        logs = [log.verifier for log in self._policy.logs if log.verifier.name == origin]
        witnesses = [one.verifier for one in server.members]
        if head.origin != origin or not note_result(note, logs) or not note_result(note, witnesses):
            raise _RefusedError("shows a checkpoint that is not signed by the log and by itself")
        return head

    # ---------------------------------------------------------------------------------------------- all of them

    def _ask(self, question: Callable[["httpx.AsyncClient", _Server], Awaitable[_T]]) -> "Sequence[_T | str]":
        """Ask every server at once; an answer, or why there is none."""
        return asyncio.run(self._ask_all(question)) if self._servers else ()

    async def _ask_all(self, question: Callable[["httpx.AsyncClient", _Server], Awaitable[_T]]) -> "Sequence[_T | str]":
        import httpx

        agent = f"skycommons/{skycommons.__version__}"
        async with httpx.AsyncClient(
            transport=self._transport,
            timeout=self._timeout_s,
            follow_redirects=False,
            headers={"user-agent": agent, "accept-encoding": _PLAIN},
        ) as client:
            return await asyncio.gather(*(self._asked(question, client, server) for server in self._servers))

    async def _asked(
        self,
        question: Callable[["httpx.AsyncClient", _Server], Awaitable[_T]],
        client: "httpx.AsyncClient",
        server: _Server,
    ) -> "_T | str":
        """One conversation, from its begin to its end."""
        import httpx

        try:
            async with asyncio.timeout(self._timeout_s):
                return await question(client, server)
        except _RefusedError as error:
            return str(error)
        except (TimeoutError, httpx.TimeoutException):
            return f"did not answer within {self._timeout_s:g} s"
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return f"cannot be reached at {printable(server.url)}: {printable(str(error)) or type(error).__name__}"


@contextmanager
def _reading() -> Iterator[None]:
    """What cannot be read in the block is the witness's fault."""
    try:
        yield
    except FormatError as error:
        raise _RefusedError(f"answers in another form: {error.faults[0]}") from None


async def _talk(
    client: "httpx.AsyncClient", method: str, url: str, content: bytes, *, most_bytes: int
) -> tuple[int, bytes]:
    """One request and its answer."""
    parts, size = [], 0
    async with client.stream(method, url, content=content) as reply:
        if reply.headers.get("content-encoding", _PLAIN) != _PLAIN:
            raise _RefusedError("packs its answer, though it was asked not to")
        async for part in reply.aiter_bytes():
            parts.append(part)
            size += len(part)
            if size > most_bytes:
                raise _RefusedError(f"answers with more than {most_bytes:,} bytes")
        return reply.status_code, b"".join(parts)


def _checked(body: bytes, note: Note, members: Sequence[Witness]) -> Note:
    """The text with what each of a server's witnesses signed."""
    verifiers = [one.verifier for one in members]
    signed = read_cosignatures(body, note, verifiers)
    new = [one for one in signed.signatures if one not in note.signatures]
    by = {(one.name, one.key_id) for one in new}
    lacking = [one.name for one in members if (one.verifier.name, one.verifier.key_id) not in by]
    if lacking:
        raise _RefusedError(f"answers without a right signature of {', '.join(map(printable, lacking))}")
    return Note(text=note.text, signatures=tuple(new))


def _bare(note: Note, policy: WitnessPolicy) -> Note:
    """A checkpoint with the log's signatures alone: what a witness has to read."""
    witnesses = {(one.verifier.name, one.verifier.key_id) for one in policy.witnesses}
    own = tuple(one for one in note.signatures if (one.name, one.key_id) not in witnesses)
    if not own:
        raise InputError("the checkpoint is not signed by its log; witnesses cosign what a log has signed")
    return Note(text=note.text, signatures=own)


def _reason(status: int, body: bytes) -> str:
    """Why a witness refuses, in its own words where it has some."""
    words = {
        400: "takes the request for malformed",
        403: "does not trust the log's signature",
        404: "does not watch this log",
        422: "takes the proof for wrong: it has seen another history",
    }
    said = printable(" ".join(body[:400].decode("utf-8", errors="replace").split())[:_EXCERPT])
    what = words.get(status, "leads elsewhere, which is not followed" if 300 <= status < 400 else "gives no answer")
    return f"{what} (HTTP {status}: {said!r})"
