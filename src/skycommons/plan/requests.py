"""What is to be served in a slot: requests, each one channel of one cell.

Rules: a request is served by one beam of one satellite or not at all, and says why not. Requests are planned once, on the
busiest demand of the span, so that a request keeps its row and what served it before can be asked.
"""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from skycommons.base.arrays import Bytes, Floats, Ints, check_shape, freeze


class Unserved(IntEnum):
    """Why a cell, request or terminal is not served; the first that applies, from the bottom of the sky to the top."""

    SERVED = 0
    NO_SATELLITE = 1
    GSO_EXCLUSION = 2
    RAIN = 3
    NO_FEEDER = 4
    NO_BEAM = 5
    NO_CHANNEL = 6
    TERRITORY_INACTIVE = 7
    SUSPENDED = 8
    UNLICENSED = 9
    ACCOUNT = 10


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Requests:
    """``Q`` requests of ``C`` cells; those of cell *c* are the rows ``first[c]`` to ``first[c + 1]``.

    Attributes:
        first: ``(C + 1,)``.
        channel: ``(Q,)`` which of the channels each uses.
        rank: ``(Q,)`` 0 protected, 1 priority, 2 standard, 3 background: of the best that anybody in the cell has.
        blocked: ``(C,)`` `Unserved` of cells that make no request, whatever flies; `SERVED` for those that do.
    """

    first: Ints
    channel: Bytes
    rank: Bytes
    blocked: Bytes

    def __post_init__(self) -> None:
        check_shape("channel", self.channel, (int(self.first[-1]),))
        check_shape("rank", self.rank, (len(self.channel),))
        check_shape("blocked", self.blocked, (len(self.first) - 1,))
        freeze(self.first, self.channel, self.rank, self.blocked)

    def __len__(self) -> int:
        return len(self.channel)

    @property
    def cell(self) -> Ints:
        """``(Q,)`` row of the cell of each request."""
        return np.repeat(np.arange(len(self.first) - 1), np.diff(self.first))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CellPlaces:
    """Where the ``C`` cells are and to which PoP they belong.

    Attributes:
        latitude_rad, longitude_rad: ``(C,)`` of their centres.
        pop: ``(C,)`` row in `Backhaul.pops`; -1 for the nearest by delay.
    """

    latitude_rad: Floats
    longitude_rad: Floats
    pop: Ints

    def __post_init__(self) -> None:
        for name in self.__slots__:
            check_shape(name, getattr(self, name), (len(self.pop),))
            freeze(getattr(self, name))

    def __len__(self) -> int:
        return len(self.pop)
