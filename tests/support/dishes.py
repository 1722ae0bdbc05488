"""Dishes for tests: what they are, what they are told, and networks that they can listen in."""

import ctypes
import math
import os
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final, TypeVar

from skycommons.base.constants import NS_PER_S
from skycommons.emulation.dish_facts import DishFacts, DishReading
from skycommons.emulation.dish_state import Dish

NOON_NS: Final = 1_750_507_200 * NS_PER_S
"""2025-06-21T12:00:00Z."""

FACTS: Final = DishFacts(
    name="zurich",
    latitude_rad=math.radians(47.37),
    longitude_rad=math.radians(8.54),
    altitude_m=408.0,
    country="CH",
    boresight_azimuth_rad=math.radians(-10.0),
    boresight_elevation_rad=math.radians(72.0),
    boot_s=60.0,
    boot_count=24,
)
SERVED: Final = DishReading(
    time_ns=NOON_NS,
    ping_latency_s=0.03,
    down_bps=1e6,
    up_bps=2e5,
    satellite=17,
    gateway=3,
    pop=2,
    pop_name="frankfurt",
    cell="851f9673fffffff",
    azimuth_rad=0.5,
    elevation_rad=1.1,
    slot_end_ns=NOON_NS + 12 * NS_PER_S,
)
_CLONE_NEWNET: Final = 0x40000000

T = TypeVar("T")


def at(seconds: float) -> int:
    """An instant, counted from noon."""
    return NOON_NS + round(seconds * NS_PER_S)


def a_dish() -> Dish:
    """A dish that booted at noon and heard of nothing yet."""
    return Dish(FACTS, NOON_NS)


class NetworkOfItsOwn:
    """A network namespace with the dish's address, as a host has it; needs the right to make one."""

    def __init__(self) -> None:
        self._kernel = ctypes.CDLL(None, use_errno=True)
        self.file = -1
        self._within(self._make)

    def call(self, work: Callable[[], T]) -> T:
        """Run a function in a thread that is inside."""
        return self._within(lambda: self._entered(work))

    def close(self) -> None:
        """Let the namespace go."""
        os.close(self.file)

    def _entered(self, work: Callable[[], T]) -> T:
        if self._kernel.setns(self.file, _CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), "setns")
        return work()

    def _make(self) -> None:
        if self._kernel.unshare(_CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), "unshare")
        self.file = os.open(Path("/proc/thread-self/ns/net"), os.O_RDONLY | os.O_CLOEXEC)
        for words in ("link set lo up", "address add 192.168.100.1/32 dev lo"):
            subprocess.run(["ip", *words.split()], check=True, capture_output=True, timeout=20)

    @staticmethod
    def _within(work: Callable[[], T]) -> T:
        """Run in a thread of its own, so that the caller's network stays what it is."""
        with ThreadPoolExecutor(1) as thread:
            return thread.submit(work).result(60)
