"""A witness as a web server: cosigns heads of the logs that it watches, and shows the last one of each.

==============================  ==========================================================================
``POST /add-checkpoint``        `skycommons.governance.add_checkpoint` decides; its statuses are the answers
``GET /<name>/checkpoint``      the last cosigned head of a log; its name is `witness_store.origin_name`
==============================  ==========================================================================

* A request is judged before anything is locked, so that strangers make nobody wait; who was accepted is judged again by whoever
  holds the log. Then the head is stored, then signed, then shown, then answered.
* A body has a largest size and a longest time. What the machine refuses is answered by 503 and no word about files; the words go to
  the witness's own log.
* One line of JSON is logged for each request.

Source: C2SP tlog-witness v1.0.0.
"""

import asyncio
import json
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from skycommons.base.constants import NS_PER_S
from skycommons.base.errors import FormatError, SkycommonsError
from skycommons.governance.add_checkpoint import (
    MAX_BYTES,
    TEXT_TYPE,
    Acceptance,
    Answer,
    accepted_answer,
    judge,
    parse_request,
)
from skycommons.governance.checkpoint import Checkpoint, parse_checkpoint
from skycommons.governance.lines import printable
from skycommons.governance.note_keys import Verifier
from skycommons.governance.signers import Ed25519CosignerKey, MlDsa44CosignerKey
from skycommons.serve.witness_store import WitnessStore, origin_name

CosignerKey: TypeAlias = Ed25519CosignerKey | MlDsa44CosignerKey

BODY_TIME_S: Final = 15.0
ADD_PATH: Final = "/add-checkpoint"

_UNPROCESSABLE: Final = 422
_HEADERS: Final = {"cache-control": "no-cache", "x-content-type-options": "nosniff"}
_LOG: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """Who cosigns.

    Attributes:
        keys: Each signs a line of its own.
        trusted: Keys of each log that is watched, by origin.
        store: What it remembers.
        clock: What time it is, seconds since 1970.
    """

    keys: tuple[CosignerKey, ...]
    trusted: Mapping[str, Sequence[Verifier]]
    store: WitnessStore
    clock: Callable[[], int]

    def answer(self, body: bytes) -> Answer:
        """The answer to a request, once everything that it promises is on the disk.

        Raises:
            SkycommonsError: What the witness remembers is damaged or held by another program.
            OSError: The machine refuses to write.
        """
        first = judge(body, trusted=self.trusted, latest=self.store.latest)
        if isinstance(first, Answer):
            if first.status == _UNPROCESSABLE:
                self._keep_fork(body)
            return first
        with self.store.hold(first.checkpoint.origin):
            accepted = judge(body, trusted=self.trusted, latest=self.store.latest)
            if not isinstance(accepted, Acceptance):
                return accepted
            self.store.keep(accepted.before, accepted.note)
            now_s = self.clock()
            signatures = [key.cosign(accepted.checkpoint, time_s=now_s) for key in self.keys]
            self.store.publish(accepted.note.with_signatures(*signatures))
        return accepted_answer(signatures)

    def shown(self, name: str) -> bytes | None:
        """The last cosigned head of a log that is watched, by its name."""
        if name not in {origin_name(origin) for origin in self.trusted}:
            return None
        return self.store.published(name)

    def _keep_fork(self, body: bytes) -> None:
        """Keep evidence, if a refused request is some: two roots of one size, both signed by the log."""
        note = parse_request(body).note
        head = parse_checkpoint(note.text)
        last = self.store.latest(head.origin)
        if last is not None and last.size == head.size and last.root != head.root:
            with self.store.hold(head.origin):
                self.store.keep_fork(note)


def witness_app(witness: Witness) -> Starlette:
    """The web application of a witness."""

    async def add_checkpoint(request: Request) -> Response:
        began_ns = time.monotonic_ns()
        answer, head = await _added(request, witness)
        _told(request, answer.status, began_ns, head)
        return _response(answer.status, answer.body, answer.content_type)

    async def checkpoint(request: Request) -> Response:
        began_ns = time.monotonic_ns()
        try:
            data = await run_in_threadpool(witness.shown, request.path_params["name"])
            answer = _said(404, "no log of this name is watched here, or none was seen yet") if data is None else None
        except (SkycommonsError, OSError) as error:
            answer, data = _broken(error), None
        status = 200 if answer is None else answer.status
        _told(request, status, began_ns, None)
        body = data if answer is None else answer.body
        return _response(status, body, TEXT_TYPE)

    async def refused(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        headers = (error.headers if isinstance(error, HTTPException) else None) or {}
        _told(request, status, time.monotonic_ns(), None)
        body = b"there is nothing here\n" if status == 404 else b"this is not offered here\n"
        return _response(status, body, TEXT_TYPE, **headers)

    return Starlette(
        routes=[
            Route(ADD_PATH, add_checkpoint, methods=["POST"]),
            Route("/{name}/checkpoint", checkpoint, methods=["GET"]),
        ],
        exception_handlers={HTTPException: refused},
    )


def _response(status: int, body: bytes | None, content_type: str, **headers: str) -> Response:
    """An answer with the headers that all have."""
    return Response(body, status_code=status, headers={**_HEADERS, **headers, "content-type": content_type})


async def _added(request: Request, witness: Witness) -> tuple[Answer, Checkpoint | None]:
    """The answer to a request to cosign, and the head that it was about, if it was one."""
    try:
        async with asyncio.timeout(BODY_TIME_S):
            body = await _body(request)
    except TimeoutError:
        return _said(408, "the request took too long"), None
    except ClientDisconnect:
        return _said(400, "the request broke off"), None  # nobody reads it but the witness's log
    if body is None:
        return _said(413, f"a request has at most {MAX_BYTES:,} bytes"), None
    try:
        answer = await run_in_threadpool(witness.answer, body)
    except (SkycommonsError, OSError) as error:
        answer = _broken(error)
    return answer, _head(body)


async def _body(request: Request) -> bytes | None:
    """The body of a request; ``None`` if it is too long."""
    parts, size = [], 0
    async for part in request.stream():
        parts.append(part)
        size += len(part)
        if size > MAX_BYTES:
            return None
    return b"".join(parts)


def _head(body: bytes) -> Checkpoint | None:
    """The head that a request names, for the line in the log."""
    try:
        return parse_checkpoint(parse_request(body).note.text)
    except FormatError:
        return None


def _said(status: int, message: str) -> Answer:
    """An answer in words."""
    return Answer(status=status, body=f"{message}\n".encode())


def _broken(error: Exception) -> Answer:
    """What a caller is told when the machine refuses; the witness's log is told why."""
    _LOG.error("%s", json.dumps({"error": type(error).__name__, "message": printable(str(error))}))
    return _said(503, "the witness cannot answer now")


def _told(request: Request, status: int, began_ns: int, head: Checkpoint | None) -> None:
    """One line for one request."""
    line: dict[str, object] = {
        "method": request.method,
        "path": request.url.path[:200],
        "status": status,
        "ms": round((time.monotonic_ns() - began_ns) / NS_PER_S * 1e3, 1),
        "peer": "" if request.client is None else request.client.host,
    }
    if head is not None:
        line |= {"origin": head.origin[:200], "size": head.size}
    _LOG.info("%s", json.dumps(line))
