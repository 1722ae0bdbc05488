"""The form of a licence."""

import pytest

from skycommons.base.errors import FormatError
from skycommons.governance.canonical import Json
from skycommons.governance.entries import Kind
from skycommons.governance.licences import Licence, LicenceStatus
from skycommons.governance.words import ServiceClass
from tests.support.documents import BODIES, changed

LICENCE = BODIES[Kind.LICENCE]


def test_a_licence_is_read() -> None:
    """With what it allows."""
    licence = Licence.from_json(LICENCE)
    assert licence.status is LicenceStatus.VALID
    assert licence.service_classes == (ServiceClass.STANDARD, ServiceClass.BACKGROUND)


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("id", "Licence 1", "id: must be an id"),
        ("authority", "", "authority: must have 1 to 200"),
        ("cells_count", 0, "cells_count: must be 1 to 2,016,842"),
        ("service_classes", [], "service_classes: must have 1"),
        ("valid_until", 1_700_000_000, "valid_until: must be after valid_from"),
        ("status", "lost", "status: must be valid or withdrawn"),
    ],
)
def test_a_licence_with_a_fault_is_refused(path: str, value: Json, words: str) -> None:
    """With its place."""
    with pytest.raises(FormatError, match=words):
        Licence.from_json(changed(LICENCE, path, value))
