"""The borders that travel with the package: areas of countries, to say which cells a territory has.

Rules: the borders are those of Natural Earth as they are, one view of the world among several: `WORLDVIEW` names it, and says
that it shows who is in control rather than who has a right, and that it illustrates. It is no statement by this software
or its authors about any border or about the status of any area. Whoever has another view brings own areas. Areas are asked
for by ISO 3166-1 code; the source has five without a code, which are asked for by their name in it.

Accuracy: lines of 1:50 million, right to a few kilometres, a fraction of a cell; small islands are absent.
Source: Natural Earth (public domain) by way of ``world-atlas`` 2.0.2; written by ``scripts/make_borders.py``.
"""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Final

import numpy as np

from skycommons.base.arrays import Floats
from skycommons.base.errors import InputError
from skycommons.model.documents_read import did_you_mean
from skycommons.model.regions import Region

WORLDVIEW: Final = "natural-earth, de facto, illustrative"
SOURCE: Final = "Natural Earth 1:50 million"

_USUAL: Final = MappingProxyType(
    {"UK": "GB", "EL": "GR", "XK": "Kosovo"}
)  # codes in use that ISO 3166-1 does not assign


@cache
def country_names() -> Mapping[str, str]:
    """Every area that can be asked for, with its name in the source: by code, or by that name where it has no code."""
    return MappingProxyType({area["code"] or area["name"]: area["name"] for area in _document()["areas"]})


@cache
def country(code: str) -> Region:
    """The area of a country.

    Args:
        code: Two letters of ISO 3166-1, or the name of an area without a code.
    Raises:
        InputError: There is no such area; the message names the nearest one, or where the source draws it.
    >>> country("CH").contains(np.radians([46.95]), np.radians([7.45])).tolist()
    [True]
    """
    area = next((area for area in _document()["areas"] if code == (area["code"] or area["name"])), None)
    if area is None:
        raise InputError(_unknown(code))
    arcs = _arcs()
    polygons = [[_ring(ring, arcs) for ring in polygon] for polygon in area["polygons"]]
    return Region.stitched(area["name"], polygons)


def _unknown(code: str) -> str:
    """Why there is no area for a code, and what to write instead."""
    document, names = _document(), country_names()
    if code in document["within"]:
        return f"these borders draw {code} as part of {document['within'][code]!r}; give its area as a file"
    if code in document["absent"]:
        return f"these borders are too coarse to draw {code}; give its area as a file"
    by_name = {name.casefold(): key for key, name in names.items()}
    wanted = _USUAL.get(code) or (code.upper() if code.upper() in names else by_name.get(code.casefold()))
    hint = f"; did you mean {wanted}?" if wanted else did_you_mean(code, [*names, *names.values()])
    return f"there is no country {code!r}{hint or '; write two letters of ISO 3166-1'}"


def _ring(indices: Sequence[int], arcs: Sequence[Floats]) -> Floats:
    """A closed ring from its arcs; ``~index`` is an arc walked backwards, and each starts where the last one ended."""
    parts = [arcs[index] if index >= 0 else arcs[~index][::-1] for index in indices]
    return np.concatenate([parts[0], *(part[1:] for part in parts[1:])])


@cache
def _arcs() -> tuple[Floats, ...]:
    """All lines in degrees: sums of steps on the source's grid."""
    document = _document()
    steps = (np.array(arc, dtype=np.int64).reshape(-1, 2) for arc in document["arcs"])
    return tuple(np.cumsum(arc, axis=0) * document["scale"] + document["translate"] for arc in steps)


@cache
def _document() -> dict[str, Any]:
    """The packaged file."""
    text = files("skycommons").joinpath("data/borders.json").read_text(encoding="utf-8")
    document: dict[str, Any] = json.loads(text)
    return document
