"""What the words of a live run become: SI, plain values, in the order of their times."""

import numpy as np
import pytest

from skycommons.model.emulation_rules import (
    Congestion,
    CurlSpec,
    Direction,
    Discipline,
    DishReboots,
    DishStows,
    DishUnstows,
    EmulationRules,
    GatewayFails,
    GatewayReturns,
    Iperf3Spec,
    IrttSpec,
    PingSpec,
    QuicSpec,
    RainFalls,
    SatelliteFails,
    SatelliteReturns,
    ServiceChanges,
    Transport,
    VideoSpec,
    WireKind,
)
from skycommons.model.service_map import CellState
from tests.support.live_sections import ALPS, events, probes, rules_of
from tests.support.tiny_world import tiny_scenario


def test_a_scenario_that_says_nothing_has_the_usual_rules() -> None:
    """One host of the internet, nothing happens, nothing is measured; an empty section says as much."""
    assert tiny_scenario().emulation == EmulationRules()
    assert rules_of("[emulation]") == EmulationRules()
    assert EmulationRules().hosts == ("internet",)


def test_keys_become_si() -> None:
    """Milliseconds become seconds, words become members."""
    keys = (
        'queue = "codel"\nqueue_ms = 60\nseparate_icmp = false\naccess = false\nloss = false\nhandover_gap_ms = 30\n'
        'wait_hold_ms = 5\nterminal_to_terminal = true\nmtu = 1400\nwire = "netem"\nlimit_rates = false'
    )
    assert rules_of(f'[emulation]\n{keys}\n[[emulation.hosts]]\nname = "studio"') == EmulationRules(
        queue=Discipline.CODEL,
        queue_s=0.06,
        separate_icmp=False,
        access=False,
        loss=False,
        handover_gap_s=0.03,
        wait_hold_s=0.005,
        limit_rates=False,
        terminal_to_terminal=True,
        mtu=1400,
        wire=WireKind.NETEM,
        hosts=("studio",),
    )


def test_events_become_values_in_the_order_of_their_times() -> None:
    """Each kind its own; degrees become radians, kilometres metres."""
    section = events(
        'kind = "restore-satellite"\nat_s = 9\nserving = "zurich"',
        'kind = "fail-satellite"\nat_s = 1\nserving = "zurich"',
        'kind = "fail-satellite"\nat_s = 2\nsatellite = "s53-p00-01"',
        'kind = "fail-gateway"\nat_s = 3\ngateway = "basel"',
        'kind = "restore-gateway"\nat_s = 4\ngateway = "basel"',
        'kind = "rain"\nat_s = 5\nterminal = "zurich"\nrate_mm_h = 20\nduration_s = 10',
        'kind = "rain"\nat_s = 5\nlatitude_deg = 0\nlongitude_deg = 90\nradius_km = 3\nrate_mm_h = 2\nduration_s = 10',
        'kind = "stow"\nat_s = 6\nterminal = "zurich"',
        'kind = "unstow"\nat_s = 7\nterminal = "zurich"',
        'kind = "reboot"\nat_s = 8\nterminal = "zurich"',
        'kind = "service"\nat_s = 8\nterritory = "Alps"\nstate = "suspended"',
    )
    found = rules_of(section, territories=ALPS, schedule="[schedule]").events
    zurich = found[4]
    assert isinstance(zurich, RainFalls)
    assert (zurich.terminal, zurich.radius_m, zurich.duration_s) == ("zurich", 10e3, 10.0)
    assert (zurich.latitude_rad, zurich.longitude_rad) == pytest.approx(np.radians([47.37, 8.54]))
    assert found[:4] + found[5:] == (
        SatelliteFails(at_s=1.0, serving="zurich"),
        SatelliteFails(at_s=2.0, satellite="s53-p00-01"),
        GatewayFails(at_s=3.0, gateway="basel"),
        GatewayReturns(at_s=4.0, gateway="basel"),
        RainFalls(at_s=5.0, duration_s=10.0, latitude_rad=0.0, longitude_rad=np.pi / 2, radius_m=3e3, rate_mm_h=2.0),
        DishStows(at_s=6.0, terminal="zurich"),
        DishUnstows(at_s=7.0, terminal="zurich"),
        DishReboots(at_s=8.0, terminal="zurich"),
        ServiceChanges(at_s=8.0, territory="Alps", state=CellState.SUSPENDED),
        SatelliteReturns(at_s=9.0, serving="zurich"),
    )


def test_probes_become_specifications() -> None:
    """One name is a list of one; the target is the first host unless it is named."""
    section = '[[emulation.hosts]]\nname = "studio"\n[[emulation.hosts]]\nname = "depot"\n' + probes(
        'kind = "ping"\nfrom = "zurich"\ninterval_s = 0.1',
        'kind = "irtt"\nfrom = ["zurich"]\nto = "depot"\nbegin_s = 2\nduration_s = 3',
        'kind = "iperf3"\nfrom = "zurich"\ndirection = "up"\ncongestion = "bbr"\nrate_mbps = 5\nstreams = 2',
        'kind = "iperf3"\nfrom = "zurich"\nprotocol = "udp"\nrate_mbps = 1',
        'kind = "curl"\nfrom = "zurich"\nsize_mb = 0.5',
        'kind = "quic"\nfrom = "zurich"\ndirection = "up"',
        'kind = "video"\nfrom = "zurich"\nbitrate_kbps = 800\nlatency_ms = 200\nwidth = 640\nheight = 360\nfps = 25',
    )
    sources = ("zurich",)
    assert rules_of(section).probes == (
        PingSpec(sources=sources, target="studio", interval_s=0.1),
        IrttSpec(sources=sources, target="depot", begin_s=2.0, duration_s=3.0),
        Iperf3Spec(
            sources=sources,
            target="studio",
            direction=Direction.UP,
            congestion=Congestion.BBR,
            rate_bps=5e6,
            streams=2,
        ),
        Iperf3Spec(sources=sources, target="studio", transport=Transport.UDP, rate_bps=1e6),
        CurlSpec(sources=sources, target="studio", size_bytes=500_000),
        QuicSpec(sources=sources, target="studio", direction=Direction.UP),
        VideoSpec(
            sources=sources,
            target="studio",
            bitrate_bps=800e3,
            latency_s=0.2,
            width_px=640,
            height_px=360,
            frames_per_s=25,
        ),
    )
