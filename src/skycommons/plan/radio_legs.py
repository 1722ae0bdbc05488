"""What the compiled rates read of the equipment: one row for each direction and band between a kind of site and a payload.

Rules: a terminal's array steers and loses gain by it, a gateway's dish does not. A dish and a payload meet in the bands that
both have. Noise of a receiver in space does not change; on the ground it rises as the sky fades.
"""

from dataclasses import dataclass

import numpy as np

from skycommons.base.arrays import Floats, Ints, Shorts
from skycommons.model.equipment import (
    Carrier,
    Equipment,
    FeederAntenna,
    FeederPayload,
    Payload,
    TerminalType,
)
from skycommons.model.rules import RadioRules
from skycommons.model.world import SiteKind, Sites
from skycommons.plan.radio_kernel import (
    ANTENNA,
    CROSS,
    EIRP,
    FIXED,
    INTERFERENCE,
    LEG_COLUMNS,
    LIMIT,
    PFD,
    RECEIVER,
    SAT_SCAN,
    SITE_SCAN,
    SPREAD,
    SYMBOLS,
)
from skycommons.radio.antenna import parabolic_gain_dbi
from skycommons.radio.decibels import from_db, to_db
from skycommons.radio.free_space import free_space_loss_db
from skycommons.radio.gas import check_slant_carrier
from skycommons.radio.modcod import AdaptationMargin, Ladder, RateLaw
from skycommons.radio.noise import BOLTZMANN_DBW_K_HZ
from skycommons.radio.spectrum import eirp_from_pfd_dbw

SERVICE, FEEDER = 0, 1  # rows of the laws
_CELLS = 1024  # of a law's index
_LOWEST_DB, _HIGHEST_DB, _STEP_DB = -30.0, 50.0, 0.01  # where a law that is no ladder is sampled


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SkyNeed:
    """A carrier frequency for which some sites need a sky.

    Attributes:
        frequency_hz: Of the carrier.
        rows: ``(N,)`` of the sites.
        aperture_m: ``(N,)`` diameters of their antennas.
    """

    frequency_hz: float
    rows: Ints
    aperture_m: Floats


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Legs:
    """All legs, as `radio_kernel` reads them.

    Attributes:
        site_class: ``(G,)`` terminal types first, then gateway types; -1 without antenna.
        span: ``(C, M, 2)`` first leg of a class and payload, and the one behind the last.
        columns: ``(N, LEG_COLUMNS)``.
        marks: ``(N, LEG_MARKS)``.
        needs: Skies, in the order of the marks.
    """

    site_class: Ints
    span: Ints
    columns: Floats
    marks: Ints
    needs: tuple[SkyNeed, ...]


@dataclass(slots=True, kw_only=True)
class _Pile:
    """Legs and skies while they are gathered."""

    columns: list[Floats]
    marks: list[tuple[int, int, int]]
    needs: list[SkyNeed]

    def put(self, columns: Floats, *, is_down: bool, sky: int, law: int) -> None:
        """Add a leg."""
        self.columns.append(columns)
        self.marks.append((int(is_down), sky, law))

    def sky(self, frequency_hz: float, rows: Ints, aperture_m: Floats) -> int:
        """Row of the sky for these sites, which are either the same or others than those of every sky before."""
        for row, need in enumerate(self.needs):
            if need.frequency_hz == frequency_hz and np.array_equal(need.rows, rows):
                return row
        self.needs.append(SkyNeed(frequency_hz=frequency_hz, rows=rows, aperture_m=aperture_m))
        return len(self.needs) - 1


def legs_of(equipment: Equipment, rules: RadioRules, sites: Sites, payload: Ints) -> Legs:
    """Legs between all sites and satellites.

    Args:
        equipment: All types.
        rules: Of the scenario.
        sites: ``G`` sites.
        payload: ``(S,)`` rows of the payloads that fly.
    Raises:
        PhysicsError: A carrier that no method for the atmosphere reaches.
    """
    pile = _Pile(columns=[], marks=[], needs=[])
    classes = len(equipment.terminals) + len(equipment.gateways)
    span = np.zeros((classes, len(equipment.payloads), 2), dtype=np.int64)
    terminals = sites.rows(SiteKind.TERMINAL)
    apertures = np.array([terminal.aperture_m for terminal in equipment.terminals])[sites.equipment[terminals]]
    for row in np.unique(payload):
        flying = equipment.payloads[row]
        for kind in np.unique(sites.equipment[terminals]):
            span[kind, row, 0] = len(pile.columns)
            _check_carriers(f"payload {flying.name!r}", flying.down, flying.up)
            skies = [pile.sky(carrier.frequency_hz, terminals, apertures) for carrier in (flying.down, flying.up)]
            pile.put(_service_down(flying, equipment.terminals[kind], rules), is_down=True, sky=skies[0], law=SERVICE)
            pile.put(_service_up(flying, equipment.terminals[kind]), is_down=False, sky=skies[1], law=SERVICE)
            span[kind, row, 1] = len(pile.columns)
        for kind, gateway in enumerate(equipment.gateways):
            rows = np.flatnonzero((sites.kind == SiteKind.GATEWAY) & (sites.equipment == kind))
            place = len(equipment.terminals) + kind
            span[place, row, 0] = len(pile.columns)
            for antenna, feeder in _shared(gateway.feeders, flying.feeders) if len(rows) else []:
                _check_carriers(f"gateway {gateway.name!r}", antenna.down, antenna.up)
                dishes = np.full(len(rows), antenna.dish_m)
                skies = [pile.sky(carrier.frequency_hz, rows, dishes) for carrier in (antenna.down, antenna.up)]
                pile.put(_feeder_down(antenna, feeder), is_down=True, sky=skies[0], law=FEEDER)
                pile.put(_feeder_up(antenna, feeder), is_down=False, sky=skies[1], law=FEEDER)
            span[place, row, 1] = len(pile.columns)
    kinds = np.where(sites.kind == SiteKind.GATEWAY, len(equipment.terminals) + sites.equipment, sites.equipment)
    return Legs(
        site_class=np.where(sites.kind == SiteKind.POP, -1, kinds),
        span=span,
        columns=np.array(pile.columns).reshape(-1, LEG_COLUMNS),
        marks=np.array(pile.marks, dtype=np.int64).reshape(-1, 3),
        needs=tuple(pile.needs),
    )


def _shared(
    antennas: tuple[FeederAntenna, ...], feeders: tuple[FeederPayload, ...]
) -> list[tuple[FeederAntenna, FeederPayload]]:
    """Both sides of every band that both have, in the gateway's order."""
    return [(antenna, feeder) for antenna in antennas for feeder in feeders if antenna.band is feeder.band]


def _service_down(payload: Payload, terminal: TerminalType, rules: RadioRules) -> Floats:
    """From the satellite's array to the terminal's."""
    carrier = payload.down
    leg = _leg(carrier)
    pfd = np.inf if rules.full_pfd else payload.down_pfd_dbw_m2_4khz
    leg[PFD], leg[SPREAD] = pfd, float(eirp_from_pfd_dbw(0.0, 1.0, carrier.bandwidth_hz))
    leg[EIRP] = payload.transmit_eirp_dbw
    leg[SAT_SCAN], leg[SITE_SCAN] = payload.scan_exponent, terminal.scan_exponent
    leg[FIXED] += terminal.receive_gain_dbi - terminal.pointing_loss_db - terminal.polarisation_loss_db
    leg[RECEIVER], leg[ANTENNA] = terminal.receiver_k, terminal.antenna_k
    leg[INTERFERENCE] = _sum(payload.co_channel_db, payload.cross_polar_db, payload.intermodulation_db)
    leg[CROSS] = 1.0
    leg[LIMIT] = min(payload.beam_limit_bps * carrier.carriers, payload.down_limit_bps)
    return leg


def _service_up(payload: Payload, terminal: TerminalType) -> Floats:
    """From the terminal's array to the satellite's."""
    leg = _leg(payload.up)
    leg[EIRP] = terminal.transmit_eirp_dbw
    leg[SAT_SCAN], leg[SITE_SCAN] = payload.scan_exponent, terminal.scan_exponent
    leg[FIXED] += payload.g_over_t_db_k - terminal.pointing_loss_db - terminal.polarisation_loss_db
    leg[INTERFERENCE] = _sum(payload.up_co_channel_db)
    leg[SYMBOLS] *= terminal.duty_cycle
    leg[LIMIT] = payload.up_limit_bps
    return leg


def _feeder_down(antenna: FeederAntenna, feeder: FeederPayload) -> Floats:
    """From the satellite to the gateway's dish."""
    leg = _leg(antenna.down)
    leg[EIRP] = feeder.transmit_eirp_dbw
    gain = parabolic_gain_dbi(
        antenna.dish_m, antenna.down.frequency_hz, aperture_efficiency=antenna.aperture_efficiency
    )
    leg[FIXED] += float(gain) - antenna.pointing_loss_db
    leg[RECEIVER], leg[ANTENNA] = antenna.receiver_k, antenna.antenna_k
    return leg


def _feeder_up(antenna: FeederAntenna, feeder: FeederPayload) -> Floats:
    """From the gateway's dish to the satellite."""
    leg = _leg(antenna.up)
    leg[EIRP] = antenna.transmit_eirp_dbw
    leg[FIXED] += feeder.g_over_t_db_k - antenna.pointing_loss_db
    return leg


def _leg(carrier: Carrier) -> Floats:
    """A leg with the carrier's own part: noise of 1 K in its bandwidth, free space at 1 m, symbols; no limit."""
    leg = np.zeros(LEG_COLUMNS)
    leg[RECEIVER], leg[LIMIT] = 1.0, np.inf
    space_db = free_space_loss_db(np.array(1.0), np.array(carrier.frequency_hz))
    leg[FIXED] = -BOLTZMANN_DBW_K_HZ - float(to_db(carrier.bandwidth_hz)) - float(space_db)
    leg[SYMBOLS] = carrier.symbol_rate_hz
    return leg


def _sum(*ratios_db: float) -> float:
    """Power of several disturbances over the carrier's."""
    return float(sum(from_db(-ratio) for ratio in ratios_db))


def _check_carriers(owner: str, *carriers: Carrier) -> None:
    """Raise where the losses of the atmosphere are not known."""
    for carrier in carriers:
        check_slant_carrier(carrier.frequency_hz, named=f"{owner}: a carrier")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Laws:
    """Laws from carrier over noise to bits, as `radio_kernel` reads them, one row each.

    Attributes:
        columns: ``(W, Q, 3)``.
        starts: ``(W, cells)``.
        scales: ``(W, 3)``.
    """

    columns: Floats
    starts: Shorts
    scales: Floats


def laws_of(rules: RadioRules) -> Laws:
    """The laws of service and feeder links.

    A ladder keeps its rungs. Any other law is sampled every 0.01 dB from -30 to 50 dB, and straight between.
    """
    rungs = [_rungs(law, rules.margin) for law in (rules.service_law, rules.feeder_law)]
    longest = max(len(table) for table in rungs) + 1  # nothing is reached behind the last
    tables = np.zeros((len(rungs), longest, 3))
    tables[:, :, 0] = np.inf
    for row, table in enumerate(rungs):
        tables[row, : len(table)] = table
    lowest = tables[:, 0, 0]
    cells_per_db = np.array([(_CELLS - 1) / max(table[-1, 0] - table[0, 0], 1.0) for table in rungs])
    edges = lowest[:, np.newaxis] + np.arange(_CELLS) / cells_per_db[:, np.newaxis]
    starts = [np.searchsorted(table[:, 0], edge, side="right") - 1 for table, edge in zip(rungs, edges, strict=True)]
    margin = np.full(len(rungs), rules.margin.total_db)
    return Laws(
        columns=tables,
        starts=np.maximum(np.array(starts), 0).astype(np.int16),
        scales=np.stack([margin, lowest, cells_per_db], axis=1),
    )


def _rungs(law: RateLaw, margin: AdaptationMargin) -> Floats:
    """``(Q, 3)`` thresholds after the margin, bits per symbol there, and their rise per dB."""
    if isinstance(law, Ladder):
        return np.stack([law.threshold_db, law.spectral_efficiency, np.zeros(len(law.threshold_db))], axis=1)
    usable_db: Floats = _LOWEST_DB + _STEP_DB * np.arange(
        round((_HIGHEST_DB - _LOWEST_DB) / _STEP_DB) + 1, dtype=np.float64
    )
    bits = np.asarray(law.efficiency(usable_db + margin.total_db, margin))
    return np.stack([usable_db, bits, np.append(np.diff(bits), 0.0) / _STEP_DB], axis=1)
