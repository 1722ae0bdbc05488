"""Rules of a live run follow the scenario's sites."""

from skycommons.model.emulation_rules import (
    DishStows,
    EmulationRules,
    GatewayFails,
    PingSpec,
    RainFalls,
    SatelliteFails,
)
from tests.support.tiny_world import PARTS, tiny_scenario

RAIN = RainFalls(duration_s=1.0, latitude_rad=0.0, longitude_rad=0.0, radius_m=1.0, rate_mm_h=1.0, terminal="a")


def test_nothing_happens_to_sites_that_are_gone() -> None:
    """Rain falls where nobody stands, too; what names nobody stays."""
    kept = (SatelliteFails(satellite="x"), SatelliteFails(serving="b"), RAIN)
    gone = (SatelliteFails(serving="a"), GatewayFails(gateway="g"), GatewayFails(serving="a"), DishStows(terminal="a"))
    assert EmulationRules(events=gone + kept).without({"a", "g"}).events == kept


def test_probes_start_from_the_terminals_that_are_left() -> None:
    """A probe without any is gone, and so is one to a terminal that is gone."""
    probes = (PingSpec(sources=("a", "b")), PingSpec(sources=("a",)), PingSpec(sources=("b",), target="a"))
    assert EmulationRules(probes=probes).without({"a"}).probes == (PingSpec(sources=("b",)),)


def test_a_scenario_without_a_terminal_says_no_more_of_it() -> None:
    """Sites and the rules of the live run go together."""
    second = PARTS["terminals"] + '\n[[terminals]]\nname = "geneva"\nlatitude_deg = 46.2\nlongitude_deg = 6.14'
    section = '[[emulation.probes]]\nkind = "ping"\nfrom = ["zurich", "geneva"]'
    scenario = tiny_scenario(terminals=second, emulation=section)
    assert scenario.without("zurich").emulation.probes == (PingSpec(sources=("geneva",)),)


def test_a_run_that_ends_early_measures_till_then() -> None:
    """What would begin later is gone, and so is what would measure for a moment."""
    probes = tuple(PingSpec(sources=("a",), begin_s=begin_s, duration_s=10.0) for begin_s in (0.0, 25.0, 29.6, 30.0))
    events = (SatelliteFails(at_s=29.0, serving="a"), SatelliteFails(at_s=30.0, serving="a"))
    found = EmulationRules(probes=probes, events=events).until(30.0)
    assert [probe.duration_s for probe in found.probes] == [10.0, 5.0]
    assert found.events == events[:1]
