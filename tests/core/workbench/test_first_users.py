"""What is asked for first: returns of goods, stock corrections, invitations."""

import pytest

from distrib_app.core.channels import (
    TO_DECIDE,
    add_membership,
    invite_user,
    list_approval_rules,
    set_approval_rules,
)
from distrib_app.core.inventory import InsufficientStockError, correct_stock, count_stock
from distrib_app.core.kernel.access import User
from distrib_app.core.kernel.errors import ForbiddenError, InvalidError, NotFoundError
from distrib_app.core.kernel.lifecycle import TransitionError
from distrib_app.core.orders import (
    NotYourOrderError,
    ReturnQuantityError,
    SalesReturn,
    deliver_order,
    request_return,
    return_goods,
    ship_order,
)
from distrib_app.core.workbench import (
    NotYourTaskError,
    OpenTaskError,
    ReasonMissingError,
    StepRule,
    decide,
    get_task,
    withdraw_task,
)
from distrib_app.core.workbench.models import ApprovalRule, Notice
from tests.core.inventory.shop import check_stock, stock
from tests.core.orders.trade import Trader

from .desk import Desk, desk, postgres_desks, sqlite_desks

__all__ = ["desk", "postgres_desks", "sqlite_desks"]


def returned(desk: Desk, number: str) -> list[int]:
    """What came back per line."""
    return [line.returned_qty for line in Trader(desk.database, desk.who("ops")).get(number).lines]


def test_a_buyer_asks_and_the_seller_takes_back(desk: Desk) -> None:
    order = desk.delivered("gd", {"TV": 10, "BOX": 20})
    task = desk.do("gd", request_return, number=order, lines=[(1, 3), (2, 5)], reason="包装破损")
    # ten TVs at 3.333333 are 33.33, three of them 10.00; twenty boxes at 0.0123 are 0.25, five 0.06
    assert (task.amount, task.subject_key, task.status) == (1006, order, "open")
    assert returned(desk, order) == [0, 0]
    assert desk.box("ops") == desk.box("admin") == [task.number]
    assert desk.box("gd") == desk.box("gd2") == []
    assert desk.box("gd", "waiting") == [task.number]
    assert desk.decide("ops", task.number).status == "done"
    assert returned(desk, order) == [3, 5]
    (document,) = desk.rows(SalesReturn)
    assert document.reason == "包装破损"
    check_stock(desk.database)


def test_a_part_takes_back_as_many_pieces_as_it_pays_for(desk: Desk) -> None:
    order = desk.delivered("gd", {"TV": 10, "BOX": 20})
    task = desk.do("gd", request_return, number=order, lines=[(1, 6), (2, 20)], reason="滞销")
    desk.refuse(InvalidError, "ops", decide, number=task.number, decision="partly", amount=task.amount + 1)
    # 13.45 pay for four TVs (13.33) and, with what is left, nine boxes (0.11): ten would be 0.13
    assert desk.decide("ops", task.number, "partly", amount=1345).status == "done"
    assert returned(desk, order) == [4, 9]
    assert desk.task(task.number).resolution == "partly"


def test_less_than_a_piece_is_no_part(desk: Desk) -> None:
    order = desk.delivered("gd", {"TV": 10})
    task = desk.do("gd", request_return, number=order, lines=[(1, 2)], reason="x")
    desk.refuse(InvalidError, "ops", decide, number=task.number, decision="partly", amount=1)


def test_a_seller_without_rules_is_asked_all_the_same(desk: Desk) -> None:
    number = Trader(desk.database, desk.who("gz")).place({"AC": 2}, seller="GD", buyer="GZ")
    desk.do("gd", ship_order, number=number)
    desk.do("gz", deliver_order, number=number, signed_by="王")
    task = desk.do("gz", request_return, number=number, lines=[(1, 1)], reason="错发")
    assert desk.box("gd") == desk.box("gd2") == [task.number]
    assert desk.box("ops", "all") == []
    detail = desk.see("gz", get_task, number=task.number)
    assert (detail.explanation, detail.actions[-1].verb) == ((), "withdraw")
    desk.decide("gd2", task.number)
    assert returned_to(desk, "gz", number) == [1]


def returned_to(desk: Desk, who: str, number: str) -> list[int]:
    """What came back per line, as a party sees it."""
    return [line.returned_qty for line in Trader(desk.database, desk.who(who)).get(number).lines]


def test_a_return_is_asked_for_by_the_buyer_of_what_arrived(desk: Desk) -> None:
    order = desk.delivered("gd", {"TV": 10})
    facts = {"number": order, "lines": [(1, 3)], "reason": "x"}
    desk.refuse(NotYourOrderError, "admin", request_return, **facts)
    desk.refuse(NotFoundError, "sz", request_return, **facts)
    desk.refuse(ForbiddenError, "fin", request_return, **facts)
    desk.refuse(ReasonMissingError, "gd", request_return, **(facts | {"reason": " "}))
    desk.refuse(ReturnQuantityError, "gd", request_return, **(facts | {"lines": [(1, 11)]}))
    desk.refuse(InvalidError, "gd", request_return, **(facts | {"lines": []}))
    task = desk.do("gd", request_return, **facts)
    desk.refuse(OpenTaskError, "gd2", request_return, **facts)
    desk.do("gd2", withdraw_task, number=task.number)  # a colleague of who asked
    desk.do("gd", request_return, **facts)
    unsent = Trader(desk.database, desk.who("gd")).place({"TV": 1}, buyer="GD", key="k2")
    desk.refuse(TransitionError, "gd", request_return, **(facts | {"number": unsent, "lines": [(1, 1)]}))


def test_a_return_booked_meanwhile_asks_again_and_never_returns_too_much(desk: Desk) -> None:
    order = desk.delivered("gd", {"TV": 10})
    task = desk.do("gd", request_return, number=order, lines=[(1, 8)], reason="x")
    desk.do("ops", return_goods, number=order, lines=[(1, 4)], reason="", idempotency_key="direct")
    assert desk.decide("ops", task.number).is_asked_again
    desk.refuse(ReturnQuantityError, "ops", decide, number=task.number, decision="approved")
    assert returned(desk, order) == [4]


def test_the_decision_lends_what_doing_it_takes(desk: Desk) -> None:
    rules = (StepRule(1, ("finance",)),)
    desk.do("admin", set_approval_rules, partner_code="BR", kind="goods_return", steps=rules)
    order = desk.delivered("gd", {"TV": 10})
    task = desk.do("gd", request_return, number=order, lines=[(1, 1)], reason="x")
    desk.refuse(
        ForbiddenError, "fin", return_goods, number=order, lines=[(1, 1)], reason="", idempotency_key="k"
    )
    desk.decide("fin", task.number)
    assert returned(desk, order) == [1]


def test_a_small_difference_is_booked_at_once(desk: Desk) -> None:
    # five AC at 2,000.00 lie in SOUTH: four pieces are 8,000.00
    facts = {"location_code": "SOUTH", "sku_code": "AC", "cause": "月末盘点"}
    assert desk.do("ops", count_stock, counted_qty=1, **facts) is None
    assert stock(desk.database)["SOUTH", "AC"] == (1, 0)
    check_stock(desk.database)


def test_a_large_difference_waits_for_finance(desk: Desk) -> None:
    facts = {"location_code": "SOUTH", "sku_code": "AC", "cause": "月末盘点"}
    task = desk.do("ops", count_stock, counted_qty=0, **facts)
    assert (task.amount, task.facts["before"], task.facts["after"]) == (1_000_000, 5, 0)
    assert stock(desk.database)["SOUTH", "AC"] == (5, 0)
    desk.refuse(OpenTaskError, "ops", correct_stock, delta_qty=-1, **facts)
    desk.refuse(NotYourTaskError, "ops", decide, number=task.number, decision="approved")
    desk.refuse(NotYourTaskError, "fin", decide, number=task.number, decision="partly", amount=5)
    assert list(desk.actions("fin", task.number)) == ["approve", "reject", "supplement", "assign"]
    desk.decide("fin", task.number)
    assert desk.rows(type(task), number=task.number)[0].status == "done"
    assert stock(desk.database).get(("SOUTH", "AC"), (0, 0)) == (0, 0)
    check_stock(desk.database)


def test_a_surplus_is_worth_what_was_last_paid(desk: Desk) -> None:
    facts = {"location_code": "PLANT", "sku_code": "AC", "cause": "盘盈"}
    task = desk.do("ops", count_stock, counted_qty=11, **facts)
    assert task.amount == 6 * 200_000
    desk.decide("fin", task.number)
    assert stock(desk.database)["PLANT", "AC"] == (11, 0)


def test_goods_without_a_cost_are_worth_their_base_price(desk: Desk) -> None:
    facts = {"location_code": "PLANT", "sku_code": "LATE", "cause": "盘盈"}
    assert desk.do("ops", correct_stock, delta_qty=9, **facts) is None  # nine at 1,000.00
    task = desk.do("ops", correct_stock, delta_qty=10, **facts)
    assert task.amount == 1_000_000
    assert "base price" in desk.see("fin", get_task, number=task.number).evidence[-1]["text"]


def test_a_count_without_sense_is_refused(desk: Desk) -> None:
    facts = {"location_code": "SOUTH", "sku_code": "AC", "cause": "盘点"}
    desk.refuse(InvalidError, "ops", count_stock, counted_qty=5, **facts)
    desk.refuse(InvalidError, "ops", count_stock, counted_qty=-1, **facts)
    desk.refuse(ForbiddenError, "fin", count_stock, counted_qty=4, **facts)
    desk.refuse(InsufficientStockError, "ops", correct_stock, delta_qty=-6, **facts)


def test_a_partner_counts_without_asking(desk: Desk) -> None:
    facts = {"location_code": "GD-WH", "sku_code": "AC", "cause": "盘点"}
    assert desk.do("gd", count_stock, counted_qty=0, **facts) is None
    assert stock(desk.database).get(("GD-WH", "AC"), (0, 0)) == (0, 0)


def test_an_invitation_waits_for_an_administrator(desk: Desk) -> None:
    facts = {"username": "newbie", "name": "新人", "partner_code": "BR", "role_code": "operations"}
    with pytest.raises(ForbiddenError):
        desk.do("ops", invite_user, **facts)
    desk.do("admin", add_membership, username="fin", partner_code="BR", role_code="administrator")
    answer = desk.do("admin", invite_user, **facts)
    assert answer.task_number
    assert desk.rows(User, username="newbie") == []
    desk.refuse(NotYourTaskError, "admin", decide, number=answer.task_number, decision="approved")
    assert {row.kind for row in desk.rows(Notice)} <= {TO_DECIDE}


def test_a_company_sees_and_sets_its_own_rules(desk: Desk) -> None:
    rows = {row.kind: row.steps for row in desk.see("fin", list_approval_rules, partner_code="BR")}
    assert rows["credit_limit"] == (
        StepRule(1, ("finance", "administrator"), 0, 20_000_000),
        StepRule(2, ("executive",), 100_000_000),
    )
    assert rows["stock_correction"] == (StepRule(1, ("finance", "administrator"), 1_000_000),)
    assert set(rows) == {
        "credit_limit",
        "goods_return",
        "stock_correction",
        "stock_transfer",
        "user_invitation",
    }
    assert {row.steps for row in desk.see("gd", list_approval_rules, partner_code="GD")} == {()}
    with pytest.raises(NotFoundError):
        desk.see("gd", list_approval_rules, partner_code="BR")
    with pytest.raises(ForbiddenError):
        desk.see("gd", list_approval_rules, partner_code="GZ")
    rules = (StepRule(1, ("owner",)),)
    for error, facts in (
        (ForbiddenError, {"partner_code": "GZ"}),
        (InvalidError, {"kind": "nothing"}),
        (InvalidError, {"steps": (StepRule(1, ("emperor",)),)}),
    ):
        asked = {"partner_code": "GD", "kind": "credit_limit", "steps": rules} | facts
        desk.refuse(error, "gd", set_approval_rules, **asked)
    desk.do("gd", set_approval_rules, partner_code="GD", kind="credit_limit", steps=rules)
    assert len(desk.rows(ApprovalRule, kind="credit_limit")) == 3
