"""Plans as the result store of a run holds them, read a few slots at a time.

Rules: a store is that of the same satellites and sites as the scenario beside which it is read, or it is refused.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from skycommons.base.errors import Fault
from skycommons.model.world import World
from skycommons.plan.plan_table import PLANNED_COLUMNS, Asked, PlanTable, stacked_table
from skycommons.studies.service_store import has_service, request_name
from skycommons.studies.store import ResultsError, open_results

_SLOTS_AT_ONCE = 8


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StoredPlan:
    """The plan of a run.

    Attributes:
        dataset: The store.
        asked: What stays the same in all slots.
    """

    dataset: xr.Dataset
    asked: Asked

    @staticmethod
    def open(path: Path, world: World) -> "StoredPlan":
        """Open the store of a run.

        Args:
            path: Folder ``NAME.zarr``.
            world: Of the scenario that was run.
        Raises:
            ResultsError: It is no store, it holds no plan, or its satellites or sites are others.
        """
        dataset = open_results(path)
        faults = _faults(dataset, world)
        if faults:
            dataset.close()
            raise ResultsError(str(path), faults)
        asked = Asked(
            cells=_values(dataset, "cell_id"),
            cell=_values(dataset, "request_cell").astype(np.int64),
            channel=_values(dataset, "request_channel"),
        )
        return StoredPlan(dataset=dataset, asked=asked)

    def __len__(self) -> int:
        return int(self.dataset.sizes["slot"])

    def parts(self) -> Iterator[PlanTable]:
        """All slots, a few at a time."""
        time_ns = _values(self.dataset, "slot_time").astype("datetime64[ns]").astype(np.int64)
        rank, change = _values(self.dataset, "request_rank"), _values(self.dataset, "slot_change")
        for first in range(0, len(self), _SLOTS_AT_ONCE):
            few = self.dataset.isel(slot=slice(first, first + _SLOTS_AT_ONCE))
            yield stacked_table(
                self.asked,
                time_ns[first : first + _SLOTS_AT_ONCE],
                {name: _values(few, request_name(name)) for name in PLANNED_COLUMNS},
                rank=rank[change[first : first + _SLOTS_AT_ONCE]],
                cell_reason=_values(few, "cell_reason"),
                gateway=_values(few, "satellite_gateway"),
            )


def _faults(dataset: xr.Dataset, world: World) -> list[Fault]:
    """Why a store is not that of a plan of this world."""
    if not has_service(dataset):
        return [Fault("service", "holds no plan: the run had no [demand], [service] or [schedule]")]
    return [
        Fault(what, "are not those of the scenario; give the scenario that was run")
        for what, names, ids in (
            ("satellites", dataset["satellite"], world.satellites.ids),
            ("sites", dataset["site"], world.sites.ids),
        )
        if tuple(map(str, names.values.tolist())) != ids
    ]


def _values(dataset: xr.Dataset, name: str) -> NDArray[Any]:
    """A variable as an array."""
    return np.asarray(dataset[name].values)
