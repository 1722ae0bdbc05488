"""Both backends do the same to real packets: the wire on this machine, the kernel's netem in a kernel that has it."""

from pathlib import Path

import pytest

from skycommons.model.emulation_rules import WireKind
from tests.support.line_behaviour import BEHAVIOURS, carried
from tests.support.programs import needed
from tests.support.uml import run_inside


@pytest.mark.usefixtures("needs_namespaces")
def test_the_wire_does_what_backends_do() -> None:
    """One behaviour after the other, on the same hosts."""
    needed("ping")
    with carried(WireKind.TUN) as net:
        for behaviour in BEHAVIOURS:
            behaviour(net)


def test_netem_does_what_backends_do(tmp_path: Path, repository: Path) -> None:
    """The same list, in User-Mode Linux: our hosts, the kernel's queues, real pings against the plan."""
    for program in ("ip", "ping", "setpriv", "tc"):
        needed(program)
    faults, text = run_inside("tests.support.uml_inside", tmp_path, repository)
    assert not any(faults.values()), "\n".join(faults.values())
    assert set(faults) == {"support", *(behaviour.__name__ for behaviour in BEHAVIOURS)}, text[-4000:]
