"""Emulated time and the machine's clock.

Rules: emulated time is UTC in ns; the machine's is its monotonic clock, which no one sets. The one follows the other from an
instant at a speed: delays of packets stay what they are, whatever the speed; what the plan says comes so much faster.
"""

from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic_ns
from typing import Final

import numpy as np

from skycommons.base.arrays import Ints
from skycommons.base.constants import NS_PER_S
from skycommons.base.errors import InputError

MOST_SPEED: Final = 100.0
"""Emulated seconds in one of the machine's at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How emulated time goes on.

    Attributes:
        start_ns: An emulated instant, UTC unix ns.
        start_mono_ns: The machine's instant of it.
        speed: Emulated seconds in one of the machine's.
        now_mono_ns: The machine's clock.
    Raises:
        InputError: The speed is not above 0 or above 100.
    >>> pace = Pace(start_ns=1_000, start_mono_ns=0, speed=2.0, now_mono_ns=lambda: 500)
    >>> pace.now_ns(), pace.mono_of(3_000)
    (2000, 1000)
    """

    start_ns: int
    start_mono_ns: int
    speed: float = 1.0
    now_mono_ns: Callable[[], int] = monotonic_ns

    def __post_init__(self) -> None:
        if not 0.0 < self.speed <= MOST_SPEED:
            raise InputError(f"speed: {self.speed:g} should be above 0 and at most {MOST_SPEED:g}")

    def now_ns(self) -> int:
        """The emulated time, UTC unix ns."""
        return self.time_of(self.now_mono_ns())

    def time_of(self, mono_ns: int) -> int:
        """The emulated time at an instant of the machine."""
        return self.start_ns + round((mono_ns - self.start_mono_ns) * self.speed)

    def mono_of(self, time_ns: int) -> int:
        """The machine's instant of an emulated time."""
        return self.start_mono_ns + round((time_ns - self.start_ns) / self.speed)

    def monos_of(self, time_ns: Ints) -> Ints:
        """``(N,)`` the machine's instants of emulated times."""
        since = (np.asarray(time_ns, dtype=np.int64) - self.start_ns) / self.speed
        return self.start_mono_ns + np.rint(since).astype(np.int64)

    def wait_s(self, time_ns: int) -> float:
        """Seconds of the machine until an emulated time; below 0 if it is over."""
        return (self.mono_of(time_ns) - self.now_mono_ns()) / NS_PER_S
