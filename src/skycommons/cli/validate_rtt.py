"""``skycommons validate rtt``: measured round-trip times to the PoP beside computed ones."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from skycommons.cli.console import FOR_PEOPLE, Output

if TYPE_CHECKING:
    from skycommons.base.arrays import Floats
    from skycommons.studies.validate_rtt import RttComparison


def rtt(
    *,
    sites: Annotated[Path, Parameter(help="CSV of measured round-trip times by site.")],
    catalogue: Annotated[Path, Parameter(help="Element sets near the time of the measurements.")],
    gateways: Annotated[Path, Parameter(help="Gateways: CSV, KML or GeoJSON.")],
    pops: Annotated[Path, Parameter(help="PoPs: CSV, KML or GeoJSON.")],
    hours: Annotated[float, Parameter(help="Span to compute, from the catalogue's median epoch.")] = 3.0,
    parameters: Annotated[
        str | None, Parameter(help="Latency parameters by their month; those nearest to the catalogue unless given.")
    ] = None,
    figure: Annotated[Path | None, Parameter(help="Draw measured and computed times into this PNG.")] = None,
    output: Output = FOR_PEOPLE,
) -> None:
    """Compare computed round-trip times with measured ones, site by site and quantile by quantile."""
    from skycommons.studies.measured_network import NetworkFiles
    from skycommons.studies.site_latency import QUANTILE_NAMES
    from skycommons.studies.validate_rtt import validate_rtt

    files = NetworkFiles(catalogue=catalogue, gateways=gateways, pops=pops, hours=hours)
    result = validate_rtt(sites, files, parameters=parameters)
    if figure is not None:
        from skycommons.studies.figures_latency import site_quantiles

        site_quantiles(result).save(figure)
        output.note(f"{figure} written")
    for name in result.unlisted_pops:
        output.note(f"note: {pops} has no PoP {name!r}; the nearest by delay stands in")
    _show(result, output)
    output.result(
        {
            "sites": [
                {
                    "site": site.site,
                    "measured_ms": _by_name(QUANTILE_NAMES, site.measured_s),
                    "computed_ms": _by_name(QUANTILE_NAMES, site.computed_s),
                    "error_p50": site.error_p50,
                    "errors": dict(zip(QUANTILE_NAMES, site.errors.tolist(), strict=True)),
                    "pop": site.pop,
                    "light_ms": _by_name(QUANTILE_NAMES, site.light_s),
                    "parts_ms": {part: 1e3 * value for part, value in site.parts_s.items()},
                    "laser_hops": site.laser_hops,
                }
                for site in result.sites
            ],
            "median_error_p50": result.median_error_p50,
            "max_error_p50": result.max_error_p50,
            "parameters": result.model.name,
            "assumed_gateways": result.added_gateways,
            "unlisted_pops": result.unlisted_pops,
        }
    )


def _by_name(names: tuple[str, ...], values_s: "Floats") -> dict[str, float]:
    """Times in milliseconds by the quantiles' names."""
    return dict(zip(names, (1e3 * values_s).tolist(), strict=True))


def _show(result: "RttComparison", output: Output) -> None:
    """Quantiles, parts, and in a line how good it is."""
    from skycommons.studies.site_latency import QUANTILE_NAMES

    output.table(
        "Round-trip time to the PoP, measured / computed (ms)",
        ["site", "PoP", *QUANTILE_NAMES, "error of the median"],
        [
            [
                site.site,
                site.pop or "nearest",
                *(
                    f"{1e3 * measured:.1f} / {1e3 * computed:.1f}"
                    for measured, computed in zip(site.measured_s, site.computed_s, strict=True)
                ),
                f"{100.0 * site.error_p50:.1f} %",
            ]
            for site in result.sites
        ],
    )
    parts = list(result.sites[0].parts_s)
    output.table(
        "Mean parts of the computed times, there and back (ms)",
        ["site", "light, min", "light, median", *(part.replace("_", " ") for part in parts), "laser hops"],
        [
            [
                site.site,
                *(f"{1e3 * site.light_s[place]:.1f}" for place in (0, 2)),
                *(f"{1e3 * site.parts_s[part]:.1f}" for part in parts),
                f"{site.laser_hops:.2f}",
            ]
            for site in result.sites
        ],
    )
    output.line(
        f"error of the median: {100.0 * result.median_error_p50:.1f} % in the middle of the sites, "
        f"{100.0 * result.max_error_p50:.1f} % at most; parameters of {result.model.name}"
    )
    if result.added_gateways:
        output.line(
            f"a gateway is assumed beside {len(result.added_gateways)} PoPs that have none listed within 300 km"
        )
