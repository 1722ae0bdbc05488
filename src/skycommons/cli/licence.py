"""``skycommons licence``: what countries' authorities allow; without one nothing can be activated."""

from pathlib import Path
from typing import Annotated, Final, Literal

from cyclopts import App, Parameter

from skycommons.cli.console import FOR_PEOPLE, Output
from skycommons.cli.reading import read_bytes
from skycommons.cli.service_door import DEFAULT_SERVICE, ServiceDir, Signing, instant_s, opened, sign_and_say, when

licence_app: Final = App(name="licence", help="Register, withdraw and list licences.")

Name = Annotated[str, Parameter(help="Id of the licence.")]


@licence_app.command
def add(
    name: Name,
    /,
    *,
    authority: Annotated[str, Parameter(help="The public body that gave it.")],
    country: Annotated[str, Parameter(help="Its country, three letters of ISO 3166-1.")] = "",
    cells: Annotated[Path | None, Parameter(help="List of cells that it covers, one a line.")] = None,
    area: Annotated[Path | None, Parameter(help="GeoJSON of the area: cells whose centre lies in it.")] = None,
    begins: Annotated[str | None, Parameter(help="From when it holds (ISO 8601); now.")] = None,
    ends: Annotated[str, Parameter(help="When it ends (ISO 8601).")],
    service_class: Annotated[
        tuple[Literal["priority", "standard", "background"], ...],
        Parameter(name="--class", negative="", help="What may be offered; may be given again."),
    ] = ("priority", "standard", "background"),
    band: Annotated[tuple[str, ...], Parameter(negative="", help="Band of the spectrum; may be given again.")] = (),
    document: Annotated[Path | None, Parameter(help="The document; only its SHA-256 stands in the log.")] = None,
    signing: Signing,
    service: ServiceDir = DEFAULT_SERVICE,
    output: Output = FOR_PEOPLE,
) -> int:
    """Put a licence on record. It switches nothing by itself; a seat with the role legal signs."""
    from skycommons.governance.entries import Kind
    from skycommons.governance.words import ServiceClass
    from skycommons.store.compose import compose_licence
    from skycommons.store.service import fresh_nonce

    with opened(service) as door:
        composed = compose_licence(
            id=name,
            authority=authority,
            country=country,
            cells=_cells(cells, area),
            valid_from=door.now_s if begins is None else instant_s(begins),
            valid_until=instant_s(ends),
            nonce=fresh_nonce(),
            service_classes=tuple(map(ServiceClass, service_class)),
            bands=band,
            document=b"" if document is None else read_bytes(document),
        )
        draft = door.draft(Kind.LICENCE, composed, by=signing.seat)
        said = [f"Licence {name} of {authority}: {composed.body['cells_count']:,} cells until {when(instant_s(ends))}."]
        return sign_and_say(door, draft, signing, output, said=said)


@licence_app.command
def withdraw(
    name: Name,
    /,
    *,
    signing: Signing,
    service: ServiceDir = DEFAULT_SERVICE,
    output: Output = FOR_PEOPLE,
) -> int:
    """Withdraw a licence. What waits on it cannot take effect any more; what is in force is decided separately."""
    from dataclasses import replace

    from skycommons.base.errors import InputError
    from skycommons.governance.entries import Kind
    from skycommons.governance.licences import LicenceStatus
    from skycommons.store.compose import Composed
    from skycommons.store.service import fresh_nonce

    with opened(service) as door:
        record = door.state.licences.get(name)
        if record is None:
            raise InputError(f"there is no licence {name}; there are {', '.join(door.state.licences) or 'none'}")
        body = replace(record.licence, status=LicenceStatus.WITHDRAWN, nonce=fresh_nonce())
        draft = door.draft(Kind.LICENCE, Composed(body=body.to_json()), by=signing.seat)
        return sign_and_say(door, draft, signing, output, said=[f"Licence {name} is withdrawn."])


@licence_app.command(name="list")
def list_(*, service: ServiceDir = DEFAULT_SERVICE, output: Output = FOR_PEOPLE) -> None:
    """List licences as they were registered last."""
    with opened(service) as door:
        licences = [record.licence for record in door.state.licences.values()]
    output.table(
        "Licences",
        ["licence", "status", "authority", "country", "cells", "until"],
        [
            [one.id, one.status.value, one.authority, one.country, one.cells_count, when(one.valid_until)]
            for one in licences
        ],
    )
    output.result({"licences": [one.to_json() for one in licences]})


def _cells(cells: Path | None, area: Path | None) -> tuple[str, ...]:
    """The cells that are covered: listed, or those whose centre lies in an area."""
    from skycommons.base.errors import InputError
    from skycommons.cli.places import read_cell_file
    from skycommons.governance.decisions import Effect
    from skycommons.model.cells import cell_texts
    from skycommons.model.regions import read_regions
    from skycommons.studies.preview_scope import scope_cells

    if cells is not None and area is None:
        return read_cell_file(cells)
    if area is None or cells is not None:
        raise InputError("say which cells it covers: by --cells or by --area")
    return tuple(cell_texts(scope_cells(read_regions(area), Effect.ADD).cells))
