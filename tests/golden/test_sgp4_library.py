"""Every satellite of the real catalogues, against the ``sgp4`` library's own readers and its own propagator.

The authority: python-sgp4, which wraps Vallado's C++ code (AIAA 2006-6753). Asked at 21 instants over ten days.
"""

import json
import re
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sgp4 import omm
from sgp4.api import Satrec, SatrecArray

from skycommons.base.arrays import Bools, Floats, Ints
from skycommons.model.catalogues import read_catalogue
from skycommons.orbit.frames import inertial
from skycommons.orbit.sgp4 import Propagator, StateVectors
from skycommons.orbit.time import julian_date

MILLIMETRE_KM = 1.0e-6
MICROMETRE_PER_S_KM_S = 1.0e-9
TEN_DAYS = np.linspace(0, 864_000, 21).astype(np.int64) * 1_000_000_000
DAY_NS = 86_400_000_000_000
UNIX = datetime(1970, 1, 1)  # noqa: DTZ001 -- the library, too, reads the times of an OMM without a zone


def assert_same(ours: StateVectors, theirs: tuple[Bools, Floats, Floats]) -> None:
    """The same masks, and states that differ by less than a millimetre."""
    valid, position_km, velocity_km_s = theirs
    np.testing.assert_array_equal(ours.valid, valid)
    assert np.isnan(ours.position_m[~valid]).all()
    assert np.isnan(ours.velocity_m_s[~valid]).all()
    assert np.abs(ours.position_m[valid] / 1e3 - position_km[valid]).max() < MILLIMETRE_KM
    assert np.abs(ours.velocity_m_s[valid] / 1e3 - velocity_km_s[valid]).max() < MICROMETRE_PER_S_KM_S


@pytest.mark.parametrize("name", ["starlink_2024-07-17.tle", "starlink_tma25.tle", "starlink_2026-05-21.tle"])
def test_every_satellite_of_a_tle_catalogue_flies_as_the_library_says(shared_data: Path, name: str) -> None:
    """Some thousand satellites, those that decay within the ten days included."""
    path = shared_data / "catalogues" / name
    elements = read_catalogue(path).elements
    pairs = re.findall(r"^(1 .{67})\s*\n(2 .{67})", path.read_text(), flags=re.MULTILINE)
    records = {int(second[2:7]): Satrec.twoline2rv(first, second) for first, second in pairs}
    assert sorted(records) == sorted(elements.catalogue_number)

    time_ns = int(np.median(elements.epoch_ns)) + TEN_DAYS
    fleet = SatrecArray([records[int(number)] for number in elements.catalogue_number])
    error, position_km, velocity_km_s = fleet.sgp4(*julian_date(time_ns))

    propagator = Propagator.prepare(elements)
    assert len(propagator.library_rows) == 0, "the kernel itself is on trial"
    ours = propagator(time_ns, inertial(len(time_ns)))
    assert 0 < (~ours.valid).sum() < 0.01 * ours.valid.size
    assert_same(ours, ((error == 0).T, position_km.swapaxes(0, 1), velocity_km_s.swapaxes(0, 1)))


def test_every_satellite_of_an_omm_catalogue_flies_as_the_library_says(shared_data: Path) -> None:
    """Asked by the time since the file's epoch: the library's reader of OMM keeps absolute epochs to 0.4 µs (3 mm) only."""
    path = shared_data / "catalogues" / "starlink_omm_2024-05-20.json"
    elements = read_catalogue(path).elements
    messages = {int(message["NORAD_CAT_ID"]): message for message in json.loads(path.read_text())}
    assert sorted(messages) == sorted(elements.catalogue_number)

    time_ns = int(np.median(elements.epoch_ns)) + TEN_DAYS
    states = [omm_states(messages[int(number)], time_ns) for number in elements.catalogue_number]
    error, position_km, velocity_km_s = (np.stack(column, axis=1) for column in zip(*states, strict=True))
    assert_same(Propagator.prepare(elements)(time_ns, inertial(len(time_ns))), (error == 0, position_km, velocity_km_s))


def omm_states(message: dict[str, Any], time_ns: Ints) -> tuple[Ints, Floats, Floats]:
    """What the library makes of one message."""
    record = Satrec()
    omm.initialize(record, {key: str(value) for key, value in message.items()})
    since = datetime.fromisoformat(message["EPOCH"]) - UNIX
    epoch_ns = (since.days * 86_400 + since.seconds) * 1_000_000_000 + since.microseconds * 1_000
    days = (time_ns - epoch_ns) / DAY_NS
    error, position_km, velocity_km_s = record.sgp4_array(
        np.full(len(days), record.jdsatepoch), record.jdsatepochF + days
    )
    return error, position_km, velocity_km_s
