"""What orders left in the books: credit taken, legs of the journal, invoices; partners by their codes."""

from sqlmodel import select

from distrib_app.core.accounts import Commitment, Invoice
from distrib_app.core.journal import JournalLeg
from distrib_app.core.kernel.access import SYSTEM
from distrib_app.core.kernel.db import Database
from tests.core.channels.town import partner_ids


def committed(database: Database, number: str) -> dict[str, int]:
    """What an order takes of each account's credit now, by seller:buyer."""
    with database.read(SYSTEM) as session:
        codes = {key: code for code, key in partner_ids(database).items()}
        sums: dict[str, int] = {}
        for row in session.exec(select(Commitment).where(Commitment.document == number)):
            name = f"{codes[row.seller_id]}:{codes[row.buyer_id]}"
            sums[name] = sums.get(name, 0) + row.amount
        return sums


def legs(database: Database) -> list[tuple[str, str, str, int, int, int]]:
    """(step, seller, buyer, quantity, amount, tax) of every leg, in fen."""
    with database.read(SYSTEM) as session:
        codes = {key: code for code, key in partner_ids(database).items()}
        return [
            (
                leg.step,
                codes[leg.seller_id],
                codes[leg.buyer_id],
                leg.qty,
                leg.amount // 10_000,
                leg.tax_amount // 10_000,
            )
            for leg in session.exec(select(JournalLeg).order_by(JournalLeg.id))
        ]


def invoices(database: Database) -> list[tuple[str, str, str, int]]:
    """(kind, seller, buyer, gross amount) of every invoice and credit note."""
    with database.read(SYSTEM) as session:
        codes = {key: code for code, key in partner_ids(database).items()}
        return [
            (row.kind, codes[row.seller_id], codes[row.buyer_id], row.gross_amount)
            for row in session.exec(select(Invoice).order_by(Invoice.id))
        ]
