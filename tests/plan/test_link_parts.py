"""The parts of a budget: weather, labels of extrapolations, the other polarisation, the rate."""

from dataclasses import replace

import numpy as np
import pytest

from skycommons.base.errors import PhysicsError
from skycommons.model.rules import BudgetWeather, ClearSky, FixedExceedance, RadioRules
from skycommons.plan.air_path import AirPath, air_path, weather_words
from skycommons.plan.link_parts import (
    Caps,
    cross_polar_lines,
    origin_of,
    place_part,
    rate_part,
    way_part,
)
from skycommons.radio.budget import BudgetFact, BudgetTerm
from skycommons.radio.climate import Climate, climate_at
from skycommons.radio.modcod import AdaptationMargin, Shannon, ladder

ANTENNAS = BudgetFact(name="antennas", amount=30.0, unit="dB")
SYMBOLS = BudgetFact(name="symbols", amount=1e8, unit="Hz")


@pytest.fixture
def climate() -> Climate:
    """Where it rains much."""
    return climate_at(np.radians([1.35]), np.radians([103.82]), np.array([15.0]))


def path_of(
    climate: Climate, *, exceedance: float | None = 1e-3, frequency_hz: float = 11.7e9, elevation_deg: float = 40.0
) -> AirPath:
    """A way through the air."""
    weather: BudgetWeather = ClearSky() if exceedance is None else FixedExceedance(exceedance=exceedance)
    return air_path(
        climate, weather, frequency_hz=frequency_hz, elevation_rad=np.radians(elevation_deg), aperture_m=0.5
    )


def notes(path: AirPath) -> dict[str, str]:
    """Notes of the lines of a way, those that are not empty."""
    return {line.name: line.note for line in way_part(path, 1e6, antenna_losses=()).lines if line.note}


def test_a_clear_sky_holds_gas_alone(climate: Climate) -> None:
    """No cloud, rain or flicker, and nothing that warms the sky."""
    path = path_of(climate, exceedance=None)
    lines = {line.name: line for line in way_part(path, 1e6, antenna_losses=()).terms}
    assert lines["gas"].value_db == pytest.approx(float(path.loss.total_db[0]))
    assert lines["gas"].value_db > 0.0
    assert [lines[name].value_db for name in ("cloud", "rain", "scintillation", "not all at once")] == [0.0] * 4
    assert path.fade_db == 0.0


def test_rarer_weather_takes_more(climate: Climate) -> None:
    """From all of the year to a hundred-thousandth of it; ends hold beyond."""
    shares = [1.0, 0.5, 0.2, 0.05, 0.01, 1e-3, 1e-4, 1e-5]
    taken = [float(path_of(climate, exceedance=share).loss.total_db[0]) for share in shares]
    assert taken == sorted(taken)
    assert taken[0] > 0.0
    beyond = path_of(climate, exceedance=1e-7).loss.total_db[0]
    assert beyond == pytest.approx(taken[-1], rel=1e-12)


def test_common_weather_has_no_rain_and_the_commonest_no_flicker(climate: Climate) -> None:
    """P.618 counts rain up to 5 % of the year and scintillation up to 50 %."""
    assert float(path_of(climate, exceedance=0.06).loss.rain_db[0]) == 0.0
    assert float(path_of(climate, exceedance=0.06).loss.scintillation_db[0]) > 0.0
    assert float(path_of(climate, exceedance=0.6).loss.scintillation_db[0]) == 0.0


def test_the_lines_of_the_air_add_up_to_its_total(climate: Climate) -> None:
    """What is not there all at once is given back."""
    path = path_of(climate)
    way = way_part(path, 1e6, antenna_losses=())
    air_db = -sum(term.share_db for term in way.terms if term.name != "free space")
    assert air_db == pytest.approx(float(path.loss.total_db[0]), abs=1e-12)


def test_ordinary_links_are_no_extrapolation(climate: Climate) -> None:
    """Ku band at 40 degrees and 0.1 % of the year."""
    assert notes(path_of(climate)) == {}


def test_extrapolations_are_labelled_on_their_lines(climate: Climate) -> None:
    """High bands, low elevations, rare weather."""
    high = notes(path_of(climate, frequency_hz=73.5e9))
    assert high["rain"] == "extrapolated: above 55 GHz"
    assert high["scintillation"] == "extrapolated: above 20 GHz"
    low = notes(path_of(climate, elevation_deg=4.0))
    assert low["gas"] == low["cloud"] == low["not all at once"] == "extrapolated: below 5°"
    assert notes(path_of(climate, exceedance=2e-5)) == {"scintillation": "extrapolated: rarer than 0.01 % of the year"}
    assert notes(path_of(climate, frequency_hz=3e9))["scintillation"] == "extrapolated: below 4 GHz"


def test_a_clear_sky_has_no_label_for_what_is_not_there(climate: Climate) -> None:
    """Neither rain nor flicker is extrapolated where there is none."""
    assert notes(path_of(climate, exceedance=None, frequency_hz=73.5e9)) == {}


@pytest.mark.parametrize(
    ("frequency_hz", "elevation_deg", "message"),
    [
        (95e9, 40.0, "a carrier of 95 GHz; what the air takes is known from 1 to 90 GHz"),
        (0.4e9, 40.0, "a carrier of 0.4 GHz"),
        (-1.0, 40.0, "it must be positive and finite"),
        (12e9, 95.0, "an elevation of 95° has no path to a satellite"),
        (12e9, 0.0, "an elevation of 0° has no path"),
    ],
)
def test_what_no_method_can_answer_is_refused(
    climate: Climate, frequency_hz: float, elevation_deg: float, message: str
) -> None:
    """One sentence with the range."""
    with pytest.raises(PhysicsError, match=message):
        path_of(climate, frequency_hz=frequency_hz, elevation_deg=elevation_deg)


def test_the_place_tells_the_sea_and_the_weather(climate: Climate) -> None:
    """The map of the sea is labelled; a clear sky has no share; common weather has the gas of half of the year."""
    at_sea = replace(climate, at_sea=np.array([True]))
    height, *_, share = place_part(at_sea, ClearSky()).lines
    assert height.note == "at sea: map of the sea used"
    assert isinstance(share, BudgetFact)
    assert share.words == "clear sky"
    on_land = replace(climate, at_sea=np.array([False]))
    height, *_, share = place_part(on_land, FixedExceedance(exceedance=0.8)).lines
    assert (height.note, share.note) == ("", "gas and cloud of half of the year")
    assert weather_words(FixedExceedance(exceedance=1e-4)) == "0.01 % of the year"


def test_rain_turns_polarisation_within_its_range(climate: Climate) -> None:
    """None in a clear sky, held at 60 degrees and 1 %, left out where it is not stated."""
    clear, rainy, steep, common, high = (
        cross_polar_lines(path, ANTENNAS)
        for path in (
            path_of(climate, exceedance=None),
            path_of(climate),
            path_of(climate, elevation_deg=80.0),
            path_of(climate, exceedance=0.03),
            path_of(climate, frequency_hz=73.5e9),
        )
    )
    total = [lines[-1] for lines in (clear, rainy)]
    assert all(isinstance(line, BudgetTerm) for line in total)
    assert isinstance(total[0], BudgetTerm)
    assert isinstance(total[1], BudgetTerm)
    assert total[0].value_db == pytest.approx(30.0)
    assert total[1].value_db < 20.0
    assert [lines[1].note for lines in (clear, rainy, steep, common)] == [
        "",
        "",
        "held at 60°",
        "held at 1 % of the year",
    ]
    assert high[1].note == "not stated for this frequency: left out"


def test_the_rate_is_that_of_the_rung_that_is_reached() -> None:
    """Its threshold below the signal after the margin, the next one above."""
    law = ladder("dvb-s2x")
    rules = RadioRules(margin=AdaptationMargin(fixed_db=2.0))
    part, rate_bps = rate_part(12.0, law, rules, Caps(symbol_rate=SYMBOLS))
    lines = {line.name: line for line in part.lines if isinstance(line, BudgetFact)}
    row = int(law.rung(12.0, rules.margin))
    assert lines["modulation and code"].words == law.rungs[row].name
    assert lines["its threshold"].amount == law.threshold_db[row] <= 10.0
    assert lines["still to the next one"].amount == pytest.approx(law.threshold_db[row + 1] - 10.0)
    assert rate_bps == pytest.approx(1e8 * law.spectral_efficiency[row])


def test_the_ends_of_the_ladder_are_said() -> None:
    """No rung, and no better one."""
    law, rules = ladder("dvb-s2x"), RadioRules()
    low, rate_bps = rate_part(-20.0, law, rules, Caps(symbol_rate=SYMBOLS))
    words = [line.words for line in low.lines if isinstance(line, BudgetFact)]
    assert "none: the link does not close" in words
    assert rate_bps == 0.0
    top, _ = rate_part(60.0, law, rules, Caps(symbol_rate=SYMBOLS))
    assert "this is the best" in [line.words for line in top.lines if isinstance(line, BudgetFact)]


def test_limits_and_the_duty_cycle_hold_the_rate() -> None:
    """The smallest limit counts and is named."""
    limits = tuple(
        BudgetFact(name=name, amount=amount, unit="bit/s") for name, amount in (("beam", 2e7), ("whole", 9e9))
    )
    duty = BudgetFact(name="duty cycle", amount=0.5, unit="1")
    free, free_bps = rate_part(12.0, Shannon(), RadioRules(), Caps(symbol_rate=SYMBOLS, duty_cycle=duty))
    held, held_bps = rate_part(12.0, Shannon(), RadioRules(), Caps(symbol_rate=SYMBOLS, limits=limits, note="half"))
    _, whole_bps = rate_part(12.0, Shannon(), RadioRules(), Caps(symbol_rate=SYMBOLS))
    assert free_bps == pytest.approx(whole_bps / 2.0)
    assert (free.lines[-1].note, held_bps, held.lines[-1].note) == ("", 2e7, "held by the beam; half")
    assert isinstance(free.lines[1], BudgetFact)
    assert free.lines[1].words == "Shannon less 3 dB"


def test_a_law_of_ones_own_is_named_by_its_class() -> None:
    """Whatever it is."""

    class Flat:
        """Always one bit."""

        def efficiency(self, cn_db: np.ndarray, margin: AdaptationMargin) -> np.ndarray:
            """One bit per symbol."""
            return np.ones_like(cn_db)

    part, rate_bps = rate_part(3.0, Flat(), RadioRules(), Caps(symbol_rate=SYMBOLS))
    assert isinstance(part.lines[1], BudgetFact)
    assert (part.lines[1].words, rate_bps) == ("Flat", 1e8)


def test_a_figure_that_nobody_explains_counts_as_assumed() -> None:
    """So that a budget never looks better founded than it is."""
    assert origin_of({}, "dish_m").assumed
