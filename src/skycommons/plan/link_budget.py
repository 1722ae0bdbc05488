"""The budgets of all links between one site and one satellite, line by line, at one instant and weather.

Rules: a terminal has a service downlink and uplink, a gateway a feeder link each way for every band that both sides have.
The terms of a budget add up to its carrier over thermal noise; interference and the rate follow from it. Nothing here is
shared with the compiled tables of the planner, which a test holds against these budgets.
"""

from dataclasses import dataclass
from enum import Enum
from math import pi
from typing import Final

import numpy as np

from skycommons.base.errors import InputError, PhysicsError
from skycommons.model.equipment import (
    Band,
    Carrier,
    FeederAntenna,
    FeederPayload,
    GatewayType,
    Origin,
    Payload,
    Processing,
    TerminalType,
)
from skycommons.model.rules import BudgetWeather, RadioRules
from skycommons.model.world import SiteKind, World
from skycommons.plan.air_path import AirPath, air_path
from skycommons.plan.link_parts import (
    Caps,
    cross_polar_lines,
    geometry_part,
    ground_receiver_part,
    origin_of,
    place_part,
    rate_part,
    way_part,
)
from skycommons.plan.sight import Sight
from skycommons.radio.antenna import parabolic_gain_dbi, scan_loss_db
from skycommons.radio.budget import BudgetFact, BudgetLine, BudgetPart, BudgetTerm, LinkBudget, noise_terms
from skycommons.radio.climate import Climate, climate_at
from skycommons.radio.modcod import RateLaw
from skycommons.radio.recommendations import PFD_RULE
from skycommons.radio.spectrum import eirp_from_pfd_dbw, pfd_limit_dbw_m2_4khz

_PFD_UNIT: Final = "dBW/m2/4kHz"
_Owner = TerminalType | GatewayType | Payload
_NOISE_ALONE: Final = "neither the other polarisation nor other gateways are counted"
_OTHER_HALF: Final = "without the other half, whose noise a bent pipe adds"


class LinkKind(Enum):
    """Which link of a site."""

    SERVICE_DOWN = "service downlink"
    SERVICE_UP = "service uplink"
    FEEDER_DOWN = "feeder downlink"
    FEEDER_UP = "feeder uplink"

    @property
    def is_down(self) -> bool:
        """Whether the satellite sends."""
        return self in (LinkKind.SERVICE_DOWN, LinkKind.FEEDER_DOWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkStatement:
    """One link with all its lines.

    Attributes:
        kind: Which link.
        band: Of a feeder link; None for a service link.
        carrier: What it carries.
        parts: All lines, in the order in which they are read.
        budget: Those that are added up, and the interference.
        rate_bps: What follows, after every limit of one link.
    """

    kind: LinkKind
    band: Band | None
    carrier: Carrier
    parts: tuple[BudgetPart, ...]
    budget: LinkBudget
    rate_bps: float

    @property
    def title(self) -> str:
        """The link in words."""
        band = f", {self.band.value} band" if self.band else ""
        return f"{self.kind.value}{band}, {self.carrier.frequency_hz / 1e9:g} GHz"


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteBudget:
    """All links between a site and a satellite in one weather.

    Attributes:
        weather: Clear, or exceeded for a share of the year.
        place, geometry: What all links share.
        links: Down before up, band by band.
    """

    weather: BudgetWeather
    place: BudgetPart
    geometry: BudgetPart
    links: tuple[LinkStatement, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pair:
    """A site and a satellite, and what is between them."""

    rules: RadioRules
    payload: Payload
    climate: Climate
    weather: BudgetWeather
    sight: Sight

    def air(self, frequency_hz: float, aperture_m: float) -> AirPath:
        """The way through the air at a frequency."""
        return air_path(
            self.climate,
            self.weather,
            frequency_hz=frequency_hz,
            elevation_rad=self.sight.elevation_rad,
            aperture_m=aperture_m,
        )

    @property
    def bent_note(self) -> str:
        """What a half of a bent pipe leaves out."""
        return _OTHER_HALF if self.payload.processing is Processing.BENT_PIPE else ""


def site_budget(
    world: World, rules: RadioRules, *, site: int, payload: Payload, found: Sight, weather: BudgetWeather
) -> SiteBudget:
    """The budgets of all links between a site and a satellite.

    Args:
        world: Its sites and their types.
        rules: Rate laws, margin, and whether the legal power flux density is used up.
        site: Row of a terminal or a gateway.
        payload: What the satellite carries.
        found: Where it stands; a link is computed even where the site may not use it, and says so.
        weather: Clear, or exceeded for a share of the year.
    Raises:
        InputError: The site is a PoP, or its type shares no band with the payload.
        PhysicsError: A carrier, an elevation or an angle that no method can answer for.
    Accuracy: the methods' own (docs/accuracy.md); terms add up to 1e-9 dB (tests/plan/test_link_budget.py).
    """
    sites = world.sites
    row, kind = int(sites.equipment[site]), SiteKind(sites.kind[site])
    if kind is SiteKind.POP:
        raise InputError(f"{sites.ids[site]!r} is a PoP and has no radio; name a terminal or a gateway")
    climate = climate_at(*(c[site : site + 1] for c in (sites.latitude_rad, sites.longitude_rad, sites.height_m)))
    pair = _Pair(rules=rules, payload=payload, climate=climate, weather=weather, sight=found)
    if kind is SiteKind.TERMINAL:
        terminal = world.equipment.terminals[row]
        links: tuple[LinkStatement, ...] = (_service_down(pair, terminal), _service_up(pair, terminal))
    else:
        links = _feeders(pair, world.equipment.gateways[row])
    return SiteBudget(
        weather=weather,
        place=place_part(climate, weather),
        geometry=geometry_part(
            found,
            allowed_gso_rad=float(sites.gso_exclusion_rad[site]),
            min_elevation_rad=float(sites.min_elevation_rad[site]),
        ),
        links=links,
    )


def _service_down(pair: _Pair, terminal: TerminalType) -> LinkStatement:
    """From the satellite's array to the terminal's."""
    payload = pair.payload
    path = pair.air(payload.down.frequency_hz, terminal.aperture_m)
    gain = _term(terminal, "receive_gain_dbi", "gain straight ahead", value_db=terminal.receive_gain_dbi, unit="dBi")
    noise = _noise_facts(terminal, "", receiver_k=terminal.receiver_k, antenna_k=terminal.antenna_k)
    cross = _fact(payload, "cross_polar_db", "other polarisation, by the antennas", amount=payload.cross_polar_db)
    beam_bps = payload.beam_limit_bps * payload.down.carriers
    return _statement(
        pair,
        kind=LinkKind.SERVICE_DOWN,
        carrier=payload.down,
        figures=(payload, "down."),
        parts=(
            _satellite_sender(pair),
            way_part(path, pair.sight.range_m, antenna_losses=_array_losses(terminal)),
            ground_receiver_part(path, gain=gain, scan=(_ground_scan(pair, terminal),), noise=noise),
        ),
        interference=(
            _term(payload, "co_channel_db", "carrier over other beams", value_db=payload.co_channel_db),
            *cross_polar_lines(path, cross),
            _term(payload, "intermodulation_db", "carrier over intermodulation", value_db=payload.intermodulation_db),
        ),
        caps=Caps(
            symbol_rate=_symbols(payload.down, payload, "down."),
            limits=(
                _fact(payload, "beam_limit_bps", "limit of the beam", amount=beam_bps, unit="bit/s"),
                _fact(payload, "down_limit_bps", "limit of the satellite", amount=payload.down_limit_bps, unit="bit/s"),
            ),
            note=pair.bent_note,
        ),
        law=pair.rules.service_law,
    )


def _service_up(pair: _Pair, terminal: TerminalType) -> LinkStatement:
    """From the terminal's array to the satellite's."""
    payload = pair.payload
    path = pair.air(payload.up.frequency_hz, terminal.aperture_m)
    power = _term(terminal, "transmit_eirp_dbw", "EIRP straight ahead", value_db=terminal.transmit_eirp_dbw, unit="dBW")
    hears = _term(payload, "g_over_t_db_k", "G/T straight down", value_db=payload.g_over_t_db_k, unit="dB/K")
    limit = _fact(payload, "up_limit_bps", "limit of the satellite", amount=payload.up_limit_bps, unit="bit/s")
    return _statement(
        pair,
        kind=LinkKind.SERVICE_UP,
        carrier=payload.up,
        figures=(payload, "up."),
        parts=(
            BudgetPart(title="sender", lines=(power, _ground_scan(pair, terminal))),
            way_part(path, pair.sight.range_m, antenna_losses=_array_losses(terminal)),
            BudgetPart(title="receiver", lines=(hears, _satellite_scan(pair))),
        ),
        interference=(
            _term(payload, "up_co_channel_db", "carrier over other terminals", value_db=payload.up_co_channel_db),
        ),
        caps=Caps(
            symbol_rate=_symbols(payload.up, payload, "up."),
            duty_cycle=_fact(terminal, "duty_cycle", "duty cycle", amount=terminal.duty_cycle, unit="1"),
            limits=(limit,),
            note=pair.bent_note,
        ),
        law=pair.rules.service_law,
    )


def _feeders(pair: _Pair, gateway: GatewayType) -> tuple[LinkStatement, ...]:
    """Both ways in every band that both sides have."""
    of_band = {feeder.band: feeder for feeder in pair.payload.feeders}
    links: list[LinkStatement] = []
    for antenna in gateway.feeders:
        if antenna.band in of_band:
            links.append(_feeder_down(pair, gateway, antenna, of_band[antenna.band]))
            links.append(_feeder_up(pair, gateway, antenna, of_band[antenna.band]))
    if not links:
        raise InputError(
            f"gateways of type {gateway.name!r} and satellites of generation {pair.payload.name!r} share no feeder band"
        )
    return tuple(links)


def _feeder_down(pair: _Pair, gateway: GatewayType, antenna: FeederAntenna, feeder: FeederPayload) -> LinkStatement:
    """From the satellite to the gateway's dish."""
    key = antenna.band.name.lower()
    path = pair.air(antenna.down.frequency_hz, antenna.dish_m)
    gain_dbi = float(
        parabolic_gain_dbi(antenna.dish_m, path.frequency_hz, aperture_efficiency=antenna.aperture_efficiency)
    )
    dish = f"gain of a dish of {antenna.dish_m:g} m, {100.0 * antenna.aperture_efficiency:g} % efficient"
    gain = _term(gateway, f"{key}.dish_m", dish, value_db=gain_dbi, unit="dBi")
    noise = _noise_facts(gateway, f"{key}.", receiver_k=antenna.receiver_k, antenna_k=antenna.antenna_k)
    power = _term(pair.payload, f"{key}.transmit_eirp_dbw", "EIRP", value_db=feeder.transmit_eirp_dbw, unit="dBW")
    return _statement(
        pair,
        kind=LinkKind.FEEDER_DOWN,
        band=antenna.band,
        carrier=antenna.down,
        figures=(gateway, f"{key}.down."),
        parts=(
            BudgetPart(title="sender", lines=(power,)),
            way_part(path, pair.sight.range_m, antenna_losses=_dish_losses(gateway, antenna)),
            ground_receiver_part(path, gain=gain, scan=(), noise=noise),
        ),
        caps=Caps(symbol_rate=_symbols(antenna.down, gateway, f"{key}.down."), note=pair.bent_note),
        law=pair.rules.feeder_law,
    )


def _feeder_up(pair: _Pair, gateway: GatewayType, antenna: FeederAntenna, feeder: FeederPayload) -> LinkStatement:
    """From the gateway's dish to the satellite."""
    key = antenna.band.name.lower()
    path = pair.air(antenna.up.frequency_hz, antenna.dish_m)
    power = _term(gateway, f"{key}.transmit_eirp_dbw", "EIRP", value_db=antenna.transmit_eirp_dbw, unit="dBW")
    hears = _term(
        pair.payload, f"{key}.g_over_t_db_k", "G/T towards the gateway", value_db=feeder.g_over_t_db_k, unit="dB/K"
    )
    return _statement(
        pair,
        kind=LinkKind.FEEDER_UP,
        band=antenna.band,
        carrier=antenna.up,
        figures=(gateway, f"{key}.up."),
        parts=(
            BudgetPart(title="sender", lines=(power,)),
            way_part(path, pair.sight.range_m, antenna_losses=_dish_losses(gateway, antenna)),
            BudgetPart(title="receiver", lines=(hears,)),
        ),
        caps=Caps(symbol_rate=_symbols(antenna.up, gateway, f"{key}.up."), note=pair.bent_note),
        law=pair.rules.feeder_law,
    )


def _statement(
    pair: _Pair,
    *,
    kind: LinkKind,
    carrier: Carrier,
    figures: tuple[_Owner, str],
    parts: tuple[BudgetPart, ...],
    caps: Caps,
    law: RateLaw,
    interference: tuple[BudgetLine, ...] = (),
    band: Band | None = None,
) -> LinkStatement:
    """The parts added up, the interference below, and the rate; ``figures`` tells whose the carrier is and its prefix."""
    owner, prefix = figures
    frequency = _fact(owner, f"{prefix}frequency_hz", "frequency", amount=carrier.frequency_hz, unit="Hz")
    width = origin_of(owner.origins, f"{prefix}bandwidth_hz")
    noise = BudgetPart(
        title="noise", lines=noise_terms(carrier.bandwidth_hz, source=width.source, assumed=width.assumed)
    )
    terms = tuple(term for part in (*parts, noise) for term in part.terms)
    disturbed = BudgetPart(title="interference", lines=interference, disturbs=True)
    budget = LinkBudget(title=kind.value, terms=terms, interference=disturbed.terms)
    thermal = BudgetFact(
        name="C/N, thermal",
        amount=budget.thermal_cn_db,
        unit="dB",
        total=True,
        note="" if interference else _NOISE_ALONE,
    )
    whole = BudgetFact(name="C/(N+I)", amount=budget.cn_db, unit="dB", total=True)
    last, rate_bps = rate_part(budget.cn_db, law, pair.rules, caps)
    summed = BudgetPart(title=noise.title, lines=(*noise.lines, thermal))
    opening = BudgetPart(title="carrier", lines=(frequency,))
    after = (BudgetPart(title=disturbed.title, lines=(*interference, whole), disturbs=True),) if interference else ()
    return LinkStatement(
        kind=kind,
        band=band,
        carrier=carrier,
        parts=(opening, *parts, summed, *after, last),
        budget=budget,
        rate_bps=rate_bps,
    )


def _satellite_sender(pair: _Pair) -> BudgetPart:
    """EIRP of a user beam: what the rule allows on the ground, or what the amplifier can."""
    payload, carrier = pair.payload, pair.payload.down
    limit = float(pfd_limit_dbw_m2_4khz(pair.sight.elevation_rad))
    own = origin_of(payload.origins, "down_pfd_dbw_m2_4khz")
    full = pair.rules.full_pfd
    wanted = limit if full else payload.down_pfd_dbw_m2_4khz
    used = min(wanted, limit)
    at_limit = full or wanted > limit
    by_rule = float(eirp_from_pfd_dbw(used, pair.sight.range_m, carrier.bandwidth_hz))
    scan = _satellite_scan(pair)
    by_amplifier = payload.transmit_eirp_dbw - scan.value_db
    power = origin_of(payload.origins, "transmit_eirp_dbw")
    sets_rule = by_rule <= by_amplifier
    origin = (Origin(source=PFD_RULE) if at_limit else own) if sets_rule else power
    return BudgetPart(
        title="sender",
        lines=(
            BudgetFact(name="limit of the power flux density", amount=limit, unit=_PFD_UNIT, source=PFD_RULE),
            BudgetFact(
                name="power flux density asked for",
                amount=used,
                unit=_PFD_UNIT,
                source=PFD_RULE if at_limit else own.source,
                assumed=own.assumed and not at_limit,
                note="the limit" if at_limit else "the satellite's own level",
            ),
            BudgetFact(
                name="EIRP for this density", amount=by_rule, unit="dBW", source="density over the sphere 4 π d²"
            ),
            BudgetFact(
                name="amplifier, straight down",
                amount=payload.transmit_eirp_dbw,
                unit="dBW",
                source=power.source,
                assumed=power.assumed,
            ),
            BudgetFact(name=scan.name, amount=scan.value_db, unit="dB", source=scan.source, assumed=scan.assumed),
            BudgetTerm(
                name="EIRP",
                value_db=min(by_rule, by_amplifier),
                unit="dBW",
                source=origin.source,
                assumed=origin.assumed,
                note="set by the power flux density" if sets_rule else "set by the amplifier after scanning",
            ),
        ),
    )


def _satellite_scan(pair: _Pair) -> BudgetTerm:
    """What the satellite's array loses by looking aside."""
    return _scan_term("scan loss of the satellite", pair.sight.nadir_rad, pair.payload)


def _ground_scan(pair: _Pair, terminal: TerminalType) -> BudgetTerm:
    """What the terminal's array loses by steering away from its face."""
    return _scan_term("scan loss of the terminal", pair.sight.face_rad, terminal)


def _scan_term(name: str, angle_rad: float, owner: TerminalType | Payload) -> BudgetTerm:
    origin = origin_of(owner.origins, "scan_exponent")
    if not angle_rad < pi / 2.0:
        raise PhysicsError(f"{name}: {np.degrees(angle_rad):.1f}° from the normal of its face is behind it")
    return BudgetTerm(
        name=name,
        value_db=float(scan_loss_db(angle_rad, scan_exponent=owner.scan_exponent)),
        unit="dB",
        source=origin.source,
        assumed=origin.assumed,
        loss=True,
        note=f"cos^{owner.scan_exponent:g}",
    )


def _array_losses(terminal: TerminalType) -> tuple[BudgetTerm, ...]:
    """What two antennas lose by not quite fitting each other."""
    return (
        _term(terminal, "polarisation_loss_db", "polarisation", value_db=terminal.polarisation_loss_db, loss=True),
        _term(terminal, "pointing_loss_db", "pointing", value_db=terminal.pointing_loss_db, loss=True),
    )


def _dish_losses(gateway: GatewayType, antenna: FeederAntenna) -> tuple[BudgetTerm, ...]:
    key = f"{antenna.band.name.lower()}.pointing_loss_db"
    return (_term(gateway, key, "pointing", value_db=antenna.pointing_loss_db, loss=True),)


def _noise_facts(owner: _Owner, prefix: str, *, receiver_k: float, antenna_k: float) -> tuple[BudgetFact, BudgetFact]:
    """Noise of a receiver and of its antenna under a clear sky."""
    return (
        _fact(owner, f"{prefix}receiver_k", "receiver noise", amount=receiver_k, unit="K"),
        _fact(owner, f"{prefix}antenna_k", "antenna noise, clear sky", amount=antenna_k, unit="K"),
    )


def _symbols(carrier: Carrier, owner: _Owner, prefix: str) -> BudgetFact:
    """Symbols with data per second, and what they are made of."""
    origin = origin_of(owner.origins, f"{prefix}symbol_share", f"{prefix.partition('.')[0]}.roll_off")
    parts = [f"{carrier.bandwidth_hz / 1e6:g} MHz × {carrier.symbol_share:.4g}"]
    parts += [f"{carrier.carriers} carriers"] if carrier.carriers > 1 else []
    parts += [f"{carrier.polarisations} polarisations"] if carrier.polarisations > 1 else []
    return BudgetFact(
        name="symbols with data per second",
        amount=carrier.symbol_rate_hz,
        unit="Hz",
        source=origin.source,
        assumed=origin.assumed,
        note=" × ".join(parts),
    )


def _term(owner: _Owner, key: str, name: str, *, value_db: float, unit: str = "dB", loss: bool = False) -> BudgetTerm:
    """A term with the origin of the figure that it is."""
    origin = origin_of(owner.origins, key)
    return BudgetTerm(name=name, value_db=value_db, unit=unit, source=origin.source, assumed=origin.assumed, loss=loss)


def _fact(owner: _Owner, key: str, name: str, *, amount: float, unit: str = "dB") -> BudgetFact:
    """A fact with the origin of the figure that it is."""
    origin = origin_of(owner.origins, key)
    return BudgetFact(name=name, amount=amount, unit=unit, source=origin.source, assumed=origin.assumed)
