"""The compiled side of the sky tables: losses at the nodes for the weather of an instant, and where a link falls between.

All in dB, kilometres and mm/h, the recommendations' units; `sky` packs the columns and names them.
"""

import numpy as np
from numba import njit

from skycommons.base.arrays import Floats, Floats32, Ints
from skycommons.radio.atmosphere import PERCENT_ROUNDING
from skycommons.radio.recommendations import P618_DEPOLARISATION, P618_RAIN, P618_SCINTILLATION, P618_TOTAL

COLUMNS = 10  # of a node, in this order
SINE, LOG_RARE, STEEP, DEVIATION, XPD, SLANT, GROUND, DAMPING, VERTICAL, WHOLE = range(COLUMNS)
CONSTANTS = 4  # of a table: k and alpha of the rain's power law, GHz, slope of the cross-polar discrimination
HIGH_NODES, MIDDLE_NODES, LOW_NODES = 36, 32, 24  # from the zenith to 25°, to 5°, below
SINE_25, SINE_5 = np.sin(np.radians(25.0)), np.sin(np.radians(5.0))
HIGH_END = np.sqrt(np.sqrt(1.0 - SINE_25**2) / SINE_25)  # root of the cotangent
MIDDLE_START = np.sqrt(HIGH_END)  # fourth root of it
LOW_START = np.sqrt(np.sqrt(np.sqrt(1.0 - SINE_5**2) / SINE_5))
_HIGH_SCALE = (HIGH_NODES - 1) / HIGH_END
_ROUNDING = 1e-12  # a sine at an edge may have lost its last digits
_BEYOND = 1e-3  # of an interval, by which a link may lie beyond the last node for the same reason
_LOG_10 = np.log(10.0)
# Shares of the year between which the methods hold; a kernel reads numbers only.
_RAREST = P618_TOTAL.lowest_exceedance
_COMMONEST_RAIN = P618_RAIN.highest_exceedance
_COMMONEST_FLICKER = P618_SCINTILLATION.highest_exceedance
_RAREST_ICE, _COMMONEST_ICE = P618_DEPOLARISATION.lowest_exceedance, P618_DEPOLARISATION.highest_exceedance


@njit(error_model="numpy", nogil=True, cache=True)
def place_at(sine: float, middle_scale: float, low_scale: float) -> tuple[int, float]:
    """Node below a link in its site's row, and how far it is to the next one; -1 where the row does not reach.

    Args:
        sine: Of the elevation.
        middle_scale, low_scale: Nodes per unit of the fourth root of the cotangent, 25° to 5° and below; NaN without.
    """
    if not (sine > 0.0):
        return -1, 0.0
    root = np.sqrt(np.sqrt(max(1.0 - sine * sine, 0.0)) / sine)
    if sine >= SINE_25 - _ROUNDING:
        place, offset, last = root * _HIGH_SCALE, 0, HIGH_NODES - 1
    elif sine >= SINE_5 - _ROUNDING:
        place, offset, last = (np.sqrt(root) - MIDDLE_START) * middle_scale, HIGH_NODES, MIDDLE_NODES - 1
    else:
        place, offset, last = (np.sqrt(root) - LOW_START) * low_scale, HIGH_NODES + MIDDLE_NODES, LOW_NODES - 1
    if not (place <= last + _BEYOND):
        return -1, 0.0
    node = min(max(int(place), 0), last - 1)
    return offset + node, place - node


@njit(error_model="numpy", nogil=True, cache=True)
def fill_sky(
    first: Ints,
    nodes: Floats,
    gas_db: Floats,
    slow: Floats,
    log_shares: Floats,
    constants: Floats,
    exceedance: Floats,
    rain_rate: Floats,
    out: Floats | Floats32,
) -> None:
    """Losses at all nodes for the weather of one instant, written to ``out``.

    Args:
        first: ``(G+1,)`` the nodes of site ``g`` are ``first[g]:first[g+1]``.
        nodes: ``(N, COLUMNS)``.
        gas_db: ``(G, 4)`` towards the zenith, with the vapour of a median day, of 5 % of the year, and two thirds between.
        slow: ``(G, E, 2)`` by kept share of the year: vapour from 0 on a median day to 1 at 5 %; cloud towards the zenith, dB.
        log_shares: ``(E,)`` natural logarithms of these shares.
        constants: ``(CONSTANTS,)``.
        exceedance: ``(G,)``; NaN is a clear sky.
        rain_rate: ``(G,)`` measured, mm/h; NaN where the exceedance counts.
        out: ``(N, 3)`` total loss and fade, both times the sine of the elevation, and the share of power depolarised.
    """
    most = len(log_shares) - 1
    for site in range(len(first) - 1):
        begin, end = first[site], first[site + 1]
        clear = gas_db[site, 0]
        rate, share = rain_rate[site], exceedance[site]
        if not np.isnan(rate):
            gas, cloud = (gas_db[site, 3], slow[site, 0, 1]) if rate > 0.0 else (clear, slow[site, most, 1])
            _fill_measured(nodes[begin:end], constants, rate, gas, cloud, clear, out[begin:end])
        elif np.isnan(share):
            for node in range(begin, end):
                out[node, 0], out[node, 1], out[node, 2] = clear, 0.0, 0.0
        else:
            share = min(max(share, _RAREST), 1.0)
            row, part = _between(log_shares, np.log(share))
            gas = _gas(gas_db[site], slow[site, row, 0] + part * (slow[site, row + 1, 0] - slow[site, row, 0]))
            cloud = slow[site, row, 1] + part * (slow[site, row + 1, 1] - slow[site, row, 1])
            _fill_exceeded(nodes[begin:end], constants, share, gas, cloud, clear, out[begin:end])


@njit(error_model="numpy", nogil=True, cache=True)
def _gas(gas_db: Floats, vapour: float) -> float:
    """The cubic through four evenly spaced values, at 0 to 1 of the way."""
    place = 3.0 * vapour
    a, b, c = place - 1.0, place - 2.0, place - 3.0
    ends = (gas_db[3] * a * b * place - gas_db[0] * a * b * c) / 6.0
    return float(ends + 0.5 * (gas_db[1] * place * b * c - gas_db[2] * place * a * c))


@njit(error_model="numpy", nogil=True, cache=True)
def _between(log_shares: Floats, log_share: float) -> tuple[int, float]:
    """Column below a share of the year and the part of the way to the next; the ends hold beyond themselves."""
    row = 0
    while row < len(log_shares) - 2 and log_share >= log_shares[row + 1]:
        row += 1
    part = (log_share - log_shares[row]) / (log_shares[row + 1] - log_shares[row])
    return row, min(max(part, 0.0), 1.0)


@njit(error_model="numpy", nogil=True, cache=True)
def _fill_exceeded(
    nodes: Floats, constants: Floats, share: float, gas: float, cloud: float, clear: float, out: Floats | Floats32
) -> None:
    """One site at a share of the year: P.618-14 §2.2.1.1 step 10, §2.4.1, §2.5 and §4.1."""
    percent = 100.0 * share
    log_ratio = np.log(percent / 0.01)
    of_share = 0.655 + 0.033 * np.log(percent)
    lean = 1.0 - percent if percent < 1.0 else 0.0
    log_percent = np.log10(percent)
    flicker = 0.0
    if share <= _COMMONEST_FLICKER:
        flicker = -0.061 * log_percent**3 + 0.072 * log_percent**2 - 1.71 * log_percent + 3.0
    falls = share <= _COMMONEST_RAIN
    canting, shrink = _ice(share)
    for node in range(len(nodes)):
        sine, log_rare = nodes[node, SINE], nodes[node, LOG_RARE]
        rain, depolarised = 0.0, 0.0
        if falls and log_rare > -np.inf:
            log_rain = log_rare - log_ratio * (of_share - 0.045 * log_rare - nodes[node, STEEP] * lean)
            rain = np.exp(log_rain)
            depolarised = _depolarised(nodes[node, XPD], constants[3], log_rain, canting, shrink)
        scintillation = flicker * nodes[node, DEVIATION]
        wet = rain + cloud / sine
        out[node, 0] = gas + sine * np.sqrt(wet * wet + scintillation * scintillation)
        out[node, 1] = gas + sine * wet - clear
        out[node, 2] = depolarised


@njit(error_model="numpy", nogil=True, cache=True)
def _fill_measured(
    nodes: Floats, constants: Floats, rate: float, gas: float, cloud: float, clear: float, out: Floats | Floats32
) -> None:
    """One site with a measured rain rate: P.618-14 §2.2.1.1 steps 2 to 9 with that rate, no scintillation."""
    specific = constants[0] * rate ** constants[1] if rate > 0.0 else 0.0
    canting, shrink = _ice(_COMMONEST_ICE)
    for node in range(len(nodes)):
        sine = nodes[node, SINE]
        reduction = 1.0 / (1.0 + 0.78 * np.sqrt(nodes[node, GROUND] * specific / constants[2]) - nodes[node, DAMPING])
        rainy = min(nodes[node, SLANT] * reduction, nodes[node, WHOLE])
        height = nodes[node, VERTICAL] * np.sqrt(rainy * specific) - 0.45
        rain = specific * rainy / (1.0 + np.sqrt(sine) * height)
        wet = rain + cloud / sine
        out[node, 0] = gas + sine * wet
        out[node, 1] = gas + sine * wet - clear
        out[node, 2] = 0.0
        if rain > 0.0:
            out[node, 2] = _depolarised(nodes[node, XPD], constants[3], np.log(rain), canting, shrink)


@njit(error_model="numpy", nogil=True, cache=True)
def _ice(share: float) -> tuple[float, float]:
    """Canting term in dB and the factor for ice, P.618-14 §4.1, at a share held to the range of the method."""
    held = 100.0 * min(max(share, _RAREST_ICE), _COMMONEST_ICE)
    canting = 0.0
    if held <= 0.001 * PERCENT_ROUNDING:
        canting = 15.0
    elif held <= 0.01 * PERCENT_ROUNDING:
        canting = 10.0
    elif held <= 0.1 * PERCENT_ROUNDING:
        canting = 5.0
    return 0.0053 * canting * canting, 1.0 - (0.3 + 0.1 * np.log10(held)) / 2.0


@njit(error_model="numpy", nogil=True, cache=True)
def _depolarised(base_db: float, slope: float, log_rain: float, canting_db: float, shrink: float) -> float:
    """Power in the other polarisation over that in the own; 0 where the method knows nothing."""
    if np.isnan(base_db):
        return 0.0
    xpd_db = shrink * (base_db - slope * log_rain / _LOG_10 + canting_db)
    return float(np.exp(-xpd_db * (_LOG_10 / 10.0)))
