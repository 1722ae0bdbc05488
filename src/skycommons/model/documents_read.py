"""From a scenario file's text to a checked document, or to every fault in it.

Rules: nothing stops at the first fault. A part that has no faults of its own is checked further, next to parts that have
some: a scenario with ten faults reports ten.
"""

import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final, TypeGuard, TypeVar

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from skycommons.base.errors import Fault, GroundError, ScenarioError
from skycommons.model.documents import (
    AnyLasers,
    LasersDocument,
    PairDocument,
    ScenarioDocument,
    TimeDocument,
)
from skycommons.model.documents_base import PATTERN_WORDS
from skycommons.model.documents_emulation import AnyEvent, AnyProbe, EmulationDocument, EventDocument, ProbeDocument
from skycommons.model.documents_equipment import GatewayTypeDocument, PayloadDocument, TerminalTypeDocument
from skycommons.model.documents_fleet import AnyConstellation, ConstellationDocument
from skycommons.model.documents_ground import (
    GatewaysDocument,
    PopsDocument,
    TerminalDocument,
    TerminalGridDocument,
    TerminalsFileDocument,
    TerritoryDocument,
)
from skycommons.model.documents_radio import AnyWeather, RadioDocument, WeatherDocument
from skycommons.model.documents_service import DemandDocument, ScheduleDocument, ServiceDocument

Model = TypeVar("Model")
Found = TypeVar("Found")

MAX_BYTES: Final = 32_000_000
_SHOWN_FAULTS: Final = 3
_TAG_KEYS: Final = MappingProxyType({"lasers": "topology", "weather": "mode"})
_TAG_KEY: Final = "kind"  # of every other section that has variants
_POSITION: Final = re.compile(r" \(at (line \d+, column \d+|end of document)\)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What of a document can be used: parts with faults are missing, list items keep their place in the file.

    Attributes:
        document: The whole document; None where it has faults.
        time, gateways, pops, lasers, radio, weather, terminal_grid, terminals_file, demand, service, schedule, emulation:
            None where absent or faulty.
        constellation, terminals, territories, pairs: Places and items without faults.
        events, probes: The same of a live run.
        terminal_types, gateway_types, payloads: Types without faults.
        terminal_names: Every terminal's name, faulty ones included, so that a reference to them is no second fault.
        terminal_pops: Every terminal's place and the PoP that it names, faulty ones included.
        host_names: Names of the internet's hosts, faulty ones included.
        has_emulation: Whether there is such a section, faulty or not.
    """

    document: ScenarioDocument | None
    time: TimeDocument | None
    constellation: tuple[tuple[int, AnyConstellation], ...]
    terminal_types: Mapping[str, TerminalTypeDocument]
    gateway_types: Mapping[str, GatewayTypeDocument]
    payloads: Mapping[str, PayloadDocument]
    terminals: tuple[tuple[int, TerminalDocument], ...]
    terminal_grid: TerminalGridDocument | None
    terminals_file: TerminalsFileDocument | None
    gateways: GatewaysDocument | None
    pops: PopsDocument | None
    territories: tuple[tuple[int, TerritoryDocument], ...]
    demand: DemandDocument | None
    service: ServiceDocument | None
    schedule: ScheduleDocument | None
    radio: RadioDocument | None
    weather: AnyWeather | None
    lasers: AnyLasers | None
    pairs: tuple[tuple[int, PairDocument], ...]
    emulation: EmulationDocument | None
    events: tuple[tuple[int, AnyEvent], ...]
    probes: tuple[tuple[int, AnyProbe], ...]
    terminal_names: frozenset[str]
    terminal_pops: tuple[tuple[int, str], ...]
    host_names: tuple[str, ...]
    has_emulation: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What comes to light while the files behind a document are read.

    Attributes:
        folder: Where relative paths start.
        faults: What is wrong; grows.
        notes: What a reader of the results should know; grows.
    """

    folder: Path
    faults: list[Fault] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def fault(self, place: str, message: str) -> None:
        """Add a fault."""
        self.faults.append(Fault(place, message))

    def file_faults(self, place: str, file: str, faults: Sequence[Fault]) -> None:
        """Add the faults of a file that a document names."""
        for fault in faults:
            about = f"{file} {fault.message}" if fault.place == "file" else f"{file}: {fault}"
            self.fault(place, about)

    def read(self, reader: Callable[[Path], Found], file: str, place: str) -> Found | None:
        """What a file beside the scenario holds; None where it has faults, which are added."""
        try:
            return reader(self.folder / file)
        except GroundError as error:
            self.file_faults(place, file, error.faults)
            return None

    def masked(self, file: str, faults: Sequence[Fault]) -> None:
        """Note rows of a file that were left out, the first of them word by word."""
        if faults:
            shown = "; ".join(str(fault) for fault in faults[:_SHOWN_FAULTS])
            more = "; ..." if len(faults) > _SHOWN_FAULTS else ""
            self.notes.append(f"{file}: {len(faults):,} row(s) left out: {shown}{more}")


def read_text(path: Path) -> str:
    """Text of a scenario file.

    Raises:
        ScenarioError: There is no such file, it is no file, it is too large, or it is not UTF-8.
    """
    source = str(path)
    try:
        if path.is_dir():
            raise ScenarioError(source, [Fault("file", "is a folder; give the path of a scenario file in it")])
        if path.stat().st_size > MAX_BYTES:
            raise ScenarioError(
                source, [Fault("file", f"is larger than {MAX_BYTES // 1_000_000} MB; is it a scenario?")]
            )
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise ScenarioError(source, [Fault("file", "does not exist; check the path")]) from None
    except UnicodeDecodeError as error:
        message = f"byte {error.start} is not UTF-8; save the file as UTF-8 text"
        raise ScenarioError(source, [Fault("file", message)]) from None
    except (OSError, ValueError) as error:
        if isinstance(error, ScenarioError):
            raise
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise ScenarioError(source, [Fault("file", f"cannot be read: {reason}")]) from None


def parse_toml(text: str, source: str) -> dict[str, object]:
    """The tables of a TOML text; lists become tuples.

    Raises:
        ScenarioError: The text is not TOML; the fault says the line.
    """
    try:
        raw = tomllib.loads(text)
    except RecursionError:
        raise ScenarioError(source, [Fault("file", "is nested too deeply; is it a scenario?")]) from None
    except tomllib.TOMLDecodeError as error:
        found = _POSITION.search(str(error))
        place = found.group(1) if found else "file"
        message = _POSITION.sub("", str(error))
        raise ScenarioError(source, [Fault(place, f"is not TOML: {message}")]) from None
    except ValueError:
        raise ScenarioError(source, [Fault("file", "holds a number with thousands of digits; shorten it")]) from None
    return {key: _tuples(value) for key, value in raw.items()}


def read_document(raw: Mapping[str, object]) -> tuple[Draft, list[Fault]]:
    """What can be used of a document, and every fault of its form (`skycommons.model.documents_check` has the others)."""
    document, faults = None, list[Fault]()
    try:
        document = ScenarioDocument.model_validate(raw)
    except ValidationError as error:
        faults = [_fault(detail, raw) for detail in error.errors(include_url=False) if not _is_echo(detail)]
    live = table_of(raw, "emulation") or {}
    draft = Draft(
        document=document,
        time=_valid(TypeAdapter(TimeDocument), raw.get("time")),
        constellation=_valid_items(TypeAdapter[AnyConstellation](ConstellationDocument), raw.get("constellation")),
        terminal_types=_valid_tables(TypeAdapter(TerminalTypeDocument), raw.get("terminal_types")),
        gateway_types=_valid_tables(TypeAdapter(GatewayTypeDocument), raw.get("gateway_types")),
        payloads=_valid_tables(TypeAdapter(PayloadDocument), raw.get("payloads")),
        terminals=_valid_items(TypeAdapter(TerminalDocument), raw.get("terminals")),
        terminal_grid=_valid(TypeAdapter(TerminalGridDocument), raw.get("terminal_grid")),
        terminals_file=_valid(TypeAdapter(TerminalsFileDocument), raw.get("terminals_file")),
        gateways=_valid(TypeAdapter(GatewaysDocument), raw.get("gateways", {})),
        pops=_valid(TypeAdapter(PopsDocument), raw.get("pops", {})),
        territories=_valid_items(TypeAdapter(TerritoryDocument), raw.get("territories")),
        demand=_valid(TypeAdapter(DemandDocument), raw.get("demand")),
        service=_valid(TypeAdapter(ServiceDocument), raw.get("service")),
        schedule=_valid(TypeAdapter(ScheduleDocument), raw.get("schedule")),
        radio=_valid(TypeAdapter(RadioDocument), raw.get("radio", {})),
        weather=_valid(TypeAdapter[AnyWeather](WeatherDocument), raw.get("weather", {})),
        lasers=_valid(TypeAdapter[AnyLasers](LasersDocument), raw.get("lasers", {})),
        pairs=_valid_items(TypeAdapter(PairDocument), raw.get("pairs")),
        emulation=_valid(TypeAdapter(EmulationDocument), raw.get("emulation")),
        events=_valid_items(TypeAdapter[AnyEvent](EventDocument), live.get("events")),
        probes=_valid_items(TypeAdapter[AnyProbe](ProbeDocument), live.get("probes")),
        terminal_names=frozenset(
            name for _, table in tables(raw, "terminals") if isinstance(name := table.get("name"), str)
        ),
        terminal_pops=tuple(
            (place, pop) for place, table in tables(raw, "terminals") if isinstance(pop := table.get("pop"), str)
        ),
        host_names=tuple(name for _, table in tables(live, "hosts") if isinstance(name := table.get("name"), str)),
        has_emulation="emulation" in raw,
    )
    return draft, faults


def tables(raw: Mapping[str, object], key: str) -> list[tuple[int, Mapping[str, object]]]:
    """The items of an array of tables with their places, without those that are no tables."""
    items = raw.get(key)
    return [(place, item) for place, item in enumerate(items) if isinstance(item, Mapping)] if _is_list(items) else []


def table_of(raw: Mapping[str, object], key: str) -> Mapping[str, object] | None:
    """A table of a document; None where it is absent or no table."""
    value = raw.get(key)
    return value if isinstance(value, Mapping) else None


def in_file_order(faults: Sequence[Fault], raw: Mapping[str, object]) -> list[Fault]:
    """Faults in the order of the file's sections and their items, each once."""
    order = {key: place for place, key in enumerate(raw)}

    def position(fault: Fault) -> tuple[int, int]:
        section, _, rest = fault.place.partition(".")
        index = rest.partition(".")[0]
        return order.get(section, len(order)), int(index) if index.isdecimal() else -1

    return sorted(dict.fromkeys(faults), key=position)


def did_you_mean(wanted: str, names: Sequence[str]) -> str:
    """The end of a message: the nearest match, or nothing."""
    near = get_close_matches(wanted, names, n=1)
    return f"; did you mean {near[0]}?" if near else ""


def _is_echo(detail: ErrorDetails) -> bool:
    """Whether a list is called too short only because its items have faults of their own."""
    value = detail["input"]
    return detail["type"] == "too_short" and _is_list(value) and len(value) >= detail["ctx"]["min_length"]


def _fault(detail: ErrorDetails, raw: Mapping[str, object]) -> Fault:
    """A fault in the document's own terms: its place, what is wrong, what was found there."""
    place = _place(detail["loc"], raw)
    value = detail["input"]
    match detail["type"]:
        case "missing":
            what = "key is required" if isinstance(detail["loc"][-1], str) else "item is missing"
            return Fault(place, f"this {what}; add it")
        case "extra_forbidden":
            key = str(detail["loc"][-1])
            if key in known_keys():
                return Fault(place, "this key does not belong here; remove it")
            return Fault(place, f"unknown key{did_you_mean(key, known_keys()) or '; remove it'}")
        case "union_tag_invalid":
            tags = detail["ctx"]["expected_tags"].translate(str.maketrans("", "", "'<>"))
            key = _TAG_KEYS.get(place, _TAG_KEY)
            return Fault(f"{place}.{key}", f"should be one of {tags}, not {_shown(value[key])}")
        case "union_tag_not_found" if isinstance(value, Mapping):
            return Fault(f"{place}.{_TAG_KEY}", "this key is required; add it")
        case "too_short":
            return Fault(place, f"should have at least {detail['ctx']['min_length']} items, not {len(value)}")
        case "too_long":
            return Fault(place, f"should have at most {detail['ctx']['max_length']:,} items, not {len(value):,}")
        case "model_type" | "dict_type" | "model_attributes_type" | "union_tag_not_found":
            message = "should be a table"
        case "tuple_type":
            message = f"should be a list{'; write [[' + place + ']]' if isinstance(value, Mapping) else ''}"
        case "string_pattern_mismatch":
            message = PATTERN_WORDS.get(detail["ctx"]["pattern"], detail["msg"])
        case "value_error":
            message = detail["msg"].removeprefix("Value error, ")
        case _:
            message = detail["msg"]
    return Fault(place, f"{message}, not {_shown(value)}")


def _place(loc: Sequence[int | str], raw: Mapping[str, object]) -> str:
    """A place as a path in the file: the tags of variants, which stand in no file, are left out."""
    node: object = raw
    parts: list[str] = []
    for part in loc:
        is_tag = isinstance(part, str) and part.startswith("<") and not (isinstance(node, Mapping) and part in node)
        if is_tag or part == "[key]":
            continue
        parts.append(str(part))
        if isinstance(node, Mapping):
            node = node.get(part)
        elif _is_list(node) and isinstance(part, int) and part < len(node):
            node = node[part]
        else:
            node = None
    return ".".join(parts) or "file"


def _shown(value: object) -> str:
    """A value as a message shows it: at most one short line."""
    if isinstance(value, Mapping):
        return "a table"
    if _is_list(value):
        return "a list"
    try:
        text = repr(value)
    except ValueError:  # an integer with more digits than Python prints
        return "a number that long"
    return text if len(text) <= 60 else f"{text[:57]}..."


@cache
def known_keys() -> tuple[str, ...]:
    """Every key that any table of a scenario may have."""
    schema = ScenarioDocument.model_json_schema(by_alias=True)
    models = [schema, *schema["$defs"].values()]
    return tuple(sorted({key for model in models for key in model.get("properties", {})}))


def _valid(adapter: TypeAdapter[Model], value: object) -> Model | None:
    """A part as its document, or None where it is absent or has faults."""
    try:
        return adapter.validate_python(value)
    except ValidationError:
        return None


def _valid_items(adapter: TypeAdapter[Model], items: object) -> tuple[tuple[int, Model], ...]:
    """The items of a list that have no faults, with their places."""
    if not _is_list(items):
        return ()
    checked = ((place, _valid(adapter, item)) for place, item in enumerate(items))
    return tuple((place, item) for place, item in checked if item is not None)


def _valid_tables(adapter: TypeAdapter[Model], value: object) -> dict[str, Model]:
    """The named tables of a section that have no faults."""
    checked = {name: _valid(adapter, table) for name, table in (value.items() if isinstance(value, Mapping) else ())}
    return {name: table for name, table in checked.items() if table is not None}


def _is_list(value: object) -> TypeGuard[tuple[object, ...]]:
    """Whether a value of a document is a list."""
    return isinstance(value, tuple)


def _tuples(value: object) -> object:
    """The same tables with tuples in place of lists."""
    if isinstance(value, dict):
        return {key: _tuples(item) for key, item in value.items()}
    return tuple(_tuples(item) for item in value) if isinstance(value, list) else value
