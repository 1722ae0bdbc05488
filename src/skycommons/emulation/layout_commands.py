"""What makes the interfaces, addresses and routes of a layout: lines for ``ip -batch``, rules for ``nft``, kernel parameters.

* Pure text: nothing is run here.
* An idle network is silent: lines have neither link-local addresses nor multicast, so that no kernel talks on its own.
* Packets to addresses of nobody come back as unreachable where they are noticed first, and never circle.
* All traffic between PoPs, and from the internet to terminals, passes the exchange: a bridge with a router of its own,
  which knows every terminal's PoP.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from skycommons.emulation.layout import (
    DISH,
    EXCHANGE,
    EXCHANGE6,
    GATEWAY,
    INTERNET_NET,
    INTERNET_NET6,
    TERMINALS_NET,
    Layout,
    Site,
    Wiring,
)

FIRST_SYSCTLS: Final = (
    ("ipv4.conf.all.rp_filter", "0"),
    ("ipv4.conf.default.rp_filter", "0"),
    ("ipv4.conf.all.send_redirects", "0"),
    ("ipv4.conf.default.send_redirects", "0"),
    ("ipv6.conf.default.accept_ra", "0"),
)
"""Of all, before there is an interface: nobody is told a shorter way, and no routes are taken from others."""

ROUTER_SYSCTLS: Final = (("ipv4.ip_forward", "1"), ("ipv6.conf.all.forwarding", "1"))
"""Of PoPs and the exchange, once interfaces are up: they pass on what is not for them.

Earlier, IPv6 would join the groups of routers on interfaces that still take multicast, and report it over the lines.
"""

TERMINAL_QUEUE_PACKETS: Final = 1_000
POP_QUEUE_PACKETS: Final = 10_000
"""What the kernel keeps until the wire takes it."""

_PUBLIC_BITS: Final = INTERNET_NET.partition("/")[2]
_PUBLIC_BITS6: Final = INTERNET_NET6.partition("/")[2]


def terminal_commands(layout: Layout, terminal: int, *, gso_max_bytes: int = 0) -> list[str]:
    """Lines that make a terminal's host; its TUN or the end of its veth is there, as ``sky0``.

    Args:
        layout: All hosts.
        terminal: Row of the terminal.
        gso_max_bytes: Longest piece that TCP hands over at once; 0 for the kernel's own limit.
    """
    site = layout.terminals[terminal]
    is_veth = layout.wiring is Wiring.VETH
    near = ["addr add fe80::2/64 dev sky0 nodad", *_neighbours("sky0", (GATEWAY, "fe80::1"), _mac(1, terminal))]
    return [
        "link set lo up",
        # A bridge without ports: there wherever the exchange's is, which a dummy interface is not.
        "link add dish0 type bridge mcast_snooping 0",
        *_up("dish0"),
        f"addr add {DISH}/24 dev dish0",
        *_up("sky0", f"multicast off mtu {layout.mtu} txqueuelen {TERMINAL_QUEUE_PACKETS}{_gso(gso_max_bytes)}"),
        *(near if is_veth else ()),
        f"addr add {site.ipv4}/32 dev sky0",
        f"addr add {site.ipv6}/64 dev sky0 nodad",
        f"route add default via {GATEWAY} dev sky0 onlink" if is_veth else "route add default dev sky0",
        "route add ::/0 via fe80::1 dev sky0" if is_veth else "route add ::/0 dev sky0",
        f"route add unreachable {site.ipv6_net}",
    ]


def pop_commands(layout: Layout, pop: int, *, gso_max_bytes: int = 0) -> list[str]:
    """Lines that make a PoP's host; its TUN, or its ends of veths, and ``net0`` are there."""
    site = layout.pops[pop]
    terminals = layout.of_pop(pop)
    settings = f"multicast off mtu {layout.mtu} txqueuelen {POP_QUEUE_PACKETS}{_gso(gso_max_bytes)}"
    if layout.wiring is Wiring.TUN:
        lines = [*_up("sky0", settings), f"addr add {GATEWAY}/32 dev sky0"]
    else:
        lines = [f"addr add {GATEWAY}/32 dev lo"]
        for terminal in terminals:
            end = layout.pop_interface(terminal)
            other = (layout.terminals[terminal].ipv4, "fe80::2")
            lines += [*_up(end, settings), f"addr add fe80::1/64 dev {end} nodad"]
            lines += _neighbours(end, other, _mac(0, terminal))
    for terminal in terminals:
        home, end = layout.terminals[terminal], layout.pop_interface(terminal)
        via = "" if layout.wiring is Wiring.TUN else "via fe80::2 "
        lines += [f"route add {home.ipv4}/32 dev {end}", f"route add {home.ipv6_net} {via}dev {end}"]
    return ["link set lo up", *_public_commands(site, layout.mtu), *lines]


def internet_commands(layout: Layout, site: Site) -> list[str]:
    """Lines that make a host of the internet; ``net0`` is there."""
    return ["link set lo up", *_public_commands(site, layout.mtu)]


def exchange_commands(layout: Layout, net_paths: Mapping[str, str], *, has_nat: bool) -> list[str]:
    """Lines that make the exchange, and ``net0`` in PoPs and hosts of the internet.

    Args:
        layout: All hosts.
        net_paths: Where the network namespaces of PoPs and hosts of the internet are found, by name.
        has_nat: Whether PoPs translate addresses. If not, terminals' own have routes.
    """
    lines = [
        "link set lo up",
        "link add br0 type bridge stp_state 0 mcast_snooping 0",
        *_up("br0", f"mtu {layout.mtu}"),
        f"addr add {EXCHANGE}/{_PUBLIC_BITS} dev br0",
        f"addr add {EXCHANGE6}/{_PUBLIC_BITS6} dev br0 nodad",
        "addr add fe80::1/64 dev br0 nodad",
        f"route add unreachable {TERMINALS_NET}",
    ]
    for number, site in enumerate((*layout.pops, *layout.internet)):
        peer = f"peer name net0 mtu {layout.mtu} netns {net_paths[site.name]}"
        lines += [
            f"link add port{number} mtu {layout.mtu} type veth {peer}",
            *_up(f"port{number}", "master br0"),
        ]
    for terminal in layout.terminals:
        pop = layout.pops[terminal.pop]
        lines.append(f"route add {terminal.ipv6_net} via {pop.ipv6}")
        if layout.terminal_to_terminal or not has_nat:
            lines.append(f"route add {terminal.ipv4}/32 via {pop.ipv4}")
    return lines


def veth_commands(layout: Layout, pop: int, net_paths: Mapping[str, str]) -> list[str]:
    """Lines that lay the lines of a PoP's terminals as pairs of virtual Ethernet interfaces, run in the PoP."""
    return [
        f"link add {layout.pop_interface(row)} address {_mac(1, row)} type veth "
        f"peer name sky0 address {_mac(0, row)} netns {net_paths[layout.terminals[row].name]}"
        for row in layout.of_pop(pop)
    ]


def nat_rules(layout: Layout) -> str:
    """What a PoP does to packets, for ``nft -f -``: one public address for all terminals, and nobody calls them."""
    to_others = f" ip daddr != {TERMINALS_NET}" if layout.terminal_to_terminal else ""
    refused = "" if layout.terminal_to_terminal else '        oifname "sky*" drop\n'
    return (
        "table ip skycommons_nat {\n"
        "    chain out {\n"
        "        type nat hook postrouting priority srcnat; policy accept;\n"
        f'        oifname "net0" ip saddr {TERMINALS_NET}{to_others} masquerade\n'
        "    }\n"
        "}\n"
        "table inet skycommons_filter {\n"
        "    chain through {\n"
        "        type filter hook forward priority filter; policy accept;\n"
        "        ct state established,related accept\n"
        f"{refused}"
        "    }\n"
        "}\n"
    )


def _public_commands(site: Site, mtu: int) -> list[str]:
    """Lines of everybody at the exchange."""
    return [
        *_up("net0", f"mtu {mtu}"),
        f"addr add {site.ipv4}/{_PUBLIC_BITS} dev net0",
        f"addr add {site.ipv6}/{_PUBLIC_BITS6} dev net0 nodad",
        # A router asks for its neighbours from a link-local address, or not at all.
        f"addr add fe80::{site.ipv4.rpartition('.')[2]}/64 dev net0 nodad",
        f"route add default via {EXCHANGE}",
        f"route add ::/0 via {EXCHANGE6}",
    ]


def _up(interface: str, settings: str = "") -> list[str]:
    """Lines that start an interface; what keeps it from choosing an address of its own has to be said before."""
    return [f"link set {interface} addrgenmode none", f"link set {interface} {settings} up"]


def _neighbours(interface: str, addresses: Sequence[str], mac: str) -> list[str]:
    """Lines that tell who is at the other end, so that nobody has to ask across a line that may lose the question."""
    return [f"neigh add {address} lladdr {mac} dev {interface} nud permanent" for address in addresses]


def _mac(end: int, terminal: int) -> str:
    """Hardware address of an end of a terminal's line, of those that are locally administered; 1 is the PoP's."""
    return f"02:{end:02x}:" + terminal.to_bytes(4, "big").hex(":")


def _gso(most_bytes: int) -> str:
    return f" gso_max_size {most_bytes}" if most_bytes else ""


def ipv4_only(lines: Sequence[str]) -> list[str]:
    """The lines that a kernel without IPv6 understands."""
    return [line for line in lines if "::" not in line and "addrgenmode" not in line]
