"""How long light takes from places to their PoPs, over all satellites that may serve them, each by its odds.

Rules: nothing is drawn. Every satellite in view that has a way to the place's PoP counts with the probability by which the
observed utility takes it; stickiness and load are left out, for over many slots they hardly move the shares. So the light
times of a span are a weighted sample, and its quantiles carry no noise of draws. Ways are those of `routes`: down at the
gateway from which the PoP is nearest, antennas not counted (docs/adr/0032-latency-parts.md says what counting them does).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from skycommons.base.arrays import Bools, Floats, Ints, Ints32, check_shape, freeze
from skycommons.base.constants import LIGHT_SPEED_M_S
from skycommons.base.errors import InputError
from skycommons.model.scenario import Scenario
from skycommons.orbit.ephemeris import Ephemeris
from skycommons.orbit.frames import geodetic_to_itrf, up_axis
from skycommons.plan.attachment import Candidates
from skycommons.plan.choice import OBSERVED_WEIGHTS, ChoiceSets, UtilityWeights, features
from skycommons.plan.lasers import Lasers
from skycommons.plan.routes import Network, StepRoutes, route_step

SATELLITES: Final = 24  # most that a place weighs against each other, as the scheduler does
_V2_MINI = "v2-mini"
_LEAST_COSINE = 1e-12  # of a satellite in the zenith, squared


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LightTimes:
    """One-way light times of ``F`` flows, ``N`` weighted ones of each; NaN and weight 0 where there are fewer.

    Attributes:
        light_s: ``(N, F)`` source to target.
        weight: ``(N, F)`` probability, summing to the number of steps with a way.
        laser_hops: ``(N, F)`` lasers crossed.
        user_s, fibre_s: ``(N, F)`` the parts from the place to its satellite, and from the gateway to the PoP; the rest is
            lasers and the link to the gateway.
    Raises:
        ShapeError: The columns differ.
    """

    light_s: Floats
    weight: Floats
    laser_hops: Floats
    user_s: Floats
    fibre_s: Floats

    def __post_init__(self) -> None:
        for name in self.__slots__:
            check_shape(name, getattr(self, name), self.light_s.shape)
            freeze(getattr(self, name))

    def mean_of(self, values: Floats) -> Floats:
        """``(F,)`` weighted mean of a column; NaN for a flow that never had a way."""
        total = self.weight.sum(axis=0)
        mass = np.where(self.weight > 0.0, self.weight * np.nan_to_num(values), 0.0).sum(axis=0)
        return np.where(total > 0.0, mass / np.where(total > 0.0, total, 1.0), np.nan)

    def joined(self, groups: Sequence[Ints], share: Floats) -> "LightTimes":
        """Groups of flows as one flow each.

        Args:
            groups: Rows of the flows of each group.
            share: ``(F,)`` what each flow counts in its group.
        """
        depth = len(self.light_s) * max(len(group) for group in groups)
        columns = {}
        for name in self.__slots__:
            table = np.full((depth, len(groups)), 0.0 if name == "weight" else np.nan)
            column = getattr(self, name) * share if name == "weight" else getattr(self, name)
            for number, group in enumerate(groups):
                part = column[:, group].ravel()
                table[: len(part), number] = part
            columns[name] = table
        return LightTimes(**columns)


def light_times(scenario: Scenario, ephemeris: Ephemeris, *, weights: UtilityWeights = OBSERVED_WEIGHTS) -> LightTimes:
    """Light times of all flows of a scenario over an ephemeris.

    Args:
        scenario: Its flows, laser and routing rules; its attachment rule is not asked.
        ephemeris: Steps of its satellites.
        weights: What the scheduler prefers.
    Raises:
        InputError: The ephemeris has no steps.
        PlanError: A pair connects two PoPs.
    """
    if not len(ephemeris):
        raise InputError("the ephemeris has no steps; ask for at least one instant")
    many = scenario.replace(routing=replace(scenario.routing, alternatives=SATELLITES))
    network = Network.of(many, tracked=np.zeros(0, dtype=np.int64))
    sources = _Sources.of(network, weights)
    parts: list[tuple[Floats, ...]] = []
    lasers: Lasers | None = None
    for step, time_ns in enumerate(ephemeris.time_ns):
        position_m, valid = ephemeris.position_itrf_m[step], ephemeris.valid[step]
        lasers = network.lasers(int(time_ns), position_m, valid, before=lasers)
        policy = _ByOdds(sources=sources, position_itrf_m=position_m)
        routes = route_step(replace(network, policy=policy), position_m, valid, lasers)
        parts.append(_columns(network, sources, routes, position_m))
    columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
    return LightTimes(**dict(zip(LightTimes.__slots__, columns, strict=True)))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Sources:
    """Where the flows begin, and what their utility looks at."""

    position_itrf_m: Floats
    poleward_itrf: Floats
    is_v2_mini: Bools
    weights: UtilityWeights

    @staticmethod
    def of(network: Network, weights: UtilityWeights) -> "_Sources":
        sites, rows = network.scenario.world.sites, network.flows.source
        latitude, longitude = sites.latitude_rad[rows], sites.longitude_rad[rows]
        return _Sources(
            position_itrf_m=geodetic_to_itrf(latitude, longitude, sites.height_m[rows]),
            poleward_itrf=up_axis(latitude + np.where(latitude >= 0.0, 0.5, -0.5) * np.pi, longitude),
            is_v2_mini=np.array([label == _V2_MINI for label in network.scenario.world.satellites.generations]),
            weights=weights,
        )

    def utility_nats(self, flow: Ints, sat: Ints | Ints32, sight_itrf_m: Floats, sine_elevation: Floats) -> Floats:
        """Utility of pairs by `choice.features`; stickiness, load and the geostationary arc are left out."""
        range_m = np.linalg.norm(sight_itrf_m, axis=-1)
        poleward = (sight_itrf_m * self.poleward_itrf[flow]).sum(axis=-1) / range_m
        cosine = np.sqrt(np.maximum(1.0 - sine_elevation**2, _LEAST_COSINE))
        alone = np.arange(range_m.size + 1)  # every pair stands for itself
        sets = ChoiceSets(
            offsets=alone,
            latitude_rad=np.ones(range_m.size),  # poleward already knows its hemisphere
            elevation_rad=np.arcsin(np.minimum(sine_elevation, 1.0)).ravel(),
            azimuth_rad=np.arccos(np.clip(poleward / cosine, -1.0, 1.0)).ravel(),
            slant_range_m=range_m.ravel(),
            gso_separation_rad=np.full(range_m.size, np.pi),
            is_v2_mini=self.is_v2_mini[sat].ravel(),
            is_kept=np.zeros(range_m.size, dtype=np.bool_),
        )
        return np.asarray(features(sets) @ self.weights.vector_nats).reshape(range_m.shape)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _ByOdds:
    """The likeliest satellites that have a way, the likeliest first."""

    sources: _Sources
    position_itrf_m: Floats

    def choose(self, candidates: Candidates, count: int) -> Ints:
        """As `AttachmentPolicy`."""
        flow = np.repeat(np.arange(len(candidates.start) - 1), np.diff(candidates.start))
        sight_m = self.position_itrf_m[candidates.sat] - self.sources.position_itrf_m[flow]
        utility = self.sources.utility_nats(flow, candidates.sat, sight_m, candidates.sine_elevation)
        utility = np.where(np.isfinite(candidates.onward_m), utility, -np.inf)
        order = np.lexsort((-utility, flow))
        rank = np.arange(len(order)) - candidates.start[flow]  # flows stand in order already
        kept = (rank < count) & np.isfinite(utility[order])
        chosen = np.full((len(candidates.start) - 1, count), -1, dtype=np.int64)
        chosen[flow[kept], rank[kept]] = order[kept]
        return chosen


def _columns(network: Network, sources: _Sources, routes: StepRoutes, position_itrf_m: Floats) -> tuple[Floats, ...]:
    """The columns of `LightTimes` of one step, ``(SATELLITES, F)`` each."""
    served = routes.entry_satellite >= 0
    sat = np.where(served, routes.entry_satellite, 0)
    flow = np.broadcast_to(np.arange(len(sat))[:, None], sat.shape)
    sight_m = position_itrf_m[sat] - sources.position_itrf_m[flow]
    sine = np.where(served, np.sin(np.where(served, routes.entry_elevation_rad, 1.0)), 1.0)
    utility = np.where(served, sources.utility_nats(flow, sat, sight_m, sine), -np.inf)
    best = utility.max(axis=1, keepdims=True)
    odds = np.exp(utility - np.where(np.isfinite(best), best, 0.0))
    total = odds.sum(axis=1, keepdims=True)
    columns = (
        routes.delay_s,
        odds / np.where(total > 0.0, total, 1.0),
        np.where(served, routes.laser_hops, np.nan),
        np.where(served, np.linalg.norm(sight_m, axis=2), np.nan) / LIGHT_SPEED_M_S,
        _fibre_m(network, routes) / LIGHT_SPEED_M_S,
    )
    return tuple(np.asarray(column, dtype=np.float64).T for column in columns)


def _fibre_m(network: Network, routes: StepRoutes) -> Floats:
    """From each way's gateway to the flow's PoP, metres of vacuum; 0 where a way ends at a terminal."""
    gateways = network.ground.gateways
    if not len(gateways):
        return np.where(routes.exit_site >= 0, 0.0, np.nan)
    place = np.minimum(np.searchsorted(gateways, routes.exit_site), len(gateways) - 1)
    fibre_m = network.ground.onward_m[network.flows.tree[:, None], place]
    fibre_m = np.where(gateways[place] == routes.exit_site, fibre_m, 0.0)
    return np.where(routes.exit_site >= 0, fibre_m, np.nan)
