"""Measured round-trip times of sites, and what they are compared with: quantiles of light and of what is added to it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from skycommons.base.arrays import Floats
from skycommons.plan.latency import LatencyModel, rtt_quantiles
from skycommons.plan.light_times import LightTimes, light_times
from skycommons.studies.measured_network import MeasuredNetwork, NetworkFiles, Place, network_of
from skycommons.studies.measured_table import read_measured

QUANTILE_NAMES: Final = ("min", "p10", "p50", "p90", "p99")
_SHARES: Final = (0.1, 0.5, 0.9, 0.99)
_UNKNOWN_COUNT: Final = 5_000  # probes of a row that does not say; the least of so many is what "min" means


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SiteTimes:
    """``F`` measured sites.

    Attributes:
        names: Of the sites, in the order of the file.
        places: Where they are.
        probes: ``(F,)`` how many packets were measured.
        measured_s: ``(5, F)`` quantiles by `QUANTILE_NAMES`.
    """

    names: tuple[str, ...]
    places: tuple[Place, ...]
    probes: Floats
    measured_s: Floats

    @property
    def shares(self) -> Floats:
        """``(5, F)`` shares of packets below the quantiles; the least of n packets is the median of such least ones."""
        least = -np.expm1(-np.log(2.0) / self.probes)
        return np.stack([least, *(np.full(len(self.names), share) for share in _SHARES)])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SiteSamples:
    """Sites with their light times.

    Attributes:
        sites: What was measured.
        network: In which network.
        light: One flow for each site.
    """

    sites: SiteTimes
    network: MeasuredNetwork
    light: LightTimes

    def computed_s(self, model: LatencyModel) -> Floats:
        """``(5, F)`` quantiles under a model."""
        times_s = model.light_there_and_back_s(self.light.light_s, self.light.laser_hops)
        return rtt_quantiles(model, times_s, self.sites.shares, weight=self.light.weight)


def read_sites(path: Path) -> SiteTimes:
    """Read measurements and pool the rows of each site.

    Quantiles are means weighted by the number of packets, the minimum is the least.

    Args:
        path: CSV with ``site, latitude_deg, longitude_deg, pop, min_ms, p10_ms, p50_ms, p90_ms, p99_ms``; ``n`` and ``pop``
            may be missing, ``pop`` may be empty.
    Raises:
        DocumentError: The file has faults.
    """
    columns = tuple(f"{name}_ms" for name in QUANTILE_NAMES)
    table = read_measured(
        path,
        words=("site", "pop"),
        numbers={
            "latitude_deg": (-90.0, 90.0),
            "longitude_deg": (-180.0, 180.0),
            "n": (1.0, 1e12),
            **dict.fromkeys(columns, (0.0, 1e6)),
        },
        may_be_empty=("pop",),
        may_lack=("pop", "n"),
    )
    rows_of: dict[str, list[int]] = {}
    for row, site in enumerate(table.words["site"]):
        rows_of.setdefault(site, []).append(row)
    probes = np.where(np.isnan(table.numbers["n"]), _UNKNOWN_COUNT, table.numbers["n"])
    quantiles_s = np.stack([table.numbers[name] for name in columns]) / 1e3
    pooled = []
    for rows in rows_of.values():
        mean_s = np.average(quantiles_s[:, rows], axis=1, weights=probes[rows])
        mean_s[0] = quantiles_s[0, rows].min()
        pooled.append(mean_s)
    return SiteTimes(
        names=tuple(rows_of),
        places=tuple(
            Place(
                latitude_deg=float(table.numbers["latitude_deg"][rows[0]]),
                longitude_deg=float(table.numbers["longitude_deg"][rows[0]]),
                pop=next((table.words["pop"][row] for row in rows if table.words["pop"][row]), ""),
            )
            for rows in rows_of.values()
        ),
        probes=np.array([probes[rows].sum() for rows in rows_of.values()]),
        measured_s=np.stack(pooled, axis=1),
    )


def site_samples(path: Path, files: NetworkFiles) -> SiteSamples:
    """Read measurements and compute the light times of their sites.

    Raises:
        InputError: A file has faults, or names a PoP that is not in the list.
    """
    sites = read_sites(path)
    network = network_of(sites.places, files)
    return SiteSamples(sites=sites, network=network, light=light_times(network.scenario, network.ephemeris()))
