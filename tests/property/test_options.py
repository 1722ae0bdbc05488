"""The options of cells are those of a table of all links, gate after gate, sorted in full."""

from dataclasses import replace
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from skycommons.base.arrays import Floats
from skycommons.model.world import SiteKind, Sites
from skycommons.plan.choice import OBSERVED_WEIGHTS
from skycommons.plan.options import Kept, Luck, Options, SkyStep, find_options
from skycommons.plan.visibility import Horizon
from tests.support.networks import above, site_table
from tests.support.plain_options import PlainOptions, closing_above, plain_options

SATELLITES = 80
SINGLE_PRECISION = 2e-6

latitude_deg = st.one_of(st.sampled_from([0.0, 83.0, -89.9]), st.floats(-89.9, 89.9))
longitude_deg = st.one_of(st.sampled_from([-180.0, 180.0, 0.0]), st.floats(-180.0, 180.0))
exclusion_deg = st.one_of(st.sampled_from([0.0, 12.0, 18.0, 90.0, 180.0]), st.floats(0.0, 40.0))
place = st.tuples(latitude_deg, longitude_deg, exclusion_deg)


@given(
    st.lists(place, min_size=1, max_size=3),
    st.floats(5.0, 60.0),
    st.sampled_from([0.0, 20.0]),
    st.sampled_from([360.0, 100.0]),
    st.integers(1, 30),
    st.integers(0, 2**32 - 1),
)
def test_options_are_the_best_of_all_links(
    places: list[tuple[float, float, float]],
    min_elevation_deg: float,
    tilt_deg: float,
    field_deg: float,
    count: int,
    seed: int,
) -> None:
    """Same candidates, same worth, same reasons, for any sky and any rules."""
    draw = np.random.default_rng(seed)
    sites = cells_at(places, min_elevation_deg=min_elevation_deg, tilt_deg=tilt_deg, field_deg=field_deg)
    sky = random_sky(places, draw)
    first = np.concatenate([[0], np.cumsum(draw.integers(0, 4, len(sites)))])
    cell = draw.integers(1, 2**59, len(sites)).astype(np.uint64)
    setting: dict[str, Any] = {
        "blocked": np.where(draw.random(len(sites)) < 0.1, 7, 0).astype(np.uint8),
        "weights": replace(OBSERVED_WEIGHTS, load_nats=-2.0, elevation_nats=float(draw.choice([0.0, 1.0]))),
        "luck": Luck(seed=int(draw.integers(1000)), slot=int(draw.integers(1000)), cell=cell)
        if draw.random() < 0.8
        else None,
        "kept": Kept(first=first, satellite=draw.integers(-1, SATELLITES, first[-1]).astype(np.int32)),
        "rates": closing_above(draw.choice([0.0, 0.0, 0.5, 0.8, np.inf], (2, 3)), len(sites)),
    }
    assert_equal(
        find_options(Horizon.of(sites), sky, count=count, **setting), plain_options(sites, sky, **setting), count
    )


def cells_at(
    places: list[tuple[float, float, float]], *, min_elevation_deg: float, tilt_deg: float, field_deg: float
) -> Sites:
    """Cells with their exclusions."""
    table = site_table(
        [(f"cell {row}", SiteKind.TERMINAL, north, east) for row, (north, east, _) in enumerate(places)],
        min_elevation_deg=min_elevation_deg,
    )
    return replace(
        table,
        gso_exclusion_rad=np.radians([exclusion for _, _, exclusion in places]),
        tilt_rad=np.full(len(places), np.radians(tilt_deg)),
        field_of_view_rad=np.full(len(places), np.radians(field_deg)),
    )


def random_sky(places: list[tuple[float, float, float]], draw: np.random.Generator) -> SkyStep:
    """Satellites about the cells, some invalid, some without a way to some PoPs."""
    position_m: Floats = np.array(
        [
            above(
                north + draw.normal(0.0, 5.0),
                east + draw.normal(0.0, 5.0) / np.cos(np.radians(north)),
                draw.choice([340e3, 550e3, 1_100e3]),
            )
            for north, east, _ in (places[row % len(places)] for row in range(SATELLITES))
        ]
    )
    valid = draw.random(SATELLITES) < 0.9
    return SkyStep(
        position_itrf_m=np.where(valid[:, np.newaxis], position_m, np.nan),
        valid=valid,
        payload=draw.integers(0, 3, SATELLITES),
        is_v2_mini=draw.random(SATELLITES) < 0.5,
        load=draw.random(SATELLITES),
        has_way=draw.random((3, SATELLITES)) < draw.choice([0.0, 0.5, 1.0]),
        pop=draw.integers(-1, 3, len(places)),
    )


def assert_equal(found: Options, plain: PlainOptions, count: int) -> None:
    """The first ``count`` of each cell, and the reasons."""
    assert found.reason.tolist() == plain.reason
    for cell, (satellites, worth) in enumerate(zip(plain.satellite, plain.worth_nats, strict=True)):
        have = int(np.count_nonzero(found.satellite[cell] >= 0))
        assert found.satellite[cell, :have].tolist() == satellites[:count]
        assert (found.satellite[cell, have:] == -1).all()
        np.testing.assert_allclose(
            found.worth_nats[cell, :have], worth[:count], rtol=SINGLE_PRECISION, atol=SINGLE_PRECISION
        )
