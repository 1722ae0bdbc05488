"""What the scheduler is told: tables and rules that cannot be meant are refused where they are made."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from skycommons.base.errors import InputError
from skycommons.model.service_rules import ScheduleRules
from tests.support.service_world import demand, disk


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        (lambda: ScheduleRules(cells_per_beam=0), "cells_per_beam must be 1 or more"),
        (lambda: ScheduleRules(candidates=0), "candidates must be 1 or more"),
        (lambda: ScheduleRules(channels=0), "channels must be 1 or more"),
        (lambda: ScheduleRules(channels=256), "up to 255 channels, not 256"),
        (lambda: ScheduleRules(separation_rings=-1), "0 rings or more, not -1"),
    ],
)
def test_rules_share_something_out(rules: Callable[[], ScheduleRules], message: str) -> None:
    """And a request keeps its channel in a byte."""
    with pytest.raises(InputError, match=message):
        rules()


def test_cells_of_a_demand_are_sorted() -> None:
    """Everything that looks a cell up relies on it, the separation of channels too."""
    with pytest.raises(InputError, match="sorted, each once"):
        demand(disk()[::-1])
    with pytest.raises(InputError, match="sorted, each once"):
        demand(disk()[[0, 0]])


@pytest.mark.parametrize("amount", [-1.0, np.nan, np.inf])
def test_a_demand_is_an_amount(amount: float) -> None:
    """What is no number would be shared out unseen."""
    with pytest.raises(InputError, match="down_bps must hold numbers from 0 on"):
        demand(down_bps=amount)
    table = demand()
    with pytest.raises(InputError, match="people must hold numbers from 0 on"):
        replace(table, people=np.full(len(table), amount))
