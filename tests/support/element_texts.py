"""Element sets as files hold them, written for tests: TLE, and OMM in JSON, CSV, XML and KVN."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from skycommons.model.alpha5 import encode_number

DAY_NS = 86_400_000_000_000
TLE_TICK_NS = 864_000  # 1e-8 day, the resolution of a TLE's epoch


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One satellite, in the units of the files and no finer than a TLE can hold."""

    name: str = "STARLINK-1008"
    object_id: str = "2019-074B"
    number: int = 44714
    epoch_ns: int = 1_779_235_200_000_000_000  # 2026-05-20
    mean_motion_rev_day: float = 15.46851868
    eccentricity: float = 0.0002533
    inclination_deg: float = 53.1522
    raan_deg: float = 200.0563
    arg_perigee_deg: float = 31.1948
    mean_anomaly_deg: float = 328.9209
    bstar_mantissa: int = 21079
    bstar_exponent: int = -3

    @property
    def bstar(self) -> float:
        return float(f"{self.bstar_mantissa}e{self.bstar_exponent - 5}")


def sealed(line: str) -> str:
    """A line of 68 characters with its checksum."""
    total = sum(int(sign) if sign.isdigit() else sign == "-" for sign in line)
    return f"{line}{total % 10}"


def tle_lines(sample: Sample) -> list[str]:
    """Title, line 1 and line 2."""
    start = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=sample.epoch_ns // DAY_NS)
    fraction = sample.epoch_ns % DAY_NS // TLE_TICK_NS
    epoch = f"{start.year % 100:02d}{start.timetuple().tm_yday:03d}.{fraction:08d}"
    number = encode_number(sample.number)
    designator = sample.object_id[2:4] + sample.object_id[5:] if sample.object_id else ""
    sign = "-" if sample.bstar_mantissa < 0 else " "
    bstar = f"{sign}{abs(sample.bstar_mantissa):05d}{sample.bstar_exponent:+d}"
    one = f"1 {number}U {designator:8} {epoch}  .00010339  00000+0 {bstar} 0  999"
    two = (
        f"2 {number} {sample.inclination_deg:8.4f} {sample.raan_deg:8.4f} {round(sample.eccentricity * 1e7):07d} "
        f"{sample.arg_perigee_deg:8.4f} {sample.mean_anomaly_deg:8.4f} {sample.mean_motion_rev_day:11.8f}35995"
    )
    return [sample.name, sealed(one), sealed(two)]


def tle_text(samples: Sequence[Sample], *, end: str = "\n") -> str:
    """A three-line catalogue; titles are left out where a name is empty."""
    return "".join(line + end for sample in samples for line in tle_lines(sample) if line)


def omm_fields(sample: Sample) -> dict[str, object]:
    """The keywords that CelesTrak's JSON has."""
    seconds, fraction_ns = divmod(sample.epoch_ns, 10**9)
    instant = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    return {
        "OBJECT_NAME": sample.name,
        "OBJECT_ID": sample.object_id,
        "EPOCH": f"{instant:%Y-%m-%dT%H:%M:%S}.{fraction_ns:09d}",
        "MEAN_MOTION": sample.mean_motion_rev_day,
        "ECCENTRICITY": sample.eccentricity,
        "INCLINATION": sample.inclination_deg,
        "RA_OF_ASC_NODE": sample.raan_deg,
        "ARG_OF_PERICENTER": sample.arg_perigee_deg,
        "MEAN_ANOMALY": sample.mean_anomaly_deg,
        "EPHEMERIS_TYPE": 0,
        "CLASSIFICATION_TYPE": "U",
        "NORAD_CAT_ID": sample.number,
        "ELEMENT_SET_NO": 999,
        "REV_AT_EPOCH": 35995,
        "BSTAR": sample.bstar,
        "MEAN_MOTION_DOT": 0.00010339,
        "MEAN_MOTION_DDOT": 0,
    }


def omm_json(records: Sequence[Mapping[str, object]]) -> str:
    return json.dumps(list(records), indent=2)


def omm_csv(records: Sequence[Mapping[str, object]], *, delimiter: str = ",", end: str = "\n") -> str:
    rows = [list(records[0]), *([str(value) for value in record.values()] for record in records)]
    return "".join(delimiter.join(row) + end for row in rows)


def omm_kvn(records: Sequence[Mapping[str, object]]) -> str:
    return "".join(
        "CCSDS_OMM_VERS = 2.0\nCOMMENT made for tests\nCREATION_DATE =\nORIGINATOR =\n\n"
        + "".join(f"{keyword:19} = {value}\n" for keyword, value in record.items())
        for record in records
    )


def omm_xml(records: Sequence[Mapping[str, object]]) -> str:
    def message(record: Mapping[str, object]) -> str:
        leaves = "".join(f"<{keyword}>{value}</{keyword}>" for keyword, value in record.items())
        return (
            '<omm id="CCSDS_OMM_VERS" version="2.0"><header><ORIGINATOR/></header>'
            f"<body><segment><metadata><REF_FRAME>TEME</REF_FRAME></metadata><data>{leaves}</data></segment></body></omm>\n"
        )

    return '<?xml version="1.0" encoding="UTF-8"?>\n<ndm>\n' + "".join(map(message, records)) + "</ndm>\n"
