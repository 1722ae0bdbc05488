"""Signed service maps over the cells of the tiny world: what a commons decided, as files that commands read."""

from collections.abc import Sequence
from pathlib import Path

from skycommons.governance.decisions import Effect, LegalBasis
from skycommons.governance.policy import RuleName
from skycommons.governance.words import Basis, ServiceState
from skycommons.model.cells import cell_texts
from skycommons.model.scenario import Scenario
from skycommons.model.service_rules import ServiceRules
from tests.support.commons import BEGIN_S, Commons
from tests.support.service_world import HOME, disk, rules, service_scenario

AREA = tuple(cell_texts(disk(1)))
"""Seven cells around Zürich; `MIDDLE` is that of the terminal."""
MIDDLE = (f"{HOME:x}",)
BESIDE = tuple(cell for cell in AREA if cell not in MIDDLE)[:1]


def emergency(commons: Commons, cells: Sequence[str] = MIDDLE, *, lasts_s: int = 600, **changes: object) -> str:
    """Two persons of different roles darken some cells for a while; the digest of their decision."""
    decision = commons.decision(
        Effect.REDUCE,
        cells,
        rule=RuleName.EMERGENCY_REDUCE,
        legal_basis=LegalBasis(type=Basis.INTERFERENCE, ref="a test"),
        ends_at=commons.now_s + lasts_s,
        **changes,  # type: ignore[arg-type] # names and values are those of the test
    )
    digest = commons.submit("ops-1", decision).digest
    commons.approve(digest, "ops-1", "legal-2")
    commons.witness(10)
    commons.announce()
    return digest


def commons_of_light() -> Commons:
    """A commons under which everybody has service until it is decided otherwise."""
    return Commons(default_state=ServiceState.ACTIVE)


def suspended(cells: Sequence[str] = AREA, **changes: object) -> tuple[Commons, str]:
    """A commons that suspended some cells by the usual way, and the digest of the decision."""
    commons = commons_of_light()
    return commons, commons.in_force(Effect.REDUCE, cells, **changes)


def files(commons: Commons, folder: Path, *, name: str = "map.bundle") -> tuple[Path, Path]:
    """The bundle and the trust file of a commons."""
    bundle, trust = folder / name, folder / "trust.policy"
    bundle.write_bytes(commons.bundle().encode())
    trust.write_bytes(commons.trust.encode())
    return bundle, trust


def time_section(start_s: int, *, duration_s: int = 60) -> str:
    """The part of a scenario that says when it runs."""
    from skycommons.base.clock import format_time

    return f"[time]\nstart = {format_time(start_s * 10**9)}\nduration_s = {duration_s}\nstep_s = 15"


def served_world(service: ServiceRules | None = None, *, start_s: int = BEGIN_S, duration_s: int = 60) -> Scenario:
    """Seven cells that ask, at the commons' time."""
    return service_scenario(rules() if service is None else service, time=time_section(start_s, duration_s=duration_s))
