"""``skycommons decide preview|propose|emergency``: what a decision would do, and asking for it."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from skycommons.cli.console import FOR_PEOPLE, Output
from skycommons.cli.decide_requests import BasisWord
from skycommons.cli.places import ANYWHERE, Where, place_of, tell_place
from skycommons.cli.service_door import (
    DEFAULT_SERVICE,
    ServiceDir,
    Signing,
    instant_s,
    opened,
    sign_and_say,
    span_s,
    when,
)

if TYPE_CHECKING:
    from skycommons.governance.decisions import Decision, Effect, To
    from skycommons.governance.policy import RuleName
    from skycommons.store.compose import Place, Proposal
    from skycommons.store.service import Service
    from skycommons.studies.decision_preview import Previewed

EffectWord = Literal["reduce", "add", "restore"]


@Parameter(name="*")
@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What is to hold.

    Attributes:
        effect: Which way it goes.
        state: Whether there is service.
        service_class: How good it is.
        exempt: Whether protected users keep service.
        site: Protected users who lose it, each with its reason.
        licence: The licence that an addition needs.
        restores: The reduction that a restore ends.
    """

    effect: Annotated[EffectWord, Parameter(help="Which way it goes.")]
    state: Annotated[
        Literal["active", "inactive", "suspended"] | None,
        Parameter(help="What is to hold: suspended for a reduction unless given, else active."),
    ] = None
    service_class: Annotated[
        Literal["priority", "standard", "background"], Parameter(name="--class", help="How good the service is to be.")
    ] = "standard"
    exempt: Annotated[bool, Parameter(negative="--no-exempt", help="Protected users keep service.")] = True
    site: Annotated[
        tuple[str, ...],
        Parameter(negative="", help="ID=REASON of a protected user who loses service; may be given again."),
    ] = ()
    licence: Annotated[str, Parameter(help="Id of the licence that an addition needs.")] = ""
    restores: Annotated[str, Parameter(help="Digest of the reduction that a restore ends.")] = ""


@Parameter(name="*")
@dataclass(frozen=True, slots=True, kw_only=True)
class Grounds:
    """Why, for how long, and what it answers.

    Attributes:
        title: For people.
        basis, ref: On what ground.
        ends: When it ends.
        duration: How long it lasts.
        request: The request that it answers.
        replaces: The decision that it stands for.
        party: Whoever is concerned.
        delay: How long it waits.
    """

    title: Annotated[str, Parameter(help="What it is, for people.")]
    basis: Annotated[BasisWord, Parameter(help="On what ground.")]
    ref: Annotated[str, Parameter(help="What the order, licence or report is known by.")] = ""
    ends: Annotated[str | None, Parameter(help="When it ends (ISO 8601).")] = None
    duration: Annotated[
        str | None, Parameter(name="--for", help="How long it lasts once its delay is over: 30d, 72h, 45min.")
    ] = None
    request: Annotated[str, Parameter(help="Digest of the request that it answers.")] = ""
    replaces: Annotated[str, Parameter(help="Digest of the decision that it stands for.")] = ""
    party: Annotated[
        tuple[str, ...], Parameter(negative="", help="Id of a party that is concerned; may be given again.")
    ] = ()
    delay: Annotated[str | None, Parameter(help="How long it waits: 72h; as short as its rule allows.")] = None


ScenarioFile = Annotated[Path | None, Parameter(help="Scenario by which the preview is computed.")]
PreviewFile = Annotated[Path | None, Parameter(help="A preview that `skycommons decide preview` wrote.")]


def preview(
    *,
    scenario: Annotated[Path, Parameter(help="Scenario by which it is computed.")],
    change: Change,
    where: Where = ANYWHERE,
    out: Annotated[Path, Parameter(name=("--out", "-o"), help="File for the preview, which a decision names.")],
    figure: Annotated[Path | None, Parameter(help="File for a map: .svg or .png.")] = None,
    tables: Annotated[Path | None, Parameter(help="Path without ending for the cells as CSV and GeoJSON.")] = None,
    service: ServiceDir = DEFAULT_SERVICE,
    output: Output = FOR_PEOPLE,
) -> None:
    """Compute what a decision would do: who loses or gains service, and what becomes of capacity around it."""
    from skycommons.governance.previews import parse_preview
    from skycommons.studies import preview_figures
    from skycommons.studies.files import replacing_bytes

    with opened(service) as door:
        tell_place(where, _effect(change), door.state, output, licence=change.licence)
        place = _place(door, change, where)
        found = None if place.groups else _previewed(door, scenario, change, place)
        text = _text(door, scenario, change, place) if found is None else found.data
    with replacing_bytes(out) as stream:
        stream.write(text)
    document = parse_preview(text)
    output.table("What it would do", ["", ""], preview_figures.rows(document))
    if found is not None:
        _files(found, figure, tables, output)
    output.line(f"Preview {document.sha256} in {out}")
    output.result({"preview": str(out), "sha256": document.sha256, **document.to_json()})


def propose(
    *,
    change: Change,
    grounds: Grounds,
    where: Where = ANYWHERE,
    rule: Annotated[str | None, Parameter(help="Rule of the policy; the usual one for what is done.")] = None,
    preview_file: Annotated[PreviewFile, Parameter(name="--preview")] = None,
    scenario: ScenarioFile = None,
    signing: Signing,
    service: ServiceDir = DEFAULT_SERVICE,
    output: Output = FOR_PEOPLE,
) -> int:
    """Ask for a decision over service. It needs the quorum of its rule, and waits its delay.

    Epoch, policy, version of the map, rule, delay and border follow from the log. Give the preview by --preview, or the
    scenario by --scenario to compute it now.
    """
    from skycommons.governance.policy import RuleName

    with opened(service) as door:
        wanted = None if rule is None else RuleName(_known_rule(door, rule))
        asked = _Asked(
            change=change, grounds=grounds, where=where, rule=wanted, preview=preview_file, scenario=scenario
        )
        return _ask(door, asked, signing, output)


def emergency(
    *,
    change: Change,
    grounds: Grounds,
    where: Where = ANYWHERE,
    preview_file: Annotated[PreviewFile, Parameter(name="--preview")] = None,
    scenario: ScenarioFile = None,
    signing: Signing,
    service: ServiceDir = DEFAULT_SERVICE,
    output: Output = FOR_PEOPLE,
) -> int:
    """Ask for an emergency: two seats of different roles, at once, small and short; it ends by itself and is reviewed.

    Whoever asks approves as well, by `skycommons decide approve`.
    """
    from skycommons.base.errors import InputError
    from skycommons.governance.policy import RuleName

    if change.effect == "restore":
        raise InputError(
            "a restore needs no emergency: two seats agree, and it takes effect at once; see decide propose"
        )
    rule = RuleName.EMERGENCY_ADD if change.effect == "add" else RuleName.EMERGENCY_REDUCE
    with opened(service) as door:
        asked = _Asked(change=change, grounds=grounds, where=where, rule=rule, preview=preview_file, scenario=scenario)
        return _ask(door, asked, signing, output)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What a user asks for.

    Attributes:
        change, grounds, where: As the user says.
        rule: By which rule; ``None`` for the usual one.
        preview: File of a preview.
        scenario: File to compute one by.
    """

    change: Change
    grounds: Grounds
    where: Where
    rule: "RuleName | None"
    preview: Path | None
    scenario: Path | None


def _ask(door: "Service", asked: _Asked, signing: Signing, output: Output) -> int:
    """Ask for a decision by a rule."""
    from dataclasses import replace

    from skycommons.governance.decisions import Decision

    place = _place(door, asked.change, asked.where)
    tell_place(asked.where, _effect(asked.change), door.state, output, licence=asked.change.licence)
    proposal = replace(_proposal(door, asked, place), preview=_preview_text(door, asked, place, output))
    draft = door.draft_decision(proposal, by=signing.seat)
    said = _told(door, Decision.from_json(dict(draft.entry.body)))
    return sign_and_say(door, draft, signing, output, said=said)


def _told(door: "Service", decision: "Decision") -> list[str]:
    """A decision in sentences, as it will be signed."""
    scope = decision.scope
    places = f"{scope.cells_count:,} cells" if scope.cells_sha256 else ", ".join(scope.groups)
    rule = door.state.policy.rules[decision.quorum_rule]
    ends = when(decision.ends_at) if decision.ends_at else "never"
    return [
        f"“{decision.title}”: {decision.effect} {places} to {decision.to.state} ({decision.to.service_class}).",
        f"By the rule {decision.quorum_rule}: {rule.approvals} approvals.",
        f"It waits {decision.not_before_delay_s:,} s after its quorum, and ends: {ends}.",
    ]


def _effect(change: Change) -> "Effect":
    """The effect as the kernel names it."""
    from skycommons.governance.decisions import Effect

    return Effect(change.effect)


def _to(change: Change) -> "To":
    """What is to hold."""
    from skycommons.governance.decisions import To
    from skycommons.governance.words import ServiceClass, ServiceState

    usual = "suspended" if change.effect == "reduce" else "active"
    return To(state=ServiceState(change.state or usual), service_class=ServiceClass(change.service_class))


def _place(door: "Service", change: Change, where: Where) -> "Place":
    """The cells or groups that are meant."""
    target = _target(door, change)
    return place_of(where, _effect(change), door.state, licence=change.licence, target=target)


def _target(door: "Service", change: Change) -> str:
    """The reduction that a restore ends."""
    from skycommons.store.compose import find_digest

    return find_digest(door.state.decisions, change.restores, what="decision") if change.restores else ""


def _proposal(door: "Service", asked: _Asked, place: "Place") -> "Proposal":
    """What is asked for, without its preview."""
    from skycommons.governance.decisions import LegalBasis
    from skycommons.governance.words import Basis
    from skycommons.store.compose import Proposal, find_digest

    change, grounds, state = asked.change, asked.grounds, door.state
    return Proposal(
        title=grounds.title,
        effect=_effect(change),
        basis=LegalBasis(type=Basis(grounds.basis), ref=grounds.ref),
        place=place,
        to=_to(change),
        ends_at=_ends_s(grounds),
        lasts_s=0 if grounds.duration is None else span_s(grounds.duration),
        rule=asked.rule,
        delay_s=None if grounds.delay is None else span_s(grounds.delay),
        request=find_digest(state.requests, grounds.request, what="request") if grounds.request else "",
        licence=change.licence,
        target=_target(door, change),
        replaces=find_digest(state.decisions, grounds.replaces, what="decision") if grounds.replaces else "",
        parties=grounds.party,
        exempt=change.exempt,
        sites=_sites(change),
    )


def _ends_s(grounds: Grounds) -> int:
    """When it ends; 0 where that follows."""
    from skycommons.base.errors import InputError

    if grounds.ends is not None and grounds.duration is not None:
        raise InputError("say when it ends by --ends or by --for, not by both")
    return 0 if grounds.ends is None else instant_s(grounds.ends)


def _sites(change: Change) -> dict[str, str]:
    """Protected users who lose service, with the reason for each."""
    from skycommons.base.errors import InputError

    found = {}
    for text in change.site:
        name, equals, reason = text.partition("=")
        if not (name and equals and reason):
            raise InputError(f"--site {text!r}: write ID=REASON")
        found[name] = reason
    return found


def _preview_text(door: "Service", asked: _Asked, place: "Place", output: Output) -> bytes:
    """The preview that the decision will name."""
    from skycommons.base.errors import InputError
    from skycommons.studies.preview_file import read_preview

    if asked.preview is not None:
        return read_preview(asked.preview).encode()
    if asked.scenario is None:
        raise InputError("a decision names its preview: give the file by --preview, or compute it now by --scenario")
    from skycommons.governance.previews import parse_preview
    from skycommons.studies import preview_figures

    text = _text(door, asked.scenario, asked.change, place)
    output.table("What it would do", ["", ""], preview_figures.rows(parse_preview(text)))
    return text


def _text(door: "Service", scenario: Path, change: Change, place: "Place") -> bytes:
    """The preview of a place of either kind."""
    from skycommons.base.errors import InputError
    from skycommons.studies.decision_preview import Before, preview_groups

    if not place.groups:
        return _previewed(door, scenario, change, place).data
    if not change.exempt:
        raise InputError("--no-exempt: a decision over groups or classes spares protected users; decide over an area")
    before = Before.of(*door.map_at(door.state.map_version))
    return preview_groups(scenario, before, place, effect=_effect(change), to=_to(change), target=_target(door, change))


def _previewed(door: "Service", scenario: Path, change: Change, place: "Place") -> "Previewed":
    """What it would do."""
    from skycommons.studies.decision_preview import Before, cells_of_list, preview_decision

    return preview_decision(
        scenario,
        Before.of(*door.map_at(door.state.map_version)),
        cells=cells_of_list("\n".join(place.cells).encode()),
        effect=_effect(change),
        to=_to(change),
        exempt=change.exempt,
        named=tuple(_sites(change)),
        target=_target(door, change),
    )


def _known_rule(door: "Service", name: str) -> str:
    """A rule's name, or a clear error."""
    from skycommons.base.errors import InputError

    if name not in door.state.policy.rules:
        raise InputError(f"the policy has no rule {name!r}; it has {', '.join(sorted(door.state.policy.rules))}")
    return name


def _files(found: "Previewed", figure: Path | None, tables: Path | None, output: Output) -> None:
    """The map and the tables of a preview, and what a reader must know."""
    from skycommons.governance.previews import parse_preview
    from skycommons.studies import preview_figures
    from skycommons.studies.files import replacing_bytes
    from skycommons.studies.preview_file import write_cells

    for note in preview_figures.notes(found.figures):
        output.note(note)
    if tables is not None:
        write_cells(tables, found.figures)
    if figure is not None:
        drawing = preview_figures.figure(found.figures, parse_preview(found.data))
        with replacing_bytes(figure) as stream:
            stream.write(drawing.svg().encode() if figure.suffix == ".svg" else drawing.png())
