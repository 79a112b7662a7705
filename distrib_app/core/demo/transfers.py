"""Transfers of the demo's last days, in several states: asked for, answered and moved by the usual verbs."""

from collections.abc import Mapping
from datetime import datetime

from sqlmodel import Session, col, select

from ..catalog import Category, Product, Sku
from ..channels import ProductLine, find_actor
from ..inventory import (
    ArrivedLine,
    Balance,
    Location,
    Suggestion,
    SuggestionKind,
    SuggestionStatus,
    approve_transfer,
    cancel_transfer,
    get_transfer,
    pick_transfer,
    receive_transfer,
    request_transfer,
    ship_transfer,
    transfer_for_suggestion,
)
from ..kernel.access import Actor
from .network import Party

PLANT = "BR-FS"
# goods that are not kept by lot: nobody has to look whether they still live long enough
_PLAIN = (
    select(Sku.id)
    .join(Product, col(Product.id) == col(Sku.product_id))
    .join(Category, col(Category.id) == col(Product.category_id))
    .join(ProductLine, col(ProductLine.id) == col(Category.product_line_id))
    .where(col(ProductLine.is_lot_tracked).is_(False))
)
# from the plant to a regional warehouse: how far each has come
_OWN = (("BR-SH", "received"), ("BR-WH", "shipped"), ("BR-TJ", "picked"), ("BR-CD", "cancelled"))


def person(session: Session, username: str, now: datetime) -> Actor:
    """A demo user as an actor."""
    found = find_actor(session, username=username, now=now)
    assert found is not None, username
    return found


def ask_transfer(
    session: Session, *, username: str, giver: Party, taker: Party, rank: int, now: datetime
) -> str:
    """Ask for some of what `giver` has most of, from the balance at `rank` on; the transfer's number.

    Empty where nothing lies there.
    """
    source, target = (_place(session, party) for party in (giver, taker))
    goods = _goods(session, source, rank)
    if not goods:
        return ""
    return request_transfer(
        session,
        person(session, username, now),
        from_code=source,
        to_code=target,
        lines=goods,
        idempotency_key=f"demo-{rank}",
        now=now,
    ).number


def write_transfers(session: Session, *, short: str, began: datetime, now: datetime) -> None:
    """The brand's own transfers, one that a suggestion led to, and `short`, which comes in short.

    What the brand moves was asked for at `began`; everything else happens now, behind the whole story.
    """
    ops = person(session, "ops", now)
    suggested = session.exec(
        select(Suggestion.number)
        .join(Location, col(Location.id) == col(Suggestion.location_id))
        .where(
            Suggestion.kind == SuggestionKind.TRANSFER,
            Suggestion.status == SuggestionStatus.OPEN,
            col(Location.partner_id).in_(ops.partner_ids),
            col(Suggestion.sku_id).in_(_PLAIN),
        )
        .order_by(col(Suggestion.id))
    ).first()
    if suggested is not None:
        transfer_for_suggestion(session, ops, number=suggested, now=now)
    for position, (target, state) in enumerate(_OWN):
        goods = _goods(session, PLANT, 2 * position)
        if not goods:
            continue
        transfer = request_transfer(
            session,
            ops,
            from_code=PLANT,
            to_code=target,
            lines=goods,
            idempotency_key=f"demo-{target}",
            now=began,
        )
        _advance(session, ops, transfer.number, state, goods, now=now)
    if short:
        _come_short(session, short, now=now)


def _advance(
    session: Session, ops: Actor, number: str, state: str, goods: Mapping[str, int], *, now: datetime
) -> None:
    pick_transfer(session, ops, number=number, now=now)
    if state == "cancelled":
        cancel_transfer(session, ops, number=number, reason="改由区域仓就近调货", now=now)
    elif state != "picked":
        ship_transfer(session, ops, number=number, waybill=f"YD{number[3:].replace('-', '')}", now=now)
    if state == "received":
        lines = [ArrivedLine(line_no, qty) for line_no, qty in enumerate(goods.values(), 1)]
        receive_transfer(session, ops, number=number, lines=lines, signed_by="仓管 陈伟", now=now)


def _come_short(session: Session, number: str, *, now: datetime) -> None:
    """The city agent agrees and ships; two pieces of the first line arrive broken."""
    province, city = (person(session, name, now) for name in ("province", "city"))
    approve_transfer(session, city, number=number, now=now)
    ship_transfer(session, city, number=number, carrier="京东物流", waybill="JD0088201143", now=now)
    first, *others = get_transfer(session, province, number=number).lines
    lines = [ArrivedLine(first.line_no, first.qty - 2, 2, "damaged")]
    lines += [ArrivedLine(line.line_no, line.qty) for line in others]
    receive_transfer(session, province, number=number, lines=lines, signed_by="刘敏", now=now)


def _place(session: Session, party: Party) -> str:
    return session.exec(
        select(Location.code).where(Location.partner_id == party.id).order_by(col(Location.priority))
    ).all()[0]


def _goods(session: Session, place: str, rank: int) -> dict[str, int]:
    """A tenth of what is free of two SKUs at a place, from the fullest balance at `rank` on."""
    free = col(Balance.on_hand_qty) - col(Balance.reserved_qty)
    rows = session.exec(
        select(Sku.code, free)
        .join(Balance, col(Balance.sku_id) == col(Sku.id))
        .join(Location, col(Location.id) == col(Balance.location_id))
        .where(Location.code == place, free >= 3, col(Sku.id).in_(_PLAIN))
        .order_by(free.desc(), col(Sku.code))
        .limit(rank + 2)
    ).all()
    return {code: max(3, qty // 10) for code, qty in rows[-2:]}
