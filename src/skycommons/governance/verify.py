"""Whether a service map may be obeyed: everything that a scheduler, an auditor or a journalist asks of it.

* The evidence is the whole log, its newest checkpoint, and what the entries name by hash. A part of the log is never enough: a veto
  could have been left out.
* The checkpoint must be signed by the log and by the quorum of witnesses of *one's own* trust file, and be fresh.
* The entries are read anew, from the first one on (`ledger`). The map that they make must be the map that is shown, byte for byte, and an
  entry of the log must have announced it.
* Nothing is read of a log whose checkpoint is not to be believed, or that has another number of entries: strangers make no work.
* Entries that the rules make void have no effect. They are told as findings: somebody with the key of the log wrote them.
* Whoever keeps the last head that he verified refuses a log that is shorter or does not continue it.
* A map that fails in anything is refused as a whole. What was obeyed before stays: nobody goes dark by a forged map.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from hashlib import sha256

from skycommons.base.errors import FormatError, ProofError, SkycommonsError, TrustError
from skycommons.governance.bundles import Bundle
from skycommons.governance.ledger import Ledger, Ruling
from skycommons.governance.log_clock import WitnessedHead, read_witnessed
from skycommons.governance.notes import parse_note
from skycommons.governance.trust import Trust


@dataclass(frozen=True, slots=True, kw_only=True)
class LastGood:
    """The newest log that somebody verified.

    Attributes:
        size: How many entries it had.
        root: Root of the tree over them.
    """

    size: int
    root: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class MapReport:
    """What a bundle shows to somebody who trusts a trust file; true if its map may be obeyed.

    Attributes:
        head: The checkpoint with its witnesses; ``None`` if it is not to be believed.
        rulings: What became of each entry, as far as they could be read.
        ledger: What they add up to; ``None`` if not even the first could be read.
        map_version: Version of the service map that the entries make; -1 without a ledger.
        map_sha256: Hash of the map that is shown.
        refusals: Why the map may not be obeyed.
    """

    head: WitnessedHead | None
    rulings: tuple[Ruling, ...]
    ledger: Ledger | None
    map_version: int
    map_sha256: str
    refusals: tuple[SkycommonsError, ...]

    def __bool__(self) -> bool:
        return not self.refusals

    @property
    def findings(self) -> tuple[Ruling, ...]:
        """Entries that stand in the log and are void."""
        return tuple(ruling for ruling in self.rulings if not ruling)

    @property
    def last_good(self) -> LastGood | None:
        """What to remember of it; ``None`` if the map may not be obeyed."""
        if not self or self.ledger is None:
            return None
        return LastGood(size=self.ledger.size, root=self.ledger.root)


def service_map_result(
    manifest: bytes, proofs: Bundle, trust: Trust, *, now_s: int | None, last: LastGood | None = None
) -> MapReport:
    """What speaks for and against a service map.

    Args:
        manifest: The map, as it is to be obeyed.
        proofs: The evidence.
        trust: Whom to trust.
        now_s: Now, for freshness; ``None`` not to ask for it.
        last: The newest log that was verified before.
    """
    refusals: list[SkycommonsError] = []
    head = _head(proofs, trust, refusals)
    ledger, rulings = _read(proofs, trust, head, refusals)
    if ledger is not None and len(rulings) == len(proofs.entries):
        if head is not None and head.head.root != ledger.root:
            refusals.append(_another_root(head, ledger.size))
        refusals += _map_refusals(manifest, ledger)
        refusals += _continuity_refusals(ledger, last)
    if head is not None and now_s is not None:
        refusals += _age_refusals(now_s - head.earliest_s, trust.max_age_s)
    return MapReport(
        head=head,
        rulings=rulings,
        ledger=ledger,
        map_version=-1 if ledger is None else ledger.state.map_version,
        map_sha256=sha256(manifest).hexdigest(),
        refusals=tuple(refusals),
    )


def verify_service_map(
    manifest: bytes, proofs: Bundle, trust: Trust, *, now_s: int | None, last: LastGood | None = None
) -> MapReport:
    """`service_map_result`, or an error.

    Raises:
        TrustError: The map may not be obeyed; the first reason is told.
        FormatError: The checkpoint is not in its form.
    """
    report = service_map_result(manifest, proofs, trust, now_s=now_s, last=last)
    if report.refusals:
        raise report.refusals[0]
    return report


def read_log(
    entries: Iterable[bytes], blob: Callable[[str], bytes | None], trust: Trust
) -> tuple[Ledger, tuple[Ruling, ...]]:
    """The ledger of a log, and what became of each entry.

    Args:
        entries: All of them, in order.
        blob: Finds what lies beside the log by its SHA-256 in hex; ``None`` if it is not there.
        trust: Whom to trust.

    Raises:
        ProofError: The first entry is not the trusted one, or something that an entry names is missing.
        FormatError: The first entry is not in its form.
    """
    ledger = Ledger(trust, blob)
    return ledger, tuple(ledger.append(entry) for entry in entries)


def _head(proofs: Bundle, trust: Trust, refusals: list[SkycommonsError]) -> WitnessedHead | None:
    """The checkpoint, if it is to be believed."""
    try:
        note = parse_note(proofs.checkpoint, source="checkpoint")
        return read_witnessed(note, trust.policy, origin=trust.origin)
    except (FormatError, TrustError) as error:
        refusals.append(error)
        return None


def _read(
    proofs: Bundle, trust: Trust, head: WitnessedHead | None, refusals: list[SkycommonsError]
) -> tuple[Ledger | None, tuple[Ruling, ...]]:
    """Read as many entries as can be read; none of a number that nobody vouched for, so that no stranger makes work."""
    entries = proofs.entries
    ledger = Ledger(trust, proofs.blobs.get)
    rulings: list[Ruling] = []
    if not entries:
        refusals.append(ProofError("the log is empty"))
    if head is None:
        return None, ()
    if head.head.size != len(entries):
        refusals.append(_another_root(head, len(entries)))
        return None, ()
    try:
        rulings.extend(map(ledger.append, entries))  # keeps what was read before an error
    except (FormatError, ProofError) as error:
        refusals.append(error)
    return (ledger if rulings else None), tuple(rulings)


def _another_root(head: WitnessedHead, size: int) -> ProofError:
    """The checkpoint is of other entries."""
    return ProofError(f"the checkpoint is of {head.head.size} entries with another root than these {size}")


def _map_refusals(manifest: bytes, ledger: Ledger) -> list[ProofError]:
    """What is wrong with the map itself."""
    state = ledger.state
    if manifest != state.manifest:
        return [ProofError(f"the map is not the one that the log decided, which is version {state.map_version}")]
    if state.map_version not in state.announced:
        return [ProofError(f"version {state.map_version} of the map was never announced in the log")]
    return []


def _age_refusals(age_s: int, max_age_s: int) -> list[ProofError]:
    """What is wrong with how long ago witnesses saw the log, by one's own clock."""
    if age_s > max_age_s:
        return [ProofError(f"the newest checkpoint was witnessed {age_s} s ago; at most {max_age_s} s are trusted")]
    if age_s < -max_age_s:
        return [ProofError(f"a quorum of witnesses signed {-age_s} s after now: the clock of this machine is wrong")]
    return []


def _continuity_refusals(ledger: Ledger, last: LastGood | None) -> list[ProofError]:
    """What is wrong with the log against what was seen of it before."""
    if last is None:
        return []
    if ledger.size < last.size:
        return [ProofError(f"the log has {ledger.size} entries; {last.size} were seen before, so it was rolled back")]
    if ledger.root_at(last.size) != last.root:
        return [ProofError(f"the log does not continue the {last.size} entries that were seen before; it was forked")]
    return []
