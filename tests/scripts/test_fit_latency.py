"""The script that fits the parameters of latency again."""

from pathlib import Path

import pytest

from scripts import fit_latency
from skycommons.plan.latency import LATENCY_2024_11, LATENCY_2026_05
from skycommons.studies.country_rates import DOWNLOAD_2026_05, UPLOAD_2026_05


def test_the_packaged_parameters_are_those_that_it_prints(
    shared_data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each number and each standard error, on the real measurements."""
    assert fit_latency.main(shared_data) == 0
    out = capsys.readouterr().out
    for model in (LATENCY_2024_11, LATENCY_2026_05, DOWNLOAD_2026_05, UPLOAD_2026_05):
        assert f'source="{model.source}"' in out
        for name, error in model.errors:
            assert f"    {name}={getattr(model, name):.4g},  # ± {error:.2g}" in out
    assert "fitted to the other sites" in out
    assert "latency, held-out half" in out
    assert out.count("halves exchanged") == 3
