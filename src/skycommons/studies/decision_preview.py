"""The preview of one decision of a log: for whoever asks for it, and again for whoever is to approve it.

* The state before is the service map that the decision was made on, as it was when it was made: its own time, nobody's clock.
* Where a restore takes places out of a layer, the state after is the map without them; else it is the decision laid over the map.
* Decisions over groups or classes have no cells and no preview.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

import numpy as np

from skycommons.base.constants import NS_PER_S
from skycommons.base.errors import InputError
from skycommons.governance.decisions import Decision, Effect, To
from skycommons.model.cells import CellIds, canonical
from skycommons.model.scenario import load
from skycommons.model.scenario_digest import scenario_sha256
from skycommons.model.service_map import ServiceMap
from skycommons.model.service_timeline import ServiceTimeline
from skycommons.studies.enforcement import timeline_of
from skycommons.studies.preview import Binding, PreviewFigures, preview_bytes, preview_of
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
        if decision not in {layer.decision for layer in self.timeline.layers}:
            raise InputError(f"decision {decision[:12]} has no layer on version {self.version} of the service map")
        layers = tuple(
            replace(layer, cells=np.setdiff1d(layer.cells, cells)) if layer.decision == decision else layer
            for layer in self.timeline.layers
        )
        return replace(self.timeline, layers=layers).at(self.as_of_ns)

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


def preview_differences(
    scenario: Path, before: Before, decision: Decision, *, cells: CellIds, preview: bytes
) -> tuple[Difference, ...]:
    """What comes out otherwise when an approver computes a decision's preview again.

    Args:
        scenario: File of the network, as the approver has it.
        before: The map that the decision was made on, as the approver has it.
        decision: As it was signed.
        cells: Those of its list.
        preview: The preview that it names.

    Raises:
        ScenarioError: The file has faults.
        PlanError: The scenario has no rules of service, or nobody asks there.
    """
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

