"""What a path can carry: the least of the links it crosses, with the weather as it is.

Rules: a rate is what one terminal would get if it had a beam to itself; who shares a beam with whom is not decided here.
Flows that enter by the same satellite keep its limit together. A satellite that decodes passes the slower half; one that
only shifts and amplifies adds the noise of both. A flow without a path gets nothing.
"""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from skycommons.base.arrays import Bools, Bytes, Floats, Ints
from skycommons.model.equipment import Processing
from skycommons.model.scenario import Scenario
from skycommons.model.world import SiteKind
from skycommons.plan.capacity import within_satellite_limit
from skycommons.plan.flows import Flows
from skycommons.plan.radio import LinkRates, Radio, Skies
from skycommons.plan.routes import StepRoutes
from skycommons.radio.combining import bent_pipe_cn_db


class Limit(IntEnum):
    """What holds a path's downlink down."""

    NO_PATH = 0
    OWN_LINK = 1
    FAR_LINK = 2
    LASER = 3
    SATELLITE = 4
    CELL = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class PathRates:
    """Rates of ``F`` flows at one step.

    Attributes:
        down_bps, up_bps: ``(F,)`` to the flow's source and from it; 0 without a path.
        limit: ``(F,)`` `Limit` of the downlink.
        cn_db: ``(F,)`` carrier over noise and interference of the source's own downlink; NaN without a path.
        fade_db: ``(F,)`` what the weather takes from that downlink beyond a clear sky; NaN without a path.
    """

    down_bps: Floats
    up_bps: Floats
    limit: Bytes
    cn_db: Floats
    fade_db: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class PathRater:
    """A scenario prepared for the rates of its paths.

    Attributes:
        scenario: The scenario.
        flows: Who talks to whom.
        radio: Its links.
        clear_skies: Over all sites; the same at every step.
        bent_pipe: ``(S,)`` satellites that only shift and amplify.
        down_limit_bps, up_limit_bps: ``(S,)`` of whole satellites.
    """

    scenario: Scenario
    flows: Flows
    radio: Radio
    clear_skies: Skies
    bent_pipe: Bools
    down_limit_bps: Floats
    up_limit_bps: Floats

    @staticmethod
    def of(scenario: Scenario, flows: Flows, radio: Radio) -> "PathRater":
        """Prepare a scenario."""
        payloads = scenario.world.equipment.payloads

        def column(values: list[float]) -> Floats:
            return np.array(values, dtype=np.float64)[radio.payload]

        return PathRater(
            scenario=scenario,
            flows=flows,
            radio=radio,
            clear_skies=radio.clear_skies(),
            bent_pipe=np.array([payload.processing is Processing.BENT_PIPE for payload in payloads])[radio.payload],
            down_limit_bps=column([payload.down_limit_bps for payload in payloads]),
            up_limit_bps=column([payload.up_limit_bps for payload in payloads]),
        )

    def rates(self, routes: StepRoutes, skies: Skies, position_itrf_m: Floats) -> PathRates:
        """Rates of all flows' best paths under these skies.

        Args:
            routes: Of the step.
            skies: Of its instant, or clear ones.
            position_itrf_m: ``(S, 3)``.
        """
        has_path = routes.entry_satellite[:, 0] >= 0
        down, up = np.zeros((2, len(has_path)))
        limit = np.full(len(has_path), int(Limit.NO_PATH), dtype=np.uint8)
        cn, fade = np.full((2, len(has_path)), np.nan)
        flow = np.flatnonzero(has_path)
        entry = routes.entry_satellite[flow, 0].astype(np.int64)
        own = self.radio.links(skies, self.flows.source[flow], entry, position_itrf_m)
        far_site = routes.exit_site[flow, 0].astype(np.int64)
        far_satellite = routes.exit_satellite[flow, 0].astype(np.int64)
        far = self.radio.links(skies, far_site, far_satellite, position_itrf_m)
        is_bent = self.bent_pipe[entry] & (routes.laser_hops[flow, 0] == 0) & self._is_gateway(far_site)
        laser_bps = np.where(routes.laser_hops[flow, 0] > 0, self.scenario.lasers.rate_bps, np.inf)
        down[flow], limit[flow] = self._downlink(entry, own, far, is_bent=is_bent, laser_bps=laser_bps)
        up[flow] = self._uplink(entry, own, far, is_bent=is_bent, laser_bps=laser_bps)
        cn[flow], fade[flow] = own.down_cn_db, own.fade_db
        return PathRates(down_bps=down, up_bps=up, limit=limit, cn_db=cn, fade_db=fade)

    def _downlink(
        self, entry: Ints, own: LinkRates, far: LinkRates, *, is_bent: Bools, laser_bps: Floats
    ) -> tuple[Floats, Bytes]:
        """Rate towards the source, and what limits it."""
        own_bps = self._through(own.down_bps, own.down_cn_db, far.up_cn_db, is_bent=is_bent)
        parts = np.stack([own_bps, far.up_bps, laser_bps])
        alone_bps = parts.min(axis=0)
        kept_bps = within_satellite_limit(alone_bps, entry, self.down_limit_bps)
        limit = np.where(kept_bps < alone_bps, int(Limit.SATELLITE), parts.argmin(axis=0) + int(Limit.OWN_LINK))
        return kept_bps, limit.astype(np.uint8)

    def _uplink(self, entry: Ints, own: LinkRates, far: LinkRates, *, is_bent: Bools, laser_bps: Floats) -> Floats:
        """Rate from the source."""
        own_bps = self._through(own.up_bps, own.up_cn_db, far.down_cn_db, is_bent=is_bent)
        alone_bps = np.minimum(np.minimum(own_bps, far.down_bps), laser_bps)
        return within_satellite_limit(alone_bps, entry, self.up_limit_bps)

    def _through(self, own_bps: Floats, own_cn_db: Floats, far_cn_db: Floats, *, is_bent: Bools) -> Floats:
        """The service link's rate where a bent pipe adds the feeder's noise to it."""
        rules = self.scenario.radio
        alone = rules.service_law.efficiency(own_cn_db, rules.margin)
        both = rules.service_law.efficiency(bent_pipe_cn_db(far_cn_db, own_cn_db), rules.margin)
        share = np.divide(both, alone, out=np.zeros_like(alone), where=alone > 0.0)
        return np.where(is_bent, own_bps * share, own_bps)

    def _is_gateway(self, site: Ints) -> Bools:
        """Which sites are gateways."""
        return np.asarray(self.scenario.world.sites.kind[site] == SiteKind.GATEWAY)
