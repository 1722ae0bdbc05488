"""Our cells beside what people measure and others estimate: plausible or not, and no more.

The published figures count other things than we do: medians over a country with its plans, Wi-Fi and hours of the day, or
an estimate that rests on an oversubscription of 20 to 1, which is assumed. Bands are stated beforehand, wide, and not
moved. Agreement shows that no factor of two is lost; it does not show accuracy.
"""

import csv
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np

from skycommons.base.arrays import Floats
from skycommons.base.errors import DocumentError, Fault
from skycommons.model.equipment import Payload, TerminalType
from skycommons.model.equipment_data import standard_equipment
from skycommons.model.rules import RadioRules
from skycommons.plan.availability import Downlink, clear_sky_cn_db
from skycommons.radio.antenna import scan_loss_db
from skycommons.radio.climate import Climate, climate_at
from skycommons.radio.combining import combine_db
from skycommons.radio.free_space import free_space_loss_db, slant_range_m
from skycommons.radio.gas import gas_loss_db
from skycommons.radio.modcod import rate_bps
from skycommons.radio.noise import thermal_cn_db
from skycommons.radio.slant_paths import MEDIAN_EXCEEDANCE
from skycommons.radio.spectrum import UP_CHANNELS
from skycommons.radio.sphere import nadir_angle_rad
from skycommons.studies.radio_check import Acceptance, RadioCheck, compared, not_comparable

ANCHORS: Final = "starlink_capacity_anchors.csv"
OVERSUBSCRIPTION: Final = 20.0  # terminals for each that is busy; assumed, as in the estimate
BAND: Final = 0.25  # of a cell's capacity
TYPICAL_ELEVATIONS_RAD: Final = (np.radians(40.0), np.radians(60.0))  # of a serving satellite; assumed
_ALTITUDE_M = 550e3
_LATITUDE_RAD, _LONGITUDE_RAD = (
    np.radians(39.0),
    np.radians(-98.0),
)  # the middle of the country of the published figures


@dataclass(frozen=True, slots=True, kw_only=True)
class CellRates:
    """What the terminals of one cell share.

    Attributes:
        elevation_rad: Of the satellite.
        down_bps, up_bps: In a clear sky.
    """

    elevation_rad: float
    down_bps: float
    up_bps: float


def cell_rates(payload: Payload, terminal: TerminalType, elevation_rad: float) -> CellRates:
    """Rates of a cell whose satellite stands at an elevation, 550 km up: all channels, and no more than a beam's share up.

    The air is that of the middle of the United States.

    Args:
        payload: Of the satellite; its uplink is shared evenly by its beams.
        terminal: Of the users, its face level.
        elevation_rad: Of the satellite, seen from the cell.
    """
    climate = climate_at(np.array([_LATITUDE_RAD]), np.array([_LONGITUDE_RAD]))
    rules, elevation = RadioRules(), np.array([elevation_rad])
    downlink = Downlink(payload=payload, terminal=replace(terminal, tilt_rad=0.0), rules=rules, altitude_m=_ALTITUDE_M)
    channels = (
        (payload.down, clear_sky_cn_db(downlink, climate, elevation)),
        (payload.up, _up_cn_db(payload, terminal, climate, elevation)),
    )
    down_bps, up_bps = (
        float(
            rate_bps(
                rules.service_law,
                cn_db[0],
                symbol_rate_hz=carrier.bandwidth_hz * carrier.symbol_share,
                margin=rules.margin,
            )
        )
        for carrier, cn_db in channels
    )
    return CellRates(
        elevation_rad=elevation_rad,
        down_bps=min(payload.carriers_per_cell * min(down_bps, payload.beam_limit_bps), payload.down_limit_bps),
        up_bps=min(UP_CHANNELS * up_bps, payload.up_limit_bps / payload.beams_up),
    )


def _up_cn_db(payload: Payload, terminal: TerminalType, climate: Climate, elevation_rad: Floats) -> Floats:
    """Carrier over noise and interference of the uplink under a clear sky, ``(G,)``."""
    frequency_hz = np.asarray(payload.up.frequency_hz)
    aside_rad = nadir_angle_rad(elevation_rad, _ALTITUDE_M)
    gas_db = gas_loss_db(frequency_hz, elevation_rad, climate.air(MEDIAN_EXCEEDANCE)).total_db
    thermal_db = thermal_cn_db(
        terminal.transmit_eirp_dbw - scan_loss_db(np.pi / 2.0 - elevation_rad, scan_exponent=terminal.scan_exponent),
        payload.g_over_t_db_k - scan_loss_db(aside_rad, scan_exponent=payload.scan_exponent),
        loss_db=free_space_loss_db(slant_range_m(np.asarray(_ALTITUDE_M), elevation_rad), frequency_hz)
        + gas_db
        + terminal.pointing_loss_db
        + terminal.polarisation_loss_db,
        bandwidth_hz=payload.up.bandwidth_hz,
    )
    return combine_db(thermal_db, payload.up_co_channel_db)


def plausibility_checks(folder: Path) -> list[RadioCheck]:
    """Cells of the standard equipment beside an estimate of them, and what is left for a user beside measured medians.

    Args:
        folder: With ``starlink_capacity_anchors.csv``.
    Raises:
        DocumentError: The table is missing or lacks a figure.
    """
    path = folder / ANCHORS
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = [(row["metric"], row["date"], float(row["value"])) for row in csv.DictReader(file) if _plain(row)]
        value = {(metric, date): figure for metric, date, figure in reversed(rows)}
        latest = {metric: figure for metric, _, figure in reversed(rows)}
        estimate_mbps = [latest["xlab_implied_downlink_per_beam"], latest["xlab_implied_uplink_per_beam"]]
        measured_mbps = [value[metric, "2025-Q1"] for metric in ("median_download", "median_upload")]
        share_percent = value["share_meeting_100_20", "2025-Q1"]
        square_miles = latest["xlab_beam_area"]
        terminals = [square_miles * latest[name] for name in ("xlab_density_limit", "xlab_density_fail")]
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise DocumentError(str(path), [Fault("file", f"cannot be read as capacity figures ({error!r})")]) from error
    equipment = standard_equipment()
    cells = [cell_rates(equipment.payloads[0], equipment.terminals[0], angle) for angle in TYPICAL_ELEVATIONS_RAD]
    down_mbps, up_mbps = [cell.down_bps / 1e6 for cell in cells], [cell.up_bps / 1e6 for cell in cells]
    estimate = "X-Lab v0.2, July 2025, at 20:1 (assumed)"
    return [
        compared(
            "downlink of a cell, satellite at 40 and 60 degrees",
            estimate,
            down_mbps,
            [estimate_mbps[0]] * len(cells),
            test=Acceptance.PLAUSIBILITY,
            unit="Mbit/s",
            relative=BAND,
        ),
        replace(
            compared(
                "uplink of a cell, satellite at 40 and 60 degrees",
                estimate,
                up_mbps,
                [estimate_mbps[1]] * len(cells),
                test=Acceptance.PLAUSIBILITY,
                unit="Mbit/s",
                relative=BAND,
            ),
            reason="a beam's share of the satellite's uplink decides, and the estimate may rest on the same figure",
        ),
        *(
            _left_for_a_user(name, cell_mbps, terminals=terminals, measured_mbps=median_mbps)
            for name, cell_mbps, median_mbps in zip(
                ("downlink", "uplink"), (down_mbps, up_mbps), measured_mbps, strict=True
            )
        ),
        _share_row(share_percent),
    ]


def _plain(row: dict[str, str]) -> bool:
    """Whether a row holds one number."""
    return row["value"].replace(".", "", 1).isdigit()


def _left_for_a_user(name: str, cell_mbps: list[float], *, terminals: list[float], measured_mbps: float) -> RadioCheck:
    """A busy user's part of a cell between the two densities of the estimate, beside the median that people measure."""
    low_mbps = min(cell_mbps) / (max(terminals) / OVERSUBSCRIPTION)
    high_mbps = max(cell_mbps) / (min(terminals) / OVERSUBSCRIPTION)
    apart_mbps = max(low_mbps - measured_mbps, measured_mbps - high_mbps, 0.0)
    return RadioCheck(
        name=f"{name} of a busy user, {min(terminals):.0f} to {max(terminals):.0f} terminals in a cell, 1 in 20 busy",
        recommendation="Ookla, United States, 2025-Q1, median",
        cases=1,
        within=int(apart_mbps == 0.0),
        largest_relative=apart_mbps / measured_mbps,
        largest_absolute_db=apart_mbps,
        tolerance="inside the band",
        test=Acceptance.PLAUSIBILITY,
        value=f"{low_mbps:.3g} to {high_mbps:.3g} Mbit/s",
        expectation=f"{measured_mbps:.4g} Mbit/s lies between",
        reason="" if apart_mbps == 0.0 else "the load is assumed, and the median counts other things too",
    )


def _share_row(share_percent: float) -> RadioCheck:
    """Listed, because nothing here could give it."""
    return not_comparable(
        "terminals with at least 100 Mbit/s down and 20 Mbit/s up",
        "Ookla, United States, 2025-Q1",
        test=Acceptance.PLAUSIBILITY,
        value="not computed",
        expectation=f"{share_percent:g} %",
        reason="a share of users needs their traffic over the day, which is not modelled",
    )
