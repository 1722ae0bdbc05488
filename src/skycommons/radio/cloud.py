"""Cloud: what liquid water above a site takes."""

import numpy as np

from skycommons.base.arrays import Floats
from skycommons.radio.recommendations import above_horizon

_COLUMN_TEMPERATURE_K = 273.75  # P.840-9, equation (12)


def cloud_coefficient_db_km(frequency_hz: Floats, temperature_k: Floats) -> Floats:
    """Specific attenuation of 1 g/m³ of cloud liquid water, in dB/km: the double-Debye model.

    Args:
        frequency_hz, temperature_k: Any shapes that broadcast; 1 to 200 GHz.
    Source: ITU-R P.840-9, equations (2) to (11).
    >>> round(float(cloud_coefficient_db_km(np.array(20e9), np.array(273.15))), 3)
    0.359
    """
    frequency = np.asarray(frequency_hz) / 1e9
    excess = 300.0 / np.asarray(temperature_k) - 1.0
    static = 77.66 + 103.3 * excess
    middle, optical = 0.0671 * static, 3.52
    principal = 20.20 - 146.0 * excess + 316.0 * excess**2
    first, second = frequency / principal, frequency / (39.8 * principal)
    real = (static - middle) / (1.0 + first**2) + (middle - optical) / (1.0 + second**2) + optical
    imaginary = first * (static - middle) / (1.0 + first**2) + second * (middle - optical) / (1.0 + second**2)
    return 0.819 * frequency / (imaginary * (1.0 + ((2.0 + real) / imaginary) ** 2))


def cloud_column_db_m2_kg(frequency_hz: Floats) -> Floats:
    """Zenith attenuation of 1 kg/m² of cloud liquid water over the whole column.

    Source: ITU-R P.840-9, equation (12).
    >>> round(float(cloud_column_db_m2_kg(np.array(45e9))), 3)
    1.443
    """
    frequency = np.asarray(frequency_hz) / 1e9
    shape = (
        0.1522 * np.exp(-((frequency + 23.9589) ** 2) / 3.2991e3)
        + 11.51 * np.exp(-((frequency - 219.2096) ** 2) / 2.7595e6)
        - 10.4912
    )
    return cloud_coefficient_db_km(frequency_hz, np.asarray(_COLUMN_TEMPERATURE_K)) * shape


def cloud_loss_db(frequency_hz: Floats, elevation_rad: Floats, liquid_kg_m2: Floats) -> Floats:
    """Cloud attenuation on a slant path; NaN not above the horizon.

    Args:
        frequency_hz: 1 to 200 GHz; `outside_frequency` with `P840` labels the rest.
        elevation_rad: 5° to 90°.
        liquid_kg_m2: Integrated liquid water content, now or exceeded for the wanted share of the year.
    Accuracy: 1e-14 of the ITU's examples (tests/golden/test_itu_validation.py).
    Source: ITU-R P.840-9 §3.1 and §3.2.
    >>> round(float(cloud_loss_db(np.array(15e9), np.array(np.pi / 4), np.array(0.221336837464663))), 6)
    0.059509
    """
    return cloud_column_db_m2_kg(frequency_hz) * liquid_kg_m2 / np.sin(above_horizon(elevation_rad))
