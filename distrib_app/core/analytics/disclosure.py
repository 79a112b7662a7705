"""Which figures of others a reader may see: small cells, and what would reveal them, are hidden.

Somebody who may see the national figures but no rival's documents reads two tables, areas × months and
categories × months, each with an "all months" column and a row of totals. A cell with one or two partners
is hidden; then, because every row and every column adds up to a published sum,
  * hidden cells that share a row or a column must together hold at least three partners, and
  * no hidden cell may be the only unknown left: hidden cells are the edges of a graph between rows and
    columns, and a cell follows by subtraction exactly when its edge is a bridge of that graph.
Cells with few partners are hidden first. A longer period is shown when all of its months are.
Method: complementary cell suppression, e.g. L. Willenborg, T. de Waal, "Elements of Statistical Disclosure
Control", Springer 2001, ch. 4; bridges after Tarjan 1974.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass

MIN_PARTNERS = 3
ALL = "all"
TOTAL = "total"
Cell = tuple[Hashable, Hashable]
_Node = tuple[int, Hashable]  # (0, row) or (1, column)
_Visit = tuple[_Node, _Node | None, Iterator[_Node]]


@dataclass(frozen=True, slots=True)
class Disclosure:
    """The decision over one table: which cells are small, and which are withheld to protect them."""

    small: frozenset[Cell]
    withheld: frozenset[Cell]

    @property
    def hidden(self) -> frozenset[Cell]:
        """Every cell that must not be shown."""
        return self.small | self.withheld


class _Table:
    """The table while it is worked on: partners of each non-empty cell, its lines, what is hidden so far."""

    def __init__(self, partners: dict[Cell, frozenset[int]]) -> None:
        self.partners = partners
        self.hidden = {cell for cell, found in partners.items() if len(found) < MIN_PARTNERS}
        self.lines: dict[tuple[int, Hashable], list[Cell]] = defaultdict(list)
        for cell in partners:
            self.lines[0, cell[0]].append(cell)
            self.lines[1, cell[1]].append(cell)


def protect(months: Mapping[Cell, Iterable[int]]) -> Disclosure:
    """Decide over a table given as (row, month) → partners with trade in that cell.

    The row of totals and the column of all months are added here. Deterministic; empty cells are shown.
    """
    table = _Table(_with_sums(months))
    small = frozenset(table.hidden)
    while _protect_groups(table) or _protect_bridges(table):
        pass
    return Disclosure(small, frozenset(table.hidden) - small)


def is_visible(disclosure: Disclosure, row: Hashable, months: Iterable[Hashable], *, is_all: bool) -> bool:
    """Whether the figure of `row` over a period may be shown: all time, or every month of it visible."""
    if is_all:
        return (row, ALL) not in disclosure.hidden
    return all((row, month) not in disclosure.hidden for month in months)


def _with_sums(months: Mapping[Cell, Iterable[int]]) -> dict[Cell, frozenset[int]]:
    sums: dict[Cell, set[int]] = defaultdict(set)
    for (row, month), partners in months.items():
        found = set(partners)
        if found:
            for cell in ((row, month), (row, ALL), (TOTAL, month), (TOTAL, ALL)):
                sums[cell] |= found
    return {cell: frozenset(sums[cell]) for cell in sorted(sums, key=_order)}


def _order(cell: Cell) -> tuple[str, str]:
    return str(cell[0]), str(cell[1])


def _protect_groups(table: _Table) -> bool:
    """Hidden cells of one line must hold three partners together; the next smallest cells join them else."""
    changed = False
    for line in table.lines.values():
        while True:
            hidden = [cell for cell in line if cell in table.hidden]
            together = frozenset[int]().union(*(table.partners[cell] for cell in hidden))
            is_safe = not hidden or (len(hidden) > 1 and len(together) >= MIN_PARTNERS)
            if is_safe or not _hide_smallest(table, line):
                break
            changed = True
    return changed


def _protect_bridges(table: _Table) -> bool:
    """A hidden cell that follows by subtraction needs company: the smallest cell of its column or row."""
    for cell in sorted(_bridges(table.hidden), key=_order):
        if any(_hide_smallest(table, table.lines[axis, cell[axis]]) for axis in (1, 0)):
            return True
    return False


def _hide_smallest(table: _Table, line: list[Cell]) -> bool:
    shown = [cell for cell in line if cell not in table.hidden]
    if not shown:
        return False
    table.hidden.add(min(shown, key=lambda cell: (_is_sum(cell), len(table.partners[cell]), _order(cell))))
    return True


def _is_sum(cell: Cell) -> int:
    return (cell[0] == TOTAL) + (cell[1] == ALL)


def _bridges(edges: set[Cell]) -> set[Cell]:
    """The edges of the bipartite graph that lie on no cycle."""
    around: dict[_Node, list[_Node]] = defaultdict(list)
    for row, column in sorted(edges, key=_order):
        around[0, row].append((1, column))
        around[1, column].append((0, row))
    order: dict[_Node, int] = {}
    low: dict[_Node, int] = {}
    found: set[Cell] = set()
    for root, neighbours_of_root in list(around.items()):
        if root in order:
            continue
        order[root] = low[root] = len(order)
        stack: list[_Visit] = [(root, None, iter(neighbours_of_root))]
        while stack:
            node, parent, neighbours = stack[-1]
            step = next(neighbours, None)
            if step is None:
                stack.pop()
                if parent is not None:
                    low[parent] = min(low[parent], low[node])
                    if low[node] > order[parent]:
                        found.add((node[1], parent[1]) if node[0] == 0 else (parent[1], node[1]))
            elif step == parent:
                continue
            elif step in order:
                low[node] = min(low[node], order[step])
            else:
                order[step] = low[step] = len(order)
                stack.append((step, node, iter(around[step])))
    return found
