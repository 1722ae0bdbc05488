"""``skycommons emulate``: a scenario run live, with real programs on its terminals' hosts.

Rules: the program that runs has stdin and stdout to itself, and its exit code is the command's; what skycommons says while it
runs, and how the run went, go to stderr. Under ``--json`` the program's output goes to stderr, too. Nothing is left behind,
however it ends.
"""

import math
import os
import shutil
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal

from cyclopts import Parameter

from skycommons.cli.console import FOR_PEOPLE, Output, complain
from skycommons.cli.live_program import run_program
from skycommons.cli.live_results import results_json, show_results, write_results
from skycommons.cli.live_table import LiveTable
from skycommons.cli.service_map import MapFile, TrustFile, obeyed

if TYPE_CHECKING:
    from skycommons.emulation.live_network import LiveNetwork
    from skycommons.emulation.live_report import LiveReport
    from skycommons.emulation.trace import Trace
    from skycommons.emulation.world_state import LiveEvent
    from skycommons.model.scenario import Scenario

_SHELL: Final = "bash"  # where the user has named none: dash complains at its end that the terminal was another's
_PLAIN_SHELL: Final = "/bin/sh"
_FEW: Final = 8  # names that a message lists


Program = Annotated[
    str,
    Parameter(help="After --: a program and its arguments, to run on a host. The scenario's probes run without one."),
]
On = Annotated[
    str | None,
    Parameter(help="Host on which the program runs, a terminal's or another one; the first terminal's unless given."),
]
Shell = Annotated[str | None, Parameter(help="Open your shell on this host, in place of a program.")]
Terminals = Annotated[str | None, Parameter(help="Terminals that take part, with commas between; all unless given.")]
Speed = Annotated[float, Parameter(help="Emulated seconds in one of yours; delays of packets stay what they are.")]
Seconds = Annotated[
    float | None,
    Parameter(help="Emulated seconds after which it ends. Else probes have the scenario's span, and programs no end."),
]
Out = Annotated[Path, Parameter(help="Folder for what probes find; what an earlier run left there is replaced.")]
TraceFile = Annotated[Path | None, Parameter(help="Lines do what this trace says, in place of the plan.")]
Carrier = Annotated[
    Literal["tun", "netem"] | None, Parameter(help="What carries the packets, in place of the scenario's.")
]
CaptureFolder = Annotated[
    Path | None, Parameter(help="Folder for what crosses each terminal's line, as pcap; needs tcpdump.")
]
MapAt = Annotated[
    float | None,
    Parameter(help="Seconds after the start from which on the service map is obeyed; from the start unless given."),
]


def emulate(
    scenario: Annotated[Path, Parameter(help="Scenario file.")],
    /,
    *command: Program,
    on: On = None,
    shell: Shell = None,
    sites: Terminals = None,
    speed: Speed = 1.0,
    seconds: Seconds = None,
    out: Out = Path("results"),
    trace: TraceFile = None,
    wire: Carrier = None,
    capture: CaptureFolder = None,
    service_map: MapFile = None,
    trust: TrustFile = None,
    last_good: Annotated[
        Path | None,
        Parameter(help="Where the last service map that verified lies; in your folder of states unless given."),
    ] = None,
    service_map_at: MapAt = None,
    output: Output = FOR_PEOPLE,
) -> int:
    """Run a scenario live: real programs on terminals' hosts, whose packets cross the constellation as it moves."""
    from skycommons.emulation.capture import capturing
    from skycommons.emulation.live_network import emulate as run_live
    from skycommons.emulation.privileges import ensure
    from skycommons.model.emulation_rules import WireKind
    from skycommons.model.scenario import load
    from skycommons.studies.files import check_writable

    task = task_of(command, on=on, shell=shell)
    check_spans(seconds=seconds, speed=speed, map_at_s=service_map_at, has_map=service_map is not None)
    played = None if trace is None else trace_of(trace, has_map=service_map is not None)
    found, names = at_sites(load(scenario), sites)
    if seconds is not None and not task.argv:
        found = found.replace(emulation=found.emulation.until(seconds))
    check_work(task, found, names)
    check_writable(out)
    found = found if played is None else without_plan(found, output)
    ensure()
    found, later = under_map(found, service_map, trust, last_good, at_s=service_map_at, output=output)
    for note in found.notes:
        output.note(f"note: {note}")
    carrier = None if wire is None else WireKind(wire)
    with ExitStack() as running:
        net = running.enter_context(
            run_live(found, speed=speed, sites=names, seconds=seconds, wire=carrier, trace=played, said=output.note)
        )
        if capture is not None:
            running.enter_context(capturing([net[name] for name in net.names.terminals], capture))
        for event in later:
            net.at(event.at_s, event)
        if task.argv:
            return _with_program(net, task, seconds=seconds, output=output)
        return _with_probes(net, out, output=output)


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What runs on the hosts.

    Attributes:
        argv: A program and its arguments; empty for the scenario's probes.
        host: Where the program runs; empty for the first terminal's host.
        is_shell: Whether it is a shell, at whose prompt nothing else is told.
    """

    argv: tuple[str, ...] = ()
    host: str = ""
    is_shell: bool = False


def task_of(command: tuple[str, ...], *, on: str | None = None, shell: str | None = None) -> Task:
    """What the options ask for.

    Args:
        command: A program and its arguments.
        on: Where it runs.
        shell: Where a shell is wanted.
    Raises:
        InputError: They contradict each other.
    >>> task_of(("ping", "-c3", "studio"), on="team")
    Task(argv=('ping', '-c3', 'studio'), host='team', is_shell=False)
    """
    from skycommons.base.errors import InputError

    if shell is not None:
        if command or on is not None:
            raise InputError("--shell opens a shell; leave out the program and --on, or --shell")
        return Task(argv=(os.environ.get("SHELL") or shutil.which(_SHELL) or _PLAIN_SHELL,), host=shell, is_shell=True)
    if on is not None and not command:
        raise InputError("--on says where a program runs; name one after --")
    return Task(argv=command, host=on or "")


def check_spans(*, seconds: float | None, speed: float, map_at_s: float | None, has_map: bool) -> None:
    """Refuse lengths of time and a speed that make no sense.

    Raises:
        InputError: They do not.
    """
    from skycommons.base.errors import InputError
    from skycommons.emulation.pace import MOST_SPEED

    if seconds is not None and not 0.0 < seconds < math.inf:
        raise InputError(f"--seconds: {seconds:g} should be above 0")
    if not 0.0 < speed <= MOST_SPEED:
        raise InputError(f"--speed: {speed:g} should be above 0 and at most {MOST_SPEED:g}")
    if map_at_s is None:
        return
    if not has_map:
        raise InputError("--service-map-at: is of use only beside --service-map and --trust")
    if not 0.0 <= map_at_s < math.inf:
        raise InputError(f"--service-map-at: {map_at_s:g} should be 0 or above")


def trace_of(file: Path, *, has_map: bool) -> "Trace":
    """The trace that is played in place of the plan.

    Raises:
        InputError: A service map is to be obeyed, of which a trace knows nothing.
        FormatError: The file has faults.
    """
    from skycommons.base.errors import InputError
    from skycommons.emulation.trace_formats import read_trace

    if has_map:
        raise InputError(
            "--trace: is played in place of the plan, which alone obeys a service map; leave out one of them"
        )
    return read_trace(file)


def without_plan(scenario: "Scenario", output: Output) -> "Scenario":
    """The scenario without what can happen to a plan alone, which is told."""
    from dataclasses import replace

    from skycommons.model.emulation_rules import DishEvent

    rules = scenario.emulation
    kept = tuple(event for event in rules.events if isinstance(event, DishEvent))
    if len(kept) < len(rules.events):
        output.note(f"note: events of the scenario that do not happen under a trace: {len(rules.events) - len(kept)}")
    return scenario.replace(emulation=replace(rules, events=kept))


def at_sites(scenario: "Scenario", sites: str | None) -> "tuple[Scenario, tuple[str, ...]]":
    """The scenario with nothing to be done at terminals that take no part, and those that do; none for all.

    Raises:
        InputError: There is no such terminal.
    """
    from skycommons.base.errors import InputError
    from skycommons.model.documents_read import did_you_mean

    if sites is None:
        return scenario, ()
    terminals = _terminals(scenario)
    names = tuple(dict.fromkeys(name.strip() for name in sites.split(",")))
    for name in names:
        if name not in terminals:
            raise InputError(f"--sites: there is no terminal {name!r}{did_you_mean(name, terminals)}")
    return scenario.replace(emulation=scenario.emulation.without(frozenset(terminals).difference(names))), names


def _terminals(scenario: "Scenario") -> list[str]:
    """Names of a scenario's terminals."""
    from skycommons.model.world import SiteKind

    sites = scenario.world.sites
    return [sites.ids[row] for row in sites.rows(SiteKind.TERMINAL)]


def check_work(task: Task, scenario: "Scenario", terminals: tuple[str, ...] = ()) -> None:
    """Refuse to build a network in which nothing would run, or not where it should.

    Raises:
        InputError: Nothing would, or there is no such host.
    """
    from skycommons.base.errors import InputError
    from skycommons.model.documents_read import did_you_mean
    from skycommons.model.world import SiteKind

    sites = scenario.world.sites
    pops = [sites.ids[row] for row in sites.rows(SiteKind.POP)]
    names = [*(terminals or _terminals(scenario)), *scenario.emulation.hosts, *pops]
    if task.host and task.host not in names:
        near = did_you_mean(task.host, names) or f"; there are {', '.join(names[:_FEW])}"
        raise InputError(f"there is no host {task.host!r}{near}")
    if not task.argv and not scenario.emulation.probes:
        raise InputError(
            "there is nothing to run: name a program after --, or add [[emulation.probes]] to the scenario"
        )


def under_map(
    scenario: "Scenario",
    service_map: Path | None,
    trust: Path | None,
    last_good: Path | None,
    *,
    at_s: float | None,
    output: Output,
) -> "tuple[Scenario, tuple[LiveEvent, ...]]":
    """The scenario under a verified service map, or as it is and the map as an event.

    Args:
        scenario: What is to run.
        service_map, trust, last_good: As the user named them.
        at_s: When the map is obeyed; from the start unless given.
        output: Where it is told.
    Raises:
        SkycommonsError: As `skycommons.cli.service_map.obeyed`.
    """
    from skycommons.emulation.world_state import MapApplies

    silent = Output(json=True)  # stdout belongs to the program
    told, enforced = obeyed(scenario, service_map=service_map, trust=trust, last_good=last_good, output=silent)
    if enforced is None:
        return scenario, ()
    for sentence in enforced.sentences():
        say = complain if enforced.refusals else output.note
        say(sentence)
    if at_s is None:
        return told, ()
    return scenario, (MapApplies(at_s=at_s, timeline=enforced.timeline),)


def _with_program(net: "LiveNetwork", task: Task, *, seconds: float | None, output: Output) -> int:
    """Run a program, then say how the run went; its exit code."""
    host = net[task.host or net.names.terminals[0]]
    for note in net.hosts.notes:
        output.note(f"note: {note}")
    output.note(f"{host.name} is {host.ipv4} and {host.ipv6}; hosts: {', '.join(net.hosts)}")
    code = run_program(
        net, host, task.argv, seconds=seconds, table=LiveTable(output, is_once=task.is_shell), output=output
    )
    report = net.report()
    tell_report(report, output)
    output.result(
        {
            "program": task.argv,
            "host": host.name,
            "exit_code": code,
            "seconds": net.elapsed_s(),
            "run": report.to_json_dict(),
        }
    )
    return code


def tell_report(report: "LiveReport", output: Output) -> None:
    """How well the run kept to its plan, on stderr: what was carried and lost, and what is to be doubted."""
    counters = report.counters
    late = "" if math.isnan(report.lateness_s[1]) else f"; 99 % were less than {1e3 * report.lateness_s[1]:.2g} ms late"
    output.note(
        f"{int(counters.sent_packets.sum()):,} packets sent, {int(counters.delivered_packets.sum()):,} delivered; lost: "
        f"{int(counters.lost_packets.sum()):,} at random, {int(counters.queue_packets.sum()):,} in queues, "
        f"{int(counters.gap_packets.sum()):,} in gaps, {int(counters.host_packets.sum()):,} by this machine{late}"
    )
    for note in report.notes:
        complain(f"doubt this run: {note}")


def _with_probes(net: "LiveNetwork", out: Path, *, output: Output) -> int:
    """Run the scenario's probes, write what they found, and show it."""
    from tempfile import TemporaryDirectory

    from skycommons.emulation.session import run_session

    out.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=".films.", dir=out) as films:
        found = run_session(net, folder=Path(films), show=LiveTable(output).show)
        written = write_results(found, out / f"{net.scenario.name}-live", Path(films))
    show_results(found, output)
    tell_report(found.report, output)
    for what, path in written.items():
        output.line(f"{what:<9} {path}")
    output.result({**results_json(found), "files": written})
    return 0
