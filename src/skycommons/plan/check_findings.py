"""What a rule is, and what it finds."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from skycommons.base.arrays import Floats, Ints
from skycommons.plan.check_facts import Facts

ANGLE_SLACK_RAD: Final = 1e-5  # plans are made in single precision
RATE_SLACK: Final = 1e-4  # the same, and files hold six digits


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What breaks a rule in one slot.

    Attributes:
        count: How often it is broken.
        say: Subject and detail of one of them in words, by its number.
    """

    count: int
    say: Callable[[int], tuple[str, str]]

    @staticmethod
    def at(rows: Ints, say: Callable[[int], tuple[str, str]]) -> "Findings":
        """One for each of some rows, put into words by the row."""
        return Findings(count=len(rows), say=lambda number: say(int(rows[number])))

    def first(self, most: int) -> Iterator[tuple[str, str]]:
        """Subject and detail of the first ones."""
        return (self.say(number) for number in range(min(most, self.count)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Something that holds for every slot of a sound plan.

    Attributes:
        name: As it is called in answers.
        meaning: What it says, as one sentence.
        find: What breaks it in a slot.
    """

    name: str
    meaning: str
    find: Callable[[Facts], Findings]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Groups:
    """Rows that share a key, such as those of one beam.

    Attributes:
        key: ``(N, K)`` each combination once.
        member: ``(M,)`` row of each row's combination.
    """

    key: Ints
    member: Ints

    @staticmethod
    def of(*columns: Ints) -> "Groups":
        """Rows by the combination of some columns, each ``(M,)``."""
        packed = np.zeros(len(columns[0]), dtype=np.int64)
        for column in columns if len(packed) else ():  # one number is sorted many times faster than a row of them
            lowest = column.min()
            packed = packed * (column.max() - lowest + 1) + (column - lowest)
        _, first, member = np.unique(packed, return_index=True, return_inverse=True)
        return Groups(key=np.stack(columns, axis=1)[first], member=member)

    def counts(self) -> Ints:
        """``(N,)`` rows of each combination."""
        return np.bincount(self.member, minlength=len(self.key))

    def sums(self, values: Floats) -> Floats:
        """``(N,)`` sum of a column over each combination."""
        return np.asarray(np.bincount(self.member, weights=values, minlength=len(self.key)), dtype=np.float64)


def over(values: Floats, most: Floats) -> Ints:
    """Rows at which a value stands above its limit by more than the slack, or is no number."""
    return np.flatnonzero(~(values <= most * (1.0 + RATE_SLACK) + RATE_SLACK))
