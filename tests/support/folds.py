"""A ledger that is small enough to be known by heart: it adds up amounts by subject.

Its entries have the form of real ones. An entry with a negative amount is void; one that names a blob that nobody has stops it.
"""

from dataclasses import dataclass
from typing import Final, Self

from skycommons.base.errors import FormatError, ProofError
from skycommons.governance.canonical import Json, canonical_bytes
from skycommons.governance.entries import parse_entry
from skycommons.governance.merkle import Frontier, leaf_hash

ORIGIN: Final = "log.example/sums"


def entry(number: int, *, subject: str = "sea", amount: int = 1, origin: str = ORIGIN) -> bytes:
    """An entry; its number makes it another one."""
    body: dict[str, Json] = {"amount": amount, "number": number, "subject": subject}
    return canonical_bytes({"body": body, "kind": "snapshot", "origin": origin, "v": 1})


@dataclass(frozen=True, slots=True, kw_only=True)
class SumRuling:
    """What became of an entry."""

    why: str
    changed: tuple[str, ...]

    @property
    def is_accepted(self) -> bool:
        """Whether it counts."""
        return not self.why


class Sums:
    """Sums by subject, and how many entries there are."""

    def __init__(self) -> None:
        self._frontier = Frontier()
        self._sums: dict[str, int] = {}

    @property
    def size(self) -> int:
        """How many entries were read."""
        return self._frontier.size

    @property
    def root(self) -> bytes:
        """Root of the tree over them."""
        return self._frontier.root

    def append(self, data: bytes) -> SumRuling:
        """Read the next entry."""
        try:
            body = parse_entry(data).body
            subject, amount = str(body["subject"]), int(str(body["amount"]))
        except (FormatError, KeyError, ValueError) as error:
            self._frontier = self._frontier.append(leaf_hash(data))
            return SumRuling(why=f"it is no amount of a subject: {error}", changed=("log",))
        if subject == "missing":
            raise ProofError("a blob is not here")
        self._frontier = self._frontier.append(leaf_hash(data))
        if amount < 0:
            return SumRuling(why="the amount is negative", changed=("log",))
        self._sums[subject] = self._sums.get(subject, 0) + amount
        return SumRuling(why="", changed=("log", subject))

    def copy(self) -> Self:
        """Another with the same sums."""
        other = type(self)()
        other._frontier = self._frontier
        other._sums = dict(self._sums)
        return other

    def summary(self) -> dict[str, Json]:
        """Every sum."""
        return {subject: self.value_of(subject) for subject in ["log", *self._sums]}

    def value_of(self, subject: str) -> Json:
        """One sum."""
        return {"size": self.size} if subject == "log" else {"sum": self._sums[subject]}
