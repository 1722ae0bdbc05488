"""Spin searches every state of the models of the decision protocol."""

import pytest

from scripts.check_model import MODELS, main
from tests.support.programs import needed


@pytest.mark.parametrize("model", sorted(path.stem for path in MODELS.glob("*.pml")))
def test_every_property_holds_and_every_seeded_fault_is_found(model: str, capsys: pytest.CaptureFixture[str]) -> None:
    """All states are searched; a fault that goes unfound would mean that its property says nothing."""
    needed("spin")
    needed("gcc")
    code = main([model, "--jobs", "1"])
    assert code == 0, capsys.readouterr().out
