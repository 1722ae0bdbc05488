"""Catalogues from CelesTrak's query interface, played by a server on this machine."""

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

from skycommons.base.errors import HostError, InputError
from skycommons.model.catalogues import read_catalogue
from skycommons.serve import celestrak
from skycommons.serve.celestrak import FetchResult, FetchSource, GpFormat, fetch_group
from tests.support.element_texts import Sample, omm_fields, omm_json, tle_text

NOW_NS = 1_779_235_200_000_000_000
MINUTE_NS = 60 * 10**9
HOUR_NS = 60 * MINUTE_NS
BODY = omm_json([omm_fields(Sample())]).encode()
NEWER = omm_json([omm_fields(Sample()), omm_fields(Sample(number=5))]).encode()


@dataclass
class Server:
    """What the server will answer, and what it was asked."""

    url: str = ""
    status: int = 200
    body: bytes = BODY
    headers: dict[str, str] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)


@pytest.fixture
def server() -> Iterator[Server]:
    """A server that answers as the test wants, with an ETag and 304 where it fits."""
    state = Server()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            state.asked.append((self.path, dict(self.headers.items())))
            etag = state.headers.get("ETag")
            known = etag is not None and self.headers.get("If-None-Match") == etag
            self.send_response(304 if known else state.status)
            for name, value in {"Content-Length": "0" if known else str(len(state.body)), **state.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            if not known:
                self.wfile.write(state.body)

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    http_server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=http_server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    state.url = f"http://127.0.0.1:{http_server.server_address[1]}/gp.php"
    yield state
    http_server.shutdown()
    thread.join()
    http_server.server_close()


Fetch = Callable[..., FetchResult]


@pytest.fixture
def fetch(server: Server, tmp_path: Path) -> Fetch:
    """Fetch the group starlink at a time given in hours."""

    def at(hours: float, **options: object) -> FetchResult:
        settings: dict[str, object] = {"cache_dir": tmp_path / "cache", "base_url": server.url} | options
        return fetch_group("starlink", now_ns=NOW_NS + round(hours * HOUR_NS), **settings)  # type: ignore[arg-type]  # mixed options

    return at


def test_the_first_fetch_downloads_and_says_who_asks(server: Server, fetch: Fetch) -> None:
    result = fetch(0.0)
    assert (result.source, result.age_s, result.path.name) == (FetchSource.FETCHED, 0.0, "starlink.json")
    assert len(read_catalogue(result.path)) == 1
    ((path, headers),) = server.asked
    assert path == "/gp.php?GROUP=starlink&FORMAT=JSON"
    assert headers["User-Agent"].startswith("skycommons/")
    assert sorted(file.name for file in result.path.parent.iterdir()) == ["starlink.json", "starlink.json.meta.json"]


def test_within_two_hours_nothing_is_asked(server: Server, fetch: Fetch) -> None:
    fetch(0.0)
    result = fetch(1.99)
    assert result.source is FetchSource.CACHED
    assert result.age_s == pytest.approx(1.99 * 3600)
    assert len(server.asked) == 1


def test_after_two_hours_an_unchanged_catalogue_is_not_sent_again(server: Server, fetch: Fetch) -> None:
    server.headers = {"ETag": '"one"', "Last-Modified": "Wed, 20 May 2026 00:00:00 GMT"}
    fetch(0.0)
    assert fetch(2.0).source is FetchSource.NOT_MODIFIED
    assert server.asked[1][1]["If-None-Match"] == '"one"'
    assert server.asked[1][1]["If-Modified-Since"] == "Wed, 20 May 2026 00:00:00 GMT"
    assert fetch(3.9).source is FetchSource.CACHED
    assert len(server.asked) == 2


def test_after_two_hours_a_newer_catalogue_replaces_the_copy(server: Server, fetch: Fetch) -> None:
    server.headers = {"ETag": '"one"'}
    fetch(0.0)
    server.headers, server.body = {"ETag": '"two"'}, NEWER
    result = fetch(2.1)
    assert result.source is FetchSource.FETCHED
    assert len(read_catalogue(result.path)) == 2


@pytest.mark.parametrize("status", [200, 403])
def test_the_answer_that_nothing_is_newer_keeps_the_copy(server: Server, fetch: Fetch, status: int) -> None:
    fetch(0.0)
    server.status = status
    server.body = b"GP data has not updated since your last successful download of GROUP=starlink."
    result = fetch(2.1)
    assert result.source is FetchSource.NOT_MODIFIED
    assert len(read_catalogue(result.path)) == 1


def test_the_same_answer_without_a_copy_is_an_error(server: Server, fetch: Fetch) -> None:
    server.body = b"GP data has not updated since your last successful download of GROUP=starlink."
    with pytest.raises(HostError, match="something else than a catalogue: 'GP data has not updated"):
        fetch(0.0)


@pytest.mark.parametrize(
    ("status", "body", "message"),
    [
        (403, b"Forbidden", "refuses the query: this address asked too often"),
        (404, b"No GP data found", "knows no such group or has no data in this form (HTTP 404: 'No GP data found')"),
        (301, b"", "gives no data (HTTP 301"),
        (500, b"oops", "gives no data (HTTP 500: 'oops')"),
        (200, b'Invalid query: "GROUP=starlink"', "something else than a catalogue: 'Invalid query"),
        (200, b"<html><body>busy</body></html>", "something else than a catalogue"),
        (200, tle_text([Sample()]).encode() + b"1 44714 broken beyond repair\n" * 2, "a damaged catalogue: line 4"),
    ],
)
def test_refusals_are_told_and_not_repeated_for_two_hours(
    server: Server, fetch: Fetch, status: int, body: bytes, message: str
) -> None:
    server.status, server.body = status, body
    with pytest.raises(HostError) as caught:
        fetch(0.0)
    assert message in str(caught.value)
    with pytest.raises(HostError, match="nothing is asked again for another 30 minutes"):
        fetch(1.5)
    assert len(server.asked) == 1
    server.status, server.body = 200, BODY
    assert fetch(2.0).source is FetchSource.FETCHED


def test_a_refusal_leaves_the_copy_and_names_it(server: Server, fetch: Fetch) -> None:
    path = fetch(0.0).path
    server.status, server.body = 503, b"maintenance"
    for hours in (2.1, 2.2):
        with pytest.raises(HostError) as caught:
            fetch(hours)
        assert f"the copy of an earlier query is at {path}" in str(caught.value)
    assert path.read_bytes() == BODY
    assert len(server.asked) == 2


def test_offline_the_error_names_the_copy(fetch: Fetch, server: Server, tmp_path: Path) -> None:
    path = fetch(0.0).path

    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("no route to host", request=request)

    with (
        httpx.Client(transport=httpx.MockTransport(refuse)) as client,
        pytest.raises(HostError, match="no route to host; is this machine online") as caught,
    ):
        fetch(3.0, client=client)
    assert str(path) in str(caught.value)
    assert fetch(3.1).source is FetchSource.FETCHED  # being offline is no refusal


def test_a_port_where_nobody_listens(tmp_path: Path) -> None:
    with pytest.raises(HostError, match="is this machine online"):
        fetch_group("starlink", cache_dir=tmp_path, base_url="http://127.0.0.1:9/gp.php")
    assert list(tmp_path.iterdir()) == []


def test_an_answer_that_breaks_off_replaces_nothing(server: Server, fetch: Fetch) -> None:
    path = fetch(0.0).path
    server.headers, server.body = {"Content-Length": str(len(NEWER))}, NEWER[:-100]
    with pytest.raises(HostError, match="cannot fetch"):
        fetch(2.1)
    assert path.read_bytes() == BODY


def test_an_answer_beyond_the_bound_is_cut(fetch: Fetch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(celestrak, "_MAX_BYTES", 100)
    with pytest.raises(HostError, match="sends more than"):
        fetch(0.0)


def test_an_answer_that_never_ends_is_left(fetch: Fetch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(celestrak, "_DEADLINE_S", -1.0)
    with pytest.raises(HostError, match="takes longer than"):
        fetch(0.0)


def test_other_forms_are_kept_apart(server: Server, fetch: Fetch) -> None:
    fetch(0.0)
    server.body = tle_text([Sample()]).encode()
    result = fetch(0.1, data_format=GpFormat.TLE)
    assert (result.source, result.path.name) == (FetchSource.FETCHED, "starlink.tle")
    assert server.asked[1][0].endswith("FORMAT=TLE")


@pytest.mark.parametrize("damage", [b"{", b"[]", b'{"url": 1, "more": 2}', b"\xff"])
def test_a_damaged_note_is_as_good_as_none(server: Server, fetch: Fetch, damage: bytes) -> None:
    path = fetch(0.0).path
    path.with_name("starlink.json.meta.json").write_bytes(damage)
    assert fetch(0.1).source is FetchSource.FETCHED


def test_a_note_about_another_server_does_not_count(server: Server, fetch: Fetch) -> None:
    note = fetch(0.0).path.with_name("starlink.json.meta.json")
    note.write_text(json.dumps(json.loads(note.read_text()) | {"url": "https://elsewhere.example/gp.php"}))
    assert fetch(0.1).source is FetchSource.FETCHED


def test_a_clock_that_was_set_back_does_not_stop_queries(fetch: Fetch) -> None:
    fetch(10.0)
    assert fetch(0.0).source is FetchSource.FETCHED


@pytest.mark.parametrize("group", ["", "../secrets", "star link", "a&FORMAT=TLE", "x" * 100, "-starlink"])
def test_names_that_no_group_can_have(group: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="a CelesTrak group has letters"):
        fetch_group(group, cache_dir=tmp_path)


def test_a_cache_that_cannot_be_used(server: Server, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(HostError, match="cannot use the cache"):
        fetch_group("starlink", cache_dir=tmp_path / "file", base_url=server.url)


def test_a_failed_write_leaves_no_draft(fetch: Fetch, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = fetch(0.0).path.parent

    def fail(self: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(HostError, match="no space left on device"):
        fetch(2.1)
    assert sorted(file.name for file in folder.iterdir()) == ["starlink.json", "starlink.json.meta.json"]
