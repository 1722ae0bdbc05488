"""Two-line element sets, with or without a title line.

Rules: columns are fixed and every column is checked, because a letter or a lost character that shifts a number goes
unnoticed otherwise; the checksum must be right. A bad set becomes one fault that names the line, the columns and what
stands there. Text that belongs to no set is a fault too; blank lines and lines that begin with ``#`` are not.

Source: T. S. Kelso, "Frequently Asked Questions: Two-Line Element Set Format", Satellite Times 4(3), 1998.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from skycommons.base.errors import Fault, InputError
from skycommons.model.alpha5 import decode_number
from skycommons.model.element_sets import ElementSet, day_fraction_ns, day_of_year_ns, full_year, range_fault

_LENGTH: Final = 69
_LAST_SUMMED: Final = 68
_SGP4_XP: Final = "4"  # ephemeris type of elements that only SGP4-XP can propagate

# Weight of each byte in the checksum: digits count as themselves, a minus sign as 1, everything else as 0.
_WEIGHTS: Final = bytes(byte - 48 if 48 <= byte <= 57 else int(byte == 45) for byte in range(256))

# A line of elements, also a broken one; a name such as "2 BE OR NOT 2 BE" is none.
_LINE: Final = re.compile(r"[12] (?:[ 0-9A-Z]{4}[0-9]|.{23})")
_DESIGNATOR: Final = re.compile(r"([0-9]{2})([0-9]{3})([A-Z]{1,3}) *")


class _Field(NamedTuple):
    """Columns of a line (1-based, both included), what they hold, and the text that may stand there."""

    first: int
    last: int
    what: str
    pattern: str


_NUMBER: Final = "[A-Z0-9 ][0-9 ]{3}[0-9]"
_ANGLE: Final = r"(?: {3}| {2}[0-9]| [0-9]{2}|[0-9]{3})\.[0-9]{4}"
_EXPONENT: Final = "[ +-][0-9 ]{5}[ +-][0-9 ]"

_FIELDS_1: Final = (
    _Field(1, 2, "line number", "1 "),
    _Field(3, 7, "catalogue number", f"(?P<number>{_NUMBER})"),
    _Field(8, 9, "classification", "[A-Z ] "),
    _Field(10, 18, "international designator", "(?P<designator>.{8}) "),
    _Field(19, 33, "epoch", r"(?P<year>[0-9]{2})(?P<day>[0-9]{3})\.(?P<fraction>[0-9]{8}) "),
    _Field(34, 44, "first derivative of the mean motion", r"[ +0-9-]\.[0-9]{8} "),
    _Field(45, 53, "second derivative of the mean motion", f"{_EXPONENT} "),
    _Field(54, 62, "BSTAR", f"(?P<bstar>{_EXPONENT}) "),
    _Field(63, 64, "ephemeris type", "(?P<type>[0-9 ]) "),
    _Field(65, 68, "element set number", "[0-9 ]{4}"),
    _Field(69, 69, "checksum", "[0-9]"),
)
_FIELDS_2: Final = (
    _Field(1, 2, "line number", "2 "),
    _Field(3, 8, "catalogue number", f"(?P<number>{_NUMBER}) "),
    _Field(9, 17, "inclination", f"(?P<inclination>{_ANGLE}) "),
    _Field(18, 26, "right ascension of the node", f"(?P<raan>{_ANGLE}) "),
    _Field(27, 34, "eccentricity", "(?P<eccentricity>[0-9 ]{6}[0-9]) "),
    _Field(35, 43, "argument of perigee", f"(?P<perigee>{_ANGLE}) "),
    _Field(44, 52, "mean anomaly", f"(?P<anomaly>{_ANGLE}) "),
    _Field(53, 63, "mean motion", r"(?P<motion>(?: {2}| [0-9]|[0-9]{2})\.[0-9]{8})"),
    _Field(64, 68, "revolution number", "[0-9 ]{5}"),
    _Field(69, 69, "checksum", "[0-9]"),
)
_LINE_1: Final = re.compile("".join(field.pattern for field in _FIELDS_1))
_LINE_2: Final = re.compile("".join(field.pattern for field in _FIELDS_2))


class _Line(NamedTuple):
    """A line and its number in the file, from 1."""

    number: int
    text: str


def read_tle(lines: Iterable[str]) -> Iterator[ElementSet | Fault]:
    """The element sets in the lines of a TLE file, and a fault for each that cannot be used.

    Args:
        lines: Lines with or without their ends. A title line (of a three-line set) may begin with ``0``.
    """
    title: _Line | None = None
    first: _Line | None = None
    stray: list[int] = []  # first and last line of text that belongs to nothing
    for number, raw in enumerate(lines, start=1):
        text = raw.strip(" \t\r\n\x1a\f\0")
        if not text or text.startswith("#"):
            continue
        line = _Line(number, text)
        is_element_line = _LINE.match(text) is not None
        if first is not None and not (is_element_line and text[0] == "2"):
            yield Fault(f"line {first.number}", "a line 1 that no line 2 follows; the element set is left out")
            first = title = None
        if is_element_line and text[0] == "1":
            if stray:
                yield _stray_text(stray)
                stray = []
            first = line
        elif is_element_line:
            yield _element_set(title, first, line) if first else _orphan_line_2(line)
            first = title = None
        else:
            if title is not None:
                stray = [stray[0] if stray else title.number, title.number]
            title = line
    if first is not None:
        yield Fault(f"line {first.number}", "the file ends after this line 1; its line 2 is missing")
    elif title is not None:
        stray = [stray[0] if stray else title.number, title.number]
    if stray:
        yield _stray_text(stray)


def _stray_text(lines: list[int]) -> Fault:
    first, last = lines
    place = f"line {first}" if first == last else f"lines {first} to {last}"
    return Fault(place, "text that belongs to no element set")


def _orphan_line_2(line: _Line) -> Fault:
    return Fault(f"line {line.number}", "a line 2 without its line 1; the element set is left out")


def _element_set(title: _Line | None, first: _Line, second: _Line) -> ElementSet | Fault:
    """One set from its lines."""
    one, two = _LINE_1.fullmatch(first.text), _LINE_2.fullmatch(second.text)
    if one is None or two is None:
        return _broken_line(first, _FIELDS_1) if one is None else _broken_line(second, _FIELDS_2)
    for line in (first, second):
        if _checksum(line.text) != line.text[_LAST_SUMMED]:
            return _wrong_checksum(line)
    if one["number"] != two["number"]:
        return Fault(
            f"line {second.number}",
            f"belongs to object {two['number'].strip()}, but the line 1 before it to {one['number'].strip()}",
        )
    try:
        epoch_ns = day_of_year_ns(full_year(int(one["year"])), int(one["day"])) + day_fraction_ns(one["fraction"])
        number = decode_number(one["number"])
    except InputError as error:
        return Fault(f"line {first.number}", str(error))
    except ValueError as error:
        return Fault(f"line {first.number}", f"columns 19 to 32 (epoch): {error}")
    if one["type"] == _SGP4_XP:
        return Fault(f"line {first.number}", "elements of type 4 are for SGP4-XP; SGP4 would place them wrongly")
    row = ElementSet(
        place=f"line {first.number}",
        name=_name(title),
        object_id=_object_id(one["designator"]),
        catalogue_number=number,
        epoch_ns=epoch_ns,
        mean_motion_rev_day=float(two["motion"]),
        eccentricity=float("0." + two["eccentricity"].replace(" ", "0")),
        inclination_deg=float(two["inclination"]),
        raan_deg=float(two["raan"]),
        arg_perigee_deg=float(two["perigee"]),
        mean_anomaly_deg=float(two["anomaly"]),
        bstar=_with_exponent(one["bstar"]),
    )
    fault = range_fault(row)
    return Fault(f"line {second.number}", fault) if fault else row


def _name(title: _Line | None) -> str:
    """A title without the line number 0 that some providers put before it."""
    if title is None:
        return ""
    return title.text[2:].strip() if title.text.startswith("0 ") else title.text


def _object_id(designator: str) -> str:
    """``19074A`` as ``2019-074A``; empty where a TLE has no designator or one that follows no rule."""
    match = _DESIGNATOR.fullmatch(designator)
    return f"{full_year(int(match[1]))}-{match[2]}{match[3]}" if match else ""


def _with_exponent(text: str) -> float:
    """A number such as `` 19954-1``: a decimal point is meant before the digits, and an E before the exponent."""
    digits = text[1:6].replace(" ", "0")
    exponent = text[6:].replace(" ", "0") if text[6] != " " else text[7].replace(" ", "0")
    return float(f"{text[0].strip()}0.{digits}e{exponent}")


def _checksum(text: str) -> str:
    """The digit that column 69 must hold."""
    return str(sum(text[:_LAST_SUMMED].encode("ascii", "replace").translate(_WEIGHTS)) % 10)


def _wrong_checksum(line: _Line) -> Fault:
    want, have = _checksum(line.text), line.text[_LAST_SUMMED]
    return Fault(
        f"line {line.number}",
        f"the checksum in column 69 is {have}, but columns 1 to 68 sum up to {want}: a character was changed or lost",
    )


def _broken_line(line: _Line, fields: tuple[_Field, ...]) -> Fault:
    """A line that does not fit the format: say by which columns."""
    place = f"line {line.number}"
    length = len(line.text)
    if length != _LENGTH:
        return Fault(place, f"has {length} characters; a line {line.text[0]} of elements has {_LENGTH}")
    field = next(each for each in fields if not re.fullmatch(each.pattern, _held(line, each)))
    held = _held(line, field).strip()
    return Fault(place, f"columns {field.first} to {field.last} ({field.what}) cannot hold {held!r}")


def _held(line: _Line, field: _Field) -> str:
    """What stands in the columns of a field."""
    return line.text[field.first - 1 : field.last]
