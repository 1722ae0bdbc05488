"""What a result store holds of the scheduler's plans, by name; stores of runs without service hold nothing of it.

Rules: names, types and words of the variables stand here only. Slots have a dimension of their own: a step of a run lies in
the slot that ``time_slot`` names, and several steps may lie in one.
"""

import json
from collections.abc import Iterator
from types import MappingProxyType
from typing import Any, Final

import numpy as np
import xarray as xr

from skycommons.base.arrays import Bytes, Ints, Ints32
from skycommons.model.world import SiteKind

_TERMINALS_AT_ONCE, _VALUES_AT_ONCE = 4_096, 2**24

REQUEST_TYPES: Final = MappingProxyType(
    {
        "satellite": "int32",
        "beam": "int16",
        "share": "float32",
        "sine_elevation": "float32",
        "delay_s": "float32",
        "egress": "int32",
        "laser_hops": "int16",
        "pop": "int32",
        "down_bps": "float32",
        "up_bps": "float32",
        "reason": "uint8",
    }
)
"""Types of the columns of a plan that go by request, in the order of `plan.schedule.REQUEST_COLUMNS`."""

SITE_TYPES: Final = MappingProxyType(
    {
        "satellite": "int32",
        "beam": "int16",
        "gateway": "int32",
        "pop": "int32",
        "laser_hops": "int16",
        "reason": "uint8",
    }
)
"""Types of what each slot says of the terminals, by site."""

SERVICE_WORDS: Final = MappingProxyType(
    {
        "slot_time": "begin of the slot",
        "time_slot": "slot in which a step lies",
        "request_satellite": "row of the satellite that serves a request, -1 if none",
        "request_beam": "beam of that satellite, -1 if none",
        "request_share": "of the beam's time",
        "request_sine_elevation": "of the satellite at the cell's centre",
        "request_delay_s": "one way from the cell to its PoP, travel time of light",
        "request_egress": "row of the satellite at which the traffic comes down, -1 if none",
        "request_laser_hops": "lasers crossed, -1 if not served",
        "request_pop": "site row of the PoP, -1 if not served",
        "request_down_bps": "given to the cell on this channel",
        "request_up_bps": "given from the cell on this channel",
        "request_reason": "why a request is not served",
        "request_cell": "row of the cell that makes the request",
        "request_channel": "channel that it uses",
        "request_rank": "0 protected, 1 priority, 2 standard, 3 background",
        "cell_id": "H3 index",
        "cell_people": "people who live there",
        "cell_subscribers": "terminals",
        "cell_demand_bps": "asked for in the busiest hour",
        "cell_asked_bps": "asked for, mean over the slots",
        "cell_given_bps": "given, mean over the slots",
        "cell_used_bps": "given of what was asked for, mean over the slots",
        "change_slot": "first slot at which each service map of the run holds",
        "slot_change": "service map that holds in a slot",
        "cell_state": "state in the service map: 0 active, 1 inactive, 2 suspended, 3 unlicensed, 4 protected users alone",
        "cell_decision": "row among the run's decisions of the one by which the cell has its state, -1 for the map itself",
        "cell_reason": "why a cell is not served; 0 if any of its requests is",
        "cell_reason_slots": "slots at which a cell had each reason",
        "cell_changes": "times at which the satellite of a cell's first request changed from one slot to the very next",
        "cell_held": "times at which it was served in the very slot before too",
        "satellite_gateway": "site row of the gateway that feeds the satellite, -1 if none",
        "satellite_used": "requests served",
        "satellite_requests": "requests served, mean over the slots",
        "satellite_most_requests": "requests served, most in a slot",
        "satellite_down_bps": "carried to the ground, mean over the slots",
        "site_satellite": "row of the satellite that serves a terminal, -1 if none",
        "site_beam": "beam of that satellite, -1 if none",
        "site_gateway": "site row of the gateway at which a terminal's traffic comes down, -1 if none",
        "site_pop": "site row of a terminal's PoP, -1 if not served",
        "site_laser_hops": "lasers crossed, -1 if not served",
        "site_reason": "why a terminal is not served",
        "territory_cell": "whether a territory has the cell",
    }
)

_PER_CELL: Final = (
    *("cell_latitude_rad", "cell_longitude_rad", "cell_people", "cell_subscribers"),
    *("cell_id", "cell_changes", "cell_held"),
)
SERVICE_SCHEMA: Final[tuple[tuple[str, tuple[str, ...], str], ...]] = (
    ("slot_time", ("slot",), "M"),
    ("time_slot", ("time",), "iu"),
    *(
        (f"request_{name}", ("slot", "request"), "f" if dtype[0] == "f" else "iu")
        for name, dtype in REQUEST_TYPES.items()
    ),
    *((f"request_{name}", ("request",), "iu") for name in ("cell", "channel")),
    ("request_rank", ("change", "request"), "iu"),
    ("change_slot", ("change",), "iu"),
    ("slot_change", ("slot",), "iu"),
    *((name, ("change", "cell"), "iu") for name in ("cell_state", "cell_decision")),
    *((name, ("cell",), "f" if place < 4 else "iu") for place, name in enumerate(_PER_CELL)),
    *((f"cell_{name}_bps", ("direction", "cell"), "f") for name in ("demand", "asked", "given", "used")),
    ("cell_reason", ("slot", "cell"), "iu"),
    ("cell_reason_slots", ("unserved", "cell"), "iu"),
    *((f"satellite_{name}", ("slot", "satellite"), "iu") for name in ("gateway", "used")),
    ("satellite_requests", ("satellite",), "f"),
    ("satellite_most_requests", ("satellite",), "iu"),
    ("satellite_down_bps", ("satellite",), "f"),
    *((f"site_{name}", ("slot", "site"), "iu") for name in SITE_TYPES),
    ("territory_cell", ("territory", "cell"), "biu"),
    ("territory", ("territory",), "UOT"),
    ("direction", ("direction",), "UOT"),
)
"""Dimensions and NumPy kinds of every variable that the store of a run with the scheduler must hold."""

UNSERVED: Final = (
    "served",
    "no satellite above its least elevation",
    "all satellites too near to the geostationary arc",
    "no link closes in the rain",
    "no gateway or laser path to its PoP",
    "no beam is free",
    "no channel is free",
    "its territory is not active",
    "service is suspended",
    "the operator has no licence",
    "the account is barred",
)
"""`Unserved` in words."""


def request_name(column: str) -> str:
    """Name in the store of a column of a plan that goes by request."""
    return f"request_{column}"


def site_name(column: str) -> str:
    """Name in the store of what each slot says of terminals."""
    return f"site_{column}"


def has_service(dataset: xr.Dataset) -> bool:
    """Whether a store is that of a run with the scheduler."""
    return "cell_id" in dataset.variables


def service_description(dataset: xr.Dataset) -> dict[str, Any]:
    """The rules of service by which a run was made."""
    found: dict[str, Any] = json.loads(str(dataset.attrs["service"]))
    return found


def served_terminals(dataset: xr.Dataset) -> Iterator[tuple[Ints, Ints32, Bytes]]:
    """Site rows of some terminals at a time, with who served them and why nobody did, ``(K, N)`` each.

    A few thousand terminals at a time, or fewer in a long run, so that memory stays bounded.
    """
    rows = np.flatnonzero(dataset["site_kind"].values == int(SiteKind.TERMINAL))
    width = min(max(_VALUES_AT_ONCE // max(dataset.sizes["slot"], 1), 1), _TERMINALS_AT_ONCE)
    for begin in range(0, len(rows), width):
        some = rows[begin : begin + width]
        part = dataset[["site_satellite", "site_reason"]].isel(site=some)
        yield some, part["site_satellite"].values, part["site_reason"].values


def unserved_phrase(code: int) -> str:
    """Why something is not served, in words.

    >>> unserved_phrase(8)
    'service is suspended'
    """
    return UNSERVED[code] if 0 <= code < len(UNSERVED) else f"reason {code}"
