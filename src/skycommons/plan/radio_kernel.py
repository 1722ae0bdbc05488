"""The compiled rates of many links: geometry, sky, carrier over noise, modulation and code, link by link.

A leg is one direction in one band between a class of sites and a payload; `radio` packs their columns. All in dB and SI.
"""

import numpy as np
from numba import njit

from skycommons.base.arrays import Floats, Ints
from skycommons.radio.sky_kernel import place_at

LEG_COLUMNS = 12  # of a leg, in this order
PFD, SPREAD, EIRP, SAT_SCAN, SITE_SCAN, FIXED, RECEIVER, ANTENNA, INTERFERENCE, CROSS, SYMBOLS, LIMIT = range(
    LEG_COLUMNS
)
LEG_MARKS = 3  # whole numbers of a leg: 1 for a downlink, its row of sky rows, its law
IS_DOWN, SKY, LAW = range(LEG_MARKS)
OUTPUTS = 7
DOWN_BPS, UP_BPS, DOWN_CN, UP_CN, LOSS, FADE, SCAN = range(OUTPUTS)
_RAIN_K = 275.0  # as in noise.py
_DB = np.log(10.0) / 10.0
_SINE_25 = np.sin(np.radians(25.0))


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
    sky_values: Floats,
    law_tables: Floats,
    law_starts: Ints,
    law_grid: Floats,
) -> Floats:
    """Rates and what explains them, ``(OUTPUTS, L)``; what a link does not have is rate 0 and NaN.

    Args:
        site, sat: ``(L,)``.
        position_m: ``(S, 3)``; ``payload`` ``(S,)``.
        site_m, site_up, boresight: ``(G, 3)``; ``cosine_field_of_view``, ``site_class`` ``(G,)``, -1 for no class.
        site_scales: ``(G, 2)`` as `place_at` reads them.
        leg_span: ``(C, M, 2)`` first leg of a class and payload, and the one behind the last.
        leg_columns, leg_marks: ``(N, LEG_COLUMNS)``, ``(N, LEG_MARKS)``.
        sky_first: ``(K, G)`` first node of a site in a sky, -1 for none; ``sky_values`` ``(nodes, 3)``.
        law_tables, law_starts, law_grid: As `bits_per_symbol` reads them, one row for each law.
    """
    out = np.empty((OUTPUTS, len(site)))
    for link in range(len(site)):
        here, above = site[link], sat[link]
        x, y, z = position_m[above, 0], position_m[above, 1], position_m[above, 2]
        dx, dy, dz = x - site_m[here, 0], y - site_m[here, 1], z - site_m[here, 2]
        distance = np.sqrt(dx * dx + dy * dy + dz * dz)
        sine = (dx * site_up[here, 0] + dy * site_up[here, 1] + dz * site_up[here, 2]) / distance
        ahead = dx * boresight[here, 0] + dy * boresight[here, 1] + dz * boresight[here, 2]
        down = (x * dx + y * dy + z * dz) / (np.sqrt(x * x + y * y + z * z) * distance)
        place, part = place_at(sine, site_scales[here, 0], site_scales[here, 1])
        out[:2, link] = 0.0
        out[2:, link] = np.nan
        if site_class[here] < 0 or place < 0:
            continue
        in_field = ahead >= cosine_field_of_view[here] * distance
        range_db, face = 20.0 * np.log10(distance), ahead / distance
        for leg in range(leg_span[site_class[here], payload[above], 0], leg_span[site_class[here], payload[above], 1]):
            columns, is_down = leg_columns[leg], leg_marks[leg, IS_DOWN] == 1
            first = sky_first[leg_marks[leg, SKY], here]
            if first < 0:
                continue
            low, high = sky_values[first + place], sky_values[first + place + 1]
            total_db = (low[0] + part * (high[0] - low[0])) / sine
            fade_db = (low[1] + part * (high[1] - low[1])) / sine
            depolarised = low[2] + part * (high[2] - low[2])
            site_scan_db, sat_scan_db = _scan_db(columns[SITE_SCAN], face), _scan_db(columns[SAT_SCAN], down)
            power_dbw = columns[EIRP] - sat_scan_db
            if not np.isnan(columns[PFD]):
                power_dbw = min(power_dbw, _pfd_db(columns[PFD], sine) + columns[SPREAD] + range_db)
            thermal_db = power_dbw + columns[FIXED] - range_db - total_db - site_scan_db
            cn_db = _carrier_over_noise(columns, thermal_db, fade_db, depolarised)
            bits = bits_per_symbol(law_tables, law_starts, law_grid, leg_marks[leg, LAW], cn_db) if in_field else 0.0
            out[DOWN_BPS if is_down else UP_BPS, link] += min(bits * columns[SYMBOLS], columns[LIMIT])
            told = DOWN_CN if is_down else UP_CN
            if np.isnan(out[told, link]):
                out[told, link] = cn_db
                if is_down:
                    out[LOSS, link], out[FADE, link], out[SCAN, link] = total_db, fade_db, site_scan_db + sat_scan_db
    return out


@njit(error_model="numpy", nogil=True, cache=True)
def _scan_db(exponent: float, cosine: float) -> float:
    """What an array loses by steering; none without an exponent, NaN behind the face."""
    if exponent == 0.0:
        return 0.0
    return -10.0 * exponent * np.log10(cosine) if cosine > 0.0 else np.nan


@njit(error_model="numpy", nogil=True, cache=True)
def _pfd_db(own_db: float, sine: float) -> float:
    """Power flux density in 4 kHz: the satellite's own, or the legal limit of the elevation if that is less."""
    limit_db = -140.0
    if sine < _SINE_25:
        limit_db = -150.0 + (max(np.degrees(np.arcsin(sine)), 5.0) - 5.0) / 2.0
    return min(own_db, limit_db)


@njit(error_model="numpy", nogil=True, cache=True)
def _carrier_over_noise(columns: Floats, signal_db: float, fade_db: float, depolarised: float) -> float:
    """Carrier over noise and interference, from the carrier over 1 K of noise."""
    passes = np.exp(-_DB * max(fade_db, 0.0)) if columns[ANTENNA] > 0.0 else 1.0
    noise_k = columns[RECEIVER] + columns[ANTENNA] * passes
    if columns[ANTENNA] > 0.0:
        noise_k += _RAIN_K * (1.0 - passes)
    disturbed = noise_k * np.exp(-_DB * signal_db) + columns[INTERFERENCE] + columns[CROSS] * depolarised
    return float(-10.0 * np.log10(disturbed))


@njit(error_model="numpy", nogil=True, cache=True)
def bits_per_symbol(tables: Floats, starts: Ints, grid: Floats, law: int, cn_db: float) -> float:
    """Bits per symbol of a law at a carrier over noise; 0 below its first threshold and for NaN.

    Args:
        tables: ``(laws, 3, Q)`` thresholds, rising and infinite behind the last; bits there; their rise per dB.
        starts: ``(laws, cells)`` rung at the lower end of each cell.
        grid: ``(laws, 3)`` margin, first threshold and cells per dB.
    """
    usable_db = cn_db - grid[law, 0]
    if not (usable_db >= grid[law, 1]):
        return 0.0
    cell = min((usable_db - grid[law, 1]) * grid[law, 2], starts.shape[1] - 1.0)
    rung = starts[law, int(cell)]
    while rung > 0 and tables[law, 0, rung] > usable_db:
        rung -= 1
    while rung + 1 < tables.shape[2] and tables[law, 0, rung + 1] <= usable_db:
        rung += 1
    return float(tables[law, 1, rung] + tables[law, 2, rung] * (usable_db - tables[law, 0, rung]))
