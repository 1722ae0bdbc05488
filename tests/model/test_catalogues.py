"""Catalogue files: any format by its content, bad rows masked, hopeless files refused in one sentence."""

import gzip
import random
import resource
import time
from pathlib import Path

import numpy as np
import pytest

from skycommons.base.errors import CatalogueError
from skycommons.model import catalogues
from skycommons.model.catalogues import Catalogue, parse_catalogue, read_catalogue
from tests.support.element_texts import Sample, omm_csv, omm_fields, omm_json, omm_kvn, omm_xml, tle_text

SAMPLES = [Sample(name=f"SAT-{number}", number=number) for number in (5, 6, 7)]
RECORDS = [omm_fields(sample) for sample in SAMPLES]
TEXTS = {
    "tle": tle_text(SAMPLES),
    "tle with CRLF": tle_text(SAMPLES, end="\r\n"),
    "tle with CR": tle_text(SAMPLES, end="\r"),
    "tle without titles": tle_text([Sample(name="", number=number) for number in (5, 6, 7)]),
    "json": omm_json(RECORDS),
    "csv": omm_csv(RECORDS),
    "kvn": omm_kvn(RECORDS),
    "xml": omm_xml(RECORDS),
}
NOISE_BYTES = 100_000_000


def refusal(data: bytes) -> str:
    """What is said of bytes that hold no catalogue."""
    with pytest.raises(CatalogueError) as caught:
        parse_catalogue(data, "noise")
    return str(caught.value)


@pytest.mark.parametrize("form", TEXTS)
@pytest.mark.parametrize(
    "wrapped",
    [
        lambda text: text.encode(),
        lambda text: b"\xef\xbb\xbf" + text.encode(),
        lambda text: b"\r\n \n" + text.encode() if not text.startswith("<?xml") else text.encode(),
        lambda text: text.encode("utf-16") if not text.startswith("<?xml") else text.encode(),
        lambda text: gzip.compress(text.encode()),
    ],
    ids=["plain", "byte order mark", "blank lines", "UTF-16", "gzip"],
)
def test_the_content_decides_the_format(form: str, wrapped: object, tmp_path: Path) -> None:
    assert callable(wrapped)
    path = tmp_path / "misleading.bin"
    path.write_bytes(wrapped(TEXTS[form]))
    catalogue = read_catalogue(path)
    assert catalogue.elements.catalogue_number.tolist() == [5, 6, 7]
    assert catalogue.faults == ()
    assert catalogue.source == "misleading.bin"


def test_units_become_si_and_radians() -> None:
    elements = parse_catalogue(tle_text([Sample()]).encode(), "x").elements
    assert elements.mean_motion_rad_s[0] == pytest.approx(15.46851868 * 2 * np.pi / 86_400, rel=1e-15)
    assert elements.inclination_rad[0] == np.radians(53.1522)
    assert elements.epoch_ns.tolist() == [Sample().epoch_ns]


def test_bad_rows_are_masked_and_the_rest_goes_on() -> None:
    lines = tle_text(SAMPLES).splitlines()
    lines[4] = lines[4][:50]
    catalogue = parse_catalogue("\n".join(lines).encode(), "x.tle")
    assert catalogue.names == ("SAT-5", "SAT-7")
    assert [fault.place for fault in catalogue.faults] == ["line 5"]
    assert repr(catalogue) == "<Catalogue 'x.tle': 2 element sets, 1 faults>"


def test_the_newest_set_of_an_object_is_kept() -> None:
    old, new = Sample(name="OLD"), Sample(name="NEW", epoch_ns=Sample().epoch_ns + 10**9 * 86_400)
    other = Sample(name="OTHER", number=5)
    catalogue = parse_catalogue(tle_text([old, other, new, old]).encode(), "x")
    assert catalogue.names == ("OTHER", "NEW")
    assert [str(fault) for fault in catalogue.faults] == [
        "line 2: is older than the elements of object 44714 at line 8",
        "line 11: is older than the elements of object 44714 at line 8",
    ]


def test_a_repeated_set_is_dropped() -> None:
    catalogue = parse_catalogue(tle_text([Sample(name="FIRST"), Sample(name="SECOND")]).encode(), "x")
    assert catalogue.names == ("FIRST",)
    assert str(catalogue.faults[0]) == "line 5: repeats object 44714 of line 2 at the same epoch"


def test_objects_without_a_number_are_all_kept() -> None:
    records = [{**record, "NORAD_CAT_ID": ""} for record in RECORDS]
    assert len(parse_catalogue(omm_json(records).encode(), "x")) == 3


def test_take_chooses_rows_by_index_or_mask() -> None:
    catalogue = parse_catalogue(tle_text(SAMPLES).encode(), "x")
    assert catalogue.take(np.array([2, 0])).names == ("SAT-7", "SAT-5")
    some = catalogue.take(np.array([False, True, False]))
    assert (some.names, some.elements.catalogue_number.tolist(), len(some)) == (("SAT-6",), [6], 1)


def test_columns_must_have_one_length() -> None:
    catalogue = parse_catalogue(tle_text(SAMPLES).encode(), "x")
    with pytest.raises(CatalogueError, match="differ in length"):
        Catalogue(source="x", names=("one",), object_ids=catalogue.object_ids, elements=catalogue.elements)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "is empty"),
        (b" \r\n\t\n", "is empty"),
        (gzip.compress(b"", mtime=0), "is empty"),
        (b"[]", "holds no element sets"),
        (b"<ndm/>", "holds no element sets"),
        (b"EPOCH,MEAN_MOTION\n", "holds no element sets"),
        (b"No GP data found", "neither TLE nor CCSDS OMM (JSON, CSV, XML or KVN); it begins with 'No GP data found'"),
        (b"<!DOCTYPE html><html></html>", "is a web page"),
        (b"PK\x03\x04....", "is a zip archive; unpack it first"),
        (gzip.compress(TEXTS["tle"].encode(), mtime=0)[:-20], "is a gzip file that breaks off"),
        (b"\x1f\x8b" + b"x" * 100, "is a damaged gzip file"),
        (gzip.compress(random.Random(1).randbytes(500), mtime=0)[:100] + b"\xff" * 500, "is a damaged gzip file"),
        (random.Random(2).randbytes(5_000), "is binary data"),
    ],
)
def test_hopeless_files_are_one_clear_error(data: bytes, message: str) -> None:
    said = refusal(data)
    assert said.startswith("noise: 1 fault(s)\n  file: ")
    assert message in said


def test_a_file_of_bad_rows_shows_ten_of_them_and_counts_the_rest() -> None:
    lines = [line[:-1] for line in tle_text([Sample(number=number) for number in range(1, 41)]).splitlines()]
    said = refusal("\n".join(lines).encode()).splitlines()
    assert len(said) == 12
    assert said[-1] == "  further on: at least 30 more"


def test_files_that_cannot_be_read_are_input_errors(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match="cannot be read: no such file or directory"):
        read_catalogue(tmp_path / "missing.tle")
    with pytest.raises(CatalogueError, match="cannot be read: is a directory"):
        read_catalogue(tmp_path)


def test_files_beyond_any_catalogue_are_not_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogues, "_MAX_BYTES", 1_000)
    path = tmp_path / "big"
    path.write_bytes(b"x" * 1_001)
    with pytest.raises(CatalogueError, match="is larger than"):
        read_catalogue(path)
    assert "unpacks to more than" in refusal(gzip.compress(b"x" * 1_001))


def test_many_bad_rows_beside_good_ones_are_counted_not_kept() -> None:
    noise = "1 44714 what follows is no line of elements\n" * 3_000
    catalogue = parse_catalogue((tle_text([Sample()]) + noise).encode(), "x")
    assert (len(catalogue), len(catalogue.faults), catalogue.fault_count) == (1, 1_000, 3_000)
    assert catalogue.take(np.array([0])).fault_count == 3_000


@pytest.mark.parametrize(
    "begin", [b"", b"1 44713U 19074A\n", b"[{", b"<ndm>", b"EPOCH,MEAN_MOTION\n", b"EPOCH = now\n"]
)
def test_a_hundred_megabytes_of_noise_are_one_short_error(begin: bytes) -> None:
    """In a few seconds and a few times the size of the file, whatever the noise pretends to be."""
    printable = bytes(range(32, 127)) + b"\n"
    block = bytes(random.Random(3).choices(printable, k=1_000_000))
    noise = begin + block * (NOISE_BYTES // len(block))
    before_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start_s = time.process_time()
    said = refusal(noise)
    assert time.process_time() - start_s < 30.0  # about two, unless coverage watches
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kib) * 1024 < 8 * NOISE_BYTES
    assert len(said.splitlines()) <= 12
    assert len(said) < 10_000


REAL = {
    "starlink_2024-07-17.tle": 6_226,
    "starlink_tma25.tle": 6_937,
    "starlink_2026-05-21.tle": 10_359,
    "starlink_omm_2024-05-20.json": 5_977,
}


@pytest.mark.parametrize("name", REAL)
def test_real_catalogues_load_whole(shared_data: Path, name: str) -> None:
    catalogue = read_catalogue(shared_data / "catalogues" / name)
    assert (len(catalogue), catalogue.faults) == (REAL[name], ())


def test_ten_thousand_sets_load_in_no_time(shared_data: Path) -> None:
    data = (shared_data / "catalogues" / "starlink_2026-05-21.tle").read_bytes()
    start_s = time.process_time()
    parse_catalogue(data, "starlink")
    assert time.process_time() - start_s < 1.5  # 0.16 s, unless coverage watches


def test_real_elements_equal_those_of_the_sgp4_library(shared_data: Path) -> None:
    """Every field of every row, as far as its units have the same doubles."""
    from sgp4.api import Satrec
    from sgp4.conveniences import sat_epoch_datetime

    path = shared_data / "catalogues" / "starlink_2026-05-21.tle"
    lines = path.read_text().splitlines()
    elements = read_catalogue(path).elements
    for row in range(0, len(elements), 7):
        satellite = Satrec.twoline2rv(lines[3 * row + 1], lines[3 * row + 2])
        assert satellite.satnum == elements.catalogue_number[row]
        assert satellite.bstar == pytest.approx(elements.bstar[row], rel=1e-15)
        assert satellite.ecco == elements.eccentricity[row]
        assert satellite.inclo == elements.inclination_rad[row]
        assert satellite.nodeo == elements.raan_rad[row]
        assert satellite.argpo == elements.arg_perigee_rad[row]
        assert satellite.mo == elements.mean_anomaly_rad[row]
        assert satellite.no_kozai == pytest.approx(elements.mean_motion_rad_s[row] * 60.0, rel=1e-15)
        assert sat_epoch_datetime(satellite).timestamp() == pytest.approx(elements.epoch_ns[row] / 1e9, abs=2e-6)
