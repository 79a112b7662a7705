"""Categories, products, SKUs: created once, found, switched under a version."""

from typing import Any

import pytest

from distrib_app.core.catalog import (
    BarcodeError,
    Category,
    Product,
    Sku,
    create_category,
    create_product,
    create_sku,
    find_skus_by_code,
    list_categories,
    list_skus,
    set_sku_flags,
)
from distrib_app.core.kernel.access import SYSTEM
from distrib_app.core.kernel.errors import (
    ConflictError,
    DomainError,
    ForbiddenError,
    InvalidError,
    NotFoundError,
    StaleError,
)
from distrib_app.core.kernel.events import Event
from distrib_app.core.kernel.listing import ListQuery

from ..accounts.network import Net


@pytest.fixture
def stocked(net: Net) -> Net:
    """Two categories below one, three SKUs."""
    staff, now = net.actors["operations"], net.now
    with net.database.write(staff) as session:
        create_category(session, staff, code="POWER", name="电动工具", line_code="TOOLS", now=now)
        for code in ("DRILL", "SAW"):
            create_category(
                session, staff, code=code, name=code, line_code="TOOLS", parent_code="POWER", now=now
            )
        create_product(session, staff, code="P1", name="冲击钻", category_code="DRILL", now=now)
        create_product(session, staff, code="P2", name="圆锯", category_code="SAW", now=now)
        for code, name, product, barcode in (
            ("A-1", "冲击钻 100%", "P1", "6901234567892"),
            ("A-2", "冲击钻 蓝", "P1", ""),
            ("B-1", "圆锯", "P2", ""),
        ):
            create_sku(
                session,
                staff,
                code=code,
                name=name,
                product_code=product,
                barcode=barcode,
                tax_ppm=130_000,
                order_multiple_qty=2,
                now=now,
            )
    return net


def test_lists_search_filter_and_page(stocked: Net) -> None:
    with stocked.database.read(stocked.actors["gz"]) as session:
        page = list_skus(session)
        assert [row.code for row in page.rows] == ["A-1", "A-2", "B-1"]
        first = page.rows[0]
        assert (first.product_code, first.category_code, first.tax_ppm, first.order_multiple_qty) == (
            "P1",
            "DRILL",
            130_000,
            2,
        )
        assert (first.is_orderable, first.is_backorder_allowed, first.version) == (True, False, 1)
        for search, codes in {
            "a-": ["A-1", "A-2"],
            "圆": ["B-1"],
            "6901": ["A-1"],
            "0%": ["A-1"],
            "_": [],
        }.items():
            assert [row.code for row in list_skus(session, query=ListQuery(search)).rows] == codes
        assert list_skus(session, query=ListQuery(facets={"category": ("POWER",)})).total == 3
        assert list_skus(session, query=ListQuery(facets={"category": ("SAW",)})).total == 1
        window = list_skus(session, query=ListQuery(offset=1, limit=1))
        assert (window.total, [row.code for row in window.rows]) == (3, ["A-2"])
        assert [(row.code, row.parent_code, row.sku_count) for row in list_categories(session)] == [
            ("DRILL", "POWER", 2),
            ("POWER", None, 0),
            ("SAW", "POWER", 1),
        ]
        found = find_skus_by_code(session, ["B-1", "A-1", "A-1", "X"])
        assert {code: sku.name for code, sku in found.items()} == {"A-1": "冲击钻 100%", "B-1": "圆锯"}
        with pytest.raises(NotFoundError):
            list_skus(session, query=ListQuery(facets={"category": ("X",)}))
        for offset, limit in ((-1, 10), (0, 0), (0, 1001)):
            with pytest.raises(InvalidError):
                list_skus(session, query=ListQuery(offset=offset, limit=limit))


def test_refusals_leave_nothing(stocked: Net) -> None:
    cases: list[tuple[str, dict[str, Any], type[DomainError]]] = [
        ("gd", {}, ForbiddenError),
        ("operations", {"code": "A-1"}, ConflictError),
        ("operations", {"code": "  "}, InvalidError),
        ("operations", {"code": "x" * 61}, InvalidError),
        ("operations", {"name": ""}, InvalidError),
        ("operations", {"product_code": "P9"}, NotFoundError),
        ("operations", {"kind": "idea"}, InvalidError),
        ("operations", {"barcode": "6901234567893"}, BarcodeError),
        ("operations", {"tax_ppm": -1}, InvalidError),
        ("operations", {"tax_ppm": 1_000_000}, InvalidError),
        ("operations", {"order_multiple_qty": 0}, InvalidError),
    ]
    before = stocked.count(Category, Product, Sku, Event)
    for who, changes, error in cases:
        facts: dict[str, Any] = {"code": "N-1", "name": "N", "product_code": "P1"} | changes
        actor = stocked.actors[who]
        with pytest.raises(error), stocked.database.write(actor) as session:
            create_sku(session, actor, now=stocked.now, **facts)
    staff = stocked.actors["operations"]
    with pytest.raises(ConflictError), stocked.database.write(staff) as session:
        create_product(session, staff, code="P1", name="N", category_code="SAW", now=stocked.now)
    with pytest.raises(NotFoundError), stocked.database.write(staff) as session:
        create_product(session, staff, code="P9", name="N", category_code="X", now=stocked.now)
    with pytest.raises(ConflictError), stocked.database.write(staff) as session:
        create_category(session, staff, code="SAW", name="N", line_code="TOOLS", now=stocked.now)
    assert stocked.count(Category, Product, Sku, Event) == before


def test_flags_are_versioned(stocked: Net) -> None:
    staff = stocked.actors["operations"]
    with stocked.database.write(staff) as session:
        set_sku_flags(session, staff, code="A-1", version=1, is_orderable=False, now=stocked.now)
    with pytest.raises(StaleError), stocked.database.write(staff) as session:
        set_sku_flags(session, staff, code="A-1", version=1, is_backorder_allowed=True, now=stocked.now)
    gd = stocked.actors["gd"]
    with pytest.raises(ForbiddenError), stocked.database.write(gd) as session:
        set_sku_flags(session, gd, code="A-1", version=2, is_orderable=True, now=stocked.now)
    with stocked.database.read(SYSTEM) as session:
        row = list_skus(session, query=ListQuery("A-1")).rows[0]
        assert (row.is_orderable, row.is_backorder_allowed, row.version) == (False, False, 2)
