"""The script that fits the parameters of latency again."""

from pathlib import Path

import pytest

from scripts import fit_latency
from skycommons.plan.latency import LATENCY_2024_11, LATENCY_2026_05, LatencyModel
from skycommons.studies.country_rates import DOWNLOAD_2026_05, UPLOAD_2026_05, RateModel

OF_AN_ERROR = 0.25
"""Share of a standard error by which a packaged parameter may differ from a new fit: light hangs on the weights of choice,
which are fitted on their own."""


def test_the_packaged_parameters_are_those_that_it_prints(
    shared_data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each number to a quarter of its standard error, on the real measurements."""
    printed: list[LatencyModel | RateModel] = []
    monkeypatch.setattr(fit_latency, "print_parameters", printed.append)
    assert fit_latency.main(shared_data) == 0
    packaged: list[LatencyModel | RateModel] = [LATENCY_2024_11, LATENCY_2026_05, DOWNLOAD_2026_05, UPLOAD_2026_05]
    for mine, fitted in zip(packaged, printed, strict=True):
        assert mine.source == fitted.source
        for name, error in mine.errors:
            scale = mine.usual_bps if isinstance(mine, RateModel) and name == "usual_bps" else 1.0
            assert abs(getattr(mine, name) - getattr(fitted, name)) <= OF_AN_ERROR * error * scale
            assert dict(fitted.errors)[name] == pytest.approx(error, rel=0.1)
    out = capsys.readouterr().out
    assert "fitted to the other sites" in out
    assert "latency, held-out half" in out
    assert out.count("halves exchanged") == 3
