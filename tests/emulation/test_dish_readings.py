"""Dishes are told what holds now, and what the last second was like."""

import math
from dataclasses import replace

import numpy as np
import pytest

from skycommons.base.constants import NS_PER_S
from skycommons.emulation.dish_codes import Disablement, OutageCause
from skycommons.emulation.dish_facts import DishReading
from skycommons.emulation.dish_readings import cell_of, dishes_of, reading_of
from skycommons.emulation.line_model import DarkSpan
from skycommons.emulation.live_state import Names, terminals_at
from skycommons.plan.requests import Unserved
from skycommons.plan.routes import Reason
from tests.support.live_sections import TERMINALS
from tests.support.live_worlds import SLOT_NS, live_slot, slot_lines
from tests.support.service_world import HOME
from tests.support.tiny_world import tiny_scenario

NAMES = Names(terminals=("hut",), satellites=("a", "b", "c", "d"), sites=("hut", "gw", "pop"))


def reading(*, dark: tuple[DarkSpan, ...] = (), share: float = 0.0, **columns: object) -> DishReading:
    """What the dish is told 6 s into a slot, after half a second with 1,000 bytes up and 4,000 down."""
    slot = live_slot(slot_lines(**columns), dark=dark)  # type: ignore[arg-type] # columns of any kind
    (now,) = terminals_at(slot, 6 * NS_PER_S, NAMES)
    return reading_of(
        slot, now, cell="85", delivered_bytes=np.array([1_000, 4_000]), span_s=0.5, unanswered_share=share
    )


def test_a_dish_knows_who_serves_it_and_how_well() -> None:
    """Rows, a name, an angle, what was carried, and when the slot ends."""
    told = reading(share=0.25)
    assert (told.outage, told.disablement) == (None, Disablement.OKAY)
    assert (told.satellite, told.gateway, told.pop, told.pop_name) == (3, 1, 2, "pop")
    assert (told.azimuth_rad, told.elevation_rad, told.cell) == (0.5, 1.0, "85")
    assert (told.up_bps, told.down_bps) == (16_000.0, 64_000.0)
    assert told.ping_latency_s == pytest.approx(0.020)
    assert told.ping_drop_rate == 0.25
    assert (told.time_ns, told.slot_end_ns) == (6 * NS_PER_S, SLOT_NS)
    assert told.signal == 1.0
    assert not told.is_rain_fading


@pytest.mark.parametrize(
    ("fade_db", "signal", "is_rain"),
    [(3.0, 1.0, False), (5.0, 0.75, True), (30.0, 0.0, True), (-1.0, 1.0, False), (math.nan, 1.0, False)],
)
def test_weather_weakens_the_signal(fade_db: float, signal: float, *, is_rain: bool) -> None:
    """More than 3 dB counts as rain."""
    told = reading(fade_db=fade_db)
    assert told.signal == pytest.approx(signal)
    assert told.is_rain_fading is is_rain


CODES = [
    (Unserved.NO_SATELLITE, OutageCause.NO_SATS, Disablement.OKAY),
    (Unserved.GSO_EXCLUSION, OutageCause.NO_SATS, Disablement.OKAY),
    (Unserved.RAIN, OutageCause.NO_DOWNLINK, Disablement.OKAY),
    (Unserved.NO_FEEDER, OutageCause.NO_SCHEDULE, Disablement.OKAY),
    (Unserved.NO_BEAM, OutageCause.NO_SCHEDULE, Disablement.OKAY),
    (Unserved.NO_CHANNEL, OutageCause.NO_SCHEDULE, Disablement.OKAY),
    (Unserved.TERRITORY_INACTIVE, OutageCause.NO_PINGS, Disablement.BLOCKED_AREA),
    (Unserved.SUSPENDED, OutageCause.NO_PINGS, Disablement.CELL_IS_DISABLED),
    (Unserved.UNLICENSED, OutageCause.NO_PINGS, Disablement.BLOCKED_COUNTRY),
    (Unserved.ACCOUNT, OutageCause.NO_PINGS, Disablement.ACCOUNT_DISABLED),
]


def test_every_reason_has_a_code() -> None:
    """But that of being served."""
    assert {reason for reason, _, _ in CODES} == set(Unserved) - {Unserved.SERVED}


@pytest.mark.parametrize(("reason", "outage", "disablement"), CODES)
def test_a_dish_that_is_not_served_knows_why(reason: Unserved, outage: OutageCause, disablement: Disablement) -> None:
    """What it sees, and what the network tells it."""
    told = reading(reason=reason, route_reason=Reason.NOT_SERVED, delay_s=np.nan, satellite=-1, gateway=-1, share=1.0)
    assert (told.outage, told.disablement) == (outage, disablement)
    assert math.isnan(told.ping_latency_s)
    assert (told.satellite, told.gateway) == (-1, -1)


@pytest.mark.parametrize(
    ("columns", "outage"),
    [
        ({"route_reason": Reason.NO_GATEWAY, "delay_s": np.nan}, OutageCause.NO_SCHEDULE),
        ({"dark": (DarkSpan(terminal=0, begin_ns=0),)}, OutageCause.NO_PINGS),
        ({"up_bps": 0.0}, OutageCause.NO_PINGS),
    ],
)
def test_a_dish_that_is_served_may_be_dark_all_the_same(columns: dict[str, object], outage: OutageCause) -> None:
    """Without a path, or cut: its pings get no answer."""
    told = reading(**columns)  # type: ignore[arg-type] # columns of any kind
    assert (told.outage, told.disablement) == (outage, Disablement.OKAY)


def test_dishes_stand_where_their_terminals_do_and_look_polewards() -> None:
    """North in the north, south in the south."""
    south = TERMINALS + '\n[[terminals]]\nname = "hobart"\nlatitude_deg = -42.9\nlongitude_deg = 147.3'
    scenario = tiny_scenario(terminals=south)
    zurich, hobart = dishes_of(scenario, ("zurich", "hobart"), time_ns=5)
    assert zurich.facts.name == "zurich"
    assert zurich.facts.latitude_rad == pytest.approx(math.radians(47.37))
    assert zurich.facts.boresight_azimuth_rad == 0.0
    assert hobart.facts.boresight_azimuth_rad == math.pi
    row = scenario.site("zurich")
    lean_rad = float(scenario.world.sites.tilt_rad[row])
    assert zurich.facts.boresight_elevation_rad == pytest.approx(0.5 * math.pi - lean_rad)
    assert zurich.view(5).booted_ns == 5


def test_a_dish_is_in_a_cell() -> None:
    """By its hexadecimal name."""
    assert cell_of(tiny_scenario(), "zurich") == f"{HOME:x}"
    assert replace(reading(), cell=f"{HOME:x}").cell.startswith("85")
