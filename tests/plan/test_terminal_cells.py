"""Terminals share the fate of their cell, and are spread over its requests."""

from dataclasses import replace

import numpy as np
import pytest

from skycommons.base.errors import PlanError
from skycommons.model.service_rules import ServiceRules
from skycommons.model.world import SiteKind
from skycommons.plan.requests import Unserved
from skycommons.plan.terminal_cells import TerminalRows
from tests.support.service_world import HOME, accounts, demand, disk, rules
from tests.support.tiny_world import tiny_scenario

HOUSES = "\n".join(
    f"[[terminals]]\nname = 'house-{number}'\nlatitude_deg = 47.37\nlongitude_deg = 8.54" for number in range(4)
)
FAR = "[[terminals]]\nname = 'far'\nlatitude_deg = -30\nlongitude_deg = 8.54"
SITES = tiny_scenario(terminals=f"{HOUSES}\n{FAR}", pairs="").world.sites
HOME_ROW = int(np.flatnonzero(disk() == HOME)[0])


def terminals(service: ServiceRules | None = None) -> TerminalRows:
    """Four in one cell, and one that no cell counts."""
    return TerminalRows.of(SITES, rules(terminals=5) if service is None else service)


def barred(*numbers: int) -> ServiceRules:
    """The same with these accounts barred."""
    is_barred = np.isin(np.arange(5), numbers)
    return replace(rules(), accounts=replace(accounts(5), is_barred=is_barred))


def test_a_terminal_belongs_to_the_cell_that_it_stands_in() -> None:
    """One that stands elsewhere belongs to none."""
    assert terminals().cell.tolist() == [HOME_ROW] * 4 + [-1]


def test_without_cells_nobody_belongs_anywhere() -> None:
    """A table of demand may be empty."""
    nowhere = terminals(replace(rules(demand(disk()[:0])), accounts=accounts(5)))
    assert nowhere.cell.tolist() == [-1] * 5
    assert nowhere.request(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.bool_)).tolist() == [-1] * 5
    assert set(nowhere.reason(np.zeros(0, dtype=np.uint8))) == {Unserved.NO_CHANNEL}


def test_terminals_share_the_reason_of_their_cell() -> None:
    """Unless their account is barred."""
    cell_reason = np.full(7, Unserved.SERVED, dtype=np.uint8)
    cell_reason[HOME_ROW] = Unserved.RAIN
    found = terminals(barred(2)).reason(cell_reason)
    assert found.tolist() == [*[Unserved.RAIN] * 2, Unserved.ACCOUNT, Unserved.RAIN, Unserved.NO_CHANNEL]


def test_terminals_are_spread_over_the_served_requests() -> None:
    """In turn; a barred one takes no turn."""
    request_cell = np.repeat(HOME_ROW, 3)
    served = np.array([True, False, True])
    assert terminals().request(request_cell, served).tolist() == [0, 2, 0, 2, -1]
    assert terminals(barred(1)).request(request_cell, served).tolist() == [0, -1, 2, 0, -1]


def test_nobody_is_served_in_a_cell_that_is_not() -> None:
    """Though another cell is."""
    assert terminals().request(np.array([HOME_ROW]), np.array([False])).tolist() == [-1] * 5
    other = (HOME_ROW + 1) % 7
    assert terminals().request(np.array([other]), np.array([True])).tolist() == [-1] * 5


def test_accounts_must_be_those_of_the_terminals() -> None:
    """A table of another scenario is refused."""
    assert len(SITES.rows(SiteKind.TERMINAL)) == 5
    with pytest.raises(PlanError, match="1 accounts for 5 terminals"):
        terminals(rules())
