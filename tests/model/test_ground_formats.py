"""The three forms of site lists: CSV, KML and GeoJSON are told apart, read, and refused with one clear message."""

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skycommons.base.errors import GroundError
from skycommons.model.ground import GroundSite, parse_ground
from skycommons.model.ground_formats import fold, parse_table
from skycommons.model.world import SiteKind


def csv_file(*lines: str) -> bytes:
    return "\n".join(lines).encode()


def faults(data: bytes) -> list[str]:
    """Faults of a file that still has a usable row."""
    return [str(fault) for fault in parse_ground(data, "list").faults]


def refusal(data: bytes) -> str:
    with pytest.raises(GroundError) as caught:
        parse_ground(data, "list")
    return str(caught.value)


def test_folding_a_column_name() -> None:
    assert fold("  Ka Antenna-Count (total) ") == "ka_antenna_count_total"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "is empty"),
        (b"\n \n", "is empty"),
        (b"name,lat,lon\n", "holds no usable site"),
        (b"PK\x03\x04....", "zip archive"),
        (b"name,lat,lon\nZ\xfcrich,1,2\n", "line 2: is not text in UTF-8"),
        (b'"', "cannot be read as CSV"),
        (b"{", "cannot be read as JSON"),
        (b"[" * 100_000, "cannot be read as JSON"),
        (b"[1]", "not a GeoJSON FeatureCollection"),
        (b'{"type": "Topology"}', "not a GeoJSON FeatureCollection"),
        (b"<kml>", "cannot be read as KML"),
        (b"<html></html>", "holds no KML placemark; its outermost element is <html>"),
        (b'<?xml version="1.0"?><!DOCTYPE k [<!ENTITY a "b">]><kml>&a;</kml>', "cannot be read as KML"),
    ],
)
def test_files_of_no_use_get_one_clear_message(data: bytes, message: str) -> None:
    assert message in refusal(data)


@given(st.binary(max_size=200))
def test_noise_gives_a_table_or_a_ground_error(data: bytes) -> None:
    """No other error, whatever the bytes are."""
    with contextlib.suppress(GroundError):
        parse_table(data, "noise")


# CSV


def test_a_byte_order_mark_tabs_and_blank_lines_do_no_harm() -> None:
    data = b"\xef\xbb\xbf" + csv_file("", "name\tlat\tlon", "", "A\t1\t2", "\t\t", "B\t3\t4")
    assert [site.name for site in parse_ground(data, "list").sites] == ["A", "B"]


def test_a_quoted_name_may_hold_a_line_break() -> None:
    data = csv_file("name,lat,lon", '"New', 'York",40.7,-74', "B,95,0", "C,1,1")
    assert parse_ground(data, "list").sites[0].name == "New York"
    assert faults(data) == ["line 4: latitude_deg: 95 is not between -90 and 90"]


def test_a_column_that_appears_twice_is_reported() -> None:
    data = csv_file("name,lat,lon,lat", "A,1,2,3")
    assert parse_ground(data, "list").sites[0].latitude_deg == 1.0
    assert faults(data) == ["line 1: column 'lat' appears more than once; the first one counts"]


def test_broken_quotes_are_reported_with_their_line() -> None:
    data = csv_file("name,lat,lon", 'A"b,1,1', '"A"b,1,1', "C,3,3")
    assert faults(data) == ["line 3: cannot be read as CSV: ',' expected after '\"'"]


# KML

KML = b"""<?xml version="1.0" encoding="UTF-8"?>
<kml xmlns="http://www.opengis.net/kml/2.2"><Document><name>Map</name>
  <Folder><name>Sites</name>
    <Folder><name>PoPs &amp; Backbone</name>
      <Placemark><name>Fibre</name><LineString><coordinates>1,2 3,4</coordinates></LineString></Placemark>
      <Placemark><name> Frankfurt
         PoP </name><Point><coordinates> 8.73,50.12,0 </coordinates></Point></Placemark>
    </Folder>
    <Folder><name>Europe</name>
      <Placemark><name>Fucino</name>
        <ExtendedData>
          <Data name="Minimum Elevation"><value>5</value></Data>
          <Data name="Notes"><value/></Data>
          <SchemaData><SimpleData name="Ka Antenna Count">8.0</SimpleData></SchemaData>
        </ExtendedData>
        <MultiGeometry><Point><altitudeMode>absolute</altitudeMode>
          <coordinates>13.6,41.98,700</coordinates></Point></MultiGeometry></Placemark>
      <Placemark><Point><coordinates>13.6</coordinates></Point></Placemark>
      <Placemark><name>Typo</name><Point><coordinates>13.6,x</coordinates></Point></Placemark>
    </Folder>
  </Folder>
</Document></kml>"""


def test_kml_placemarks_become_sites() -> None:
    """Points with their folders and extended data; lines are counted, heights count only where absolute."""
    ground = parse_ground(KML, "map.kml")
    assert ground.ignored_shapes == 1
    assert ground.sites == (
        GroundSite(name="Frankfurt PoP", latitude_deg=50.12, longitude_deg=8.73, kind=SiteKind.POP),
        GroundSite(
            name="Fucino",
            latitude_deg=41.98,
            longitude_deg=13.6,
            height_m=700.0,
            min_elevation_deg=5.0,
            antennas=8,
        ),
    )
    assert [str(fault) for fault in ground.faults] == [
        "placemark 4: a Point needs coordinates such as 8.54,47.37 (longitude first)",
        "placemark 5: latitude_deg: 'x' is not a number",
    ]


def test_kml_of_lines_alone_holds_no_site() -> None:
    data = b"<kml><Placemark><LineString><coordinates>1,2 3,4</coordinates></LineString></Placemark></kml>"
    assert "holds no usable site" in refusal(data)


# GeoJSON


def feature(geometry: object, **properties: object) -> dict[str, object]:
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def point(*position: object) -> dict[str, object]:
    return {"type": "Point", "coordinates": list(position)}


def test_geojson_points_become_sites() -> None:
    features = [
        feature(point(8.54, 47.37), name="Zurich", kind="pop", status=None, antennas=8, tags=["a"]),
        feature(point(8.54, 47.37, 408.0), name="Zurich", lat=-1.0),
        feature({"type": "LineString", "coordinates": [[0, 0], [1, 1]]}),
        feature(None),
        feature(point(1)),
        feature(point("east", True)),
        "no feature",
        {"geometry": point(2, 3)},
    ]
    data = json.dumps({"type": "FeatureCollection", "features": features}).encode()
    ground = parse_ground(data, "map.geojson")
    assert ground.ignored_shapes == 1
    assert ground.sites == (
        GroundSite(name="Zurich", latitude_deg=47.37, longitude_deg=8.54, kind=SiteKind.POP, antennas=8),
        GroundSite(name="Zurich #2", latitude_deg=47.37, longitude_deg=8.54, height_m=408.0),
        GroundSite(name="site features.7", latitude_deg=3.0, longitude_deg=2.0),
    )
    assert [str(fault) for fault in ground.faults] == [
        "features.3: has no geometry",
        "features.4: a Point needs [longitude, latitude] or [longitude, latitude, height]",
        "features.5: latitude_deg: 'True' is not a number",
        "features.5: longitude_deg: 'east' is not a number",
        "features.6: has no geometry",
    ]


def test_the_same_sites_in_three_forms_are_the_same() -> None:
    table = parse_ground(csv_file("name,lat,lon,status", "A,1.5,2.5,live"), "a.csv").sites
    kml = (
        b"<kml><Placemark><name>A</name><ExtendedData><Data name='status'><value>live</value></Data></ExtendedData>"
        b"<Point><coordinates>2.5,1.5</coordinates></Point></Placemark></kml>"
    )
    geojson = json.dumps({"features": [feature(point(2.5, 1.5), name="A", status="live")]}).encode()
    assert table == parse_ground(kml, "a.kml").sites == parse_ground(geojson, "a.geojson").sites
