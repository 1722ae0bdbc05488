"""Our round-trip times beside those measured at real terminals.

Light's travel time comes from geometry, lasers and fibre; what radio, queues and machines add comes from a model with few
parameters (`skycommons.plan.latency`), which is fitted to seven sites. Both parts are reported, so that one sees what the
geometry explains and what the fit does.
"""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from skycommons.base.arrays import Floats
from skycommons.base.errors import InputError
from skycommons.plan.latency import LatencyModel, model_named, model_near
from skycommons.studies.fit_latency import relative_errors
from skycommons.studies.measured_network import NetworkFiles
from skycommons.studies.site_latency import QUANTILE_NAMES, SiteSamples, site_samples

_P50 = QUANTILE_NAMES.index("p50")


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteComparison:
    """One site.

    Attributes:
        site: Name of the place.
        pop: PoP that its traffic is taken to; empty for the nearest by delay.
        measured_s, computed_s: ``(5,)`` minimum, 10 %, median, 90 % and 99 % of the round trip.
        light_s: ``(5,)`` the same of twice the light alone.
        parts_s: Mean of each part of the round trip, by name.
        laser_hops: Mean number of lasers crossed.
    """

    site: str
    pop: str
    measured_s: Floats
    computed_s: Floats
    light_s: Floats
    parts_s: dict[str, float]
    laser_hops: float

    @property
    def errors(self) -> Floats:
        """``(5,)`` how far each quantile is off, as a share of the measured one."""
        return relative_errors(self.computed_s, self.measured_s)

    @property
    def error_p50(self) -> float:
        """How far the median is off."""
        return float(self.errors[_P50])


@dataclass(frozen=True, slots=True, kw_only=True)
class RttComparison:
    """All sites.

    Attributes:
        sites: In the order of the file.
        model: What was added to the light.
        added_gateways: PoPs beside which a gateway was assumed.
        unlisted_pops: Named by the measurements and not in the list; the nearest by delay stands in.
    """

    sites: tuple[SiteComparison, ...]
    model: LatencyModel
    added_gateways: tuple[str, ...] = field(default=())
    unlisted_pops: tuple[str, ...] = field(default=())

    @property
    def errors(self) -> Floats:
        """``(F, 5)``."""
        return np.stack([site.errors for site in self.sites])

    @property
    def median_error_p50(self) -> float:
        """Median over the sites of how far their medians are off; sites without a way to their PoP do not count."""
        return float(np.nanmedian(self.errors[:, _P50]))

    @property
    def max_error_p50(self) -> float:
        """The largest of them."""
        return float(np.nanmax(self.errors[:, _P50]))


def validate_rtt(sites: Path, files: NetworkFiles, *, parameters: str | None = None) -> RttComparison:
    """Compare every measured site.

    Args:
        sites: As `site_latency.read_sites` takes them.
        files: The network; a catalogue near the time of the measurements.
        parameters: Name of the latency parameters; those nearest to the catalogue unless given.
    Raises:
        InputError: A file is missing, has faults, or names a PoP that is not in the list; there are no such parameters; or
            no site has a way to its PoP.
    """
    named = None if parameters is None else model_named(parameters)
    samples = site_samples(sites, files)
    model = model_near(samples.network.scenario.start_ns) if named is None else named
    result = compare(samples, model)
    if np.isnan(result.errors[:, _P50]).all():
        raise InputError(
            f"{sites.name}: no site ever has a way to its PoP in this network; look at gateways and catalogue"
        )
    return result


def compare(samples: SiteSamples, model: LatencyModel) -> RttComparison:
    """Sites whose light times are known, under a model."""
    computed_s, light = samples.computed_s(model), samples.light
    light_s = _light_quantiles(samples)
    means = {
        "user_link": 2.0 * light.mean_of(light.user_s),
        "lasers_and_feeder": 2.0 * light.mean_of(light.light_s - light.user_s - light.fibre_s),
        "fibre": 2.0 * light.mean_of(light.fibre_s),
    }
    rest = {
        "fixed": model.fixed_s,
        "wait": model.wait_s,
        "boundary": model.boundary_share * model.boundary_extra_s,
    }
    hops = light.mean_of(light.laser_hops)
    return RttComparison(
        sites=tuple(
            SiteComparison(
                site=name,
                pop=samples.network.pop_names[row],
                measured_s=samples.sites.measured_s[:, row],
                computed_s=computed_s[:, row],
                light_s=light_s[:, row],
                parts_s={**{part: float(mean[row]) for part, mean in means.items()}, **rest},
                laser_hops=float(hops[row]),
            )
            for row, name in enumerate(samples.sites.names)
        ),
        model=model,
        added_gateways=samples.network.added,
        unlisted_pops=samples.network.unlisted,
    )


def _light_quantiles(samples: SiteSamples) -> Floats:
    """``(5, F)`` quantiles of twice the light; the first is the least."""
    columns = []
    for row in range(len(samples.sites.names)):
        some = samples.light.weight[:, row] > 0.0
        times_s, mass = samples.light.light_s[some, row], samples.light.weight[some, row]
        if not len(times_s):
            columns.append(np.full(len(QUANTILE_NAMES), np.nan))
            continue
        order = np.argsort(times_s)
        place = np.searchsorted(np.cumsum(mass[order]) / mass.sum(), samples.sites.shares[1:, row])
        later_s = times_s[order][np.minimum(place, len(order) - 1)]
        columns.append(2.0 * np.concatenate([[times_s.min()], later_s]))
    return np.stack(columns, axis=1)
