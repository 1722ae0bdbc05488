"""What a decision must be to be asked for at all, and what must still hold when its time-lock opens.

* It names the roster, the policy and the state of the service map that it was made under; if one of them is another, it is not the
  decision that somebody prepared.
* What it does follows from what holds at its places now, not from what it calls itself: if any place has less service after it, it
  reduces. Less than the policy's floor is a suspension, however it is worded. A reduction gives more service nowhere, now or later: what
  lies under it neither is less nor ends before it.
* Its rule follows from what it does. An emergency's rule may be taken instead where there is one.
* A reduction has an end. It spares protected users, or names each who loses service. An addition has a licence for all its cells.
* What approvers will see, the preview, is of exactly these places, this effect and this state of the map.
* While an emergency is in force or waits for its review, there is no second one at the same places, and all together are as small as
  one may be.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from skycommons.base.errors import FormatError
from skycommons.governance.decisions import Decision, DecisionKind, Effect
from skycommons.governance.layers import FULL_SERVICE, NO_SERVICE, Places, level_of, places_of
from skycommons.governance.ledger_state import MAX_VERSIONS_BACK, DecisionRecord, LedgerState, Step
from skycommons.governance.policy import Policy, Rule, parse_policy_document
from skycommons.governance.previews import Preview, parse_preview
from skycommons.governance.quorum import Conflicts
from skycommons.governance.roster import Roster, parse_roster
from skycommons.governance.states import IN_FORCE, UNREVIEWED, State

GOVERNING = frozenset({DecisionKind.POLICY, DecisionKind.ROSTER, DecisionKind.KEY})


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """A decision with what it names, read.

    Attributes:
        decision: As signed.
        places: What it covers.
        preview: What it does, as its signers saw it; ``None`` for one that governs.
        change: The policy or roster that it would put in force.
    """

    decision: Decision
    places: Places
    preview: Preview | None
    change: Policy | Roster | None


def submitted(
    state: LedgerState, decision: Decision, *, digest: str, by: str, index: int
) -> tuple[DecisionRecord | None, str]:
    """The record of a decision that is asked for, or why it may not be.

    Raises:
        ProofError: Something that the decision names by its hash is missing.
    """
    rule = state.policy.rules[decision.quorum_rule]
    try:
        submission = read_submission(state, decision)
        faults = list(_faults(state, submission, rule, by))
    except FormatError as error:
        return None, str(error)
    if faults:
        return None, "; ".join(faults)
    licence = state.licences.get(decision.licence)
    return DecisionRecord(
        decision=decision,
        digest=digest,
        by=by,
        index=index,
        state=State.OPEN,
        rule=rule,
        places=submission.places,
        change=submission.change,
        licence_digest=licence.digest if licence else "",
        history=(Step(index=index, state=State.OPEN, why=f"asked for by {by}", at_s=state.now_s),),
    ), ""


def read_submission(state: LedgerState, decision: Decision) -> Submission:
    """Read what a decision names by hash.

    Raises:
        FormatError: It is not in its form.
        ProofError: It is missing.
    """
    scope = decision.scope
    cells = state.read_cells(scope.cells_sha256, "the list of cells") if scope.cells_sha256 else frozenset()
    preview = None
    if decision.kind not in GOVERNING and decision.preview_sha256:
        preview = parse_preview(state.read_blob(decision.preview_sha256, "the preview"), source="preview")
    change: Policy | Roster | None = None
    if decision.change_sha256:
        data = state.read_blob(decision.change_sha256, "the change")
        if decision.kind == DecisionKind.POLICY:
            change = parse_policy_document(data, source="new policy")
        elif decision.kind == DecisionKind.ROSTER:
            change = parse_roster(data, source="new roster")
    places = places_of(decision.kind, cells, scope.groups)
    return Submission(decision=decision, places=places, preview=preview, change=change)


def waiting_fault(state: LedgerState, record: DecisionRecord) -> str:
    """Why a decision whose time-lock is open may not take effect after all; empty if it may.

    How long it would last is counted from the log's clock, which is never ahead: by the latest time of a quorum, one lying witness
    could put off the end of an emergency.
    """
    decision, rule = record.decision, record.rule
    if decision.ends_at and decision.ends_at <= state.now_s:
        return "it would have ended already"
    if rule.max_duration_s and decision.ends_at and decision.ends_at > state.now_s + rule.max_duration_s:
        return f"it would last longer than the {rule.max_duration_s} s that its rule allows"
    faults = (  # each is asked only if the ones before it found nothing
        _licence_time_faults(state, decision, record.licence_digest),
        _effect_faults(state, decision, record.places),
        _emergency_faults(state, decision, record.places, own=record.digest),
        _target_faults(state, decision, record.places),
    )
    return next((fault for found in faults for fault in found), "")


def _faults(state: LedgerState, submission: Submission, rule: Rule, by: str) -> Iterator[str]:
    """Everything that speaks against a decision."""
    decision = submission.decision
    yield from _base_faults(state, submission, by)
    if rule.bases and decision.legal_basis.type not in rule.bases:
        yield f"its rule does not allow the legal basis {decision.legal_basis.type}"
    if decision.kind in GOVERNING:
        yield from _change_faults(state, submission)
    else:
        yield from _scope_faults(state, submission)
        yield from _effect_faults(state, decision, submission.places)
        yield from _rule_faults(state, submission)
        yield from _preview_faults(state, submission)
        yield from _protected_faults(submission, rule)
        yield from _licence_faults(state, submission)
        yield from _emergency_faults(state, decision, submission.places, own="")
        yield from _review_faults(state, decision, rule)
        yield from _target_faults(state, decision, submission.places)
    yield from _time_faults(state, submission, rule)


def _base_faults(state: LedgerState, submission: Submission, by: str) -> Iterator[str]:
    """What the decision was made under."""
    decision = submission.decision
    if decision.roster_epoch != state.roster.epoch:
        yield f"it was made under roster {decision.roster_epoch}; roster {state.roster.epoch} is in force"
    if decision.policy_sha256 != state.policy.sha256:
        yield "it was made under another policy than the one in force"
    if decision.base_state_version < state.map_version - MAX_VERSIONS_BACK:
        yield f"it was made on version {decision.base_state_version} of the map; the newest is {state.map_version}, too far away"
    elif decision.base_state_version > state.map_version:
        yield f"it was made on version {decision.base_state_version} of the map; the newest is {state.map_version}"
    elif state.has_changed(submission.places, since=decision.base_state_version):
        yield f"the map changed at its places after version {decision.base_state_version}, on which it was made"
    if decision.request and decision.request not in state.requests:
        yield "it names a request that is not registered"
    if decision.replaces and decision.replaces not in state.decisions:
        yield "it names a decision before it that is not there"
    waiting = sum(record.by == by for record in state.pending())
    if waiting >= state.policy.open_requests_per_member:
        yield f"{by} has {waiting} decisions waiting; the policy allows {state.policy.open_requests_per_member}"


def _scope_faults(state: LedgerState, submission: Submission) -> Iterator[str]:
    """Whether the places are what the decision says of them."""
    decision, scope = submission.decision, submission.decision.scope
    if not submission.places:
        yield "it covers nothing"
    if decision.effect == Effect.CHANGE:
        yield "a decision over service reduces, adds or restores"
    if decision.kind != DecisionKind.TERRITORY:
        if scope.cells_sha256:
            yield "a decision over groups or classes names no cells: it holds wherever they are"
        return
    if scope.groups:
        yield "a decision over a territory names no groups: it holds for everybody there"
    if scope.cells_count != len(submission.places):
        yield f"it says {scope.cells_count} cells; its list has {len(submission.places)}"
    border = state.policy.border.get(decision.effect)
    if border is not None and scope.border != border:
        yield f"its cells were chosen by the border rule {scope.border}; the policy says {border} for {decision.effect}"


def _effect_faults(state: LedgerState, decision: Decision, places: Places) -> Iterator[str]:
    """Whether it does what it calls itself."""
    if decision.kind in GOVERNING or decision.effect == Effect.RESTORE:
        return
    level = level_of(decision.to.state, decision.to.service_class)
    lowers = any(level < before for before in state.levels_held(places, at_s=state.now_s))
    if decision.effect == Effect.ADD and (lowers or level == NO_SERVICE):
        yield "it calls itself an addition, but some places would have less service after it"
    if decision.effect == Effect.REDUCE and not lowers:
        yield "it calls itself a reduction, but no place would have less service after it"
    if decision.effect == Effect.REDUCE and _gives(state, decision, places, level):
        yield "it calls itself a reduction, but some places would have more service by it than without it, now or before its end"


def _gives(state: LedgerState, decision: Decision, places: Places, level: int) -> bool:
    """Whether a layer of some level would ever give more than what lies under it, which may end before it."""
    ends = {layer.ends_at_s for layer in state.layers if state.now_s < layer.ends_at_s < decision.ends_at}
    return level > NO_SERVICE and any(
        level > before for at_s in (state.now_s, *ends) for before in state.levels_held(places, at_s=at_s)
    )


def rule_names(state: LedgerState, decision: Decision) -> tuple[str, ...]:
    """The rules that a decision may be made by, the usual one first."""
    if decision.kind in GOVERNING:
        return ("governance",)
    if decision.effect == Effect.RESTORE:
        return ("restore",)
    if decision.effect == Effect.ADD:
        return ("activate", "emergency-add")
    if decision.kind != DecisionKind.TERRITORY:
        return ("suspend-group",)
    floor = level_of("active", state.policy.floor_class)
    is_below = level_of(decision.to.state, decision.to.service_class) < min(floor, FULL_SERVICE)
    return ("suspend-territory", "emergency-reduce") if is_below else ("restrict-territory",)


def _rule_faults(state: LedgerState, submission: Submission) -> Iterator[str]:
    """Whether its rule is one for what it does."""
    names = rule_names(state, submission.decision)
    if submission.decision.quorum_rule not in names:
        yield f"its rule must be {' or '.join(names)}, not {submission.decision.quorum_rule}"
    rule = state.policy.rules[submission.decision.quorum_rule]
    if rule.max_cells and len(submission.places) > rule.max_cells:
        yield f"its rule allows {rule.max_cells} cells; it covers {len(submission.places)}"


def _preview_faults(state: LedgerState, submission: Submission) -> Iterator[str]:
    """Whether its preview is of it."""
    decision, preview = submission.decision, submission.preview
    if preview is None:
        yield "it has no preview; compute what it does before it is asked for"
        return
    scope = decision.scope
    pairs = (
        ("log", preview.origin, state.origin),
        ("cells", preview.cells_sha256, scope.cells_sha256),
        ("number of cells", preview.cells_count, scope.cells_count),
        ("effect", preview.effect, decision.effect),
        ("new state", preview.to, decision.to),
        ("version of the map", preview.base_state_version, decision.base_state_version),
        ("map", preview.base_map_sha256, state.versions[min(decision.base_state_version, state.map_version)]),
    )
    yield from (f"its preview is of another {what}" for what, seen, asked in pairs if seen != asked)


def _protected_faults(submission: Submission, rule: Rule) -> Iterator[str]:
    """Whether protected users keep their service or are named one by one."""
    decision, preview = submission.decision, submission.preview
    if decision.effect != Effect.REDUCE or preview is None:
        return
    losing = {site.id for site in preview.protected if site.loses}
    named = {site.id for site in decision.protected.sites}
    if rule.emergency and not decision.protected.exempt:
        yield "an emergency spares protected users, always"
    if decision.protected.exempt and (named or losing):
        yield "it spares protected users, and yet its preview or itself names some who lose service"
    if not decision.protected.exempt and named != losing:
        missing = ", ".join(sorted(losing ^ named)[:5])
        yield f"protected users who lose service must be named one by one; preview and decision differ in {missing or 'none'}"


def _licence_faults(state: LedgerState, submission: Submission) -> Iterator[str]:
    """Whether an addition has a licence for all that it lights."""
    decision = submission.decision
    if decision.effect != Effect.ADD:
        return
    record = state.licences.get(decision.licence)
    if record is None:
        yield "an addition needs a licence; it names none that is registered"
        return
    licence = record.licence
    yield from _licence_time_faults(state, decision, record.digest)
    if decision.to.service_class not in licence.service_classes:
        yield f"the licence {licence.id} does not cover the service class {decision.to.service_class}"
    if decision.kind == DecisionKind.TERRITORY:
        outside = submission.places - state.read_cells(licence.cells_sha256, "the licence's list of cells")
        if outside:
            yield f"the licence {licence.id} does not cover {len(outside)} of its cells, such as {min(outside)}"


def _licence_time_faults(state: LedgerState, decision: Decision, digest: str) -> Iterator[str]:
    """Whether the licence of an addition holds, now and until its end."""
    if decision.effect != Effect.ADD:
        return
    record = state.licences[decision.licence]
    licence = record.licence
    if record.digest != digest or licence.status != "valid":
        yield f"the licence {licence.id} was withdrawn or replaced"
    if state.now_s and not licence.valid_from <= state.now_s < licence.valid_until:
        yield f"the licence {licence.id} does not hold now"
    if not 0 < decision.ends_at <= licence.valid_until:
        yield f"it must end when the licence {licence.id} ends, at {licence.valid_until}, or before"


def _emergency_faults(state: LedgerState, decision: Decision, places: Places, *, own: str) -> Iterator[str]:
    """Whether another emergency at these places waits for its review, or too many cells by the same rule."""
    rule = state.policy.rules[decision.quorum_rule]
    if not rule.emergency:
        return
    live = (state.decisions[digest] for digest in state.live if digest != own)
    others = [other for other in live if other.is_emergency and other.state in UNREVIEWED]
    for other in others:
        if other.places & places:
            yield f"an emergency at the same places, {other.digest[:12]}, is in force or waits for its review"
    cells = sum(len(other.places) for other in others if other.decision.quorum_rule == decision.quorum_rule)
    if rule.max_cells and cells and cells + len(places) > rule.max_cells:
        yield f"emergencies that nobody reviewed yet cover {cells} cells; with this one it would be more than {rule.max_cells}"


def _review_faults(state: LedgerState, decision: Decision, rule: Rule) -> Iterator[str]:
    """Whether the parties that an emergency names leave enough seats to review it."""
    if not (rule.emergency and decision.parties):
        return
    review = state.policy.rules["review"]
    conflicts = Conflicts(parties=frozenset(decision.parties), interests=state.interests)
    free = [member for member in state.roster.members if not conflicts.fault_of(member, review, state.roster)]
    has_roles = all(sum(role in one.roles for one in free) >= least for role, least in review.roles.items())
    if not has_roles or len(free) < rule.approvals + review.approvals:
        yield "the parties that it names leave too few seats to review it"


def _target_faults(state: LedgerState, decision: Decision, places: Places) -> Iterator[str]:
    """Whether a restore ends a reduction that is in force, and nothing else."""
    if decision.effect != Effect.RESTORE:
        if decision.target:
            yield "only a restore names a decision that it ends"
        return
    target = state.decisions.get(decision.target)
    if target is None or target.state not in IN_FORCE or target.decision.effect != Effect.REDUCE:
        yield "a restore must name a reduction that is in force"
        return
    held = next((layer.places for layer in state.layers if layer.decision == decision.target), frozenset())
    if not places <= held:
        yield "it restores places that the reduction does not hold"


def _change_faults(state: LedgerState, submission: Submission) -> Iterator[str]:
    """Whether a change of the rules or the seats is the next one."""
    decision, change = submission.decision, submission.change
    if decision.effect != Effect.CHANGE:
        yield "a decision over policy, roster or keys has the effect change"
    if decision.quorum_rule not in rule_names(state, decision):
        yield f"its rule must be governance, not {decision.quorum_rule}"
    if not decision.change_sha256:
        yield "it names nothing that would be put in force"
    if isinstance(change, Policy):
        if change.version != state.policy.version + 1:
            yield f"the new policy must have the version {state.policy.version + 1}"
        yield from panel_faults(change, state.roster)
    if isinstance(change, Roster):
        if change.epoch != state.roster.epoch + 1:
            yield f"the new roster must have the epoch {state.roster.epoch + 1}"
        yield from panel_faults(state.policy, change)


def panel_faults(policy: Policy, roster: Roster) -> Iterator[str]:
    """Which rules of a policy a roster has too few seats for: nothing could be decided by them, not even their change."""
    for name, rule in sorted(policy.rules.items()):
        if rule.seats > len(roster.members):
            yield f"the rule {name} needs {rule.seats} seats; the roster has {len(roster.members)}"
        for role, least in sorted(rule.roles.items()):
            if sum(role in member.roles for member in roster.members) < least:
                yield f"the rule {name} needs {least} seat(s) with the role {role}; the roster has fewer"


def _time_faults(state: LedgerState, submission: Submission, rule: Rule) -> Iterator[str]:
    """Whether its delay and end are those of its rule."""
    decision = submission.decision
    least = rule.delay_s
    is_touching = submission.preview is not None and bool(submission.preview.protected)
    if decision.effect == Effect.REDUCE and is_touching and not rule.emergency:
        least = max(least, state.policy.protected_delay_s)
    if decision.not_before_delay_s < least:
        yield f"it waits {decision.not_before_delay_s} s; it must wait {least} s"
    if decision.effect == Effect.REDUCE and not decision.ends_at:
        yield "every reduction must have an end"
    if rule.emergency and not decision.ends_at:
        yield "every emergency must have an end"
    if state.now_s and decision.ends_at and decision.ends_at <= state.now_s:
        yield "it would have ended already"
