"""The packed climate is what its script makes of the installed `itur` package."""

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from scripts.build_climate import TARGET, main, maps, pack, reader


def test_the_shipped_maps_are_what_the_script_makes() -> None:
    """Every layer, to the last step; the package is found without importing it."""
    spec = find_spec("itur")
    assert spec is not None
    assert spec.origin is not None
    made = pack(maps(reader(Path(spec.origin).parent)))
    with np.load(TARGET) as shipped:
        assert set(shipped.files) == set(made)
        for name in shipped.files:
            np.testing.assert_array_equal(shipped[name], made[name], err_msg=name)


def test_the_shipped_maps_are_small() -> None:
    """They travel with every installation."""
    assert TARGET.stat().st_size < 2_000_000


def test_without_a_source_it_says_how_it_is_called(capsys: pytest.CaptureFixture[str]) -> None:
    """The usage, and an exit code of 2."""
    assert main([]) == 2
    assert "usage" in capsys.readouterr().err
