"""What an entry says, as a value: one class for each kind of entry."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, TypeAlias

from skycommons.governance.appeals import Appeal
from skycommons.governance.decisions import Decision
from skycommons.governance.entries import Entry, Kind
from skycommons.governance.fields import Fields, read_object
from skycommons.governance.licences import Licence
from skycommons.governance.operator_entries import Effective, Genesis, Snapshot, Witnessed
from skycommons.governance.requests import Answer, Interest, Request, SealedRequest, Unseal
from skycommons.governance.votes import Vote

Body: TypeAlias = (
    Genesis
    | Request
    | SealedRequest
    | Unseal
    | Answer
    | Interest
    | Licence
    | Decision
    | Vote
    | Appeal
    | Witnessed
    | Effective
    | Snapshot
)

READERS: Final[Mapping[Kind, Callable[[Fields], Body]]] = MappingProxyType(
    {
        Kind.GENESIS: Genesis.read,
        Kind.REQUEST: Request.read,
        Kind.SEALED_REQUEST: SealedRequest.read,
        Kind.UNSEAL: Unseal.read,
        Kind.ANSWER: Answer.read,
        Kind.INTEREST: Interest.read,
        Kind.LICENCE: Licence.read,
        Kind.DECISION: Decision.read,
        Kind.VOTE: Vote.read,
        Kind.APPEAL: Appeal.read,
        Kind.WITNESSED: Witnessed.read,
        Kind.EFFECTIVE: Effective.read,
        Kind.SNAPSHOT: Snapshot.read,
    }
)


def parse_body(entry: Entry) -> Body:
    """What an entry says.

    Raises:
        FormatError: Its body is not in the form of its kind; all faults are told.
    """
    return read_object(entry.body, entry.kind.value, READERS[entry.kind])
