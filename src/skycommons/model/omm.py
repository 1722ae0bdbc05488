"""CCSDS orbit mean-elements messages: JSON, CSV, XML and KVN.

Rules: the keywords are those of CCSDS 502.0-B-3 in every form. Catalogue numbers have up to nine digits or are absent.
Metadata that a provider leaves out (CelesTrak's JSON and CSV have none) are taken as the standard has them for SGP4;
metadata that say something else than Earth, TEME, UTC and SGP4 are a fault, because SGP4 would then be wrong.

Source: CCSDS 502.0-B-3, "Orbit Data Messages", sections 4 and 7; CCSDS 505.0-B-3 for XML.
"""

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Final
from xml.etree.ElementTree import Element, ParseError

from skycommons.base.errors import Fault
from skycommons.model.element_sets import ElementSet, day_of_year_ns, range_fault

_DECIMAL: Final = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_NUMBER: Final = re.compile(r"\+?[0-9]{1,9}")
_EPOCH: Final = re.compile(
    r"([0-9]{4})-(?:([0-9]{2})-([0-9]{2})|([0-9]{3}))T([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]+))?Z?"
)
_MAX_BROKEN: Final = 200  # each broken JSON record costs a search through what stands before it
_UNITS: Final = re.compile(r"\s*\[[^\]]*\]$")
_SECOND_NS: Final = 1_000_000_000
_YEARS: Final = range(1957, 2200)  # from the first satellite to where int64 nanoseconds are still far from their end

_ELEMENTS: Final = (
    "MEAN_MOTION",
    "ECCENTRICITY",
    "INCLINATION",
    "RA_OF_ASC_NODE",
    "ARG_OF_PERICENTER",
    "MEAN_ANOMALY",
    "BSTAR",
)
# What SGP4 needs to be true; a keyword that is absent or empty counts as true.
_METADATA: Final = {
    "CENTER_NAME": ("EARTH",),
    "REF_FRAME": ("TEME",),
    "TIME_SYSTEM": ("UTC",),
    "MEAN_ELEMENT_THEORY": ("SGP4", "SGP/SGP4"),
    "EPHEMERIS_TYPE": ("0", "2", "+0", "+2"),  # table 4-3: 0 is SGP, in practice SGP4; 2 is SGP4
}


def read_omm_json(text: str) -> Iterator[ElementSet | Fault]:
    """The element sets of a JSON document: one object, or a list of objects."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        yield from _read_broken_json(text)
        return
    records = document if isinstance(document, list) else [document]
    for count, record in enumerate(records, start=1):
        yield element_set(f"record {count}", record)


def _read_broken_json(text: str) -> Iterator[ElementSet | Fault]:
    """Whatever objects of a broken list can still be read, and a fault for each place that cannot."""
    decoder = json.JSONDecoder()
    count = broken = 0
    start = text.find("{")
    while start >= 0:
        count += 1
        if broken == _MAX_BROKEN:
            yield Fault(f"record {count}", f"comes after {broken} broken records; it and all after it are left out")
            return
        try:
            record, end = decoder.raw_decode(text, start)
        except (ValueError, RecursionError) as error:
            line = text.count("\n", 0, start) + 1
            yield Fault(f"record {count}", f"is not valid JSON in or after line {line} ({_first_words(error)})")
            end = start + 1
            broken += 1
        else:
            yield element_set(f"record {count}", record)
        start = text.find("{", end)
    if not text.rstrip().endswith(("]", "}")) or text.lstrip().startswith("[") != text.rstrip().endswith("]"):
        yield Fault("end of file", "the list of records is not closed: the file breaks off")


def _first_words(error: Exception) -> str:
    return str(error).split(":")[0].lower() or type(error).__name__


def read_omm_csv(lines: Iterable[str]) -> Iterator[ElementSet | Fault]:
    """The element sets of a CSV table whose first line names the keywords."""
    numbered = enumerate(lines, start=1)
    line, heading = next(((number, text) for number, text in numbered if text.strip()), (1, ""))
    delimiter = max(",;\t", key=heading.count)
    keywords = [keyword.strip() for keyword in next(csv.reader([heading], delimiter=delimiter), [])]
    reader = csv.reader((text for _, text in numbered), delimiter=delimiter)
    while True:
        place = f"line {line + reader.line_num + 1}"
        try:
            cells = next(reader, None)
        except csv.Error:
            yield Fault(place, "is not CSV; this line and all after it are left out")
            return
        if cells is None:
            return
        if not any(cells):
            continue
        if len(cells) != len(keywords):
            yield Fault(place, f"has {len(cells)} cells, but the heading has {len(keywords)}")
            continue
        yield element_set(place, dict(zip(keywords, cells, strict=True)))


def read_omm_xml(data: bytes) -> Iterator[ElementSet | Fault]:
    """The element sets of an XML document: an ``omm`` message, or an ``ndm`` with many."""
    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import iterparse

    count = 0
    try:
        for _, element in iterparse(io.BytesIO(data)):
            if _tag(element) == "omm":
                count += 1
                yield element_set(f"record {count}", _leaves(element))
                element.clear()
    except ParseError as error:
        line, column = error.position
        yield Fault(f"line {line}", f"is not well-formed XML at column {column + 1}; nothing after it can be read")
    except (DefusedXmlException, LookupError, ValueError) as error:
        yield Fault(f"record {count + 1}", f"the XML is refused: {type(error).__name__}")


def _tag(element: Element) -> str:
    """Name of an element without its namespace."""
    return str(element.tag).rpartition("}")[2]


def _leaves(message: Element) -> dict[str, object]:
    """Keywords and values of one message, whatever sections they stand in."""
    return {_tag(leaf): leaf.text or "" for leaf in message.iter() if len(leaf) == 0}


def read_omm_kvn(lines: Iterable[str]) -> Iterator[ElementSet | Fault]:
    """The element sets of one or more messages in keyword-value notation, one after the other."""
    fields: dict[str, object] = {}
    start, broken = 1, ""
    for number, raw in enumerate(lines, start=1):
        line = raw.strip(" \t\r\n\x1a\f\0")
        if not line or line.startswith(("COMMENT", "#")):
            continue
        keyword, equals, value = (part.strip() for part in line.partition("="))
        if keyword == "CCSDS_OMM_VERS" or (keyword == "OBJECT_NAME" and keyword in fields):
            yield from _message(start, fields, broken)
            fields, start, broken = {}, number, ""
        if equals:
            fields[keyword] = _UNITS.sub("", value)
        elif not broken:
            broken = f"line {number} is no KEYWORD = VALUE: {line[:40]!r}"
    yield from _message(start, fields, broken)


def _message(start: int, fields: dict[str, object], broken: str) -> Iterator[ElementSet | Fault]:
    """What one KVN message says; nothing where there is none yet."""
    if broken:
        yield Fault(f"line {start}", broken)
    elif fields:
        yield element_set(f"line {start}", fields)


def element_set(place: str, fields: object) -> ElementSet | Fault:
    """One element set from the keywords of its message.

    Args:
        place: Where the message stands, for faults.
        fields: Keywords and values; values may be text or numbers.
    """
    if not isinstance(fields, Mapping):
        return Fault(place, f"is {_kind(fields)}, not an object with keywords")
    name = _text(fields, "OBJECT_NAME")
    place = f"{place} ({name[:40]})" if name else place
    problems = [
        f"{keyword} is {_text(fields, keyword)!r}; SGP4 needs {allowed[0]}"
        for keyword, allowed in _METADATA.items()
        if _text(fields, keyword) and _text(fields, keyword).upper() not in allowed
    ]
    number = _catalogue_number(fields, problems)
    epoch_ns = _epoch(fields, problems)
    values = [_decimal(fields, keyword, problems) for keyword in _ELEMENTS]
    missing = [keyword for keyword in ("EPOCH", *_ELEMENTS) if not _text(fields, keyword)]
    if missing:
        problems.append(f"{', '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing")
    if problems:
        return Fault(place, "; ".join(problems))
    motion, eccentricity, inclination, raan, perigee, anomaly, bstar = values
    row = ElementSet(
        place=place,
        name=name,
        object_id=_text(fields, "OBJECT_ID"),
        catalogue_number=number,
        epoch_ns=epoch_ns,
        mean_motion_rev_day=motion,
        eccentricity=eccentricity,
        inclination_deg=inclination,
        raan_deg=raan,
        arg_perigee_deg=perigee,
        mean_anomaly_deg=anomaly,
        bstar=bstar,
    )
    fault = range_fault(row)
    return Fault(place, fault) if fault else row


def parse_epoch(text: str) -> int:
    """UTC unix ns of a CCSDS time, calendar or day of year; exact to the nanosecond, later digits are cut off.

    Second 60 of a leap second is taken as the next second, as unix time has it.

    Raises:
        ValueError: The text has another form, or names no instant from 1957 to 2199.

    Source: CCSDS 502.0-B-3, 7.5.10.

    >>> parse_epoch("1998-324T06:49:59.999808Z") == parse_epoch("1998-11-20T06:49:59.999808")
    True
    """
    match = _EPOCH.fullmatch(text)
    if match is None:
        raise ValueError("must be a time such as 2026-05-21T12:00:00.5 or 2026-141T12:00:00.5")
    year, hour, minute, second = (int(match[group]) for group in (1, 5, 6, 7))
    if year not in _YEARS or hour > 23 or minute > 59 or second > 60:
        raise ValueError(f"is no instant from {_YEARS[0]} to {_YEARS[-1]}")
    if match[4]:
        midnight_ns = day_of_year_ns(year, int(match[4]))
    else:
        midnight_ns = _calendar_day_ns(year, int(match[2]), int(match[3]))
    fraction_ns = int((match[8] or "0")[:9].ljust(9, "0"))
    return midnight_ns + (hour * 3600 + minute * 60 + second) * _SECOND_NS + fraction_ns


def _calendar_day_ns(year: int, month: int, day: int) -> int:
    try:
        return day_of_year_ns(year, date(year, month, day).timetuple().tm_yday)
    except ValueError:
        raise ValueError(f"there is no day {year:04d}-{month:02d}-{day:02d}") from None


def _text(fields: Mapping[str, object], keyword: str) -> str:
    """A value as text; empty where it is absent."""
    value = fields.get(keyword)
    return "" if value is None else str(value).strip()


def _kind(value: object) -> str:
    """What a JSON value is, in words."""
    names = {str: "a text", list: "a list", bool: "a truth value", int: "a number", float: "a number"}
    return names.get(type(value), "empty")


def _catalogue_number(fields: Mapping[str, object], problems: list[str]) -> int:
    """The catalogue number, 0 where the message has none."""
    text = _text(fields, "NORAD_CAT_ID")
    if not text:
        return 0
    if _NUMBER.fullmatch(text):
        return int(text)
    problems.append(f"NORAD_CAT_ID {text[:40]!r} must be a whole number of up to nine digits")
    return 0


def _epoch(fields: Mapping[str, object], problems: list[str]) -> int:
    text = _text(fields, "EPOCH")
    try:
        return parse_epoch(text)
    except ValueError as error:
        if text:
            problems.append(f"EPOCH {text[:40]!r} {error}")
        return 0


def _decimal(fields: Mapping[str, object], keyword: str, problems: list[str]) -> float:
    """A number, given as such or as text."""
    value = fields.get(keyword)
    if isinstance(value, float):
        return value
    text = _text(fields, keyword)
    if _DECIMAL.fullmatch(text):
        return float(text)
    if text:
        problems.append(f"{keyword} {text[:40]!r} is not a number")
    return 0.0
