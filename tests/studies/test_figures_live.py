"""Pictures of a live run: which there are, what they say, and that odd results draw as well."""

from dataclasses import replace

import numpy as np
import pytest

from skycommons.emulation.live_record import LiveStory, TerminalStory
from skycommons.emulation.probes import ProbeResult
from skycommons.model.emulation_rules import Direction
from skycommons.studies.drawing import DARK
from skycommons.studies.figures_live import (
    direction_of,
    has_rate,
    live_drawings,
    over_time,
    rate_words,
    rtt_shares,
    terminals_of,
)
from tests.support import live_runs
from tests.support.live_runs import SECOND

NAN = float("nan")


def of_rows(probe: str, series: dict[str, np.ndarray], **summary: float | str) -> ProbeResult:
    """A result of some rows from the terminal to the internet."""
    times = live_runs.BEGIN_NS + SECOND * np.arange(len(next(iter(series.values()))), dtype=np.int64)
    return ProbeResult(
        probe=probe,
        source="zurich",
        target="internet",
        begin_ns=int(times[0]) if len(times) else 0,
        summary=summary,
        series={"time_ns": times, **series},
    )


def test_each_terminal_has_its_pictures_and_all_have_one_together() -> None:
    """An overview where there are round trips and rates; none for what measured nothing."""
    drawings = live_drawings(live_runs.results(), live_runs.story())
    assert [drawing.name for drawing in drawings] == [
        "overview-zurich",
        "rtt-zurich",
        "throughput-zurich",
        "rtt-basel",
        "rtt-shares",
    ]
    assert drawings[0].png(dpi=40).startswith(b"\x89PNG")
    assert "half of all round trips took at most 38" in drawings[0].alt
    assert "iperf3-cubic-down got 108 Mbit/s" in drawings[0].alt


def test_charts_are_round_trips_first_then_rates() -> None:
    """Each with its numbers over it; the first axes are the lanes."""
    overview = live_drawings(live_runs.results(), live_runs.story(), theme=DARK)[0]
    titles = [axes.get_title(loc="left") for axes in overview.figure.axes[1:]]
    assert [title.partition(" ")[0] for title in titles] == ["ping", "irtt", "iperf3-cubic-down", "curl"]
    assert "lost 8.89 %" in titles[0]
    assert titles[2].endswith("down: mean 108 Mbit/s")
    assert titles[3].endswith("down: median 20 Mbit/s")


def test_round_trips_under_load_have_their_own_chart_among_round_trips() -> None:
    """TCP's own, which wait in its queue, are not compared with the plan."""
    results = live_runs.results()[:3]
    drawing = over_time(results, live_runs.story(), terminal="zurich", name="rtt")
    assert "under its own load, median 12" in drawing.figure.axes[-1].get_title(loc="left")
    assert len(drawing.figure.axes) == 4


def test_nothing_drawn_lies_over_the_legend() -> None:
    """It stands below the charts."""
    drawing = live_drawings(live_runs.results(), live_runs.story())[0]
    drawing.figure.draw_without_rendering()
    (legend,) = drawing.figure.legends
    assert legend.get_window_extent().y1 <= min(axes.get_window_extent().y0 for axes in drawing.figure.axes)
    labels = [text.get_text() for text in legend.get_texts()]
    assert labels[:5] == ["measured", "measured goodput", "plan", "plan, nine of ten", "lost"]


def test_round_trips_beyond_the_scale_are_marked_at_its_edge() -> None:
    """A few spikes do not flatten the rest."""
    drawing = over_time(live_runs.results()[:1], live_runs.story(), terminal="zurich", name="rtt")
    axes = drawing.figure.axes[1]
    assert axes.get_ylim()[1] < 80.0
    (edge,) = [line for line in axes.lines if line.get_marker() == "^"]
    assert len(edge.get_xdata()) >= 8  # type: ignore[arg-type] # an array


def test_a_probe_that_lost_everything_draws() -> None:
    """Ticks alone, on a scale of its own."""
    lost = of_rows("ping", {"rtt_s": np.full(5, NAN)})
    drawing = over_time([lost], LiveStory(), terminal="zurich")
    assert "100 % of the packets were lost" in drawing.alt
    assert "median –" in drawing.figure.axes[1].get_title(loc="left")
    assert rtt_shares([lost]).png(dpi=30)


def test_slow_and_fast_rates_have_units_that_fit() -> None:
    """Of charts and of words; rows that do not say their length last to the next."""
    fast = of_rows("iperf3-bbr-up", {"goodput_bps": np.array([3e9, NAN, 4e9])}, direction="up", goodput_mean_bps=NAN)
    drawing = over_time([fast], LiveStory(), terminal="zurich", name="throughput")
    assert drawing.figure.axes[1].get_ylabel() == "Gbit/s"
    assert drawing.figure.axes[1].get_title(loc="left").endswith("up: mean 3.5 Gbit/s")
    assert drawing.alt.endswith("zurich: what programs measured.")
    single = of_rows("quic-down", {"goodput_bps": np.array([1e6])})
    assert over_time([single], LiveStory(), terminal="zurich", name="throughput").png(dpi=30)
    assert [rate_words(rate_bps) for rate_bps in (3e9, 4.25e7, 9e4)] == ["3 Gbit/s", "42.5 Mbit/s", "90 kbit/s"]


@pytest.mark.parametrize(
    ("said", "terminal", "way"),
    [
        ("down", "zurich", Direction.DOWN),
        ("up", "zurich", Direction.UP),
        ("down", "internet", Direction.UP),
        ("up", "internet", Direction.DOWN),
    ],
)
def test_directions_are_seen_from_the_terminal(said: str, terminal: str, way: Direction) -> None:
    """It may be the target of a probe."""
    result = of_rows("iperf3", {"goodput_bps": np.ones(2)}, direction=said)
    assert direction_of(result, terminal) is way


def test_a_terminal_may_be_the_target() -> None:
    """The story knows who is one; where it knows none, sources stand for themselves."""
    result = replace(live_runs.echo("ping", "internet"), target="zurich")
    assert terminals_of([result], LiveStory(terminals={"zurich": TerminalStory()})) == ("zurich",)
    assert terminals_of([result], LiveStory()) == ("internet",)


def test_what_measured_nothing_is_not_drawn() -> None:
    """Neither a video, which has pictures of its own."""
    nothing = live_runs.results()[-1]
    video = of_rows("video", {"delay_s": np.ones(3)})
    assert live_drawings([nothing, video], live_runs.story()) == ()
    assert not has_rate(video)


def test_names_of_pictures_are_names_of_files() -> None:
    """Whatever a terminal is called."""
    result = replace(live_runs.echo("ping", "São Paulo/2"), target="internet")
    assert over_time([result], LiveStory(), terminal="São Paulo/2", name="rtt").name == "rtt-São-Paulo-2"
