"""An order given up at each of its steps from its page: stock, credit and money come back."""

from collections.abc import Callable

import pytest
from sqlmodel import col, func, select

from distrib_app.core.accounts import Commitment, Invoice
from distrib_app.core.kernel.access import SYSTEM
from distrib_app.core.kernel.clock import utc_now
from distrib_app.core.orders import LineRequest, SalesOrder, SalesReturn, place_order

from .conftest import Person, Server, playwright_api
from .goods import BRAND, legs, levels, put_goods
from .test_back_office import card

expect = playwright_api.expect
SKU, MADE, BUYER = "ZZ-STAGE-1", "ZZ-STAGE-2", "GD-001"
STEPS = ("in_production", "allocated", "picked", "shipped", "delivered")


@pytest.fixture(scope="module")
def orders(demo: Server) -> dict[str, str]:
    """One order for each step, two pieces of 56.50 each; the first waits for goods still to be made."""
    with demo.records() as database, database.write(SYSTEM) as session:
        put_goods(session, SKU, price="56.50", stock={"BR-FS": 20})
        put_goods(session, MADE, price="56.50", stock={}, has_backorder=True)
        return {
            step: place_order(
                session,
                SYSTEM,
                buyer_code=BUYER,
                seller_code=BRAND,
                lines=[LineRequest(MADE if step == "in_production" else SKU, 2)],
                idempotency_key=f"stage {step}",
                now=utc_now(),
            ).number
            for step in STEPS
        }


def committed(demo: Server, number: str) -> int:
    """What an order takes of its buyer's credit, in fen."""
    with demo.records() as database, database.read(SYSTEM) as session:
        return session.exec(
            select(func.coalesce(func.sum(col(Commitment.amount)), 0)).where(Commitment.document == number)
        ).one()


def invoiced(demo: Server, number: str) -> list[tuple[str, int]]:
    """(kind, gross amount in fen) of what was invoiced and credited for an order."""
    with demo.records() as database, database.read(SYSTEM) as session:
        backs = session.exec(
            select(SalesReturn.number)
            .join(SalesOrder, col(SalesOrder.id) == col(SalesReturn.order_id))
            .where(SalesOrder.number == number)
        ).all()
        rows = session.exec(
            select(Invoice.kind, Invoice.gross_amount)
            .where(col(Invoice.document).in_([number, *backs]))
            .order_by(col(Invoice.id))
        )
        return [(kind, amount) for kind, amount in rows]


def status(person: Person) -> "playwright_api.Locator":
    return person.page.locator(".page-title .badge").first


def cancel(person: Person) -> None:
    """Cancel the order that is shown, with a reason."""
    person.page.get_by_role("button", name="取消", exact=True).click()
    person.page.get_by_label("原因").fill("客户改期")
    person.page.get_by_role("button", name="取消订单").click()
    expect(status(person)).to_have_text("已取消")
    expect(person.page.locator(".timeline")).to_contain_text("客户改期")


def take_back(person: Person, qty: int) -> None:
    """Take pieces of the first line back."""
    person.page.locator(".page-header").get_by_role("button", name="退货").click()
    person.page.locator("[name=line-1]").fill(str(qty))
    person.page.get_by_label("原因").fill("客户退回")
    person.page.locator("form").get_by_role("button", name="退货").click()
    person.page.get_by_role("tab", name="退货").click()
    expect(card(person, "退货").locator("tbody tr").first).to_contain_text(f"× {qty}")


def test_before_it_leaves_either_side_cancels(
    sign_in: Callable[..., Person], demo: Server, orders: dict[str, str]
) -> None:
    buyer, staff = sign_in("province", at=""), sign_in("ops", at="")
    assert levels(demo, SKU) == {"BR-FS": (20, 8)}
    assert {committed(demo, orders[step]) for step in STEPS} == {11_300}

    staff.open(f"/orders/{orders['in_production']}/")
    expect(status(staff)).to_have_text("生产中")
    staff.open("/production/")
    expect(staff.page.locator(".board-card", has_text=orders["in_production"])).to_have_count(1)
    staff.open(f"/orders/{orders['in_production']}/")
    cancel(staff)
    staff.open("/production/")
    expect(staff.page.locator(".board-column, .empty").first).to_be_visible()
    expect(staff.page.locator(".board-card", has_text=orders["in_production"])).to_have_count(0)

    buyer.open(f"/orders/{orders['allocated']}/")
    expect(status(buyer)).to_have_text("已配货")
    cancel(buyer)
    assert levels(demo, SKU) == {"BR-FS": (20, 6)}

    staff.open(f"/orders/{orders['picked']}/?tab=parts")
    staff.page.locator(".parts").get_by_role("button", name="拣货").click()
    expect(status(staff)).to_have_text("已拣货")
    cancel(staff)
    assert levels(demo, SKU) == {"BR-FS": (20, 4)}
    assert [committed(demo, orders[step]) for step in STEPS[:3]] == [0, 0, 0]
    assert legs(demo, SKU) == []
    assert demo.broken() == []


def test_once_it_has_left_goods_come_back_with_their_money(
    sign_in: Callable[..., Person], demo: Server, orders: dict[str, str]
) -> None:
    buyer, staff = sign_in("province", at=""), sign_in("ops", at="")
    before = levels(demo, SKU)["BR-FS"][0]
    for step in ("shipped", "delivered"):
        staff.open(f"/orders/{orders[step]}/")
        staff.page.get_by_role("button", name="发货", exact=True).click()
        staff.page.locator("form").get_by_role("button", name="发货").click()
        expect(status(staff)).to_have_text("已发货")
        expect(staff.page.get_by_role("button", name="取消", exact=True)).to_have_count(0)
        assert committed(demo, orders[step]) == 0
    buyer.open(f"/orders/{orders['delivered']}/")
    expect(buyer.page.get_by_role("button", name="取消", exact=True)).to_have_count(0)
    buyer.page.get_by_role("button", name="确认签收").click()
    buyer.page.get_by_label("签收人").fill("李雷")
    buyer.page.locator("form").get_by_role("button", name="确认签收").click()
    expect(status(buyer)).to_have_text("已签收")
    assert levels(demo, SKU)["BR-FS"][0] == before - 4
    assert levels(demo, SKU)["GD-001-W1"] == (2, 0)

    staff.open(f"/orders/{orders['shipped']}/")
    take_back(staff, 2)  # on the way: all of it
    expect(status(staff)).to_have_text("已退回")
    staff.open(f"/orders/{orders['delivered']}/")
    take_back(staff, 1)
    expect(status(staff)).to_have_text("已签收")
    assert levels(demo, SKU)["BR-FS"][0] == before - 1
    assert levels(demo, SKU)["GD-001-W1"] == (1, 0)
    assert invoiced(demo, orders["shipped"]) == [("invoice", 11_300), ("credit_note", -11_300)]
    assert invoiced(demo, orders["delivered"]) == [("invoice", 11_300), ("credit_note", -5_650)]
    assert sorted(legs(demo, SKU)) == sorted(
        ("sell_in", BRAND, BUYER, qty, qty * 5_650) for qty in (2, 2, -2, -1)
    )
    assert demo.broken() == []
