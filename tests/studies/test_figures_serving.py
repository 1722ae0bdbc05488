"""Pictures of serving satellites."""

from pathlib import Path

import numpy as np

from skycommons.studies.figures_serving import served_elevations
from tests.studies.test_validate_serving import SLOTS, B, C, compare


def test_three_lines_end_at_all_satellites(tmp_path: Path) -> None:
    """In view, real and scheduled, each a cumulative share."""
    drawing = served_elevations(compare(tmp_path, [B, B, C, C]))
    lines = drawing.figure.axes[0].get_lines()
    assert [len(np.asarray(line.get_xdata())) for line in lines] == [sum(map(len, SLOTS)), 4, 12]
    assert all(np.asarray(line.get_ydata())[-1] == 100.0 for line in lines)
    assert "really served" in drawing.figure.axes[0].get_legend_handles_labels()[1]
    assert "Half of the satellites in view" in drawing.alt
    assert drawing.png()[:4] == b"\x89PNG"
