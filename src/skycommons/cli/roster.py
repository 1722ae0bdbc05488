"""``skycommons roster``: who has a seat, a key for one, and asking for another roster."""

from pathlib import Path
from typing import Annotated, Final

from cyclopts import App, Parameter

from skycommons.cli.console import FOR_PEOPLE, Output
from skycommons.cli.decide_requests import BasisWord
from skycommons.cli.reading import read_text
from skycommons.cli.service_door import DEFAULT_SERVICE, ServiceDir, Signing, ask_for_change, asker, opened, read_key

roster_app: Final = App(name="roster", help="Show the seats, make a key for one, and ask for another roster.")


@roster_app.command
def show(*, service: ServiceDir = DEFAULT_SERVICE, output: Output = FOR_PEOPLE) -> None:
    """Show the seats in force: organisations, roles, keys, interests."""
    with opened(service) as door:
        roster, declared = door.state.roster, dict(door.state.interests)
    output.table(
        f"Roster {roster.epoch}",
        ["seat", "organisation", "roles", "keys", "interests"],
        [
            [
                one.id,
                one.organisation,
                ", ".join(one.roles),
                ", ".join(key.kind for key in one.keys),
                ", ".join(sorted({*one.interests, *declared.get(one.id, ())})),
            ]
            for one in roster.members
        ],
    )
    output.result({"sha256": roster.sha256, **roster.to_json()})


@roster_app.command
def keygen(
    file: Annotated[Path, Parameter(help="File for the secret key; it must not be there yet.")],
    /,
    *,
    seat: Annotated[str, Parameter(help="Name of the seat, for the printed lines.")] = "seat",
    locked: Annotated[bool, Parameter(negative="", help="Lock the file by a passphrase, which is asked for.")] = False,
    output: Output = FOR_PEOPLE,
) -> None:
    """Make a key for a seat, and print what the roster needs of it.

    A key of OpenSSH does as well: `skycommons roster key FILE.pub` prints the same of it.
    """
    from skycommons.base.errors import InputError
    from skycommons.store.key_files import new_member_key, write_member_key

    ask, again = (asker(f"{which} of {file}: ") if locked else None for which in ("New passphrase", "The same again"))
    passphrase = "" if ask is None else ask()
    if locked and not passphrase:
        raise InputError("an empty passphrase locks nothing, or nobody could be asked")
    if again is not None and again() != passphrase:
        raise InputError("these were two passphrases; nothing was written")
    key = new_member_key()
    write_member_key(file, key, passphrase=passphrase)
    _print(seat, key.public.kind.value, key.public.key, output, file=str(file))


@roster_app.command
def key(
    file: Annotated[Path, Parameter(help="Public key of OpenSSH: id_ed25519.pub.")],
    /,
    *,
    seat: Annotated[str, Parameter(help="Name of the seat, for the printed lines.")] = "seat",
    output: Output = FOR_PEOPLE,
) -> None:
    """Print what the roster needs of a public key of OpenSSH."""
    found = _openssh(file)
    _print(seat, found["kind"], found["key"], output, file=str(file))


@roster_app.command
def write(
    file: Annotated[Path, Parameter(help="File for the roster, as JSON.")],
    /,
    *,
    member: Annotated[
        tuple[str, ...],
        Parameter(
            negative="",
            help="SEAT:ORGANISATION:ROLE:KEYFILE, with + between several roles; may be given again. The key file is "
            "a secret one of `roster keygen`, or a public one of OpenSSH.",
        ),
    ],
    epoch: Annotated[int, Parameter(help="Rises by one with each roster of a log.")] = 1,
    output: Output = FOR_PEOPLE,
) -> None:
    """Write a roster file from seats and their keys. Affiliates and interests are added by hand."""
    from skycommons.base.errors import InputError
    from skycommons.cli.documents import pretty
    from skycommons.governance.roster import Roster
    from skycommons.studies.files import replacing

    rows = [text.split(":", 3) for text in member]
    if wrong := [repr(text) for text, row in zip(member, rows, strict=True) if len(row) != 4]:
        raise InputError(f"--member {', '.join(wrong)}: write SEAT:ORGANISATION:ROLE:KEYFILE")
    members = [
        {"id": seat, "organisation": whose, "roles": roles.split("+"), "keys": [_public(Path(key))], "interests": []}
        for seat, whose, roles, key in rows
    ]
    organisations = [{"id": name, "affiliates": []} for name in sorted({row[1] for row in rows})]
    found = Roster.from_json(
        {"v": 1, "epoch": epoch, "members": members, "organisations": organisations},  # type: ignore[dict-item] # plain JSON
        str(file),
    )
    with replacing(file) as stream:
        stream.write(f"{pretty(found.to_json())}\n")
    output.line(f"{len(found.members)} seats of {len(found.organisations)} organisations in {file}")
    output.result({"roster": str(file), "sha256": found.sha256, "seats": len(found.members)})


@roster_app.command
def propose(
    file: Annotated[Path, Parameter(help="The new roster as JSON, with the next epoch.")],
    /,
    *,
    title: Annotated[str, Parameter(help="What changes, for people.")],
    basis: Annotated[BasisWord, Parameter(help="On what ground.")] = "operator",
    ref: Annotated[str, Parameter(help="What the ground is known by.")] = "",
    signing: Signing,
    service: ServiceDir = DEFAULT_SERVICE,
    output: Output = FOR_PEOPLE,
) -> int:
    """Ask for another roster. It needs the quorum of the old seats and of the new ones."""
    from skycommons.cli.documents import read_roster

    change = read_roster(file)
    said = f"A new roster, epoch {change.epoch}, with {len(change.members)} seats: {change.sha256}"
    return ask_for_change(
        change, said, title=title, basis=basis, ref=ref, signing=signing, folder=service, output=output
    )


def _print(seat: str, kind: str, key: str, output: Output, *, file: str) -> None:
    """A key as the roster writes it."""
    output.line(f'{seat}: {{"kind": "{kind}", "key": "{key}"}}')
    output.result({"seat": seat, "kind": kind, "key": key, "file": file})


def _public(path: Path) -> dict[str, str]:
    """A seat's key as the roster writes it, from a file of either kind."""
    if path.suffix == ".pub":
        return _openssh(path)
    public = read_key(path).public
    return {"kind": public.kind.value, "key": public.key}


def _openssh(path: Path) -> dict[str, str]:
    """The same of a public key of OpenSSH."""
    from skycommons.governance.lines import base64_of
    from skycommons.governance.sshsig import parse_public_line
    from skycommons.store.key_files import MAX_BYTES

    public = parse_public_line(read_text(path, most_bytes=MAX_BYTES).strip())
    return {"kind": "ssh-ed25519", "key": base64_of(public)}
