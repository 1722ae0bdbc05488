"""Rain: what it takes from a slant path, and how much of the year."""

from dataclasses import dataclass

import numpy as np

from skycommons.base.arrays import Floats
from skycommons.radio.recommendations import above_horizon

_EFFECTIVE_RADIUS_M = 8_500_000.0  # Earth's effective radius of P.618-14 §2.2.1.1
_FREEZING_TO_RAIN_M = 360.0  # P.839-4: rain reaches this far above the mean 0 °C isotherm
_TROPIC_RAD = np.radians(36.0)

# P.838-3, tables 1 to 4: a, b, c of each term, then slope and offset in log10(GHz).
_K_HORIZONTAL = (
    (
        (-5.33980, -0.10008, 1.13098),
        (-0.35351, 1.26970, 0.45400),
        (-0.23789, 0.86036, 0.15354),
        (-0.94158, 0.64552, 0.16817),
    ),
    (-0.18961, 0.71147),
)
_K_VERTICAL = (
    (
        (-3.80595, 0.56934, 0.81061),
        (-3.44965, -0.22911, 0.51059),
        (-0.39902, 0.73042, 0.11899),
        (0.50167, 1.07319, 0.27195),
    ),
    (-0.16398, 0.63297),
)
_ALPHA_HORIZONTAL = (
    (
        *((-0.14318, 1.82442, -0.55187), (0.29591, 0.77564, 0.19822), (0.32177, 0.63773, 0.13164)),
        *((-5.37610, -0.96230, 1.47828), (16.1721, -3.29980, 3.43990)),
    ),
    (0.67849, -1.95537),
)
_ALPHA_VERTICAL = (
    (
        *((-0.07771, 2.33840, -0.76284), (0.56727, 0.95545, 0.54039), (-0.20238, 1.14520, 0.26809)),
        *((-48.2991, 0.791669, 0.116226), (48.5833, 0.791459, 0.116479)),
    ),
    (-0.053739, 0.83433),
)
_Fit = tuple[tuple[tuple[float, float, float], ...], tuple[float, float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class PowerLaw:
    """Specific attenuation of rain: ``k · rate ** alpha`` dB/km of a rate in mm/h.

    Attributes:
        k: The factor.
        alpha: The exponent.
    """

    k: Floats
    alpha: Floats

    def loss_db_km(self, rain_rate_mm_h: Floats) -> Floats:
        """Specific attenuation in dB/km, the field's unit, of a rain rate."""
        return self.k * np.asarray(rain_rate_mm_h) ** self.alpha


@dataclass(frozen=True, slots=True, kw_only=True)
class RainPath:
    """A slant path through rain and the climate it crosses; arrays that broadcast.

    Attributes:
        frequency_hz: 1 to 55 GHz; `outside_frequency` with `P618_RAIN` labels the rest.
        elevation_rad: Above the horizon; elsewhere results are NaN.
        tilt_rad: Polarisation against the horizontal; π/4 for circular.
        latitude_rad: Of the site.
        height_m: Of the site above the sea.
        rain_height_m: Above the sea: `rain_height_m`.
        rate_mm_h: Rain rate exceeded for 0.01 % of the average year, over one minute.
    """

    frequency_hz: Floats
    elevation_rad: Floats
    tilt_rad: Floats
    latitude_rad: Floats
    height_m: Floats
    rain_height_m: Floats
    rate_mm_h: Floats


def rain_power_law(frequency_hz: Floats, elevation_rad: Floats, tilt_rad: Floats) -> PowerLaw:
    """Coefficients of the specific attenuation of rain for any linear or circular polarisation.

    Args:
        frequency_hz: 1 to 1000 GHz; `outside_frequency` with `P838` labels the rest.
        elevation_rad: Of the path; 0 is a terrestrial one.
        tilt_rad: Against the horizontal: 0 horizontal, π/2 vertical, π/4 circular.
    Accuracy: 1e-7 of the ITU's examples (tests/golden/test_itu_validation.py).
    Source: ITU-R P.838-3, equations (2) to (5).
    >>> law = rain_power_law(np.array(20e9), np.array(0.0), np.array(0.0))
    >>> round(float(law.k), 5), round(float(law.alpha), 4)
    (0.09164, 1.0568)
    """
    log_ghz = np.log10(np.asarray(frequency_hz) / 1e9)
    k_h, k_v = 10.0 ** _fit(_K_HORIZONTAL, log_ghz), 10.0 ** _fit(_K_VERTICAL, log_ghz)
    slope_h, slope_v = k_h * _fit(_ALPHA_HORIZONTAL, log_ghz), k_v * _fit(_ALPHA_VERTICAL, log_ghz)
    lean = np.cos(elevation_rad) ** 2 * np.cos(2.0 * np.asarray(tilt_rad))
    k = (k_h + k_v + (k_h - k_v) * lean) / 2.0
    return PowerLaw(k=k, alpha=(slope_h + slope_v + (slope_h - slope_v) * lean) / (2.0 * k))


def rain_height_m(freezing_height_m: Floats) -> Floats:
    """Height above the sea up to which it rains, from the mean height of the 0 °C isotherm.

    Source: ITU-R P.839-4, equation (1).
    """
    return np.asarray(freezing_height_m) + _FREEZING_TO_RAIN_M


def rain_loss_db(path: RainPath, exceedance: Floats) -> Floats:
    """Rain attenuation exceeded for a share of the average year.

    Args:
        path: The path and its climate.
        exceedance: 1e-5 to 0.05; `outside_exceedance` with `P618_RAIN` labels the rest. Broadcasts with the path.
    Returns:
        NaN not above the horizon; 0 for a site above the rain or where it never rains.
    Accuracy: 1e-7 relative of the ITU's examples, whose slant paths are rounded (tests/golden/test_itu_validation.py).
    Source: ITU-R P.618-14 §2.2.1.1, step 10.
    """
    reference = rare_rain_loss_db(path)
    share = np.asarray(exceedance)
    percent, sine = 100.0 * share, np.sin(above_horizon(path.elevation_rad))
    inward = np.maximum(_TROPIC_RAD - np.abs(path.latitude_rad), 0.0)  # how far inside 36 degrees of latitude
    low = np.asarray(path.elevation_rad) < np.radians(25.0)
    beta = 0.005 * np.degrees(inward) + np.where(low, 1.8 - 4.25 * sine, 0.0)
    beta = np.where((percent >= 1.0) | (inward <= 0.0), 0.0, beta)
    rains = reference > 0.0
    log_loss = np.log(np.where(rains, reference, 1.0))
    power = 0.655 + 0.033 * np.log(percent) - 0.045 * log_loss - beta * (1.0 - percent) * sine
    return np.where(rains, reference * (percent / 0.01) ** -power, reference)


def rare_rain_loss_db(path: RainPath) -> Floats:
    """Rain attenuation exceeded for 0.01 % of the average year.

    Source: ITU-R P.618-14 §2.2.1.1, steps 2 to 9.
    """
    elevation = above_horizon(path.elevation_rad)
    sine, cosine, ghz = np.sin(elevation), np.cos(elevation), np.asarray(path.frequency_hz) / 1e9
    depth_km = np.asarray((np.asarray(path.rain_height_m) - path.height_m) / 1e3)
    rising_km = np.maximum(depth_km, 0.0)
    bent = np.sqrt(sine**2 + 2.0 * rising_km / (_EFFECTIVE_RADIUS_M / 1e3)) + sine
    slant_km = np.where(elevation >= np.radians(5.0), rising_km / sine, 2.0 * rising_km / bent)
    ground_km = slant_km * cosine
    gamma = rain_power_law(path.frequency_hz, elevation, path.tilt_rad).loss_db_km(path.rate_mm_h)

    reduction = 1.0 / (1.0 + 0.78 * np.sqrt(ground_km * gamma / ghz) - 0.38 * (1.0 - np.exp(-2.0 * ground_km)))
    steeper = np.arctan2(rising_km, ground_km * reduction) > elevation
    rainy_km = np.where(steeper, ground_km * reduction / cosine, rising_km / sine)
    latitude_term = 1.0 + np.maximum(36.0 - np.abs(np.degrees(path.latitude_rad)), 0.0)
    vertical = 31.0 * (1.0 - np.exp(-np.degrees(elevation) / latitude_term)) * np.sqrt(rainy_km * gamma) / ghz**2 - 0.45
    return gamma * rainy_km / (1.0 + np.sqrt(sine) * vertical)


def _fit(fit: _Fit, log_ghz: Floats) -> Floats:
    """A sum of bells and a straight line in the logarithm of the frequency."""
    bells, (slope, offset) = fit
    line = slope * log_ghz + offset
    return line + sum((a * np.exp(-(((log_ghz - b) / c) ** 2)) for a, b, c in bells), np.zeros_like(log_ghz))
