"""Draw the README's picture from the results of the default scenario.

Usage: skycommons run scenarios/default.toml && python scripts/make_picture.py
"""

from pathlib import Path

import numpy as np

from skycommons.studies.figures_globe import globe_figure
from skycommons.studies.store import open_results

ROOT = Path(__file__).resolve().parent.parent
FLOW = "zurich -> new-york"


def main() -> None:
    """The globe at the first step, with one path over lasers."""
    with open_results(ROOT / "results" / "default.zarr") as results:
        flow = results["flow"].to_numpy().tolist().index(FLOW)
        tracked = int(np.flatnonzero(results["tracked_flow"].to_numpy() == flow)[0])
        target = ROOT / "docs" / "images" / "first-light.png"
        target.parent.mkdir(parents=True, exist_ok=True)
        globe_figure(results, tracked=tracked).save(target, dpi=110)
    print(target.relative_to(ROOT))


if __name__ == "__main__":
    main()
