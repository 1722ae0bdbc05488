"""What a witness remembers."""

import threading
from dataclasses import replace
from pathlib import Path

import pytest

from skycommons.base.errors import FormatError, RollbackError
from skycommons.governance.notes import Note
from skycommons.serve import witness_store
from skycommons.serve.witness_store import WitnessStore, origin_name
from tests.support.logs import LOG, ORIGIN, head_of, signed_head, witnessed_head


def test_a_log_that_was_never_seen_has_no_head(tmp_path: Path) -> None:
    """Reading makes nothing."""
    store = WitnessStore(tmp_path / "w")
    assert store.latest(ORIGIN) is None
    assert store.published(origin_name(ORIGIN)) is None
    assert not (tmp_path / "w").exists()


def test_a_head_is_kept_and_shown(tmp_path: Path) -> None:
    """It binds before it is shown, and for whoever comes next."""
    store = WitnessStore(tmp_path)
    store.keep(None, signed_head(3))
    assert WitnessStore(tmp_path).latest(ORIGIN) == head_of(3)
    assert store.published(origin_name(ORIGIN)) is None
    store.publish(witnessed_head(3))
    assert (
        store.published(origin_name(ORIGIN)) == (tmp_path / "heads" / origin_name(ORIGIN) / "checkpoint").read_bytes()
    )


def test_a_head_replaces_only_the_one_that_it_was_judged_by(tmp_path: Path) -> None:
    """Of many who were judged by the same one, the first wins."""
    store = WitnessStore(tmp_path)
    store.keep(None, signed_head(1))
    won: list[int] = []

    def keep(size: int) -> None:
        with store.hold(ORIGIN):
            try:
                store.keep(head_of(1), signed_head(size))
                won.append(size)
            except RollbackError:
                pass

    threads = [threading.Thread(target=keep, args=(size,)) for size in range(2, 8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1
    assert store.latest(ORIGIN) == head_of(won[0])


def test_a_damaged_head_is_no_empty_one(tmp_path: Path) -> None:
    """Else a flipped bit would let a log begin again."""
    store = WitnessStore(tmp_path)
    store.keep(None, signed_head(3))
    (tmp_path / "heads" / origin_name(ORIGIN) / "head").write_bytes(b"\x00")
    with pytest.raises(FormatError):
        store.latest(ORIGIN)


@pytest.mark.parametrize("name", ["", "..", "../ed25519.key", "A" * 64, "0" * 63])
def test_a_name_that_is_no_hash_shows_nothing(tmp_path: Path, name: str) -> None:
    """No path leads out of the folder."""
    (tmp_path / "heads").mkdir()
    (tmp_path / "checkpoint").write_bytes(b"secret")
    assert WitnessStore(tmp_path).published(name) is None


def test_evidence_is_kept_once_and_not_without_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """So many forks as convict a log, and no more."""
    monkeypatch.setattr(witness_store, "MAX_FORKS", 2)
    store = WitnessStore(tmp_path)
    store.keep(None, signed_head(3))
    for byte in (1, 1, 2, 3):
        head = replace(head_of(3), root=bytes([byte]) * 32)
        store.keep_fork(Note(text=head.text, signatures=(LOG.sign(head.text),)))
    assert len(store.forks(ORIGIN)) == 2
