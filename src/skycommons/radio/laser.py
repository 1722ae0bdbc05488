"""Light between satellites: how much arrives, how far apart two may be, and what is left for one bit.

The rate of a laser is taken as fixed as far as the air lets it pass; these formulas are the reason (docs/adr/0019).
"""

from dataclasses import dataclass, fields

import numpy as np

from skycommons.base.arrays import Floats
from skycommons.base.constants import LIGHT_SPEED_M_S
from skycommons.base.errors import InputError
from skycommons.radio.budget import BudgetTerm
from skycommons.radio.decibels import to_db
from skycommons.radio.free_space import TR38821_RADIUS_M

_PLANCK_J_S = 6.626_070_15e-34  # SI definition (BIPM, SI brochure 9)
_DBM_PER_DBW = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LaserTerminal:
    """One end of an optical link; both ends are alike. No operator publishes these: every default is an assumption.

    Attributes:
        power_w: Optical power that is sent.
        wavelength_m: Of the light.
        divergence_rad: Full angle of the sent beam at 1/e² of its middle.
        aperture_m: Diameter of the receiving telescope.
        pointing_error_rad: By which each end points beside the other.
        sender_efficiency, receiver_efficiency: Share of the light that passes each optics.
    Raises:
        InputError: A figure that no terminal has.
    """

    power_w: float = 1.0
    wavelength_m: float = 1550e-9
    divergence_rad: float = 15e-6
    aperture_m: float = 0.08
    pointing_error_rad: float = 1e-6
    sender_efficiency: float = 0.8
    receiver_efficiency: float = 0.8

    def __post_init__(self) -> None:
        figures = {field.name: getattr(self, field.name) for field in fields(self)}
        pointing_error = figures.pop("pointing_error_rad")
        if not 0.0 <= pointing_error < np.inf:
            raise InputError(f"a laser's pointing_error_rad is at least 0, not {pointing_error:g}")
        for name, value in figures.items():
            is_share = name.endswith("efficiency")
            if not 0.0 < value < np.inf or (is_share and value > 1.0):
                raise InputError(f"a laser's {name} is above 0{' and up to 1' if is_share else ''}, not {value:g}")


def received_power_dbm(terminal: LaserTerminal, range_m: Floats | float) -> Floats:
    """Light that arrives at the other satellite; NaN where the range is not above zero.

    Accuracy: Any figure of the terminal that is wrong by a factor is wrong here by as much; figures within 1 dB of the
        printed budget at 1,000 and 5,016 km (tests/golden/test_link_budgets.py).
    Source: Liang et al. 2022 (arXiv 2204.13177): sent gain ``16 / θ²``, received gain ``(π D / λ)²``,
        pointing losses ``exp(−G θ²)``.
    """
    distance = np.asarray(range_m, dtype=np.float64)
    distance = np.where(distance > 0.0, distance, np.nan)
    return sum(term.share_db for term in _terminal_terms(terminal)) - _space_db(terminal, distance)


def laser_terms(terminal: LaserTerminal, range_m: float) -> tuple[BudgetTerm, ...]:
    """The same line by line: terms in dB that add up to the light that arrives, in dBm.

    Raises:
        InputError: A range that is not above zero.
    """
    if not 0.0 < range_m < np.inf:
        raise InputError(f"a laser's range is above 0 m, not {range_m:g}")
    space_db = float(_space_db(terminal, np.array(range_m)))
    way = BudgetTerm(name="free space", value_db=space_db, unit="dB", source="(λ / 4 π d)²", loss=True)
    return (*_terminal_terms(terminal), way)


def _space_db(terminal: LaserTerminal, range_m: Floats) -> Floats:
    """What distance takes."""
    return -to_db((terminal.wavelength_m / (4.0 * np.pi * range_m)) ** 2)


def _terminal_terms(terminal: LaserTerminal) -> tuple[BudgetTerm, ...]:
    """Everything but the way, all of it assumed."""
    sent_gain = 16.0 / terminal.divergence_rad**2
    received_gain = (np.pi * terminal.aperture_m / terminal.wavelength_m) ** 2
    optics_db = -float(to_db(terminal.sender_efficiency * terminal.receiver_efficiency))
    aim_db = float(10.0 / np.log(10.0) * (sent_gain + received_gain) * terminal.pointing_error_rad**2)
    lines = (
        ("power sent", float(to_db(terminal.power_w)) + _DBM_PER_DBW, "dBm", f"{terminal.power_w:g} W", False),
        (
            "gain of the sent beam",
            float(to_db(sent_gain)),
            "dB",
            f"16 / θ², {terminal.divergence_rad * 1e6:g} µrad",
            False,
        ),
        (
            *("gain of the telescope", float(to_db(received_gain)), "dB"),
            *(f"(π D / λ)², {terminal.aperture_m * 1e3:g} mm", False),
        ),
        ("optics of both ends", optics_db, "dB", "sender and receiver", True),
        ("pointing of both ends", aim_db, "dB", f"{terminal.pointing_error_rad * 1e6:g} µrad each", True),
    )
    return tuple(
        BudgetTerm(name=name, value_db=value, unit=unit, source=source, assumed=True, loss=loss)
        for name, value, unit, source, loss in lines
    )


def photons_per_bit(received_dbm: Floats | float, rate_bps: float, *, wavelength_m: float = 1550e-9) -> Floats:
    """How many photons arrive for each bit: what a receiver decides on, whatever its make.

    Raises:
        InputError: A rate that is not above zero.
    Source: energy of a photon, ``h c / λ``.
    """
    if not rate_bps > 0.0:
        raise InputError(f"a rate is above 0 bit/s, not {rate_bps:g}")
    received_w = np.power(10.0, (np.asarray(received_dbm, dtype=np.float64) - _DBM_PER_DBW) / 10.0)
    return np.asarray(received_w * wavelength_m / (_PLANCK_J_S * LIGHT_SPEED_M_S * rate_bps))


def longest_chord_m(altitude_m: Floats | float, other_altitude_m: Floats | float, grazing_m: Floats | float) -> Floats:
    """Longest line between two altitudes that stays above a grazing height; NaN where a satellite is below it.

    Accuracy: 0.1 km of the table of chords (tests/golden/test_link_budgets.py); the Earth is a sphere.
    Source: two right triangles over the point where the line is lowest.
    """
    low_m = TR38821_RADIUS_M + np.asarray(grazing_m, dtype=np.float64)
    arms = [
        (TR38821_RADIUS_M + np.asarray(altitude, dtype=np.float64)) ** 2 - low_m**2
        for altitude in (altitude_m, other_altitude_m)
    ]
    with np.errstate(invalid="ignore"):
        return np.asarray(np.sqrt(arms[0]) + np.sqrt(arms[1]))
