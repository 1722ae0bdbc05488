"""The compiled rates of many links: geometry, sky, carrier over noise, modulation and code, link by link.

A leg is one direction in one band between a class of sites and a payload; `radio` packs their columns. All in dB and SI.
"""

import numpy as np
from numba import njit

from skycommons.base.arrays import Floats, Floats32, Ints, Shorts
from skycommons.radio.noise import RAIN_TEMPERATURE_K
from skycommons.radio.sky_kernel import place_at
from skycommons.radio.spectrum import HIGH_PFD_DBW_M2_4KHZ, HIGH_PFD_RAD, LOW_PFD_DBW_M2_4KHZ, LOW_PFD_RAD, PFD_DB_RAD

LEG_COLUMNS = 12  # of a leg, in this order
PFD, SPREAD, EIRP, SAT_SCAN, SITE_SCAN, FIXED, RECEIVER, ANTENNA, INTERFERENCE, CROSS, SYMBOLS, LIMIT = range(
    LEG_COLUMNS
)
LEG_MARKS = 3  # whole numbers of a leg: 1 for a downlink, its row of sky rows, its law
IS_DOWN, SKY, LAW = range(LEG_MARKS)
OUTPUTS, RATES = 7, 2
DOWN_BPS, UP_BPS, DOWN_CN, UP_CN, LOSS, FADE, SCAN = range(OUTPUTS)
_ONE = np.uintp(1)
_NEPER = np.log(10.0) / 10.0  # natural logarithm of 1 dB
_PER_NEPER = 1.0 / _NEPER
_HIGH_PFD_SINE = np.sin(HIGH_PFD_RAD)


@njit(error_model="numpy", nogil=True, cache=True)
def rate_links(
    site: Ints,
    sat: Ints,
    position_m: Floats,
    site_m: Floats,
    site_up: Floats,
    boresight: Floats,
    cosine_field_of_view: Floats,
    site_scales: Floats,
    site_class: Ints,
    payload: Ints,
    leg_span: Ints,
    leg_columns: Floats,
    leg_marks: Ints,
    sky_first: Ints,
    sky_values: Floats32,
    law_tables: Floats,
    law_starts: Shorts,
    law_grid: Floats,
    outputs: int,
) -> Floats:
    """Rates and what explains them, ``(outputs, L)``; what a link does not have is rate 0 and NaN.

    Args:
        site, sat: ``(L,)``.
        position_m: ``(S, 3)``; ``payload`` ``(S,)``.
        site_m, site_up, boresight: ``(G, 3)``; ``cosine_field_of_view``, ``site_class`` ``(G,)``, -1 for no class.
        site_scales: ``(G, 2)`` as `place_at` reads them.
        leg_span: ``(C, M, 2)`` first leg of a class and payload, and the one behind the last.
        leg_columns, leg_marks: ``(N, LEG_COLUMNS)``, ``(N, LEG_MARKS)``.
        sky_first: ``(K, G)`` first node of a site in a sky, -1 for none; ``sky_values`` ``(nodes, 3)``.
        law_tables, law_starts, law_grid: As `bits_per_symbol` reads them, one row for each law.
        outputs: `OUTPUTS`, or `RATES` for the rates alone: memory costs as much as physics here.
    """
    out = np.empty((outputs, len(site)))
    for link in range(len(site)):
        here, above = np.uintp(site[link]), np.uintp(sat[link])  # unsigned rows need no test for negative ones
        distance, sine, ahead, down = _geometry(position_m[above], site_m[here], site_up[here], boresight[here])
        place, part = place_at(sine, site_scales[here, 0], site_scales[here, 1])
        down_bps, up_bps = 0.0, 0.0
        down_cn_db, up_cn_db, loss_db, fade_db, scan_db = np.nan, np.nan, np.nan, np.nan, np.nan
        if site_class[here] >= 0 and place >= 0:
            in_field = ahead >= cosine_field_of_view[here] * distance
            range_db, face_db, nadir_db = 2.0 * _decibel(distance), _scan_db(ahead / distance), _scan_db(down)
            per_sine, span = 1.0 / sine, leg_span[np.uintp(site_class[here]), np.uintp(payload[above])]
            for signed_leg in range(span[0], span[1]):
                leg = np.uintp(signed_leg)
                first = sky_first[np.uintp(leg_marks[leg, SKY]), here]
                if first < 0:
                    continue
                low, high = np.uintp(first + place), np.uintp(first + place + 1)
                total = (sky_values[low, 0] + part * (sky_values[high, 0] - sky_values[low, 0])) * per_sine
                fade = (sky_values[low, 1] + part * (sky_values[high, 1] - sky_values[low, 1])) * per_sine
                turned = sky_values[low, 2] + part * (sky_values[high, 2] - sky_values[low, 2])
                site_scan = leg_columns[leg, SITE_SCAN] * face_db if leg_columns[leg, SITE_SCAN] > 0.0 else 0.0
                sat_scan = leg_columns[leg, SAT_SCAN] * nadir_db if leg_columns[leg, SAT_SCAN] > 0.0 else 0.0
                cn_db = _carrier_over_noise_db(
                    leg_columns[leg], sine, range_db, total + site_scan, sat_scan, fade, turned
                )
                bits = bits_per_symbol(law_tables, law_starts, law_grid, leg_marks[leg, LAW], cn_db)
                rate = min(bits * leg_columns[leg, SYMBOLS], leg_columns[leg, LIMIT]) if in_field else 0.0
                if leg_marks[leg, IS_DOWN] == 1:
                    down_bps += rate
                    if np.isnan(down_cn_db):
                        down_cn_db, loss_db, fade_db, scan_db = cn_db, total, fade, site_scan + sat_scan
                else:
                    up_bps += rate
                    up_cn_db = cn_db if np.isnan(up_cn_db) else up_cn_db
        out[DOWN_BPS, link], out[UP_BPS, link] = down_bps, up_bps
        if outputs > RATES:
            out[DOWN_CN, link], out[UP_CN, link] = down_cn_db, up_cn_db
            out[LOSS, link], out[FADE, link], out[SCAN, link] = loss_db, fade_db, scan_db
    return out


@njit(error_model="numpy", nogil=True, cache=True)
def _geometry(satellite_m: Floats, site_m: Floats, up: Floats, normal: Floats) -> tuple[float, float, float, float]:
    """Range, sine of elevation, length along the face's normal, and cosine at the satellite from straight down."""
    x, y, z = satellite_m[0], satellite_m[1], satellite_m[2]
    dx, dy, dz = x - site_m[0], y - site_m[1], z - site_m[2]
    distance = np.sqrt(dx * dx + dy * dy + dz * dz)
    sine = (dx * up[0] + dy * up[1] + dz * up[2]) / distance
    ahead = dx * normal[0] + dy * normal[1] + dz * normal[2]
    down = (x * dx + y * dy + z * dz) / (np.sqrt(x * x + y * y + z * z) * distance)
    return distance, sine, ahead, down


@njit(error_model="numpy", nogil=True, cache=True)
def _carrier_over_noise_db(
    leg: Floats, sine: float, range_db: float, loss_db: float, sat_scan_db: float, fade_db: float, turned: float
) -> float:
    """Carrier over noise and interference of one leg; losses are those of the air and of the site's steering."""
    power_dbw = leg[EIRP] - sat_scan_db
    if leg[SPREAD] > 0.0:
        power_dbw = min(power_dbw, _pfd_db(leg[PFD], sine) + leg[SPREAD] + range_db)
    signal_db = power_dbw + leg[FIXED] - range_db - loss_db
    noise_k = leg[RECEIVER]
    if leg[ANTENNA] > 0.0:
        noise_k += RAIN_TEMPERATURE_K + (leg[ANTENNA] - RAIN_TEMPERATURE_K) * np.exp(-_NEPER * max(fade_db, 0.0))
    disturbed = leg[INTERFERENCE] + leg[CROSS] * turned
    return -_decibel(noise_k * np.exp(-_NEPER * signal_db) + disturbed)


@njit(error_model="numpy", nogil=True, cache=True)
def _decibel(ratio: float) -> float:
    """A ratio in dB; the natural logarithm is the faster one."""
    return float(np.log(ratio) * _PER_NEPER)


@njit(error_model="numpy", nogil=True, cache=True)
def _scan_db(cosine: float) -> float:
    """What an array of exponent 1 loses by steering; NaN behind its face."""
    return -_decibel(cosine) if cosine > 0.0 else np.nan


@njit(error_model="numpy", nogil=True, cache=True)
def _pfd_db(own_db: float, sine: float) -> float:
    """Power flux density in 4 kHz: the satellite's own, or the legal limit of the elevation if that is less."""
    limit_db = HIGH_PFD_DBW_M2_4KHZ
    if sine < _HIGH_PFD_SINE:
        limit_db = LOW_PFD_DBW_M2_4KHZ + PFD_DB_RAD * (max(np.arcsin(sine), LOW_PFD_RAD) - LOW_PFD_RAD)
    return min(own_db, limit_db)


@njit(error_model="numpy", nogil=True, cache=True)
def bits_per_symbol(tables: Floats, starts: Shorts, grid: Floats, law: int, cn_db: float) -> float:
    """Bits per symbol of a law at a carrier over noise; 0 below its first threshold and for NaN.

    Args:
        tables: ``(laws, Q, 3)`` thresholds, rising and infinite behind the last; bits there; their rise per dB.
        starts: ``(laws, cells)`` rung at the lower end of each cell.
        grid: ``(laws, 3)`` margin, first threshold and cells per dB.
    """
    row = np.uintp(law)
    usable_db = cn_db - grid[row, 0]
    above_db = usable_db - grid[row, 1]
    if not (above_db >= 0.0):
        return 0.0
    rung = np.uintp(starts[row, np.uintp(min(above_db * grid[row, 2], starts.shape[1] - 1.0))])
    while rung > 0 and tables[row, rung, 0] > usable_db:
        rung -= _ONE
    while tables[row, rung + _ONE, 0] <= usable_db:
        rung += _ONE
    return float(tables[row, rung, 1] + tables[row, rung, 2] * (usable_db - tables[row, rung, 0]))
