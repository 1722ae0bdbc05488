"""What a site's radio links carry: rate against elevation in several weathers, as a picture and as numbers."""

import csv
import json
import re
from pathlib import Path
from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter

from skycommons.base.arrays import Floats
from skycommons.base.errors import InputError
from skycommons.model.rules import BudgetWeather, ClearSky, FixedExceedance
from skycommons.plan.air_path import weather_words
from skycommons.plan.rate_curves import RateCurves
from skycommons.radio.recommendations import RECOMMENDATIONS
from skycommons.studies.drawing import (
    DASHES,
    LIGHT,
    Drawing,
    Theme,
    blank,
    entitle,
    plain_axes,
    styled,
)
from skycommons.studies.files import replacing

_SPOKEN_RAD: Final = float(np.radians(40.0))  # the elevation that titles speak of
_SPOKEN_WEATHER: Final = FixedExceedance(exceedance=1e-3)


def rate_by_elevation(curves: RateCurves, site: str, *, theme: Theme = LIGHT) -> Drawing:
    """Rate down, and below it up, against elevation: one curve for each weather.

    Args:
        curves: The numbers.
        site: Its name.
        theme: Colours.
    Raises:
        InputError: There are more weathers than colours.
    """
    if len(curves.weathers) > len(theme.series):
        raise InputError(f"a picture holds at most {len(theme.series)} weathers, not {len(curves.weathers)}")
    elevation_deg = np.degrees(curves.elevation_rad)
    scale, unit = _scale(float(max(curves.down_bps.max(), curves.up_bps.max())))
    title = _title(curves, site)
    with styled(theme):
        figure = blank(theme, height_in=5.4)
        upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(2.2, 1.0))
        for axes, rates_bps, name in ((upper, curves.down_bps, "down"), (lower, curves.up_bps, "up")):
            _draw(axes, elevation_deg, rates_bps / scale, weathers=curves.weathers, theme=theme)
            plain_axes(axes, theme, x="", y=f"{name} ({unit})")
        lower.set_xlabel("elevation of the satellite (degrees)")
        lower.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}°"))
        handles, labels = upper.get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=len(labels))
        entitle(figure, theme, title)
    return Drawing(
        name="rate-by-elevation",
        figure=figure,
        theme=theme,
        alt=f"Line chart of rate against elevation, one curve for each weather, down above and up below. {title}.",
        caption="Rate of one link by itself at every elevation: the steps are modulations and codes. Rain, cloud and gas by "
        "ITU-R P.618-14 for weather that is exceeded for the share of an average year; a clear sky has the gas of a median day.",
    )


def write_rates(curves: RateCurves, site: str, folder: Path) -> dict[str, Path]:
    """Write picture and numbers: PNG, SVG that turns dark with its reader, CSV and JSON; each file whole.

    Args:
        curves: The numbers.
        site: Its name; files begin with it.
        folder: Where to; it is made.
    Returns:
        Paths by what they hold.
    Raises:
        HostError: A file cannot be written.
    """
    stem = re.sub(r"[^\w.-]+", "-", site).strip(".-") or "site"
    paths = {kind: folder / f"{stem}-rate.{kind}" for kind in ("png", "svg", "csv", "json")}
    drawing = rate_by_elevation(curves, site)
    drawing.save(paths["png"])
    with replacing(paths["svg"]) as stream:
        stream.write(drawing.standing_svg())
    with replacing(paths["csv"]) as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["weather", "elevation_deg", "down_mbps", "up_mbps"])
        for weather, down, up in zip(curves.weathers, curves.down_bps, curves.up_bps, strict=True):
            for elevation_rad, down_bps, up_bps in zip(curves.elevation_rad, down, up, strict=True):
                numbers = (np.degrees(elevation_rad), down_bps / 1e6, up_bps / 1e6)
                writer.writerow([weather_words(weather), *(f"{number:.6g}" for number in numbers)])
    with replacing(paths["json"]) as stream:
        json.dump(_json_dict(curves, site), stream, indent=2, ensure_ascii=False)
        stream.write("\n")
    return paths


def _json_dict(curves: RateCurves, site: str) -> dict[str, object]:
    """The numbers in SI units."""
    return {
        "site": site,
        "elevation_rad": curves.elevation_rad.tolist(),
        "curves": [
            {
                "weather": weather_words(weather),
                "exceedance": None if isinstance(weather, ClearSky) else weather.exceedance,
                "down_bps": down.tolist(),
                "up_bps": up.tolist(),
            }
            for weather, down, up in zip(curves.weathers, curves.down_bps, curves.up_bps, strict=True)
        ],
        "recommendations": dict(RECOMMENDATIONS),
    }


def _draw(
    axes: Axes, elevation_deg: Floats, rates: Floats, *, weathers: tuple[BudgetWeather, ...], theme: Theme
) -> None:
    """One line for each weather."""
    for number, (weather, line) in enumerate(zip(weathers, rates, strict=True)):
        axes.plot(
            elevation_deg,
            line,
            color=theme.series[number],
            linestyle=DASHES[number],
            label=weather_words(weather),
        )
    axes.set_xlim(float(elevation_deg[0]), float(elevation_deg[-1]))
    axes.set_ylim(0.0, max(1.08 * float(rates.max()), 1e-3))


def _scale(most_bps: float) -> tuple[float, str]:
    """Unit in which the largest rate has few digits."""
    return (1e9, "Gbit/s") if most_bps >= 5e9 else (1e6, "Mbit/s")


def _title(curves: RateCurves, site: str) -> str:
    """What weather does to the rate at a middle elevation, in one sentence."""
    column = int(np.argmin(np.abs(curves.elevation_rad - _SPOKEN_RAD)))
    rainy = curves.weathers.index(_SPOKEN_WEATHER) if _SPOKEN_WEATHER in curves.weathers else len(curves.weathers) - 1
    first, worse = float(curves.down_bps[0, column]), float(curves.down_bps[rainy, column])
    words = [weather_words(curves.weathers[row]) for row in (0, rainy)]
    at = f"{site} at {np.degrees(curves.elevation_rad[column]):.0f}°"
    return f"{at}: {_rate_text(first)} down ({words[0]}), {_rate_text(worse)} ({words[1]})"


def _rate_text(rate_bps: float) -> str:
    scale, unit = _scale(rate_bps)
    return f"{rate_bps / scale:.1f} {unit}" if scale == 1e9 else f"{rate_bps / scale:,.0f} {unit}"
