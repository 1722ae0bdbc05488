"""Noise: what a receiver hears when nobody sends, and the carrier above it.

Rain warms the sky as it fades the signal, so a downlink pays twice. A satellite looks at the warm Earth: an uplink pays once.
"""

import numpy as np

from skycommons.base.arrays import Floats
from skycommons.base.errors import InputError
from skycommons.radio.decibels import from_db, to_db

BOLTZMANN_DBW_K_HZ = float(to_db(1.380_649e-23))  # SI definition (BIPM, SI brochure 9): -228.599 dB(W/K/Hz)
RAIN_TEMPERATURE_K = 275.0  # mean radiating temperature of rain and cloud; ITU-R P.618-14 §3
REFERENCE_TEMPERATURE_K = 290.0  # of noise figures: IEEE Std 145, ITU-R V.573


def antenna_temperature_in_rain_k(
    clear_k: Floats | float, fade_db: Floats | float, *, radiating_k: float = RAIN_TEMPERATURE_K
) -> Floats:
    """Noise of an antenna that hears a sky through rain and cloud; NaN for a fade below zero.

    Args:
        clear_k: Its noise under a clear sky.
        fade_db: Of rain and cloud.
        radiating_k: Mean temperature at which they radiate.
    Source: ITU-R P.618-14 §3.
    >>> antenna_temperature_in_rain_k(50.0, 0.0).tolist()
    50.0
    """
    fade = np.asarray(fade_db, dtype=np.float64)
    passes = from_db(-np.where(fade >= 0.0, fade, np.nan))
    return np.asarray(clear_k * passes + radiating_k * (1.0 - passes))


def system_temperature_k(
    antenna_k: Floats | float, noise_figure_db: float, *, ambient_k: float = REFERENCE_TEMPERATURE_K
) -> Floats:
    """Noise of an antenna and its receiver together, at the antenna's port.

    Raises:
        InputError: A noise figure below zero.
    Source: 3GPP TR 38.821 v16.2.0 §6.1.3.1, whose ``T0 + (Ta − T0) 10^(−F/10)`` times ``10^(F/10)`` this is.
    >>> system_temperature_k(150.0, 0.0).tolist()
    150.0
    """
    if not noise_figure_db >= 0.0:
        raise InputError(f"a noise figure is at least 0 dB, not {noise_figure_db:g}")
    return np.asarray(antenna_k + ambient_k * (from_db(noise_figure_db) - 1.0))


def g_over_t_db_k(gain_dbi: Floats | float, system_k: Floats | float) -> Floats:
    """How well a station hears: its gain over its noise.

    >>> g_over_t_db_k(40.0, 100.0).tolist()
    20.0
    """
    return np.asarray(gain_dbi - to_db(system_k))


def thermal_cn_db(
    eirp_dbw: Floats | float,
    g_over_t_db_k: Floats | float,
    *,
    loss_db: Floats | float,
    bandwidth_hz: Floats | float,
) -> Floats:
    """Carrier over thermal noise in a bandwidth; NaN where the bandwidth is not above zero.

    Args:
        eirp_dbw: Of the sender, towards the receiver.
        g_over_t_db_k: Of the receiver, towards the sender.
        loss_db: Free space and all else on the way, positive.
        bandwidth_hz: In which noise is counted.
    Source: 3GPP TR 38.821 v16.2.0 §6.1.3.1.
    """
    bandwidth = np.asarray(bandwidth_hz, dtype=np.float64)
    noise_db_hz = to_db(np.where(bandwidth > 0.0, bandwidth, np.nan))
    return np.asarray(eirp_dbw + g_over_t_db_k - loss_db - BOLTZMANN_DBW_K_HZ - noise_db_hz)
