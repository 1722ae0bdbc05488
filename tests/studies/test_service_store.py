"""What a store holds of the scheduler's plans has names, types and words."""

import numpy as np
import pytest

from skycommons.plan.requests import Unserved
from skycommons.plan.schedule import REQUEST_COLUMNS
from skycommons.studies.service_store import (
    REQUEST_TYPES,
    SERVICE_WORDS,
    UNSERVED,
    has_service,
    request_name,
    service_description,
    unserved_phrase,
)
from skycommons.studies.store import ResultsError, check_results
from tests.support.results import small_results
from tests.support.service import with_service


def test_every_column_of_a_plan_has_a_type_and_words() -> None:
    """None is forgotten when a plan gets another."""
    assert tuple(REQUEST_TYPES) == REQUEST_COLUMNS
    assert {request_name(column) for column in REQUEST_COLUMNS} <= set(SERVICE_WORDS)


def test_every_reason_has_words() -> None:
    """A code of a later version is told as a number."""
    assert len(UNSERVED) == len(Unserved)
    assert unserved_phrase(Unserved.TERRITORY_INACTIVE) == "its territory is not active"
    assert unserved_phrase(99) == "reason 99"


def test_a_store_with_service_must_hold_all_of_it() -> None:
    """What is missing or has another shape is a fault; what is whole is not."""
    whole = with_service()
    check_results(whole)
    with pytest.raises(ResultsError) as caught:
        check_results(whole.drop_vars(["cell_people"]).assign(cell_reason=("cell", np.zeros(12, np.uint8))))
    assert [fault.place for fault in caught.value.faults] == ["cell_people", "cell_reason"]
    del whole.attrs["service"]
    with pytest.raises(ResultsError, match=r"attrs.service"):
        check_results(whole)


def test_a_store_with_service_is_told_from_one_without() -> None:
    """By its cells."""
    assert has_service(with_service())
    assert not has_service(small_results())
    assert service_description(with_service())["map_version"] == 3
