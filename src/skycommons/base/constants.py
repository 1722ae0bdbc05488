"""Physical constants, each with its source on the line. SI units, suffix in the name."""

from typing import Final

LIGHT_SPEED_M_S: Final = 299_792_458.0  # SI definition (BIPM, SI brochure 9)

# WGS 84 ellipsoid (NGA.STND.0036 v1.0.0, table 3.1 and 3.4): sites, heights, elevation angles.
WGS84_RADIUS_M: Final = 6_378_137.0
WGS84_FLATTENING: Final = 1.0 / 298.257_223_563

# WGS 72 (Hoots & Roehrich, Spacetrack Report 3): what SGP4 element sets are fitted with.
WGS72_RADIUS_M: Final = 6_378_135.0
WGS72_MU_M3_S2: Final = 398_600.8e9

EARTH_ROTATION_RAD_S: Final = 7.292_115_146_706_98e-5  # mean sidereal rate without length of day; Vallado 4e, eq. 3-40
GSO_RADIUS_M: Final = 42_164_000.0  # geostationary radius rounded to 1 km; ITU-R S.1503-3 §D.4 (42 164.2 km)
EARTH_MEAN_RADIUS_M: Final = 6_371_008.8  # IUGG mean radius R1 (Moritz 2000, J. Geodesy 74)

# Refractive group index of standard single-mode fibre at 1550 nm is 1.4682 (Corning SMF-28e+ data sheet).
FIBRE_GROUP_INDEX: Final = 1.4682

SECONDS_PER_DAY: Final = 86_400.0
NS_PER_S: Final = 1_000_000_000
