"""Everything that can be wrong with a log's folder is found, and what is right is not."""

import os
import random
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from skycommons.governance.canonical import Json, canonical_bytes
from skycommons.governance.notes import Note
from skycommons.governance.witness_policy import parse_policy
from skycommons.store.fsck import Audience, LogReport, check_log, named_blobs
from skycommons.store.log_writer import sign_head
from tests.support.logs import LOG, STRANGER, TIME_S, WITNESS, entries_of, head_of, signed_head
from tests.support.written_logs import SIGNERS, Entries, audience_of, cosigned, files_of, policy_of, writer_of

CELLS = b"851f8003fffffff\n"
SIZE = 300


def decision(cells: str, **body: Json) -> dict[str, Json]:
    """As much of a decision as names something."""
    return {"kind": "decision", "body": {"scope": {"cells_sha256": cells}, "preview_sha256": "", **body}}


def log_in(folder: Path) -> None:
    """A log of 300 entries with its blob, witnessed, grown in steps so that there are partial tiles of earlier sizes."""
    source, writer = Entries(), writer_of(folder)
    name = files_of(folder).write_blob(CELLS)
    source.add(canonical_bytes(decision(name)))
    source.kept += entries_of(SIZE)[1:]
    whole = source.kept
    for size in (1, 270, 280, SIZE):
        note = writer.publish(Entries(whole[:size]))
    report = check_log(files_of(folder))
    assert report.head is not None
    writer.add_cosignatures(cosigned(note, report.head))


def check(folder: Path) -> LogReport:
    """By the lights of somebody who trusts the log and both witnesses."""
    return check_log(files_of(folder), audience=audience_of())


def said(report: LogReport) -> list[str]:
    """The findings as lines."""
    return [str(finding) for finding in report.findings]


def test_a_sound_log_has_no_findings(tmp_path: Path) -> None:
    """And the report says what was looked at."""
    log_in(tmp_path)
    report = check(tmp_path)
    assert report
    assert (report.entries, report.orphans, report.age_s, report.is_judged) == (SIZE, (), 60, True)
    assert report.files == len(list(files_of(tmp_path).paths()))
    assert any(".p/14" in path for path in files_of(tmp_path).paths()), "a partial tile of an earlier size lies there"


def test_without_a_policy_signatures_are_not_judged(tmp_path: Path) -> None:
    """The report says so."""
    log_in(tmp_path)
    assert check_log(files_of(tmp_path)).is_judged is False


@pytest.fixture
def unflushed(monkeypatch: pytest.MonkeyPatch) -> None:
    """For large logs, where nothing is said about crashes."""
    monkeypatch.setattr(os, "fsync", lambda place: None)


@pytest.mark.usefixtures("unflushed")
@pytest.mark.parametrize("size", [0, 1, 256, 512, 65_600])
def test_logs_of_all_shapes_are_sound(tmp_path: Path, size: int) -> None:
    """Also empty ones, and those with full tiles of a higher level."""
    writer_of(tmp_path).publish(Entries.of(size))
    report = check_log(files_of(tmp_path))
    assert (said(report), report.entries) == ([], size)


def flip_in(path: Path, bit: int) -> None:
    """Flip one bit of a file."""
    data = bytearray(path.read_bytes())
    data[bit // 8] ^= 1 << bit % 8
    path.write_bytes(data)


def test_every_flipped_bit_is_found(tmp_path: Path) -> None:
    """Tiles, bundles, blobs and the checkpoint with all its signatures; drawn by a fixed seed, each file more than once."""
    log_in(tmp_path)
    draw = random.Random(5)
    missed = []
    for path in files_of(tmp_path).paths():
        file = tmp_path / "log" / path
        for _ in range(60 if path == "checkpoint" else 12):
            bit = draw.randrange(8 * file.stat().st_size)
            flip_in(file, bit)
            if check(tmp_path):
                missed.append((path, bit))
            flip_in(file, bit)
    assert missed == []
    assert check(tmp_path)


def test_every_file_that_is_missing_is_found(tmp_path: Path) -> None:
    """Partial files of earlier sizes apart, which may go at any time."""
    log_in(tmp_path)
    for path in (
        "checkpoint",
        "tile/0/000",
        "tile/entries/000",
        "tile/1/000.p/1",
        "tile/0/001.p/44",
        f"blob/{sha256(CELLS).hexdigest()}",
    ):
        file = tmp_path / "log" / path
        data = file.read_bytes()
        file.unlink()
        report = check(tmp_path)
        assert not report
        assert any("missing" in finding for finding in said(report)), path
        file.write_bytes(data)
    (tmp_path / "log/tile/0/001.p/14").unlink()
    assert check(tmp_path)


def test_all_findings_are_told_at_once(tmp_path: Path) -> None:
    """A missing bundle, a damaged tile, a file too many, and a blob that is something else."""
    log_in(tmp_path)
    log = tmp_path / "log"
    (log / "tile/entries/001.p/44").unlink()
    flip_in(log / "tile/1/000.p/1", 7)
    (log / "index.html").write_text("hello")
    (log / "blob" / sha256(CELLS).hexdigest()).write_text("other")
    (log / "blob/notes.txt").write_text("hello")
    places = {finding.place for finding in check(tmp_path).findings}
    assert places == {
        "tile/entries/001.p/44",
        "tile/1/000.p/1",
        "index.html",
        f"blob/{sha256(CELLS).hexdigest()}",
        "blob/notes.txt",
        *(f"tile/entries/001.p/{width}" for width in (14, 24)),
    }


def test_the_entry_that_differs_is_named(tmp_path: Path) -> None:
    """An entry that was changed keeps its place but not its hash."""
    log_in(tmp_path)
    path = tmp_path / "log/tile/entries/000"
    path.write_bytes(path.read_bytes().replace(b'{"i":77}', b'{"i":78}'))
    assert said(check(tmp_path)) == [
        "tile/0/000: holds another hash for the entry 77",
        "tile/1/000.p/1: holds other hashes than the entries lead to",
        "checkpoint: the entries do not lead to its root",
    ]


@pytest.mark.usefixtures("unflushed")
def test_without_entries_and_hashes_the_root_is_not_known(tmp_path: Path) -> None:
    """Which is said; what stands elsewhere is still compared. In a larger log, a higher tile stands in for them."""
    writer_of(tmp_path).publish(Entries.of(65_800))
    for index in ("000", "257"):
        for kind in ("0", "entries"):
            path = tmp_path / "log/tile" / kind / index
            (path if path.exists() else next(Path(f"{path}.p").iterdir())).unlink()
    report = check_log(files_of(tmp_path))
    assert any("root could not be checked" in finding for finding in said(report))
    assert {finding.place for finding in report.findings} == {
        *("checkpoint", "tile/0/000", "tile/entries/000", "tile/0/257.p/8", "tile/entries/257.p/8"),
    }


def test_a_file_beyond_the_checkpoint_is_told(tmp_path: Path) -> None:
    """A writer that was stopped leaves some, and mends it when it starts again."""
    log_in(tmp_path)
    (tmp_path / "log/tile/0/001.p/45").write_bytes(b"\x00" * 45 * 32)
    (tmp_path / "log/tile/3").mkdir()
    (tmp_path / "log/tile/3/000").write_bytes(b"")
    assert said(check(tmp_path)) == [
        "tile/0/001.p/45: lies beyond the checkpoint; was the writer stopped?",
        "tile/3/000: lies beyond the checkpoint; was the writer stopped?",
    ]


def test_a_log_that_grows_meanwhile_is_sound(tmp_path: Path) -> None:
    """The files are those of a later checkpoint than the one that was read first."""
    writer_of(tmp_path).publish(Entries.of(5))
    calls: list[bytes] = []

    def grow(entry: bytes) -> tuple[str, ...]:
        if not calls:
            writer_of(tmp_path).publish(Entries.of(9))
        calls.append(entry)
        return ()

    assert said(check_log(files_of(tmp_path), blobs_of=grow)) == []


def policy_without_quorum() -> Audience:
    """Somebody who trusts the log alone."""
    return Audience(policy=parse_policy(f"log {LOG.verifier.vkey}\nquorum none\n".encode()), now_s=TIME_S, is_open=True)


@pytest.mark.parametrize(
    ("audience", "findings"),
    [
        (audience_of(now_s=TIME_S + 3_600), []),
        (
            audience_of(now_s=TIME_S + 3_601),
            ["checkpoint: a quorum saw it 3,601 s ago; it is to be seen every 3,600 s"],
        ),
        (audience_of(now_s=TIME_S + 99_999, max_age_s=None), []),
        (policy_without_quorum(), []),
    ],
    ids=["fresh", "stale", "any age", "no quorum"],
)
def test_freshness_is_that_of_the_quorum(tmp_path: Path, audience: Audience, findings: list[str]) -> None:
    """The checkpoint is to be seen by witnesses again and again, also when nothing is new."""
    log_in(tmp_path)
    assert said(check_log(files_of(tmp_path), audience=audience)) == findings


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda: sign_head(head_of(5), SIGNERS), "quorum both is not met"),
        (lambda: cosigned(sign_head(head_of(5), SIGNERS), head_of(5), witnesses=[WITNESS]), "1 of the 2"),
        (
            lambda: cosigned(signed_head(5), head_of(5), witnesses=[STRANGER]),
            "stranger.example with a key that the policy",
        ),
        (lambda: cosigned(signed_head(5), head_of(6)), "the signature of witness.example/w1 is wrong"),
    ],
    ids=["nobody", "too few", "stranger", "wrong"],
)
def test_a_checkpoint_that_is_not_witnessed_is_told(tmp_path: Path, change: Callable[[], Note], message: str) -> None:
    """By the policy of whoever looks."""
    writer_of(tmp_path).publish(Entries.of(5))
    note = change()
    (tmp_path / "log/checkpoint").write_bytes(note.encode())
    assert any(message in finding for finding in said(check(tmp_path)))


def test_strangers_are_passed_over_if_asked(tmp_path: Path) -> None:
    """A reader's policy may be smaller than the log's."""
    writer = writer_of(tmp_path)
    note = writer.publish(Entries.of(5))
    writer.add_cosignatures(cosigned(cosigned(note, head_of(5)), head_of(5), witnesses=[STRANGER]))
    assert not check(tmp_path)
    assert check_log(files_of(tmp_path), audience=audience_of(is_open=True))


def test_a_log_that_nobody_trusts_is_told(tmp_path: Path) -> None:
    """The policy names another one."""
    log_in(tmp_path)
    other = parse_policy(b"quorum none\n")
    report = check_log(files_of(tmp_path), audience=Audience(policy=other, now_s=TIME_S, is_open=True))
    assert said(report) == ["checkpoint: no key that is trusted for log.example/small signed it"]
    assert policy_of().logs


def test_a_folder_that_is_no_log_is_told(tmp_path: Path) -> None:
    """One finding, and blobs are still looked at."""
    files_of(tmp_path).write_blob(CELLS)
    report = check(tmp_path)
    assert said(report) == ["checkpoint: is missing; is this the folder of a log?"]
    assert (report.head, report.orphans) == (None, (sha256(CELLS).hexdigest(),))
    (tmp_path / "log/checkpoint").write_text("hello")
    assert len(said(check(tmp_path))) == 1


def test_blobs_that_nobody_names_are_counted(tmp_path: Path) -> None:
    """They are no damage: an entry may have been refused after its blob was kept."""
    log_in(tmp_path)
    name = files_of(tmp_path).write_blob(b"nobody's")
    report = check(tmp_path)
    assert report
    assert report.orphans == (name,)


@pytest.mark.parametrize(
    ("entry", "named"),
    [
        (decision("c"), ("c",)),
        (decision("c", preview_sha256="p", change_sha256="d"), ("c", "p", "d")),
        (decision("", preview_sha256=5), ()),
        ({"kind": "licence", "body": {"cells_sha256": "c"}}, ("c",)),
        ({"kind": "request", "body": {"area": {"cells_sha256": "c"}}}, ()),
        ({"kind": "decision", "body": {}}, ()),
        ([], ()),
    ],
)
def test_what_an_entry_needs_is_named(entry: Json, named: tuple[str, ...]) -> None:
    """That of requests may be anywhere; what is empty or no document names nothing."""
    assert named_blobs(canonical_bytes(entry)) == named


def test_what_is_no_document_names_nothing() -> None:
    """The ledger judges it."""
    assert named_blobs(b"\xff") == ()


def test_what_a_request_names_is_no_orphan(tmp_path: Path) -> None:
    """Nor is it missing, if nobody here has it."""
    name = files_of(tmp_path).write_blob(CELLS)
    entries = [
        canonical_bytes({"kind": "request", "body": {"area": {"cells_sha256": one}}}) for one in (name, "0" * 64)
    ]
    writer_of(tmp_path).publish(Entries(entries))
    report = check_log(files_of(tmp_path))
    assert (said(report), report.orphans) == ([], ())
