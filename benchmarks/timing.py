"""CPU seconds of a call, and the rows of the benchmark table."""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One measured figure.

    Attributes:
        name: What was measured.
        cpu_s: Our CPU seconds for it.
        peer: Who was measured beside it, if anybody.
        peer_cpu_s: The peer's CPU seconds for the same result.
        target: What the figure should be, in words.
        note: What a reader must know.
    """

    name: str
    cpu_s: float
    peer: str = ""
    peer_cpu_s: float | None = None
    target: str = ""
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """How many times the peer's CPU time is ours."""
        return None if self.peer_cpu_s is None else self.peer_cpu_s / self.cpu_s

    def to_json_dict(self) -> dict[str, Any]:
        """All columns, with the ratio."""
        return {**asdict(self), "ratio": self.ratio}


def cpu_seconds(call: Callable[[], object], *, repeats: int = 7, warm: bool = True) -> float:
    """Least CPU seconds (all threads) of several calls: other load on the machine only ever adds."""
    if warm:
        call()
    best = float("inf")
    for _ in range(repeats):
        began = time.process_time()
        call()
        best = min(best, time.process_time() - began)
    return best
