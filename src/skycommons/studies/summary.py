"""What a run found, in a few numbers per flow.

Rules: an unreachable step has no round-trip time, so quantiles are over the reachable steps and the availability stands
beside them. Flows are read in blocks that fit a fixed amount of memory, each block once, however long the run is. The round-trip
time of a run is that of light; what radio and machines add to it is estimated here, for terminals to their PoPs, by the
latency model of the date.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from skycommons.base.arrays import Floats, Ints, check_shape, freeze
from skycommons.base.clock import parse_time
from skycommons.plan.latency import estimated_rtt_s, model_near
from skycommons.studies.service_store import has_service
from skycommons.studies.store import LIMITS, REASONS, FlowKind, names

_BLOCK_BYTES: Final = 128 * 2**20
_BIN_S: Final = 1e-4
_BINS: Final = 20_000  # up to two seconds; what is slower counts in the last bin
_QUANTILES: Final = (0.05, 0.5, 0.95)


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """The numbers of ``F`` flows over a run.

    Attributes:
        title, scenario, start: As the scenario says.
        steps, step_s: How many instants, and how far apart.
        sizes: Counts of what took part: ``satellites``, ``sites``, ``flows``.
        flows, sources, targets: ``F`` names.
        kind: ``(F,)`` `FlowKind`.
        rtt_p5_s, rtt_median_s, rtt_p95_s: ``(F,)`` of light over reachable steps; NaN if there is none.
        latency_median_s, latency_p95_s: ``(F,)`` estimated round-trip time of a small packet; NaN but for terminals to PoPs.
        laser_hops_median: ``(F,)`` over reachable steps; 0 is a bent pipe, NaN if never reachable.
        changes_per_hour: ``(F,)`` path changes; 0 for a run of one step.
        availability: ``(F,)`` share of steps at which the flow is reachable.
        rate_down_median_bps, rate_down_p5_bps, rate_up_median_bps: ``(F,)`` to and from the source in the weather of the
            run, over all steps; a step without a path counts as nothing.
        clear_rate_down_median_bps, clear_rate_up_median_bps: ``(F,)`` of the same paths under a clear sky.
        rate_limit: ``(F,)`` the code that limits the downlink most often; 0 where there is never a path.
        reason: ``(F,)`` the code that is most frequent among unreachable steps; 0 if there is none.
        rtt_counts: ``(2, K)`` for each `FlowKind`, how many round trips fall into each tenth of a millisecond.
        is_scheduled: Whether terminals fly by a scheduler's plan.
    """

    title: str
    scenario: str
    start: str
    steps: int
    step_s: float
    sizes: Mapping[str, int]
    flows: tuple[str, ...]
    sources: tuple[str, ...]
    targets: tuple[str, ...]
    kind: Ints
    rtt_p5_s: Floats
    rtt_median_s: Floats
    rtt_p95_s: Floats
    latency_median_s: Floats
    latency_p95_s: Floats
    laser_hops_median: Floats
    changes_per_hour: Floats
    availability: Floats
    rate_down_median_bps: Floats
    rate_down_p5_bps: Floats
    rate_up_median_bps: Floats
    clear_rate_down_median_bps: Floats
    clear_rate_up_median_bps: Floats
    rate_limit: Ints
    reason: Ints
    rtt_counts: Ints
    is_scheduled: bool

    def __post_init__(self) -> None:
        for name in _COLUMNS:
            check_shape(name, getattr(self, name), (len(self.flows),))
            freeze(getattr(self, name))
        freeze(self.rtt_counts)

    def __len__(self) -> int:
        return len(self.flows)

    def flows_of(self, kind: FlowKind) -> Ints:
        """Rows of all flows of one kind, ascending."""
        return np.flatnonzero(self.kind == kind)

    def pooled_rtt_s(self, kind: FlowKind, shares: tuple[float, ...] = _QUANTILES) -> Floats:
        """Quantiles of the round-trip times of all flows of a kind together; NaN if there is none.

        Accuracy: a tenth of a millisecond; times above two seconds count as two seconds.
        """
        running = np.cumsum(self.rtt_counts[kind])
        if not running[-1]:
            return np.full(len(shares), np.nan)
        return np.asarray((np.searchsorted(running, np.array(shares) * running[-1]) + 0.5) * _BIN_S)

    def mean_availability(self, kind: FlowKind | None = None) -> float:
        """Share of all steps of all flows (of a kind) that are reachable; NaN if there is no such flow."""
        chosen = self.availability if kind is None else self.availability[self.flows_of(kind)]
        return float(chosen.mean()) if len(chosen) else float("nan")

    def usual_latency_s(self, kind: FlowKind) -> float:
        """Median across the flows of a kind of their median latencies; NaN if none has one."""
        known = self.latency_median_s[self.flows_of(kind)]
        known = known[np.isfinite(known)]
        return float(np.median(known)) if len(known) else float("nan")

    def pooled_rates_bps(self, kind: FlowKind) -> dict[str, float]:
        """Medians across the flows of a kind of their rates; NaN if there is no such flow."""
        chosen = self.flows_of(kind)
        return {name: float(np.median(getattr(self, name)[chosen])) if len(chosen) else np.nan for name in RATES}

    def rows(self, *, limit: int = 40) -> list[dict[str, str]]:
        """The table that people read: one row a flow, cells are texts, units stand in the headings.

        A scheduler gives a terminal no more than its part under a clear sky either, so that its runs have no such column.

        Args:
            limit: With more flows than this, those of one kind become rows of quantiles and the worst few flows.
        """
        unsaid = _CLEAR_SKY if self.is_scheduled else ""
        return [{name: cell for name, cell in row.items() if name != unsaid} for row in self._rows(limit)]

    def _rows(self, limit: int) -> list[dict[str, str]]:
        """The rows with all columns."""
        if len(self) <= limit:
            return [self._row(flow) for flow in range(len(self))]
        rows = []
        for kind in FlowKind:
            chosen = self.flows_of(kind)
            if len(chosen) <= limit // 2:
                rows += [self._row(int(flow)) for flow in chosen]
            else:
                rows += self._aggregate(kind, chosen) + [self._row(int(flow)) for flow in self._worst(chosen)]
        return rows

    def to_json_dict(self) -> dict[str, Any]:
        """Everything as plain JSON values in SI units; null stands for what does not exist."""
        pooled = {
            kind.name.lower(): {
                "flows": len(self.flows_of(kind)),
                "availability": _number(self.mean_availability(kind)),
                **dict(zip(_PERCENTILES, map(_number, self.pooled_rtt_s(kind)), strict=True)),
                **{name: _number(value) for name, value in self.pooled_rates_bps(kind).items()},
                "latency_median_s": _number(self.usual_latency_s(kind)),
            }
            for kind in FlowKind
        }
        return {
            "title": self.title,
            "scenario": self.scenario,
            "start": self.start,
            "steps": self.steps,
            "step_s": self.step_s,
            **self.sizes,
            "availability": _number(self.mean_availability()),
            "all": pooled,
            "per_flow": [self._json_row(flow) for flow in range(len(self))],
        }

    def __repr__(self) -> str:
        return f"<Summary {self.scenario!r}: {len(self):,} flows, {self.steps:,} steps>"

    def _json_row(self, flow: int) -> dict[str, Any]:
        """One flow as plain JSON values."""
        return {
            "flow": self.flows[flow],
            "source": self.sources[flow],
            "target": self.targets[flow],
            "kind": FlowKind(int(self.kind[flow])).name.lower(),
            "rtt_median_s": _number(self.rtt_median_s[flow]),
            "rtt_p5_s": _number(self.rtt_p5_s[flow]),
            "rtt_p95_s": _number(self.rtt_p95_s[flow]),
            "latency_median_s": _number(self.latency_median_s[flow]),
            "latency_p95_s": _number(self.latency_p95_s[flow]),
            "laser_hops_median": _number(self.laser_hops_median[flow]),
            "path_changes_per_hour": _number(self.changes_per_hour[flow]),
            "availability": _number(self.availability[flow]),
            **{name: _number(getattr(self, name)[flow]) for name in RATES},
            "limited_by": limit_phrase(int(self.rate_limit[flow])) if self.rate_limit[flow] else None,
            "unreachable_because": reason_phrase(int(self.reason[flow])) if self.reason[flow] else None,
        }

    def _row(self, flow: int) -> dict[str, str]:
        """One flow as cells of text."""
        return _cells(
            self.sources[flow],
            self.targets[flow],
            [getattr(self, name)[flow] for name in _SHOWN],
            reason_phrase(int(self.reason[flow])) if self.reason[flow] else "",
        )

    def _worst(self, chosen: Ints) -> Ints:
        """The three flows that fail most, the slowest first among equals."""
        order = np.lexsort((-np.nan_to_num(self.rtt_p95_s[chosen], nan=np.inf), self.availability[chosen]))
        return chosen[order[:3]]

    def _aggregate(self, kind: FlowKind, chosen: Ints) -> list[dict[str, str]]:
        """Rows of quantiles across the flows of a kind, each column by itself."""
        label = f"{len(chosen):,} × {kind.phrase}"
        columns = np.stack([getattr(self, name)[chosen] for name in _SHOWN])
        better = np.where([name in _GOOD_WHEN_HIGH for name in _SHOWN], -1.0, 1.0)
        levels = better * column_quantiles(better * columns.T, (0.5, 0.95))
        return [
            _cells(label, word, list(level), "") for word, level in zip(("median", "worst 5 %"), levels, strict=True)
        ]


RATES: Final = (
    "rate_down_median_bps",
    "rate_down_p5_bps",
    "rate_up_median_bps",
    "clear_rate_down_median_bps",
    "clear_rate_up_median_bps",
)
_COLUMNS: Final = (
    "kind",
    "rtt_p5_s",
    "rtt_median_s",
    "rtt_p95_s",
    "latency_median_s",
    "latency_p95_s",
    "laser_hops_median",
    "changes_per_hour",
    "availability",
    *RATES,
    "rate_limit",
    "reason",
)
_SHOWN: Final = (
    *("latency_median_s", "latency_p95_s", "rtt_median_s", "laser_hops_median", "changes_per_hour"),
    *("rate_down_median_bps", "clear_rate_down_median_bps", "rate_down_p5_bps", "rate_up_median_bps"),
    "availability",
)
_CLEAR_SKY: Final = "clear sky"
_GOOD_WHEN_HIGH: Final = frozenset({*RATES, "availability"})
_PERCENTILES: Final = ("rtt_p5_s", "rtt_median_s", "rtt_p95_s")


def summarise(dataset: xr.Dataset) -> Summary:
    """The summary of a result store."""
    labels, sites = names(dataset, "flow"), names(dataset, "site")
    steps, step_s = dataset.sizes["time"], float(dataset.attrs["step_s"])
    kind = dataset["flow_kind"].values.astype(np.int64)
    width = max(_BLOCK_BYTES // (8 * steps), 1)
    edges = [*range(0, max(len(labels), 1), width), len(labels)]
    blocks = [_block(dataset, slice(begin, end)) for begin, end in pairwise(edges)]
    columns = {name: np.concatenate([block[name] for block in blocks]) for name in _COLUMNS[1:]}
    rtt_counts = np.zeros((len(FlowKind), _BINS), np.int64)
    for block in blocks:
        rtt_counts += block["rtt_counts"]
    return Summary(
        title=str(dataset.attrs["title"]),
        scenario=str(dataset.attrs["scenario"]),
        start=str(dataset.attrs["start"]),
        steps=steps,
        step_s=step_s,
        sizes={name: dataset.sizes[name[:-1]] for name in ("satellites", "sites", "flows")},
        flows=labels,
        sources=tuple(sites[row] for row in dataset["flow_source"].values),
        targets=tuple(sites[row] if row >= 0 else "–" for row in dataset["flow_target"].values),
        kind=kind,
        rtt_counts=rtt_counts,
        is_scheduled=has_service(dataset),
        **columns,
    )


def _block(dataset: xr.Dataset, flows: slice) -> dict[str, Any]:
    """The columns of some flows, each variable read once."""
    part = dataset.isel(flow=flows)
    rtt_s = part["rtt_s"].values
    p5_s, median_s, p95_s = column_quantiles(rtt_s, _QUANTILES)
    reached = np.isfinite(rtt_s)
    kind = part["flow_kind"].values
    counts = [
        np.bincount(
            np.minimum(np.round(rtt_s[:, kind == one][reached[:, kind == one]] / _BIN_S - 0.5), _BINS - 1).astype(int),
            minlength=_BINS,
        )
        for one in FlowKind
    ]
    hops = part["laser_hops"].values
    latency_median_s, latency_p95_s = _latency_s(part, rtt_s, hops)
    elapsed_h = float(part.attrs["step_s"]) * (len(rtt_s) - 1) / 3600.0
    changes = part["path_changed"].values.astype(bool).sum(axis=0)
    reason, limit = part["reason"].values, part["rate_limit"].values
    down_p5, down_median = column_quantiles(part["rate_down_bps"].values.astype(np.float64), (0.05, 0.5))
    medians = {
        f"{name}_median_bps": column_quantiles(part[f"{name}_bps"].values.astype(np.float64), (0.5,))[0]
        for name in ("rate_up", "clear_rate_down", "clear_rate_up")
    }
    return {
        "rtt_p5_s": p5_s,
        "rtt_median_s": median_s,
        "rtt_p95_s": p95_s,
        "latency_median_s": latency_median_s,
        "latency_p95_s": latency_p95_s,
        "laser_hops_median": column_quantiles(np.where(hops >= 0, hops, np.nan), (0.5,))[0],
        "changes_per_hour": changes / elapsed_h if elapsed_h else np.zeros(changes.shape),
        "availability": reached.mean(axis=0),
        "rate_down_p5_bps": down_p5,
        "rate_down_median_bps": down_median,
        **medians,
        "rate_limit": _most_frequent(limit),
        "reason": _most_frequent(reason),
        "rtt_counts": np.stack(counts),
    }


def _latency_s(part: xr.Dataset, rtt_s: Floats, hops: NDArray[Any]) -> Floats:
    """``(2, F)`` median and 95 % of the estimated latency of terminals to their PoPs; NaN for other flows."""
    found = np.full((2, rtt_s.shape[1]), np.nan)
    chosen = np.flatnonzero(part["flow_kind"].values == FlowKind.TERMINAL_TO_POP)
    if len(chosen):
        model = model_near(parse_time(str(part.attrs["start"])))
        found[:, chosen] = estimated_rtt_s(model, 0.5 * rtt_s[:, chosen], np.maximum(hops[:, chosen], 0))
    return found


def _most_frequent(codes: NDArray[Any]) -> Ints:
    """``(F,)`` the code above zero that stands in a column ``(T, F)`` most often; 0 where there is none."""
    counts = np.stack([(codes == code).sum(axis=0) for code in range(1, int(codes.max(initial=1)) + 1)])
    return np.where(counts.any(axis=0), counts.argmax(axis=0) + 1, 0)


def column_quantiles(values: Floats, shares: tuple[float, ...]) -> Floats:
    """Quantiles of each column without its NaNs, ``(Q, F)`` from ``(T, F)``; linear between neighbours.

    >>> column_quantiles(np.array([[1.0, 5.0], [3.0, np.nan], [2.0, np.nan]]), (0.5,)).tolist()
    [[2.0, 5.0]]
    """
    ordered = np.sort(values, axis=0)  # NaNs go last
    count = np.isfinite(ordered).sum(axis=0)
    place = np.array(shares)[:, None] * np.maximum(count - 1, 0)
    low = np.floor(place).astype(np.int64)
    high = np.minimum(low + 1, np.maximum(count - 1, 0))
    column = np.arange(values.shape[1])
    below, above = ordered[low, column], ordered[high, column]
    return np.asarray(below + (place - low) * (above - below), dtype=np.float64)


def reason_phrase(code: int) -> str:
    """Why a flow is unreachable, in words."""
    return REASONS[code] if 0 <= code < len(REASONS) else f"reason {code}"


def limit_phrase(code: int) -> str:
    """What limits a rate, in words."""
    return LIMITS[code] if 0 <= code < len(LIMITS) else f"limit {code}"


def megabits(rate_bps: float) -> str:
    """A rate as people write it; a dash where there is none.

    >>> megabits(544.1e6), megabits(1.25e6), megabits(32.1e3), megabits(9.0)
    ('544 Mbit/s', '1.2 Mbit/s', '32 kbit/s', '9 bit/s')
    """
    if not np.isfinite(rate_bps):
        return "–"
    if 0.0 < rate_bps < 999.5e3:
        scale, unit = (1e3, "kbit/s") if rate_bps >= 999.5 else (1.0, "bit/s")
        return f"{rate_bps / scale:.0f} {unit}"
    return f"{rate_bps / 1e6:,.0f} Mbit/s" if rate_bps >= 10e6 or rate_bps == 0 else f"{rate_bps / 1e6:.1f} Mbit/s"


def milliseconds(seconds: float) -> str:
    """A round-trip time as people write it; a dash where there is none.

    >>> milliseconds(0.0314)
    '31.4 ms'
    """
    return f"{1000.0 * seconds:.1f} ms" if np.isfinite(seconds) else "–"


def percent(share: float) -> str:
    """A share as a percentage that is rounded to 100 only if it is all, and a dash where there is none.

    >>> percent(1.0), percent(0.99996), percent(0.8125)
    ('100 %', '99.99 %', '81.25 %')
    """
    if not np.isfinite(share):
        return "–"
    return "100 %" if share >= 1.0 else f"{np.floor(share * 1e4 + 1e-6) / 100:g} %"


def _cells(source: str, target: str, values: list[float], reason: str) -> dict[str, str]:
    """One row of the table as text."""
    median_s, p95_s, light_s, hops, changes, down, clear, down_p5, up, availability = (float(value) for value in values)
    return {
        "from": source,
        "to": target,
        "latency (ms)": _text(1000.0 * median_s, ".1f"),
        "95 % (ms)": _text(1000.0 * p95_s, ".1f"),
        "light (ms)": _text(1000.0 * light_s, ".1f"),
        "laser hops": _text(hops, "g"),
        "path changes/h": _text(changes, ".0f"),
        "down (Mbit/s)": _megabits(down),
        _CLEAR_SKY: _megabits(clear),
        "5 % (Mbit/s)": _megabits(down_p5),
        "up (Mbit/s)": _megabits(up),
        "available": percent(availability),
        "why not": reason,
    }


def _text(value: float, form: str) -> str:
    """A number as people read it, a dash where there is none."""
    return format(value, form) if np.isfinite(value) else "–"


def _megabits(rate_bps: float) -> str:
    """A rate in a column of Mbit/s, with as many decimals as a small one needs."""
    if 0.0 < rate_bps < 999.5e3:
        return _text(float(f"{rate_bps / 1e6:.2g}"), "g") if rate_bps >= 100.0 else "< 0.0001"
    return _text(rate_bps / 1e6, ".1f" if 0.0 < rate_bps < 10e6 else ",.0f")


def _number(value: float) -> float | None:
    """A JSON number, or null for NaN."""
    return float(value) if np.isfinite(value) else None
