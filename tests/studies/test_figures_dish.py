"""The round map of a dish's sky."""

from dataclasses import replace

import numpy as np
import pytest

from skycommons.studies.dish_sky import DishSky, dish_sky
from skycommons.studies.drawing import DARK, Drawing
from skycommons.studies.figures_dish import sky_view
from skycommons.studies.obstructions import ObstructionMask
from tests.support.tiny_world import DENSE, STRICT, tiny_scenario


@pytest.fixture(scope="module")
def sky() -> DishSky:
    """A minute over a dish that keeps away from the geostationary arc."""
    scenario = tiny_scenario(constellation=DENSE, terminals=STRICT)
    return dish_sky(scenario, "zurich", scenario.start_ns, duration_s=60.0)


def legend(drawing: Drawing) -> list[str]:
    """What the picture explains."""
    return [text.get_text() for text in drawing.figure.legends[0].get_texts()]


def test_a_sky_shows_limits_and_who_serves(sky: DishSky) -> None:
    """In light and in dark."""
    drawing = sky_view(sky)
    words = legend(drawing)
    assert words[0] == "within 25° of the geostationary arc"
    assert words[1] == "least elevation 10°"
    assert words[-1].startswith("serves (")
    assert "in 5 slots" in words[-1]
    assert "satellites in view" in drawing.alt
    assert sky.satellites[sky.serving[0]] in drawing.alt
    assert sky_view(sky, theme=DARK).png(dpi=40)


def test_the_field_of_view_and_a_mask_are_drawn_where_there_are_any(sky: DishSky) -> None:
    """And a mask that hides nothing is named too."""
    clear = np.ones((123, 123))
    clear[:, 80:] = 0.0
    narrow = replace(sky, field_of_view_rad=float(np.radians(110.0)), mask=ObstructionMask(clear=clear))
    words = legend(sky_view(narrow))
    assert words[0] == "obstructed (34.95 % of what is known)"
    assert "field of view of 110°" in words
    free = replace(sky, gso_exclusion_rad=0.0, mask=ObstructionMask(clear=np.ones((123, 123))))
    words = legend(sky_view(free))
    assert words[0] == "obstructed (0 % of what is known)"
    assert not [word for word in words if "arc" in word]


def test_a_field_of_view_beyond_the_map_is_left_out(sky: DishSky) -> None:
    """And so is an exclusion of which nothing is above the horizon."""
    wide = replace(sky, field_of_view_rad=float(np.radians(359.0)), gso_exclusion_rad=1e-6)
    assert [word.split()[0] for word in legend(sky_view(wide))] == ["least", "usable", "not", "serves"]


def test_the_title_says_who_serves(sky: DishSky) -> None:
    """One satellite, several, or none and why."""
    one = replace(sky, slot_ns=sky.slot_ns[:1], serving=sky.serving[:1], why=sky.why[:1])
    assert f"{sky.satellites[sky.serving[0]]} serves" in sky_view(one).alt
    none = replace(one, serving=np.array([-1], dtype=np.int32), why=("service is suspended",))
    assert "none serves: service is suspended" in sky_view(none).alt
    some = replace(
        sky, serving=np.where(np.arange(5) == 2, -1, sky.serving).astype(np.int32), why=("", "", "rain", "", "")
    )
    assert "none in 1" in sky_view(some).alt
