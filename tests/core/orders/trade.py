"""The small network with accounts, prices and stock: ready to order, and ways to look at what it left."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlmodel import Session, SQLModel, func, select

from distrib_app.core.accounts import Commitment, open_account
from distrib_app.core.inventory import receive_stock
from distrib_app.core.journal import JournalLeg
from distrib_app.core.kernel.access import SYSTEM, Actor
from distrib_app.core.kernel.db import Database
from distrib_app.core.kernel.ledger import LedgerEntry, LedgerJournal
from distrib_app.core.orders import (
    LineRequest,
    OrderDetail,
    OrderLine,
    ReturnLine,
    SalesOrder,
    get_order,
    place_order,
)
from distrib_app.core.pricing import add_price
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
            order = place_order(
                session,
                self.actor,
                buyer_code=buyer,
                seller_code=seller,
                lines=[LineRequest(code, qty) for code, qty in lines.items()],
                idempotency_key=key,
                now=NOW,
            )
            return order.number

    def do(self, verb: Any, number: str, **facts: Any) -> Any:
        with self.database.write(self.actor) as session:
            result = verb(session, self.actor, number=number, **({"now": NOW} | facts))
            return getattr(result, "number", None)

    def get(self, number: str) -> OrderDetail:
        with self.database.read(self.actor) as session:
            return get_order(session, number)


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
        lines = session.exec(select(OrderLine).order_by(OrderLine.id)).all()
        found["lines"] = hash(
            tuple(
                (row.qty, row.location_id, row.reserved_qty, row.shipped_qty, row.returned_qty)
                for row in lines
            )
        )
    return found


def check_books(database: Database) -> None:
    """The invariants of stock, orders, journal, ledger and commitments, each from the rows themselves."""
    check_stock(database)
    with database.read(SYSTEM) as session:
        orders = session.exec(select(SalesOrder)).all()
        lines = session.exec(select(OrderLine)).all()
        by_order: dict[int, list[OrderLine]] = defaultdict(list)
        for line in lines:
            by_order[line.order_id].append(line)
            assert 0 <= line.returned_qty <= line.shipped_qty <= line.qty
            assert line.reserved_qty in (0, line.qty)
            assert line.net_amount + line.tax_amount == line.gross_amount
        for order in orders:
            assert sum(line.gross_amount for line in by_order[order.id]) == order.gross_amount
            assert sum(line.tax_amount for line in by_order[order.id]) == order.tax_amount
            committed = session.exec(
                select(func.coalesce(func.sum(Commitment.amount), 0)).where(
                    Commitment.document == order.number
                )
            ).one()
            assert committed == (order.gross_amount if order.status == "placed" else 0)
            assert order.status == "placed" or not any(line.reserved_qty for line in by_order[order.id])
        reserved = session.exec(select(func.coalesce(func.sum(OrderLine.reserved_qty), 0))).one()
        from distrib_app.core.inventory import Balance

        assert reserved == session.exec(select(func.coalesce(func.sum(Balance.reserved_qty), 0))).one()
        _check_journal(session, lines)
        _check_ledger(session)


def _check_journal(session: Session, lines: list[OrderLine]) -> None:
    """Σ legs = shipped − returned, in units and to the cent."""
    legs = session.exec(select(JournalLeg)).all()
    qty = sum(leg.qty for leg in legs)
    assert qty == sum(line.shipped_qty - line.returned_qty for line in lines)
    refunds: dict[int, list[ReturnLine]] = defaultdict(list)
    for row in session.exec(select(ReturnLine)):
        refunds[row.order_line_id].append(row)
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
    assert sum(leg.amount for leg in legs) == gross * 10_000
    assert sum(leg.tax_amount for leg in legs) == tax * 10_000
    posted = session.exec(
        select(func.coalesce(func.sum(LedgerEntry.amount), 0)).where(
            LedgerEntry.account.endswith(":receivable")
        )
    ).one()
    assert posted == gross


def _check_ledger(session: Session) -> None:
    sums: dict[tuple[int, int, str], int] = defaultdict(int)
    for entry in session.exec(select(LedgerEntry)):
        sums[entry.journal_id, entry.owner_id, entry.currency] += entry.amount
    assert not any(sums.values())
    assert len({key[0] for key in sums}) == session.exec(select(func.count(LedgerJournal.id))).one()
