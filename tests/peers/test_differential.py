"""The same random questions to Go's implementation of logs and to ours; `make differential` asks a million."""

from collections.abc import Iterator

import pytest

from scripts import differential
from skycommons.governance.merkle import ProofVerdict
from tests.support.go_peer import GoPeer, build
from tests.support.programs import needed


@pytest.fixture(scope="module")
def peer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GoPeer]:
    """The peer, compiled and running."""
    with GoPeer(build(needed("go"), tmp_path_factory.mktemp("go") / "peer")) as running:
        yield running


def test_both_answer_the_same(peer: GoPeer) -> None:
    """20,000 cases; each kind is accepted often and refused often, and no reason to be stricter swallows many."""
    counted, differences = differential.compare(peer, cases=20_000, seed=2)
    assert differences == []
    assert sum(counted.values()) == 20_000
    for kind in ("inclusion", "consistency", "note", "key", "head", "path"):
        assert counted[f"{kind}: accepted"] > 200
        assert counted[f"{kind}: refused"] > 200
    assert sum(count for name, count in counted.items() if "stricter" in name) < 300


def test_a_reader_that_takes_everything_is_found_out(peer: GoPeer, monkeypatch: pytest.MonkeyPatch) -> None:
    """So the comparison compares."""
    monkeypatch.setattr(differential, "inclusion_result", lambda *_, **__: ProofVerdict())
    _, differences = differential.compare(peer, cases=500, seed=3)
    assert {str(one.case.question["kind"]) for one in differences} == {"inclusion"}
    assert all(one.theirs is None for one in differences)


def test_a_writer_of_wrong_proofs_is_found_out(peer: GoPeer, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader that agrees with its own writer proves nothing; the peer does."""
    monkeypatch.setattr(differential, "inclusion_proof", lambda *_, **__: (bytes(32),))
    monkeypatch.setattr(
        differential, "inclusion_result", lambda *_, proof, **__: ProofVerdict(fault="" if proof else "no")
    )
    assert differential.compare(peer, cases=500, seed=3)[1]
