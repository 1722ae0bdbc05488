"""The rules of an instant: whose accounts are served, and what their cells then ask for."""

from dataclasses import replace

import numpy as np
import pytest

from skycommons.model.cells import CellIds
from skycommons.model.demand import with_terminals
from skycommons.model.scenario import Scenario
from skycommons.model.service_map import CellState, ServiceClass
from skycommons.model.service_moment import accounts_at, service_at, unknown_groups
from skycommons.model.service_rules import ServiceRules
from skycommons.model.service_timeline import LayerKind, ServiceLayer
from tests.support.service_world import HOME, accounts, demand, disk, rules, service_scenario

HERE = np.array([HOME], dtype=np.uint64)
NOWHERE = HERE[:0]


def layer(
    kind: LayerKind,
    *groups: str,
    cells: CellIds = NOWHERE,
    state: CellState = CellState.SUSPENDED,
    is_exempt: bool = False,
) -> ServiceLayer:
    """A decision about accounts or types of terminals that ends at 100."""
    return ServiceLayer(
        decision="d", kind=kind, groups=groups, cells=cells.copy(), state=state, is_exempt=is_exempt, ends_ns=100
    )


def world(*layers: ServiceLayer, rank: int = 2) -> tuple[Scenario, ServiceRules]:
    """One terminal in the middle of seven cells, in each of which somebody else asks for 50 Mbit/s."""
    scenario = service_scenario()
    account = accounts(1, rank=rank)
    asked = with_terminals(demand(), scenario.world.sites, account)
    service = replace(rules(), demand=asked, accounts=account, others=demand(), layers=layers)
    return scenario, service


def test_rules_without_layers_are_those_of_every_instant() -> None:
    """The very same."""
    scenario, service = world()
    assert service_at(service, scenario.world, 0) is service


@pytest.mark.parametrize(
    ("kind", "group", "is_barred"),
    [
        (LayerKind.CUSTOMER_GROUP, "standard", True),
        (LayerKind.CUSTOMER_GROUP, "priority", False),
        (LayerKind.CUSTOMER_GROUP, "zurich", True),
        (LayerKind.TERMINAL_CLASS, "standard", True),
        (LayerKind.TERMINAL_CLASS, "enterprise", False),
    ],
)
def test_groups_bar_accounts_until_they_end(kind: LayerKind, group: str, is_barred: bool) -> None:
    """By class, by name, by type of terminal; then the demand of the terminal is back."""
    scenario, service = world(layer(kind, group))
    during, after = (service_at(service, scenario.world, time_ns) for time_ns in (99, 100))
    assert during.accounts.is_barred.tolist() == [is_barred]
    assert after.accounts.is_barred.tolist() == [False]
    row = int(np.flatnonzero(service.demand.cells == HOME)[0])
    assert during.demand.down_bps[row].sum() == (50e6 if is_barred else 51e6)
    assert after.demand.down_bps[row].sum() == 51e6
    assert (during.layers, during.demand.cells.tolist()) == ((), service.demand.cells.tolist())


def test_groups_count_where_their_cells_are() -> None:
    """None stands for everywhere."""
    beside = disk(1)[disk(1) != HOME][:1]
    for cells, is_barred in ((HERE, True), (beside, False)):
        scenario, service = world(layer(LayerKind.CUSTOMER_GROUP, "standard", cells=cells))
        assert service_at(service, scenario.world, 0).accounts.is_barred.tolist() == [is_barred]


def test_the_last_word_about_an_account_counts() -> None:
    """A later decision gives back what an earlier one took; what the scenario bars stays barred."""
    give = layer(LayerKind.CUSTOMER_GROUP, "zurich", state=CellState.ACTIVE)
    scenario, service = world(layer(LayerKind.CUSTOMER_GROUP, "standard"), give)
    assert not service_at(service, scenario.world, 0).accounts.is_barred.any()
    own = accounts(1, is_barred=True)
    assert accounts_at(own, scenario.world, service.timeline, 0).is_barred.all()


def test_a_group_may_be_served_in_a_lower_class() -> None:
    """Protected accounts keep their rank, and service where they are exempt."""
    slow = ServiceLayer(
        decision="d",
        kind=LayerKind.CUSTOMER_GROUP,
        cells=NOWHERE.copy(),
        state=CellState.ACTIVE,
        service_class=ServiceClass.BACKGROUND,
        groups=("standard", "protected"),
    )
    for rank, found in ((2, 3), (0, 0)):
        scenario, service = world(slow, rank=rank)
        assert service_at(service, scenario.world, 0).accounts.rank.tolist() == [found]
    for is_exempt in (True, False):
        scenario, service = world(layer(LayerKind.CUSTOMER_GROUP, "zurich", is_exempt=is_exempt), rank=0)
        assert service_at(service, scenario.world, 0).accounts.is_barred.tolist() == [not is_exempt]


def test_a_protected_site_loses_service_only_by_its_name() -> None:
    """And only by the layer that its cell obeys."""
    dark = ServiceLayer(
        decision="d", cells=HERE.copy(), state=CellState.SUSPENDED, is_exempt=True, sites=("zurich",), ends_ns=100
    )
    lit = ServiceLayer(decision="e", cells=HERE.copy(), state=CellState.ACTIVE, sites=("zurich",))
    for layers, is_barred in (((dark,), True), ((dark, lit), False), ((replace(dark, sites=("bern",)),), False)):
        scenario, service = world(*layers, rank=0)
        assert service_at(service, scenario.world, 0).accounts.is_barred.tolist() == [is_barred]
    scenario, service = world(dark, rank=0)
    assert not service_at(service, scenario.world, 100).accounts.is_barred.any()


def test_demand_that_cannot_be_told_apart_stays() -> None:
    """The account is barred all the same."""
    scenario, service = world(layer(LayerKind.CUSTOMER_GROUP, "standard"))
    blurred = replace(service, others=None)
    found = service_at(blurred, scenario.world, 0)
    assert found.demand is blurred.demand
    assert found.accounts.is_barred.all()


def test_groups_that_mean_nobody_are_told() -> None:
    """A scenario may lack them."""
    scenario, _ = world()
    assert unknown_groups(layer(LayerKind.CUSTOMER_GROUP, "zurich", "standard", "x"), scenario.world) == ("x",)
    assert unknown_groups(layer(LayerKind.TERMINAL_CLASS, "standard", "zurich"), scenario.world) == ("zurich",)
    assert unknown_groups(layer(LayerKind.TERRITORY, "standard", "x"), scenario.world) == ("x",)
