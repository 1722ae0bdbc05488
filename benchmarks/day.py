"""A whole day of 15 s steps, streamed into a store, in a process of its own so that its memory can be read."""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.material import scenario
from benchmarks.timing import Figure
from skycommons.studies.run import run_scenario

_HOURS_VARIABLE = "SKYCOMMONS_BENCH_HOURS"


def measure() -> list[Figure]:
    """One day, and an hour beside it: memory must not grow with the span."""
    hours = float(os.environ.get(_HOURS_VARIABLE, "24"))
    short, long = _run(1.0), _run(hours)
    return [
        Figure(
            name=f"{hours:g} h of 15 s steps, 300 gateways, 1,000 terminals",
            cpu_s=long["cpu_s"],
            target="a day: 300 s of wall time, 4 GB",
            note=(
                f"{long['steps']:,.0f} steps in {long['wall_s']:.0f} s of wall time, peak {long['peak_mb']:,.0f} MB; "
                f"one hour: peak {short['peak_mb']:,.0f} MB; store {long['store_mb']:,.0f} MB"
            ),
        )
    ]


def _run(hours: float) -> dict[str, float]:
    """Figures of one run in a fresh process."""
    reply = subprocess.run(
        [sys.executable, "-m", "benchmarks.day", str(hours)], check=True, capture_output=True, text=True
    )
    figures: dict[str, float] = json.loads(reply.stdout)
    return figures


def main(hours: float) -> None:
    """Run and print the figures as JSON."""
    found = scenario(hours=hours)
    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder) / "day.zarr"
        run_scenario(scenario(hours=0.05), store)  # compiled code is loaded before the clock starts
        wall, cpu = time.perf_counter(), time.process_time()
        run_scenario(found, store)
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        size = sum(file.stat().st_size for file in store.rglob("*") if file.is_file())
    json.dump(
        {
            "cpu_s": cpu,
            "wall_s": wall,
            "steps": float(len(found.times())),
            "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            "store_mb": size / 1e6,
        },
        sys.stdout,
    )


if __name__ == "__main__":
    main(float(sys.argv[1]))
