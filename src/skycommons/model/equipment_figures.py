"""Figures of radio equipment by their keys, and the types that they make.

Rules: a figure is a value with its origin, under the key that files use: ``tilt_deg``, ``ka.dish_m``. A type is the
figures of its base with its own on top. Units are the files' until a type is made; then they are SI, and so are the
names under which a type keeps its origins: ``tilt_rad``, ``ka.up.frequency_hz``.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from math import radians
from types import MappingProxyType
from typing import Any, Final

from skycommons.model.documents_base import Document
from skycommons.model.documents_equipment import (
    GatewayBandDocument,
    GatewayTypeDocument,
    PayloadBandDocument,
    PayloadDocument,
    TypeDocument,
)
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A value in the unit of its key, and where it is from."""

    value: float | Processing
    origin: Origin


Figures = Mapping[str, Figure]

BAND_KEYS: Final = MappingProxyType({band.name.lower(): band for band in Band})
_BAND_DOCUMENTS: Final[Mapping[type[Document], type[Document]]] = MappingProxyType(
    {GatewayTypeDocument: GatewayBandDocument, PayloadDocument: PayloadBandDocument}
)
_UNITS: Final = MappingProxyType(
    {
        "_deg": ("_rad", radians(1.0)),
        "_ghz": ("_hz", 1e9),
        "_mhz": ("_hz", 1e6),
        "_mbps": ("_bps", 1e6),
        "_gbps": ("_bps", 1e9),
        "_noise_k": ("_k", 1.0),
    }
)
_OF_CARRIER: Final = re.compile(r"\b(up|down)_(frequency_hz|bandwidth_hz|symbol_share|carriers)$")


def figures_of(document: TypeDocument, origin_of: Callable[[str], Origin]) -> dict[str, Figure]:
    """The figures that a document gives, those of bands as ``ka.dish_m``; a base and what is left out are none.

    Args:
        document: Of a type.
        origin_of: From the key of a figure to its origin.
    """
    return {key: Figure(value=value, origin=origin_of(key)) for key, value in _given(document)}


def missing_keys(kind: type[TypeDocument], figures: Figures) -> tuple[str, ...]:
    """Keys that a type of this kind still needs, those of a band only where the band has any."""
    wanted = [key for key in kind.model_fields if key != "base" and key not in BAND_KEYS]
    for band in sorted({key.partition(".")[0] for key in figures if "." in key}):
        wanted += [f"{band}.{key}" for key in _BAND_DOCUMENTS[kind].model_fields]
    return tuple(key for key in wanted if key not in figures)


def terminal_type(name: str, figures: Figures) -> TerminalType:
    """A type of terminals from all of its figures."""
    return TerminalType(name=name, origins=_origins(figures), **_tree(figures))


def gateway_type(name: str, figures: Figures) -> GatewayType:
    """A type of gateways from all of its figures."""
    tree = _tree(figures)
    feeders = tuple(_feeder_antenna(band, tree[key]) for key, band in BAND_KEYS.items() if key in tree)
    return GatewayType(name=name, antennas=tree["antennas"], feeders=feeders, origins=_origins(figures))


def payload(name: str, figures: Figures) -> Payload:
    """A payload from all of its figures."""
    tree = _tree(figures)
    bands = {key: tree.pop(key) for key in BAND_KEYS if key in tree}
    down, up = Carrier(**tree.pop("down")), Carrier(**tree.pop("up"))
    feeders = tuple(FeederPayload(band=BAND_KEYS[key], **values) for key, values in bands.items())
    return Payload(name=name, down=down, up=up, feeders=feeders, origins=_origins(figures), **tree)


def _feeder_antenna(band: Band, values: Mapping[str, Any]) -> FeederAntenna:
    """A gateway's side of one band; polarisations and roll-off are those of all of its carriers."""
    own = dict(values)
    shared = {"polarisations": own.pop("polarisations"), "symbol_share": 1.0 / (1.0 + own.pop("roll_off"))}
    up, down = Carrier(**own.pop("up"), **shared), Carrier(**own.pop("down"), **shared)
    return FeederAntenna(band=band, up=up, down=down, **own)


def _given(document: Document) -> Iterator[tuple[str, float | Processing]]:
    """Keys and values of a document and of its bands."""
    for key in type(document).model_fields:
        value = getattr(document, key)
        if isinstance(value, Document):
            yield from ((f"{key}.{inner}", inner_value) for inner, inner_value in _given(value))
        elif value is not None and key != "base":
            yield key, value


def _tree(figures: Figures) -> dict[str, Any]:
    """Values in SI units under the names that types use, bands and carriers as tables of their own."""
    tree: dict[str, Any] = {}
    for key, figure in figures.items():
        name, scale = _in_si(key)
        *path, last = name.split(".")
        table = tree
        for part in path:
            table = table.setdefault(part, {})
        table[last] = figure.value if scale == 1.0 or isinstance(figure.value, Processing) else figure.value * scale
    return tree


def _origins(figures: Figures) -> Mapping[str, Origin]:
    """Origin of each figure by the name that types use."""
    return MappingProxyType({_in_si(key)[0]: figure.origin for key, figure in figures.items()})


def _in_si(key: str) -> tuple[str, float]:
    """Name of a figure in SI units, and what its value is to be multiplied by."""
    for unit, (si_unit, scale) in _UNITS.items():
        if key.endswith(unit):
            return _OF_CARRIER.sub(r"\1.\2", key.removesuffix(unit) + si_unit), scale
    return _OF_CARRIER.sub(r"\1.\2", key), 1.0
