"""Hold each room's coverage, lines and branches together, to its limit.

Usage: python scripts/coverage_gates.py coverage.json

Compiled kernels count too: a second run with the compiler switched off adds their lines (see the Makefile).
"""

import json
import sys
from collections import defaultdict
from pathlib import Path

ROOM_LIMIT = {"base": 100.0, "orbit": 100.0, "radio": 100.0, "governance": 100.0}
OTHER_LIMIT = 95.0


def main(report: Path) -> int:
    """Print one line a room, and what is missing where a room falls short; 1 if any does."""
    rooms: dict[str, list[tuple[str, dict[str, int], list[int]]]] = defaultdict(list)
    for name, entry in json.loads(report.read_text())["files"].items():
        inside = Path(name).parts[Path(name).parts.index("skycommons") + 1 :]
        missing = entry["missing_lines"] or [start for start, _ in entry.get("missing_branches", ())]
        rooms[inside[0] if len(inside) > 1 else "skycommons"].append((name, entry["summary"], missing))
    short = 0
    for room, files in sorted(rooms.items()):
        percent = percentage([summary for _, summary, _ in files])
        limit = ROOM_LIMIT.get(room, OTHER_LIMIT)
        verdict = "ok" if percent >= limit else "SHORT"
        print(f"coverage {room:12} {percent:6.2f} %  limit {limit:3.0f} %  {verdict}")
        if percent < limit:
            short += 1
            for name, summary, missing in files:
                if percentage([summary]) < limit:
                    print(f"    {name}: {percentage([summary]):.1f} %, see lines {spans(missing)}")
    return 1 if short else 0


def percentage(summaries: list[dict[str, int]]) -> float:
    """Lines and branches that ran, of all there are, in percent."""
    ran = sum(summary["covered_lines"] + summary.get("covered_branches", 0) for summary in summaries)
    total = sum(summary["num_statements"] + summary.get("num_branches", 0) for summary in summaries)
    return 100.0 * ran / total if total else 100.0


def spans(lines: list[int]) -> str:
    """Line numbers as spans, such as ``3-5, 9``."""
    text: list[str] = []
    ordered = sorted(set(lines))
    while ordered:
        first = last = ordered.pop(0)
        while ordered and ordered[0] == last + 1:
            last = ordered.pop(0)
        text.append(str(first) if first == last else f"{first}-{last}")
    return ", ".join(text)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
