"""Whatever elements are written in whatever form, the same elements are read; and nothing makes the readers fall over."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skycommons.base.errors import CatalogueError
from skycommons.model.alpha5 import LARGEST_NUMBER, decode_number, encode_number
from skycommons.model.catalogues import parse_catalogue
from skycommons.model.element_sets import day_of_year_ns
from tests.support.element_texts import (
    DAY_NS,
    TLE_TICK_NS,
    Sample,
    omm_csv,
    omm_fields,
    omm_json,
    omm_kvn,
    omm_xml,
    tle_text,
)

FIRST_NS, LAST_NS = day_of_year_ns(1957, 1), day_of_year_ns(2057, 1)  # what two digits of a year can say


def decimals(low: int, high: int, places: int) -> st.SearchStrategy[float]:
    """Decimal numbers with so many places, as their nearest double."""
    return st.integers(low * 10**places, high * 10**places).map(lambda units: float(f"{units}e-{places}"))


names = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-", min_size=3, max_size=20).map(lambda text: f"S{text}")
samples = st.builds(
    Sample,
    name=names,
    object_id=st.builds("{:04d}-{:03d}{}".format, st.integers(1957, 2056), st.integers(1, 999), st.sampled_from("ABC")),
    number=st.integers(1, LARGEST_NUMBER),
    epoch_ns=st.integers(FIRST_NS // TLE_TICK_NS, LAST_NS // TLE_TICK_NS - 1).map(lambda tick: tick * TLE_TICK_NS),
    mean_motion_rev_day=decimals(1, 17, 8),
    eccentricity=st.integers(0, 9_999_999).map(lambda units: float(f"{units}e-7")),
    inclination_deg=decimals(0, 180, 4),
    raan_deg=decimals(0, 360, 4),
    arg_perigee_deg=decimals(0, 360, 4),
    mean_anomaly_deg=decimals(0, 360, 4),
    bstar_mantissa=st.integers(-99_999, 99_999),
    bstar_exponent=st.integers(-9, 1),
)
fleets = st.lists(samples, min_size=1, max_size=4, unique_by=lambda sample: sample.number)

FORMS: dict[str, Callable[[list[Sample]], str]] = {
    "tle": tle_text,
    "json": lambda fleet: omm_json([omm_fields(sample) for sample in fleet]),
    "csv": lambda fleet: omm_csv([omm_fields(sample) for sample in fleet]),
    "kvn": lambda fleet: omm_kvn([omm_fields(sample) for sample in fleet]),
    "xml": lambda fleet: omm_xml([omm_fields(sample) for sample in fleet]),
}


@pytest.mark.parametrize("form", FORMS)
@given(fleet=fleets)
def test_what_is_written_is_read(form: str, fleet: list[Sample]) -> None:
    catalogue = parse_catalogue(FORMS[form](fleet).encode(), form)
    elements = catalogue.elements
    assert catalogue.faults == ()
    assert catalogue.names == tuple(sample.name for sample in fleet)
    assert catalogue.object_ids == tuple(sample.object_id for sample in fleet)
    assert elements.catalogue_number.tolist() == [sample.number for sample in fleet]
    assert elements.epoch_ns.tolist() == [sample.epoch_ns for sample in fleet]
    assert elements.eccentricity.tolist() == [sample.eccentricity for sample in fleet]
    assert elements.bstar.tolist() == [sample.bstar for sample in fleet]
    assert elements.inclination_rad.tolist() == [np.radians(sample.inclination_deg) for sample in fleet]
    assert elements.mean_anomaly_rad.tolist() == [np.radians(sample.mean_anomaly_deg) for sample in fleet]


@given(st.integers(0, LARGEST_NUMBER))
def test_alpha_5_is_its_own_inverse(number: int) -> None:
    assert decode_number(encode_number(number)) == number


@pytest.mark.parametrize("form", FORMS)
@given(fleet=fleets, data=st.data())
def test_a_damaged_file_gives_rows_or_a_clear_error(form: str, fleet: list[Sample], data: st.DataObject) -> None:
    """Cut it anywhere, put anything into it: never another exception, and never a row that is out of range."""
    whole = FORMS[form](fleet).encode()
    place = data.draw(st.integers(0, len(whole)))
    rest = data.draw(st.integers(place, len(whole)))
    damaged = whole[:place] + data.draw(st.binary(max_size=8)) + whole[rest:]
    try:
        elements = parse_catalogue(damaged, form).elements
    except CatalogueError:
        return
    assert ((elements.eccentricity >= 0.0) & (elements.eccentricity < 1.0)).all()
    assert (elements.mean_motion_rad_s > 0.0).all()
    assert np.abs(elements.epoch_ns).max() < 250 * 365 * DAY_NS


@given(fleet=fleets, line=st.integers(1, 2), place=st.integers(0, 68), digit=st.sampled_from("0123456789"))
def test_a_changed_digit_in_a_tle_is_always_found(fleet: list[Sample], line: int, place: int, digit: str) -> None:
    """The checksum finds every single wrong digit; the columns find what is no digit."""
    lines = tle_text(fleet).splitlines()
    if not lines[line][place].isdigit() or lines[line][place] == digit:
        return
    lines[line] = lines[line][:place] + digit + lines[line][place + 1 :]
    try:
        kept = parse_catalogue("\n".join(lines).encode(), "tle")
    except CatalogueError:
        assert len(fleet) == 1
    else:
        assert fleet[0].number not in kept.elements.catalogue_number
        assert len(kept) == len(fleet) - 1
