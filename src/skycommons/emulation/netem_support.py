"""What this kernel has of what the netem backend is made of, found out by trying.

Rules: tried in a network of its own that nothing stays of. Without netem or a rate limiter there is no such backend; without the
rest there is one that does less, and says so.
"""

import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from skycommons.base.errors import HostError
from skycommons.emulation.line_rows import LineSettings
from skycommons.emulation.namespaces import CLONE_NEWNET, in_thread, unshare
from skycommons.emulation.netem_commands import NetemTree
from skycommons.emulation.netem_shapes import NetemShape
from skycommons.emulation.programs import needed, search_path
from skycommons.model.emulation_rules import Discipline

_TRY_WITHIN_S: Final = 20.0
_DEVICE: Final = "lo"


@dataclass(frozen=True, slots=True, kw_only=True)
class NetemSupport:
    """What there is.

    Attributes:
        netem, tbf: Without which nothing works.
        icmp: Whether echo requests and replies can be put first.
        codel: Whether queues can be CoDel.
    """

    netem: bool
    tbf: bool
    icmp: bool
    codel: bool


def check_support() -> NetemSupport:
    """Find out by trying.

    Raises:
        HostError: This user may not make a network, or there is no ``tc``.
    """
    needed("tc")

    def try_all() -> NetemSupport:
        unshare(CLONE_NEWNET)
        return support_by(_runs)

    return in_thread(try_all)


def support_by(runs: Callable[[str], bool]) -> NetemSupport:
    """What there is, by whether lines for ``tc`` succeed.

    Args:
        runs: Runs one; whether it worked.
    """
    netem = runs(f"qdisc add dev {_DEVICE} root netem delay 1ms")
    clean = f"qdisc del dev {_DEVICE} root"
    runs(clean)
    tbf = runs(f"qdisc add dev {_DEVICE} root tbf rate 1mbit burst 3000 limit 3000")
    runs(clean)
    codel = runs(f"qdisc add dev {_DEVICE} root codel")
    runs(clean)
    lines = NetemTree(device=_DEVICE).build(NetemShape()) if netem and tbf else []
    return NetemSupport(netem=netem, tbf=tbf, icmp=bool(lines) and all(runs(line) for line in lines), codel=codel)


def needed_netem(settings: LineSettings, support: NetemSupport | None = None) -> NetemSupport:
    """Refuse to go on where the kernel cannot do what is asked.

    Args:
        settings: Of the run.
        support: What there is; found out unless given.
    Raises:
        HostError: It cannot; the message says how to mend that.
    """
    there = check_support() if support is None else support
    wanted = {
        "netem": there.netem,
        "tbf": there.tbf,
        "codel": there.codel or settings.queue is not Discipline.CODEL,
    }
    missing = [name for name, is_there in wanted.items() if not is_there]
    if missing:
        modules = " ".join(f"sch_{name}" for name in missing)
        raise HostError(
            f"this kernel has no {' and no '.join(missing)}: load what is missing (sudo modprobe -a {modules}; Debian's "
            "kernels have it, Red Hat's in the package kernel-modules-extra), "
            'or take wire = "tun", which needs none of it'
        )
    return there


def _runs(line: str) -> bool:
    """Whether ``tc`` does a line, in the network of the calling thread."""
    tried = subprocess.run(  # noqa: S603 -- our own lines, no shell
        ("tc", *line.split()),  # noqa: S607 -- wherever the system keeps it
        check=False,
        capture_output=True,
        stdin=subprocess.DEVNULL,
        env={"PATH": search_path()},
        timeout=_TRY_WITHIN_S,
    )
    return tried.returncode == 0
