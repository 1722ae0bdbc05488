"""Mean orbital elements as SGP4 wants them: one row a satellite, SI units and radians."""

from dataclasses import dataclass

import numpy as np

from skycommons.base.arrays import Bools, Floats, Ints, check_shape, freeze


@dataclass(frozen=True, slots=True, kw_only=True)
class Elements:
    """Mean elements (Brouwer, TEME) of ``S`` satellites, in the terms of CCSDS OMM.

    Attributes:
        catalogue_number: ``(S,)`` NORAD catalogue number, up to nine digits; 0 where there is none.
        epoch_ns: ``(S,)`` UTC unix ns.
        mean_motion_rad_s: ``(S,)`` Kozai mean motion, as published.
        eccentricity, inclination_rad, raan_rad, arg_perigee_rad, mean_anomaly_rad: ``(S,)``.
        bstar: ``(S,)`` SGP4 drag term, per Earth radius.
    Raises:
        ShapeError: A column has another length.
    """

    catalogue_number: Ints
    epoch_ns: Ints
    mean_motion_rad_s: Floats
    eccentricity: Floats
    inclination_rad: Floats
    raan_rad: Floats
    arg_perigee_rad: Floats
    mean_anomaly_rad: Floats
    bstar: Floats

    def __post_init__(self) -> None:
        count = len(self.catalogue_number)
        for name in self.__slots__:
            check_shape(name, getattr(self, name), (count,))
            freeze(getattr(self, name))

    def __len__(self) -> int:
        return len(self.catalogue_number)

    def take(self, rows: Ints | Bools) -> "Elements":
        """The same table with only these rows, given as indices or as a mask."""
        return Elements(**{name: getattr(self, name)[rows] for name in self.__slots__})

    @staticmethod
    def concatenate(tables: "list[Elements]") -> "Elements":
        """Several tables, one below the other."""
        return Elements(
            **{name: np.concatenate([getattr(table, name) for table in tables]) for name in Elements.__slots__}
        )
