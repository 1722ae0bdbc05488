"""Who plays in the story: eight seats, three witnesses, one clock, and the service between them.

Islands, states, people and organisations are invented. The kernel, the store, the previews and the scheduler are those of skycommons;
the witnesses run within this program, and the clock of all is the story's, so that days pass in seconds.
"""

import contextlib
import io
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np

from skycommons.cli import main as run_command
from skycommons.cli.service_door import when
from skycommons.governance.decisions import Effect, LegalBasis, To
from skycommons.governance.entries import Kind
from skycommons.governance.member_keys import FileKey, SecretKey, SshKey, sign_entry
from skycommons.governance.policy import default_policy
from skycommons.governance.roster import Member, Organisation, Roster
from skycommons.governance.signers import SEED_BYTES, Ed25519CosignerKey
from skycommons.governance.votes import Verdict
from skycommons.governance.words import Basis, Role, ServiceClass, ServiceState
from skycommons.model.cells import CellIds, cell_texts
from skycommons.model.regions import read_regions
from skycommons.plan.requests import Unserved
from skycommons.store.compose import Composed, Place, Proposal
from skycommons.store.founding import Founding
from skycommons.store.local_witnesses import LocalWitnesses
from skycommons.store.service import Service
from skycommons.store.service_folder import ServiceFolder
from skycommons.store.settling import Settled
from skycommons.studies.decision_preview import Before, Previewed, cells_of_list, preview_decision, preview_differences
from skycommons.studies.preview_scope import Scope, scope_cells
from skycommons.studies.store import open_results

HERE: Final = Path(__file__).resolve().parent
SCENARIO: Final = HERE / "islands.toml"
ORIGIN: Final = "log.isles.example/decisions"
BEGIN_S: Final = 1_780_315_200  # 2026-06-01T12:00:00Z, when the scenario begins
HOUR_S: Final = 3_600
DAY_S: Final = 86_400
OFF: Final = To(state=ServiceState.SUSPENDED, service_class=ServiceClass.STANDARD)
ON: Final = To(state=ServiceState.ACTIVE, service_class=ServiceClass.STANDARD)

SEATS: Final = {
    "seat-ops-1": ("operator", Role.OPERATIONS),
    "seat-legal-1": ("operator", Role.LEGAL),
    "seat-ops-2": ("carrier", Role.OPERATIONS),
    "seat-tech-1": ("carrier", Role.TECHNICAL),
    "seat-legal-2": ("chamber", Role.LEGAL),
    "seat-watch-1": ("council", Role.OVERSIGHT),
    "seat-watch-2": ("university", Role.OVERSIGHT),
    "seat-aid-1": ("relief", Role.HUMANITARIAN),
}
SSH_SEAT: Final = "seat-legal-2"  # signs with a key of OpenSSH
WITNESSES: Final = ("north.example", "south.example", "archive.example")


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """What the scheduler did.

    Attributes:
        cells: How many cells of an island were served in the first slot.
        of: How many it has.
        sentences: What it said of the map that it was given.
    """

    cells: int
    of: int
    sentences: tuple[str, ...]


class Cast:
    """Everybody, around one service.

    Args:
        folder: An empty folder for all that comes of it.
        say: Prints a sentence.
    """

    def __init__(self, folder: Path, say: Callable[[str], None]) -> None:
        self.folder = folder
        self.say = say
        self.now_s = BEGIN_S
        self.keys: dict[str, SecretKey] = {
            seat: (SshKey if seat == SSH_SEAT else FileKey)(secrets.token_bytes(SEED_BYTES)) for seat in SEATS
        }
        self.witness_keys = tuple(Ed25519CosignerKey(name, secrets.token_bytes(SEED_BYTES)) for name in WITNESSES)
        with Service.create(folder / "service", self._founding(), clock=self.clock):
            pass
        self.layout = ServiceFolder.open(folder / "service")
        self.witnesses = self.new_witnesses()
        self.service = self.open()

    def clock(self) -> int:
        """The story's time."""
        return self.now_s

    def new_witnesses(self) -> LocalWitnesses:
        """The witnesses, having seen nothing yet."""
        logs = [log.verifier for log in self.layout.read_trust().policy.logs]
        return LocalWitnesses(self.witness_keys, logs, clock=self.clock)

    def open(self) -> Service:
        """The service."""
        return Service.open(self.folder / "service", witnesses=self.witnesses, clock=self.clock)

    def _founding(self) -> Founding:
        """What the service begins with."""
        members = tuple(
            Member(id=seat, organisation=organisation, roles=(role,), keys=(self.keys[seat].public,))
            for seat, (organisation, role) in SEATS.items()
        )
        organisations = tuple(Organisation(id=name) for name in sorted({row[0] for row in SEATS.values()}))
        lines = [f"witness w{n} {key.verifier.vkey}" for n, key in enumerate(self.witness_keys, 1)]
        return Founding(
            origin=ORIGIN,
            policy=default_policy(),
            roster=Roster(epoch=1, members=members, organisations=organisations),
            witnesses="\n".join([*lines, "group two-of-three 2 w1 w2 w3", "quorum two-of-three", ""]),
            created_at=BEGIN_S,
            default_state=ServiceState.INACTIVE,
            note="The islands of the story are invented.",
            max_age_s=3_600 * DAY_S,  # so that the story can be told on any day; a real service says a day
        )

    # ------------------------------------------------------------------------------------------------ places

    def area(self, island: str, effect: Effect) -> Scope:
        """The cells of an island, by the rule for what is done there."""
        return scope_cells(read_regions(HERE / f"{island}.geojson"), effect)

    def preview(self, scope: Scope, effect: Effect, to: To) -> Previewed:
        """What a decision would do, planned on the islands' network."""
        before = Before.of(*self.service.map_at(self.service.state.map_version))
        return preview_decision(SCENARIO, before, cells=scope.cells, effect=effect, to=to)

    def recomputed(self, digest: str) -> str:
        """What an approver finds who computes a decision's preview again."""
        decision = self.service.record(digest).decision
        differences = preview_differences(
            SCENARIO,
            Before.of(*self.service.map_at(decision.base_state_version)),
            decision,
            cells=cells_of_list(self.service.blob(decision.scope.cells_sha256)),
            preview=self.service.blob(decision.preview_sha256),
        )
        return "the same, byte for byte" if not differences else "; ".join(map(str, differences))

    # ------------------------------------------------------------------------------------------------ saying

    def sign(self, seat: str, kind: Kind, composed: Composed) -> str:
        """Let a seat say something; its digest."""
        draft = self.service.draft(kind, composed, by=seat)
        return self.service.say(sign_entry(draft.entry, self.keys[seat]), blobs=draft.blobs).digest

    def ask(self, seat: str, proposal: Proposal) -> str:
        """Let a seat ask for a decision; its digest."""
        draft = self.service.draft_decision(proposal, by=seat)
        digest = self.service.say(sign_entry(draft.entry, self.keys[seat]), blobs=draft.blobs).digest
        self.say(f"{seat} asks for the decision {digest[:12]}: “{proposal.title}”.")
        return digest

    def vote(self, seat: str, digest: str, verdict: Verdict, reason: str = "", *, conflict: str = "none") -> None:
        """Let a seat vote, and print what comes of it."""
        draft = self.service.draft_vote(digest, verdict, by=seat, reason=reason, conflict=conflict)
        heard = self.service.hear(sign_entry(draft.entry, self.keys[seat]), blobs=draft.blobs)
        word = f"{seat} ({SEATS[seat][1]}, {SEATS[seat][0]}) says {verdict}{f': “{reason}”' if reason else ''}."
        if heard:
            self.say(f"{word} Entry {heard.index}; the decision is {self.service.record(digest).state.value}.")
        else:
            self.say(f"{word} REFUSED, and not written: {heard.why}.")

    def settle(self, after_s: int = 0) -> Settled:
        """Let time pass, let the witnesses say so, and print what it brings about."""
        self.now_s += after_s
        settled = self.service.settle()
        self.say(f"{when(self.now_s)}: {len(WITNESSES)} witnesses see {self.service.ledger.size} entries.")
        for move in settled.moves:
            self.say(f"The decision {move.digest[:12]} goes from {move.before.value} to {move.after.value}.")
        return settled

    def proposal(self, title: str, effect: Effect, scope: Scope, to: To, **more: object) -> Proposal:
        """Something to decide, with its preview."""
        place = Place(cells=tuple(cell_texts(scope.cells)), polygon=scope.polygon, h3_version=scope.h3_version)
        basis = LegalBasis(type=Basis.LICENCE, ref="the regulator's licence")
        found = Proposal(title=title, effect=effect, basis=basis, place=place, to=to)
        previewed = self.preview(scope, effect, to)
        return replace(found, preview=previewed.data, **more)  # type: ignore[arg-type] # names and values of the story

    # ----------------------------------------------------------------------------------------------- serving

    def export(self, name: str) -> Path:
        """The bundle, as anybody gets it."""
        path = self.folder / name
        path.write_bytes(self.service.bundle())
        return path

    def run(self, bundle: Path, island: CellIds) -> Served:
        """The real scheduler under a bundle at the story's time: `skycommons run --service-map`."""
        out = self.folder / "run"
        words = [
            "run",
            str(SCENARIO),
            "--start",
            when(self.now_s - self.now_s % 60 + 12)[:-4],
            "--no-report",
            "--quiet",
        ]
        words += ["--out", str(out), "--service-map", str(bundle), "--trust", str(self.layout.trust_path)]
        words += ["--last-good", str(self.folder / "last-good.bundle")]
        text = io.StringIO()
        with contextlib.redirect_stdout(text):
            code = run_command(words)
        if code:
            raise SystemExit(code)
        told = [line for line in text.getvalue().splitlines() if line.startswith(("REFUSED", "the ", "ALARM"))]
        with open_results(out / "islands.zarr") as dataset:
            rows = np.isin(dataset["cell_id"].values, island)
            served = dataset["cell_reason"].values[0][rows] == Unserved.SERVED
        return Served(cells=int(served.sum()), of=int(rows.sum()), sentences=tuple(told))


def told(previewed: Previewed) -> Sequence[str]:
    """A preview in two sentences."""
    figures = previewed.figures
    terminals, people = figures.terminals, figures.protected
    lost = ", ".join(site.id for site in people if site.loses) or "none"
    return [
        f"Preview: {len(figures.cells)} cells; of {terminals.inside} terminals {terminals.lose} lose service.",
        f"{terminals.gain} terminals gain service; around the area {terminals.elsewhere_lose} lose it.",
        f"Protected users inside: {len(people)}; of them lose service: {lost}.",
    ]
