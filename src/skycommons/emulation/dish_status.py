"""How a dish describes itself: its state, its alerts, its alignment, as the interface names them.

Rules: everything comes from one view of the dish, or is a plain constant of a healthy dish without motors, on firmware that needs no
update. Angles leave in degrees, latencies in milliseconds, instants in nanoseconds of GPS. What is not modelled is left out, so that
readers see the interface's own zero: heat, power, motors, software updates, the router.
"""

import math
from collections.abc import Mapping
from importlib.metadata import version

from skycommons.base.constants import NS_PER_S
from skycommons.emulation.dish_codes import Disablement, OutageCause
from skycommons.emulation.dish_facts import DishSettings, LocationRequests
from skycommons.emulation.dish_history import Outage
from skycommons.emulation.dish_state import DishView
from skycommons.emulation.gps_time import gps_ns

_POWER_CYCLE, _COMMAND = 2, 3
_NO_LIMIT, _OVERAGE_LIMIT = 1, 5
_DEAF = frozenset(
    {
        *(OutageCause.BOOTING, OutageCause.STOWED, OutageCause.INHIBIT_RF, OutageCause.SLEEPING),
        *(OutageCause.NO_SATS, OutageCause.NO_DOWNLINK, OutageCause.OBSTRUCTED, OutageCause.SKY_SEARCH),
    }
)
_PUBLISHED_CODES = range(Disablement.MOVING_TOO_FAST_FOR_POLICY + 1)


def status(view: DishView) -> Mapping[str, object]:
    """The reply to ``get_status``."""
    facts, sample = view.facts, view.sample
    is_up = view.own is None
    limit = _OVERAGE_LIMIT if view.reading.disablement == Disablement.DATA_OVERAGE_SANDBOX_POLICY else _NO_LIMIT
    return {
        **identity(view),
        "seconds_to_first_nonempty_slot": seconds_to_slot_end(view) if view.outage is not None and is_up else 0.0,
        "pop_ping_drop_rate": sample.ping_drop_rate,
        "pop_ping_latency_ms": 1e3 * sample.ping_latency_s,
        "downlink_throughput_bps": sample.down_bps,
        "uplink_throughput_bps": sample.up_bps,
        "obstruction_stats": obstruction(view),
        "alerts": alerts(view),
        "stow_requested": view.is_stowed,
        **boresight(view),
        **({} if view.outage is None else {"outage": outage(view.outage)}),
        "gps_stats": {
            "gps_valid": not view.inhibits_gps and view.own != OutageCause.BOOTING,
            "gps_sats": 0 if view.inhibits_gps or view.own == OutageCause.BOOTING else 12,
            "inhibit_gps": view.inhibits_gps,
        },
        "eth_speed_mbps": facts.eth_speed_mbps,
        "mobility_class": int(facts.mobility),
        "is_snr_above_noise_floor": view.outage is None or view.outage.cause not in _DEAF,
        "is_snr_persistently_low": view.reading.is_rain_fading and is_up,
        "ready_states": _ready(view),
        "class_of_service": int(facts.service),
        "software_update_state": "IDLE",
        "software_update_stats": {"software_update_state": "IDLE"},
        "has_actuators": "HAS_ACTUATORS_NO",
        "has_signed_cals": True,
        "disablement_code": int(view.reading.disablement),
        "is_cell_disabled": view.reading.disablement == Disablement.CELL_IS_DISABLED,
        "alignment_stats": _alignment(view),
        "initialization_duration_seconds": _initialization(view),
        "reboot_reason": "REBOOT_REASON_MANUAL" if view.was_told_to_boot else "REBOOT_REASON_NONE",
        "dl_bandwidth_restricted_reason": limit,
        "ul_bandwidth_restricted_reason": limit,
        "ned2dish_quaternion": attitude(facts.boresight_azimuth_rad, facts.boresight_elevation_rad),
        "account_shard": "DEFAULT",
        "config": config(view.settings),
    }


def identity(view: DishView) -> Mapping[str, object]:
    """Who the dish is and since when it runs: ``device_info`` and ``device_state``."""
    facts = view.facts
    reason, boots = (_COMMAND, view.boot_count - facts.boot_count) if view.was_told_to_boot else (_POWER_CYCLE, 1)
    info = {
        **names(view),
        "country_code": facts.country,
        "bootcount": view.boot_count,
        "generation_number": 1,
        "software_partitions_equal": True,
        "boot": {"last_reason": reason, "last_count": boots, "count_by_reason": {reason: boots}},
    }
    return {"device_info": info, "device_state": {"uptime_s": view.uptime_ns // NS_PER_S}}


def names(view: DishView) -> Mapping[str, object]:
    """Its id and the versions of its parts, which say that it is no real dish."""
    return {
        "id": view.facts.dish_id,
        "hardware_version": "skycommons_emulated",
        "software_version": f"skycommons-{version('skycommons')}.emulated",
    }


def boresight(view: DishView) -> Mapping[str, object]:
    """Where its face looks."""
    return {
        "boresight_azimuth_deg": math.degrees(view.facts.boresight_azimuth_rad),
        "boresight_elevation_deg": math.degrees(view.facts.boresight_elevation_rad),
    }


def outage(lasting: Outage) -> Mapping[str, object]:
    """One outage."""
    return {
        "cause": int(lasting.cause),
        "start_timestamp_ns": gps_ns(lasting.begin_ns),
        "duration_ns": lasting.duration_ns,
        "did_switch": lasting.did_switch,
    }


def seconds_to_slot_end(view: DishView) -> float:
    """Until the slot ends: the next chance of a dish that has none in this one; 0 where unknown."""
    return max(view.reading.slot_end_ns - view.time_ns, 0) / NS_PER_S


def obstruction(view: DishView) -> Mapping[str, object]:
    """What blocked the sky; means of long obstructions are not kept, and said to be invalid."""
    return {
        "fraction_obstructed": view.obstruction.fraction,
        "valid_s": view.watched_s,
        "currently_obstructed": view.outage is not None and view.outage.cause == OutageCause.OBSTRUCTED,
        "time_obstructed": view.obstructed_s / view.watched_s if view.watched_s > 0.0 else 0.0,
        "patches_valid": view.obstruction.patches,
        "avg_prolonged_obstruction_interval_s": math.nan,
    }


def alerts(view: DishView) -> Mapping[str, object]:
    """What the dish warns of; the alerts that it does not name never come."""
    code, facts = view.reading.disablement, view.facts
    return {
        "unexpected_location": code == Disablement.TOO_FAR_FROM_SERVICE_ADDRESS,
        "slow_ethernet_speeds": facts.eth_speed_mbps < 100,
        "slow_ethernet_speeds_100": facts.eth_speed_mbps == 100,
        "roaming": facts.is_roaming,
        "is_power_save_idle": view.own == OutageCause.SLEEPING,
        "moving_too_fast_for_policy": code == Disablement.MOVING_TOO_FAST_FOR_POLICY,
        "lower_signal_than_predicted": view.reading.is_rain_fading and view.own is None,
    }


def config(settings: DishSettings) -> Mapping[str, object]:
    """All settings, each with its ``apply_…``, as real replies have them."""
    told = {name: getattr(settings, name) for name in settings.__slots__}
    return {**told, **dict.fromkeys((f"apply_{name}" for name in told), True)}


def diagnostics(view: DishView) -> Mapping[str, object]:
    """The reply to ``get_diagnostics``, the part of the interface that the operator publishes."""
    code, raised = view.reading.disablement, alerts(view)
    is_told = view.settings.location_request_mode == LocationRequests.LOCAL
    face = boresight(view)
    place = {
        "latitude": math.degrees(view.facts.latitude_rad),
        "longitude": math.degrees(view.facts.longitude_rad),
        "altitude_meters": view.facts.altitude_m,
        "gps_time_s": gps_ns(view.time_ns) / NS_PER_S,
    }
    return {
        **names(view),
        "hardware_self_test": "PASSED",
        "alerts": {
            "slow_ethernet_speeds": raised["slow_ethernet_speeds"],
            "moving_too_fast_for_policy": raised["moving_too_fast_for_policy"],
            "obstructed": obstruction(view)["currently_obstructed"],
        },
        "disablement_code": int(code) if code in _PUBLISHED_CODES else 0,
        "location": {"enabled": is_told, **(place if is_told else {})},
        "alignment_stats": {**face, **{f"desired_{name}": value for name, value in face.items()}},
        "stowed": view.is_stowed,
        "overage_rate_limited": code == Disablement.DATA_OVERAGE_SANDBOX_POLICY,
    }


def attitude(azimuth_rad: float, elevation_rad: float) -> Mapping[str, float]:
    """The turn from north, east and down to right, top and out of a face that stands upright, as a unit quaternion.

    Its matrix has the face's right, top and boresight as columns.
    """
    # First about the face's right, from looking down to its elevation; then about down, from facing east to its azimuth.
    tilt, turn = -(elevation_rad + math.pi / 2.0) / 2.0, (azimuth_rad - math.pi / 2.0) / 2.0
    return {
        "q_scalar": math.cos(turn) * math.cos(tilt),
        "q_x": math.cos(turn) * math.sin(tilt),
        "q_y": math.sin(turn) * math.sin(tilt),
        "q_z": math.sin(turn) * math.cos(tilt),
    }


def _ready(view: DishView) -> Mapping[str, object]:
    """Which parts of it work."""
    is_booted = view.own != OutageCause.BOOTING
    has_radio = is_booted and not view.inhibits_rf and view.own != OutageCause.SLEEPING
    return {**dict.fromkeys(("scp", "l1l2", "xphy", "aap"), is_booted), "rf": has_radio}


def _alignment(view: DishView) -> Mapping[str, object]:
    """How it stands: as it should."""
    face = boresight(view)
    return {
        "has_actuators": "HAS_ACTUATORS_NO",
        "tilt_angle_deg": 90.0 - math.degrees(view.facts.boresight_elevation_rad),
        **face,
        **{f"desired_{name}": value for name, value in face.items()},
        "attitude_estimation_state": "FILTER_CONVERGED",
    }


def _initialization(view: DishView) -> Mapping[str, object]:
    """How long after its boot it came so far; 0 for what has not come yet, and for what is not modelled."""
    boot_s = round(view.facts.boot_s) if view.was_told_to_boot else 0
    entered_s = boot_s if view.own != OutageCause.BOOTING else 0
    connected_s = 0 if view.connected_ns is None else (view.connected_ns - view.booted_ns) // NS_PER_S
    return {
        **dict.fromkeys(
            ("rf_ready", "gps_valid", "first_cplane", "initial_network_entry", "network_schedule"), entered_s
        ),
        **dict.fromkeys(("first_pop_ping", "stable_connection"), connected_s),
    }
