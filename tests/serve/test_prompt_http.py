"""Connections on which no request comes are closed; others are served."""

import threading
from collections.abc import Iterator
from pathlib import Path
from socket import create_connection, create_server

import pytest
import uvicorn

from skycommons.serve.prompt_http import PromptHttp
from skycommons.serve.witness_app import witness_app
from tests.support.watched_logs import witness_in

ASKED = b"GET /x/checkpoint HTTP/1.1\r\nHost: x\r\n\r\n"
PATIENCE_S = 20.0  # of the test, before it fails


@pytest.fixture
def port(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """Where a witness listens that waits for a request only briefly."""
    monkeypatch.setattr("skycommons.serve.prompt_http.HEAD_TIME_S", 0.1)
    place = create_server(("127.0.0.1", 0))
    config = uvicorn.Config(witness_app(witness_in(tmp_path)), http=PromptHttp, log_config=None, lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [place]}, daemon=True)
    thread.start()
    yield int(place.getsockname()[1])
    server.should_exit = True
    thread.join()
    place.close()


@pytest.mark.parametrize("begun", [b"", b"GET / HT", ASKED, ASKED + b"GET"])
def test_a_connection_without_a_request_is_closed(port: int, begun: bytes) -> None:
    """Whether nothing was said, or half of it, before the first request or after it."""
    with create_connection(("127.0.0.1", port), timeout=PATIENCE_S) as talk:
        talk.sendall(begun)
        answer = b""
        while part := talk.recv(4_096):
            answer += part
    assert (b" 404 " in answer) == begun.startswith(ASKED)


def test_a_request_under_way_is_not_cut_off(port: int) -> None:
    """However long its body takes, as far as the server is concerned."""
    with create_connection(("127.0.0.1", port), timeout=PATIENCE_S) as talk:
        talk.sendall(b"POST /add-checkpoint HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabcde")
        with create_connection(("127.0.0.1", port), timeout=PATIENCE_S) as idle:
            assert idle.recv(1) == b""
        talk.sendall(b"fghij")
        assert talk.recv(4_096).startswith(b"HTTP/1.1 400 ")
