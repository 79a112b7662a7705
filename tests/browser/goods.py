"""Goods of a journey's own, so that it knows every figure: price, place, and what became of them."""

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from sqlmodel import Session, col, select

from distrib_app.core.accounts import TradingAccount, open_account
from distrib_app.core.catalog import Sku, create_sku
from distrib_app.core.channels import Partner
from distrib_app.core.inventory import Balance, Location, receive_stock
from distrib_app.core.journal import JournalLeg
from distrib_app.core.kernel.access import SYSTEM
from distrib_app.core.kernel.clock import utc_now
from distrib_app.core.kernel.db import get_by
from distrib_app.core.pricing import add_price

from .conftest import Person, Server

BRAND = "BR"
LONG_AGO = date(2025, 1, 1)
TAX = 130_000  # 13 %


def put_goods(
    session: Session,
    code: str,
    *,
    price: str,
    stock: Mapping[str, int],
    cost: str = "50",
    seller: str = BRAND,
    multiple: int = 1,
    weight_g: int = 1000,
    has_backorder: bool = False,
) -> None:
    """A new small appliance of 13 % tax: what `seller` asks for it (tax included) and what lies where.

    The brand's names come last in every list (ZZ…): no other journey meets them first.
    """
    now = utc_now()
    sku = create_sku(
        session,
        SYSTEM,
        code=code,
        name=f"行程用品 {code}",
        name_en=f"Journey item {code}",
        product_code="SA01",
        tax_ppm=TAX,
        order_multiple_qty=multiple,
        is_backorder_allowed=has_backorder,
        now=now,
    )
    sku.weight_g = weight_g
    add_price(
        session,
        SYSTEM,
        seller_code=seller,
        sku_code=code,
        unit_price=Decimal(price),
        valid_from=LONG_AGO,
        now=now,
    )
    for place, qty in stock.items():
        receive_stock(
            session,
            SYSTEM,
            location_code=place,
            lines=[(code, qty, Decimal(cost))],
            cause=f"G-{code}",
            now=now,
        )


def levels(server: Server, code: str) -> dict[str, tuple[int, int]]:
    """(on hand, reserved) of a SKU by place, places that never had any left out."""
    with server.records() as database, database.read(SYSTEM) as session:
        rows = session.exec(
            select(Location.code, Balance.on_hand_qty, Balance.reserved_qty)
            .join(Balance, col(Balance.location_id) == col(Location.id))
            .join(Sku, col(Sku.id) == col(Balance.sku_id))
            .where(Sku.code == code)
        ).all()
    return {place: (on_hand, reserved) for place, on_hand, reserved in rows}


def legs(server: Server, code: str) -> list[tuple[str, str, str, int, int]]:
    """(step, seller, buyer, quantity, gross amount in fen) of every sale of a SKU, in order."""
    with server.records() as database, database.read(SYSTEM) as session:
        codes = dict(session.exec(select(Partner.id, Partner.code)).all())
        rows = session.exec(
            select(JournalLeg)
            .join(Sku, col(Sku.id) == col(JournalLeg.sku_id))
            .where(Sku.code == code)
            .order_by(col(JournalLeg.id))
        ).all()
        return [
            (row.step, codes[row.seller_id], codes[row.buyer_id], row.qty, row.amount // 10_000)
            for row in rows
        ]


def let_buy(session: Session, buyer: str, *, limit_amount: int, seller: str = BRAND) -> None:
    """An account for who has none with the seller yet; one that there is stays as it is."""
    parties = [get_by(session, Partner, "partner", code=code).id for code in (seller, buyer)]
    known = session.exec(
        select(TradingAccount).where(
            TradingAccount.seller_id == parties[0], TradingAccount.buyer_id == parties[1]
        )
    ).first()
    if known is None:
        open_account(
            session,
            SYSTEM,
            seller_code=seller,
            buyer_code=buyer,
            terms_days=30,
            credit_limit_amount=limit_amount,
            now=utc_now(),
        )


def order_lines(buyer: Person, lines: Mapping[str, int], *, seller: str = "") -> str:
    """Paste lines into the pad of somebody, for the seller of a name, and place them; the order's number."""
    page = buyer.page
    buyer.open("/orders/new/")
    if seller:
        page.get_by_label("卖方").select_option(label=seller)
    page.get_by_role("button", name="批量粘贴").click()
    page.locator("textarea[name=pasted]").fill("\n".join(f"{code} {qty}" for code, qty in lines.items()))
    page.get_by_role("button", name="添加", exact=True).click()
    page.locator("button:not([disabled])", has_text="提交订单").click()
    page.wait_for_url(re.compile(r"/orders/SO-\d{8}-\d{4}"))
    return page.url.rstrip("/").rpartition("/")[2]
