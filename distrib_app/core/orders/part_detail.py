"""The parts of an order as far as their reader may know them, with what can be done with each."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlmodel import Session, col, select

from ..accounts import PartyName, party_names
from ..inventory import Location, Shipment
from ..kernel.access import Actor, unscoped
from ..kernel.db import get_by
from ..kernel.lifecycle import ActionRow
from .models import FulfilmentOrder, SalesOrder
from .part_lifecycle import part_actions
from .work import OrderWork, PartWork, read_work


@dataclass(frozen=True, slots=True)
class PartLineRow:
    """A quantity of an order line in a part; `arriving_qty` of it is expected once it has left."""

    line_no: int
    sku_code: str
    qty: int
    arriving_qty: int
    gross_amount: int | None


@dataclass(frozen=True, slots=True)
class PartRow:
    """A part of an order: who serves it from where, how far it is, what it costs, why it came about.

    `cost_amount`, `freight_amount` and `fee_amount` (what the owner of shared stock earns) are told to seller
    and owner only, prices to who sees the order.
    """

    number: str
    mode: str
    status: str
    version: int
    is_urgent: bool
    owner: PartyName
    location_code: str | None
    shipment_number: str | None
    ready_on: date | None
    promised_on: date | None
    answer_until: datetime | None
    gross_amount: int | None
    freight_amount: int | None
    cost_amount: int | None
    fee_amount: int | None
    lines: tuple[PartLineRow, ...]
    route: dict[str, Any] | None
    actions: tuple[ActionRow, ...]


def place_codes(session: Session, work: OrderWork) -> dict[int, str]:
    """The places of the parts that the reader sees, by id."""
    ids = {part.part.location_id for part in work.parts if part.part.location_id is not None}
    places = session.exec(select(Location.id, Location.code).where(col(Location.id).in_(ids))).all()
    return {key: code for key, code in places if key is not None}


def part_rows(session: Session, work: OrderWork) -> tuple[PartRow, ...]:
    """The parts of an order as far as the reader may know them."""
    actor = session.info["actor"]
    codes = place_codes(session, work)
    owners = party_names(session, [part.part.owner_id for part in work.parts])
    ids = {part.part.shipment_id for part in work.parts if part.part.shipment_id is not None}
    found = session.exec(select(Shipment.id, Shipment.number).where(col(Shipment.id).in_(ids))).all()
    numbers = {key: number for key, number in found if key is not None}
    return tuple(_part_row(actor, work, part, codes, owners, numbers) for part in work.parts)


def get_part(session: Session, number: str) -> tuple[str, PartRow]:
    """One part by number with the currency of its amounts. Raises `NotFoundError`, also out of scope.

    Whoever only owns the goods sees no prices of the order behind them.
    """
    part = get_by(session, FulfilmentOrder, "fulfilment order", number=number)
    knows_price = (
        session.exec(select(SalesOrder.id).where(SalesOrder.id == part.order_id)).first() is not None
    )
    with unscoped(session, "the owner of the goods works on its part of an order it does not see"):
        work = read_work(session, session.get_one(SalesOrder, part.order_id))
    row = next(row for row in part_rows(session, work) if row.number == number)
    if not knows_price:
        lines = tuple(replace(line, gross_amount=None) for line in row.lines)
        row = replace(row, gross_amount=None, lines=lines)
    return part.currency, row


def _part_row(
    actor: Actor,
    work: OrderWork,
    part: PartWork,
    codes: dict[int, str],
    owners: dict[int, PartyName],
    numbers: dict[int, str],
) -> PartRow:
    row = part.part
    knows_cost = actor.is_system or bool({row.seller_id, row.owner_id} & set(actor.partner_ids))
    return PartRow(
        number=row.number,
        mode=row.mode,
        status=row.status,
        version=row.version,
        is_urgent=row.is_urgent,
        owner=owners[row.owner_id],
        location_code=codes.get(row.location_id or 0),
        shipment_number=numbers.get(row.shipment_id or 0),
        ready_on=row.ready_on,
        promised_on=row.promised_on,
        answer_until=row.answer_until,
        gross_amount=row.gross_amount,
        freight_amount=row.freight_amount if knows_cost else None,
        cost_amount=row.cost_amount if knows_cost else None,
        fee_amount=sum(line.fee_amount for line in part.lines) if knows_cost else None,
        lines=tuple(
            PartLineRow(
                line.line_no,
                work.skus[line.sku_id].code,
                line.qty,
                line.shipped_qty - line.returned_qty if work.is_goods(line.sku_id) else 0,
                line.gross_amount,
            )
            for line in part.lines
            if line.qty  # all of it was sent again in another part
        ),
        route=dict(row.route) if row.route and knows_cost else None,
        actions=part_actions(actor, work, part),
    )
