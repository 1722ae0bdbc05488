"""All benchmarks: a table on the terminal and ``results/benchmarks.json``."""

import json
import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks import (
    assignment,
    backhaul,
    day,
    forwarding,
    log,
    options,
    preview,
    propagation,
    radio,
    rates,
    schedule,
    step,
    store,
    verify,
    weather,
    wire,
)
from benchmarks.timing import Figure

RESULT = Path("results/benchmarks.json")


def main() -> None:
    """Measure everything; name parts as arguments to measure only those."""
    parts = {
        "propagation": propagation,
        "step": step,
        "backhaul": backhaul,
        "forwarding": forwarding,
        "radio": radio,
        "rates": rates,
        "weather": weather,
        "assignment": assignment,
        "schedule": schedule,
        "options": options,
        "preview": preview,
        "day": day,
        "log": log,
        "store": store,
        "verify": verify,
        "wire": wire,
    }
    wanted = sys.argv[1:] or list(parts)
    figures: list[Figure] = []
    for name in wanted:
        figures += parts[name].measure()
    table = Table("what", "CPU ms", "peer", "peer ms", "ratio", "target", "note")
    for figure in figures:
        table.add_row(
            figure.name,
            f"{figure.cpu_s * 1e3:,.1f}",
            figure.peer,
            "" if figure.peer_cpu_s is None else f"{figure.peer_cpu_s * 1e3:,.1f}",
            "" if figure.ratio is None else f"{figure.ratio:,.1f}",
            figure.target,
            figure.note,
        )
    Console(width=200).print(table)
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    RESULT.write_text(json.dumps([figure.to_json_dict() for figure in figures], indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
