"""Which surplus goes where: a transport problem, solved exactly by HiGHS.

The constraint matrix of a transport problem is totally unimodular, so every vertex the simplex method ends
in is a whole number of packs; the same input gives the same vertex.
"""

from collections.abc import Sequence

from scipy.optimize import linprog
from scipy.sparse import csr_array

# from an offer, to a gap (positions), what one pack on this way gains in minor units
Arc = tuple[int, int, int]


def best_flow(offers: Sequence[int], gaps: Sequence[int], arcs: Sequence[Arc]) -> list[int]:
    """Packs on each arc so that the gain is greatest, no offer is overdrawn and no gap overfilled.

    Arcs without a gain stay empty.
    """
    useful = [
        (index, arc) for index, arc in enumerate(arcs) if arc[2] > 0 and offers[arc[0]] and gaps[arc[1]]
    ]
    flow = [0] * len(arcs)
    if not useful:
        return flow
    count = len(useful)
    rows = [arc[0] for _, arc in useful] + [len(offers) + arc[1] for _, arc in useful]
    columns = [*range(count), *range(count)]
    shape = (len(offers) + len(gaps), count)
    solved = linprog(
        [-arc[2] for _, arc in useful],
        A_ub=csr_array(([1] * (2 * count), (rows, columns)), shape=shape),
        b_ub=[*offers, *gaps],
        bounds=(0, None),
        method="highs-ds",
    )
    if not solved.success:  # a bounded problem that zero solves always has an optimum
        raise RuntimeError(f"transport problem: {solved.message}")
    for (index, _), value in zip(useful, solved.x, strict=True):
        flow[index] = round(value)
    return flow
