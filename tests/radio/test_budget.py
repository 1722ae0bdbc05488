"""A budget, line by line."""

import pytest

from skycommons.base.errors import InputError
from skycommons.radio.budget import (
    BudgetFact,
    BudgetPart,
    BudgetTerm,
    LinkBudget,
    link_budget,
    noise_terms,
    source_text,
)

EIRP = BudgetTerm(name="EIRP", value_db=30.0, unit="dBW", source="a filing")
HEARING = BudgetTerm(name="G/T", value_db=15.9, unit="dB/K", source="a guess", assumed=True)
PATH = BudgetTerm(name="free space", value_db=179.1, unit="dB", source="P.525-4", loss=True)


def test_the_sum_of_the_lines_is_the_carrier_over_noise() -> None:
    """400 MHz is 86.02 dBHz."""
    budget = link_budget("down", eirp=EIRP, g_over_t=HEARING, losses=(PATH,), bandwidth_hz=400e6)
    assert budget.thermal_cn_db == pytest.approx(30.0 + 15.9 - 179.1 + 228.5992 - 86.0206, abs=1e-4)
    assert budget.cn_db == pytest.approx(budget.thermal_cn_db)


def test_a_budget_reads_as_an_engineer_writes_it() -> None:
    """Losses are taken away, assumed figures say so, the sum stands below."""
    budget = LinkBudget(title="down", terms=(EIRP, PATH, HEARING))
    assert budget.lines() == (
        "down",
        "+ EIRP             30.00 dBW       a filing",
        "- free space      179.10 dB        P.525-4",
        "+ G/T              15.90 dB/K      a guess (assumed)",
        "= C/N, thermal   -133.20 dB",
    )


def test_interference_follows_the_sum_and_lowers_it() -> None:
    """Another disturbance as strong as the noise costs 3 dB."""
    beams = BudgetTerm(name="other beams", value_db=30.0, unit="dB", source="assumed geometry", assumed=True)
    budget = LinkBudget(title="down", terms=(EIRP,), interference=(beams,))
    assert budget.cn_db == pytest.approx(30.0 - 3.0103, abs=1e-4)
    assert budget.lines()[-2:] == (
        "| other beams      30.00 dB        assumed geometry (assumed)",
        "= C/N              26.99 dB",
    )


def test_what_is_no_budget_is_refused() -> None:
    """No terms, no bandwidth, gains among losses, no number: one sentence each."""
    with pytest.raises(InputError, match="the budget of 'none' has no terms"):
        LinkBudget(title="none", terms=())
    with pytest.raises(InputError, match="a bandwidth is above 0 Hz, not -1"):
        link_budget("down", eirp=EIRP, g_over_t=HEARING, losses=(PATH,), bandwidth_hz=-1.0)
    with pytest.raises(InputError, match="not marked as losses: EIRP"):
        link_budget("down", eirp=EIRP, g_over_t=HEARING, losses=(EIRP, PATH), bandwidth_hz=1e6)
    with pytest.raises(InputError, match="rain is a finite number of dB, not nan"):
        BudgetTerm(name="rain", value_db=float("nan"), unit="dB", source="P.618-14", loss=True)


def test_a_part_tells_what_each_of_its_lines_does() -> None:
    """Terms add or take away, facts stand beside, totals sum up; carriers over a disturbance are combined."""
    fact = BudgetFact(name="range", amount=550e3, unit="m")
    total = BudgetFact(name="C/N", amount=12.0, unit="dB", total=True)
    part = BudgetPart(title="way", lines=(fact, EIRP, PATH, total))
    assert [part.sign(line) for line in part.lines] == ["", "+", "-", "="]
    assert part.terms == (EIRP, PATH)
    assert BudgetPart(title="interference", lines=(HEARING,), disturbs=True).sign(HEARING) == "|"


def test_a_note_stands_behind_the_source() -> None:
    """With the source, or alone."""
    high = BudgetTerm(name="rain", value_db=9.0, unit="dB", source="P.618-14", loss=True, note="above 55 GHz")
    assert source_text(high) == "P.618-14; above 55 GHz"
    assert source_text(BudgetFact(name="rate", amount=1.0, unit="bit/s", note="held")) == "held"
    assert LinkBudget(title="down", terms=(high,)).lines()[1].endswith("P.618-14; above 55 GHz")


def test_a_bandwidth_keeps_its_source() -> None:
    """Without one it is its own."""
    assert source_text(noise_terms(240e6)[1]) == "240 MHz"
    assert source_text(noise_terms(240e6, source="a paper", assumed=True)[1]) == "a paper (assumed); 240 MHz"
