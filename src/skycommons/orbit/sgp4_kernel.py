"""The compiled inner loop of SGP4: satellites side by side, straight-line code, near-Earth orbits.

Rules of the kernel:

* Constants arrive packed as blocks ``(blocks, TERMS, LANES)`` in one flat array, because a compiler can only prove that
  a loop over one array and one scratch buffer is free of overlap; with thirty arrays it gives up and stays scalar.
* No branch and no call: the truncated drag model is the full one with zero coefficients, Kepler's equation is solved by
  a fixed number of steps, and small corrections of an angle are rotations of its sine and cosine.
* What these steps cannot do (eccentricity above 0.1, decay, elements that leave their range) is not done here: the
  lane is flagged and the caller asks the ``sgp4`` library.
"""

import numpy as np
from numba import njit

from skycommons.base.arrays import Bools, Floats, Ints
from skycommons.orbit.sgp4_terms import EARTH_RADIUS_KM, J2, XKE
from skycommons.orbit.trigonometry import (
    cosine_series,
    half_turns,
    inlined,
    sine_cosine,
    sine_series,
    small_sine_cosine,
)

LANES = 64  # satellites in a block: the block's constants stay in the first-level cache over all times
TERM_NAMES = (
    "epoch_offset_min", "m0", "mdot", "argp0", "argpdot", "node0", "nodedot", "nodecf", "e0", "axis", "root_axis", "n", "c1",
    "bc4", "bc5", "d2", "d3", "d4", "t2cof", "t3cof", "t4cof", "t5cof", "omgcof", "xmcof", "eta", "delmo",
    "sinmo", "cosi", "sini", "con41", "x1mth2", "x7thm1", "xlcof", "aycof",
)  # fmt: skip
TERMS = len(TERM_NAMES)
SCRATCH_ROWS = 28
_METRES = EARTH_RADIUS_KM * 1e3
_METRES_PER_SECOND = EARTH_RADIUS_KM * 1e3 * XKE / 60.0
_CONVERGED_STEP_RAD = 1.0e-6  # a second Newton step this small leaves an error below 1e-13 rad
_MAX_ECCENTRICITY = 0.1  # its square is what the two series below are made for
_MAX_ANGLE_RAD = 4.0e6  # beyond it half turns lose digits
_compiled = njit(fastmath={"contract"}, error_model="numpy", cache=True)


@inlined
def _one_over_one_minus(x: float) -> float:
    """1 / (1 - x) for x below 0.01, a squared eccentricity: the geometric series up to the seventh power."""
    x2 = x * x
    return (1.0 + x) * (1.0 + x2) * (1.0 + x2 * x2)


@inlined
def _one_over_one_plus_root(x: float) -> float:
    """1 / (1 + sqrt(1 - x)) for x below 0.01: the binomial series up to the seventh power."""
    p = 429.0 / 32768.0 * x + 33.0 / 2048.0
    p = p * x + 21.0 / 1024.0
    p = p * x + 7.0 / 256.0
    p = p * x + 5.0 / 128.0
    p = p * x + 1.0 / 16.0
    p = p * x + 1.0 / 8.0
    return p * x + 0.5


# Rows of the packed constants, in the order of TERM_NAMES, and of the scratch buffer.
(
    C_EPOCH_OFFSET_MIN, C_M0, C_MDOT, C_ARGP0, C_ARGPDOT, C_NODE0, C_NODEDOT, C_NODECF, C_E0, C_AXIS,
    C_ROOT_AXIS, C_N, C_C1, C_BC4, C_BC5, C_D2, C_D3, C_D4, C_T2COF, C_T3COF, C_T4COF, C_T5COF, C_OMGCOF,
    C_XMCOF, C_ETA, C_DELMO, C_SINMO, C_COSI, C_SINI, C_CON41, C_X1MTH2, C_X7THM1, C_XLCOF, C_AYCOF,
) = range(34)  # fmt: skip
(
    S_X, S_Y, S_Z, S_VX, S_VY, S_VZ, S_FLAG, S_AM, S_AXNL, S_AYNL, S_E_RAW, S_INVERSE_AM, S_NODE, S_TEMPA,
    S_U, S_COSINE, S_INVERSE_SLOPE, S_SINE, S_STEP1, S_STEP2, S_COS2U, S_COSU, S_MRT, S_MVT, S_RVDOT, S_SIN2U,
    S_SINU, S_TEMP2,
) = range(28)  # fmt: skip


@_compiled
def _secular(terms: Floats, since_first_min: float, scratch: Floats) -> None:
    """Secular drift, drag and long-period terms: the mean orbit at this time."""
    for lane in range(LANES):
        epoch_offset_min = terms[C_EPOCH_OFFSET_MIN * LANES + lane]
        e0 = terms[C_E0 * LANES + lane]
        axis = terms[C_AXIS * LANES + lane]
        n = terms[C_N * LANES + lane]
        c1 = terms[C_C1 * LANES + lane]
        bc4 = terms[C_BC4 * LANES + lane]
        bc5 = terms[C_BC5 * LANES + lane]
        d2 = terms[C_D2 * LANES + lane]
        d3 = terms[C_D3 * LANES + lane]
        d4 = terms[C_D4 * LANES + lane]
        t2cof = terms[C_T2COF * LANES + lane]
        t3cof = terms[C_T3COF * LANES + lane]
        t4cof = terms[C_T4COF * LANES + lane]
        t5cof = terms[C_T5COF * LANES + lane]
        omgcof = terms[C_OMGCOF * LANES + lane]
        xmcof = terms[C_XMCOF * LANES + lane]
        eta = terms[C_ETA * LANES + lane]
        delmo = terms[C_DELMO * LANES + lane]
        sinmo = terms[C_SINMO * LANES + lane]
        xlcof = terms[C_XLCOF * LANES + lane]
        aycof = terms[C_AYCOF * LANES + lane]
        t = since_first_min + epoch_offset_min
        t2 = t * t
        xmdf = terms[C_M0 * LANES + lane] + terms[C_MDOT * LANES + lane] * t
        argpdf = terms[C_ARGP0 * LANES + lane] + terms[C_ARGPDOT * LANES + lane] * t
        node = terms[C_NODE0 * LANES + lane] + terms[C_NODEDOT * LANES + lane] * t + terms[C_NODECF * LANES + lane] * t2
        xr, xsign = half_turns(xmdf)
        swell = 1.0 + eta * (xsign * cosine_series(xr))
        shift = omgcof * t + xmcof * (swell * swell * swell - delmo)
        mm = xmdf + shift
        argp = argpdf - shift
        mr, msign = half_turns(mm)
        sinmm = msign * sine_series(mr)
        tempa = 1.0 - t * (c1 + t * (d2 + t * (d3 + t * d4)))
        tempe = bc4 * t + bc5 * (sinmm - sinmo)
        templ = t2 * (t2cof + t * (t3cof + t * (t4cof + t * t5cof)))
        am = axis * tempa * tempa
        e_raw = e0 - tempe
        e = max(e_raw, 1.0e-6)
        mm = mm + n * templ

        # long-period terms
        sinarg, cosarg = sine_cosine(argp)
        axnl = e * cosarg
        inverse_am = 1.0 / am
        inverse = inverse_am * _one_over_one_minus(e * e)
        aynl = e * sinarg + inverse * aycof
        u = mm + argp + inverse * xlcof * axnl
        scratch[S_AM * LANES + lane] = am
        scratch[S_AXNL * LANES + lane] = axnl
        scratch[S_AYNL * LANES + lane] = aynl
        scratch[S_E_RAW * LANES + lane] = e_raw
        scratch[S_INVERSE_AM * LANES + lane] = inverse_am
        scratch[S_NODE * LANES + lane] = node
        scratch[S_TEMPA * LANES + lane] = tempa
        scratch[S_U * LANES + lane] = u


@_compiled
def _kepler(scratch: Floats) -> None:
    """Kepler's equation: one step of fourth order from E = u, one of Newton; both turn (sin E, cos E)."""
    for lane in range(LANES):
        axnl = scratch[S_AXNL * LANES + lane]
        aynl = scratch[S_AYNL * LANES + lane]
        u = scratch[S_U * LANES + lane]
        s, c = sine_cosine(u)
        ecose = axnl * c + aynl * s
        esine = axnl * s - aynl * c
        slope = 1.0 - ecose
        above = esine * (6.0 * slope * slope + 3.0 * esine * esine)
        below = slope * (6.0 * slope * slope + 6.0 * esine * esine) + esine * esine * ecose
        step1 = above / below
        ds, dc = small_sine_cosine(step1)
        s1 = s * dc + c * ds
        c1e = c * dc - s * ds
        ecose = axnl * c1e + aynl * s1
        esine = axnl * s1 - aynl * c1e
        inverse_slope = 1.0 / (1.0 - ecose)
        step2 = (esine - step1) * inverse_slope
        half = 0.5 * step2 * step2
        sine = s1 * (1.0 - half) + c1e * step2
        cosine = c1e * (1.0 - half) - s1 * step2
        scratch[S_COSINE * LANES + lane] = cosine
        scratch[S_INVERSE_SLOPE * LANES + lane] = inverse_slope
        scratch[S_SINE * LANES + lane] = sine
        scratch[S_STEP1 * LANES + lane] = step1
        scratch[S_STEP2 * LANES + lane] = step2


@_compiled
def _short_period(terms: Floats, scratch: Floats) -> None:
    """Radius, speed and argument of latitude with the short-period terms of J2."""
    for lane in range(LANES):
        root_axis = terms[C_ROOT_AXIS * LANES + lane]
        con41 = terms[C_CON41 * LANES + lane]
        x1mth2 = terms[C_X1MTH2 * LANES + lane]
        am = scratch[S_AM * LANES + lane]
        axnl = scratch[S_AXNL * LANES + lane]
        aynl = scratch[S_AYNL * LANES + lane]
        cosine = scratch[S_COSINE * LANES + lane]
        inverse_am = scratch[S_INVERSE_AM * LANES + lane]
        inverse_slope = scratch[S_INVERSE_SLOPE * LANES + lane]
        sine = scratch[S_SINE * LANES + lane]
        tempa = scratch[S_TEMPA * LANES + lane]
        ecose = axnl * cosine + aynl * sine
        esine = axnl * sine - aynl * cosine
        el2 = axnl * axnl + aynl * aynl
        rl = am * (1.0 - ecose)
        am_rl = inverse_slope * (2.0 - (1.0 - ecose) * inverse_slope)  # refines 1 / (1 - e cos E) after the last step
        inverse_rl = am_rl * inverse_am
        root_am = root_axis * tempa
        half_root = _one_over_one_plus_root(el2)
        betal = 1.0 - el2 * half_root
        rdotl = root_am * esine * inverse_rl
        rvdotl = root_am * betal * inverse_rl
        temp = esine * half_root
        sinu = am_rl * (sine - aynl - axnl * temp)
        cosu = am_rl * (cosine - axnl + aynl * temp)
        sin2u = 2.0 * cosu * sinu
        cos2u = 1.0 - 2.0 * sinu * sinu
        inverse_pl = inverse_am * _one_over_one_minus(el2)
        temp1 = 0.5 * J2 * inverse_pl
        temp2 = temp1 * inverse_pl
        mrt = rl * (1.0 - 1.5 * temp2 * betal * con41) + 0.5 * temp1 * x1mth2 * cos2u
        nm = inverse_am * inverse_am * root_am  # mean motion over the gravity constant
        mvt = rdotl - nm * temp1 * x1mth2 * sin2u
        rvdot = rvdotl + nm * temp1 * (x1mth2 * cos2u + 1.5 * con41)
        scratch[S_COS2U * LANES + lane] = cos2u
        scratch[S_COSU * LANES + lane] = cosu
        scratch[S_MRT * LANES + lane] = mrt
        scratch[S_MVT * LANES + lane] = mvt
        scratch[S_RVDOT * LANES + lane] = rvdot
        scratch[S_SIN2U * LANES + lane] = sin2u
        scratch[S_SINU * LANES + lane] = sinu
        scratch[S_TEMP2 * LANES + lane] = temp2


@_compiled
def _orient(terms: Floats, rotation: Floats, spin_rad_s: Floats, scratch: Floats) -> None:
    """Position (m) and velocity (m/s) in the rotated frame, and the flag."""
    r00, r01, r02 = rotation[0, 0], rotation[0, 1], rotation[0, 2]
    r10, r11, r12 = rotation[1, 0], rotation[1, 1], rotation[1, 2]
    r20, r21, r22 = rotation[2, 0], rotation[2, 1], rotation[2, 2]
    w0, w1, w2 = spin_rad_s[0], spin_rad_s[1], spin_rad_s[2]
    for lane in range(LANES):
        cosi = terms[C_COSI * LANES + lane]
        sini = terms[C_SINI * LANES + lane]
        x7thm1 = terms[C_X7THM1 * LANES + lane]
        cos2u = scratch[S_COS2U * LANES + lane]
        cosu = scratch[S_COSU * LANES + lane]
        e_raw = scratch[S_E_RAW * LANES + lane]
        mrt = scratch[S_MRT * LANES + lane]
        mvt = scratch[S_MVT * LANES + lane]
        node = scratch[S_NODE * LANES + lane]
        rvdot = scratch[S_RVDOT * LANES + lane]
        sin2u = scratch[S_SIN2U * LANES + lane]
        sinu = scratch[S_SINU * LANES + lane]
        step1 = scratch[S_STEP1 * LANES + lane]
        step2 = scratch[S_STEP2 * LANES + lane]
        temp2 = scratch[S_TEMP2 * LANES + lane]
        tempa = scratch[S_TEMPA * LANES + lane]
        u = scratch[S_U * LANES + lane]
        # orientation: small corrections turn the known sines and cosines
        ds, dc = small_sine_cosine(-0.25 * temp2 * x7thm1 * sin2u)
        sinsu = sinu * dc + cosu * ds
        cossu = cosu * dc - sinu * ds
        snod, cnod = sine_cosine(node + 1.5 * temp2 * cosi * sin2u)
        ds, dc = small_sine_cosine(1.5 * temp2 * cosi * sini * cos2u)
        sinci = sini * dc + cosi * ds
        cosci = cosi * dc - sini * ds
        xmx = -snod * cosci
        xmy = cnod * cosci
        ux = xmx * sinsu + cnod * cossu
        uy = xmy * sinsu + snod * cossu
        uz = sinci * sinsu
        vx = xmx * cossu - cnod * sinsu
        vy = xmy * cossu - snod * sinsu
        vz = sinci * cossu
        radius = mrt * _METRES
        px, py, pz = radius * ux, radius * uy, radius * uz
        qx = (mvt * ux + rvdot * vx) * _METRES_PER_SECOND
        qy = (mvt * uy + rvdot * vy) * _METRES_PER_SECOND
        qz = (mvt * uz + rvdot * vz) * _METRES_PER_SECOND

        # into the rotating frame
        x = r00 * px + r01 * py + r02 * pz
        y = r10 * px + r11 * py + r12 * pz
        z = r20 * px + r21 * py + r22 * pz
        scratch[S_X * LANES + lane] = x
        scratch[S_Y * LANES + lane] = y
        scratch[S_Z * LANES + lane] = z
        scratch[S_VX * LANES + lane] = r00 * qx + r01 * qy + r02 * qz - (w1 * z - w2 * y)
        scratch[S_VY * LANES + lane] = r10 * qx + r11 * qy + r12 * qz - (w2 * x - w0 * z)
        scratch[S_VZ * LANES + lane] = r20 * qx + r21 * qy + r22 * qz - (w0 * y - w1 * x)
        # 1 where this arithmetic is not enough; written so that NaN counts as not enough
        converged = (abs(step2) < _CONVERGED_STEP_RAD) & (abs(step1) < 0.11)
        in_series = (e_raw > -0.001) & (e_raw < _MAX_ECCENTRICITY) & (abs(u) < _MAX_ANGLE_RAD)
        good = converged & in_series & (tempa > 0.0) & (mrt >= 1.0)
        scratch[S_FLAG * LANES + lane] = 0.0 if good else 1.0


@njit(error_model="numpy", nogil=True, cache=True)
def propagate_blocks(
    first_block: int,
    last_block: int,
    terms: Floats,
    rows: Ints,
    since_first_min: Floats,
    rotation: Floats,
    spin_rad_s: Floats,
    position_m: Floats,
    velocity_m_s: Floats,
    flagged: Bools,
) -> None:
    """Fill positions and velocities of the packed satellites at all times; see `sgp4.propagate`.

    Args:
        first_block, last_block: The run of blocks to do; runs write to different satellites, so threads can share.
        terms: Flat ``(blocks * TERMS * LANES,)`` constants.
        rows: ``(blocks * LANES,)`` output row of each lane, -1 for padding.
        since_first_min: ``(T,)`` minutes since the first time.
        rotation: ``(T, 3, 3)`` TEME to the output frame.
        spin_rad_s: ``(T, 3)`` rotation rate of the output frame, in that frame; zero for an inertial one.
        position_m, velocity_m_s: ``(T, S, 3)`` outputs.
        flagged: ``(blocks * LANES,)`` output: true where some time needs the reference library.
    """
    scratch = np.empty(SCRATCH_ROWS * LANES)
    for block in range(first_block, last_block):
        constants = terms[block * TERMS * LANES : (block + 1) * TERMS * LANES]
        for step in range(len(since_first_min)):
            _secular(constants, since_first_min[step], scratch)
            _kepler(scratch)
            _short_period(constants, scratch)
            _orient(constants, rotation[step], spin_rad_s[step], scratch)
            for lane in range(LANES):
                row = rows[block * LANES + lane]
                if row < 0:
                    continue
                for axis in range(3):
                    position_m[step, row, axis] = scratch[axis * LANES + lane]
                    velocity_m_s[step, row, axis] = scratch[(3 + axis) * LANES + lane]
                if scratch[S_FLAG * LANES + lane] != 0.0:
                    flagged[block * LANES + lane] = True
