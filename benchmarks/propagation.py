"""SGP4 beside the ``sgp4`` library's array call: the same satellites, the same times, positions and velocities in TEME."""

import numpy as np
from sgp4.api import SatrecArray

from benchmarks.material import START_NS, fleet
from benchmarks.timing import Figure, cpu_seconds
from skycommons.base.constants import NS_PER_S
from skycommons.orbit.frames import inertial
from skycommons.orbit.sgp4 import Propagator, StateVectors, library_satellite
from skycommons.orbit.time import julian_date

TIMES = 240


def measure() -> list[Figure]:
    """One hour of 15 s steps for the whole fleet, with new memory and with memory used again."""
    elements = fleet().elements
    time_ns = START_NS + 15 * NS_PER_S * np.arange(TIMES)
    propagator, turn = Propagator.prepare(elements), inertial(TIMES)
    library = SatrecArray([library_satellite(elements, row) for row in range(len(elements))])
    day, fraction = julian_date(time_ns)
    peer_cpu_s = cpu_seconds(lambda: library.sgp4(day, fraction), repeats=2, warm=False)
    memory = StateVectors.empty(TIMES, len(elements))
    note = f"{len(elements):,} satellites of {fleet().source} x {TIMES} times"
    cases = {
        "propagation, new memory": lambda: propagator(time_ns, turn),
        "propagation, a stream of blocks": lambda: propagator(time_ns, turn, reuse=memory),
    }
    return [
        Figure(
            name=name,
            cpu_s=cpu_seconds(call),
            peer="sgp4 library, array call",
            peer_cpu_s=peer_cpu_s,
            target="ratio of 15 or more",
            note=note,
        )
        for name, call in cases.items()
    ]
