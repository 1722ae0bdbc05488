"""From a scenario to what its lines do: the model of delay and loss near its date, and what holds for a whole run.

Rules: the parameters of the latency model are those of the network near the scenario's date. Where the scenario switches the
access or the losses off, the lines have the light's way and the plan's rates alone.
"""

from typing import Final

import numpy as np

from skycommons.base.constants import NS_PER_S
from skycommons.emulation.line_model import LineModel
from skycommons.emulation.line_rows import LineRows, LineSettings, LineState
from skycommons.emulation.loss_model import MEASURED_LOSSES
from skycommons.model.scenario import Scenario
from skycommons.plan.latency import model_near

_QUANTILES: Final = 1025
_GSO_S: Final = 1e-3  # of a line's rate that one packet may take: longer ones would make queues coarse
_MOST_GSO_BYTES: Final = 65_536


def line_model_of(scenario: Scenario) -> LineModel:
    """What the lines of a scenario do besides what the plan says."""
    rules = scenario.emulation
    return LineModel(
        latency=model_near(scenario.start_ns) if rules.access else None,
        losses=MEASURED_LOSSES if rules.loss else None,
        rules=rules,
        seed=scenario.seed,
    )


def line_settings_of(scenario: Scenario) -> LineSettings:
    """What holds for all lines of a scenario's run."""
    rules = scenario.emulation
    return LineSettings(
        queue=rules.queue,
        separate_icmp=rules.separate_icmp,
        seed=scenario.seed,
        wait_hold_ns=round(rules.wait_hold_s * NS_PER_S),
        wait_quantiles=model_near(scenario.start_ns).wait_quantiles(_QUANTILES),
        mtu=rules.mtu,
    )


def gso_bytes_of(rows: LineRows, mtu: int) -> tuple[int, ...]:
    """Longest packet that each of ``U`` terminals may hand to its line in one piece.

    Args:
        rows: Of ``2 U`` lines.
        mtu: Longest packet on the wire.
    Returns:
        ``U`` numbers of bytes: what the slower of the two lines carries in a millisecond at its fastest, a whole packet at least
        and 64 KiB at most; a whole packet where nothing is known of a line that is dark. Losses are cut out by the wire.
    """
    found = []
    for terminal in range(len(rows) // 2):
        most = min(_most_bytes(rows, line) for line in (2 * terminal, 2 * terminal + 1))
        found.append(int(np.clip(most, mtu, _MOST_GSO_BYTES)))
    return tuple(found)


def _most_bytes(rows: LineRows, line: int) -> float:
    """What one line carries in a millisecond at its fastest; nothing where nothing is known of it."""
    held = slice(int(rows.first[line]), int(rows.first[line + 1]))
    ns_per_byte = rows.ns_per_byte[held][rows.state[held] != LineState.DROP]
    if not len(ns_per_byte):
        return 0.0
    least_ns = float(ns_per_byte.min())
    return float("inf") if least_ns == 0.0 else _GSO_S * NS_PER_S / least_ns
