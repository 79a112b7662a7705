"""Questions to the lake: one statement per shape, the values bound, whatever they are."""

from datetime import date
from pathlib import Path

import pytest

from distrib_app.core.analytics import questions
from distrib_app.core.analytics.questions import CONDITIONS, Cut, by_key, totals
from distrib_app.core.analytics.store import LakeStore

ROWS = """
INSERT INTO sales_row VALUES
    ('sell_in', DATE '2026-01-05', DATE '2026-01-01', 1, 2, 'CN/44/01/', 44, 1, 7, 70, 500, 3, 300),
    ('sell_in', DATE '2026-01-05', DATE '2026-01-01', 1, 2, 'CN/44/01/', 44, 1, 7, 71, 500, -1, -100),
    ('sell_in', DATE '2026-02-01', DATE '2026-02-01', 1, 3, 'CN/440/', 440, 440, 8, 70, 501, 2, 20),
    ('sell_through', DATE '2026-01-31', DATE '2026-01-01', 2, 4, 'CN/44/', 44, 44, 7, 70, 502, 1, 5)
"""
JANUARY = {"start": date(2026, 1, 1), "end": date(2026, 2, 1)}


class Lake(LakeStore):
    """A lake of four rows."""

    def __init__(self) -> None:
        super().__init__(None, Path())  # type: ignore[arg-type]
        self._duck.execute(
            "CREATE TABLE sales_row (step VARCHAR, booked_on DATE, month DATE, seller_id INT, buyer_id INT, "
            "region_path VARCHAR, area_id INT, place_id INT, category_id INT, sku_id INT, order_id BIGINT, "
            "qty BIGINT, amount BIGINT)"
        )
        self._duck.execute(ROWS)


@pytest.mark.parametrize(
    ("condition", "values", "sales"),
    [
        ("sell_in", {}, 320),
        ("during", JANUARY, 305),
        ("region", {"region": "CN/44/"}, 305),
        ("region", {"region": "CN/44%"}, 0),
        ("region", {"region": "$end'); --"}, 0),
        ("category", {"category": 7}, 305),
        ("sold", {"sellers": [2, 9]}, 5),
        ("sold", {"sellers": []}, 0),
        ("bought", {"buyers": [3, 4]}, 25),
    ],
)
def test_each_condition_alone(condition: str, values: dict[str, object], sales: int) -> None:
    assert totals(Cut(Lake()).where(condition, **values)).sales == sales


def test_every_condition_is_asked() -> None:
    assert set(CONDITIONS) == {"sell_in", "during", "region", "category", "sold", "bought"}


def test_conditions_join_and_the_metrics_count() -> None:
    cut = Cut(Lake(), ("sell_in",)).where("during", **JANUARY).where("category", category=7)
    figures = totals(cut)
    assert (figures.sales, figures.returns, figures.net_sales) == (300, -100, 200)
    assert (figures.orders, figures.partners, figures.units, figures.lines, figures.skus) == (1, 1, 3, 1, 1)
    assert {key: one.sales for key, one in by_key(Cut(Lake()), "month").items()} == {
        date(2026, 1, 1): 305,
        date(2026, 2, 1): 20,
    }
    assert totals(Cut(Lake()).where("category", category=99)).orders == 0


def test_other_values_need_no_other_statement(monkeypatch: pytest.MonkeyPatch) -> None:
    lake = Lake()
    totals(Cut(lake).where("category", category=7))
    monkeypatch.setattr(questions, "_compiled", None)  # who compiles again, fails
    assert totals(Cut(lake).where("category", category=8)).sales == 20
