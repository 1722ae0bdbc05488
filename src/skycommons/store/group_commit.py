"""Many writers, few transactions: whoever waits for the disk carries what others hand in meanwhile.

* There is no thread of its own. The first writer who finds nobody at work takes everything that waits, has it judged, writes it in one
  transaction and has it published; then the next one does.
* A writer gets the place of his entry only when it is durable *and* published. Until then nobody may be told of it.
* An entry that is in the log already is not judged again: it keeps its place.
* If another process has written meanwhile, the batch is judged again on top of that.
* Whatever goes wrong is told to each writer whose entry was in the batch. The entry may be durable nevertheless: he hands it in
  again, and gets its place.

Stages that are reached: ``judged``, those of `Database.append`, those of whoever publishes, ``published``.
"""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Condition
from typing import Final, Generic

from skycommons.base.errors import HostError
from skycommons.store.database import Database
from skycommons.store.durable_files import Reached, nothing_reached
from skycommons.store.ledger_judge import LedgerJudge
from skycommons.store.records import Head, NewEntry, Stale
from skycommons.store.replay import AnyFold

MOST: Final = 512  # entries that one transaction carries

_ATTEMPTS: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What became of an entry that was handed in; it is true if the entry is in the log.

    Attributes:
        index: Its place; -1 if it was refused.
        digest: Its name.
        why: Why it was refused; empty if it is in the log.
    """

    index: int
    digest: str
    why: str = ""

    def __bool__(self) -> bool:
        return not self.why


@dataclass(slots=True)
class _Ticket:
    """A writer who waits."""

    entries: tuple[NewEntry, ...]
    receipts: tuple[Receipt, ...] = ()
    failure: BaseException | None = field(default=None)
    is_settled: bool = False


class GroupCommit(Generic[AnyFold]):
    """Takes entries from many threads.

    Args:
        database: Where they are written.
        judge: Rules over them.
        publish: Called with the head after each commit: makes it public, and may be called again with the same. Entries are
            acknowledged when it returns.
        reached: Called with a name after each stage.
    """

    def __init__(
        self,
        database: Database,
        judge: LedgerJudge[AnyFold],
        publish: Callable[[Head], object],
        *,
        reached: Reached = nothing_reached,
    ) -> None:
        self._database = database
        self._judge = judge
        self._publish = publish
        self._reached = reached
        self._waiting: deque[_Ticket] = deque()
        self._news = Condition()
        self._is_working = False
        self._published_size = -1

    def append(self, data: bytes) -> Receipt:
        """Write one entry; see `append_all`."""
        return self.append_all([data])[0]

    def append_all(self, entries: Sequence[bytes]) -> tuple[Receipt, ...]:
        """Write entries, in this order, and wait until they are durable and published.

        Those that are void are left out, and so are all of them if the transaction fails. Others may come between them only if they do
        not fit into one transaction.

        Args:
            entries: Their bytes.

        Raises:
            FormatError: One is not in the form of an entry; none was written.
            HostError: The database refuses, or others write without end. Hand them in again.
            TrustError: The database or what was published is not what it was.
        """
        ticket = _Ticket(entries=tuple(map(NewEntry.of, entries)))
        with self._news:
            self._waiting.append(ticket)
            self._news.wait_for(lambda: ticket.is_settled or not self._is_working)
            is_ours = not ticket.is_settled
            self._is_working = self._is_working or is_ours
        if is_ours:
            self._work(ticket)
        if ticket.failure is not None:
            raise ticket.failure
        return ticket.receipts

    def refresh(self) -> None:
        """Read what others have written, and see that it is public.

        Raises:
            HostError: The database refuses.
            TrustError: The database or what was published is not what it was.
        """
        self.append_all(())

    def _work(self, ticket: _Ticket) -> None:
        """Carry what waits until this ticket is settled; then it is another writer's turn."""
        try:
            while not ticket.is_settled:
                self._carry(self._taken())
        finally:
            with self._news:
                self._is_working = False
                self._news.notify_all()

    def _taken(self) -> list[_Ticket]:
        """Those who wait longest, as many as fit into one transaction."""
        with self._news:
            tickets = [self._waiting.popleft()]
            count = len(tickets[0].entries)
            while self._waiting and count + len(self._waiting[0].entries) <= MOST:
                tickets.append(self._waiting.popleft())
                count += len(tickets[-1].entries)
        return tickets

    def _carry(self, tickets: Sequence[_Ticket]) -> None:
        """One transaction."""
        failure: BaseException = HostError("the writer who carried this entry was stopped; hand it in again")
        try:
            receipts = iter(self._written([entry for ticket in tickets for entry in ticket.entries]))
            for ticket in tickets:
                ticket.receipts = tuple(next(receipts) for _ in ticket.entries)
                ticket.is_settled = True
        except Exception as error:  # noqa: BLE001 -- each writer raises it as his own
            failure = error
        finally:
            for ticket in tickets:
                if not ticket.is_settled:
                    ticket.failure, ticket.is_settled = failure, True

    def _written(self, entries: Sequence[NewEntry]) -> list[Receipt]:
        """What becomes of these entries, once that is durable and public."""
        for _ in range(_ATTEMPTS):
            self._judge.refresh()
            places = self._database.indexes(entry.digest for entry in entries)
            new = tuple({entry.digest: entry for entry in entries if entry.digest not in places}.values())
            judgement = self._judge.judge(new)
            self._reached("judged")
            if judgement.batch.entries:
                appended = self._database.append(judgement.batch, expected_size=judgement.size)
                if isinstance(appended, Stale):
                    continue
                self._judge.settle(judgement)
                good = (entry.digest for entry in judgement.batch.entries)
                places |= dict(zip(good, appended.indexes, strict=True))
            self._make_public(Head(size=self._judge.fold.size, root=self._judge.fold.root.hex()))
            faults = dict(zip((entry.digest for entry in new), judgement.faults, strict=True))
            return [
                Receipt(index=places.get(one.digest, -1), digest=one.digest, why=faults.get(one.digest, ""))
                for one in entries
            ]
        raise HostError(f"{self._database.name}: others write without end; hand the entry in again")

    def _make_public(self, head: Head) -> None:
        """Publish, unless that was done for this head already."""
        if head.size > self._published_size:
            self._publish(head)
            self._published_size = head.size
            self._reached("published")
