"""``skycommons verify BUNDLE``: what a log of decisions proves, offline, to somebody who has a trust file.

Rules: nothing is asked of anybody. The whole log is read anew; sentences are made of what was verified and of nothing else.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from skycommons.cli.console import FOR_PEOPLE, Output
from skycommons.cli.reading import read_bytes
from skycommons.cli.service_door import instant_s, now_s, when

if TYPE_CHECKING:
    from skycommons.governance.verify import MapReport


def bundle(
    file: Annotated[Path, Parameter(help="The bundle that `skycommons log bundle` wrote.")],
    /,
    *,
    trust: Annotated[Path, Parameter(help="Whom you trust: the log from its first entry on, and its witnesses.")],
    decision: Annotated[
        tuple[str, ...],
        Parameter(
            negative="",
            help="Explain this decision, request or appeal alone: eight digits or more; may be given again.",
        ),
    ] = (),
    at: Annotated[str | None, Parameter(help="Judge freshness as of then (ISO 8601); now.")] = None,
    freshness: Annotated[
        bool, Parameter(negative="--no-freshness", help="Refuse what witnesses saw too long ago.")
    ] = True,
    output: Output = FOR_PEOPLE,
) -> int:
    """Check a whole log of decisions and its service map, and say what was decided, by whom, when, and what it changed.

    The exit code is 0 if the map may be obeyed, 5 if anything is refused, and 2 if a file is not in its form.
    """
    from skycommons.base.errors import TrustError
    from skycommons.governance.bundles import parse_bundle
    from skycommons.governance.explain import explain_log
    from skycommons.governance.trust import parse_trust
    from skycommons.governance.verify import service_map_result

    trusted = parse_trust(read_bytes(trust), source=str(trust))
    found = parse_bundle(read_bytes(file), source=str(file))
    time_s = (now_s() if at is None else instant_s(at)) if freshness else None
    report = service_map_result(found.manifest, found, trusted, now_s=time_s)
    told = _explained(report, decision)
    for sentence in explain_log(report, when):
        output.line(sentence)
    for title, sentences in told:
        output.line("")
        output.line(title)
        for sentence in sentences:
            output.line(f"  {sentence}")
    output.result(_payload(report, told, file, trust))
    return 0 if report else TrustError.exit_code


def _explained(report: "MapReport", wanted: tuple[str, ...]) -> list[tuple[str, list[str]]]:
    """Headings and sentences of the decisions, requests and appeals that are asked for, or of all."""
    from skycommons.governance.explain import explain_appeal, explain_decision, explain_layer, explain_request
    from skycommons.governance.lines import printable
    from skycommons.store.compose import find_digest

    if report.ledger is None:
        return []
    state = report.ledger.state
    known = [*state.requests, *state.decisions, *state.appeals]
    chosen = (
        set(known) if not wanted else {find_digest(known, one, what="decision, request or appeal") for one in wanted}
    )
    told = [
        (f"Request {record.digest[:12]}", explain_request(record, when))
        for record in state.requests.values()
        if record.digest in chosen
    ]
    told += [
        (f"Decision {record.digest[:12]}: {printable(record.decision.title)}", explain_decision(state, record, when))
        for record in state.decisions.values()
        if record.digest in chosen
    ]
    told += [
        (f"Appeal {record.digest[:12]}", explain_appeal(record))
        for record in state.appeals.values()
        if record.digest in chosen
    ]
    if not wanted:
        layers = [f"{explain_layer(layer, when)}." for layer in state.layers]
        rest = f"Everywhere else: {state.genesis.default_state}, {state.genesis.default_class}."
        told.append((f"Service map, version {state.map_version}", [*layers, rest]))
    return told


def _payload(report: "MapReport", told: list[tuple[str, list[str]]], file: Path, trust: Path) -> dict[str, object]:
    """The report as JSON says it."""
    from skycommons.governance.explain import explain_log

    head, ledger = report.head, report.ledger
    return {
        "bundle": str(file),
        "trust": str(trust),
        "verified": bool(report),
        "origin": None if head is None else head.head.origin,
        "size": None if head is None else head.head.size,
        "witnesses": [] if head is None else [{"name": name, "time_s": time_s} for name, time_s in head.witnesses],
        "map_version": report.map_version,
        "map_sha256": report.map_sha256,
        "refusals": [{"code": type(refusal).__name__, "message": str(refusal)} for refusal in report.refusals],
        "findings": [{"entry": one.index, "kind": one.kind, "why": one.why} for one in report.findings],
        "summary": {} if ledger is None else ledger.summary(),
        "sentences": explain_log(report, when),
        "explained": [{"title": title, "sentences": sentences} for title, sentences in told],
    }
