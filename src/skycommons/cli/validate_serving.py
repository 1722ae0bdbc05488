"""``skycommons validate serving``: the satellite that really served a dish, beside those that policies would take."""

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

from cyclopts import Parameter

from skycommons.cli.console import FOR_PEOPLE, Output

if TYPE_CHECKING:
    from skycommons.base.arrays import Floats
    from skycommons.studies.validate_serving import ServingComparison, ServingDistribution

_QUANTILE_NAMES: Final = ("min", "p5", "p25", "p50", "p75", "p95", "max")


def serving(
    *,
    serving: Annotated[Path, Parameter(help="CSV of the satellite that served, second by second.")],
    candidates: Annotated[Path, Parameter(help="JSON of the satellites in view, slot by slot; may be gzipped.")],
    catalogue: Annotated[Path, Parameter(help="Element sets of that day.")],
    latitude_deg: Annotated[float, Parameter(name="--lat", help="Latitude of the dish, degrees north.")],
    longitude_deg: Annotated[float, Parameter(name="--lon", help="Longitude of the dish, degrees east.")],
    gateways: Annotated[
        Path | None, Parameter(help="Gateways: CSV, KML or GeoJSON; the built-in ones unless given.")
    ] = None,
    pops: Annotated[Path | None, Parameter(help="PoPs: CSV, KML or GeoJSON; the built-in ones unless given.")] = None,
    radius_km: Annotated[float, Parameter(help="How far around the dish people ask for service.")] = 1200.0,
    subscribers_per_1000_people: Annotated[
        float | None, Parameter(help="Subscribers of 1,000 people; the world's mean of that time unless given.")
    ] = None,
    most_slots: Annotated[
        int, Parameter(name="--slots", help="Most slots that the scheduler runs through, spread over the measurement.")
    ] = 300,
    runs: Annotated[int, Parameter(help="How often it does so.")] = 1,
    seed: Annotated[int, Parameter(help="Of the draws.")] = 1,
    figure: Annotated[Path | None, Parameter(help="Draw the elevations into this PNG.")] = None,
    output: Output = FOR_PEOPLE,
) -> None:
    """Score the measured choice of the serving satellite under each policy, and run the scheduler beside it."""
    from skycommons.studies.serving_runs import Surroundings
    from skycommons.studies.validate_serving import validate_serving

    around = Surroundings(
        gateways=gateways,
        pops=pops,
        radius_m=1e3 * radius_km,
        subscriber_share=None if subscribers_per_1000_people is None else subscribers_per_1000_people / 1e3,
        most_slots=most_slots,
        runs=runs,
        seed=seed,
    )
    with output.progress("Scheduling", None) as advance:
        result = validate_serving(
            serving,
            candidates,
            catalogue=catalogue,
            latitude_deg=latitude_deg,
            longitude_deg=longitude_deg,
            surroundings=around,
            progress=advance,
        )
    if figure is not None:
        from skycommons.studies.figures_serving import served_elevations

        served_elevations(result).save(figure)
        output.note(f"{figure} written")
    _show(result, output)
    output.result(_document(result))


def _document(result: "ServingComparison") -> dict[str, object]:
    """Everything, for programs."""
    return {
        "policies": result.policies,
        "real": _answer(result.real),
        "scheduled": _answer(result.scheduled),
        "alone": _answer(result.alone),
        "scheduler": {
            "slots": len(result.runs.rows),
            "runs": len(result.runs.taken),
            "cells": result.runs.cells,
            "requests": result.runs.requests,
            "subscribers_per_1000_people": 1e3 * result.runs.subscriber_share,
            "load_mean": result.runs.load_mean,
            "unserved_share": result.unserved_share,
        },
        "slots": {"with_candidates": result.slots, "unmatched": result.unmatched, "left_out": result.left_out},
        "catalogue": {
            "candidates_found_share": result.in_catalogue,
            "direction_error_deg": dict(
                zip(("p50", "p99"), (math.degrees(angle) for angle in result.direction_error_rad), strict=True)
            ),
        },
    }


def _show(result: "ServingComparison", output: Output) -> None:
    """Two tables and what was left out."""
    output.table(
        "The real choice under each policy",
        ["policy", "slots", "log-likelihood per slot", "real choice is its first", "in its first three"],
        [
            [
                *(row.policy, row.slots),
                "–" if row.log_likelihood_per_slot is None else f"{row.log_likelihood_per_slot:.3f}",
                *(f"{row.top1_share:.3f}", f"{row.top3_share:.3f}"),
            ]
            for row in result.policies
        ],
    )
    sides = [_rows(side) for side in (result.real, result.scheduled, result.alone)]
    output.table(
        "Serving satellites",
        ["", "real", "scheduled", "observed utility alone"],
        [[name, *(side.get(name, "–") for side in sides)] for name in {**sides[0], **sides[1], **sides[2]}],
    )
    ran = result.runs
    output.line(
        f"Scheduled: {len(ran.taken)} run{'s' if len(ran.taken) > 1 else ''} through {len(ran.rows)} slots with "
        f"{ran.cells:,} cells around the dish ({1e3 * ran.subscriber_share:.2g} subscribers of 1,000 people, assumed); its "
        f"satellites were {100 * ran.load_mean:.0f} % full, {100 * result.unserved_share:.1f} % of slots without service."
    )
    if result.unmatched or result.left_out:
        output.line(
            f"{result.unmatched} of {result.slots} slots not scored: the satellite is not named or not among the "
            f"candidates; {result.left_out} without candidates."
        )
    median_deg, most_deg = (math.degrees(angle) for angle in result.direction_error_rad)
    output.line(
        f"{100 * result.in_catalogue:.1f} % of the candidates are in the catalogue; it puts them {median_deg:.1f}° "
        f"(median) and {most_deg:.1f}° (99 %) from where they are listed."
    )


def _rows(distribution: "ServingDistribution") -> dict[str, str]:
    """What people read, line by line."""
    angles_deg = [f"{math.degrees(angle):.1f}" for angle in distribution.elevation_rad]
    return {
        "elevation p5, degrees": angles_deg[1],
        "elevation p25": angles_deg[2],
        "elevation p50": angles_deg[3],
        "elevation p75": angles_deg[4],
        "elevation p95": angles_deg[5],
        "slant range p50, km": f"{distribution.slant_range_m[3] / 1e3:.0f}",
        "to the geostationary arc p5, degrees": f"{math.degrees(distribution.gso_separation_rad[1]):.1f}",
        "served by the highest": f"{distribution.top1_share:.3f}",
        "by one of the highest three": f"{distribution.top3_share:.3f}",
        "median place by elevation": f"{distribution.rank_median:g}",
        "towards the pole": f"{distribution.poleward_share:.3f}",
        "same as in the slot before": f"{distribution.kept_share:.3f}",
        "slots on one satellite": f"{distribution.slots_per_satellite:.2f}",
        **{f"generation {name}": f"{share:.3f}" for name, share in distribution.generation_shares.items()},
        **{f"inclination {name}°": f"{share:.3f}" for name, share in distribution.inclination_shares.items()},
    }


def _answer(distribution: "ServingDistribution") -> dict[str, object]:
    """A distribution, for programs."""
    return {
        "slots": distribution.slots,
        "elevation_deg": _quantiles(distribution.elevation_rad, math.degrees(1.0)),
        "slant_range_km": _quantiles(distribution.slant_range_m, 1e-3),
        "gso_separation_deg": _quantiles(distribution.gso_separation_rad, math.degrees(1.0)),
        "top1_share": distribution.top1_share,
        "top3_share": distribution.top3_share,
        "rank_median": distribution.rank_median,
        "poleward_share": distribution.poleward_share,
        "kept_share": distribution.kept_share,
        "slots_per_satellite": distribution.slots_per_satellite,
        "generation_shares": distribution.generation_shares,
        "inclination_shares": distribution.inclination_shares,
    }


def _quantiles(values: "Floats", factor: float) -> dict[str, float]:
    """By their names, in the unit of the door."""
    return {name: float(value) * factor for name, value in zip(_QUANTILE_NAMES, values, strict=True)}
