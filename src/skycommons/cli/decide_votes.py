"""``skycommons decide approve|reject|veto|recuse|cancel|failed|review|resolve``: what seats say of decisions and appeals."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from skycommons.cli.console import FOR_PEOPLE, Output
from skycommons.cli.service_door import DEFAULT_SERVICE, ServiceDir, Signing, opened, sign_and_say, when

if TYPE_CHECKING:
    from skycommons.governance.words import Role
    from skycommons.store.service import Service

Subject = Annotated[str, Parameter(help="Digest of the decision; its first eight digits are enough.")]
RoleWord = Annotated[
    Literal["operations", "legal", "oversight", "humanitarian", "technical"] | None,
    Parameter(help="In which of your roles, if you have several."),
]
Reason = Annotated[str, Parameter(help="Why, for everybody to read.")]


def approve(
    digest: Subject,
    /,
    *,
    scenario: Annotated[
        Path | None, Parameter(help="Compute the preview again by this scenario, and refuse if anything differs.")
    ] = None,
    role: RoleWord = None,
    reason: Reason = "",
    signing: Signing,
    service: ServiceDir = DEFAULT_SERVICE,
    output: Output = FOR_PEOPLE,
) -> int:
    """Approve a decision: what is signed is the digest and the preview that are shown."""
    with opened(service) as door:
        found = _decision(door, digest)
        if scenario is not None:
            _recompute(door, found, scenario, output)
        elif door.record(found).decision.preview_sha256:
            output.note("the preview was not computed again; give --scenario to do so")
        return _vote(door, found, "approve", role=role, reason=reason, signing=signing, output=output)


def reject(
    digest: Subject,
    /,
    *,
    role: RoleWord = None,
    reason: Reason = "",
    signing: Signing,
    service: ServiceDir = DEFAULT_SERVICE,
    output: Output = FOR_PEOPLE,
) -> int:
    """Refuse a decision. Enough refusals reject it; the refusal stands in the log for ever."""
    with opened(service) as door:
        return _vote(door, _decision(door, digest), "reject", role=role, reason=reason, signing=signing, output=output)


def veto(
    digest: Subject,
    /,
    *,
    reason: Reason = "",
    signing: Signing,
    service: ServiceDir = DEFAULT_SERVICE,
    output: Output = FOR_PEOPLE,
) -> int:
    """Stop a decision that has not taken effect. One oversight seat is enough."""
    with opened(service) as door:
        return _vote(door, _decision(door, digest), "veto", role=None, reason=reason, signing=signing, output=output)


def recuse(
    digest: Subject,
    /,
    *,
    conflict: Annotated[str, Parameter(help="What conflict of interest there is.")],
    role: RoleWord = None,
    signing: Signing,
    service: ServiceDir = DEFAULT_SERVICE,
    output: Output = FOR_PEOPLE,
) -> int:
    """Recuse your seat because of a conflict of interest; a vote that it cast no longer counts."""
    with opened(service) as door:
        found = _decision(door, digest)
        return _vote(door, found, "recuse", role=role, reason="", conflict=conflict, signing=signing, output=output)


def cancel(
    digest: Subject,
    /,
    *,
    role: RoleWord = None,
    reason: Reason = "",
    signing: Signing,
    service: ServiceDir = DEFAULT_SERVICE,
    output: Output = FOR_PEOPLE,
) -> int:
    """Take back a decision that your seat asked for, as long as it has not taken effect."""
    with opened(service) as door:
        return _vote(door, _decision(door, digest), "cancel", role=role, reason=reason, signing=signing, output=output)


def failed(
    digest: Subject,
    /,
    *,
    role: RoleWord = None,
    reason: Reason = "",
    signing: Signing,
    service: ServiceDir = DEFAULT_SERVICE,
    output: Output = FOR_PEOPLE,
) -> int:
    """Report that a decision could not be enforced. Two seats of different roles must say so."""
    with opened(service) as door:
        return _vote(door, _decision(door, digest), "failed", role=role, reason=reason, signing=signing, output=output)


def review(
    digest: Subject,
    verdict: Annotated[Literal["uphold", "censure"], Parameter(help="Whether it was right.")],
    /,
    *,
    role: RoleWord = None,
    reason: Reason = "",
    signing: Signing,
    service: ServiceDir = DEFAULT_SERVICE,
    output: Output = FOR_PEOPLE,
) -> int:
    """Judge an emergency that is over, if your seat had no hand in it."""
    with opened(service) as door:
        return _vote(door, _decision(door, digest), verdict, role=role, reason=reason, signing=signing, output=output)


def resolve(
    digest: Annotated[str, Parameter(help="Digest of the appeal; its first eight digits are enough.")],
    verdict: Annotated[Literal["grant", "dismiss"], Parameter(help="Whether it is right.")],
    /,
    *,
    role: RoleWord = None,
    reason: Reason = "",
    signing: Signing,
    service: ServiceDir = DEFAULT_SERVICE,
    output: Output = FOR_PEOPLE,
) -> int:
    """Decide an appeal, if your seat had no hand in the decision. Granted, it ends a reduction."""
    from skycommons.governance.votes import Verdict
    from skycommons.store.compose import code_words, find_digest

    with opened(service) as door:
        found = find_digest(door.state.appeals, digest, what="appeal")
        draft = door.draft_vote(found, Verdict(verdict), by=signing.seat, role=_role(role), reason=reason)
        said = [f"{signing.seat} says {verdict} of the appeal {code_words(found)}."]
        return sign_and_say(door, draft, signing, output, said=said)


def _vote(
    door: "Service",
    digest: str,
    verdict: str,
    *,
    role: str | None,
    reason: str,
    conflict: str = "none",
    signing: Signing,
    output: Output,
) -> int:
    """Say something of a decision."""
    from skycommons.governance.explain import explain_decision
    from skycommons.governance.votes import Verdict
    from skycommons.store.compose import code_words

    record = door.record(digest)
    said = explain_decision(door.state, record, when)
    said.append(f"{signing.seat} says {verdict} of the decision {code_words(digest)}.")
    preview = record.decision.preview_sha256
    said += [f"It is of the preview {code_words(preview)}."] if preview else []
    draft = door.draft_vote(
        digest, Verdict(verdict), by=signing.seat, role=_role(role), reason=reason, conflict=conflict
    )
    return sign_and_say(door, draft, signing, output, said=said)


def _decision(door: "Service", beginning: str) -> str:
    """The decision that is meant."""
    from skycommons.store.compose import find_digest

    return find_digest(door.state.decisions, beginning, what="decision")


def _role(word: str | None) -> "Role | None":
    """A role as the kernel names it."""
    from skycommons.governance.words import Role

    return None if word is None else Role(word)


def _recompute(door: "Service", digest: str, scenario: Path, output: Output) -> None:
    """Compute a decision's preview again, and refuse if it is another one."""
    from skycommons.base.errors import InputError, ProofError
    from skycommons.studies.decision_preview import Before, cells_of_list, preview_differences

    decision = door.record(digest).decision
    if not decision.preview_sha256:
        raise InputError(f"decision {digest[:12]} has no preview; leave out --scenario")
    cells_sha256 = decision.scope.cells_sha256
    differences = preview_differences(
        scenario,
        Before.of(*door.map_at(decision.base_state_version)),
        decision,
        cells=cells_of_list(door.blob(cells_sha256) if cells_sha256 else b""),
        preview=door.blob(decision.preview_sha256),
    )
    if differences:
        listed = "".join(f"\n  {one}" for one in differences)
        raise ProofError(f"not signed: computed here, the preview is another one{listed}")
    output.line("The preview was computed again here, and is the same.")
