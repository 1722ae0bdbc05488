"""What the dishes of a live network are told, from its plan and from what its lines carried.

Rules: a dish is told what holds now and what the last second was like. The round trip of its pings is that of an idle line; which of
them are lost, `skycommons.emulation.dish_pings` says. Throughput is what the wire delivered. Weather that takes more than 3 dB counts as
rain.
"""

import math
from typing import Final

from skycommons.base.arrays import Ints
from skycommons.emulation.dish_codes import dish_code
from skycommons.emulation.dish_facts import DishFacts, DishReading
from skycommons.emulation.dish_state import Dish
from skycommons.emulation.live_state import RAIN_FADE_DB, TerminalNow
from skycommons.emulation.plan_source import LiveSlot
from skycommons.model.cells import cells_of
from skycommons.model.scenario import Scenario
from skycommons.plan.routes import Reason

_FULL_SIGNAL_DB: Final = 20.0  # of fade that leave nothing of the signal as the map paints it


def dishes_of(scenario: Scenario, names: tuple[str, ...], *, time_ns: int) -> tuple[Dish, ...]:
    """A dish for each terminal, booted at an instant, UTC unix ns."""
    sites = scenario.world.sites
    found = []
    for name in names:
        row = scenario.site(name)
        lean_rad = float(sites.tilt_rad[row])
        facts = DishFacts(
            name=name,
            latitude_rad=float(sites.latitude_rad[row]),
            longitude_rad=float(sites.longitude_rad[row]),
            altitude_m=float(sites.height_m[row]),
            boresight_azimuth_rad=0.0 if sites.latitude_rad[row] >= 0.0 else math.pi,
            boresight_elevation_rad=0.5 * math.pi - lean_rad,
        )
        found.append(Dish(facts, booted_ns=time_ns))
    return tuple(found)


def cell_of(scenario: Scenario, name: str) -> str:
    """The H3 cell of a terminal, in hexadecimal."""
    sites, row = scenario.world.sites, scenario.site(name)
    return f"{int(cells_of(sites.latitude_rad[[row]], sites.longitude_rad[[row]])[0]):x}"


def reading_of(
    slot: LiveSlot, now: TerminalNow, *, cell: str, delivered_bytes: Ints, span_s: float, unanswered_share: float
) -> DishReading:
    """What a dish is told.

    Args:
        slot: That contains the instant.
        now: How its terminal stands.
        cell: Its H3 cell.
        delivered_bytes: ``(2,)`` up and down, in the last span.
        span_s: Its length by the machine's clock.
        unanswered_share: Of its pings in the last second.
    """
    lines, row = slot.lines, now.row
    code = dish_code(now.reason, now.route_reason)
    outage = code.outage
    if outage is None and not now.is_up:
        outage = dish_code(now.reason, Reason.NO_LASER_PATH).outage  # served, but nothing comes back
    up_bps, down_bps = (8.0 * float(count) / span_s for count in delivered_bytes)
    fade_db = now.fade_db if math.isfinite(now.fade_db) else 0.0
    return DishReading(
        time_ns=now.time_ns,
        outage=outage,
        disablement=code.disablement,
        ping_drop_rate=unanswered_share,
        ping_latency_s=now.rtt_s,
        down_bps=down_bps,
        up_bps=up_bps,
        satellite=int(lines.satellite[row]),
        gateway=int(lines.gateway[row]),
        pop=int(lines.pop[row]),
        pop_name=now.pop,
        cell=cell,
        azimuth_rad=now.azimuth_rad,
        elevation_rad=now.elevation_rad,
        signal=_signal(fade_db),
        slot_end_ns=now.slot_end_ns,
        is_rain_fading=fade_db > RAIN_FADE_DB,
    )


def _signal(fade_db: float) -> float:
    """How well a signal comes through: wholly unless it rains, since readers of the map take anything below 1 for nothing."""
    return 1.0 if fade_db <= RAIN_FADE_DB else max(1.0 - fade_db / _FULL_SIGNAL_DB, 0.0)
