"""Element sets from CelesTrak, asked for as its usage policy wants.

Rules: element sets change every two hours at the most, so nothing is asked twice within two hours, neither after an answer
nor after a refusal. A query carries the marks of the copy at hand (ETag, Last-Modified), so that an unchanged catalogue
costs no transfer. Redirects are not followed. An answer replaces the copy only after it was read as a catalogue.

Source: CelesTrak, "Usage Policy" (2026-05-22) and "A New Way to Obtain GP Data" (2024-09-14).
"""

import json
import math
import os
import re
import tempfile
import time
from contextlib import nullcontext
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import skycommons
from skycommons.base.constants import NS_PER_S
from skycommons.base.errors import CatalogueError, HostError, InputError
from skycommons.model.catalogues import parse_catalogue

if TYPE_CHECKING:
    import httpx

CELESTRAK_URL: Final = "https://celestrak.org/NORAD/elements/gp.php"
WAIT_S: Final = 7200.0  # "Usage Policy": data are updated every two hours at the most

_CONNECT_S: Final = 10.0
_READ_S: Final = 60.0
_DEADLINE_S: Final = 300.0
_MAX_BYTES: Final = 256 * 2**20
_GROUP: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_UNCHANGED: Final = re.compile(rb"has not (?:been )?updated since", re.IGNORECASE)
_EXCERPT: Final = 80


class GpFormat(StrEnum):
    """Forms of a catalogue that CelesTrak offers; only the first four can name objects above 69999."""

    JSON = "json"
    CSV = "csv"
    XML = "xml"
    KVN = "kvn"
    TLE = "tle"


class FetchSource(StrEnum):
    """Where the catalogue came from."""

    CACHED = "cached"
    FETCHED = "fetched"
    NOT_MODIFIED = "not-modified"


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchResult:
    """A catalogue on this machine.

    Attributes:
        path: The file.
        source: Where it came from.
        age_s: Time since CelesTrak last confirmed it.
    """

    path: Path
    source: FetchSource
    age_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Memory:
    """What is known of earlier queries; kept beside the catalogue."""

    url: str
    checked_ns: int | None = None
    etag: str = ""
    last_modified: str = ""
    refused_ns: int | None = None
    refusal: str = ""


class _Answer(NamedTuple):
    status: int
    etag: str
    last_modified: str
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shelf:
    """The place of one catalogue in the cache."""

    path: Path
    url: str
    now_ns: int

    @property
    def memory_path(self) -> Path:
        return self.path.with_name(self.path.name + ".meta.json")

    def recall(self) -> _Memory:
        """What was noted; nothing when the note is missing, damaged or about another address."""
        try:
            memory = _Memory(**json.loads(self.memory_path.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return _Memory(url=self.url)
        return memory if memory.url == self.url else _Memory(url=self.url)

    def note(self, memory: _Memory) -> None:
        _write(self.memory_path, json.dumps(asdict(memory), indent=2).encode())

    def is_recent(self, time_ns: int | None) -> bool:
        """Whether an instant lies in the last two hours; one in the future, after a clock was set back, does not."""
        return time_ns is not None and 0 <= self.now_ns - time_ns < WAIT_S * NS_PER_S

    def copy_at_hand(self) -> str:
        """For messages: the copy that can be used meanwhile."""
        return f"; the copy of an earlier query is at {self.path}" if self.path.exists() else ""


def fetch_group(
    group: str,
    *,
    cache_dir: Path,
    data_format: GpFormat = GpFormat.JSON,
    base_url: str = CELESTRAK_URL,
    now_ns: int | None = None,
    client: "httpx.Client | None" = None,
) -> FetchResult:
    """The newest catalogue of a CelesTrak group, from the cache where it is young enough.

    Args:
        group: CelesTrak's name of a group, such as ``starlink``, ``oneweb`` or ``kuiper``.
        cache_dir: Folder for catalogues; made when missing.
        data_format: Form of the catalogue.
        base_url: Address of the query interface.
        now_ns: The present, UTC unix ns; by default the machine's clock.
        client: HTTP client to use, for tests and proxies.

    Raises:
        InputError: The group's name cannot be one.
        HostError: CelesTrak cannot be reached, refuses, refused less than two hours ago, or sends no catalogue.
    """
    if not _GROUP.fullmatch(group):
        raise InputError(f"group {group!r}: a CelesTrak group has letters, digits and hyphens, such as starlink")
    shelf = _Shelf(
        path=cache_dir / f"{group.lower()}.{data_format.value}",
        url=f"{base_url}?GROUP={group.lower()}&FORMAT={data_format.value.upper()}",
        now_ns=time.time_ns() if now_ns is None else now_ns,
    )
    try:
        return _fetch(shelf, client)
    except OSError as error:
        raise HostError(f"cannot use the cache {cache_dir}: {(error.strerror or str(error)).lower()}") from None


def _fetch(shelf: _Shelf, client: "httpx.Client | None") -> FetchResult:
    """Ask, unless it is too early, and keep the answer."""
    memory = shelf.recall()
    at_hand = shelf.path.exists()
    if at_hand and memory.checked_ns is not None and shelf.is_recent(memory.checked_ns):
        age_s = (shelf.now_ns - memory.checked_ns) / NS_PER_S
        return FetchResult(path=shelf.path, source=FetchSource.CACHED, age_s=age_s)
    if memory.refused_ns is not None and shelf.is_recent(memory.refused_ns):
        left_s = WAIT_S - (shelf.now_ns - memory.refused_ns) / NS_PER_S
        raise HostError(
            f"{memory.refusal} That was less than two hours ago; to be polite, nothing is asked again for another "
            f"{math.ceil(left_s / 60.0)} minutes{shelf.copy_at_hand()}"
        )
    answer = _ask(shelf, memory if at_hand else _Memory(url=shelf.url), client)
    if at_hand and (answer.status == HTTPStatus.NOT_MODIFIED or _UNCHANGED.search(answer.body[:1000])):
        shelf.note(replace(memory, checked_ns=shelf.now_ns, refused_ns=None, refusal=""))
        return FetchResult(path=shelf.path, source=FetchSource.NOT_MODIFIED, age_s=0.0)
    refusal = _refusal(answer, shelf.url)
    if refusal:
        shelf.path.parent.mkdir(parents=True, exist_ok=True)
        shelf.note(replace(memory, refused_ns=shelf.now_ns, refusal=refusal))
        raise HostError(f"{refusal} Nothing is asked again for two hours{shelf.copy_at_hand()}")
    shelf.path.parent.mkdir(parents=True, exist_ok=True)
    _write(shelf.path, answer.body)
    shelf.note(_Memory(url=shelf.url, checked_ns=shelf.now_ns, etag=answer.etag, last_modified=answer.last_modified))
    return FetchResult(path=shelf.path, source=FetchSource.FETCHED, age_s=0.0)


def _refusal(answer: _Answer, url: str) -> str:
    """Why an answer is no catalogue, as a sentence; empty when it is one."""
    said = " ".join(answer.body[:400].decode("utf-8", errors="replace").split())[:_EXCERPT]
    if answer.status != HTTPStatus.OK:
        words: dict[int, str] = {
            HTTPStatus.FORBIDDEN: "refuses the query: this address asked too often, or has the newest data already",
            HTTPStatus.NOT_FOUND: "knows no such group or has no data in this form",
        }
        return f"{url} {words.get(answer.status, 'gives no data')} (HTTP {answer.status}: {said!r})."
    try:
        catalogue = parse_catalogue(answer.body, url)
    except CatalogueError:
        return f"{url} answers with something else than a catalogue: {said!r}."
    if len(catalogue.faults) > len(catalogue):
        return f"{url} answers with a damaged catalogue: {catalogue.faults[0]}."
    return ""


def _ask(shelf: _Shelf, memory: _Memory, client: "httpx.Client | None") -> _Answer:
    """One query."""
    import httpx

    headers = {"User-Agent": f"skycommons/{skycommons.__version__} (one query per group in two hours)"}
    if memory.etag:
        headers["If-None-Match"] = memory.etag
    if memory.last_modified:
        headers["If-Modified-Since"] = memory.last_modified
    timeout = httpx.Timeout(_READ_S, connect=_CONNECT_S)
    try:
        with nullcontext(client) if client else httpx.Client() as session:
            with session.stream("GET", shelf.url, headers=headers, timeout=timeout, follow_redirects=False) as reply:
                body = _bounded(reply, shelf)
            return _Answer(
                reply.status_code, reply.headers.get("etag", ""), reply.headers.get("last-modified", ""), body
            )
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise HostError(
            f"cannot fetch {shelf.url}: {str(error) or type(error).__name__}; is this machine online?"
            f"{shelf.copy_at_hand()}"
        ) from None


def _bounded(reply: "httpx.Response", shelf: _Shelf) -> bytes:
    """The body, unless it is too large or too slow."""
    end_s = time.monotonic() + _DEADLINE_S
    parts: list[bytes] = []
    size = 0
    for part in reply.iter_bytes():
        parts.append(part)
        size += len(part)
        if size > _MAX_BYTES:
            raise HostError(f"{shelf.url} sends more than {_MAX_BYTES // 2**20} MB{shelf.copy_at_hand()}")
        if time.monotonic() > end_s:
            raise HostError(f"{shelf.url} takes longer than {_DEADLINE_S:.0f} s{shelf.copy_at_hand()}")
    return b"".join(parts)


def _write(path: Path, data: bytes) -> None:
    """Write a file in one step: readers see the old one or the new one."""
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as draft:
        try:
            draft.write(data)
            draft.flush()
            os.fsync(draft.fileno())
            Path(draft.name).replace(path)
        except OSError:
            Path(draft.name).unlink(missing_ok=True)
            raise
