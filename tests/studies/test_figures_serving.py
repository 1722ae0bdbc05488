"""Pictures of serving satellites."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from skycommons.studies.figures_serving import served_elevations
from tests.studies.test_validate_serving import SLOTS, B, C, compare


def test_three_lines_end_at_all_satellites(tmp_path: Path) -> None:
    """In view, real and scheduled, each a cumulative share."""
    compared = compare(tmp_path, [B, B, C, C])
    drawing = served_elevations(replace(compared, scheduled_elevation_rad=np.tile(compared.real_elevation_rad, 3)))
    lines = drawing.figure.axes[0].get_lines()
    assert [len(np.asarray(line.get_xdata())) for line in lines] == [sum(map(len, SLOTS)), 4, 12]
    assert all(np.asarray(line.get_ydata())[-1] == 100.0 for line in lines)
    assert "really served" in drawing.figure.axes[0].get_legend_handles_labels()[1]
    assert "Half of the satellites in view" in drawing.alt
    assert drawing.png()[:4] == b"\x89PNG"


def test_nobody_scheduled_is_said(tmp_path: Path) -> None:
    """Two lines and a title that says so."""
    drawing = served_elevations(compare(tmp_path, [B, B, C, C]))
    assert len(drawing.figure.axes[0].get_lines()) == 2
    assert "nothing was scheduled" in drawing.alt
