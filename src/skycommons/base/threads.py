"""Compiled kernels on all processors: plain threads, because the kernels release the interpreter's lock.

One way only, instead of a compiler's own thread pool: that one cannot be entered from two threads at once, and its
idle threads spin on a shared machine.
"""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import TypeVar

_Part = TypeVar("_Part")
_Result = TypeVar("_Result")


def processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0))


def in_parallel(function: Callable[[_Part], _Result], parts: Sequence[_Part]) -> list[_Result]:
    """Results of the function for every part, in order; more than one part runs on threads.

    The first exception of any part is raised after all parts have ended.
    """
    if len(parts) < 2 or processors() < 2:
        return [function(part) for part in parts]
    with ThreadPoolExecutor(max_workers=min(processors(), len(parts))) as pool:
        return list(pool.map(function, parts))


def ranges(count: int, parts: int) -> list[tuple[int, int]]:
    """Split ``range(count)`` into at most ``parts`` runs of nearly equal length.

    >>> ranges(5, 2)
    [(0, 2), (2, 5)]
    """
    parts = max(1, min(parts, count))
    edges = [count * part // parts for part in range(parts + 1)]
    return list(pairwise(edges))
