"""What backends count."""

import numpy as np
import pytest

from skycommons.base.errors import ShapeError
from skycommons.emulation.line_backend import COUNTED, LATENESS_BINS, LineCounters


def test_counters_of_another_number_of_lines_are_refused() -> None:
    """All columns are those of the same lines."""
    columns = {name: np.zeros(2, dtype=np.int64) for name in (*COUNTED, "queued_bytes")}
    lateness = np.zeros(LATENESS_BINS, dtype=np.int64)
    assert len(LineCounters(**columns, lateness=lateness).lost_packets) == 2
    with pytest.raises(ShapeError, match="lost_packets"):
        LineCounters(**{**columns, "lost_packets": np.zeros(3, dtype=np.int64)}, lateness=lateness)
    with pytest.raises(ShapeError, match="lateness"):
        LineCounters(**columns, lateness=np.zeros(3, dtype=np.int64))
