"""``skycommons decide list|show``: what was asked and decided, who may vote, and what is missing."""

from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from skycommons.cli.console import FOR_PEOPLE, Output
from skycommons.cli.service_door import DEFAULT_SERVICE, ServiceDir, opened, when

if TYPE_CHECKING:
    from skycommons.governance.ledger_state import DecisionRecord, LedgerState
    from skycommons.store.service import Service

_DIGITS = 12


def list_(
    *,
    everything: Annotated[
        bool, Parameter(name="--all", negative="", help="Also what is over: ended, rejected, lapsed, void.")
    ] = False,
    service: ServiceDir = DEFAULT_SERVICE,
    output: Output = FOR_PEOPLE,
) -> None:
    """List decisions that wait or are in force, open requests, and open appeals."""
    from skycommons.governance.states import is_final

    with opened(service) as door:
        state = door.state
        records = [one for one in state.decisions.values() if everything or not is_final(one.state)]
        requests = [one for one in state.requests.values() if everything or one.status == "open"]
        appeals = [one for one in state.appeals.values() if everything or one.status == "open"]
        summary = door.ledger.summary()
    output.table(
        "Decisions",
        ["decision", "state", "rule", "approvals", "asked by", "what"],
        [[one.digest[:_DIGITS], one.state.value, *_progress(state, one), one.decision.title] for one in records],
    )
    if requests:
        output.table(
            "Requests",
            ["request", "status", "party", "registered by"],
            [[one.digest[:_DIGITS], one.status, one.party or "sealed or not named", one.by] for one in requests],
        )
    if appeals:
        output.table(
            "Appeals",
            ["appeal", "status", "against"],
            [[one.digest[:_DIGITS], one.status, one.appeal.decision[:_DIGITS]] for one in appeals],
        )
    output.result(
        {
            "decisions": [{"digest": one.digest, **_object(summary[f"decision/{one.digest}"])} for one in records],
            "requests": [{"digest": one.digest, **_object(summary[f"request/{one.digest}"])} for one in requests],
            "appeals": [{"digest": one.digest, **_object(summary[f"appeal/{one.digest}"])} for one in appeals],
        }
    )


def show(
    digest: Annotated[str, Parameter(help="Digest; its first eight digits are enough.")],
    /,
    *,
    service: ServiceDir = DEFAULT_SERVICE,
    output: Output = FOR_PEOPLE,
) -> None:
    """Explain a decision, a request or an appeal: what it is, where it stands, who may vote, what is missing.

    The code words are what approvers read to each other: they see the same decision if these are the same.
    """
    from skycommons.governance.explain import explain_appeal, explain_decision, explain_request
    from skycommons.store.compose import code_words, find_digest

    with opened(service) as door:
        state = door.state
        found = find_digest([*state.decisions, *state.requests, *state.appeals], digest, what="entry")
        payload: dict[str, object] = {"digest": found, "code_words": code_words(found)}
        if found in state.decisions:
            record = state.decisions[found]
            said = explain_decision(state, record, when)
            said += [f"Code words: {code_words(found)}.", *_who_may(door, record)]
            payload |= {"eligible": list(_eligible(door, record)), "decision": record.decision.to_json()}
            payload |= _object(door.ledger.value_of(f"decision/{found}"))
        elif found in state.requests:
            said = explain_request(state.requests[found], when)
            payload |= _object(door.ledger.value_of(f"request/{found}"))
        else:
            said = explain_appeal(state.appeals[found])
            payload |= _object(door.ledger.value_of(f"appeal/{found}"))
    for sentence in said:
        output.line(sentence)
    output.result(payload | {"sentences": said})


def _progress(state: "LedgerState", record: "DecisionRecord") -> list[object]:
    """Rule, approvals that count of those that are needed, and who asked."""
    from skycommons.governance.ledger_votes import approval_counts

    count = approval_counts(state, record)[0]
    return [record.decision.quorum_rule.value, f"{len(count.counted)} of {count.rule.approvals}", record.by]


def _eligible(door: "Service", record: "DecisionRecord") -> tuple[str, ...]:
    """Seats that may vote."""
    from skycommons.governance.quorum import eligible

    return eligible(record.rule, door.state.roster, door.state.conflicts(record))


def _who_may(door: "Service", record: "DecisionRecord") -> list[str]:
    """Who may vote, who may not and why, and the preview, while a decision waits."""
    from skycommons.governance.previews import parse_preview
    from skycommons.governance.states import PENDING
    from skycommons.store.compose import code_words

    said = []
    if record.state in PENDING:
        conflicts, roster = door.state.conflicts(record), door.state.roster
        said.append(f"These seats may vote: {', '.join(_eligible(door, record)) or 'none'}.")
        faults = ((member.id, conflicts.fault_of(member, record.rule, roster)) for member in roster.members)
        said += [f"{name} may not: it {why}." for name, why in faults if why]
    preview_sha256 = record.decision.preview_sha256
    if preview_sha256:
        found = parse_preview(door.blob(preview_sha256))
        said.append(
            f"Its preview, {code_words(preview_sha256)}, says: {found.terminals.lose:,} of {found.terminals.inside:,}"
            f" terminals lose service and {found.terminals.gain:,} gain it; {found.terminals.elsewhere_lose:,} around"
            f" them lose it; {sum(site.loses for site in found.protected):,} of {len(found.protected):,} protected"
            " users lose it."
        )
    return said


def _object(value: object) -> dict[str, object]:
    """An object of the ledger's summary."""
    return dict(value) if isinstance(value, dict) else {}
