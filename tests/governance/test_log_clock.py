"""What witnesses say about time."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from skycommons.base.errors import FormatError, QuorumError, SignatureError
from skycommons.governance.log_clock import WitnessedHead, read_witnessed
from skycommons.governance.notes import Note
from skycommons.governance.signers import Ed25519CosignerKey
from skycommons.governance.witness_policy import NO_QUORUM
from tests.support.commons import LOG, ORIGIN, WITNESSES, Commons

COMMONS = Commons()
POLICY = COMMONS.trust.policy


def seen(times: Sequence[int | None]) -> WitnessedHead:
    """What a head with such times says."""
    return read_witnessed(COMMONS.note(times=times), POLICY, origin=ORIGIN)


@pytest.mark.parametrize(
    ("times", "earliest_s", "latest_s"),
    [
        ((100, 100, 100), 100, 100),
        ((100, 110, 120), 110, 110),
        ((100, 110, None), 100, 110),
        ((1, 110, 120), 110, 110),  # one that lies into the past begins no clock early
        ((100, 110, 10**9), 110, 110),  # one that lies into the future ends none early
        ((None, 90, 120), 90, 120),
    ],
)
def test_two_of_three_tell_the_time(times: Sequence[int | None], earliest_s: int, latest_s: int) -> None:
    """One that lies moves neither end beyond the others."""
    found = seen(times)
    assert (found.earliest_s, found.latest_s) == (earliest_s, latest_s)
    assert found.head == COMMONS.head()


def test_too_few_times_are_no_time() -> None:
    """A quorum has to say it; a cosignature without a time does not count."""
    with pytest.raises(QuorumError, match="1 of the 2 that are needed"):
        seen((100, None, None))
    with pytest.raises(QuorumError, match="the quorum enough is not met"):
        seen((100, 0, None))
    with pytest.raises(QuorumError, match="1 of the 2 that are needed"):
        seen((100, 10**12, None))


def test_a_time_that_no_calendar_has_is_none() -> None:
    """Nobody could write it down; the others still tell theirs."""
    found = seen((100, 2**62, 120))
    assert (found.witnesses, found.earliest_s, found.latest_s) == ((("w1", 100), ("w3", 120)), 100, 120)


def test_the_logs_own_signature_is_needed() -> None:
    """And right."""
    note = COMMONS.note()
    with pytest.raises(SignatureError, match="no trusted key"):
        read_witnessed(Note(text=note.text, signatures=note.signatures[1:]), POLICY, origin=ORIGIN)
    wrong = replace(note.signatures[0], signature=bytes(64))
    with pytest.raises(SignatureError, match="is wrong"):
        read_witnessed(Note(text=note.text, signatures=(wrong, *note.signatures[1:])), POLICY, origin=ORIGIN)


def test_another_logs_head_says_nothing() -> None:
    """Not even if the same witnesses signed it."""
    head = replace(COMMONS.head(), origin="other.example")
    note = Note(text=head.text, signatures=(LOG.sign(head.text), WITNESSES[0].cosign(head, time_s=5)))
    with pytest.raises(SignatureError, match=r"is of other\.example"):
        read_witnessed(note, POLICY, origin=ORIGIN)


def test_strangers_do_not_count() -> None:
    """Their times are passed over."""
    stranger = Ed25519CosignerKey("stranger.example", b"\x77" * 32).cosign(COMMONS.head(), time_s=7)
    found = read_witnessed(COMMONS.note(times=(100, 100, None)).with_signatures(stranger), POLICY, origin=ORIGIN)
    assert found.witnesses == (("w1", 100), ("w2", 100))


def test_without_a_quorum_of_witnesses_there_is_no_clock() -> None:
    """Whoever trusts the log alone has its operator's clock, which is none."""
    alone = replace(POLICY, quorum=NO_QUORUM)
    with pytest.raises(QuorumError, match="nobody says what time it is"):
        read_witnessed(COMMONS.note(times=(100, 100, 100)), alone, origin=ORIGIN)


def test_what_is_no_checkpoint_is_a_fault_of_form() -> None:
    """Not a refusal."""
    with pytest.raises(FormatError):
        read_witnessed(Note(text="three\nlines\n", signatures=COMMONS.note().signatures), POLICY, origin=ORIGIN)
