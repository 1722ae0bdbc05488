"""The service map as layers over a default: what decisions put there, in the order in which they took effect.

* A place is a cell, or a group of customers or a class of terminals that a decision names. What holds at a place is what the last
  layer says that covers it and has not ended; where none does, the default holds for cells, and full service for the others.
* A layer ends by itself: its end stands in the map. A restore takes places out of a layer and adds nothing.
* A level is one number: 0 no service, then background, standard, priority. A layer lowers a place if its level there is less than
  what held before.
* The manifest names the layers and the hashes of their cell lists. It is what a scheduler obeys and what is announced in the log.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, TypeAlias

from skycommons.governance.canonical import Json

MAP_KIND: Final = "skycommons signed service map"

Places: TypeAlias = frozenset[str]

NO_SERVICE: Final = 0
LEVELS: Final = ("background", "standard", "priority")  # levels 1, 2, 3
FULL_SERVICE: Final = len(LEVELS)


def level_of(state: str, service_class: str) -> int:
    """The level of a state and a class; 0 for every state but active."""
    return 1 + LEVELS.index(service_class) if state == "active" else NO_SERVICE


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """What one decision says of its places.

    Attributes:
        decision: Digest of the decision.
        entry: Number of the entry by which it was decided.
        kind: territory, customer-group or terminal-class.
        effect: reduce or add.
        state, service_class: What holds at its places.
        who: Terminals registered there, located there, or both.
        exempt: Whether protected users keep their service.
        sites: Protected users who lose it all the same, each named by the decision.
        ends_at_s: When it ends; 0 for never.
        cells_sha256, cells_count: Its list of cells.
        without: Hashes of lists of cells that were taken out again.
        groups: Groups of customers or classes of terminals.
        groups_without: Groups or classes that were taken out again.
        places: Cells, groups and classes that it covers now.
    """

    decision: str
    entry: int
    kind: str
    effect: str
    state: str
    service_class: str
    who: str
    exempt: bool
    sites: tuple[str, ...]
    ends_at_s: int
    cells_sha256: str
    cells_count: int
    groups: tuple[str, ...]
    places: Places
    without: tuple[str, ...] = ()
    groups_without: tuple[str, ...] = ()

    @property
    def level(self) -> int:
        """Its level."""
        return level_of(self.state, self.service_class)

    def is_running(self, now_s: int) -> bool:
        """Whether it has not ended."""
        return not self.ends_at_s or self.ends_at_s > now_s

    def to_json(self) -> dict[str, Json]:
        """The layer as the manifest names it."""
        return {
            "decision": self.decision,
            "entry": self.entry,
            "kind": self.kind,
            "effect": self.effect,
            "state": self.state,
            "service_class": self.service_class,
            "who": self.who,
            "exempt": self.exempt,
            "sites": list(self.sites),
            "ends_at": self.ends_at_s,
            "cells_sha256": self.cells_sha256,
            "cells_count": self.cells_count,
            "without": list(self.without),
            "groups": list(self.groups),
            "groups_without": list(self.groups_without),
        }


def places_of(kind: str, cells: Iterable[str], groups: Iterable[str]) -> Places:
    """Everything that a decision covers: cells as they are, groups and classes with their kind before them."""
    return frozenset(cells) if kind == "territory" else frozenset(f"{kind}:{group}" for group in groups)


def levels_at(places: Places, layers: Iterable[Layer], *, default: int, now_s: int) -> dict[str, int]:
    """The level that holds at each of some places.

    Args:
        places: Which.
        layers: In the order in which they took effect.
        default: Level of cells that no layer covers.
        now_s: When.
    """
    found = {place: FULL_SERVICE if ":" in place else default for place in places}
    for layer in layers:
        if layer.is_running(now_s):
            found.update(dict.fromkeys(places & layer.places, layer.level))
    return found


def levels_held(places: Places, layers: Iterable[Layer], *, default: int, now_s: int) -> frozenset[int]:
    """The levels that hold at some places, without saying where: quick for whole countries.

    Args:
        places: Which.
        layers: In the order in which they took effect.
        default: Level of cells that no layer covers.
        now_s: When.
    """
    held, left = set(), places
    for layer in reversed(tuple(layers)):
        if layer.is_running(now_s) and left & layer.places:
            held.add(layer.level)
            left -= layer.places
    return frozenset(held | {FULL_SERVICE if ":" in place else default for place in left})


def manifest_of(
    layers: Iterable[Layer], *, origin: str, version: int, previous_sha256: str, default: tuple[str, str], as_of_s: int
) -> dict[str, Json]:
    """The service map as a document.

    Args:
        layers: Those that run.
        origin: The log that decides.
        version: Rises by one with each change.
        previous_sha256: Hash of the manifest before; empty for the first.
        default: State and class of cells that no layer covers.
        as_of_s: The log's time of the change.
    """
    return {
        "kind": MAP_KIND,
        "v": 1,
        "origin": origin,
        "version": version,
        "previous_sha256": previous_sha256,
        "default_state": default[0],
        "default_class": default[1],
        "as_of": as_of_s,
        "layers": [layer.to_json() for layer in layers],
    }
