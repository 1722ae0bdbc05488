"""Which request gets which satellite, so that no satellite serves more than it can.

Rules: policies are objects; write your own and pass it in. All serve the same aim, the sum of what is worth most with a
price on every request that is left out, so that their results can be compared.
"""

from dataclasses import dataclass
from types import MappingProxyType
from typing import ClassVar, Final, Protocol

from skycommons.base.arrays import Bytes, Ints, Ints32, check_shape
from skycommons.plan.choice import UtilityWeights
from skycommons.plan.options import Options

UNSERVED_NATS: Final = MappingProxyType({0: 160.0, 1: 80.0, 2: 40.0, 3: 20.0})
"""What it costs to leave out a request, by its rank; far above what one satellite can be worth over another."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Problem:
    """One slot's question.

    Attributes:
        options: Of the ``C`` cells.
        cell: ``(Q,)`` row of each request's cell.
        rank: ``(Q,)`` 0 protected to 3 background.
        slots: ``(S,)`` how many requests each satellite can serve.
        before: ``(Q,)`` satellite that served the request in the slot before, -1 for none.
    """

    options: Options
    cell: Ints
    rank: Bytes
    slots: Ints32
    before: Ints32

    def __post_init__(self) -> None:
        for name in ("rank", "before"):
            check_shape(name, getattr(self, name), (len(self.cell),))

    def __len__(self) -> int:
        return len(self.cell)


class AssignmentPolicy(Protocol):
    """What a policy must have."""

    is_random: ClassVar[bool]

    @property
    def weights(self) -> UtilityWeights:
        """What a candidate is worth, before luck."""
        ...

    def assign(self, problem: Problem) -> Ints32:
        """``(Q,)`` column of the cell's options that each request gets, -1 for none."""
        ...
