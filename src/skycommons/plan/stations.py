"""The ground segment in a slot: which satellites are fed, how they reach the PoPs, and what their feeders carry.

Rules: gateways and PoPs are prepared apart from the terminals, of which there may be millions; what comes out speaks of rows
in the scenario's own site table. A feeder link that carries nothing in the weather of the slot feeds nobody.
"""

from dataclasses import dataclass, replace

import numpy as np

from skycommons.base.arrays import Bools, Floats, Ints, Ints32
from skycommons.model.rules import ClearSky, FixedExceedance
from skycommons.model.scenario import Scenario
from skycommons.model.world import SiteKind
from skycommons.plan.backhaul import Backhaul, BackhaulPlanner, feeder_rates
from skycommons.plan.lasers import Lasers
from skycommons.plan.radio import Radio, Skies


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StationsNow:
    """The ground segment in one slot.

    Attributes:
        backhaul: Ways of ``S`` satellites to the PoPs, in rows of the scenario's sites.
        forward_bps, return_bps: ``(S,)`` what each satellite's feeder carries up to it and down from it.
    """

    backhaul: Backhaul
    forward_bps: Floats
    return_bps: Floats


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Stations:
    """Gateways and PoPs of a scenario, prepared.

    Attributes:
        rows: ``(N,)`` site rows, ascending.
        planner: Of the ways over them.
        radio: Of their feeder links.
        steady: The air over them where weather does not change.
    """

    rows: Ints
    planner: BackhaulPlanner
    radio: Radio
    steady: Skies | None

    @staticmethod
    def of(scenario: Scenario) -> "Stations":
        """Prepare a scenario."""
        rows = np.flatnonzero(scenario.world.sites.kind != SiteKind.TERMINAL)
        ground = scenario.replace(service=None).at_sites(rows)
        radio = Radio.of(ground)
        is_steady = isinstance(scenario.radio.weather, ClearSky | FixedExceedance)
        return Stations(
            rows=rows,
            planner=BackhaulPlanner.of(ground),
            radio=radio,
            steady=radio.skies(scenario.start_ns) if is_steady else None,
        )

    def at(
        self, time_ns: int, position_itrf_m: Floats, valid: Bools, *, lasers: Lasers, gateway: Ints32 | None = None
    ) -> StationsNow:
        """The ground segment in a slot.

        Args:
            time_ns: Instant of the weather, UTC unix ns.
            position_itrf_m: ``(S, 3)``; ``valid`` ``(S,)``.
            valid: Which satellites have a position.
            lasers: Of the slot.
            gateway: ``(S,)`` site row of the gateway that fed each satellite in the slot before; -1 for none.
        """
        skies = self.radio.skies(time_ns) if self.steady is None else self.steady
        here = self.planner.at(
            *(position_itrf_m, valid, lasers),
            gateway=None if gateway is None else self._of_planner(gateway),
            closing=lambda seen: self.radio.closing(seen, skies, position_itrf_m),
        )
        forward_bps, return_bps = feeder_rates(self.radio, skies, here, position_itrf_m)
        world = replace(here, gateway=self._in_world(here.gateway).astype(np.int32), pops=self._in_world(here.pops))
        return StationsNow(backhaul=world, forward_bps=forward_bps, return_bps=return_bps)

    def avoiding(self, now: StationsNow, lasers: Lasers, detour_m: Floats) -> StationsNow:
        """The same feeders with other ways to them.

        Args:
            now: Of the slot, made by these stations.
            lasers: Of the slot.
            detour_m: ``(S,)`` worth going to avoid landing at each satellite, metres of vacuum.
        """
        planned = replace(now.backhaul, gateway=self._of_planner(now.backhaul.gateway))
        other = self.planner.avoiding(planned, lasers, detour_m)
        return replace(now, backhaul=replace(other, gateway=now.backhaul.gateway, pops=now.backhaul.pops))

    def _of_planner(self, gateway: Ints32) -> Ints32:
        """Rows among the stations of gateways by their rows in the world; -1 stays."""
        return np.where(gateway >= 0, np.searchsorted(self.rows, gateway), -1).astype(np.int32)

    def _in_world(self, station: Ints | Ints32) -> Ints:
        """Site rows of stations; -1 stays."""
        return np.append(self.rows, -1)[station]
