"""How well a run served its cells, in a few numbers, by reason and by territory.

Rules: a cell counts as served for the share of slots at which any of its requests is. Demand that is served is what was given
of what was asked, never more than was asked. Only cells that ask for something count. All of it comes from sums that the run
has kept, so that a long run is summarised as fast as a short one.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import xarray as xr

from skycommons.base.arrays import Bools, Floats, Ints, Ints32, check_shape, freeze
from skycommons.plan.handovers import BOUNDARY_SOURCE, HandoverKind
from skycommons.plan.requests import Unserved
from skycommons.studies.service_history import terminal_sites, terminal_sums
from skycommons.studies.service_store import service_description, unserved_phrase
from skycommons.studies.store import names
from skycommons.studies.summary import column_quantiles, megabits, percent

DOWN, UP = 0, 1
BOUNDARY_NOTE: Final = (
    f"What is lost where slots meet was measured on other dishes, not in this run: {BOUNDARY_SOURCE}."
)
_DIGITS: Final = 16  # of a decision's digest that people are shown
_QUANTILES: Final = (0.05, 0.5, 0.95)


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaService:
    """How well a part of the cells was served.

    Attributes:
        name: Of the territory, or of all cells.
        cells: With demand.
        subscribers: In them.
        served_share: Of cells and slots.
        subscriber_share: Of subscribers and slots.
        demand_share: Of the demand, down.
        main_reason: The `Unserved` that most cells and slots without service have; 0 if there are none.
    """

    name: str
    cells: int
    subscribers: float
    served_share: float
    subscriber_share: float
    demand_share: float
    main_reason: int

    def row(self) -> dict[str, str]:
        """Cells of text for people."""
        return {
            "territory": self.name,
            "cells": f"{self.cells:,}",
            "subscribers": f"{self.subscribers:,.0f}",
            "cells served": percent(self.served_share),
            "subscribers served": percent(self.subscriber_share),
            "demand served": percent(self.demand_share),
            "main reason": unserved_phrase(self.main_reason) if self.main_reason else "",
        }

    def to_json_dict(self) -> dict[str, Any]:
        """Everything as plain JSON values."""
        return {
            "name": self.name,
            "cells": self.cells,
            "subscribers": _number(self.subscribers),
            "served_share": _number(self.served_share),
            "subscriber_share": _number(self.subscriber_share),
            "demand_share": _number(self.demand_share),
            "main_reason": unserved_phrase(self.main_reason) if self.main_reason else None,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Terminal:
    """How one named terminal was served.

    Attributes:
        name: Of the terminal.
        served_share: Of slots.
        handovers_per_hour: Changes of satellite from one slot to the very next, both served; NaN if there is nothing to compare.
        beam_changes_per_hour, gateway_changes_per_hour, pop_changes_per_hour: Likewise; a beam's of the same satellite.
        expected_loss_share: Of evenly sent packets while it is served, as measured on other dishes; NaN likewise.
        outage_s_per_hour: Without service, and to be expected where slots meet; NaN where slots are left out.
        main_reason: As in `AreaService`.
    """

    name: str
    served_share: float
    handovers_per_hour: float
    beam_changes_per_hour: float
    gateway_changes_per_hour: float
    pop_changes_per_hour: float
    expected_loss_share: float
    outage_s_per_hour: float
    main_reason: int

    def row(self) -> dict[str, str]:
        """Cells of text for people."""
        return {
            "terminal": self.name,
            "served": percent(self.served_share),
            "handovers/h": _plain(self.handovers_per_hour, ".0f"),
            "beam/h": _plain(self.beam_changes_per_hour, ".0f"),
            "gateway/h": _plain(self.gateway_changes_per_hour, ".0f"),
            "PoP/h": _plain(self.pop_changes_per_hour, ".0f"),
            "loss expected": percent(self.expected_loss_share),
            "outage (s/h)": _plain(self.outage_s_per_hour, ".0f"),
            "why dark": unserved_phrase(self.main_reason) if self.main_reason else "",
        }

    def to_json_dict(self) -> dict[str, Any]:
        """Everything as plain JSON values."""
        return {
            "name": self.name,
            "served_share": _number(self.served_share),
            "handovers_per_hour": _number(self.handovers_per_hour),
            "beam_changes_per_hour": _number(self.beam_changes_per_hour),
            "gateway_changes_per_hour": _number(self.gateway_changes_per_hour),
            "pop_changes_per_hour": _number(self.pop_changes_per_hour),
            "expected_loss_share": _number(self.expected_loss_share),
            "outage_s_per_hour": _number(self.outage_s_per_hour),
            "main_reason": unserved_phrase(self.main_reason) if self.main_reason else None,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceSummary:
    """The numbers of a run with the scheduler.

    Attributes:
        rules: Policy, rules and service map, as the store describes them.
        slots: How many slots were planned, and ``slot_s`` how far their begins lie apart at the median; 0 for one slot.
        everywhere: All cells with demand.
        territories: Those that hold a cell with demand, in the scenario's order.
        reason_cells: ``(R,)`` mean number of cells with each `Unserved`.
        cell_served: ``(C,)`` share of slots at which each cell was served.
        cell_reason: ``(C,)`` main reason of each cell; 0 if it was always served.
        cell_asks: ``(C,)`` whether a cell asks for anything.
        asked_bps, given_bps, used_bps: ``(2,)`` of all cells, mean over the slots, down and up.
        handovers_per_hour: Of the first request of a cell, mean over cells; NaN if no slot is the next one of another.
        kept_share: Of slots at which a cell kept its satellite; NaN likewise.
        satellites_used, satellites: That served anything, and all.
        load_quantiles: ``(3,)`` 5 %, median and 95 % of mean requests of the satellites that served anything.
        most_requests: In one slot, by one satellite.
        laser_share: Of the served requests, those that went over lasers.
        terminals: The named ones.
    """

    rules: dict[str, Any]
    slots: int
    slot_s: float
    everywhere: AreaService
    territories: tuple[AreaService, ...]
    reason_cells: Floats
    cell_served: Floats
    cell_reason: Ints
    cell_asks: Bools
    asked_bps: Floats
    given_bps: Floats
    used_bps: Floats
    handovers_per_hour: float
    kept_share: float
    satellites_used: int
    satellites: int
    load_quantiles: Floats
    most_requests: int
    laser_share: float
    terminals: tuple[Terminal, ...]

    def __post_init__(self) -> None:
        check_shape("cell_reason", self.cell_reason, self.cell_served.shape)
        freeze(self.reason_cells, self.cell_served, self.cell_reason, self.cell_asks)

    def rows(self) -> list[tuple[str, str]]:
        """What people read first: a word, and its number."""
        low, median, high = self.load_quantiles
        return [
            ("cells with demand", f"{self.everywhere.cells:,}"),
            ("cells served", percent(self.everywhere.served_share)),
            ("subscribers served", percent(self.everywhere.subscriber_share)),
            ("demand served", percent(self.everywhere.demand_share)),
            ("asked for, down", gigabits(self.asked_bps[DOWN])),
            ("given, down", gigabits(self.given_bps[DOWN])),
            ("asked for, up", gigabits(self.asked_bps[UP])),
            ("given, up", gigabits(self.given_bps[UP])),
            ("handovers per hour of a cell", _plain(self.handovers_per_hour, ".0f")),
            ("satellite kept from slot to slot", percent(self.kept_share)),
            ("satellites that ever served", f"{self.satellites_used:,} of {self.satellites:,}"),
            ("requests of such a satellite", _between(low, median, high) if self.satellites_used else "–"),
            ("most requests of a satellite", f"{self.most_requests:,}"),
            ("served over lasers", percent(self.laser_share) if self.satellites_used else "–"),
        ]

    def decision_rows(self) -> list[dict[str, str]]:
        """The decisions that the run obeyed, in the order in which they were laid over each other: a table of texts."""
        titles = {entry["decision"]: entry for entry in self.rules.get("enforced", {}).get("layers", [])}
        return [
            {
                "decision": layer["decision"][:_DIGITS],
                "title": titles.get(layer["decision"], {}).get("title", ""),
                "of": layer["kind"],
                "state": layer["state"],
                "class": layer["service_class"],
                "cells": f"{layer['cells']:,}",
                "ends": layer["ends"] or "never",
            }
            for layer in self.rules.get("decisions", [])
        ]

    def reason_rows(self) -> list[dict[str, str]]:
        """Why cells are not served, the most frequent reason first: a table of texts."""
        unserved = self.reason_cells.sum() - self.reason_cells[Unserved.SERVED]
        order = [int(code) for code in np.argsort(-self.reason_cells, kind="stable") if code != Unserved.SERVED]
        return [
            {
                "why not": unserved_phrase(code),
                "cells (mean)": few_digits(float(self.reason_cells[code])),
                "of unserved": percent(float(self.reason_cells[code] / unserved)),
            }
            for code in order
            if self.reason_cells[code] > 0
        ]

    def to_json_dict(self) -> dict[str, Any]:
        """Everything as plain JSON values in SI units; null stands for what does not exist."""
        low, median, high = (_number(value) for value in self.load_quantiles)
        return {
            **self.rules,
            "slots": self.slots,
            **{key: value for key, value in self.everywhere.to_json_dict().items() if key != "name"},
            "asked_down_bps": float(self.asked_bps[DOWN]),
            "asked_up_bps": float(self.asked_bps[UP]),
            "given_down_bps": float(self.given_bps[DOWN]),
            "given_up_bps": float(self.given_bps[UP]),
            "reasons": {
                Unserved(code).name.lower(): {"words": unserved_phrase(code), "cells": float(self.reason_cells[code])}
                for code in range(len(self.reason_cells))
                if self.reason_cells[code] > 0
            },
            "handovers_per_hour": _number(self.handovers_per_hour),
            "kept_share": _number(self.kept_share),
            "satellites_used": self.satellites_used,
            "requests_per_satellite": {"p5": low, "median": median, "p95": high, "most": self.most_requests},
            "laser_share": _number(self.laser_share),
            "territories": [area.to_json_dict() for area in self.territories],
            "boundaries": {"expected_from": BOUNDARY_SOURCE, "is_measured_here": False},
            "terminals": [terminal.to_json_dict() for terminal in self.terminals],
        }


def summarise_service(dataset: xr.Dataset) -> ServiceSummary:
    """The service numbers of a result store that has them."""
    slots, rules = dataset.sizes["slot"], service_description(dataset)
    reason_slots = dataset["cell_reason_slots"].values
    asked, given, used = (dataset[f"cell_{name}_bps"].values for name in ("asked", "given", "used"))
    asks = dataset["cell_demand_bps"].values.sum(axis=0) > 0.0
    slot_ns = dataset["slot_time"].values.astype("datetime64[ns]").astype(np.int64)
    slot_s = float(np.median(np.diff(slot_ns))) / 1e9 if slots > 1 else 0.0
    load = dataset["satellite_requests"].values
    held, changes = (int(dataset[name].values.sum()) for name in ("cell_held", "cell_changes"))
    areas = [
        _area(dataset, name, asks & member)
        for name, member in zip(names(dataset, "territory"), dataset["territory_cell"].values, strict=True)
    ]
    return ServiceSummary(
        rules=rules,
        slots=slots,
        slot_s=slot_s,
        everywhere=_area(dataset, "all cells", asks),
        territories=tuple(area for area in areas if area.cells),
        reason_cells=reason_slots[:, asks].sum(axis=1) / max(slots, 1),
        cell_served=reason_slots[Unserved.SERVED] / max(slots, 1),
        cell_reason=main_reasons(reason_slots),
        cell_asks=asks,
        asked_bps=asked.sum(axis=1),
        given_bps=given.sum(axis=1),
        used_bps=used.sum(axis=1),
        handovers_per_hour=_per_hour(changes, held, float(rules["slot_s"])),
        kept_share=1.0 - changes / held if held else float("nan"),
        satellites_used=int(np.count_nonzero(load)),
        satellites=dataset.sizes["satellite"],
        load_quantiles=column_quantiles(load[load > 0.0][:, None], _QUANTILES)[:, 0] if load.any() else np.zeros(3),
        most_requests=int(dataset["satellite_most_requests"].values.max(initial=0)),
        laser_share=float(rules.pop("laser_share")),
        terminals=_terminals(dataset),
    )


def main_reasons(reason_slots: Ints | Ints32) -> Ints:
    """``(C,)`` the `Unserved` that stands most often against each cell, from ``(R, C)`` counts; 0 if nothing ever does."""
    against = reason_slots[1:]
    return np.where(against.any(axis=0), against.argmax(axis=0) + 1, 0) if len(against) else np.zeros(0, dtype=np.int64)


def gigabits(rate_bps: float) -> str:
    """A rate of a whole network as people write it.

    >>> gigabits(1.234e12), gigabits(2.5e9), gigabits(7.26e6)
    ('1,234 Gbit/s', '2.5 Gbit/s', '7.3 Mbit/s')
    """
    if rate_bps < 1e9:
        return megabits(rate_bps)
    return f"{rate_bps / 1e9:,.0f} Gbit/s" if rate_bps >= 100e9 else f"{rate_bps / 1e9:,.3g} Gbit/s"


def few_digits(amount: float) -> str:
    """A mean count as people write it.

    >>> few_digits(1234.5), few_digits(12.345), few_digits(0.05)
    ('1,234', '12.3', '0.05')
    """
    return f"{amount:,.0f}" if amount >= 100.0 else f"{amount:.3g}"


def _area(dataset: xr.Dataset, name: str, member: Bools) -> AreaService:
    """The numbers of some of the cells."""
    reason_slots = dataset["cell_reason_slots"].values[:, member]
    slots = max(dataset.sizes["slot"], 1)
    subscribers = dataset["cell_subscribers"].values[member]
    served = reason_slots[Unserved.SERVED] / slots
    asked, used = (float(dataset[f"cell_{what}_bps"].values[DOWN, member].sum()) for what in ("asked", "used"))
    reasons = reason_slots.sum(axis=1)
    return AreaService(
        name=name,
        cells=int(member.sum()),
        subscribers=float(subscribers.sum()),
        served_share=_ratio(float(served.sum()), float(member.sum())),
        subscriber_share=_ratio(float((served * subscribers).sum()), float(subscribers.sum())),
        demand_share=_ratio(used, asked),
        main_reason=int(reasons[1:].argmax()) + 1 if reasons[1:].any() else 0,
    )


def _terminals(dataset: xr.Dataset) -> tuple[Terminal, ...]:
    """The named terminals."""
    labels, sums = names(dataset, "site"), terminal_sums(dataset)
    by_kind, reasons = sums.handovers_per_hour, main_reasons(sums.reason_slots)
    served, loss, outage_s = sums.served_share, sums.expected_loss_share, sums.outage_s_per_hour
    return tuple(
        Terminal(
            name=labels[row],
            served_share=float(served[place]),
            handovers_per_hour=float(by_kind[HandoverKind.SATELLITE, place]),
            beam_changes_per_hour=float(by_kind[HandoverKind.BEAM, place]),
            gateway_changes_per_hour=float(by_kind[HandoverKind.GATEWAY, place]),
            pop_changes_per_hour=float(by_kind[HandoverKind.POP, place]),
            expected_loss_share=float(loss[place]),
            outage_s_per_hour=float(outage_s[place]),
            main_reason=int(reasons[place]),
        )
        for place, row in enumerate(terminal_sites(dataset).tolist())
    )


def _per_hour(changes: int, held: int, slot_s: float) -> float:
    """Changes per hour from how many of the slots could have had one; NaN where none could."""
    return changes / held * 3600.0 / slot_s if held and slot_s else float("nan")


def _ratio(part: float, whole: float) -> float:
    """A share; NaN of nothing."""
    return part / whole if whole > 0.0 else float("nan")


def _number(value: float) -> float | None:
    """A JSON number, or null for NaN."""
    return float(value) if np.isfinite(value) else None


def _between(low: float, middle: float, high: float) -> str:
    """A median, and between what nine in ten lie."""
    return f"{few_digits(middle)} ({few_digits(low)} to {few_digits(high)})"


def _plain(value: float, form: str) -> str:
    """A number as people read it, a dash where there is none."""
    return format(value, form) if np.isfinite(value) else "–"
