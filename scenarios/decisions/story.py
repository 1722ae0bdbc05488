"""A story of two islands: nobody alone can switch them off, and everybody can check it.

::

    make story
    python scenarios/decisions/story.py

It prints each step. Islands, states and people are invented. What runs is real: the kernel, the store, previews by the scheduler,
`skycommons run --service-map`, and at the end `skycommons verify` in another folder. Only the witnesses (in this program) and the
clock (the story's) are played.
"""

import argparse
import contextlib
import io
import json
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from scenarios.decisions.cast import DAY_S, HOUR_S, OFF, ON, ORIGIN, Cast, told
from skycommons.base.errors import SkycommonsError
from skycommons.cli import main as run_command
from skycommons.cli.service_door import when
from skycommons.governance.bundles import bundle_of, parse_bundle
from skycommons.governance.canonical import canonical_bytes
from skycommons.governance.decisions import Effect, LegalBasis
from skycommons.governance.entries import Entry, Kind
from skycommons.governance.explain import explain_decision, explain_log, explain_request
from skycommons.governance.member_keys import sign_entry
from skycommons.governance.operator_entries import Snapshot
from skycommons.governance.policy import RuleName
from skycommons.governance.requests import Asker, AskerKind, Interest, Want
from skycommons.governance.verify import service_map_result
from skycommons.governance.votes import Verdict
from skycommons.governance.words import Basis, ServiceClass
from skycommons.store.compose import Composed, compose_licence, compose_request, compose_vote
from skycommons.store.database import Database
from skycommons.store.local_witnesses import LocalWitnesses
from skycommons.store.log_reader import LogReader
from skycommons.store.log_writer import LogWriter
from skycommons.store.records import Batch, NewEntry
from skycommons.store.service import Service, fresh_nonce
from skycommons.store.service_folder import ServiceFolder

WIDTH = 118


def main() -> int:
    """Tell the story; the exit code is that of the last verification."""
    parser = argparse.ArgumentParser(description="The story of Westholm and Eastholm.")
    parser.add_argument("--keep", type=Path, help="folder for what comes of it; a temporary one unless given")
    folder = parser.parse_args().keep
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        return tell(folder)
    with tempfile.TemporaryDirectory() as temporary:
        return tell(Path(temporary))


def tell(folder: Path) -> int:
    """All chapters, in an empty folder."""
    chapter("1. Eight seats, no switch")
    cast = Cast(folder, say)
    say(
        f"A service of decisions, {ORIGIN}, begins on {when(cast.now_s)}. Nobody decided anything yet, so nobody is served."
    )
    say(
        "Eight seats of six organisations decide; two of three witnesses must see each step. Its trust file goes to everybody."
    )
    westholm = activated(cast)
    refused_request(cast)
    emergency(cast)
    insider(cast, westholm)
    return proof(cast)


# ---------------------------------------------------------------------------------------------------- chapters


def activated(cast: Cast) -> str:
    """Westholm is lit by the ordinary way."""
    chapter("2. Westholm is given service, the ordinary way")
    for island in ("westholm", "eastholm"):
        licence(cast, island)
    scope = cast.area("westholm", Effect.ADD)
    proposal = cast.proposal("Service for Westholm", Effect.ADD, scope, ON, licence="westholm-1")
    for sentence in told(cast.preview(scope, Effect.ADD, ON)):
        say(sentence)
    digest = cast.ask("seat-ops-1", proposal)
    say(f"seat-legal-2 computes the preview again on its own machine: {cast.recomputed(digest)}.")
    for seat in ("seat-legal-2", "seat-watch-1", "seat-aid-1"):
        cast.vote(seat, digest, Verdict.APPROVE)
    cast.settle(60)
    cast.settle(24 * HOUR_S)
    cast.service.acknowledge(digest)
    cast.settle(60)
    serve(cast, "westholm", "day-1.bundle")
    return digest


def refused_request(cast: Cast) -> None:
    """A state asks to withhold service, and is refused."""
    chapter("3. A state asks to withhold service over Westholm")
    asked = cast.sign(
        "seat-legal-1",
        Kind.REQUEST,
        compose_request(
            asker=Asker(party="state-of-norhaven", kind=AskerKind.STATE, name="State of Norhaven"),
            wants=Want.WITHHOLD,
            area="Westholm, all of it, until further notice",
            ground=LegalBasis(type=Basis.REGULATOR, ref="letter of the ministry"),
            received_at=cast.now_s,
            nonce=fresh_nonce(),
        ),
    )
    say("It is registered as it came. It stands in the log for ever, whether or not anybody acts on it:")
    for sentence in explain_request(cast.service.state.requests[asked], when):
        say(f"  {sentence}")
    scope = cast.area("westholm", Effect.REDUCE)
    for sentence in told(cast.preview(scope, Effect.REDUCE, OFF)):
        say(sentence)
    proposal = cast.proposal("Withhold service over Westholm", Effect.REDUCE, scope, OFF)
    proposal = replace(
        proposal,
        request=asked,
        basis=LegalBasis(type=Basis.REGULATOR, ref="letter of the ministry"),
        ends_at=cast.now_s + 20 * DAY_S,
    )
    digest = cast.ask("seat-legal-1", proposal)
    rule = cast.service.record(digest).rule
    say(
        f"It needs {rule.approvals} approvals, operations, legal and oversight among them, waits"
        f" {cast.service.record(digest).decision.not_before_delay_s // HOUR_S} hours, and ends by itself."
    )
    say("One person alone cannot pass it:")
    cast.vote("seat-legal-1", digest, Verdict.APPROVE, "I asked for it")
    cast.vote("seat-ops-1", digest, Verdict.APPROVE, "a colleague asked for it")
    cast.vote("seat-ops-2", digest, Verdict.APPROVE)
    interest = Interest(parties=("state-of-norhaven",), nonce=fresh_nonce())
    cast.sign("seat-watch-2", Kind.INTEREST, Composed(body=interest.to_json()))
    say(
        "seat-watch-2 declares that its university is paid by Norhaven. It tries to vote all the same, then recuses itself:"
    )
    cast.vote("seat-watch-2", digest, Verdict.APPROVE)
    cast.vote("seat-watch-2", digest, Verdict.RECUSE, conflict="its university is paid by Norhaven")
    for seat, reason in (
        ("seat-watch-1", "no court has seen it"),
        ("seat-legal-2", "a letter is no law"),
        ("seat-aid-1", "a clinic depends on it"),
        ("seat-tech-1", "it would hit neighbours"),
    ):
        cast.vote(seat, digest, Verdict.REJECT, reason)
    cast.settle(600)
    say("The refusal is provable. What the log says of it:")
    for sentence in explain_decision(cast.service.state, cast.service.record(digest), when):
        say(f"  {sentence}")
    say(f"The request is {cast.service.state.requests[asked].status}.")
    prove(cast, cast.service.record(digest).votes[-1].index)


def prove(cast: Cast, index: int) -> None:
    """One entry with its proof, checked by itself."""
    proof_file, entry, policy = (cast.folder / name for name in ("refusal.tlog-proof", "refusal.json", "tlog.policy"))
    policy.write_text(cast.layout.read_trust().policy_text, encoding="utf-8")
    quietly(
        ["log", "prove", str(cast.layout.files.folder), str(index), "--out", str(proof_file), "--entry", str(entry)]
    )
    code = quietly(["verify", "proof", str(proof_file), "--policy", str(policy), "--entry", str(entry)])
    say(
        f"The last refusal, entry {index}, as a file of {proof_file.stat().st_size} bytes that proves itself: exit code {code}."
    )


def emergency(cast: Cast) -> None:
    """Eastholm's network fails; it is lit within minutes, ends by itself, is reviewed, and made regular."""
    chapter("4. Eastholm's mobile network fails in a storm")
    asked = cast.sign(
        "seat-aid-1",
        Kind.REQUEST,
        compose_request(
            asker=Asker(party="relief-cluster", kind=AskerKind.HUMANITARIAN),
            wants=Want.ACTIVATE,
            area="Eastholm: no telephone, no power, roads cut",
            ground=LegalBasis(type=Basis.HUMANITARIAN, ref="situation report 1"),
            received_at=cast.now_s,
            nonce=fresh_nonce(),
        ),
    )
    scope = cast.area("eastholm", Effect.ADD)
    regular = cast.proposal("Service for Eastholm", Effect.ADD, scope, ON, licence="eastholm-1", request=asked)
    urgent = replace(
        regular,
        rule=RuleName.EMERGENCY_ADD,
        title="Eastholm is cut off",
        basis=LegalBasis(type=Basis.HUMANITARIAN, ref="situation report 1"),
    )
    begun_s = cast.now_s
    digest = cast.ask("seat-aid-1", urgent)
    cast.vote("seat-aid-1", digest, Verdict.APPROVE, "people need help")
    cast.vote("seat-ops-1", digest, Verdict.APPROVE, "capacity is there")
    cast.settle(120)
    say(f"Two persons of different roles, {(cast.now_s - begun_s) // 60} minutes after it was asked.")
    serve(cast, "eastholm", "day-2.bundle")
    ends = cast.service.record(digest).decision.ends_at
    say(f"Its end stands in the map itself: {when(ends)}. Three days later the same file, with nobody asked anything:")
    cast.now_s = ends
    served = cast.run(cast.folder / "day-2.bundle", scope.cells)
    say(f"  the scheduler serves {served.cells} of {served.of} cells of Eastholm.")
    cast.settle(60)
    say("Every emergency is reviewed by seats that had no hand in it:")
    cast.vote("seat-watch-1", digest, Verdict.UPHOLD, "it was needed, small and short")
    cast.vote("seat-legal-2", digest, Verdict.UPHOLD)
    say("The storm's damage stays, so it is made regular, by quorum:")
    again = cast.proposal("Service for Eastholm", Effect.ADD, scope, ON, licence="eastholm-1", request=asked)
    digest = cast.ask("seat-ops-1", again)
    for seat in ("seat-legal-2", "seat-watch-2", "seat-tech-1"):
        cast.vote(seat, digest, Verdict.APPROVE)
    cast.settle(60)
    cast.settle(24 * HOUR_S)
    cast.service.acknowledge(digest)
    cast.settle(60)
    serve(cast, "eastholm", "day-6.bundle")


def insider(cast: Cast, westholm: str) -> None:
    """Somebody with the database and the log's key tries to darken Westholm alone."""
    chapter("5. An insider has the database and the log's key")
    honest = cast.export("honest.bundle")
    say("He works at the operator, holds seat-ops-1, and wants Westholm dark before morning. On a copy of everything:")
    edited_database(cast, westholm)
    forged_map(cast, honest, westholm)
    forged_log(cast, westholm)
    say("The honest log is untouched: it opens, and says what it said.")
    cast.service.close()
    cast.service = cast.open()
    cast.settle(60)


def edited_database(cast: Cast, westholm: str) -> None:
    """He edits a row."""
    copy = copied(cast, "insider-database")
    with sqlite3.connect(copy / "service.db") as connection:
        (before,) = connection.execute("SELECT value FROM projection WHERE subject = 'map'").fetchone()
        layers = json.loads(before)
        layers["layers"].remove(westholm)
        connection.execute("UPDATE projection SET value = ? WHERE subject = 'map'", (json.dumps(layers),))
    connection.close()
    say("First he takes Westholm's layer out of the database. The service does not open any more:")
    quoted(lambda: Service.open(copy, witnesses=cast.witnesses, clock=cast.clock))


def forged_map(cast: Cast, honest: Path, westholm: str) -> None:
    """He hands the scheduler a map of his own."""
    found = parse_bundle(honest.read_bytes())
    forged = bundle_of(
        checkpoint=found.checkpoint,
        manifest=darkened(found.manifest, westholm),
        entries=found.entries,
        blobs=found.blobs.values(),
    )
    path = cast.folder / "forged-map.bundle"
    path.write_bytes(forged.encode())
    say("Then he gives the scheduler a service map of his own, with the real log as its evidence:")
    obeyed(cast, path)


def forged_log(cast: Cast, westholm: str) -> None:
    """He writes into the log, signs it with its key, and even has it witnessed."""
    copy = copied(cast, "insider-log")
    layout = ServiceFolder.open(copy)
    scope = cast.area("westholm", Effect.REDUCE)
    proposal = replace(
        cast.proposal("Interference", Effect.REDUCE, scope, OFF),
        rule=RuleName.EMERGENCY_REDUCE,
        basis=LegalBasis(type=Basis.INTERFERENCE, ref="none"),
    )
    draft = cast.service.draft_decision(proposal, by="seat-ops-1")
    own = cast.keys["seat-ops-1"]
    asked = sign_entry(draft.entry, own)
    entries = [asked.encode()]
    with Service.open(copy, clock=cast.clock) as taken:
        taken.say(asked, blobs=draft.blobs)
        for seat in ("seat-ops-1", "seat-legal-2"):  # his own vote, and one in the name of another
            vote = compose_vote(
                taken.state, asked.digest, Verdict.APPROVE, by=seat, now_s=cast.now_s, nonce=fresh_nonce()
            )
            entries.append(sign_entry(Entry(kind=Kind.VOTE, origin=ORIGIN, by=seat, body=vote.body), own).encode())
    lie = Snapshot(map_version=99, map_sha256="0" * 64, previous_sha256="")
    entries.append(Entry(kind=Kind.SNAPSHOT, origin=ORIGIN, by="", body=lie.to_json()).encode())
    with Database.open(layout.settings.database, folder=copy) as database:
        batch = Batch(entries=tuple(map(NewEntry.of, entries[1:])))
        database.append(batch, expected_size=database.size())
        writer = LogWriter(layout.files, layout.head_lock, layout.read_signers())
        writer.publish(database)
        say(
            "At last he writes into the log itself, around all checks: a decision, his vote, a vote in the name of seat-legal-2,"
        )
        say("and the announcement of a map. He signs the head with the log's own key. No witness has seen it:")
        obeyed(cast, evidence(cast, layout, "forged-unseen.bundle", westholm))
        logs = [log.verifier for log in cast.layout.read_trust().policy.logs]
        known = LogReader.open(cast.layout.files).head
        fooled = LocalWitnesses(cast.witness_keys, logs, clock=cast.clock, known=known)
        writer.add_cosignatures(fooled.cosign(LogReader.open(layout.files)).note)
        say("And if all witnesses cosigned it, for it only grew? They swear to one history, not to what is right:")
        path = evidence(cast, layout, "forged-seen.bundle", westholm)
        obeyed(cast, path)
    say("The auditor, who has nothing but that file and the trust file, sees why:")
    found = parse_bundle(path.read_bytes())
    report = service_map_result(found.manifest, found, cast.layout.read_trust(), now_s=cast.now_s)
    for sentence in explain_log(report, when):
        if "void" in sentence or "REFUSED" in sentence:
            say(f"  {sentence}")


def proof(cast: Cast) -> int:
    """Everything, verified in another folder, by another program, without the database."""
    chapter("6. The proof, elsewhere")
    cast.export("story.bundle")
    cast.service.close()
    with tempfile.TemporaryDirectory() as elsewhere:
        for path in (cast.folder / "story.bundle", cast.layout.trust_path):
            shutil.copy(path, elsewhere)
        words = ["verify", "story.bundle", "--trust", "trust.policy"]
        say(f"In an empty folder, with two files: skycommons {' '.join(words)}")
        found = subprocess.run(  # noqa: S603 - this very Python
            [sys.executable, "-m", "skycommons", *words], cwd=elsewhere, capture_output=True, text=True, check=False
        )
    for line in (found.stdout + found.stderr).splitlines():
        show(f"    {line}")
    say(f"Exit code {found.returncode}: {'everything is confirmed' if not found.returncode else 'refused'}.")
    return found.returncode


# ----------------------------------------------------------------------------------------------------- scenery


def licence(cast: Cast, island: str) -> None:
    """The regulator's licence for an island, on record."""
    cells = [f"{cell:x}" for cell in cast.area(island, Effect.ADD).cells.tolist()]
    composed = compose_licence(
        id=f"{island}-1",
        authority="Regulator of the Isles",
        country="",
        cells=cells,
        valid_from=cast.now_s - DAY_S,
        valid_until=cast.now_s + 365 * DAY_S,
        nonce=fresh_nonce(),
        service_classes=tuple(ServiceClass),
    )
    cast.sign("seat-legal-2", Kind.LICENCE, composed)
    say(
        f"seat-legal-2 registers the regulator's licence for {len(cells)} cells of {island.title()}. It switches nothing."
    )


def serve(cast: Cast, island: str, name: str) -> None:
    """Let the scheduler obey the newest map."""
    served = cast.run(cast.export(name), cast.area(island, Effect.ADD).cells)
    for sentence in served.sentences:
        say(f"  {sentence}")
    say(f"  the scheduler serves {served.cells} of {served.of} cells of {island.title()}.")


def obeyed(cast: Cast, bundle: Path) -> None:
    """What the scheduler does with a forged map."""
    served = cast.run(bundle, cast.area("westholm", Effect.ADD).cells)
    for sentence in served.sentences:
        say(f"  {sentence}")
    say(f"  the scheduler serves {served.cells} of {served.of} cells of Westholm, as before.")


def copied(cast: Cast, name: str) -> Path:
    """A copy of everything that the operator has."""
    cast.service.close()
    shutil.copytree(cast.folder / "service", cast.folder / name)
    cast.service = cast.open()
    return cast.folder / name


def darkened(manifest: bytes, decision: str) -> bytes:
    """A service map without what a decision lit."""
    found = json.loads(manifest)
    found["version"] += 1
    found["layers"] = [layer for layer in found["layers"] if layer["decision"] != decision]
    return canonical_bytes(found)


def evidence(cast: Cast, layout: ServiceFolder, name: str, westholm: str) -> Path:
    """A bundle as an insider makes it, without asking the rules."""
    log = LogReader.open(layout.files)
    honest = parse_bundle((cast.folder / "honest.bundle").read_bytes())
    names = [path.rpartition("/")[2] for path in layout.files.paths() if path.startswith("blob/")]
    blobs = [data for one in names if (data := layout.files.read_blob(one)) is not None]
    bundle = bundle_of(
        checkpoint=log.note.encode(),
        manifest=darkened(honest.manifest, westholm),
        entries=log.entries(0, log.head.size),
        blobs=blobs,
    )
    path = cast.folder / name
    path.write_bytes(bundle.encode())
    return path


def quoted(attempt: Callable[[], object]) -> None:
    """Try something that is refused, and print why."""
    try:
        attempt()
    except SkycommonsError as error:
        first, *rest = str(error).splitlines()
        say(f"  REFUSED: {first.rpartition('service.db: ')[2]}")
        for line in rest:
            say(f"  {line.strip()}")


def quietly(words: list[str]) -> int:
    """A command without its answer; its exit code."""
    with contextlib.redirect_stdout(io.StringIO()):
        return run_command(words)


def chapter(title: str) -> None:
    """A heading."""
    show(f"\n{title}\n{'-' * len(title)}")


def say(sentence: str) -> None:
    """A sentence, wrapped."""
    indent = " " * (len(sentence) - len(sentence.lstrip()))
    show(textwrap.fill(sentence, WIDTH, initial_indent="", subsequent_indent=indent + "  "))


def show(text: str) -> None:
    """One piece of text on the terminal."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
