"""Who talks to whom, and where their traffic leaves the constellation.

Every terminal has a flow to its PoP; pairs add flows between two sites. Flows with the same destination share one tree
of shortest paths. A destination is described from the gateways' side: what it costs to go on from there.
"""

from dataclasses import dataclass

import numpy as np

from skycommons.base.arrays import Bytes, Floats, Ints, Ints32
from skycommons.base.constants import EARTH_MEAN_RADIUS_M
from skycommons.base.errors import PlanError
from skycommons.model.rules import RoutingRules
from skycommons.model.scenario import Scenario
from skycommons.model.world import SiteKind, Sites
from skycommons.orbit.frames import up_axis

TO_POP, PAIR = 0, 1
NEAREST_POP = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Flows:
    """``F`` flows towards ``D`` destinations.

    Attributes:
        ids: ``F`` names, ``source -> target``.
        source: ``(F,)`` site row whose satellites are chosen.
        target: ``(F,)`` site row asked for; -1 for the nearest PoP.
        kind: ``(F,)`` 0 terminal to PoP, 1 pair.
        tree: ``(F,)`` destination of each flow.
        destination: ``(D,)`` site row of each destination; -1 for the nearest PoP, which is always destination 0.
    """

    ids: tuple[str, ...]
    source: Ints
    target: Ints
    kind: Bytes
    tree: Ints32
    destination: Ints

    def __len__(self) -> int:
        return len(self.ids)


def flows_of(scenario: Scenario) -> Flows:
    """All flows of a scenario: every terminal to its PoP, then the pairs in their order.

    A pair that starts at a PoP is followed from its other end: light takes the same time both ways.

    Raises:
        PlanError: A pair connects two PoPs, which do not need satellites.
    """
    sites = scenario.world.sites
    terminals = sites.rows(SiteKind.TERMINAL)
    source, target, kind = list(terminals), list(sites.home_pop[terminals]), [TO_POP] * len(terminals)
    ids = [
        f"{sites.ids[a]} -> {sites.ids[b] if b >= 0 else 'nearest PoP'}" for a, b in zip(source, target, strict=True)
    ]
    for first, second in scenario.pairs:
        ids.append(f"{sites.ids[first]} -> {sites.ids[second]}")
        a, b = (second, first) if sites.kind[first] == SiteKind.POP else (first, second)
        if sites.kind[a] == SiteKind.POP:
            raise PlanError(f"pair {ids[-1]!r}: both ends are PoPs; give a terminal or a gateway at one end")
        source.append(a)
        target.append(b)
        kind.append(PAIR)
    wanted = np.array(target, dtype=np.int64)
    destination = np.concatenate([[NEAREST_POP], np.unique(wanted[wanted >= 0])])
    return Flows(
        ids=tuple(ids),
        source=np.array(source, dtype=np.int64),
        target=wanted,
        kind=np.array(kind, dtype=np.uint8),
        tree=np.searchsorted(destination, wanted).astype(np.int32),
        destination=destination,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """Terrestrial costs, in metres of vacuum.

    Attributes:
        gateways, pops: Site rows.
        onward_m: ``(D, NG)`` from each gateway to each destination; infinite where fibre does not lead there.
        gateway_pop: ``(NG,)`` site row of the PoP nearest to each gateway; -1 without PoPs.
        between_m: ``(NG, NG)`` from gateway to gateway.
    """

    gateways: Ints
    pops: Ints
    onward_m: Floats
    gateway_pop: Ints
    between_m: Floats


def ground_of(sites: Sites, flows: Flows, rules: RoutingRules) -> Ground:
    """Fibre costs for the flows' destinations.

    Fibre is longer than the great circle by the scenario's detour factor, and slower than vacuum by its group index.
    """
    gateways, pops = sites.rows(SiteKind.GATEWAY), sites.rows(SiteKind.POP)
    factor = rules.fibre_detour * rules.fibre_index
    to_pops = factor * great_circle_m(sites, gateways, pops)
    onward = np.full((len(flows.destination), len(gateways)), np.inf)
    if len(pops):
        onward[0] = to_pops.min(axis=1)
    for tree, row in enumerate(flows.destination[1:], start=1):
        if sites.kind[row] == SiteKind.POP:
            onward[tree] = to_pops[:, np.searchsorted(pops, row)]
        elif sites.kind[row] == SiteKind.GATEWAY:
            onward[tree, np.searchsorted(gateways, row)] = 0.0
    return Ground(
        gateways=gateways,
        pops=pops,
        onward_m=onward,
        gateway_pop=pops[to_pops.argmin(axis=1)] if len(pops) else np.full(len(gateways), -1),
        between_m=factor * great_circle_m(sites, gateways, gateways),
    )


def great_circle_m(sites: Sites, here: Ints, there: Ints) -> Floats:
    """Great-circle distances ``(N, M)`` between site rows, on the mean sphere.

    Accuracy: within 0.6 % of the geodesic on WGS 84 (tests/plan/test_flows.py); fibre detours are known far worse.
    """

    def unit(rows: Ints) -> Floats:
        return up_axis(sites.latitude_rad[rows], sites.longitude_rad[rows])

    a, b = unit(here), unit(there)
    chord = np.linalg.norm(a[:, None, :] - b[None, :, :], axis=2)
    return np.asarray(2.0 * EARTH_MEAN_RADIUS_M * np.arcsin(np.minimum(0.5 * chord, 1.0)))
