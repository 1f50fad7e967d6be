"""Readers of published instances in their own formats."""

from __future__ import annotations

import numpy as np
from scipy.sparse.csgraph import floyd_warshall


def p_median(path):
    """Return distances between all nodes and the number of sites of an OR-Library file."""
    numbers = [int(word) for word in path.read_text(encoding="ascii").split()]
    nodes, _, sites = numbers[:3]
    far = np.full((nodes, nodes), np.inf)
    for a, b, length in np.array(numbers[3:]).reshape(-1, 3):
        far[a - 1, b - 1] = far[b - 1, a - 1] = length  # of repeated edges the last one counts
    np.fill_diagonal(far, 0)
    return floyd_warshall(far), sites


def capacitated_p_median(path):
    """Return distances, the number of sites, the demand of each node and the capacity of each site."""
    numbers = [int(float(word)) for word in path.read_text(encoding="ascii").split()]
    nodes, sites = numbers[:2]
    rest = np.array(numbers[2:]).reshape(nodes + 2, nodes)
    return rest[:nodes].astype(float), sites, rest[nodes].astype(float), rest[nodes + 1].astype(float)
