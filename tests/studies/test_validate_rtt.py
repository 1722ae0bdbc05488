"""Computed round-trip times beside measured ones."""

from pathlib import Path

import numpy as np
import pytest

from skycommons.base.clock import parse_time
from skycommons.base.errors import GroundError, ScenarioError
from skycommons.cli import main
from skycommons.orbit.walker import Shell
from skycommons.studies.validate_rtt import validate_rtt
from tests.support.omm_text import walker_omm

HEADER = "site,latitude_deg,longitude_deg,pop,min_ms,p10_ms,p50_ms,p90_ms\n"
ROWS = HEADER + "alps,47.4,8.5,Frankfurt,15,20,30,40\nfjord,61.0,7.0,,16,21,31,41\n"
LIGHT_SPEED_M_S = 299_792_458.0
ALTITUDE_M = 1200e3


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Measurements, a small constellation, two gateways and two PoPs."""
    shell = Shell(
        name="s",
        planes=20,
        slots_per_plane=20,
        inclination_rad=float(np.radians(60.0)),
        altitude_m=ALTITUDE_M,
        phasing=3,
        raan_spread_rad=2 * np.pi,
    )
    (tmp_path / "sky.json").write_text(walker_omm(shell, parse_time("2026-01-01T00:00:00Z")))
    (tmp_path / "gateways.csv").write_text("name,lat,lon\nrhine,50.0,8.3\nnorth,60.0,10.0\n")
    (tmp_path / "pops.csv").write_text("city,lat,lon\nFrankfurt,50.1,8.7\nOslo,59.9,10.7\n")
    (tmp_path / "measured.csv").write_text(ROWS)
    return tmp_path


def compared(folder: Path, measured: str = "measured.csv") -> list[tuple[str, str, float, float, float]]:
    """Site, PoP, measured and computed median, and what is missing, in ms."""
    results = validate_rtt(
        folder / measured,
        catalogue=folder / "sky.json",
        gateways=folder / "gateways.csv",
        pops=folder / "pops.csv",
        hours=0.1,
    )
    return [(r.site, r.pop, 1e3 * r.measured_rtt_s[2], 1e3 * r.modelled_rtt_s[2], 1e3 * r.missing_s) for r in results]


def test_each_site_has_its_measured_and_its_computed_median(folder: Path) -> None:
    """Up and down twice is the least that light can take; the difference is what is not explained."""
    least_ms = 1e3 * 4 * ALTITUDE_M / LIGHT_SPEED_M_S
    for (site, pop, measured, computed, missing), expected in zip(
        compared(folder), [("alps", "Frankfurt", 30.0), ("fjord", "", 31.0)], strict=True
    ):
        assert (site, pop) == expected[:2]
        assert measured == pytest.approx(expected[2])
        assert least_ms * 0.99 < computed < 2 * least_ms
        assert missing == pytest.approx(measured - computed)


def test_a_pop_that_is_not_in_the_list_is_named(folder: Path) -> None:
    """The terminal's fault, with the name."""
    (folder / "other.csv").write_text(ROWS.replace("Frankfurt", "Atlantis"))
    with pytest.raises(ScenarioError, match="Atlantis"):
        compared(folder, "other.csv")


def test_rows_that_are_not_measurements_are_all_reported(folder: Path) -> None:
    """Each with its line."""
    (folder / "bad.csv").write_text(HEADER + "a,47,8,,x,1,1,1\nb,47,east,,1,1,1,1\n")
    with pytest.raises(GroundError, match=r"2 fault\(s\)\n  line 2: .*\n  line 3: "):
        compared(folder, "bad.csv")


@pytest.mark.parametrize("content", [None, HEADER])
def test_a_missing_or_empty_file_is_said_so(folder: Path, content: str | None) -> None:
    """One clear fault."""
    if content is not None:
        (folder / "none.csv").write_text(content)
    with pytest.raises(GroundError, match="file: "):
        compared(folder, "none.csv")


def test_the_command_prints_a_row_per_site(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Through the shell, as people call it."""
    words = ["validate", "rtt", str(folder / "measured.csv"), "--hours", "0.05"]
    files = {"--catalogue": "sky.json", "--gateways": "gateways.csv", "--pops": "pops.csv"}
    assert main([*words, *(word for name, file in files.items() for word in (name, str(folder / file)))]) == 0
    shown = capsys.readouterr().out
    assert "alps" in shown
    assert "nearest" in shown
