"""Rain rates at the sites of a scenario, as they were measured or forecast."""

from dataclasses import dataclass

from skycommons.base.arrays import Floats, Ints, check_shape, freeze


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RainTable:
    """Rain rates of ``G`` sites at ``N`` instants.

    Attributes:
        source: Where they are from.
        time_ns: ``(N,)`` UTC unix ns, rising.
        rate_mm_h: ``(N, G)`` in mm/h, the field's unit; NaN where nothing is known.
    """

    source: str
    time_ns: Ints
    rate_mm_h: Floats

    def __post_init__(self) -> None:
        check_shape("rate_mm_h", self.rate_mm_h, (len(self.time_ns), None))
        freeze(self.time_ns, self.rate_mm_h)
