"""What this kernel can do, and what a user is told where it cannot."""

import subprocess

import pytest

from skycommons.base.errors import HostError
from skycommons.emulation import netem_support
from skycommons.emulation.netem_support import NetemSupport, check_support, needed_netem, support_by
from skycommons.model.emulation_rules import Discipline
from tests.support.programs import needed
from tests.support.wires import settings

ALL = NetemSupport(netem=True, tbf=True, icmp=True, codel=True)
NETEM_ONLY = NetemSupport(netem=True, tbf=False, icmp=False, codel=False)


def test_support_is_what_works() -> None:
    """Each alone, and the queue for pings by building a whole line; nothing is left in between."""
    told: list[str] = []

    def runs(line: str) -> bool:
        told.append(line)
        return True

    assert support_by(runs) == ALL
    assert [line for line in told if "root" in line][1::2][:3] == ["qdisc del dev lo root"] * 3
    assert support_by(lambda line: "codel" not in line and "u32" not in line) == NetemSupport(
        netem=True, tbf=True, icmp=False, codel=False
    )
    assert support_by(lambda line: "netem" in line) == NETEM_ONLY


def test_a_kernel_without_is_refused_with_what_helps() -> None:
    """All that is missing at once; what is not asked for need not be there."""
    nothing = NetemSupport(netem=False, tbf=False, icmp=False, codel=False)
    with pytest.raises(HostError, match=r"no netem and no tbf: .*modprobe -a sch_netem sch_tbf.* wire = \"tun\""):
        needed_netem(settings(), nothing)
    with pytest.raises(HostError, match="no tbf and no codel"):
        needed_netem(settings(queue=Discipline.CODEL), NETEM_ONLY)
    plain = NetemSupport(netem=True, tbf=True, icmp=False, codel=False)
    assert needed_netem(settings(), plain) == plain


@pytest.mark.usefixtures("needs_namespaces")
def test_this_kernel_is_asked_in_a_network_of_its_own() -> None:
    """It answers; the machine's own loopback keeps its queue."""
    needed("tc")
    before = subprocess.run(["tc", "qdisc", "show", "dev", "lo"], capture_output=True, text=True, check=True).stdout
    found = check_support()
    assert found.netem or not found.icmp
    after = subprocess.run(["tc", "qdisc", "show", "dev", "lo"], capture_output=True, text=True, check=True).stdout
    assert before == after


def test_the_machine_is_asked_where_nobody_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before anything else is done."""
    monkeypatch.setattr(netem_support, "check_support", lambda: ALL)
    assert needed_netem(settings()) is ALL
