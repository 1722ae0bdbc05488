"""Whether a service map may be obeyed."""

from dataclasses import replace
from hashlib import sha256

import pytest

from skycommons.base.errors import FormatError, ProofError, QuorumError, SignatureError, SkycommonsError
from skycommons.governance.bundles import Bundle, parse_bundle
from skycommons.governance.decisions import Effect
from skycommons.governance.notes import parse_note
from skycommons.governance.verify import LastGood, MapReport, read_log, service_map_result, verify_service_map
from tests.governance.test_ledger_submit import lit
from tests.support.commons import DAY_S, WITNESSES, Commons


def proven() -> tuple[Commons, Bundle]:
    """A commons with a suspension in force, and what proves it."""
    commons = lit()
    commons.in_force(Effect.REDUCE)
    return commons, commons.bundle()


def result(commons: Commons, bundle: Bundle, *, now_s: int | None = None, last: LastGood | None = None) -> MapReport:
    """What the bundle's own map is worth."""
    return service_map_result(bundle.manifest, bundle, commons.trust, now_s=now_s, last=last)


def test_a_map_that_the_log_decided_is_verified() -> None:
    """From the bytes of a bundle, with nothing but the trust file."""
    commons, bundle = proven()
    read = parse_bundle(bundle.encode())
    report = verify_service_map(read.manifest, read, commons.trust, now_s=commons.now_s)
    assert report
    assert (report.map_version, report.map_sha256) == (1, sha256(bundle.manifest).hexdigest())
    assert report.findings == ()
    assert report.last_good == LastGood(size=len(bundle.entries), root=commons.ledger.root)


def test_another_map_is_refused() -> None:
    """One byte is enough; also an older one of the same log."""
    commons, bundle = proven()
    changed = bundle.manifest.replace(b'"suspended"', b'"active"')
    for manifest in (changed, Commons().ledger.state.manifest, b""):
        report = service_map_result(manifest, bundle, commons.trust, now_s=None)
        assert [str(one) for one in report.refusals] == [
            "the map is not the one that the log decided, which is version 1"
        ]
        assert report.last_good is None
        with pytest.raises(ProofError):
            verify_service_map(manifest, bundle, commons.trust, now_s=None)


def refused(report: MapReport, kind: type[SkycommonsError], message: str) -> bool:
    """Whether a report has such a refusal."""
    return any(isinstance(one, kind) and message in str(one) for one in report.refusals)


def test_leaving_out_an_entry_is_found() -> None:
    """Wherever it stood."""
    commons, bundle = proven()
    for index in range(1, len(bundle.entries)):
        fewer = replace(bundle, entries=(*bundle.entries[:index], *bundle.entries[index + 1 :]))
        assert refused(result(commons, fewer), ProofError, "another root")
    nothing = replace(bundle, entries=())
    report = result(commons, nothing)
    assert refused(report, ProofError, "the log is empty")
    assert (report.ledger, report.map_version) == (None, -1)


def test_leaving_out_a_blob_is_found() -> None:
    """It must not make an entry void in somebody's eyes."""
    commons, bundle = proven()
    decision = next(iter(commons.ledger.state.decisions.values())).decision
    for digest in (decision.scope.cells_sha256, decision.preview_sha256):
        fewer = replace(bundle, blobs={name: data for name, data in bundle.blobs.items() if name != digest})
        assert refused(result(commons, fewer), ProofError, "is missing")


def test_a_map_that_was_never_announced_is_refused() -> None:
    """Everybody has to be able to see it."""
    commons = lit()
    commons.submit("ops-1", commons.decision(Effect.REDUCE))
    digest = next(iter(commons.ledger.state.decisions))
    commons.approve(digest, "ops-2", "legal-2", "watch-1", "aid-1")
    commons.witness(60)
    commons.witness(72 * 3600)
    assert refused(result(commons, commons.bundle()), ProofError, "never announced")
    commons.announce()
    assert result(commons, commons.bundle())


def test_the_checkpoint_needs_the_log_and_the_quorum() -> None:
    """And has to be a checkpoint."""
    commons, bundle = proven()
    note = parse_note(bundle.checkpoint)
    few = replace(note, signatures=note.signatures[:2]).encode()
    unsigned = replace(note, signatures=note.signatures[1:]).encode()
    assert refused(result(commons, replace(bundle, checkpoint=few)), QuorumError, "not met")
    assert refused(result(commons, replace(bundle, checkpoint=unsigned)), SignatureError, "no trusted key")
    assert refused(result(commons, replace(bundle, checkpoint=b"nothing\n")), FormatError, "")
    older = commons.note(len(bundle.entries) - 1).encode()
    assert refused(result(commons, replace(bundle, checkpoint=older)), ProofError, "another root than these")


def test_a_view_that_is_frozen_is_refused() -> None:
    """The newest checkpoint has to be fresh, by the witnesses' clocks."""
    commons, bundle = proven()
    assert result(commons, bundle, now_s=commons.now_s + DAY_S)
    report = result(commons, bundle, now_s=commons.now_s + DAY_S + 1)
    assert refused(report, ProofError, f"was witnessed {DAY_S + 1} s ago; at most {DAY_S} s are trusted")


def test_a_clock_that_is_far_behind_the_witnesses_is_no_clock() -> None:
    """Old news would be fresh for ever by it; a little behind is nothing."""
    commons, bundle = proven()
    assert result(commons, bundle, now_s=commons.now_s - DAY_S)
    report = result(commons, bundle, now_s=commons.now_s - DAY_S - 1)
    assert refused(report, ProofError, f"signed {DAY_S + 1} s after now: the clock of this machine is wrong")


def test_strangers_make_no_work() -> None:
    """Nothing is read of what nobody vouched for, however much there is of it."""
    commons, bundle = proven()
    rubbish = (b"{}",) * 1_000
    for proofs in (replace(bundle, entries=rubbish), replace(bundle, checkpoint=b"nothing\n", entries=rubbish)):
        report = result(commons, proofs)
        assert (bool(report), report.ledger, report.rulings) == (False, None, ())
    swapped = replace(bundle, entries=(*bundle.entries[:-1], b"{}"))
    assert refused(result(commons, swapped), ProofError, "another root than these")


def test_a_log_that_was_rolled_back_or_forked_is_refused() -> None:
    """By whoever remembers the last head."""
    commons, bundle = proven()
    good = result(commons, bundle).last_good
    assert good is not None
    shorter = Bundle(
        checkpoint=commons.note(3).encode(), manifest=bundle.manifest, entries=bundle.entries[:3], blobs=bundle.blobs
    )
    assert refused(result(commons, shorter, last=good), ProofError, "it was rolled back")
    assert result(commons, bundle, last=good)
    assert refused(result(commons, bundle, last=replace(good, root=bytes(32))), ProofError, "it was forked")


def test_the_insider_with_the_logs_key_is_seen() -> None:
    """What he writes is void, and told; the honest map still stands."""
    commons, bundle = proven()
    commons.append(b'{"insider":true}')
    report = result(commons, commons.bundle())
    assert report
    assert [ruling.index for ruling in report.findings] == [len(bundle.entries)]


def test_a_map_for_another_trust_file_is_refused() -> None:
    """Other witnesses, another first entry."""
    commons, bundle = proven()
    stranger = Commons(policy=replace(commons.ledger.state.policy, open_requests_per_member=3))
    report = service_map_result(bundle.manifest, bundle, stranger.trust, now_s=None)
    assert refused(report, ProofError, "not the one that the trust file names")
    assert len(WITNESSES) == 3


def test_a_log_can_be_read_alone() -> None:
    """Without a map or a checkpoint."""
    commons, bundle = proven()
    ledger, rulings = read_log(bundle.entries, bundle.blobs.get, commons.trust)
    assert ledger.root == commons.ledger.root
    assert all(rulings)
