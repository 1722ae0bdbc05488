"""The words that signed documents may use, each with its meaning.

* A word is written as it stands here; another one is a fault of the document.
* Nothing compares these words as text: they are the members of these classes.
"""

from enum import StrEnum


class Role(StrEnum):
    """What a seat is there for; one seat may have several roles and votes in one of them."""

    OPERATIONS = "operations"
    LEGAL = "legal"
    OVERSIGHT = "oversight"  # independent of the operator; may veto
    HUMANITARIAN = "humanitarian"
    TECHNICAL = "technical"


class RuleName(StrEnum):
    """The rules that every policy has."""

    SUSPEND_TERRITORY = "suspend-territory"
    RESTRICT_TERRITORY = "restrict-territory"
    SUSPEND_GROUP = "suspend-group"
    ACTIVATE = "activate"
    RESTORE = "restore"
    GOVERNANCE = "governance"
    EMERGENCY_REDUCE = "emergency-reduce"
    EMERGENCY_ADD = "emergency-add"
    REVIEW = "review"
    APPEAL = "appeal"


class DecisionKind(StrEnum):
    """What a decision is about."""

    TERRITORY = "territory"
    CUSTOMER_GROUP = "customer-group"
    TERMINAL_CLASS = "terminal-class"
    POLICY = "policy"
    ROSTER = "roster"
    KEY = "key"


class Effect(StrEnum):
    """Which way a decision goes."""

    REDUCE = "reduce"
    ADD = "add"
    RESTORE = "restore"
    CHANGE = "change"  # of the policy, the roster or the keys


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


class Presence(StrEnum):
    """Which terminals a territory's decision is about."""

    REGISTERED = "registered"
    LOCATED = "located"
    BOTH = "both"


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


class Verdict(StrEnum):
    """What a vote says."""

    APPROVE = "approve"
    REJECT = "reject"
    VETO = "veto"
    RECUSE = "recuse"
    CANCEL = "cancel"  # by the requester
    FAILED = "failed"  # it could not be enforced
    UPHOLD = "uphold"  # review of an emergency: it was right
    CENSURE = "censure"  # it was wrong
    GRANT = "grant"  # appeal: the decision is to end
    DISMISS = "dismiss"  # it stands


class AskerKind(StrEnum):
    """Who asks from outside."""

    STATE = "state"
    COURT = "court"
    REGULATOR = "regulator"
    COMPANY = "company"
    HUMANITARIAN = "humanitarian"
    PERSON = "person"
    OTHER = "other"


class Want(StrEnum):
    """What somebody outside asks for."""

    WITHHOLD = "withhold"
    ACTIVATE = "activate"
    RESTRICT = "restrict"
    RESTORE = "restore"


class AnswerVerdict(StrEnum):
    """What a request is told; a decision is another document."""

    ACKNOWLEDGED = "acknowledged"
    DECLINED = "declined"


class LicenceStatus(StrEnum):
    """Whether a licence holds."""

    VALID = "valid"
    WITHDRAWN = "withdrawn"


class KeyKind(StrEnum):
    """The keys of a seat."""

    ED25519 = "ed25519"  # a file of ours
    SSH_ED25519 = "ssh-ed25519"  # OpenSSH's


class SignatureKind(StrEnum):
    """How a member signed."""

    ED25519 = "ed25519"  # 64 bytes over the message
    SSHSIG = "sshsig"  # what `ssh-keygen -Y sign` makes
