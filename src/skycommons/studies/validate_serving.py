"""The satellite that really served a dish, beside those that policies and the scheduler would take.

Two judgements. *Likelihood*: each real choice is scored under each policy of choice, given the real past. *Distributions*:
the whole scheduler, with people around the dish, beams and gateways, runs from slot to slot with its own past
(`serving_runs`); beside it the policy of observed utility alone, which serves nobody but the dish. What comes out is
described in the same terms as the real choices. Slots whose satellite is not among the candidates cannot be scored; runs go
through them all the same. A policy that is not random gives zero probability to whatever it does not choose: it has no
log-likelihood, only a share of slots in which it is right.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np

from skycommons.base.arrays import Bools, Floats, Ints
from skycommons.base.errors import InputError
from skycommons.model.catalogues import Catalogue, read_catalogue
from skycommons.model.fleet import generation_of
from skycommons.orbit.ephemeris import propagate
from skycommons.orbit.frames import angle_between_rad, geodetic_to_itrf
from skycommons.plan.choice import (
    ChoicePolicy,
    ChoiceSets,
    HighestElevation,
    NearestRange,
    ObservedUtility,
    Uniform,
    choose_in_turn,
    log_probabilities,
    top_shares,
)
from skycommons.studies.serving_data import Serving, directions_itrf, read_serving
from skycommons.studies.serving_runs import ScheduledRuns, Surroundings, run_scheduler

POLICIES: Final[tuple[ChoicePolicy, ...]] = (Uniform(), HighestElevation(), NearestRange(), ObservedUtility())
QUANTILES: Final = (0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0)
ALONE_RUNS: Final = 20  # of the policy that serves nobody but the dish
_STREAM_STEP: Final = 1_000_003  # a run's draws begin this far from those of the run before
_SLOTS_AT_ONCE: Final = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyScore:
    """How well a policy foretells the real choices.

    Attributes:
        policy: Its name.
        slots: How many choices were scored.
        log_likelihood_per_slot: Mean natural logarithm; None for a policy that is not random.
        top1_share, top3_share: Share of slots in which the real choice is the policy's first, or among its first three;
            where it ranks several alike, the share that chance gives.
    """

    policy: str
    slots: int
    log_likelihood_per_slot: float | None
    top1_share: float
    top3_share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ServingDistribution:
    """What serving satellites look like.

    Attributes:
        slots: How many slots; of several runs all together. Where there is none, everything is NaN.
        elevation_rad, slant_range_m, gso_separation_rad: ``(7,)`` at the shares `QUANTILES`.
        top1_share, top3_share: Share of slots served by the highest satellite, or by one of the highest three.
        rank_median: Place in the order of elevation, 1 is the highest.
        poleward_share: On the side of the near pole.
        kept_share: Of slots that follow each other, served by the same satellite as the one before.
        slots_per_satellite: Mean length of a stay on one satellite, in slots.
        generation_shares: By the name of the generation.
        inclination_shares: By whole degrees; of the slots whose satellite is in the catalogue.
    """

    slots: int
    elevation_rad: Floats
    slant_range_m: Floats
    gso_separation_rad: Floats
    top1_share: float
    top3_share: float
    rank_median: float
    poleward_share: float
    kept_share: float
    slots_per_satellite: float
    generation_shares: Mapping[str, float]
    inclination_shares: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class ServingComparison:
    """What the command prints.

    Attributes:
        slots, unmatched, left_out: With candidates; of these without the real satellite among them; without candidates.
        policies: Scores, in the order of `POLICIES`.
        real, scheduled, alone: Distributions of the real choices, of the scheduler's, and of those of ``ObservedUtility``
            alone.
        runs: What the scheduler did.
        unserved_share: Of the scheduler's slots, without service for the dish.
        in_catalogue: Share of candidates whose name is in the catalogue.
        direction_error_rad: ``(2,)`` median and 99 % of the angle between their listed direction and that of the catalogue.
        candidate_elevation_rad, real_elevation_rad, scheduled_elevation_rad: Elevations of every one, for drawing.
    """

    slots: int
    unmatched: int
    left_out: int
    policies: tuple[PolicyScore, ...]
    real: ServingDistribution
    scheduled: ServingDistribution
    alone: ServingDistribution
    runs: ScheduledRuns = field(repr=False)
    unserved_share: float
    in_catalogue: float
    direction_error_rad: Floats
    candidate_elevation_rad: Floats = field(repr=False)
    real_elevation_rad: Floats = field(repr=False)
    scheduled_elevation_rad: Floats = field(repr=False)


def validate_serving(
    serving: Path,
    candidates: Path,
    *,
    catalogue: Path,
    latitude_deg: float,
    longitude_deg: float,
    surroundings: Surroundings | None = None,
    progress: Callable[[int], None] = lambda _: None,
) -> ServingComparison:
    """Score the real choices and run the scheduler beside them.

    Args:
        serving, candidates: As `serving_data.read_serving` takes them.
        catalogue: Element sets of that day: for the scheduler's sky, for inclinations, and to check the listed directions.
        latitude_deg, longitude_deg: Of the dish.
        surroundings: Whom the scheduler serves besides, and how often it runs.
        progress: Called with the number of slots just scheduled.
    Raises:
        DocumentError: The measurements have faults.
        CatalogueError: The catalogue cannot be used.
        InputError: No slot can be scored, or a list of sites cannot be used.
    """
    around = surroundings or Surroundings()
    data = read_serving(serving, candidates, latitude_deg=latitude_deg, longitude_deg=longitude_deg)
    fleet = read_catalogue(catalogue)
    if not data.is_matched.any():
        raise InputError(
            f"{serving.name}: in no slot is the satellite among those of {candidates.name}; names must be spelt alike"
        )
    place = (float(np.radians(latitude_deg)), float(np.radians(longitude_deg)))
    ran = run_scheduler(
        data, catalogue, latitude_rad=place[0], longitude_rad=place[1], surroundings=around, progress=progress
    )
    in_catalogue, error_rad = _direction_errors(data, fleet, *place)
    describe = _Description.of(data, fleet)
    everywhere = np.arange(len(data))
    real = describe(everywhere, data.served[None, :], data.chosen[None, :])
    scheduled = describe(ran.rows, describe.satellites(ran.taken), ran.taken)
    alone = _alone(data, around.seed)
    served = ran.taken[ran.taken >= 0]
    return ServingComparison(
        slots=len(data),
        unmatched=int((~data.is_matched).sum()),
        left_out=data.left_out,
        policies=tuple(score(policy, data) for policy in POLICIES),
        real=real,
        scheduled=scheduled,
        alone=describe(everywhere, data.satellite[alone], alone),
        runs=ran,
        unserved_share=float((ran.taken < 0).mean()),
        in_catalogue=in_catalogue,
        direction_error_rad=error_rad,
        candidate_elevation_rad=data.sets.elevation_rad,
        real_elevation_rad=data.sets.elevation_rad[data.chosen[data.is_matched]],
        scheduled_elevation_rad=data.sets.elevation_rad[served],
    )


def score(policy: ChoicePolicy, data: Serving) -> PolicyScore:
    """How well a policy foretells the real choices, each given its real past."""
    measured = data.measured
    utility = policy.utility(measured.sets)
    top1, top3 = (float(top_shares(measured.sets, utility, measured.chosen, count).mean()) for count in (1, 3))
    likelihood = float(log_probabilities(policy, measured.sets)[measured.chosen].mean()) if policy.is_random else None
    return PolicyScore(
        policy=policy.name,
        slots=len(measured),
        log_likelihood_per_slot=likelihood,
        top1_share=top1,
        top3_share=top3,
    )


def _alone(data: Serving, seed: int) -> Ints:
    """Rows of the candidates that the policy takes where it serves nobody else, ``(ALONE_RUNS, N)``."""
    return np.stack(
        [
            choose_in_turn(
                ObservedUtility(),
                data.sets,
                satellite=data.satellite,
                step=data.slot,
                follows=data.follows,
                seed=(seed + run * _STREAM_STEP) % 2**63,
            )
            for run in range(ALONE_RUNS)
        ]
    )


def stays(slot: Ints, satellite: Ints) -> tuple[float, float]:
    """Share of slots that keep the satellite of the slot before, and the mean length of a stay in slots.

    Args:
        slot: ``(N,)`` numbers of the slots.
        satellite: ``(runs, N)`` who serves; -1 where nobody does or nobody knows.
    """
    kept = follows = served = 0
    for run in satellite:
        known = np.flatnonzero(run >= 0)
        is_next = np.diff(slot[known]) == 1
        kept += int(((np.diff(run[known]) == 0) & is_next).sum())
        follows += int(is_next.sum())
        served += len(known)
    return (kept / follows, served / (served - kept)) if follows else (float("nan"), float("nan"))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Description:
    """Describes choices among the candidates of one file."""

    data: Serving
    generations: Sequence[str]
    inclination_deg: Floats

    @classmethod
    def of(cls, data: Serving, fleet: Catalogue) -> "_Description":
        """With the inclination of each satellite, NaN where it is not in the catalogue."""
        of_name = dict(zip(fleet.names, np.degrees(fleet.elements.inclination_rad).tolist(), strict=True))
        return cls(
            data=data,
            generations=[generation_of(name) or "other" for name in data.names],
            inclination_deg=np.array([of_name.get(name, np.nan) for name in data.names]),
        )

    def satellites(self, taken: Ints) -> Ints:
        """Numbers of the satellites of candidates by their rows; -1 stays."""
        return np.where(taken >= 0, self.data.satellite[taken], -1)

    def __call__(self, rows: Ints, satellite: Ints, taken: Ints) -> ServingDistribution:
        """Describe who served.

        Args:
            rows: ``(N,)`` slots.
            satellite: ``(runs, N)`` number of the satellite; -1 where nobody serves or nobody knows.
            taken: ``(runs, N)`` row of its candidate; -1 where it is not among the candidates.
        """
        sets = self.data.sets
        kept_share, slots_per_satellite = stays(self.data.slot[rows], satellite)
        held = taken[taken >= 0]
        rank = _ranks(sets)[held]
        numbers = self.data.satellite[held]
        known = np.round(self.inclination_deg[numbers])
        known = known[np.isfinite(known)]
        poleward = np.cos(sets.azimuth_rad[held]) * np.sign(sets.latitude_rad[0])
        return ServingDistribution(
            slots=len(held),
            elevation_rad=_quantiles(sets.elevation_rad[held]),
            slant_range_m=_quantiles(sets.slant_range_m[held]),
            gso_separation_rad=_quantiles(sets.gso_separation_rad[held]),
            top1_share=_mean(rank <= 1),
            top3_share=_mean(rank <= 3),
            rank_median=float(np.median(rank)) if len(rank) else float("nan"),
            poleward_share=_mean(poleward > 0.0),
            kept_share=kept_share,
            slots_per_satellite=slots_per_satellite,
            generation_shares=_shares([self.generations[number] for number in numbers.tolist()]),
            inclination_shares=_shares([f"{angle:.0f}" for angle in known.tolist()]),
        )


def _quantiles(values: Floats) -> Floats:
    """At `QUANTILES`; NaN where there are no values."""
    return np.quantile(values, QUANTILES) if len(values) else np.full(len(QUANTILES), np.nan)


def _mean(values: Bools) -> float:
    """Share of what is true; NaN where there is nothing."""
    return float(values.mean()) if len(values) else float("nan")


def _ranks(sets: ChoiceSets) -> Ints:
    """``(C,)`` place of each candidate in the order of elevation within its choice, 1 is the highest."""
    order = np.lexsort((-sets.elevation_rad, sets.choice))
    ranks = np.empty(len(order), dtype=np.int64)
    ranks[order] = np.arange(len(order)) - np.repeat(sets.offsets[:-1], np.diff(sets.offsets)) + 1
    return ranks


def _shares(labels: Sequence[str]) -> dict[str, float]:
    """Share of each label, in the order of the alphabet."""
    found, counts = np.unique(np.array(labels, dtype=np.str_), return_counts=True)
    return {str(label): int(count) / len(labels) for label, count in zip(found, counts, strict=True)}


def _direction_errors(
    data: Serving, fleet: Catalogue, latitude_rad: float, longitude_rad: float
) -> tuple[float, Floats]:
    """Share of candidates in the catalogue, and median and 99 % of the angle to where the catalogue puts them."""
    row_of = {name: row for row, name in enumerate(fleet.names)}
    fleet_row = np.array([row_of.get(name, -1) for name in data.names])
    rows = np.unique(fleet_row[fleet_row >= 0])
    if not len(rows):
        return 0.0, np.full(2, np.nan)
    column = np.searchsorted(rows, fleet_row)
    is_known = fleet_row[data.satellite] >= 0
    site = geodetic_to_itrf(np.asarray(latitude_rad), np.asarray(longitude_rad), np.zeros(()))
    listed = directions_itrf(data.sets.azimuth_rad, data.sets.elevation_rad, latitude_rad, longitude_rad)
    elements = fleet.elements.take(rows)
    angles = []
    for begin in range(0, len(data), _SLOTS_AT_ONCE):
        part = np.arange(begin, min(begin + _SLOTS_AT_ONCE, len(data)))
        position_m = propagate(elements, data.time_ns[part]).position_itrf_m
        held = data.sets.rows_of(part)
        held = held[is_known[held]]
        sight_m = position_m[data.sets.choice[held] - begin, column[data.satellite[held]]] - site
        angles.append(angle_between_rad(sight_m, listed[held]))
    errors_rad = np.concatenate(angles)
    errors_rad = errors_rad[np.isfinite(errors_rad)]
    quantiles = np.quantile(errors_rad, (0.5, 0.99)) if len(errors_rad) else np.full(2, np.nan)
    return float(is_known.mean()), quantiles
