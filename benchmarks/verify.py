"""Checking what was decided: one decision, a long log, a large map; with the evidence in memory, as after its file was read."""

from typing import Final

from benchmarks.timing import Figure, cpu_seconds
from skycommons.governance.bundles import Bundle, parse_bundle
from skycommons.governance.decisions import Effect
from skycommons.governance.entries import Kind
from skycommons.governance.member_keys import verify_member
from skycommons.governance.verify import MapReport, verify_service_map
from skycommons.governance.votes import Verdict
from skycommons.governance.words import ServiceState
from tests.support.commons import HOUR_S, Commons

ENTRIES: Final = 100_000
CELLS: Final = 500_000
ROUNDS: Final = 5


def measure() -> list[Figure]:
    """One decision offline, a log of 100,000 entries, a map of 500,000 cells."""
    return [*_one_decision(), *_long_log(), *_large_map()]


def _one_decision() -> list[Figure]:
    """A suspension with its request, licence, votes and time-lock: from the bytes of the bundle to the verdict."""
    commons = _commons()
    request = commons.say("aid-1", Kind.REQUEST, commons.request()).digest
    commons.in_force(Effect.REDUCE, request=request)
    data = commons.bundle().encode()
    seconds = cpu_seconds(lambda: _verified(commons, parse_bundle(data)), repeats=ROUNDS)
    note = f"{commons.ledger.size} entries, {len(data):,} bytes"
    return [Figure(name="verify: one decision offline", cpu_s=seconds, target="50 ms or less", note=note)]


def _long_log() -> list[Figure]:
    """Decisions that are voted on, vetoed and witnessed, one after the other; beside it their signatures alone."""
    commons = _commons()
    while commons.ledger.size < ENTRIES:
        digest = commons.submit("ops-1", commons.decision(Effect.REDUCE)).digest
        commons.approve(digest, "ops-2", "legal-2", "watch-1")
        commons.cast("aid-1", digest, Verdict.REJECT)
        commons.cast("watch-2", digest, Verdict.VETO)
        commons.witness(60)
    bundle = commons.bundle()
    seconds = cpu_seconds(lambda: _verified(commons, bundle), repeats=1, warm=False)
    entry = commons.entry("ops-1", Kind.REQUEST, commons.request())
    roster = commons.ledger.state.roster
    signatures = cpu_seconds(lambda: [verify_member(entry, roster) for _ in range(1_000)], repeats=ROUNDS)
    return [
        Figure(
            name=f"verify: a log of {len(bundle.entries):,} entries",
            cpu_s=seconds,
            peer="as many signatures of seats, checked and nothing else",
            peer_cpu_s=signatures * len(bundle.entries) / 1_000,
            target="30 s or less",
            note="every entry ruled over anew, every seventh a decision with its preview",
        )
    ]


def _large_map() -> list[Figure]:
    """One activation of 500,000 cells under one licence."""
    commons = Commons()
    cells = tuple(f"85{number:05x}3fffffff" for number in range(CELLS))
    commons.register_licence(cells)
    commons.witness()
    commons.in_force(Effect.ADD, cells)
    data = commons.bundle().encode()
    read = cpu_seconds(lambda: _verified(commons, parse_bundle(data)), repeats=ROUNDS)
    note = f"{len(data) / 1e6:.0f} MB, from the first entry on"
    return [Figure(name=f"verify: a map of {CELLS:,} cells", cpu_s=read, target="1 s or less", note=note)]


def _commons() -> Commons:
    """Where service is everywhere, with a licence."""
    commons = Commons(default_state=ServiceState.ACTIVE)
    commons.register_licence()
    commons.witness(HOUR_S)
    return commons


def _verified(commons: Commons, bundle: Bundle) -> MapReport:
    """The verdict on a bundle's own map, which has to be good."""
    return verify_service_map(bundle.manifest, bundle, commons.trust, now_s=commons.now_s)
