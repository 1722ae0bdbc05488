"""One check of the radio room against published numbers: the row that every comparison gives.

A row says what was asked (`Acceptance`), what came out, what was expected, and whether the two agree. A published figure
that contradicts itself, or that counts something else, is listed and counts for nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import ArrayLike

_FEW = 6  # numbers that a row shows one by one
_ROUNDING = 1e-6
_NO_DIFFERENCE = 1e-9  # below this, machines differ and people do not care


class Acceptance(Enum):
    """What the radio room has to show."""

    BUDGETS = "link budgets"
    PROPAGATION = "propagation"
    LADDERS = "modulation and code"
    CONSTELLATIONS = "three constellations"
    GEOMETRY = "geometry"
    ARC = "geostationary arc"
    FLUX_DENSITY = "flux density"
    WEATHER = "weather in time"
    SHARES = "shares and limits"
    PLAUSIBILITY = "plausibility, not accuracy"
    LIGHT = "light between satellites"


class Judgement(Enum):
    """What a comparison says."""

    AGREES = "agrees"
    DISAGREES = "disagrees"
    NOT_COMPARABLE = "not comparable"


@dataclass(frozen=True, slots=True, kw_only=True)
class RadioCheck:
    """How one quantity compares with the numbers of its source.

    Attributes:
        name: The quantity, as a link engineer calls it.
        recommendation: Document and version that the numbers are from.
        cases: Numbers compared.
        within: Those that agree within the tolerance.
        largest_relative: Largest relative difference of any case.
        largest_absolute_db: Largest difference in the quantity's own unit: decibels unless the name says another.
        tolerance: What counts as agreement, in words: ``1e-6 relative or 1e-8 dB``.
        test: What the row helps to show.
        value: What came out, with its unit; how many agree where nothing else is said.
        expectation: What should come out, with unit and tolerance; so many numbers where nothing else is said.
        reason: Why it disagrees or cannot be compared, or what else to know.
        comparable: Whether the published figure can judge ours at all.
    """

    name: str
    recommendation: str
    cases: int
    within: int
    largest_relative: float
    largest_absolute_db: float
    tolerance: str
    test: Acceptance = Acceptance.PROPAGATION
    value: str = ""
    expectation: str = ""
    reason: str = ""
    comparable: bool = True

    @property
    def verdict(self) -> bool:
        """Whether there are cases and every one agrees."""
        return 0 < self.cases == self.within

    @property
    def judgement(self) -> Judgement:
        """The verdict, or that there can be none."""
        if not self.comparable:
            return Judgement.NOT_COMPARABLE
        return Judgement.AGREES if self.verdict else Judgement.DISAGREES

    @property
    def shown_value(self) -> str:
        """The value, or how many agree and how far the others are; rounding errors are rounded up to a power of ten."""
        if self.value:
            return self.value
        return f"{self.within:,} of {self.cases:,}, at most {_rounded_up(self.largest_absolute_db)} apart"

    @property
    def shown_expectation(self) -> str:
        """The expectation, or how many numbers and how near."""
        return self.expectation or f"{self.cases:,} numbers, {self.tolerance}"


def compared(
    name: str,
    source: str,
    ours: ArrayLike,
    theirs: ArrayLike,
    *,
    test: Acceptance,
    absolute: float = 0.0,
    relative: float = 0.0,
    unit: str = "",
    reason: str = "",
) -> RadioCheck:
    """One row: every number within the absolute or the relative tolerance, whichever is given.

    Args:
        name: As in the row.
        source: Where the published numbers are from.
        ours, theirs: Numbers, or arrays of one length.
        test: What the row helps to show.
        absolute, relative: Tolerance.
        unit: Of the numbers; few of them are shown one by one.
        reason: Said where the row disagrees.
    """
    computed, published = np.atleast_1d(np.asarray(ours, float)), np.atleast_1d(np.asarray(theirs, float))
    apart = np.abs(computed - published)
    share = np.divide(apart, np.abs(published), out=np.zeros_like(apart), where=published != 0.0)
    within = int(np.sum(apart <= absolute + relative * np.abs(published)))
    few = 0 < len(computed) <= _FEW
    near = f"{100.0 * relative:g} %" if relative else f"{absolute:g}{f' {unit}' if unit else ''}"
    return RadioCheck(
        name=name,
        recommendation=source,
        cases=len(computed),
        within=within,
        largest_relative=float(share.max(initial=0.0)),
        largest_absolute_db=float(apart.max(initial=0.0)),
        tolerance=f"{relative:g} relative" if relative else f"{absolute:g} absolute",
        test=test,
        value=listed(computed, unit) if few else "",
        expectation=f"{listed(published, unit)}, within {near}" if few else "",
        reason="" if 0 < len(computed) == within else reason,
    )


def not_comparable(
    name: str, source: str, *, test: Acceptance, value: str, expectation: str, reason: str
) -> RadioCheck:
    """A row for the list that judges nothing.

    Args:
        name, source: As in the row.
        test: What the row would help to show.
        value: What came out, with its unit, or that nothing did.
        expectation: What the source says, with its unit.
        reason: Why the one cannot judge the other.
    """
    return RadioCheck(
        name=name,
        recommendation=source,
        cases=0,
        within=0,
        largest_relative=0.0,
        largest_absolute_db=0.0,
        tolerance="none",
        test=test,
        value=value,
        expectation=expectation,
        reason=reason,
        comparable=False,
    )


def listed(values: Sequence[float] | np.ndarray, unit: str) -> str:
    """Numbers to five digits with their unit.

    >>> listed([8.561, 18.4], "dB")
    '8.561, 18.4 dB'
    """
    return f"{', '.join(f'{number:.5g}' for number in values)} {unit}".strip()


def markdown_table(checks: Sequence[RadioCheck]) -> str:
    """The rows as a table of a Markdown page, in the order of the acceptance tests."""
    order = list(Acceptance)
    rows = [
        (
            *(check.test.value, check.name, check.shown_value, check.shown_expectation),
            f"{check.judgement.value}{f': {check.reason}' if check.reason else ''}",
            check.recommendation,
        )
        for check in sorted(checks, key=lambda check: order.index(check.test))
    ]
    head = ("test", "quantity", "value", "expectation", "verdict", "source")
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', '/') for cell in line)} |" for line in lines) + "\n"


def _rounded_up(difference: float) -> str:
    """Two digits; of rounding errors the next power of ten, so that machines that round differently print the same.

    >>> _rounded_up(0.0512), _rounded_up(4.8e-9), _rounded_up(3e-15)
    ('0.051', '1e-08', '1e-09')
    """
    if difference >= _ROUNDING:
        return f"{difference:.2g}"
    return f"{10.0 ** np.ceil(np.log10(max(difference, _NO_DIFFERENCE))):.0e}"
