"""The preview of one decision of a log: for whoever asks for it, and again for whoever is to approve it.

* The state before is the service map that the decision was made on, as it was when it was made: its own time, nobody's clock.
* Where a restore takes places out of a layer, the state after is the map without them; else it is the decision laid over the map.
* Of a decision over groups or classes the preview counts the scenario's terminals: who of them loses or gains service. It plans
  nothing, so capacity and people are not in it. Protected users keep service.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

import numpy as np

from skycommons.base.constants import NS_PER_S
from skycommons.base.errors import InputError, PlanError
from skycommons.governance.decisions import Decision, Effect, To
from skycommons.governance.previews import (
    CapacityEffect,
    CellsEffect,
    PeopleEffect,
    Preview,
    TerminalsEffect,
    parse_preview,
)
from skycommons.model.cells import CellIds, canonical
from skycommons.model.scenario import load
from skycommons.model.scenario_digest import scenario_sha256
from skycommons.model.service_map import CellState, ServiceClass, ServiceMap
from skycommons.model.service_moment import accounts_at
from skycommons.model.service_timeline import LayerKind, ServiceLayer, ServiceTimeline
from skycommons.store.compose import Place
from skycommons.studies.enforcement import timeline_of
from skycommons.studies.preview import Binding, PreviewFigures, preview_bytes, preview_of, program
from skycommons.studies.preview_recompute import Difference, recompute


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Before:
    """The service map that a decision is made on.

    Attributes:
        origin: The log.
        version: Version of the map.
        sha256: Its hash.
        timeline: What it says.
        as_of_ns: When it was made, by the log's time.
    """

    origin: str
    version: int
    sha256: str
    timeline: ServiceTimeline
    as_of_ns: int

    @classmethod
    def of(cls, manifest: bytes, blobs: Mapping[str, bytes]) -> "Before":
        """From a map's text and the lists of cells that it names.

        Raises:
            FormatError: It is no service map, or a list is missing.
        """
        timeline = timeline_of(manifest, blobs)
        document = json.loads(manifest)
        return cls(
            origin=document["origin"],
            version=document["version"],
            sha256=sha256(manifest).hexdigest(),
            timeline=timeline,
            as_of_ns=document["as_of"] * NS_PER_S,
        )

    @property
    def service_map(self) -> ServiceMap:
        """What it says of cells."""
        return self.timeline.at(self.as_of_ns)

    def without(self, decision: str, cells: CellIds) -> ServiceMap:
        """What it would say of cells with some of them taken out of a decision's layer.

        Raises:
            InputError: The decision has no layer.
        """
        self._check_layer(decision)
        layers = tuple(
            replace(layer, cells=np.setdiff1d(layer.cells, cells)) if layer.decision == decision else layer
            for layer in self.timeline.layers
        )
        return replace(self.timeline, layers=layers).at(self.as_of_ns)

    def without_groups(self, decision: str, groups: tuple[str, ...]) -> tuple[ServiceLayer, ...]:
        """Its layers with some groups taken out of a decision's.

        Raises:
            InputError: The decision has no layer.
        """
        self._check_layer(decision)
        return tuple(
            replace(layer, groups=tuple(sorted(set(layer.groups) - set(groups))))
            if layer.decision == decision
            else layer
            for layer in self.timeline.layers
        )

    def _check_layer(self, decision: str) -> None:
        """A restore takes from a layer that is there."""
        if decision not in {layer.decision for layer in self.timeline.layers}:
            raise InputError(f"decision {decision[:12]} has no layer on version {self.version} of the service map")

    def binding(self, scenario: Path) -> Binding:
        """What a preview made on it is bound to."""
        return Binding(
            origin=self.origin,
            base_state_version=self.version,
            base_map_sha256=self.sha256,
            scenario_sha256=scenario_sha256(scenario),
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Previewed:
    """A preview that was computed.

    Attributes:
        data: Its text, which is hashed and signed.
        figures: More than the text says, for tables and maps.
        binding: What it is bound to.
    """

    data: bytes
    figures: PreviewFigures
    binding: Binding

    @property
    def losing(self) -> tuple[str, ...]:
        """Protected users who would lose service."""
        return tuple(site.id for site in self.figures.protected if site.loses)


def preview_decision(
    scenario: Path,
    before: Before,
    *,
    cells: CellIds,
    effect: Effect,
    to: To,
    exempt: bool = True,
    named: tuple[str, ...] = (),
    target: str = "",
    slots_s: tuple[int, ...] = (),
) -> Previewed:
    """What a decision would do.

    Args:
        scenario: File of the network.
        before: The map that it is made on.
        cells: Canonical.
        effect: Which way it goes.
        to: What is to hold.
        exempt: Whether protected users keep service.
        named: Protected users who lose it all the same.
        target: The decision that a restore takes the cells from.
        slots_s: Instants to plan, POSIX seconds; those that follow from the scenario unless given.

    Raises:
        ScenarioError: The file has faults.
        InputError: There are no cells, or the target has no layer.
        PlanError: The scenario has no rules of service, or nobody asks there.
    """
    figures = preview_of(
        load(scenario),
        cells=cells,
        effect=effect,
        to=to,
        exempt=exempt,
        base=before.service_map,
        slots_s=slots_s,
        after=before.without(target, cells) if effect is Effect.RESTORE else None,
        named=named,
    )
    binding = before.binding(scenario)
    return Previewed(data=preview_bytes(figures, binding), figures=figures, binding=binding)


def preview_groups(scenario: Path, before: Before, place: Place, *, effect: Effect, to: To, target: str = "") -> bytes:
    """What a decision over groups of customers or classes of terminals would do, as the text that is hashed.

    Args:
        scenario: File of the network.
        before: The map that it is made on.
        place: The groups or classes.
        effect: Which way it goes.
        to: What is to hold.
        target: The decision that a restore takes the groups from.

    Raises:
        ScenarioError: The file has faults.
        PlanError: The scenario has no rules of service.
        InputError: The target has no layer.
    """
    network = load(scenario)
    if network.service is None:
        raise PlanError(f"scenario {network.name!r} says nothing of service; add [demand] or [schedule]")
    accounts, world, at_ns = network.service.accounts, network.world, before.as_of_ns
    laid = ServiceLayer(
        decision="preview",
        kind=LayerKind(place.kind.value),
        cells=canonical([]),
        state=CellState[to.state.name],
        service_class=ServiceClass[to.service_class.name],
        is_exempt=True,
        groups=place.groups,
    )
    after = before.without_groups(target, place.groups) if effect is Effect.RESTORE else before.timeline.layers
    layers = after if effect is Effect.RESTORE else (*after, laid)
    everybody = replace(accounts, is_barred=np.zeros(len(accounts.rank), dtype=np.bool_))
    off = ServiceTimeline(layers=(replace(laid, state=CellState.INACTIVE, is_exempt=False),))
    members = accounts_at(everybody, world, off, at_ns).is_barred
    barred = accounts_at(accounts, world, before.timeline, at_ns).is_barred
    then = accounts_at(accounts, world, replace(before.timeline, layers=layers), at_ns).is_barred
    preview = Preview(
        origin=before.origin,
        cells_sha256="",
        cells_count=0,
        to=to,
        effect=effect,
        base_state_version=before.version,
        base_map_sha256=before.sha256,
        scenario_sha256=scenario_sha256(scenario),
        program=program(),
        slots=(),
        terminals=TerminalsEffect(
            inside=int(members.sum()),
            lose=int((then & ~barred).sum()),
            gain=int((barred & ~then).sum()),
            elsewhere_lose=0,
        ),
        people=PeopleEffect(inside=0, lose=0, gain=0),
        protected=(),
        capacity=CapacityEffect(
            inside_before_kbps=0, inside_after_kbps=0, elsewhere_before_kbps=0, elsewhere_after_kbps=0
        ),
        cells=CellsEffect(served_before=0, served_after=0),
    )
    return preview.encode()


def preview_differences(
    scenario: Path, before: Before, decision: Decision, *, cells: CellIds, preview: bytes
) -> tuple[Difference, ...]:
    """What comes out otherwise when an approver computes a decision's preview again.

    Args:
        scenario: File of the network, as the approver has it.
        before: The map that the decision was made on, as the approver has it.
        decision: As it was signed.
        cells: Those of its list; none for groups and classes.
        preview: The preview that it names.

    Raises:
        ScenarioError: The file has faults.
        PlanError: The scenario has no rules of service, or nobody asks there.
    """
    if decision.scope.groups:
        place = Place(groups=decision.scope.groups, kind=decision.kind)
        again = preview_groups(scenario, before, place, effect=decision.effect, to=decision.to, target=decision.target)
        signed, found = parse_preview(preview).to_json(), parse_preview(again).to_json()
        return tuple(
            Difference(place=key, signed=signed[key], found=found[key]) for key in signed if signed[key] != found[key]
        )
    return recompute(
        preview,
        load(scenario),
        cells=cells,
        exempt=decision.protected.exempt,
        base=before.service_map,
        binding=before.binding(scenario),
        after=before.without(decision.target, cells) if decision.effect is Effect.RESTORE else None,
        named=tuple(site.id for site in decision.protected.sites),
    )


def cells_of_list(data: bytes) -> CellIds:
    """The cells of a list beside the log.

    Raises:
        InputError: One is no cell of H3.
    """
    return canonical([int(cell, 16) for cell in data.split()])
