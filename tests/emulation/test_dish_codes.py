"""Every reason of the plan has an outage and a disablement, and the names are those of the interface."""

import re

import pytest

from skycommons.emulation import dish_codes
from skycommons.emulation.dish_codes import Disablement, DishCode, OutageCause, dish_code
from skycommons.emulation.dish_interface import interface
from skycommons.plan.requests import Unserved
from skycommons.plan.routes import Reason


@pytest.mark.parametrize("unserved", Unserved)
def test_the_table_in_the_docstring_is_what_the_code_does(unserved: Unserved) -> None:
    """One row a reason, with its outage and its disablement."""
    row = re.search(rf"^``{unserved.name}``\s+(\S+)\s+``(\w+)``", str(dish_codes.__doc__), flags=re.MULTILINE)
    assert row is not None
    outage = None if row[1] == "none" else OutageCause[row[1].strip("`")]
    assert dish_code(unserved) == DishCode(outage=outage, disablement=Disablement[row[2]])


@pytest.mark.parametrize("reason", Reason)
def test_a_served_dish_is_connected_only_with_a_path(reason: Reason) -> None:
    """What is missing beyond the satellite is an outage too, and nobody's decision."""
    code = dish_code(Unserved.SERVED, reason)
    assert (code.outage is None) == (reason == Reason.REACHABLE)
    assert code.disablement == Disablement.OKAY


def test_the_plan_speaks_before_the_route() -> None:
    """A suspended dish has no path either; it is the suspension that it tells."""
    told = dish_code(Unserved.SUSPENDED, Reason.NOT_SERVED)
    assert (told.outage, told.disablement) == (OutageCause.NO_PINGS, Disablement.CELL_IS_DISABLED)


def test_only_decisions_disable() -> None:
    """Sky, rain and scarcity leave the code at OKAY."""
    disabled = {unserved for unserved in Unserved if dish_code(unserved).disablement != Disablement.OKAY}
    assert disabled == {Unserved.TERRITORY_INACTIVE, Unserved.SUSPENDED, Unserved.UNLICENSED, Unserved.ACCOUNT}


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        (OutageCause, "SpaceX.API.Device.DishOutage.Cause"),
        (Disablement, "SpaceX.API.Satellites.Network.UtDisablementCode"),
    ],
)
def test_names_and_numbers_are_the_interface_s(kind: type[OutageCause | Disablement], name: str) -> None:
    """The values go over the wire as they are."""
    theirs = {value.name: value.number for value in interface().pool.FindEnumTypeByName(name).values}
    assert {one.name: int(one) for one in kind} == theirs
