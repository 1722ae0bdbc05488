"""The section of a live run in the tiny world: its text piece by piece, what it becomes, and what is wrong with it."""

from pathlib import Path

import pytest

from skycommons.base.errors import ScenarioError
from skycommons.model.emulation_rules import EmulationRules
from tests.support.tiny_world import PARTS, tiny_scenario

ALPS = '[[territories]]\nname = "Alps"\ncountries = ["CH"]'
TERMINALS = PARTS["terminals"] + '\n[[terminals]]\nname = "geneva"\nlatitude_deg = 46.2\nlongitude_deg = 6.14'


def rules_of(section: str, **parts: str) -> EmulationRules:
    """The rules of the tiny world with this section."""
    return tiny_scenario(folder=Path(), emulation=section, **parts).emulation


def faults_of(section: str, **parts: str) -> dict[str, str]:
    """Place and message of every fault."""
    with pytest.raises(ScenarioError) as caught:
        tiny_scenario(folder=Path(), emulation=section, **parts)
    return {fault.place: fault.message for fault in caught.value.faults}


def events(*lines: str) -> str:
    """A section with these events."""
    return "\n".join(f"[[emulation.events]]\n{line}" for line in lines)


def probes(*lines: str) -> str:
    """A section with these probes."""
    return "\n".join(f"[[emulation.probes]]\n{line}" for line in lines)
