"""What a video came to."""

import numpy as np
import pytest

from skycommons.emulation.probes import TIME
from skycommons.emulation.video_result import StreamResult, VideoResult
from skycommons.emulation.video_setup import VideoSetup
from tests.support.video_results import PICTURE_NS, stream_of, two_streams


def test_bytes_are_known_between_samples() -> None:
    """On a line; before the first sample what it says, after the last one too."""
    stream = stream_of("north", range(10))
    received = stream.received_by(stream.sampled_mono_ns[:1] + np.array([-1, 0, 50_000_000, 10**15]))
    np.testing.assert_allclose(received, [0.0, 0.0, 10_000.0, stream.received_bytes[-1]])
    np.testing.assert_allclose(stream.rates_bps(stream.sampled_mono_ns), 1.6e6)


def test_without_samples_nothing_was_received() -> None:
    """A stream that never came."""
    stream = stream_of("north", [])
    empty = np.empty(0, dtype=np.int64)
    none = StreamResult(
        source="a", target="b", viewing=stream.viewing, sampled_mono_ns=empty, received_bytes=empty.copy()
    )
    assert none.received_by(np.array([1, 2])).tolist() == [0.0, 0.0]


def test_each_stream_and_all_together_are_results_of_a_probe() -> None:
    """Columns by picture; notes of the run and of the stream."""
    north, south, both = two_streams().probe_results()
    assert (north.label, south.label) == ("video north to studio", "video south to studio")
    assert both.label == "video north or south to studio"
    assert list(north.series) == [TIME, "picture", "delay_s", "is_whole", "received_bytes"]
    assert north.notes == ("of the run", "of north")
    assert both.notes == ("of the run",)
    assert north.summary["stalls"] == 1.0
    assert both.summary["stalls"] == 0.0
    assert north.summary["transport"] == "srt"
    assert north.summary["received_mean_bps"] == pytest.approx(1.6e6)
    assert len(both) == both.summary["pictures_shown"]


def test_instants_are_emulated_time() -> None:
    """From where it began, as fast as it ran."""
    result = two_streams()
    assert result.at(np.array([10**9, 2 * 10**9])).tolist() == [5 * 10**18, 5 * 10**18 + 2 * 10**9]


def test_a_run_without_pictures_has_no_rate() -> None:
    """It was ended at once."""
    empty = np.empty(0, dtype=np.int64)
    stream = stream_of("north", [], made=0)
    result = VideoResult(
        setup=VideoSetup(), begin_ns=0, begin_mono_ns=0, speed=1.0, made_mono_ns=empty, streams=(stream,)
    )
    (probe,) = result.probe_results()
    assert np.isnan(float(probe.summary["received_mean_bps"]))
    assert len(probe) == 0


def test_pictures_are_a_picture_time_apart() -> None:
    """The world of these tests."""
    assert VideoSetup().picture_ns() == PICTURE_NS
