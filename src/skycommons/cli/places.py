"""Where a decision holds, as commands are told it: an area, a country, a list of cells, or groups.

Rules: a reduction covers the cells that lie in the area as a whole; an addition those whose centre lies in it, less those without a
licence. Cells that the border cuts are told, whether covered or not.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

from cyclopts import Parameter

from skycommons.cli.console import Output
from skycommons.cli.reading import read_text

if TYPE_CHECKING:
    from skycommons.governance.decisions import Effect
    from skycommons.governance.ledger_state import LedgerState
    from skycommons.store.compose import Place
    from skycommons.studies.preview_scope import Scope


@Parameter(name="*")
@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """Where, and for whom.

    Attributes:
        area: File of areas.
        cells: File of cells.
        country: Country by the two letters of ISO 3166-1.
        group: Groups of customers.
        terminal_class: Classes of terminals.
    """

    area: Annotated[Path | None, Parameter(help="GeoJSON of the area; its cells are chosen by the effect.")] = None
    cells: Annotated[Path | None, Parameter(help="List of cells, one a line.")] = None
    country: Annotated[str | None, Parameter(help="Two letters of ISO 3166-1: its area by the packaged borders.")] = (
        None
    )
    group: Annotated[tuple[str, ...], Parameter(negative="", help="Group of customers; may be given again.")] = ()
    terminal_class: Annotated[
        tuple[str, ...], Parameter(negative="", help="Class of terminals; may be given again.")
    ] = ()


_MOST_FAULTS: Final = 20  # of one list

ANYWHERE: Final = Where()  # nothing named yet


def place_of(where: Where, effect: "Effect", state: "LedgerState", *, licence: str, target: str) -> "Place":
    """The cells or groups that are meant.

    Args:
        where: As the user says.
        effect: Which way the decision goes.
        state: What the log adds up to.
        licence: The licence that an addition needs; cells without it are left out.
        target: The reduction that a restore ends; its cells, if none are named.

    Raises:
        InputError: Nothing is named, or too much, or the area covers no cell.
    """
    from skycommons.base.errors import InputError
    from skycommons.governance.decisions import DecisionKind, Effect
    from skycommons.store.compose import Place

    named = [where.area, where.cells, where.country, where.group, where.terminal_class]
    count = sum(bool(one) for one in named)
    if not count and target and effect is Effect.RESTORE:
        return _target_place(state, target)
    if count != 1:
        raise InputError("say where: one of --area, --cells, --country, --group and --terminal-class")
    if where.group or where.terminal_class:
        kind = DecisionKind.CUSTOMER_GROUP if where.group else DecisionKind.TERMINAL_CLASS
        return Place(groups=where.group or where.terminal_class, kind=kind)
    from skycommons.model.cells import cell_texts

    scope = _scope(where, effect, state, licence)
    return Place(cells=tuple(cell_texts(scope.cells)), polygon=scope.polygon, h3_version=scope.h3_version)


def tell_place(where: Where, effect: "Effect", state: "LedgerState", output: Output, *, licence: str) -> None:
    """Say which cells an area's border cuts, and which have no licence."""
    if where.area is None and where.country is None:
        return
    scope = _scope(where, effect, state, licence)
    output.line(f"{len(scope):,} cells are covered, by the border rule {scope.border.value}.")
    output.line(
        f"The border cuts {len(scope.border_cells):,} cells: {len(scope.border_in):,} covered, "
        f"{len(scope.border_out):,} not."
    )
    if len(scope.unlicensed):
        output.line(f"{len(scope.unlicensed):,} cells are left out: they have no licence.")


def read_cell_file(path: Path) -> tuple[str, ...]:
    """The cells of a file, in any order.

    Raises:
        InputError: It cannot be read, there is no cell in it, or some are none; the first of these are told.
    """
    from skycommons.base.errors import DocumentError, Fault, InputError
    from skycommons.model.cells import parse_cells

    lines = read_text(path).split()
    if not lines:
        raise InputError(f"{path}: there is no cell in it")
    faults = parse_cells(lines)[1]
    if faults:
        told = [Fault(f"cell {row + 1:,}", faults[row]) for row in sorted(faults)]
        rest = [Fault("and", f"{len(told) - _MOST_FAULTS:,} more")] if len(told) > _MOST_FAULTS else []
        raise DocumentError(str(path), told[:_MOST_FAULTS] + rest)
    return tuple(sorted(set(lines)))


def _scope(where: Where, effect: "Effect", state: "LedgerState", licence: str) -> "Scope":
    """Cells by the rules of the scope."""
    import numpy as np

    from skycommons.model.borders import country
    from skycommons.model.cells import canonical
    from skycommons.model.regions import read_regions
    from skycommons.studies.preview_scope import scope_cells, scope_of_list

    if where.cells is not None:
        return scope_of_list(canonical([int(cell, 16) for cell in read_cell_file(where.cells)]))
    regions = read_regions(where.area) if where.area is not None else (country(where.country or ""),)
    record = state.licences.get(licence)
    licensed = None
    if record is not None:
        listed = state.read_cells(record.licence.cells_sha256, "the licence's list of cells")
        licensed = canonical(np.array([int(cell, 16) for cell in listed], dtype=np.uint64))
    return scope_cells(regions, effect, licensed=licensed)


def _target_place(state: "LedgerState", target: str) -> "Place":
    """Everything that a reduction holds."""
    from skycommons.base.errors import InputError
    from skycommons.store.compose import Place

    record = state.decisions.get(target)
    layer = next((one for one in state.layers if one.decision == target), None)
    if record is None or layer is None:
        raise InputError(f"decision {target[:12]} holds nothing that could be restored")
    kind = record.decision.kind
    groups = tuple(sorted(place.partition(":")[2] for place in layer.places if ":" in place))
    cells = tuple(sorted(place for place in layer.places if ":" not in place))
    return Place(cells=cells, groups=groups, kind=kind)
