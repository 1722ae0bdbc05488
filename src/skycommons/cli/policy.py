"""``skycommons policy``: the rules of decisions, and how a service begins with them."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal

from cyclopts import App, Parameter

from skycommons.cli.console import FOR_PEOPLE, Output
from skycommons.cli.decide_requests import BasisWord
from skycommons.cli.reading import read_text
from skycommons.cli.service_door import DEFAULT_SERVICE, ServiceDir, Signing, ask_for_change, now_s, opened, span_s

if TYPE_CHECKING:
    from skycommons.governance.policy import Policy, Rule
    from skycommons.governance.roster import Roster

policy_app: Final = App(name="policy", help="Begin a service, show its rules, and ask for other ones.")


@policy_app.command
def keys(
    folder: Annotated[Path, Parameter(help="New folder for the log's secret keys.")],
    /,
    *,
    origin: Annotated[str, Parameter(help="Name of the log, such as log.example/decisions.")],
    output: Output = FOR_PEOPLE,
) -> None:
    """Make the keys of a log, before its witnesses are asked to watch it. `policy init --keys` takes them."""
    from skycommons.store.founding import KEY_NAMES
    from skycommons.store.key_files import new_log_signers, write_log_key

    signers = new_log_signers(origin)
    write_log_key(folder / KEY_NAMES[0], signers[0])
    write_log_key(folder / KEY_NAMES[1], signers[1])
    lines = [f"log {signer.verifier.vkey}" for signer in signers]
    for line in lines:
        output.line(line)
    output.note("give these keys to witnesses: skycommons witness FOLDER --log VKEY")
    output.result({"origin": origin, "folder": str(folder), "vkeys": [one.verifier.vkey for one in signers]})


@policy_app.command
def init(
    *,
    origin: Annotated[str, Parameter(help="Name of the log, such as log.example/decisions.")],
    roster: Annotated[Path, Parameter(help="The seats to begin with, as JSON.")],
    witnesses: Annotated[
        Path, Parameter(help="Lines that name witnesses, groups and the quorum, as `skycommons witness` prints them.")
    ],
    policy: Annotated[
        Path | None, Parameter(help="The rules to begin with, as JSON; those of `policy default`.")
    ] = None,
    keys_folder: Annotated[
        Path | None, Parameter(name="--keys", help="Keys that `policy keys` made; new ones unless given.")
    ] = None,
    default_state: Annotated[
        Literal["active", "inactive"], Parameter(help="Whether there is service where nobody decided anything.")
    ] = "inactive",
    default_class: Annotated[
        Literal["priority", "standard", "background"], Parameter(help="How good it is there.")
    ] = "standard",
    max_age: Annotated[str, Parameter(help="How long a map is obeyed after witnesses saw the log last.")] = "1d",
    database: Annotated[
        str, Parameter(help="sqlite:///FILE within the folder, or postgresql://USER@HOST/NAME.")
    ] = "sqlite:///service.db",
    head: Annotated[str, Parameter(help="Folder of the last head that was signed; better on another disk.")] = "head",
    note: Annotated[str, Parameter(help="Remark in the first entry, for people.")] = "",
    service: ServiceDir = DEFAULT_SERVICE,
    output: Output = FOR_PEOPLE,
) -> None:
    """Make a service: its folder, its keys, the first entry of its log, and the trust file to hand out."""
    from skycommons.cli.documents import read_policy, read_roster
    from skycommons.governance.policy import default_policy
    from skycommons.governance.witness_policy import MAX_BYTES
    from skycommons.governance.words import ServiceClass, ServiceState
    from skycommons.store.founding import Founding, found_service, read_signers

    rules = default_policy() if policy is None else read_policy(policy)
    seats = read_roster(roster)
    layout = found_service(
        service,
        Founding(
            origin=origin,
            policy=rules,
            roster=seats,
            witnesses=read_text(witnesses, most_bytes=MAX_BYTES),
            created_at=now_s(),
            default_state=ServiceState(default_state),
            default_class=ServiceClass(default_class),
            note=note,
            max_age_s=span_s(max_age),
            database=database,
            head=head,
        ),
        signers=None if keys_folder is None else read_signers(keys_folder),
    )
    genesis = layout.read_trust().genesis
    output.line(f"A service of {origin} in {service}; its first entry is {genesis}.")
    output.line(f"Hand out {layout.trust_path}: whoever has it can verify everything.")
    _tell_lacking(rules, seats, output)
    output.result({"service": str(service), "origin": origin, "genesis": genesis, "trust": str(layout.trust_path)})


@policy_app.command
def show(*, service: ServiceDir = DEFAULT_SERVICE, output: Output = FOR_PEOPLE) -> None:
    """Show the rules in force."""
    with opened(service) as door:
        found = door.state.policy
    _show(found, output)


@policy_app.command
def default(*, output: Output = FOR_PEOPLE) -> None:
    """Print the policy to begin with as JSON, to be edited."""
    from skycommons.cli.documents import pretty
    from skycommons.governance.policy import default_policy

    output.line(pretty(default_policy().to_json()))
    output.result(default_policy().to_json())


@policy_app.command
def propose(
    file: Annotated[Path, Parameter(help="The new policy as JSON, with the next version.")],
    /,
    *,
    title: Annotated[str, Parameter(help="What changes, for people.")],
    basis: Annotated[BasisWord, Parameter(help="On what ground.")] = "operator",
    ref: Annotated[str, Parameter(help="What the ground is known by.")] = "",
    signing: Signing,
    service: ServiceDir = DEFAULT_SERVICE,
    output: Output = FOR_PEOPLE,
) -> int:
    """Ask for another policy. It needs the quorum of the old rules and of the new ones."""
    from skycommons.cli.documents import read_policy

    change = read_policy(file)
    said = f"A new policy, version {change.version}: {change.sha256}"
    return ask_for_change(
        change, said, title=title, basis=basis, ref=ref, signing=signing, folder=service, output=output
    )


def _tell_lacking(policy: "Policy", roster: "Roster", output: Output) -> None:
    """Which rules the seats are too few for."""
    seats = len(roster.members)
    lacking = [f"{name} ({rule.seats})" for name, rule in policy.rules.items() if rule.seats > seats]
    if lacking:
        output.note(
            f"{seats} seats are too few for these rules: {', '.join(lacking)}."
            " Nothing can be decided by them, and without governance neither seats nor rules ever change."
        )


def _show(policy: "Policy", output: Output) -> None:
    """The rules as a table."""
    output.table(
        f"Policy {policy.version}",
        ["rule", "approvals", "of seats", "roles", "waits", "lasts at most", "cells at most"],
        [
            [
                name,
                rule.approvals,
                rule.seats,
                _roles(rule),
                f"{rule.delay_s / 3600:g} h",
                f"{rule.max_duration_s / 3600:g} h" if rule.max_duration_s else "",
                rule.max_cells or "",
            ]
            for name, rule in policy.rules.items()
        ],
    )
    output.line(f"A reduction waits {policy.protected_delay_s / 3600:g} h where protected users are inside.")
    output.line(f"Service below {policy.floor_class} counts as a suspension.")
    output.line(f"Protected users: {', '.join(policy.protected_classes)}.")
    output.result({"sha256": policy.sha256, **policy.to_json()})


def _roles(rule: "Rule") -> str:
    """Which roles a rule asks for."""
    named = ", ".join(f"{least} {role}" for role, least in rule.roles.items())
    return named or f"{rule.distinct_roles} different"
