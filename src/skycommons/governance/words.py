"""The words that several kinds of signed documents use; those that only one uses stand with it.

A word is written as it stands here; another one is a fault of the document.
"""

from enum import StrEnum


class Role(StrEnum):
    """What a seat is there for; one seat may have several roles and votes in one of them."""

    OPERATIONS = "operations"
    LEGAL = "legal"
    OVERSIGHT = "oversight"  # independent of the operator; may veto
    HUMANITARIAN = "humanitarian"
    TECHNICAL = "technical"


class ServiceState(StrEnum):
    """Whether a place has service; suspended is inactive for a time."""

    ACTIVE = "active"
    INACTIVE = "inactive"
    SUSPENDED = "suspended"


class ServiceClass(StrEnum):
    """How good the service is, best first."""

    PRIORITY = "priority"
    STANDARD = "standard"
    BACKGROUND = "background"


class Border(StrEnum):
    """Which cells at the border of an area belong to it."""

    FULL = "full"  # those that lie in it as a whole
    CENTER = "center"  # those whose centre lies in it
    NONE = "none"  # the list was not made from an area


class Basis(StrEnum):
    """On what ground something is asked or decided."""

    COURT_ORDER = "court-order"
    REGULATOR = "regulator"
    LICENCE = "licence"
    CONTRACT = "contract"
    SAFETY = "safety"
    INTERFERENCE = "interference"
    STOLEN_KITS = "stolen-kits"
    HUMANITARIAN = "humanitarian"
    OPERATOR = "operator"


class AnswerVerdict(StrEnum):
    """What a request is told; a decision is another document."""

    ACKNOWLEDGED = "acknowledged"
    DECLINED = "declined"


class KeyKind(StrEnum):
    """The keys of a seat."""

    ED25519 = "ed25519"  # a file of ours
    SSH_ED25519 = "ssh-ed25519"  # OpenSSH's


class SignatureKind(StrEnum):
    """How a member signed."""

    ED25519 = "ed25519"  # 64 bytes over the message
    SSHSIG = "sshsig"  # what `ssh-keygen -Y sign` makes of the message
