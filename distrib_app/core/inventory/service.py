"""Verbs of stock that people use: open a location, receive goods."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from sqlmodel import Session, col, select, update

from ..catalog import Sku
from ..channels import Partner, Region, require_partner
from ..kernel.access import Actor, Permission, unscoped
from ..kernel.clock import business_day
from ..kernel.db import get_by, row_id
from ..kernel.errors import ConflictError, InvalidError
from ..kernel.events import Event, emit
from ..kernel.money import price_to_micros
from .balances import Goods, put, read_goods
from .errors import NotYourLocationError
from .lots import LotName, find_or_make_lot
from .models import Location, LocationKind, MovementKind
from .rules import Layer, check_qty

MAX_CAUSE = 40


class ReceiptLine(NamedTuple):
    """A quantity of a SKU that came in, at its net unit cost (a plain tuple will do).

    A SKU kept by lot names its lot, and a new lot its last good day.
    """

    sku_code: str
    qty: int
    unit_cost: Decimal
    lot_code: str = ""
    expires_on: date | None = None
    made_on: date | None = None


def create_location(
    session: Session,
    actor: Actor,
    *,
    code: str,
    name: str,
    kind: str,
    partner_code: str,
    region_code: str,
    name_en: str = "",
    priority: int = 0,
    now: datetime,
) -> Location:
    """Open a place that holds a partner's stock; a lower `priority` ships first.

    For the partner itself, and for who admits partners. Raises `ConflictError` for a used code,
    `NotFoundError`, `InvalidError`, `NotYourLocationError`.
    """
    actor.require(Permission.STOCK_WRITE)
    partner = get_by(session, Partner, "partner", code=partner_code)
    if not (_acts_for(actor, row_id(partner)) or actor.can(Permission.PARTNERS_WRITE)):
        raise NotYourLocationError(location=code)
    if not code.strip() or not name.strip():
        raise InvalidError(field="code" if not code.strip() else "name", reason="empty")
    if kind not in set(LocationKind):
        raise InvalidError(field="kind", reason=kind)
    region = get_by(session, Region, "region", code=region_code)
    with unscoped(session, "location codes are unique in the whole network"):
        if session.exec(select(Location.id).where(Location.code == code.strip())).first():
            raise ConflictError(subject=code)
    location = Location(
        code=code.strip(),
        name=name.strip(),
        name_en=name_en.strip(),
        kind=kind,
        partner_id=row_id(partner),
        partner_path=partner.path,
        region_id=row_id(region),
        priority=priority,
    )
    session.add(location)
    session.flush()
    emit(
        session, actor, "location.created", subject=("location", location.code), now=now, partner=partner_code
    )
    return location


def receive_stock(
    session: Session,
    actor: Actor,
    *,
    location_code: str,
    lines: Sequence[ReceiptLine | tuple[str, int, Decimal]],
    cause: str,
    origin_on: date | None = None,
    now: datetime,
) -> None:
    """Book goods into one's own location: each line a layer of origin day `origin_on` and net unit cost.

    `cause` names the document (at most 40 characters); without `origin_on` the goods are of today. All
    lines or none. Raises `InvalidError` (quantity, cost, cause, a day to come, a lot of a SKU without lots),
    `LotRequiredError`, `LotMismatchError`, `NotStockedError`, `NotFoundError`, `NotYourLocationError`.
    """
    actor.require(Permission.STOCK_WRITE)
    location, today = own_location(session, actor, location_code, now)
    check_cause(cause)
    day = origin_on or today
    if day > today:
        raise InvalidError(field="origin_on", reason=str(day))
    if not lines:
        raise InvalidError(field="lines", reason="empty")
    receipts = []
    for line in (ReceiptLine(*line) for line in lines):
        check_qty(line.qty)
        sku, goods = stocked_sku(session, line.sku_code)
        lot = LotName(line.lot_code, line.expires_on, line.made_on)
        lot_id = find_or_make_lot(session, sku_id=row_id(sku), goods=goods, name=lot)
        receipts.append((row_id(sku), Layer(day, cost_micros(line.unit_cost), line.qty, lot_id)))
    for sku_id, layer in sorted(receipts, key=lambda item: item[0]):
        put(session, (sku_id, row_id(location)), layer, MovementKind.RECEIPT, cause=cause, now=now)
    session.flush()
    emit(
        session,
        actor,
        "stock.received",
        subject=("location", location_code),
        now=now,
        cause=cause,
        qty=sum(layer.qty for _, layer in receipts),
    )


def follow_partner_move(session: Session, event: Event, now: datetime) -> None:
    """Reaction to `partner.moved`: places of the moved partner and all below it take the new paths.

    Balances and movements are seen with their location, so nothing else has to move.
    """
    with unscoped(session, "the places of the whole moved subtree follow, seen or not"):
        moved = require_partner(session, event.subject_key)
        below = select(Partner.id).where(col(Partner.path).startswith(moved.path, autoescape=True))
        present = select(Partner.path).where(Partner.id == Location.partner_id).scalar_subquery()
        session.exec(update(Location).where(col(Location.partner_id).in_(below)).values(partner_path=present))


def _acts_for(actor: Actor, partner_id: int) -> bool:
    return actor.is_system or partner_id in actor.partner_ids


def own_location(session: Session, actor: Actor, code: str, now: datetime) -> tuple[Location, date]:
    """A place of the actor's own with its owner's business day. Raises `NotYourLocationError`."""
    location = get_by(session, Location, "location", code=code)
    if not _acts_for(actor, location.partner_id):
        raise NotYourLocationError(location=code)
    with unscoped(session, "the owner's zone decides its business day"):
        owner = session.get_one(Partner, location.partner_id)
    return location, business_day(now, owner.zone)


def stocked_sku(session: Session, code: str) -> tuple[Sku, Goods]:
    """A SKU that is kept in stock, and how it is handled. Raises `NotStockedError`, `NotFoundError`."""
    sku = get_by(session, Sku, "SKU", code=code)
    return sku, read_goods(session, [row_id(sku)])[row_id(sku)]


def check_cause(cause: str) -> None:
    """Refuse a cause that no movement can carry."""
    if not cause.strip() or len(cause) > MAX_CAUSE:
        raise InvalidError(field="cause", reason=f"1 … {MAX_CAUSE}")


def cost_micros(unit_cost: Decimal) -> int:
    """A unit cost in millionths. Raises `InvalidError` for a negative one."""
    micros = price_to_micros(unit_cost)
    if micros < 0:
        raise InvalidError(field="unit_cost", reason=str(unit_cost))
    return micros
