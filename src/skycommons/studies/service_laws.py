"""What a result store holds of the service map as it changes within a run, and how to read it.

Rules: a map is kept once for each change that somebody notices, not once for each slot; `slot_change` says which holds in a
slot. A state by a layer names the layer, and with it the decision; the others stand in the map itself.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from skycommons.base.arrays import Ints
from skycommons.base.clock import format_time
from skycommons.model.service_map import CellState, ServiceClass
from skycommons.model.service_timeline import ServiceTimeline
from skycommons.plan.schedule import Scheduler
from skycommons.studies.service_store import service_description
from skycommons.studies.store import time_ns

NO_DECISION = -1
"""Row of the decision by which a cell has its state, where that is the map itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StateSpan:
    """A stretch of slots in which a cell has one state by one decision.

    Attributes:
        cell: Row of the cell.
        begin_ns, end_ns: From the begin of the first slot to the end of the last, UTC unix ns.
        state: In the service map.
        decision: Row of the layer; -1 for the map itself.
    """

    cell: int
    begin_ns: int
    end_ns: int
    state: CellState
    decision: int


def law_columns(scheduler: Scheduler, slot_ns: Ints) -> dict[str, tuple[Any, ...]]:
    """Variables of the maps that hold in some slots.

    Args:
        scheduler: With the scenario's moments.
        slot_ns: ``(K,)`` begins of the slots, rising; one at least.
    """
    rows = np.array([scheduler.row_at(time_ns) for time_ns in slot_ns.tolist()], dtype=np.int64)
    used, first, change = np.unique(rows, return_index=True, return_inverse=True)
    moments = [scheduler.moments[row] for row in used.tolist()]
    return {
        "change_slot": ("change", first.astype(np.int32)),
        "slot_change": ("slot", change.astype(np.int32)),
        "cell_state": (("change", "cell"), np.stack([moment.law.state for moment in moments])),
        "cell_decision": (("change", "cell"), np.stack([moment.law.layer for moment in moments]).astype(np.int32)),
        "request_rank": (("change", "request"), np.stack([moment.requests.rank for moment in moments])),
    }


def decisions_of(timeline: ServiceTimeline) -> list[dict[str, Any]]:
    """What each layer says, as plain JSON values, in the rows that `cell_decision` names."""
    return [
        {
            "decision": layer.decision,
            "kind": layer.kind.value,
            "state": state_word(layer.cell_state),
            "service_class": ServiceClass(layer.service_class).name.lower(),
            "cells": len(layer.cells),
            "sites": list(layer.sites),
            "groups": list(layer.groups),
            "ends": format_time(layer.ends_ns) if layer.ends_ns else None,
        }
        for layer in timeline.layers
    ]


def state_word(state: int) -> str:
    """A state as files write it.

    >>> state_word(4)
    'protected_only'
    """
    return CellState(state).name.lower()


def slot_ends(dataset: xr.Dataset) -> Ints:
    """``(K,)`` end of each slot: where the next one begins, or after the length that the rules give, UTC unix ns."""
    begins = time_ns(dataset["slot_time"])
    length_ns = round(float(service_description(dataset)["slot_s"]) * 1e9)
    return np.asarray(np.minimum(np.append(begins[1:], np.iinfo(np.int64).max), begins + length_ns))


def state_spans(dataset: xr.Dataset) -> Iterator[StateSpan]:
    """Stretches in which cells have a state other than active, or have theirs by a decision, cell by cell."""
    begins, ends = time_ns(dataset["slot_time"]), slot_ends(dataset)
    change_slot = dataset["change_slot"].values
    state, decision = dataset["cell_state"].values, dataset["cell_decision"].values
    marks = state.astype(np.int64) * (2**32) + decision
    is_told = ((state != CellState.ACTIVE) | (decision != NO_DECISION)).any(axis=0)
    for cell in np.flatnonzero(is_told).tolist():
        starts = np.flatnonzero(np.diff(marks[:, cell], prepend=marks[0, cell] - 1))
        for start, stop in zip(starts.tolist(), [*starts[1:].tolist(), len(change_slot)], strict=True):
            here, by = CellState(int(state[start, cell])), int(decision[start, cell])
            if here is not CellState.ACTIVE or by != NO_DECISION:
                last = int(change_slot[stop]) - 1 if stop < len(change_slot) else len(begins) - 1
                yield StateSpan(
                    cell=cell,
                    begin_ns=int(begins[change_slot[start]]),
                    end_ns=int(ends[last]),
                    state=here,
                    decision=by,
                )


def state_words(dataset: xr.Dataset, cells: Ints) -> list[str]:
    """The state of each of some cells; of one that changes within the run, all of them in order.

    Args:
        dataset: A result store with service.
        cells: ``(N,)`` rows.
    """
    state: NDArray[np.uint8] = dataset["cell_state"].values[:, cells]
    words = []
    for column in state.T:
        kept = column[np.flatnonzero(np.diff(column, prepend=column[:1] + np.uint8(1)))]
        words.append(", then ".join(state_word(int(code)) for code in kept))
    return words
