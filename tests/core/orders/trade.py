"""The small network with accounts, prices and stock: ready to order, and ways to look at what it left."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlmodel import Session, SQLModel, func, select

from distrib_app.core.accounts import Commitment, InvoiceLineDraft, find_account, issue_invoice, open_account
from distrib_app.core.channels import Partner
from distrib_app.core.inventory import Balance, Shipment, StockShare, receive_stock
from distrib_app.core.journal import JournalLeg
from distrib_app.core.kernel.access import SYSTEM, Actor
from distrib_app.core.kernel.db import Database
from distrib_app.core.kernel.ledger import LedgerEntry, LedgerJournal
from distrib_app.core.orders import (
    FulfilmentLine,
    FulfilmentOrder,
    LineRequest,
    OrderDetail,
    OrderLine,
    ReturnLine,
    SalesOrder,
    get_order,
    place_order,
)
from distrib_app.core.pricing import add_price
from distrib_app.core.workbench import Hold
from tests.core.inventory.shop import LONG_AGO, NOW, build_network, check_stock

MILLION_YUAN = 100_000_000
# seller → SKU → (price, tax inside)
PRICES = {
    "BR": {"AC": ("3390", True), "TV": ("3.333333", True), "BOX": ("0.0123", True), "LATE": ("1000", False)},
    "GD": {"AC": ("3500", True)},
}
OPENING = {
    ("PLANT", "AC"): 5,
    ("SOUTH", "AC"): 5,
    ("PLANT", "TV"): 100,
    ("PLANT", "BOX"): 100,
    ("GD-WH", "AC"): 4,
}


def build_trade(session: Session) -> None:
    """Accounts BR→GD, BR→GZ, GD→GZ, GD→SZ with a million each; prices; opening stock."""
    build_network(session)
    for seller, buyer in (("BR", "GD"), ("BR", "GZ"), ("GD", "GZ"), ("GD", "SZ"), ("GZ", "OUT")):
        open_account(
            session,
            SYSTEM,
            seller_code=seller,
            buyer_code=buyer,
            terms_days=30,
            credit_limit_amount=MILLION_YUAN,
            now=LONG_AGO,
        )
    prices = {seller: dict(book) for seller, book in PRICES.items()}
    prices["BR"]["POST"] = ("21.2", True)
    prices["GZ"] = {"AC": ("3600", True)}
    for seller, book in prices.items():
        for sku, (price, is_gross) in book.items():
            add_price(
                session,
                SYSTEM,
                seller_code=seller,
                sku_code=sku,
                unit_price=Decimal(price),
                valid_from=date(2026, 1, 1),
                is_gross=is_gross,
                now=LONG_AGO,
            )
    for (location, sku), qty in OPENING.items():
        receive_stock(
            session,
            SYSTEM,
            location_code=location,
            lines=[(sku, qty, Decimal(2000))],
            cause="OPENING",
            origin_on=date(2026, 8, 1),
            now=NOW,
        )


@dataclass(frozen=True)
class Trader:
    """One user who orders and works on orders; every call is a transaction of its own."""

    database: Database
    actor: Actor

    def place(self, lines: dict[str, int], *, seller: str = "BR", buyer: str = "GZ", key: str = "k1") -> str:
        with self.database.write(self.actor) as session:
            placed = place_order(
                session,
                self.actor,
                buyer_code=buyer,
                seller_code=seller,
                lines=[LineRequest(code, qty) for code, qty in lines.items()],
                idempotency_key=key,
                now=NOW,
            )
            return placed.number

    def do(self, verb: Any, number: str, **facts: Any) -> Any:
        with self.database.write(self.actor) as session:
            result = verb(session, self.actor, number=number, **({"now": NOW} | facts))
            if isinstance(result, list):
                return [row.number for row in result]
            return getattr(result, "number", None)

    def get(self, number: str) -> OrderDetail:
        with self.database.read(self.actor) as session:
            return get_order(session, number)


def receive(database: Database, *goods: tuple[str, str, int]) -> None:
    """Goods come in: (location, SKU, quantity) each."""
    with database.write(SYSTEM) as session:
        for location, sku, qty in goods:
            lines = [(sku, qty, Decimal(1))]
            receive_stock(session, SYSTEM, location_code=location, lines=lines, cause="G", now=NOW)


def owe(database: Database, *, seller: str = "BR", buyer: str = "GZ") -> None:
    """An invoice of 1.13 that has been due for a day."""
    with database.write(SYSTEM) as session:
        ids = dict(session.exec(select(Partner.code, Partner.id)).all())
        account = find_account(session, seller_id=ids[seller], buyer_id=ids[buyer])
        assert account is not None
        issue_invoice(
            session,
            SYSTEM,
            account=account,
            document="OLD",
            lines=[InvoiceLineDraft("AC", "old", 1, 130_000, 100, 13, 113)],
            day=date(2026, 9, 14),
            now=NOW,
        )


def parts(trader: Trader, number: str) -> list[tuple[str, str, str | None, list[tuple[int, int]], int]]:
    """The parts of an order: ordinal, status, place, (line, quantity) each, gross amount."""
    return [
        (
            part.number.rpartition("-")[2],
            part.status,
            part.location_code,
            [(line.line_no, line.qty) for line in part.lines],
            part.gross_amount,
        )
        for part in trader.get(number).parts
    ]


def counts(database: Database) -> dict[str, int]:
    """Rows per table and the sums that a refusal must not move."""
    with database.read(SYSTEM) as session:
        found = {
            name: session.exec(select(func.count()).select_from(table)).one()
            for name, table in SQLModel.metadata.tables.items()
            if name != "number_series"  # numbers may have gaps
        }
        found["versions"] = session.exec(select(func.sum(SalesOrder.version))).one() or 0
        found["statuses"] = hash(tuple(session.exec(select(SalesOrder.status).order_by(SalesOrder.id)).all()))
        parts = session.exec(select(FulfilmentOrder).order_by(FulfilmentOrder.id)).all()
        found["parts"] = hash(
            tuple((row.status, row.location_id, row.owner_id, row.version) for row in parts)
        )
        shipments = session.exec(select(Shipment).order_by(Shipment.id)).all()
        found["shipments"] = hash(tuple((row.status, row.version, row.signed_by) for row in shipments))
        shares = session.exec(select(StockShare).order_by(StockShare.id)).all()
        found["shares"] = hash(tuple((row.shared_qty, row.used_qty) for row in shares))
        holds = session.exec(select(Hold).order_by(Hold.id)).all()
        found["holds"] = hash(tuple((row.released_at, row.release_note) for row in holds))
        lines = session.exec(select(FulfilmentLine).order_by(FulfilmentLine.id)).all()
        found["lines"] = hash(
            tuple((row.qty, row.reserved_qty, row.shipped_qty, row.returned_qty) for row in lines)
        )
    return found


OPEN = ("offered", "waiting", "in_production", "allocated", "picked")


def check_books(database: Database) -> None:
    """The invariants of stock, orders, journal, ledger and commitments, each from the rows themselves."""
    check_stock(database)
    with database.read(SYSTEM) as session:
        promised: dict[int, list[OrderLine]] = defaultdict(list)
        for line in session.exec(select(OrderLine)):
            assert line.net_amount + line.tax_amount == line.gross_amount
            promised[line.order_id].append(line)
        parts: dict[int, list[FulfilmentOrder]] = defaultdict(list)
        for part in session.exec(select(FulfilmentOrder)):
            parts[part.order_id].append(part)
        held: dict[int, list[FulfilmentLine]] = defaultdict(list)
        for row in session.exec(select(FulfilmentLine)):
            assert 0 <= row.returned_qty <= row.shipped_qty <= row.qty
            assert row.reserved_qty in (0, row.qty)
            assert not (row.reserved_qty and row.shipped_qty)
            assert row.net_amount + row.tax_amount == row.gross_amount
            held[row.fulfilment_id].append(row)
        for order in session.exec(select(SalesOrder)).all():
            _check_order(session, order, promised[order.id], parts[order.id], held)
        reserved = session.exec(select(func.coalesce(func.sum(FulfilmentLine.reserved_qty), 0))).one()
        assert reserved == session.exec(select(func.coalesce(func.sum(Balance.reserved_qty), 0))).one()
        _check_journal(session)
        _check_ledger(session)


def _check_order(
    session: Session,
    order: SalesOrder,
    lines: list[OrderLine],
    parts: list[FulfilmentOrder],
    held: dict[int, list[FulfilmentLine]],
) -> None:
    assert sum(line.gross_amount for line in lines) == order.gross_amount
    assert sum(line.tax_amount for line in lines) == order.tax_amount
    for line in lines:
        shares = [row for part in parts for row in held[part.id] if row.line_no == line.line_no]
        assert sum(row.qty for row in shares) == line.qty
        assert sum(row.gross_amount for row in shares) == line.gross_amount
        assert sum(row.net_amount for row in shares) == line.net_amount
    for part in parts:
        assert sum(row.gross_amount for row in held[part.id]) == part.gross_amount
        assert part.status in OPEN or not any(row.reserved_qty for row in held[part.id])
    open_amount = sum(part.gross_amount for part in parts if part.status in OPEN)
    committed = session.exec(
        select(func.coalesce(func.sum(Commitment.amount), 0)).where(
            Commitment.document == order.number, Commitment.account_id == order.account_id
        )
    ).one()
    assert committed == (0 if order.status == "held" else open_amount)


def _check_journal(session: Session) -> None:
    """Σ legs of an order's own two parties = shipped − returned, in units and to the cent."""
    orders = {order.id: order for order in session.exec(select(SalesOrder))}
    order_of = {part.id: part.order_id for part in session.exec(select(FulfilmentOrder))}
    own = [
        leg
        for leg in session.exec(select(JournalLeg))
        if (leg.seller_id, leg.buyer_id) == (orders[leg.order_id].seller_id, orders[leg.order_id].buyer_id)
    ]
    lines = session.exec(select(FulfilmentLine)).all()
    assert {row.fulfilment_id for row in lines} <= set(order_of)
    assert sum(leg.qty for leg in own) == sum(row.shipped_qty - row.returned_qty for row in lines)
    refunds: dict[int, list[ReturnLine]] = defaultdict(list)
    for row in session.exec(select(ReturnLine)):
        refunds[row.fulfilment_line_id].append(row)
    gross = tax = 0
    for line in lines:
        back = refunds[line.id]
        assert sum(row.qty for row in back) == line.returned_qty
        if line.shipped_qty:
            gross += line.gross_amount - sum(row.gross_amount for row in back)
            tax += line.tax_amount - sum(row.tax_amount for row in back)
        if line.returned_qty == line.qty:
            assert sum(row.gross_amount for row in back) == line.gross_amount
            assert sum(row.net_amount for row in back) == line.net_amount
    assert sum(leg.amount for leg in own) == gross * 10_000
    assert sum(leg.tax_amount for leg in own) == tax * 10_000
    # whatever was booked between two parties stands on their account
    booked = sum(leg.amount for leg in session.exec(select(JournalLeg)))
    posted = session.exec(
        select(func.coalesce(func.sum(LedgerEntry.amount), 0)).where(
            LedgerEntry.account.endswith(":receivable")
        )
    ).one()
    assert posted * 10_000 == booked


def _check_ledger(session: Session) -> None:
    sums: dict[tuple[int, int, str], int] = defaultdict(int)
    for entry in session.exec(select(LedgerEntry)):
        sums[entry.journal_id, entry.owner_id, entry.currency] += entry.amount
    assert not any(sums.values())
    assert len({key[0] for key in sums}) == session.exec(select(func.count(LedgerJournal.id))).one()
