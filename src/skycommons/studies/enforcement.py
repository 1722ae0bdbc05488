"""Obeying a verified service map: from a bundle and a trust file to what the scheduler is told.

Rules:

* Nobody is asked. The bundle is verified with one's own trust file by the kernel that auditors use; what fails in anything is
  refused whole, and the last map that was good is obeyed on. It is verified again each time, its age aside: old news that were
  true then are better than darkness by a forged map.
* A log that is shorter than that of the last good map, or does not continue it, is refused.
* Without a last good map there is nothing to obey, and nothing is run.
* The clock of the machine judges whether the witnesses saw the log lately. What a layer says ends by the time of the run alone.
* The verified map takes the place of what the scenario says of cells; who asks for service is the scenario's.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any, Final

import numpy as np

from skycommons.base.clock import format_time
from skycommons.base.constants import NS_PER_S
from skycommons.base.errors import Fault, FormatError, InputError, ProofError, SkycommonsError, TrustError
from skycommons.governance.bundles import Bundle, parse_bundle
from skycommons.governance.layers import MAP_KIND
from skycommons.governance.log_clock import read_witnessed
from skycommons.governance.notes import parse_note
from skycommons.governance.trust import Trust, parse_trust
from skycommons.governance.verify import MapReport, service_map_result
from skycommons.model.cells import CellIds
from skycommons.model.documents_service import CLASSES, STATES
from skycommons.model.scenario import Scenario
from skycommons.model.service_map import ServiceMap
from skycommons.model.service_moment import unknown_groups
from skycommons.model.service_timeline import LayerKind, ServiceLayer, ServiceTimeline

GOVERNMENT_BASES: Final = frozenset({"court-order", "regulator", "licence"})
"""Legal bases of decisions that a public body directed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """What the log says of the decision behind a layer.

    Attributes:
        digest: Its name.
        title: In the words of who asked for it.
        basis: On what ground.
        is_emergency: Whether it was made by a rule for emergencies.
        entry: Number of its entry in the log.
    """

    digest: str
    title: str
    basis: str
    is_emergency: bool
    entry: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Enforced:
    """A map that may be obeyed.

    Attributes:
        timeline: What the scheduler is told.
        decisions: Behind each of its layers.
        bundle: The evidence, to be kept as the last good one.
        report: What the kernel said of it.
        is_last_good: Whether this is the map that was good before, because the one that was given was refused.
        refusals: Why it was refused; empty if it was not.
        warnings: What else the user should know.
    """

    timeline: ServiceTimeline
    decisions: tuple[Decided, ...]
    bundle: bytes
    report: MapReport
    is_last_good: bool
    refusals: tuple[str, ...]
    warnings: tuple[str, ...] = ()

    @property
    def log_size(self) -> int:
        """How many entries the log has."""
        return 0 if self.report.head is None else self.report.head.head.size

    def sentences(self) -> list[str]:
        """What is obeyed, and why that rather than what was given."""
        head = self.report.head
        seen = (
            "" if head is None else f", seen under {len(head.witnesses)} keys of witnesses at {_time(head.earliest_s)}"
        )
        said = [f"REFUSED: {why}" for why in self.refusals]
        what = "the last good service map" if self.is_last_good else "the service map"
        said.append(
            f"{what} is enforced: version {self.report.map_version}, SHA-256 {self.report.map_sha256[:16]}…, by a log of "
            f"{self.log_size:,} entries{seen}"
        )
        said += [f"warning: {warning}" for warning in self.warnings]
        if self.report.findings:
            said.append(f"warning: {len(self.report.findings)} entries of the log are void and have no effect")
        return said

    def to_json_dict(self) -> dict[str, Any]:
        """What was enforced, as plain JSON values."""
        head = self.report.head
        return {
            "map_version": self.report.map_version,
            "map_sha256": self.report.map_sha256,
            "origin": "" if head is None else head.head.origin,
            "log_size": self.log_size,
            "log_root": "" if head is None else head.head.root.hex(),
            "witnessed_at": None if head is None else _time(head.earliest_s),
            "witnesses": [] if head is None else [{"name": name, "at": _time(at_s)} for name, at_s in head.witnesses],
            "void_entries": len(self.report.findings),
            "is_last_good": self.is_last_good,
            "refusals": list(self.refusals),
            "warnings": list(self.warnings),
            "layers": [
                {
                    "decision": layer.decision,
                    "title": decided.title,
                    "basis": decided.basis,
                    "emergency": decided.is_emergency,
                    "entry": decided.entry,
                    "ends": format_time(layer.ends_ns) if layer.ends_ns else None,
                }
                for layer, decided in zip(self.timeline.layers, self.decisions, strict=True)
            ],
        }


def enforce(
    bundle: bytes, trust: bytes, *, now_s: int, last_good: bytes | None = None, begins_s: int | None = None
) -> Enforced:
    """The map to obey: the one that is given if it verifies, else the last good one.

    Args:
        bundle: The map that is to be obeyed, with its evidence.
        trust: Whom to trust.
        now_s: Now by the clock of this machine.
        last_good: The bundle that was obeyed last, if any.
        begins_s: When a plan that is judged began: the map has to be as fresh as it had to be then, or newer.
    Raises:
        FormatError: The trust file is not in its form.
        ProofError: The map does not verify, and there is no last good one that does.
    """
    trusted = parse_trust(trust)
    old, warnings = _last_good(last_good, trusted)
    last = None if old is None else old[1].last_good
    try:
        found = parse_bundle(bundle, source="service map")
        at_s = now_s if begins_s is None else min(now_s, max(begins_s, _seen_s(found, trusted)))
        report = service_map_result(found.manifest, found, trusted, now_s=at_s, last=last)
    except FormatError as error:
        refusals: tuple[str, ...] = (str(error),)
    else:
        refusals = tuple(str(refusal) for refusal in report.refusals)
        if not refusals:
            return _enforced(bundle, found, report, warnings=warnings)
    if old is None or last_good is None:
        listed = "".join(f"\n  {why}" for why in (*refusals, *warnings))
        raise ProofError(
            f"the service map is refused, and no last good one can stand in for it; nothing is obeyed{listed}"
        )
    return _enforced(last_good, *old, is_last_good=True, refusals=refusals, warnings=warnings)


def obeying(scenario: Scenario, enforced: Enforced) -> tuple[Scenario, tuple[str, ...]]:
    """The scenario under a verified map, and what its user should know.

    Raises:
        InputError: The scenario has no scheduler, so that nothing would obey.
    """
    service = scenario.service
    if service is None:
        raise InputError(
            "--service-map: the scenario has no [demand], [service] or [schedule]; add [schedule] to obey a map"
        )
    notes = []
    if len(service.service_map) or service.service_map.default_state:
        notes.append("what the scenario says of the state of cells is set aside; the verified service map counts")
    for layer in enforced.timeline.layers:
        unknown = unknown_groups(layer, scenario.world)
        if unknown and layer.kind is not LayerKind.TERRITORY:
            notes.append(f"decision {layer.decision[:16]}…: nobody in the scenario is of {', '.join(unknown)}")
    told = replace(service, service_map=enforced.timeline.base, layers=enforced.timeline.layers)
    return scenario.replace(service=told), tuple(notes)


def causes_of(enforced: Enforced) -> dict[str, str]:
    """What caused outages by decision, in the words of `skycommons.studies.reconcile`."""
    return {
        decided.digest: "GOVERNMENT_DIRECTED" if decided.basis in GOVERNMENT_BASES else "OPERATOR_DECISION"
        for decided in enforced.decisions
    }


def timeline_of(manifest: bytes, blobs: Mapping[str, bytes]) -> ServiceTimeline:
    """What a verified map says, as the scheduler reads it.

    Args:
        manifest: The map; its layers name lists of cells by hash.
        blobs: The lists, by hash in hex.
    Raises:
        FormatError: It is no map of this version, or a list is missing or has another hash.
    """
    document = _document(manifest)
    nothing = np.zeros(0, dtype=np.uint8)
    base = ServiceMap(
        version=document["version"],
        cells=np.zeros(0, dtype=np.uint64),
        state=nothing,
        service_class=nothing.copy(),
        default_state=STATES[document["default_state"]],
        default_class=CLASSES[document["default_class"]],
    )
    return ServiceTimeline(base=base, layers=tuple(_layer(layer, blobs) for layer in document["layers"]))


def _document(manifest: bytes) -> dict[str, Any]:
    """The JSON of a map."""
    try:
        document: dict[str, Any] = json.loads(manifest)
        if (document["kind"], document["v"]) == (MAP_KIND, 1):
            return document
    except (ValueError, LookupError, TypeError):
        pass
    raise FormatError("service map", [Fault("kind", f'should be JSON with "kind": "{MAP_KIND}", "v": 1')])


def _layer(layer: Mapping[str, Any], blobs: Mapping[str, bytes]) -> ServiceLayer:
    """One layer; what restores took out of it is gone."""
    cells = _cells(layer["cells_sha256"], blobs)
    for gone in layer["without"]:
        cells = np.setdiff1d(cells, _cells(gone, blobs), assume_unique=True)
    return ServiceLayer(
        decision=layer["decision"],
        kind=LayerKind(layer["kind"]),
        cells=cells,
        state=STATES[layer["state"]],
        service_class=CLASSES[layer["service_class"]],
        is_exempt=layer["exempt"],
        sites=tuple(layer["sites"]),
        groups=tuple(group for group in layer["groups"] if group not in layer["groups_without"]),
        ends_ns=layer["ends_at"] * NS_PER_S,
    )


def _cells(digest: str, blobs: Mapping[str, bytes]) -> CellIds:
    """The cells of a list, sorted; none where there is no list."""
    if not digest:
        return np.zeros(0, dtype=np.uint64)
    data = blobs.get(digest, b"")
    if sha256(data).hexdigest() != digest:
        raise FormatError("service map", [Fault(digest, "this list of cells is missing, or is another one")])
    return np.unique(np.array([int(cell, 16) for cell in data.split()], dtype=np.uint64))


def _last_good(data: bytes | None, trust: Trust) -> tuple[tuple[Bundle, MapReport] | None, tuple[str, ...]]:
    """The last good map, verified again but for its age, and what is wrong with it."""
    if data is None:
        return None, ()
    try:
        found = parse_bundle(data, source="last good service map")
        report = service_map_result(found.manifest, found, trust, now_s=None)
    except SkycommonsError as error:
        return None, (f"the last good map is of no use any more: {error}",)
    if report.refusals:
        return None, (f"the last good map does not verify any more: {report.refusals[0]}",)
    return (found, report), ()


def _seen_s(found: Bundle, trust: Trust) -> int:
    """When a quorum of witnesses had seen a log; 0 if none has, which is for the verification to say."""
    try:
        return read_witnessed(parse_note(found.checkpoint), trust.policy, origin=trust.origin).earliest_s
    except (FormatError, TrustError):
        return 0


def _enforced(
    data: bytes,
    bundle: Bundle,
    report: MapReport,
    *,
    is_last_good: bool = False,
    refusals: tuple[str, ...] = (),
    warnings: tuple[str, ...] = (),
) -> Enforced:
    """What is obeyed of a verified bundle."""
    timeline = timeline_of(bundle.manifest, bundle.blobs)
    return Enforced(
        timeline=timeline,
        decisions=tuple(_decided(layer.decision, report) for layer in timeline.layers),
        bundle=data,
        report=report,
        is_last_good=is_last_good,
        refusals=refusals,
        warnings=warnings,
    )


def _decided(digest: str, report: MapReport) -> Decided:
    """What the log says of a decision."""
    if report.ledger is None or digest not in report.ledger.state.decisions:
        return Decided(digest=digest, title="", basis="", is_emergency=False, entry=-1)
    record = report.ledger.state.decisions[digest]
    return Decided(
        digest=digest,
        title=record.decision.title,
        basis=record.decision.legal_basis.type.value,
        is_emergency=record.is_emergency,
        entry=record.index,
    )


def _time(time_s: int) -> str:
    """An instant as people write it."""
    return format_time(time_s * NS_PER_S)
