"""Whether a plan keeps the rules: an independent check, which nothing that made the plan has a part in.

Rules: the check reads the plan's rows and recomputes the rest from the world. It shares no code with the scheduler's search
and assignment, so that one of them can be wrong without the other. Each rule has a name; all are asked in every slot. What it
does not recompute: what weather takes from links (they carry no more than without any air), how far the acquisition of lasers
has come (any laser in reach counts), and the fibre behind the gateways.

::

    sound = check(scenario, plan)  # () for a plan that keeps all rules
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from skycommons.base.arrays import Bools, Floats, Ints
from skycommons.base.clock import format_time
from skycommons.base.errors import InputError
from skycommons.model.scenario import Scenario
from skycommons.orbit.ephemeris import Ephemeris
from skycommons.plan.check_facts import Facts, Premises
from skycommons.plan.check_findings import Rule
from skycommons.plan.check_rules import SERVICE_RULES
from skycommons.plan.check_rules_links import LINK_RULES
from skycommons.plan.check_rules_sky import SKY_RULES
from skycommons.plan.plan_table import PlanTable

RULES: Final[tuple[Rule, ...]] = (*SERVICE_RULES, *SKY_RULES, *LINK_RULES)
"""All rules, in the order in which they are asked."""

MOST_NAMED: Final = 20
_BLOCK_STEPS: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """Where a plan breaks a rule.

    Attributes:
        rule: Name of the rule.
        step: The slot.
        time_ns: Its begin, UTC unix ns.
        subject: Whom it is about, in words with ids.
        detail: What is wrong.
    """

    rule: str
    step: int
    time_ns: int
    subject: str
    detail: str

    def __str__(self) -> str:
        return f"{self.rule}: slot {self.step} ({format_time(self.time_ns)}): {self.subject}: {self.detail}"


@dataclass(frozen=True, slots=True, kw_only=True)
class StepVerdict:
    """What the check says about one slot.

    Attributes:
        step: The slot.
        time_ns: Its begin, UTC unix ns.
        counts: How often each of `RULES` is broken.
        violations: The first ones of each rule, in words.
    """

    step: int
    time_ns: int
    counts: tuple[int, ...]
    violations: tuple[Violation, ...]


def check(
    scenario: Scenario, plan: PlanTable, ephemeris: Ephemeris | None = None, *, most_named: int = MOST_NAMED
) -> tuple[Violation, ...]:
    """What breaks the rules in a plan; nothing for a sound one.

    Args:
        scenario: The world and its rules of service.
        plan: Slots to be checked.
        ephemeris: Positions at least at the slots' begins; flown anew unless given.
        most_named: Violations of one rule that are put into words; a last one then says how many there are in all.
    Raises:
        InputError: The ephemeris lacks a slot.
        PlanError: The scenario has no rules of service.
    """
    named: dict[str, list[Violation]] = {rule.name: [] for rule in RULES}
    total = dict.fromkeys(named, 0)
    for verdict in check_steps(scenario, plan, ephemeris, most_named=most_named):
        for rule, count in zip(RULES, verdict.counts, strict=True):
            total[rule.name] += count
        for violation in verdict.violations:
            if len(named[violation.rule]) < most_named:
                named[violation.rule].append(violation)
    for name, found in named.items():
        if total[name] > len(found) and found:
            rest, last = total[name] - len(found), found[-1]
            found.append(
                Violation(rule=name, step=last.step, time_ns=last.time_ns, subject="and", detail=f"{rest:,} more")
            )
    return tuple(violation for found in named.values() for violation in found)


def check_steps(
    scenario: Scenario,
    plan: PlanTable | Iterable[PlanTable],
    ephemeris: Ephemeris | None = None,
    *,
    most_named: int = MOST_NAMED,
) -> Iterator[StepVerdict]:
    """The verdict on each slot in turn, so that long plans need little memory.

    Args:
        scenario: The world and its rules of service.
        plan: Slots to be checked, or parts of a long plan one after the other, all of the same cells.
        ephemeris: Positions at least at the slots' begins; flown anew unless given.
        most_named: Violations of one rule in one slot that are put into words.
    Raises:
        InputError: The ephemeris lacks a slot.
        PlanError: The scenario has no rules of service.
    """
    premises: Premises | None = None
    number = 0
    for part in (plan,) if isinstance(plan, PlanTable) else plan:
        premises = Premises.of(scenario, part) if premises is None else premises
        for step, (position_m, valid) in enumerate(_skies(scenario, part.time_ns, ephemeris)):
            facts = Facts.of(premises, part, step, position_itrf_m=position_m, valid=valid)
            yield judge(facts, number, most_named)
            number += 1


def _skies(scenario: Scenario, time_ns: Ints, ephemeris: Ephemeris | None) -> Iterator[tuple[Floats, Bools]]:
    """Positions at each instant, and which satellites have one."""
    for first in range(0, len(time_ns), _BLOCK_STEPS):
        block_ns = time_ns[first : first + _BLOCK_STEPS]
        flown = scenario.propagate(block_ns) if ephemeris is None else ephemeris
        for row, instant in enumerate(block_ns.tolist()):
            here = row if ephemeris is None else _row_at(ephemeris, instant)
            yield flown.position_itrf_m[here], flown.valid[here]


def judge(facts: Facts, step: int, most_named: int = MOST_NAMED) -> StepVerdict:
    """The verdict on one slot.

    Args:
        facts: The slot.
        step: Its number, for the words.
        most_named: Violations of one rule that are put into words.
    """
    findings = [rule.find(facts) for rule in RULES]
    violations = tuple(
        Violation(rule=rule.name, step=step, time_ns=facts.time_ns, subject=subject, detail=detail)
        for rule, found in zip(RULES, findings, strict=True)
        for subject, detail in found.first(most_named)
    )
    counts = tuple(found.count for found in findings)
    return StepVerdict(step=step, time_ns=facts.time_ns, counts=counts, violations=violations)


def _row_at(ephemeris: Ephemeris, time_ns: int) -> int:
    """The row of an instant."""
    rows = np.flatnonzero(ephemeris.time_ns == time_ns)
    if not len(rows):
        raise InputError(f"the ephemeris knows no positions at {format_time(time_ns)}, where a slot of the plan begins")
    return int(rows[0])
