"""Who sells what to whom when a part of an order leaves: legs of the journal, invoices, credit.

Usually one transfer of title. Where the brand ships for another seller there are two (brand → seller, seller
→ buyer); where a partner's stock is used, its own purchase of those units is bought back, so that each unit
has one credited partner per step.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from sqlmodel import Session

from ..accounts import (
    InvoiceLineDraft,
    TradingAccount,
    commit_amount,
    find_account,
    issue_credit_note,
    issue_invoice,
    lock_account,
)
from ..channels import Partner, PartnerKind
from ..inventory import Layer
from ..journal import LegDraft, flow_step, post_legs
from ..kernel.access import Actor, unscoped
from ..kernel.db import row_id
from ..kernel.errors import InvalidError, msg
from ..kernel.money import TaxSplit, divide, micros_to_minor, minor_to_micros, price_to_micros, split_net
from .fees import earn_fee
from .models import FulfilmentLine, FulfilmentMode
from .work import OrderWork, PartWork, amounts_of

# what went out of a part per SKU id, oldest layers first
Shipped = Mapping[int, Sequence[Layer]]


def transfer_titles(
    session: Session,
    actor: Actor,
    work: OrderWork,
    parts: Sequence[PartWork],
    *,
    shipment: str,
    shipped: Mapping[str, Shipped],
    day: date,
    now: datetime,
) -> None:
    """Book everything that the shipment of these parts of one order means in money, on the business day."""
    account = work.lock_account(session)
    lines = [(part, line) for part in parts for line in part.lines]
    legs = [_sale(work, line, day) for _, line in lines]
    behind = [_behind(session, work, part, line, shipped[part.part.number], day) for part, line in lines]
    drafts = [*legs, *(draft for draft in behind if draft is not None)]
    ids = post_legs(
        session, key=f"shipment:{shipment}:{work.order.number}", source="shipment", legs=drafts, now=now
    )
    rest = iter(ids[len(legs) :])
    for (_, line), leg_id, draft in zip(lines, ids, behind, strict=False):
        line.leg_id = leg_id
        line.supply_leg_id = next(rest) if draft is not None else None
    gross = sum(part.part.gross_amount for part in parts)
    commit_amount(session, account, document=work.order.number, amount=-gross, now=now)
    issue_invoice(
        session,
        actor,
        account=account,
        document=work.order.number,
        lines=[_invoice_line(work, line, amounts_of(line)) for _, line in lines],
        day=day,
        now=now,
    )
    for part in parts:
        if part.part.mode == FulfilmentMode.PARTNER:
            _buy_back(session, actor, work, part, shipped[part.part.number], day=day, now=now)
            earn_fee(session, actor, work, part, now=now)
        elif part.part.supply_account_id is not None:
            _invoice_supply(session, actor, work, part, day=day, now=now)


def supply_amounts(line: FulfilmentLine) -> TaxSplit:
    """What the seller pays the brand for a line, in minor units."""
    return TaxSplit(line.supply_net_amount or 0, line.supply_tax_amount or 0, line.supply_gross_amount or 0)


def _sale(work: OrderWork, line: FulfilmentLine, day: date) -> LegDraft:
    """Seller → buyer, under the parties' paths and the buyer's region of this day."""
    order, amounts = work.order, amounts_of(line)
    price = work.promise(line).unit_price
    return LegDraft(
        step=flow_step(seller_is_brand=work.seller.kind == PartnerKind.BRAND),
        booked_on=day,
        seller_id=order.seller_id,
        buyer_id=order.buyer_id,
        seller_path=work.seller.path,
        buyer_path=work.buyer.path,
        region_id=work.buyer.region_id,
        sku_id=line.sku_id,
        qty=line.qty,
        price_micros=price_to_micros(price),
        amount=minor_to_micros(amounts.gross, order.currency),
        tax_amount=minor_to_micros(amounts.tax, order.currency),
        order_id=row_id(order),
        document=order.number,
        line_no=line.line_no,
    )


def _behind(
    session: Session, work: OrderWork, part: PartWork, line: FulfilmentLine, shipped: Shipped, day: date
) -> LegDraft | None:
    """The second transfer behind a line: the seller's purchase, or the buy-back from a sharing partner."""
    if not work.is_goods(line.sku_id):
        return None
    if part.part.mode == FulfilmentMode.PARTNER:
        with unscoped(session, "the owner of the goods is a party of its own buy-back"):
            owner = session.get_one(Partner, part.part.owner_id)
        amounts = bought_back(work, line, shipped)
        return _second(work, line, work.seller, owner, amounts, sign=-1, day=day)
    if part.part.supply_account_id is None:
        return None
    with unscoped(session, "the brand is a party of its own sale"):
        brand = session.get_one(Partner, part.part.owner_id)
    return _second(work, line, brand, work.seller, supply_amounts(line), sign=1, day=day)


def _second(
    work: OrderWork,
    line: FulfilmentLine,
    seller: Partner,
    buyer: Partner,
    amounts: TaxSplit,
    *,
    sign: int,
    day: date,
) -> LegDraft:
    currency = work.order.currency
    gross = minor_to_micros(amounts.gross, currency)
    return LegDraft(
        step=flow_step(seller_is_brand=seller.kind == PartnerKind.BRAND),
        booked_on=day,
        seller_id=row_id(seller),
        buyer_id=row_id(buyer),
        seller_path=seller.path,
        buyer_path=buyer.path,
        region_id=buyer.region_id,
        sku_id=line.sku_id,
        qty=sign * line.qty,
        price_micros=divide(gross, line.qty),
        amount=sign * gross,
        tax_amount=sign * minor_to_micros(amounts.tax, currency),
        order_id=row_id(work.order),
        document=work.order.number,
        line_no=line.line_no,
    )


def bought_back(work: OrderWork, line: FulfilmentLine, shipped: Shipped) -> TaxSplit:
    """What the units of a line had cost their owner: the net cost of the layers that left, with tax on top.

    Units of unknown cost are worth what the buyer pays for them, so that nobody gains by not knowing.
    """
    taken, micros, known = 0, 0, 0
    for layer in shipped.get(line.sku_id, ()):
        part = min(layer.qty, line.qty - taken)
        taken += part
        if layer.unit_cost_micros is not None:
            micros, known = micros + part * layer.unit_cost_micros, known + part
    unknown = line.qty - known
    net = micros_to_minor(micros, work.order.currency) + divide(line.net_amount * unknown, line.qty)
    return split_net(net, tax_of(work, line))


def tax_of(work: OrderWork, line: FulfilmentLine) -> int:
    """The tax rate frozen in the promise behind a line."""
    return work.promise(line).tax_ppm


def _invoice_line(
    work: OrderWork, line: FulfilmentLine, amounts: TaxSplit, sign: int = 1
) -> InvoiceLineDraft:
    sku = work.skus[line.sku_id]
    return InvoiceLineDraft(
        sku_code=sku.code,
        text=sku.name,
        qty=sign * line.qty,
        tax_ppm=tax_of(work, line),
        net=sign * amounts.net,
        tax=sign * amounts.tax,
        gross=sign * amounts.gross,
    )


def _invoice_supply(
    session: Session, actor: Actor, work: OrderWork, part: PartWork, *, day: date, now: datetime
) -> None:
    with unscoped(session, "the seller's purchase is invoiced by the brand that ships"):
        account = session.get_one(TradingAccount, part.part.supply_account_id)
        lock_account(session, account)
    goods = [line for line in part.lines if work.is_goods(line.sku_id)]
    lines = [_invoice_line(work, line, supply_amounts(line)) for line in goods]
    gross = sum(line.gross for line in lines)
    commit_amount(session, account, document=work.order.number, amount=-gross, now=now)
    issue_invoice(session, actor, account=account, document=work.order.number, lines=lines, day=day, now=now)


def _buy_back(
    session: Session,
    actor: Actor,
    work: OrderWork,
    part: PartWork,
    shipped: Shipped,
    *,
    day: date,
    now: datetime,
) -> None:
    with unscoped(session, "the owner's purchase is credited by the seller it had bought from"):
        account = find_account(session, seller_id=work.order.seller_id, buyer_id=part.part.owner_id)
        if account is None:
            raise InvalidError(field="owner", reason=msg("it has no account with the seller"))
        lock_account(session, account)
    lines = [
        _invoice_line(work, line, bought_back(work, line, shipped), sign=-1)
        for line in part.lines
        if work.is_goods(line.sku_id)
    ]
    issue_credit_note(
        session,
        actor,
        account=account,
        document=part.part.number,
        lines=lines,
        day=day,
        applies_to_document=None,
        now=now,
    )
