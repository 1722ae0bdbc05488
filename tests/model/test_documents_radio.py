"""Radio, weather and lasers in a scenario: what the words become, and what is wrong with them."""

from pathlib import Path

import numpy as np
import pytest

from skycommons.base.errors import ScenarioError
from skycommons.model.documents_read import Findings, parse_toml, read_document
from skycommons.model.documents_to_radio import radio_of
from skycommons.model.rules import ClearSky, FixedExceedance, MeasuredRain, SimulatedWeather
from skycommons.radio.modcod import Shannon, ladder
from tests.support.tiny_world import tiny_scenario


def faults_of(folder: Path = Path(), **parts: str) -> dict[str, str]:
    """Place and message of every fault."""
    with pytest.raises(ScenarioError) as caught:
        tiny_scenario(folder=folder, **parts)
    return {fault.place: fault.message for fault in caught.value.faults}


def test_a_scenario_that_says_nothing_has_simulated_weather_and_the_usual_ladder() -> None:
    """DVB-S2X with 1 dB in hand, at the satellites' own level."""
    radio = tiny_scenario().radio
    assert radio.weather == SimulatedWeather(features=1024)
    assert (radio.service_law, radio.feeder_law) == (ladder("dvb-s2x"), ladder("dvb-s2x"))
    assert (radio.margin.total_db, radio.full_pfd) == (1.0, False)


def test_radio_words_become_laws_and_levels() -> None:
    """Each link its own law."""
    section = "[radio]\nmodcod = 'shannon'\nfeeder_modcod = 'nr-2'\nshannon_gap_db = 3\nmargin_db = 0\npfd = 'limit'"
    radio = tiny_scenario(radio=section).radio
    assert radio.service_law == Shannon(gap_db=3.0)
    assert radio.feeder_law == ladder("nr-2")
    assert (radio.margin.total_db, radio.full_pfd) == (0.0, True)


def test_faulty_sections_give_way_to_the_usual_rules() -> None:
    """Their faults are found elsewhere; what follows is still checked."""
    draft, faults = read_document(parse_toml("radio = 3\nweather = 3", "bad.toml"))
    rules = radio_of(draft, None, Findings(folder=Path()))
    assert {"radio", "weather"} <= {fault.place for fault in faults}
    assert (rules.weather, rules.service_law) == (SimulatedWeather(), ladder("dvb-s2x"))


@pytest.mark.parametrize(
    ("section", "weather"),
    [
        ("mode = 'clear'", ClearSky()),
        ("mode = 'fixed'\nexceedance_percent = 0.1", FixedExceedance(exceedance=0.001)),
        ("mode = 'simulated'\nfeatures = 64", SimulatedWeather(features=64)),
        ("features = 64", SimulatedWeather(features=64)),
    ],
)
def test_weather_becomes_its_strategy(section: str, weather: object) -> None:
    """Simulated where no mode is named."""
    assert tiny_scenario(weather=f"[weather]\n{section}").radio.weather == weather


def test_measured_rain_is_read_for_the_sites(tmp_path: Path) -> None:
    """A site that is taken out takes its column with it."""
    text = "time,latitude_deg,longitude_deg,rain_mm_h\n2026-01-01T00:00:00Z,47.4,8.5,12.5\n"
    (tmp_path / "rain.csv").write_text(text + "2026-01-01T00:10:00Z,47.4,8.5,0\n")
    scenario = tiny_scenario(folder=tmp_path, weather="[weather]\nmode = 'measured'\nfile = 'rain.csv'")
    weather = scenario.radio.weather
    assert isinstance(weather, MeasuredRain)
    assert weather.table.rate_mm_h.shape == (2, 3)
    assert weather.table.rate_mm_h[0, 0] == pytest.approx(12.5)
    fewer = scenario.without("zurich").radio.weather
    assert isinstance(fewer, MeasuredRain)
    np.testing.assert_array_equal(fewer.table.rate_mm_h, weather.table.rate_mm_h[:, 1:])


def test_rain_that_cannot_be_read_is_a_fault_beside_the_others(tmp_path: Path) -> None:
    """With the name of the file; where sites are unknown it is not read."""
    section = "[weather]\nmode = 'measured'\nfile = 'none.csv'"
    faults = faults_of(tmp_path, weather=section, radio="[radio]\nmargin_db = -1")
    assert faults["weather.file"].startswith("none.csv")
    assert "greater than or equal to 0" in faults["radio.margin_db"]
    assert "weather.file" not in faults_of(tmp_path, weather=section, pops="pops = 3")


@pytest.mark.parametrize(
    ("section", "place", "message"),
    [
        ("[radio]\nmodcod = 'dvb-s3'", "radio.modcod", "should be one of dvb-s2, dvb-s2x, nr-1, nr-2, shannon, not 'dvb-s3'"),
        ("[radio]\nfeeder_modcod = 3", "radio.feeder_modcod", "should be one of dvb-s2, dvb-s2x"),
        ("[radio]\npfd = 'full'", "radio.pfd", "should be one of operating, limit, not 'full'"),
        ("[radio]\nshannon_gap_db = 3", "radio.shannon_gap_db", "counts only where modcod or feeder_modcod is shannon"),
        ("radio = 3", "radio", "should be a table"),
        ("[weather]\nmode = 'foggy'", "weather.mode", "should be one of simulated, clear, fixed, measured, not 'foggy'"),
        ("[weather]\nmode = 'fixed'", "weather.exceedance_percent", "this key is required"),
        ("[weather]\nmode = 'fixed'\nexceedance_percent = 0", "weather.exceedance_percent", "equal to 0.001, not 0"),
        ("[weather]\nmode = 'fixed'\nexceedance_percent = 101", "weather.exceedance_percent", "equal to 100"),
        ("[weather]\nmode = 'measured'", "weather.file", "this key is required"),
        ("[weather]\nmode = 'clear'\nfeatures = 3", "weather.features", "does not belong here"),
        ("[weather]\nfeatures = 0", "weather.features", "greater than or equal to 1"),
        ("[lasers]\nrate_gbps = 0", "lasers.rate_gbps", "greater than 0"),
        ("[lasers]\nlongest_acquisition_s = 5", "lasers.longest_acquisition_s", "at least acquisition_s (12), not 5"),
        ("[lasers]\ntopology = 'ring'", "lasers.topology", "should be one of grid, nearest, motif, pairs, none, not 'ring'"),
    ],
)  # fmt: skip
def test_each_fault_has_its_place_and_its_mend(section: str, place: str, message: str) -> None:
    """Known words are listed."""
    assert message in faults_of(section=section)[place]


@pytest.mark.parametrize(
    ("section", "acquisition_s"),
    [("", (12, 30)), ("acquisition_s = 60", (60, 60)), ("acquisition_s = 5\nlongest_acquisition_s = 6", (5, 6))],
)
def test_lasers_take_their_time_and_have_a_rate(section: str, acquisition_s: tuple[float, float]) -> None:
    """Between 12 and 30 s, or as the section says; never longest below shortest."""
    lasers = tiny_scenario(lasers=f"[lasers]\nrate_gbps = 200\n{section}").lasers
    assert (lasers.acquisition_s, lasers.longest_acquisition_s) == acquisition_s
    assert lasers.rate_bps == 200e9
    assert tiny_scenario().lasers.rate_bps == 100e9
