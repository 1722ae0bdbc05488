"""The satellite that really served a dish, beside those that policies of choice would take.

Two judgements. *Likelihood*: each real choice is scored under each policy, given the real past. *Distributions*: the policy
of observed utility runs on its own from slot to slot, with seeded draws and its own past, and what comes out is described
in the same terms as the real choices. Slots whose satellite is not among the candidates cannot be scored; the run of the
policy goes through them all the same. A policy that is not random gives zero probability to whatever it does not choose:
it has no log-likelihood, only a share of slots in which it is right.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np

from skycommons.base.arrays import Floats, Ints
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

POLICIES: Final[tuple[ChoicePolicy, ...]] = (Uniform(), HighestElevation(), NearestRange(), ObservedUtility())
QUANTILES: Final = (0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0)
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
        slots: How many slots; of several runs all together.
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
        real, scheduled: Distributions of the real choices and of the runs of ``ObservedUtility``.
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
    runs: int = 20,
    seed: int = 1,
) -> ServingComparison:
    """Score the real choices and run the policy beside them.

    Args:
        serving, candidates: As `serving_data.read_serving` takes them.
        catalogue: Element sets of that day: for inclinations, and to check the listed directions.
        latitude_deg, longitude_deg: Of the dish.
        runs: How often the policy runs through all slots, each time with other draws.
        seed: Of the draws.
    Raises:
        DocumentError: The measurements have faults.
        CatalogueError: The catalogue cannot be used.
        InputError: No slot can be scored, or the number of runs or the seed is out of range.
    """
    if runs < 1 or not 0 <= seed < 2**63:
        raise InputError(f"runs must be at least 1 and the seed 0 or more; got {runs} runs with seed {seed}")
    data = read_serving(serving, candidates, latitude_deg=latitude_deg, longitude_deg=longitude_deg)
    fleet = read_catalogue(catalogue)
    if not data.is_matched.any():
        raise InputError(
            f"{serving.name}: in no slot is the satellite among those of {candidates.name}; names must be spelt alike"
        )
    matched = np.flatnonzero(data.is_matched)
    real = data.chosen[matched]
    scheduled = _runs(data, runs, seed)
    in_catalogue, error_rad = _direction_errors(data, fleet, np.radians(latitude_deg), np.radians(longitude_deg))
    describe = _Description.of(data, fleet)
    return ServingComparison(
        slots=len(data),
        unmatched=int((~data.is_matched).sum()),
        left_out=data.left_out,
        policies=tuple(score(policy, data) for policy in POLICIES),
        real=describe(matched, real, *_stays(data, data.served[None, :], np.flatnonzero(data.served >= 0))),
        scheduled=describe(
            np.tile(np.arange(len(data)), runs),
            scheduled.ravel(),
            *_stays(data, data.satellite[scheduled], np.arange(len(data))),
        ),
        in_catalogue=in_catalogue,
        direction_error_rad=error_rad,
        candidate_elevation_rad=data.sets.elevation_rad,
        real_elevation_rad=data.sets.elevation_rad[real],
        scheduled_elevation_rad=data.sets.elevation_rad[scheduled.ravel()],
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


def _runs(data: Serving, runs: int, seed: int) -> Ints:
    """Rows of the candidates that the policy takes, ``(runs, N)``."""
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
            for run in range(runs)
        ]
    )


def _stays(data: Serving, satellite: Ints, rows: Ints) -> tuple[float, float]:
    """Share of slots that keep the satellite of the slot before, and the mean length of a stay in slots.

    Args:
        data: The slots.
        satellite: ``(runs, N)`` who serves.
        rows: Slots in which anybody is known to serve.
    """
    follows = np.diff(data.slot[rows]) == 1
    if not follows.any():
        return float("nan"), float("nan")
    is_same = (np.diff(satellite[:, rows], axis=1) == 0) & follows
    return float(is_same.sum() / (len(satellite) * follows.sum())), float(
        len(satellite) * len(rows) / (len(satellite) * len(rows) - is_same.sum())
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Description:
    """Describes choices among the candidates of one file."""

    sets: ChoiceSets
    satellite: Ints
    generations: Sequence[str]
    inclination_deg: Floats

    @classmethod
    def of(cls, data: Serving, fleet: Catalogue) -> "_Description":
        """With the inclination of each satellite, NaN where it is not in the catalogue."""
        of_name = dict(zip(fleet.names, np.degrees(fleet.elements.inclination_rad).tolist(), strict=True))
        return cls(
            sets=data.sets,
            satellite=data.satellite,
            generations=[generation_of(name) or "other" for name in data.names],
            inclination_deg=np.array([of_name.get(name, np.nan) for name in data.names]),
        )

    def __call__(
        self, choices: Ints, taken: Ints, kept_share: float, slots_per_satellite: float
    ) -> ServingDistribution:
        """Choices by their rows, what they took, and the stays that are already counted."""
        sets = self.sets
        rank = _ranks(sets)[taken]
        numbers = self.satellite[taken]
        known = np.round(self.inclination_deg[numbers])
        known = known[np.isfinite(known)]
        poleward = np.cos(sets.azimuth_rad[taken]) * np.sign(sets.latitude_rad[choices])
        return ServingDistribution(
            slots=len(taken),
            elevation_rad=np.quantile(sets.elevation_rad[taken], QUANTILES),
            slant_range_m=np.quantile(sets.slant_range_m[taken], QUANTILES),
            gso_separation_rad=np.quantile(sets.gso_separation_rad[taken], QUANTILES),
            top1_share=float((rank <= 1).mean()),
            top3_share=float((rank <= 3).mean()),
            rank_median=float(np.median(rank)),
            poleward_share=float((poleward > 0.0).mean()),
            kept_share=kept_share,
            slots_per_satellite=slots_per_satellite,
            generation_shares=_shares([self.generations[number] for number in numbers.tolist()]),
            inclination_shares=_shares([f"{angle:.0f}" for angle in known.tolist()]),
        )


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
