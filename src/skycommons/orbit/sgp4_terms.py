"""SGP4's secular and drag terms, computed once per satellite, for near-Earth orbits.

Units inside SGP4 are Earth radii (WGS 72) and minutes; they are kept here and in `sgp4_kernel`, and nowhere else.
"""

from dataclasses import dataclass

import numpy as np

from skycommons.base.arrays import Bools, Floats
from skycommons.base.constants import WGS72_MU_M3_S2, WGS72_RADIUS_M
from skycommons.orbit.elements import Elements

J2 = 0.001082616  # WGS 72; Hoots & Roehrich 1980, Spacetrack Report 3
J3 = -0.00000253881  # as above
J4 = -0.00000165597  # as above
EARTH_RADIUS_KM = WGS72_RADIUS_M / 1e3
XKE = 60.0 / np.sqrt(WGS72_RADIUS_M**3 / WGS72_MU_M3_S2)  # sqrt(mu), Earth radii^1.5 per minute
DEEP_SPACE_PERIOD_MIN = 225.0  # Spacetrack Report 3: longer periods feel Moon, Sun and resonances
_MEAN_ANOMALY_ECCENTRICITY = 1.0e-4  # below it the terms that divide by eccentricity are dropped


@dataclass(frozen=True, slots=True, kw_only=True)
class OriginalOrbit:
    """Semi-major axis and mean motion with the J2 part of the Kozai convention taken out.

    Attributes:
        mean_motion: ``(S,)`` Brouwer mean motion, rad per minute.
        semi_major_axis: ``(S,)`` Earth radii.
    """

    mean_motion: Floats
    semi_major_axis: Floats


def original_orbit(mean_motion_rad_s: Floats, eccentricity: Floats, inclination_rad: Floats) -> OriginalOrbit:
    """Recover Brouwer's mean motion from the published Kozai one.

    Source: Spacetrack Report 3, section 6, first block; Vallado et al. 2006 (AIAA 2006-6753), ``initl``.
    """
    kozai = mean_motion_rad_s * 60.0
    one_minus_e2 = 1.0 - eccentricity**2
    axis = (XKE / kozai) ** (2.0 / 3.0)
    d1 = 0.75 * J2 * (3.0 * np.cos(inclination_rad) ** 2 - 1.0) / (np.sqrt(one_minus_e2) * one_minus_e2)
    delta = d1 / axis**2
    axis = axis * (1.0 - delta**2 - delta * (1.0 / 3.0 + 134.0 * delta**2 / 81.0))
    mean_motion = kozai / (1.0 + d1 / axis**2)
    return OriginalOrbit(mean_motion=mean_motion, semi_major_axis=(XKE / mean_motion) ** (2.0 / 3.0))


def is_deep_space(elements: Elements) -> Bools:
    """``(S,)`` whether SGP4 treats the orbit as deep space (period of 225 minutes or more)."""
    orbit = original_orbit(elements.mean_motion_rad_s, elements.eccentricity, elements.inclination_rad)
    return np.asarray(2.0 * np.pi / orbit.mean_motion >= DEEP_SPACE_PERIOD_MIN)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Drag:
    """Atmosphere terms of one table of satellites; names follow Spacetrack Report 3."""

    axis: Floats
    s4: Floats
    tsi: Floats
    eta: Floats
    coef: Floats
    coef1: Floats
    psisq: Floats


def _drag(elements: Elements, orbit: OriginalOrbit) -> _Drag:
    """The density function's parameters, with the lowered base altitude for low perigees."""
    eccentricity, axis = elements.eccentricity, orbit.semi_major_axis
    perigee_km = (axis * (1.0 - eccentricity) - 1.0) * EARTH_RADIUS_KM
    base_km = np.where(perigee_km < 98.0, 20.0, np.where(perigee_km < 156.0, perigee_km - 78.0, 78.0))
    qoms24 = ((120.0 - base_km) / EARTH_RADIUS_KM) ** 4
    s4 = base_km / EARTH_RADIUS_KM + 1.0
    tsi = 1.0 / (axis - s4)
    eta = axis * eccentricity * tsi
    psisq = np.abs(1.0 - eta**2)
    coef = qoms24 * tsi**4
    return _Drag(axis=axis, s4=s4, tsi=tsi, eta=eta, coef=coef, coef1=coef / psisq**3.5, psisq=psisq)


def secular_terms(elements: Elements) -> dict[str, Floats]:
    """All constants that the kernel needs, each ``(S,)``, named as in Spacetrack Report 3.

    Near-Earth only. Satellites with a perigee below 220 km get the truncated drag of the report: their higher
    coefficients are zero, so that the kernel needs no branch.

    Accuracy: positions within 1e-6 km of the ``sgp4`` library over 10 days (tests/golden/test_sgp4_library.py).
    Source: Vallado et al. 2006 (AIAA 2006-6753), ``sgp4init``, improved mode.
    """
    with np.errstate(all="ignore"):  # an unusable row becomes NaN and is masked later, never an exception
        orbit = original_orbit(elements.mean_motion_rad_s, elements.eccentricity, elements.inclination_rad)
        terms = _rates(elements, orbit)
        terms.update(_drag_terms(elements, orbit, _drag(elements, orbit)))
    return terms


def _rates(elements: Elements, orbit: OriginalOrbit) -> dict[str, Floats]:
    """Linear drift of the angles and the inclination's functions."""
    e, axis, n = elements.eccentricity, orbit.semi_major_axis, orbit.mean_motion
    cosi, sini = np.cos(elements.inclination_rad), np.sin(elements.inclination_rad)
    cosi2 = cosi * cosi
    cosi4 = cosi2 * cosi2
    beta2 = 1.0 - e * e
    beta = np.sqrt(beta2)
    con41 = 3.0 * cosi2 - 1.0
    inverse_p2 = 1.0 / (axis * beta2) ** 2
    temp1 = 1.5 * J2 * inverse_p2 * n
    temp2 = 0.5 * temp1 * J2 * inverse_p2
    temp3 = -0.46875 * J4 * inverse_p2 * inverse_p2 * n
    node_rate_1 = -temp1 * cosi
    one_plus_cosi = np.where(np.abs(cosi + 1.0) > 1.5e-12, 1.0 + cosi, 1.5e-12)
    return {
        "n": n,
        "axis": axis,
        "root_axis": np.sqrt(axis),
        "mdot": n + 0.5 * temp1 * beta * con41 + 0.0625 * temp2 * beta * (13.0 - 78.0 * cosi2 + 137.0 * cosi4),
        "argpdot": 0.5 * temp1 * (5.0 * cosi2 - 1.0)
        + 0.0625 * temp2 * (7.0 - 114.0 * cosi2 + 395.0 * cosi4)
        + temp3 * (3.0 - 36.0 * cosi2 + 49.0 * cosi4),
        "nodedot": node_rate_1 + (0.5 * temp2 * (4.0 - 19.0 * cosi2) + 2.0 * temp3 * (3.0 - 7.0 * cosi2)) * cosi,
        "node_rate_1": node_rate_1,
        "cosi": cosi,
        "sini": sini,
        "con41": con41,
        "x1mth2": 1.0 - cosi2,
        "x7thm1": 7.0 * cosi2 - 1.0,
        "xlcof": -0.25 * (J3 / J2) * sini * (3.0 + 5.0 * cosi) / one_plus_cosi,
        "aycof": -0.5 * (J3 / J2) * sini,
    }


def _drag_terms(elements: Elements, orbit: OriginalOrbit, drag: _Drag) -> dict[str, Floats]:
    """Drag coefficients C1 to C5, D2 to D4 and the powers of time that they feed."""
    e, n, bstar = elements.eccentricity, orbit.mean_motion, elements.bstar
    axis, tsi, eta, coef, coef1, psisq = drag.axis, drag.tsi, drag.eta, drag.coef, drag.coef1, drag.psisq
    cosi = np.cos(elements.inclination_rad)
    cosi2 = cosi * cosi
    con41 = 3.0 * cosi2 - 1.0
    beta2 = 1.0 - e * e
    eta2, e_eta = eta * eta, e * eta
    not_circular = e > _MEAN_ANOMALY_ECCENTRICITY
    oblate = 0.375 * J2 * tsi / psisq * con41 * (8.0 + 3.0 * eta2 * (8.0 + eta2))
    c1 = bstar * (coef1 * n * (axis * (1.0 + 1.5 * eta2 + e_eta * (4.0 + eta2)) + oblate))
    c3 = np.where(not_circular, -2.0 * coef * tsi * (J3 / J2) * n * np.sin(elements.inclination_rad) / e, 0.0)
    oblate = -3.0 * con41 * (1.0 - 2.0 * e_eta + eta2 * (1.5 - 0.5 * e_eta))
    oblate += 0.75 * (1.0 - cosi2) * (2.0 * eta2 - e_eta * (1.0 + eta2)) * np.cos(2.0 * elements.arg_perigee_rad)
    oblate *= J2 * tsi / (axis * psisq)
    c4 = 2.0 * n * coef1 * axis * beta2 * (eta * (2.0 + 0.5 * eta2) + e * (0.5 + 2.0 * eta2) - oblate)
    c5 = 2.0 * coef1 * axis * beta2 * (1.0 + 2.75 * (eta2 + e_eta) + e_eta * eta2)
    d2 = 4.0 * axis * tsi * c1 * c1
    temp = d2 * tsi * c1 / 3.0
    d3 = (17.0 * axis + drag.s4) * temp
    d4 = 0.5 * temp * axis * tsi * (221.0 * axis + 31.0 * drag.s4) * c1
    inverse_p2 = 1.0 / (axis * beta2) ** 2
    node_rate_1 = -1.5 * J2 * inverse_p2 * n * cosi
    full = {
        "omgcof": bstar * c3 * np.cos(elements.arg_perigee_rad),
        "xmcof": np.where(not_circular, -(2.0 / 3.0) * coef * bstar / e_eta, 0.0),
        "bc5": bstar * c5,
        "d2": d2,
        "d3": d3,
        "d4": d4,
        "t3cof": d2 + 2.0 * c1 * c1,
        "t4cof": 0.25 * (3.0 * d3 + c1 * (12.0 * d2 + 10.0 * c1 * c1)),
        "t5cof": 0.2 * (3.0 * d4 + 12.0 * c1 * d3 + 6.0 * d2 * d2 + 15.0 * c1 * c1 * (2.0 * d2 + c1 * c1)),
    }
    truncated = axis * (1.0 - e) < 220.0 / EARTH_RADIUS_KM + 1.0
    terms = {name: np.where(truncated, 0.0, value) for name, value in full.items()}
    terms.update(
        c1=c1,
        bc4=bstar * c4,
        nodecf=3.5 * beta2 * node_rate_1 * c1,
        t2cof=1.5 * c1,
        eta=eta,
        delmo=(1.0 + eta * np.cos(elements.mean_anomaly_rad)) ** 3,
        sinmo=np.sin(elements.mean_anomaly_rad),
    )
    return terms
