"""``skycommons territory``: which cells a territory has."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from skycommons.cli.console import FOR_PEOPLE, Output


def territory(
    scenario: Annotated[Path, Parameter(help="Scenario file.")],
    /,
    *,
    name: Annotated[str | None, Parameter(help="Name of one territory; without it, all are listed.")] = None,
    out: Annotated[
        Path | None, Parameter(help="Folder for the cells as JSON, CSV and GeoJSON, and a map, of each territory.")
    ] = None,
    output: Output = FOR_PEOPLE,
) -> None:
    """Count the cells of a scenario's territories, with their area and the hash of their list.

    Under --json the cells themselves are in the answer if one territory is named.
    """
    from skycommons.base.errors import InputError
    from skycommons.model.scenario import load

    found = load(scenario)
    names = [name] if name is not None else [spec.name for spec in found.territories]
    if not names:
        raise InputError(f"{scenario}: there are no territories; add [[territories]]")
    made = [found.territory(one) for one in names]
    files: dict[str, dict[str, Path]] = {}
    if out is not None:
        from skycommons.studies.export_territory import file_stem, write_territory

        stems = [file_stem(one.name) for one in made]
        again = next((one for row, one in enumerate(made) if stems[row] in stems[:row]), None)
        if again is not None:
            raise InputError(
                f"--out: {again.name!r} and another territory would be one file; write one of them by --name"
            )
        files = {one.name: write_territory(one, out) for one in made}
    output.table(
        "Territories",
        ["territory", "cells", "km²", "sha256 of the list", "borders"],
        [[one.name, len(one), round(one.area_m2 / 1e6), one.sha256, one.worldview] for one in made],
    )
    for paths in files.values():
        for what, path in paths.items():
            output.line(f"{what:<8} {path}")
    listed = [one.to_json_dict() for one in made]
    for one in listed if name is None else ():
        del one["cells"]
    output.result({"territories": listed, "files": files})
