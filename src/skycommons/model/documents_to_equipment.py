"""From the documents of equipment to its table: the built-in types, with what a scenario changes and adds.

Rules: without a base, a type starts from the built-in type of its name, and else from the standard one. A base is a type
of the scenario where that has one of the name, and else a built-in one. A type that a scenario redefines keeps its row.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from skycommons.model.documents_equipment import (
    GatewayTypeDocument,
    PayloadDocument,
    TerminalTypeDocument,
    TypeDocument,
)
from skycommons.model.documents_read import Draft, Findings
from skycommons.model.equipment import Equipment, Origin
from skycommons.model.equipment_data import STANDARD_PAYLOAD, STANDARD_TYPE, builtin_equipment
from skycommons.model.equipment_figures import (
    Figures,
    figures_of,
    gateway_type,
    missing_keys,
    payload,
    terminal_type,
)
from skycommons.model.world import Satellites

Made = TypeVar("Made")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Section:
    """One section of types, and the built-in types beside it.

    Attributes:
        key: Of the section: ``terminal_types``.
        kind: Document of one type.
        documents: Those without faults.
        builtin: Figures of the built-in types.
        standard: Name of the built-in type for whoever names none.
    """

    key: str
    kind: type[TypeDocument]
    documents: Mapping[str, TypeDocument]
    builtin: Mapping[str, Figures]
    standard: str


def equipment_of(draft: Draft, findings: Findings) -> Equipment:
    """All types; figures that a type still lacks are faults, and the type is left out."""
    known = builtin_equipment()
    terminals = _Section(
        key="terminal_types",
        kind=TerminalTypeDocument,
        documents=draft.terminal_types,
        builtin=known.terminals,
        standard=STANDARD_TYPE,
    )
    gateways = _Section(
        key="gateway_types",
        kind=GatewayTypeDocument,
        documents=draft.gateway_types,
        builtin=known.gateways,
        standard=STANDARD_TYPE,
    )
    payloads = _Section(
        key="payloads",
        kind=PayloadDocument,
        documents=draft.payloads,
        builtin=known.payloads,
        standard=STANDARD_PAYLOAD,
    )
    return Equipment(
        terminals=_types(terminals, terminal_type, findings),
        gateways=_types(gateways, gateway_type, findings),
        payloads=_types(payloads, payload, findings),
    )


def note_borrowed_payloads(satellites: Satellites, equipment: Equipment, findings: Findings) -> None:
    """Note generations that carry the payload of another one, because they have none of their own."""
    known = {each.name for each in equipment.payloads}
    for label in sorted(set(satellites.generations) - known):
        count = satellites.generations.count(label)
        whose = f"of the generation {label!r}" if label else "without a generation"
        findings.notes.append(f"{count:,} satellites {whose} carry the payload {equipment.payloads[0].name!r}")


def _types(section: _Section, make: Callable[[str, Figures], Made], findings: Findings) -> tuple[Made, ...]:
    """Built-in types first, then those that only the scenario has."""
    made: list[Made] = []
    for name in dict.fromkeys([*section.builtin, *section.documents]):
        figures = _figures(section, name, ())
        missing = missing_keys(section.kind, figures)
        if missing:
            message = f"the base has no such band; also give {', '.join(key.partition('.')[2] for key in missing)}"
            findings.fault(f"{section.key}.{name}.{missing[0].partition('.')[0]}", message)
        else:
            made.append(make(name, figures))
    return tuple(made)


def _figures(section: _Section, name: str, above: tuple[str, ...]) -> Figures:
    """Figures of a type with those of its base under them; circles of bases, a fault elsewhere, end at a built-in type."""
    builtin = section.builtin.get(name, section.builtin[section.standard])
    document = section.documents.get(name)
    if document is None or name in above:
        return builtin
    base = builtin if document.base is None else _figures(section, document.base, (*above, name))
    own = Origin(source=f"the scenario, [{section.key}.{name}]")
    return {**base, **figures_of(document, lambda _key: own)}
