"""The service as a whole: what it writes, what it refuses, and what it finds when it is opened."""

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from skycommons.base.errors import InputError, ProofError, RollbackError, RulingError
from skycommons.governance.bundles import parse_bundle
from skycommons.governance.decisions import Effect, LegalBasis
from skycommons.governance.entries import Entry, Kind
from skycommons.governance.member_keys import sign_entry
from skycommons.governance.operator_entries import Snapshot
from skycommons.governance.policy import RuleName, default_policy
from skycommons.governance.states import State
from skycommons.governance.verify import service_map_result
from skycommons.governance.votes import Verdict
from skycommons.governance.words import Basis
from skycommons.store.records import Secret
from skycommons.store.service import Service
from tests.support.commons import BEGIN_S, DAY_S, HOUR_S, ISLAND, roster_of
from tests.support.services import ORDER, Stage, seat_key

APPROVERS = ("ops-2", "legal-2", "watch-1", "aid-1")


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    """A service that has just begun."""
    return Stage(tmp_path / "service")


def test_a_decision_goes_its_way_and_its_bundle_verifies_elsewhere(stage: Stage) -> None:
    """Asked, approved by three roles, waited for, applied, announced, enforced; then anybody can check it."""
    digest = stage.propose("ops-1", stage.proposal(Effect.REDUCE))
    stage.approve(digest, *APPROVERS)
    assert stage.service.record(digest).state == State.QUEUED
    assert not stage.settle(60).moves
    settled = stage.settle(72 * HOUR_S)
    assert [(move.digest, move.before, move.after) for move in settled.moves] == [
        (digest, State.QUEUED, State.APPLYING)
    ]
    assert settled
    assert (settled.map_version, settled.now_s) == (1, stage.now_s)
    stage.service.acknowledge(digest)
    assert stage.settle(60)
    bundle = parse_bundle(stage.service.bundle())
    trust = stage.service.layout.read_trust()
    report = service_map_result(bundle.manifest, bundle, trust, now_s=stage.now_s)
    assert report, report.refusals
    assert report.ledger is not None
    assert report.ledger.state.decisions[digest].state == State.EFFECTIVE


def test_the_same_entry_again_gets_the_same_place(stage: Stage) -> None:
    """Whoever does not know whether it arrived says it again."""
    draft = stage.service.draft_decision(stage.proposal(Effect.REDUCE), by="ops-1")
    signed = sign_entry(draft.entry, seat_key("ops-1"))
    first = stage.service.say(signed, blobs=draft.blobs)
    again = stage.service.say(signed.encode())
    assert (first.index, first.digest) == (again.index, again.digest) == (1, signed.digest)
    assert stage.service.ledger.size == 2


def test_what_is_against_the_rules_is_refused_and_not_written(stage: Stage) -> None:
    """The requester approves its own decision; the log does not grow."""
    digest = stage.propose("ops-1", stage.proposal(Effect.REDUCE))
    with pytest.raises(RulingError, match=r"not written: ops-1 made the request and may not vote"):
        stage.vote("ops-1", digest, Verdict.APPROVE)
    assert stage.service.ledger.size == 2


def test_an_entry_that_names_what_is_not_there_is_refused(stage: Stage) -> None:
    """It would stop every reader of the log."""
    draft = stage.service.draft_decision(stage.proposal(Effect.REDUCE), by="ops-1")
    receipt = stage.service.hear(sign_entry(draft.entry, seat_key("ops-1")))
    assert not receipt
    assert "is missing" in receipt.why


def test_a_single_seat_changes_nothing(stage: Stage) -> None:
    """Not by asking, not by voting, not by waiting."""
    digest = stage.propose("ops-1", stage.proposal(Effect.REDUCE))
    stage.vote("aid-1", digest, Verdict.APPROVE)
    stage.settle(60)
    stage.settle(15 * DAY_S)
    assert stage.service.record(digest).state == State.LAPSED
    assert stage.service.state.map_version == 0


def test_an_emergency_takes_effect_at_once_and_ends_by_itself(stage: Stage) -> None:
    """Two seats of different roles; the end stands in the map and comes without them."""
    emergency = replace(
        stage.proposal(Effect.REDUCE),
        rule=RuleName.EMERGENCY_REDUCE,
        ends_at=0,
        basis=LegalBasis(type=Basis.INTERFERENCE, ref="measured"),
    )
    digest = stage.propose("ops-1", emergency)
    stage.vote("ops-1", digest, Verdict.APPROVE)
    stage.vote("legal-2", digest, Verdict.APPROVE)
    settled = stage.settle(30)
    assert stage.service.record(digest).state == State.EMERGENCY_EFFECTIVE
    assert settled.map_version == 1
    stage.settle(6 * HOUR_S)
    assert stage.service.record(digest).state == State.REVIEW_OPEN
    assert stage.service.state.layers == ()


def test_an_addition_ends_with_its_licence(stage: Stage) -> None:
    """Which end it has need not be said."""
    stage.register_licence(valid_s=50 * DAY_S)
    digest = stage.propose("ops-1", stage.proposal(Effect.ADD))
    assert stage.service.record(digest).decision.ends_at == BEGIN_S + 50 * DAY_S


def test_a_change_of_the_roster_is_drafted_and_takes_effect(stage: Stage) -> None:
    """By the old and the new seats, a week later."""
    draft = stage.service.draft_change(roster_of(2), by="ops-1", title="another year", basis=ORDER)
    digest = stage.service.say(sign_entry(draft.entry, seat_key("ops-1")), blobs=draft.blobs).digest
    stage.approve(digest, "ops-2", "legal-2", "watch-1", "watch-2", "aid-1")
    stage.settle(60)
    stage.settle(7 * DAY_S)
    assert stage.service.state.roster.epoch == 2


def test_a_new_policy_is_drafted_as_the_next_version(stage: Stage) -> None:
    """It waits like everything that governs."""
    draft = stage.service.draft_change(replace(default_policy(), version=2), by="ops-1", title="p", basis=ORDER)
    digest = stage.service.say(sign_entry(draft.entry, seat_key("ops-1")), blobs=draft.blobs).digest
    assert stage.service.record(digest).decision.not_before_delay_s == 7 * DAY_S


def test_an_idle_log_is_witnessed_without_growing(stage: Stage) -> None:
    """Its checkpoint is fresh; its clock is told once an hour."""
    stage.settle(60)
    size = stage.service.ledger.size
    settled = stage.settle(60)
    assert settled
    assert stage.service.ledger.size == size
    stage.settle(2 * HOUR_S)
    assert stage.service.ledger.size == size + 1


def test_without_witnesses_the_clock_stands_still(stage: Stage) -> None:
    """The log grows, but no waiting time ends."""
    digest = stage.propose("ops-1", stage.proposal(Effect.REDUCE))
    stage.service.close()
    with Service.open(stage.folder, clock=stage.clock) as alone:
        assert not alone.settle()
        assert alone.state.now_s == 0
        assert alone.record(digest).opened_at_s == 0


def test_what_is_open_closes(stage: Stage) -> None:
    """A second program reads the same."""
    stage.propose("ops-1", stage.proposal(Effect.REDUCE))
    stage.reopen()
    assert stage.service.ledger.size == 2
    assert stage.service.origin == "commons.example/decisions"


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        (
            "UPDATE projection SET value = replace(value, 'open', 'effective') WHERE subject LIKE 'decision/%'",
            "decision/",
        ),
        ('DELETE FROM entries WHERE "index" = 1', "entry|size|head"),
        ("UPDATE entries SET kind = 'vote' WHERE \"index\" = 1", "entry 1, kind"),
    ],
)
def test_a_row_that_somebody_edited_is_named_and_the_service_does_not_open(
    stage: Stage, statement: str, told: str
) -> None:
    """Even if whoever did it took the guards away and put them back."""
    stage.propose("ops-1", stage.proposal(Effect.REDUCE))
    stage.service.close()
    with sqlite3.connect(stage.folder / "service.db") as connection:
        guards = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in guards:
            connection.execute(f'DROP TRIGGER "{name}"')
        connection.execute(statement)
        for _, guard in guards:
            connection.execute(guard)
    connection.close()
    with pytest.raises(ProofError, match=rf"(?s)does not say what its log says.*({told})"):
        stage.open()


def test_a_database_from_an_old_copy_is_refused(stage: Stage) -> None:
    """The head that was signed is ahead of it."""
    stage.service.close()
    old = (stage.folder / "service.db").read_bytes()
    stage.service = stage.open()
    stage.propose("ops-1", stage.proposal(Effect.REDUCE))
    stage.service.close()
    for name in ("service.db-wal", "service.db-shm"):
        (stage.folder / name).unlink(missing_ok=True)
    (stage.folder / "service.db").write_bytes(old)
    with pytest.raises(RollbackError, match="old copy"):
        stage.open()


def test_a_witness_that_saw_more_stops_a_restored_service(stage: Stage, tmp_path: Path) -> None:
    """Even if the whole folder is an old copy."""
    import shutil

    stage.service.close()
    shutil.copytree(stage.folder, tmp_path / "old")
    stage.service = stage.open()
    stage.propose("ops-1", stage.proposal(Effect.REDUCE))
    stage.settle(60)
    stage.service.close()
    with pytest.raises(RollbackError):
        Service.open(tmp_path / "old", witnesses=stage.witnesses, clock=stage.clock)


@pytest.mark.parametrize(
    "point", ["judged", "entries written", "head swapped", "committed", "tiles written", "signed", "published"]
)
def test_whoever_is_stopped_anywhere_begins_again_with_before_or_after(stage: Stage, point: str) -> None:
    """What was acknowledged is there; what was not is there whole, or not at all."""

    class StoppedError(Exception):
        """The plug is pulled."""

    def pull(stage_name: str) -> None:
        if stage_name == point:
            raise StoppedError

    draft = stage.service.draft_decision(stage.proposal(Effect.REDUCE), by="ops-1")
    signed = sign_entry(draft.entry, seat_key("ops-1"))
    stage.service.close()
    doomed = Service.open(stage.folder, witnesses=stage.witnesses, clock=stage.clock, reached=pull)
    with pytest.raises(StoppedError):
        doomed.say(signed, blobs=draft.blobs)
    doomed.close()
    stage.service = stage.open()
    assert stage.service.ledger.size in {1, 2}
    assert stage.service.say(signed, blobs=draft.blobs).index == 1


def test_an_empty_service_is_none(stage: Stage) -> None:
    """A database without its first entry was emptied."""
    stage.service.close()
    for path in stage.folder.glob("service.db*"):
        path.unlink()
    with pytest.raises(ProofError, match="first entry is missing"):
        stage.open()


def test_the_operator_cannot_announce_another_map(stage: Stage) -> None:
    """Its own entries are judged like everybody's."""
    body = Snapshot(map_version=7, map_sha256="a" * 64, previous_sha256="").to_json()
    receipt = stage.service.hear(Entry(kind=Kind.SNAPSHOT, origin=stage.service.origin, by="", body=body))
    assert "another service map" in receipt.why


def test_only_what_is_applied_can_be_acknowledged(stage: Stage) -> None:
    """And only what there is."""
    digest = stage.propose("ops-1", stage.proposal(Effect.REDUCE))
    with pytest.raises(RulingError, match="being applied"):
        stage.service.acknowledge(digest)
    with pytest.raises(InputError, match="no decision of this log"):
        stage.service.acknowledge("f" * 64)


def test_a_secret_stays_in_the_database(stage: Stage) -> None:
    """Nothing of it is public."""
    secret = Secret(domain="skycommons/sealed/v1", salt=b"s" * 32, document=b"{}")
    name = stage.service.keep_secret(secret)
    assert stage.service.secret(name) == secret
    assert stage.service.secret("0" * 64) is None


def test_a_damaged_entry_in_the_public_folder_is_found_before_it_is_handed_out(stage: Stage) -> None:
    """A bundle is made of what is published, and checked against the checkpoint."""
    stage.propose("ops-1", stage.proposal(Effect.REDUCE))
    path = next(stage.folder.glob("log/tile/entries/000.p/2"))
    data = bytearray(path.read_bytes())
    data[-40] ^= 1
    path.write_bytes(bytes(data))
    with pytest.raises((ProofError, InputError)):
        stage.service.bundle()


def test_a_blob_is_read_by_its_hash(stage: Stage) -> None:
    """The list of cells of a decision."""
    digest = stage.propose("ops-1", stage.proposal(Effect.REDUCE))
    scope = stage.service.record(digest).decision.scope
    assert stage.service.blob(scope.cells_sha256).decode().split() == sorted(ISLAND)
