"""The arc and the flux density, on a small table and few sets."""

from pathlib import Path

import pytest

from skycommons.base.errors import DocumentError
from skycommons.studies import validate_rules
from skycommons.studies.radio_check import Judgement
from skycommons.studies.validate_rules import arc_checks, capacity_checks, flux_density_checks, rule_checks

ARC = "latitude_deg,arc_culmination_elevation_deg\n0,90.0\n50,32.6855\n81.3,-0.0005\n"


def write(folder: Path, text: str = ARC) -> Path:
    """A folder with a table of the arc."""
    (folder / "gso_arc.csv").write_text(text, "utf-8")
    return folder


def test_the_arc_stands_where_the_table_has_it(tmp_path: Path) -> None:
    """Where it is above the horizon; beyond 81.3 degrees there is nothing to compare."""
    (check,) = arc_checks(write(tmp_path))
    assert (check.cases, check.verdict) == (2, True)
    (wrong,) = arc_checks(write(tmp_path, ARC.replace("32.6855", "33")))
    assert (wrong.within, wrong.judgement) == (1, Judgement.DISAGREES)


@pytest.mark.parametrize("text", ["a\n1\n", "latitude_deg,arc_culmination_elevation_deg\nfar,90\n"])
def test_a_table_of_something_else_is_refused(tmp_path: Path, text: str) -> None:
    """One message with the file's name."""
    with pytest.raises(DocumentError, match=r"gso_arc\.csv.*\n.*table of the arc"):
        arc_checks(write(tmp_path, text))


def test_no_set_of_beams_is_above_the_limit() -> None:
    """Most sets would be without the rule, and the row says how many were tried."""
    search, eight = flux_density_checks(sets=500, seed=3)
    assert (search.cases, search.within, search.value) == (500, 500, "0 of 500")
    assert search.verdict
    assert eight.shown_value == "9.0309 dB"


def test_a_set_above_the_limit_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """The search can fail: without the rule, it does."""
    monkeypatch.setattr(validate_rules, "beams_within_limit_dbw_m2_4khz", lambda beams, _: beams)
    search, _ = flux_density_checks(sets=50)
    assert search.judgement is Judgement.DISAGREES
    assert search.largest_absolute_db > 1.0


def test_satellites_and_cells_keep_their_limits() -> None:
    """Many would not without the rule; channels are listed only, as nobody schedules them."""
    satellites, cells, channels = capacity_checks(sets=200, seed=3)
    assert (satellites.verdict, cells.verdict) == (True, True)
    assert satellites.shown_value == cells.shown_value == "0 of 200"
    assert not satellites.shown_expectation.startswith("none; 0 ")
    assert not cells.shown_expectation.startswith("none; 0 ")
    assert channels.judgement is Judgement.NOT_COMPARABLE


def test_a_limit_that_is_broken_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the rules both searches find sets."""
    monkeypatch.setattr(validate_rules, "within_satellite_limit", lambda rate_bps, *_: rate_bps)
    monkeypatch.setattr(validate_rules, "cell_rate_bps", lambda rate_bps, carriers, **_: rate_bps * carriers)
    satellites, cells, _ = capacity_checks(sets=200)
    assert satellites.judgement is cells.judgement is Judgement.DISAGREES
    assert min(satellites.largest_absolute_db, cells.largest_absolute_db) > 0.0


def test_rules_are_one_list(tmp_path: Path) -> None:
    """The arc, flux density, then limits."""
    assert len(rule_checks(write(tmp_path))) == 6
