"""From carrier over noise to bits: ladders of modulation and code, and Shannon's bound with a gap.

A ladder is data. Each rung needs a carrier over noise and gives bits per symbol; a link stands on the best rung that its
signal reaches after a margin. Rungs that another one beats at less are known by name and never stood on.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from importlib.resources import files
from typing import Protocol

import numpy as np

from skycommons.base.arrays import Floats, Ints, freeze
from skycommons.base.errors import InputError
from skycommons.radio.decibels import from_db

_FECFRAME_BITS = 64_800  # a normal frame after coding; EN 302 307-1 §5.3
_HEADER_BITS = 80  # of the baseband; EN 302 307-1 §5.1.6
_SLOT_SYMBOLS = 90  # a frame is whole slots, and one more for its header; EN 302 307-1 §5.5.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Modcod:
    """One modulation with one code.

    Attributes:
        name: As its standard writes it: ``16APSK 3/4``, ``MCS 11``.
        bits_per_symbol: Of the modulation alone.
        code_rate: Bits of data in each bit sent.
        threshold_db: Least carrier over noise in the symbol rate; NaN where the source tells none.
        spectral_efficiency: Bits of data per symbol.
    """

    name: str
    bits_per_symbol: int
    code_rate: Fraction
    threshold_db: float
    spectral_efficiency: float


@dataclass(frozen=True, slots=True, kw_only=True)
class AdaptationMargin:
    """What a link keeps in hand, because it chooses its rung by a signal that is already past.

    Attributes:
        fixed_db: Always. 1 dB is this project's choice: with it DVB-S2X and Shannon less 3 dB agree to 10 %.
        fade_slope_db_s: How fast the signal may fall.
        loop_s: From measuring the signal to sending on the new rung.
    Raises:
        InputError: A part that is negative or no number.
    """

    fixed_db: float = 1.0
    fade_slope_db_s: float = 0.0
    loop_s: float = 0.0

    def __post_init__(self) -> None:
        for name in ("fixed_db", "fade_slope_db_s", "loop_s"):
            if not 0.0 <= getattr(self, name) < np.inf:
                raise InputError(f"a margin's {name} is at least 0, not {getattr(self, name):g}")

    @property
    def total_db(self) -> float:
        """Fixed part, and what the signal falls in one turn of the loop.

        >>> AdaptationMargin(fixed_db=1.0, fade_slope_db_s=0.5, loop_s=2.0).total_db
        2.0
        """
        return self.fixed_db + self.fade_slope_db_s * self.loop_s


NO_MARGIN = AdaptationMargin(fixed_db=0.0)


class RateLaw(Protocol):
    """Anything that turns carrier over noise into bits per symbol."""

    def efficiency(self, cn_db: Floats, margin: AdaptationMargin) -> Floats:
        """Bits per symbol, zero where the link does not close."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ladder:
    """Modulations and codes of one standard, in the order of their thresholds.

    Attributes:
        name: As scenarios write it.
        source: The standard's tables, and where thresholds come from.
        modcods: All of the tables.
        rungs: Those that are worth standing on: each gives more than any that needs as little.
        threshold_db, spectral_efficiency: ``(R,)`` of the rungs, both rising.
    Raises:
        InputError: No row has a threshold.
    """

    name: str
    source: str
    modcods: tuple[Modcod, ...]
    rungs: tuple[Modcod, ...] = field(init=False)
    threshold_db: Floats = field(init=False)
    spectral_efficiency: Floats = field(init=False)

    def __post_init__(self) -> None:
        rungs = tuple(_worth_standing_on(self.modcods))
        if not rungs:
            raise InputError(f"ladder {self.name!r} has no modulation and code with a threshold")
        threshold = np.array([rung.threshold_db for rung in rungs])
        efficiency = np.array([rung.spectral_efficiency for rung in rungs])
        freeze(threshold, efficiency)
        object.__setattr__(self, "rungs", rungs)
        object.__setattr__(self, "threshold_db", threshold)
        object.__setattr__(self, "spectral_efficiency", efficiency)

    def __repr__(self) -> str:
        return f"<Ladder {self.name!r}: {len(self.rungs)} rungs of {len(self.modcods)}>"

    def rung(self, cn_db: Floats | float, margin: AdaptationMargin) -> Ints:
        """Row of the best rung that each signal reaches after the margin; -1 where there is none or no signal."""
        usable = np.asarray(cn_db, dtype=np.float64) - margin.total_db
        row = np.searchsorted(self.threshold_db, usable, side="right") - 1
        return np.where(np.isnan(usable), -1, row)

    def efficiency(self, cn_db: Floats | float, margin: AdaptationMargin) -> Floats:
        """Bits per symbol on the best rung; zero where there is none or no signal."""
        return np.asarray(np.concatenate([self.spectral_efficiency, [0.0]])[self.rung(cn_db, margin)])

    def modcod(self, name: str) -> Modcod:
        """One row by its name, whether it is a rung or not.

        Raises:
            InputError: No row has this name; the names are listed.
        """
        for row in self.modcods:
            if row.name == name:
                return row
        known = ", ".join(row.name for row in self.modcods)
        raise InputError(f"ladder {self.name!r} has no modulation and code {name!r}; it has {known}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shannon:
    """Capacity of a channel with white noise, a gap below the bound, up to what a real modulation carries.

    Attributes:
        gap_db: By which the signal must be better than the bound asks; 3 dB holds a margin of 1 dB already.
        most: Bits per symbol that are never passed.
    Raises:
        InputError: A negative gap, or nothing to carry.
    """

    gap_db: float = 3.0
    most: float = 7.4063  # 256QAM with rate 948/1024, the top of TS 38.214 table 5.1.3.1-2

    def __post_init__(self) -> None:
        if not 0.0 <= self.gap_db < np.inf or not self.most > 0.0:
            raise InputError(
                f"a gap to Shannon is at least 0 dB and carries bits, not {self.gap_db:g} dB, {self.most:g}"
            )

    def efficiency(self, cn_db: Floats | float, margin: AdaptationMargin) -> Floats:
        """Bits per symbol; zero where there is no signal.

        Source: Shannon 1949, ``log2(1 + S/N)``.
        """
        usable = np.asarray(cn_db, dtype=np.float64) - margin.total_db - self.gap_db
        bits = np.log2(1.0 + from_db(usable))
        return np.minimum(np.where(np.isnan(usable), 0.0, bits), self.most)


def rate_bps(law: RateLaw, cn_db: Floats, *, symbol_rate_hz: float, margin: AdaptationMargin) -> Floats:
    """Rate of links with a carrier over noise in the symbol rate; zero where a link does not close.

    Raises:
        InputError: A symbol rate that is not above zero.
    """
    _check_symbol_rate(symbol_rate_hz)
    return np.asarray(symbol_rate_hz * law.efficiency(cn_db, margin))


def single_carrier_symbol_rate_hz(bandwidth_hz: float, *, roll_off: float) -> float:
    """Symbols per second that a bandwidth takes with a roll-off.

    Raises:
        InputError: A bandwidth that is not above zero, or a negative roll-off.
    Source: EN 302 307-1 §5.6.
    >>> single_carrier_symbol_rate_hz(110e6, roll_off=0.1).__round__()
    100000000
    """
    if not 0.0 < bandwidth_hz < np.inf or not 0.0 <= roll_off < np.inf:
        raise InputError(
            f"a carrier has a bandwidth above 0 Hz and a roll-off of at least 0, not {bandwidth_hz:g} Hz and {roll_off:g}"
        )
    return bandwidth_hz / (1.0 + roll_off)


def dvb_efficiency(bits_per_symbol: int, code_rate: Fraction, *, parity_bits: int) -> float:
    """Bits of data per symbol of a normal DVB frame without pilots, from its lengths alone.

    Args:
        bits_per_symbol: Of the modulation.
        code_rate: Of the inner code.
        parity_bits: Of the outer code: 128, 160 or 192.
    Source: EN 302 307-1 §5.2 to 5.5: baseband header, outer and inner code, slots of 90 symbols and one for the header.
    """
    data_bits = _FECFRAME_BITS * code_rate - parity_bits - _HEADER_BITS
    slots = -(-_FECFRAME_BITS // (bits_per_symbol * _SLOT_SYMBOLS))
    return float(data_bits / ((slots + 1) * _SLOT_SYMBOLS))


def outer_parity_bits(standard: str, code_rate: Fraction) -> int:
    """Parity bits of the outer code in a normal frame: 16 for each of 8, 10 or 12 errors that it mends.

    Source: EN 302 307-1 table 5a; EN 302 307-2 §5.3 (always 12).
    """
    exceptions = {Fraction(2, 3): 10, Fraction(5, 6): 10, Fraction(8, 9): 8, Fraction(9, 10): 8}
    return 16 * (exceptions.get(code_rate, 12) if standard == "DVB-S2" else 12)


def ladder_names() -> tuple[str, ...]:
    """Names of the built-in ladders.

    >>> ladder_names()
    ('dvb-s2', 'dvb-s2x', 'nr-1', 'nr-2')
    """
    return tuple(_SOURCES)


@cache
def ladder(name: str) -> Ladder:
    """A built-in ladder.

    ``dvb-s2x`` holds DVB-S2's rows too, as its receivers do; no name stands twice.

    Raises:
        InputError: No ladder has this name; the names are listed.
    Source: EN 302 307-1 table 13 (packet errors 1e-7), EN 302 307-2 V1.1.1 table 20a (frame errors 1e-5), both for
        white noise; TS 38.214 tables 5.1.3.1-1 and -2, thresholds at 10 % block errors interpolated from the tables of
        Sionna 2.2.0 (Apache-2.0).
    >>> ladder("dvb-s2x")
    <Ladder 'dvb-s2x': 46 rungs of 67>
    """
    if name not in _SOURCES:
        raise InputError(f"there is no ladder {name!r}; there are {', '.join(_SOURCES)}")
    family, _, table = name.rpartition("-")
    rows = _nr_rows(table) if family == "nr" else _dvb_rows({"DVB-S2"} if table == "s2" else {"DVB-S2", "DVB-S2X"})
    return Ladder(name=name, source=_SOURCES[name], modcods=tuple(rows))


_SOURCES = {
    "dvb-s2": "EN 302 307-1 table 13, normal frames without pilots, packet errors 1e-7",
    "dvb-s2x": "EN 302 307-1 table 13 and EN 302 307-2 V1.1.1 table 20a, normal frames without pilots",
    "nr-1": "TS 38.214 table 5.1.3.1-1; 10 % block errors of 2,000 bits from Sionna 2.2.0",
    "nr-2": "TS 38.214 table 5.1.3.1-2; 10 % block errors of 2,000 bits from Sionna 2.2.0",
}


def _worth_standing_on(modcods: tuple[Modcod, ...]) -> Iterator[Modcod]:
    """Rows by rising threshold, each of which gives more than all before it."""
    best = 0.0
    known = [row for row in modcods if not np.isnan(row.threshold_db)]
    for row in sorted(known, key=lambda row: (row.threshold_db, -row.spectral_efficiency)):
        if row.spectral_efficiency > best:
            best = row.spectral_efficiency
            yield row


def _dvb_rows(standards: set[str]) -> Iterator[Modcod]:
    for row in _table("dvb_modcods.csv"):
        if row["standard"] in standards:
            yield Modcod(
                name=row["name"],
                bits_per_symbol=int(row["bits_per_symbol"]),
                code_rate=Fraction(row["code_rate"]),
                threshold_db=float(row["es_n0_db"]),
                spectral_efficiency=float(row["spectral_efficiency"]),
            )


def _nr_rows(table: str) -> Iterator[Modcod]:
    for row in _table("nr_modcods.csv"):
        if row["table"] == table:
            yield Modcod(
                name=f"MCS {row['index']}",
                bits_per_symbol=int(row["bits_per_symbol"]),
                code_rate=Fraction(row["code_rate_x1024"]) / 1024,
                threshold_db=float(row["snr_db"] or "nan"),
                spectral_efficiency=float(row["spectral_efficiency"]),
            )


def _table(name: str) -> list[dict[str, str]]:
    text = files("skycommons").joinpath("data", "radio", name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def _check_symbol_rate(symbol_rate_hz: float) -> None:
    if not 0.0 < symbol_rate_hz < np.inf:
        raise InputError(f"a symbol rate is above 0 Hz, not {symbol_rate_hz:g}")
