"""Pings of a dish are whole ones: lost while a line carries nothing, and by chance as often as lines lose packets."""

import numpy as np
import pytest

from skycommons.base.constants import NS_PER_S
from skycommons.emulation.dish_pings import PINGS_A_SECOND, unanswered_share
from skycommons.emulation.line_rows import LineRow, LineState, TimedRows

UP, DROP = LineRow(), LineRow(state=LineState.DROP)


def ms(*rows: tuple[int, LineRow]) -> TimedRows:
    """Rows with instants in ms."""
    return [(begin_ms * 1_000_000, row) for begin_ms, row in rows]


def share(up: TimedRows, down: TimedRows, *, terminal: int = 0, seed: int = 3, end_s: int = 2) -> float:
    """Of the second that ends then."""
    return unanswered_share(up, down, terminal=terminal, seed=seed, end_ns=end_s * NS_PER_S)


@pytest.mark.parametrize(
    ("up", "down", "lost"),
    [
        (ms((0, UP)), ms((0, UP)), 0),
        (ms((0, DROP)), ms((0, UP)), 15),
        (ms((0, UP)), ms((0, DROP)), 15),
        (ms((0, UP), (1_598, DROP)), ms((0, UP), (1_800, UP)), 6),
        (ms((0, UP), (1_197, DROP), (1_263, UP)), ms((0, UP), (1_263, DROP), (1_330, UP)), 2),
        (ms((0, UP), (1_203, DROP), (1_260, UP)), ms((0, UP)), 0),  # between two pings
        (ms((0, DROP), (1_000, UP), (2_000, DROP)), ms((0, UP)), 0),
        (ms((0, LineRow(state=LineState.HOLD))), ms((0, UP)), 0),
        (ms((1_900, DROP)), ms((0, UP)), 15),  # the first row holds before its instant
    ],
)
def test_pings_are_lost_while_either_line_drops(up: TimedRows, down: TimedRows, lost: int) -> None:
    """In the second that ends at 2 s."""
    assert share(up, down) == pytest.approx(lost / PINGS_A_SECOND)


def test_chance_takes_what_lines_lose() -> None:
    """Over some minutes the share is that of both lines together; single seconds have whole pings, most of them none lost."""
    up, down = ms((0, LineRow(loss=0.02))), ms((0, LineRow(loss=0.01)))
    shares = np.array([share(up, down, end_s=second) for second in range(2, 802)])
    pings = shares * PINGS_A_SECOND
    np.testing.assert_allclose(pings, np.round(pings), atol=1e-9)
    assert shares.mean() == pytest.approx(
        1.0 - 0.98 * 0.99, abs=4 * 0.17 / np.sqrt(800 * PINGS_A_SECOND)
    )  # four standard errors
    assert 0.5 < (shares == 0.0).mean() < 0.75


def test_chance_hangs_on_seed_terminal_and_instant_alone() -> None:
    """The same again for the same; others for another seed or terminal."""
    rows = ms((0, LineRow(loss=0.3)))

    def minute(**who: int) -> list[float]:
        return [share(rows, rows, end_s=second, **who) for second in range(2, 62)]

    assert minute() == minute()
    assert minute() != minute(terminal=1)
    assert minute() != minute(seed=4)


def test_every_ping_belongs_to_one_second() -> None:
    """Wherever seconds end, fifteen follow each other without a gap."""
    rows = ms((0, LineRow(loss=0.5)))
    at_once = [unanswered_share(rows, rows, terminal=0, seed=1, end_ns=n * NS_PER_S + 7) for n in range(2, 6)]
    assert all(0.0 < one < 1.0 for one in at_once)
    edge = ms((0, UP), (1_520, DROP), (1_610, UP))  # two pings, of which the second that begins between them has one
    whole = [
        share(edge, ms((0, UP)), end_s=2),
        unanswered_share(edge, ms((0, UP)), terminal=0, seed=1, end_ns=2_550_000_000),
    ]
    assert whole[0] == pytest.approx(2 / 15)
    assert whole[1] == pytest.approx(1 / 15)
