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
    from skycommons.model.scenario import Scenario as Scenario
    from skycommons.model.scenario import load as load
    from skycommons.model.scenario import parse as parse
    from skycommons.model.world import World as World
    from skycommons.orbit.ephemeris import Ephemeris as Ephemeris

_HOME_OF: Final = MappingProxyType(
    {
        "Ephemeris": "skycommons.orbit.ephemeris",
        "Scenario": "skycommons.model.scenario",
        "SkycommonsError": "skycommons.base.errors",
        "World": "skycommons.model.world",
        "load": "skycommons.model.scenario",
        "parse": "skycommons.model.scenario",
    }
)

__all__ = ["Ephemeris", "Scenario", "SkycommonsError", "World", "__version__", "load", "parse"]


def __getattr__(name: str) -> Any:  # noqa: ANN401 -- a module's lazy names have any type
    if name == "__version__":
        from importlib.metadata import version

        return version("skycommons")
    if name not in _HOME_OF:
        raise AttributeError(f"module 'skycommons' has no attribute {name!r}")
    return getattr(import_module(_HOME_OF[name]), name)


def __dir__() -> list[str]:
    return list(__all__)
