"""Paths, territory overlap, what lies inside, what may be granted: tables and properties, no database."""

from datetime import date
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from distrib_app.core.channels.rules import (
    Grant,
    can_grant,
    child_path,
    find_overlap,
    is_below,
    is_inside,
    rebased,
)
from distrib_app.core.kernel.access import Level
from distrib_app.core.kernel.effective import check_range, overlaps
from distrib_app.core.kernel.errors import InvalidError

Y26, Y27, Y28 = date(2026, 1, 1), date(2027, 1, 1), date(2028, 1, 1)
GZ, SZ = "/1/2/3/", "/1/2/4/"
GUANGDONG, GUANGZHOU, SHENZHEN = "CN/440000/", "CN/440000/440100/", "CN/440000/440300/"
DAY = st.dates(date(2026, 1, 1), date(2026, 1, 12))
RANGE = st.tuples(DAY, st.one_of(st.none(), DAY)).filter(lambda pair: pair[1] is None or pair[0] < pair[1])
many = settings(max_examples=100, deadline=None)


def grant(
    partner: str = GZ,
    region: str = GUANGZHOU,
    line: str = "",
    *,
    exclusive: bool = True,
    since: date = Y26,
    until: date | None = None,
) -> Grant:
    """A grant with the usual facts."""
    return Grant(partner, region, line, exclusive, since, until, "label")


def test_paths_end_with_a_slash_so_that_prefixes_do_not_lie() -> None:
    assert child_path("/", 1) == "/1/"
    assert child_path("/1/2/", 23) == "/1/2/23/"
    assert is_below("/1/2/", "/1/2/")
    assert is_below("/1/2/3/", "/1/2/")
    assert not is_below("/1/23/", "/1/2/")
    assert not is_below("/1/", "/1/2/")
    assert rebased("/1/2/3/9/", "/1/2/3/", "/1/5/3/") == "/1/5/3/9/"


@pytest.mark.parametrize(
    ("existing", "clashes"),
    [
        (grant(SZ), True),
        (grant(SZ, GUANGDONG), True),  # an ancestor region shares it
        (grant(SZ, GUANGZHOU + "440106/"), True),  # so does a descendant
        (grant(SZ, SHENZHEN), False),
        (grant(SZ, "CN/44/"), False),
        (grant(SZ, exclusive=False), True),  # the wanted one is exclusive
        (grant(SZ, since=Y27, until=Y28), True),
        (grant(SZ, until=Y26), False),
        (grant(SZ, line="TOOLS/"), True),  # a line lies inside all lines
        (grant("/1/2/"), False),  # one's own upstream
        (grant("/1/"), False),
        (grant("/1/2/3/7/"), False),  # one's own downstream
        (grant("/1/23/"), True),
    ],
)
def test_an_exclusive_grant_tolerates_nobody_beside_it(existing: Grant, clashes: bool) -> None:
    wanted = grant()
    assert find_overlap(wanted, [existing]) == (existing if clashes else None)
    assert (find_overlap(existing, [wanted]) is not None) == clashes


def test_shared_grants_live_beside_each_other_and_lines_apart() -> None:
    assert find_overlap(grant(exclusive=False), [grant(SZ, exclusive=False)]) is None
    assert find_overlap(grant(line="TOOLS/"), [grant(SZ, line="TOYS/")]) is None
    assert find_overlap(grant(line="TOOLS/HAND/"), [grant(SZ, line="TOOLS/")]) is not None
    assert find_overlap(grant(since=Y27), [grant(SZ, until=Y27)]) is None  # adjacent periods
    second = grant(SZ, GUANGDONG)
    assert find_overlap(grant(), [grant(SZ, SHENZHEN), second, grant(SZ)]) == second


@pytest.mark.parametrize(
    ("wanted", "held", "inside"),
    [
        (grant(), [grant("/1/2/", GUANGDONG)], True),
        (grant(region=GUANGDONG), [grant("/1/2/", GUANGZHOU)], False),
        (grant(line="TOOLS/"), [grant("/1/2/", GUANGDONG)], True),
        (grant(), [grant("/1/2/", GUANGDONG, "TOOLS/")], False),
        (grant(), [grant("/1/2/", GUANGDONG, until=Y27)], False),  # longer than the parent's
        (grant(until=Y27), [grant("/1/2/", GUANGDONG, until=Y27)], True),
        (grant(since=Y26), [grant("/1/2/", GUANGDONG, since=Y27)], False),
        (grant(), [grant("/1/2/", SHENZHEN), grant("/1/2/", GUANGDONG)], True),
        (grant(), [], False),
    ],
)
def test_a_childs_grant_lies_inside_one_of_its_parents(
    wanted: Grant, held: list[Grant], inside: bool
) -> None:
    assert is_inside(wanted, held) is inside


def test_nobody_grants_above_their_own_level() -> None:
    """T23, all pairs, against the order as the architecture writes it."""
    order = ["none", "own", "partner", "subtree", "territory", "all"]
    for own, wanted in product(order, order):
        assert can_grant(Level(own), Level(wanted)) is (order.index(wanted) <= order.index(own))


@many
@given(RANGE, RANGE)
def test_ranges_overlap_when_a_day_lies_in_both(
    first: tuple[date, date | None], second: tuple[date, date | None]
) -> None:
    days = [date(2026, 1, number) for number in range(1, 31)]

    def holds(pair: tuple[date, date | None], day: date) -> bool:
        return pair[0] <= day and (pair[1] is None or day < pair[1])

    assert overlaps(first, second) is any(holds(first, day) and holds(second, day) for day in days)
    assert overlaps(first, second) is overlaps(second, first)


def test_an_empty_or_reversed_range_is_refused() -> None:
    check_range(Y26, Y27)
    check_range(Y26, None)
    for until in (Y26, date(2025, 12, 31)):
        with pytest.raises(InvalidError):
            check_range(Y26, until)
