"""Who gives way to an urgent order: the fewest parts, the latest promises, whatever the order of the rows."""

from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from distrib_app.core.orders import Soft, choose_victims

DAYS = ["2026-10-20", "2026-10-21", "2026-10-22", ""]


def taken(needs: dict[tuple[int, str], int], *softs: Soft) -> list[tuple[str, int]]:
    return [(one.soft.part_number, one.qty) for one in choose_victims(needs, softs).taken]


def test_one_large_part_gives_way_before_two_small_ones() -> None:
    softs = [Soft("A", 1, "AC", 2, DAYS[2]), Soft("B", 1, "AC", 5, DAYS[0]), Soft("C", 1, "AC", 2, DAYS[2])]
    assert taken({(1, "AC"): 3}, *softs) == [("B", 3)]
    assert taken({(1, "AC"): 2}, *softs) == [("A", 2)]
    assert taken({(1, "AC"): 6}, *softs) == [("A", 2), ("B", 4)]
    assert taken({(1, "AC"): 8}, *softs) == [("A", 2), ("C", 2), ("B", 4)]


def test_the_latest_promise_gives_way_and_no_promise_first_of_all() -> None:
    softs = [Soft(name, 1, "AC", 3, day) for name, day in zip("ABCD", DAYS, strict=True)]
    assert taken({(1, "AC"): 2}, *softs) == [("D", 2)]
    assert taken({(1, "AC"): 5}, *softs) == [("D", 3), ("C", 2)]


def test_each_place_and_sku_by_itself_and_the_rest_is_missing() -> None:
    softs = [Soft("A", 1, "AC", 3), Soft("A", 2, "AC", 9), Soft("B", 1, "TV", 1)]
    found = choose_victims({(1, "TV"): 2, (1, "AC"): 1, (3, "AC"): 1}, softs)
    assert [(one.soft.part_number, one.soft.sku_code, one.qty) for one in found.taken] == [
        ("A", "AC", 1),
        ("B", "TV", 1),
    ]
    assert found.missing == {(1, "TV"): 1, (3, "AC"): 1}
    assert [(step.text, step.result) for step in found.steps] == [
        ("{sku}: {qty} short; {count} parts not yet picked could give way", ""),
        ("{part} gives way: it has {has}, promised for {day}", "1"),
        ("{sku}: {qty} short; {count} parts not yet picked could give way", ""),
        ("{part} gives way: it has {has}, promised for {day}", "1"),
        ("{sku}: still short", "1"),
        ("{sku}: {qty} short; {count} parts not yet picked could give way", ""),
        ("{sku}: still short", "1"),
    ]


offers = st.lists(st.tuples(st.integers(1, 9), st.sampled_from(DAYS)), max_size=7)


@settings(max_examples=100, deadline=None)
@given(offers=offers, need=st.integers(1, 30), seed=st.randoms(use_true_random=False))
def test_no_other_choice_bumps_fewer_or_later_ones(
    offers: list[tuple[int, str]], need: int, seed: object
) -> None:
    softs = [Soft(f"P{index}", 1, "AC", qty, day) for index, (qty, day) in enumerate(offers)]
    shuffled = list(softs)
    seed.shuffle(shuffled)  # type: ignore[attr-defined]
    found = choose_victims({(1, "AC"): need}, shuffled)
    assert found == choose_victims({(1, "AC"): need}, softs)
    total = sum(soft.qty for soft in softs)
    got = {one.soft.part_number: one.qty for one in found.taken}
    assert sum(got.values()) == min(need, total)
    assert all(0 < qty <= int(offers[int(name[1:])][0]) for name, qty in got.items())
    assert found.missing == ({(1, "AC"): need - total} if total < need else {})
    if total < need:
        return
    # by trying every set: fewest, then the latest promises, then the first numbers
    rank = sorted(softs, key=lambda soft: (-DAYS.index(soft.promised_on), soft.part_number))
    for count in range(1, len(softs) + 1):
        covering = [
            group
            for group in combinations(range(len(rank)), count)
            if sum(rank[i].qty for i in group) >= need
        ]
        if covering:
            assert sorted(got) == sorted(rank[i].part_number for i in covering[0])
            return
