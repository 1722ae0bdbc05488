"""The operator's medians by country, and what they are compared with."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from skycommons.base.arrays import Floats
from skycommons.base.errors import DocumentError, Fault
from skycommons.model.iso_codes import alpha2_of_alpha3
from skycommons.plan.latency import LatencyModel, rtt_quantiles
from skycommons.plan.light_times import LightTimes, light_times
from skycommons.studies.country_places import CountryPlaces, country_places
from skycommons.studies.country_rates import RateModel
from skycommons.studies.measured_network import MeasuredNetwork, NetworkFiles, network_of
from skycommons.studies.measured_table import read_measured

_MEDIAN: Final = np.array([0.5])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CountryMetrics:
    """``C`` countries, in the order of the file.

    Attributes:
        codes: Three letters of ISO 3166-1.
        latency_s: ``(C,)`` median round trip; NaN where it is not known.
        download_bps, upload_bps: ``(C,)`` medians.
    """

    codes: tuple[str, ...]
    latency_s: Floats
    download_bps: Floats
    upload_bps: Floats


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CountrySamples:
    """Countries with the light times of their places.

    Attributes:
        codes: Three letters of those that have a place, in the order of the file.
        left_out: Those that have none.
        latency_s, download_bps, upload_bps: ``(C,)`` measured.
        places: ``C`` countries.
        network: In which network.
        light: One flow for each country.
    """

    codes: tuple[str, ...]
    left_out: tuple[str, ...]
    latency_s: Floats
    download_bps: Floats
    upload_bps: Floats
    places: CountryPlaces
    network: MeasuredNetwork
    light: LightTimes

    def computed_s(self, model: LatencyModel) -> Floats:
        """``(C,)`` median round trips under a model."""
        times_s = model.light_there_and_back_s(self.light.light_s, self.light.laser_hops)
        return np.asarray(rtt_quantiles(model, times_s, _MEDIAN, weight=self.light.weight)[0])

    def rate_bps(self, model: RateModel) -> Floats:
        """``(C,)`` median rates under a model."""
        return model.rate_bps(self.places.people_near(), self.places.wet_refractivity())


def read_countries(path: Path) -> CountryMetrics:
    """Read medians by country.

    Args:
        path: CSV with ``iso3, latency_p50_ms, download_p50_mbps, upload_p50_mbps``; numbers may be empty.
    Raises:
        DocumentError: The file has faults, or names a code that ISO 3166-1 does not have, or one twice.
    """
    numbers = dict.fromkeys(("latency_p50_ms", "download_p50_mbps", "upload_p50_mbps"), (1e-3, 1e6))
    table = read_measured(path, words=("iso3",), numbers=numbers, may_be_empty=tuple(numbers))
    codes = tuple(code.upper() for code in table.words["iso3"])
    known = alpha2_of_alpha3()
    faults = [
        Fault(f"row {row}", f"{code!r} is no code of ISO 3166-1")
        for row, code in enumerate(codes, 1)
        if code not in known
    ]
    faults += [
        Fault(f"row {row}", f"{code} stands there twice")
        for row, code in enumerate(codes, 1)
        if code in codes[: row - 1]
    ]
    if faults:
        raise DocumentError(path.name, faults)
    return CountryMetrics(
        codes=codes,
        latency_s=table.numbers["latency_p50_ms"] / 1e3,
        download_bps=table.numbers["download_p50_mbps"] * 1e6,
        upload_bps=table.numbers["upload_p50_mbps"] * 1e6,
    )


def country_samples(path: Path, files: NetworkFiles) -> CountrySamples:
    """Read medians and compute the light times of their countries.

    Raises:
        InputError: A file has faults, or no country has a place.
    """
    metrics = read_countries(path)
    known = alpha2_of_alpha3()
    places = country_places([known[code] for code in metrics.codes])
    rows = [row for row, code in enumerate(metrics.codes) if known[code] in places.codes]
    if not rows:
        raise DocumentError(path.name, [Fault("file", "names no country that has a listed town")])
    network = network_of(places.places, files)
    light = light_times(network.scenario, network.ephemeris())
    return CountrySamples(
        codes=tuple(metrics.codes[row] for row in rows),
        left_out=tuple(code for code in metrics.codes if known[code] not in places.codes),
        latency_s=metrics.latency_s[rows],
        download_bps=metrics.download_bps[rows],
        upload_bps=metrics.upload_bps[rows],
        places=places,
        network=network,
        light=_by_country(light, places),
    )


def _by_country(light: LightTimes, places: CountryPlaces) -> LightTimes:
    """A flow for each country from those of its places."""
    rows = [np.flatnonzero(places.country == country) for country in range(len(places.codes))]
    return light.joined(rows, places.share)
