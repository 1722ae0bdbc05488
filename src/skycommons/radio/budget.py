"""A link budget as a link engineer writes it: every term on its line, with unit and source, and a sum that is the C/N.

Losses are positive and are taken away. A figure that is not from its source's own page is marked as assumed.
"""

from dataclasses import dataclass
from math import isfinite

from skycommons.base.errors import InputError
from skycommons.radio.combining import combine_db
from skycommons.radio.decibels import to_db
from skycommons.radio.noise import BOLTZMANN_DBW_K_HZ


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetTerm:
    """One line of a budget.

    Attributes:
        name: What it is.
        value_db: Its amount, in ``unit``; a loss is positive.
        unit: As printed: ``dBW``, ``dB/K``, ``dB``.
        source: Document, table or rule that it is from.
        assumed: Whether it is assumed rather than read in its source.
        loss: Whether it is taken away.
    Raises:
        InputError: No finite number.
    """

    name: str
    value_db: float
    unit: str
    source: str
    assumed: bool = False
    loss: bool = False

    def __post_init__(self) -> None:
        if not isfinite(self.value_db):
            raise InputError(f"{self.name} is a finite number of {self.unit}, not {self.value_db:g}")

    @property
    def share_db(self) -> float:
        """What it adds to the sum."""
        return -self.value_db if self.loss else self.value_db


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkBudget:
    """Everything between a sender's power and a receiver's C/N.

    Attributes:
        title: Which link it is.
        terms: In the order of the way; their sum is the carrier over thermal noise.
        interference: Carrier over each other disturbance: other beams, the other polarisation, intermodulation.
    Raises:
        InputError: No term.
    """

    title: str
    terms: tuple[BudgetTerm, ...]
    interference: tuple[BudgetTerm, ...] = ()

    def __post_init__(self) -> None:
        if not self.terms:
            raise InputError(f"the budget of {self.title!r} has no terms")

    @property
    def thermal_cn_db(self) -> float:
        """Carrier over thermal noise: the sum of the terms."""
        return sum(term.share_db for term in self.terms)

    @property
    def cn_db(self) -> float:
        """Carrier over noise and interference together."""
        return float(combine_db(self.thermal_cn_db, *(term.value_db for term in self.interference)))

    def lines(self) -> tuple[str, ...]:
        """The budget as text: sign, name, value, unit, source; assumed figures are marked.

        Without interference the last line is the sum; with it, lines for each disturbance and the total follow.
        """
        width = max(len(term.name) for term in (*self.terms, *self.interference, _SUM))
        body = [_line("-" if term.loss else "+", term, width) for term in self.terms]
        body.append(f"= {_SUM.name:{width}} {self.thermal_cn_db:9.2f} dB")
        if self.interference:
            body += [_line("|", term, width) for term in self.interference]
            body.append(f"= {'C/N':{width}} {self.cn_db:9.2f} dB")
        return (self.title, *body)


def link_budget(
    title: str, *, eirp: BudgetTerm, g_over_t: BudgetTerm, losses: tuple[BudgetTerm, ...], bandwidth_hz: float
) -> LinkBudget:
    """A budget from power, receiver, losses and bandwidth.

    Raises:
        InputError: A bandwidth that is not above zero, or a term among the losses that is not marked as one.
    Source: 3GPP TR 38.821 v16.2.0 §6.1.3.1.
    """
    if not 0.0 < bandwidth_hz < float("inf"):
        raise InputError(f"a bandwidth is above 0 Hz, not {bandwidth_hz:g}")
    gains = [term.name for term in losses if not term.loss]
    if gains:
        raise InputError(f"not marked as losses: {', '.join(gains)}")
    noise = (
        BudgetTerm(name="Boltzmann's constant", value_db=BOLTZMANN_DBW_K_HZ, unit="dBW/K/Hz", source="SI", loss=True),
        BudgetTerm(
            name="bandwidth", value_db=float(to_db(bandwidth_hz)), unit="dBHz", source=f"{bandwidth_hz:g} Hz", loss=True
        ),
    )
    return LinkBudget(title=title, terms=(eirp, *losses, g_over_t, *noise))


_SUM = BudgetTerm(name="C/N, thermal", value_db=0.0, unit="dB", source="")


def _line(sign: str, term: BudgetTerm, width: int) -> str:
    assumed = " (assumed)" if term.assumed else ""
    return f"{sign} {term.name:{width}} {term.value_db:9.2f} {term.unit:9} {term.source}{assumed}".rstrip()
