"""One check of the radio room against published numbers: the row that every comparison gives."""

from dataclasses import dataclass


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
    """

    name: str
    recommendation: str
    cases: int
    within: int
    largest_relative: float
    largest_absolute_db: float
    tolerance: str

    @property
    def verdict(self) -> bool:
        """Whether there are cases and every one agrees."""
        return 0 < self.cases == self.within
