"""An open satellite internet system in software: the pipeline, one import.

::

    Scenario ──► World ──► Ephemeris ──► Links ──► Routes ──► Results
     (file)     (tables)    T×S×3       rows     per step    tables

Every arrow is a pure function, every box a frozen value::

    import skycommons as sky

    scenario = sky.load("scenarios/tiny.toml")  # file → Scenario, or every fault in it
    ephemeris = scenario.propagate(scenario.times())  # positions, (T, S, 3) m, Earth-fixed
    links = sky.find_links(scenario.world.sites, ephemeris)  # who can see whom, as columns

Names load when they are first used: ``import skycommons`` imports nothing heavy.
"""

from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from skycommons.base.errors import SkycommonsError as SkycommonsError
    from skycommons.emulation.live_network import LiveNetwork as LiveNetwork
    from skycommons.emulation.live_network import emulate as emulate
    from skycommons.model.scenario import Scenario as Scenario
    from skycommons.model.scenario import load as load
    from skycommons.model.scenario import parse as parse
    from skycommons.model.world import World as World
    from skycommons.orbit.ephemeris import Ephemeris as Ephemeris
    from skycommons.plan.radio import Radio as Radio
    from skycommons.plan.routes import Routes as Routes
    from skycommons.plan.routes import route as route
    from skycommons.plan.schedule import Schedule as Schedule
    from skycommons.plan.schedule import Scheduler as Scheduler
    from skycommons.plan.schedule import schedule as schedule
    from skycommons.plan.visibility import Links as Links
    from skycommons.plan.visibility import find_links as find_links
    from skycommons.store.compose import Proposal as Proposal
    from skycommons.store.founding import Founding as Founding
    from skycommons.store.service import Service as Service
    from skycommons.studies.run import run_scenario as run_scenario
    from skycommons.studies.store import open_results as open_results
    from skycommons.studies.summary import Summary as Summary
    from skycommons.studies.summary import summarise as summarise

_HOME_OF: Final = MappingProxyType(
    {
        "Ephemeris": "skycommons.orbit.ephemeris",
        "Scenario": "skycommons.model.scenario",
        "SkycommonsError": "skycommons.base.errors",
        "World": "skycommons.model.world",
        "Links": "skycommons.plan.visibility",
        "LiveNetwork": "skycommons.emulation.live_network",
        "Founding": "skycommons.store.founding",
        "Proposal": "skycommons.store.compose",
        "Radio": "skycommons.plan.radio",
        "Routes": "skycommons.plan.routes",
        "Schedule": "skycommons.plan.schedule",
        "Scheduler": "skycommons.plan.schedule",
        "Service": "skycommons.store.service",
        "Summary": "skycommons.studies.summary",
        "emulate": "skycommons.emulation.live_network",
        "find_links": "skycommons.plan.visibility",
        "load": "skycommons.model.scenario",
        "open_results": "skycommons.studies.store",
        "parse": "skycommons.model.scenario",
        "route": "skycommons.plan.routes",
        "run_scenario": "skycommons.studies.run",
        "schedule": "skycommons.plan.schedule",
        "summarise": "skycommons.studies.summary",
    }
)

__all__ = [
    "Ephemeris",
    "Founding",
    "Links",
    "LiveNetwork",
    "Proposal",
    "Radio",
    "Routes",
    "Scenario",
    "Schedule",
    "Scheduler",
    "Service",
    "SkycommonsError",
    "Summary",
    "World",
    "__version__",
    "emulate",
    "find_links",
    "load",
    "open_results",
    "parse",
    "route",
    "run_scenario",
    "schedule",
    "summarise",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401 -- a module's lazy names have any type
    if name == "__version__":
        from importlib.metadata import version

        return version("skycommons")
    if name not in _HOME_OF:
        raise AttributeError(f"module 'skycommons' has no attribute {name!r}")
    return getattr(import_module(_HOME_OF[name]), name)


def __dir__() -> list[str]:
    return list(__all__)
