"""The comparison with the simulator's tables, on tables made by the plainest search."""

import gzip
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from skycommons.base.arrays import Floats
from skycommons.base.errors import GroundError, InputError
from skycommons.cli import main
from skycommons.model.catalogues import parse_catalogue
from skycommons.orbit.ephemeris import propagate
from skycommons.orbit.time import SiderealOnly
from skycommons.studies.validate_satgenpy import ConstellationResult, validate_satgenpy
from tests.support.element_texts import Sample, tle_text
from tests.support.networks import above
from tests.support.plain_search import least_costs

EPOCH_NS = 946_684_800 * 10**9  # 2000-01-01
LIGHT_SPEED_M_S = 299_792_458.0
MAX_GROUND_LINK_M, MAX_LASER_M = 4_000e3, 9_000e3
STATIONS = [(5.0, 0.0), (-5.0, 60.0), (85.0, 170.0)]  # no satellite comes near the last one
PLANES, SLOTS = 3, 6
SAMPLES = [
    Sample(
        name=f"toy {row}",
        object_id="2000-001A",
        number=row + 1,
        epoch_ns=EPOCH_NS,
        mean_motion_rev_day=13.5,
        eccentricity=1e-7,
        inclination_deg=30.0,
        raan_deg=20.0 * (row // SLOTS),
        arg_perigee_deg=0.0,
        mean_anomaly_deg=60.0 * (row % SLOTS),
        bstar_mantissa=0,
        bstar_exponent=0,
    )
    for row in range(PLANES * SLOTS)
]
PAIRS = [
    (plane * SLOTS + slot, other)
    for plane in range(PLANES)
    for slot in range(SLOTS)
    for other in (plane * SLOTS + (slot + 1) % SLOTS, (plane + 1) * SLOTS + slot)
    if other < PLANES * SLOTS
]


def station_m() -> Floats:
    """Where the ground stations stand."""
    return np.array([above(latitude, longitude, 0.0) for latitude, longitude in STATIONS])


def expected_ms(time_s: int, source: int, target: int) -> float:
    """Round-trip time by Dijkstra's algorithm under the simulator's rules."""
    elements = parse_catalogue(tle_text(SAMPLES).encode(), "toy").elements
    time_ns = np.array([EPOCH_NS + time_s * 10**9])
    position_m = propagate(elements, time_ns, orientation=SiderealOnly()).position_itrf_m[0]
    edges = [(a, b, float(np.linalg.norm(position_m[a] - position_m[b]))) for a, b in PAIRS]
    down_m, up_m = (np.linalg.norm(position_m - station_m()[end], axis=1) for end in (target, source))
    seeds = {sat: float(down_m[sat]) for sat in range(len(SAMPLES)) if down_m[sat] <= MAX_GROUND_LINK_M}
    cost, _ = least_costs(len(SAMPLES), [edge for edge in edges if edge[2] <= MAX_LASER_M], seeds)
    total_m = min(
        (up_m[sat] + cost[sat] for sat in range(len(SAMPLES)) if up_m[sat] <= MAX_GROUND_LINK_M), default=np.inf
    )
    return float(total_m) / LIGHT_SPEED_M_S * 2e3


def rows_of(*asked: tuple[int, int, int]) -> str:
    """The simulator's table."""
    lines = ["t_s,src_gid,dst_gid,src,dst,reachable,rtt_ms,hops,path_fwd"]
    for time_s, source, target in asked:
        rtt_ms = expected_ms(time_s, source, target)
        found = np.isfinite(rtt_ms)
        lines.append(f"{time_s},{source},{target},a,b,{int(found)},{f'{rtt_ms:.6f}' if found else ''},1,")
    return "\n".join(lines) + "\n"


ASKED = [(0, 0, 1), (0, 1, 0), (0, 0, 2), (600, 0, 1), (600, 2, 1)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder as the simulator leaves it, with one toy constellation."""
    parameters = {
        "epoch": "2000-01-01 00:00:00 (as in the element sets)",
        "max_gsl_length_m": MAX_GROUND_LINK_M,
        "max_isl_length_m": MAX_LASER_M,
    }
    (tmp_path / "params.json").write_text(json.dumps({"constellations": {"toy": parameters}}))
    zipped(tmp_path / "toy_tles.txt.gz", f"{PLANES} {SLOTS}\n{tle_text(SAMPLES)}")
    zipped(tmp_path / "toy_isls.txt.gz", "".join(f"{a} {b}\n" for a, b in PAIRS))
    stations = "".join(f"{row},name,{x:.6f},{y:.6f},{z:.6f}\n" for row, (x, y, z) in enumerate(station_m()))
    (tmp_path / "ground_stations_top100.csv").write_text(f"gid,name,ecef_x_m,ecef_y_m,ecef_z_m\n{stations}")
    (tmp_path / "toy_pairs_rtt.csv").write_text(rows_of(*ASKED))
    return tmp_path


def zipped(path: Path, text: str) -> None:
    """Write a compressed text."""
    path.write_bytes(gzip.compress(text.encode()))


def compared(folder: Path) -> ConstellationResult:
    """The only result."""
    (result,) = validate_satgenpy(folder)
    return result


def test_equal_tables_agree(folder: Path) -> None:
    """Reached and unreachable rows alike."""
    reached = [np.isfinite(expected_ms(*asked)) for asked in ASKED]
    assert 0 < sum(reached) < len(reached)
    result = compared(folder)
    assert (result.name, result.rows, result.rows_within_1us) == ("toy", 5, 5)
    assert result.max_difference_ms < 1e-5
    assert result.differing == ()


def altered(folder: Path, row: int, **values: str) -> None:
    """Change cells of a row of the table."""
    path = folder / "toy_pairs_rtt.csv"
    lines = path.read_text().splitlines()
    cells = dict(zip(lines[0].split(","), lines[1 + row].split(","), strict=True)) | values
    lines[1 + row] = ",".join(cells.values())
    path.write_text("\n".join(lines) + "\n")


def test_a_row_that_differs_is_described(folder: Path) -> None:
    """With both times, and how near its ground links come to the range limit."""
    true_ms = expected_ms(0, 0, 1)
    altered(folder, 0, rtt_ms=f"{true_ms + 0.25:.6f}")
    result = compared(folder)
    assert result.rows_within_1us == 4
    np.testing.assert_allclose(result.max_difference_ms, 0.25, atol=1e-5)
    (row,) = result.differing
    assert (row["t_s"], row["src_gid"], row["dst_gid"]) == (0, 0, 1)
    np.testing.assert_allclose([row["rtt_ms"], row["their_rtt_ms"]], [true_ms, true_ms + 0.25], atol=1e-5)
    elements = parse_catalogue(tle_text(SAMPLES).encode(), "toy").elements
    position_m = propagate(elements, np.array([EPOCH_NS]), orientation=SiderealOnly()).position_itrf_m[0]
    distance_m = np.linalg.norm(position_m[None] - station_m()[:2, None], axis=2)
    np.testing.assert_allclose(row["range_limit_margin_m"], np.abs(distance_m - MAX_GROUND_LINK_M).min(), rtol=1e-6)


def test_a_path_that_only_one_of_the_two_finds_is_an_infinite_difference(folder: Path) -> None:
    """In either direction."""
    reached = [bool(np.isfinite(expected_ms(*asked))) for asked in ASKED]
    altered(folder, reached.index(True), reachable="0", rtt_ms="")
    assert compared(folder).max_difference_ms == np.inf
    altered(folder, reached.index(False), reachable="1", rtt_ms="50.0")
    assert compared(folder).rows_within_1us == 3


def test_the_command_prints_every_constellation_as_json(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With the counts that a script asks for."""
    assert main(["validate", "satgenpy", "--dir", str(folder), "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)["toy"]
    assert answer["rows"] == answer["rows_within_1us"] == 5
    assert answer["differing_rows"] == []
    assert answer["max_difference_ms"] < 1e-5


def test_a_folder_without_tables_is_refused(tmp_path: Path) -> None:
    """It says which files are looked for."""
    with pytest.raises(InputError, match=r"no NAME_pairs_rtt\.csv"):
        validate_satgenpy(tmp_path)


def _no_parameters(folder: Path) -> None:
    (folder / "params.json").unlink()


def _parameters_of_others(folder: Path) -> None:
    (folder / "params.json").write_text('{"constellations": {}}')


def _parameters_of_another_kind(folder: Path) -> None:
    (folder / "params.json").write_text("[1, 2]")


def _epoch_of_no_time(folder: Path) -> None:
    path = folder / "params.json"
    parameters: dict[str, Any] = json.loads(path.read_text())
    parameters["constellations"]["toy"]["epoch"] = "yesterday"
    path.write_text(json.dumps(parameters))


def _torn_lasers(folder: Path) -> None:
    path = folder / "toy_isls.txt.gz"
    path.write_bytes(path.read_bytes()[:-12])


def _damaged_lasers(folder: Path) -> None:
    path = folder / "toy_isls.txt.gz"
    data = bytearray(path.read_bytes())
    data[14:24] = b"\xff" * 10
    path.write_bytes(data)


def _laser_to_nowhere(folder: Path) -> None:
    zipped(folder / "toy_isls.txt.gz", "0 18\n")


def _laser_of_three(folder: Path) -> None:
    zipped(folder / "toy_isls.txt.gz", "0 1 2\n")


def _station_that_is_not_there(folder: Path) -> None:
    altered(folder, 0, dst_gid="3")


def _negative_station(folder: Path) -> None:
    altered(folder, 0, src_gid="-1")


def _time_in_words(folder: Path) -> None:
    altered(folder, 0, t_s="noon")


def _satellites_too_few(folder: Path) -> None:
    zipped(folder / "toy_tles.txt.gz", f"4 6\n{tle_text(SAMPLES)}")


def _satellites_without_a_head(folder: Path) -> None:
    zipped(folder / "toy_tles.txt.gz", tle_text(SAMPLES))


@pytest.mark.parametrize(
    "spoil",
    [
        _no_parameters,
        _parameters_of_others,
        _parameters_of_another_kind,
        _epoch_of_no_time,
        _torn_lasers,
        _damaged_lasers,
        _laser_to_nowhere,
        _laser_of_three,
        _station_that_is_not_there,
        _negative_station,
        _time_in_words,
        _satellites_too_few,
        _satellites_without_a_head,
    ],
)
def test_files_that_are_not_the_simulators_are_refused(folder: Path, spoil: Any) -> None:
    """As an error of the input, never as a traceback."""
    spoil(folder)
    with pytest.raises(InputError):
        validate_satgenpy(folder)
    assert main(["validate", "satgenpy", "--dir", str(folder)]) == 2


def test_no_element_set_may_be_lost(folder: Path) -> None:
    """A damaged one would shift all rows behind it."""
    text = tle_text([replace(SAMPLES[0], name="toy first"), *SAMPLES[1:]])
    zipped(folder / "toy_tles.txt.gz", f"{PLANES} {SLOTS}\n{text.replace('13.5', '13.6', 1)}")
    with pytest.raises(InputError, match="fault"):
        validate_satgenpy(folder)


def test_files_are_named_in_the_message(folder: Path) -> None:
    """So that somebody can mend them."""
    _laser_to_nowhere(folder)
    with pytest.raises(GroundError, match="a laser of toy names number 18 of 18"):
        validate_satgenpy(folder)


def test_files_may_be_plain_instead_of_gzipped(folder: Path) -> None:
    """The simulator itself writes them so."""
    before = compared(folder)
    for name in ("toy_tles.txt", "toy_isls.txt"):
        packed = folder / f"{name}.gz"
        (folder / name).write_bytes(gzip.decompress(packed.read_bytes()))
        packed.unlink()
    assert compared(folder) == before


def test_a_missing_list_of_stations_is_named(folder: Path) -> None:
    """By the name that is looked for."""
    for path in folder.glob("ground_stations*.csv"):
        path.unlink()
    with pytest.raises(GroundError, match=r"ground_stations\.csv"):
        validate_satgenpy(folder)
