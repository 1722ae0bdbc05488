"""Which of the satellites in view serves a place: policies, their likelihood, and seeded draws.

Rules:

* Candidates of many choices lie in one table in CSR form; everything is computed for all of them at once.
* A policy is an object with one method, ``utility``, in nats. A policy that is random chooses by the multinomial logit:
  probabilities in proportion to ``exp(utility)``. One that is not takes the highest utility.
* Draws hang on the seed, the instant and the satellite alone, not on the order in which they are asked for.
* The operator's scheduler is not public. ``ObservedUtility`` says what is seen of it from outside, not how it decides.
"""

from dataclasses import dataclass, fields, replace
from typing import ClassVar, Final, Protocol

import numpy as np

from skycommons.base.arrays import Bools, Floats, Ints, check_shape, freeze
from skycommons.base.constants import EARTH_MEAN_RADIUS_M
from skycommons.base.errors import InputError
from skycommons.base.rng import uniform_of

LOW_ELEVATION_RAD: Final = float(np.radians(25.0))  # least elevation of the filings; served below it is hardly seen
NEAR_GSO_RAD: Final = float(np.radians(12.0))  # nothing was served nearer to the arc at Brisbane, 2024-07-17
LOW_ORBIT_M: Final = (
    400e3  # what flies lower is on its way up or down, or serves telephones; hardly ever seen to serve dishes
)
LEAST_UNIFORM: Final = 2.0**-54  # in place of a draw of exactly zero


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceSets:
    """``C`` candidates of ``N`` choices; those of choice *n* are the rows ``offsets[n]`` to ``offsets[n + 1]``.

    Attributes:
        offsets: ``(N + 1,)`` rows, beginning with 0 and strictly rising: no choice is without candidates.
        latitude_rad: ``(N,)`` of the place that is to be served.
        elevation_rad, azimuth_rad: ``(C,)`` azimuth clockwise from true north.
        slant_range_m: ``(C,)``.
        gso_separation_rad: ``(C,)`` angle to the visible geostationary arc.
        is_v2_mini: ``(C,)``.
        is_kept: ``(C,)`` the satellite that served this place in the step before.
    Raises:
        ShapeError: The columns differ in length.
        InputError: The offsets do not rise from 0 to ``C``.
    """

    offsets: Ints
    latitude_rad: Floats
    elevation_rad: Floats
    azimuth_rad: Floats
    slant_range_m: Floats
    gso_separation_rad: Floats
    is_v2_mini: Bools
    is_kept: Bools

    def __post_init__(self) -> None:
        if not len(self.offsets) or self.offsets[0] != 0 or (np.diff(self.offsets) < 1).any():
            raise InputError("offsets: must begin with 0 and rise; a choice without candidates is no choice")
        check_shape("latitude_rad", self.latitude_rad, (len(self.offsets) - 1,))
        for name in CANDIDATE_COLUMNS:
            check_shape(name, getattr(self, name), (int(self.offsets[-1]),))
        freeze(*(getattr(self, field.name) for field in fields(self)))

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @property
    def choice(self) -> Ints:
        """``(C,)`` the choice that each candidate belongs to."""
        return np.repeat(np.arange(len(self)), np.diff(self.offsets))

    @property
    def altitude_m(self) -> Floats:
        """``(C,)`` height of each candidate above a round Earth, to some 20 km."""
        radius_m, range_m = EARTH_MEAN_RADIUS_M, self.slant_range_m
        return np.sqrt(radius_m**2 + range_m * (range_m + 2.0 * radius_m * np.sin(self.elevation_rad))) - radius_m

    def take(self, choices: Ints | Bools) -> "ChoiceSets":
        """Only these choices, given as rows or as a mask."""
        rows, held = np.arange(len(self))[choices], self.rows_of(choices)
        return ChoiceSets(
            offsets=self._offsets(rows),
            latitude_rad=self.latitude_rad[rows],
            **{name: getattr(self, name)[held] for name in CANDIDATE_COLUMNS},
        )

    def rows_of(self, choices: Ints | Bools) -> Ints:
        """The candidates' rows of these choices, one choice after the other."""
        rows = np.arange(len(self))[choices]
        offsets = self._offsets(rows)
        return np.arange(offsets[-1]) + np.repeat(self.offsets[rows] - offsets[:-1], np.diff(offsets))

    def keeping(self, is_kept: Bools) -> "ChoiceSets":
        """The same candidates after another past."""
        return replace(self, is_kept=is_kept)

    def _offsets(self, rows: Ints) -> Ints:
        return np.concatenate([[0], np.cumsum(np.diff(self.offsets)[rows])])


CANDIDATE_COLUMNS: Final = (
    *("elevation_rad", "azimuth_rad", "slant_range_m", "gso_separation_rad"),
    *("is_v2_mini", "is_kept"),
)


def join(*parts: ChoiceSets) -> ChoiceSets:
    """The choices of all parts, in their order."""
    ends = np.cumsum([0, *(int(part.offsets[-1]) for part in parts)])
    return ChoiceSets(
        offsets=np.concatenate([[0], *(part.offsets[1:] + end for part, end in zip(parts, ends[:-1], strict=True))]),
        latitude_rad=np.concatenate([part.latitude_rad for part in parts]),
        **{name: np.concatenate([getattr(part, name) for part in parts]) for name in CANDIDATE_COLUMNS},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class UtilityWeights:
    """What each feature of a candidate is worth, in nats: the natural logarithm of its odds.

    Attributes:
        cosecant_nats: For one unit of ``-1 / sin(elevation)``, the air and nearly the distance on the way.
        poleward_nats: For the part of the unit line of sight that points to the pole of the site's hemisphere.
        v2_mini_nats: For a V2 mini instead of an older satellite.
        kept_nats: For the satellite of the step before.
        low_nats: For an elevation below 25°.
        near_gso_nats: For less than 12° to the geostationary arc.
        source: Where the weights come from.
        low_orbit_nats: For a satellite that flies below 400 km.
        load_nats: For a satellite whose places were all taken in the slot before; in proportion where some were. Only the
            scheduler knows loads, so choices alone do not look at it.
        elevation_nats: For each radian of elevation. The real scheduler's choice does not need it; policies that take the
            highest satellite do, and choices alone do not look at it either.
    """

    cosecant_nats: float
    poleward_nats: float
    v2_mini_nats: float
    kept_nats: float
    low_nats: float
    near_gso_nats: float
    source: str
    low_orbit_nats: float = 0.0
    load_nats: float = 0.0
    elevation_nats: float = 0.0

    @classmethod
    def of(cls, weights_nats: Floats, source: str) -> "UtilityWeights":
        """Weights from their numbers in the order of `features`."""
        return cls(**dict(zip(WEIGHT_NAMES, weights_nats.tolist(), strict=True)), source=source)

    @property
    def vector_nats(self) -> Floats:
        """``(7,)`` the weights in the order of `features`."""
        return np.array([getattr(self, name) for name in WEIGHT_NAMES])


WEIGHT_NAMES: Final = (
    *("cosecant_nats", "poleward_nats", "v2_mini_nats"),
    *("kept_nats", "low_nats", "near_gso_nats", "low_orbit_nats"),
)
OBSERVED_WEIGHTS: Final = UtilityWeights(
    cosecant_nats=2.432,  # ± 0.138, one standard error
    poleward_nats=0.690,  # ± 0.124
    v2_mini_nats=0.922,  # ± 0.074
    kept_nats=0.992,  # ± 0.087
    low_nats=-4.352,  # ± 2.165: nearly never chosen, so the prior of the fit holds it
    near_gso_nats=-4.986,  # ± 2.046: the same
    low_orbit_nats=-2.605,  # ± 0.938
    source="fitted by scripts/fit_choice.py to SatInView's measurements at Louvain-la-Neuve and Brisbane, 2024-07-17, "
    "976 slots of 15 s",
)


def features(sets: ChoiceSets) -> Floats:
    """What utilities are made of, ``(C, 7)`` in the order of `WEIGHT_NAMES`."""
    poleward = np.cos(sets.azimuth_rad) * np.cos(sets.elevation_rad)
    return np.stack(
        [
            -1.0 / np.sin(sets.elevation_rad),
            poleward * np.sign(sets.latitude_rad)[sets.choice],
            sets.is_v2_mini.astype(np.float64),
            sets.is_kept.astype(np.float64),
            (sets.elevation_rad < LOW_ELEVATION_RAD).astype(np.float64),
            (sets.gso_separation_rad < NEAR_GSO_RAD).astype(np.float64),
            (sets.altitude_m < LOW_ORBIT_M).astype(np.float64),
        ],
        axis=1,
    )


class ChoicePolicy(Protocol):
    """What a policy must have; write your own and pass it in."""

    name: ClassVar[str]
    is_random: ClassVar[bool]

    def utility(self, sets: ChoiceSets) -> Floats:
        """``(C,)`` nats: the higher, the rather chosen."""
        ...


@dataclass(frozen=True, slots=True)
class Uniform:
    """Any satellite in view, all with the same probability."""

    name: ClassVar[str] = "uniform"
    is_random: ClassVar[bool] = True

    def utility(self, sets: ChoiceSets) -> Floats:
        """The same for all."""
        return np.zeros(len(sets.elevation_rad))


@dataclass(frozen=True, slots=True)
class HighestElevation:
    """Always the satellite that stands highest."""

    name: ClassVar[str] = "highest_elevation"
    is_random: ClassVar[bool] = False

    def utility(self, sets: ChoiceSets) -> Floats:
        """The elevation."""
        return sets.elevation_rad


@dataclass(frozen=True, slots=True)
class NearestRange:
    """Always the nearest satellite."""

    name: ClassVar[str] = "nearest_range"
    is_random: ClassVar[bool] = False

    def utility(self, sets: ChoiceSets) -> Floats:
        """Less with distance."""
        return -sets.slant_range_m


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservedUtility:
    """Chance weighted by what the real scheduler is seen to prefer.

    Attributes:
        weights: The built-in ones unless given.
    Accuracy: docs/accuracy.md, "The serving satellite"; refitted by ``scripts/fit_choice.py``.
    Source: conditional logit (McFadden 1974, Conditional logit analysis of qualitative choice behavior).
    """

    name: ClassVar[str] = "observed_utility"
    is_random: ClassVar[bool] = True

    weights: UtilityWeights = OBSERVED_WEIGHTS

    def utility(self, sets: ChoiceSets) -> Floats:
        """The features by their weights."""
        return features(sets) @ self.weights.vector_nats


def log_softmax(sets: ChoiceSets, utility_nats: Floats) -> Floats:
    """``(C,)`` natural logarithm of each candidate's probability under the multinomial logit."""
    starts = sets.offsets[:-1]
    above = utility_nats - np.maximum.reduceat(utility_nats, starts)[sets.choice]
    return np.asarray(above - np.log(np.add.reduceat(np.exp(above), starts))[sets.choice])


def log_probabilities(policy: ChoicePolicy, sets: ChoiceSets) -> Floats:
    """``(C,)`` natural logarithm of each candidate's probability; minus infinity where the policy never takes it.

    >>> pair = ChoiceSets(
    ...     offsets=np.array([0, 2]),
    ...     latitude_rad=np.zeros(1),
    ...     elevation_rad=np.array([0.5, 1.0]),
    ...     azimuth_rad=np.zeros(2),
    ...     slant_range_m=np.array([9e5, 6e5]),
    ...     gso_separation_rad=np.ones(2),
    ...     is_v2_mini=np.zeros(2, dtype=bool),
    ...     is_kept=np.zeros(2, dtype=bool),
    ... )
    >>> [np.exp(log_probabilities(policy, pair)).tolist() for policy in (Uniform(), HighestElevation())]
    [[0.5, 0.5], [0.0, 1.0]]
    """
    utility = policy.utility(sets)
    if policy.is_random:
        return log_softmax(sets, utility)
    result = np.full(len(utility), -np.inf)
    result[_best(sets, utility)] = 0.0
    return result


def top_shares(sets: ChoiceSets, utility: Floats, chosen: Ints, count: int) -> Floats:
    """``(N,)`` probability that the chosen candidate is among the ``count`` of highest utility, ties in random order.

    Args:
        sets: ``N`` choices.
        utility: ``(C,)`` in any unit.
        chosen: ``(N,)`` rows of candidates.
        count: How many stand at the top.
    """
    starts, mine = sets.offsets[:-1], utility[chosen][sets.choice]
    better = np.add.reduceat((utility > mine).astype(np.int64), starts)
    tied = np.add.reduceat((utility == mine).astype(np.int64), starts)
    return np.clip((count - better) / tied, 0.0, 1.0)


def choose(policy: ChoicePolicy, sets: ChoiceSets, *, satellite: Ints, step: Ints, seed: int) -> Ints:
    """``(N,)`` the row of the candidate that each choice takes; same seed, same choice.

    Args:
        policy: Who decides.
        sets: ``N`` choices of ``C`` candidates.
        satellite: ``(C,)`` number of each candidate's satellite.
        step: ``(N,)`` number of each choice's step; places that choose in one step need numbers of their own.
        seed: Of the draws.
    Source: the Gumbel-max form of the multinomial logit (Gumbel 1954): the highest of utility and Gumbel noise.
    """
    utility = policy.utility(sets)
    if policy.is_random:
        drawn = np.maximum(uniform_of(seed, step[sets.choice], satellite), LEAST_UNIFORM)
        utility = utility - np.log(-np.log(drawn))
    return _best(sets, utility)


def choose_in_turn(
    policy: ChoicePolicy, sets: ChoiceSets, *, satellite: Ints, step: Ints, follows: Bools, seed: int
) -> Ints:
    """``(N,)`` choices of one place step by step, where each knows what the one before took.

    Args:
        policy: Who decides.
        sets: ``N`` choices in the order of time; their ``is_kept`` is not looked at.
        satellite: ``(C,)`` number of each candidate's satellite.
        step: ``(N,)`` number of each step.
        follows: ``(N,)`` whether the row before is the step before; else nothing is kept.
        seed: Of the draws.
    """
    taken = np.zeros(len(sets), dtype=np.int64)
    for row in range(len(sets)):
        held = slice(int(sets.offsets[row]), int(sets.offsets[row + 1]))
        before = satellite[taken[row - 1]] if row and follows[row] else None
        one = sets.take(np.array([row])).keeping(
            np.zeros(held.stop - held.start, dtype=np.bool_) if before is None else satellite[held] == before
        )
        taken[row] = held.start + choose(policy, one, satellite=satellite[held], step=step[row : row + 1], seed=seed)[0]
    return taken


def _best(sets: ChoiceSets, utility: Floats) -> Ints:
    """The first row of the highest utility of each choice."""
    starts = sets.offsets[:-1]
    is_best = utility == np.maximum.reduceat(utility, starts)[sets.choice]
    return np.minimum.reduceat(np.where(is_best, np.arange(len(utility)), len(utility)), starts)
