"""The one who signs: brings a log's public folder up to the entries that are durable, and signs the new head.

Each time in this order, with the head's lock held:

1. Refuse, if a head that was signed before (in the lock, in the folder, or by a witness) has more entries than there are now, or
   another root at its size: the entries come from an old copy, or are not those that were signed for.
2. Swap the head in the lock. From here on the log is bound to it, though nobody can see it yet.
3. Write full tiles and bundles, then partial ones. They hold nothing that was not decided by step 2.
4. Sign, and write the checkpoint. Now it is published, and may be acknowledged.
5. Take away partial files whose full ones are there.

A crash after any of these is mended by doing the same again with the same entries or with more. Whatever was acknowledged stays.

* The entries themselves are somebody else's: whoever gives them has made them durable first.
* One call publishes as many entries as have come since the last: that is what makes many small writes cheap.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final, Protocol, TypeAlias

from skycommons.base.errors import InputError, ProofError, RollbackError, SignatureError
from skycommons.governance.checkpoint import Checkpoint
from skycommons.governance.lines import printable
from skycommons.governance.merkle import Frontier, leaf_hash
from skycommons.governance.notes import Note, note_result
from skycommons.governance.signers import Ed25519Signer, MlDsa44CosignerKey
from skycommons.governance.tiles import TILE_WIDTH, Bundle, Tile
from skycommons.store.durable_files import Reached, nothing_reached
from skycommons.store.head_lock import HeadLock, HeldHead
from skycommons.store.log_edge import FullBundle, FullTile, LogEdge
from skycommons.store.log_reader import LogReader
from skycommons.store.tile_files import TileFiles

LogSigner: TypeAlias = Ed25519Signer | MlDsa44CosignerKey

_KEPT_ENTRIES: Final = 4 * TILE_WIDTH  # more are read twice instead
_NO_TIME_S: Final = 0  # a log's own signature says nothing about time


class EntrySource(Protocol):
    """Entries that are durable: a database's."""

    def size(self) -> int:
        """How many there are at this moment."""
        ...

    def read(self, begin: int, end: int) -> Iterable[bytes]:
        """Those from ``begin`` to ``end`` (excluded), in order."""
        ...


def sign_head(head: Checkpoint, signers: Sequence[LogSigner]) -> Note:
    """A head with a line of each of the log's keys."""
    signatures = (
        signer.sign(head.text) if isinstance(signer, Ed25519Signer) else signer.cosign(head, time_s=_NO_TIME_S)
        for signer in signers
    )
    return Note(text=head.text, signatures=tuple(signatures))


def nobody_witnessed() -> Iterable[Checkpoint]:
    """The heads that witnesses cosigned last, where no witness is asked."""
    return ()


class LogWriter:
    """Publishes a log.

    Args:
        files: Its public folder.
        head: The last head that was signed.
        signers: The log's keys. The first is of kind Ed25519, as other programs expect; all have the origin for a name.
        reached: Told after each stage what was reached.

    Raises:
        InputError: The keys are not those of one log.
    """

    def __init__(
        self,
        files: TileFiles,
        head: HeadLock,
        signers: Sequence[LogSigner],
        *,
        reached: Reached = nothing_reached,
    ) -> None:
        if not signers or not isinstance(signers[0], Ed25519Signer) or len({one.name for one in signers}) != 1:
            raise InputError("a log signs with an Ed25519 key, and with others of the same name after it")
        self._files = replace(files, reached=reached)
        self._head = replace(head, reached=reached)
        self._signers = tuple(signers)
        self._verifiers = tuple(signer.verifier for signer in signers)
        self._reached = reached
        self._edge: LogEdge | None = None

    @property
    def origin(self) -> str:
        """The log's identity."""
        return self._signers[0].name

    def recover(self, source: EntrySource, *, witnessed: Callable[[], Iterable[Checkpoint]] = nobody_witnessed) -> Note:
        """Finish what a crash left undone. To be called once at the start: all entries are hashed again, and witnesses asked.

        Args:
            source: All entries that are durable.
            witnessed: Gives the heads of this log that witnesses cosigned last.

        Raises:
            RollbackError: More was signed or cosigned than is there, or something else.
            ProofError: Files of the folder are damaged.
            SignatureError: The folder's checkpoint is not signed by this log.
        """
        seen = tuple(witnessed())
        for one in seen:
            if one.origin != self.origin:
                raise InputError(f"a witness gives a head of {printable(one.origin)}, not of {printable(self.origin)}")
        with self._head.hold() as held:
            self._edge = None
            self._files.sweep()
            return self._publish(held, source, seen, is_whole=True)

    def publish(self, source: EntrySource) -> Note:
        """Publish all entries that are durable and not published yet.

        Args:
            source: All entries, those that were published before included.

        Returns:
            The checkpoint, signed by the log. What is in it may be acknowledged.

        Raises:
            RollbackError: More was signed than is there, or something else.
            ProofError: Files of the folder are damaged.
            SignatureError: The folder's checkpoint is not signed by this log.
        """
        with self._head.hold() as held:
            return self._publish(held, source, (), is_whole=False)

    def add_cosignatures(self, note: Note) -> bool:
        """Put witnesses' signatures under the checkpoint that is published, if it is still the one that they signed.

        Args:
            note: The checkpoint with cosignatures that were checked. Of each key the newest is kept.

        Returns:
            Whether it was.
        """
        with self._head.hold():
            found = self._files.read_checkpoint()
            if found is None or found.text != note.text:
                return False
            own = {(one.name, one.key_id) for one in self._verifiers}
            kept = {(one.name, one.key_id): one for one in found.signatures}
            kept |= {(one.name, one.key_id): one for one in note.signatures if (one.name, one.key_id) not in own}
            self._files.write_checkpoint(Note(text=found.text, signatures=tuple(kept.values())))
            return True

    def _publish(self, held: HeldHead, source: EntrySource, seen: Sequence[Checkpoint], *, is_whole: bool) -> Note:
        """All steps of the module's docstring; the entries that were published before are hashed again if all are asked for."""
        last, published = self._head.read(), self._published()
        if last is None and published is not None:
            raise RollbackError(
                f"the log has {published.head.size:,} entries, but the folder of its last head, {self._head.folder}, is "
                "empty. If that folder is lost, see that no witness knows more, and put the head there by hand"
            )
        size = source.size()
        bound = tuple(one for one in (last, None if published is None else published.head, *seen) if one is not None)
        refuse_ahead(bound, size)
        edge = self._edge_of(published)
        read = _repeatable(source, edge.frontier.size, size)
        if is_whole:
            root = _root(_repeatable(source, 0, size), Frontier(), None, bound)
        else:
            root = _root(read, edge.frontier, published, bound)
        head = Checkpoint(origin=self.origin, size=size, root=root)
        self._reached("hashed")
        if published is not None and head == published.head == last and self._is_fully_signed(published.note):
            self._edge = edge
            return published.note
        held.swap(last, head)
        written = self._write(edge, read)
        if edge.frontier.root != head.root:
            raise ProofError(
                "the entries that were read a second time are others than the first time; is the disk damaged?"
            )
        note = sign_head(head, self._signers)
        self._reached("signed")
        self._files.write_checkpoint(note)
        for place in written:
            self._files.drop_partial(place)
        self._edge = edge
        return note

    def _published(self) -> LogReader | None:
        """The log as the folder shows it, if it is ours."""
        if self._files.read_checkpoint() is None:
            return None
        log = LogReader.open(self._files)
        result = note_result(log.note, self._verifiers)
        if not result or log.head.origin != self.origin:
            raise SignatureError(f"the checkpoint in {self._files.folder} is not signed by {printable(self.origin)}")
        return log

    def _is_fully_signed(self, note: Note) -> bool:
        """Whether each of the log's keys signed."""
        return {one.verifier.vkey for one in note_result(note, self._verifiers).verified} == {
            one.vkey for one in self._verifiers
        }

    def _edge_of(self, published: LogReader | None) -> LogEdge:
        """The edge that was kept, if nobody else has published since; else as the folder shows it."""
        edge, self._edge = self._edge, None  # what fails half-way is not kept
        if published is None:
            return LogEdge()
        head = published.head
        if edge is not None and (edge.frontier.size, edge.frontier.root) == (head.size, head.root):
            return edge
        return LogEdge.read(published)

    def _write(self, edge: LogEdge, read: Callable[[], Iterator[bytes]]) -> list[Tile | Bundle]:
        """Let the edge grow, write what comes of it, and give the places that got full."""
        full: list[Tile | Bundle] = []
        for entry in read():
            full += [self._place(one) for one in edge.append(entry)]
        for one in edge.partial():
            self._place(one)
        self._reached("tiles written")
        return full

    def _place(self, one: FullTile | FullBundle) -> Tile | Bundle:
        """Write one tile or bundle."""
        if isinstance(one, FullTile):
            self._files.write_tile(one.tile, one.hashes)
            return one.tile
        self._files.write_bundle(one.bundle, one.entries)
        return one.bundle


def refuse_ahead(bound: Iterable[Checkpoint], size: int) -> None:
    """Refuse to go on with fewer entries than were signed for.

    Raises:
        RollbackError: There are fewer.
    """
    most = max((one.size for one in bound), default=0)
    if most > size:
        raise RollbackError(
            f"heads of up to {most:,} entries were signed or cosigned already, and there are {size:,}; "
            "were the data restored from an old copy?"
        )


def _root(
    read: Callable[[], Iterator[bytes]], frontier: Frontier, published: LogReader | None, bound: Sequence[Checkpoint]
) -> bytes:
    """The root with the entries that come after a frontier, once the tree was found to hold every head that binds."""
    begin = frontier.size
    roots = {begin: frontier.root}
    wanted = {one.size for one in bound}
    for entry in read():
        frontier = frontier.append(leaf_hash(entry))
        if frontier.size in wanted:
            roots[frontier.size] = frontier.root
    for one in bound:
        if one.size < begin and published is not None:
            roots[one.size] = published.root_at(one.size)
        if roots[one.size] != one.root:
            raise RollbackError(
                f"a head of {one.size:,} entries was signed already, with another root: these are not the same entries"
            )
    return frontier.root


def _repeatable(source: EntrySource, begin: int, end: int) -> Callable[[], Iterator[bytes]]:
    """Reads the same entries as often as it is called: few are kept, many are read again."""
    if end - begin <= _KEPT_ENTRIES:
        kept = tuple(source.read(begin, end))
        _check_count(len(kept), begin, end)
        return lambda: iter(kept)

    def read() -> Iterator[bytes]:
        for first in range(begin, end, TILE_WIDTH):
            part = tuple(source.read(first, min(first + TILE_WIDTH, end)))
            _check_count(len(part), first, min(first + TILE_WIDTH, end))
            yield from part

    return read


def _check_count(count: int, begin: int, end: int) -> None:
    """Refuse a source that does not have what it says."""
    if count != end - begin:
        raise ProofError(f"entries {begin:,} to {end:,} were asked for, and {count:,} came; is the database damaged?")
