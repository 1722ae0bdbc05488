"""A live run against the rest of its scenario: every fault has its place, all at once."""

import pytest

from skycommons.model.emulation_rules import PingSpec
from tests.support.live_sections import ALPS, TERMINALS, events, faults_of, probes, rules_of
from tests.support.tiny_world import PARTS


@pytest.mark.parametrize(
    ("section", "place", "message"),
    [
        ('[[emulation.hosts]]\nname = "zurich"', "emulation.hosts.0.name", "a terminal is called 'zurich' already"),
        ('[[emulation.hosts]]\nname = "frankfurt"', "emulation.hosts.0.name", "a PoP is called 'frankfurt' already"),
        (events('kind = "stow"\nat_s = 61\nterminal = "zurich"'), "emulation.events.0.at_s", "past the span of 60 s"),
        (events('kind = "stow"\nat_s = 3\nterminal = "zürich"'), "emulation.events.0.terminal", "there is no terminal 'zürich'; did you mean zurich?"),
        (events('kind = "reboot"\nat_s = 3\nterminal = "x"'), "emulation.events.0.terminal", "; there are zurich"),
        (events('kind = "fail-satellite"\nat_s = 3'), "emulation.events.0", "needs satellite or serving"),
        (events('kind = "fail-satellite"\nat_s = 3\nsatellite = "s53-p00-1"'), "emulation.events.0.satellite", "did you mean s53-p"),
        (events('kind = "fail-satellite"\nat_s = 3\nsatellite = "!"'), "emulation.events.0.satellite", "name another one"),
        (events('kind = "fail-satellite"\nat_s = 3\nserving = "basel"'), "emulation.events.0.serving", "there is no terminal 'basel'"),
        (events('kind = "restore-satellite"\nat_s = 3\nserving = "zurich"'), "emulation.events.0.serving", "no satellite that served 'zurich' failed before"),
        (events('kind = "fail-gateway"\nat_s = 3\ngateway = "basel"\nserving = "zurich"'), "emulation.events.0", "has gateway and serving"),
        (events('kind = "fail-gateway"\nat_s = 3\ngateway = "frankfurt"'), "emulation.events.0.gateway", "there is no gateway 'frankfurt'"),
        (events('kind = "restore-gateway"\nat_s = 3\nserving = "zurich"'), "emulation.events.0.serving", "no gateway that served 'zurich' failed before"),
        (events('kind = "rain"\nat_s = 3\nrate_mm_h = 5\nduration_s = 5'), "emulation.events.0", "needs a centre"),
        (events('kind = "rain"\nat_s = 3\nlatitude_deg = 5\nrate_mm_h = 5\nduration_s = 5'), "emulation.events.0", "needs a centre"),
        (events('kind = "rain"\nat_s = 3\nterminal = "zurich"\nlatitude_deg = 5\nrate_mm_h = 5\nduration_s = 5'), "emulation.events.0", "has terminal and latitude_deg"),
        (events('kind = "rain"\nat_s = 50\nterminal = "zurich"\nrate_mm_h = 5\nduration_s = 20'), "emulation.events.0.duration_s", "leads to 70 s"),
        (events('kind = "service"\nat_s = 3\nterritory = "Alps"\nstate = "active"'), "emulation.events.0.territory", "there is no territory 'Alps'; add one"),
        (events('kind = "service"\nat_s = 3\nterritory = "Alps"\nstate = "active"'), "emulation.events.0", "add [schedule]"),
        (probes('kind = "ping"\nfrom = ["zurich", "zurich"]'), "emulation.probes.0.from", "names a terminal twice"),
        (probes('kind = "ping"\nfrom = "basel"'), "emulation.probes.0.from", "there is no terminal 'basel'"),
        (probes('kind = "ping"\nfrom = "zurich"\nto = "zurich"'), "emulation.probes.0.to", "where the probe starts"),
        (probes('kind = "ping"\nfrom = "zurich"\nto = "intarnet"'), "emulation.probes.0.to", "did you mean internet?"),
        (probes('kind = "ping"\nfrom = "zurich"\nbegin_s = 55'), "emulation.probes.0.duration_s", "leads to 65 s"),
        (probes('kind = "iperf3"\nfrom = "zurich"\nprotocol = "udp"\ncongestion = "bbr"'), "emulation.probes.0.congestion", "remove it"),
        (probes('kind = "video"\nfrom = "zurich"\nwidth = 640\nheight = 120'), "emulation.probes.0.height", "a fifth of width (640) or more, not 120"),
        (probes('kind = "iperf3"\nfrom = "zurich"\nprotocol = "udp"'), "emulation.probes.0.rate_mbps", "as fast as it is told"),
    ],
)  # fmt: skip
def test_each_fault_has_its_place_and_its_mend(section: str, place: str, message: str) -> None:
    """Near names are told."""
    assert message in faults_of(section)[place]


def test_a_terminal_may_be_the_target_where_terminals_reach_each_other() -> None:
    """Otherwise the PoP's address translation is in the way."""
    section = (
        '[emulation]\nterminal_to_terminal = {}\n[[emulation.probes]]\nkind = "ping"\nfrom = "zurich"\nto = "geneva"'
    )
    assert rules_of(section.format("true"), terminals=TERMINALS).probes == (
        PingSpec(sources=("zurich",), target="geneva"),
    )
    found = faults_of(section.format("false"), terminals=TERMINALS)
    assert "add terminal_to_terminal = true" in found["emulation.probes.0.to"]


def test_all_faults_are_told_at_once() -> None:
    """A faulty event hides neither the next one nor a probe; a faulty terminal's name is no second fault."""
    section = events(
        'kind = "stow"', 'kind = "stow"\nat_s = 3\nterminal = "nobody"', 'kind = "stow"\nat_s = 3\nterminal = "b"'
    )
    terminals = PARTS["terminals"] + '\n[[terminals]]\nname = "b"\nlatitude_deg = 91\nlongitude_deg = 0'
    found = faults_of(section + "\n" + probes('kind = "ping"\nfrom = "nobody"'), terminals=terminals)
    assert list(found) == [
        "terminals.1.latitude_deg",
        "emulation.events.0.at_s",
        "emulation.events.0.terminal",
        "emulation.events.1.terminal",
        "emulation.probes.0.from",
    ]


def test_names_are_held_against_what_is_known_alone() -> None:
    """Without sites no name is checked; without satellites no id is; without a span no time is."""
    section = (
        events('kind = "fail-satellite"\nat_s = 300\nsatellite = "nobody"')
        + "\n"
        + probes('kind = "ping"\nfrom = "nobody"')
    )
    assert set(faults_of(section, pops="pops = 3")) == {"pops"}
    found = faults_of(section, constellation="constellation = 3", time="time = 3")
    assert set(found) == {"constellation", "time", "emulation.probes.0.from"}


def test_a_faulty_section_of_the_scheduler_is_one_fault() -> None:
    """States of service ask for a scheduler, and there would be one."""
    section = events('kind = "service"\nat_s = 3\nterritory = "Alps"\nstate = "active"')
    assert set(faults_of(section, territories=ALPS, schedule="schedule = 3")) == {"schedule"}


def test_a_territory_whose_state_changes_has_cells() -> None:
    """Or is told to have none, once."""
    section = events('kind = "service"\nat_s = 3\nterritory = "dot"\nstate = "active"')
    dot = '[[territories]]\nname = "dot"\npolygon_deg = [[10, 10], [10, 10.001], [10.001, 10]]'
    found = faults_of(section, territories=dot, schedule="[schedule]")
    assert "it holds no cell's centre" in found["emulation.events.0.territory"]
    twice = faults_of(section, territories=f'{dot}\ncountries = ["XX"]', schedule="[schedule]")
    assert set(twice) == {"territories.0.countries.0"}
