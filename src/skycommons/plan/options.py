"""Which satellites a cell may be served by in a slot, and what each is worth.

Rules: a satellite is an option if it stands above the cell's minimum elevation within the field of view, off the geostationary
arc, its link closes both ways in the weather, and it has a way to the cell's PoP. A cell without options names the last of
these gates that removed its last candidate. Worth is linear in what `choice` looks at; luck is Gumbel noise and hangs on the
seed, the slot, the cell and the satellite's row alone, so that neither threads nor other cells change it.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from skycommons.base.arrays import Bools, Bytes, Floats, Floats32, Ints, Ints32, check_shape, freeze
from skycommons.base.errors import InputError
from skycommons.base.rng import States, states_of
from skycommons.base.threads import in_parallel, processors, ranges
from skycommons.model.cells import CellIds
from skycommons.plan.cell_rates import CellRatesNow
from skycommons.plan.choice import UtilityWeights
from skycommons.plan.visibility import Horizon

if TYPE_CHECKING:
    from skycommons.plan.options_kernel import CellColumns, Room, SkyColumns

_PARTS_PER_PROCESSOR = 4  # cells of the north cost more than those of the south
_FEWEST = 2_000  # cells for which a thread is worth its start


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Options:
    """Up to ``K`` satellites of each of ``C`` cells, the most valued first.

    Attributes:
        satellite: ``(C, K)`` rows; -1 behind the last.
        worth_nats: ``(C, K)`` what each is worth to the policy, its luck included; 0 behind the last.
        sine_elevation: ``(C, K)``; 0 behind the last.
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


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Placed:
    """``N`` requests that have a satellite: their rows, their cells, the satellite and where it stands."""

    row: Ints
    cell: Ints
    satellite: Ints32
    sine_elevation: Floats

    @staticmethod
    def of(options: Options, column: Ints32, cell: Ints) -> "Placed":
        """Those that a policy gives an option."""
        row = np.flatnonzero(column >= 0)
        here, taken = cell[row], column[row]
        return Placed(
            row=row,
            cell=here,
            satellite=options.satellite[here, taken],
            sine_elevation=options.sine_elevation[here, taken].astype(np.float64),
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SkyStep:
    """``S`` satellites in a slot.

    Attributes:
        position_itrf_m: ``(S, 3)``.
        valid: ``(S,)`` false for one that nobody may use.
        payload: ``(S,)`` rows in the equipment.
        is_v2_mini: ``(S,)``.
        load: ``(S,)`` share of its places that was taken in the slot before.
        has_way: ``(P, S)`` whether the satellite reaches each PoP; or ``(S,)`` whether it reaches the Internet at all.
        pop: ``(C,)`` row of each cell's PoP; -1 for any of them. Without it any serves everybody.
    """

    position_itrf_m: Floats
    valid: Bools
    payload: Ints
    is_v2_mini: Bools
    load: Floats
    has_way: Bools
    pop: Ints | None = None

    def __post_init__(self) -> None:
        check_shape("position_itrf_m", self.position_itrf_m, (len(self.valid), 3))
        for name in ("payload", "is_v2_mini", "load"):
            check_shape(name, getattr(self, name), (len(self.valid),))
        check_shape("has_way", np.atleast_2d(self.has_way), (None, len(self.valid)))

    def __len__(self) -> int:
        return len(self.valid)

    def ways(self, cells: int) -> tuple[Bools, Ints]:
        """``(P + 1, S)`` ways by PoP, the last row for any of them, and ``(C,)`` the row of each cell."""
        by_pop = np.atleast_2d(self.has_way)
        rows = np.concatenate([by_pop, by_pop.any(axis=0, keepdims=True)])
        if self.pop is None:
            return rows, np.full(cells, len(by_pop))
        return rows, np.where(self.pop < 0, len(by_pop), self.pop)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Luck:
    """What random choices draw from.

    Attributes:
        seed: Of the scenario.
        slot: Number of the slot: slots with different numbers draw anew.
        cell: ``(C,)`` cells by their own index, so that a cell's luck does not hang on which others there are.
    """

    seed: int
    slot: int
    cell: CellIds

    def states(self) -> States:
        """``(C,)`` from which each satellite draws."""
        return states_of(self.seed, np.array(self.slot), self.cell.view(np.int64))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Kept:
    """Which satellites served each of ``C`` cells in the slot before.

    Attributes:
        first: ``(C + 1,)`` as in `Requests`.
        satellite: ``(Q,)`` rows; -1 for none.
    """

    first: Ints
    satellite: Ints32

    def __post_init__(self) -> None:
        check_shape("satellite", self.satellite, (int(self.first[-1]),))

    @staticmethod
    def nothing(cells: int) -> "Kept":
        """No slot before."""
        return Kept(first=np.zeros(cells + 1, dtype=np.int64), satellite=np.zeros(0, dtype=np.int32))


def find_options(
    horizon: Horizon,
    sky: SkyStep,
    *,
    blocked: Bytes,
    weights: UtilityWeights,
    luck: Luck | None,
    kept: Kept,
    rates: CellRatesNow,
    count: int,
) -> Options:
    """The most valued satellites of every cell.

    Args:
        horizon: ``C`` cells, judged at their centres.
        sky: ``S`` satellites.
        blocked: ``(C,)`` `Unserved` of cells that make no request; they get that reason and no options.
        weights: What a candidate is worth.
        luck: None for a policy that is not random.
        kept: Who served the cells in the slot before.
        rates: Where links close.
        count: ``K``, most satellites that a cell keeps.
    Raises:
        InputError: A cell is to keep fewer than one satellite.
        ShapeError: The columns are not of the same cells.
    Accuracy: the same candidates, reasons and order as plain NumPy over `find_links` (tests/property/test_options.py).
    """
    if count < 1:
        raise InputError(f"a cell weighs at least 1 candidate, not {count}")
    cells = len(horizon)
    check_shape("blocked", blocked, (cells,))
    check_shape("first", kept.first, (cells + 1,))
    check_shape("zone", rates.zone, (cells,))
    if sky.pop is not None:
        check_shape("pop", sky.pop, (cells,))
    if luck is not None:
        check_shape("cell", luck.cell, (cells,))
    room = _room(cells, count)
    has_way, way = sky.ways(cells)
    below = _cells(horizon, way, blocked=blocked, luck=luck, kept=kept, rates=rates)
    above = _sky(sky, has_way, weights, rates.least_sine)
    _fill(below, above, room)
    return Options(**room._asdict())


def _fill(below: "CellColumns", above: "SkyColumns", room: "Room") -> None:
    """Search on all processors."""
    from skycommons.plan.options_kernel import fill_options

    def part(span: tuple[int, int]) -> None:
        with np.errstate(over="ignore"):  # where nothing is compiled, hashes overflow aloud
            fill_options(below, above, room, *span)

    cells = len(below.blocked)
    in_parallel(part, ranges(cells, max(1, min(_PARTS_PER_PROCESSOR * processors(), cells // _FEWEST))))


def _room(cells: int, count: int) -> "Room":
    """Empty rows for the results."""
    from skycommons.plan.options_kernel import Room

    return Room(
        satellite=np.full((cells, count), -1, dtype=np.int32),
        worth_nats=np.zeros((cells, count), dtype=np.float32),
        sine_elevation=np.zeros((cells, count), dtype=np.float32),
        reason=np.zeros(cells, dtype=np.uint8),
    )


def _cells(
    horizon: Horizon, way: Ints, *, blocked: Bytes, luck: Luck | None, kept: Kept, rates: CellRatesNow
) -> "CellColumns":
    """Cells as the kernel reads them."""
    from skycommons.plan.options_kernel import CellColumns

    return CellColumns(
        position_m=_column(horizon.position_itrf_m),
        up=_column(horizon.up_itrf),
        boresight=_column(horizon.boresight_itrf),
        min_elevation_rad=_column(horizon.min_elevation_rad),
        gso_exclusion_rad=_column(horizon.gso_exclusion_rad),
        cosine_field_of_view=_column(horizon.cosine_field_of_view),
        blocked=_column(blocked),
        zone=_column(rates.zone),
        way=_column(way),
        luck=_column(np.zeros(0, dtype=np.uint64) if luck is None else luck.states()),
        kept_first=_column(kept.first),
        kept=_column(kept.satellite),
    )


def _sky(sky: SkyStep, has_way: Bools, weights: UtilityWeights, least_sine: Floats) -> "SkyColumns":
    """Satellites as the kernel reads them."""
    from skycommons.plan.options_kernel import SkyColumns
    from skycommons.plan.visibility_kernel import bin_satellites

    start, order, largest_m = bin_satellites(sky.position_itrf_m, sky.valid)
    return SkyColumns(
        start=start,
        order=order,
        largest_m=largest_m,
        position_m=_column(sky.position_itrf_m[order]),
        payload=_column(sky.payload),
        is_v2_mini=_column(sky.is_v2_mini),
        load=_column(sky.load),
        has_way=_column(has_way),
        least_sine=_column(least_sine),
        weights=_column(np.append(weights.vector_nats, [weights.load_nats, weights.elevation_nats])),
    )


def _column(values: NDArray[Any]) -> NDArray[Any]:
    """The same values, contiguous and read-only, so that the kernel is compiled once."""
    column = np.ascontiguousarray(values).view()
    column.setflags(write=False)
    return column
