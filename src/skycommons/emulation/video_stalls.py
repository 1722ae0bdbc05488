"""What a viewer sees of a stream: which pictures, how old they are, and when nothing moves.

* A viewer sees a picture if it is newer than all that were shown before. One that comes after a newer one has arrived, but too late.
* A picture may be damaged, or so much so that it does not tell which one it is: it moves all the same, and is no stall.
* A stall is a stretch of more than three picture times without a new picture. The first picture time is the usual wait and does not
  count as stalled. Before the first picture there is no stall but the start-up; after the last one there is a stall if others were
  due, which they are as long after they were made as is usual in the stream.
* Whoever receives a scene over several terminals takes of each picture the whole copy that comes first, or else a damaged one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from skycommons.base.arrays import Bools, Floats, Ints, check_shape, freeze
from skycommons.base.errors import InputError

USUAL_GAPS: Final = 3  # picture times without a new picture that nobody minds
_COLUMNS: Final = ("number", "made_mono_ns", "shown_mono_ns", "is_whole")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Arrivals:
    """Pictures as they came, ``(N,)`` each; their instants of arrival never fall.

    Attributes:
        number: Which picture of the scene.
        made_mono_ns: When it was made, as it says itself.
        shown_mono_ns: When it was decoded.
        is_whole: Whether nothing of it is damaged.
    Raises:
        ShapeError: Columns differ in length.
        InputError: The instants of arrival fall.
    """

    number: Ints
    made_mono_ns: Ints
    shown_mono_ns: Ints
    is_whole: Bools

    def __post_init__(self) -> None:
        for name in _COLUMNS[1:]:
            check_shape(name, getattr(self, name), (len(self.number),))
        if (np.diff(self.shown_mono_ns) < 0).any():
            raise InputError("arrivals: the instants at which pictures were shown must not fall")
        freeze(*(getattr(self, name) for name in _COLUMNS))

    def __len__(self) -> int:
        return len(self.number)

    def where(self, rows: Ints) -> "Arrivals":
        """Some of them, in this order."""
        return Arrivals(**{name: getattr(self, name)[rows] for name in _COLUMNS})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Stalls:
    """Stretches without a new picture, ``(S,)`` each.

    Attributes:
        begin_mono_ns: When the picture that did not come was due.
        length_ns: Until the next one came, or the last one was due.
    """

    begin_mono_ns: Ints
    length_ns: Ints

    def __post_init__(self) -> None:
        freeze(self.begin_mono_ns, self.length_ns)

    def __len__(self) -> int:
        return len(self.length_ns)

    def total_s(self) -> float:
        """How long nothing moved in all."""
        return float(self.length_ns.sum()) / 1e9

    def longest_s(self) -> float:
        """How long nothing moved at most."""
        return float(self.length_ns.max(initial=0)) / 1e9


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Viewing:
    """What a viewer saw.

    Attributes:
        made: How many pictures were made.
        arrived: How many of them arrived, each counted once.
        shown: Those that the viewer saw and that tell which they are.
        unknown_mono_ns: ``(D,)`` when pictures were seen that do not.
        stalls: When nothing moved.
        start_up_s: From the first picture's making to the first one that was shown; NaN if none was.
    """

    made: int
    arrived: int
    shown: Arrivals
    unknown_mono_ns: Ints
    stalls: Stalls
    start_up_s: float

    def share(self) -> float:
        """Of the pictures that were made, how many arrived."""
        return self.arrived / self.made if self.made else float("nan")

    def whole_share(self) -> float:
        """Of the pictures that were made, how many were seen without damage."""
        return float(self.shown.is_whole.sum()) / self.made if self.made else float("nan")

    def damaged_mono_ns(self) -> Ints:
        """When damaged pictures were seen, those among them that do not tell which they are."""
        damaged_ns: Ints = np.sort(np.append(self.shown.shown_mono_ns[~self.shown.is_whole], self.unknown_mono_ns))
        return damaged_ns

    def delay_s(self) -> Floats:
        """Age of each picture when it was shown: from glass to glass, ``(N,)``."""
        return (self.shown.shown_mono_ns - self.shown.made_mono_ns) / 1e9

    def delay_quantile_s(self, share: float) -> float:
        """The age that this share of the pictures does not exceed; NaN if none was shown.

        Pictures made before the first one was shown waited for the connection and count only where there are no others.
        """
        if not len(self.shown):
            return float("nan")
        is_settled = self.shown.made_mono_ns >= self.shown.shown_mono_ns[0]
        return float(np.quantile(self.delay_s()[is_settled if is_settled.any() else slice(None)], share))

    def figures(self) -> dict[str, float]:
        """Everything in single numbers."""
        return {
            "pictures_made": float(self.made),
            "pictures_arrived": float(self.arrived),
            "pictures_shown": float(len(self.shown)),
            "pictures_damaged": float((~self.shown.is_whole).sum()),
            "pictures_unknown": float(len(self.unknown_mono_ns)),
            "arrived_share": self.share(),
            "whole_share": self.whole_share(),
            "start_up_s": self.start_up_s,
            "delay_median_s": self.delay_quantile_s(0.5),
            "delay_p95_s": self.delay_quantile_s(0.95),
            "delay_max_s": self.delay_quantile_s(1.0),
            "stalls": float(len(self.stalls)),
            "stalled_s": self.stalls.total_s(),
            "longest_stall_s": self.stalls.longest_s(),
        }


def view(made_mono_ns: Ints, arrivals: Arrivals, *, unknown_mono_ns: Ints, picture_ns: int) -> Viewing:
    """What a viewer of these arrivals saw.

    Args:
        made_mono_ns: ``(F,)`` when each picture was made, by its number; arrivals with other numbers are passed over.
        arrivals: What came.
        unknown_mono_ns: ``(D,)`` when pictures came that do not tell which they are; those after all that count was due are passed over.
        picture_ns: Time from picture to picture.
    """
    counted = arrivals.where(np.flatnonzero(arrivals.number < len(made_mono_ns)))
    shown = newer(counted)
    due_ns = int(made_mono_ns[-1]) + picture_ns if len(made_mono_ns) else 0
    if len(shown):
        due_ns += int(np.median(shown.shown_mono_ns - shown.made_mono_ns)) - picture_ns
    unknown_mono_ns = unknown_mono_ns[unknown_mono_ns <= due_ns]
    moved_ns = np.sort(np.concatenate((shown.shown_mono_ns, unknown_mono_ns)))
    return Viewing(
        made=len(made_mono_ns),
        arrived=len(np.unique(counted.number)),
        shown=shown,
        unknown_mono_ns=unknown_mono_ns,
        stalls=find_stalls(moved_ns, picture_ns=picture_ns, end_mono_ns=due_ns),
        start_up_s=float(shown.shown_mono_ns[0] - made_mono_ns[0]) / 1e9 if len(shown) else float("nan"),
    )


def newer(arrivals: Arrivals) -> Arrivals:
    """Those that are newer than all before them."""
    newest = np.concatenate(([-1], np.maximum.accumulate(arrivals.number)[:-1])) if len(arrivals) else arrivals.number
    return arrivals.where(np.flatnonzero(arrivals.number > newest))


def first_of(streams: Sequence[Arrivals]) -> Arrivals:
    """Of each picture the whole copy that came first, or else a damaged one, over all streams, as they came."""
    columns = {name: np.concatenate([getattr(stream, name) for stream in streams]) for name in _COLUMNS}
    order = np.lexsort((columns["shown_mono_ns"], ~columns["is_whole"]))
    _, first = np.unique(columns["number"][order], return_index=True)
    rows = order[first]
    rows = rows[np.argsort(columns["shown_mono_ns"][rows], kind="stable")]
    return Arrivals(**{name: column[rows] for name, column in columns.items()})


def find_stalls(shown_mono_ns: Ints, *, picture_ns: int, end_mono_ns: int) -> Stalls:
    """Stretches without a new picture.

    Args:
        shown_mono_ns: ``(N,)`` never falling, when a new picture was shown.
        picture_ns: Time from picture to picture.
        end_mono_ns: When the last of all was due.
    """
    ends_ns = np.append(shown_mono_ns[1:], end_mono_ns)[: len(shown_mono_ns)]
    gaps_ns = ends_ns - shown_mono_ns
    is_stall = gaps_ns > USUAL_GAPS * picture_ns
    return Stalls(
        begin_mono_ns=shown_mono_ns[is_stall] + picture_ns,
        length_ns=gaps_ns[is_stall] - picture_ns,
    )
