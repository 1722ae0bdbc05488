"""A verified map is obeyed as it stands; one that is not verified never is."""

from dataclasses import replace

import numpy as np
import pytest

from skycommons.base.errors import FormatError, InputError, ProofError
from skycommons.governance.bundles import bundle_of
from skycommons.governance.decisions import DecisionKind, Effect, LegalBasis
from skycommons.governance.policy import RuleName
from skycommons.governance.words import Basis
from skycommons.model.service_map import CellState
from skycommons.model.service_timeline import LayerKind
from skycommons.studies.enforcement import causes_of, enforce, obeying, timeline_of
from tests.support.commons import DAY_S, HOUR_S, Commons
from tests.support.service_world import disk, rules, service_scenario, states
from tests.support.signed_maps import AREA, BESIDE, MIDDLE, commons_of_light, emergency, served_world, suspended
from tests.support.tiny_world import tiny_scenario


def tampered(commons: Commons) -> bytes:
    """A bundle of a map that nobody decided, with the true log beside it."""
    bundle = commons.bundle()
    forged = bundle.manifest.replace(b'"default_state":"active"', b'"default_state":"suspended"')
    assert forged != bundle.manifest
    return bundle_of(
        checkpoint=bundle.checkpoint, manifest=forged, entries=bundle.entries, blobs=bundle.blobs.values()
    ).encode()


def test_a_verified_map_is_what_the_log_decided() -> None:
    """Cells, state, protected users, end and decision."""
    commons, digest = suspended()
    found = enforce(commons.bundle().encode(), commons.trust.encode(), now_s=commons.now_s)
    (layer,) = found.timeline.layers
    assert not found.is_last_good
    assert found.refusals == ()
    assert layer.cells.tolist() == disk(1).tolist()
    assert (layer.decision, layer.cell_state) == (digest, CellState.PROTECTED_ONLY)
    assert layer.ends_ns == commons.record(digest).decision.ends_at * 10**9
    assert found.timeline.base.version == commons.ledger.state.map_version
    assert found.decisions[0].title == "reduce 7 cells"
    assert found.log_size == commons.ledger.size


def test_what_was_enforced_is_told() -> None:
    """In JSON and in sentences."""
    commons, digest = suspended(legal_basis=LegalBasis(type=Basis.COURT_ORDER, ref="a test"))
    found = enforce(commons.bundle().encode(), commons.trust.encode(), now_s=commons.now_s)
    told = found.to_json_dict()
    assert told["log_size"] == commons.ledger.size
    assert [witness["name"] for witness in told["witnesses"]] == ["w1", "w2", "w3"]
    assert told["layers"][0]["decision"] == digest
    assert told["layers"][0]["basis"] == "court-order"
    assert told["layers"][0]["ends"].endswith("Z")
    assert found.sentences()[0].startswith("the service map is enforced: version 1")
    assert causes_of(found) == {digest: "GOVERNMENT_DIRECTED"}


def test_an_emergency_ends_in_the_timeline_by_itself() -> None:
    """Nobody writes anything; what lay below it holds again."""
    commons = commons_of_light()
    digest = emergency(commons, lasts_s=600)
    end_s = commons.record(digest).decision.ends_at
    found = enforce(commons.bundle().encode(), commons.trust.encode(), now_s=commons.now_s)
    during, after = (found.timeline.at(time_s * 10**9) for time_s in (end_s - 1, end_s))
    assert set(during.states_of(disk(0)).tolist()) == {CellState.PROTECTED_ONLY}
    assert set(after.states_of(disk(0)).tolist()) == {CellState.ACTIVE}
    assert found.decisions[0].is_emergency
    assert causes_of(found) == {digest: "OPERATOR_DECISION"}


def test_what_a_restore_takes_out_is_gone() -> None:
    """The layer keeps the rest."""
    commons, digest = suspended()
    commons.in_force(Effect.RESTORE, MIDDLE, target=digest)
    found = enforce(commons.bundle().encode(), commons.trust.encode(), now_s=commons.now_s)
    now = found.timeline.at(commons.now_s * 10**9)
    assert set(now.states_of(disk(0)).tolist()) == {CellState.ACTIVE}
    assert sum(len(layer.cells) for layer in found.timeline.layers) == 6


def test_layers_of_groups_name_whom_they_concern() -> None:
    """A scenario may lack them, which is told."""
    commons = commons_of_light()
    decision = commons.decision(Effect.REDUCE, rule=RuleName.SUSPEND_GROUP, kind=DecisionKind.CUSTOMER_GROUP)
    scope = replace(
        decision.scope, groups=("zurich", "nobody"), cells_sha256="", cells_count=0, h3_res=0, h3_version=""
    )
    preview = commons.put(b"unused")
    assert preview
    decision = replace(decision, scope=replace(scope, border=decision.scope.border.NONE), preview_sha256="")
    decision = replace(decision, preview_sha256=commons.put(commons.preview(decision).encode()))
    digest = commons.submit("ops-1", decision).digest
    commons.approve(digest, "ops-2", "legal-2", "watch-1")
    commons.witness(60)
    commons.witness(decision.not_before_delay_s)
    commons.announce()
    found = enforce(commons.bundle().encode(), commons.trust.encode(), now_s=commons.now_s)
    assert [(layer.kind, layer.groups) for layer in found.timeline.layers] == [
        (LayerKind.CUSTOMER_GROUP, ("zurich", "nobody"))
    ]
    told, notes = obeying(served_world(), found)
    assert notes == (f"decision {digest[:16]}…: nobody in the scenario is of nobody",)
    assert told.service is not None
    assert told.service.layers == found.timeline.layers


def test_a_map_that_nobody_decided_is_refused_whole() -> None:
    """The last good one is obeyed on, and it is said so."""
    commons, _ = suspended()
    good, forged = commons.bundle().encode(), tampered(commons)
    found = enforce(forged, commons.trust.encode(), now_s=commons.now_s, last_good=good)
    assert found.is_last_good
    assert found.bundle == good
    assert "is not the one that the log decided" in found.refusals[0]
    said = found.sentences()
    assert said[0].startswith("REFUSED: ")
    assert said[1].startswith("the last good service map is enforced")
    assert found.to_json_dict()["is_last_good"]
    with pytest.raises(ProofError, match="nothing is obeyed\n"):
        enforce(forged, commons.trust.encode(), now_s=commons.now_s)


def test_a_damaged_file_is_refused_too() -> None:
    """Any bit of it."""
    commons, _ = suspended()
    good = commons.bundle().encode()
    flipped = bytearray(good)
    flipped[len(good) // 2] ^= 1
    found = enforce(bytes(flipped), commons.trust.encode(), now_s=commons.now_s, last_good=good)
    assert found.is_last_good
    with pytest.raises(ProofError, match="cut off or damaged"):
        enforce(bytes(flipped), commons.trust.encode(), now_s=commons.now_s)
    with pytest.raises(ProofError, match="of no use any more"):
        enforce(bytes(flipped), commons.trust.encode(), now_s=commons.now_s, last_good=bytes(flipped))


def test_old_news_are_refused_but_the_last_good_map_may_be_old() -> None:
    """A frozen view is no view; darkness by a broken link to the log is worse."""
    commons, _ = suspended()
    good, later_s = commons.bundle().encode(), commons.now_s + 2 * DAY_S
    with pytest.raises(ProofError, match="witnessed 172800 s ago"):
        enforce(good, commons.trust.encode(), now_s=later_s)
    assert enforce(good, commons.trust.encode(), now_s=later_s, last_good=good).is_last_good


def test_a_log_that_was_rolled_back_is_refused() -> None:
    """However well it is signed: it forgets what was seen."""
    commons = commons_of_light()
    emergency(commons)
    older = commons.bundle().encode()
    commons.witness(HOUR_S)
    commons.announce()
    newer = commons.bundle().encode()
    found = enforce(older, commons.trust.encode(), now_s=commons.now_s, last_good=newer)
    assert found.is_last_good
    assert "rolled back" in found.refusals[0]
    assert not enforce(newer, commons.trust.encode(), now_s=commons.now_s, last_good=older).is_last_good


def test_a_log_that_was_forked_is_refused() -> None:
    """Two logs of the same keys and the same beginning: whoever saw one obeys that."""
    mine, _ = suspended()
    other = commons_of_light()
    emergency(other)
    found = enforce(mine.bundle().encode(), mine.trust.encode(), now_s=mine.now_s, last_good=other.bundle().encode())
    assert found.is_last_good
    assert "forked" in found.refusals[0]


def test_a_last_good_map_that_is_trusted_no_more_is_of_no_use() -> None:
    """As after the user trusts another log."""
    mine, _ = suspended()
    other = Commons()
    assert other.trust.genesis != mine.trust.genesis
    other.announce()
    found = enforce(mine.bundle().encode(), mine.trust.encode(), now_s=mine.now_s, last_good=other.bundle().encode())
    assert not found.is_last_good
    assert "does not verify any more" in found.warnings[0]
    assert any(line.startswith("warning: the last good map") for line in found.sentences())


def test_entries_without_effect_are_told() -> None:
    """Somebody with the key of the log wrote them."""
    commons, _ = suspended()
    commons.append(commons.entries[-1])
    found = enforce(commons.bundle().encode(), commons.trust.encode(), now_s=commons.now_s)
    assert found.to_json_dict()["void_entries"] == 1
    assert found.sentences()[-1] == "warning: 1 entries of the log are void and have no effect"


def test_a_trust_file_that_cannot_be_read_is_the_users_own_fault() -> None:
    """Nothing is judged by it."""
    commons, _ = suspended()
    with pytest.raises(FormatError):
        enforce(commons.bundle().encode(), b"x", now_s=commons.now_s)


def test_a_scenario_without_a_scheduler_cannot_obey() -> None:
    """It would serve whom it likes."""
    commons, _ = suspended()
    found = enforce(commons.bundle().encode(), commons.trust.encode(), now_s=commons.now_s)
    with pytest.raises(InputError, match=r"add \[schedule\]"):
        obeying(tiny_scenario(), found)


def test_the_scenarios_own_states_are_set_aside() -> None:
    """Which is told; who asks stays."""
    commons, _ = suspended(BESIDE)
    found = enforce(commons.bundle().encode(), commons.trust.encode(), now_s=commons.now_s)
    scenario = service_scenario(rules(service_map=states(disk(1), CellState.INACTIVE)))
    told, notes = obeying(scenario, found)
    assert len(notes) == 1
    assert told.service is not None
    assert told.service.timeline.at(commons.now_s * 10**9).states_of(disk(0)).tolist() == [CellState.ACTIVE]
    assert told.service.demand is scenario.service.demand if scenario.service else False


@pytest.mark.parametrize("manifest", [b"", b"[]", b"{}", b'{"kind":"skycommons service map","v":1}', b"\xff"])
def test_what_is_no_map_is_refused(manifest: bytes) -> None:
    """Before anything of it is read."""
    with pytest.raises(FormatError, match="skycommons signed service map"):
        timeline_of(manifest, {})


def test_a_list_of_cells_has_its_hash() -> None:
    """One that is missing or changed is none."""
    commons, _ = suspended()
    bundle = commons.bundle()
    with pytest.raises(FormatError, match="list of cells is missing"):
        timeline_of(bundle.manifest, {})
    with pytest.raises(FormatError, match="list of cells is missing"):
        timeline_of(bundle.manifest, dict.fromkeys(bundle.blobs, b"x"))


def test_the_timeline_says_of_each_cell_what_the_ledger_says() -> None:
    """Through a suspension, an emergency in it and a restore, at every instant at which something changes."""
    commons, digest = suspended()
    commons.in_force(Effect.RESTORE, BESIDE, target=digest)
    emergency(commons, BESIDE)
    timeline = timeline_of(commons.bundle().manifest, commons.bundle().blobs)
    cells = np.array([int(cell, 16) for cell in AREA], dtype=np.uint64)
    for time_ns in [commons.now_s * 10**9, *timeline.changes.tolist()]:
        here = timeline.at(time_ns)
        running = [layer for layer in commons.ledger.state.layers if layer.is_running(time_ns // 10**9)]
        for cell, state in zip(AREA, here.states_of(cells).tolist(), strict=True):
            last = next((layer for layer in reversed(running) if cell in layer.places), None)
            assert (state == CellState.ACTIVE) == (last is None or last.state == "active")
