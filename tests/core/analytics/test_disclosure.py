"""Disclosure control against an independent oracle: exact linear algebra over the published table."""

from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from distrib_app.core.analytics.disclosure import ALL, MIN_PARTNERS, TOTAL, is_visible, protect


def follows(partners: dict, hidden: frozenset) -> set:
    """Hidden cells whose value the published ones determine: Gauss over the table's sums."""
    rows = sorted({row for row, _ in partners}, key=str)
    columns = sorted({column for _, column in partners}, key=str)
    cells = [cell for cell in sorted(partners, key=str) if cell in hidden]
    index = {cell: i for i, cell in enumerate(cells)}
    equations = []
    for row in rows:
        equations.append({(row, c): (-1 if c == ALL else 1) for c in columns if (row, c) in partners})
    for column in columns:
        equations.append({(r, column): (-1 if r == TOTAL else 1) for r in rows if (r, column) in partners})
    matrix = [[Fraction(e.get(cell, 0)) for cell in cells] for e in equations]
    pivots, rank = [], 0
    for col in range(len(cells)):
        pivot = next((r for r in range(rank, len(matrix)) if matrix[r][col]), None)
        if pivot is None:
            continue
        matrix[rank], matrix[pivot] = matrix[pivot], matrix[rank]
        matrix[rank] = [value / matrix[rank][col] for value in matrix[rank]]
        for r in range(len(matrix)):
            if r != rank and matrix[r][col]:
                factor = matrix[r][col]
                matrix[r] = [a - factor * b for a, b in zip(matrix[r], matrix[rank], strict=True)]
        pivots.append(col)
        rank += 1
    free = set(range(len(cells))) - set(pivots)
    return (
        {cells[col] for r, col in enumerate(pivots) if not any(matrix[r][other] for other in free)}
        if index
        else set()
    )


def with_sums(months: dict) -> dict:
    result: dict = {}
    for (row, month), found in months.items():
        if found:
            for cell in ((row, month), (row, ALL), (TOTAL, month), (TOTAL, ALL)):
                result.setdefault(cell, set()).update(found)
    return result


tables = st.dictionaries(
    st.tuples(st.integers(0, 4), st.integers(0, 3).map(lambda m: f"m{m}")),
    st.frozensets(st.integers(0, 11), max_size=6),
    max_size=20,
)


@settings(max_examples=300, deadline=None)
@given(tables)
def test_nothing_hidden_follows_by_subtraction(months: dict) -> None:
    decision = protect(months)
    partners = with_sums(months)
    assert {cell for cell, found in partners.items() if len(found) < MIN_PARTNERS} == set(decision.small)
    derivable = follows(partners, decision.hidden)
    shown = set(partners) - decision.hidden
    if shown:  # a cell may follow only where its whole row or column had nothing left to hide
        for row, column in derivable:
            assert not [c for c in shown if c[0] == row] and not [c for c in shown if c[1] == column]


@settings(max_examples=200, deadline=None)
@given(tables)
def test_hidden_cells_of_a_line_hold_three_partners_together(months: dict) -> None:
    decision = protect(months)
    partners = with_sums(months)
    for axis in (0, 1):
        for line in {cell[axis] for cell in decision.hidden}:
            cells = [cell for cell in partners if cell[axis] == line]
            hidden = [cell for cell in cells if cell in decision.hidden]
            if len(hidden) < len(cells):
                assert len(set().union(*(partners[cell] for cell in hidden))) >= MIN_PARTNERS


def test_cells_of_three_are_shown_and_smaller_ones_are_not() -> None:
    months = {("GD", "m1"): {1, 2, 3}, ("JS", "m1"): {4, 5, 6, 7}, ("BJ", "m1"): {8}, ("TJ", "m1"): {9, 10}}
    decision = protect(months)
    assert decision.small == {("BJ", "m1"), ("TJ", "m1"), ("BJ", ALL), ("TJ", ALL)}
    assert decision.withheld == set(), "two hidden cells with three partners protect each other"
    assert is_visible(decision, "GD", ["m1"], is_all=False)
    assert not is_visible(decision, "BJ", ["m1"], is_all=True)


def test_a_single_small_cell_takes_the_next_smallest_with_it() -> None:
    months = {("GD", "m1"): {1, 2, 3, 4}, ("JS", "m1"): {5, 6, 7}, ("BJ", "m1"): {8}}
    decision = protect(months)
    assert decision.small == {("BJ", "m1"), ("BJ", ALL)}
    assert decision.withheld == {("JS", "m1"), ("JS", ALL)}


def test_the_same_table_gives_the_same_decision() -> None:
    months = {(f"r{i}", f"m{j}"): set(range(i, i + (i * j) % 5)) for i in range(8) for j in range(6)}
    assert protect(months) == protect(dict(reversed(list(months.items()))))
