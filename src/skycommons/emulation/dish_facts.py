"""What a dish is, what its owner chose, and what it is told about its network.

Rules: plain values. Facts stay for a run, settings change when somebody asks the dish to, a reading comes once a second and at each begin
of a slot. Sleep is daily and counts in minutes after midnight UTC. The names of the settings are those of the interface.
"""

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import IntEnum, StrEnum
from typing import Final

from skycommons.base.constants import NS_PER_S
from skycommons.base.errors import InputError
from skycommons.emulation.dish_codes import Disablement, OutageCause

BOOT_S: Final = 90.0
"""How long a dish boots until it is on the network again. An assumption: owners report one to several minutes, and the one reply at hand
says 41 s until its radio was ready and ten minutes until its first schedule, after a start in a place that was new to it."""

MINUTES_A_DAY: Final = 1_440
_DAY_NS: Final = 86_400 * NS_PER_S
_MINUTE_NS: Final = 60 * NS_PER_S


class Mobility(IntEnum):
    """Whether a dish may move."""

    STATIONARY = 0
    NOMADIC = 1
    MOBILE = 2


class ServiceKind(IntEnum):
    """What its owner pays for."""

    CONSUMER = 1
    BUSINESS = 2
    BUSINESS_PLUS = 3
    COMMERCIAL_AVIATION = 4


class SnowMelt(StrEnum):
    """When a dish heats itself; ours never has to."""

    AUTO = "AUTO"
    ALWAYS_ON = "ALWAYS_ON"
    ALWAYS_OFF = "ALWAYS_OFF"


class LocationRequests(StrEnum):
    """Whom a dish tells where it is."""

    NONE = "NONE"
    LOCAL = "LOCAL"


class Levelling(StrEnum):
    """How a dish with motors stands; ours has none."""

    TILT_LIKE_NORMAL = "TILT_LIKE_NORMAL"
    FORCE_LEVEL = "FORCE_LEVEL"


@dataclass(frozen=True, slots=True, kw_only=True)
class DishFacts:
    """What stays as it is while a dish runs.

    Attributes:
        name: Of its terminal.
        latitude_rad, longitude_rad, altitude_m: Where it is, WGS 84.
        country: Two letters of the country that it believes to be in; empty where unknown.
        boresight_azimuth_rad, boresight_elevation_rad: Where its face looks; it has no motors.
        boot_s: How long a reboot takes.
        boot_count: Boots of its life, this one included.
        eth_speed_mbps: Of its cable.
        mobility, service: As its owner pays for.
        is_roaming: Whether it is away from home.
        tells_location: Whether it starts with locations told on the local network.
    """

    name: str
    latitude_rad: float
    longitude_rad: float
    altitude_m: float = 0.0
    country: str = ""
    boresight_azimuth_rad: float = 0.0
    boresight_elevation_rad: float = math.radians(70.0)
    boot_s: float = BOOT_S
    boot_count: int = 1
    eth_speed_mbps: int = 1_000
    mobility: Mobility = Mobility.STATIONARY
    service: ServiceKind = ServiceKind.CONSUMER
    is_roaming: bool = False
    tells_location: bool = False

    @property
    def dish_id(self) -> str:
        """An id in the form of real ones, always the same for a name; no real dish has zeros in its middle and this name."""
        digest = hashlib.sha256(self.name.encode()).hexdigest()
        return f"ut5c000000-00000000-{digest[:8]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class DishReading:
    """What a dish is told about its network at an instant.

    Attributes:
        time_ns: UTC.
        outage: Why the network does not serve it; None where it does.
        disablement: Whether, and why, the network keeps service from it.
        ping_drop_rate: Share of the pings to its PoP in the last second that stayed unanswered.
        ping_latency_s: Mean round trip of the others; not a number where there were none.
        down_bps, up_bps: What was carried in the last second.
        satellite, gateway, pop: Rows or numbers of what serves it in this slot; -1 for none.
        pop_name: Name of its PoP; empty where it has none.
        cell: Its H3 cell in hexadecimal; empty where it has none.
        azimuth_rad, elevation_rad: Where its satellite stands; not a number where it has none.
        signal: How well the satellite comes through, from 0, not at all, to 1.
        slot_end_ns: When the slot ends, UTC; 0 where unknown.
        is_rain_fading: Whether rain weakens the signal.
    """

    time_ns: int
    outage: OutageCause | None = None
    disablement: Disablement = Disablement.OKAY
    ping_drop_rate: float = 0.0
    ping_latency_s: float = math.nan
    down_bps: float = 0.0
    up_bps: float = 0.0
    satellite: int = -1
    gateway: int = -1
    pop: int = -1
    pop_name: str = ""
    cell: str = ""
    azimuth_rad: float = math.nan
    elevation_rad: float = math.nan
    signal: float = 1.0
    slot_end_ns: int = 0
    is_rain_fading: bool = False

    def __post_init__(self) -> None:
        if not (0.0 <= self.ping_drop_rate <= 1.0 and 0.0 <= self.signal <= 1.0):
            raise InputError("a dish's reading: ping_drop_rate and signal lie between 0 and 1")
        if not (self.down_bps >= 0.0 and self.up_bps >= 0.0):
            raise InputError("a dish's reading: down_bps and up_bps are 0 or more")


@dataclass(frozen=True, slots=True, kw_only=True)
class DishSettings:
    """What the owner of a dish chose.

    Attributes:
        snow_melt_mode: When to heat; remembered, without effect.
        location_request_mode: Whether programs on the local network may ask where the dish is.
        level_dish_mode: How to stand; remembered, without effect.
        power_save_start_minutes: When its sleep begins each day, after midnight UTC.
        power_save_duration_minutes: How long it sleeps.
        power_save_mode: Whether it sleeps at all.
        swupdate_three_day_deferral_enabled: Whether new software waits; remembered, without effect.
    Raises:
        InputError: A value is not in its range.
    """

    snow_melt_mode: SnowMelt = SnowMelt.AUTO
    location_request_mode: LocationRequests = LocationRequests.NONE
    level_dish_mode: Levelling = Levelling.TILT_LIKE_NORMAL
    power_save_start_minutes: int = 0
    power_save_duration_minutes: int = 0
    power_save_mode: bool = False
    swupdate_three_day_deferral_enabled: bool = False

    def __post_init__(self) -> None:
        if not 0 <= self.power_save_start_minutes < MINUTES_A_DAY:
            raise InputError("power_save_start_minutes lies between 0 and 1,439")
        least = 1 if self.power_save_mode else 0
        if not least <= self.power_save_duration_minutes <= MINUTES_A_DAY:
            raise InputError("power_save_duration_minutes lies between 1 and 1,440")

    def applied(self, wanted: Mapping[str, object]) -> "DishSettings":
        """These settings with those of others whose ``apply_…`` is set.

        Raises:
            InputError: A value is not in its range.
        """
        kinds = {"snow_melt_mode": SnowMelt, "location_request_mode": LocationRequests, "level_dish_mode": Levelling}
        changes: dict[str, object] = {}
        for name in self.__slots__:
            if wanted.get(f"apply_{name}"):
                try:
                    changes[name] = kinds[name](str(wanted[name])) if name in kinds else wanted[name]
                except ValueError:
                    raise InputError(f"{name} has no value {wanted[name]}") from None
        return replace(self, **changes)  # type: ignore[arg-type]  # names and kinds come from the interface

    def sleeps_at(self, time_ns: int) -> bool:
        """Whether a dish with these settings sleeps at an instant."""
        if not self.power_save_mode:
            return False
        since_ns = (time_ns - self.power_save_start_minutes * _MINUTE_NS) % _DAY_NS
        return since_ns < self.power_save_duration_minutes * _MINUTE_NS

    def next_turn_ns(self, time_ns: int) -> int | None:
        """When it falls asleep or wakes up next, after an instant; None for never."""
        if not self.power_save_mode or self.power_save_duration_minutes == MINUTES_A_DAY:
            return None
        since_ns = (time_ns - self.power_save_start_minutes * _MINUTE_NS) % _DAY_NS
        length_ns = self.power_save_duration_minutes * _MINUTE_NS
        return time_ns + (length_ns if since_ns < length_ns else _DAY_NS) - since_ns
