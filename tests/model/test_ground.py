"""Lists of gateways and PoPs: every form and column is understood, and every bad row is reported."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skycommons.base.errors import GroundError, InputError
from skycommons.model.ground import (
    COLUMNS,
    KIND_WORDS,
    NOT_OPERATIONAL,
    GroundFile,
    GroundSite,
    parse_ground,
    read_countries,
    read_ground,
    unique_names,
)
from skycommons.model.world import SiteKind


def csv_file(*lines: str) -> bytes:
    return "\n".join(lines).encode()


def faults(data: bytes) -> list[str]:
    """Faults of a file that still has a usable row."""
    return [str(fault) for fault in parse_ground(data, "list").faults]


def refusal(data: bytes, kind: SiteKind | None = None) -> str:
    with pytest.raises(GroundError) as caught:
        parse_ground(data, "list", kind=kind)
    return str(caught.value)


# The lists that people publish


def test_the_list_of_march_2026_loads_as_it_is(shared_data: Path) -> None:
    ground = read_ground(shared_data / "ground" / "gateways_2026-03.csv")
    assert not ground.faults
    assert len(ground.of_kind(SiteKind.GATEWAY)) == 307
    assert len(ground.of_kind(SiteKind.POP)) == 50
    operational = ground.operational()
    assert len(operational.of_kind(SiteKind.GATEWAY)) == 214
    assert len(operational.of_kind(SiteKind.POP)) == 35


def test_the_list_of_2024_loads_as_it_is(shared_data: Path) -> None:
    ground = read_ground(shared_data / "ground" / "gateways_2024_starperf.csv")
    assert not ground.faults
    assert len(ground.sites) == len({site.name for site in ground.sites}) == 261
    assert all(site.kind is SiteKind.GATEWAY and site.antennas in {2, 4, 5, 8, 12, 32, 40} for site in ground.sites)


def test_the_unofficial_map_loads_as_it_is(shared_data: Path) -> None:
    """Its folder of PoPs makes PoPs, its folders of continents gateways; what is not built is not operational."""
    path = shared_data / "ground" / "gateways_pops_unofficial_map_2024.csv"
    ground = read_ground(path)
    assert not ground.faults
    assert len(ground.of_kind(SiteKind.POP)) == 19
    assert len(ground.of_kind(SiteKind.GATEWAY)) == 198
    assert len(ground.operational().of_kind(SiteKind.GATEWAY)) == 163
    assert read_ground(path, kind=SiteKind.POP).other_kind == 198


def test_the_pops_of_april_2026_load_as_they_are(shared_data: Path) -> None:
    """Six rows stand for ships and unknown places at 0, 0; three cities have two PoPs."""
    ground = read_ground(shared_data / "ground" / "pops_2026-04.csv", kind=SiteKind.POP)
    assert len(ground.sites) == 65
    assert ground.other_kind == 2
    assert [fault.place for fault in ground.faults][:3] == ["line 53", "line 54", "line 55"]
    assert {"Seattle", "Seattle #2", "Jakarta #2"} <= {site.name for site in ground.sites}


def test_the_list_of_countries_is_not_a_list_of_sites(shared_data: Path) -> None:
    path = shared_data / "ground" / "starlink_countries_2024-02-05.csv"
    with pytest.raises(GroundError, match=r"a list of names without coordinates.*read_countries"):
        read_ground(path)
    countries = read_countries(path)
    assert len(countries) == 80
    assert countries[0] == "Australia"


# Columns


@pytest.mark.parametrize("latitude", COLUMNS["latitude_deg"])
@pytest.mark.parametrize("longitude", COLUMNS["longitude_deg"])
def test_columns_of_coordinates_are_found_by_any_synonym_and_case(latitude: str, longitude: str) -> None:
    site = parse_ground(csv_file(f"{longitude.upper()},{latitude.title()}", "8.54,47.37"), "list").sites[0]
    assert (site.latitude_deg, site.longitude_deg) == (47.37, 8.54)
    assert site.name == "site line 2"


def test_every_column_reaches_its_attribute() -> None:
    data = csv_file(
        "Site Name;LAT;LNG;Height (m);Type;Status;Minimum Elevation [deg];Antenna-Count",
        'Zürich "West";47.37;8.54;408;PoP;planned;25;8.0',
    )
    assert parse_ground(data, "list").sites == (
        GroundSite(
            name='Zürich "West"',
            latitude_deg=47.37,
            longitude_deg=8.54,
            height_m=408.0,
            kind=SiteKind.POP,
            status="planned",
            min_elevation_deg=25.0,
            antennas=8,
        ),
    )


def test_the_better_synonym_wins_and_an_empty_cell_gives_way() -> None:
    data = csv_file("code,city,lat,lon", "zrh1,Zurich,47.4,8.5", "gva1,,46.2,6.1", ",,1,1")
    assert [site.name for site in parse_ground(data, "list").sites] == ["Zurich", "gva1", "site line 4"]


def test_every_synonym_and_status_is_documented(repository: Path) -> None:
    page = (repository / "docs" / "how-to" / "ground.md").read_text(encoding="utf-8")
    assert [name for names in COLUMNS.values() for name in names if f"`{name}`" not in page] == []
    assert [word for word in KIND_WORDS if f"`{word.removesuffix('s')}" not in page] == []
    assert [status for status in NOT_OPERATIONAL if f"*{status}" not in page] == []


def test_names_are_made_unique_without_taking_another_ones() -> None:
    data = csv_file("name,lat,lon", "A,1,1", "A #2,2,2", "A,3,3", "A,4,4")
    assert [site.name for site in parse_ground(data, "list").sites] == ["A", "A #2", "A #3", "A #4"]


@given(st.lists(st.sampled_from(["A", "A #2", "A #3", "B"]), max_size=12))
def test_unique_names_are_unique(names: list[str]) -> None:
    sites = [GroundSite(name=name, latitude_deg=0.0, longitude_deg=1.0) for name in names]
    assert len({site.name for site in unique_names(sites)}) == len(names)


# Kinds and states


def test_a_file_without_kinds_takes_the_argument() -> None:
    data = csv_file("name,lat,lon", "A,1,1")
    assert parse_ground(data, "list").sites[0].kind is SiteKind.GATEWAY
    assert parse_ground(data, "list", kind=SiteKind.POP).sites[0].kind is SiteKind.POP
    assert parse_ground(data, "list", kind=SiteKind.TERMINAL).sites[0].kind is SiteKind.TERMINAL


def test_a_file_with_kinds_is_selected_from() -> None:
    data = csv_file("name,lat,lon,folder", "A,1,1,PoPs & Backbone", "B,2,2,Europe", "C,3,3,")
    assert [site.kind for site in parse_ground(data, "list").sites] == [
        SiteKind.POP,
        SiteKind.GATEWAY,
        SiteKind.GATEWAY,
    ]
    gateways = parse_ground(data, "list", kind=SiteKind.GATEWAY)
    assert ([site.name for site in gateways.sites], gateways.other_kind) == (["B", "C"], 1)
    assert "holds no usable terminal; 3 site(s) of another kind" in refusal(data, SiteKind.TERMINAL)


@pytest.mark.parametrize(
    ("status", "operational"),
    [
        ("operational", True),
        ("Live", True),
        ("", True),
        ("whatever", True),
        ("Grant of Authority", True),
        ("Planned", False),
        ("Not built as of Nov", False),
        ("Possible Construction", False),
        ("decommissioned 2025", False),
    ],
)
def test_what_counts_as_operational(status: str, *, operational: bool) -> None:
    data = csv_file("name,lat,lon,status", f"A,1,1,{status}", "B,2,2,")
    names = [site.name for site in parse_ground(data, "list").operational().sites]
    assert names == (["A", "B"] if operational else ["B"])


# Bad rows


def test_all_bad_rows_are_reported_and_the_rest_goes_on() -> None:
    data = csv_file(
        "name,lat,lon,min elevation,antennas,height",
        "north,90.1,0.5,,,",
        "west,1,-180.5,,,",
        "words,north,east,,,",
        "nan,nan,1,,,",
        "missing,,,,,",
        "unknown,0,0,,,",
        "more,1,2,3,4,5,6,7",
        "optional,1,2,-3,many,1e9",
        "short,1",
        "good,1,2,25,8,100",
    )
    ground = parse_ground(data, "list")
    assert [site.name for site in ground.sites] == ["optional", "good"]
    assert ground.sites[0].min_elevation_deg is ground.sites[0].antennas is None
    assert [str(fault) for fault in ground.faults] == [
        "line 2: latitude_deg: 90.1 is not between -90 and 90",
        "line 3: longitude_deg: -180.5 is not between -180 and 180",
        "line 4: latitude_deg: 'north' is not a number",
        "line 4: longitude_deg: 'east' is not a number",
        "line 5: latitude_deg: nan is not between -90 and 90",
        "line 6: latitude_deg is missing",
        "line 6: longitude_deg is missing",
        "line 7: latitude and longitude are both 0, which lists write for an unknown place",
        "line 8: has 8 cells where the header has 6; quote names that hold a delimiter",
        "line 9: antennas: 'many' is not a number",
        "line 9: height_m: 1e9 is not between -500 and 9000",
        "line 9: min_elevation_deg: -3 is not between 0 and 90",
        "line 10: longitude_deg is missing",
    ]


def test_a_long_cell_is_shown_in_short() -> None:
    assert len(faults(csv_file("lat,lon", "x" * 5000 + ",1", "1,1"))[0]) < 100


def test_a_file_without_a_usable_row_lists_its_faults() -> None:
    message = refusal(csv_file("name,lat,lon", "A,91,0", "B,,3"))
    assert message.splitlines()[1:] == [
        "  file: holds no usable site",
        "  line 2: latitude_deg: 91 is not between -90 and 90",
        "  line 3: latitude_deg is missing",
    ]


def test_missing_columns_name_their_synonyms() -> None:
    message = refusal(csv_file("name,breite,lon", "A,1,2"))
    assert "has no column latitude_deg (or latitude, lat, lat_deg, y); its columns are name, breite, lon" in message


def test_a_file_that_cannot_be_opened(tmp_path: Path) -> None:
    with pytest.raises(GroundError, match="No such file"):
        read_ground(tmp_path / "absent.csv")
    with pytest.raises(GroundError, match="cannot be read"):
        read_ground(tmp_path)


def test_a_huge_file_is_refused_without_reading_it(tmp_path: Path) -> None:
    path = tmp_path / "huge.csv"
    with path.open("wb") as file:
        file.truncate(100_000_000)
    with pytest.raises(GroundError, match=r"is 100 MB large; a list of sites holds at most 16 MB"):
        read_ground(path)


@pytest.mark.parametrize(("data", "message"), [(b"", "is empty"), (b"\xff\xfe", "not text")])
def test_a_list_of_countries_must_be_text(tmp_path: Path, data: bytes, message: str) -> None:
    path = tmp_path / "countries.csv"
    path.write_bytes(data)
    with pytest.raises(GroundError, match=message):
        read_countries(path)


@pytest.mark.parametrize(("latitude_deg", "height_m"), [(91.0, 0.0), (float("nan"), 0.0), (0.0, float("inf"))])
def test_a_site_is_a_place_on_earth(latitude_deg: float, height_m: float) -> None:
    with pytest.raises(InputError, match="no place on Earth"):
        GroundSite(name="A", latitude_deg=latitude_deg, longitude_deg=0.0, height_m=height_m)


def test_a_file_shows_what_it_holds() -> None:
    assert repr(GroundFile(source="a.csv", sites=())) == "<GroundFile 'a.csv': 0 gateways, 0 PoPs, 0 faults>"
