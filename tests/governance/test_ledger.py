"""Reading a log from its first entry on."""

from dataclasses import replace

import pytest

from skycommons.base.errors import FormatError, ProofError
from skycommons.governance.canonical import Json
from skycommons.governance.decisions import Effect
from skycommons.governance.entries import Entry, Kind
from skycommons.governance.ledger import Ledger
from skycommons.governance.merkle import leaf_hash, root_of
from skycommons.governance.operator_entries import Effective, Snapshot, Witnessed
from skycommons.governance.states import State
from skycommons.governance.votes import Verdict
from tests.governance.test_ledger_submit import dark, lit
from tests.support.commons import ISLAND, ORIGIN, Commons, trust_of

NOTHING: dict[str, bytes] = {}


def test_two_readers_of_one_log_hold_the_same() -> None:
    """Root, map and every subject."""
    commons = lit()
    commons.in_force(Effect.REDUCE)
    other = Ledger(commons.trust, commons.blobs.get)
    rulings = [other.append(entry) for entry in commons.entries]
    assert all(rulings)
    assert other.root == commons.ledger.root == root_of([leaf_hash(entry) for entry in commons.entries])
    assert other.summary() == commons.ledger.summary()
    assert other.state.manifest == commons.ledger.state.manifest


def test_the_first_entry_is_the_one_that_is_trusted() -> None:
    """Another first entry is another log."""
    commons = Commons()
    other = Ledger(trust_of("ab" * 32), commons.blobs.get)
    with pytest.raises(ProofError, match="not the one that the trust file names"):
        other.append(commons.entries[0])
    with pytest.raises(ProofError, match="the log is empty"):
        _ = other.state


def test_the_first_entry_is_a_genesis() -> None:
    """Whatever the trust file names."""
    entry = Entry(kind=Kind.SNAPSHOT, origin=ORIGIN, by="", body={})
    for data, error in ((entry.encode(), FormatError), (b"{}", FormatError)):
        with pytest.raises(error):
            Ledger(trust_of(leaf_hash(data).hex()), NOTHING.get).append(data)
    snapshot = Snapshot(map_version=0, map_sha256="ab" * 32, previous_sha256="")
    data = Entry(kind=Kind.SNAPSHOT, origin=ORIGIN, by="", body=snapshot.to_json()).encode()
    with pytest.raises(ProofError, match="a genesis, not a snapshot"):
        Ledger(trust_of(leaf_hash(data).hex()), NOTHING.get).append(data)


def test_there_is_one_genesis() -> None:
    """A second is void, even if it says the same."""
    commons = Commons()
    assert commons.append(commons.entries[0]).why in {
        "it stands in the log already",
        "only the first entry is a genesis",
    }
    body = {**commons.ledger.state.genesis.to_json(), "note": "another"}
    ruling = commons.append(Entry(kind=Kind.GENESIS, origin=ORIGIN, by="", body=body).encode())
    assert ruling.why == "only the first entry is a genesis"


def test_rubbish_is_void_and_the_log_goes_on() -> None:
    """Whoever has the log's key may write what they like: it has no effect."""
    commons = lit()
    before = commons.ledger.summary()
    ruling = commons.append(b"rubbish")
    assert not ruling
    assert (ruling.kind, ruling.digest, ruling.changed) == ("", "", ())
    assert commons.ledger.summary() == before
    assert commons.in_force(Effect.REDUCE)


def test_an_entry_for_another_log_is_void() -> None:
    """What was signed there is worth nothing here."""
    commons = lit()
    entry = replace(commons.entry("ops-1", Kind.REQUEST, commons.request()), origin="other.example")
    assert commons.append(entry.encode()).why == "it is for the log other.example"


def test_the_same_entry_counts_once() -> None:
    """A second one is void, also with another signature."""
    commons = lit()
    entry = commons.entry("ops-1", Kind.REQUEST, commons.request())
    assert commons.append(entry.encode())
    assert commons.append(entry.encode()).why == "it stands in the log already"


def test_an_entry_that_was_void_may_come_again_when_it_is_right() -> None:
    """It had no effect, so it is not used up."""
    commons = lit()
    digest = commons.submit("ops-1", commons.decision(Effect.REDUCE)).digest
    vote = commons.vote(digest, Verdict.FAILED, commons.ledger.state.roster.members[0].roles[0])
    entry = commons.entry("ops-1", Kind.VOTE, vote).encode()
    assert not commons.append(entry)
    commons.approve(digest, "ops-2", "legal-2", "watch-1", "aid-1")
    commons.witness(60)
    commons.witness(73 * 3600)
    assert commons.append(entry)


@pytest.mark.parametrize("signer", ["ops-2", "ghost"])
def test_somebody_elses_signature_is_void(signer: str) -> None:
    """Only a key of that very seat counts."""
    commons = lit()
    ruling = commons.say("ops-1", Kind.REQUEST, commons.request(), signer=signer)
    assert not ruling
    assert ruling.kind == "request"


def test_a_changed_body_is_void() -> None:
    """The signature is over all of it."""
    commons = lit()
    entry = commons.entry("ops-1", Kind.REQUEST, commons.request())
    changed = replace(entry, body={**entry.body, "country": "ISL"})
    assert "signature" in commons.append(changed.encode()).why


def test_a_body_in_a_wrong_form_is_void() -> None:
    """With the place of the fault."""
    commons = lit()
    ruling = commons.append(Entry(kind=Kind.SNAPSHOT, origin=ORIGIN, by="", body={"map_version": 1}).encode())
    assert "map_sha256" in ruling.why


def test_a_head_of_another_log_or_of_entries_to_come_tells_no_time() -> None:
    """It must be of these very entries, before itself."""
    commons, other = lit(), dark()
    note = other.note(2).encode().decode()
    assert "it tells of another log" in commons.operator(Kind.WITNESSED, Witnessed(note=note)).why
    longer = lit()
    longer.witness()
    note = longer.note().encode().decode()
    assert "it tells of 4 entries; before it there are 3" in lit().operator(Kind.WITNESSED, Witnessed(note=note)).why
    assert "checkpoint" in commons.operator(Kind.WITNESSED, Witnessed(note="no note\n")).why


def test_a_map_is_announced_as_it_is_and_once() -> None:
    """Another version, hash or previous hash is void."""
    commons = lit()
    commons.in_force(Effect.REDUCE)
    assert commons.announce().why == "it stands in the log already"
    versions = commons.ledger.state.versions
    for body in (
        Snapshot(map_version=2, map_sha256=versions[1], previous_sha256=versions[0]),
        Snapshot(map_version=1, map_sha256=versions[0], previous_sha256=versions[0]),
        Snapshot(map_version=1, map_sha256=versions[1], previous_sha256=""),
    ):
        assert "announces another service map" in commons.operator(Kind.SNAPSHOT, body).why
    first = Commons()
    body = Snapshot(map_version=0, map_sha256=first.ledger.state.versions[0], previous_sha256="")
    assert first.operator(Kind.SNAPSHOT, body).why == "this version is announced already"


def test_enforcement_is_reported_for_what_is_applied() -> None:
    """For the map that it made."""
    commons = lit()
    digest = commons.in_force(Effect.REDUCE)
    wrong = Effective(decision=digest, map_version=1, map_sha256=commons.ledger.state.versions[0])
    assert "names another service map" in commons.operator(Kind.EFFECTIVE, wrong).why
    assert commons.acknowledge(digest)
    assert commons.record(digest).state == State.EFFECTIVE
    again = replace(wrong, map_version=0)
    assert "no decision that is being applied" in commons.operator(Kind.EFFECTIVE, again).why
    nothing = replace(again, decision="ab" * 32)
    assert "no decision that is being applied" in commons.operator(Kind.EFFECTIVE, nothing).why


def test_judging_changes_nothing() -> None:
    """It tells what would become of an entry."""
    commons = lit()
    entry = commons.entry("ops-1", Kind.DECISION, commons.decision(Effect.REDUCE)).encode()
    size, summary = commons.ledger.size, commons.ledger.summary()
    ruling = commons.ledger.judge(entry)
    assert ruling
    assert (commons.ledger.size, commons.ledger.summary()) == (size, summary)
    assert commons.append(entry) == ruling


def test_a_copy_goes_its_own_way() -> None:
    """Also an empty one."""
    commons = lit()
    other = commons.ledger.copy()
    commons.in_force(Effect.REDUCE)
    assert other.size < commons.ledger.size
    assert not other.state.layers
    assert Ledger(commons.trust, NOTHING.get).copy().size == 0


def test_a_ruling_names_what_changed() -> None:
    """So that a database can follow without reading everything."""
    commons = lit()
    ruling = commons.submit("ops-1", commons.decision(Effect.REDUCE))
    assert ruling.changed == (f"decision/{ruling.digest}",)
    assert commons.ledger.value_of(ruling.changed[0]) == commons.ledger.summary()[ruling.changed[0]]
    assert commons.witness().changed == ("clock", f"decision/{ruling.digest}")


def test_changes_that_are_named_are_all_that_change() -> None:
    """Following them gives the summary, entry by entry."""
    commons = lit()
    digest = commons.in_force(Effect.REDUCE)
    commons.acknowledge(digest)
    commons.say("aid-1", Kind.REQUEST, commons.request())
    ledger = Ledger(commons.trust, commons.blobs.get)
    followed: dict[str, Json] = {}
    for entry in commons.entries:
        ruling = ledger.append(entry)
        followed |= {subject: ledger.value_of(subject) for subject in ruling.changed}
        assert followed == ledger.summary()
    assert len(ISLAND) == 6
