"""SKUs kept by lot on both databases: goods come in by lot, leave by expiry, come back as what they were."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import event, text
from sqlmodel import func, select

from distrib_app.core.catalog import Category, create_product, create_sku
from distrib_app.core.channels import ProductLine
from distrib_app.core.invariants import INVARIANTS
from distrib_app.core.inventory import (
    ExpiresTooSoonError,
    Goods,
    InsufficientStockError,
    Layer,
    Lot,
    LotMismatchError,
    LotName,
    LotRequiredError,
    Movement,
    Placement,
    ReceiptLine,
    correct_stock,
    get_layers,
    get_recall,
    get_stock_record,
    list_movements,
    list_stock,
    receive,
    receive_stock,
    release,
    reserve,
    send_back,
    ship,
    take_back,
    unfit_qty,
)
from distrib_app.core.kernel.access import SYSTEM
from distrib_app.core.kernel.db import Database
from distrib_app.core.kernel.errors import ForbiddenError, InvalidError, NotFoundError
from distrib_app.core.kernel.listing import ListQuery

from .shop import LONG_AGO, NOW, actor, check_stock, stock
from .test_service import ids

TODAY = date(2026, 10, 15)
SOON, LATER = TODAY + timedelta(days=40), TODAY + timedelta(days=400)


@pytest.fixture
def shop(shop: Database) -> Database:
    """The small network with first-aid kits, which must have 30 days left when they are shipped."""
    with shop.write(SYSTEM) as session:
        line = ProductLine(
            code="CARE", name="急救", name_en="Care", path="CARE/", is_lot_tracked=True, min_life_days=30
        )
        session.add(line)
        session.flush()
        session.add(Category(code="KITS", name="急救包", name_en="Kits", product_line_id=line.id))
        session.flush()
        create_product(session, SYSTEM, code="K", name="急救包", category_code="KITS", now=LONG_AGO)
        create_sku(
            session, SYSTEM, code="KIT", name="急救包", product_code="K", tax_ppm=130_000, now=LONG_AGO
        )
    return shop


def put(shop: Database, place: str, lot: str, qty: int, expires_on: date | None, *, on: date = TODAY) -> None:
    with shop.write(SYSTEM) as session:
        line = ReceiptLine("KIT", qty, Decimal(20), lot, expires_on)
        receive_stock(
            session, SYSTEM, location_code=place, lines=[line], cause=f"GRN-{lot}", origin_on=on, now=NOW
        )


def issued(shop: Database, cause: str) -> list[tuple[str, int]]:
    with shop.read(SYSTEM) as session:
        rows = session.exec(
            select(Lot.code, Movement.on_hand_delta)
            .join(Movement, Movement.lot_id == Lot.id)
            .where(Movement.cause == cause)
            .order_by(Movement.id)
        ).all()
    return list(rows)


def check_lots(shop: Database) -> None:
    check_stock(shop)
    with shop.read(SYSTEM) as session:
        for invariant in INVARIANTS:
            if "lot" in invariant.name:
                assert session.connection().execute(text(invariant.offenders)).all() == []


def reserve_and_ship(shop: Database, qty: int, cause: str) -> None:
    skus, places = ids(shop)
    with shop.write(SYSTEM) as session:
        found = [Placement(skus["KIT"], places["PLANT"], qty)]
        reserve(session, placements=found, cause="SO-1", now=NOW)
        ship(session, placements=found, cause=cause, now=NOW)


def test_goods_kept_by_lot_name_their_lot(shop: Database) -> None:
    put(shop, "PLANT", "L1", 5, LATER)
    put(shop, "GZ-WH", "L1", 2, None)  # known already: it has its expiry
    cases = [
        (ReceiptLine("KIT", 1, Decimal(1)), LotRequiredError),
        (ReceiptLine("KIT", 1, Decimal(1), "NEW"), LotRequiredError),
        (ReceiptLine("KIT", 1, Decimal(1), "L1", SOON), LotMismatchError),
        (ReceiptLine("KIT", 1, Decimal(1), "NEW", SOON, LATER), InvalidError),
        (ReceiptLine("KIT", 1, Decimal(1), "x" * 41, SOON), InvalidError),
        (ReceiptLine("AC", 1, Decimal(1), "L1", LATER), InvalidError),
    ]
    for line, error in cases:
        with pytest.raises(error), shop.write(SYSTEM) as session:
            receive_stock(session, SYSTEM, location_code="PLANT", lines=[line], cause="GRN", now=NOW)
    assert stock(shop) == {("PLANT", "KIT"): (5, 0), ("GZ-WH", "KIT"): (2, 0)}
    with shop.read(SYSTEM) as session:
        assert session.exec(select(Lot.code, Lot.expires_on)).all() == [("L1", LATER)]
    check_lots(shop)


def test_what_expires_first_is_shipped_first(shop: Database) -> None:
    put(shop, "PLANT", "LATE", 5, LATER, on=date(2026, 1, 1))
    put(shop, "PLANT", "SOON", 3, SOON, on=date(2026, 9, 1))
    reserve_and_ship(shop, 4, "SH-1")
    assert issued(shop, "SH-1") == [("SOON", -3), ("LATE", -1)]
    with shop.read(SYSTEM) as session:
        view = get_layers(session, location_code="PLANT", sku_code="KIT", day=TODAY)
        assert [(row.lot_code, row.expires_on, row.qty, row.origin_on) for row in view.layers] == [
            ("LATE", LATER, 4, date(2026, 1, 1))
        ]
        rows = list_movements(session, location_code="PLANT", sku_code="KIT").rows
        assert [(row.kind, row.lot_code, row.on_hand_delta, row.balance_qty) for row in rows] == [
            ("ship", "LATE", -1, 4),
            ("ship", "SOON", -3, 5),
            ("reserve", "", 0, 8),
            ("receipt", "SOON", 3, 8),
            ("receipt", "LATE", 5, 5),
        ]
        chosen = ListQuery(facets={"lot": ("LATE",)})
        page = list_movements(session, location_code="PLANT", sku_code="KIT", query=chosen)
        assert [row.balance_qty for row in page.rows] == [4, 5]
    check_lots(shop)


def test_what_cannot_be_shipped_any_more_is_not_promised(shop: Database) -> None:
    skus, places = ids(shop)
    put(shop, "PLANT", "SHORT", 6, TODAY + timedelta(days=29))
    put(shop, "PLANT", "FIT", 4, TODAY + timedelta(days=30))
    with shop.read(SYSTEM) as session:
        goods = {skus["KIT"]: Goods("KIT", is_lot_tracked=True, min_life_days=30)}
        found = unfit_qty(session, goods, [places["PLANT"]], now=NOW)
        assert found == {(skus["KIT"], places["PLANT"]): 6}
        page = list_stock(session, now=NOW)
        assert [(row.on_hand_qty, row.available_qty) for row in page.rows] == [(10, 4)]
        assert page.totals == {"on_hand_qty": 10, "reserved_qty": 0, "available_qty": 4}
        assert list_stock(session).totals["available_qty"] == 10
        record = get_stock_record(session, SYSTEM, location_code="PLANT", sku_code="KIT", now=NOW)
        assert (record.on_hand_qty, record.unfit_qty, record.available_qty) == (10, 6, 4)
        assert [(row.code, row.left_days, row.qty, row.is_fit) for row in record.lots] == [
            ("SHORT", 29, 6, False),
            ("FIT", 30, 4, True),
        ]
    # promised in time, too old when it shall leave
    with shop.write(SYSTEM) as session:
        held = [Placement(skus["KIT"], places["PLANT"], 4)]
        reserve(session, placements=held, cause="SO-2", now=NOW)
    tomorrow = NOW + timedelta(days=1)
    with pytest.raises(ExpiresTooSoonError) as short, shop.write(SYSTEM) as session:
        ship(session, placements=held, cause="SH-2", now=tomorrow)
    assert short.value.facts == {"sku": "KIT", "wanted": 4, "short_lived": 10, "on_hand": 10, "days": 30}
    assert stock(shop) == {("PLANT", "KIT"): (10, 4)}
    with shop.write(SYSTEM) as session:
        release(session, placements=held, cause="SO-2", now=NOW)
        assert unfit_qty(session, goods, [places["PLANT"]], now=tomorrow) == {
            (skus["KIT"], places["PLANT"]): 10
        }
    assert stock(shop) == {("PLANT", "KIT"): (10, 0)}
    check_lots(shop)


def test_a_delivery_and_its_return_keep_their_lots(shop: Database) -> None:
    skus, places = ids(shop)
    put(shop, "PLANT", "A", 3, SOON)
    put(shop, "PLANT", "B", 5, LATER)
    reserve_and_ship(shop, 6, "SH-1")
    for qty in (4, 2):  # delivered in two parts: first what left first
        with shop.write(SYSTEM) as session:
            layer = (skus["KIT"], Layer(TODAY, 25_000_000, qty))
            receive(session, location_id=places["GD-WH"], layers=[layer], cause="SH-1", now=NOW)
    assert issued(shop, "SH-1") == [("A", -3), ("B", -3), ("A", 3), ("B", 1), ("B", 2)]
    sent = Placement(skus["KIT"], places["GD-WH"], 2)
    back = Placement(skus["KIT"], places["PLANT"], 2)
    with shop.write(SYSTEM) as session:
        correct_stock(
            session, SYSTEM, location_code="GD-WH", sku_code="KIT", delta_qty=-2, cause="CT", now=NOW
        )
        send_back(session, placements=[sent], received_cause="SH-1", cause="RT-1", now=NOW)
        take_back(
            session,
            placement=back,
            shipped_cause="SH-1",
            returned_before_qty=0,
            fallback_on=TODAY,
            cause="RT-1",
            now=NOW,
        )
    # two of lot A were written off at the buyer's, so one of A and one of B go back – to the seller as well
    assert issued(shop, "CT") == [("A", -2)]
    assert issued(shop, "RT-1") == [("A", -1), ("B", -1), ("A", 1), ("B", 1)]
    check_lots(shop)
    many = Placement(skus["KIT"], places["GD-WH"], 3)
    with pytest.raises(InsufficientStockError), shop.write(SYSTEM) as session:
        send_back(session, placements=[many], received_cause="SH-1", cause="RT-2", now=NOW)
    assert stock(shop)["GD-WH", "KIT"] == (2, 0)


def test_corrections_name_the_lot_they_find(shop: Database) -> None:
    put(shop, "PLANT", "A", 3, TODAY - timedelta(days=1))
    put(shop, "PLANT", "B", 5, LATER)

    def correct(delta_qty: int, lot: LotName | None = None) -> None:
        with shop.write(SYSTEM) as session:
            facts = {"location_code": "PLANT", "sku_code": "KIT", "cause": f"C{delta_qty}"}
            correct_stock(session, SYSTEM, **facts, delta_qty=delta_qty, lot=lot, now=NOW)

    with pytest.raises(LotRequiredError):
        correct(2)
    with pytest.raises(InsufficientStockError):
        correct(-4, LotName("A"))
    correct(2, LotName("A"))
    correct(-1, LotName("B"))
    correct(-6)  # what has expired goes first
    assert issued(shop, "C2") == [("A", 2)]
    assert issued(shop, "C-1") == [("B", -1)]
    assert issued(shop, "C-6") == [("A", -3), ("A", -2), ("B", -1)]  # a row a layer
    check_lots(shop)


def test_a_recall_finds_places_and_receivers(shop: Database) -> None:
    skus, places = ids(shop)
    put(shop, "PLANT", "A", 9, LATER)
    reserve_and_ship(shop, 4, "SH-1")
    reserve_and_ship(shop, 2, "SH-2")
    with shop.write(SYSTEM) as session:
        layer = (skus["KIT"], Layer(TODAY, 25_000_000, 4))
        receive(session, location_id=places["GD-WH"], layers=[layer], cause="SH-1", now=NOW)
    ops, gd, gz = (actor(shop, name) for name in ("ops", "gd", "gz"))
    with shop.read(ops) as session:
        view = get_recall(session, ops, sku_code="KIT", lot_code="A")
        assert [(row.location_code, row.partner_code, row.qty) for row in view.places] == [
            ("GD-WH", "GD", 4),
            ("PLANT", "BR", 3),
        ]
        assert {(row.document, row.location_code, row.qty, row.receiver_code) for row in view.shipments} == {
            ("SH-1", "PLANT", 4, "GD"),
            ("SH-2", "PLANT", 2, ""),
        }
    with shop.read(gd) as session:  # sees its own part only
        view = get_recall(session, gd, sku_code="KIT", lot_code="A")
        assert [row.location_code for row in view.places] == ["GD-WH"]
        assert view.shipments == ()
    with shop.read(gz) as session:
        for lot in ("A", "NONE"):
            with pytest.raises(NotFoundError):
                get_recall(session, gz, sku_code="KIT", lot_code=lot)
    nobody = actor(shop, "shop")
    with shop.read(nobody) as session, pytest.raises((NotFoundError, ForbiddenError)):
        get_recall(session, nobody, sku_code="KIT", lot_code="A")


def test_goods_without_lots_cost_no_statement_more(shop: Database) -> None:
    skus, places = ids(shop)
    put(shop, "PLANT", "A", 9, LATER)
    with shop.write(SYSTEM) as session:
        lines = [("AC", 9, Decimal(1))]
        receive_stock(session, SYSTEM, location_code="PLANT", lines=lines, cause="GRN", now=NOW)
    told: list[str] = []
    event.listen(shop.engine, "before_cursor_execute", lambda *call: told.append(call[2]))
    for sku in ("AC", "KIT"):
        with shop.write(SYSTEM) as session:
            found = [Placement(skus[sku], places["PLANT"], 2)]
            reserve(session, placements=found, cause="SO", now=NOW)
            ship(session, placements=found, cause="SH", now=NOW)
            session.rollback()
        reads = [statement for statement in told if "stock_lot" in statement]
        assert len(reads) == (0 if sku == "AC" else 1)
        told.clear()
    with shop.read(SYSTEM) as session:
        assert session.exec(select(func.count(Lot.id))).one() == 1
