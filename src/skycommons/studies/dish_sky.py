"""The sky over one dish: what is in view, what of it may be used, what is in the way, and which satellite serves when.

Rules: with rules of service in the scenario, who serves is what the scheduler plans, for the whole network; without them, it
is the satellite by which the terminal's own flow enters. Angles are those at the dish. Satellites are shown down to 10° or to
the terminal's least elevation, whichever is lower, because that is how far a dish's own map reaches.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from skycommons.base.arrays import Bools, Floats, Ints, Ints32
from skycommons.base.clock import format_time
from skycommons.base.errors import InputError
from skycommons.model.scenario import Scenario
from skycommons.model.service_rules import ScheduleRules
from skycommons.model.world import SiteKind
from skycommons.orbit.ephemeris import Ephemeris
from skycommons.orbit.frames import enu_axes, geodetic_to_itrf
from skycommons.orbit.gso_arc import gso_separation
from skycommons.plan.lasers import Lasers
from skycommons.plan.routes import Network, route
from skycommons.plan.schedule import Scheduler, StepPlan
from skycommons.plan.serving import TerminalShares
from skycommons.plan.slots import slot_begin, slot_ns
from skycommons.plan.visibility import Links, boresight_axis, find_links
from skycommons.studies.obstructions import ObstructionMask
from skycommons.studies.service_store import unserved_phrase
from skycommons.studies.summary import reason_phrase

LOWEST_RAD: Final = float(np.radians(10.0))
_TRACK_STEP_NS: Final = 3 * 10**9  # so that slots begin at one of them
_MAX_MINUTES: Final = 120.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DishSky:
    """The sky over one terminal from an instant on, ``K`` slots long.

    Attributes:
        site: Name of the terminal.
        latitude_rad, longitude_rad, height_m: Where it stands.
        min_elevation_rad, gso_exclusion_rad, tilt_rad, field_of_view_rad: What it may use.
        satellites: Ids of all satellites.
        time_ns: ``(T,)`` instants of the tracks; the first is the one asked for.
        links: Satellites above 10° at these instants.
        slot_ns: ``(K,)`` begins of the slots.
        serving: ``(K,)`` satellite that serves; -1 for none.
        why: ``K`` words that say why none does; empty where one does.
        mask: What is in the way, if somebody said so.
    """

    site: str
    latitude_rad: float
    longitude_rad: float
    height_m: float
    min_elevation_rad: float
    gso_exclusion_rad: float
    tilt_rad: float
    field_of_view_rad: float
    satellites: tuple[str, ...]
    time_ns: Ints
    links: Links
    slot_ns: Ints
    serving: Ints32
    why: tuple[str, ...]
    mask: ObstructionMask | None = None

    def blocked(self) -> Bools:
        """``(L,)`` which links something is known to stand in the way of."""
        if self.mask is None:
            return np.zeros(len(self.links), dtype=np.bool_)
        return self.mask.is_blocked(self.links.azimuth_rad, self.links.elevation_rad)

    def rows(self) -> list[dict[str, object]]:
        """Satellites in view at the first instant, the highest first: angles in degrees."""
        here = np.flatnonzero(self.links.step == 0)
        here = here[np.argsort(-self.links.elevation_rad[here], kind="stable")]
        blocked = self.blocked()
        return [
            {
                "satellite": self.satellites[self.links.sat[link]],
                "elevation_deg": float(np.degrees(self.links.elevation_rad[link])),
                "azimuth_deg": float(np.degrees(self.links.azimuth_rad[link])),
                "gso_separation_deg": float(np.degrees(self.links.gso_separation_rad[link])),
                "usable": bool(self.links.usable[link]),
                "blocked": bool(blocked[link]),
                "serves": bool(self.links.sat[link] == self.serving[0]),
            }
            for link in here.tolist()
        ]

    def slots(self) -> list[dict[str, object]]:
        """Who serves in each slot, and where it stands as the slot begins."""
        found: list[dict[str, object]] = []
        for number, satellite in enumerate(self.serving.tolist()):
            entry: dict[str, object] = {"begin": format_time(int(self.slot_ns[number]))}
            if satellite < 0:
                found.append(entry | {"satellite": None, "why": self.why[number]})
                continue
            step = int(np.clip(np.searchsorted(self.time_ns, self.slot_ns[number]), 0, len(self.time_ns) - 1))
            link = np.flatnonzero((self.links.step == step) & (self.links.sat == satellite))
            angles: dict[str, object] = {}
            if len(link):
                angles = {
                    "elevation_deg": float(np.degrees(self.links.elevation_rad[link[0]])),
                    "azimuth_deg": float(np.degrees(self.links.azimuth_rad[link[0]])),
                    "blocked": bool(self.blocked()[link[0]]),
                }
            found.append(entry | {"satellite": self.satellites[satellite], **angles})
        return found

    def gso_separation_rad(self, azimuth_rad: Floats, elevation_rad: Floats) -> Floats:
        """Angle to the geostationary arc of directions in this sky, of any shape."""
        place = geodetic_to_itrf(np.array(self.latitude_rad), np.array(self.longitude_rad), np.array(self.height_m))
        up = enu_axes(np.array(self.latitude_rad), np.array(self.longitude_rad))[2]
        sight = self._directions(azimuth_rad, elevation_rad).reshape(-1, 3)
        angles = [gso_separation(*place, *up, *towards) for towards in sight]
        return np.array(angles).reshape(azimuth_rad.shape)

    def face_rad(self, azimuth_rad: Floats, elevation_rad: Floats) -> Floats:
        """Angle between the normal of the dish's face and directions in this sky, of any shape."""
        face = boresight_axis(*(np.array([value]) for value in (self.latitude_rad, self.longitude_rad, self.tilt_rad)))
        cosine = self._directions(azimuth_rad, elevation_rad) @ face[0]
        return np.asarray(np.arccos(np.clip(cosine, -1.0, 1.0)))

    def _directions(self, azimuth_rad: Floats, elevation_rad: Floats) -> Floats:
        """Unit vectors ``(..., 3)`` in ITRF."""
        flat = np.cos(elevation_rad)
        local = [flat * np.sin(azimuth_rad), flat * np.cos(azimuth_rad), np.sin(elevation_rad)]
        axes = enu_axes(np.array(self.latitude_rad), np.array(self.longitude_rad))
        return np.asarray(np.stack(local, axis=-1) @ axes)


def dish_sky(
    scenario: Scenario, site: str, time_ns: int, *, duration_s: float = 0.0, mask: ObstructionMask | None = None
) -> DishSky:
    """The sky over a terminal.

    Args:
        scenario: The network.
        site: Name of a terminal.
        time_ns: First instant, UTC unix ns.
        duration_s: Length of the span that is shown; 0 shows one slot.
        mask: What is in the way.
    Raises:
        InputError: There is no such terminal, or the span is no span.
    """
    row = scenario.site(site)
    sites = scenario.world.sites
    if sites.kind[row] != SiteKind.TERMINAL:
        raise InputError(f"{site!r} is no terminal; name one")
    if not 0.0 <= duration_s <= 60.0 * _MAX_MINUTES:
        raise InputError(f"a span of {duration_s / 60.0:g} minutes should be between 0 and {_MAX_MINUTES:g}")
    service = scenario.service
    rules = ScheduleRules() if service is None else service.schedule
    end_ns = time_ns + round(duration_s * 1e9)
    begins = _slots(time_ns, end_ns, rules)
    instants = np.arange(time_ns, end_ns + 1, _TRACK_STEP_NS, dtype=np.int64)
    lower = replace(sites, min_elevation_rad=np.minimum(sites.min_elevation_rad, LOWEST_RAD))
    links = find_links(lower, scenario.propagate(instants), site_rows=np.array([row], dtype=np.int64))
    usable = links.usable & (links.elevation_rad >= sites.min_elevation_rad[row])
    serving, why = _routed(scenario, row, begins) if service is None else _scheduled(scenario, row, begins)
    return DishSky(
        site=site,
        latitude_rad=float(sites.latitude_rad[row]),
        longitude_rad=float(sites.longitude_rad[row]),
        height_m=float(sites.height_m[row]),
        min_elevation_rad=float(sites.min_elevation_rad[row]),
        gso_exclusion_rad=float(sites.gso_exclusion_rad[row]),
        tilt_rad=float(sites.tilt_rad[row]),
        field_of_view_rad=float(sites.field_of_view_rad[row]),
        satellites=scenario.world.satellites.ids,
        time_ns=instants,
        links=replace(links, usable=usable),
        slot_ns=begins,
        serving=serving,
        why=why,
        mask=mask,
    )


def _slots(first_ns: int, last_ns: int, rules: ScheduleRules) -> Ints:
    """Begins of all slots between two instants, the one that contains the first included."""
    begin = int(slot_begin(np.array([first_ns]), rules)[0])
    return np.arange(begin, last_ns + 1, slot_ns(rules), dtype=np.int64)


def _scheduled(scenario: Scenario, row: int, begins: Ints) -> tuple[Ints32, tuple[str, ...]]:
    """The satellite that the scheduler gives a terminal, slot after slot, and why it gives none."""
    scheduler, network = Scheduler.of(scenario), Network.of(scenario)
    terminals = TerminalShares.of(scheduler)
    ephemeris = scenario.propagate(begins)
    lasers: Lasers | None = None
    before: StepPlan | None = None
    satellite, reason = np.full(len(begins), -1, np.int32), np.zeros(len(begins), np.uint8)
    for step, time_ns in enumerate(begins.tolist()):
        position_m, valid = ephemeris.position_itrf_m[step], ephemeris.valid[step]
        lasers = network.lasers(time_ns, position_m, valid, before=lasers)
        before = scheduler.step(time_ns, position_m, valid, lasers, before=before)
        serving = terminals.serving(before)
        satellite[step], reason[step] = serving.satellite[row], serving.reason[row]
    return satellite, _words(satellite, [unserved_phrase(int(code)) for code in reason])


def _routed(scenario: Scenario, row: int, begins: Ints) -> tuple[Ints32, tuple[str, ...]]:
    """The satellite by which a terminal's own flow enters, and why it has no path."""
    ephemeris: Ephemeris = scenario.propagate(begins)
    routes = route(scenario, ephemeris)
    flow = int(np.flatnonzero(routes.flows.source == row)[0])
    satellite = routes.entry_satellite[:, flow].astype(np.int32)
    return satellite, _words(satellite, [reason_phrase(int(code)) for code in routes.reason[:, flow]])


def _words(satellite: Ints32, phrases: Sequence[str]) -> tuple[str, ...]:
    """Words where no satellite serves, nothing elsewhere."""
    return tuple("" if row >= 0 else phrase for row, phrase in zip(satellite.tolist(), phrases, strict=True))
