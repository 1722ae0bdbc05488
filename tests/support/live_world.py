"""A scenario that runs live in a test: a dense shell, two terminals, a scheduler, a territory around one of them."""

from skycommons.model.scenario import Scenario, parse
from tests.support.tiny_world import DENSE, tiny_text

LIVE = {
    "constellation": DENSE,
    "time": "[time]\nstart = 2026-01-01T00:00:12Z\nduration_s = 600\nstep_s = 15",
    "terminals": (
        '[[terminals]]\nname = "zurich"\nlatitude_deg = 47.37\nlongitude_deg = 8.54\ndown_mbps = 80\nup_mbps = 10\n'
        '[[terminals]]\nname = "east"\nlatitude_deg = 47.6\nlongitude_deg = 10.2\ndown_mbps = 80\nup_mbps = 10'
    ),
    "gateways": (
        '[[gateways.site]]\nname = "basel"\nlatitude_deg = 47.56\nlongitude_deg = 7.59\n'
        '[[gateways.site]]\nname = "munich"\nlatitude_deg = 48.1\nlongitude_deg = 11.6'
    ),
    "territories": (
        '[[territories]]\nname = "around zurich"\npolygon_deg = [[46.9, 7.9], [46.9, 9.2], [47.9, 9.2], [47.9, 7.9]]'
    ),
    "schedule": '[schedule]\npolicy = "observed"',
    "weather": '[weather]\nmode = "clear"',
    "pairs": "",
}
PLAIN = "[emulation]\naccess = false\nloss = false"
"""Light and rates alone, so that what packets meet can be told to the fraction of a millisecond."""


def live_scenario(**parts: str) -> Scenario:
    """The scenario; each argument replaces the part of that name, or adds one."""
    return parse(tiny_text(**{**LIVE, "emulation": PLAIN, **parts}), source="live.toml")
