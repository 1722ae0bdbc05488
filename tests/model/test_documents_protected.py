"""Protected sites in scenario files."""

import pytest
from pydantic import ValidationError

from skycommons.model.documents_protected import CLASSES, ProtectedDocument
from skycommons.model.protected import ProtectedClass

CLINIC = {"id": "clinic", "class": "hospital", "latitude_deg": 10.0, "longitude_deg": 20.0}


def test_a_site_says_what_it_is_and_where() -> None:
    """By the words of the policy's protected classes."""
    site = ProtectedDocument.model_validate(CLINIC)
    assert (site.id, site.protected_class) == ("clinic", ProtectedClass.HOSPITAL)
    assert set(CLASSES.values()) == set(ProtectedClass)


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"class": "palace"}, "class"),
        ({"latitude_deg": 91.0}, "latitude_deg"),
        ({"id": "A clinic with spaces"}, "id"),
        ({"owner": "somebody"}, "owner"),
    ],
)
def test_a_site_that_is_wrong_in_one_thing_is_refused_there(changes: dict[str, object], place: str) -> None:
    """With the key that is at fault."""
    with pytest.raises(ValidationError) as found:
        ProtectedDocument.model_validate({**CLINIC, **changes})
    assert [error["loc"][0] for error in found.value.errors()] == [place]
