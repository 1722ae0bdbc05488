"""``skycommons validate countries``: the operator's medians by country beside computed ones."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from skycommons.cli.console import FOR_PEOPLE, Output

if TYPE_CHECKING:
    from skycommons.studies.validate_countries import Agreement, CountryComparison


def countries(
    *,
    metrics: Annotated[Path, Parameter(help="CSV of medians by country.")],
    catalogue: Annotated[Path, Parameter(help="Element sets near the time of the measurements.")],
    gateways: Annotated[Path, Parameter(help="Gateways: CSV, KML or GeoJSON.")],
    pops: Annotated[Path, Parameter(help="PoPs: CSV, KML or GeoJSON.")],
    hours: Annotated[float, Parameter(help="Span to compute, from the catalogue's median epoch.")] = 3.0,
    parameters: Annotated[
        str | None, Parameter(help="Latency parameters by their month; those nearest to the catalogue unless given.")
    ] = None,
    figure: Annotated[Path | None, Parameter(help="Draw measured over computed medians into this PNG.")] = None,
    output: Output = FOR_PEOPLE,
) -> None:
    """Compare computed latency and rates with the operator's medians, country by country."""
    from skycommons.studies.measured_network import NetworkFiles
    from skycommons.studies.validate_countries import QUANTITIES, validate_countries

    files = NetworkFiles(catalogue=catalogue, gateways=gateways, pops=pops, hours=hours)
    result = validate_countries(metrics, files, parameters=parameters)
    if figure is not None:
        from skycommons.studies.figures_latency import country_medians

        country_medians(result).save(figure)
        output.note(f"{figure} written")
    _show(result, output)
    output.result(
        {
            **{quantity: asdict(result.agreement(quantity)) for quantity in QUANTITIES},
            "held_out": {quantity: asdict(result.held_out(quantity)) for quantity in QUANTITIES},
            "countries": _rows(result),
            "left_out": result.left_out,
            "parameters": result.model.name,
            "assumed_gateways": result.added_gateways,
        }
    )


def _rows(result: "CountryComparison") -> list[dict[str, object]]:
    """What is known of each country."""
    return [
        {
            "iso3": code,
            "in_fit": bool(result.in_fit[row]),
            "measured": _numbers(result, "measured", row),
            "computed": _numbers(result, "computed", row),
            "pops": result.pops[row],
            "laser_hops": float(result.laser_hops[row]),
        }
        for row, code in enumerate(result.codes)
    ]


def _numbers(result: "CountryComparison", side: str, row: int) -> dict[str, float]:
    """A country's medians in the units of the file."""
    columns = result.measured if side == "measured" else result.computed
    return {
        "latency_ms": 1e3 * float(columns["latency"][row]),
        "download_mbps": float(columns["download"][row]) / 1e6,
        "upload_mbps": float(columns["upload"][row]) / 1e6,
    }


def _show(result: "CountryComparison", output: Output) -> None:
    """Agreement, then the countries."""
    from skycommons.studies.validate_countries import QUANTITIES

    output.table(
        "Medians by country, computed against measured",
        [
            "quantity",
            "countries",
            "rank correlation",
            "median error",
            "not in the fit",
            "rank correlation",
            "median error",
        ],
        [
            [quantity, *_words(result.agreement(quantity)), *_words(result.held_out(quantity))]
            for quantity in QUANTITIES
        ],
    )
    output.table(
        "Country by country, measured / computed",
        ["country", "in the fit", "latency ms", "download Mbit/s", "upload Mbit/s", "PoP", "laser hops"],
        [
            [
                row["iso3"],
                "yes" if row["in_fit"] else "no",
                *(
                    f"{measured:.0f} / {computed:.0f}"
                    for measured, computed in zip(
                        _numbers(result, "measured", number).values(),
                        _numbers(result, "computed", number).values(),
                        strict=True,
                    )
                ),
                ", ".join(result.pops[number]),
                f"{result.laser_hops[number]:.1f}",
            ]
            for number, row in enumerate(_rows(result))
        ],
    )
    if result.left_out:
        output.line(f"left out, for want of a listed town: {', '.join(result.left_out)}")
    output.line(f"latency parameters of {result.model.name}; rates of {result.rates[0].name}")


def _words(found: "Agreement") -> list[str]:
    """An agreement's three numbers."""
    return [
        str(found.n),
        "–" if found.rank_correlation is None else f"{found.rank_correlation:.3f}",
        "–" if found.median_error is None else f"{100.0 * found.median_error:.1f} %",
    ]
