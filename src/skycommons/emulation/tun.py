"""Network interfaces that are files: what a host sends over one is read, and what is written arrives there.

Packets carry a virtio-net header, so that one read or write moves up to 64 KB of TCP. Source: the kernel's
Documentation/networking/tuntap.rst, linux/if_tun.h and linux/virtio_net.h.
"""

import fcntl
import os
import struct
from contextlib import suppress
from typing import Final

from skycommons.base.errors import HostError

DEVICE: Final = "/dev/net/tun"

# From linux/if_tun.h.
IFF_TUN: Final = 0x0001
IFF_NO_PI: Final = 0x1000
IFF_VNET_HDR: Final = 0x4000
TUNSETIFF: Final = 0x4004_54CA
TUNSETOFFLOAD: Final = 0x4004_54D0
TUNSETVNETHDRSZ: Final = 0x4004_54D8
TUN_F_CSUM: Final = 0x01
TUN_F_TSO4: Final = 0x02
TUN_F_TSO6: Final = 0x04

VNET_HEADER_BYTES: Final = 10


def open_tun(name: str) -> int:
    """Make a TUN in the network of the calling thread; it lasts as long as its file is open.

    Args:
        name: The interface.

    Returns:
        Its file descriptor, which does not block; each packet follows a virtio-net header of 10 bytes.
    Raises:
        HostError: The machine has none, or it is not permitted.
    """
    try:
        tun_fd = os.open(DEVICE, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError as error:
        raise HostError(f"{DEVICE} is not there: load the module, modprobe tun") from error
    except OSError as error:
        raise HostError(f"{DEVICE} cannot be opened: {error.strerror}; run as root, or let users: chmod 666") from error
    try:
        fcntl.ioctl(tun_fd, TUNSETIFF, struct.pack("16sH22x", name.encode("ascii"), IFF_TUN | IFF_NO_PI | IFF_VNET_HDR))
        fcntl.ioctl(tun_fd, TUNSETVNETHDRSZ, struct.pack("i", VNET_HEADER_BYTES))
        fcntl.ioctl(tun_fd, TUNSETOFFLOAD, TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6)
    except OSError as error:
        os.close(tun_fd)
        raise HostError(f"the interface {name} cannot be made: {error.strerror}") from error
    return tun_fd


def has_tun() -> bool:
    """Whether this process may make any."""
    with suppress(OSError):
        os.close(os.open(DEVICE, os.O_RDWR | os.O_CLOEXEC))
        return True
    return False
