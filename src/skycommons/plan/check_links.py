"""What a link carries at most: budgets without any air, against which the check holds the rates of a plan.

Rules: nothing here is shared with the compiled rates or their tables; powers, gains and distances are added up anew, for many
links at once. There is no gas, cloud or rain, so that what comes out is a bound in every weather and never the rate itself.
A cell's link is judged as the scheduler promises to judge it: a first terminal, a satellite due east at the usual altitude of
its payload.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from skycommons.base.arrays import Floats
from skycommons.model.equipment import Carrier, GatewayType, Payload, TerminalType
from skycommons.model.rules import RadioRules
from skycommons.radio.antenna import parabolic_gain_dbi, scan_loss_db
from skycommons.radio.decibels import from_db, to_db
from skycommons.radio.free_space import free_space_loss_db
from skycommons.radio.modcod import RateLaw, rate_bps
from skycommons.radio.noise import BOLTZMANN_DBW_K_HZ
from skycommons.radio.spectrum import beam_eirp_dbw

SMOOTHED_DB: Final = 1.0
"""Rates of cells are straight between a few elevations, where a true rate stands on a rung: so much better a signal is allowed."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Looks:
    """``N`` lines of sight from cells to satellites that stand where their payload usually flies.

    Attributes:
        elevation_rad: ``(N,)``; NaN below the horizon.
        range_m: ``(N,)``.
        nadir_rad: ``(N,)`` angle at the satellite from straight down.
    """

    elevation_rad: Floats
    range_m: Floats
    nadir_rad: Floats

    @staticmethod
    def at(elevation_rad: Floats, *, ground_m: Floats, radius_m: Floats) -> "Looks":
        """Lines of sight under an elevation.

        Args:
            elevation_rad: ``(N,)``.
            ground_m, radius_m: ``(N,)`` of the cells and of the satellites, from the Earth's centre.
        """
        above = np.where(elevation_rad > 0.0, elevation_rad, np.nan)
        across_m, up_m = ground_m * np.cos(above), ground_m * np.sin(above)
        return Looks(
            elevation_rad=above,
            range_m=np.sqrt(radius_m**2 - across_m**2) - up_m,
            nadir_rad=np.arcsin(across_m / radius_m),
        )


def service_bound_bps(
    looks: Looks, payload: Payload, terminal: TerminalType, rules: RadioRules
) -> tuple[Floats, Floats]:
    """``(N,)`` most that a beam carries down to a terminal and a terminal up to its satellite; 0 below the horizon.

    Args:
        looks: ``N`` lines of sight.
        payload: What the satellites carry.
        terminal: What stands on the ground.
        rules: Laws, margin, and whether the legal power flux density is used up.
    """
    steering_rad = np.arccos(np.cos(terminal.tilt_rad) * np.sin(looks.elevation_rad))
    lost_db = scan_loss_db(steering_rad, scan_exponent=terminal.scan_exponent)
    lost_db = lost_db + terminal.pointing_loss_db + terminal.polarisation_loss_db
    aside_db = scan_loss_db(looks.nadir_rad, scan_exponent=payload.scan_exponent)
    sent_dbw = beam_eirp_dbw(
        np.inf if rules.full_pfd else payload.down_pfd_dbw_m2_4khz,
        most_dbw=payload.transmit_eirp_dbw - aside_db,
        elevation_rad=looks.elevation_rad,
        range_m=looks.range_m,
        bandwidth_hz=payload.down.bandwidth_hz,
    )
    down_bps = _carrier_bps(
        payload.down,
        sent_dbw + terminal.receive_gain_dbi - lost_db - to_db(terminal.receiver_k + terminal.antenna_k),
        looks.range_m,
        disturbed=_power(payload.co_channel_db, payload.cross_polar_db, payload.intermodulation_db),
        law=rules.service_law,
        rules=rules,
        better_db=SMOOTHED_DB,
    )
    up_bps = _carrier_bps(
        payload.up,
        terminal.transmit_eirp_dbw - lost_db + payload.g_over_t_db_k - aside_db,
        looks.range_m,
        disturbed=_power(payload.up_co_channel_db),
        law=rules.service_law,
        rules=rules,
        better_db=SMOOTHED_DB,
    )
    return down_bps, up_bps * terminal.duty_cycle


def feeder_bound_bps(
    range_m: Floats, payload: Payload, gateway: GatewayType, rules: RadioRules
) -> tuple[Floats, Floats]:
    """``(N,)`` most that feeder links carry up to a satellite and down from it, all shared bands together.

    Args:
        range_m: ``(N,)``.
        payload: What the satellites carry.
        gateway: What follows them.
        rules: Law and margin.
    """
    forward_bps, return_bps = np.zeros_like(range_m), np.zeros_like(range_m)
    of_band = {feeder.band: feeder for feeder in payload.feeders}

    def carried(carrier: Carrier, ends_db: float) -> Floats:
        ends = np.full(len(range_m), ends_db)
        return _carrier_bps(carrier, ends, range_m, disturbed=0.0, law=rules.feeder_law, rules=rules)

    for dish in gateway.feeders:
        if dish.band in of_band:
            feeder, efficiency = of_band[dish.band], dish.aperture_efficiency
            gain_dbi = float(parabolic_gain_dbi(dish.dish_m, dish.down.frequency_hz, aperture_efficiency=efficiency))
            heard_db = gain_dbi - float(to_db(dish.receiver_k + dish.antenna_k)) - dish.pointing_loss_db
            sent_dbw = dish.transmit_eirp_dbw - dish.pointing_loss_db
            forward_bps += carried(dish.up, sent_dbw + feeder.g_over_t_db_k)
            return_bps += carried(dish.down, feeder.transmit_eirp_dbw + heard_db)
    return forward_bps, return_bps


def _carrier_bps(
    carrier: Carrier,
    ends_db: Floats,
    range_m: Floats,
    *,
    disturbed: float,
    law: RateLaw,
    rules: RadioRules,
    better_db: float = 0.0,
) -> Floats:
    """Rate over empty space.

    Args:
        carrier: What is sent.
        ends_db: ``(N,)`` power sent, with gain over noise temperature where it is received (dBW/K).
        range_m: ``(N,)``.
        disturbed: Power of interference over the carrier's.
        law: From carrier over noise to bits.
        rules: With the margin.
        better_db: By which the signal is allowed to be better.
    """
    space_db = free_space_loss_db(range_m, np.array(carrier.frequency_hz))
    thermal_db = ends_db - space_db - BOLTZMANN_DBW_K_HZ - to_db(carrier.bandwidth_hz)
    cn_db = -to_db(from_db(-thermal_db) + disturbed) + better_db
    return rate_bps(law, cn_db, symbol_rate_hz=carrier.symbol_rate_hz, margin=rules.margin)


def _power(*ratios_db: float) -> float:
    """Power of several disturbances over the carrier's."""
    return float(sum(from_db(-ratio) for ratio in ratios_db))
