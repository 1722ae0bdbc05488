"""Everything that can be wrong with a log's public folder, found by building it again from its entries.

* The tree is hashed anew from the entry bundles. Every tile, also a partial one of an earlier size, must hold what comes of that,
  and the root must be the checkpoint's.
* The checkpoint's signatures are judged by somebody's own policy; without one they are not, and the report says so. Whoever signed
  without being in the policy is a finding too, since a flipped bit looks the same; a reader with a smaller policy asks to pass
  over strangers.
* What the ledger reads beside the log, by its SHA-256, must be there and have that hash. What no entry names is no damage: it is
  counted.
* Nothing else may lie in the folder. A file beyond the checkpoint is left of a writer that was stopped; its next start mends it.
* All findings are told, and nothing is changed.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from skycommons.base.errors import Fault, FormatError, HostError, QuorumError
from skycommons.governance.canonical import parse_canonical
from skycommons.governance.checkpoint import Checkpoint, parse_checkpoint
from skycommons.governance.lines import printable
from skycommons.governance.log_clock import read_witnessed
from skycommons.governance.merkle import Frontier, leaf_hash, root_of
from skycommons.governance.notes import Note, note_result
from skycommons.governance.tiles import TILE_LEVELS, TILE_WIDTH, Bundle, Tile, parse_path
from skycommons.governance.witness_policy import NO_QUORUM, WitnessPolicy
from skycommons.store.tile_files import BLOBS, CHECKPOINT, TileFiles

_HASH: Final = re.compile(rb'"([0-9a-f]{64})"')


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """By whose lights a checkpoint is judged.

    Attributes:
        policy: Whom they trust.
        now_s: What time it is for them.
        max_age_s: How old the quorum's cosignatures may be; ``None`` for any age.
        is_open: Whether signatures of keys that the policy does not name are passed over.
    """

    policy: WitnessPolicy
    now_s: int
    max_age_s: int | None = None
    is_open: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LogReport:
    """What was found; true if nothing is wrong.

    Attributes:
        head: The checkpoint; ``None`` if it cannot be read.
        findings: Everything that is wrong, and where.
        entries: Number of entries that were read.
        files: Number of files that were looked at.
        orphans: Names of blobs that no entry names.
        age_s: How long ago a quorum of witnesses saw the checkpoint; ``None`` if that was not asked, or is not known.
        is_judged: Whether signatures were checked.
    """

    head: Checkpoint | None
    findings: tuple[Fault, ...]
    entries: int
    files: int
    orphans: tuple[str, ...]
    age_s: int | None
    is_judged: bool

    def __bool__(self) -> bool:
        return not self.findings


def named_blobs(entry: bytes) -> tuple[str, ...]:
    """What must lie beside the log for an entry: cells, preview and change of a decision, and the cells of a licence.

    Requests of outside parties may name a list that nobody here has. An entry that is no document names nothing: the ledger judges it,
    not this.
    """
    try:
        match parse_canonical(entry):
            case {"kind": "decision", "body": {"scope": {"cells_sha256": cells}, **body}}:
                named = [cells, body.get("preview_sha256"), body.get("change_sha256")]
            case {"kind": "licence", "body": {"cells_sha256": cells}}:
                named = [cells]
            case _:
                named = []
    except FormatError:
        named = []
    return tuple(name for name in named if isinstance(name, str) and name)


def check_log(
    files: TileFiles,
    *,
    audience: Audience | None = None,
    blobs_of: Callable[[bytes], Iterable[str]] = named_blobs,
) -> LogReport:
    """Look at all of a log's folder.

    Args:
        files: The folder.
        audience: By whose lights signatures are judged; ``None`` not to judge them.
        blobs_of: Tells which blobs must be there for an entry.
    """
    check = _Check(files)
    note, head = check.head()
    age_s = None
    if note is not None and head is not None:
        if audience is not None:
            age_s = check.signatures(note, head, audience)
        check.tree(head, blobs_of)
        check.extras(head.size)
    orphans = check.blobs()
    return LogReport(
        head=head,
        findings=tuple(check.findings),
        entries=check.entries,
        files=len(check.paths),
        orphans=orphans,
        age_s=age_s,
        is_judged=audience is not None,
    )


class _Check:
    """What was found so far."""

    def __init__(self, files: TileFiles) -> None:
        self.findings: list[Fault] = []
        self.entries = 0
        self.paths: frozenset[str] = frozenset(files.paths())
        self._files = files
        self._named: set[str] = set()
        self._mentioned: set[str] = set()

    def add(self, place: str, message: str) -> None:
        """Keep one finding."""
        self.findings.append(Fault(printable(place), message))

    def head(self) -> tuple[Note | None, Checkpoint | None]:
        """The checkpoint."""
        try:
            note = self._files.read_checkpoint()
            if note is None:
                self.add(CHECKPOINT, "is missing; is this the folder of a log?")
                return None, None
            return note, parse_checkpoint(note.text)
        except (FormatError, HostError) as error:
            self._refused(CHECKPOINT, error)
            return None, None

    # ---------------------------------------------------------------------------------------------- signatures

    def signatures(self, note: Note, head: Checkpoint, audience: Audience) -> int | None:
        """Judge them; gives the age of the quorum."""
        policy = audience.policy
        result = note_result(note, policy.verifiers)
        for wrong in result.wrong:
            self.add(CHECKPOINT, f"the signature of {printable(wrong.name)} is wrong")
        if not audience.is_open:
            for unknown in result.unknown:
                self.add(CHECKPOINT, f"is signed by {printable(unknown.name)} with a key that the policy does not name")
        logs = {log.verifier.vkey for log in policy.logs if log.verifier.name == head.origin}
        if not logs & {one.verifier.vkey for one in result.verified}:
            self.add(CHECKPOINT, f"no key that is trusted for {printable(head.origin)} signed it")
            return None
        if result.wrong or policy.quorum == NO_QUORUM:
            return None
        try:
            age_s = audience.now_s - read_witnessed(note, policy, origin=head.origin).earliest_s
        except QuorumError as error:
            self.add(CHECKPOINT, str(error))
            return None
        if audience.max_age_s is not None and age_s > audience.max_age_s:
            self.add(CHECKPOINT, f"a quorum saw it {age_s:,} s ago; it is to be seen every {audience.max_age_s:,} s")
        return age_s

    # ---------------------------------------------------------------------------------------------------- tree

    def tree(self, head: Checkpoint, blobs_of: Callable[[bytes], Iterable[str]]) -> None:
        """Hash the tree from the entries, and compare every tile and the root."""
        above: list[bytes | None] = []
        peaks: list[bytes | None] = []
        for index in range(-(-head.size // TILE_WIDTH)):
            width = min(TILE_WIDTH, head.size - index * TILE_WIDTH)
            hashes = self._leaves(index, width, blobs_of)
            if width == TILE_WIDTH:
                above.append(None if hashes is None else root_of(hashes))
            else:
                peaks = [None] if hashes is None else [*Frontier.of(hashes).peaks]
        level = 1
        while above:
            count = len(above)
            for index in range(-(-count // TILE_WIDTH)):
                self._compare(Tile(level, index, min(TILE_WIDTH, count - index * TILE_WIDTH)), above)
            rest = above[count - count % TILE_WIDTH :]
            peaks = [*_peaks(rest), *peaks]
            above = [_root(above[first : first + TILE_WIDTH]) for first in range(0, count - len(rest), TILE_WIDTH)]
            level += 1
        known = [peak for peak in peaks if peak is not None]
        if len(known) < len(peaks):
            self.add(CHECKPOINT, "its root could not be checked, for entries and their hashes are missing")
        elif Frontier(size=head.size, peaks=tuple(known)).root != head.root:
            self.add(CHECKPOINT, "the entries do not lead to its root")

    def _leaves(self, index: int, width: int, blobs_of: Callable[[bytes], Iterable[str]]) -> Sequence[bytes] | None:
        """The leaf hashes of a bundle, from its entries or else from its tile; compares the two."""
        tile = self._read_hashes(Tile(0, index, width))
        bundle = Bundle(index, width)
        try:
            entries = self._files.read_bundle(bundle)
        except (FormatError, HostError) as error:
            self._refused(bundle.path, error)
            return tile
        self.entries += len(entries)
        for entry in entries:
            self._named.update(blobs_of(entry))
            self._mentioned.update(found.decode() for found in _HASH.findall(entry))
        leaves = [leaf_hash(entry) for entry in entries]
        for place, (leaf, found) in enumerate(zip(leaves, tile or leaves, strict=True)):
            if leaf != found:
                self.add(Tile(0, index, width).path, f"holds another hash for the entry {index * TILE_WIDTH + place:,}")
        return leaves

    def _compare(self, tile: Tile, hashes: Sequence[bytes | None]) -> None:
        """Compare a tile above the leaves with what it should hold, as far as that is known."""
        found = self._read_hashes(tile)
        first = tile.index * TILE_WIDTH
        expected = hashes[first : first + tile.width]
        if found is not None and any(
            known is not None and known != value for known, value in zip(expected, found, strict=True)
        ):
            self.add(tile.path, "holds other hashes than the entries lead to")

    def _read_hashes(self, tile: Tile) -> tuple[bytes, ...] | None:
        """The hashes of a tile, if it can be read."""
        try:
            return self._files.read_hashes(tile)
        except (FormatError, HostError) as error:
            self._refused(tile.path, error)
            return None

    # ------------------------------------------------------------------------------------- what else lies there

    def extras(self, size: int) -> None:
        """Every file must belong to the log, as it is now or was once."""
        _, now = self.head()
        size = size if now is None else max(size, now.size)  # it may have grown meanwhile
        for path in sorted(self.paths):
            if path == CHECKPOINT or path.startswith(f"{BLOBS}/"):
                continue
            try:
                place = parse_path(path)
            except FormatError:
                self.add(path, "does not belong to a log")
                continue
            level = place.level if isinstance(place, Tile) else 0
            width = min(TILE_WIDTH, (size >> (TILE_LEVELS * level)) - place.index * TILE_WIDTH)
            if place.width > width:
                self.add(path, "lies beyond the checkpoint; was the writer stopped?")
            elif place.width < width:
                self._compare_partial(place, width)

    def _compare_partial(self, place: Tile | Bundle, width: int) -> None:
        """A partial file of an earlier size must be the beginning of the present one."""
        try:
            if isinstance(place, Tile):
                is_same = (
                    self._files.read_hashes(place)
                    == self._files.read_hashes(Tile(place.level, place.index, width))[: place.width]
                )
            else:
                is_same = (
                    self._files.read_bundle(place) == self._files.read_bundle(Bundle(place.index, width))[: place.width]
                )
        except (FormatError, HostError) as error:
            self._refused(place.path, error)
            return
        if not is_same:
            self.add(place.path, "is not the beginning of the one that is there now")

    def blobs(self) -> tuple[str, ...]:
        """Every blob must be what its name says, and every one that is named must be there; gives those nobody names."""
        prefix = f"{BLOBS}/"
        there = {path.removeprefix(prefix) for path in self.paths if path.startswith(prefix)}
        for name in sorted(there | self._named):
            try:
                if self._files.read_blob(name) is None:
                    self.add(prefix + name, "is missing; an entry names it")
            except (FormatError, HostError) as error:
                self._refused(prefix + name, error)
        return tuple(sorted(there - self._named - self._mentioned))

    def _refused(self, place: str, error: FormatError | HostError) -> None:
        """Keep what a reader found."""
        message = (
            "; ".join(f"{fault.place} {fault.message}" for fault in error.faults)
            if isinstance(error, FormatError)
            else str(error)
        )
        self.add(place, message)


def _root(hashes: Sequence[bytes | None]) -> bytes | None:
    """The root over hashes, if all are known."""
    known = [value for value in hashes if value is not None]
    return root_of(known) if len(known) == len(hashes) else None


def _peaks(hashes: Sequence[bytes | None]) -> list[bytes | None]:
    """The peaks over hashes, if all are known."""
    known = [value for value in hashes if value is not None]
    return [*Frontier.of(known).peaks] if len(known) == len(hashes) else [None]
