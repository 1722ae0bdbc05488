"""``skycommons laser``: where a satellite points its lasers, and the budget of one of them."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from skycommons.cli.console import FOR_PEOPLE, Output
from skycommons.cli.look import InstantOrStart, instant_or_start

if TYPE_CHECKING:
    from skycommons.base.arrays import Floats, Ints
    from skycommons.model.scenario import Scenario
    from skycommons.plan.lasers import Lasers
    from skycommons.radio.laser import LaserTerminal


def laser(
    scenario: Annotated[Path, Parameter(help="Scenario file.")],
    /,
    *,
    satellite: Annotated[str, Parameter(name="--from", help="Name of a satellite.")],
    to: Annotated[
        str | None, Parameter(help="Another satellite: print the budget of the laser between the two.")
    ] = None,
    at: InstantOrStart = None,
    output: Output = FOR_PEOPLE,
) -> None:
    """List the lasers of a satellite with range, grazing height and light received; or the budget of one, line by line.

    No operator publishes its terminals: every figure of the budget but the way itself is assumed.
    """
    from skycommons.base.clock import format_time
    from skycommons.model.scenario import load
    from skycommons.radio.laser import LaserTerminal

    found = load(scenario)
    time_ns = instant_or_start(at, found.start_ns)
    case = _Case.at(found, satellite, time_ns)
    rows = [case.line(partner) for partner in ([case.partner(to)] if to is not None else case.partners())]
    title = f"{satellite} at {format_time(time_ns)}"
    if to is None:
        output.table(
            f"{title}: {len(rows)} lasers, {found.lasers.rate_bps / 1e9:g} Gbit/s each while up",
            ["to", "state", "range km", "grazing height km", "received dBm", "photons per bit"],
            [_cells(row) for row in rows],
        )
    else:
        rows[0]["terms"] = _budget(f"{satellite} to {to} at {format_time(time_ns)}", rows[0], LaserTerminal(), output)
    output.result({"satellite": satellite, "time": format_time(time_ns), **_rules(found), "lasers": rows})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """A satellite and all lasers of an instant."""

    scenario: "Scenario"
    row: int
    position_m: "Floats"
    lasers: "Lasers"

    @staticmethod
    def at(scenario: "Scenario", satellite: str, time_ns: int) -> "_Case":
        """Where it is, and who points at whom; everything in reach counts as acquired."""
        import numpy as np

        from skycommons.base.errors import InputError
        from skycommons.plan.lasers import lasers_at
        from skycommons.plan.topology import pointing_of

        row = scenario.world.satellites.row(satellite)
        ephemeris = scenario.propagate(np.array([time_ns], dtype=np.int64))
        if not ephemeris.valid[0, row]:
            raise InputError(
                f"{satellite!r} has no position then: its elements do not reach that far; give another --at"
            )
        rules, satellites = scenario.lasers, scenario.world.satellites
        lasers = lasers_at(
            rules,
            pointing_of(rules.topology, satellites, scenario.start_ns, rules.max_range_m),
            time_ns,
            position_itrf_m=ephemeris.position_itrf_m[0],
            valid=ephemeris.valid[0],
        )
        return _Case(scenario=scenario, row=row, position_m=ephemeris.position_itrf_m[0], lasers=lasers)

    def partners(self) -> "list[int]":
        """Satellites that it points at."""
        pairs: Ints = self.lasers.pairs[(self.lasers.pairs == self.row).any(axis=1)]
        return sorted(int(row) for row in pairs.ravel() if row != self.row)

    def partner(self, name: str) -> int:
        """Row of a satellite by its name, whether or not a laser is pointed there."""
        import numpy as np

        from skycommons.base.errors import InputError

        row = self.scenario.world.satellites.row(name)
        if row == self.row:
            raise InputError(f"--to: {name!r} is where the laser starts; name another satellite")
        if not np.isfinite(self.position_m[row]).all():
            raise InputError(
                f"--to: {name!r} has no position then: its elements do not reach that far; give another --at"
            )
        return row

    def line(self, partner: int) -> dict[str, Any]:
        """One laser in SI units."""
        import numpy as np

        from skycommons.plan.lasers import LaserState, grazing_height_m
        from skycommons.radio.laser import LaserTerminal, photons_per_bit, received_power_dbm

        range_m = float(np.linalg.norm(self.position_m[partner] - self.position_m[self.row]))
        pair = (np.sort(self.lasers.pairs, axis=1) == sorted((self.row, partner))).all(axis=1)
        received_dbm = received_power_dbm(LaserTerminal(), range_m)
        return {
            "to": self.scenario.world.satellites.ids[partner],
            "state": LaserState(int(self.lasers.state[pair][0])).name.lower() if pair.any() else "not pointed",
            "range_m": range_m,
            "grazing_height_m": float(grazing_height_m(self.position_m[self.row], self.position_m[partner])),
            "received_dbm": float(received_dbm),
            "photons_per_bit": float(photons_per_bit(received_dbm, self.scenario.lasers.rate_bps)),
        }


def _rules(scenario: "Scenario") -> dict[str, float]:
    """What the scenario says of lasers."""
    rules = scenario.lasers
    return {
        "rate_bps": rules.rate_bps,
        "max_range_m": rules.max_range_m,
        "min_grazing_height_m": rules.min_grazing_height_m,
        "acquisition_s": rules.acquisition_s,
        "longest_acquisition_s": max(rules.acquisition_s, rules.longest_acquisition_s),
    }


def _cells(row: dict[str, Any]) -> list[object]:
    """One laser in the units that people read."""
    return [
        *(row["to"], row["state"], f"{row['range_m'] / 1e3:,.0f}", f"{row['grazing_height_m'] / 1e3:,.0f}"),
        *(f"{row['received_dbm']:.1f}", f"{row['photons_per_bit']:,.0f}"),
    ]


def _budget(title: str, row: dict[str, Any], terminal: "LaserTerminal", output: Output) -> list[dict[str, Any]]:
    """The table of one laser's budget, and its terms as plain values."""
    from skycommons.radio.budget import source_text
    from skycommons.radio.laser import laser_terms

    terms = laser_terms(terminal, row["range_m"])
    lines: list[list[object]] = [
        ["-" if term.loss else "+", term.name, f"{term.value_db:.2f}", term.unit, source_text(term)] for term in terms
    ]
    lines.append(["=", "light received", f"{row['received_dbm']:.2f}", "dBm", ""])
    lines.append(
        ["", "photons per bit", f"{row['photons_per_bit']:,.0f}", "", "h c / λ; some 9 are needed by shot noise alone"]
    )
    lines.append(["", "range", f"{row['range_m'] / 1e3:,.0f}", "km", f"state: {row['state']}"])
    lines.append(["", "grazing height", f"{row['grazing_height_m'] / 1e3:,.0f}", "km", ""])
    output.table(title, ["", "term", "value", "unit", "source"], lines)
    return [
        {"name": term.name, "value_db": term.share_db, "unit": term.unit, "source": source_text(term)} for term in terms
    ]
