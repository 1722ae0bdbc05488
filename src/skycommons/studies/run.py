"""Running a scenario: block after block of steps from elements to routes, streamed into a store.

Memory does not grow with the span: positions live for one block, results go to disk chunk by chunk. Lasers are followed
in order, because acquisition looks back; the routes of a block's steps are then found side by side.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice, repeat
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

import skycommons
from skycommons.base.arrays import Floats, Ints
from skycommons.base.clock import format_time, time_grid
from skycommons.base.errors import PlanError
from skycommons.base.threads import in_parallel
from skycommons.model.scenario import Scenario
from skycommons.model.world import SiteKind
from skycommons.orbit.frames import teme_to_itrf
from skycommons.orbit.sgp4 import Propagator, StateVectors
from skycommons.orbit.time import IersTable
from skycommons.plan.flows import TO_POP, great_circle_m
from skycommons.plan.lasers import Lasers
from skycommons.plan.path_rates import Limit, PathRater, PathRates
from skycommons.plan.planned_step import planned_step
from skycommons.plan.radio import Radio
from skycommons.plan.routes import LONGEST_PATH, Network, Reason, StepRoutes, changes
from skycommons.plan.serving import Serving
from skycommons.studies.probes import Probes, elevation_counts, elevation_edges_deg, sampled_steps
from skycommons.studies.run_service import ServiceRun
from skycommons.studies.slowest import SlowestSoFar, explain_slowest
from skycommons.studies.store_writer import TIME_ATTRIBUTES, Stream, writing_store

BLOCK_STEPS = 64  # 10,000 satellites then take 32 MB of positions
MAX_TRACKED = 24  # flows whose whole path is kept, pairs first
SHORT_SPAN_S = 3600.0
MAP_STEP_SHORT_S, MAP_STEP_LONG_S = 60.0, 240.0  # spacing of the positions kept for maps, up to a short span and beyond

_RATE_WORDS = MappingProxyType(
    {
        "rate_down_bps": "rate to the source in the weather as it is; 0 without a path",
        "rate_up_bps": "rate from the source in the weather as it is; 0 without a path",
        "clear_rate_down_bps": "rate to the source on the same path under a clear sky",
        "clear_rate_up_bps": "rate from the source on the same path under a clear sky",
    }
)

UNSHARED_NOTE = (
    "A rate is what one terminal would get with a beam to itself: beams are not shared out and subscribers do not "
    "compete. Only the limit of a whole satellite holds for all flows that enter by it."
)
MODEL_NOTES = (
    (
        "Delay is travel time of light: vacuum between stations, glass on the ground. Radio frames, scheduling and "
        "processing are in the latency alone, which is estimated with parameters fitted to measurements of idle lines; "
        "queues are in neither."
    ),
    "Satellites fly by SGP4; element sets are good to about 1 km at their epoch and worse with age.",
)


def run_scenario(
    scenario: Scenario,
    store: Path,
    *,
    progress: Callable[[int], None] = lambda _: None,
    enforced: Mapping[str, Any] | None = None,
) -> Path:
    """Compute a scenario over its whole span and write the result store.

    Args:
        scenario: What to compute.
        store: Folder ``NAME.zarr``; an older one is replaced when the run has ended.
        progress: Called with the number of steps just done.
        enforced: What to tell of the verified service map by which the scenario has its rules, as plain JSON values.
    Raises:
        HostError: The store cannot be written.
        PlanError: The scenario has no sites, or its flows make no sense.
    """
    if len(scenario.world.sites) == 0:
        raise PlanError("the scenario has no sites; add terminals, gateways or PoPs")
    time_ns = time_grid(scenario.start_ns, scenario.duration_s, scenario.step_s)
    service = None if scenario.service is None else ServiceRun.of(scenario, enforced=enforced)
    if service is not None:
        scenario = service.scenario
    network = Network.of(scenario, tracked=_tracked(scenario))
    rater = PathRater.of(scenario, network.flows, Radio.of(scenario))
    tally = _Tally.empty(network)
    fingerprint: Ints | None = None
    map_ns = _map_times(scenario)
    streams = _streams(network, len(time_ns)) | _map_streams(network, len(map_ns))
    streams |= {} if service is None else service.streams()
    with writing_store(store, time_ns=time_ns, chunk=BLOCK_STEPS, streams=streams) as writer:
        servings: Iterator[Serving | None] = repeat(None) if service is None else service.of_steps(network, writer)
        for first, steps in _blocks(network, rater, time_ns, tally=tally, servings=servings):
            columns = _columns(network, [step.routes for step in steps]) | _rate_columns(steps)
            marks = np.stack([step.routes.fingerprint for step in steps])
            columns["path_changed"] = changes(marks, fingerprint)
            fingerprint = marks[-1]
            writer.write(first, columns)
            tally.count_gateways(columns["exit_gateway"])
            tally.slowest.note(first, columns)
            progress(len(steps))
        for first in range(0, len(map_ns), BLOCK_STEPS):
            writer.write(first, _map_positions(network, map_ns[first : first + BLOCK_STEPS]))
        notes = (UNSHARED_NOTE,) if service is None else service.notes()
        parts = [_whole(network, rater.radio, tally, notes=notes), *([] if service is None else [service.whole()])]
        writer.add(xr.merge(parts, combine_attrs="no_conflicts"))
    return store


def _tracked(scenario: Scenario) -> Ints:
    """Flows whose path is kept: pairs first, then terminals."""
    terminals = int(np.count_nonzero(scenario.world.sites.kind == SiteKind.TERMINAL))
    flows = [*range(terminals, terminals + len(scenario.pairs)), *range(terminals)]
    return np.array(flows[:MAX_TRACKED], dtype=np.int64)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tally:
    """Sums over a run, added up in place.

    Attributes:
        probes: Where coverage is asked.
        visible, served: ``(B,)`` sums of shares; ``samples (1,)`` how many were added.
        candidates, serving: ``(K,)`` links by elevation.
        gateway_uses: ``(F, G)`` steps in which a flow came down at a site.
        slowest: Which terminal gets least, and when.
    """

    probes: Probes
    visible: Floats
    served: Floats
    samples: Ints
    candidates: Ints
    serving: Ints
    gateway_uses: NDArray[np.int32]
    slowest: SlowestSoFar

    @staticmethod
    def empty(network: Network) -> "_Tally":
        """Nothing counted yet."""
        probes = Probes.like(network.scenario.world.sites)
        bands, bins = len(probes.latitude_deg), len(elevation_edges_deg())
        return _Tally(
            probes=probes,
            visible=np.zeros(bands),
            served=np.zeros(bands),
            samples=np.zeros(1, dtype=np.int64),
            candidates=np.zeros(bins, dtype=np.int64),
            serving=np.zeros(bins, dtype=np.int64),
            gateway_uses=np.zeros((len(network.flows), len(network.scenario.world.sites)), dtype=np.int32),
            slowest=SlowestSoFar.empty(len(network.flows)),
        )

    def sample(self, network: Network, states: StateVectors, step: int, routes: StepRoutes) -> None:
        """Add one sampled step."""
        shares = self.probes.at(states.position_m[step], states.valid[step], routes.served)
        counts = elevation_counts(routes, network.scenario.world.sites.rows(SiteKind.TERMINAL))
        for share_sum, share in zip((self.visible, self.served), shares, strict=True):
            np.add(share_sum, share, out=share_sum)
        for count_sum, count in zip((self.candidates, self.serving), counts, strict=True):
            np.add(count_sum, count, out=count_sum)
        self.samples[0] += 1

    def count_gateways(self, exit_gateway: NDArray[Any]) -> None:
        """Add the gateways of a block ``(T, F)``."""
        step, flow = np.nonzero(exit_gateway >= 0)
        np.add.at(self.gateway_uses, (flow, exit_gateway[step, flow]), 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Step:
    """What was found at one step: routes, and their rates in the weather as it is and under a clear sky."""

    routes: StepRoutes
    rates: PathRates
    clear: PathRates


def _blocks(
    network: Network, rater: PathRater, time_ns: Ints, *, tally: _Tally, servings: Iterator[Serving | None]
) -> Iterator[tuple[int, list[_Step]]]:
    """What is found over the whole span, a block of steps at a time, with the first step's number."""
    propagator = Propagator.prepare(network.scenario.world.satellites.elements)
    orientation = IersTable.load()
    sampled = set(sampled_steps(len(time_ns)).tolist())
    before: Lasers | None = None
    states: StateVectors | None = None
    for first in range(0, len(time_ns), BLOCK_STEPS):
        block_ns = time_ns[first : first + BLOCK_STEPS]
        reusable = states if states is not None and len(states.valid) == len(block_ns) else None
        states = propagator(block_ns, teme_to_itrf(block_ns, orientation), reuse=reusable)
        lasers: list[Lasers] = []
        for step, instant in enumerate(block_ns):
            before = network.lasers(int(instant), states.position_m[step], states.valid[step], before=before)
            lasers.append(before)
        plans = list(islice(servings, len(block_ns)))
        steps = _steps(network, rater, block_ns, states=states, lasers=lasers, plans=plans)
        for step, found in enumerate(steps):
            if first + step in sampled:
                tally.sample(network, states, step, found.routes)
        yield first, steps


def _steps(
    network: Network,
    rater: PathRater,
    time_ns: Ints,
    *,
    states: StateVectors,
    lasers: list[Lasers],
    plans: list[Serving | None],
) -> list[_Step]:
    """Routes and rates of one block's steps, side by side; by the scheduler's plans where there are any."""

    def one(step: int) -> _Step:
        routes, (rates, clear) = planned_step(
            network,
            rater,
            position_itrf_m=states.position_m[step],
            valid=states.valid[step],
            lasers=lasers[step],
            skies=[rater.radio.skies(int(time_ns[step])), rater.clear_skies],
            serving=plans[step],
        )
        return _Step(routes=routes, rates=rates, clear=clear)

    return in_parallel(one, list(range(len(lasers))))


def _streams(network: Network, steps: int) -> dict[str, Stream]:
    """The variables that grow with time."""
    flows, sites = len(network.flows), len(network.scenario.world.sites)

    def of_flows(dtype: str, **attributes: object) -> Stream:
        return Stream(dims=("time", "flow"), shape=(steps, flows), dtype=dtype, attributes=attributes)

    meanings = " ".join(reason.name.lower() for reason in Reason)
    limits = " ".join(limit.name.lower() for limit in Limit)
    streams = {
        "rtt_s": of_flows("float64", units="s", long_name="round-trip time of light"),
        "laser_hops": of_flows("int16", long_name="lasers crossed; 0 is a bent pipe, -1 no path"),
        "reason": of_flows("uint8", flag_values=[int(reason) for reason in Reason], flag_meanings=meanings),
        "entry_satellite": of_flows("int32", long_name="first satellite of the path, -1 without a path"),
        "exit_gateway": of_flows("int32", long_name="site row of the gateway, -1 without one"),
        "entry_elevation_rad": of_flows("float32", units="rad"),
        "path_changed": of_flows("bool", long_name="whether the path differs from the step before"),
        **{name: of_flows("float32", units="bit/s", long_name=words) for name, words in _RATE_WORDS.items()},
        "rate_limit": of_flows("uint8", flag_values=[int(limit) for limit in Limit], flag_meanings=limits),
        "down_cn_db": of_flows("float32", units="dB", long_name="carrier over noise and interference of the dish"),
        "fade_db": of_flows("float32", units="dB", long_name="what weather takes from the dish's downlink"),
        "visible_satellites": Stream(
            dims=("time", "site"), shape=(steps, sites), dtype="int16", attributes={"long_name": "usable satellites"}
        ),
        "path_satellite": Stream(
            dims=("time", "tracked", "place"),
            shape=(steps, len(network.tracked), LONGEST_PATH),
            dtype="int32",
            attributes={"long_name": "satellites of the path from the source, -1 behind its end"},
        ),
    }
    if network.scenario.routing.alternatives > 1:
        streams["alternative_rtt_s"] = Stream(
            dims=("time", "flow", "alternative"),
            shape=(steps, flows, network.scenario.routing.alternatives),
            dtype="float64",
            attributes={"units": "s", "long_name": "best first; each enters by another satellite"},
        )
    return streams


def _columns(network: Network, steps: list[StepRoutes]) -> dict[str, NDArray[Any]]:
    """A block's values of the growing variables, but for the changes of path."""
    kind = network.scenario.world.sites.kind
    exit_site = np.stack([step.exit_site[:, 0] for step in steps])
    columns: dict[str, NDArray[Any]] = {
        "rtt_s": np.stack([2.0 * step.delay_s[:, 0] for step in steps]),
        "laser_hops": np.stack([step.laser_hops[:, 0] for step in steps]).astype(np.int16),
        "reason": np.stack([step.reason for step in steps]),
        "entry_satellite": np.stack([step.entry_satellite[:, 0] for step in steps]),
        "exit_gateway": np.where((exit_site >= 0) & (kind[exit_site] == SiteKind.GATEWAY), exit_site, -1),
        "entry_elevation_rad": np.stack([step.entry_elevation_rad[:, 0] for step in steps]).astype(np.float32),
        "visible_satellites": np.stack([step.view.counts() for step in steps]).astype(np.int16),
        "path_satellite": np.stack([step.path for step in steps]),
    }
    if network.scenario.routing.alternatives > 1:
        columns["alternative_rtt_s"] = np.stack([2.0 * step.delay_s for step in steps])
    return columns


def _rate_columns(steps: list[_Step]) -> dict[str, NDArray[Any]]:
    """A block's rates."""
    return {
        "rate_down_bps": np.stack([step.rates.down_bps for step in steps]).astype(np.float32),
        "rate_up_bps": np.stack([step.rates.up_bps for step in steps]).astype(np.float32),
        "clear_rate_down_bps": np.stack([step.clear.down_bps for step in steps]).astype(np.float32),
        "clear_rate_up_bps": np.stack([step.clear.up_bps for step in steps]).astype(np.float32),
        "rate_limit": np.stack([step.rates.limit for step in steps]),
        "down_cn_db": np.stack([step.rates.cn_db for step in steps]).astype(np.float32),
        "fade_db": np.stack([step.rates.fade_db for step in steps]).astype(np.float32),
    }


def _map_times(scenario: Scenario) -> Ints:
    """Instants of the positions kept for maps; the last is at or behind the end of the span."""
    spacing_s = MAP_STEP_SHORT_S if scenario.duration_s <= SHORT_SPAN_S else MAP_STEP_LONG_S
    return time_grid(scenario.start_ns, scenario.duration_s + spacing_s, spacing_s)


def _map_streams(network: Network, samples: int) -> dict[str, Stream]:
    """The variables that grow with the positions kept for maps."""
    shape = (samples, len(network.scenario.world.satellites), 3)
    return {
        "sample_time": Stream(dims=("sample",), shape=(samples,), dtype="int64", attributes=TIME_ATTRIBUTES),
        "sample_position_itrf_m": Stream(
            dims=("sample", "satellite", "axis"), shape=shape, dtype="float32", attributes={"units": "m"}
        ),
    }


def _map_positions(network: Network, map_ns: Ints) -> dict[str, NDArray[Any]]:
    """Positions kept for maps."""
    ephemeris = network.scenario.propagate(map_ns)
    return {"sample_time": map_ns, "sample_position_itrf_m": ephemeris.position_itrf_m.astype(np.float32)}


def _whole(network: Network, radio: Radio, tally: _Tally, *, notes: tuple[str, ...]) -> xr.Dataset:
    """Everything that does not grow with time."""
    scenario, flows, sites = network.scenario, network.flows, network.scenario.world.sites
    satellites = scenario.world.satellites
    samples = max(int(tally.samples[0]), 1)
    return xr.Dataset(
        {
            "flow_source": ("flow", flows.source.astype(np.int32)),
            "flow_target": ("flow", _targets(network, tally)),
            "flow_kind": ("flow", flows.kind),
            "site_kind": ("site", sites.kind.astype(np.uint8)),
            "site_latitude_rad": ("site", sites.latitude_rad, {"units": "rad"}),
            "site_longitude_rad": ("site", sites.longitude_rad, {"units": "rad"}),
            "site_height_m": ("site", sites.height_m, {"units": "m"}),
            "tracked_flow": ("tracked", network.tracked.astype(np.int32)),
            "coverage_visible": ("latitude", tally.visible / samples),
            "coverage_served": ("latitude", tally.served / samples),
            "elevation_candidates": ("elevation_bin", tally.candidates),
            "elevation_served": ("elevation_bin", tally.serving),
            "satellite_shell": (
                "satellite",
                satellites.shell.astype(np.int32),
                {"shell_names": list(satellites.shell_names)},
            ),
        },
        coords={
            "flow": _labels(flows.ids),
            "site": _labels(sites.ids),
            "satellite": _labels(satellites.ids),
            "latitude": ("latitude", tally.probes.latitude_deg, {"units": "degree"}),
            "elevation_bin": ("elevation_bin", elevation_edges_deg(), {"units": "degree"}),
        },
        attrs={
            "scenario": scenario.name,
            "title": scenario.title or scenario.name,
            "skycommons_version": skycommons.__version__,
            "start": format_time(scenario.start_ns),
            "step_s": scenario.step_s,
            "duration_s": scenario.duration_s,
            "created_by": "skycommons run",
            "model_notes": json.dumps([*MODEL_NOTES, *notes, *radio.notes, *scenario.notes]),
            "recommendations": json.dumps(dict(radio.versions)),
            "weather": radio.weather.words,
            "slowest": json.dumps(explain_slowest(scenario, network.flows, tally.slowest, weather_at=radio.weather.at)),
        },
    )


def _labels(ids: tuple[str, ...]) -> NDArray[Any]:
    """Names of any length, which stay names even if there are none."""
    return np.array(ids, dtype=np.dtypes.StringDType())


def _targets(network: Network, tally: _Tally) -> NDArray[np.int32]:
    """Site row at which each flow ends; a flow to the nearest PoP ends at that of its most used gateway.

    Without any use, it ends at the PoP that lies nearest to its source; in a world without PoPs, nowhere: -1.
    """
    flows, ground = network.flows, network.ground
    targets = flows.target.copy()
    if len(ground.pops):
        away_m = great_circle_m(network.scenario.world.sites, flows.source, ground.pops)
        usual = ground.pops[away_m.argmin(axis=1)]
        if len(ground.gateways):
            uses = tally.gateway_uses[:, ground.gateways]
            usual = np.where(uses.any(axis=1), ground.gateway_pop[uses.argmax(axis=1)], usual)
        open_ended = (flows.kind == TO_POP) & (targets < 0)
        targets[open_ended] = usual[open_ended]
    return targets.astype(np.int32)
