"""The compiled auction of satellites' slots.

Requests bid for the satellite that is worth most to them after its price; a satellite keeps as many of its highest bids as
it has slots. Its price is the lowest bid that it keeps once it is full, and before that the price at which it began.

Rules: rows of options stand with the most valued first, so a request looks no farther than where worth alone cannot win. The
request that was outbid last bids next: its cell is still in the processor's cache, which halves the time.
"""

import numpy as np
from numba import njit

from skycommons.base.arrays import Floats, Floats32, Ints, Ints32


@njit(error_model="numpy", nogil=True, cache=True)
def book_rows(satellite: Ints32, cell: Ints, slots: Ints32) -> Ints:
    """``(S + 1,)`` rows of each satellite's book of bids; no rows for those that cannot fill or have no slot.

    Args:
        satellite: ``(C, K)`` options.
        cell: ``(Q,)`` of each request.
        slots: ``(S,)``.
    """
    named = np.zeros(len(slots), np.int64)
    for request in range(len(cell)):
        for place in range(satellite.shape[1]):
            sat = satellite[cell[request], place]
            if sat < 0:
                break
            named[sat] += 1
    first = np.zeros(len(slots) + 1, np.int64)
    for sat in range(len(slots)):
        first[sat + 1] = first[sat] + (slots[sat] if named[sat] > slots[sat] else 0)
    return first


@njit(error_model="numpy", nogil=True, cache=True)
def hold_auction(
    satellite: Ints32,
    worth: Floats32,
    cell: Ints,
    left_out: Floats,
    slots: Ints32,
    first: Ints,
    least: Floats,
    raise_by: float,
    column: Ints32,
    price: Floats,
) -> int:
    """Bid until nobody is outbid; returns how many bids were made.

    Args:
        satellite, worth: ``(C, K)`` options (nats), the most valued first.
        cell, left_out: ``(Q,)`` cell of each request and what it costs to leave it out (nats).
        slots: ``(S,)``.
        first: `book_rows`.
        least: ``(S,)`` price at which each satellite begins (nats).
        raise_by: By how much a bid exceeds what the request's second choice justifies (nats, above 0).
        column: ``(Q,)`` becomes the column of the option that each request gets, -1 for none.
        price: ``(S,)`` becomes each satellite's price (nats), infinite without slots.
    """
    bid, holder = np.empty(first[-1], np.float64), np.empty(first[-1], np.int32)
    used = np.zeros(len(slots), np.int32)
    waiting = np.empty(len(cell), np.int32)
    for sat in range(len(slots)):
        price[sat] = least[sat] if slots[sat] > 0 else np.inf
    for request in range(len(cell)):
        waiting[request] = len(cell) - 1 - request
    count, bids = len(cell), 0
    while count > 0:
        count -= 1
        request = waiting[count]
        best, offer = _best_offer(satellite[cell[request]], worth[cell[request]], price, -left_out[request])
        column[request] = best
        if best < 0:
            continue
        bids += 1
        sat = satellite[cell[request], best]
        begin, size = first[sat], first[sat + 1] - first[sat]
        if size == 0:
            continue
        if used[sat] < size:
            bid[begin + used[sat]], holder[begin + used[sat]] = offer + raise_by, request
            used[sat] += 1
            if used[sat] < size:
                continue
            for place in range(size // 2 - 1, -1, -1):
                _sift_down(bid, holder, begin, size, place)
        else:
            column[holder[begin]] = -1
            waiting[count] = holder[begin]
            count += 1
            bid[begin], holder[begin] = offer + raise_by, request
            _sift_down(bid, holder, begin, size, 0)
        price[sat] = max(least[sat], bid[begin])
    return bids


@njit(error_model="numpy", nogil=True, cache=True)
def _best_offer(satellite: Ints32, worth: Floats32, price: Floats, outside: float) -> tuple[int, float]:
    """Column that is worth most after its price, -1 for none, and the price up to which it stays the first choice."""
    best, first_net, second_net = -1, outside, outside
    for place in range(len(satellite)):
        sat = satellite[place]
        if sat < 0 or worth[place] <= second_net:
            break
        net = worth[place] - price[sat]
        if net > first_net:
            best, first_net, second_net = place, net, first_net
        elif net > second_net:
            second_net = net
    return best, (worth[best] - second_net if best >= 0 else 0.0)


@njit(error_model="numpy", nogil=True, cache=True)
def _sift_down(bid: Floats, holder: Ints32, begin: int, size: int, place: int) -> None:
    """Mend a heap, lowest bid first, from one place downwards."""
    moved_bid, moved_holder = bid[begin + place], holder[begin + place]
    here = place
    while True:
        child = 2 * here + 1
        if child >= size:
            break
        if child + 1 < size and bid[begin + child + 1] < bid[begin + child]:
            child += 1
        if bid[begin + child] >= moved_bid:
            break
        bid[begin + here], holder[begin + here] = bid[begin + child], holder[begin + child]
        here = child
    bid[begin + here], holder[begin + here] = moved_bid, moved_holder


@njit(error_model="numpy", nogil=True, cache=True)
def proven_gap(
    satellite: Ints32, worth: Floats32, cell: Ints, left_out: Floats, slots: Ints32, column: Ints32, price: Floats
) -> float:
    """No assignment's total worth (nats) exceeds this one's by more.

    Whatever the prices, what all slots cost and what each request would gain at these prices add up to at least the
    total of any assignment: the dual of the linear program. Arguments as those of `hold_auction`.
    """
    gap = 0.0
    for sat in range(len(slots)):
        if slots[sat] > 0:
            gap += price[sat] * slots[sat]
    for request in range(len(cell)):
        row, best = cell[request], -left_out[request]
        for place in range(satellite.shape[1]):
            if satellite[row, place] < 0 or worth[row, place] <= best:
                break
            best = max(best, worth[row, place] - price[satellite[row, place]])
        gap += best - (worth[row, column[request]] if column[request] >= 0 else -left_out[request])
    return gap


@njit(error_model="numpy", nogil=True, cache=True)
def fill_free_slots(
    satellite: Ints32, worth: Floats32, cell: Ints, left_out: Floats, requests: Ints, free: Ints, column: Ints32
) -> None:
    """Requests that are left out take what is free, one after the other, in place.

    A round that began above zero may leave a slot free at a price that nobody would pay.

    Args:
        satellite, worth, cell, left_out: As in `hold_auction`.
        requests: ``(N,)`` rows of those that are left out, in the order in which they choose.
        free: ``(S,)`` slots that are free; those that are left remain.
        column: ``(Q,)`` of each request; -1 becomes the column of the most valued free option.
    """
    for request in requests:
        row = cell[request]
        for place in range(satellite.shape[1]):
            sat = satellite[row, place]
            if sat < 0 or worth[row, place] <= -left_out[request]:
                break
            if free[sat] > 0:
                free[sat] -= 1
                column[request] = place
                break
