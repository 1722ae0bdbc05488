"""The explanation of the slowest terminal as a report shows it: sentences, and a table in the units that people read."""

import json
from typing import Any, Final

import numpy as np
import xarray as xr

from skycommons.model.rules import ClearSky, FixedExceedance
from skycommons.plan.rate_curves import RateCurves
from skycommons.studies.store import LIMITS
from skycommons.studies.summary import megabits

_OWN_LINK: Final = 1  # place in LIMITS
_SHOWN: Final = (("rad", "°", 180.0 / np.pi), ("m", "km", 1e-3), ("bit/s", "Mbit/s", 1e-6), ("Hz", "MHz", 1e-6))
_LEAST_KM_M: Final = 10e3  # shorter lengths stay in metres


def slowest_table(dataset: xr.Dataset) -> dict[str, Any]:
    """What the report's section needs; no rows where no terminal ever had a path."""
    found: dict[str, Any] = json.loads(str(dataset.attrs["slowest"]))
    if not found:
        return {"rows": []}
    return {
        "terminal": found["terminal"],
        "time": found["time"],
        "columns": found["columns"],
        "sentences": slowest_sentences(found),
        "rows": [_row(line) for line in found["lines"]],
    }


def slowest_curves(dataset: xr.Dataset) -> RateCurves | None:
    """Rates of the slowest terminal against elevation, for a picture; None where no terminal ever had a path."""
    curves: dict[str, Any] = json.loads(str(dataset.attrs["slowest"])).get("curves", {})
    if not curves:
        return None
    return RateCurves(
        elevation_rad=np.array(curves["elevation_rad"]),
        weathers=tuple(
            ClearSky() if share is None else FixedExceedance(exceedance=share) for share in curves["exceedances"]
        ),
        down_bps=np.array(curves["down_bps"]),
        up_bps=np.array(curves["up_bps"]),
    )


def slowest_sentences(found: dict[str, Any]) -> list[str]:
    """The explanation in words.

    Args:
        found: As `explain_slowest` gives it.
    """
    overhead, clear, then = (megabits(rate_bps) for rate_bps in found["rates_bps"])
    elevation_deg = np.degrees(found["elevation_rad"])
    least = (
        f"{found['terminal']} gets least of all terminals that ever had a path: {megabits(found['mean_rate_down_bps'])} on average, and "
        f"{megabits(found['rate_down_bps'])} at {found['time']}, its slowest moment with a path."
    )
    why = (
        f"{found['satellite']} straight overhead would give it {overhead} under a clear sky. It stood at "
        f"{elevation_deg:.0f}°, where distance and steering leave {clear}; {_weather_words(found)} {then}."
    )
    sentences = [least, why]
    if found["limit"] != _OWN_LINK:
        sentences.append(f"What held the path down at that moment was {LIMITS[found['limit']]}.")
    return sentences


def _weather_words(found: dict[str, Any]) -> str:
    """How rare the weather of that moment was."""
    share = found["exceedance"]
    if share is None:
        return "the sky was clear, which left"
    return f"the weather of that moment, which is worse there for {100.0 * share:.2g} % of an average year, left"


def _row(line: dict[str, Any]) -> dict[str, Any]:
    """One line in the units that people read."""
    values = line["values"]
    numbers = [abs(value) for value in values if isinstance(value, float)]
    unit, factor = line["unit"], 1.0
    for inner, outer, scale in _SHOWN:
        if unit == inner and not (inner == "m" and max(numbers, default=0.0) < _LEAST_KM_M):
            unit, factor = outer, scale
            break
    return {
        "name": line["name"],
        "cells": [_cell(value, factor) for value in values],
        "unit": unit,
        "source": line["source"],
    }


def _cell(value: float | str | None, factor: float) -> str:
    """A number with the digits that matter, words as they are, a dash where a column has no such line."""
    if value is None:
        return "–"
    if isinstance(value, str):
        return value
    number = value * factor
    text = f"{number:,.0f}" if abs(number) >= 1000.0 else f"{number:.2f}"
    return "0.00" if text == "-0.00" else text
