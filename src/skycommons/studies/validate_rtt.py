"""Our round-trip times beside those measured at real terminals.

Nothing is fitted here. We compute light's travel time from a terminal to its PoP over the best satellite at each moment;
a measurement holds queues, frames, scheduling and processing on top, and a real scheduler does not take the best
satellite. The comparison shows how much of a measured time the model explains, and how much is still missing.
"""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from skycommons.base.arrays import Floats
from skycommons.base.clock import format_time
from skycommons.base.errors import Fault, GroundError
from skycommons.model.catalogues import read_catalogue
from skycommons.model.ground import read_ground
from skycommons.model.scenario import Scenario, parse
from skycommons.model.world import SiteKind
from skycommons.plan.routes import route

SHARES = (0.0, 0.1, 0.5, 0.9)
_COLUMNS = ("min_ms", "p10_ms", "p50_ms", "p90_ms")


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteComparison:
    """One row of measurements beside ours.

    Attributes:
        site: Name of the place.
        pop: PoP that the measurements name; empty where they do not, then ours is the nearest by delay.
        measured_rtt_s, modelled_rtt_s: ``(4,)`` minimum, 10 %, median and 90 %.
        missing_s: Median measured less median modelled.
    """

    site: str
    pop: str
    measured_rtt_s: Floats
    modelled_rtt_s: Floats

    @property
    def missing_s(self) -> float:
        """What the model does not explain of the median."""
        return float(self.measured_rtt_s[2] - self.modelled_rtt_s[2])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Measured:
    """One row of the file."""

    site: str
    pop: str
    latitude_deg: float
    longitude_deg: float
    rtt_s: Floats


def validate_rtt(
    measured: Path, *, catalogue: Path, gateways: Path, pops: Path, hours: float = 1.0
) -> list[SiteComparison]:
    """Compare every measured site.

    Args:
        measured: CSV with ``site, latitude_deg, longitude_deg, pop, min_ms, p10_ms, p50_ms, p90_ms``.
        catalogue: Element sets near the time of the measurements.
        gateways, pops: Ground segment files; a PoP is found by its city.
        hours: Span from the catalogue's median epoch.
    Raises:
        InputError: A file is missing, has faults, or names a PoP that is not in the list.
    """
    rows = _read_measured(measured)
    scenario = _scenario(rows, catalogue=catalogue, gateways=gateways, pops=pops, hours=hours)
    routes = route(scenario, scenario.propagate(scenario.times()))
    ours_s = np.nanquantile(2.0 * routes.delay_s[:, : len(rows)], SHARES, axis=0)
    return [
        SiteComparison(site=row.site, pop=row.pop, measured_rtt_s=row.rtt_s, modelled_rtt_s=ours_s[:, number])
        for number, row in enumerate(rows)
    ]


def _read_measured(path: Path) -> list[_Measured]:
    """The rows of the file; all faults at once."""
    rows: list[_Measured] = []
    faults: list[Fault] = []
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise GroundError(str(path), [Fault("file", f"cannot be read ({error})")]) from error
    for number, row in enumerate(csv.DictReader(text.splitlines()), start=2):
        try:
            rows.append(
                _Measured(
                    site=row["site"],
                    pop=row["pop"],
                    latitude_deg=float(row["latitude_deg"]),
                    longitude_deg=float(row["longitude_deg"]),
                    rtt_s=np.array([float(row[column]) for column in _COLUMNS]) / 1e3,
                )
            )
        except (KeyError, TypeError, ValueError) as error:
            faults.append(Fault(f"line {number}", f"lacks a column or holds no number ({error})"))
    if faults or not rows:
        raise GroundError(str(path), faults or [Fault("file", "no rows of measurements")])
    return rows


def _scenario(rows: list[_Measured], *, catalogue: Path, gateways: Path, pops: Path, hours: float) -> Scenario:
    """The measured sites as terminals under a real catalogue."""
    start_ns = int(np.median(read_catalogue(catalogue).elements.epoch_ns))
    names = [site.name for site in read_ground(pops, kind=SiteKind.POP).sites]
    lines = [
        'name = "measured"',
        f"[time]\nstart = {format_time(start_ns).split('.')[0].rstrip('Z')}Z\nhours = {hours}",
        f"[[constellation]]\ncatalogue = {_quoted(catalogue)}",
        f"[gateways]\nfile = {_quoted(gateways)}",
        f"[pops]\nfile = {_quoted(pops)}",
    ]
    for number, row in enumerate(rows):
        home = next((name for name in names if row.pop and name.startswith(row.pop)), row.pop)
        lines.append(
            f'[[terminals]]\nname = "terminal {number}"\nlatitude_deg = {row.latitude_deg}\n'
            f"longitude_deg = {row.longitude_deg}" + (f'\npop = "{home}"' if home else "")
        )
    return parse("\n".join(lines), source=str(catalogue), folder=Path())


def _quoted(path: Path) -> str:
    """A path as a TOML string."""
    return f"'{path.resolve()}'"
