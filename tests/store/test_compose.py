"""Documents from few arguments: what follows from the log, and what has to be said."""

from dataclasses import replace

import pytest

from skycommons.base.errors import InputError
from skycommons.governance.decisions import Decision, DecisionKind, Effect, To
from skycommons.governance.policy import RuleName
from skycommons.governance.requests import Asker, AskerKind, Request, SealedRequest, Want, commitment_of
from skycommons.governance.votes import Verdict
from skycommons.governance.words import Border, Role, ServiceClass, ServiceState
from skycommons.store.compose import (
    CLOCK_MARGIN_S,
    Place,
    Proposal,
    code_words,
    compose_appeal,
    compose_decision,
    compose_licence,
    compose_request,
    compose_sealed,
    compose_vote,
    find_digest,
)
from tests.support.commons import BEGIN_S, DAY_S, HOUR_S, ISLAND
from tests.support.services import OFF, ON, ORDER, Stage

NONCE = "ab" * 16
ASKER = Asker(party="state-of-mainland", kind=AskerKind.STATE, name="State of Mainland")


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    """A service with a licence and an open decision; nothing changes it."""
    found = Stage(tmp_path_factory.mktemp("compose") / "service")
    found.register_licence()
    found.propose("ops-1", found.proposal(Effect.REDUCE))
    return found


def composed(stage: Stage, proposal: Proposal) -> Decision:
    """A decision as it was composed."""
    body = compose_decision(stage.service.state, proposal, now_s=BEGIN_S, nonce=NONCE).body
    return Decision.from_json(dict(body))


def test_what_follows_from_the_log_is_filled_in(stage: Stage) -> None:
    """Epoch, policy, version, rule, delay, border, hashes."""
    found = composed(stage, stage.proposal(Effect.REDUCE))
    state = stage.service.state
    assert (found.roster_epoch, found.policy_sha256, found.base_state_version) == (1, state.policy.sha256, 0)
    assert (found.quorum_rule, found.not_before_delay_s) == (RuleName.SUSPEND_TERRITORY, 72 * HOUR_S)
    assert (found.scope.border, found.scope.cells_count, found.nonce) == (Border.FULL, len(ISLAND), NONCE)


def test_the_same_arguments_make_the_same_document(stage: Stage) -> None:
    """Chance and time are handed in."""
    proposal = stage.proposal(Effect.REDUCE)
    assert composed(stage, proposal) == composed(stage, proposal)


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"to": ON}, RuleName.RESTRICT_TERRITORY),
        ({"to": To(state=ServiceState.ACTIVE, service_class=ServiceClass.BACKGROUND)}, RuleName.SUSPEND_TERRITORY),
        ({"to": OFF}, RuleName.SUSPEND_TERRITORY),
        ({"effect": Effect.ADD, "licence": "licence-1"}, RuleName.ACTIVATE),
        ({"effect": Effect.RESTORE}, RuleName.RESTORE),
        ({"place": Place(groups=("b", "a"), kind=DecisionKind.CUSTOMER_GROUP)}, RuleName.SUSPEND_GROUP),
        ({"rule": RuleName.EMERGENCY_REDUCE}, RuleName.EMERGENCY_REDUCE),
    ],
)
def test_the_rule_follows_from_what_is_done(stage: Stage, change: dict[str, object], rule: RuleName) -> None:
    """Unless another one is asked for."""
    proposal = replace(stage.proposal(Effect.REDUCE), **change)  # type: ignore[arg-type] # as the table says
    assert composed(stage, proposal).quorum_rule == rule


def test_protected_users_lengthen_the_delay(stage: Stage) -> None:
    """Seven days where the preview names one inside; a delay that is asked for is taken."""
    preview = stage.preview(ISLAND, Effect.REDUCE, OFF, protected=["clinic"])
    proposal = replace(stage.proposal(Effect.REDUCE), preview=preview)
    assert composed(stage, proposal).not_before_delay_s == 7 * DAY_S
    assert composed(stage, replace(proposal, delay_s=99)).not_before_delay_s == 99
    emergency = replace(proposal, rule=RuleName.EMERGENCY_REDUCE)
    assert composed(stage, emergency).not_before_delay_s == 0


def test_the_end_follows_or_has_to_be_said(stage: Stage) -> None:
    """From the licence, from the emergency's rule, or from nobody."""
    proposal = replace(stage.proposal(Effect.REDUCE), ends_at=0)
    with pytest.raises(InputError, match="say when it ends"):
        composed(stage, proposal)
    assert (
        composed(stage, replace(proposal, rule=RuleName.EMERGENCY_REDUCE)).ends_at
        == BEGIN_S + 6 * HOUR_S - CLOCK_MARGIN_S
    )
    addition = stage.proposal(Effect.ADD)
    assert composed(stage, addition).ends_at == BEGIN_S + 365 * DAY_S
    assert (
        composed(stage, replace(addition, rule=RuleName.EMERGENCY_ADD)).ends_at
        == BEGIN_S + 72 * HOUR_S - CLOCK_MARGIN_S
    )
    assert composed(stage, replace(addition, effect=Effect.RESTORE)).ends_at == 0


def test_sites_that_lose_service_are_named_with_their_reason(stage: Stage) -> None:
    """One by one."""
    proposal = replace(stage.proposal(Effect.REDUCE), exempt=False, sites={"clinic": "it moved"})
    (site,) = composed(stage, proposal).protected.sites
    assert (site.id, site.reason) == ("clinic", "it moved")


def test_a_decision_without_cells_or_preview_is_in_its_form(stage: Stage) -> None:
    """A group has neither; the base is then the newest map."""
    place = Place(groups=("b", "a"), kind=DecisionKind.TERMINAL_CLASS)
    found = composed(stage, replace(stage.proposal(Effect.REDUCE), place=place, preview=b""))
    assert (found.scope.groups, found.scope.cells_sha256, found.scope.border) == (("a", "b"), "", Border.NONE)
    assert (found.base_state_version, found.preview_sha256) == (0, "")


def test_a_vote_is_cast_in_the_only_role_of_a_seat(stage: Stage) -> None:
    """Or in the one that can say this, or in the one that is named."""
    state = stage.service.state
    (subject,) = state.decisions

    def role_of(seat: str, verdict: Verdict, role: Role | None = None) -> object:
        return compose_vote(state, subject, verdict, by=seat, now_s=BEGIN_S, nonce=NONCE, role=role).body["role"]

    assert role_of("legal-2", Verdict.APPROVE) == "legal"
    assert role_of("ops-2", Verdict.APPROVE, Role.TECHNICAL) == "technical"
    assert role_of("watch-1", Verdict.VETO) == "oversight"
    with pytest.raises(InputError, match="has the roles operations, technical"):
        role_of("ops-2", Verdict.APPROVE)
    with pytest.raises(InputError, match="has no seat"):
        role_of("nobody", Verdict.APPROVE)
    with pytest.raises(InputError, match="no decision or appeal"):
        compose_vote(state, "f" * 64, Verdict.APPROVE, by="legal-2", now_s=BEGIN_S, nonce=NONCE)


def test_a_request_names_its_cells_by_their_hash() -> None:
    """And has none if nobody listed any."""
    found = compose_request(
        asker=ASKER,
        wants=Want.WITHHOLD,
        area="the island",
        ground=ORDER,
        received_at=BEGIN_S,
        nonce=NONCE,
        cells=ISLAND,
    )
    request = Request.from_json(dict(found.body))
    assert request.area.cells_count == len(ISLAND)
    assert len(found.blobs) == 1


def test_a_sealed_request_opens_to_what_was_asked() -> None:
    """Its commitment is over the document that the database keeps."""
    asked = compose_request(
        asker=ASKER, wants=Want.WITHHOLD, area="the island", ground=ORDER, received_at=BEGIN_S, nonce=NONCE
    )
    sealed, secret = compose_sealed(asked, salt=b"s" * 32, unseal_at=BEGIN_S + DAY_S, nonce=NONCE)
    body = SealedRequest.from_json(dict(sealed.body))
    assert body.commitment == secret.commitment == commitment_of(b"s" * 32, asked.body)
    assert body.request_class == Want.WITHHOLD


def test_a_sealed_request_lists_no_cells() -> None:
    """The list would lie open beside the log."""
    asked = compose_request(
        asker=ASKER, wants=Want.WITHHOLD, area="x", ground=ORDER, received_at=BEGIN_S, nonce=NONCE, cells=ISLAND
    )
    with pytest.raises(InputError, match="would lie open"):
        compose_sealed(asked, salt=b"s" * 32, unseal_at=BEGIN_S + DAY_S, nonce=NONCE)


def test_a_licence_and_an_appeal_are_in_their_form() -> None:
    """As objects that their kind reads."""
    licence = compose_licence(
        id="l-1", authority="A", country="", cells=ISLAND, valid_from=1, valid_until=2, nonce=NONCE, document=b"text"
    )
    assert licence.body["cells_count"] == len(ISLAND)
    assert licence.body["document_sha256"]
    appeal = compose_appeal(decision="f" * 64, appellant=ASKER, ground="wrong", nonce=NONCE)
    assert appeal.body["ground"] == "wrong"


def test_a_digest_is_found_by_its_beginning() -> None:
    """Eight digits or more, one match, spaces as they are read aloud."""
    digests = ["0123456789" + "a" * 54, "0123456788" + "b" * 54, "fedcba9876" + "c" * 54]
    assert find_digest(digests, "fedc ba98", what="decision") == digests[2]
    assert code_words(digests[2]) == "fedc ba98 76cc cccc"
    for beginning, told in (("fedc", "eight digits"), ("01234567", "2 of them"), ("eeeeeeee", "no decision begins so")):
        with pytest.raises(InputError, match=told):
            find_digest(digests, beginning, what="decision")
