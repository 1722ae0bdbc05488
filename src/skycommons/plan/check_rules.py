"""Rules about who is served: the service map, accounts, requests, channels, and reasons for no service.

Rules: a rule looks at one slot; nothing is served that it forbids, and nothing is left out without a reason that is true.
"""

from typing import Final

import numpy as np

from skycommons.base.arrays import Bools, Floats, Ints
from skycommons.base.constants import NS_PER_S
from skycommons.model.service_map import CellState
from skycommons.plan.check_facts import Facts
from skycommons.plan.check_findings import Findings, Groups, Rule, over
from skycommons.plan.demand import demand_share
from skycommons.plan.requests import Unserved

_REASON_OF: Final = (
    *(Unserved.SERVED, Unserved.TERRITORY_INACTIVE, Unserved.SUSPENDED, Unserved.UNLICENSED),
    Unserved.SERVED,  # of protected users
)
_RANK_WORDS: Final = ("protected", "priority", "standard", "background")


def reason_word(reason: int) -> str:
    """A reason in words.

    >>> reason_word(2), reason_word(99)
    ('gso exclusion', 'reason 99')
    """
    return Unserved(reason).name.lower().replace("_", " ") if reason in list(Unserved) else f"reason {reason}"


def _slot_boundary(facts: Facts) -> Findings:
    rules = facts.premises.service.schedule
    late_ns = (facts.time_ns - round(rules.slot_phase_s * NS_PER_S)) % round(rules.slot_s * NS_PER_S)
    detail = f"begins {late_ns / NS_PER_S:g} s into a slot of {rules.slot_s:g} s"
    return Findings(count=int(late_ns != 0), say=lambda _: ("slot", detail))


def _service_map(facts: Facts) -> Findings:
    state = facts.allowed.state[facts.cell]
    is_open = (state == CellState.ACTIVE) | (_is_partial(facts) & _has_protected(facts))

    def say(row: int) -> tuple[str, str]:
        nobody = ", and nobody in it is protected" if state[row] == CellState.PROTECTED_ONLY else ""
        return facts.cell_word(row), f"is served, but its state is {_state_word(int(state[row]))}{nobody}"

    return Findings.at(np.flatnonzero(facts.is_served & ~is_open), say)


def _account(facts: Facts) -> Findings:
    def say(row: int) -> tuple[str, str]:
        return facts.cell_word(row), "is served, but every account in it is barred"

    return Findings.at(np.flatnonzero(facts.is_served & _is_barred(facts)), say)


def _service_class(facts: Facts) -> Findings:
    best = 1 + facts.allowed.service_class[facts.cell].astype(np.int64)
    is_better = facts.is_served & (facts.rank < np.where(_has_protected(facts), 0, best))

    def say(row: int) -> tuple[str, str]:
        return (
            facts.cell_word(row),
            f"is served as {_RANK_WORDS[facts.rank[row]]}; the best that anybody has is {_RANK_WORDS[best[row]]}",
        )

    return Findings.at(np.flatnonzero(is_better), say)


def _reason_named(facts: Facts) -> Findings:
    is_known = np.isin(facts.reason, list(Unserved))
    says_served = facts.reason == Unserved.SERVED
    given = (facts.down_bps > 0.0) | (facts.up_bps > 0.0) | (facts.share > 0.0) | (facts.beam != -1)
    is_wrong = ~is_known | (says_served != facts.is_served) | (~facts.is_served & given)

    def say(row: int) -> tuple[str, str]:
        word = reason_word(int(facts.reason[row]))
        if not is_known[row]:
            return facts.cell_word(row), f"has {word}, which means nothing"
        if facts.is_served[row]:
            return facts.cell_word(row), f"is served, yet gives a reason for no service: {word}"
        if says_served[row]:
            return facts.cell_word(row), "is not served and gives no reason"
        return facts.cell_word(row), f"is not served ({word}), yet has a beam, a share of time or a rate"

    return Findings.at(np.flatnonzero(is_wrong), say)


def _reason_true(facts: Facts) -> Findings:
    is_barred, is_partial = _is_barred(facts), _is_partial(facts)
    decided = np.array(_REASON_OF)[facts.allowed.state[facts.cell]]
    decided = np.where((decided == Unserved.SERVED) & is_barred, Unserved.ACCOUNT, decided)
    is_bare = is_partial & ~_has_protected(facts) & ~is_barred
    decided = np.where(is_bare, Unserved.SUSPENDED, decided)
    names_one = np.isin(facts.reason, (*_REASON_OF[1:4], Unserved.ACCOUNT))
    is_spare = is_partial & (facts.reason == Unserved.SUSPENDED) & (decided == Unserved.SERVED)
    is_wrong = (facts.reason != decided) & (names_one | (decided != Unserved.SERVED)) & ~is_spare
    is_wrong &= ~facts.is_served

    def say(row: int) -> tuple[str, str]:
        state = _state_word(int(facts.allowed.state[facts.cell[row]]))
        barred = "every account barred" if is_barred[row] else "no account barred"
        return facts.cell_word(row), f"gives {reason_word(int(facts.reason[row]))}; state {state}, {barred}"

    return Findings.at(np.flatnonzero(is_wrong), say)


def _every_cell(facts: Facts) -> Findings:
    in_plan = np.zeros(len(facts.premises.cells), dtype=np.bool_)
    in_plan[facts.cell] = True
    is_asked = facts.premises.demand_row >= 0

    def say(cell: int) -> tuple[str, str]:
        lacks = "asks for service and has no row" if is_asked[cell] else "is in no row of the demand"
        return f"cell {facts.premises.cells[cell]:x}", lacks

    return Findings.at(np.flatnonzero(in_plan != is_asked), say)


def _demand(facts: Facts) -> Findings:
    service, asked = facts.premises.service, facts.premises.demand_row >= 0
    share = demand_share(service.busy_hour_shape, facts.premises.longitude_rad, facts.time_ns)
    given = Groups.of(facts.cell)
    most: list[Floats] = []
    is_partial = facts.allowed.state == CellState.PROTECTED_ONLY
    for asked_bps in (facts.allowed.demand.down_bps, facts.allowed.demand.up_bps):
        all_bps, protected_bps = (np.append(one, 0.0) for one in (asked_bps.sum(axis=1), asked_bps[:, 0]))
        row = facts.premises.demand_row
        total_bps = np.where(is_partial, protected_bps[row], all_bps[row])
        most.append((np.where(asked, total_bps, np.inf) * share)[given.key[:, 0]])  # a cell nobody knows: `every-cell`
    sums = [given.sums(facts.down_bps), given.sums(facts.up_bps)]
    rows = np.union1d(over(sums[0], most[0]), over(sums[1], most[1]))

    def say(row: int) -> tuple[str, str]:
        (down, up), (most_down, most_up) = ([one[row] / 1e6 for one in both] for both in (sums, most))
        words = f"is given {down:.6g} Mbit/s down and {up:.6g} up; it asks for {most_down:.6g} and {most_up:.6g}"
        return f"cell {facts.premises.cells[given.key[row, 0]]:x}", words

    return Findings.at(rows, say)


def _channel_exists(facts: Facts) -> Findings:
    channels = facts.premises.service.schedule.channels
    is_none = (facts.channel < 0) | (facts.channel >= channels)

    def say(row: int) -> tuple[str, str]:
        return facts.cell_word(row), f"is served on channel {facts.channel[row]}; there are 0 to {channels - 1}"

    return Findings.at(np.flatnonzero(facts.is_served & is_none), say)


def _one_satellite_per_channel(facts: Facts) -> Findings:
    rows = np.flatnonzero(facts.is_served)
    used = Groups.of(facts.cell[rows], facts.channel[rows])
    counts = used.counts()

    def say(group: int) -> tuple[str, str]:
        cell, channel = used.key[group]
        servers = facts.satellite[rows[used.member == group]]
        names = " and ".join(facts.satellite_word(int(one)) for one in servers)
        return f"cell {facts.premises.cells[cell]:x}", f"uses channel {channel} {counts[group]} times, by {names}"

    return Findings.at(np.flatnonzero(counts > 1), say)


def _co_channel_separation(facts: Facts) -> Findings:
    channels = facts.premises.service.schedule.channels
    rows = facts.is_served & (facts.channel >= 0) & (facts.channel < channels)
    uses = np.zeros((len(facts.premises.cells), channels), dtype=np.bool_)
    uses[facts.cell[rows], facts.channel[rows]] = True
    near = facts.premises.near
    both = uses[near[:, 0]] & uses[near[:, 1]]
    pair, channel = np.nonzero(both)
    rings = facts.premises.service.schedule.separation_rings

    def say(place: int) -> tuple[str, str]:
        first, second = (f"{cell:x}" for cell in facts.premises.cells[near[pair[place]]])
        return f"cell {first}", f"uses channel {channel[place]}, as does cell {second}, at most {rings} step(s) away"

    return Findings.at(np.arange(len(pair)), say)


def _state_word(state: int) -> str:
    """A state in words."""
    return CellState(state).name.lower().replace("_", " ")


def _is_partial(facts: Facts) -> Bools:
    """Rows whose cell serves protected users alone."""
    return np.asarray(facts.allowed.state[facts.cell] == CellState.PROTECTED_ONLY)


def _has_protected(facts: Facts) -> Bools:
    """Rows in whose cell somebody protected asks for anything."""
    demand = facts.allowed.demand
    return _demand_of(facts, np.append((demand.down_bps[:, 0] > 0.0) | (demand.up_bps[:, 0] > 0.0), [False]))


def _is_barred(facts: Facts) -> Bools:
    """Rows whose cell has only barred accounts."""
    return _demand_of(facts, np.append(facts.allowed.demand.is_barred, [False]))


def _demand_of(facts: Facts, column: Bools) -> Bools:
    """``(R,)`` a column of the demand table by row of the plan; its last place answers for cells that are not in it."""
    rows: Ints = facts.premises.demand_row[facts.cell]
    return column[rows]


SERVICE_RULES: Final = (
    Rule(name="slot-boundary", meaning="A plan's instant is the begin of a slot.", find=_slot_boundary),
    Rule(
        name="service-map",
        meaning="Nothing is served that the service map of the slot's begin forbids.",
        find=_service_map,
    ),
    Rule(name="account", meaning="No cell is served in which every account is barred.", find=_account),
    Rule(name="service-class", meaning="No cell is served in a better rank than it has.", find=_service_class),
    Rule(
        name="reason-named",
        meaning="What is not served says why and is given nothing; what is served gives no reason.",
        find=_reason_named,
    ),
    Rule(
        name="reason-true",
        meaning="Who is shut out by the service map or the account is told so, and nobody else is.",
        find=_reason_true,
    ),
    Rule(
        name="every-cell", meaning="Each cell of the demand has a row in each slot, and no other has.", find=_every_cell
    ),
    Rule(name="demand", meaning="No cell is given more than it asks for at that hour.", find=_demand),
    Rule(name="channel-exists", meaning="What is served uses one of the channels.", find=_channel_exists),
    Rule(
        name="one-satellite-per-channel",
        meaning="No cell uses a channel twice.",
        find=_one_satellite_per_channel,
    ),
    Rule(
        name="co-channel-separation",
        meaning="Cells that are too near to each other are not served on the same channel.",
        find=_co_channel_separation,
    ),
)
