"""The price book in the database: who writes, who learns what, in how many statements."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import event
from sqlmodel import select

from distrib_app.core.accounts import NotYourSellerError
from distrib_app.core.catalog import Sku, create_category, create_product, create_sku
from distrib_app.core.channels import Partner
from distrib_app.core.kernel.access import SYSTEM, Actor
from distrib_app.core.kernel.clock import Period
from distrib_app.core.kernel.db import get_by, row_id
from distrib_app.core.kernel.errors import DomainError, ForbiddenError, InvalidError, NotFoundError
from distrib_app.core.kernel.events import Event
from distrib_app.core.kernel.listing import ListQuery
from distrib_app.core.pricing import (
    PriceRow,
    PriceScopeError,
    PriceValueError,
    add_price,
    find_prices,
    holding_rows,
    list_price_rows,
    price_changes,
    price_history,
)
from distrib_app.core.pricing.rules import price_text

from ..accounts.network import Net

TODAY = date(2026, 10, 15)


@pytest.fixture
def shop(net: Net) -> Net:
    """Two SKUs to price."""
    with net.database.write(SYSTEM) as session:
        create_category(session, SYSTEM, code="DRILL", name="钻", line_code="TOOLS", now=net.now)
        create_product(session, SYSTEM, code="P1", name="冲击钻", category_code="DRILL", now=net.now)
        for code in ("A-1", "A-2"):
            create_sku(session, SYSTEM, code=code, name=code, product_code="P1", tax_ppm=130_000, now=net.now)
    return net


def add(net: Net, price: str, *, actor: Actor = SYSTEM, now: datetime | None = None, **changes: Any) -> int:
    facts: dict[str, Any] = {
        "seller_code": "BR",
        "sku_code": "A-1",
        "valid_from": date(2026, 1, 1),
    } | changes
    with net.database.write(actor) as session:
        return row_id(add_price(session, actor, unit_price=Decimal(price), now=now or net.now, **facts))


def price(
    net: Net, buyer: str, day: date = TODAY, *, who: str = "finance", seller: str = "BR", **options: Any
) -> Any:
    """The price of A-1 as text, or None."""
    with net.database.read(SYSTEM) as session:
        partner = get_by(session, Partner, "partner", code=buyer)
        sku_id = row_id(get_by(session, Sku, "SKU", code="A-1"))
    with net.database.read(net.actors[who]) as session:
        found = find_prices(
            session, seller_id=net.ids[seller], buyer=partner, sku_ids=[sku_id], day=day, **options
        )
    return price_text(found[sku_id].unit_price) if found else None


def test_each_buyer_pays_its_most_specific_price(shop: Net) -> None:
    add(shop, "100")
    add(shop, "99", buyer_scope="tier", tier_code="province")
    add(shop, "98", buyer_scope="region", region_code="CN")
    add(shop, "97.5", buyer_scope="region", region_code="440000")
    add(shop, "96", buyer_scope="tier_in_region", tier_code="city", region_code="440000")
    add(shop, "95", buyer_scope="partner", buyer_code="SZ")
    assert {code: price(shop, code) for code in ("GD", "GZ", "SZ", "JS")} == {
        "GD": "97.5",
        "GZ": "96",
        "SZ": "95",
        "JS": "98",
    }
    assert price(shop, "GZ", seller="GD") is None  # another seller's book is another book
    assert price(shop, "GZ", channel="online") is None
    assert price(shop, "GZ", date(2025, 12, 31)) is None


def test_the_special_of_july_and_what_was_known(shop: Net) -> None:
    june_1 = shop.now.replace(month=6, day=1)
    june_20 = shop.now.replace(month=6, day=20)
    add(shop, "88", kind="special", valid_from=date(2026, 7, 10), valid_to=date(2026, 7, 17), now=june_1)
    add(shop, "95", valid_from=date(2026, 7, 1), now=june_20)
    assert [price(shop, "GD", date(2026, 7, day)) for day in (9, 10, 16, 17)] == ["95", "88", "88", "95"]
    assert price(shop, "GD", date(2026, 7, 20), known_at=june_20 - timedelta(seconds=1)) is None
    assert price(shop, "GD", date(2026, 7, 12), known_at=june_1) == "88"


def test_a_backdated_price_holds_for_its_days_and_says_so(shop: Net) -> None:
    add(shop, "100", valid_from=date(2026, 1, 1))
    add(shop, "110", valid_from=date(2026, 10, 1), now=shop.now + timedelta(hours=1))
    assert (price(shop, "GD", date(2026, 9, 30)), price(shop, "GD", date(2026, 10, 1))) == ("100", "110")
    assert price(shop, "GD", date(2026, 10, 1), known_at=shop.now) == "100"
    with shop.database.read(SYSTEM) as session:
        payloads = [row.payload for row in session.exec(select(Event).where(Event.kind == "price.added"))]
    assert [payload["is_backdated"] for payload in payloads] == [True, True]
    add(shop, "120", valid_from=TODAY)
    with shop.database.read(SYSTEM) as session:
        last = session.exec(select(Event).where(Event.kind == "price.added")).all()[-1]
    assert last.payload["is_backdated"] is False


def test_the_number_of_statements_is_constant(shop: Net) -> None:
    add(shop, "100")
    add(shop, "200", sku_code="A-2")
    add(shop, "190", sku_code="A-2", kind="promotion")
    counts = []
    for codes in (["A-1"], ["A-1", "A-2"]):
        with shop.database.read(shop.actors["gd"]) as session:
            buyer = get_by(session, Partner, "partner", code="GD")
            ids = [row_id(get_by(session, Sku, "SKU", code=code)) for code in codes]
            seen: list[str] = []

            def note(
                _connection: Any, _cursor: Any, statement: str, *_rest: Any, into: list[str] = seen
            ) -> None:
                into.append(statement)

            event.listen(shop.database.engine, "before_cursor_execute", note)
            found = find_prices(session, seller_id=shop.ids["BR"], buyer=buyer, sku_ids=ids, day=TODAY)
            event.remove(shop.database.engine, "before_cursor_execute", note)
            assert len(found) == len(codes)
            counts.append(len(seen))
    assert counts == [2, 2]


def test_rivals_learn_nothing(shop: Net) -> None:
    add(shop, "100")
    add(shop, "90", buyer_scope="partner", buyer_code="JS")
    add(shop, "130", seller_code="GD", buyer_scope="partner", buyer_code="SZ")
    # a decision goes to its parties and to those who see all prices
    assert price(shop, "JS", who="js") == "90"
    assert price(shop, "JS", who="gd") is None
    assert price(shop, "SZ", who="sz", seller="GD") == "130"
    assert price(shop, "SZ", who="gd", seller="GD") == "130"
    assert price(shop, "SZ", who="gz", seller="GD") is None
    # rows: the seller's own, and those addressed to one by name
    for who, prices in {"gz": [], "sz": ["130"], "gd": ["130"], "js": ["90"]}.items():
        with shop.database.read(shop.actors[who]) as session:
            page = list_price_rows(session)
            assert [price_text(row.unit_price) for row in page.rows] == prices
            assert page.total == len(prices)
    # the explanation names no row of others
    with shop.database.read(shop.actors["gd"]) as session:
        buyer = get_by(session, Partner, "partner", code="GD")
        sku_id = row_id(get_by(session, Sku, "SKU", code="A-1"))
        found = find_prices(session, seller_id=shop.ids["BR"], buyer=buyer, sku_ids=[sku_id], day=TODAY)
        assert found[sku_id].rejected == ()


def test_rows_are_listed_with_names(shop: Net) -> None:
    add(shop, "100", reason="guide")
    add(shop, "96", buyer_scope="tier_in_region", tier_code="city", region_code="440000", sku_code="A-2")
    add(shop, "90", buyer_scope="partner", buyer_code="JS", valid_to=date(2026, 2, 1))
    with shop.database.read(shop.actors["finance"]) as session:
        rows = list_price_rows(session).rows
        assert [(row.sku_code, row.buyer.code if row.buyer else "") for row in rows] == [
            ("A-1", "JS"),
            ("A-2", ""),
            ("A-1", ""),
        ]
        assert (rows[1].tier_code, rows[1].region_code, rows[2].reason) == ("city", "440000", "guide")
        first = ListQuery(facets={"sku": ("A-1",)})
        assert list_price_rows(session, query=first).total == 2
        assert list_price_rows(session, query=first, day=TODAY).total == 1
        assert list_price_rows(session, query=ListQuery("a-2")).total == 1


def test_a_later_record_replaces_an_earlier_one_for_the_same_buyers(shop: Net) -> None:
    first = add(shop, "100")
    ended = add(shop, "80", kind="promotion", valid_to=date(2026, 6, 1))
    tier = add(shop, "99", buyer_scope="tier", tier_code="province")
    other = add(shop, "70", sku_code="A-2")
    autumn = add(shop, "104", valid_from=date(2026, 9, 1), now=shop.now + timedelta(hours=2))
    week = add(
        shop,
        "102",
        valid_from=TODAY,
        valid_to=TODAY + timedelta(days=7),
        now=shop.now + timedelta(hours=1),  # begins later, but was recorded before the price of autumn
    )
    with shop.database.read(shop.actors["finance"]) as session:
        rows = list_price_rows(session).rows
    assert holding_rows(rows, TODAY) == {autumn, tier, other}
    assert holding_rows(rows, date(2026, 5, 31)) == {first, ended, tier, other}
    assert holding_rows(rows, date(2025, 12, 31)) == set()

    def changes(*ids: int) -> list[tuple[str, str]]:
        found = price_changes([row for row in rows if row.id in ids])
        return [(day.isoformat(), price_text(value) if value else "none") for day, value in found]

    assert changes(first, autumn) == [("2026-01-01", "100"), ("2026-09-01", "104")]
    assert changes(ended) == [("2026-01-01", "80"), ("2026-06-01", "none")]
    assert changes(first, week) == [("2026-01-01", "100"), ("2026-10-15", "102"), ("2026-10-22", "100")]
    assert changes(autumn, week) == [("2026-09-01", "104"), ("2026-10-15", "104"), ("2026-10-22", "104")]


def test_two_years_of_history(shop: Net) -> None:
    add(shop, "100", valid_from=date(2024, 10, 1), valid_to=date(2025, 10, 1))
    add(shop, "104", valid_from=date(2025, 10, 1))
    add(shop, "98", kind="promotion", valid_from=date(2026, 6, 1), valid_to=date(2026, 6, 19))
    add(shop, "70", buyer_scope="partner", buyer_code="JS")
    period = Period(date(2024, 11, 1), date(2026, 11, 1))
    with shop.database.read(shop.actors["gd"]) as session:
        sku_id = row_id(get_by(session, Sku, "SKU", code="A-1"))
        buyer = get_by(session, Partner, "partner", code="GD")
        rows = price_history(session, seller_id=shop.ids["BR"], buyer=buyer, sku_id=sku_id, period=period)
    assert [(str(row.valid_from), str(row.valid_to), price_text(row.unit_price)) for row in rows] == [
        ("2024-11-01", "2025-10-01", "100"),
        ("2025-10-01", "2026-06-01", "104"),
        ("2026-06-01", "2026-06-19", "98"),
        ("2026-06-19", "2026-11-01", "104"),
    ]
    with shop.database.read(shop.actors["js"]) as session:
        assert (
            price_history(session, seller_id=shop.ids["BR"], buyer=buyer, sku_id=sku_id, period=period) == []
        )


def test_a_partner_price_above_its_tier_is_warned_of_from_either_side(shop: Net) -> None:
    def warnings() -> list[tuple[str, str, str, str]]:
        with shop.database.read(SYSTEM) as session:
            found = session.exec(
                select(Event).where(Event.kind == "price.above_tier").order_by(Event.id)
            ).all()
            return [
                (
                    row.payload["buyer"],
                    row.payload["day"],
                    row.payload["unit_price"],
                    row.payload["tier_price"],
                )
                for row in found
            ]

    add(shop, "100", buyer_scope="tier", tier_code="province")
    add(shop, "99", buyer_scope="partner", buyer_code="GD")
    assert warnings() == []
    add(shop, "101", buyer_scope="partner", buyer_code="JS")
    assert warnings() == [("JS", "2026-01-01", "101", "100")]
    # the tier's price falls below GD's own from November; JS was above before and is named again
    add(shop, "95", buyer_scope="tier", tier_code="province", valid_from=date(2026, 11, 1))
    assert warnings()[1:] == [("GD", "2026-11-01", "99", "95"), ("JS", "2026-11-01", "101", "95")]
    add(shop, "97", buyer_scope="tier", tier_code="city")  # does not concern either
    assert len(warnings()) == 3


def test_refusals_leave_nothing(shop: Net) -> None:
    cases: list[tuple[str, str, dict[str, Any], type[DomainError]]] = [
        ("gd", "100", {"seller_code": "GD"}, ForbiddenError),
        ("finance", "100", {}, ForbiddenError),
        ("operations", "0", {}, PriceValueError),
        ("operations", "-1", {}, PriceValueError),
        ("operations", "NaN", {}, PriceValueError),
        ("operations", "Infinity", {}, PriceValueError),
        ("operations", "0.0000001", {}, PriceValueError),
        ("operations", "1000000000000", {}, PriceValueError),
        ("operations", "1", {"kind": "gift"}, InvalidError),
        ("operations", "1", {"channel": "radio"}, InvalidError),
        ("operations", "1", {"buyer_scope": "friends"}, InvalidError),
        ("operations", "1", {"valid_to": date(2026, 1, 1)}, InvalidError),
        ("operations", "1", {"reason": "x" * 201}, InvalidError),
        ("operations", "1", {"buyer_scope": "partner"}, PriceScopeError),
        ("operations", "1", {"buyer_scope": "tier", "region_code": "CN"}, PriceScopeError),
        ("operations", "1", {"buyer_scope": "all", "buyer_code": "GD"}, PriceScopeError),
        ("operations", "1", {"buyer_scope": "partner", "buyer_code": "X"}, NotFoundError),
        ("operations", "1", {"sku_code": "X"}, NotFoundError),
        ("operations", "1", {"seller_code": "X"}, NotFoundError),
    ]
    before = shop.count(PriceRow, Event)
    for who, value, changes, error in cases:
        with pytest.raises(error):
            add(shop, value, actor=shop.actors[who], **changes)
    assert shop.count(PriceRow, Event) == before


def test_only_ones_own_book_is_written(shop: Net) -> None:
    owner = shop.actors["gd"]
    writer = Actor(
        user_id=owner.user_id,
        username=owner.username,
        name=owner.name,
        permissions=owner.permissions | {"prices.write"},
        scopes=owner.scopes,
        partner_ids=owner.partner_ids,
    )
    add(shop, "120", actor=writer, seller_code="GD", buyer_scope="partner", buyer_code="GZ")
    for seller, error in (("GZ", NotYourSellerError), ("JS", NotFoundError), ("BR", NotFoundError)):
        with pytest.raises(error):
            add(shop, "1", actor=writer, seller_code=seller)
    assert shop.count(PriceRow) == (1,)
    assert add(shop, "110", actor=shop.actors["operations"], seller_code="GD")  # the brand's staff may
