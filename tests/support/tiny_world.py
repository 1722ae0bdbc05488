"""A world small enough to know by heart: twelve satellites, a terminal, a gateway and a PoP.

Two ways in: `tiny_text` is the scenario file, which tests change piece by piece; `tiny_scenario` is what it says.
"""

from pathlib import Path

from skycommons.model.scenario import Scenario, parse

PARTS = {
    "head": 'name = "tiny"',
    "time": "[time]\nstart = 2026-01-01T00:00:00Z\nduration_s = 60\nstep_s = 15",
    "constellation": (
        '[[constellation]]\nname = "s53"\naltitude_km = 1200\nplanes = 3\nsatellites_per_plane = 4\n'
        'inclination_deg = 53\nphasing = 1\ngeneration = "v2-mini"'
    ),
    "terminals": '[[terminals]]\nname = "zurich"\nlatitude_deg = 47.37\nlongitude_deg = 8.54',
    "gateways": '[[gateways.site]]\nname = "basel"\nlatitude_deg = 47.56\nlongitude_deg = 7.59',
    "pops": '[[pops.site]]\nname = "frankfurt"\nlatitude_deg = 50.11\nlongitude_deg = 8.68',
    "pairs": '[[pairs]]\nfrom = "zurich"\nto = "frankfurt"',
}

# Parts to put in place of those: four hundred satellites, and a dish that keeps away from the geostationary arc.
DENSE = (
    '[[constellation]]\nname = "s53"\naltitude_km = 1200\nplanes = 20\nsatellites_per_plane = 20\n'
    "inclination_deg = 53\nphasing = 1"
)
STRICT = (
    '[[terminals]]\nname = "zurich"\nlatitude_deg = 47.37\nlongitude_deg = 8.54\nmin_elevation_deg = 10\n'
    "gso_exclusion_deg = 25"
)


def tiny_text(**parts: str) -> str:
    """The scenario file; each argument replaces the part of that name, or adds one; plain keys go before tables."""
    texts = sorted({**PARTS, **parts}.values(), key=lambda text: text.startswith("["))
    return "\n".join(texts) + "\n"


def tiny_scenario(*, folder: Path = Path(), **parts: str) -> Scenario:
    """What the file says, as a value."""
    return parse(tiny_text(**parts), source="tiny.toml", folder=folder)
