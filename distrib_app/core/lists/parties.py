"""What the lists of documents have in common: both parties, the amount, and the day that late is told by."""

from datetime import date, datetime

from sqlmodel import Session

from ..channels import get_network
from ..kernel.clock import business_day
from ..kernel.errors import msg
from .frame import FacetWords, ListColumn, amount

SELLER = ListColumn("seller", msg("Seller"), lambda row, to: to.party(row.seller))
BUYER = ListColumn("buyer", msg("Buyer"), lambda row, to: to.party(row.buyer))
PARTIES = {"seller": FacetWords(msg("Seller")), "buyer": FacetWords(msg("Buyer"))}
GROSS = ListColumn(
    "amount",
    msg("Amount"),
    lambda row, to: amount(row.gross_amount, row.currency),
    "gross_amount",
    is_number=True,
    is_amount=True,
    total="gross_amount",
)


def today(session: Session, now: datetime) -> date:
    """The network's business day."""
    return business_day(now, get_network(session).zone)
