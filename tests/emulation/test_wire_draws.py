"""What chance adds and loses: one packet at a time as many at once, and as their distributions say."""

import numpy as np
import pytest

from skycommons.emulation.wire_draws import added_ns, is_lost, luck_of
from skycommons.emulation.wire_draws_kernel import added_ns as added_to_one
from skycommons.emulation.wire_draws_kernel import is_lost as is_one_lost
from tests.support.wires import settings

pytestmark = pytest.mark.kernel

QUANTILES = np.array([0.0, 0.4, 0.8, 1.5, 3.0])


def test_one_packet_meets_what_is_predicted_for_many() -> None:
    """Wait and extra, lines and instants, and either alone."""
    given = settings(seed=9, wait_quantiles=QUANTILES, wait_hold_ns=1_000)
    luck, instants = luck_of(given, 4), np.arange(0, 40_000, 777)
    for line, wait_ns, extra_ns in ((0, 3e6, 0.0), (3, 0.0, 5e6), (2, 1e6, 2e6), (1, 0.0, 0.0)):
        many = added_ns(given, line, instants, wait_ns=wait_ns, extra_ns=extra_ns)
        with np.errstate(over="ignore"):
            each = [
                added_to_one(luck[line, 1], luck[line, 2], int(at) // 1_000, QUANTILES, wait_ns, extra_ns)
                for at in instants
            ]
        np.testing.assert_allclose(each, many, rtol=1e-12)


def test_packets_of_one_stretch_wait_alike_and_lines_do_not() -> None:
    """A stretch is as long as the settings say."""
    given = settings(wait_hold_ns=1_000)
    instants = np.array([0, 999, 1_000])
    first, same, later = added_ns(given, 0, instants, wait_ns=1e6, extra_ns=0.0)
    other = added_ns(given, 1, instants, wait_ns=1e6, extra_ns=0.0)[0]
    assert first == same
    assert len({first, later, other}) == 3


def test_waits_and_extras_are_distributed_as_they_should_be() -> None:
    """Quantiles of the wait are those of the settings, extras are exponential."""
    given = settings(wait_quantiles=QUANTILES, wait_hold_ns=1)
    instants = np.arange(200_000)
    waits = added_ns(given, 0, instants, wait_ns=2e6, extra_ns=0.0)
    np.testing.assert_allclose(np.quantile(waits, np.linspace(0.0, 1.0, 5)), 2e6 * QUANTILES, atol=2e4)
    extras = added_ns(given, 0, instants, wait_ns=0.0, extra_ns=1e6)
    np.testing.assert_allclose([extras.mean(), np.median(extras)], [1e6, 1e6 * np.log(2.0)], rtol=0.02)
    assert abs(float(np.corrcoef(waits, extras)[0, 1])) < 0.02


def test_losses_are_a_share_and_hang_on_the_number_alone() -> None:
    """The same packets are lost whoever asks."""
    given, numbers = settings(seed=3), np.arange(100_000)
    lost = is_lost(given, 1, numbers, loss=0.01)
    assert 0.008 < lost.mean() < 0.012
    luck = luck_of(given, 2)
    with np.errstate(over="ignore"):
        each = [is_one_lost(luck[1, 0], number, 0.01) for number in range(500)]
    assert each == lost[:500].tolist()
    assert not is_lost(given, 1, numbers, loss=0.0).any()
    assert is_lost(given, 1, numbers, loss=1.0).all()
