"""Ladders, margins and rates."""

from fractions import Fraction

import numpy as np
import pytest

from skycommons.base.arrays import Floats
from skycommons.base.errors import InputError
from skycommons.radio.modcod import (
    NO_MARGIN,
    AdaptationMargin,
    Ladder,
    Modcod,
    Shannon,
    dvb_efficiency,
    ladder,
    ladder_names,
    outer_parity_bits,
    rate_bps,
    single_carrier_symbol_rate_hz,
)

PRINTED = 2e-6  # efficiencies of DVB are printed to six places
NR_PRINTED = 5.1e-5  # and those of NR to four
ONE_DB = AdaptationMargin()


def rung(threshold_db: float, spectral_efficiency: float) -> Modcod:
    return Modcod(
        name=f"{threshold_db} dB",
        bits_per_symbol=2,
        code_rate=Fraction(1, 2),
        threshold_db=threshold_db,
        spectral_efficiency=spectral_efficiency,
    )


@pytest.fixture
def steps() -> Ladder:
    """Two rungs, one that is worse than a cheaper one, one as dear as another and less, one without a threshold."""
    rows = (rung(5.0, 2.0), rung(0.0, 1.0), rung(3.0, 0.9), rung(5.0, 1.5), rung(np.nan, 9.0))
    return Ladder(name="steps", source="by hand", modcods=rows)


def test_every_dvb_efficiency_follows_from_the_lengths_of_its_frame() -> None:
    """All 67 of both standards."""
    old = set(ladder("dvb-s2").modcods)
    for row in ladder("dvb-s2x").modcods:
        parity = outer_parity_bits("DVB-S2" if row in old else "DVB-S2X", row.code_rate)
        computed = dvb_efficiency(row.bits_per_symbol, row.code_rate, parity_bits=parity)
        assert computed == pytest.approx(row.spectral_efficiency, abs=PRINTED), row.name


@pytest.mark.parametrize("name", ["nr-1", "nr-2"])
def test_every_nr_efficiency_is_order_times_rate(name: str) -> None:
    """To the four places that are printed."""
    for row in ladder(name).modcods:
        assert row.bits_per_symbol * row.code_rate == pytest.approx(row.spectral_efficiency, abs=NR_PRINTED)


@pytest.mark.parametrize("name", ladder_names())
def test_every_ladder_rises_and_beats_no_bound(name: str) -> None:
    """Rungs need more and give more, their names are unique, and Shannon stays above."""
    built = ladder(name)
    assert np.all(np.diff(built.threshold_db) > 0.0)
    assert np.all(np.diff(built.spectral_efficiency) > 0.0)
    assert len({row.name for row in built.modcods}) == len(built.modcods)
    bound = Shannon(gap_db=0.0, most=99.0).efficiency(built.threshold_db, NO_MARGIN)
    assert np.all(built.spectral_efficiency < bound)


@pytest.mark.parametrize("name", ladder_names())
def test_no_row_left_out_beats_the_rungs(name: str) -> None:
    """At its own threshold the ladder gives at least as much as any row with one."""
    built = ladder(name)
    for row in built.modcods:
        if not np.isnan(row.threshold_db):
            assert built.efficiency(row.threshold_db, NO_MARGIN) >= row.spectral_efficiency


def test_a_link_stands_on_the_best_rung_it_reaches(steps: Ladder) -> None:
    """A threshold is reached when it is met; a margin lifts it; no signal, no rung."""
    cn_db = np.array([-np.inf, -0.1, 0.0, 4.9, 5.0, np.inf, np.nan])
    np.testing.assert_array_equal(steps.rung(cn_db, NO_MARGIN), [-1, -1, 0, 0, 1, 1, -1])
    np.testing.assert_array_equal(steps.efficiency(cn_db, NO_MARGIN), [0.0, 0.0, 1.0, 1.0, 2.0, 2.0, 0.0])
    assert steps.efficiency(5.0, ONE_DB) == 1.0
    assert repr(steps) == "<Ladder 'steps': 2 rungs of 5>"


def test_rows_are_known_by_name(steps: Ladder) -> None:
    """Rungs or not; an unknown name gets the list."""
    assert steps.modcod("3.0 dB").spectral_efficiency == 0.9
    with pytest.raises(InputError, match=r"no modulation and code '8QAM'; it has 5.0 dB, 0.0 dB"):
        steps.modcod("8QAM")


def test_an_unknown_ladder_gets_the_list() -> None:
    """One sentence with every name."""
    with pytest.raises(InputError, match="there is no ladder 'lte'; there are dvb-s2, dvb-s2x, nr-1, nr-2"):
        ladder("lte")


def test_a_ladder_without_rungs_is_refused() -> None:
    """A row without a threshold is none."""
    with pytest.raises(InputError, match="ladder 'bare' has no modulation"):
        Ladder(name="bare", source="by hand", modcods=(rung(np.nan, 1.0),))


def test_a_margin_grows_with_the_fade_and_the_loop() -> None:
    """Negative parts are refused."""
    assert AdaptationMargin(fixed_db=0.5, fade_slope_db_s=0.1, loop_s=15.0).total_db == pytest.approx(2.0)
    with pytest.raises(InputError, match="a margin's loop_s is at least 0, not -1"):
        AdaptationMargin(loop_s=-1.0)


def test_shannon_keeps_its_gap_and_its_ceiling() -> None:
    """0 dB above the gap carries one bit; no signal carries none; the ceiling is never passed."""
    law = Shannon(gap_db=3.0)
    np.testing.assert_allclose(
        law.efficiency(np.array([3.0, -np.inf, np.nan, 99.0]), NO_MARGIN), [1.0, 0.0, 0.0, 7.4063]
    )


@pytest.mark.parametrize(("gap_db", "most"), [(-1.0, 5.0), (3.0, 0.0), (np.nan, 5.0)])
def test_a_channel_beyond_shannon_is_refused(gap_db: float, most: float) -> None:
    """Or one that carries nothing."""
    with pytest.raises(InputError, match="a gap to Shannon"):
        Shannon(gap_db=gap_db, most=most)


def test_three_laws_agree_about_a_link() -> None:
    """DVB-S2X with 1 dB in hand, NR with as much and Shannon less 3 dB, from 6 to 20 dB."""
    cn_db: Floats = np.arange(6.0, 20.0, 0.01)
    bound = Shannon().efficiency(cn_db, NO_MARGIN)
    for name, largest, mean in (("dvb-s2x", 0.10, 0.03), ("nr-2", 0.14, 0.04)):
        apart = np.abs(ladder(name).efficiency(cn_db, ONE_DB) / bound - 1.0)
        assert apart.max() < largest
        assert apart.mean() < mean


def test_a_rate_is_symbols_times_bits(steps: Ladder) -> None:
    """Zero where the link does not close."""
    rates = rate_bps(steps, np.array([-3.0, 0.0, 9.0]), symbol_rate_hz=2e8, margin=NO_MARGIN)
    np.testing.assert_array_equal(rates, [0.0, 2e8, 4e8])


@pytest.mark.parametrize("rate_hz", [0.0, -1.0, np.nan, np.inf])
def test_a_symbol_rate_that_is_none_is_refused(steps: Ladder, rate_hz: float) -> None:
    """One sentence."""
    with pytest.raises(InputError, match="a symbol rate is above 0 Hz"):
        rate_bps(steps, np.zeros(1), symbol_rate_hz=rate_hz, margin=NO_MARGIN)


def test_a_roll_off_takes_its_part_of_the_band() -> None:
    """250 MHz with 10 % hold 227.3 million symbols a second."""
    assert single_carrier_symbol_rate_hz(250e6, roll_off=0.1) == pytest.approx(227.2727e6)


@pytest.mark.parametrize(("bandwidth_hz", "roll_off"), [(-250e6, 0.1), (250e6, -0.1), (np.nan, 0.1)])
def test_a_carrier_that_is_none_is_refused(bandwidth_hz: float, roll_off: float) -> None:
    """Bandwidth and roll-off in one sentence."""
    with pytest.raises(InputError, match="a carrier has a bandwidth above 0 Hz"):
        single_carrier_symbol_rate_hz(bandwidth_hz, roll_off=roll_off)
