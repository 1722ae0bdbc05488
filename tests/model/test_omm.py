"""Orbit mean-elements messages in their four forms, whole and broken."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence

import pytest

from skycommons.base.clock import parse_time
from skycommons.base.errors import Fault
from skycommons.model.element_sets import ElementSet
from skycommons.model.omm import (
    element_set,
    parse_epoch,
    read_omm_csv,
    read_omm_json,
    read_omm_kvn,
    read_omm_xml,
)
from tests.support.element_texts import Sample, omm_csv, omm_fields, omm_json, omm_kvn, omm_xml

Fields = Mapping[str, object]
Reading = Callable[[Sequence[Fields]], Iterator[ElementSet | Fault]]

FORMS: dict[str, Reading] = {
    "json": lambda records: read_omm_json(omm_json(records)),
    "csv": lambda records: read_omm_csv(omm_csv(records).splitlines(keepends=True)),
    "semicolons": lambda records: read_omm_csv(omm_csv(records, delimiter=";", end="\r\n").splitlines(keepends=True)),
    "xml": lambda records: read_omm_xml(omm_xml(records).encode()),
    "kvn": lambda records: read_omm_kvn(omm_kvn(records).splitlines(keepends=True)),
}
each_form = pytest.mark.parametrize("form", FORMS)


def without(*keywords: str) -> dict[str, object]:
    """The keywords of a good message but these."""
    return {keyword: value for keyword, value in omm_fields(Sample()).items() if keyword not in keywords}


def fault_of(**changes: object) -> str:
    """What is wrong with a good message after these changes."""
    row = element_set("record 1", omm_fields(Sample()) | changes)
    assert isinstance(row, Fault)
    return row.message


@each_form
def test_every_form_says_the_same(form: str) -> None:
    samples = [Sample(), Sample(name="NOMINAL", number=799_501_621, object_id="", epoch_ns=1_779_235_200_123_456_789)]
    rows = list(FORMS[form]([omm_fields(sample) for sample in samples]))
    assert [row for row in rows if isinstance(row, Fault)] == []
    for row, sample in zip(rows, samples, strict=True):
        assert isinstance(row, ElementSet)
        assert row._replace(place="") == ElementSet(
            place="",
            name=sample.name,
            object_id=sample.object_id,
            catalogue_number=sample.number,
            epoch_ns=sample.epoch_ns,
            mean_motion_rev_day=sample.mean_motion_rev_day,
            eccentricity=sample.eccentricity,
            inclination_deg=sample.inclination_deg,
            raan_deg=sample.raan_deg,
            arg_perigee_deg=sample.arg_perigee_deg,
            mean_anomaly_deg=sample.mean_anomaly_deg,
            bstar=sample.bstar,
        )


@each_form
def test_one_bad_message_spoils_nothing_else(form: str) -> None:
    records = [omm_fields(Sample(name=f"SAT-{number}", number=number)) for number in (1, 2, 3)]
    records[1]["MEAN_MOTION"] = "fast"
    rows = list(FORMS[form](records))
    assert [row.name if isinstance(row, ElementSet) else row.message for row in rows] == [
        "SAT-1",
        "MEAN_MOTION 'fast' is not a number",
        "SAT-3",
    ]


@pytest.mark.parametrize("number", [100_000, 270_449, 12_345_678, 799_501_621, 999_999_999])
@each_form
def test_numbers_of_six_to_nine_digits(form: str, number: int) -> None:
    (row,) = FORMS[form]([omm_fields(Sample(number=number))])
    assert isinstance(row, ElementSet)
    assert row.catalogue_number == number


@pytest.mark.parametrize("number", ["A0000", "1000000000", 25544.0, True, "-5", "1 2"])
def test_other_numbers_are_refused(number: object) -> None:
    assert "must be a whole number of up to nine digits" in fault_of(NORAD_CAT_ID=number)


def test_number_and_names_may_be_missing() -> None:
    row = element_set("record 1", without("NORAD_CAT_ID", "OBJECT_NAME", "OBJECT_ID"))
    assert isinstance(row, ElementSet)
    assert (row.catalogue_number, row.name, row.object_id) == (0, "", "")


def test_values_may_be_text_as_some_providers_have_them() -> None:
    row = element_set("record 1", {keyword: str(value) for keyword, value in omm_fields(Sample()).items()})
    assert isinstance(row, ElementSet)
    assert row.mean_motion_rev_day == Sample().mean_motion_rev_day


def test_all_that_is_wrong_is_said_at_once() -> None:
    row = element_set("record 4", without("EPOCH", "BSTAR") | {"INCLINATION": "steep", "NORAD_CAT_ID": "x"})
    assert row == Fault(
        "record 4 (STARLINK-1008)",
        "NORAD_CAT_ID 'x' must be a whole number of up to nine digits; INCLINATION 'steep' is not a number; "
        "EPOCH, BSTAR are missing",
    )


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"BSTAR": None}, "BSTAR is missing"),
        ({"MEAN_MOTION": float("nan")}, "mean motion nan"),
        ({"MEAN_MOTION": "NaN"}, "MEAN_MOTION 'NaN' is not a number"),
        ({"MEAN_MOTION": 10**400}, "mean motion inf"),
        ({"MEAN_MOTION": "1_5"}, "'1_5' is not a number"),
        ({"ECCENTRICITY": True}, "'True' is not a number"),
        ({"ECCENTRICITY": 1.5}, "eccentricity 1.5"),
        ({"INCLINATION": -3}, "inclination -3.0"),
        ({"REF_FRAME": "ICRF"}, "REF_FRAME is 'ICRF'; SGP4 needs TEME"),
        ({"TIME_SYSTEM": "TAI"}, "TIME_SYSTEM is 'TAI'; SGP4 needs UTC"),
        ({"CENTER_NAME": "MOON"}, "CENTER_NAME is 'MOON'; SGP4 needs EARTH"),
        ({"MEAN_ELEMENT_THEORY": "DSST"}, "MEAN_ELEMENT_THEORY is 'DSST'; SGP4 needs SGP4"),
        ({"EPHEMERIS_TYPE": 4}, "EPHEMERIS_TYPE is '4'"),
        ({"EPOCH": "yesterday"}, "EPOCH 'yesterday' must be a time"),
    ],
)
def test_what_sgp4_cannot_fly_is_refused(changes: dict[str, object], message: str) -> None:
    assert message in fault_of(**changes)


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("2020-064T10:34:41.4264", "2020-03-04T10:34:41.4264"),
        ("2002-204T15:56:23Z", "2002-07-23T15:56:23"),
        ("1998-11-20T06:49:59.999808Z", "1998-11-20T06:49:59.999808"),
        ("2026-09-20T12:42:37.1234567891", "2026-09-20T12:42:37.123456789"),
        ("2016-12-31T23:59:60", "2017-01-01T00:00:00"),
    ],
)
def test_epochs_are_exact_in_calendar_and_day_form(text: str, same: str) -> None:
    assert parse_epoch(text) == parse_time(same)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "2026-9-20T12:42:37",
            "2026-09-20 12:42:37",
            "26263.52959654",
            "2026-09-20T12:42:37+00:00",
            "20260920T124237",
        ),
        *(
            "2026-02-30T00:00:00",
            "2026-366T00:00:00",
            "2026-000T00:00:00",
            "2026-01-01T24:00:00",
            "2026-01-01T00:60:00",
        ),
        *("2026-01-01T00:00:61", "1956-01-01T00:00:00", "2200-01-01T00:00:00", "٢٠٢٦-01-01T00:00:00", ""),
    ],
)
def test_other_epochs_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"must be a time|is no instant|is not in the year|there is no day"):
        parse_epoch(text)


# ------------------------------------------------------------------------------------------------------------- JSON


def test_a_single_json_object_is_a_catalogue() -> None:
    (row,) = read_omm_json(json.dumps(omm_fields(Sample())))
    assert isinstance(row, ElementSet)


@pytest.mark.parametrize(
    ("value", "kind"), [(3, "a number"), ("x", "a text"), (None, "empty"), (True, "a truth value"), ([], "a list")]
)
def test_json_records_that_are_no_objects(value: object, kind: str) -> None:
    assert list(read_omm_json(json.dumps([{"a": 1}, value])))[1] == Fault(
        "record 2", f"is {kind}, not an object with keywords"
    )


def test_json_that_breaks_off_gives_what_is_whole() -> None:
    text = omm_json([omm_fields(Sample(name=name, number=count)) for count, name in enumerate("ABC", start=1)])
    rows = list(read_omm_json(text[: text.rindex('"MEAN_ANOMALY"')]))
    assert [row.name for row in rows if isinstance(row, ElementSet)] == ["A", "B"]
    assert [row.place for row in rows if isinstance(row, Fault)] == ["record 3", "end of file"]


def test_json_without_its_last_bracket_says_so() -> None:
    rows = list(read_omm_json(omm_json([omm_fields(Sample())]).removesuffix("]")))
    assert [type(row) for row in rows] == [ElementSet, Fault]
    assert "breaks off" in str(rows[1])


def test_json_with_one_broken_record_gives_the_others() -> None:
    text = omm_json([omm_fields(Sample(name=name, number=count)) for count, name in enumerate("ABC", start=1)])
    rows = list(read_omm_json(text.replace('"OBJECT_NAME": "B"', '"OBJECT_NAME": B')))
    assert [row.name if isinstance(row, ElementSet) else row.place for row in rows] == ["A", "record 2", "C"]
    assert "in or after line 21" in str(rows[1])


def test_json_that_turns_into_noise_is_left_soon() -> None:
    rows = list(read_omm_json(omm_json([omm_fields(Sample())]).removesuffix("]") + "{" * 10_000))
    assert [type(row) for row in rows] == [ElementSet] + [Fault] * 201
    assert "record 202: comes after 200 broken records" in str(rows[-1])


def test_json_nested_without_end_is_a_fault() -> None:
    rows = list(read_omm_json('[{"a":' + "[" * 100_000))
    assert all(isinstance(row, Fault) for row in rows)


# -------------------------------------------------------------------------------------------------------------- CSV


def test_csv_rows_with_lost_or_extra_cells_are_named_by_line() -> None:
    lines = omm_csv([omm_fields(Sample(name=name, number=count)) for count, name in enumerate("ABC", start=1)])
    first, second, third, fourth = lines.splitlines(keepends=True)
    rows = list(read_omm_csv([first, "\n", second, third.replace(",U,", ","), fourth.rstrip() + ",9"]))
    assert [row.name if isinstance(row, ElementSet) else str(row) for row in rows] == [
        "A",
        "line 4: has 16 cells, but the heading has 17",
        "line 5: has 18 cells, but the heading has 17",
    ]


def test_csv_unknown_columns_are_left_alone() -> None:
    (row,) = read_omm_csv(omm_csv([omm_fields(Sample()) | {"RMS": "0.1", "DATA_SOURCE": "SpaceX-E"}]).splitlines())
    assert isinstance(row, ElementSet)


def test_csv_that_is_none_from_some_line_on() -> None:
    lines = [*omm_csv([omm_fields(Sample())]).splitlines(keepends=True), '"', *("x" * 100_000,) * 3]
    rows = list(read_omm_csv(lines))
    assert [type(row) for row in rows] == [ElementSet, Fault]
    assert str(rows[1]) == "line 3: is not CSV; this line and all after it are left out"


def test_csv_of_nothing() -> None:
    assert list(read_omm_csv(["\n", ""])) == []


# -------------------------------------------------------------------------------------------------------------- XML


def test_xml_that_breaks_off_gives_what_is_whole() -> None:
    text = omm_xml([omm_fields(Sample(name=name, number=count)) for count, name in enumerate("AB", start=1)])
    rows = list(read_omm_xml(text[: text.rindex("<BSTAR>")].encode()))
    assert [type(row) for row in rows] == [ElementSet, Fault]
    assert "is not well-formed XML" in str(rows[1])


def test_xml_with_namespaces_and_one_message_alone() -> None:
    text = omm_xml([omm_fields(Sample())]).replace("<ndm>\n", "").replace("</ndm>\n", "")
    (row,) = read_omm_xml(text.replace("<omm ", '<omm xmlns="urn:ccsds:schema:ndmxml" ').encode())
    assert isinstance(row, ElementSet)


def test_xml_that_defines_entities_is_refused() -> None:
    bomb = '<!DOCTYPE ndm [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><ndm>&b;</ndm>'
    (fault,) = read_omm_xml(bomb.encode())
    assert fault == Fault("record 1", "the XML is refused: EntitiesForbidden")


def test_xml_in_an_unknown_encoding_is_refused() -> None:
    (fault,) = read_omm_xml(b'<?xml version="1.0" encoding="klingon"?><ndm/>')
    assert isinstance(fault, Fault)


# -------------------------------------------------------------------------------------------------------------- KVN


def test_kvn_units_signs_and_comments() -> None:
    text = omm_kvn([omm_fields(Sample())])
    text = text.replace("= 15.46851868", "= +15.46851868 [rev/day]").replace("= 44714", "= +0044714")
    (row,) = read_omm_kvn(text.splitlines())
    assert isinstance(row, ElementSet)
    assert (row.mean_motion_rev_day, row.catalogue_number) == (15.46851868, 44714)


def test_kvn_messages_without_a_version_begin_with_the_name() -> None:
    one = "".join(f"{keyword}={value}\n" for keyword, value in omm_fields(Sample()).items())
    assert [type(row) for row in read_omm_kvn((one + one).splitlines())] == [ElementSet, ElementSet]


def test_kvn_lines_that_are_none_spoil_their_message_only() -> None:
    good = omm_kvn([omm_fields(Sample())])
    broken = good.replace("ECCENTRICITY        =", "ECCENTRICITY").replace("INCLINATION         =", "INCLINATION")
    rows = list(read_omm_kvn((good + broken + good).splitlines()))
    assert [type(row) for row in rows] == [ElementSet, Fault, ElementSet]
    assert str(rows[1]) == "line 23: line 32 is no KEYWORD = VALUE: 'ECCENTRICITY 0.0002533'"
