"""Routes and rates of one instant, by the scheduler's plan of its slot where there is one."""

from collections.abc import Sequence

from skycommons.base.arrays import Bools, Floats
from skycommons.plan.lasers import Lasers
from skycommons.plan.path_rates import PathRater, PathRates
from skycommons.plan.radio import Skies
from skycommons.plan.routes import Network, StepRoutes, route_step
from skycommons.plan.serving import Serving
from skycommons.plan.visibility import View


def planned_step(
    network: Network,
    rater: PathRater,
    *,
    position_itrf_m: Floats,
    valid: Bools,
    lasers: Lasers,
    skies: Sequence[Skies],
    serving: Serving | None,
) -> tuple[StepRoutes, list[PathRates]]:
    """Routes, and their rates under each of some skies.

    Args:
        network: What can be routed over.
        rater: Of its flows.
        position_itrf_m: ``(S, 3)`` of the satellites.
        valid: ``(S,)`` which of them are there.
        lasers: At the instant.
        skies: The first one is that under which links have to close; one at least.
        serving: What the slot's plan gives the sites; None where terminals choose for themselves.
    """

    def links(seen: View) -> View:
        given = seen if serving is None else serving.view(network.horizon, position_itrf_m)
        return rater.radio.closing(given, skies[0], position_itrf_m)

    routes = route_step(network, position_itrf_m, valid, lasers, closing=links)
    rates = [rater.rates(routes, sky, position_itrf_m) for sky in skies]
    if serving is None:
        return routes, rates
    return serving.explained(routes, network.flows), [serving.within(rate, network.flows) for rate in rates]
