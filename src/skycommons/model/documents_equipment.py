"""Documents of radio equipment: types of terminals and gateways, and what satellites of a generation carry.

Rules: a type starts from another one, its base, and says only what differs. A key that is left out is the base's.
The files inside the package are held to the same ranges as a scenario.
"""

from types import MappingProxyType
from typing import Annotated, Final

from pydantic import Field

from skycommons.model.documents_base import Document, Elevation, Exclusion, Name, word_for
from skycommons.model.equipment import Processing

_PROCESSING: Final = MappingProxyType({each.value: each for each in Processing})

Gain = Annotated[float, Field(ge=-20, le=90)]
Eirp = Annotated[float, Field(ge=-60, le=120)]
Noise = Annotated[float, Field(gt=0, le=100_000)]
HearingOverNoise = Annotated[float, Field(ge=-60, le=80)]
Loss = Annotated[float, Field(ge=0, le=60)]
Ratio = Annotated[float, Field(ge=0, le=120)]
ScanExponent = Annotated[float, Field(ge=0, le=10)]
Share = Annotated[float, Field(gt=0, le=1)]
Size = Annotated[float, Field(gt=0, le=100)]
Frequency = Annotated[float, Field(ge=1, le=90)]  # the losses of gas are known up to here
Bandwidth = Annotated[float, Field(gt=0, le=10_000)]
Count = Annotated[int, Field(ge=1, le=100_000)]
Limit = Annotated[float, Field(ge=0, le=1_000_000)]


class TerminalTypeDocument(Document):
    """What all terminals of one type have in common; a key that is left out is the base's."""

    base: Name | None = Field(
        default=None,
        description="Type to start from, built in or of this file; else the built-in type of this name, else standard.",
    )
    min_elevation_deg: Elevation | None = Field(default=None, description="Lowest usable elevation; 25 in standard.")
    gso_exclusion_deg: Exclusion | None = Field(
        default=None, description="Smallest allowed angle to the geostationary arc; 0 allows all, as standard does."
    )
    receive_gain_dbi: Gain | None = Field(default=None, description="Gain straight ahead, downlink.")
    receiver_noise_k: Noise | None = Field(default=None, description="Noise of the receiver.")
    antenna_noise_k: Noise | None = Field(default=None, description="Noise of the antenna under a clear sky.")
    transmit_eirp_dbw: Eirp | None = Field(default=None, description="EIRP straight ahead, in one uplink carrier.")
    duty_cycle: Share | None = Field(default=None, description="Share of time in which it may transmit.")
    scan_exponent: ScanExponent | None = Field(
        default=None, description="Gain falls with this power of the cosine of the steering angle."
    )
    aperture_m: Size | None = Field(default=None, description="Diameter of a disc as large as the face.")
    tilt_deg: float | None = Field(
        default=None, ge=0, le=90, description="Tilt of the face from the zenith towards the nearer pole."
    )
    field_of_view_deg: float | None = Field(
        default=None, gt=0, le=360, description="Full width of the cone in which it steers; 360 does not limit."
    )
    pointing_loss_db: Loss | None = Field(default=None, description="Loss by pointing, each way.")
    polarisation_loss_db: Loss | None = Field(default=None, description="Loss by polarisation, each way.")


class GatewayBandDocument(Document):
    """A gateway's side of one feeder band; a key that is left out is the base's."""

    up_frequency_ghz: Frequency | None = Field(default=None, description="Frequency to the satellite.")
    up_bandwidth_mhz: Bandwidth | None = Field(default=None, description="Bandwidth of one carrier to the satellite.")
    up_carriers: Count | None = Field(default=None, description="Carriers side by side to the satellite.")
    down_frequency_ghz: Frequency | None = Field(default=None, description="Frequency from the satellite.")
    down_bandwidth_mhz: Bandwidth | None = Field(
        default=None, description="Bandwidth of one carrier from the satellite."
    )
    down_carriers: Count | None = Field(default=None, description="Carriers side by side from the satellite.")
    polarisations: int | None = Field(default=None, ge=1, le=2, description="Polarisations of every carrier.")
    roll_off: float | None = Field(default=None, ge=0, le=1, description="Roll-off: symbols are bandwidth / (1 + it).")
    dish_m: Size | None = Field(default=None, description="Diameter of the dish.")
    aperture_efficiency: Share | None = Field(default=None, description="Efficiency of the dish.")
    transmit_eirp_dbw: Eirp | None = Field(default=None, description="EIRP of one carrier.")
    receiver_noise_k: Noise | None = Field(default=None, description="Noise of the receiver.")
    antenna_noise_k: Noise | None = Field(default=None, description="Noise of the antenna under a clear sky.")
    pointing_loss_db: Loss | None = Field(default=None, description="Loss by pointing, each way.")


class GatewayTypeDocument(Document):
    """What all gateways of one type have in common; a key that is left out is the base's."""

    base: Name | None = Field(
        default=None,
        description="Type to start from, built in or of this file; else the built-in type of this name, else standard.",
    )
    antennas: Count | None = Field(default=None, description="Satellites that it can feed at a time.")
    ka: GatewayBandDocument | None = Field(default=None, description="Ka band.")
    e: GatewayBandDocument | None = Field(default=None, description="E band; the base may have none.")


class PayloadBandDocument(Document):
    """A satellite's side of one feeder band; a key that is left out is the base's."""

    g_over_t_db_k: HearingOverNoise | None = Field(default=None, description="G/T towards the gateway.")
    transmit_eirp_dbw: Eirp | None = Field(default=None, description="EIRP of one carrier towards the gateway.")


class PayloadDocument(Document):
    """What satellites of the generation NAME carry; a key that is left out is the base's."""

    base: Name | None = Field(
        default=None,
        description="Payload to start from, built in or of this file; else the built-in one of this name, else v2-mini.",
    )
    processing: Annotated[Processing, *word_for(_PROCESSING)] | None = Field(
        default=None, description="regenerative decodes and sends anew; bent-pipe only shifts and amplifies."
    )
    down_frequency_ghz: Frequency | None = Field(default=None, description="Frequency of the user downlink.")
    down_bandwidth_mhz: Bandwidth | None = Field(default=None, description="Bandwidth of one downlink carrier.")
    down_symbol_share: Share | None = Field(default=None, description="Symbols with data per second and hertz, down.")
    up_frequency_ghz: Frequency | None = Field(default=None, description="Frequency of the user uplink.")
    up_bandwidth_mhz: Bandwidth | None = Field(default=None, description="Bandwidth of one uplink carrier.")
    up_symbol_share: Share | None = Field(default=None, description="Symbols with data per second and hertz, up.")
    down_pfd_dbw_m2_4khz: float | None = Field(
        default=None, ge=-250, le=-50, description="Power flux density that a beam lays on the ground."
    )
    transmit_eirp_dbw: Eirp | None = Field(default=None, description="Most EIRP of a downlink carrier, straight down.")
    g_over_t_db_k: HearingOverNoise | None = Field(default=None, description="G/T of the uplink array, straight down.")
    scan_exponent: ScanExponent | None = Field(
        default=None, description="Gain falls with this power of the cosine of the steering angle."
    )
    co_channel_db: Ratio | None = Field(default=None, description="Carrier over other beams, downlink.")
    cross_polar_db: Ratio | None = Field(default=None, description="Carrier over the other polarisation, clear sky.")
    intermodulation_db: Ratio | None = Field(default=None, description="Carrier over the amplifier's products.")
    up_co_channel_db: Ratio | None = Field(default=None, description="Carrier over other terminals, uplink.")
    beams_down: Count | None = Field(default=None, description="User beams down at a time.")
    beams_up: Count | None = Field(default=None, description="User beams up at a time.")
    carriers_per_cell: Count | None = Field(default=None, description="Most carriers on one cell at a time.")
    beam_limit_mbps: Limit | None = Field(default=None, description="Most that one downlink carrier of a beam carries.")
    down_limit_gbps: Limit | None = Field(default=None, description="Most of the whole satellite down to users.")
    up_limit_gbps: Limit | None = Field(default=None, description="Most of the whole satellite up from users.")
    ka: PayloadBandDocument | None = Field(default=None, description="Ka band.")
    e: PayloadBandDocument | None = Field(default=None, description="E band; the base may have none.")


TypeDocument = TerminalTypeDocument | GatewayTypeDocument | PayloadDocument
