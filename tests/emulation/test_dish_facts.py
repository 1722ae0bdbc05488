"""What a dish is told and what its owner chooses is checked, and sleep comes daily."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skycommons.base.constants import NS_PER_S
from skycommons.base.errors import InputError
from skycommons.emulation.dish_facts import DishReading, DishSettings, Levelling, LocationRequests, SnowMelt
from tests.support.dishes import FACTS, NOON_NS, at

MINUTE_NS = 60 * NS_PER_S
DAY_NS = 86_400 * NS_PER_S


def test_an_id_belongs_to_a_name() -> None:
    """In the form of real ones, and always the same."""
    assert re.fullmatch(r"ut[0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8}", FACTS.dish_id)
    assert FACTS.dish_id == replace(FACTS, country="FR").dish_id != replace(FACTS, name="geneva").dish_id


@pytest.mark.parametrize(
    ("field", "value"),
    [("ping_drop_rate", 1.1), ("ping_drop_rate", float("nan")), ("signal", -0.1), ("down_bps", -1.0), ("up_bps", -1.0)],
)
def test_a_reading_out_of_range_is_refused(field: str, value: float) -> None:
    """Before a client sees it."""
    with pytest.raises(InputError, match=field):
        replace(DishReading(time_ns=NOON_NS), **{field: value})  # type: ignore[arg-type]  # fields of the reading


@pytest.mark.parametrize(
    ("start", "duration", "is_on"), [(-1, 10, True), (1_440, 10, True), (0, 0, True), (0, 1_441, False)]
)
def test_a_sleep_out_of_the_day_is_refused(start: int, duration: int, *, is_on: bool) -> None:
    """Minutes of a day, and one of them at least."""
    with pytest.raises(InputError, match="lies between"):
        DishSettings(power_save_start_minutes=start, power_save_duration_minutes=duration, power_save_mode=is_on)


def test_only_what_applies_is_taken() -> None:
    """The rest of a request is silence."""
    before = DishSettings(power_save_start_minutes=5)
    wanted = {
        "snow_melt_mode": "ALWAYS_ON",
        "apply_snow_melt_mode": True,
        "level_dish_mode": "FORCE_LEVEL",
        "apply_level_dish_mode": False,
        "power_save_start_minutes": 9,
        "location_request_mode": "LOCAL",
        "apply_location_request_mode": True,
    }
    after = before.applied(wanted)
    assert after == replace(before, snow_melt_mode=SnowMelt.ALWAYS_ON, location_request_mode=LocationRequests.LOCAL)
    assert after.level_dish_mode == Levelling.TILT_LIKE_NORMAL


def test_a_mode_without_a_name_is_refused() -> None:
    """A number of the wire that no enumerator has."""
    with pytest.raises(InputError, match="snow_melt_mode has no value 7"):
        DishSettings().applied({"snow_melt_mode": 7, "apply_snow_melt_mode": True})


@pytest.mark.parametrize(
    ("minute", "sleeps"),
    [(1_379, False), (1_380, True), (1_439, True), (0, True), (59, True), (60, False), (720, False)],
)
def test_sleep_goes_over_midnight(minute: int, *, sleeps: bool) -> None:
    """From 23:00 for two hours."""
    settings = DishSettings(power_save_start_minutes=1_380, power_save_duration_minutes=120, power_save_mode=True)
    midnight_ns = NOON_NS - 12 * 60 * MINUTE_NS
    assert settings.sleeps_at(midnight_ns + minute * MINUTE_NS) == sleeps
    assert not replace(settings, power_save_mode=False).sleeps_at(midnight_ns + minute * MINUTE_NS)


@given(start=st.integers(0, 1_439), length=st.integers(1, 1_439), after_s=st.integers(0, 200_000))
def test_the_next_turn_is_where_sleep_begins_or_ends(start: int, length: int, after_s: int) -> None:
    """Just before it things are as now, at it they are not."""
    settings = DishSettings(power_save_start_minutes=start, power_save_duration_minutes=length, power_save_mode=True)
    now = settings.sleeps_at(at(after_s))
    turn_ns = settings.next_turn_ns(at(after_s))
    assert turn_ns is not None
    assert at(after_s) < turn_ns <= at(after_s) + DAY_NS
    assert settings.sleeps_at(turn_ns - 1) == now
    assert settings.sleeps_at(turn_ns) != now


def test_a_dish_that_never_or_always_sleeps_has_no_turn() -> None:
    """Off, or the whole day."""
    assert DishSettings().next_turn_ns(NOON_NS) is None
    always = DishSettings(power_save_duration_minutes=1_440, power_save_mode=True)
    assert always.next_turn_ns(NOON_NS) is None
    assert always.sleeps_at(NOON_NS)
