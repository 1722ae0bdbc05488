"""The equipment that comes with the program.

Rules: every figure in ``data/radio/equipment`` names its source, and says where it is assumed, or recalled without the
source at hand. A type may start from one that stands before it in its file. The standard ones have row 0.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from pydantic import Field, TypeAdapter

from skycommons.model.documents_base import Document
from skycommons.model.documents_equipment import (
    GatewayTypeDocument,
    PayloadDocument,
    TerminalTypeDocument,
    TypeDocument,
)
from skycommons.model.equipment import Equipment, Origin
from skycommons.model.equipment_figures import Figures, figures_of, gateway_type, payload, terminal_type

STANDARD_TYPE = "standard"
STANDARD_PAYLOAD = "v2-mini"


class FigureDocument(Document):
    """One figure of a data file."""

    value: float | int | str = Field(description="In the unit of its key.")
    source: str = Field(min_length=10, description="Document or publication, or the reasoning of an assumption.")
    assumed: bool = Field(default=False, description="Whether it was assumed, or recalled without its source at hand.")


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltinEquipment:
    """Built-in types as figures, by name, the standard ones first."""

    terminals: Mapping[str, Figures]
    gateways: Mapping[str, Figures]
    payloads: Mapping[str, Figures]


@cache
def standard_equipment() -> Equipment:
    """All built-in types.

    >>> equipment = standard_equipment()
    >>> equipment.terminals[0].name, equipment.gateways[0].name, equipment.payloads[0].name
    ('standard', 'standard', 'v2-mini')
    """
    known = builtin_equipment()
    return Equipment(
        terminals=tuple(terminal_type(name, figures) for name, figures in known.terminals.items()),
        gateways=tuple(gateway_type(name, figures) for name, figures in known.gateways.items()),
        payloads=tuple(payload(name, figures) for name, figures in known.payloads.items()),
    )


@cache
def builtin_equipment() -> BuiltinEquipment:
    """Built-in types as the figures that they are made of, so that others can start from them."""
    return BuiltinEquipment(
        terminals=_read("terminals", TerminalTypeDocument, first=STANDARD_TYPE),
        gateways=_read("gateways", GatewayTypeDocument, first=STANDARD_TYPE),
        payloads=_read("payloads", PayloadDocument, first=STANDARD_PAYLOAD),
    )


def _read(name: str, kind: type[TypeDocument], *, first: str) -> Mapping[str, Figures]:
    """Figures of every type in one file."""
    text = files("skycommons").joinpath(f"data/radio/equipment/{name}.toml").read_text(encoding="utf-8")
    found: dict[str, Figures] = {}
    for type_name, table in tomllib.loads(text).items():
        base = found[table["base"]] if "base" in table else {}
        found[type_name] = MappingProxyType({**base, **_figures(table, kind)})
    return MappingProxyType({first: found[first], **found})


def _figures(table: Mapping[str, Any], kind: type[TypeDocument]) -> Figures:
    """Figures of one table, held to the ranges of a scenario's."""
    described: dict[str, FigureDocument] = {}
    values: dict[str, Any] = {}
    figure = TypeAdapter(FigureDocument)
    for key, entry in table.items():
        if key == "base":
            continue
        if "value" in entry:
            described[key] = figure.validate_python(entry)
            values[key] = described[key].value
        else:
            band = {inner: figure.validate_python(inner_entry) for inner, inner_entry in entry.items()}
            described |= {f"{key}.{inner}": one for inner, one in band.items()}
            values[key] = {inner: one.value for inner, one in band.items()}

    def origin_of(key: str) -> Origin:
        return Origin(source=described[key].source, assumed=described[key].assumed)

    return figures_of(kind.model_validate(values), origin_of)
