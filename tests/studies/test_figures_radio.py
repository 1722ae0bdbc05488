"""The picture of rates, and its numbers as files."""

import csv
import io
import json
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from matplotlib.image import imread

from skycommons.base.errors import HostError, InputError
from skycommons.model.rules import ClearSky, FixedExceedance
from skycommons.plan.rate_curves import USUAL_WEATHERS, RateCurves
from skycommons.studies.drawing import DARK
from skycommons.studies.figures_radio import rate_by_elevation, write_rates

RATES_BPS = np.array([[600e6, 800e6], [400e6, 600e6], [150e6, 250e6], [0.0, 50e6]])
CURVES = RateCurves(
    elevation_rad=np.radians([40.0, 90.0]), weathers=USUAL_WEATHERS, down_bps=RATES_BPS, up_bps=RATES_BPS / 10.0
)


def test_the_title_says_what_the_weather_takes() -> None:
    """At 40 degrees: a clear sky against 0.1 % of the year."""
    drawing = rate_by_elevation(CURVES, "singapore")
    title = " ".join(drawing.figure.get_suptitle().split())
    assert title == "singapore at 40°: 600 Mbit/s down (clear sky), 150 Mbit/s (0.1 % of the year)"
    assert title.split()[0] in drawing.alt
    assert imread(io.BytesIO(drawing.png(dpi=40))).std() > 0.03


def test_every_weather_has_its_line_in_both_panels() -> None:
    """Four colours and dashes, named once; dark on request."""
    drawing = rate_by_elevation(CURVES, "singapore", theme=DARK)
    upper, lower = drawing.figure.axes
    assert len(upper.lines) == len(lower.lines) == 4
    assert len({line.get_color() for line in upper.lines}) == 4
    names = [text.get_text() for text in drawing.figure.legends[0].get_texts()]
    assert names == ["clear sky", "1 % of the year", "0.1 % of the year", "0.01 % of the year"]
    assert upper.get_ylabel() == "down (Mbit/s)"


def test_rates_of_gateways_are_in_gbit_s() -> None:
    """Fewer digits; without 0.1 % of the year the last weather is spoken of."""
    fast = RateCurves(
        elevation_rad=CURVES.elevation_rad,
        weathers=(ClearSky(), FixedExceedance(exceedance=0.01)),
        down_bps=20.0 * RATES_BPS[:2],
        up_bps=RATES_BPS[:2],
    )
    drawing = rate_by_elevation(fast, "basel")
    assert drawing.figure.axes[0].get_ylabel() == "down (Gbit/s)"
    title = " ".join(drawing.figure.get_suptitle().split())
    assert title == "basel at 40°: 12.0 Gbit/s down (clear sky), 8.0 Gbit/s (1 % of the year)"


def test_nothing_carried_is_drawn_too() -> None:
    """A link that never closes has a picture of zeros."""
    none = replace(CURVES, down_bps=0.0 * RATES_BPS, up_bps=0.0 * RATES_BPS)
    assert "0 Mbit/s down" in rate_by_elevation(none, "x").figure.get_suptitle()


def test_more_weathers_than_colours_are_refused() -> None:
    """Two curves of one colour could not be told apart."""
    many = replace(CURVES, weathers=USUAL_WEATHERS * 2)
    with pytest.raises(InputError, match="at most 6 weathers, not 8"):
        rate_by_elevation(many, "x")


def test_picture_and_numbers_are_written(tmp_path: Path) -> None:
    """PNG, SVG for light and dark, CSV in Mbit/s, JSON in SI units; names of sites become names of files."""
    paths = write_rates(CURVES, "são paulo/1", tmp_path / "new")
    assert [path.name for path in paths.values()] == [f"são-paulo-1-rate.{kind}" for kind in paths]
    assert paths["png"].read_bytes().startswith(b"\x89PNG")
    svg = paths["svg"].read_text(encoding="utf-8")
    assert ET.fromstring(svg).tag.endswith("svg")
    assert "prefers-color-scheme: dark" in svg
    with paths["csv"].open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == 8
    assert rows[0] == {"weather": "clear sky", "elevation_deg": "40", "down_mbps": "600", "up_mbps": "60"}
    document = json.loads(paths["json"].read_text(encoding="utf-8"))
    assert document["recommendations"]["rain"] == "ITU-R P.618-14 §2.2.1.1"
    assert [curve["exceedance"] for curve in document["curves"]] == [None, 0.01, 0.001, 0.0001]
    assert document["curves"][2]["down_bps"] == [150e6, 250e6]


def test_a_folder_that_cannot_be_is_one_clear_error(tmp_path: Path) -> None:
    """Nothing is left behind."""
    taken = tmp_path / "file"
    taken.write_text("")
    with pytest.raises(HostError, match="cannot write"):
        write_rates(CURVES, "x", taken / "inside")
