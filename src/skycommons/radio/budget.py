"""A link budget as a link engineer writes it: every term on its line, with unit and source, and a sum that is the C/N.

Losses are positive and are taken away. A figure that is not from its source's own page is marked as assumed, and one that
a method was not stated for says so in its note. Beside the terms of the sum stand facts: what a term follows from.
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
        note: What a reader should know of it: by which rule it was chosen, that it is an extrapolation.
    Raises:
        InputError: No finite number.
    """

    name: str
    value_db: float
    unit: str
    source: str
    assumed: bool = False
    loss: bool = False
    note: str = ""

    def __post_init__(self) -> None:
        if not isfinite(self.value_db):
            raise InputError(f"{self.name} is a finite number of {self.unit}, not {self.value_db:g}")

    @property
    def share_db(self) -> float:
        """What it adds to the sum."""
        return -self.value_db if self.loss else self.value_db


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetFact:
    """A line beside the sum: what a term follows from, what several terms make, or what follows from the sum.

    Attributes:
        name: What it is.
        amount: How much, in ``unit``; NaN or infinity where there is none.
        unit: Of SI, as printed: ``rad``, ``m``, ``K``, ``bit/s``; empty for a plain number.
        source: Document, table or rule that it is from.
        assumed: Whether it is assumed rather than read in its source.
        total: Whether it is made of the terms above it.
        note: What a reader should know of it.
        words: What stands there instead of a number, such as the name of a modulation.
    """

    name: str
    amount: float
    unit: str
    source: str = ""
    assumed: bool = False
    total: bool = False
    note: str = ""
    words: str = ""


BudgetLine = BudgetTerm | BudgetFact


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetPart:
    """Lines that belong together, in the order in which they are read: the sender, the way, the receiver.

    Attributes:
        title: What they are.
        lines: Terms and facts.
        disturbs: Whether its terms are carriers over a disturbance, which are not added up but combined.
    """

    title: str
    lines: tuple[BudgetLine, ...]
    disturbs: bool = False

    @property
    def terms(self) -> tuple[BudgetTerm, ...]:
        """Those lines that make the budget."""
        return tuple(line for line in self.lines if isinstance(line, BudgetTerm))

    def sign(self, line: BudgetLine) -> str:
        """What one of its lines does: adds, takes away, disturbs, or sums up; empty for a fact."""
        if isinstance(line, BudgetFact):
            return "=" if line.total else ""
        return "|" if self.disturbs else "-" if line.loss else "+"


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
    return LinkBudget(title=title, terms=(eirp, *losses, g_over_t, *noise_terms(bandwidth_hz)))


def noise_terms(bandwidth_hz: float, *, source: str = "", assumed: bool = False) -> tuple[BudgetTerm, BudgetTerm]:
    """Boltzmann's constant and the bandwidth: the last two terms of every budget.

    Args:
        bandwidth_hz: In which noise is counted.
        source: Where the bandwidth is from.
        assumed: Whether it is assumed.
    """
    words = f"{bandwidth_hz / 1e6:g} MHz"
    return (
        BudgetTerm(name="Boltzmann's constant", value_db=BOLTZMANN_DBW_K_HZ, unit="dBW/K/Hz", source="SI", loss=True),
        BudgetTerm(
            name="bandwidth",
            value_db=float(to_db(bandwidth_hz)),
            unit="dBHz",
            source=source or words,
            assumed=assumed,
            loss=True,
            note=words if source else "",
        ),
    )


def source_text(line: BudgetLine) -> str:
    """Where a line is from, as it is printed: the source, whether it is assumed, the note.

    >>> source_text(BudgetTerm(name="G/T", value_db=9.5, unit="dB/K", source="a filing", assumed=True, note="at nadir"))
    'a filing (assumed); at nadir'
    """
    source = f"{line.source} (assumed)" if line.assumed else line.source
    return "; ".join(text for text in (source, line.note) if text)


_SUM = BudgetTerm(name="C/N, thermal", value_db=0.0, unit="dB", source="")


def _line(sign: str, term: BudgetTerm, width: int) -> str:
    return f"{sign} {term.name:{width}} {term.value_db:9.2f} {term.unit:9} {source_text(term)}".rstrip()
