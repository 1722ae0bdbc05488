"""The hosts of a live network: each a network of its own, in which real programs run.

* `Hosts.build` makes all of a `Layout`, `Hosts.close` ends all programs and lets go of everything. Nothing has a name on the
  machine, and nothing stays when the process ends, in whatever way.
* The machine's own network and firewall are neither changed nor reachable from inside. Its files are there, as for any program of
  this user, and with them services that listen at sockets in the file system.
* Names are answered by servers inside; what they do not know does not exist.
* What a machine lacks is told in ``notes`` if one can do without, and else refused with one message.
"""

import atexit
import os
import platform
import resource
import signal
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from functools import partial
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path
from threading import current_thread, main_thread
from types import FrameType, TracebackType
from typing import Any, Final, NamedTuple, NoReturn, Self, TypeVar

from skycommons.base.errors import HostError, InputError
from skycommons.emulation import privileges
from skycommons.emulation.dns_answers import DnsTable
from skycommons.emulation.dns_server import DnsServer
from skycommons.emulation.layout import EXCHANGE, GATEWAY, INTERNET_ZONE, TERMINAL_ZONE, HostKind, Layout, Site, Wiring
from skycommons.emulation.layout_commands import (
    FIRST_SYSCTLS,
    ROUTER_SYSCTLS,
    exchange_commands,
    internet_commands,
    ipv4_only,
    nat_rules,
    pop_commands,
    terminal_commands,
    veth_commands,
)
from skycommons.emulation.namespaces import Namespaces, new_mounts, new_namespaces, write_sysctls
from skycommons.emulation.ownership import MARK_VARIABLE, new_mark, remove_leftovers
from skycommons.emulation.programs import Programs, found, needed
from skycommons.emulation.tun import open_tun
from skycommons.emulation.wire_ports import WirePorts
from skycommons.model.documents_read import did_you_mean

T = TypeVar("T")

FILES_PER_HOST: Final = 12  # two namespaces, a TUN, a dish and its callers, and the streams of a program or two
SPARE_FILES: Final = 256
SET_UP_S: Final = 60.0


class HostRow(NamedTuple):
    """A host as a line of a table."""

    name: str
    kind: str
    ipv4: str
    ipv6: str
    pop: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Host:
    """A host in which programs run.

    Attributes:
        name: As in the scenario.
        kind: What it stands for.
        ipv4, ipv6: Its addresses.
        pop: Name of a terminal's PoP; empty for others.
        domain: Its name in the DNS.
    """

    name: str
    kind: HostKind
    ipv4: str
    ipv6: str
    pop: str
    domain: str
    namespaces: Namespaces = field(repr=False)
    programs: Programs = field(repr=False)

    def run(
        self,
        argv: Sequence[str],
        *,
        timeout_s: float = 60.0,
        input: str | None = None,  # noqa: A002 -- as subprocess.run calls it
        env: Mapping[str, str] | None = None,
        pass_fds: Sequence[int] = (),
    ) -> subprocess.CompletedProcess[str]:
        """Run a program to its end.

        Args:
            argv: The program and its arguments.
            timeout_s: When it and its children are killed at the latest.
            input: What it reads.
            env: Added to its environment.
            pass_fds: Files that it inherits.

        Returns:
            Its exit code, and what it wrote.
        Raises:
            HostError: It cannot be started, or did not end in time.
        """
        program = self.popen(
            argv,
            env=env,
            stdin=subprocess.DEVNULL if input is None else subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="replace",
            pass_fds=pass_fds,
            start_new_session=True,
        )
        return self._ended(program, argv, input, timeout_s)

    def popen(
        self,
        argv: Sequence[str],
        *,
        env: Mapping[str, str] | None = None,
        **streams: Any,  # noqa: ANN401 -- as subprocess.Popen takes them
    ) -> "subprocess.Popen[Any]":
        """Start a program; it ends with the live network at the latest.

        Args:
            argv: The program and its arguments.
            env: Added to its environment.
            streams: Whatever else `subprocess.Popen` takes.

        Raises:
            HostError: It cannot be started.
        """
        return self.programs.start(argv, self.namespaces, env=env, **streams)

    def call(self, work: Callable[[], T]) -> T:
        """Run something in a thread that is inside: sockets made there belong to this host.

        Raises:
            HostError: The live network is over.
        """
        self.programs.running()
        return self.namespaces.call(work)

    def _ended(
        self, program: "subprocess.Popen[str]", argv: Sequence[str], text: str | None, timeout_s: float
    ) -> subprocess.CompletedProcess[str]:
        """Wait for a program with a session of its own, and kill it with its children if that lasts too long."""
        try:
            output, errors = program.communicate(text, timeout=timeout_s)
        except BaseException as error:
            with suppress(ProcessLookupError):
                os.killpg(program.pid, signal.SIGKILL)
            with suppress(subprocess.TimeoutExpired, ValueError):
                program.communicate(timeout=1.0)
            if isinstance(error, subprocess.TimeoutExpired):
                raise HostError(f"{argv[0]} on {self.name} did not end within {timeout_s:g} s") from error
            raise
        return subprocess.CompletedProcess(list(argv), program.returncode, output, errors)


class Hosts(Mapping[str, Host]):
    """All hosts of a live network, by name.

    Attributes:
        layout: What they were made from.
        id: Of the run; programs find it in their environment.
        notes: What this machine lacks, and what follows.
    """

    def __init__(self, layout: Layout, *, gso_max_bytes: Sequence[int] | None = None) -> None:
        self.layout = layout
        self.notes: tuple[str, ...] = ()
        self._hosts: dict[str, Host] = {}
        self._terminal_fds: tuple[int, ...] = ()
        self._pop_fds: tuple[int, ...] = ()
        self._programs: Programs | None = None
        self._owned = ExitStack()
        self._former_handler: Any = None
        limits = tuple(gso_max_bytes or [0] * len(layout.terminals))
        if len(limits) != len(layout.terminals):
            raise InputError(f"gso_max_bytes has {len(limits)} numbers for {len(layout.terminals)} terminals")
        privileges.needed()
        needed("ip")
        _allow_files(FILES_PER_HOST * len(tuple(layout)) + SPARE_FILES)
        remove_leftovers()
        atexit.register(self.close)
        try:
            self._build(limits)
        except BaseException:
            self.close()
            raise

    @staticmethod
    def build(layout: Layout, *, gso_max_bytes: Sequence[int] | None = None) -> "Hosts":
        """Make all hosts.

        Args:
            layout: Who they are.
            gso_max_bytes: Longest piece that TCP hands over at once, of each terminal; 0 for the kernel's own limit. Lines that
                are slow need a few packets' length, or queues and losses lose their meaning.

        Raises:
            HostError: The machine does not let one, or something is missing; nothing is left.
            InputError: ``gso_max_bytes`` is not one number a terminal.
        """
        return Hosts(layout, gso_max_bytes=gso_max_bytes)

    def __getitem__(self, name: str) -> Host:
        try:
            return self._hosts[name]
        except KeyError:
            near = did_you_mean(name, list(self._hosts))
            raise InputError(f"there is no host {name!r}{near or f'; there are {_some(list(self._hosts))}'}") from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._hosts)

    def __len__(self) -> int:
        return len(self._hosts)

    def __contains__(self, name: object) -> bool:
        return name in self._hosts

    def __enter__(self) -> Self:
        """Close it at the end of the block, also when SIGTERM comes."""
        if current_thread() is main_thread() and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
            self._former_handler = signal.signal(signal.SIGTERM, _leave)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def ports(self) -> WirePorts:
        """Where the wire takes packets from.

        Raises:
            InputError: The layout has no TUNs.
        """
        if self.layout.wiring is not Wiring.TUN:
            raise InputError("lines of virtual Ethernet have no ports: the kernel carries their packets")
        sites = self.layout.terminals
        return WirePorts(
            terminal_fd=self._terminal_fds,
            pop_fd=self._pop_fds,
            pop=tuple(site.pop for site in sites),
            ipv4=tuple(int(IPv4Address(site.ipv4)) for site in sites),
            ipv6=tuple(int(IPv6Address(site.ipv6)) >> 64 for site in sites),
        )

    def describe(self) -> tuple[HostRow, ...]:
        """Lines of a table: terminals, PoPs, hosts of the internet."""
        return tuple(HostRow(one.name, one.kind.value, one.ipv4, one.ipv6, one.pop) for one in self._hosts.values())

    def close(self) -> None:
        """End all programs and let go of everything; a second call does nothing.

        Programs take 7 s at most, and the kernel some 20 ms for each TUN.
        """
        atexit.unregister(self.close)
        try:
            if self._programs is not None:
                self._programs.close()
        finally:  # also where a second signal interrupts the first one's clearing up
            self._owned.close()
        if self._former_handler is not None and current_thread() is main_thread():
            signal.signal(signal.SIGTERM, self._former_handler)
            self._former_handler = None

    def _build(self, gso_max_bytes: Sequence[int]) -> None:
        """Make everything; what is made is closed in the opposite order."""
        layout = self.layout
        mark = new_mark()
        self.id = mark.id
        self._owned.callback(mark.remove)
        self._programs = Programs({MARK_VARIABLE: mark.id})
        exchange = self._make_namespaces(self._programs)
        paths = {name: f"/proc/self/fd/{host.namespaces.net_fd}" for name, host in self._hosts.items()}
        net_fds = [host.namespaces.net_fd for host in self._hosts.values()]
        if layout.wiring is Wiring.TUN:
            self._terminal_fds = tuple(self._tun(site) for site in layout.terminals)
            self._pop_fds = tuple(self._tun(site) for site in layout.pops)
        else:
            for pop, site in enumerate(layout.pops):
                self._ip(self._hosts[site.name], veth_commands(layout, pop, paths), net_fds)
        has_nat = self._translate()
        self._ip(exchange, exchange_commands(layout, paths, has_nat=has_nat), net_fds)
        for terminal, site in enumerate(layout.terminals):
            self._ip(self._hosts[site.name], terminal_commands(layout, terminal, gso_max_bytes=gso_max_bytes[terminal]))
        for pop, site in enumerate(layout.pops):
            least = min((gso_max_bytes[row] for row in layout.of_pop(pop) if gso_max_bytes[row]), default=0)
            self._ip(self._hosts[site.name], pop_commands(layout, pop, gso_max_bytes=least))
        for site in layout.internet:
            self._ip(self._hosts[site.name], internet_commands(layout, site))
        for router in (*(self._hosts[site.name] for site in layout.pops), exchange):
            write_sysctls(router.namespaces.net_fd, ROUTER_SYSCTLS)
        servers = DnsServer(
            DnsTable(layout.domains),
            [*((self._hosts[site.name], GATEWAY) for site in layout.pops), (exchange, EXCHANGE)],
        )
        self._owned.callback(servers.stop)

    def _make_namespaces(self, programs: Programs) -> Host:
        """Networks and views of mounts of all hosts, and the exchange's."""
        contents = {"/etc/hosts": _hosts_file(), "/etc/nsswitch.conf": _name_switch(), "/run/nscd/socket": ""}
        with ExitStack() as templates:
            template_of = {}
            for server in GATEWAY, EXCHANGE:
                resolver = (
                    f"nameserver {server}\nsearch {TERMINAL_ZONE} {INTERNET_ZONE}\noptions timeout:2 attempts:2\n"
                )
                template_of[server], missing = new_mounts(programs.pids_fd, {"/etc/resolv.conf": resolver, **contents})
                templates.callback(os.close, template_of[server])
            if "/etc/resolv.conf" in missing:
                self._note("this machine has no /etc/resolv.conf, so programs find no names; use addresses")
            for site in self.layout:
                template = template_of[EXCHANGE if site.kind is HostKind.INTERNET else GATEWAY]
                self._hosts[site.name] = self._host(site, new_namespaces(template), programs)
            own = Site(name="exchange", kind=HostKind.INTERNET, label="exchange", ipv4=EXCHANGE, ipv6="")
            exchange = self._host(own, new_namespaces(template_of[EXCHANGE]), programs)
        for host in (*self._hosts.values(), exchange):
            write_sysctls(host.namespaces.net_fd, FIRST_SYSCTLS)
        return exchange

    def _host(self, site: Site, namespaces: Namespaces, programs: Programs) -> Host:
        self._owned.callback(namespaces.close)
        return Host(
            name=site.name,
            kind=site.kind,
            ipv4=site.ipv4,
            ipv6=site.ipv6,
            pop=self.layout.pops[site.pop].name if site.pop >= 0 else "",
            domain=site.domain,
            namespaces=namespaces,
            programs=programs,
        )

    def _tun(self, site: Site) -> int:
        """The interface ``sky0`` of a host, as a file."""
        tun_fd = self._hosts[site.name].call(partial(open_tun, "sky0"))
        self._owned.callback(os.close, tun_fd)
        return tun_fd

    def _translate(self) -> bool:
        """Let PoPs translate addresses; false, and a note, where that cannot be."""
        if not found("nft"):
            why = "the program nft is not here (Debian: apt-get install nftables)"
        else:
            rules = nat_rules(self.layout)
            tried = [self._hosts[site.name].run(("nft", "-f", "-"), input=rules) for site in self.layout.pops]
            why = next((one.stderr.strip().splitlines()[0] for one in tried if one.returncode), "")
            if not why:
                return True
        self._note(f"PoPs do not translate addresses, and let connections to terminals in: {why}")
        return False

    def _ip(self, host: Host, lines: Sequence[str], pass_fds: Sequence[int] = ()) -> None:
        """Run lines of ``ip`` in a host, those of IPv6 only where the kernel has it.

        Raises:
            HostError: One of them is refused.
        """
        if not _has_ipv6():
            self._note("this kernel has no IPv6, so hosts have none")
            lines = ipv4_only(lines)
        run_ip(host, lines, pass_fds)

    def _note(self, text: str) -> None:
        if text not in self.notes:
            self.notes = (*self.notes, text)


def run_ip(host: Host, lines: Sequence[str], pass_fds: Sequence[int] = ()) -> None:
    """Run lines of ``ip`` in a host, in one go.

    Args:
        host: Which.
        lines: Without the name of the program.
        pass_fds: Files that lines may name.

    Raises:
        HostError: One of them is refused.
    """
    text = "".join(f"{line}\n" for line in lines)
    ended = host.run(("ip", "-batch", "-"), timeout_s=SET_UP_S, input=text, pass_fds=pass_fds)
    if ended.returncode != 0:
        raise HostError(f"the host {host.name} cannot be set up: {' '.join(ended.stderr.split())}")


def _leave(number: int, _frame: FrameType | None) -> NoReturn:
    """End the process as SIGTERM would, but through the ends of all blocks."""
    raise SystemExit(128 + number)


def _allow_files(number: int) -> None:
    """Let this process have more files open, up to what the machine permits.

    Raises:
        HostError: That is too few.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if resource.RLIM_INFINITY not in {soft, hard} and hard < number:
        raise HostError(f"{number} open files are needed and {hard} permitted: ulimit -n {number}")
    if soft != resource.RLIM_INFINITY and soft < number:
        resource.setrlimit(resource.RLIMIT_NOFILE, (number, hard))


def _has_ipv6() -> bool:
    return Path("/proc/sys/net/ipv6").exists()


def _hosts_file() -> str:
    """Names that need no server: the loopback's, and the machine's own, which some programs ask for."""
    return f"127.0.0.1 localhost\n::1 localhost ip6-localhost\n127.0.1.1 {platform.node() or 'localhost'}\n"


def _name_switch() -> str:
    """The machine's name service switch with hosts sought in files and the DNS alone, never at a service of the machine."""
    try:
        lines = Path("/etc/nsswitch.conf").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    return "".join(f"{line}\n" for line in lines if not line.lstrip().startswith("hosts:")) + "hosts: files dns\n"


def _some(names: Sequence[str]) -> str:
    """The first of many names."""
    return ", ".join(names[:8]) + (f" and {len(names) - 8} others" if len(names) > 8 else "")
