"""Which satellites a cell may be served by in a slot, and what each is worth."""

from dataclasses import dataclass

from skycommons.base.arrays import Bytes, Floats32, Ints32, check_shape, freeze


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Options:
    """Up to ``K`` satellites of each of ``C`` cells, the most valued first.

    Attributes:
        satellite: ``(C, K)`` rows; -1 behind the last.
        worth_nats: ``(C, K)`` what each is worth to the policy, its luck included.
        sine_elevation: ``(C, K)``.
        reason: ``(C,)`` `Unserved`: why a cell has no option; `SERVED` if it has one.
    """

    satellite: Ints32
    worth_nats: Floats32
    sine_elevation: Floats32
    reason: Bytes

    def __post_init__(self) -> None:
        check_shape("satellite", self.satellite, (None, None))
        for name in ("worth_nats", "sine_elevation"):
            check_shape(name, getattr(self, name), self.satellite.shape)
        check_shape("reason", self.reason, self.satellite.shape[:1])
        freeze(self.satellite, self.worth_nats, self.sine_elevation, self.reason)

    def __len__(self) -> int:
        return len(self.reason)
