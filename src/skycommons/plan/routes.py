"""Which way the packets go: from every source over a satellite, lasers, a gateway and fibre to its destination.

Rules: attachment and path are chosen together, per step. Delay is one way and pure travel time of light: vacuum between
stations, glass on the ground; queues, frames and processing are not in it. A flow without a path says why.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from skycommons.base.arrays import Bools, Bytes, Floats, Ints, Ints32, check_shape
from skycommons.base.constants import LIGHT_SPEED_M_S
from skycommons.base.errors import InputError
from skycommons.base.threads import in_parallel
from skycommons.model.rules import BentPipeMode, HighestElevation
from skycommons.model.scenario import Scenario
from skycommons.model.world import SiteKind
from skycommons.orbit.ephemeris import Ephemeris
from skycommons.plan.attachment import AttachmentPolicy, Candidates, policy_of
from skycommons.plan.attachment_kernel import gather
from skycommons.plan.flows import Flows, Ground, flows_of, ground_of
from skycommons.plan.graph_kernel import build_graph, grow_trees, seed_landings, trace
from skycommons.plan.lasers import Lasers, lasers_at
from skycommons.plan.topology import Pointing, pointing_of
from skycommons.plan.visibility import Horizon, View, view

LONGEST_PATH = 96  # satellites of a path that are kept for maps; longer paths are cut there, their delay is not


class Reason(IntEnum):
    """Why a flow has no path."""

    REACHABLE = 0
    NO_SATELLITE = 1
    NO_GATEWAY = 2
    NO_LASER_PATH = 3
    NO_SATELLITE_AT_TARGET = 4
    NO_LINK = 5
    NOT_SERVED = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """A scenario prepared for routing: everything that does not change from step to step.

    Attributes:
        scenario: The scenario.
        horizon: All sites.
        pointing: Who points lasers at whom.
        flows: Who talks to whom.
        ground: Terrestrial costs.
        policy: How terminals choose.
        tracked: ``(P,)`` flows whose whole path is kept.
    """

    scenario: Scenario
    horizon: Horizon
    pointing: Pointing
    flows: Flows
    ground: Ground
    policy: AttachmentPolicy
    tracked: Ints

    @staticmethod
    def of(scenario: Scenario, *, attachment: AttachmentPolicy | None = None, tracked: Ints | None = None) -> "Network":
        """Prepare a scenario.

        Args:
            scenario: The scenario.
            attachment: A policy of the user's own; the scenario's rule unless given.
            tracked: Flows whose whole path is kept; all unless given.
        """
        flows, rules = flows_of(scenario), scenario.lasers
        return Network(
            scenario=scenario,
            horizon=Horizon.of(scenario.world.sites),
            pointing=pointing_of(rules.topology, scenario.world.satellites, scenario.start_ns, rules.max_range_m),
            flows=flows,
            ground=ground_of(scenario.world.sites, flows, scenario.routing),
            policy=policy_of(scenario.routing.attachment) if attachment is None else attachment,
            tracked=np.arange(len(flows)) if tracked is None else tracked,
        )

    def lasers(self, time_ns: int, position_itrf_m: Floats, valid: Bools, *, before: Lasers | None) -> Lasers:
        """Lasers of one step, given those of the step before."""
        return lasers_at(
            self.scenario.lasers,
            self.pointing,
            time_ns,
            position_itrf_m=position_itrf_m,
            valid=valid,
            before=before,
            seed=self.scenario.seed,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRoutes:
    """Routes of one step; ``K`` alternatives per flow, best first.

    Attributes:
        view: What all sites see.
        served: ``(S,)`` satellites from which some PoP can be reached.
        delay_s: ``(F, K)`` one way; NaN without a path.
        entry_satellite, exit_satellite, exit_site: ``(F, K)`` rows, -1 without a path. The exit site is the gateway, or
            the target itself where the path ends at a terminal.
        laser_hops: ``(F, K)`` lasers crossed; 0 is a bent pipe, -1 no path.
        entry_elevation_rad: ``(F, K)``.
        reason: ``(F,)`` `Reason`.
        fingerprint: ``(F,)`` of the best path; equal numbers mean equal paths.
        path: ``(P, LONGEST_PATH)`` satellites of the tracked flows' best paths, source first, -1 behind the end.
    """

    view: View
    served: Bools
    delay_s: Floats
    entry_satellite: Ints32
    exit_satellite: Ints32
    exit_site: Ints32
    laser_hops: Ints32
    entry_elevation_rad: Floats
    reason: Bytes
    fingerprint: Ints
    path: Ints32


@dataclass(frozen=True, slots=True, kw_only=True)
class Trees:
    """Least costs from every satellite to every destination.

    Attributes:
        cost_m: ``(D, S)`` metres of vacuum.
        parent: ``(D, S)`` next satellite, -1 at the last.
        landing: ``(D, S)`` site at which a satellite hands the traffic down, -1 where it does not.
        has_seed: ``(D,)`` whether any satellite can hand traffic down.
    """

    cost_m: Floats
    parent: Ints32
    landing: Ints32
    has_seed: Bools


def route_step(
    network: Network,
    position_itrf_m: Floats,
    valid: Bools,
    lasers: Lasers,
    *,
    closing: Callable[[View], View] | None = None,
) -> StepRoutes:
    """Routes of all flows at one step.

    Args:
        network: The prepared scenario.
        position_itrf_m: ``(S, 3)``; ``valid`` ``(S,)``.
        lasers: Lasers of the step.
        closing: What is left of the pairs in view in the weather of the step; all of them unless given.

    Raises:
        ShapeError: The policy's choice is not ``(F, K)``.
    """
    seen = view(network.horizon, position_itrf_m, valid)
    linked = seen if closing is None else closing(seen)
    trees = _trees(network, linked, lasers)
    flows = network.flows
    columns = gather(
        *(linked.start, linked.sat, linked.range_m, linked.sine_elevation), flows.source, flows.tree, trees.cost_m
    )
    candidates = Candidates(
        start=columns[0], sat=columns[1], range_m=columns[2], sine_elevation=columns[3], onward_m=columns[4]
    )
    count = network.scenario.routing.alternatives
    chosen = network.policy.choose(candidates, count)
    check_shape("chosen", chosen, (len(flows), count))
    return _follow(network, (seen, linked), trees, candidates=candidates, chosen=chosen)


def _trees(network: Network, seen: View, lasers: Lasers) -> Trees:
    """Seed every destination's ways down, then grow its tree over the lasers."""
    flows, ground, sites = network.flows, network.ground, network.scenario.world.sites
    satellites = len(network.scenario.world.satellites)
    shape = (len(flows.destination), satellites)
    cost, landing = np.full(shape, np.inf), np.full(shape, -1, dtype=np.int32)
    parent = np.full(shape, -1, dtype=np.int32)
    bent_pipe = isinstance(network.scenario.routing.mode, BentPipeMode)
    for tree, row in enumerate(flows.destination):
        onward = ground.onward_m[tree]
        if row >= 0 and sites.kind[row] == SiteKind.TERMINAL:
            if bent_pipe:
                onward = _over_gateways_m(network, seen, int(row))
            else:
                pairs = _target_pairs(network, seen, int(row))
                cost[tree, seen.sat[pairs]] = seen.range_m[pairs]
                landing[tree, seen.sat[pairs]] = row
        seed_landings(seen.start, seen.sat, seen.range_m, ground.gateways, onward, cost[tree], landing[tree])
    has_seed = np.isfinite(cost).any(axis=1)
    if not bent_pipe:
        neighbour, length = build_graph(satellites, lasers.pairs, lasers.range_m, lasers.up())
        grow_trees(neighbour, length, cost, parent)
    return Trees(cost_m=cost, parent=parent, landing=landing, has_seed=has_seed)


def _target_pairs(network: Network, seen: View, row: int) -> Ints:
    """Pairs of the view by which the target terminal takes traffic, as the scenario's attachment rule allows."""
    pairs = np.arange(seen.start[row], seen.start[row + 1])
    if isinstance(network.scenario.routing.attachment, HighestElevation) and len(pairs):
        pairs = pairs[[int(seen.sine_elevation[pairs].argmax())]]
    return pairs


def _over_gateways_m(network: Network, seen: View, row: int) -> Floats:
    """Without lasers a terminal is reached from a gateway: fibre to a second one, up to a satellite, down."""
    ground = network.ground
    down = np.full(len(network.scenario.world.satellites), np.inf)
    pairs = _target_pairs(network, seen, row)
    down[seen.sat[pairs]] = seen.range_m[pairs]
    last = np.full(len(ground.gateways), np.inf)
    for index, gateway in enumerate(ground.gateways):
        up = slice(seen.start[gateway], seen.start[gateway + 1])
        last[index] = np.min(seen.range_m[up] + down[seen.sat[up]], initial=np.inf)
    return np.asarray(np.min(ground.between_m + last[None, :], axis=1, initial=np.inf))


def _follow(
    network: Network, views: tuple[View, View], trees: Trees, *, candidates: Candidates, chosen: Ints
) -> StepRoutes:
    """Turn choices into paths and columns; the views are what is seen, and what of it is a link."""
    flows = network.flows
    some = chosen >= 0
    place = np.where(some, chosen, 0)
    if len(candidates.sat):
        total = candidates.range_m[place] + candidates.onward_m[place]
        entry, sine = candidates.sat[place], candidates.sine_elevation[place]
    else:
        total, sine = np.full(chosen.shape, np.inf), np.zeros(chosen.shape)
        entry = np.zeros(chosen.shape, dtype=np.int32)
    reached = some & np.isfinite(total)
    entry = np.where(reached, entry, -1).astype(np.int32)
    path = np.full((len(flows) if len(network.tracked) else 0, LONGEST_PATH), -1, dtype=np.int32)
    best = trace(entry[:, 0].copy(), trees.parent, flows.tree, trees.landing, path)
    ends = [best] + [
        trace(entry[:, rank].copy(), trees.parent, flows.tree, trees.landing, path[:0])
        for rank in range(1, entry.shape[1])
    ]
    return StepRoutes(
        view=views[0],
        served=np.isfinite(trees.cost_m[0]),
        delay_s=np.where(reached, total, np.nan) / LIGHT_SPEED_M_S,
        entry_satellite=entry,
        exit_satellite=np.stack([end[0] for end in ends], axis=1),
        exit_site=np.stack([end[1] for end in ends], axis=1),
        laser_hops=np.stack([end[2] for end in ends], axis=1),
        entry_elevation_rad=np.where(reached, np.arcsin(np.clip(sine, -1.0, 1.0)), np.nan),
        reason=_reasons(network, views, trees, reached[:, 0]),
        fingerprint=best[3],
        path=path[network.tracked],
    )


def _reasons(network: Network, views: tuple[View, View], trees: Trees, reached: Bools) -> Bytes:
    """Why each flow has no path, the nearest cause first."""
    if reached.all():
        return np.full(len(reached), Reason.REACHABLE, dtype=np.uint8)
    flows, sites = network.flows, network.scenario.world.sites
    to_terminal = np.array([row >= 0 and sites.kind[row] == SiteKind.TERMINAL for row in flows.destination])
    sees, links = views[0].counts(), views[1].counts()
    target_blind = np.array([row >= 0 and sees[row] == 0 for row in flows.destination]) & to_terminal
    target_unlinked = np.array([row >= 0 and links[row] == 0 for row in flows.destination]) & to_terminal
    lasers_missing = Reason.NO_GATEWAY
    if not isinstance(network.scenario.routing.mode, BentPipeMode):
        lasers_missing = Reason.NO_LASER_PATH
    unlanded, unfed = _without_feeders(network, views, trees)
    reason = np.select(
        [
            reached,
            sees[flows.source] == 0,
            target_blind[flows.tree],
            (links[flows.source] == 0) | target_unlinked[flows.tree],
            unlanded[flows.tree],
            ~trees.has_seed[flows.tree],
            unfed[flows.source],
        ],
        [
            *(Reason.REACHABLE, Reason.NO_SATELLITE, Reason.NO_SATELLITE_AT_TARGET, Reason.NO_LINK),
            *(Reason.NO_LINK, Reason.NO_GATEWAY, Reason.NO_LINK),
        ],
        default=lasers_missing,
    )
    return reason.astype(np.uint8)


def _without_feeders(network: Network, views: tuple[View, View], trees: Trees) -> tuple[Bools, Bools]:
    """Where gateways are in sight and weather closed their links.

    Returns:
        Trees ``(D,)`` that no way leads down to, though gateways that serve them see satellites; and sites ``(G,)`` that
        need a gateway under their own satellite, and see one whose gateways have all lost it.
    """
    ground = network.ground
    fed = np.zeros((2, len(network.scenario.world.satellites)), dtype=np.bool_)
    for row, each in enumerate(views):
        for gateway in ground.gateways:
            fed[row, each.sat[each.start[gateway] : each.start[gateway + 1]]] = True
    sighted = views[0].counts()[ground.gateways] > 0
    unlanded = ~trees.has_seed & (np.isfinite(ground.onward_m) & sighted).any(axis=1)
    if not isinstance(network.scenario.routing.mode, BentPipeMode):
        return unlanded, np.zeros(len(views[0].start) - 1, dtype=np.bool_)
    lost_before = np.concatenate([[0], np.cumsum((fed[0] & ~fed[1])[views[0].sat])])
    return unlanded, lost_before[views[0].start[1:]] > lost_before[views[0].start[:-1]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Routes:
    """Routes of ``F`` flows over ``T`` steps, best path of each.

    Attributes:
        flows: Who talks to whom.
        time_ns: ``(T,)``.
        delay_s: ``(T, F)`` one way; NaN without a path.
        alternative_delay_s: ``(T, F, K)`` of the ``K`` best entry satellites, best first.
        entry_satellite, exit_satellite, exit_site: ``(T, F)`` rows, -1 without a path.
        laser_hops: ``(T, F)``.
        entry_elevation_rad: ``(T, F)``.
        reason: ``(T, F)`` `Reason`.
        changed: ``(T, F)`` whether the path differs from the step before.
        path: ``(T, F, LONGEST_PATH)`` satellites, -1 behind the end.
    """

    flows: Flows
    time_ns: Ints
    delay_s: Floats
    alternative_delay_s: Floats
    entry_satellite: Ints32
    exit_satellite: Ints32
    exit_site: Ints32
    laser_hops: Ints32
    entry_elevation_rad: Floats
    reason: Bytes
    changed: Bools
    path: Ints32

    def __repr__(self) -> str:
        reachable = float(np.mean(self.reason == Reason.REACHABLE)) if self.reason.size else 0.0
        return f"<Routes: {len(self.time_ns):,} steps, {len(self.flows):,} flows, {reachable:.1%} reachable>"


def route(scenario: Scenario, ephemeris: Ephemeris, *, attachment: AttachmentPolicy | None = None) -> Routes:
    """Routes of all flows of a scenario over an ephemeris, as if everybody were served.

    Flows choose for themselves: rules of service, the service map among them, are not asked. `schedule` asks them, and so
    does a run.

    Args:
        scenario: Sites, flows, laser and routing rules.
        ephemeris: ``T`` steps of the scenario's satellites.
        attachment: A policy of your own instead of the scenario's rule.

    Raises:
        InputError: The ephemeris has no steps.
        PlanError: A pair connects two PoPs, or a laser a satellite that is not there.
    Accuracy: the delays of an independent simulator within 1 µs in its own rules (``skycommons validate satgenpy``).
    """
    if not len(ephemeris):
        raise InputError("the ephemeris has no steps; ask for at least one instant")
    network = Network.of(scenario, attachment=attachment)
    lasers: list[Lasers] = []
    for step, time_ns in enumerate(ephemeris.time_ns):
        before = lasers[-1] if lasers else None
        lasers.append(
            network.lasers(int(time_ns), ephemeris.position_itrf_m[step], ephemeris.valid[step], before=before)
        )
    steps = in_parallel(
        lambda step: route_step(network, ephemeris.position_itrf_m[step], ephemeris.valid[step], lasers[step]),
        list(range(len(ephemeris))),
    )
    return Routes(
        flows=network.flows,
        time_ns=ephemeris.time_ns,
        delay_s=np.stack([step.delay_s[:, 0] for step in steps]),
        alternative_delay_s=np.stack([step.delay_s for step in steps]),
        entry_satellite=np.stack([step.entry_satellite[:, 0] for step in steps]),
        exit_satellite=np.stack([step.exit_satellite[:, 0] for step in steps]),
        exit_site=np.stack([step.exit_site[:, 0] for step in steps]),
        laser_hops=np.stack([step.laser_hops[:, 0] for step in steps]),
        entry_elevation_rad=np.stack([step.entry_elevation_rad[:, 0] for step in steps]),
        reason=np.stack([step.reason for step in steps]),
        changed=changes(np.stack([step.fingerprint for step in steps])),
        path=np.stack([step.path for step in steps]),
    )


def changes(fingerprint: Ints, before: Ints | None = None) -> Bools:
    """``(T, F)`` whether each path differs from the step before; the first step compares with ``before``, if given."""
    changed = np.zeros(fingerprint.shape, dtype=np.bool_)
    changed[1:] = fingerprint[1:] != fingerprint[:-1]
    if before is not None:
        changed[0] = fingerprint[0] != before
    return changed
