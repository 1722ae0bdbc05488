"""Built-in equipment: every figure has a source, and the figures do what their sources say."""

import numpy as np
import pytest

from skycommons.base.arrays import Floats
from skycommons.model.documents_equipment import GatewayTypeDocument, PayloadDocument, TerminalTypeDocument
from skycommons.model.equipment import Band, GatewayType, Payload, Processing, TerminalType
from skycommons.model.equipment_data import builtin_equipment, standard_equipment
from skycommons.model.equipment_figures import Figures, missing_keys
from skycommons.model.fleet import generation_of
from skycommons.model.presets import preset, preset_names
from skycommons.radio.antenna import parabolic_gain_dbi, scan_loss_db
from skycommons.radio.combining import combine_db
from skycommons.radio.free_space import free_space_loss_db, slant_range_m
from skycommons.radio.gas import Air, gas_loss_db
from skycommons.radio.modcod import ladder
from skycommons.radio.noise import g_over_t_db_k, thermal_cn_db
from skycommons.radio.spectrum import DOWN_BANDWIDTH_HZ, eirp_from_pfd_dbw, pfd_limit_dbw_m2_4khz
from skycommons.radio.sphere import nadir_angle_rad

ELEVATIONS_RAD = np.radians([25.0, 40.0, 60.0, 90.0])
ALTITUDE_M = np.array(550e3)
RANGES_M = slant_range_m(ALTITUDE_M, ELEVATIONS_RAD)
MEAN_AIR = Air(pressure_pa=np.array(101_325.0), temperature_k=np.array(288.15), vapour_kg_m3=np.array(7.5e-3))
TYPES = (*standard_equipment().terminals, *standard_equipment().gateways, *standard_equipment().payloads)


def terminal(name: str) -> TerminalType:
    """A built-in type of terminals."""
    return next(each for each in standard_equipment().terminals if each.name == name)


def gateway(name: str) -> GatewayType:
    """A built-in type of gateways."""
    return next(each for each in standard_equipment().gateways if each.name == name)


def payload_of(name: str) -> Payload:
    """A built-in payload."""
    return next(each for each in standard_equipment().payloads if each.name == name)


def clear_sky_db(frequency_hz: float) -> Floats:
    """Free space and gas at each elevation."""
    frequency = np.array(frequency_hz)
    gas = gas_loss_db(frequency, ELEVATIONS_RAD, MEAN_AIR).total_db
    return np.asarray(free_space_loss_db(RANGES_M, frequency) + gas)


@pytest.mark.parametrize("each", TYPES, ids=lambda each: f"{type(each).__name__}-{each.name}")
def test_every_figure_has_a_source(each: TerminalType | GatewayType | Payload) -> None:
    """As many origins as figures, none empty."""
    assert len(each.origins) >= 13
    assert all(len(origin.source) >= 10 for origin in each.origins.values())


def test_every_figure_of_a_terminal_can_be_looked_up_by_its_name() -> None:
    """Names of origins are names of fields."""
    for each in standard_equipment().terminals:
        assert set(each.origins) == set(TerminalType.__slots__) - {"name", "origins"}


@pytest.mark.parametrize(
    ("types", "kind"),
    [
        (builtin_equipment().terminals, TerminalTypeDocument),
        (builtin_equipment().gateways, GatewayTypeDocument),
        (builtin_equipment().payloads, PayloadDocument),
    ],
)
def test_no_built_in_type_lacks_a_figure(types: dict[str, Figures], kind: type[TerminalTypeDocument]) -> None:
    """Bands are whole or absent."""
    assert {name: missing_keys(kind, figures) for name, figures in types.items()} == dict.fromkeys(types, ())


def test_whoever_names_no_type_gets_the_standard_one() -> None:
    """Row 0 of each table."""
    known = standard_equipment()
    assert (known.terminals[0].name, known.gateways[0].name, known.payloads[0].name) == (
        "standard",
        "standard",
        "v2-mini",
    )


def test_every_generation_that_flies_has_a_payload() -> None:
    """Labels of the presets and those that names in a catalogue tell; other operators' fleets have no label."""
    labels = {part.generation for name in preset_names() for part in preset(name).shells}
    labels |= {generation_of(name) for name in ("STARLINK-1008", "STARLINK-30123", "STARLINK-11202 [DTC]")}
    assert labels - {each.name for each in standard_equipment().payloads} == {""}


def test_the_standard_terminal_sees_all_above_25_degrees() -> None:
    """Neither its tilt nor its cone limits it, and the arc of the geostationary satellites is open."""
    standard = terminal("standard")
    assert (standard.tilt_rad, standard.gso_exclusion_rad) == (0.0, 0.0)
    assert standard.field_of_view_rad == pytest.approx(2.0 * np.pi)
    assert standard.min_elevation_rad == pytest.approx(np.radians(25.0))


@pytest.mark.parametrize("name", ["standard", "ut-1", "flat-2023", "high-performance", "mini"])
def test_the_gain_of_a_dish_is_that_of_its_area(name: str) -> None:
    """65 % of the aperture at 11.7 GHz, within the 0.4 dB by which a filing may differ."""
    each = terminal(name)
    assert each.receive_gain_dbi == pytest.approx(float(parabolic_gain_dbi(each.aperture_m, 11.7e9)), abs=0.4)


def test_interference_takes_less_than_half_a_decibel_from_a_clear_downlink() -> None:
    """At the operating level, 550 km up."""
    each, dish = payload_of("v2-mini"), terminal("standard")
    eirp_dbw = eirp_from_pfd_dbw(each.down_pfd_dbw_m2_4khz, RANGES_M, DOWN_BANDWIDTH_HZ)
    gain_dbi = dish.receive_gain_dbi - scan_loss_db(np.pi / 2 - ELEVATIONS_RAD, scan_exponent=dish.scan_exponent)
    cn_db = thermal_cn_db(
        eirp_dbw,
        g_over_t_db_k(gain_dbi, dish.receiver_k + dish.antenna_k),
        loss_db=free_space_loss_db(RANGES_M, np.array(11.7e9)),
        bandwidth_hz=DOWN_BANDWIDTH_HZ,
    )
    taken_db = cn_db - combine_db(cn_db, each.co_channel_db, each.cross_polar_db, each.intermodulation_db)
    assert np.all((taken_db > 0.1) & (taken_db < 0.5))


@pytest.mark.parametrize(("name", "pfd_of"), [("v1", "operating"), ("v2-mini", "limit")])
def test_the_amplifier_reaches_the_level_that_its_source_says(name: str, pfd_of: str) -> None:
    """From 25 degrees upwards, with the loss of steering."""
    each = payload_of(name)
    limit = pfd_limit_dbw_m2_4khz(ELEVATIONS_RAD)
    pfd = limit if pfd_of == "limit" else np.full(4, each.down_pfd_dbw_m2_4khz)
    needed_dbw = eirp_from_pfd_dbw(pfd, RANGES_M, DOWN_BANDWIDTH_HZ) + scan_loss_db(
        nadir_angle_rad(ELEVATIONS_RAD, ALTITUDE_M), scan_exponent=each.scan_exponent
    )
    assert needed_dbw.max() < each.transmit_eirp_dbw < needed_dbw.max() + 3.0


@pytest.mark.parametrize(("station", "band"), [("standard", Band.KA), ("mega", Band.KA), ("mega", Band.E)])
def test_feeder_links_close_on_a_high_rung_in_a_clear_sky(station: str, band: Band) -> None:
    """256APSK 3/4 with 1 dB in hand from 25 degrees upwards, both ways: the carrier of del Portillo's gateways."""
    needed_db = ladder("dvb-s2x").modcod("256APSK 3/4").threshold_db + 1.0
    dish = next(each for each in gateway(station).feeders if each.band is band)
    space = next(each for each in payload_of("v2-mini").feeders if each.band is band)
    up_db = thermal_cn_db(
        dish.transmit_eirp_dbw - dish.pointing_loss_db,
        space.g_over_t_db_k,
        loss_db=clear_sky_db(dish.up.frequency_hz),
        bandwidth_hz=dish.up.bandwidth_hz,
    )
    gain_dbi = parabolic_gain_dbi(dish.dish_m, dish.down.frequency_hz, aperture_efficiency=dish.aperture_efficiency)
    down_db = thermal_cn_db(
        space.transmit_eirp_dbw - dish.pointing_loss_db,
        g_over_t_db_k(gain_dbi, dish.receiver_k + dish.antenna_k),
        loss_db=clear_sky_db(dish.down.frequency_hz),
        bandwidth_hz=dish.down.bandwidth_hz,
    )
    assert min(up_db.min(), down_db.min()) > needed_db


def test_a_ka_gateway_carries_what_the_paper_gives_a_satellite() -> None:
    """8 carriers of 2,682 Mbit/s are 21.46 Gbit/s; del Portillo's mean over efficiency is 21.4."""
    (dish,) = gateway("standard").feeders
    most_bps = dish.up.symbol_rate_hz * ladder("dvb-s2x").modcod("256APSK 3/4").spectral_efficiency
    assert most_bps == pytest.approx(21.4e9, rel=0.01)


def test_limits_of_the_generations_are_those_that_their_operator_names() -> None:
    """Down and up, in Gbit/s."""
    limits = {each.name: (each.down_limit_bps / 1e9, each.up_limit_bps / 1e9) for each in standard_equipment().payloads}
    assert limits["v2-mini"] == (96.0, 6.7)
    assert limits["v3"] == (1000.0, 160.0)
    assert 17.0 <= limits["v1.5"][0] <= 23.0
    assert payload_of("generic").processing is Processing.BENT_PIPE


def test_beams_can_carry_what_the_satellite_is_limited_to_where_their_number_is_assumed() -> None:
    """V3's beams are as many as its limits need."""
    each = payload_of("v3")
    assert each.beams_down * each.beam_limit_bps >= each.down_limit_bps
    assert each.beams_up * each.up.symbol_rate_hz * 5.1 >= each.up_limit_bps
