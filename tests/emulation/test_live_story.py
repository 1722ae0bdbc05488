"""What a run meant to happen is told from its slots and rows: handovers, spans, events, and what round trips should take."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from skycommons.base.constants import NS_PER_S
from skycommons.emulation.expected import round_trip_s
from skycommons.emulation.line_model import DarkSpan
from skycommons.emulation.line_overlay import slots_on_clock
from skycommons.emulation.line_rows import LineRow, LineRows, LineState
from skycommons.emulation.live_record import LiveStory, SpanKind, TerminalStory
from skycommons.emulation.live_state import Names
from skycommons.emulation.live_story import exact_rtt, story_of, words_of
from skycommons.emulation.pace import Pace
from skycommons.emulation.plan_source import LiveSlot
from skycommons.emulation.world_state import LiveEvent, MapApplies
from skycommons.model.emulation_rules import (
    DishReboots,
    DishStows,
    DishUnstows,
    GatewayFails,
    GatewayReturns,
    RainFalls,
    SatelliteFails,
    SatelliteReturns,
    ServiceChanges,
)
from skycommons.model.service_map import CellState, ServiceMap
from skycommons.model.service_timeline import ServiceTimeline
from skycommons.plan.requests import Unserved
from tests.support.live_worlds import SLOT_NS, Clock, live_slot, slot_lines
from tests.support.wires import MS, rows_of, settings

NAMES = Names(terminals=("hut",), satellites=tuple(f"s{row}" for row in range(9)), sites=("hut", "g", "p"))
NAN = float("nan")
SHOWER = RainFalls(at_s=1.0, duration_s=9.0, latitude_rad=0.1, longitude_rad=0.2, radius_m=1e4, rate_mm_h=40.0)


def slots_of(*columns: dict[str, Any], terminals: int = 1) -> list[LiveSlot]:
    """Slots one after the other, from 0 on."""
    return [
        live_slot(slot_lines(SLOT_NS * number, terminals=terminals, **column)) for number, column in enumerate(columns)
    ]


def told(
    slots: Sequence[LiveSlot],
    *,
    pace: Pace | None = None,
    rows: LineRows | None = None,
    span_s: tuple[float, float] | None = None,
    dark: Sequence[DarkSpan] = (),
    events: Sequence[LiveEvent] = (),
    names: Names = NAMES,
) -> LiveStory:
    """The story of slots; of all of their time unless it is said."""
    here = Clock().pace() if pace is None else pace
    known = slots_on_clock([slot.rows for slot in slots], here, dark=dark) if rows is None else rows
    begin_s, end_s = (0.0, len(slots) * SLOT_NS / NS_PER_S) if span_s is None else span_s
    return story_of(
        *(slots, known, settings()),
        names=names,
        pace=here,
        span_ns=(round(begin_s * NS_PER_S), round(end_s * NS_PER_S)),
        events=events,
        title="a run",
    )


def hut(slots: Sequence[LiveSlot], **given: Any) -> TerminalStory:
    """The story of its terminal."""
    return told(slots, **given).of("hut")


def spans_s(story: TerminalStory) -> list[tuple[float, float, str, SpanKind]]:
    """Its spans, in seconds."""
    return [(span.begin_ns / NS_PER_S, span.end_ns / NS_PER_S, span.label, span.kind) for span in story.spans]


def test_a_handover_is_between_two_slots_that_are_served() -> None:
    """Neither what comes after darkness nor what stays is one."""
    slots = slots_of(*({"satellite": satellite} for satellite in (3, 3, 4, -1, 5, 6)))
    assert [(one.time_ns // SLOT_NS, one.before, one.after) for one in hut(slots).handovers] == [
        (2, "s3", "s4"),
        (5, "s5", "s6"),
    ]


def test_each_terminal_has_its_own_story() -> None:
    """Of its own lines."""
    slots = slots_of({"satellite": [3, 4]}, {"satellite": [3, 5], "delay_s": [0.01, NAN]}, terminals=2)
    story = told(slots, names=Names(terminals=("hut", "barn"), satellites=NAMES.satellites, sites=NAMES.sites))
    assert (story.of("hut").handovers, story.of("hut").spans) == ((), ())
    assert [(one.before, one.after) for one in story.of("barn").handovers] == [("s4", "s5")]
    assert spans_s(story.of("barn")) == [(15.0, 30.0, "no service", SpanKind.OUTAGE)]


def test_slots_and_handovers_outside_of_the_span_are_left_out() -> None:
    """A boundary counts if it lies within; so does one at which the span begins."""
    slots = slots_of(*({"satellite": satellite} for satellite in (1, 2, 3, 4)))
    story = told(slots, span_s=(20.0, 45.0))
    assert (story.slot_ns / NS_PER_S).tolist() == [30.0]
    assert [one.after for one in story.of("hut").handovers] == ["s3"]
    assert (told(slots, span_s=(15.0, 30.1)).slot_ns / NS_PER_S).tolist() == [15.0, 30.0]
    assert story.title == "a run"


@pytest.mark.parametrize(
    ("reason", "label", "kind"),
    [
        (Unserved.SUSPENDED, "suspended", SpanKind.DARK),
        (Unserved.TERRITORY_INACTIVE, "territory inactive", SpanKind.DARK),
        (Unserved.UNLICENSED, "unlicensed", SpanKind.DARK),
        (Unserved.ACCOUNT, "account", SpanKind.DARK),
        (Unserved.NO_SATELLITE, "no satellite", SpanKind.OUTAGE),
        (Unserved.NO_CHANNEL, "no channel", SpanKind.OUTAGE),
        (Unserved.RAIN, "rain", SpanKind.OUTAGE),
        (Unserved.SERVED, "no service", SpanKind.OUTAGE),
    ],
)
def test_what_was_decided_is_dark_and_what_fails_is_an_outage(reason: Unserved, label: str, kind: SpanKind) -> None:
    """Two slots of it are one span."""
    dark = {"delay_s": NAN, "satellite": -1, "reason": reason}
    assert spans_s(hut(slots_of({}, dark, dark, {}))) == [(15.0, 45.0, label, kind)]


def test_spans_of_different_kinds_follow_each_other() -> None:
    """What was decided, then what failed; a span that lasts ends with the run."""
    slots = slots_of({"delay_s": NAN, "reason": Unserved.SUSPENDED}, {"delay_s": NAN, "reason": Unserved.NO_SATELLITE})
    assert spans_s(hut(slots, span_s=(5.0, 20.0))) == [
        (5.0, 15.0, "suspended", SpanKind.DARK),
        (15.0, 20.0, "no satellite", SpanKind.OUTAGE),
    ]


def test_reasons_are_those_of_the_slot_whatever_the_clock_rounds() -> None:
    """At seventeen times the pace, boundaries do not fall on whole ns of the machine's clock."""
    pace = Clock().pace(start_ns=1, speed=17.0)
    slots = [
        live_slot(slot_lines(1, reason=Unserved.SERVED)),
        live_slot(slot_lines(1 + SLOT_NS, delay_s=NAN, reason=Unserved.SUSPENDED)),
        live_slot(slot_lines(1 + 2 * SLOT_NS)),
    ]
    (span,) = hut(slots, pace=pace).spans
    assert (span.kind, span.label) == (SpanKind.DARK, "suspended")
    assert 1 + SLOT_NS - 17 < span.begin_ns < 1 + SLOT_NS
    assert span.end_ns == pytest.approx(1 + 2 * SLOT_NS, abs=17)


def test_one_dark_line_is_enough_for_a_span() -> None:
    """A round trip needs both ways."""
    for way in ("up_bps", "down_bps"):
        assert spans_s(hut(slots_of({}, {way: 0.0}, {}))) == [(15.0, 30.0, "no service", SpanKind.OUTAGE)]


def test_cuts_of_a_line_are_spans() -> None:
    """As those of a dish that is stowed; one that has not ended lasts."""
    dark = (
        DarkSpan(terminal=0, begin_ns=2 * NS_PER_S, end_ns=3 * NS_PER_S),
        DarkSpan(terminal=0, begin_ns=20 * NS_PER_S),
    )
    assert [span[:2] for span in spans_s(hut(slots_of({}, {}), dark=dark))] == [(2.0, 3.0), (20.0, 30.0)]


def test_the_first_row_of_a_line_holds_before_it() -> None:
    """A story may begin before its plan does, and its plan may be unknown."""
    rows = rows_of([(NS_PER_S, LineRow(state=LineState.DROP)), (2 * NS_PER_S, LineRow())], LineRow())
    assert [span[:2] for span in spans_s(hut(slots_of({}), rows=rows))] == [(0.0, 2.0)]
    late = slots_of({}, {"reason": Unserved.SUSPENDED})[1:]
    assert spans_s(hut(late, rows=rows, span_s=(0.0, 16.0))) == [(0.0, 2.0, "suspended", SpanKind.DARK)]
    assert spans_s(hut([], rows=rows, span_s=(0.0, 1.5))) == [(0.0, 1.5, "no service", SpanKind.OUTAGE)]


def test_weather_is_a_span_where_it_takes_a_few_decibels() -> None:
    """Step by step, as far as the run; where there is no way, there is none to take from, unless it rains around it."""
    slots = slots_of(
        {"fade_db": 2.9},
        {"fade_db": np.array([[0.0], [0.0], [3.1], [0.0]])},
        {"fade_db": 8.0},
        {"fade_db": NAN, "delay_s": NAN, "reason": Unserved.RAIN},
        {"fade_db": 5.0},
    )
    assert spans_s(hut(slots, span_s=(20.0, 70.0))) == [
        (25.0, 45.0, "rain", SpanKind.WEATHER),
        (45.0, 60.0, "rain", SpanKind.OUTAGE),
        (60.0, 70.0, "rain", SpanKind.WEATHER),
    ]


def test_rain_goes_on_while_it_takes_the_way() -> None:
    """There is no signal then from which it could take anything."""
    fades = np.array([[4.0], [NAN], [9.0], [1.0]])
    slots = slots_of({"fade_db": fades, "delay_s": np.where(np.isnan(fades), NAN, 0.01)})
    assert (0.0, 15.0, "rain", SpanKind.WEATHER) in spans_s(hut(slots, span_s=(0.0, 15.0)))


def test_a_span_of_no_length_tells_nothing() -> None:
    """A run that has only begun."""
    story = told(slots_of({"fade_db": 9.0, "delay_s": NAN}), span_s=(3.0, 3.0))
    assert (story.of("hut").spans, len(story.of("hut").expected.time_ns)) == ((), 0)


def test_events_are_in_the_order_of_time_and_within_the_run() -> None:
    """Counted from the pace's start; what would have happened at the end, or later, did not."""
    events: list[LiveEvent] = [DishUnstows(at_s=12.0, terminal="hut"), DishStows(at_s=0.0, terminal="hut"), SHOWER]
    late: list[LiveEvent] = [SatelliteFails(at_s=15.0, serving="hut"), DishReboots(at_s=90.0, terminal="hut")]
    story = told(slots_of({}), events=[*late, *events])
    assert [(event.time_ns / NS_PER_S, event.label) for event in story.events] == [
        (0.0, "dish of hut is stowed"),
        (1.0, "rain, 40 mm/h"),
        (12.0, "dish of hut gets up"),
    ]
    later = told(slots_of({}), events=events, pace=Clock().pace(start_ns=4 * NS_PER_S), span_s=(5.0, 15.0))
    assert [event.time_ns / NS_PER_S for event in later.events] == [5.0]


@pytest.mark.parametrize(
    ("event", "words"),
    [
        (SatelliteFails(satellite="s3"), "s3 fails"),
        (SatelliteFails(serving="hut"), "satellite of hut fails"),
        (SatelliteReturns(serving="hut"), "satellite of hut works again"),
        (GatewayFails(gateway="basel"), "basel fails"),
        (GatewayFails(serving="hut"), "gateway of hut fails"),
        (GatewayReturns(gateway="basel"), "basel works again"),
        (
            RainFalls(duration_s=1.0, latitude_rad=0.0, longitude_rad=0.0, radius_m=1.0, rate_mm_h=7.5, terminal="hut"),
            "rain, 7.5 mm/h, at hut",
        ),
        (DishReboots(terminal="hut"), "dish of hut boots"),
        (ServiceChanges(territory="valley", state=CellState.SUSPENDED), "valley: suspended"),
    ],
)
def test_events_have_words(event: LiveEvent, words: str) -> None:
    """A few."""
    assert words_of(event) == words


def test_a_service_map_is_an_event() -> None:
    """Whoever made it verified it."""
    assert words_of(MapApplies(timeline=ServiceTimeline(base=ServiceMap.everywhere(), layers=()))) == (
        "a service map is obeyed"
    )


BUSY = [
    (0, LineRow(delay_ns=10.0 * MS, delay_slope=1e-3, wait_ns=8.0 * MS, extra_ns=3.0 * MS, ns_per_byte=1_000.0)),
    (4_000 * MS, LineRow(delay_ns=12.0 * MS, wait_ns=8.0 * MS, ns_per_byte=500.0)),
    (6_000 * MS, LineRow(state=LineState.DROP, delay_ns=12.0 * MS, ns_per_byte=500.0)),
    (8_000 * MS, LineRow(delay_ns=15.0 * MS)),
    (10_000 * MS, LineRow(state=LineState.HOLD, delay_ns=15.0 * MS)),
    (12_000 * MS, LineRow(delay_ns=0.5 * MS, delay_slope=-1e-3)),
]
DOWN = [(0, LineRow(delay_ns=11.0 * MS, ns_per_byte=80.0))]


def test_expected_round_trips_are_a_mean_within_a_band() -> None:
    """Fixed parts, means of the wait and of the extra; about them 5 % to 95 %; nothing where a line does not serve."""
    story = hut(slots_of({}), rows=rows_of(BUSY, DOWN)).expected
    assert story.rtt_low_s is not None
    assert story.rtt_high_s is not None
    at_s = story.time_ns / NS_PER_S
    np.testing.assert_allclose(np.diff(at_s), 0.1)
    is_dark = ((at_s >= 6.0) & (at_s < 8.0)) | ((at_s >= 10.0) & (at_s < 12.0))
    for column in (story.rtt_s, story.rtt_low_s, story.rtt_high_s):
        np.testing.assert_array_equal(np.isnan(column), is_dark)
    known = ~is_dark
    assert (story.rtt_low_s[known] <= story.rtt_s[known]).all()
    assert (story.rtt_s[known] <= story.rtt_high_s[known]).all()
    second = np.searchsorted(at_s, [0.0, 1.0, 4.0, 8.0, 12.0, 14.0])
    np.testing.assert_allclose(1e3 * story.rtt_s[second], [32.0, 33.0, 31.0, 26.0, 11.5, 11.0])
    low_ms, high_ms = 21.0 + 0.1 * 8.0 - 3.0 * np.log(0.95), 21.0 + 1.9 * 8.0 - 3.0 * np.log(0.05)
    assert 1e3 * story.rtt_low_s[0] == pytest.approx(low_ms)
    assert 1e3 * story.rtt_high_s[0] == pytest.approx(high_ms)


def test_expected_rates_are_those_of_the_rows() -> None:
    """NaN for no limit, 0 where a line does not serve."""
    story = hut(slots_of({}), rows=rows_of(BUSY, DOWN)).expected
    second = np.searchsorted(story.time_ns, np.array([0, 4, 6, 8, 10, 12]) * NS_PER_S)
    np.testing.assert_allclose(story.up_bps[second], [8e6, 16e6, 0.0, NAN, 0.0, NAN])
    np.testing.assert_allclose(story.down_bps, 1e8)


@pytest.mark.parametrize("speed", [1.0, 7.0])
def test_exact_round_trips_are_those_of_the_wires_own_draws(speed: float) -> None:
    """At emulated instants, whatever the pace and the packets' length; the second terminal has lines of its own."""
    pace = Pace(start_ns=5 * 10**17, start_mono_ns=3 * MS, speed=speed)
    rows, drawn = rows_of(LineRow(), LineRow(), BUSY, DOWN), settings(seed=4)
    time_ns = pace.start_ns + np.arange(0, round(14.0 * speed * NS_PER_S), round(0.3 * speed * NS_PER_S))
    mono_ns = np.array([pace.mono_of(at_ns) for at_ns in time_ns.tolist()])
    for packet_bytes in (84, 1_028):
        np.testing.assert_array_equal(
            exact_rtt(rows, drawn, 1, pace, packet_bytes=packet_bytes)(time_ns),
            round_trip_s(rows, drawn, 1, mono_ns, packet_bytes=packet_bytes),
        )
    at = exact_rtt(rows, drawn, 1, pace)
    np.testing.assert_array_equal(at(time_ns), round_trip_s(rows, drawn, 1, mono_ns))
    longer_s = exact_rtt(rows, drawn, 1, pace, packet_bytes=1_084)(time_ns[:1]) - at(time_ns[:1])
    assert longer_s[0] == pytest.approx(1e-9 * 1_000 * 1_080, rel=1e-3)


def test_exact_and_expected_agree_where_nothing_is_left_to_chance() -> None:
    """But for the packet's own length on the line, and the light's way that changes while it flies."""
    slots = slots_of({"delay_s": np.linspace(0.01, 0.011, 4)[:, np.newaxis]}, {})
    pace = Clock().pace(speed=3.0)
    rows = slots_on_clock([slot.rows for slot in slots], pace)
    expected = hut(slots, pace=pace, rows=rows).expected
    exact_s = exact_rtt(rows, settings(), 0, pace)(expected.time_ns)
    np.testing.assert_allclose(exact_s - 84 * 8.0 / 8e6 - 84 * 8.0 / 80e6, expected.rtt_s, atol=2e-5)
