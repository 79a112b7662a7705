"""Verbs of fulfilment: ship an order, confirm its delivery."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime

from sqlmodel import Session, col, select

from ..accounts import InvoiceLineDraft, commit_amount, issue_invoice
from ..channels import PartnerKind, get_network
from ..inventory import Layer, location_ids_of, receive, ship
from ..journal import LegDraft, flow_step, post_legs
from ..kernel.access import Actor, unscoped
from ..kernel.clock import business_day
from ..kernel.db import row_id
from ..kernel.errors import InvalidError
from ..kernel.events import emit
from ..kernel.money import divide, minor_to_micros, price_to_micros
from ..kernel.numbers import next_number
from .models import OrderLine, SalesOrder, Shipment, ShipmentLine
from .work import OrderWork, advance, amounts_of, load_work, reserved_placements

MAX_TEXT = 60


def ship_order(
    session: Session,
    actor: Actor,
    *,
    number: str,
    carrier: str = "",
    waybill: str = "",
    version: int | None = None,
    now: datetime,
) -> Shipment:
    """Ship everything an order promised (seller's side).

    The reserved goods leave stock, the sale is booked in the journal on the network's business day, the
    credit commitment becomes an invoice. Raises `TransitionError` (not placed, not fully reserved, a party
    not active), `StaleError`, `InvalidError`, `NotFoundError`, `NotYourOrderError`.
    """
    _check_text("carrier", carrier)
    _check_text("waybill", waybill)
    work = load_work(session, actor, number=number, verb="ship")
    placements = reserved_placements(work.lines)
    advance(actor, work, verb="ship", version=version)
    account = work.lock_account(session)
    day = business_day(now, get_network(session).zone)
    shipment = Shipment(
        number=next_number(session, "SH", day),
        order_id=row_id(work.order),
        seller_id=work.order.seller_id,
        buyer_id=work.order.buyer_id,
        seller_path=work.seller.path,
        buyer_path=work.buyer.path,
        carrier=carrier.strip(),
        waybill=waybill.strip(),
        shipped_at=now,
    )
    session.add(shipment)
    session.flush()
    ship(session, placements=placements, cause=shipment.number, now=now)
    for line in work.lines:
        line.reserved_qty, line.shipped_qty = 0, line.qty
        session.add(_shipment_line(shipment, line))
    legs = [_leg(work, line, day) for line in work.lines]
    post_legs(session, key=f"shipment:{shipment.number}", source="shipment", legs=legs, now=now)
    commit_amount(session, account, document=number, amount=-(work.order.gross_amount or 0), now=now)
    issue_invoice(
        session, actor, account=account, document=number, lines=_invoice_lines(work), day=day, now=now
    )
    emit(
        session,
        actor,
        "order.shipped",
        subject=("order", number),
        now=now,
        shipment=shipment.number,
        carrier=shipment.carrier,
        waybill=shipment.waybill,
    )
    return shipment


def deliver_order(
    session: Session,
    actor: Actor,
    *,
    number: str,
    signed_by: str,
    version: int | None = None,
    now: datetime,
) -> SalesOrder:
    """Confirm that an order arrived, signed by a name (either side).

    A buyer that keeps stock receives the goods at its first location: origin day is the day of shipment,
    cost the net price per unit. What came back on the way is not received. Raises `TransitionError`,
    `StaleError`, `InvalidError`, `NotFoundError`, `NotYourOrderError`.
    """
    if not signed_by.strip():
        raise InvalidError(field="signed_by", reason="empty")
    _check_text("signed_by", signed_by)
    work = load_work(session, actor, number=number, verb="deliver")
    advance(actor, work, verb="deliver", version=version)
    zone = get_network(session).zone
    for shipment in shipments_of(session, work.order):
        shipment.delivered_at, shipment.signed_by = now, signed_by.strip()
        locations = location_ids_of(session, partner_id=work.order.buyer_id)
        if locations:
            layers = _bought_layers(work, business_day(shipment.shipped_at, zone))
            receive(session, location_id=locations[0], layers=layers, cause=shipment.number, now=now)
    session.flush()
    emit(session, actor, "order.delivered", subject=("order", number), now=now)
    return work.order


def shipments_of(session: Session, order: SalesOrder) -> Sequence[Shipment]:
    """The shipments of an order that has been found within scope, oldest first."""
    with unscoped(session, "the shipments of an order within reach"):
        return session.exec(
            select(Shipment).where(Shipment.order_id == row_id(order)).order_by(col(Shipment.id))
        ).all()


def _bought_layers(work: OrderWork, day: date) -> list[tuple[int, Layer]]:
    """One layer per SKU: what is still out, at the net price over all lines of the SKU."""
    out: dict[int, int] = defaultdict(int)
    bought: dict[int, int] = defaultdict(int)
    net: dict[int, int] = defaultdict(int)
    for line in work.lines:
        if work.is_goods(line):
            out[line.sku_id] += line.shipped_qty - line.returned_qty
            bought[line.sku_id] += line.qty
            net[line.sku_id] += minor_to_micros(amounts_of(line).net, work.order.currency)
    return [
        (sku_id, Layer(day, divide(net[sku_id], bought[sku_id]), qty)) for sku_id, qty in out.items() if qty
    ]


def _shipment_line(shipment: Shipment, line: OrderLine) -> ShipmentLine:
    amounts = amounts_of(line)
    return ShipmentLine(
        shipment_id=row_id(shipment),
        order_line_id=row_id(line),
        qty=line.qty,
        net_amount=amounts.net,
        tax_amount=amounts.tax,
        gross_amount=amounts.gross,
    )


def _leg(work: OrderWork, line: OrderLine, day: date) -> LegDraft:
    """The transfer of title of one line, under the parties' paths and the buyer's region of this day."""
    order, amounts = work.order, amounts_of(line)
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
        price_micros=price_to_micros(line.unit_price),
        amount=minor_to_micros(amounts.gross, order.currency),
        tax_amount=minor_to_micros(amounts.tax, order.currency),
        order_id=row_id(order),
        document=order.number,
        line_no=line.line_no,
    )


def _invoice_lines(work: OrderWork) -> list[InvoiceLineDraft]:
    return [
        InvoiceLineDraft(
            sku_code=work.skus[line.sku_id].code,
            text=work.skus[line.sku_id].name,
            qty=line.qty,
            tax_ppm=line.tax_ppm,
            net=amounts_of(line).net,
            tax=amounts_of(line).tax,
            gross=amounts_of(line).gross,
        )
        for line in work.lines
    ]


def _check_text(field: str, text: str) -> None:
    if len(text) > MAX_TEXT:
        raise InvalidError(field=field, reason=f"{len(text)} > {MAX_TEXT}")
