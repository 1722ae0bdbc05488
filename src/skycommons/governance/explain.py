"""What a log proves, in sentences: what was decided, by whom, when it took effect, and what it changed.

* Sentences are made of what was verified, and of nothing else. Texts of others are quoted.
* How a time is written is up to the reader: it comes as a function.
"""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Final, TypeAlias

from skycommons.governance.decisions import DecisionKind, Effect
from skycommons.governance.layers import Layer
from skycommons.governance.ledger_state import AppealRecord, CastVote, DecisionRecord, LedgerState, RequestRecord
from skycommons.governance.ledger_votes import approval_counts
from skycommons.governance.lines import printable
from skycommons.governance.requests import Request, SealedRequest, Want
from skycommons.governance.states import IN_FORCE, PENDING, State
from skycommons.governance.verify import MapReport
from skycommons.governance.votes import Verdict

When: TypeAlias = Callable[[int], str]

SHORT: Final = 12  # digits of a digest that people compare

_SAID: Final[Mapping[Verdict, str]] = MappingProxyType(
    {
        Verdict.APPROVE: "approved it",
        Verdict.REJECT: "refused it",
        Verdict.VETO: "vetoed it",
        Verdict.RECUSE: "recused itself",
        Verdict.CANCEL: "cancelled it",
        Verdict.FAILED: "reported that it could not be enforced",
        Verdict.UPHOLD: "found it right",
        Verdict.CENSURE: "found it wrong",
    }
)
_WANTS: Final[Mapping[Want, str]] = MappingProxyType(
    {
        Want.WITHHOLD: "withhold service",
        Want.ACTIVATE: "give service",
        Want.RESTRICT: "restrict service",
        Want.RESTORE: "restore service",
    }
)


def explain_log(report: MapReport, when: When) -> list[str]:
    """What the evidence is, and whether the map may be obeyed."""
    said = []
    if report.head is not None:
        head = report.head.head
        witnesses = ", ".join(f"{printable(name)} at {when(time_s)}" for name, time_s in report.head.witnesses)
        said.append(f"The log {printable(head.origin)} has {head.size:,} entries. Witnessed by {witnesses}.")
    if report.ledger is not None:
        state = report.ledger.state
        said.append(
            f"Read anew from its first entry, it makes version {state.map_version} of the service map with"
            f" {len(state.layers)} decision(s) in force, under policy {state.policy.version} and roster {state.roster.epoch}."
        )
        said += _split(report.ledger.trust.policy.shared_witnesses)
        said += overdue(state, report.head.earliest_s if report.head else 0, when)
    said += [
        f"Entry {ruling.index}{f', a {ruling.kind},' if ruling.kind else ''} is void and has no effect: {printable(ruling.why)}."
        for ruling in report.findings
    ]
    said += [f"REFUSED: {printable(str(refusal))}." for refusal in report.refusals]
    if report:
        said.append("The map is verified: it may be obeyed.")
    else:
        said.append("The map must not be obeyed; what was obeyed before stays.")
    return said


def _split(shared: int) -> list[str]:
    """What the witnesses of a trust file do not rule out."""
    liars = "one witness that lies" if shared else "no witness at all"
    why = f"With the log's key and {liars}, others could be shown another log"
    return (
        []
        if shared > 1
        else [f"{why}: two quorums of these witnesses share no more. Quorums of three of four share two."]
    )


def overdue(state: LedgerState, now_s: int, when: When) -> list[str]:
    """Sealed requests that should have been opened by now."""
    return [
        f"Request {record.digest[:SHORT]} (entry {record.index}) was sealed until {when(record.request.unseal_at)}; nobody opened it."
        for record in state.requests.values()
        if isinstance(record.request, SealedRequest) and record.opened is None and record.request.unseal_at < now_s
    ]


def explain_decision(state: LedgerState, record: DecisionRecord, when: When) -> list[str]:
    """What was decided, by whom, when it took effect, what it changed."""
    decision = record.decision
    ref = f" ({printable(decision.legal_basis.ref)})" if decision.legal_basis.ref else ""
    ground = f"on the ground {decision.legal_basis.type}{ref}, by the rule {decision.quorum_rule}"
    asked_by = f"(entry {record.index}) was asked for by {record.by}: “{printable(decision.title)}”."
    said = [f"Decision {record.digest[:SHORT]} {asked_by}", f"It would {_effect(record)}, {ground}."]
    asked = state.requests.get(decision.request)
    if asked is not None:
        said.append(f"It answers a request: {_asked(asked, when)}.")
    said += [
        f"{cast.member}, as {cast.vote.role}, {_SAID[cast.vote.verdict]} (entry {cast.index}){_reason(cast)}."
        for cast in record.votes
    ]
    said += _quorum(state, record)
    said += [
        f"{_at(step.at_s, when)}, entry {step.index}: {step.state.value}, because {printable(step.why)}."
        for step in record.history[1:]
    ]
    said.append(_standing(state, record, when))
    return said


def explain_request(record: RequestRecord, when: When) -> list[str]:
    """Who asked for what, and what became of it."""
    opened = f"; it was opened: {_wanted(record.opened)}" if record.opened is not None else ""
    received = when(record.request.received_at)
    said = [
        f"Request {record.digest[:SHORT]} (entry {record.index}), received {received}: {_asked(record, when)}{opened}."
    ]
    said += [
        f"{reply.by} {reply.answer.verdict} it (entry {reply.index}): “{printable(reply.answer.reason)}”."
        for reply in record.answers
    ]
    named = ", ".join(digest[:SHORT] for digest in record.decisions)
    said.append(f"It is {record.status}{f', see decision {named}' if named else ''}.")
    return said


def explain_appeal(record: AppealRecord) -> list[str]:
    """Who appeals against what, who judged it, and what became of it."""
    appellant = printable(record.appeal.appellant.name or record.appeal.appellant.party or "somebody who is not named")
    against = f"against decision {record.appeal.decision[:SHORT]}: “{printable(record.appeal.ground)}”"
    said = [f"Appeal {record.digest[:SHORT]} (entry {record.index}) of {appellant} {against}."]
    said += [
        f"{cast.member}, as {cast.vote.role}, says {cast.vote.verdict} (entry {cast.index}){_reason(cast)}."
        for cast in record.votes
    ]
    return [*said, f"It is {record.status}."]


def explain_layer(layer: Layer, when: When) -> str:
    """What one layer of the map says."""
    places = f"{layer.cells_count:,} cells" if layer.cells_sha256 else ", ".join(layer.groups)
    taken = f", less {len(layer.without)} list(s) restored" if layer.without else ""
    end = f"until {when(layer.ends_at_s)}" if layer.ends_at_s else "without an end"
    spared = "; protected users keep service" if layer.exempt and layer.effect == Effect.REDUCE else ""
    return f"{places}{taken}: {layer.state}, {layer.service_class}, {end}, by decision {layer.decision[:SHORT]}{spared}"


def _effect(record: DecisionRecord) -> str:
    """What a decision would do."""
    decision = record.decision
    if decision.effect == Effect.CHANGE:
        return f"put another {decision.kind} in force"
    if decision.kind == DecisionKind.TERRITORY:
        places = f"{decision.scope.cells_count:,} cells"
    else:
        places = f"the {decision.kind} {', '.join(decision.scope.groups)}"
    if decision.effect == Effect.RESTORE:
        return f"restore {places} that decision {decision.target[:SHORT]} took"
    spared = ", sparing protected users" if decision.protected.exempt and decision.effect == Effect.REDUCE else ""
    return f"make {places} {decision.to.state} ({decision.to.service_class}){spared}"


def _reason(cast: CastVote) -> str:
    """Why a seat said so, if it said."""
    return f": “{printable(cast.vote.reason)}”" if cast.vote.reason else ""


def _asked(record: RequestRecord, when: When) -> str:
    """A request in a few words."""
    if isinstance(record.request, Request):
        return _wanted(record.request)
    return f"sealed, of the class {printable(record.request.request_class)}, to be opened at {when(record.request.unseal_at)}"


def _wanted(request: Request) -> str:
    """What somebody asked."""
    asker = printable(request.asker.name or request.asker.party or "somebody who is not named")
    return f"{asker} ({request.asker.kind}) asked to {_WANTS[request.wants]} over {printable(request.area.text)}, on the ground {request.ground.type}"


def _quorum(state: LedgerState, record: DecisionRecord) -> Iterator[str]:
    """How its quorum stands, while that can still change."""
    if record.state in PENDING:
        for whose, count in zip(("", "By what it would put in force: "), approval_counts(state, record), strict=False):
            lacking = f"; missing: {', '.join(count.missing)}" if count.missing else ""
            yield f"{whose}Approvals that count: {len(count.counted)} of {count.rule.approvals}{lacking}."
            yield from (f"The vote of {member} does not count: it {why}." for member, why in count.excluded)


def _standing(state: LedgerState, record: DecisionRecord, when: When) -> str:
    """Where it stands."""
    layer = next((layer for layer in state.layers if layer.decision == record.digest), None)
    if layer is not None:
        return f"It stands in the service map: {explain_layer(layer, when)}."
    if record.state in PENDING:
        wait = "Its time-lock" if record.state == State.QUEUED else "Its vote"
        return f"{wait} is not over; it has changed nothing."
    took = record.map_version or (record.decision.effect == Effect.CHANGE and record.state in IN_FORCE | {State.ENDED})
    return (
        f"It is {record.state.value} and changes nothing now."
        if took
        else f"It is {record.state.value}. It never changed anything."
    )


def _at(time_s: int, when: When) -> str:
    """When something was, by the log's clock."""
    return f"At {when(time_s)}" if time_s else "Before any witness told the time"
