"""Whose goods they become: who invoices a transfer between two owners at which price, and the documents.

Title passes when the taker has signed: what got lost before was the giver's, and only what was received is
invoiced. Sold by the giver where the taker has an account with it; bought back where the giver had bought
from the taker; through the brand where both buy from it; else along the chain: up from the giver to the
nearest partner above both, down to the taker. Who gives is credited its own net cost.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from typing import NamedTuple

from sqlmodel import Session, col, select

from ..accounts import (
    InvoiceLineDraft,
    Reason,
    TradingAccount,
    commit_amount,
    credit_reason,
    exposure_of,
    find_account,
    issue_credit_note,
    issue_invoice,
    lock_account,
    overdue_reason,
)
from ..catalog import Sku
from ..channels import Network, Partner, PartnerKind, Region, get_network
from ..journal import LegDraft, flow_step, post_legs
from ..kernel.access import Actor, unscoped
from ..kernel.db import row_id
from ..kernel.errors import msg
from ..kernel.money import TaxSplit, divide, minor_to_micros
from ..pricing import BuyerFacts, prices_for
from .errors import NoTitleError, TransferCreditError
from .transfer_models import TransferLine, TransferTitle
from .transfer_rules import TransferPrice
from .transfer_work import TransferWork

NO_BRAND_CREDIT = Reason("no_brand_credit", msg("Who takes them cannot have them from the brand at present."))


@dataclass(frozen=True, slots=True)
class Hop:
    """A transfer of title, seller → buyer, or undone (`sign` −1), with the price of each SKU id."""

    seller: Partner
    buyer: Partner
    sign: int
    prices: Mapping[int, TransferPrice]


@dataclass(frozen=True, slots=True)
class Titles:
    """How title will pass, hop by hop."""

    title: TransferTitle
    hops: Sequence[Hop] = ()

    @property
    def prices(self) -> Mapping[int, TransferPrice]:
        """What the taker pays for one unit of each SKU id; nothing where it buys nothing."""
        return self.hops[-1].prices if self.hops and self.hops[-1].sign > 0 else {}


class _Sale(NamedTuple):
    """A hop as it is booked; `place` is its position."""

    seller: Partner
    buyer: Partner
    sign: int
    place: int


# seller, buyer, sign
_Way = list[tuple[Partner, Partner, int]]


def find_titles(
    session: Session,
    giver: Partner,
    taker: Partner,
    skus: Sequence[Sku],
    *,
    is_planned_by_brand: bool,
    day: date,
) -> Titles:
    """How goods of `giver` become those of `taker`, at prices of `day`.

    Over others only where the brand planned it: they would have to take the goods back otherwise. Raises
    `NoTitleError`.
    """
    if giver.id == taker.id:
        return Titles(TransferTitle.NONE)
    network = get_network(session)
    with unscoped(session, "which accounts and prices there are decides how goods may pass"):
        ways: list[tuple[TransferTitle, _Way]] = [
            (TransferTitle.DIRECT, [(giver, taker, 1)]),
            (TransferTitle.BUY_BACK, [(taker, giver, -1)]),
        ]
        if is_planned_by_brand:
            brand = session.get_one(Partner, network.brand_id)
            if brand.id not in (giver.id, taker.id):
                ways.append((TransferTitle.BRAND, [(brand, giver, -1), (brand, taker, 1)]))
            ways.append((TransferTitle.CHAIN, _along_the_chain(session, giver, taker)))
        for title, way in ways:
            if all(_open_account(session, seller, buyer) for seller, buyer, _ in way):
                hops = [
                    Hop(seller, buyer, sign, _prices(session, network, seller, buyer, skus, day))
                    for seller, buyer, sign in way
                ]
                if all(len(hop.prices) == len(skus) for hop in hops):
                    return Titles(title, hops)
    raise NoTitleError(giver=giver.code, taker=taker.code)


def _along_the_chain(session: Session, giver: Partner, taker: Partner) -> _Way:
    """Back from the giver to the nearest partner above both, on to the taker."""
    up, down = ([int(key) for key in party.path.strip("/").split("/")] for party in (giver, taker))
    shared = sum(1 for first, second in zip(up, down, strict=False) if first == second)
    found = session.exec(select(Partner).where(col(Partner.id).in_({*up, *down}))).all()
    parties = {row_id(party): party for party in found}
    back = [(parties[seller], parties[buyer], -1) for seller, buyer in pairwise(up[shared - 1 :])]
    on = [(parties[seller], parties[buyer], 1) for seller, buyer in pairwise(down[shared - 1 :])]
    return [*reversed(back), *on]


def _open_account(session: Session, seller: Partner, buyer: Partner) -> TradingAccount | None:
    account = find_account(session, seller_id=row_id(seller), buyer_id=row_id(buyer))
    return account if account is not None and not account.is_closed else None


def _prices(
    session: Session, network: Network, seller: Partner, buyer: Partner, skus: Sequence[Sku], day: date
) -> dict[int, TransferPrice]:
    region_path = session.exec(select(Region.path).where(Region.id == buyer.region_id)).one()
    found = prices_for(
        session,
        seller_id=row_id(seller),
        facts=BuyerFacts(row_id(buyer), buyer.tier_id, region_path),
        sku_ids=[row_id(sku) for sku in skus],
        day=day,
    )
    tax = {row_id(sku): sku.tax_ppm for sku in skus}
    return {
        key: TransferPrice(price.unit_price, price.is_gross, tax[key], network.currency)
        for key, price in found.items()
        if price.currency == network.currency
    }


def taken_cost(work: TransferWork, line: TransferLine) -> int | None:
    """What a unit costs the taker net, in millionths; None where it keeps the cost it left with.

    Inside one owner, and back at the supplier, a layer keeps its cost; bought goods cost what is paid.
    """
    return work.price_of(line).unit_cost_micros(line.qty) if work.is_sale else None


def hold_credit(session: Session, work: TransferWork, *, day: date, now: datetime) -> None:
    """Count the sale against the taker's credit until it is settled. Raises `TransferCreditError`."""
    if not work.is_sale:
        return
    with unscoped(session, "what a transfer takes of the taker's credit is decided on its account"):
        account = _account(session, _sales(session, work)[-1].seller, work.taker)
        lock_account(session, account)
    exposure = exposure_of(session, account, day=day)
    gross = sum(line.gross_amount or 0 for line in work.lines)
    found = (overdue_reason(exposure), credit_reason(exposure, gross))
    reasons = [reason for reason in found if reason is not None]
    if reasons:
        # what the taker owes the brand is not for the giver to know
        is_told = work.transfer.title == TransferTitle.DIRECT
        raise TransferCreditError(work.transfer.number, reasons if is_told else [NO_BRAND_CREDIT])
    commit_amount(session, account, document=work.transfer.number, amount=gross, now=now)


def free_credit(session: Session, work: TransferWork, *, now: datetime) -> None:
    """The sale takes no more of the taker's credit: invoiced, or given up."""
    if not work.is_sale:
        return
    with unscoped(session, "what a transfer takes of the taker's credit is decided on its account"):
        account = _account(session, _sales(session, work)[-1].seller, work.taker)
        lock_account(session, account)
    gross = sum(line.gross_amount or 0 for line in work.lines)
    commit_amount(session, account, document=work.transfer.number, amount=-gross, now=now)


def pass_titles(session: Session, actor: Actor, work: TransferWork, *, day: date, now: datetime) -> None:
    """Book what the received units mean in money, on the business day: legs, invoice, credit note."""
    received = [line for line in work.lines if line.received_qty]
    sales = _sales(session, work)
    if not received or not sales:
        return
    number = work.transfer.number
    with unscoped(session, "both owners and the brand are parties of the settlement"):
        accounts = [_account(session, sale.seller, sale.buyer) for sale in sales]
        for account in sorted(accounts, key=row_id):
            lock_account(session, account)
    legs = [_leg(work, sale, line, _amounts(work, sale, line), day) for sale in sales for line in received]
    post_legs(session, key=f"transfer:{number}", source="transfer", legs=legs, now=now)
    for sale, account in zip(sales, accounts, strict=True):
        drafts = [_draft(work, sale, line) for line in received]
        if sale.sign > 0:
            issue_invoice(session, actor, account=account, document=number, lines=drafts, day=day, now=now)
        else:
            issue_credit_note(
                session,
                actor,
                account=account,
                document=number,
                lines=drafts,
                day=day,
                applies_to_document=None,
                now=now,
            )


def _sales(session: Session, work: TransferWork) -> list[_Sale]:
    """The hops of a transfer with their parties as they stand today."""
    with unscoped(session, "those between giver and taker are parties of the settlement"):
        return [
            _Sale(session.get_one(Partner, seller), session.get_one(Partner, buyer), sign, place)
            for place, (seller, buyer, sign) in enumerate(work.transfer.hops)
        ]


def _account(session: Session, seller: Partner, buyer: Partner) -> TradingAccount:
    account = find_account(session, seller_id=row_id(seller), buyer_id=row_id(buyer))
    if account is None:
        raise NoTitleError(giver=seller.code, taker=buyer.code)
    return account


def _amounts(work: TransferWork, sale: _Sale, line: TransferLine) -> TaxSplit:
    """What received units are invoiced or taken back at: the price; from the giver its own net cost."""
    price = work.price_of(line, sale.place)
    if sale.sign < 0 and sale.buyer.id == work.giver.id:
        return work.origin_of(line).amounts(line.received_qty, price)
    return price.amounts(line.received_qty)


def _leg(work: TransferWork, sale: _Sale, line: TransferLine, amounts: TaxSplit, day: date) -> LegDraft:
    gross = minor_to_micros(amounts.gross, work.transfer.currency)
    return LegDraft(
        step=flow_step(seller_is_brand=sale.seller.kind == PartnerKind.BRAND),
        booked_on=day,
        seller_id=row_id(sale.seller),
        buyer_id=row_id(sale.buyer),
        seller_path=sale.seller.path,
        buyer_path=sale.buyer.path,
        region_id=sale.buyer.region_id,
        sku_id=line.sku_id,
        qty=sale.sign * line.received_qty,
        price_micros=divide(gross, line.received_qty),
        amount=sale.sign * gross,
        tax_amount=sale.sign * minor_to_micros(amounts.tax, work.transfer.currency),
        order_id=None,
        document=work.transfer.number,
        line_no=line.line_no,
    )


def _draft(work: TransferWork, sale: _Sale, line: TransferLine) -> InvoiceLineDraft:
    sku, amounts = work.skus[line.sku_id], _amounts(work, sale, line)
    return InvoiceLineDraft(
        sku_code=sku.code,
        text=sku.name,
        qty=sale.sign * line.received_qty,
        tax_ppm=line.tax_ppm,
        net=sale.sign * amounts.net,
        tax=sale.sign * amounts.tax,
        gross=sale.sign * amounts.gross,
    )
