"""Built-in constellations: complete descriptions whose figures agree with the sky and the filings."""

import subprocess
import sys
from math import degrees, tau
from pathlib import Path

import numpy as np
import pytest

from skycommons.base.errors import InputError
from skycommons.model.presets import preset, preset_names
from skycommons.orbit.walker import walker_elements

FILED_SATELLITES = {
    "starlink-gen1": 4408,
    "starlink-gen2-filed": 10_080,
    "kuiper": 3236,
    "oneweb": 588,
    "telesat": 1671,
    "iridium": 66,
}
IN_THE_SKY_2026_05_21 = {43: 3640, 53: 4923, 70: 711, 97: 1085}


@pytest.mark.parametrize("name", preset_names())
def test_every_preset_says_what_it_is_and_where_it_comes_from(name: str) -> None:
    constellation = preset(name)
    assert constellation.name == name
    assert constellation.title
    assert constellation.description
    assert constellation.source
    assert len({part.shell.name for part in constellation.shells}) == len(constellation.shells)
    for part in constellation.shells:
        assert part.source
        assert part.assumed
        assert (part.flying is not None) == part.fitted


@pytest.mark.parametrize("name", preset_names())
def test_every_shell_flies_in_low_earth_orbit(name: str) -> None:
    for part in preset(name).shells:
        elements = walker_elements(part.shell, 0)
        assert len(elements) == len(part.shell)
        revolutions_per_day = elements.mean_motion_rad_s * 86_400.0 / tau
        assert np.all((revolutions_per_day > 12.0) & (revolutions_per_day < 16.0))
        assert 0.0 < part.shell.inclination_rad < np.pi
        assert 0.0 <= part.shell.phasing < part.shell.planes


@pytest.mark.parametrize("name", FILED_SATELLITES)
def test_filed_fleets_have_their_published_size(name: str) -> None:
    assert len(preset(name)) == FILED_SATELLITES[name]
    assert not any(part.fitted for part in preset(name).shells)


def test_the_fleet_of_2026_matches_the_sky_by_inclination() -> None:
    """Counts within 3 % of the element sets of 2026-05-21, in all and for each inclination."""
    fleet = preset("starlink-2026")
    assert len(fleet) == pytest.approx(10_359, rel=0.03)
    for inclination_deg, count in IN_THE_SKY_2026_05_21.items():
        parts = [p for p in fleet.shells if int(degrees(p.shell.inclination_rad)) == inclination_deg]
        assert sum(len(part.shell) for part in parts) == pytest.approx(count, rel=0.03)


def test_the_fleet_of_2026_has_the_generations_that_fly() -> None:
    assert {part.generation for part in preset("starlink-2026").shells} == {"v1.5", "v2-mini", "direct-to-cell"}


def test_no_shell_is_smaller_than_what_flies_in_it_by_more_than_a_tenth() -> None:
    for part in preset("starlink-2026").shells:
        assert part.flying is not None
        assert len(part.shell) > 0.9 * part.flying


def test_an_unknown_name_lists_all_names() -> None:
    with pytest.raises(InputError, match=r"no preset 'kuyper'; did you mean kuiper\?") as caught:
        preset("kuyper")
    assert all(name in str(caught.value) for name in preset_names())
    with pytest.raises(InputError, match="The presets are"):
        preset("../pyproject")


def test_presets_show_their_size() -> None:
    assert repr(preset("iridium")) == "<Preset 'iridium': 66 satellites in 1 shells>"


def test_the_figures_come_from_a_command(repository: Path, shared_data: Path) -> None:
    """The fit, run again on the real catalogue, gives the altitudes, planes and counts that the preset states."""
    catalogue = shared_data / "catalogues" / "starlink_2026-05-21.tle"
    script = repository / "scripts" / "fit_shells.py"
    done = subprocess.run([sys.executable, script, catalogue], capture_output=True, text=True, check=True, timeout=120)
    rows = [line.split() for line in done.stdout.splitlines() if "between" not in line and line[:6].strip().isdigit()]
    fitted = {(int(row[0]), float(row[1]), float(row[2]), float(row[9])) for row in rows}
    stated = {
        (
            part.flying,
            round(degrees(part.shell.inclination_rad), 2),
            round(part.shell.altitude_m / 1e3, 1),
            round(degrees(part.shell.raan_offset_rad), 2),
        )
        for part in preset("starlink-2026").shells
    }
    for flying, inclination_deg, altitude_km, offset_deg in stated:
        near = [row for row in fitted if row[:3] == (flying, inclination_deg, altitude_km)]
        assert len(near) == 1
        assert offset_deg in (0.0, near[0][3])


@pytest.mark.parametrize(
    ("planes", "slots", "inclination_deg", "altitude_km", "expected"),
    [(36, 36, 42.0, 610.0, "F = 11: no two satellites come closer than 55.9 km"),
     (22, 72, 53.0, 550.0, "F = 17: no two satellites come closer than 61.8 km")],
)  # fmt: skip
def test_assumed_phasings_follow_the_published_analysis(
    repository: Path, planes: int, slots: int, inclination_deg: float, altitude_km: float, expected: str
) -> None:
    """Liang, Chaudhry and Yanikomeroglu 2021 (arXiv 2109.13994) give 11 and 55.89 km, and 17 and 61.83 km."""
    arguments = [str(value) for value in (planes, slots, inclination_deg, altitude_km)]
    script = repository / "scripts" / "fit_shells.py"
    done = subprocess.run(
        [sys.executable, script, "--phasing", *arguments], capture_output=True, text=True, check=True, timeout=60
    )
    assert expected in done.stdout
