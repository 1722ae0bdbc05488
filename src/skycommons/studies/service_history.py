"""How the named terminals of a run fare from slot to slot: handovers, spans without service, addresses, and sums of them.

Rules: slots are read a block at a time, so that memory does not grow with the span; a block begins with the last slot of the
one before, so that every boundary of slots lies within one block. What changes between two slots is counted only where the
second is the very next one. An address changes with the PoP, and stays while nobody serves.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from skycommons.base.arrays import Bools, Floats, Ints, check_shape
from skycommons.model.world import SiteKind
from skycommons.plan.addressing import addresses_of, reverse_name
from skycommons.plan.handovers import (
    MEASURED_BOUNDARIES,
    HandoverKind,
    ServedHistory,
    at_boundaries,
    handovers,
    outages,
)
from skycommons.plan.requests import Unserved
from skycommons.studies.service_store import SITE_TYPES, service_description, site_name
from skycommons.studies.store import names, time_ns

VALUES_AT_ONCE: Final = 2**21
_CHUNK: Final = 8  # slots of a chunk of the store


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HistoryBlock:
    """Some slots of all ``U`` terminals.

    Attributes:
        history: ``T`` slots; the first of them is the last of the block before, unless this is the first block.
        crosses_lasers: ``(T, U)`` whether the way to the PoP has lasers.
        fresh: First slot that no block before has.
    """

    history: ServedHistory
    crosses_lasers: Bools
    fresh: int

    def __post_init__(self) -> None:
        check_shape("crosses_lasers", self.crosses_lasers, self.history.satellite.shape)

    def fresh_history(self) -> ServedHistory:
        """The slots that no block before has."""
        history = self.history
        columns = {name: getattr(history, name)[self.fresh :] for name in ("time_ns", *_HISTORY)}
        return replace(history, **columns)


_HISTORY: Final = ("satellite", "beam", "gateway", "pop", "reason")


def terminal_sites(dataset: xr.Dataset) -> Ints:
    """``(U,)`` site rows of the terminals."""
    return np.flatnonzero(dataset["site_kind"].values == int(SiteKind.TERMINAL))


def history_blocks(dataset: xr.Dataset, *, values_at_once: int = VALUES_AT_ONCE) -> Iterator[HistoryBlock]:
    """How all terminals are served, in the order of time.

    Args:
        dataset: A result store with service.
        values_at_once: About how many slots times terminals a block holds.
    """
    sites, begins = terminal_sites(dataset), time_ns(dataset["slot_time"])
    slot_s = float(service_description(dataset)["slot_s"])
    length = max(values_at_once // max(len(sites), 1) // _CHUNK, 1) * _CHUNK
    variables = dataset[[site_name(column) for column in SITE_TYPES]]
    last: dict[str, NDArray[Any]] = {}
    for begin in range(0, len(begins), length):
        part = variables.isel(slot=slice(begin, begin + length))
        read = {"time_ns": begins[begin : begin + length]}
        read |= {column: part[site_name(column)].values[:, sites] for column in SITE_TYPES}
        columns = {name: np.concatenate([last[name], values]) if last else values for name, values in read.items()}
        rows = {name: columns[name].astype(np.int64) for name in _HISTORY[:-1]}
        reason = columns["reason"].astype(np.uint8)
        yield HistoryBlock(
            history=ServedHistory(time_ns=columns["time_ns"], slot_s=slot_s, reason=reason, **rows),
            crosses_lasers=columns["laser_hops"] > 0,
            fresh=len(columns["time_ns"]) - len(read["time_ns"]),
        )
        last = {name: values[-1:] for name, values in read.items()}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TerminalSums:
    """What ``U`` terminals come to over a run.

    Attributes:
        slot_s: Length of a slot.
        slots: How many were planned; ``is_whole`` whether there are several and each is the next one of the one before.
        reason_slots: ``(R, U)`` slots with each `Unserved`.
        changes: ``(4, U)`` handovers of each `HandoverKind`.
        pairs: ``(U,)`` boundaries with service on both sides.
        outage_s: ``(U,)`` outage to be expected at them.
        lost_s: ``(U,)`` time whose packets are to be expected lost.
    """

    slot_s: float
    slots: int
    is_whole: bool
    reason_slots: Ints
    changes: Ints
    pairs: Ints
    outage_s: Floats
    lost_s: Floats

    @property
    def served_share(self) -> Floats:
        """``(U,)`` of the slots."""
        return np.asarray(self.reason_slots[Unserved.SERVED] / max(self.slots, 1))

    @property
    def handovers_per_hour(self) -> Floats:
        """``(4, U)`` by kind; NaN for a terminal that is not served in two slots in a row."""
        return _over(self.changes * 3600.0, self.pairs * self.slot_s)

    @property
    def expected_loss_share(self) -> Floats:
        """``(U,)`` of evenly sent packets, while there is service; NaN likewise."""
        return _over(self.lost_s, self.pairs * self.slot_s)

    @property
    def outage_s_per_hour(self) -> Floats:
        """``(U,)`` without service, and to be expected at boundaries; NaN where slots are left out."""
        dark_s = self.slot_s * (self.slots - self.reason_slots[Unserved.SERVED])
        hours = self.slots * self.slot_s / 3600.0 if self.is_whole else 0.0
        return _over(dark_s + self.outage_s, np.full(len(self.pairs), hours))


def terminal_sums(dataset: xr.Dataset, *, values_at_once: int = VALUES_AT_ONCE) -> TerminalSums:
    """Add up how the terminals of a run fare."""
    count, begins = len(terminal_sites(dataset)), time_ns(dataset["slot_time"])
    slot_s = float(service_description(dataset)["slot_s"])
    reason_slots = np.zeros((len(Unserved), count), dtype=np.int64)
    changes = np.zeros((len(HandoverKind), count), dtype=np.int64)
    pairs, outage_s, lost_s = np.zeros(count, dtype=np.int64), np.zeros(count), np.zeros(count)
    for block in history_blocks(dataset, values_at_once=values_at_once):
        reason = block.history.reason[block.fresh :]
        for code in Unserved:
            reason_slots[code] += np.count_nonzero(reason == code, axis=0)
        found = handovers(block.history)
        np.add.at(changes, (found.kind, found.who), 1)
        expected = at_boundaries(MEASURED_BOUNDARIES, block.history, crosses_lasers=block.crosses_lasers)
        pairs += expected.count
        outage_s += expected.outage_s
        lost_s += expected.lost_s
    return TerminalSums(
        slot_s=slot_s,
        slots=len(begins),
        is_whole=len(begins) > 1 and bool((np.diff(begins) == round(slot_s * 1e9)).all()),
        reason_slots=reason_slots,
        changes=changes,
        pairs=pairs,
        outage_s=outage_s,
        lost_s=lost_s,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoverEvent:
    """One handover: when, whose, of which kind, and from what to what, by name; a beam by its number."""

    time_ns: int
    terminal: str
    kind: HandoverKind
    before: str
    after: str


def handover_events(dataset: xr.Dataset, *, values_at_once: int = VALUES_AT_ONCE) -> Iterator[HandoverEvent]:
    """All handovers of the terminals, in the order of time."""
    sites = (*names(dataset, "site"), "")
    satellites = (*names(dataset, "satellite"), "")
    terminals = [sites[row] for row in terminal_sites(dataset)]
    name_of: dict[HandoverKind, Callable[[int], str]] = {
        HandoverKind.SATELLITE: lambda row: satellites[row],
        HandoverKind.BEAM: str,
        HandoverKind.GATEWAY: lambda row: sites[row],
        HandoverKind.POP: lambda row: sites[row],
    }
    for block in history_blocks(dataset, values_at_once=values_at_once):
        found, begins = handovers(block.history), block.history.time_ns
        columns = (found.step, found.who, found.kind, found.before, found.after)
        for step, who, code, before, after in zip(*(column.tolist() for column in columns), strict=True):
            kind = HandoverKind(code)
            yield HandoverEvent(
                time_ns=int(begins[step]),
                terminal=terminals[who],
                kind=kind,
                before=name_of[kind](before),
                after=name_of[kind](after),
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class OutageSpan:
    """One span without service: of which terminal (its place among them), when, and the `Unserved` with which it began."""

    who: int
    begin_ns: int
    end_ns: int
    reason: int


def outage_spans(dataset: xr.Dataset, *, values_at_once: int = VALUES_AT_ONCE) -> Iterator[OutageSpan]:
    """All spans without service, in the order in which they end; a slot that was left out ends one."""
    running: dict[int, OutageSpan] = {}
    for block in history_blocks(dataset, values_at_once=values_at_once):
        history = block.fresh_history()
        found, done, going = outages(history), [], {}
        columns = (found.who, found.begin_ns, found.end_ns, found.reason, found.end)
        for who, begin_ns, end_ns, reason, end in zip(*(column.tolist() for column in columns), strict=True):
            span = OutageSpan(who=who, begin_ns=begin_ns, end_ns=end_ns, reason=reason)
            earlier = running.pop(who, None)
            if earlier is not None and earlier.end_ns == begin_ns:
                span = replace(earlier, end_ns=end_ns)
            elif earlier is not None:
                done.append(earlier)
            if end == len(history):
                going[who] = span
            else:
                done.append(span)
        yield from _by_end([*done, *running.values()])
        running = going
    yield from _by_end(list(running.values()))


def _by_end(spans: list[OutageSpan]) -> list[OutageSpan]:
    """In the order in which they end, and of terminals."""
    return sorted(spans, key=lambda span: (span.end_ns, span.who))


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressSpan:
    """A terminal's addresses from an instant on, until its PoP changes; all empty for one that is never served."""

    terminal: str
    since_ns: int | None
    pop: str = ""
    ipv4: str = ""
    ipv6_prefix: str = ""
    reverse: str = ""


def address_spans(dataset: xr.Dataset, *, values_at_once: int = VALUES_AT_ONCE) -> Iterator[AddressSpan]:
    """Addresses of the terminals, each where it begins; terminals that are never served come last.

    Raises:
        PlanError: More terminals or PoPs than there are addresses for.
    """
    sites = names(dataset, "site")
    terminals = [sites[row] for row in terminal_sites(dataset)]
    pops = np.flatnonzero(dataset["site_kind"].values == int(SiteKind.POP))
    now = np.full(len(terminals), -1, dtype=np.int64)
    for block in history_blocks(dataset, values_at_once=values_at_once):
        step, who, pop = _new_pops(block.fresh_history().pop, now)
        addresses = addresses_of(np.searchsorted(pops, pop), who)
        begins = block.history.time_ns[block.fresh :]
        texts = (addresses.ipv4_texts(), addresses.ipv6_texts())
        for slot, one, row, ipv4, ipv6 in zip(step.tolist(), who.tolist(), pop.tolist(), *texts, strict=True):
            yield AddressSpan(
                terminal=terminals[one],
                since_ns=int(begins[slot]),
                pop=sites[row],
                ipv4=ipv4,
                ipv6_prefix=ipv6,
                reverse=reverse_name(sites[row]),
            )
    for one in np.flatnonzero(now < 0).tolist():
        yield AddressSpan(terminal=terminals[one], since_ns=None)


def _new_pops(pop: Ints, now: Ints) -> tuple[Ints, Ints, Ints]:
    """Slot, terminal and PoP of every change of PoP; ``now`` ``(U,)`` goes along in place."""
    nothing = np.zeros(0, dtype=np.int64)
    found: list[tuple[Ints, Ints, Ints]] = [(nothing, nothing, nothing)]
    for step, row in enumerate(pop):
        who = np.flatnonzero((row >= 0) & (row != now))
        if len(who):
            now[who] = row[who]
            found.append((np.full(len(who), step, dtype=np.int64), who, row[who]))
    slots, whose, pops = zip(*found, strict=True)
    return np.concatenate(slots), np.concatenate(whose), np.concatenate(pops)


def _over(part: NDArray[Any], whole: NDArray[Any]) -> Floats:
    """``(..., U)`` a ratio; NaN over nothing."""
    return np.asarray(part / np.where(whole > 0.0, whole, np.nan), dtype=np.float64)
