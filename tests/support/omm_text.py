"""Walker shells as OMM JSON files, for tests that need a catalogue of their own."""

import json

import numpy as np

from skycommons.base.clock import format_time
from skycommons.orbit.walker import Shell, walker_elements


def walker_omm(shell: Shell, epoch_ns: int) -> str:
    """The shell's satellites as a list of OMM objects, numbered from 100,001."""
    elements = walker_elements(shell, epoch_ns)
    columns = {
        "MEAN_MOTION": elements.mean_motion_rad_s * 86_400 / (2 * np.pi),
        "ECCENTRICITY": elements.eccentricity,
        "INCLINATION": np.degrees(elements.inclination_rad),
        "RA_OF_ASC_NODE": np.degrees(elements.raan_rad),
        "ARG_OF_PERICENTER": np.degrees(elements.arg_perigee_rad),
        "MEAN_ANOMALY": np.degrees(elements.mean_anomaly_rad),
        "BSTAR": elements.bstar,
    }
    return json.dumps(
        [
            {
                "OBJECT_NAME": f"SAT-{row}",
                "OBJECT_ID": "",
                "EPOCH": format_time(epoch_ns).rstrip("Z"),
                "NORAD_CAT_ID": 100_001 + row,
                **{name: float(values[row]) for name, values in columns.items()},
            }
            for row in range(len(elements))
        ]
    )
