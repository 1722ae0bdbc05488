"""Write ``src/skycommons/data/borders.json`` from Natural Earth's countries at 1:50 million.

The source is ``countries-50m.json`` (TopoJSON) of the npm package ``world-atlas`` 2.0.2; the two-letter codes come from the
package ``iso3166``. The file is made once, by hand::

    npm pack world-atlas@2.0.2 && tar xzf world-atlas-2.0.2.tgz
    python -m venv iso && iso/bin/pip install iso3166==3.0.0
    iso/bin/python scripts/make_borders.py package/countries-50m.json

Arcs are kept as they are, whole numbers on the source's grid, so that two neighbours share one line and not two copies of
it. A ring on the South Pole itself, which the source needs to close Antarctica on a flat map, is left out. Areas of one code become one; areas without a code keep their name alone. Codes that have no area of their own are
listed with the area in which the source draws them.
"""

import json
import sys
from pathlib import Path
from typing import Any, Final

from iso3166 import countries

TARGET: Final = Path(__file__).resolve().parent.parent / "src" / "skycommons" / "data" / "borders.json"
WITHIN: Final = {  # looked up in the source, place by place (tests/model/test_borders.py holds it)
    "BQ": "NL",
    "CC": "Indian Ocean Ter.",
    "CX": "Indian Ocean Ter.",
    "GF": "FR",
    "GP": "FR",
    "MQ": "FR",
    "RE": "FR",
    "SJ": "NO",
    "YT": "FR",
}


def main(arguments: list[str]) -> int:
    """Make the file and say what it holds."""
    if len(arguments) != 1:
        sys.stderr.write("usage: make_borders.py COUNTRIES-50M.JSON\n")
        return 2
    topology = json.loads(Path(arguments[0]).read_text(encoding="utf-8"))
    alpha2 = {country.numeric: country.alpha2 for country in countries}
    areas: dict[str, dict[str, Any]] = {}
    for geometry in topology["objects"]["countries"]["geometries"]:
        name = geometry["properties"]["name"]
        code = alpha2[geometry["id"]] if "id" in geometry else ""
        listed = geometry["arcs"] if geometry["type"] == "MultiPolygon" else [geometry["arcs"]]
        polygons = [[ring for ring in polygon if not is_pole(ring, topology)] for polygon in listed]
        before = areas.get(code or name, {"name": "", "polygons": []})
        main_name = name if len(polygons) > len(before["polygons"]) else before["name"]
        areas[code or name] = {"code": code, "name": main_name, "polygons": before["polygons"] + polygons}
    ordered = sorted(areas.values(), key=lambda area: (area["code"] == "", area["code"], area["name"]))
    absent = sorted({*alpha2.values()} - {*areas} - {*WITHIN} - {"XK"})  # XK is no code of ISO's own
    document = {
        "source": "Natural Earth 1:50 million by way of world-atlas 2.0.2",
        "worldview": "natural-earth, de facto, illustrative",
        "scale": topology["transform"]["scale"],
        "translate": topology["transform"]["translate"],
        "within": WITHIN,
        "absent": absent,
        "areas": ordered,
        "arcs": [[step for point in arc for step in point] for arc in topology["arcs"]],
    }
    TARGET.write_text(json.dumps(document, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")
    coded = sum(area["code"] != "" for area in ordered)
    sys.stdout.write(
        f"{coded} codes, {len(ordered) - coded} names, {TARGET.stat().st_size:,} bytes; absent: {absent}\n"
    )
    return 0


def is_pole(ring: list[int], topology: dict[str, Any]) -> bool:
    """Whether all points of a ring lie within a thousandth of a degree of the South Pole."""
    (_, scale), (_, south) = topology["transform"]["scale"], topology["transform"]["translate"]
    highest = 0
    for index in ring:
        height = 0
        for _, step in topology["arcs"][index if index >= 0 else ~index]:
            height += step
            highest = max(highest, height)
    return bool(highest * scale + south < -89.99)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
