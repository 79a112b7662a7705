"""Suggestions taken up by their button: a transfer, a line of the draft; and one that sleeps and wakes."""

import re
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlmodel import Session, col, select

from distrib_app.core.catalog import Sku
from distrib_app.core.inventory import Location, Suggestion, Transfer, TransferLine, set_water_lines
from distrib_app.core.kernel.access import SYSTEM
from distrib_app.core.kernel.clock import business_day, utc_now
from distrib_app.core.kernel.db import get_by
from distrib_app.core.pricing import add_price

from .conftest import Person, Server, playwright_api
from .goods import LONG_AGO, put_goods
from .test_back_office import toast

expect = playwright_api.expect
MOVED, BOUGHT, LATER = "ZZ-SUG-1", "ZZ-SUG-2", "ZZ-SUG-3"
PLACE = "GD-006-W1"


@pytest.fixture(scope="module")
def goods(demo: Server) -> None:
    """Three goods of which a city agent has 2 and wants 20; of the first the brand has more than it wants."""
    now = utc_now()
    with demo.records() as database, database.write(SYSTEM) as session:
        put_goods(session, MOVED, price="100", stock={PLACE: 2, "BR-FS": 70})
        put_goods(session, BOUGHT, price="100", stock={PLACE: 2})
        put_goods(session, LATER, price="100", stock={PLACE: 8})
        for code in (MOVED, BOUGHT, LATER):
            put_lines(session, code, PLACE, 5, 10, 20)
            add_price(
                session,
                SYSTEM,
                seller_code="GD-001",
                sku_code=code,
                unit_price=Decimal(110),
                valid_from=LONG_AGO,
                now=now,
            )
        put_lines(session, MOVED, "BR-FS", 5, 10, 30)


def put_lines(session: Session, code: str, place: str, safety: int, warning: int, most: int) -> None:
    """Water lines by hand."""
    set_water_lines(
        session,
        SYSTEM,
        location_code=place,
        sku_code=code,
        safety_qty=safety,
        warning_qty=warning,
        max_qty=most,
        now=utc_now(),
    )


def suggest(staff: Person) -> None:
    """Have the network looked through now."""
    staff.open("/replenishment/")
    staff.page.get_by_role("button", name="立即生成建议").click()
    expect(toast(staff)).to_contain_text("条建议")


def find(agent: Person, code: str, kind: str, qty: str) -> None:
    """Open the suggestion of a SKU, which says this."""
    agent.open(f"/replenishment/?search={code}&status=open")
    agent.page.get_by_role("button", name=code, exact=True).click()
    expect(agent.page.locator(".fact:has(dt:text-is('建议')) dd")).to_have_text(f"{kind} {qty}")
    expect(agent.page.locator(".why li").first).to_be_visible()


def states(demo: Server, code: str) -> list[tuple[str, int, str]]:
    """(state, quantity, document) of every suggestion for the agent's place, the oldest first."""
    with demo.records() as database, database.read(SYSTEM) as session:
        rows = session.exec(
            select(Suggestion)
            .join(Sku, col(Sku.id) == col(Suggestion.sku_id))
            .join(Location, col(Location.id) == col(Suggestion.location_id))
            .where(Sku.code == code, Location.code == PLACE)
            .order_by(col(Suggestion.id))
        )
        return [(row.status, row.qty, row.accepted_document) for row in rows]


def let_a_week_pass(demo: Server, code: str) -> None:
    """What was suggested and put to sleep today was so a week ago."""
    today = business_day(utc_now(), "Asia/Shanghai")
    with demo.records() as database, database.write(SYSTEM) as session:
        for row in session.exec(
            select(Suggestion).join(Sku, col(Sku.id) == col(Suggestion.sku_id)).where(Sku.code == code)
        ):
            row.suggested_on, row.snoozed_until = today - timedelta(days=7), today


def test_a_transfer_a_draft_line_and_one_that_comes_back(
    sign_in: Callable[..., Person], demo: Server, goods: None
) -> None:
    staff, agent = sign_in("ops", at=""), sign_in("city", at="")
    page = agent.page
    suggest(staff)

    find(agent, MOVED, "调拨", "18")  # 20 less the 2 that are there
    page.get_by_role("button", name="采纳").click()
    expect(toast(agent)).to_contain_text("已生成 TF-")
    link = page.locator(".fact:has(dt:text-is('单据')) a")
    number = link.inner_text()
    assert states(demo, MOVED) == [("accepted", 18, number)]
    agent.screenshot("suggestion-accepted")
    link.click()
    page.wait_for_url(re.compile(number))
    expect(page.locator(".page-title .badge").first).to_have_text("已申请")
    expect(page.locator("main")).to_contain_text("BR-FS")
    with demo.records() as database, database.read(SYSTEM) as session:
        transfer = get_by(session, Transfer, "transfer", number=number)
        [line] = session.exec(select(TransferLine).where(TransferLine.transfer_id == transfer.id)).all()
    assert (transfer.status, line.qty) == ("requested", 18)

    find(agent, BOUGHT, "补货", "18")
    page.get_by_role("button", name="采纳").click()
    expect(toast(agent)).to_contain_text("已生成 DRAFT-")
    page.locator(".fact:has(dt:text-is('单据')) a").click()
    expect(page.get_by_label(f"{BOUGHT} 的数量")).to_have_value("18")
    # 18 × 110.00
    expect(page.get_by_role("row").filter(has=page.get_by_label(f"{BOUGHT} 的数量"))).to_contain_text(
        "¥1,980.00"
    )

    find(agent, LATER, "补货", "12")
    page.locator("input[name=days]").fill("7")
    page.get_by_role("button", name="暂缓", exact=True).click()
    expect(page.locator(".fact:has(dt:text-is('暂缓至')) dd")).to_be_visible()
    suggest(staff)
    assert states(demo, LATER) == [("snoozed", 12, "")]
    let_a_week_pass(demo, LATER)
    suggest(staff)
    assert states(demo, LATER) == [("expired", 12, ""), ("open", 12, "")]
    find(agent, LATER, "补货", "12")
    assert demo.broken() == []
