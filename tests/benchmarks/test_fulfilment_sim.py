"""The fulfilment simulation in a world of one plant, one warehouse and one province."""

from datetime import UTC, date, datetime

from benchmarks.demo_orders import Goods, Order, Road, World
from benchmarks.fulfilment_sim import Part, Settings, dates, floor, last_day, line_by_line, ship, source
from distrib_app.core.inventory.freight import Tariff, WeightBand, ZoneCharge

# 10.00 up to 1 kg, then 5.00 a started kg; above 100 kg 505.00 and 3.00
TARIFF = Tariff(
    "T",
    "CNY",
    (WeightBand(0, 1000, 1000, 500), WeightBand(100_000, 100_000, 50_500, 300)),
    {"1": ZoneCharge(), "4": ZoneCharge(500_000, 200)},
)
NEAR, FAR = Road(TARIFF, "1", 100, 1, 80), Road(TARIFF, "4", 2000, 4, 80)
WORLD = World(
    plant="PLANT",
    home={"PLANT": "S/", "NORTH": "N/"},
    roads={
        ("PLANT", "S/"): NEAR, ("PLANT", "N/"): FAR, ("NORTH", "N/"): NEAR, ("NORTH", "S/"): FAR,
    },
    goods={"A": Goods(2000, 1)},
    currency="CNY",
)  # fmt: skip


def order(number: str, day: int, qty: int, *, province: str = "N/", hour: int = 2) -> Order:
    """An order of `qty` A on a day of June 2026 (the 1st is a Monday), never delayed."""
    placed_at = datetime(2026, 6, day, hour, tzinfo=UTC)
    found = dates(Order(number, "B", province, placed_at, (("A", qty),)), WORLD, seed=1)
    assert not found.is_delayed
    return found


def part(one: Order, place: str) -> Part:
    weight = one.lines[0][1] * 2000
    return Part(one, place, weight, 1)


def test_an_order_is_ready_and_promised() -> None:
    # 10:00 in Shanghai on Monday; 17:00 is after the cut-off; Saturday waits for Monday
    assert (order("a", 1, 1).ready_on, order("a", 1, 1).promised_on) == (date(2026, 6, 1), date(2026, 6, 4))
    assert order("b", 1, 1, hour=9).ready_on == date(2026, 6, 2)
    assert order("c", 6, 1).ready_on == date(2026, 6, 8)


def test_parts_wait_for_each_other_as_long_as_the_promise_allows() -> None:
    first, second, third = order("a", 1, 4), order("b", 2, 2), order("d", 4, 1)
    # from the warehouse a day on the road, one in hand: the first may leave on Tuesday, so may the second
    assert last_day(first, NEAR, Settings()) == date(2026, 6, 2)
    assert last_day(first, FAR, Settings()) == date(2026, 6, 1)
    tally = ship(WORLD, [part(one, "NORTH") for one in (third, first, second)], Settings())
    # 8 + 4 kg: 10 + 11 × 5 = 65.00 instead of 45.00 + 25.00; 2 kg: 15.00
    assert (tally.freight, tally.handling, tally.shipments) == (6_500 + 1_500, 160, 2)
    assert (tally.small, tally.small_alone, tally.small_shared) == (2, 7_000, 6_500)
    assert tally.late == set()
    alone = ship(WORLD, [part(one, "NORTH") for one in (third, first, second)], None)
    assert (alone.freight, alone.shipments, alone.small) == (8_500, 3, 0)


def test_from_afar_the_promise_is_missed() -> None:
    # 8 kg in zone 4: 45.00 + 22.50 + 2.00, four days on the road, promised for three
    tally = ship(WORLD, [part(order("a", 1, 4), "PLANT")], None)
    assert (tally.freight, tally.late) == (6_950, {"a"})


def test_routing_takes_what_the_warehouse_has_and_pays_its_way_there() -> None:
    history = [order(f"h{day}", day, 9) for day in range(1, 13)]
    asked = order("x", 15, 4)
    parts, transfers = source(WORLD, [*history, asked], date(2026, 6, 15), Settings())
    assert [(one.place, one.weight_g) for one in parts] == [("NORTH", 8_000)]
    # 8 kg over 2,000 km at 0.60 a tonne-km
    assert transfers == 960
    parts, transfers = source(WORLD, [asked], date(2026, 6, 15), Settings())
    assert ([one.place for one in parts], transfers) == (["PLANT"], 0)


def test_no_merging_undercuts_the_floor() -> None:
    # 8 kg at 3.00: 24.00 and 9.60 for the way to the warehouse; from the plant 24.00 × 1.5 = 36.00
    assert floor(part(order("a", 1, 4), "PLANT"), WORLD, Settings()) == 2_400 + 960


def test_lines_are_ordered_one_a_working_day() -> None:
    both = Order("a", "B", "N/", datetime(2026, 6, 5, 2, tzinfo=UTC), (("A", 1), ("A", 2), ("A", 3)))
    singles = line_by_line([both])
    assert [(one.number, one.placed_at.day, one.lines) for one in singles] == [
        ("a/1", 5, (("A", 1),)),
        ("a/2", 8, (("A", 2),)),
        ("a/3", 9, (("A", 3),)),
    ]
