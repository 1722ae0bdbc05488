"""The service map as layers."""

from dataclasses import replace

import pytest

from skycommons.governance.layers import Layer, level_of, levels_at, levels_held, manifest_of, places_of

A, B, C = (f"850000{n}3fffffff"[:15] for n in (1, 2, 3))


def layer(
    decision: str, places: set[str], state: str = "active", service_class: str = "priority", ends: int = 0
) -> Layer:
    """A layer of a test."""
    return Layer(
        decision=decision,
        entry=1,
        kind="territory",
        effect="add",
        state=state,
        service_class=service_class,
        who="both",
        exempt=True,
        sites=(),
        ends_at_s=ends,
        cells_sha256="0" * 64,
        cells_count=len(places),
        groups=(),
        places=frozenset(places),
    )


@pytest.mark.parametrize(
    ("state", "service_class", "level"),
    [
        ("active", "priority", 3),
        ("active", "standard", 2),
        ("active", "background", 1),
        ("inactive", "priority", 0),
        ("suspended", "standard", 0),
    ],
)
def test_levels_rise_with_service(state: str, service_class: str, level: int) -> None:
    """No state but active has any."""
    assert level_of(state, service_class) == level


def test_the_last_layer_that_runs_holds() -> None:
    """And where it has ended, the one below; where there is none, the default."""
    layers = [layer("one", {A, B}), layer("two", {B}, "suspended", ends=100)]
    assert levels_at(frozenset({A, B, C}), layers, default=0, now_s=50) == {A: 3, B: 0, C: 0}
    assert levels_at(frozenset({A, B, C}), layers, default=0, now_s=100) == {A: 3, B: 3, C: 0}


def test_the_levels_that_hold_are_those_of_the_places() -> None:
    """However many layers there are, and also for groups, which have full service by default."""
    layers = [layer("one", {A, B}), layer("two", {B}, "suspended", ends=100), layer("three", {C}, "active", "standard")]
    every = frozenset({A, B, C})
    for now_s in (50, 100):
        for places in (every, every - {A}, frozenset({A}), frozenset()):
            said = frozenset(levels_at(places, layers, default=1, now_s=now_s).values())
            assert levels_held(places, layers, default=1, now_s=now_s) == said
    assert levels_held(frozenset({"customer-group:school"}), layers, default=0, now_s=0) == {3}


def test_a_layer_ends_at_its_second_and_not_before() -> None:
    """The end is the first second without it."""
    one = layer("one", {A}, ends=100)
    assert one.is_running(99)
    assert not one.is_running(100)
    assert layer("one", {A}).is_running(10**12)


def test_groups_have_full_service_where_nothing_is_said() -> None:
    """The default of cells is not theirs."""
    places = places_of("customer-group", [], ["school", "port"])
    assert places == {"customer-group:school", "customer-group:port"}
    assert set(levels_at(places, [], default=0, now_s=0).values()) == {3}


def test_a_territory_is_its_cells() -> None:
    """Groups that it names do not make it larger."""
    assert places_of("territory", [A, B], ["school"]) == {A, B}


def test_the_manifest_names_every_layer_in_order() -> None:
    """With its end and the hash of its cells, and not the cells themselves."""
    layers = [layer("one", {A}), layer("two", {B}, ends=7)]
    found = manifest_of(
        layers, origin="log", version=3, previous_sha256="p", default=("inactive", "priority"), as_of_s=5
    )
    assert [row["decision"] for row in found["layers"]] == ["one", "two"]  # type: ignore[index,union-attr,call-overload] # JSON
    assert found["version"] == 3
    assert A not in str(found)


def test_the_manifest_has_exactly_these_keys() -> None:
    """Schedulers and verifiers of others read them: a key that changes is another format."""
    one = replace(
        layer("one", {A}, "suspended", "standard", ends=7),
        sites=("clinic",),
        without=("w" * 64,),
        groups=("g",),
        groups_without=("h",),
    )
    found = manifest_of(
        [one], origin="log", version=3, previous_sha256="p", default=("inactive", "priority"), as_of_s=5
    )
    assert found == {
        "kind": "skycommons signed service map",
        "v": 1,
        "origin": "log",
        "version": 3,
        "previous_sha256": "p",
        "default_state": "inactive",
        "default_class": "priority",
        "as_of": 5,
        "layers": [
            {
                "decision": "one",
                "entry": 1,
                "kind": "territory",
                "effect": "add",
                "state": "suspended",
                "service_class": "standard",
                "who": "both",
                "exempt": True,
                "sites": ["clinic"],
                "ends_at": 7,
                "cells_sha256": "0" * 64,
                "cells_count": 1,
                "without": ["w" * 64],
                "groups": ["g"],
                "groups_without": ["h"],
            }
        ],
    }
