"""A vote: what one seat says of one decision or appeal.

* It names its subject by digest and, where there is one, the preview that the voter saw: nobody votes on something else.
* It is cast in one role, under one epoch of the roster, and says that there is no conflict of interest, or what it is.
* It may be valid for a time only, so that a vote of long ago does not complete a quorum of today.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from skycommons.governance.canonical import Json
from skycommons.governance.fields import Fields, object_of, read_object
from skycommons.governance.words import Role

NO_CONFLICT: Final = "none"
MAX_STATEMENT: Final = 2_000


class Verdict(StrEnum):
    """What a vote says."""

    APPROVE = "approve"
    REJECT = "reject"
    VETO = "veto"  # by an oversight seat, while the decision waits
    RECUSE = "recuse"
    CANCEL = "cancel"  # by the requester
    FAILED = "failed"  # it could not be enforced
    UPHOLD = "uphold"  # review of an emergency: it was right
    CENSURE = "censure"  # it was wrong
    GRANT = "grant"  # appeal: the decision is to end
    DISMISS = "dismiss"  # it stands


@dataclass(frozen=True, slots=True, kw_only=True)
class Vote:
    """What a seat says. Which seat stands in the entry's ``by``.

    Attributes:
        subject: Digest of the decision or appeal.
        verdict: What it says.
        role: In which of its roles the seat says so.
        roster_epoch: Epoch of the roster.
        preview_sha256: Hash of the preview that was seen; empty where the decision has none.
        conflict: ``none``, or what conflict of interest there is.
        reason: Why.
        issued_at: When, as the voter says.
        valid_until: Until when it counts.
        nonce: Bytes of chance.
    """

    subject: str
    verdict: Verdict
    role: Role
    roster_epoch: int
    preview_sha256: str
    conflict: str
    reason: str
    issued_at: int
    valid_until: int
    nonce: str

    @classmethod
    def read(cls, fields: Fields) -> "Vote":
        """Its fields."""
        found = cls(
            subject=fields.digest("subject"),
            verdict=fields.word("verdict", Verdict),
            role=fields.word("role", Role),
            roster_epoch=fields.number("roster_epoch", least=1),
            preview_sha256=fields.digest_or_none("preview_sha256"),
            conflict=fields.text("conflict", least=1, most=MAX_STATEMENT),
            reason=fields.text("reason", most=MAX_STATEMENT),
            issued_at=fields.time_s("issued_at"),
            valid_until=fields.time_s("valid_until"),
            nonce=fields.nonce(),
        )
        if fields.is_sound:
            fields.require("valid_until", "must not be before issued_at", holds=found.issued_at <= found.valid_until)
        return found

    @classmethod
    def from_json(cls, value: Json, source: str = "vote") -> "Vote":
        """A vote from its object.

        Raises:
            FormatError: It has faults; all of them are told.
        """
        return read_object(value, source, cls.read)

    def to_json(self) -> dict[str, Json]:
        """The vote as an object."""
        return object_of(self)
