"""Checks of a live run against what the scenario has: terminals, gateways, satellites, territories, hosts, and the span.

Rules: a name of something that has faults of its own is no second fault; where sites or satellites cannot be known, no name of
one is checked.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from skycommons.model.documents_emulation import (
    AnyEvent,
    AnyProbe,
    FailGatewayDocument,
    FailSatelliteDocument,
    Iperf3Document,
    RainDocument,
    RestoreGatewayDocument,
    RestoreSatelliteDocument,
    ServiceEventDocument,
    VideoDocument,
)
from skycommons.model.documents_read import Draft, Findings, did_you_mean
from skycommons.model.documents_to_ground import Ground
from skycommons.model.emulation_rules import INTERNET, Transport
from skycommons.model.world import Satellites, SiteKind

_FLATTEST: Final = 5  # width over height of a picture that its bands leave something of
_FEW: Final = 8  # names that a message lists


def check_emulation(
    draft: Draft, ground: Ground, satellites: Satellites | None, *, is_scheduled: bool, findings: Findings
) -> None:
    """Add a fault for all that a live run names and the scenario has not, or that does not go together.

    Args:
        draft: The document.
        ground: The scenario's sites.
        satellites: None where they cannot be known.
        is_scheduled: Whether the scenario has a scheduler, which alone knows of service.
        findings: Where faults go.
    """
    names = _Names.of(draft, ground, satellites)
    _check_hosts(names, draft, findings)
    _check_events(names, draft, is_scheduled=is_scheduled, findings=findings)
    _check_probes(names, draft, findings)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Names:
    """What a live run may name.

    Attributes:
        terminals, gateways, pops, hosts: Names; of PoPs all that the scenario may use.
        faulty: Terminals whose own table has faults: to name one of them is no second fault.
        satellites: Ids; empty where they are not known.
    """

    terminals: tuple[str, ...]
    gateways: tuple[str, ...]
    pops: tuple[str, ...]
    hosts: tuple[str, ...]
    faulty: frozenset[str]
    satellites: tuple[str, ...]

    @staticmethod
    def of(draft: Draft, ground: Ground, satellites: Satellites | None) -> "_Names":
        """Names of a scenario."""
        kind = ground.sites.kind
        return _Names(
            terminals=tuple(ground.sites.ids[row] for row in ground.sites.rows(SiteKind.TERMINAL)),
            gateways=tuple(name for name, row in ground.row_of.items() if kind[row] == SiteKind.GATEWAY),
            pops=tuple(ground.pop_row_of),
            hosts=draft.host_names or (INTERNET,),
            faulty=draft.terminal_names,
            satellites=() if satellites is None else tuple(satellites.ids),
        )

    def check_terminal(self, place: str, name: str, findings: Findings) -> None:
        """A fault where there is no such terminal."""
        if name not in self.faulty:
            _check_name(place, name, self.terminals, what="terminal", findings=findings)


def _check_hosts(names: _Names, draft: Draft, findings: Findings) -> None:
    """Hosts whose names are taken, whatever their capital letters."""
    whose = {name.casefold(): "a PoP" for name in names.pops} | {
        name.casefold(): "a terminal" for name in names.terminals
    }
    for number, name in enumerate(names.hosts):
        here = f"emulation.hosts.{number}.name" if draft.host_names else "emulation.hosts"
        if name in whose:
            findings.fault(here, f"{whose[name]} is called {name!r} already; name the host otherwise")
        whose[name] = "a host"


def _check_events(names: _Names, draft: Draft, *, is_scheduled: bool, findings: Findings) -> None:
    """Every event's time and names."""
    failed: set[tuple[type[AnyEvent], str]] = set()
    for number, event in sorted(draft.events, key=lambda one: one[1].at_s):
        here = f"emulation.events.{number}"
        _check_span(f"{here}.at_s", event.at_s, draft, findings)
        match event:
            case FailSatelliteDocument() | RestoreSatelliteDocument():
                _check_either(here, event, ("satellite", "serving"), findings)
                if event.satellite is not None and names.satellites:
                    _check_name(
                        f"{here}.satellite", event.satellite, names.satellites, what="satellite", findings=findings
                    )
            case FailGatewayDocument() | RestoreGatewayDocument():
                _check_either(here, event, ("gateway", "serving"), findings)
                if event.gateway is not None:
                    _check_name(f"{here}.gateway", event.gateway, names.gateways, what="gateway", findings=findings)
            case RainDocument():
                _check_span(f"{here}.duration_s", event.at_s + event.duration_s, draft, findings)
                _check_centre(here, event, findings)
            case ServiceEventDocument():
                _check_service(here, event, draft, is_scheduled=is_scheduled, findings=findings)
            case _:
                pass
        for key in ("serving", "terminal"):
            name = getattr(event, key, None)
            if name is not None:
                names.check_terminal(f"{here}.{key}", name, findings)
        _check_return(here, event, failed, findings)


def _check_return(here: str, event: AnyEvent, failed: set[tuple[type[AnyEvent], str]], findings: Findings) -> None:
    """What is to work again by a terminal's name must have failed by it before."""
    match event:
        case FailSatelliteDocument(serving=str(name)) | FailGatewayDocument(serving=str(name)):
            failed.add((type(event), name))
        case RestoreSatelliteDocument(serving=str(name)) if (FailSatelliteDocument, name) not in failed:
            findings.fault(
                f"{here}.serving", f"no satellite that served {name!r} failed before; add that event, or its id"
            )
        case RestoreGatewayDocument(serving=str(name)) if (FailGatewayDocument, name) not in failed:
            findings.fault(
                f"{here}.serving", f"no gateway that served {name!r} failed before; add that event, or its name"
            )
        case _:
            pass


def _check_service(
    here: str, event: ServiceEventDocument, draft: Draft, *, is_scheduled: bool, findings: Findings
) -> None:
    """A territory that is there, and a scheduler that heeds it."""
    if not is_scheduled:
        findings.fault(here, "nobody heeds states of service without a scheduler; add [schedule]")
    known = [document.name for _, document in draft.territories]
    _check_name(f"{here}.territory", event.territory, known, what="territory", findings=findings)


def _check_centre(here: str, rain: RainDocument, findings: Findings) -> None:
    """One centre, said once."""
    by_degrees = [key for key in ("latitude_deg", "longitude_deg") if getattr(rain, key) is not None]
    if rain.terminal is not None and by_degrees:
        findings.fault(here, f"has terminal and {by_degrees[0]}; remove one of them, both say where")
    if rain.terminal is None and len(by_degrees) < 2:
        findings.fault(here, "needs a centre; add terminal, or latitude_deg and longitude_deg")


def _check_probes(names: _Names, draft: Draft, findings: Findings) -> None:
    """Every probe's time, names and keys that do not go together."""
    for number, probe in draft.probes:
        here = f"emulation.probes.{number}"
        _check_span(f"{here}.duration_s", probe.begin_s + probe.duration_s, draft, findings)
        for name in probe.sources:
            names.check_terminal(f"{here}.from", name, findings)
        if len(set(probe.sources)) < len(probe.sources):
            findings.fault(f"{here}.from", "names a terminal twice; remove it once")
        if probe.target is not None:
            _check_target(f"{here}.to", probe, names, draft=draft, findings=findings)
        match probe:
            case Iperf3Document():
                _check_iperf3(here, probe, findings)
            case VideoDocument(width=width, height=height) if _FLATTEST * height < width:
                findings.fault(f"{here}.height", f"should be a fifth of width ({width}) or more, not {height}")
            case _:
                pass


def _check_target(here: str, probe: AnyProbe, names: _Names, *, draft: Draft, findings: Findings) -> None:
    """A host of the internet, or a terminal where terminals reach each other."""
    target = probe.target
    if target in probe.sources:
        findings.fault(here, f"is {target!r}, where the probe starts; name another host")
    elif target in names.terminals and not (draft.emulation is None or draft.emulation.terminal_to_terminal):
        findings.fault(
            here, f"{target!r} is a terminal; name a host, or add terminal_to_terminal = true to [emulation]"
        )
    elif target is not None and target not in names.terminals:
        _check_name(here, target, names.hosts, what="host", findings=findings)


def _check_iperf3(here: str, probe: Iperf3Document, findings: Findings) -> None:
    """TCP finds its rate by congestion control; datagrams are told it."""
    if probe.transport is Transport.UDP and probe.rate_mbps is None:
        findings.fault(f"{here}.rate_mbps", "udp sends as fast as it is told; add it")
    if probe.transport is Transport.UDP and probe.congestion is not None:
        findings.fault(f"{here}.congestion", 'counts only where protocol is "tcp"; remove it')


def _check_either(here: str, event: AnyEvent, keys: tuple[str, str], findings: Findings) -> None:
    """One of two keys says what it is about."""
    given = [key for key in keys if getattr(event, key) is not None]
    if len(given) > 1:
        findings.fault(here, f"has {' and '.join(given)}; remove one of them, both say which")
    if not given:
        findings.fault(here, f"needs {' or '.join(keys)}; add one of them")


def _check_span(here: str, end_s: float, draft: Draft, findings: Findings) -> None:
    """Nothing happens after the last instant."""
    if draft.time is None:
        return
    span_s = draft.time.duration_s or (draft.time.hours or 0.0) * 3600.0
    if end_s > span_s > 0.0:
        findings.fault(
            here, f"leads to {end_s:g} s after the start, past the span of {span_s:g} s; begin earlier or end sooner"
        )


def _check_name(here: str, name: str, known: Sequence[str], *, what: str, findings: Findings) -> None:
    """A fault where there is nothing of this name."""
    if name in known:
        return
    some = f"; there are {', '.join(known)}" if len(known) <= _FEW else "; name another one"
    findings.fault(here, f"there is no {what} {name!r}{did_you_mean(name, known) or (some if known else '; add one')}")
