"""The packaged borders: every area, no cell in two of them, and what happens to codes that have none."""

import numpy as np
import pytest

from skycommons.base.errors import InputError
from skycommons.model.borders import country, country_names
from skycommons.model.cells import areas_m2, cells_in, cells_of


def holds(code: str, latitude_deg: float, longitude_deg: float) -> bool:
    """Whether a place lies in a country's area."""
    return bool(country(code).contains(np.radians([latitude_deg]), np.radians([longitude_deg]))[0])


@pytest.mark.parametrize(
    ("code", "place"),
    [
        ("CH", (46.95, 7.45)),
        ("ZA", (-33.9, 18.6)),
        ("FJ", (-17.8, 178.0)),
        ("RU", (66.5, -173.0)),  # east of the antimeridian
        ("RU", (66.5, 178.0)),
        ("RU", (55.7, 37.6)),
        ("AQ", (-89.9, 0.0)),
        ("AQ", (-86.0, 179.9)),
        ("AQ", (-86.0, -179.9)),
        ("LS", (-29.5, 28.3)),
    ],
)
def test_a_country_holds_its_places(code: str, place: tuple[float, float]) -> None:
    """On both sides of the equator and of the antimeridian, and around the pole."""
    assert holds(code, *place)


def test_a_country_does_not_hold_others() -> None:
    """Neither an enclave, nor the strip of the world that a ring across the antimeridian would paint."""
    assert not holds("ZA", -29.5, 28.3)
    assert not holds("RU", 66.5, -100.0)
    assert not holds("FJ", -17.8, 0.0)
    assert not holds("AQ", -40.0, 0.0)


@pytest.mark.slow
def test_no_cell_of_the_world_has_two_countries() -> None:
    """Neighbours share their lines, so that each centre lies in one of them at most; the land is a quarter of the Earth."""
    cells = np.concatenate([cells_in(country(code)) for code in country_names()])
    assert len(np.unique(cells)) == len(cells)
    assert 0.27 < len(cells) / 2_016_842 < 0.30


@pytest.mark.parametrize(("code", "km2"), [("CH", 41_285), ("FJ", 18_270), ("ZA", 1_221_000)])
def test_areas_are_those_of_the_countries(code: str, km2: float) -> None:
    """Within what cells of 250 km² allow (figures of the countries' own statistics, recalled)."""
    assert areas_m2(cells_in(country(code))).sum() / 1e6 == pytest.approx(km2, rel=0.1)


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("ch", "did you mean CH"),
        ("UK", "did you mean GB"),
        ("XK", "did you mean Kosovo"),
        ("Switzerland", "did you mean CH"),
        ("Switzerlnd", "did you mean Switzerland"),
        ("??", "write two letters of ISO 3166-1"),
        ("GI", "too coarse to draw GI"),
        ("CX", "as part of 'Indian Ocean Ter.'"),
    ],
)
def test_an_unknown_code_says_what_to_write(code: str, message: str) -> None:
    """A code, a name, or an area of one's own."""
    with pytest.raises(InputError, match=message):
        country(code)


@pytest.mark.parametrize(
    ("code", "within", "place"),
    [
        ("BQ", "NL", (12.2, -68.3)),
        ("GF", "FR", (4.0, -53.0)),
        ("GP", "FR", (16.2, -61.7)),
        ("MQ", "FR", (14.7, -61.0)),
        ("RE", "FR", (-21.1, 55.5)),
        ("YT", "FR", (-12.8, 45.15)),
        ("SJ", "NO", (79.0, 17.5)),
    ],
)
def test_codes_without_an_area_are_drawn_where_the_message_says(
    code: str, within: str, place: tuple[float, float]
) -> None:
    """The area that is named holds them."""
    assert holds(within, *place)
    with pytest.raises(InputError, match=f"draw {code} as part of '{within}'"):
        country(code)


def test_areas_without_a_code_go_by_their_name() -> None:
    """Five of them; each is apart from the area around it."""
    names = [key for key, name in country_names().items() if key == name]
    assert names == ["Indian Ocean Ter.", "Kosovo", "N. Cyprus", "Siachen Glacier", "Somaliland"]
    assert holds("Kosovo", 42.66, 21.16)
    assert not holds("RS", 42.66, 21.16)


def test_neighbours_share_a_border_and_no_cell() -> None:
    """A cell on each side of the line, and none on both."""
    here, there = cells_in(country("CH")), cells_in(country("AT"))
    assert not np.isin(here, there).any()
    assert cells_of(np.radians([46.95]), np.radians([7.45]))[0] in here
