"""What a run samples beside its flows: coverage by latitude and the spread of elevations.

Coverage is asked at a grid of imaginary terminals of the scenario's usual kind. Sampled steps are spread evenly over the
span, so that the cost does not grow with it.
"""

from dataclasses import dataclass

import numpy as np

from skycommons.base.arrays import Bools, Floats, Ints
from skycommons.model.world import SiteKind, Sites
from skycommons.plan.routes import StepRoutes
from skycommons.plan.visibility import Horizon, view

LATITUDE_STEP_DEG = 5.0
LONGITUDES = 24
ELEVATION_STEP_DEG = 5.0
SAMPLES = 96


@dataclass(frozen=True, slots=True, kw_only=True)
class Probes:
    """A grid of imaginary terminals.

    Attributes:
        latitude_deg: ``(B,)`` centres of the latitude bands.
        horizon: ``B * LONGITUDES`` sites, band by band.
    """

    latitude_deg: Floats
    horizon: Horizon

    @staticmethod
    def like(sites: Sites) -> "Probes":
        """Probes with the median minimum elevation and exclusion of the scenario's terminals."""
        latitude_deg = np.arange(-90.0 + LATITUDE_STEP_DEG / 2, 90.0, LATITUDE_STEP_DEG)
        terminals = sites.rows(SiteKind.TERMINAL)
        usual = terminals if len(terminals) else sites.rows(SiteKind.GATEWAY)

        def median(values: Floats) -> float:
            return float(np.median(values[usual])) if len(usual) else 0.0

        horizon = Horizon.grid(
            np.radians(latitude_deg),
            LONGITUDES,
            min_elevation_rad=median(sites.min_elevation_rad),
            gso_exclusion_rad=median(sites.gso_exclusion_rad),
        )
        return Probes(latitude_deg=latitude_deg, horizon=horizon)

    def at(self, position_itrf_m: Floats, valid: Bools, served: Bools) -> tuple[Floats, Floats]:
        """Shares ``(B,)`` of each band that see a satellite, and that see one from which a PoP can be reached."""
        seen = view(self.horizon, position_itrf_m, valid)
        sees = seen.counts() > 0
        running = np.concatenate([[0], np.cumsum(served[seen.sat])])
        reaches = running[seen.start[1:]] > running[seen.start[:-1]]
        return sees.reshape(-1, LONGITUDES).mean(axis=1), reaches.reshape(-1, LONGITUDES).mean(axis=1)


def sampled_steps(steps: int) -> Ints:
    """Which steps are sampled, at most `SAMPLES`, first and last included."""
    return np.unique(np.linspace(0, steps - 1, min(steps, SAMPLES)).round().astype(np.int64))


def elevation_edges_deg() -> Floats:
    """Lower edges of the elevation bins."""
    return np.arange(0.0, 90.0, ELEVATION_STEP_DEG)


def elevation_counts(routes: StepRoutes, terminals: Ints) -> tuple[Ints, Ints]:
    """Usable links of the terminals by elevation ``(K,)``, and those that serve."""
    edges = np.append(elevation_edges_deg(), 90.0 + 1e-9)
    seen = routes.view
    of_terminal = np.zeros(len(seen.start) - 1, dtype=np.bool_)
    of_terminal[terminals] = True
    sines = seen.sine_elevation[np.repeat(of_terminal, seen.counts())]
    candidates = np.degrees(np.arcsin(np.clip(sines, -1.0, 1.0)))
    serving = np.degrees(routes.entry_elevation_rad[:, 0])
    return (
        np.histogram(candidates, edges)[0].astype(np.int64),
        np.histogram(serving[np.isfinite(serving)], edges)[0].astype(np.int64),
    )
