"""The form of an appeal."""

import pytest

from skycommons.base.errors import FormatError
from skycommons.governance.appeals import Appeal
from skycommons.governance.entries import Kind
from tests.support.documents import BODIES, changed

APPEAL = BODIES[Kind.APPEAL]


def test_an_appeal_names_its_decision_and_its_ground() -> None:
    """And never a person."""
    assert Appeal.from_json(APPEAL).appellant.party == "ministry"
    with pytest.raises(FormatError, match="ground: must have 1 to 2,000"):
        Appeal.from_json(changed(APPEAL, "ground", ""))
    with pytest.raises(FormatError, match="decision: must be a SHA-256 hash"):
        Appeal.from_json(changed(APPEAL, "decision", ""))
    with pytest.raises(FormatError, match=r"appellant.name: must be empty"):
        Appeal.from_json(changed(APPEAL, "appellant.kind", "person"))
