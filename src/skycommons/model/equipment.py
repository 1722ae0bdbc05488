"""Radio equipment as data: terminals, gateways and payloads by type, in SI units.

Every figure has a source or is marked as assumed, and keeps it, so that a budget can print where each line is from. Types
are rows: a site or satellite carries the row of its type.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

import numpy as np

from skycommons.base.arrays import Ints
from skycommons.base.errors import InputError


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a figure is from.

    Attributes:
        source: Document or publication.
        assumed: Whether it was assumed, or recalled without its source at hand.
    """

    source: str
    assumed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Carrier:
    """Carriers of one kind on one link.

    Attributes:
        frequency_hz: Centre for which losses are computed.
        bandwidth_hz: Of one carrier, in which noise is counted.
        carriers: How many one link uses at a time, side by side.
        polarisations: How many each carrier stands on.
        symbol_share: Symbols with data per second and hertz, after prefix, guard and pilots, or after the roll-off.
    Raises:
        InputError: A part that no carrier has.
    """

    frequency_hz: float
    bandwidth_hz: float
    carriers: int = 1
    polarisations: int = 1
    symbol_share: float = 1.0

    def __post_init__(self) -> None:
        for name in ("frequency_hz", "bandwidth_hz"):
            if not 0.0 < getattr(self, name) < np.inf:
                raise InputError(f"a carrier's {name} is above 0, not {getattr(self, name):g}")
        if self.carriers < 1 or self.polarisations not in (1, 2) or not 0.0 < self.symbol_share <= 1.0:
            raise InputError(
                f"a link has at least 1 carrier on 1 or 2 polarisations with a symbol share in (0, 1], not "
                f"{self.carriers}, {self.polarisations}, {self.symbol_share:g}"
            )

    @property
    def symbol_rate_hz(self) -> float:
        """Symbols with data per second of all carriers together.

        >>> Carrier(frequency_hz=11.7e9, bandwidth_hz=240e6, carriers=2, symbol_share=0.5).symbol_rate_hz
        240000000.0
        """
        return self.bandwidth_hz * self.symbol_share * self.carriers * self.polarisations


@dataclass(frozen=True, slots=True, kw_only=True)
class TerminalType:
    """A user terminal with a phased array.

    Attributes:
        name: As scenarios write it.
        receive_gain_dbi: Straight ahead, at the downlink's frequency.
        receiver_k, antenna_k: Noise of the receiver, and of the antenna under a clear sky.
        transmit_eirp_dbw: Straight ahead, in one uplink carrier.
        duty_cycle: Share of time in which it may transmit.
        scan_exponent: Gain falls with this power of the cosine of the steering angle, both ways.
        aperture_m: Diameter of a disc of the same area; scintillation averages over it.
        tilt_rad: From the zenith towards the nearer pole.
        field_of_view_rad: Full width of the cone about the face's normal in which it can steer; 2π does not limit.
        min_elevation_rad, gso_exclusion_rad: Where a site or territory says nothing else.
        pointing_loss_db, polarisation_loss_db: Each way.
        origins: Origin of each figure by its name here.
    """

    name: str
    receive_gain_dbi: float
    receiver_k: float
    antenna_k: float
    transmit_eirp_dbw: float
    duty_cycle: float
    scan_exponent: float
    aperture_m: float
    tilt_rad: float = 0.0
    field_of_view_rad: float = 2.0 * np.pi
    min_elevation_rad: float = np.radians(25.0)
    gso_exclusion_rad: float = 0.0
    pointing_loss_db: float = 0.0
    polarisation_loss_db: float = 0.0
    origins: Mapping[str, Origin] = field(default_factory=dict, hash=False)


class Band(Enum):
    """Feeder bands."""

    KA = "Ka"
    E = "E"


@dataclass(frozen=True, slots=True, kw_only=True)
class FeederAntenna:
    """What a gateway has for one feeder band: a dish that points at one satellite, and its carriers.

    Attributes:
        band: Which.
        up, down: Carriers to and from the satellite.
        dish_m, aperture_efficiency: Of the parabolic reflector.
        transmit_eirp_dbw: In one carrier.
        receiver_k, antenna_k: Noise of the receiver, and of the antenna under a clear sky.
        pointing_loss_db: Each way.
    """

    band: Band
    up: Carrier
    down: Carrier
    dish_m: float
    aperture_efficiency: float
    transmit_eirp_dbw: float
    receiver_k: float
    antenna_k: float
    pointing_loss_db: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayType:
    """An earth station with feeder links.

    Attributes:
        name: As scenarios write it.
        antennas: Satellites that it can feed at a time.
        feeders: One per band.
        origins: Origin of each figure; those of feeders are called ``ka.dish_m`` and so on.
    """

    name: str
    antennas: int
    feeders: tuple[FeederAntenna, ...]
    origins: Mapping[str, Origin] = field(default_factory=dict, hash=False)


class Processing(Enum):
    """What a satellite does with a signal between its two halves."""

    REGENERATIVE = "regenerative"
    BENT_PIPE = "bent-pipe"


@dataclass(frozen=True, slots=True, kw_only=True)
class FeederPayload:
    """A satellite's side of one feeder band.

    Attributes:
        band: Which.
        g_over_t_db_k: Towards the gateway.
        transmit_eirp_dbw: In one carrier, towards the gateway.
    """

    band: Band
    g_over_t_db_k: float
    transmit_eirp_dbw: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Payload:
    """What satellites of one generation carry.

    Attributes:
        name: The generation, as satellites are labelled.
        processing: Whether it decodes and sends anew.
        down, up: Carriers of one user beam.
        down_pfd_dbw_m2_4khz: What a beam lays on the ground; the legal limit lies above it.
        transmit_eirp_dbw: Most that one downlink carrier can have, straight down.
        g_over_t_db_k: Of the uplink's array, straight down.
        scan_exponent: Gain falls with this power of the cosine of the angle from straight down, both ways.
        co_channel_db, cross_polar_db, intermodulation_db: Carrier over other beams, over the other polarisation in a clear
            sky, and over the amplifier's products, downlink.
        up_co_channel_db: Carrier over other terminals in the uplink.
        beams_down, beams_up: User beams at a time, both polarisations together.
        carriers_per_cell: Most carriers on one cell at a time.
        beam_limit_bps: Most that one downlink carrier of a beam carries.
        down_limit_bps, up_limit_bps: Of the whole satellite, users' side.
        feeders: One per band.
        origins: Origin of each figure by its name here; those of feeders are called ``ka.g_over_t_db_k`` and so on.
    """

    name: str
    processing: Processing
    down: Carrier
    up: Carrier
    down_pfd_dbw_m2_4khz: float
    transmit_eirp_dbw: float
    g_over_t_db_k: float
    scan_exponent: float
    co_channel_db: float
    cross_polar_db: float
    intermodulation_db: float
    up_co_channel_db: float
    beams_down: int
    beams_up: int
    carriers_per_cell: int
    beam_limit_bps: float
    down_limit_bps: float
    up_limit_bps: float
    feeders: tuple[FeederPayload, ...]
    origins: Mapping[str, Origin] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Equipment:
    """All types that a world's sites and satellites are of; the first of each serves whoever names none.

    Raises:
        InputError: A kind without a type, or two types of one name.
    """

    terminals: tuple[TerminalType, ...]
    gateways: tuple[GatewayType, ...]
    payloads: tuple[Payload, ...]

    def __post_init__(self) -> None:
        for kind in ("terminals", "gateways", "payloads"):
            names = [entry.name for entry in getattr(self, kind)]
            if not names or len(set(names)) != len(names):
                raise InputError(f"equipment: {kind} need at least one type and different names, not {names}")

    def payload_of(self, generation: str) -> Payload:
        """The payload of one satellite by its generation; the first for a generation without one."""
        return self.payloads[int(self.payload_rows((generation,))[0])]

    def payload_rows(self, generations: tuple[str, ...]) -> Ints:
        """``(S,)`` row of each satellite's payload by its generation; the first for a generation without one."""
        row_of = {payload.name: row for row, payload in enumerate(self.payloads)}
        return np.array([row_of.get(name, 0) for name in generations], dtype=np.int64)
