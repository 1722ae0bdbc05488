"""What a dish answers to each request, as plain mappings.

Rules: a request has one answer, or is refused with one of gRPC's codes and a sentence. Requests that real dishes know and this one does not
are refused as ``UNIMPLEMENTED``, speed tests among them: whoever wants the speed of the emulated line runs a program over it. The place
of the dish is told only where its settings say so, else ``PERMISSION_DENIED``. Real dishes refuse ``dish_get_context`` to their owners; this
one tells it, for it shows what an emulation is about: cell, satellite, gateway and PoP.

Nobody has to prove who he is, as with real dishes: whoever reaches the dish's address, and only its own host does, may reboot it.
Every command stands in the event log.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from skycommons.base.constants import NS_PER_S
from skycommons.base.errors import InputError
from skycommons.emulation.dish_codes import OutageCause
from skycommons.emulation.dish_facts import LocationRequests
from skycommons.emulation.dish_history import Event, Recollection
from skycommons.emulation.dish_interface import Question
from skycommons.emulation.dish_obstructions import CELLS, LARGEST_THETA_DEG, LEAST_ELEVATION_DEG
from skycommons.emulation.dish_state import Dish, DishView
from skycommons.emulation.dish_status import (
    config,
    diagnostics,
    identity,
    obstruction,
    outage,
    seconds_to_slot_end,
    status,
)
from skycommons.emulation.gps_time import gps_ns
from skycommons.emulation.layout import DISH

_OUTAGE_MARKS_S: Final = (1, 2, 5, 15, 60)
_H3_DIGITS: Final = 15
_MOST_CELL_BITS: Final = 32


class RefusalCode(StrEnum):
    """Why a request is refused, by gRPC's names."""

    INVALID_ARGUMENT = "INVALID_ARGUMENT"
    PERMISSION_DENIED = "PERMISSION_DENIED"
    UNIMPLEMENTED = "UNIMPLEMENTED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A request that is not answered, and why."""

    code: RefusalCode
    message: str


Answer = Mapping[str, object] | Refusal


def answer(dish: Dish, question: Question, time_ns: int) -> Answer:
    """What a dish answers, field by field of the response, or why it does not."""
    found = _ANSWERS.get(question.name)
    if found is None:
        told = question.name or ", ".join(f"number {number}" for number in question.unknown) or "an empty request"
        return Refusal(code=RefusalCode.UNIMPLEMENTED, message=f"this dish does not answer {told}")
    try:
        return found(dish, question.values, time_ns)
    except InputError as fault:
        return Refusal(code=RefusalCode.INVALID_ARGUMENT, message=str(fault))


def cell_number(cell: str) -> int:
    """An H3 cell as the 32 bits of the interface: its base cell and its digits, down to resolution 8; 0 for none."""
    if not cell:
        return 0
    bits = int(cell, 16)
    resolution = bits >> 52 & 0xF
    return (bits & (1 << 52) - 1) >> 3 * (_H3_DIGITS - resolution) & (1 << _MOST_CELL_BITS) - 1


def _status(dish: Dish, _: Mapping[str, object], time_ns: int) -> Answer:
    return {"dish_get_status": status(dish.view(time_ns))}


def _history(dish: Dish, _: Mapping[str, object], time_ns: int) -> Answer:
    memory = dish.recall(time_ns)
    return {
        "dish_get_history": {
            "current": memory.current,
            "pop_ping_drop_rate": memory.ping_drop_rate.tolist(),
            "pop_ping_latency_ms": (1e3 * memory.ping_latency_s).tolist(),
            "downlink_throughput_bps": memory.down_bps.tolist(),
            "uplink_throughput_bps": memory.up_bps.tolist(),
            "outages": [outage(over) for over in memory.outages],
            "event_log": {
                "events": [_event(event) for event in memory.events],
                "start_timestamp_ns": gps_ns(memory.begin_ns),
                "current_timestamp_ns": gps_ns(memory.begin_ns + memory.current * NS_PER_S),
            },
        }
    }


def _event(event: Event) -> Mapping[str, object]:
    """A line of the log; the interface has no reasons for commands."""
    told = {"start_timestamp_ns": gps_ns(event.begin_ns), "duration_ns": event.duration_ns}
    if event.outage is None:
        return {**told, "severity": "EVENT_SEVERITY_ADVISORY", "reason": "EVENT_REASON_UNKNOWN"}
    reason = "UNKNOWN" if event.outage in {OutageCause.ACTUATOR_ACTIVITY, OutageCause.CABLE_TEST} else event.outage.name
    return {**told, "severity": "EVENT_SEVERITY_WARNING", "reason": f"EVENT_REASON_OUTAGE_{reason}"}


def _device_info(dish: Dish, _: Mapping[str, object], time_ns: int) -> Answer:
    return {"get_device_info": {"device_info": identity(dish.view(time_ns))["device_info"]}}


def _location(dish: Dish, _: Mapping[str, object], time_ns: int) -> Answer:
    view = dish.view(time_ns)
    if view.settings.location_request_mode != LocationRequests.LOCAL:
        message = "the location is not told on the local network: set location_request_mode to LOCAL"
        return Refusal(code=RefusalCode.PERMISSION_DENIED, message=message)
    facts = view.facts
    place = {
        "lat": math.degrees(facts.latitude_rad),
        "lon": math.degrees(facts.longitude_rad),
        "alt": facts.altitude_m,
    }
    return {"get_location": {"lla": place, "source": "STARLINK" if view.inhibits_gps else "GPS"}}


def _reboot(dish: Dish, _: Mapping[str, object], time_ns: int) -> Answer:
    dish.reboot(time_ns)
    return {"reboot": {}}


def _stow(dish: Dish, values: Mapping[str, object], time_ns: int) -> Answer:
    dish.stow(time_ns, unstow=bool(values["unstow"]))
    return {"dish_stow": {}}


def _context(dish: Dish, _: Mapping[str, object], time_ns: int) -> Answer:
    view, memory = dish.view(time_ns), dish.recall(time_ns)
    reading = view.reading
    drop_rate, latency_s = memory.last("ping_drop_rate", 15), memory.last("ping_latency_s", 15)
    answered = latency_s[drop_rate < 1.0]
    seen = obstruction(view)
    return {
        "dish_get_context": {
            **identity(view),
            "obstruction_fraction": seen["fraction_obstructed"],
            "obstruction_time": seen["time_obstructed"],
            "obstruction_valid_s": seen["valid_s"],
            "obstruction_current": seen["currently_obstructed"],
            "cell_id": cell_number(reading.cell),
            "pop_rack_id": max(reading.pop, 0),
            "initial_satellite_id": max(reading.satellite, 0),
            "initial_gateway_id": max(reading.gateway, 0),
            "seconds_to_slot_end": seconds_to_slot_end(view),
            "pop_ping_drop_rate_15s_mean": float(drop_rate.mean()) if len(drop_rate) else 0.0,
            "pop_ping_latency_ms_15s_mean": 1e3 * float(answered.mean()) if len(answered) else 0.0,
            "disablement_code": int(reading.disablement),
            **{f"seconds_since_last_{least_s}s_outage": _since_s(view, memory, least_s) for least_s in _OUTAGE_MARKS_S},
        }
    }


def _since_s(view: DishView, memory: Recollection, least_s: int) -> float:
    """Since the end of the last outage of at least some length; the uptime where there was none."""
    if view.outage is not None and view.outage.duration_ns >= least_s * NS_PER_S:
        return 0.0
    ends_ns = [over.begin_ns + over.duration_ns for over in memory.outages if over.duration_ns >= least_s * NS_PER_S]
    return (view.time_ns - max(ends_ns, default=view.booted_ns)) / NS_PER_S


def _map(dish: Dish, _: Mapping[str, object], __: int) -> Answer:
    return {
        "dish_get_obstruction_map": {
            "num_rows": CELLS,
            "num_cols": CELLS,
            "snr": dish.obstruction_map().ravel().tolist(),
            "min_elevation_deg": LEAST_ELEVATION_DEG,
            "max_theta_deg": LARGEST_THETA_DEG,
            "map_reference_frame": "FRAME_EARTH",
        }
    }


def _clear_map(dish: Dish, _: Mapping[str, object], time_ns: int) -> Answer:
    dish.clear_map(time_ns)
    return {"dish_clear_obstruction_map": {}}


def _config(dish: Dish, _: Mapping[str, object], time_ns: int) -> Answer:
    return {"dish_get_config": {"dish_config": config(dish.view(time_ns).settings)}}


def _set_config(dish: Dish, values: Mapping[str, object], time_ns: int) -> Answer:
    wanted = values.get("dish_config")
    settings = dish.configure(time_ns, wanted if isinstance(wanted, Mapping) else {})
    return {"dish_set_config": {"updated_dish_config": config(settings)}}


def _power_save(dish: Dish, values: Mapping[str, object], time_ns: int) -> Answer:
    wanted: dict[str, object] = {
        "power_save_start_minutes": values["power_save_start_minutes"],
        "power_save_duration_minutes": values["power_save_duration_minutes"],
        "power_save_mode": values["enable_power_save"],
    }
    dish.configure(time_ns, {**wanted, **dict.fromkeys((f"apply_{name}" for name in wanted), True)})
    return {}


def _inhibit_gps(dish: Dish, values: Mapping[str, object], time_ns: int) -> Answer:
    dish.inhibit_gps(time_ns, is_inhibited=bool(values["inhibit_gps"]))
    return {"dish_inhibit_gps": {"inhibit_gps": values["inhibit_gps"]}}


def _inhibit_rf(dish: Dish, values: Mapping[str, object], time_ns: int) -> Answer:
    dish.inhibit_rf(time_ns, is_inhibited=bool(values["inhibit_rf"]))
    return {"dish_inhibit_rf": {"inhibit_rf": values["inhibit_rf"]}}


def _diagnostics(dish: Dish, _: Mapping[str, object], time_ns: int) -> Answer:
    return {"dish_get_diagnostics": diagnostics(dish.view(time_ns))}


def _ping(dish: Dish, _: Mapping[str, object], time_ns: int) -> Answer:
    view = dish.view(time_ns)
    name = view.reading.pop_name
    if not name:
        return {"get_ping": {}}
    result = {
        "target": {"service": "pop", "location": name},
        "dropRate": view.sample.ping_drop_rate,
        "latencyMs": 1e3 * view.sample.ping_latency_s,
    }
    return {"get_ping": {"results": {name: result}}}


def _interfaces(dish: Dish, _: Mapping[str, object], __: int) -> Answer:
    cable = {
        "name": "eth0",
        "up": True,
        "ipv4_addresses": [DISH],
        "ethernet": {
            "link_detected": True,
            "speed_mbps": dish.facts.eth_speed_mbps,
            "autonegotiation_on": True,
            "duplex": "FULL",
        },
    }
    return {"get_network_interfaces": {"network_interfaces": [cable]}}


_ANSWERS: Final[Mapping[str, Callable[[Dish, Mapping[str, object], int], Answer]]] = MappingProxyType(
    {
        "get_status": _status,
        "get_history": _history,
        "get_device_info": _device_info,
        "get_location": _location,
        "get_ping": _ping,
        "get_network_interfaces": _interfaces,
        "get_diagnostics": _diagnostics,
        "reboot": _reboot,
        "dish_stow": _stow,
        "dish_get_context": _context,
        "dish_get_obstruction_map": _map,
        "dish_clear_obstruction_map": _clear_map,
        "dish_get_config": _config,
        "dish_set_config": _set_config,
        "dish_power_save": _power_save,
        "dish_inhibit_gps": _inhibit_gps,
        "dish_inhibit_rf": _inhibit_rf,
    }
)
