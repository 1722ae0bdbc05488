"""How a terminal chooses its satellite.

A policy gets, for every flow, the satellites that its source may use, and for each of them the cost onwards to the
flow's destination; it returns which ones to use, best first. Write your own by giving any object a ``choose`` method of
the same shape and passing it to `routes.route`.
"""

from dataclasses import dataclass
from typing import Protocol

from skycommons.base.arrays import Floats, Ints, Ints32
from skycommons.model.rules import Attachment, HighestElevation, LowestDelay
from skycommons.plan.attachment_kernel import smallest


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidates:
    """What every flow may choose from.

    Attributes:
        start: ``(F+1,)`` the candidates of flow ``f`` are ``start[f]:start[f+1]``.
        sat: ``(P,)`` satellite row.
        range_m: ``(P,)`` from the source to that satellite.
        sine_elevation: ``(P,)`` of the satellite's elevation at the source.
        onward_m: ``(P,)`` cost from the satellite to the destination, in metres of vacuum; infinite without a path.
    """

    start: Ints
    sat: Ints32
    range_m: Floats
    sine_elevation: Floats
    onward_m: Floats


class AttachmentPolicy(Protocol):
    """Anything that can choose."""

    def choose(self, candidates: Candidates, count: int) -> Ints:
        """``(F, count)`` places in the candidates, best first, -1 where there is no (further) choice."""
        ...


@dataclass(frozen=True, slots=True)
class ByDelay:
    """The satellites that make the whole path shortest; attachment and path are chosen together."""

    def choose(self, candidates: Candidates, count: int) -> Ints:
        """Smallest total cost first; only candidates with a path."""
        return smallest(candidates.start, candidates.range_m + candidates.onward_m, count)


@dataclass(frozen=True, slots=True)
class ByElevation:
    """The highest satellites, whatever follows."""

    def choose(self, candidates: Candidates, count: int) -> Ints:
        """Largest elevation first."""
        return smallest(candidates.start, -candidates.sine_elevation, count)


def policy_of(rule: Attachment | AttachmentPolicy) -> AttachmentPolicy:
    """The policy that a rule asks for; a policy is returned as it is."""
    match rule:
        case LowestDelay():
            return ByDelay()
        case HighestElevation():
            return ByElevation()
        case own:
            return own
