"""Traces for tests: made by hand, or by Hypothesis."""

from typing import Any

import numpy as np
from hypothesis import strategies as st

from skycommons.base.arrays import Floats
from skycommons.emulation.line_rows import LineState
from skycommons.emulation.trace import Trace, TraceContext, TraceSide

SECOND_NS = 1_000_000_000
BOUNDARY_NS = 1_767_225_612_000_000_000  # 2026-01-01T00:00:12Z, where a slot begins

PCAP = (
    bytes.fromhex("d4c3b2a1020004000000000000000000ffff000065000000")
    + bytes.fromhex("00000000000000001c0000001c0000004500001c000000004001000001010101020202020800000000070001")
    + bytes.fromhex("00000000409c00001c0000001c0000004500001c000000004001000002020202010101010000000000070001")
)
"""A capture of one echo on bare IP and its reply 40 ms later."""


def side(rows: int = 3, **columns: Any) -> TraceSide:
    """A side with these columns, all else by default; states may be given as a list."""
    if "state" in columns and not isinstance(columns["state"], LineState):
        columns["state"] = np.array(columns["state"], dtype=np.uint8)
    return TraceSide.filled(rows, **{name: _column(value) for name, value in columns.items()})


def _column(value: Any) -> Any:
    return np.array(value, dtype=np.float64) if isinstance(value, list) else value


def small_trace(**changes: Any) -> Trace:
    """Three rows over forty-five seconds: a slot each, the second by another satellite, the third in an outage."""
    known: dict[str, Any] = {
        "begin_ns": BOUNDARY_NS,
        "at_ns": np.array([0, 15, 30], dtype=np.int64) * SECOND_NS,
        "length_ns": 45 * SECOND_NS,
        "up": side(delay_s=[0.012, 0.02, 0.02], rate_bps=[12e6, 24e6, 0.0], loss=[0.0, 0.01, 0.0], state=[0, 0, 1]),
        "down": side(delay_s=[0.01, 0.018, 0.018], rate_bps=[120e6, 96e6, 96e6], loss=0.001, state=[0, 0, 1]),
        "context": TraceContext.of_names(("s1", "s2", ""), ("g", "g", ""), ("p", "p", "")),
        "source": "made by hand",
    }
    return Trace(**{**known, **changes})


def assert_same_side(found: TraceSide, wanted: TraceSide) -> None:
    """Every column is the same to the last bit."""
    for name in ("delay_s", "rate_bps", "loss", "state"):
        np.testing.assert_array_equal(getattr(found, name), getattr(wanted, name), name)


def assert_same_trace(found: Trace, wanted: Trace) -> None:
    """Everything is the same to the last bit."""
    assert (found.begin_ns, found.length_ns, found.source, found.notes) == (
        *(wanted.begin_ns, wanted.length_ns, wanted.source, wanted.notes),
    )
    np.testing.assert_array_equal(found.at_ns, wanted.at_ns)
    assert_same_side(found.up, wanted.up)
    assert_same_side(found.down, wanted.down)
    assert (found.context is None) == (wanted.context is None)
    if found.context is not None and wanted.context is not None:
        for name in ("satellite", "gateway", "pop"):
            assert getattr(found.context, name) == getattr(wanted.context, name)
        np.testing.assert_array_equal(found.context.is_handover, wanted.context.is_handover)


def column_at(trace: Trace, values: Floats, at_ns: Any) -> Floats:
    """A column of a trace at instants since its begin."""
    return np.asarray(values[np.searchsorted(trace.at_ns, at_ns, side="right") - 1])


@st.composite
def sides(draw: st.DrawFn, rows: int, *, is_limited: bool = False) -> TraceSide:
    """Any side of so many rows."""

    def column(elements: st.SearchStrategy[float]) -> Floats:
        return np.array(draw(st.lists(elements, min_size=rows, max_size=rows)), dtype=np.float64)

    rates = st.floats(0.0, 5e7)
    return TraceSide(
        delay_s=column(st.floats(0.0, 2.0)),
        rate_bps=column(rates if is_limited else rates | st.just(np.inf)),
        loss=column(st.floats(0.0, 1.0)),
        state=np.array(draw(st.lists(st.sampled_from(list(LineState)), min_size=rows, max_size=rows)), dtype=np.uint8),
    )


names = st.text(st.characters(exclude_categories=("C", "Z")) | st.just(" "), max_size=8)


@st.composite
def traces(draw: st.DrawFn, *, is_limited: bool = False, longest_ns: int = 20 * SECOND_NS) -> Trace:
    """Any trace of a few rows."""
    instants = draw(st.lists(st.integers(1, longest_ns), max_size=6, unique=True))
    at_ns = np.array(sorted({0, *instants}), dtype=np.int64)
    rows = len(at_ns)
    context = None
    if draw(st.booleans()):
        texts = [tuple(draw(st.lists(names, min_size=rows, max_size=rows))) for _ in range(3)]
        flags = draw(st.lists(st.booleans(), min_size=rows, max_size=rows))
        context = TraceContext(
            satellite=texts[0], gateway=texts[1], pop=texts[2], is_handover=np.array(flags, dtype=np.bool_)
        )
    return Trace(
        begin_ns=draw(st.none() | st.integers(0, 4 * 10**18)),
        at_ns=at_ns,
        length_ns=int(at_ns[-1]) + draw(st.integers(1, SECOND_NS)),
        up=draw(sides(rows, is_limited=is_limited)),
        down=draw(sides(rows, is_limited=is_limited)),
        context=context,
        source=draw(names).strip() or "somewhere",
        notes=tuple(note.strip() or "a note" for note in draw(st.lists(names, max_size=2))),
    )
