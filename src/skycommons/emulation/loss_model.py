"""What is lost on an idle line, and when.

Rules: over a satellite that goes straight down, losses are spread evenly, and most of them are the uplink's. Over lasers nearly
all of them lie about the boundaries of slots, as gaps of half a second that some boundaries bring and others do not. Whether a
boundary brings one hangs on seed, terminal and slot alone.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from skycommons.base.errors import InputError
from skycommons.base.rng import uniform_of

_SALT: Final = 0x6C6F7373  # keeps these draws apart from others of the same seed


@dataclass(frozen=True, slots=True, kw_only=True)
class LossModel:
    """How much is lost.

    Attributes:
        up_share, down_share: Of packets, on a path without lasers.
        laser_up_share, laser_down_share: The same over lasers, gaps aside.
        gap_s: Length of a gap at a boundary.
        gap_share: Share of boundaries that bring one to a path over lasers.
        source: Where the numbers come from.
    Raises:
        InputError: A share does not lie between 0 and 1, or the gap is negative.
    """

    up_share: float
    down_share: float
    laser_up_share: float
    laser_down_share: float
    gap_s: float
    gap_share: float
    source: str = ""

    def __post_init__(self) -> None:
        shares = (self.up_share, self.down_share, self.laser_up_share, self.laser_down_share, self.gap_share)
        if not all(0.0 <= share <= 1.0 for share in shares) or not self.gap_s >= 0.0:
            raise InputError("losses: shares lie between 0 and 1, and a gap is not negative")

    def share(self, *, is_up: bool, is_over_lasers: bool) -> float:
        """Share of packets that one direction loses at random."""
        if is_over_lasers:
            return self.laser_up_share if is_up else self.laser_down_share
        return self.up_share if is_up else self.down_share

    def has_gap(self, seed: int, *, terminal: int, begin_ns: int) -> bool:
        """Whether a slot begins with a gap on a path over lasers.

        Args:
            seed: Of the run.
            terminal: Its row.
            begin_ns: Of the slot.
        """
        drawn = uniform_of(seed ^ _SALT, np.array([terminal]), np.array([begin_ns], dtype=np.int64))[0]
        return bool(drawn < self.gap_share)


MEASURED_LOSSES: Final = LossModel(
    up_share=0.0035,  # uplink 0.2 to 0.5 %
    down_share=0.0001,  # downlink 0.01 %
    # 0.47 % of 36,000 pings of a dish over lasers were lost, 82 % of these within a second of a boundary: so 0.058 s of
    # losses a slot, or a gap of 0.5 s at every ninth boundary, and 0.085 % spread evenly, which we give to the uplink.
    laser_up_share=0.00085,
    laser_down_share=0.0,
    gap_s=0.5,
    gap_share=0.116,
    source="random losses: LeoCC's calibration of its replayer; gaps over lasers: one dish's pings of 2023-09-12, fitted to them, "
    "with the length of outages seen at another dish on 2024-08-12 (LENS)",
)
