"""The forms of production and of a task's rows, as core takes them."""

from datetime import date
from decimal import Decimal

import pytest

from distrib_app.core.kernel.errors import InvalidError
from distrib_app.core.orders import MadeGoods
from distrib_app.state.production import form_of, made_goods, planned_costs
from distrib_app.state.tasks_view import choices


def test_costs_are_those_that_were_filled_in() -> None:
    form = form_of({"promised_on": "2026-11-01", "cost-AC-1": " 1,560.5 ", "cost-TV": ""})
    assert planned_costs(form) == {"AC-1": Decimal("1560.5")}
    with pytest.raises(InvalidError):
        planned_costs({"cost-AC-1": "dear"})


def test_each_sku_tells_its_cost_and_its_lot() -> None:
    form = {"cost-AC-1": "61.5", "cost-KIT": "", "lot-KIT": "L1", "expires-KIT": "2027-10-15"}
    assert made_goods(form) == [
        MadeGoods("AC-1", Decimal("61.5")),
        MadeGoods("KIT", None, "L1", date(2027, 10, 15)),
    ]
    with pytest.raises(InvalidError):
        made_goods({"lot-KIT": "L1", "expires-KIT": "soon"})


def test_rows_of_evidence_are_chosen_by_their_number() -> None:
    assert choices({"choice-1": "credit", "choice-2": "resend", "reason": "x"}) == {1: "credit", 2: "resend"}
    assert choices({"choice-one": "credit", "reason": "x"}) == {}
