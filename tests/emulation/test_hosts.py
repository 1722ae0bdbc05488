"""Hosts: real programs reach each other as the layout says, and the machine notices nothing."""

import gc
import os
import re
import resource
import signal
import socket
import subprocess
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from time import monotonic, sleep

import pytest

from skycommons.base.errors import HostError, InputError
from skycommons.emulation import hosts as hosts_module
from skycommons.emulation.hosts import Hosts
from skycommons.emulation.layout import HostKind, TerminalPlace, Wiring, layout_of
from skycommons.emulation.ownership import MARK_VARIABLE, mark_folder, marked
from tests.support.plain_wire import PlainWire
from tests.support.programs import needed

pytestmark = pytest.mark.usefixtures("needs_namespaces")

PLACES = (TerminalPlace("Zürich", "Frankfurt"), TerminalPlace("lima", "bogota"), TerminalPlace("bern", "Frankfurt"))


@pytest.fixture(scope="module")
def closed_network() -> Iterator[Hosts]:
    """Terminals that nobody can call, as behind carriers' NAT."""
    needed("nft")
    with Hosts.build(layout_of(PLACES, ["server", "cdn"])) as hosts, PlainWire(hosts.ports):
        yield hosts


@pytest.fixture(scope="module")
def open_network() -> Iterator[Hosts]:
    """Terminals that can be called."""
    needed("nft")
    with Hosts.build(layout_of(PLACES, terminal_to_terminal=True)) as hosts, PlainWire(hosts.ports):
        yield hosts


def pings(hosts: Hosts, source: str, target: str, *options: str) -> bool:
    """Whether packets come back."""
    needed("ping")
    answer = hosts[source].run(["ping", "-c", "1", "-W", "5", *options, target], timeout_s=20.0)
    return answer.returncode == 0


def is_unanswered(hosts: Hosts, source: str, target: str) -> bool:
    """Whether a packet stays without an answer for a second."""
    needed("ping")
    return hosts[source].run(["ping", "-c", "1", "-W", "1", target], timeout_s=20.0).returncode == 1


def snapshot() -> tuple[str, ...]:
    """What the machine's own network and files look like."""

    def said(*command: str) -> str:
        shown = subprocess.run(command, capture_output=True, text=True, check=False).stdout
        return re.sub(r"expires \d+sec", "", shown)

    return (
        said("ip", "link"),
        said("ip", "route"),
        said("ip", "-6", "route"),
        said("ip", "rule"),
        said("nft", "--stateless", "list", "ruleset"),
        Path("/proc/self/mountinfo").read_text(),
        Path("/proc/sys/net/ipv4/ip_forward").read_text(),
        *(path.read_text() for path in (Path("/etc/resolv.conf"), Path("/etc/hosts")) if path.exists()),
    )


def commands_in(hosts: Hosts) -> str:
    """The command lines of all programs of a network, as it sees them itself; their words end with NUL."""
    return hosts["lima"].run(["sh", "-c", "cat /proc/[0-9]*/cmdline"]).stdout


def open_files() -> int:
    """How many this process has."""
    gc.collect()
    return len(list(Path("/proc/self/fd").iterdir()))


@pytest.mark.parametrize("option", ["-4", "-6"])
def test_terminals_reach_the_internet_by_name(closed_network: Hosts, option: str) -> None:
    """In either family; by the full name and by the short one."""
    assert pings(closed_network, "Zürich", "server", option)
    assert pings(closed_network, "lima", "cdn.example", option)
    assert pings(closed_network, "lima", "frankfurt", option)


def test_the_internet_sees_the_pop_and_not_the_terminal(closed_network: Hosts) -> None:
    """IPv4 addresses are translated, those of IPv6 are not."""
    seen: dict[str, str] = {}
    for family, address in ((socket.AF_INET, "203.0.113.10"), (socket.AF_INET6, "2001:db8:ffff::10")):
        datagrams = partial(socket.socket, family, socket.SOCK_DGRAM)
        with closed_network["server"].call(datagrams) as listening, closed_network["bern"].call(datagrams) as sender:
            listening.bind((address, 4000))
            listening.settimeout(20.0)
            sender.sendto(b"x", (address, 4000))
            seen[family.name] = listening.recvfrom(10)[1][0]
    assert seen == {"AF_INET": "203.0.113.129", "AF_INET6": "2001:db8:0:200::1"}


def test_nobody_can_call_a_terminal(closed_network: Hosts) -> None:
    """Neither the internet nor another terminal, at the same PoP or at another; PoPs themselves can."""
    assert is_unanswered(closed_network, "server", closed_network["bern"].ipv6)
    assert is_unanswered(closed_network, "server", closed_network["bern"].ipv4)
    assert is_unanswered(closed_network, "Zürich", closed_network["bern"].ipv4)
    assert is_unanswered(closed_network, "Zürich", closed_network["lima"].ipv6)
    assert pings(closed_network, "Frankfurt", closed_network["bern"].ipv4)


@pytest.mark.parametrize("target", ["bern", "lima"])
@pytest.mark.parametrize("option", ["-4", "-6"])
def test_open_terminals_call_each_other(open_network: Hosts, target: str, option: str) -> None:
    """At the same PoP and across PoPs, by their own addresses."""
    assert pings(open_network, "Zürich", target, option)
    assert pings(open_network, "internet", open_network[target].ipv6, "-6")


def test_names_know_addresses_and_addresses_names(closed_network: Hosts) -> None:
    """Everywhere the same; unknown ones do not exist, and the machine's own are not asked."""
    for host in "lima", "Frankfurt", "server":
        asked = closed_network[host].run(["getent", "ahosts", "zurich.sky.example"])
        assert "100.64.0.2" in asked.stdout
        assert "2001:db8::1" in asked.stdout
        assert "server.example" in closed_network[host].run(["getent", "hosts", "203.0.113.10"]).stdout
        assert closed_network[host].run(["getent", "hosts", "example.com"]).returncode == 2
    resolver = closed_network["lima"].run(["cat", "/etc/resolv.conf"]).stdout
    assert resolver.startswith("nameserver 100.64.0.1\nsearch sky.example example\n")
    assert closed_network["lima"].run(["getent", "hosts", "localhost"]).returncode == 0


def test_addresses_of_nobody_are_unreachable(closed_network: Hosts) -> None:
    """The exchange says so; nothing leaves for the real one."""
    needed("ping")
    said = closed_network["lima"].run(["ping", "-c", "1", "-W", "5", "198.51.100.7"], timeout_s=20.0)
    assert "From 203.0.113.1 icmp_seq=1 Destination Net Unreachable" in said.stdout
    said = closed_network["lima"].run(["ping", "-c", "1", "-W", "5", "2001:db8:f00::1"], timeout_s=20.0)
    assert "From 2001:db8:ffff::1 icmp_seq=1 Destination unreachable: No route" in said.stdout


def test_a_dish_has_its_address_at_its_terminal(closed_network: Hosts) -> None:
    """And each its own."""
    sockets = []
    for name in "lima", "bern":
        listening = closed_network[name].call(socket.socket)
        listening.bind(("192.168.100.1", 9200))
        listening.listen()
        sockets.append(listening)
    for listening in sockets:
        listening.close()


def test_programs_run_to_their_end(closed_network: Hosts) -> None:
    """With what they read, write and find."""
    host = closed_network["lima"]
    done = host.run(["sh", "-c", f"cat; echo ${MARK_VARIABLE} $OWN >&2; exit 4"], input="déjà\n", env={"OWN": "own"})
    assert (done.returncode, done.stdout, done.stderr) == (4, "déjà\n", f"{closed_network.id} own\n")
    with pytest.raises(HostError, match=r"^no-such-program cannot be started"):
        host.run(["no-such-program"])


def test_a_program_that_does_not_end_is_killed_with_its_children(closed_network: Hosts) -> None:
    """Its host and the time are told."""
    begin = monotonic()
    with pytest.raises(HostError, match=r"^sh on lima did not end within 0\.3 s$"):
        closed_network["lima"].run(["sh", "-c", "sleep 300 & sleep 301"], timeout_s=0.3)
    assert monotonic() - begin < 60.0
    assert "sleep\x0030" not in commands_in(closed_network)


def test_an_interrupt_ends_the_program_too(closed_network: Hosts, monkeypatch: pytest.MonkeyPatch) -> None:
    """And is passed on."""

    def interrupt(*_: object, **__: object) -> None:
        monkeypatch.undo()
        raise KeyboardInterrupt

    monkeypatch.setattr(subprocess.Popen, "communicate", interrupt)
    with pytest.raises(KeyboardInterrupt):
        closed_network["lima"].run(["sleep", "302"])
    assert "sleep\x00302" not in commands_in(closed_network)


def test_hosts_are_found_by_name(closed_network: Hosts) -> None:
    """A wrong one is told the nearest, or some that there are."""
    assert len(closed_network) == len(list(closed_network)) == 7
    assert "lima" in closed_network
    assert "Lima" not in closed_network
    with pytest.raises(InputError, match=r"no host 'zurich'; did you mean Zürich\?"):
        _ = closed_network["zurich"]
    with pytest.raises(InputError, match=r"no host 'x'; there are Zürich, lima, bern, Frankfurt, bogota, server, cdn$"):
        _ = closed_network["x"]


def test_a_table_of_hosts(closed_network: Hosts) -> None:
    """Terminals with their PoPs, then PoPs, then the internet."""
    rows = closed_network.describe()
    assert rows[0] == ("Zürich", "terminal", "100.64.0.2", "2001:db8::1", "Frankfurt")
    assert rows[-1] == ("cdn", "internet", "203.0.113.11", "2001:db8:ffff::11", "")
    assert closed_network["lima"].domain == "lima.sky.example"
    assert closed_network["lima"].kind is HostKind.TERMINAL
    assert "namespaces" not in repr(closed_network["lima"])


def test_ports_say_who_is_where(closed_network: Hosts) -> None:
    """In the order of the terminals."""
    ports = closed_network.ports
    assert ports.pop == (0, 1, 0)
    assert ports.ipv4[0] == 0x64400002
    assert ports.ipv6 == (0x20010DB800000000, 0x20010DB800000100, 0x20010DB800000200)
    assert len({*ports.terminal_fd, *ports.pop_fd}) == 5


def test_an_idle_network_is_silent() -> None:
    """No kernel talks on its own: what the wire counts is what programs send."""
    with Hosts.build(layout_of(PLACES)) as hosts, PlainWire(hosts.ports) as wire:
        sleep(2.5)
        assert wire.packets == []


def test_slow_lines_get_short_pieces() -> None:
    """At the terminal, and at its PoP, where the slowest counts."""
    with Hosts.build(layout_of(PLACES), gso_max_bytes=[3000, 0, 6000]) as hosts:
        said = [hosts[name].run(["ip", "-d", "link", "show", "sky0"]).stdout for name in hosts]
        assert [text.split("gso_max_size ")[1].split()[0] for text in said[:5]] == [
            "3000",
            "65536",
            "6000",
            "3000",
            "65536",
        ]
    with pytest.raises(InputError, match="gso_max_bytes has 1 numbers for 3 terminals"):
        Hosts.build(layout_of(PLACES), gso_max_bytes=[1])


def test_lines_of_virtual_ethernet_need_no_wire() -> None:
    """The kernel carries the packets; there are no ports."""
    needed("nft")
    with Hosts.build(layout_of(PLACES, wiring=Wiring.VETH)) as hosts:
        for option in "-4", "-6":
            assert pings(hosts, "bern", "internet", option)
        assert is_unanswered(hosts, "internet", hosts["bern"].ipv6)
        assert "sky2" in hosts["Frankfurt"].run(["ip", "link"]).stdout
        with pytest.raises(InputError, match="have no ports"):
            _ = hosts.ports


def test_without_nft_addresses_are_routed_and_a_note_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """Terminals can be called then."""
    monkeypatch.setattr(hosts_module, "found", lambda name: name != "nft")
    with Hosts.build(layout_of(PLACES)) as hosts, PlainWire(hosts.ports):
        (note,) = hosts.notes
        assert "nft is not here (Debian: apt-get install nftables)" in note
        assert pings(hosts, "bern", "internet", "-4")
        assert pings(hosts, "internet", hosts["bern"].ipv4)


def test_rules_that_are_refused_are_a_note_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """With what nft said."""
    needed("nft")
    monkeypatch.setattr(hosts_module, "nat_rules", lambda _: "no rule at all\n")
    with Hosts.build(layout_of(PLACES)) as hosts:
        (note,) = hosts.notes
        assert "do not translate addresses" in note
        assert "syntax error" in note


def test_a_kernel_without_ipv6_has_hosts_without_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """A note says so."""
    monkeypatch.setattr(hosts_module, "_has_ipv6", lambda: False)
    with Hosts.build(layout_of(PLACES)) as hosts, PlainWire(hosts.ports):
        assert hosts.notes == ("this kernel has no IPv6, so hosts have none",)
        assert pings(hosts, "bern", "internet", "-4")


def test_a_machine_without_a_resolver_file_has_no_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """A note says so."""
    monkeypatch.setattr(
        hosts_module, "new_mounts", lambda *_: (os.open("/proc/self/ns/mnt", os.O_RDONLY), ("/etc/resolv.conf",))
    )
    with Hosts.build(layout_of(PLACES[:1])) as hosts:
        assert hosts.notes == ("this machine has no /etc/resolv.conf, so programs find no names; use addresses",)


def test_the_machine_notices_nothing() -> None:
    """Neither while hosts are there nor afterwards; every file is closed, every process gone, every mark removed."""
    before, files = snapshot(), open_files()
    threads = threading.active_count()
    hosts = Hosts.build(layout_of(PLACES))
    mark = mark_folder() / f"{hosts.id}.json"
    assert mark.exists()
    hosts["lima"].popen(["sh", "-c", "setsid sleep 303 & sleep 304"])
    hosts["lima"].run(
        ["sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward; nft add table ip mine; mount -t tmpfs own /mnt"]
    )
    assert snapshot() == before
    hosts.close()
    hosts.close()
    assert snapshot() == before
    assert open_files() == files
    assert not mark.exists()
    assert list(marked(hosts.id)) == []
    until = monotonic() + 10.0
    while threading.active_count() > threads:
        assert monotonic() < until
        sleep(0.01)
    with pytest.raises(HostError, match="over"):
        hosts["lima"].run(["true"])
    with pytest.raises(HostError, match="over"):
        hosts["lima"].call(os.getpid)


def test_a_build_that_fails_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was made is closed; the host and the refused line are named."""
    before, files = snapshot(), open_files()
    marks = set(mark_folder().iterdir())
    monkeypatch.setattr(hosts_module, "terminal_commands", lambda *_, **__: ["link set lo up", "link set nowhere up"])
    with pytest.raises(
        HostError, match=r"the host Zürich cannot be set up: Cannot find device .nowhere. Command failed -:2"
    ):
        Hosts.build(layout_of(PLACES))
    assert snapshot() == before
    assert open_files() == files
    assert {path for path in set(mark_folder().iterdir()) - marks if path.stem.startswith(f"{os.getpid()}-")} == set()


def test_sigterm_ends_it_through_the_end_of_the_block() -> None:
    """What the signal did before, it does afterwards; a handler of somebody else stays."""
    before = signal.getsignal(signal.SIGTERM)
    with Hosts.build(layout_of(PLACES[:1])):
        assert signal.getsignal(signal.SIGTERM) is (hosts_module._leave if before is signal.SIG_DFL else before)
        with pytest.raises(SystemExit) as caught:
            hosts_module._leave(signal.SIGTERM, None)
    assert caught.value.code == 143
    assert signal.getsignal(signal.SIGTERM) is before


def test_files_are_allowed_or_the_limit_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the command that raises it."""
    set_to: list[tuple[int, int]] = []
    monkeypatch.setattr(resource, "setrlimit", lambda _, limits: set_to.append(limits))
    for limits, number in (((100, 5000), 50), ((100, 5000), 500), ((resource.RLIM_INFINITY,) * 2, 10**6)):
        monkeypatch.setattr(resource, "getrlimit", lambda _, limits=limits: limits)
        hosts_module._allow_files(number)
    assert set_to == [(500, 5000)]
    monkeypatch.setattr(resource, "getrlimit", lambda _: (100, 400))
    with pytest.raises(HostError, match="500 open files are needed and 400 permitted: ulimit -n 500"):
        hosts_module._allow_files(500)


def test_names_are_sought_in_files_and_the_dns_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Whatever the machine asks otherwise stays as it is, but for hosts."""
    switch = tmp_path / "nsswitch.conf"
    monkeypatch.setattr(hosts_module, "Path", lambda _: switch)
    assert hosts_module._name_switch() == "hosts: files dns\n"
    switch.write_text("passwd: files\nhosts: files resolve [!UNAVAIL=return] dns\n")
    assert hosts_module._name_switch() == "passwd: files\nhosts: files dns\n"


def test_many_names_are_cut() -> None:
    """So that a message stays one."""
    assert hosts_module._some([f"t{row}" for row in range(20)]).endswith("t6, t7 and 12 others")
