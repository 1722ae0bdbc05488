"""Catalogues of element sets: any common file in, one table out.

Rules: the content decides the format, never the file's name. A bad row is reported and left out, the rest goes on. Of
several sets for one catalogue number the newest is kept and the others are reported. A file that holds nothing usable is
one error. Whatever comes in, memory and the number of reported faults stay bounded.
"""

import gzip
import io
import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from skycommons.base.arrays import Bools, Floats, Ints
from skycommons.base.constants import SECONDS_PER_DAY
from skycommons.base.errors import CatalogueError, Fault
from skycommons.model.element_sets import ElementSet, FaultList
from skycommons.model.omm import read_omm_csv, read_omm_json, read_omm_kvn, read_omm_xml
from skycommons.model.tle import read_tle
from skycommons.orbit.elements import Elements

_Rows = Iterator[ElementSet | Fault]

_MAX_BYTES: Final = 512 * 2**20  # every object ever catalogued is about 100 MB as XML
_SNIFFED_BYTES: Final = 2**20
_FAULTS_KEPT: Final = 1_000
_FAULTS_IN_ERROR: Final = 10
_RAD_S_PER_REV_DAY: Final = 2.0 * np.pi / SECONDS_PER_DAY

_CONTROL_BYTES: Final = bytes(set(range(32)) - set(b"\t\n\f\r\x1a")) + b"\x7f"
_JSON: Final = re.compile(rb"\s*(?:\[\s*[{\]]|\{\s*[\"}])")
_KVN: Final = re.compile(rb"(?:^|[\r\n])[ \t]*(?:CCSDS_OMM_VERS|OBJECT_NAME|EPOCH)[ \t]*=")
_CSV: Final = re.compile(rb"\s*[^\r\n]*\bEPOCH\b[^\r\n]*\bMEAN_MOTION\b|\s*[^\r\n]*\bMEAN_MOTION\b[^\r\n]*\bEPOCH\b")
_TLE: Final = re.compile(rb"(?:^|[\r\n])[ \t]*[12] [ 0-9A-Z]{4}[0-9]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """The usable element sets of one file, and what was wrong with the others.

    Attributes:
        source: Name of the file.
        names: ``S`` names of satellites; empty where the file has none.
        object_ids: ``S`` international designators such as ``2019-074A``; empty where unknown.
        elements: Mean elements, ``S`` rows in the order of the file.
        faults: One for each row that was left out; of more than a thousand the first ones.
        hidden_faults: How many more there were.
    Raises:
        CatalogueError: The columns differ in length.
    """

    source: str
    names: tuple[str, ...]
    object_ids: tuple[str, ...]
    elements: Elements
    faults: tuple[Fault, ...] = ()
    hidden_faults: int = 0

    def __post_init__(self) -> None:
        if not len(self.names) == len(self.object_ids) == len(self.elements):
            raise CatalogueError(self.source, [Fault("columns", "names, object ids and elements differ in length")])

    def __len__(self) -> int:
        return len(self.names)

    def __repr__(self) -> str:
        return f"<Catalogue {self.source!r}: {len(self):,} element sets, {self.fault_count:,} faults>"

    @property
    def fault_count(self) -> int:
        """How many rows were left out."""
        return len(self.faults) + self.hidden_faults

    def take(self, rows: Ints | Bools) -> "Catalogue":
        """The same catalogue with only these rows, given as indices or as a mask; faults stay with it."""
        index = np.arange(len(self))[rows].tolist()
        return Catalogue(
            source=self.source,
            names=tuple(self.names[row] for row in index),
            object_ids=tuple(self.object_ids[row] for row in index),
            elements=self.elements.take(rows),
            faults=self.faults,
            hidden_faults=self.hidden_faults,
        )


def read_catalogue(path: Path) -> Catalogue:
    """The element sets in a file: TLE, or CCSDS OMM as JSON, CSV, XML or KVN; plain or compressed with gzip.

    Raises:
        CatalogueError: The file cannot be read or holds no usable element set.
    """
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise _refusal(path.name, f"is larger than {_MAX_BYTES // 2**20} MB, more than any catalogue needs")
        data = path.read_bytes()
    except OSError as error:
        raise _refusal(str(path), f"cannot be read: {(error.strerror or 'input error').lower()}") from None
    return parse_catalogue(data, path.name)


def parse_catalogue(data: bytes, source: str) -> Catalogue:
    """The element sets in the bytes of a catalogue file; see `read_catalogue`.

    Args:
        data: Content of the file.
        source: Its name, for reports.

    Raises:
        CatalogueError: There is no usable element set; it shows the first ten faults.
    """
    content = _as_utf8(_unpacked(data, source))
    faults = FaultList(_FAULTS_KEPT)
    rows: list[ElementSet] = []
    for row in _reader(content, source)(content):
        if isinstance(row, ElementSet):
            rows.append(row)
        else:
            faults.add(row)
            if not rows and faults.count >= _FAULTS_KEPT:
                break  # noise: what follows will be no better
    if not rows:
        raise CatalogueError(source, _shortened(faults) or [Fault("file", "holds no element sets")])
    rows = _newest_of_each(rows, faults)
    return Catalogue(
        source=source,
        names=tuple(row.name for row in rows),
        object_ids=tuple(row.object_id for row in rows),
        elements=_elements(rows),
        faults=tuple(faults.kept),
        hidden_faults=faults.count - len(faults.kept),
    )


def _refusal(source: str, message: str) -> CatalogueError:
    """The error for a file that is wrong as a whole."""
    return CatalogueError(source, [Fault("file", message)])


def _shortened(faults: FaultList) -> list[Fault]:
    """Enough faults to understand a file that holds nothing usable."""
    short = faults.kept[:_FAULTS_IN_ERROR]
    more = faults.count - len(short)
    return [*short, Fault("further on", f"at least {more:,} more")] if more else short


def _unpacked(data: bytes, source: str) -> bytes:
    """The content, decompressed when it is gzip."""
    if data.startswith(b"PK\x03\x04"):
        raise _refusal(source, "is a zip archive; unpack it first")
    if not data.startswith(b"\x1f\x8b"):
        return data
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as stream:
            content = stream.read(_MAX_BYTES + 1)
    except EOFError:
        raise _refusal(source, "is a gzip file that breaks off; download it again") from None
    except (OSError, zlib.error):
        raise _refusal(source, "is a damaged gzip file; download it again") from None
    if len(content) > _MAX_BYTES:
        raise _refusal(source, f"unpacks to more than {_MAX_BYTES // 2**20} MB, more than any catalogue needs")
    return content


def _as_utf8(data: bytes) -> bytes:
    """The content without a byte order mark; UTF-16, as some editors save it, is converted."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace").encode()
    return data.removeprefix(b"\xef\xbb\xbf")


def _reader(data: bytes, source: str) -> Callable[[bytes], _Rows]:
    """The reader for the format that the first megabyte shows."""
    head = data[:_SNIFFED_BYTES]
    text = head.lstrip()
    if not text:
        raise _refusal(source, "is empty")
    if len(head) - len(head.translate(None, _CONTROL_BYTES)) > len(head) // 50:
        raise _refusal(source, "is binary data, not a catalogue of element sets")
    if text[:14].lower().startswith((b"<!doctype html", b"<html")):
        raise _refusal(source, "is a web page, not a catalogue of element sets")
    if text.startswith(b"<"):
        return read_omm_xml
    if _JSON.match(head):
        return lambda content: read_omm_json(_decoded(content))
    if _KVN.search(head):
        return lambda content: read_omm_kvn(_lines(content))
    if _CSV.match(head):
        return lambda content: read_omm_csv(_lines(content))
    if _TLE.search(head):
        return lambda content: read_tle(_lines(content))
    begin = _decoded(text[:60]).splitlines()[0]
    raise _refusal(source, f"is neither TLE nor CCSDS OMM (JSON, CSV, XML or KVN); it begins with {begin!r}")


def _decoded(data: bytes) -> str:
    return data.decode("utf-8", errors="replace")


def _lines(data: bytes) -> io.TextIOWrapper:
    """Lines, one at a time, whatever they end with."""
    return io.TextIOWrapper(io.BytesIO(data), encoding="utf-8", errors="replace", newline=None)


def _newest_of_each(rows: list[ElementSet], faults: FaultList) -> list[ElementSet]:
    """The rows without the older and the repeated sets of one catalogue number; these become faults."""
    newest: dict[int, ElementSet] = {}
    for row in rows:
        known = newest.get(row.catalogue_number)
        if known is None or row.epoch_ns > known.epoch_ns:
            newest[row.catalogue_number] = row
    kept = []
    for row in rows:
        chosen = newest[row.catalogue_number]
        if row is chosen or not row.catalogue_number:
            kept.append(row)
        elif row.epoch_ns == chosen.epoch_ns:
            faults.add(Fault(row.place, f"repeats object {row.catalogue_number} of {chosen.place} at the same epoch"))
        else:
            faults.add(
                Fault(row.place, f"is older than the elements of object {row.catalogue_number} at {chosen.place}")
            )
    return kept


def _elements(rows: list[ElementSet]) -> Elements:
    """The table of the rows, in SI units."""

    def floats(name: str) -> Floats:
        return np.array([getattr(row, name) for row in rows], dtype=np.float64)

    return Elements(
        catalogue_number=np.array([row.catalogue_number for row in rows], dtype=np.int64),
        epoch_ns=np.array([row.epoch_ns for row in rows], dtype=np.int64),
        mean_motion_rad_s=floats("mean_motion_rev_day") * _RAD_S_PER_REV_DAY,
        eccentricity=floats("eccentricity"),
        inclination_rad=np.radians(floats("inclination_deg")),
        raan_rad=np.radians(floats("raan_deg")),
        arg_perigee_rad=np.radians(floats("arg_perigee_deg")),
        mean_anomaly_rad=np.radians(floats("mean_anomaly_deg")),
        bstar=floats("bstar"),
    )
