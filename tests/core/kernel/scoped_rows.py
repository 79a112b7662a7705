"""One row of every scoped table for the partner GZ and one for its rival SZ, as plain rows.

The rows need not make sense to their floors; they only have parties and paths. A new scoped table without a
pair of rows here fails `test_every_scoped_table_is_shown`.
"""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import inspect
from sqlmodel import Session, SQLModel, select

from distrib_app.core.accounts import (
    Application,
    Commitment,
    Invoice,
    InvoiceLine,
    Receipt,
    TradingAccount,
)
from distrib_app.core.catalog import Category, Product, Sku
from distrib_app.core.channels import Partner, ProductLine
from distrib_app.core.channels.models import EndCustomer
from distrib_app.core.inventory import (
    Balance,
    CarrierTariff,
    Lane,
    Location,
    Movement,
    Shipment,
    ShipmentEvent,
    ShipmentLine,
    StockShare,
    Transfer,
    TransferLine,
)
from distrib_app.core.inventory.lot_models import StockReport
from distrib_app.core.inventory.planning_models import PendingStock, Quota, Suggestion, WaterLine
from distrib_app.core.journal import JournalLeg, JournalPosting
from distrib_app.core.kernel.access import User
from distrib_app.core.kernel.db import get_by, row_id
from distrib_app.core.orders import (
    DeliveryShortage,
    FulfilmentLine,
    FulfilmentOrder,
    OrderFeedback,
    OrderLine,
    ReturnLine,
    SalesOrder,
    SalesReturn,
)
from distrib_app.core.orders.production_models import ProductionLine, ProductionRequest
from distrib_app.core.pricing import PriceRow
from distrib_app.core.workbench.job_models import JobRun
from distrib_app.core.workbench.models import Comment, Notice, SavedView, StoredFile, Task
from tests.conftest import NOW

Keys = dict[type[SQLModel], dict[str, tuple[Any, ...]]]
DAY = date(2026, 10, 15)
NEXT_DAY = DAY + timedelta(days=1)
SUM = {"net_amount": 100, "tax_amount": 13, "gross_amount": 113}


def key_of(row: SQLModel) -> tuple[Any, ...]:
    """The primary key."""
    return tuple(inspect(type(row)).primary_key_from_instance(row))


def write_rows(session: Session) -> Keys:
    """Write the pairs and return their keys by model and partner."""
    brand = get_by(session, Partner, "partner", code="BR")
    sku = _sku(session)
    keys: Keys = {Partner: {}}
    for code in ("GZ", "SZ"):
        buyer = get_by(session, Partner, "partner", code=code)
        keys[Partner][code] = key_of(buyer)
        user = get_by(session, User, "user", username=code.lower())
        for row in [*_documents(session, brand, buyer, sku), *_work(session, buyer, row_id(user))]:
            keys.setdefault(type(row), {})[code] = key_of(row)
    return keys


def _sku(session: Session) -> int:
    line = session.exec(select(ProductLine)).first()
    category = Category(code="C", name="C", name_en="C", product_line_id=row_id(line))
    session.add(category)
    session.flush()
    product = Product(code="P", name="P", category_id=row_id(category))
    session.add(product)
    session.flush()
    sku = Sku(code="S", name="S", product_id=row_id(product))
    session.add(sku)
    session.flush()
    return row_id(sku)


def _documents(session: Session, brand: Partner, buyer: Partner, sku: int) -> list[SQLModel]:
    parties = {"seller_id": row_id(brand), "buyer_id": row_id(buyer)}
    paths = {"seller_path": brand.path, "buyer_path": buyer.path}
    owner = {"partner_id": row_id(buyer), "partner_path": buyer.path}
    name = {"number": f"N-{buyer.code}"}
    made: list[SQLModel] = []

    def add(row: SQLModel) -> int | None:
        session.add(row)
        session.flush()
        made.append(row)
        return getattr(row, "id", None)

    account = add(TradingAccount(**parties, **paths, currency="CNY", created_at=NOW))
    books = {"account_id": account, **parties}
    add(Commitment(**books, document="D", amount=1, recorded_at=NOW))
    invoice = add(
        Invoice(
            **books,
            **paths,
            **name,
            **SUM,
            document="D",
            issued_on=DAY,
            due_on=DAY,
            currency="CNY",
            issued_at=NOW,
        )
    )
    add(InvoiceLine(invoice_id=invoice, line_no=1, sku_code="S", text="S", qty=1, tax_ppm=0, **SUM))
    receipt = add(
        Receipt(
            **books,
            **name,
            amount=1,
            currency="CNY",
            received_on=DAY,
            cleared_on=DAY,
            idempotency_key=buyer.code,
            recorded_at=NOW,
        )
    )
    add(Application(account_id=account, receipt_id=receipt, invoice_id=invoice, amount=1, applied_at=NOW))
    place = add(
        Location(**owner, code=f"L-{buyer.code}", name="L", kind="warehouse", region_id=buyer.region_id)
    )
    stock = {"location_id": place, "sku_id": sku, **owner}
    add(Balance(**stock, on_hand_qty=5))
    add(Movement(**stock, kind="receipt", on_hand_delta=5, cause="D", moved_at=NOW))
    tariff = CarrierTariff(code=f"T-{buyer.code}", name="T", carrier="C", currency="CNY")
    session.add(tariff)
    session.flush()
    add(Lane(from_location_id=place, to_region_id=buyer.region_id, tariff_id=row_id(tariff)))
    add(StockShare(location_id=place, sku_id=sku, seller_id=row_id(brand)))
    here = {"location_id": place, "sku_id": sku}
    add(WaterLine(**here, safety_qty=1, warning_qty=2, max_qty=3, source="hand", set_at=NOW))
    add(Suggestion(**here, **name, kind="replenish", qty=1, suggested_on=DAY, expires_on=DAY))
    add(PendingStock(**here, kind="expected", qty=1, cause="D"))
    add(
        Quota(
            seller_id=row_id(brand),
            sku_id=sku,
            buyer_id=row_id(buyer),
            valid_from=DAY,
            valid_to=NEXT_DAY,
            qty=1,
        )
    )
    reported = {"reported_qty": 1, "counted_on": DAY, "reported_at": NOW}
    add(
        StockReport(
            **here,
            **reported,
            partner_id=row_id(buyer),
            source=f"W-{buyer.code}",
            document="D",
            line_no=1,
        )
    )
    order = add(
        SalesOrder(
            **parties,
            **paths,
            **name,
            status="placed",
            region_id=buyer.region_id,
            currency="CNY",
            placed_at=NOW,
        )
    )
    price = {"sku_id": sku, "unit_price": Decimal(1)}
    add(OrderLine(order_id=order, line_no=1, qty=1, **price))
    goods_of = {"owner_id": row_id(brand), "owner_path": brand.path}
    shipment = add(Shipment(**parties, **paths, **name, **goods_of, shipped_at=NOW))
    add(ShipmentLine(shipment_id=shipment, document="D", line_no=1, sku_id=sku, qty=1))
    add(ShipmentEvent(shipment_id=shipment, kind="scan", occurred_at=NOW, recorded_at=NOW))
    part = add(
        FulfilmentOrder(
            **parties,
            **paths,
            **name,
            **goods_of,
            order_id=order,
            mode="direct",
            status="allocated",
            currency="CNY",
            created_at=NOW,
        )
    )
    part_line = add(FulfilmentLine(fulfilment_id=part, line_no=1, sku_id=sku, qty=1))
    add(OrderFeedback(order_id=order, seller_id=row_id(brand)))
    add(
        DeliveryShortage(
            order_id=order,
            fulfilment_line_id=part_line,
            part_number="D",
            line_no=1,
            sku_id=sku,
            qty=1,
            reason="short",
            recorded_at=NOW,
        )
    )
    making = add(
        ProductionRequest(
            **name, maker_id=row_id(buyer), maker_path=buyer.path, part_number="D", asked_at=NOW
        )
    )
    add(ProductionLine(request_id=making, sku_id=sku, qty=1))
    transfer = add(
        Transfer(
            **name,
            from_location_id=place,
            to_location_id=place,
            giver_id=row_id(buyer),
            taker_id=row_id(buyer),
            giver_path=buyer.path,
            taker_path=buyer.path,
            requester_id=row_id(buyer),
            approver_id=row_id(buyer),
            currency="CNY",
            idempotency_key="K",
            requested_at=NOW,
        )
    )
    add(TransferLine(transfer_id=transfer, line_no=1, sku_id=sku, qty=1))
    back = add(SalesReturn(**parties, **paths, **name, returned_at=NOW, returned_on=DAY))
    add(ReturnLine(return_id=back, line_no=1, qty=1, **price))
    posting = JournalPosting(key=f"K-{buyer.code}", source="test", posted_at=NOW)
    session.add(posting)
    session.flush()
    add(
        JournalLeg(
            posting_id=row_id(posting),
            step="sell_in",
            booked_on=DAY,
            **parties,
            **paths,
            region_id=buyer.region_id,
            sku_id=sku,
            qty=1,
            price_micros=1,
            amount=1,
            document="D",
            line_no=1,
        )
    )
    add(
        PriceRow(
            seller_id=row_id(brand),
            buyer_id=row_id(buyer),
            currency="CNY",
            valid_from=DAY,
            recorded_at=NOW,
            **price,
        )
    )
    return made


def _work(session: Session, party: Partner, user_id: int) -> list[SQLModel]:
    """What one person of a company works with, none of it shared."""
    subject = {"subject_kind": "sku", "subject_key": "S"}
    own = {"party_id": row_id(party)}
    made: list[SQLModel] = [
        Comment(**subject, **own, author_id=user_id, text="x", written_at=NOW),
        StoredFile(
            **subject,
            **own,
            key=f"F-{party.code}",
            name="x",
            media_type="text/plain",
            size=1,
            sha256="",
            uploaded_at=NOW,
        ),
        Notice(user_id=user_id, kind="mention", title="x", created_at=NOW),
        SavedView(**own, user_id=user_id, page="orders", name="x", query="", created_at=NOW),
        JobRun(number=f"J-{party.code}", kind="export", started_by=user_id, created_at=NOW),
        Task(
            **subject,
            number=f"T-{party.code}",
            kind=f"x-{party.code}",
            verb="approve",
            title="x",
            owner_id=row_id(party),
            requested_at=NOW,
        ),
        EndCustomer(partner_id=row_id(party), code="C", name="x", created_at=NOW),
    ]
    session.add_all(made)
    session.flush()
    return made
