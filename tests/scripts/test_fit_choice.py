"""The script that fits the weights of choice again."""

from pathlib import Path

import pytest

from scripts import fit_choice
from tests.support.choices import write_measurement


def test_weights_are_printed_as_they_are_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """For each site, the first halves and everything; judged on sites and second halves."""
    a, b = "STARLINK-1008", "STARLINK-30123"
    for site in fit_choice.SITES:
        serving, candidates = write_measurement(tmp_path, [[(a, 40.0), (b, 60.0)]] * 8, [a, b, b, b] * 2)
        serving.rename(tmp_path / f"serving_{site}_{fit_choice.DATE}.csv")
        candidates.rename(tmp_path / f"candidates_{site}_{fit_choice.DATE}.json.gz")
    assert fit_choice.main(tmp_path) == 0
    out = capsys.readouterr().out
    assert "fitted on first halves: 8 slots" in out
    assert out.count("    kept_nats=") == 4
    assert out.count("judged on brisbane, second half: ") == 4
