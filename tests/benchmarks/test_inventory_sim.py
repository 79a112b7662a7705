"""The stock simulation on days that can be counted by hand."""

from datetime import date

from benchmarks.inventory_sim import FIRST_DAY, LEAD_DAYS, Article, Monthly, Tally, WaterLines, run

# 565 days: day 200 is 19 July 2026, the measured year begins on it
STEADY = Article("A", date(2026, 1, 1), [10] * (FIRST_DAY + 365), price=250)


def test_a_steady_demand_goes_between_its_lines() -> None:
    before, measured = Tally(), Tally()
    run(STEADY, WaterLines(STEADY, 950_000, 7), before, measured)
    # 10 a day for 14 days: safety 0, warning 140, maximum 210; 140 is not below 140, so a day goes unserved
    held, road, sold, short, orders, evenings = 210, [], 0, 0, 0, 0
    for day in range(365):
        held += sum(qty for due, qty in road if due == day)
        road = [(due, qty) for due, qty in road if due > day]
        served = min(10, held)
        held, sold, short = held - served, sold + served, short + (served < 10)
        evenings += held
        position = held + sum(qty for _, qty in road)
        if position < 140:
            road.append((day + 1 + 14, 210 - position))
            orders += 1
    assert before.asked == 0
    assert (measured.asked, measured.sold, measured.stock_out_days) == (3650, sold, short)
    assert (measured.on_hand, measured.orders) == (evenings, orders)
    assert measured.sold_worth == sold * 250
    assert short > 0


def test_monthly_orders_on_the_first_for_month_and_lead_time() -> None:
    rule = Monthly(STEADY, None)
    august = (date(2026, 8, 1) - STEADY.first).days
    assert rule.target(august) == 10 * (31 + LEAD_DAYS)
    before, measured = Tally(), Tally()
    run(STEADY, rule, before, measured)
    assert measured.orders == 12
    assert measured.sold == measured.asked


def test_what_is_not_there_is_lost_and_counted_once() -> None:
    days = [0] * (FIRST_DAY + 365)
    days[FIRST_DAY - 1], days[FIRST_DAY + 3] = 9, 7
    article = Article("B", date(2026, 1, 1), days, price=100)
    before, measured = Tally(), Tally()
    # 9 in 90 days: d = 0.1, plain target 0.1 × (31 + 14) = 4.5 → 5 on hand on 19 July
    run(article, Monthly(article, None), before, measured)
    assert (measured.asked, measured.sold, measured.stock_out_days) == (7, 5, 1)


def test_a_policy_knows_the_past_only() -> None:
    days = [1] * FIRST_DAY + [1_000] * 365
    article = Article("C", date(2026, 1, 1), days, price=100)
    assert article.past(FIRST_DAY).total_qty == 90
    assert article.past(FIRST_DAY + 1).total_qty == 89 + 1_000
