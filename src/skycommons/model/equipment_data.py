"""The equipment that comes with the program."""

from functools import cache

from skycommons.model.equipment import (
    Band,
    Carrier,
    Equipment,
    FeederAntenna,
    FeederPayload,
    GatewayType,
    Payload,
    Processing,
    TerminalType,
)

_KA_UP = Carrier(frequency_hz=28.5e9, bandwidth_hz=500e6, carriers=4, polarisations=2, symbol_share=1 / 1.1)
_KA_DOWN = Carrier(frequency_hz=18.5e9, bandwidth_hz=250e6, carriers=5, polarisations=2, symbol_share=1 / 1.1)


@cache
def standard_equipment() -> Equipment:
    """Types for whoever names none."""
    standard = TerminalType(
        name="standard",
        receive_gain_dbi=33.5,
        receiver_k=150.0,
        antenna_k=50.0,
        transmit_eirp_dbw=38.2,
        duty_cycle=0.14,
        scan_exponent=1.3,
        aperture_m=0.48,
    )
    gateway = GatewayType(
        name="standard",
        antennas=8,
        feeders=(
            FeederAntenna(
                band=Band.KA,
                up=_KA_UP,
                down=_KA_DOWN,
                dish_m=1.5,
                aperture_efficiency=0.65,
                transmit_eirp_dbw=66.5,
                receiver_k=150.0,
                antenna_k=50.0,
            ),
        ),
    )
    payload = Payload(
        name="v2-mini",
        processing=Processing.REGENERATIVE,
        down=Carrier(frequency_hz=11.7e9, bandwidth_hz=240e6, symbol_share=0.95625),
        up=Carrier(frequency_hz=14.25e9, bandwidth_hz=62.5e6, symbol_share=0.95625),
        down_pfd_dbw_m2_4khz=-146.0,
        transmit_eirp_dbw=40.0,
        g_over_t_db_k=9.5,
        scan_exponent=1.3,
        co_channel_db=25.0,
        cross_polar_db=27.0,
        intermodulation_db=25.0,
        up_co_channel_db=25.0,
        beams_down=48,
        beams_up=16,
        carriers_per_cell=8,
        beam_limit_bps=1.2e9,
        down_limit_bps=96e9,
        up_limit_bps=6.7e9,
        feeders=(FeederPayload(band=Band.KA, g_over_t_db_k=11.0, transmit_eirp_dbw=32.0),),
    )
    return Equipment(terminals=(standard,), gateways=(gateway,), payloads=(payload,))
