"""SciPy's maximum matching of gateways and satellites."""

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_bipartite_matching

from skycommons.base.arrays import Ints
from skycommons.plan.visibility import View


def most_fed(view: View, antennas: Ints, *, satellites: int) -> int:
    """How many satellites can be fed at most, with a node for every antenna."""
    gateway = np.repeat(np.arange(len(antennas)), view.counts())
    copies = antennas[gateway]
    first = np.concatenate([[0], np.cumsum(antennas)])
    sat = np.repeat(view.sat, copies)
    antenna = np.repeat(first[gateway], copies) + np.arange(len(sat)) - np.repeat(np.cumsum(copies) - copies, copies)
    if not len(sat):
        return 0
    graph = csr_array((np.ones(len(sat)), (sat, antenna)), shape=(satellites, int(first[-1])))
    return int(np.count_nonzero(maximum_bipartite_matching(graph, perm_type="column") >= 0))
