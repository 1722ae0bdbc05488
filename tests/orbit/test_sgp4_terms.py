"""SGP4's constants, one by one beside those that the library computes."""

from typing import Any

import numpy as np
import pytest
from sgp4.model import WGS72, Satrec

from skycommons.orbit.elements import Elements
from skycommons.orbit.sgp4 import library_satellite
from skycommons.orbit.sgp4_terms import is_deep_space, original_orbit, secular_terms
from tests.support.orbits import REV_PER_DAY_RAD_S, table

# Our name of a constant, and the library's; both of Spacetrack Report 3.
SAME_IN_BOTH = {
    "n": "no_unkozai",
    "axis": "a",
    "mdot": "mdot",
    "argpdot": "argpdot",
    "nodedot": "nodedot",
    "nodecf": "nodecf",
    "c1": "cc1",
    "d2": "d2",
    "d3": "d3",
    "d4": "d4",
    "t2cof": "t2cof",
    "t3cof": "t3cof",
    "t4cof": "t4cof",
    "t5cof": "t5cof",
    "omgcof": "omgcof",
    "xmcof": "xmcof",
    "eta": "eta",
    "delmo": "delmo",
    "sinmo": "sinmao",
    "con41": "con41",
    "x1mth2": "x1mth2",
    "x7thm1": "x7thm1",
    "xlcof": "xlcof",
    "aycof": "aycof",
}

# Perigee heights on both sides of every bound of the theory: 220, 156 and 98 km; and e on both sides of 1e-4.
ORBITS = [
    pytest.param({}, id="ordinary"),
    pytest.param({"eccentricity": 5e-5}, id="nearly-circular"),
    pytest.param({"eccentricity": 0.0}, id="circular"),
    pytest.param({"mean_motion_rad_s": 16.2 * REV_PER_DAY_RAD_S}, id="perigee-200-km"),
    pytest.param({"mean_motion_rad_s": 16.4 * REV_PER_DAY_RAD_S}, id="perigee-140-km"),
    pytest.param({"mean_motion_rad_s": 16.4 * REV_PER_DAY_RAD_S, "eccentricity": 0.01}, id="perigee-80-km"),
    pytest.param({"inclination_rad": np.pi}, id="inclination-180"),
    pytest.param({"inclination_rad": 0.0}, id="equatorial"),
    pytest.param({"bstar": -1e-3}, id="negative-drag"),
]


def open_record(elements: Elements) -> Any:
    """The library's uncompiled twin, which shows all its constants."""
    record = Satrec()
    columns = ("eccentricity", "arg_perigee_rad", "inclination_rad", "mean_anomaly_rad")
    middle = [float(getattr(elements, name)[0]) for name in columns]
    mean_motion_rad_min = float(elements.mean_motion_rad_s[0]) * 60.0
    bstar, node_rad = float(elements.bstar[0]), float(elements.raan_rad[0])
    record.sgp4init(WGS72, "i", 0, 27_000.0, bstar, 0.0, 0.0, *middle, mean_motion_rad_min, node_rad)
    return record


@pytest.mark.parametrize("columns", ORBITS)
def test_every_constant_is_the_librarys(columns: dict[str, float]) -> None:
    """To a dozen digits, on each side of the theory's case distinctions."""
    elements = table(**columns)
    terms, record = secular_terms(elements), open_record(elements)
    simple = bool(record.isimp)
    for ours, theirs in SAME_IN_BOTH.items():
        if simple and ours in {"d2", "d3", "d4", "t3cof", "t4cof", "t5cof", "omgcof", "xmcof"}:
            assert terms[ours].tolist() == [0.0], "the truncated drag of low perigees has none"
        else:
            assert terms[ours][0] == pytest.approx(getattr(record, theirs), rel=1e-12, abs=1e-24), ours


def test_a_low_perigee_has_the_truncated_drag() -> None:
    """Below 220 km, as the report asks."""
    low = table(mean_motion_rad_s=16.2 * REV_PER_DAY_RAD_S)
    assert open_record(low).isimp == 1
    assert secular_terms(low)["d2"].tolist() == [0.0]
    assert open_record(table()).isimp == 0
    assert secular_terms(table())["d2"][0] > 0.0


def test_deep_space_begins_at_225_minutes() -> None:
    """As the library's own switch says."""
    periods_min = np.array([90.0, 224.5, 225.5, 1436.0])
    elements = table(mean_motion_rad_s=2.0 * np.pi / (periods_min * 60.0))
    assert is_deep_space(elements).tolist() == [False, False, True, True]
    assert [library_satellite(elements, row).method for row in range(4)] == ["n", "n", "d", "d"]


def test_the_original_orbit_is_a_little_higher_where_oblateness_pulls_less() -> None:
    """Over the poles the Kozai convention shortens the axis; over the equator it lengthens it."""
    same = np.full(2, 15.05 * REV_PER_DAY_RAD_S)
    axis = original_orbit(same, np.zeros(2), np.array([0.0, np.pi / 2])).semi_major_axis
    assert axis[0] > axis[1]


def test_unusable_rows_become_nan_and_disturb_nobody() -> None:
    """No warning is raised either."""
    terms = secular_terms(table(eccentricity=[1e-3, np.nan, 2.0], mean_motion_rad_s=[1e-3, 1e-3, 0.0]))
    assert np.isfinite(terms["mdot"][0])
    assert np.isnan(terms["mdot"][1])
    assert not np.isfinite(terms["mdot"][2])
