"""Between what the wire carries packets, and which way they go.

Rules: ports are file descriptors that somebody else made and owns; the wire reads and writes whole packets, each with a virtio-net
header. What a terminal sends goes up its line to its PoP; what a PoP sends comes down the line of the terminal whose address it
is for.
"""

from dataclasses import dataclass
from typing import Final

from skycommons.base.errors import InputError

IPV6_KEY_SHIFT: Final = 8  # of the 64 bits of a prefix the lower 8 are the terminal's to use


@dataclass(frozen=True, slots=True, kw_only=True)
class WirePorts:
    """Ports and addresses of ``U`` terminals at ``P`` PoPs.

    Attributes:
        terminal_fd: ``(U,)`` TUN of each terminal's host, opened with ``IFF_TUN | IFF_NO_PI | IFF_VNET_HDR``.
        pop_fd: ``(P,)`` TUN of each PoP's host, likewise.
        pop: ``(U,)`` at which PoP each terminal is.
        ipv4: ``(U,)`` each terminal's address as a number.
        ipv6: ``(U,)`` upper 64 bits of each terminal's /56.
    Raises:
        InputError: Lengths differ, a PoP does not exist, or two terminals share an address or a port.
    """

    terminal_fd: tuple[int, ...]
    pop_fd: tuple[int, ...]
    pop: tuple[int, ...]
    ipv4: tuple[int, ...]
    ipv6: tuple[int, ...]

    def __post_init__(self) -> None:
        faults = []
        if {len(self.terminal_fd)} != {len(self.pop), len(self.ipv4), len(self.ipv6)}:
            faults.append("every terminal needs a port, a PoP and two addresses")
        if not self.terminal_fd:
            faults.append("there must be a terminal")
        if any(not 0 <= pop < len(self.pop_fd) for pop in self.pop):
            faults.append(f"PoPs are numbered from 0 to {len(self.pop_fd) - 1}")
        prefixes = [prefix >> IPV6_KEY_SHIFT for prefix in self.ipv6]
        if len(set(self.ipv4)) < len(self.ipv4) or len(set(prefixes)) < len(prefixes):
            faults.append("two terminals must not share an address")
        ports = (*self.terminal_fd, *self.pop_fd)
        if len(set(ports)) < len(ports) or min(ports, default=0) < 0:
            faults.append("each port is a file descriptor of its own")
        if faults:
            raise InputError(f"wire ports: {'; '.join(faults)}")

    @property
    def lines(self) -> int:
        """How many lines there are: one up and one down for each terminal."""
        return 2 * len(self.terminal_fd)
