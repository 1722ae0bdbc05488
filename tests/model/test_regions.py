"""Regions: corners, holes, the antimeridian, and every fault of a file at once."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from skycommons.base.errors import GroundError, InputError, ShapeError
from skycommons.model.land import is_land, land_rings
from skycommons.model.regions import Region, read_regions

SQUARE = [[0, 0], [10, 0], [10, 10], [0, 10], [0, 0]]
HOLE = [[4, 4], [6, 4], [6, 6], [4, 6], [4, 4]]


def inside(region: Region, *places_deg: tuple[float, float]) -> list[bool]:
    """Whether places of latitude and longitude lie in a region."""
    latitude, longitude = np.radians(np.array(places_deg)).T
    found: list[bool] = region.contains(latitude, longitude).tolist()
    return found


def feature(kind: str, coordinates: Any, **properties: Any) -> dict[str, Any]:
    """A GeoJSON feature."""
    geometry = {"type": kind, "coordinates": coordinates}
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def written(folder: Path, document: Any) -> Path:
    """A file of it."""
    path = folder / "areas.geojson"
    path.write_text(document if isinstance(document, str) else json.dumps(document), encoding="utf-8")
    return path


def collection(*features: Any) -> dict[str, Any]:
    """A GeoJSON FeatureCollection."""
    return {"type": "FeatureCollection", "features": list(features)}


def refusal(folder: Path, document: Any) -> str:
    """What a file is refused with."""
    with pytest.raises(GroundError) as caught:
        read_regions(written(folder, document))
    return str(caught.value)


def test_a_triangle_contains_its_middle() -> None:
    """In either sense, closed or not, and any turn of the longitude; NaN lies nowhere."""
    for step in (1, -1):
        triangle = Region.of("t", np.array([0.0, 0.0, 20.0])[::step], np.array([0.0, 20.0, 10.0])[::step])
        assert inside(triangle, (5.0, 10.0), (5.0, 370.0), (5.0, -350.0)) == [True, True, True]
        assert inside(triangle, (5.0, 1.0), (15.0, 3.0), (-1.0, 10.0), (21.0, 10.0)) == [False] * 4
        assert inside(triangle, (np.nan, 10.0), (5.0, np.nan)) == [False, False]


def test_shapes_are_kept() -> None:
    """Any shape, the empty one included; two shapes are refused."""
    square = Region.of("s", np.array([0.0, 0.0, 10.0, 10.0]), np.array([0.0, 10.0, 10.0, 0.0]))
    assert square.contains(np.zeros((2, 3)) + 0.1, np.zeros((2, 3)) + 0.1).tolist() == [[True] * 3] * 2
    assert square.contains(np.zeros(0), np.zeros(0)).shape == (0,)
    assert square.contains(np.array(0.1), np.array(0.1)).item() is True
    assert repr(square) == "<Region 's': 1 polygons>"
    with pytest.raises(ShapeError, match="longitude_rad"):
        square.contains(np.zeros(3), np.zeros(2))
    with pytest.raises(ShapeError, match="longitude_deg"):
        Region.of("s", np.zeros(3), np.zeros(2))


@pytest.mark.parametrize(
    ("latitude_deg", "longitude_deg", "message"),
    [
        ([0.0, 1.0, 1.0], [0.0, 0.0, 400.0], "within ±360 and ±90"),
        ([0.0, np.nan, 1.0], [0.0, 0.0, 1.0], "within ±360 and ±90"),
        ([0.0, 1.0, 0.0], [0.0, 1.0, 0.0], "3 different corners or more, not 2"),
    ],
)
def test_corners_that_enclose_nothing_are_refused(
    latitude_deg: list[float], longitude_deg: list[float], message: str
) -> None:
    """One sentence with the region's name."""
    with pytest.raises(InputError, match=f"region 'odd': .*{message}"):
        Region.of("odd", np.array(latitude_deg), np.array(longitude_deg))


@pytest.mark.parametrize(
    "east_deg",
    [
        pytest.param([175.0, -175.0, -175.0, 175.0], id="jumping"),
        pytest.param([175.0, 185.0, 185.0, 175.0], id="counted on"),
        pytest.param([-185.0, -175.0, -175.0, -185.0], id="counted back"),
    ],
)
def test_a_ring_may_cross_the_antimeridian(east_deg: list[float]) -> None:
    """However it is written."""
    fiji = Region.of("f", np.array([-20.0, -20.0, -10.0, -10.0]), np.array(east_deg))
    assert inside(fiji, (-15.0, 179.0), (-15.0, -179.0), (-15.0, 181.0), (-15.0, 0.0), (-15.0, 174.0)) == [
        *(True, True, True),
        *(False, False),
    ]


def test_a_ring_across_with_corners_on_the_antimeridian() -> None:
    """A corner on each side of the cut does not close it."""
    longitude_deg = np.array([175.0, 180.0, -180.0, -175.0, -175.0, 175.0])
    fiji = Region.of("f", np.array([-20.0, -20.0, -20.0, -20.0, -10.0, -10.0]), longitude_deg)
    assert inside(fiji, (-15.0, 179.0), (-15.0, -179.0), (-15.0, 0.0)) == [True, True, False]


def test_a_belt_around_the_earth() -> None:
    """Lines of 360 degrees are taken as they are written."""
    tropics = Region.of("t", np.array([-23.0, -23.0, 23.0, 23.0]), np.array([-180.0, 180.0, 180.0, -180.0]))
    assert inside(tropics, (0.0, 0.0), (20.0, 179.9), (20.0, -179.9), (24.0, 0.0)) == [True, True, True, False]


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_a_ring_around_a_pole_encloses_it(sign: float) -> None:
    """Also where it doubles back at the cut."""
    longitude_deg = np.array([0.0, -20.0, -20.0, 60.0, 120.0, 180.0, -120.0, -60.0])
    latitude_deg = sign * np.array([60.0, 60.0, 65.0, 65.0, 65.0, 65.0, 65.0, 65.0])
    cap = Region.of("cap", latitude_deg, longitude_deg)
    places = [(sign * 80.0, 10.0), (sign * 80.0, -170.0), (sign * 60.5, -10.0), (sign * 89.0, 350.0)]
    assert inside(cap, *places) == [True] * 4
    assert (
        inside(cap, (sign * 50.0, 0.0), (sign * 55.0, -10.0), (-sign * 80.0, 0.0), (sign * 62.0, -10.0)) == [False] * 4
    )


def test_many_points_agree_with_the_outlines_of_land() -> None:
    """Every ring of the map of land, as regions of their own, and the other rule's rays."""
    rng = np.random.default_rng(5)
    latitude, longitude = np.arcsin(rng.uniform(-1.0, 1.0, 3_000)), rng.uniform(-np.pi, np.pi, 3_000)
    odd = np.zeros(3_000, dtype=np.bool_)
    for ring in land_rings():
        odd ^= Region.of("land", ring[:, 1], ring[:, 0]).contains(latitude, longitude)
    np.testing.assert_array_equal(odd, is_land(latitude, longitude))


def test_holes_and_many_polygons(tmp_path: Path) -> None:
    """A hole is outside even where it is counted in another turn; overlapping polygons are one area."""
    hole = [[x - 360, y] for x, y in HOLE]
    moved = [[x + 5, y] for x, y in SQUARE]
    document = collection(
        feature("Polygon", [SQUARE, hole], name="with a hole"),
        feature("MultiPolygon", [[SQUARE, HOLE], [moved]], NAME="two"),
    )
    one, two = read_regions(written(tmp_path, document))
    assert (one.name, two.name) == ("with a hole", "two")
    assert inside(one, (5.0, 5.1), (5.0, 2.0), (5.0, 365.1)) == [False, True, False]
    assert inside(two, (5.0, 4.5), (5.0, 7.0), (5.0, 12.0), (5.0, 16.0)) == [False, True, True, False]


def test_names_are_found(tmp_path: Path) -> None:
    """In any case, best first, from the id where there is no other, from the place at last; equal names join."""
    away = [[x + 50, y] for x, y in SQUARE]
    document = collection(
        feature("Polygon", [SQUARE], NAME="A", ISO_A2="AA"),
        feature("Polygon", [SQUARE], ISO_A2="BB", name=None),
        {**feature("Polygon", [SQUARE]), "id": 7},
        {**feature("Polygon", [SQUARE]), "properties": None},
        feature("Polygon", [away], name=" A "),
        feature("Point", [0, 0], name="nowhere"),
    )
    regions = read_regions(written(tmp_path, document))
    assert [region.name for region in regions] == ["A", "BB", "7", "features.3"]
    assert inside(regions[0], (5.0, 5.0), (5.0, 55.0), (5.0, 30.0)) == [True, True, False]


def test_a_bare_geometry_is_called_after_its_file(tmp_path: Path) -> None:
    """And so is a lone feature without a name; three coordinates are as good as two."""
    high = [[x, y, 100.0] for x, y in SQUARE]
    (region,) = read_regions(written(tmp_path, {"type": "Polygon", "coordinates": [high]}))
    assert region.name == "areas"
    assert inside(region, (5.0, 5.0)) == [True]
    (region,) = read_regions(written(tmp_path, feature("Polygon", [SQUARE])))
    assert region.name == "areas"


def test_all_faults_of_a_file_are_listed(tmp_path: Path) -> None:
    """Each with its place."""
    document = collection(
        feature("Polygon", [SQUARE], name="good"),
        feature("Polygon", [[[0, 0], [1, 1]], SQUARE]),
        feature("MultiPolygon", [[SQUARE], [[[0, 0], ["1", 1], [2, 2]]]]),
        feature("MultiPolygon", [[[[0, 100], [1, 1], [2, 2]]]]),
        feature("Polygon", "here"),
        feature("GeometryCollection", None),
        {"type": "Feature", "geometry": None},
        3,
        feature("Polygon", [[[0], [1, 1], [2, 2]]]),
    )
    assert refusal(tmp_path, document).splitlines() == [
        "areas.geojson: 8 fault(s)",
        "  features.1.ring 0: a ring needs 3 different corners or more, not 2",
        "  features.2.1.ring 0: a ring is a list of [longitude, latitude], in degrees within ±360 and ±90",
        "  features.3.0.ring 0: a ring is a list of [longitude, latitude], in degrees within ±360 and ±90",
        "  features.4: a Polygon needs a list of rings in 'coordinates'",
        "  features.5: its geometry is a 'GeometryCollection'; write a Polygon or a MultiPolygon",
        "  features.6: has no geometry",
        "  features.7: has no geometry",
        "  features.8.ring 0: a ring is a list of [longitude, latitude], in degrees within ±360 and ±90",
    ]


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ("{", "cannot be read as GeoJSON"),
        ("[]", "is not GeoJSON: there is no 'type' at its top"),
        ({"type": "FeatureCollection"}, "features: has no geometry"),
        (collection(), "holds no area; write a Polygon or a MultiPolygon"),
        (collection(feature("Point", [0, 0])), "holds no area"),
    ],
)
def test_a_file_without_areas_is_refused(tmp_path: Path, document: Any, message: str) -> None:
    """One message."""
    assert message in refusal(tmp_path, document)


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Absent, or too large."""
    with pytest.raises(GroundError, match="cannot be read: No such file"):
        read_regions(tmp_path / "absent.geojson")
    monkeypatch.setattr("skycommons.model.regions._MAX_BYTES", 10)
    assert "simplify it" in refusal(tmp_path, collection())
