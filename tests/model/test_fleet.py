"""A catalogue at a glance, and as the world's table."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from skycommons.base.clock import parse_time
from skycommons.base.errors import InputError
from skycommons.model.catalogues import Catalogue, parse_catalogue, read_catalogue
from skycommons.model.fleet import (
    Anomaly,
    describe_fleet,
    generation_of,
    mean_altitude_km,
    satellite_ids,
    to_satellites,
)
from tests.support.element_texts import DAY_NS, Sample, omm_fields, omm_json

HIGH, LOW = 15.05, 15.49  # about 550 and 440 km


def catalogue_of(samples: Sequence[Sample]) -> Catalogue:
    return parse_catalogue(omm_json([omm_fields(sample) for sample in samples]).encode(), "fleet.json")


def small_fleet() -> Catalogue:
    """Five old satellites above, four new ones below, one direct-to-cell, one on its way."""
    return catalogue_of(
        [
            *(Sample(name=f"STARLINK-{1000 + k}", number=k + 1, mean_motion_rev_day=HIGH) for k in range(5)),
            *(
                Sample(name=f"STARLINK-{30000 + k}", number=k + 11, mean_motion_rev_day=LOW, inclination_deg=43.0)
                for k in range(4)
            ),
            Sample(name="STARLINK-11202 [DTC]", number=21, mean_motion_rev_day=HIGH),
            Sample(name="STARLINK-31000", number=22, mean_motion_rev_day=16.4, eccentricity=0.02),
        ]
    )


def test_a_fleet_is_counted_by_shell_and_generation() -> None:
    summary = describe_fleet(small_fleet(), Sample().epoch_ns + DAY_NS // 2)
    assert [(shell.label, count) for shell, count in zip(summary.shells, summary.shell_counts, strict=True)] == [
        ("43.0@420", 4),
        ("53.2@552", 6),
    ]
    assert summary.generations == (("v1", 5), ("v2-mini", 5), ("direct-to-cell", 1))
    assert summary.age_days == (0.5, 0.5, 0.5, 0.5, 0.5)
    assert repr(summary) == "<FleetSummary 'fleet.json': 11 satellites in 2 shells>"


def test_oddities_are_counted_with_examples() -> None:
    summary = describe_fleet(small_fleet(), Sample().epoch_ns)
    assert [(odd.anomaly, odd.count, odd.examples) for odd in summary.anomalies] == [
        (Anomaly.LOW, 1, ("STARLINK-31000",)),
        (Anomaly.ECCENTRIC, 1, ("STARLINK-31000",)),
        (Anomaly.BETWEEN_SHELLS, 1, ("STARLINK-31000",)),
    ]


@pytest.mark.parametrize(
    ("age_days", "anomaly"), [(-2, Anomaly.FUTURE_EPOCH), (31, Anomaly.OLD_EPOCH), (1, None), (-0.5, None)]
)
def test_epochs_far_from_the_present_are_odd(age_days: float, anomaly: Anomaly | None) -> None:
    fleet = catalogue_of([Sample(number=number) for number in range(1, 9)])
    summary = describe_fleet(fleet, Sample().epoch_ns + round(age_days * DAY_NS))
    assert [odd.anomaly for odd in summary.anomalies] == ([anomaly] if anomaly else [])
    assert all(len(odd.examples) == 5 for odd in summary.anomalies)


@pytest.mark.parametrize(
    ("name", "generation"),
    [
        ("STARLINK-1008", "v1"),
        ("STARLINK-1130 (DARKSAT)", "v1"),
        ("starlink-6399", "v1"),
        ("STARLINK-29999", "v1"),
        ("STARLINK-30000", "v2-mini"),
        ("STARLINK-11072", "direct-to-cell"),
        ("STARLINK-33000 [DTC]", "direct-to-cell"),
        ("STARLINK", ""),
        ("ONEWEB-0012", ""),
        ("", ""),
    ],
)
def test_generations_by_name(name: str, generation: str) -> None:
    assert generation_of(name) == generation


def test_mean_altitude_follows_keplers_third_law() -> None:
    """A geostationary satellite turns once in a sidereal day, at 35,786 km."""
    elements = catalogue_of([Sample(mean_motion_rev_day=1.00273790935)]).elements
    assert mean_altitude_km(elements) == pytest.approx([35_786.0], abs=1.0)


def test_ids_are_unique() -> None:
    fleet = catalogue_of(
        [
            Sample(name="A", number=1),
            Sample(name="TWIN", number=2),
            Sample(name="TWIN", number=3),
            Sample(name="", number=4),
            Sample(name="GHOST", number=0),
            Sample(name="GHOST", number=0),
        ]
    )
    assert satellite_ids(fleet) == ("A", "TWIN#2", "TWIN#3", "#4", "GHOST#0.1", "GHOST#0.2")


def test_a_fleet_becomes_the_worlds_table() -> None:
    satellites = to_satellites(small_fleet())
    assert len(satellites) == 11
    assert satellites.shell_names == ("43.0@420", "53.2@552")
    assert satellites.shell.tolist() == [1] * 5 + [0] * 4 + [1, -1]
    assert set(satellites.plane.tolist()) == set(satellites.slot.tolist()) == {-1}
    assert satellites.generations[-2:] == ("direct-to-cell", "v2-mini")


@pytest.mark.parametrize(
    ("filters", "ids"),
    [
        ({"name_pattern": "STARLINK-1000"}, ["STARLINK-1000"]),
        ({"name_pattern": "*[DTC]"}, ["STARLINK-11202 [DTC]"]),
        ({"generations": ["direct*", "v2-mini"], "shells": ["53*"]}, ["STARLINK-11202 [DTC]"]),
        ({"shells": ["43.0@420"], "name_pattern": "*-3000[12]"}, None),
        ({"shells": ["43.0@420"], "name_pattern": "*-3000?"}, [f"STARLINK-{30000 + k}" for k in range(4)]),
        ({"shells": [""]}, ["STARLINK-31000"]),
    ],
)
def test_filters_keep_what_fits_all_of_them(filters: dict[str, Any], ids: list[str] | None) -> None:
    if ids is None:
        with pytest.raises(InputError, match="no satellite fits the filter"):
            to_satellites(small_fleet(), **filters)
    else:
        satellites = to_satellites(small_fleet(), **filters)
        assert list(satellites.ids) == ids
        assert (satellites.shell < len(satellites.shell_names)).all()


def test_a_filter_keeps_only_the_shells_in_use() -> None:
    satellites = to_satellites(small_fleet(), generations=["v1"])
    assert satellites.shell_names == ("53.2@552",)
    assert satellites.shell.tolist() == [0] * 5


def test_a_filter_that_leaves_nothing_lists_what_there_is() -> None:
    with pytest.raises(InputError) as caught:
        to_satellites(small_fleet(), generations=["v3"])
    assert str(caught.value) == (
        "fleet.json: no satellite fits the filter; there are the shells 43.0@420, 53.2@552, "
        "the generations direct-to-cell, v1, v2-mini, and names such as 'STARLINK-1000'"
    )


def test_the_real_fleet_of_may_2026(shared_data: Path) -> None:
    """Groups as published: 43@480, 53@460-470, 53@530-540, 70@570, 97@460 and @540, 350 km direct-to-cell."""
    catalogue = read_catalogue(shared_data / "catalogues" / "starlink_2026-05-21.tle")
    summary = describe_fleet(catalogue, parse_time("2026-05-21T12:00:00Z"))
    counts = {shell.label: count for shell, count in zip(summary.shells, summary.shell_counts, strict=True)}
    assert counts["43.0@483"] == pytest.approx(3_250, rel=0.02)
    assert counts["53.2@463"] + counts["53.2@471"] + counts["53.2@475"] == pytest.approx(2_700, rel=0.05)
    assert counts["53.2@540"] == pytest.approx(1_300, rel=0.02)
    assert counts["97.3@466"] == pytest.approx(361, rel=0.02)
    assert counts["97.5@550"] == pytest.approx(472, rel=0.02)
    assert counts["43.0@356"] + counts["53.2@360"] == pytest.approx(665, rel=0.02)
    assert dict(summary.generations)["direct-to-cell"] == 644
    assert summary.age_days[4] < 3.0
    assert int(np.sum(summary.shell_counts)) > 0.93 * len(catalogue)
