"""``skycommons trace``: what a terminal's lines do over time, shown, converted, and recorded from a plan."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

from cyclopts import App, Parameter

from skycommons.cli.console import FOR_PEOPLE, Output

if TYPE_CHECKING:
    from skycommons.emulation.trace import Trace
    from skycommons.emulation.trace_formats import TraceFormat
    from skycommons.emulation.trace_pcap import PcapSeries
    from skycommons.emulation.trace_rtt import RttSeries
    from skycommons.emulation.trace_statistics import TraceSummary

trace_app: Final = App(name="trace", help="Show, convert and record what a terminal's lines do over time.")

FormatName = Literal[
    "csv", "mahimahi", "delay", "netem", "netem-table", "ping", "ping-series", "rtt-csv", "irtt", "pcap"
]
Way = Literal["up", "down", "both"]

SourceFormat = Annotated[
    FormatName | None, Parameter(name="--from", help="Format of the file; found from its content unless given.")
]
TargetFormat = Annotated[
    FormatName | None, Parameter(name="--to", help="Format of the new file; found from its name unless given.")
]
Direction = Annotated[
    Way, Parameter(help="Which way a file is about that holds one: read into it, or written from it.")
]
Window = Annotated[
    float | None, Parameter(help="Seconds over which a mahimahi trace's rate (0.1), or lost pings (1) are counted.")
]
Out = Annotated[Path, Parameter(help="File to write; replaced if it is there, and gzip if its name ends in .gz.")]


@trace_app.command
def show(
    file: Annotated[Path, Parameter(help="A trace, or what one can be made from; plain or gzip.")],
    /,
    *,
    source: SourceFormat = None,
    direction: Direction = "both",
    window_s: Window = None,
    figure: Annotated[Path | None, Parameter(help="Write a picture of it (PNG).")] = None,
    output: Output = FOR_PEOPLE,
) -> None:
    """Show what a trace amounts to: round trips, rates, losses and where they lie, gaps, handovers."""
    from dataclasses import replace

    from skycommons.base.clock import format_time
    from skycommons.emulation.trace_formats import read_capture, read_series
    from skycommons.emulation.trace_rtt import WINDOW_S, trace_of_rtts
    from skycommons.emulation.trace_statistics import pings_lost_near_boundaries, summarise_trace

    capture = read_capture(file, trace_format=_format(source))
    if capture is not None:
        _show_capture(capture, output)
        if capture.echo is None:
            output.note("note: the capture holds no ICMP echo, so it makes no trace")
            output.result({"source": capture.source, "capture": _capture_json(capture), "notes": capture.notes})
            return
    series = read_series(file, trace_format=_format(source)) if capture is None else capture.echo
    if series is None:
        trace = _read(file, source, direction=direction, window_s=window_s)
    else:
        trace = trace_of_rtts(series, window_s=WINDOW_S if window_s is None else window_s)
    summary = summarise_trace(trace)
    if series is not None:
        summary = replace(summary, near_boundary_share=pings_lost_near_boundaries(series))
    _show(trace, summary, series, output)
    if figure is not None:
        from skycommons.studies.figures_trace import draw_trace

        draw_trace(trace, summary=summary).save(figure)
        output.line(f"picture  {figure}")
    output.result(
        {
            "source": trace.source,
            "begin": None if trace.begin_ns is None else format_time(trace.begin_ns),
            **_json(summary),
            "packets": None if series is None else {"sent": len(series), "loss_share": series.loss_share},
            "capture": None if capture is None else _capture_json(capture),
            "notes": trace.notes,
            "figure": figure,
        }
    )


@trace_app.command
def convert(
    file: Annotated[Path, Parameter(help="A trace, or what one can be made from; plain or gzip.")],
    out: Out,
    /,
    *,
    source: SourceFormat = None,
    target: TargetFormat = None,
    direction: Direction = "both",
    up: Annotated[Path | None, Parameter(help="Take the way up from this file.")] = None,
    delays: Annotated[Path | None, Parameter(help="Take the delays from this file.")] = None,
    window_s: Window = None,
    output: Output = FOR_PEOPLE,
) -> None:
    """Write a trace in another format; parts of it may come from other files."""
    from skycommons.emulation.trace_combine import with_delays_of, with_up_of

    trace = _read(file, source, direction=direction, window_s=window_s)
    if up is not None:
        trace = with_up_of(trace, _read(up, None, direction="up", window_s=window_s))
    if delays is not None:
        trace = with_delays_of(trace, _read(delays, None, direction="both", window_s=window_s))
    _write(trace, out, target, direction=direction, output=output)


@trace_app.command
def record(
    scenario: Annotated[Path, Parameter(help="Scenario file.")],
    /,
    *,
    site: Annotated[str, Parameter(help="Name of a terminal.")],
    out: Out,
    minutes: Annotated[float | None, Parameter(help="Length; the scenario's own unless given.")] = None,
    target: TargetFormat = None,
    direction: Direction = "both",
    output: Output = FOR_PEOPLE,
) -> None:
    """Write what a terminal's lines would do by a scenario's plan; nothing is emulated, and no privileges are needed."""
    from skycommons.emulation.trace_lines import record_plan
    from skycommons.model.scenario import load

    found = load(scenario)
    for note in found.notes:
        output.note(f"note: {note}")
    wanted = _target(out, target)
    with output.progress(f"Planning {found.title or found.name}", None):
        duration_s = found.duration_s if minutes is None else 60.0 * minutes
        trace = record_plan(found, site, duration_s=duration_s)
    _write(trace, out, wanted.value, direction=direction, output=output)


@trace_app.command
def formats(*, output: Output = FOR_PEOPLE) -> None:
    """List the formats, which of them are read and written, and by which names."""
    from skycommons.emulation.trace_formats import FORMATS

    rows = [
        {
            "format": name.value,
            "reads": facts.reads,
            "writes": facts.writes,
            "names": facts.suffixes,
            "holds": facts.words,
        }
        for name, facts in FORMATS.items()
    ]
    output.table(
        "",
        ["format", "reads", "writes", "names", "holds"],
        [
            [row["format"], row["reads"], row["writes"], " ".join(facts.suffixes), facts.words]
            for row, facts in zip(rows, FORMATS.values(), strict=True)
        ],
    )
    output.result({"formats": rows})


def _format(name: str | None) -> "TraceFormat | None":
    """A format by its name."""
    from skycommons.emulation.trace_formats import TraceFormat

    return None if name is None else TraceFormat(name)


def _target(out: Path, name: str | None) -> "TraceFormat":
    """The format of a file that is to be written."""
    from skycommons.base.errors import InputError
    from skycommons.emulation.trace_formats import FORMATS, format_of_name

    found = _format(name) or format_of_name(out.name)
    if not FORMATS[found].writes:
        raise InputError(
            f"--to: {found} is read only; written are {', '.join(f for f in FORMATS if FORMATS[f].writes)}"
        )
    return found


def _read(file: Path, source: str | None, *, direction: Way, window_s: float | None) -> "Trace":
    """The trace in a file."""
    from skycommons.base.errors import InputError
    from skycommons.emulation.trace import Direction as Side
    from skycommons.emulation.trace_formats import read_trace

    if window_s is not None and not window_s > 0.0:
        raise InputError(f"--window-s: {window_s:g} should be above 0")
    return read_trace(file, trace_format=_format(source), direction=Side(direction), window_s=window_s)


def _write(trace: "Trace", out: Path, target: str | None, *, direction: Way, output: Output) -> None:
    """Write a trace whole, or nothing; say what the new file leaves out."""
    from skycommons.emulation.trace import Direction as Side
    from skycommons.emulation.trace_formats import is_packed_name, left_out, trace_bytes
    from skycommons.studies.files import replacing_bytes

    wanted = _target(out, target)
    side = Side(direction)
    data = trace_bytes(trace, wanted, direction=side, is_packed=is_packed_name(out.name))
    with replacing_bytes(out) as stream:
        stream.write(data)
    lost = left_out(trace, wanted, direction=side)
    for note in (*trace.notes, *lost):
        output.note(f"note: {note}")
    output.line(f"{out}: {wanted.value}, {len(trace):,} rows over {trace.length_ns / 1e9:g} s, {len(data):,} bytes")
    output.result(
        {
            "file": out,
            "format": wanted.value,
            "rows": len(trace),
            "length_s": trace.length_ns / 1e9,
            "bytes": len(data),
            "notes": trace.notes,
            "left_out": lost,
        }
    )


def _show(trace: "Trace", summary: "TraceSummary", series: "RttSeries | None", output: Output) -> None:
    """The tables."""
    from skycommons.base.clock import format_time
    from skycommons.emulation.trace_statistics import SHARES

    rows: list[tuple[str, object]] = [
        ("begin", "unknown" if trace.begin_ns is None else format_time(trace.begin_ns)),
        ("length (s)", summary.length_s),
        ("rows", summary.rows),
        ("loss up (%)", 100.0 * summary.up_loss),
        ("loss down (%)", 100.0 * summary.down_loss),
        ("time dropping (%)", 100.0 * summary.drop_share),
        ("time holding (%)", 100.0 * summary.hold_share),
        ("gaps", summary.gaps),
        ("handovers", None if summary.handovers < 0 else summary.handovers),
        ("losses within 1 s of slots' boundaries (%)", 100.0 * summary.near_boundary_share),
        ("the same, if spread evenly (%)", 100.0 * summary.evenly_share),
    ]
    if series is not None:
        rows[3:3] = [("packets sent", len(series)), ("packets lost (%)", 100.0 * series.loss_share)]
    output.table(trace.source, ["", "value"], rows)
    output.table(
        "Share of the time in which packets pass",
        ["at most", *(f"{share:.0%}" for share in SHARES)],
        [
            ["round trip (ms)", *(1e3 * value_s for value_s in summary.rtt_s)],
            *(
                [f"rate {name} (Mbit/s)", *("no limit" if value == float("inf") else value / 1e6 for value in values)]
                for name, values in (("down", summary.down_bps), ("up", summary.up_bps))
            ),
        ],
    )
    for note in trace.notes:
        output.note(f"note: {note}")


def _show_capture(capture: "PcapSeries", output: Output) -> None:
    """How much went when, and round trips by what measured them."""
    rate_bps = capture.rate_bps
    output.table(
        capture.source,
        ["capture", "value"],
        [
            ("packets", capture.packets),
            ("bytes", capture.bytes_),
            ("length (s)", (capture.end_ns - capture.begin_ns) / 1e9),
            (f"most in {capture.window_s:g} s (Mbit/s)", float(rate_bps.max()) / 1e6),
            ("round trips of handshakes, least (ms)", _least_ms(capture.handshake_s.tolist())),
            ("round trips of TCP's timestamps, least (ms)", _least_ms(capture.stamped_s.tolist())),
        ],
    )
    for note in capture.notes:
        output.note(f"note: {note}")


def _least_ms(times_s: list[float]) -> float | None:
    """The least of some times; nothing of none."""
    return 1e3 * min(times_s) if times_s else None


def _capture_json(capture: "PcapSeries") -> dict[str, Any]:
    """A capture in SI units."""
    return {
        "packets": capture.packets,
        "bytes": capture.bytes_,
        "window_s": capture.window_s,
        "rate_bps": capture.rate_bps,
        "handshakes": {"sent_ns": capture.handshake_ns, "rtt_s": capture.handshake_s},
        "timestamps": {"sent_ns": capture.stamped_ns, "rtt_s": capture.stamped_s},
    }


def _json(summary: "TraceSummary") -> dict[str, Any]:
    """The summary in SI units; quantiles by their shares, rates without limit as null."""
    from dataclasses import asdict

    from skycommons.emulation.trace_statistics import SHARES

    found: dict[str, Any] = asdict(summary)
    for name in ("rtt_s", "up_bps", "down_bps"):
        found[name] = {f"{share:g}": value for share, value in zip(SHARES, found[name], strict=True)}
    found["handovers"] = None if summary.handovers < 0 else summary.handovers
    return found
